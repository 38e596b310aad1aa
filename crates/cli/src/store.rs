//! The log's files on a real file system.

use highwater_log::{Bytes, Storage, StorageError};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Files below one directory, as `log.dir` is for a broker.
#[derive(Clone, Debug)]
pub struct FileStorage {
    root: PathBuf,
}

impl FileStorage {
    /// Files below `root`, which is made when something is written.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn names(&self, dir: &Path, wanted: impl Fn(&fs::FileType) -> bool) -> Vec<String> {
        let Ok(entries) = fs::read_dir(dir) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_ok_and(|t| wanted(&t)))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        names
    }
}

fn failed(path: &str) -> impl Fn(io::Error) -> StorageError + '_ {
    move |error| StorageError { path: path.to_owned(), reason: error.to_string() }
}

/// Makes a change of names in the directory of `path` durable.
fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if cfg!(unix) => File::open(parent)?.sync_all(),
        _ => Ok(()),
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".tmp");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    sync_parent(path)
}

fn append(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let open = || OpenOptions::new().create(true).append(true).open(path);
    let mut file = match (open(), path.parent()) {
        (Err(error), Some(parent)) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(parent)?;
            open()?
        }
        (opened, _) => opened?,
    };
    file.write_all(bytes)
}

fn read(path: &Path, position: u64, len: u32) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(position))?;
    let mut bytes = Vec::new();
    file.take(u64::from(len)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Storage for FileStorage {
    fn list(&self, dir: &str) -> Vec<String> {
        self.names(&self.path(dir), fs::FileType::is_file)
    }

    fn dirs(&self) -> Vec<String> {
        self.names(&self.root, fs::FileType::is_dir)
    }

    fn len(&self, path: &str) -> Option<u64> {
        fs::metadata(self.path(path)).ok().map(|metadata| metadata.len())
    }

    fn read(&self, path: &str, position: u64, len: u32) -> Result<Bytes, StorageError> {
        read(&self.path(path), position, len).map(Bytes::from).map_err(failed(path))
    }

    fn append(&mut self, path: &str, bytes: &Bytes) -> Result<(), StorageError> {
        append(&self.path(path), bytes).map_err(failed(path))
    }

    fn truncate(&mut self, path: &str, len: u64) -> Result<(), StorageError> {
        let cut = || -> io::Result<()> {
            let file = OpenOptions::new().write(true).open(self.path(path))?;
            if file.metadata()?.len() > len {
                file.set_len(len)?;
            }
            Ok(())
        };
        cut().map_err(failed(path))
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), StorageError> {
        fs::rename(self.path(from), self.path(to)).map_err(failed(from))
    }

    fn remove(&mut self, path: &str) -> Result<(), StorageError> {
        match fs::remove_file(self.path(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(path)(error)),
            _ => Ok(()),
        }
    }

    fn replace(&mut self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        replace(&self.path(path), bytes).map_err(failed(path))
    }

    fn sync(&mut self, path: &str) -> Result<(), StorageError> {
        let sync = || -> io::Result<()> {
            OpenOptions::new().write(true).open(self.path(path))?.sync_all()?;
            sync_parent(&self.path(path))
        };
        sync().map_err(failed(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use highwater_log::{BatchBuilder, Log, LogConfig, MemoryStorage};

    /// Does the same to a log in a directory and to one in memory, crash and restart included.
    #[test]
    fn a_log_on_disk_equals_one_in_memory() {
        let root = std::env::temp_dir().join(format!("highwater-store-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        let mut disk = FileStorage::new(&root);
        let mut memory = MemoryStorage::new();
        let ends = [run(&mut disk), run(&mut memory)];
        assert_eq!(ends[0], ends[1]);
        assert_eq!(disk.dirs(), memory.dirs());
        assert_eq!(disk.list("orders-0"), memory.list("orders-0"));
        for name in memory.list("orders-0") {
            let path = format!("orders-0/{name}");
            assert_eq!(disk.len(&path), memory.len(&path), "{path}");
            let all = |s: &dyn Storage| s.read(&path, 0, u32::MAX).unwrap().to_vec();
            assert_eq!(all(&disk), all(&memory), "{path}");
        }
        assert!(disk.read("orders-0/none", 0, 1).is_err());
        fs::remove_dir_all(&root).unwrap();
    }

    fn run(storage: &mut dyn Storage) -> (i64, i64) {
        let config = LogConfig {
            segment_bytes: 2000,
            index_interval_bytes: 100,
            retention_bytes: 3000,
            ..LogConfig::default()
        };
        let (mut log, _) = Log::open("orders-0", config, Default::default(), storage).unwrap();
        for i in 0..60 {
            let mut builder = BatchBuilder::new();
            builder.append(i, Some(b"key"), Some(&[b'v'; 50]), &[]);
            log.append_as_leader(&builder.build(), (i / 25) as i32, i, storage).unwrap();
        }
        log.set_high_watermark(60);
        assert!(!log.delete_old_segments(60, storage).unwrap().is_empty());
        log.truncate_to(55, 60, storage).unwrap();
        // Half a batch, as a crash leaves it.
        let active = log.segments().next_back().unwrap().segment.base_offset();
        storage.append(&format!("orders-0/{active:020}.log"), &vec![0; 30].into()).unwrap();
        let (mut log, info) = Log::open("orders-0", config, Default::default(), storage).unwrap();
        assert_eq!(info.cut, Some((active, 30)));
        log.close(storage).unwrap();
        (log.log_start_offset(), log.log_end_offset())
    }
}
