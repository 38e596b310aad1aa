//! One segment: a log file with its two indexes (Kafka: `LogSegment`).

mod find;

use crate::index::{self, OffsetEntry, TimeEntry};
use crate::{
    BatchHeader, Batches, Bytes, LogConfig, LogError, Offset, Storage, StorageError, Timestamp,
};
use std::sync::Arc;

/// Suffix of files that were deleted and wait for `file.delete.delay.ms`.
pub(crate) const DELETED_SUFFIX: &str = ".deleted";

/// Extensions of a segment's files.
pub(crate) const EXTENSIONS: [&str; 3] = ["log", "index", "timeindex"];

/// `<20 digits>.<extension>` in `dir`.
pub(crate) fn file_path(dir: &str, base_offset: Offset, extension: &str) -> String {
    format!("{dir}/{base_offset:020}.{extension}")
}

/// The base offset in a segment file's name, and the rest of the name after its dot.
pub(crate) fn parse_file_name(name: &str) -> Option<(Offset, &str)> {
    let (digits, rest) = name.split_once('.')?;
    if digits.len() != 20 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((digits.parse().ok()?, rest))
}

/// Where a batch is in a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BatchPosition {
    pub header: BatchHeader,
    pub position: u32,
}

/// A segment. Its bytes are in the storage; this is what is known about them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    base_offset: Offset,
    paths: Arc<[String; 3]>,
    bytes: u32,
    next_offset: Offset,
    largest_timestamp: Timestamp,
    offset_of_largest_timestamp: Offset,
    first_batch_timestamp: Option<Timestamp>,
    bytes_since_last_index_entry: u32,
    /// Base offset and position of the newest batch: most reads are of the end of the log.
    newest: Option<(Offset, u32)>,
    offset_index: Vec<OffsetEntry>,
    time_index: Vec<TimeEntry>,
    created_ms: Timestamp,
    last_modified_ms: Timestamp,
}

impl Segment {
    /// A new, empty segment; makes its files.
    pub(crate) fn create(
        dir: &str,
        base_offset: Offset,
        now_ms: Timestamp,
        storage: &mut dyn Storage,
    ) -> Result<Self, StorageError> {
        let segment = Self::describe(dir, base_offset, now_ms);
        for path in segment.paths.iter() {
            storage.append(path, &Bytes::empty())?;
            storage.truncate(path, 0)?;
        }
        Ok(segment)
    }

    fn describe(dir: &str, base_offset: Offset, now_ms: Timestamp) -> Self {
        Self {
            base_offset,
            paths: Arc::new(EXTENSIONS.map(|extension| file_path(dir, base_offset, extension))),
            bytes: 0,
            next_offset: base_offset,
            largest_timestamp: -1,
            offset_of_largest_timestamp: -1,
            first_batch_timestamp: None,
            bytes_since_last_index_entry: 0,
            newest: None,
            offset_index: Vec::new(),
            time_index: Vec::new(),
            created_ms: now_ms,
            last_modified_ms: now_ms,
        }
    }

    /// A segment that is there, with sound indexes. `None` when an index is missing or unsound, or
    /// the end of an active one is no batch: then it is to be [`recover`](Self::recover)ed.
    pub(crate) fn open(
        dir: &str,
        base_offset: Offset,
        now_ms: Timestamp,
        active: bool,
        storage: &mut dyn Storage,
    ) -> Result<Option<Self>, LogError> {
        let mut segment = Self::describe(dir, base_offset, now_ms);
        let Some(bytes) = storage.len(segment.log_path()) else { return Ok(None) };
        segment.bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let (Some(offsets), Some(times)) = (
            load_index::<OffsetEntry>(&segment.paths[1], base_offset, storage)?,
            load_index::<TimeEntry>(&segment.paths[2], base_offset, storage)?,
        ) else {
            return Ok(None);
        };
        if offsets.last().is_some_and(|entry| entry.position >= segment.bytes) {
            return Ok(None);
        }
        segment.offset_index = offsets;
        segment.time_index = times;
        if let Some(last) = segment.time_index.last() {
            segment.largest_timestamp = last.timestamp;
            segment.offset_of_largest_timestamp = last.offset;
        }
        match (segment.find_next_offset(storage), active) {
            (Ok(end), true) if end < segment.bytes => return Ok(None),
            (Err(LogError::Corrupt { .. }), true) => return Ok(None),
            (found, _) => found?,
        };
        segment.first_batch_timestamp =
            segment.header_at(0, storage)?.map(|header| header.max_timestamp);
        Ok(Some(segment))
    }

