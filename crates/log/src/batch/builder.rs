//! Encoding in one pass.

use super::header::{CRC_AT, CRC_START, LOG_OVERHEAD, attribute};
use super::{BatchHeader, HEADER_SIZE, Header};
use crate::varint::{size_of_varint, size_of_varlong, write_varint, write_varlong, zigzag};
use crate::{Bytes, LeaderEpoch, Offset, Timestamp, crc32c};

/// Most bytes that a record takes beside key, value and headers with their length varints: length 5,
/// attributes 1, timestamp delta 10, offset delta 5.
pub const MAX_RECORD_OVERHEAD: u32 = 21;

/// Writes one uncompressed batch of magic 2. Records are encoded as they come; only the header waits.
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    bytes: Vec<u8>,
    attributes: i16,
    base_offset: Offset,
    leader_epoch: LeaderEpoch,
    base_timestamp: Timestamp,
    max_timestamp: Timestamp,
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
    count: i32,
    last_offset_delta: i32,
}

impl Default for BatchBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl BatchBuilder {
    /// An empty batch with base offset 0, leader epoch -1 and no producer id, as a producer sends it.
    pub fn new() -> Self {
        Self::with_capacity(512)
    }

    /// As [`new`](Self::new), with room for `bytes` bytes.
    pub fn with_capacity(bytes: u32) -> Self {
        let mut buffer = Vec::with_capacity(bytes.max(HEADER_SIZE) as usize);
        buffer.resize(HEADER_SIZE as usize, 0);
        Self {
            bytes: buffer,
            attributes: 0,
            base_offset: 0,
            leader_epoch: -1,
            base_timestamp: -1,
            max_timestamp: -1,
            producer_id: -1,
            producer_epoch: -1,
            base_sequence: -1,
            count: 0,
            last_offset_delta: -1,
        }
    }

    /// Offset of the first record and epoch of the leader that wrote it.
    pub fn set_position(&mut self, base_offset: Offset, leader_epoch: LeaderEpoch) {
        self.base_offset = base_offset;
        self.leader_epoch = leader_epoch;
    }

    /// Marks the batch as an idempotent producer's.
    pub fn set_producer(&mut self, producer_id: i64, producer_epoch: i16, base_sequence: i32) {
        self.producer_id = producer_id;
        self.producer_epoch = producer_epoch;
        self.base_sequence = base_sequence;
    }

    /// Marks the batch as part of a transaction.
    pub fn set_transactional(&mut self) {
        self.attributes |= attribute::TRANSACTIONAL;
    }

    /// Marks the batch as a control batch.
    pub fn set_control(&mut self) {
        self.attributes |= attribute::CONTROL;
    }

    /// Makes every record report `append_time_ms`, as a leader does on a LogAppendTime topic.
    pub fn set_log_append_time(&mut self, append_time_ms: Timestamp) {
        self.attributes |= attribute::LOG_APPEND_TIME;
        self.max_timestamp = append_time_ms;
    }

    /// Adds a record at the next offset. `None` is null, which is not the empty string.
    #[inline]
    pub fn append(
        &mut self,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) {
        self.append_at(self.last_offset_delta + 1, timestamp, key, value, headers);
    }

    /// Adds a record at base offset + `offset_delta`, which must grow: compaction leaves gaps.
    pub fn append_at(
        &mut self,
        offset_delta: i32,
        timestamp: Timestamp,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) {
        assert!(offset_delta > self.last_offset_delta, "offsets grow within a batch");
        if self.count == 0 {
            self.base_timestamp = timestamp;
        }
        if self.attributes & attribute::LOG_APPEND_TIME == 0 {
            self.max_timestamp = self.max_timestamp.max(timestamp);
        }
        let timestamp_delta = timestamp.wrapping_sub(self.base_timestamp);
        let timestamp_size = size_of_varlong(timestamp_delta);
        let offset_size = size_of_varint(offset_delta);
        let body = 1 + timestamp_size + offset_size + payload_size(key, value, headers);
        let body = i32::try_from(body).expect("a record below 2 GiB");
        let body_size = size_of_varint(body);
        let key_length = key.map_or(-1, |key| key.len() as i32);
        let key_size = size_of_varint(key_length);
        let out = &mut self.bytes;
        out.reserve(body as usize + 5 + 8);
        if body_size.max(timestamp_size).max(offset_size) <= 2 && key_size == 1 {
            let mut front = Front::default();
            front.short(i64::from(body), body_size);
            front.size += 1;
            front.short(timestamp_delta, timestamp_size);
            front.short(i64::from(offset_delta), offset_size);
            front.short(i64::from(key_length), 1);
            let end = out.len() + front.size as usize;
            out.extend_from_slice(&front.bits.to_le_bytes());
            out.truncate(end);
        } else {
            write_varint(body, out);
            out.push(0);
            write_varlong(timestamp_delta, out);
            write_varint(offset_delta, out);
            write_varint(key_length, out);
        }
        out.extend_from_slice(key.unwrap_or_default());
        write_nullable(value, out);
        write_varint(headers.len() as i32, out);
        for header in headers {
            write_nullable(Some(header.key), out);
            write_nullable(header.value, out);
        }
        self.last_offset_delta = offset_delta;
        self.count += 1;
    }

