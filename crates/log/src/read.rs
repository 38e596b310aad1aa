//! Reading and looking up (Kafka: `UnifiedLog.read`, `LogSegment.read`, `fetchOffsetByTimestamp`).

use crate::segment::BatchPosition;
use crate::{
    Batch, BatchHeader, Bytes, LeaderEpoch, Log, LogError, Offset, Segment, Storage, Timestamp,
    TimestampType,
};

/// What a read gave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadInfo {
    /// Whole batches from the one that holds the asked offset; it may start below that offset, and
    /// the last batch may be cut.
    pub records: Bytes,
    /// Base offset of the segment it came from.
    pub segment_base_offset: Offset,
    /// Position of the records in that segment's file.
    pub position: u32,
    /// Not even the first batch fitted.
    pub first_entry_incomplete: bool,
}

/// A batch and where it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BatchAt {
    /// Its header.
    pub header: BatchHeader,
    /// Base offset of its segment.
    pub segment_base_offset: Offset,
    /// Where it starts in the segment's file.
    pub position: u32,
}

impl BatchAt {
    fn new(segment: &Segment, BatchPosition { header, position }: BatchPosition) -> Self {
        Self { header, segment_base_offset: segment.base_offset(), position }
    }
}

/// An answer of ListOffsets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimestampAndOffset {
    /// Timestamp of the record.
    pub timestamp: Timestamp,
    /// Its offset.
    pub offset: Offset,
    /// Epoch of the leader that appended it.
    pub leader_epoch: LeaderEpoch,
}

impl Log {
    /// Reads from `start`, at most `max_bytes` and only batches below `upper_bound` (log end, high
    /// watermark or last stable offset, by isolation), from one segment. With `min_one` the first
    /// batch comes whole even when it is larger.
    ///
    /// # Errors
    /// `OffsetOutOfRange` below the log start or above the log end.
    pub fn read(
        &self,
        start: Offset,
        max_bytes: u32,
        upper_bound: Offset,
        min_one: bool,
        storage: &dyn Storage,
    ) -> Result<ReadInfo, LogError> {
        self.check_range(start)?;
        let upper_bound = upper_bound.min(self.log_end_offset);
        let found = match start < upper_bound {
            true => self.find_batch(start, storage)?,
            false => None,
        };
        let Some((segment, first)) = found else {
            return Ok(self.nothing());
        };
        if first.header.base_offset >= upper_bound {
            return Ok(self.nothing());
        }
        let end = match upper_bound < segment.next_offset() {
            true => segment.find(upper_bound, storage)?.map_or(segment.bytes(), |b| b.position),
            false => segment.bytes(),
        };
        let available = end.saturating_sub(first.position);
        let batch_size = first.header.size();
        let wanted = if min_one { max_bytes.max(batch_size) } else { max_bytes };
        let length = wanted.min(available);
        let records = match length {
            0 => Bytes::empty(),
            _ => storage.read(segment.log_path(), u64::from(first.position), length)?,
        };
        Ok(ReadInfo {
            records,
            segment_base_offset: segment.base_offset(),
            position: first.position,
            first_entry_incomplete: wanted < batch_size,
        })
    }

    fn nothing(&self) -> ReadInfo {
        ReadInfo {
            records: Bytes::empty(),
            segment_base_offset: self.active().base_offset(),
            position: self.active().bytes(),
            first_entry_incomplete: false,
        }
    }

    fn check_range(&self, offset: Offset) -> Result<(), LogError> {
        let (start, end) = (self.log_start_offset, self.log_end_offset);
        if (start..=end).contains(&offset) {
            return Ok(());
        }
        Err(LogError::OffsetOutOfRange { offset, start, end })
    }

    /// The first batch whose last offset is at least `offset`.
    fn find_batch(
        &self,
        offset: Offset,
        storage: &dyn Storage,
    ) -> Result<Option<(&Segment, BatchPosition)>, LogError> {
        for segment in &self.segments[self.segment_index(offset)..] {
            if let Some(found) = segment.find(offset, storage)? {
                return Ok(Some((segment, found)));
            }
        }
        Ok(None)
    }

