//! Appending: validation, offsets, roll (Kafka: `LogValidator`, `UnifiedLog.append`).

use crate::batch::{attribute, put};
use crate::{
    AppendError, Batch, BatchBuilder, BatchError, BatchHeader, Batches, Bytes, Codec, HEADER_SIZE,
    LeaderEpoch, Log, LogConfig, Offset, Storage, Timestamp, TimestampType, crc32c, stamp,
};

/// Who appends as a leader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AppendOrigin {
    /// A producer: no control batches.
    Client,
    /// A coordinator: transaction markers are allowed.
    Coordinator,
}

/// What an append did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AppendInfo {
    /// Offset of the first record; -1 when nothing was appended.
    pub first_offset: Offset,
    /// Offset of the last record; -1 when nothing was appended.
    pub last_offset: Offset,
    /// Bytes written to the log.
    pub bytes: u32,
    /// Batches written.
    pub batches: u32,
    /// Largest timestamp of the records; -1 = none.
    pub max_timestamp: Timestamp,
    /// The broker's clock, when it replaced the timestamps (LogAppendTime).
    pub log_append_time_ms: Option<Timestamp>,
    /// Leader epoch of the last batch.
    pub leader_epoch: LeaderEpoch,
    /// Base offset of a segment that was started for this append.
    pub rolled: Option<Offset>,
    /// `flush.messages` was reached, or a roll flushed what was before.
    pub recovery_point: Offset,
    /// The log start offset.
    pub log_start_offset: Offset,
}

impl Log {
    /// Appends a producer's batch: validates it, gives it the next offsets and the leader's epoch.
    ///
    /// # Errors
    /// The batch is refused as a whole, or the storage failed. Nothing is appended then.
    pub fn append_as_leader(
        &mut self,
        records: &Bytes,
        leader_epoch: LeaderEpoch,
        now_ms: Timestamp,
        storage: &mut dyn Storage,
    ) -> Result<AppendInfo, AppendError> {
        self.append_as_leader_from(AppendOrigin::Client, records, leader_epoch, now_ms, storage)
    }

    /// As [`append_as_leader`](Self::append_as_leader), for any origin.
    ///
    /// # Errors
    /// As there.
    pub fn append_as_leader_from(
        &mut self,
        origin: AppendOrigin,
        records: &Bytes,
        leader_epoch: LeaderEpoch,
        now_ms: Timestamp,
        storage: &mut dyn Storage,
    ) -> Result<AppendInfo, AppendError> {
        let batch = only_batch(records)?;
        let consecutive = validate(&batch, origin, now_ms, &self.config)?;
        let base_offset = self.log_end_offset;
        let append_time = self.config.log_append_time.then_some(now_ms);
        let stamped = if consecutive {
            records.edited(|bytes| {
                if let Some(now_ms) = append_time {
                    set_append_time(bytes, now_ms);
                }
                stamp(bytes, base_offset, leader_epoch);
            })
        } else {
            rebuild(&batch, base_offset, leader_epoch, append_time)?
        };
        let header = BatchHeader::parse(&stamped)?;
        let mut info = self.write(&stamped, &[header], now_ms, storage)?;
        info.log_append_time_ms = append_time;
        Ok(info)
    }