    /// Sets the next offset from the batches after the last index entry. Returns where they end,
    /// which is before the end of the file when something else follows.
    fn find_next_offset(&mut self, storage: &dyn Storage) -> Result<u32, LogError> {
        let mut position = self.offset_index.last().map_or(0, |entry| entry.position);
        self.next_offset = self.base_offset;
        self.newest = None;
        while let Some(header) = self.header_at(position, storage)? {
            if header.base_offset < self.next_offset {
                break;
            }
            self.newest = Some((header.base_offset, position));
            self.next_offset = header.next_offset();
            position += header.size();
        }
        Ok(position)
    }

    /// Walks all batches, rebuilds both indexes and cuts the file at the first batch that is not
    /// valid. Gives the headers of what stays to `visit`; returns how many bytes were cut.
    pub(crate) fn recover(
        dir: &str,
        base_offset: Offset,
        now_ms: Timestamp,
        config: &LogConfig,
        storage: &mut dyn Storage,
        visit: &mut dyn FnMut(&BatchHeader),
    ) -> Result<(Self, u32), LogError> {
        let mut segment = Self::describe(dir, base_offset, now_ms);
        let len = storage.len(segment.log_path()).unwrap_or(0);
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        let data = match len {
            0 => Bytes::empty(),
            _ => storage.read(segment.log_path(), 0, len)?,
        };
        let mut valid = 0;
        for batch in Batches::new(&data) {
            let Ok(batch) = batch else { break };
            let header = batch.header;
            let in_order = header.base_offset >= segment.next_offset;
            let in_order = in_order && segment.possible(header).is_ok();
            if !in_order || batch.check_crc().is_err() {
                break;
            }
            segment.account(&header, config, None)?;
            visit(&header);
            valid = batch.position + header.size();
        }
        segment.bytes = valid;
        segment.add_last_time_entry(None)?;
        if valid < len {
            storage.truncate(segment.log_path(), u64::from(valid))?;
        }
        segment.rewrite_indexes(storage)?;
        Ok((segment, len - valid))
    }

    fn rewrite_indexes(&self, storage: &mut dyn Storage) -> Result<(), StorageError> {
        let contents = [
            index::to_bytes(self.base_offset, &self.offset_index),
            index::to_bytes(self.base_offset, &self.time_index),
        ];
        for (path, bytes) in self.paths[1..].iter().zip(contents) {
            storage.append(path, &Bytes::empty())?;
            storage.truncate(path, 0)?;
            storage.append(path, &bytes)?;
        }
        Ok(())
    }

    /// Appends whole batches whose headers are `headers`.
    pub(crate) fn append(
        &mut self,
        records: &Bytes,
        headers: &[BatchHeader],
        now_ms: Timestamp,
        config: &LogConfig,
        storage: &mut dyn Storage,
    ) -> Result<(), StorageError> {
        storage.append(self.log_path(), records)?;
        for header in headers {
            self.account(header, config, Some(storage))?;
        }
        self.last_modified_ms = now_ms;
        Ok(())
    }

