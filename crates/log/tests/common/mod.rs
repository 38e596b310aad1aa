//! The files of a real broker, as a storage in memory.
#![allow(dead_code)]

use highwater_log::{Bytes, MemoryStorage, Storage};
use std::path::{Path, PathBuf};

/// Where the fixtures are, beside the workspace.
pub fn fixtures() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    assert!(path.join("clean").is_dir(), "the fixtures are missing at {}", path.display());
    path
}

/// Names of the partition directories of a state, sorted.
pub fn partitions(state: &str) -> Vec<String> {
    let entries = std::fs::read_dir(fixtures().join(state)).unwrap();
    let dirs = entries.map(|e| e.unwrap()).filter(|e| e.path().is_dir());
    let mut names: Vec<_> = dirs.map(|e| e.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Files of one partition by name, sorted.
pub fn files(state: &str, partition: &str) -> Vec<(String, Vec<u8>)> {
    let dir = fixtures().join(state).join(partition);
    let mut files: Vec<_> = std::fs::read_dir(&dir)
        .unwrap_or_else(|error| panic!("{}: {error}", dir.display()))
        .map(|e| e.unwrap())
        .map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap()))
        .collect();
    files.sort();
    files
}

/// One partition in memory.
pub fn storage(state: &str, partition: &str) -> MemoryStorage {
    let mut storage = MemoryStorage::new();
    for (name, bytes) in files(state, partition) {
        storage.append(&format!("{partition}/{name}"), &Bytes::from(bytes)).unwrap();
    }
    storage
}

/// An offset checkpoint file of a state: the offset of `partition`, 0 when it is not listed.
pub fn checkpoint(state: &str, file: &str, partition: &str) -> i64 {
    let text = std::fs::read(fixtures().join(state).join(file)).unwrap();
    let entries = highwater_log::parse_offset_checkpoint(&text).unwrap();
    let (topic, number) = partition.rsplit_once('-').unwrap();
    let number: i32 = number.parse().unwrap();
    entries.iter().find(|(t, n, _)| t == topic && *n == number).map_or(0, |e| e.2)
}

/// All bytes of a file.
pub fn all(storage: &MemoryStorage, path: &str) -> Bytes {
    let len = storage.len(path).unwrap_or_else(|| panic!("{path} is missing"));
    storage.read(path, 0, len as u32).unwrap()
}

/// The name and contents of files with one of these extensions.
pub fn with_extension(storage: &MemoryStorage, extensions: &[&str]) -> Vec<(String, Bytes)> {
    let wanted = |path: &str| extensions.iter().any(|e| path.ends_with(&format!(".{e}")));
    let paths = storage.paths().filter(|path| wanted(path));
    paths.map(|path| (path.to_string(), all(storage, path))).collect()
}