    /// Appends what a leader sent, offsets and epochs as they are. A trailing partial batch is
    /// ignored, and so is everything from the first batch of a later epoch than `leader_epoch`, the
    /// epoch of the fetch (KAFKA-18723).
    ///
    /// # Errors
    /// A CRC that does not match, batches not in increasing order or below the log end offset, or
    /// the storage failed. Nothing is appended then.
    pub fn append_as_follower(
        &mut self,
        records: &Bytes,
        leader_epoch: LeaderEpoch,
        now_ms: Timestamp,
        storage: &mut dyn Storage,
    ) -> Result<AppendInfo, AppendError> {
        let mut headers = Vec::new();
        let mut size = 0;
        let mut next_offset = self.log_end_offset;
        for batch in Batches::new(records) {
            let batch = batch?;
            let header = batch.header;
            if header.partition_leader_epoch > leader_epoch {
                break;
            }
            batch.check_crc()?;
            // A set goes into one segment, whose offsets fit in 31 bits after its base.
            let base = headers.first().map_or(header.base_offset, |h: &BatchHeader| h.base_offset);
            let too_far = header.last_offset().saturating_sub(base) > i64::from(i32::MAX);
            if header.base_offset < next_offset || header.last_offset_delta < 0 || too_far {
                if headers.is_empty() {
                    let (base_offset, log_end_offset) = (header.base_offset, next_offset);
                    return Err(AppendError::UnexpectedOffset { base_offset, log_end_offset });
                }
                let (base_offset, expected) = (header.base_offset, next_offset);
                return Err(BatchError::OutOfOrder { base_offset, expected }.into());
            }
            next_offset = header.next_offset();
            size = batch.position + header.size();
            headers.push(header);
        }
        self.write(&records.slice(0, size), &headers, now_ms, storage)
    }

    /// Writes validated batches: roll, file, epoch cache, log end, flush.
    fn write(
        &mut self,
        records: &Bytes,
        headers: &[BatchHeader],
        now_ms: Timestamp,
        storage: &mut dyn Storage,
    ) -> Result<AppendInfo, AppendError> {
        let max_timestamp = headers.iter().map(|h| h.max_timestamp).max().unwrap_or(-1);
        let (Some(first), Some(last)) = (headers.first(), headers.last()) else {
            return Ok(self.append_info(None, records, headers, max_timestamp));
        };
        let size = records.size();
        let max = u32::try_from(self.config.segment_bytes).unwrap_or(0);
        if size > max {
            return Err(BatchError::RecordListTooLarge { size, max }.into());
        }
        let base = first.base_offset.max(self.log_end_offset);
        let last_offset = last.last_offset();
        let active = self.active();
        let roll = active.should_roll(size, max_timestamp, last_offset, now_ms, &self.config);
        if roll {
            self.roll(base, now_ms, storage)?;
        }
        let config = self.config;
        self.active_mut().append(records, headers, now_ms, &config, storage)?;
        let mut new_epoch = false;
        for header in headers {
            new_epoch |= self.epochs.assign(header.partition_leader_epoch, header.base_offset);
        }
        self.log_end_offset = last.next_offset();
        if new_epoch {
            self.write_epochs(storage)?;
        }
        if self.log_end_offset - self.recovery_point >= config.flush_messages {
            self.flush(storage)?;
        }
        Ok(self.append_info(roll.then_some(base), records, headers, max_timestamp))
    }

    fn append_info(
        &self,
        rolled: Option<Offset>,
        records: &Bytes,
        headers: &[BatchHeader],
        max_timestamp: Timestamp,
    ) -> AppendInfo {
        AppendInfo {
            first_offset: headers.first().map_or(-1, |h| h.base_offset),
            last_offset: headers.last().map_or(-1, BatchHeader::last_offset),
            bytes: records.size(),
            batches: headers.len() as u32,
            max_timestamp,
            log_append_time_ms: None,
            leader_epoch: headers.last().map_or(-1, |h| h.partition_leader_epoch),
            rolled,
            recovery_point: self.recovery_point,
            log_start_offset: self.log_start_offset,
        }
    }
}

/// The one batch of a produce request's partition.
fn only_batch(records: &Bytes) -> Result<Batch<'_>, BatchError> {
    let mut batches = Batches::new(records);
    let Some(first) = batches.next() else {
        let size = records.size();
        let needed = BatchHeader::parse(records).map_or(HEADER_SIZE, |h| h.size());
        return Err(BatchError::TooShort { size, needed: u64::from(needed) });
    };
    let first = first?;
    if batches.position() < records.size() {
        let found = 1 + batches.filter(Result::is_ok).count() as u32;
        return Err(if found > 1 {
            BatchError::NotOneBatch { found }
        } else {
            BatchError::LeftoverBytes { bytes: records.size() - first.header.size() }
        });
    }
    Ok(first)
}