    /// Takes a batch in that follows the ones so far. The index entries come **before** its size is
    /// counted, so that an index starts after the first `index.interval.bytes`.
    fn account(
        &mut self,
        header: &BatchHeader,
        config: &LogConfig,
        storage: Option<&mut dyn Storage>,
    ) -> Result<(), StorageError> {
        if header.max_timestamp > self.largest_timestamp {
            self.largest_timestamp = header.max_timestamp;
            self.offset_of_largest_timestamp = header.last_offset();
        }
        if self.bytes == 0 {
            self.first_batch_timestamp = Some(header.max_timestamp);
        }
        let interval = u32::try_from(config.index_interval_bytes).unwrap_or(0);
        if self.bytes_since_last_index_entry > interval {
            let entry = OffsetEntry { offset: header.last_offset(), position: self.bytes };
            self.offset_index.push(entry);
            let time = self.next_time_entry();
            self.time_index.extend(time);
            self.bytes_since_last_index_entry = 0;
            if let Some(storage) = storage {
                index::append(&self.paths[1], self.base_offset, entry, storage)?;
                if let Some(time) = time {
                    index::append(&self.paths[2], self.base_offset, time, storage)?;
                }
            }
        }
        self.newest = Some((header.base_offset, self.bytes));
        self.bytes += header.size();
        self.bytes_since_last_index_entry += header.size();
        self.next_offset = header.next_offset();
        Ok(())
    }

    /// The time entry for now, when it says more than the last one.
    fn next_time_entry(&self) -> Option<TimeEntry> {
        let last = self.time_index.last().map_or(-1, |entry| entry.timestamp);
        (self.largest_timestamp > last).then_some(TimeEntry {
            timestamp: self.largest_timestamp,
            offset: self.offset_of_largest_timestamp,
        })
    }

    /// The time index gets its last entry when the segment stops being active, and at close.
    pub(crate) fn add_last_time_entry(
        &mut self,
        storage: Option<&mut dyn Storage>,
    ) -> Result<(), StorageError> {
        if let Some(entry) = self.next_time_entry() {
            self.time_index.push(entry);
            if let Some(storage) = storage {
                index::append(&self.paths[2], self.base_offset, entry, storage)?;
            }
        }
        Ok(())
    }

    /// Whether a set of batches does not go into this segment any more (2.3).
    pub(crate) fn should_roll(
        &self,
        size: u32,
        max_timestamp: Timestamp,
        last_offset: Offset,
        now_ms: Timestamp,
        config: &LogConfig,
    ) -> bool {
        let full = i64::from(self.bytes) > i64::from(config.segment_bytes) - i64::from(size);
        let waited_ms = match self.first_batch_timestamp {
            Some(first) if first >= 0 => max_timestamp.saturating_sub(first),
            _ => now_ms.saturating_sub(self.created_ms),
        };
        let old = self.bytes > 0 && waited_ms > config.segment_ms;
        full || old
            || self.indexes_full(config)
            || last_offset.saturating_sub(self.base_offset) > i64::from(i32::MAX)
    }

    fn indexes_full(&self, config: &LogConfig) -> bool {
        let offsets = i64::from(config.segment_index_bytes / 8);
        // The last slot of a time index is kept for the entry at roll.
        let times = i64::from(config.segment_index_bytes / 12) - 1;
        self.offset_index.len() as i64 >= offsets || self.time_index.len() as i64 >= times
    }

    /// Cuts the segment at the start of the first batch whose last offset is at least `target`.
    /// Returns how many bytes went.
    pub(crate) fn truncate(
        &mut self,
        target: Offset,
        now_ms: Timestamp,
        storage: &mut dyn Storage,
    ) -> Result<u32, LogError> {
        let Some(BatchPosition { position, .. }) = self.find(target, storage)? else {
            return Ok(0);
        };
        let cut = self.bytes - position;
        self.offset_index.retain(|entry| entry.offset < target);
        self.time_index.retain(|entry| entry.offset < target);
        storage.truncate(&self.paths[1], self.offset_index.len() as u64 * 8)?;
        storage.truncate(&self.paths[2], self.time_index.len() as u64 * 12)?;
        storage.truncate(self.log_path(), u64::from(position))?;
        self.bytes = position;
        self.bytes_since_last_index_entry = 0;
        self.reload_timestamps(storage)?;
        self.find_next_offset(storage)?;
        if position == 0 {
            self.created_ms = now_ms;
            self.first_batch_timestamp = None;
        }
        self.last_modified_ms = now_ms;
        Ok(cut)
    }

