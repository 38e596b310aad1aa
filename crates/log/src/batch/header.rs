//! The 61 bytes before the records.

use super::BatchError;
use crate::{LeaderEpoch, Offset, Timestamp, crc32c};

/// Bytes of a batch header.
pub const HEADER_SIZE: u32 = 61;
/// Bytes of `baseOffset` and `batchLength`, which `batchLength` does not count.
pub(crate) const LOG_OVERHEAD: u32 = 12;
/// Bytes before the part that the CRC covers.
pub(crate) const CRC_START: usize = 21;
/// Where the CRC stands.
pub(crate) const CRC_AT: usize = 17;

/// Bits of `attributes`.
pub(crate) mod attribute {
    pub const CODEC: i16 = 0x07;
    pub const LOG_APPEND_TIME: i16 = 0x08;
    pub const TRANSACTIONAL: i16 = 0x10;
    pub const CONTROL: i16 = 0x20;
    pub const DELETE_HORIZON: i16 = 0x40;
}

/// How the records are compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Codec {
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Codec {
    /// The name in `compression.type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Snappy => "snappy",
            Self::Lz4 => "lz4",
            Self::Zstd => "zstd",
        }
    }
}

/// What the timestamps of a batch mean (`message.timestamp.type`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum TimestampType {
    CreateTime,
    LogAppendTime,
}

impl TimestampType {
    /// Kafka's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateTime => "CreateTime",
            Self::LogAppendTime => "LogAppendTime",
        }
    }
}

/// Every field of a batch header, in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BatchHeader {
    /// Offset of the first record as first written; kept when compaction removes that record.
    pub base_offset: Offset,
    /// Bytes after this field.
    pub batch_length: i32,
    /// Epoch of the leader that appended it; -1 from producers. Not under the CRC.
    pub partition_leader_epoch: LeaderEpoch,
    /// Format version, 2.
    pub magic: i8,
    /// CRC-32C over the bytes from `attributes` to the end.
    pub crc: u32,
    /// Codec, timestamp type, transactional, control, delete horizon.
    pub attributes: i16,
    /// Last offset minus base offset.
    pub last_offset_delta: i32,
    /// Timestamp of the first record, or the delete horizon.
    pub base_timestamp: Timestamp,
    /// Largest timestamp, or the broker's append time.
    pub max_timestamp: Timestamp,
    /// -1 = none.
    pub producer_id: i64,
    /// -1 = none.
    pub producer_epoch: i16,
    /// -1 = none.
    pub base_sequence: i32,
    /// Records in the payload; 0 when compaction emptied the batch.
    pub records_count: i32,
}

fn take<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}

/// Writes `value` at `at`.
#[inline]
pub(crate) fn put<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&value);
}

impl BatchHeader {
    /// Reads a header. Checks that the length and magic are possible, not the CRC and not that all
    /// bytes of the batch are there.
    ///
    /// # Errors
    /// Fewer than 61 bytes, a batch length below 49, or a magic other than 2.
    pub fn parse(bytes: &[u8]) -> Result<Self, BatchError> {
        if bytes.len() >= 17 {
            let batch_length = i32::from_be_bytes(take(bytes, 8));
            let magic = i8::from_be_bytes(take(bytes, 16));
            if batch_length < (HEADER_SIZE - LOG_OVERHEAD) as i32 {
                return Err(BatchError::InvalidLength { batch_length });
            }
            if magic != 2 {
                return Err(BatchError::UnsupportedMagic { magic });
            }
        }
        if bytes.len() < HEADER_SIZE as usize {
            let size = bytes.len() as u32;
            return Err(BatchError::TooShort { size, needed: u64::from(HEADER_SIZE) });
        }
        Ok(Self {
            base_offset: i64::from_be_bytes(take(bytes, 0)),
            batch_length: i32::from_be_bytes(take(bytes, 8)),
            partition_leader_epoch: i32::from_be_bytes(take(bytes, 12)),
            magic: 2,
            crc: u32::from_be_bytes(take(bytes, 17)),
            attributes: i16::from_be_bytes(take(bytes, 21)),
            last_offset_delta: i32::from_be_bytes(take(bytes, 23)),
            base_timestamp: i64::from_be_bytes(take(bytes, 27)),
            max_timestamp: i64::from_be_bytes(take(bytes, 35)),
            producer_id: i64::from_be_bytes(take(bytes, 43)),
            producer_epoch: i16::from_be_bytes(take(bytes, 51)),
            base_sequence: i32::from_be_bytes(take(bytes, 53)),
            records_count: i32::from_be_bytes(take(bytes, 57)),
        })
    }