/// The checks of a leader (1.6), in Kafka's order. Returns whether the inner offsets are 0, 1, 2, ...
fn validate(
    batch: &Batch<'_>,
    origin: AppendOrigin,
    now_ms: Timestamp,
    config: &LogConfig,
) -> Result<bool, BatchError> {
    let header = &batch.header;
    let max = u32::try_from(config.max_message_bytes).unwrap_or(0);
    if header.size() > max {
        return Err(BatchError::MessageTooLarge { size: header.size(), max });
    }
    batch.check_crc()?;
    if header.base_offset != 0 {
        return Err(BatchError::BaseOffset { found: header.base_offset });
    }
    let (last_offset_delta, records_count) = (header.last_offset_delta, header.records_count);
    if records_count <= 0 || i64::from(last_offset_delta) + 1 != i64::from(records_count) {
        return Err(BatchError::Count { last_offset_delta, records_count });
    }
    if origin == AppendOrigin::Client {
        if header.is_control() {
            return Err(BatchError::ControlBatch);
        }
        if header.has_producer_id() && header.base_sequence < 0 {
            let (producer_id, base_sequence) = (header.producer_id, header.base_sequence);
            return Err(BatchError::BaseSequence { producer_id, base_sequence });
        }
    }
    let append_time = header.timestamp_type() == TimestampType::LogAppendTime;
    if append_time && !config.log_append_time {
        return Err(BatchError::TimestampType);
    }
    if header.codec()? != Codec::None {
        // Compressed records are kept as they came; what is inside is not looked at.
        return Ok(true);
    }
    let mut consecutive = true;
    for (index, record) in (0..).zip(batch.records()) {
        let record = record?;
        if config.cleanup_compact && record.key.is_none() {
            return Err(BatchError::MissingKey { index });
        }
        if !config.log_append_time {
            check_timestamp(index, record.timestamp, now_ms, config)?;
        }
        consecutive &= record.offset == i64::from(index);
    }
    Ok(consecutive)
}

fn check_timestamp(
    index: i32,
    timestamp: Timestamp,
    now_ms: Timestamp,
    config: &LogConfig,
) -> Result<(), BatchError> {
    let too_old = now_ms.saturating_sub(timestamp) > config.message_timestamp_before_max_ms;
    let too_new = timestamp.saturating_sub(now_ms) > config.message_timestamp_after_max_ms;
    if timestamp != -1 && (too_old || too_new) {
        return Err(BatchError::Timestamp { index, timestamp, now_ms });
    }
    Ok(())
}

/// Makes every record of the batch report `now_ms`; needs a new CRC.
fn set_append_time(batch: &mut [u8], now_ms: Timestamp) {
    let attributes = i16::from_be_bytes([batch[21], batch[22]]) | attribute::LOG_APPEND_TIME;
    put(batch, 21, attributes.to_be_bytes());
    put(batch, 35, now_ms.to_be_bytes());
    let crc = crc32c(&batch[21..]);
    put(batch, 17, crc.to_be_bytes());
}

/// Writes the batch again with consecutive offsets.
fn rebuild(
    batch: &Batch<'_>,
    base_offset: Offset,
    leader_epoch: LeaderEpoch,
    append_time: Option<Timestamp>,
) -> Result<Bytes, BatchError> {
    let header = &batch.header;
    let mut builder = BatchBuilder::with_capacity(header.size());
    builder.set_position(base_offset, leader_epoch);
    builder.set_producer(header.producer_id, header.producer_epoch, header.base_sequence);
    if header.is_transactional() {
        builder.set_transactional();
    }
    if header.is_control() {
        builder.set_control();
    }
    if let Some(now_ms) = append_time {
        builder.set_log_append_time(now_ms);
    }
    for record in batch.records() {
        let record = record?;
        let headers: Vec<_> = record.headers.collect();
        builder.append(record.timestamp, record.key, record.value, &headers);
    }
    Ok(builder.build())
}