    /// The batches from the one that holds `offset` on, across segments. Ends after an error.
    pub fn batches_from<'a>(
        &'a self,
        offset: Offset,
        storage: &'a dyn Storage,
    ) -> impl Iterator<Item = Result<BatchAt, LogError>> + 'a {
        let mut first = Some(offset);
        let mut place = (0, 0);
        let mut next = move || -> Result<Option<BatchAt>, LogError> {
            let (mut index, mut position) = place;
            if let Some(offset) = first.take() {
                let Some((segment, found)) = self.find_batch(offset, storage)? else {
                    return Ok(None);
                };
                let base_offset = segment.base_offset();
                place = (self.segment_index(base_offset), found.position + found.header.size());
                return Ok(Some(BatchAt::new(segment, found)));
            }
            while let Some(segment) = self.segments.get(index) {
                if let Some(header) = segment.header_at(position, storage)? {
                    place = (index, position + header.size());
                    return Ok(Some(BatchAt::new(segment, BatchPosition { header, position })));
                }
                (index, position) = (index + 1, 0);
            }
            Ok(None)
        };
        let mut ended = false;
        std::iter::from_fn(move || {
            let found = if ended { None } else { next().transpose() };
            ended = !matches!(found, Some(Ok(_)));
            found
        })
    }

    /// All bytes of a batch.
    ///
    /// # Errors
    /// A failed read.
    pub fn batch_bytes(&self, at: &BatchAt, storage: &dyn Storage) -> Result<Bytes, LogError> {
        let segment = &self.segments[self.segment_index(at.segment_base_offset)];
        Ok(storage.read(segment.log_path(), u64::from(at.position), at.header.size())?)
    }

    /// Bytes of log from the batch that holds `from` to the one that holds `to`: what a fetch at
    /// `from` has waiting when `to` is its upper bound (`fetch.min.bytes`).
    ///
    /// # Errors
    /// A failed read.
    pub fn bytes_between(
        &self,
        from: Offset,
        to: Offset,
        storage: &dyn Storage,
    ) -> Result<u64, LogError> {
        if from >= to {
            return Ok(0);
        }
        let place = |offset: Offset| -> Result<u64, LogError> {
            let found = match offset < self.log_end_offset {
                true => self.find_batch(offset, storage)?,
                false => None,
            };
            let Some((segment, found)) = found else { return Ok(self.size()) };
            let before =
                self.segments.iter().take_while(|s| s.base_offset() < segment.base_offset());
            Ok(before.map(|s| u64::from(s.bytes())).sum::<u64>() + u64::from(found.position))
        };
        Ok(place(to)?.saturating_sub(place(from)?))
    }

    /// The first record at or after the log start whose timestamp is at least `timestamp`.
    ///
    /// # Errors
    /// A failed read, or records that cannot be decoded.
    pub fn find_offset_by_timestamp(
        &self,
        timestamp: Timestamp,
        storage: &dyn Storage,
    ) -> Result<Option<TimestampAndOffset>, LogError> {
        let found = self.segments.iter().position(|s| s.largest_timestamp() >= timestamp);
        let Some(segment) = found.map(|index| &self.segments[index]) else { return Ok(None) };
        let entries = segment.time_index();
        let after = entries.partition_point(|entry| entry.timestamp <= timestamp);
        let floor = after.checked_sub(1).map_or(segment.base_offset(), |i| entries[i].offset);
        let from = floor.max(self.log_start_offset);
        let wanted =
            |time: Timestamp, offset: Offset| time >= timestamp && offset >= self.log_start_offset;
        self.first_record(segment, from, wanted, storage)
    }

    /// The record with the largest timestamp, the first of them (ListOffsets MAX_TIMESTAMP).
    ///
    /// # Errors
    /// A failed read, or records that cannot be decoded.
    pub fn find_max_timestamp(
        &self,
        storage: &dyn Storage,
    ) -> Result<Option<TimestampAndOffset>, LogError> {
        let mut latest: Option<&Segment> = None;
        for segment in self.segments.iter().filter(|s| s.largest_record_timestamp() >= 0) {
            let largest = latest.map_or(-1, Segment::largest_record_timestamp);
            if segment.largest_record_timestamp() > largest {
                latest = Some(segment);
            }
        }
        let Some(segment) = latest else { return Ok(None) };
        let largest = segment.largest_record_timestamp();
        let from = segment.offset_of_largest_timestamp();
        self.first_record(segment, from, |time, _| time == largest, storage)
    }

    /// The first record of `segment`, from the batch that holds `from`, that is `wanted`.
    fn first_record(
        &self,
        segment: &Segment,
        from: Offset,
        wanted: impl Fn(Timestamp, Offset) -> bool,
        storage: &dyn Storage,
    ) -> Result<Option<TimestampAndOffset>, LogError> {
        let Some(found) = segment.find(from, storage)? else { return Ok(None) };
        let mut position = found.position;
        while let Some(header) = segment.header_at(position, storage)? {
            if wanted(header.max_timestamp, header.last_offset()) {
                let found = self.first_in_batch(segment, header, position, &wanted, storage)?;
                if found.is_some() {
                    return Ok(found);
                }
            }
            position += header.size();
        }
        Ok(None)
    }

    fn first_in_batch(
        &self,
        segment: &Segment,
        header: BatchHeader,
        position: u32,
        wanted: &impl Fn(Timestamp, Offset) -> bool,
        storage: &dyn Storage,
    ) -> Result<Option<TimestampAndOffset>, LogError> {
        let leader_epoch = header.partition_leader_epoch;
        let answer =
            |timestamp, offset| Some(TimestampAndOffset { timestamp, offset, leader_epoch });
        let first = header.base_offset.max(self.log_start_offset);
        if header.timestamp_type() == TimestampType::LogAppendTime {
            // All records report the same; whether they are compressed does not matter.
            return Ok(answer(header.max_timestamp, first));
        }
        let bytes = storage.read(segment.log_path(), u64::from(position), header.size())?;
        for record in (Batch { header, bytes: &bytes, position: 0 }).records() {
            let record = record.map_err(|error| LogError::Corrupt {
                path: segment.log_path().to_owned(),
                position,
                error,
            })?;
            if wanted(record.timestamp, record.offset) {
                return Ok(answer(record.timestamp, record.offset));
            }
        }
        Ok(None)
    }
}