    /// Bytes of the batch at the front of `bytes` when it is plain that it is well-formed, belongs to a
    /// segment that begins at `first` and ends before `wanted`; `None` = look closely. A search
    /// passes by some fifty batches for each that it finds.
    #[inline]
    pub(crate) fn passed_by(bytes: &[u8], first: Offset, wanted: Offset) -> Option<u32> {
        let header: &[u8; HEADER_SIZE as usize] = bytes.first_chunk()?;
        let base = i64::from_be_bytes(take(header, 0));
        let length = u32::from_be_bytes(take(header, 8));
        let delta = i32::from_be_bytes(take(header, 23));
        let fits = header[16] == 2
            && (HEADER_SIZE - LOG_OVERHEAD..i32::MAX as u32).contains(&length)
            && delta >= 0
            && (first..first.saturating_add(1 << 30)).contains(&base)
            && delta < 1 << 30;
        (fits && base + i64::from(delta) < wanted).then_some(LOG_OVERHEAD + length)
    }

    /// The 61 bytes.
    #[inline]
    pub(crate) fn bytes(&self) -> [u8; HEADER_SIZE as usize] {
        let mut bytes = [0; HEADER_SIZE as usize];
        put(&mut bytes, 0, self.base_offset.to_be_bytes());
        put(&mut bytes, 8, self.batch_length.to_be_bytes());
        put(&mut bytes, 12, self.partition_leader_epoch.to_be_bytes());
        put(&mut bytes, 16, self.magic.to_be_bytes());
        put(&mut bytes, CRC_AT, self.crc.to_be_bytes());
        put(&mut bytes, CRC_START, self.attributes.to_be_bytes());
        put(&mut bytes, 23, self.last_offset_delta.to_be_bytes());
        put(&mut bytes, 27, self.base_timestamp.to_be_bytes());
        put(&mut bytes, 35, self.max_timestamp.to_be_bytes());
        put(&mut bytes, 43, self.producer_id.to_be_bytes());
        put(&mut bytes, 51, self.producer_epoch.to_be_bytes());
        put(&mut bytes, 53, self.base_sequence.to_be_bytes());
        put(&mut bytes, 57, self.records_count.to_be_bytes());
        bytes
    }

    /// Bytes of the whole batch.
    pub fn size(&self) -> u32 {
        // `parse` refuses negative lengths, and i32::MAX + 12 fits.
        LOG_OVERHEAD + self.batch_length as u32
    }

    /// Offset of the last record, also when compaction removed it.
    pub fn last_offset(&self) -> Offset {
        self.base_offset.saturating_add(i64::from(self.last_offset_delta))
    }

    /// Offset after this batch.
    pub fn next_offset(&self) -> Offset {
        self.last_offset().saturating_add(1)
    }

    /// How the records are compressed.
    ///
    /// # Errors
    /// Codec bits 5 to 7.
    pub fn codec(&self) -> Result<Codec, BatchError> {
        match self.attributes & attribute::CODEC {
            0 => Ok(Codec::None),
            1 => Ok(Codec::Gzip),
            2 => Ok(Codec::Snappy),
            3 => Ok(Codec::Lz4),
            4 => Ok(Codec::Zstd),
            bits => Err(BatchError::UnknownCodec { bits: bits as u8 }),
        }
    }

    /// What the timestamps mean.
    pub fn timestamp_type(&self) -> TimestampType {
        if self.attributes & attribute::LOG_APPEND_TIME == 0 {
            TimestampType::CreateTime
        } else {
            TimestampType::LogAppendTime
        }
    }

