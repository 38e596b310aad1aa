//! Doubles that every actor test can use: no disk, choices that count up.

use crate::{Choice, Chooser};
use highwater_log::{Bytes, Storage, StorageError};

/// A disk that is not there.
pub(crate) struct NoDisk;

impl NoDisk {
    fn none(path: &str) -> StorageError {
        StorageError { path: path.to_string(), reason: "no disk in this test".to_string() }
    }
}

impl Storage for NoDisk {
    fn list(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
    fn dirs(&self) -> Vec<String> {
        Vec::new()
    }
    fn len(&self, _: &str) -> Option<u64> {
        None
    }
    fn read(&self, path: &str, _: u64, _: u32) -> Result<Bytes, StorageError> {
        Err(Self::none(path))
    }
    fn append(&mut self, path: &str, _: &Bytes) -> Result<(), StorageError> {
        Err(Self::none(path))
    }
    fn truncate(&mut self, path: &str, _: u64) -> Result<(), StorageError> {
        Err(Self::none(path))
    }
    fn rename(&mut self, from: &str, _: &str) -> Result<(), StorageError> {
        Err(Self::none(from))
    }
    fn remove(&mut self, path: &str) -> Result<(), StorageError> {
        Err(Self::none(path))
    }
    fn replace(&mut self, path: &str, _: &[u8]) -> Result<(), StorageError> {
        Err(Self::none(path))
    }
    fn sync(&mut self, path: &str) -> Result<(), StorageError> {
        Err(Self::none(path))
    }
}

/// Answers 0, 1, 2, ... modulo the bound.
#[derive(Default)]
pub(crate) struct Counting(pub u32);

impl Chooser for Counting {
    fn choose(&mut self, _: Choice, bound: u32) -> u32 {
        self.0 += 1;
        (self.0 - 1) % bound
    }
}
