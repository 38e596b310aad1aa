//! Files in memory: for tests, and the ground of the simulated disk.

use crate::{Bytes, Storage, StorageError};
use highwater_sorted::SortedMap;
use std::ops::Bound;
use std::sync::Arc;

/// Chunks in one sealed block; copying a file for a snapshot copies a pointer per block.
const BLOCK: usize = 64;

#[derive(Clone, Debug)]
struct Chunk {
    start: u64,
    bytes: Bytes,
}

/// A file as the list of what was appended. A read that falls inside one append shares its bytes.
#[derive(Clone, Debug, Default)]
pub struct MemoryFile {
    sealed: Vec<Arc<Vec<Chunk>>>,
    tail: Vec<Chunk>,
    len: u64,
}

impl MemoryFile {
    /// Length in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds `bytes` at the end, without copying them.
    pub fn append(&mut self, bytes: &Bytes) {
        if bytes.is_empty() {
            return;
        }
        self.tail.push(Chunk { start: self.len, bytes: bytes.clone() });
        self.len += u64::from(bytes.size());
        if self.tail.len() >= BLOCK {
            self.sealed.push(Arc::new(std::mem::take(&mut self.tail)));
        }
    }

    /// Cuts the file at `len` bytes; no change when it is not longer.
    pub fn truncate(&mut self, len: u64) {
        if len >= self.len {
            return;
        }
        while self.tail.first().is_none_or(|c| c.start >= len) {
            let Some(block) = self.sealed.pop() else {
                self.tail.clear();
                break;
            };
            self.tail = Arc::unwrap_or_clone(block);
        }
        self.tail.retain(|c| c.start < len);
        if let Some(last) = self.tail.last_mut() {
            let keep = u32::try_from(len - last.start)
                .map_or(last.bytes.size(), |k| k.min(last.bytes.size()));
            last.bytes = last.bytes.slice(0, keep);
        }
        self.len = len;
    }

    /// `len` bytes from `position`; fewer at the end of the file.
    pub fn read(&self, position: u64, len: u32) -> Bytes {
        let end = self.len.min(position.saturating_add(u64::from(len)));
        if position >= end {
            return Bytes::empty();
        }
        let mut out = Vec::new();
        for chunk in self.chunks_from(position) {
            if chunk.start >= end {
                break;
            }
            let chunk_end = chunk.start + u64::from(chunk.bytes.size());
            let from = (position.max(chunk.start) - chunk.start) as u32;
            let to = (end.min(chunk_end) - chunk.start) as u32;
            if position >= chunk.start && end <= chunk_end {
                return chunk.bytes.slice(from, to);
            }
            if out.is_empty() {
                out.reserve((end - position) as usize);
            }
            out.extend_from_slice(&chunk.bytes[from as usize..to as usize]);
        }
        Bytes::from(out)
    }

    /// Chunks from the one that holds `position` on.
    fn chunks_from(&self, position: u64) -> impl Iterator<Item = &Chunk> {
        let after = |chunks: &[Chunk]| chunks.partition_point(|c| c.start <= position);
        let block = self.sealed.partition_point(|b| b.first().is_some_and(|c| c.start <= position));
        let in_tail = self.tail.first().is_some_and(|c| c.start <= position);
        let block = if in_tail { self.sealed.len() } else { block.saturating_sub(1) };
        let skip = match self.sealed.get(block) {
            Some(chunks) => after(chunks).saturating_sub(1),
            None => after(&self.tail).saturating_sub(1),
        };
        self.sealed[block..].iter().flat_map(|b| b.iter()).chain(&self.tail).skip(skip)
    }
}

impl PartialEq for MemoryFile {
    /// Same bytes, however they were appended.
    fn eq(&self, other: &Self) -> bool {
        let all =
            |file: &Self| file.chunks_from(0).flat_map(|c| c.bytes.to_vec()).collect::<Vec<_>>();
        self.len == other.len && all(self) == all(other)
    }
}
impl Eq for MemoryFile {}

impl From<&[u8]> for MemoryFile {
    fn from(bytes: &[u8]) -> Self {
        let mut file = Self::default();
        file.append(&Bytes::from(bytes));
        file
    }
}

/// A storage in memory. Everything is durable at once; cloning it copies one pointer, and the first
/// write afterwards copies the list of files and the block list of the one file written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryStorage {
    files: Arc<SortedMap<Arc<str>, Arc<MemoryFile>>>,
}

impl MemoryStorage {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// The file at `path`.
    pub fn file(&self, path: &str) -> Option<&MemoryFile> {
        self.files.get(path).map(|f| &**f)
    }

    /// The file at `path` to change, made when there is none.
    pub fn file_mut(&mut self, path: &str) -> &mut MemoryFile {
        let files = Arc::make_mut(&mut self.files);
        if !files.contains_key(path) {
            files.insert(Arc::from(path), Arc::default());
        }
        Arc::make_mut(files.get_mut(path).expect("inserted when it was missing"))
    }

