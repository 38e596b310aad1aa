//! A simulated disk: every file knows how much of it was synced, so that a power loss takes back
//! exactly the rest.

use highwater_log::{Bytes, MemoryFile, Storage, StorageError};
use highwater_sorted::{SortedMap, SortedSet};
use std::sync::Arc;

/// A file: content and how much of it has reached the disk.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct File {
    bytes: MemoryFile,
    synced_len: u64,
}

impl File {
    fn of(bytes: &Bytes) -> Self {
        let mut file = Self::default();
        file.bytes.append(bytes);
        file
    }

    fn len(&self) -> u64 {
        self.bytes.len()
    }
}

/// Files in memory with the durability rules of a real disk under a page cache:
///
/// - appended bytes are lost by [`SimDisk::power_loss`] until [`Storage::sync`];
/// - `replace` (write beside, fsync, rename), `rename`, `remove` and `truncate` are durable at once,
///   as on a journalling file system whose directory is synced.
///
/// Cloning copies pointers only; a file is copied when it is written to after a clone.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SimDisk {
    files: Arc<SortedMap<String, Arc<File>>>,
}

impl SimDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// The power goes: what was not synced is gone. Returns `(path, bytes before, bytes left)` of each
    /// file that lost something.
    pub fn power_loss(&mut self) -> Vec<(String, u64, u64)> {
        let mut lost = Vec::new();
        for (path, file) in Arc::make_mut(&mut self.files) {
            if file.synced_len < file.len() {
                lost.push((path.clone(), file.len(), file.synced_len));
                let file = Arc::make_mut(file);
                file.bytes.truncate(file.synced_len);
            }
        }
        lost
    }

    /// How much of a file is on the disk for certain; `None` when there is no such file.
    pub fn synced_len(&self, path: &str) -> Option<u64> {
        self.files.get(path).map(|f| f.synced_len)
    }

    /// Every path, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Flips one bit of a byte, as failing hardware does.
    pub fn flip_bit(&mut self, path: &str, position: u64, bit: u8) -> Result<(), StorageError> {
        let file = self.file_mut(path)?;
        let all = file.bytes.read(0, u32::try_from(file.len()).unwrap_or(u32::MAX));
        let at = usize::try_from(position).unwrap_or(usize::MAX);
        if at >= all.len() {
            return Err(error(path, "there is no byte at that position"));
        }
        let synced_len = file.synced_len;
        *file = File::of(&all.edited(|bytes| bytes[at] ^= 1 << (bit % 8)));
        file.synced_len = synced_len;
        Ok(())
    }

    fn file_mut(&mut self, path: &str) -> Result<&mut File, StorageError> {
        match Arc::make_mut(&mut self.files).get_mut(path) {
            Some(file) => Ok(Arc::make_mut(file)),
            None => Err(error(path, "no such file")),
        }
    }
}

fn error(path: &str, reason: &str) -> StorageError {
    StorageError { path: path.to_owned(), reason: reason.to_owned() }
}

impl Storage for SimDisk {
    fn list(&self, dir: &str) -> Vec<String> {
        let prefix = format!("{dir}/");
        self.files
            .range(prefix.clone()..)
            .take_while(|(path, _)| path.starts_with(&prefix))
            .filter_map(|(path, _)| path.strip_prefix(&prefix))
            .filter(|name| !name.contains('/'))
            .map(str::to_owned)
            .collect()
    }

    fn dirs(&self) -> Vec<String> {
        let dirs: SortedSet<&str> =
            self.files.keys().filter_map(|path| Some(path.split_once('/')?.0)).collect();
        dirs.into_iter().map(str::to_owned).collect()
    }

    fn len(&self, path: &str) -> Option<u64> {
        self.files.get(path).map(|f| f.len())
    }

    fn read(&self, path: &str, position: u64, len: u32) -> Result<Bytes, StorageError> {
        let file = self.files.get(path).ok_or_else(|| error(path, "no such file"))?;
        Ok(file.bytes.read(position, len))
    }

    fn append(&mut self, path: &str, bytes: &Bytes) -> Result<(), StorageError> {
        let files = Arc::make_mut(&mut self.files);
        let file = match files.get_mut(path) {
            Some(file) => file,
            None => files.entry(path.to_owned()).or_default(),
        };
        Arc::make_mut(file).bytes.append(bytes);
        Ok(())
    }