    /// After a cut: the last time entry, then the batches after the index floor of its offset.
    fn reload_timestamps(&mut self, storage: &dyn Storage) -> Result<(), LogError> {
        let last = self.time_index.last();
        self.largest_timestamp = last.map_or(-1, |entry| entry.timestamp);
        self.offset_of_largest_timestamp = last.map_or(-1, |entry| entry.offset);
        let mut position = match self.find(self.offset_of_largest_timestamp, storage)? {
            Some(found) => found.position,
            None => return Ok(()),
        };
        while let Some(header) = self.header_at(position, storage)? {
            if header.max_timestamp > self.largest_timestamp {
                self.largest_timestamp = header.max_timestamp;
                self.offset_of_largest_timestamp = header.last_offset();
            }
            position += header.size();
        }
        Ok(())
    }

    pub(crate) fn sync(&self, storage: &mut dyn Storage) -> Result<(), StorageError> {
        self.paths.iter().try_for_each(|path| storage.sync(path))
    }

    pub(crate) fn log_path(&self) -> &str {
        &self.paths[0]
    }

    pub(crate) fn paths(&self) -> &[String; 3] {
        &self.paths
    }

    /// Offset in the file names.
    pub fn base_offset(&self) -> Offset {
        self.base_offset
    }

    /// Size of the log file in bytes.
    pub fn bytes(&self) -> u32 {
        self.bytes
    }

    /// Offset after the last batch; the base offset when it is empty.
    pub fn next_offset(&self) -> Offset {
        self.next_offset
    }

    /// Largest timestamp of a record; -1 = none yet.
    pub fn largest_record_timestamp(&self) -> Timestamp {
        self.largest_timestamp
    }

    /// What `retention.ms` looks at: the largest timestamp of a record, else when the segment was
    /// last written.
    pub fn largest_timestamp(&self) -> Timestamp {
        if self.largest_timestamp >= 0 { self.largest_timestamp } else { self.last_modified_ms }
    }

    /// Last offset of the batch with the largest timestamp.
    pub(crate) fn offset_of_largest_timestamp(&self) -> Offset {
        self.offset_of_largest_timestamp
    }

    /// Timestamp from which `segment.ms` counts: of the first batch; `None` when it is empty.
    pub fn first_batch_timestamp(&self) -> Option<Timestamp> {
        self.first_batch_timestamp
    }

    /// When this process made or opened it, milliseconds.
    pub fn created_ms(&self) -> Timestamp {
        self.created_ms
    }

    /// Bytes appended since the last index entry; the next entry is due above
    /// `index.interval.bytes`.
    pub fn bytes_since_last_index_entry(&self) -> u32 {
        self.bytes_since_last_index_entry
    }

    /// Entries of the offset index.
    pub fn offset_index(&self) -> &[OffsetEntry] {
        &self.offset_index
    }

    /// Entries of the time index.
    pub fn time_index(&self) -> &[TimeEntry] {
        &self.time_index
    }
}

fn load_index<E: index::Entry>(
    path: &str,
    base_offset: Offset,
    storage: &mut dyn Storage,
) -> Result<Option<Vec<E>>, StorageError> {
    let Some(len) = storage.len(path) else { return Ok(None) };
    let bytes = storage.read(path, 0, u32::try_from(len).unwrap_or(u32::MAX))?;
    let Some(entries) = index::parse::<E>(base_offset, &bytes) else { return Ok(None) };
    let used = entries.len() as u64 * u64::from(E::SIZE);
    if used < len {
        // Left over from preallocation.
        storage.truncate(path, used)?;
    }
    Ok(Some(entries))
}
