//! Where a log's files live. `sim` implements it with a simulated disk, `cli` with `std::fs`.

use crate::Bytes;

/// A failed file operation: which file and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageError {
    /// The path as given.
    pub path: String,
    /// What went wrong, in words.
    pub reason: String,
}

/// Files by path (`orders-0/00000000000000000000.log`). Calls are synchronous: a simulated disk
/// answers at once, and what a power loss takes back is decided by what was synced.
pub trait Storage {
    /// Names (not paths) of the files directly in `dir`, sorted; empty when there is no such directory.
    fn list(&self, dir: &str) -> Vec<String>;
    /// Names of the directories at the top, sorted.
    fn dirs(&self) -> Vec<String>;
    /// Length in bytes; `None` when the file does not exist.
    fn len(&self, path: &str) -> Option<u64>;
    /// `len` bytes from `position`; fewer at the end of the file.
    fn read(&self, path: &str, position: u64, len: u32) -> Result<Bytes, StorageError>;
    /// Appends; creates the file when there is none.
    fn append(&mut self, path: &str, bytes: &Bytes) -> Result<(), StorageError>;
    /// Cuts the file at `len` bytes.
    fn truncate(&mut self, path: &str, len: u64) -> Result<(), StorageError>;
    /// Renames within the storage, replacing what is there.
    fn rename(&mut self, from: &str, to: &str) -> Result<(), StorageError>;
    /// Removes the file; no error when there is none.
    fn remove(&mut self, path: &str) -> Result<(), StorageError>;
    /// Replaces the whole file atomically and durably (write beside, fsync, rename): checkpoints.
    fn replace(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError>;
    /// fsync of one file.
    fn sync(&mut self, path: &str) -> Result<(), StorageError>;
}