    /// Bytes of the batch so far, header included.
    pub fn size(&self) -> u32 {
        self.bytes.len() as u32
    }

    /// Records so far.
    pub fn count(&self) -> i32 {
        self.count
    }

    /// Upper bound of what one record adds to a batch (Kafka:
    /// `DefaultRecord.recordSizeUpperBound`), in bytes.
    pub fn record_size_upper_bound(
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) -> u32 {
        MAX_RECORD_OVERHEAD + payload_size(key, value, headers)
    }

    /// Upper bound of a batch with just this record (Kafka:
    /// `AbstractRecords.estimateSizeInBytesUpperBound`), in bytes.
    pub fn batch_size_upper_bound(
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        headers: &[Header<'_>],
    ) -> u32 {
        HEADER_SIZE + Self::record_size_upper_bound(key, value, headers)
    }

    /// Writes the header and gives the bytes without copying them.
    pub fn finish(&mut self) -> &[u8] {
        let length = i32::try_from(self.bytes.len() as u32 - LOG_OVERHEAD).expect("below 2 GiB");
        let header = BatchHeader {
            base_offset: self.base_offset,
            batch_length: length,
            partition_leader_epoch: self.leader_epoch,
            magic: 2,
            crc: 0,
            attributes: self.attributes,
            last_offset_delta: self.last_offset_delta.max(0),
            base_timestamp: self.base_timestamp,
            max_timestamp: self.max_timestamp,
            producer_id: self.producer_id,
            producer_epoch: self.producer_epoch,
            base_sequence: self.base_sequence,
            records_count: self.count,
        };
        super::put(&mut self.bytes, 0, header.bytes());
        let crc = crc32c(&self.bytes[CRC_START..]);
        super::put(&mut self.bytes, CRC_AT, crc.to_be_bytes());
        &self.bytes
    }

    /// The batch.
    pub fn build(mut self) -> Bytes {
        Bytes::from(self.finish())
    }
}

/// Short fields put together in a register: one store instead of a check of the buffer for every
/// byte. Holds at most 8 bytes.
#[derive(Default)]
struct Front {
    bits: u64,
    size: u32,
}

impl Front {
    /// A varint of at most 2 bytes, whose size is given.
    #[inline]
    fn short(&mut self, value: i64, size: u32) {
        let number = zigzag(value);
        let two = (number & 0x7f) | 0x80 | (number >> 7) << 8;
        self.bits |= if size == 1 { number } else { two } << (8 * self.size);
        self.size += size;
    }
}

#[inline(always)]
fn payload_size(key: Option<&[u8]>, value: Option<&[u8]>, headers: &[Header<'_>]) -> u32 {
    let mut size = nullable_size(key) + nullable_size(value) + size_of_varint(headers.len() as i32);
    for header in headers {
        size += nullable_size(Some(header.key)) + nullable_size(header.value);
    }
    size
}

#[inline]
fn nullable_size(bytes: Option<&[u8]>) -> u32 {
    match bytes {
        None => 1,
        Some(bytes) => size_of_varint(bytes.len() as i32) + bytes.len() as u32,
    }
}

#[inline]
fn write_nullable(bytes: Option<&[u8]>, out: &mut Vec<u8>) {
    match bytes {
        None => out.push(1),
        Some(bytes) => {
            write_varint(bytes.len() as i32, out);
            out.extend_from_slice(bytes);
        }
    }
}