    /// Part of a transaction (also a transaction marker).
    pub fn is_transactional(&self) -> bool {
        self.attributes & attribute::TRANSACTIONAL != 0
    }

    /// Control batch, never given to applications.
    pub fn is_control(&self) -> bool {
        self.attributes & attribute::CONTROL != 0
    }

    /// When tombstones of this batch may go (KIP-534), milliseconds; `None` when not stamped yet.
    pub fn delete_horizon_ms(&self) -> Option<Timestamp> {
        (self.attributes & attribute::DELETE_HORIZON != 0).then_some(self.base_timestamp)
    }

    /// Whether it comes from an idempotent producer.
    pub fn has_producer_id(&self) -> bool {
        self.producer_id >= 0
    }

    /// Sequence of the last record; -1 = none.
    pub fn last_sequence(&self) -> i32 {
        if self.base_sequence < 0 {
            -1
        } else {
            increment_sequence(self.base_sequence, self.last_offset_delta)
        }
    }

    /// Compares the stored CRC with that of `batch`, which must be exactly this batch's bytes.
    ///
    /// # Errors
    /// `TooShort` or `CrcMismatch`.
    pub fn check_crc(&self, batch: &[u8]) -> Result<(), BatchError> {
        if batch.len() as u64 != u64::from(self.size()) {
            let needed = u64::from(self.size());
            return Err(BatchError::TooShort { size: batch.len() as u32, needed });
        }
        let computed = crc32c(&batch[CRC_START..]);
        if computed == self.crc {
            Ok(())
        } else {
            Err(BatchError::CrcMismatch { stored: self.crc, computed })
        }
    }
}

/// Sets base offset and leader epoch of the batch at the front of `batch`. Both lie outside the
/// CRC, so that a leader does not read the records again.
pub fn stamp(batch: &mut [u8], base_offset: Offset, leader_epoch: LeaderEpoch) {
    assert!(batch.len() >= HEADER_SIZE as usize, "a batch has a header");
    put(batch, 0, base_offset.to_be_bytes());
    put(batch, 12, leader_epoch.to_be_bytes());
}

/// `sequence` + `by` in 0..=2^31-1, wrapping to 0 (Kafka: `DefaultRecordBatch.incrementSequence`).
pub fn increment_sequence(sequence: i32, by: i32) -> i32 {
    ((i64::from(sequence) + i64::from(by)) & i64::from(i32::MAX)) as i32
}

/// `sequence` - `by` in 0..=2^31-1, wrapping (Kafka: `DefaultRecordBatch.decrementSequence`).
pub fn decrement_sequence(sequence: i32, by: i32) -> i32 {
    ((i64::from(sequence) - i64::from(by)) & i64::from(i32::MAX)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BatchBuilder;

    /// A search may pass by what it would have parsed without an error, and nothing else.
    #[test]
    fn only_what_is_plainly_before_is_passed_by() {
        let mut batch = BatchBuilder::new();
        batch.set_position(40, 3);
        for _ in 0..3 {
            batch.append(7, None, Some(b"x"), &[]);
        }
        let bytes = batch.build();
        let size = Some(bytes.size());
        assert_eq!(BatchHeader::passed_by(&bytes, 40, 43), size);
        assert_eq!(BatchHeader::passed_by(&bytes, 0, i64::MAX), size);
        assert_eq!(BatchHeader::passed_by(&bytes, 40, 42), None, "offset 42 is in it");
        assert_eq!(BatchHeader::passed_by(&bytes, 41, 43), None, "of another segment");
        assert_eq!(BatchHeader::passed_by(&bytes[..60], 40, 43), None, "cut");
        for (at, byte) in [(0, 0xff), (0, 1), (8, 0xff), (11, 48), (16, 1), (23, 0xff), (23, 0x7f)]
        {
            let mut wrong = bytes.to_vec();
            wrong[at] = byte;
            if at == 11 {
                wrong[8..11].fill(0);
            }
            assert_eq!(BatchHeader::passed_by(&wrong, 40, i64::MAX), None, "byte {at}");
        }
    }
}