    fn truncate(&mut self, path: &str, len: u64) -> Result<(), StorageError> {
        let file = self.file_mut(path)?;
        file.bytes.truncate(len);
        file.synced_len = file.synced_len.min(len);
        Ok(())
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), StorageError> {
        let files = Arc::make_mut(&mut self.files);
        let file = files.remove(from).ok_or_else(|| error(from, "no such file"))?;
        files.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&mut self, path: &str) -> Result<(), StorageError> {
        if self.files.contains_key(path) {
            Arc::make_mut(&mut self.files).remove(path);
        }
        Ok(())
    }

    fn replace(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let mut file = File::of(&Bytes::from(bytes));
        file.synced_len = file.len();
        Arc::make_mut(&mut self.files).insert(path.to_owned(), Arc::new(file));
        Ok(())
    }

    fn sync(&mut self, path: &str) -> Result<(), StorageError> {
        let file = self.file_mut(path)?;
        file.synced_len = file.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Bytes {
        Bytes::from(text.as_bytes())
    }

    #[test]
    fn a_power_loss_keeps_exactly_what_was_synced() {
        let mut disk = SimDisk::new();
        disk.append("orders-0/0.log", &bytes("abc")).unwrap();
        disk.sync("orders-0/0.log").unwrap();
        disk.append("orders-0/0.log", &bytes("def")).unwrap();
        disk.append("orders-0/6.log", &bytes("ghi")).unwrap();
        let lost = disk.power_loss();
        assert_eq!(
            lost,
            [("orders-0/0.log".to_owned(), 6, 3), ("orders-0/6.log".to_owned(), 3, 0)]
        );
        assert_eq!(&*disk.read("orders-0/0.log", 0, 100).unwrap(), b"abc");
        assert_eq!(disk.len("orders-0/6.log"), Some(0));
    }

    #[test]
    fn replace_and_rename_are_durable() {
        let mut disk = SimDisk::new();
        disk.replace("replication-offset-checkpoint", b"0\n0\n").unwrap();
        disk.append("t-0/0.log", &bytes("abc")).unwrap();
        disk.sync("t-0/0.log").unwrap();
        disk.rename("t-0/0.log", "t-0/0.log.deleted").unwrap();
        assert_eq!(disk.power_loss(), []);
        assert_eq!(disk.len("replication-offset-checkpoint"), Some(4));
        assert_eq!(disk.len("t-0/0.log"), None);
        assert_eq!(disk.len("t-0/0.log.deleted"), Some(3));
    }

    #[test]
    fn a_cut_file_never_grows_back() {
        let mut disk = SimDisk::new();
        disk.append("t-0/0.log", &bytes("abcdef")).unwrap();
        disk.sync("t-0/0.log").unwrap();
        disk.truncate("t-0/0.log", 2).unwrap();
        disk.append("t-0/0.log", &bytes("xy")).unwrap();
        disk.power_loss();
        assert_eq!(&*disk.read("t-0/0.log", 0, 9).unwrap(), b"ab");
    }

    #[test]
    fn lists_names_and_directories() {
        let mut disk = SimDisk::new();
        for path in ["a-0/1.log", "a-0/0.log", "a-0-x/0.log", "b-1/0.index", "meta.properties"] {
            disk.append(path, &bytes("x")).unwrap();
        }
        assert_eq!(disk.list("a-0"), ["0.log", "1.log"]);
        assert_eq!(disk.list("nothing"), [""; 0]);
        assert_eq!(disk.dirs(), ["a-0", "a-0-x", "b-1"]);
    }

    #[test]
    fn clones_do_not_see_later_writes() {
        let mut disk = SimDisk::new();
        disk.append("t-0/0.log", &bytes("abc")).unwrap();
        let snapshot = disk.clone();
        disk.append("t-0/0.log", &bytes("def")).unwrap();
        assert_eq!(snapshot.len("t-0/0.log"), Some(3));
        assert_eq!(disk.len("t-0/0.log"), Some(6));
    }

    #[test]
    fn errors_name_the_file() {
        let mut disk = SimDisk::new();
        let e = disk.read("t-0/0.log", 0, 1).unwrap_err();
        assert_eq!((e.path.as_str(), e.reason.as_str()), ("t-0/0.log", "no such file"));
        assert!(disk.sync("t-0/0.log").is_err() && disk.rename("t-0/0.log", "x").is_err());
        assert!(disk.remove("t-0/0.log").is_ok());
    }
}