    /// Every path, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &Arc<str>> {
        self.files.keys()
    }
}

fn missing(path: &str) -> StorageError {
    StorageError { path: path.to_owned(), reason: "there is no such file".to_owned() }
}

impl Storage for MemoryStorage {
    fn list(&self, dir: &str) -> Vec<String> {
        let prefix = format!("{dir}/");
        self.files
            .range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded))
            .map_while(|(path, _)| path.strip_prefix(&prefix))
            .filter(|name| !name.contains('/'))
            .map(str::to_owned)
            .collect()
    }

    fn dirs(&self) -> Vec<String> {
        let mut dirs: Vec<String> = Vec::new();
        for (dir, _) in self.files.keys().filter_map(|path| path.split_once('/')) {
            if dirs.last().is_none_or(|last| last != dir) {
                dirs.push(dir.to_owned());
            }
        }
        // Paths are sorted with their slash, names without it: "a-1/x" comes before "a/x".
        highwater_sorted::sort(&mut dirs);
        dirs.dedup();
        dirs
    }

    fn len(&self, path: &str) -> Option<u64> {
        self.file(path).map(MemoryFile::len)
    }

    fn read(&self, path: &str, position: u64, len: u32) -> Result<Bytes, StorageError> {
        self.file(path).map(|f| f.read(position, len)).ok_or_else(|| missing(path))
    }

    fn append(&mut self, path: &str, bytes: &Bytes) -> Result<(), StorageError> {
        self.file_mut(path).append(bytes);
        Ok(())
    }

    fn truncate(&mut self, path: &str, len: u64) -> Result<(), StorageError> {
        if self.file(path).is_none() {
            return Err(missing(path));
        }
        self.file_mut(path).truncate(len);
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), StorageError> {
        let files = Arc::make_mut(&mut self.files);
        let file = files.remove(from).ok_or_else(|| missing(from))?;
        files.insert(Arc::from(to), file);
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Result<(), StorageError> {
        if self.files.contains_key(path) {
            Arc::make_mut(&mut self.files).remove(path);
        }
        Ok(())
    }

    fn replace(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        *self.file_mut(path) = MemoryFile::from(bytes);
        Ok(())
    }

    fn sync(&mut self, path: &str) -> Result<(), StorageError> {
        self.file(path).map(|_| ()).ok_or_else(|| missing(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compared with a plain vector, over every cut and window.
    #[test]
    fn reads_and_truncations_match_a_plain_vector() {
        let mut file = MemoryFile::default();
        let mut plain = Vec::new();
        for i in 0..200u8 {
            let bytes: Vec<u8> = (0..(i % 5)).map(|k| i.wrapping_add(k)).collect();
            file.append(&Bytes::from(bytes.as_slice()));
            plain.extend_from_slice(&bytes);
        }
        assert_eq!(file.len(), plain.len() as u64);
        while !plain.is_empty() {
            for position in (0..plain.len()).step_by(7) {
                for len in [0usize, 1, 3, 50, 1000] {
                    let end = plain.len().min(position + len);
                    assert_eq!(&*file.read(position as u64, len as u32), &plain[position..end]);
                }
            }
            assert!(file.read(plain.len() as u64, 5).is_empty());
            let cut = plain.len() - plain.len().min(13);
            file.truncate(cut as u64);
            plain.truncate(cut);
            assert_eq!(file.len(), plain.len() as u64);
        }
        file.append(&Bytes::from(b"again".as_slice()));
        assert_eq!(&*file.read(0, 10), b"again");
    }

    #[test]
    fn a_read_inside_one_append_shares_its_bytes() {
        let mut storage = MemoryStorage::new();
        let bytes = Bytes::from(vec![7u8; 100]);
        storage.append("a/x", &Bytes::from(vec![1u8; 10])).unwrap();
        storage.append("a/x", &bytes).unwrap();
        let read = storage.read("a/x", 20, 30).unwrap();
        assert_eq!(read.as_ptr(), bytes[10..].as_ptr());
    }

    #[test]
    fn a_clone_is_independent() {
        let mut storage = MemoryStorage::new();
        storage.append("a/x", &Bytes::from(vec![1u8; 10])).unwrap();
        let before = storage.clone();
        storage.append("a/x", &Bytes::from(vec![2u8; 10])).unwrap();
        storage.rename("a/x", "a-1/y").unwrap();
        assert_eq!(before.len("a/x"), Some(10));
        assert_eq!(storage.len("a-1/y"), Some(20));
        assert_eq!(storage.dirs(), ["a-1"]);
        assert_eq!(storage.list("a-1"), ["y"]);
        assert_eq!(storage.list("a"), Vec::<String>::new());
    }
}
