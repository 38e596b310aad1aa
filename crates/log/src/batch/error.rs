//! What can be wrong with a batch.

use super::Codec;
use std::fmt;

/// Which error of the protocol a [`BatchError`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BatchErrorKind {
    /// CORRUPT_MESSAGE (2).
    CorruptMessage,
    /// MESSAGE_TOO_LARGE (10).
    MessageTooLarge,
    /// RECORD_LIST_TOO_LARGE (18).
    RecordListTooLarge,
    /// INVALID_TIMESTAMP (32).
    InvalidTimestamp,
    /// UNSUPPORTED_COMPRESSION_TYPE (76).
    UnsupportedCompressionType,
    /// INVALID_RECORD (87).
    InvalidRecord,
}

/// Why a batch or a record in it is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BatchError {
    /// Fewer bytes than a batch header, or than the header says.
    TooShort { size: u32, needed: u64 },
    /// The batch length is below that of an empty batch.
    InvalidLength { batch_length: i32 },
    /// Not magic 2.
    UnsupportedMagic { magic: i8 },
    /// The checksum over bytes 21.. differs.
    CrcMismatch { stored: u32, computed: u32 },
    /// More than `max.message.bytes`.
    MessageTooLarge { size: u32, max: u32 },
    /// More than `segment.bytes`.
    RecordListTooLarge { size: u32, max: u32 },
    /// A client sends exactly one batch per partition.
    NotOneBatch { found: u32 },
    /// A client's base offset must be 0.
    BaseOffset { found: i64 },
    /// lastOffsetDelta + 1 must be the number of records, and that positive.
    Count { last_offset_delta: i32, records_count: i32 },
    /// Clients may not write control batches.
    ControlBatch,
    /// A producer id without a base sequence.
    BaseSequence { producer_id: i64, base_sequence: i32 },
    /// A record is not well-formed; `index` is its number in the batch.
    MalformedRecord { index: i32, reason: &'static str },
    /// Bytes are left after the last record.
    LeftoverBytes { bytes: u32 },
    /// A record without a key on a compacted topic.
    MissingKey { index: i32 },
    /// A CreateTime outside `message.timestamp.before.max.ms` / `message.timestamp.after.max.ms`.
    Timestamp { index: i32, timestamp: i64, now_ms: i64 },
    /// The client flagged LogAppendTime on a CreateTime topic.
    TimestampType,
    /// The records are compressed, which this build does not read.
    Compressed { codec: Codec },
    /// Codec bits 5 to 7.
    UnknownCodec { bits: u8 },
    /// Batches are not in increasing order of offsets.
    OutOfOrder { base_offset: i64, expected: i64 },
}

impl BatchError {
    /// The error of the protocol.
    pub fn kind(&self) -> BatchErrorKind {
        match self {
            Self::TooShort { .. }
            | Self::InvalidLength { .. }
            | Self::UnsupportedMagic { .. }
            | Self::OutOfOrder { .. }
            | Self::CrcMismatch { .. } => BatchErrorKind::CorruptMessage,
            Self::MessageTooLarge { .. } => BatchErrorKind::MessageTooLarge,
            Self::RecordListTooLarge { .. } => BatchErrorKind::RecordListTooLarge,
            Self::Timestamp { .. } | Self::TimestampType => BatchErrorKind::InvalidTimestamp,
            Self::Compressed { .. } | Self::UnknownCodec { .. } => {
                BatchErrorKind::UnsupportedCompressionType
            }
            Self::NotOneBatch { .. }
            | Self::BaseOffset { .. }
            | Self::Count { .. }
            | Self::ControlBatch
            | Self::BaseSequence { .. }
            | Self::MalformedRecord { .. }
            | Self::LeftoverBytes { .. }
            | Self::MissingKey { .. } => BatchErrorKind::InvalidRecord,
        }
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { size, needed } => {
                write!(f, "the batch has {size} bytes, it needs {needed}")
            }
            Self::InvalidLength { batch_length } => {
                write!(f, "batchLength is {batch_length}, the least is 49")
            }
            Self::UnsupportedMagic { magic } => write!(f, "magic is {magic}, only 2 is supported"),
            Self::CrcMismatch { stored, computed } => {
                write!(f, "the stored CRC is {stored:08x}, the bytes give {computed:08x}")
            }
            Self::MessageTooLarge { size, max } => {
                write!(f, "the batch has {size} bytes, max.message.bytes is {max}")
            }
            Self::RecordListTooLarge { size, max } => {
                write!(f, "the record set has {size} bytes, segment.bytes is {max}")
            }
            Self::NotOneBatch { found } => {
                write!(f, "{found} batches for one partition, exactly 1 is allowed")
            }
            Self::BaseOffset { found } => {
                write!(f, "the base offset of a client's batch is {found}, it must be 0")
            }
            Self::Count { last_offset_delta, records_count } => write!(
                f,
                "lastOffsetDelta {last_offset_delta} does not fit a count of {records_count} records"
            ),
            Self::ControlBatch => write!(f, "clients may not write control records"),
            Self::BaseSequence { producer_id, base_sequence } => {
                write!(f, "producer id {producer_id} with base sequence {base_sequence}")
            }
            Self::MalformedRecord { index, reason } => write!(f, "record {index}: {reason}"),
            Self::LeftoverBytes { bytes } => write!(f, "{bytes} bytes after the last record"),
            Self::MissingKey { index } => {
                write!(f, "record {index} has no key, a compacted topic needs one")
            }
            Self::Timestamp { index, timestamp, now_ms } => write!(
                f,
                "record {index}: timestamp {timestamp} is too far from the broker's clock {now_ms}"
            ),
            Self::TimestampType => write!(f, "LogAppendTime is the broker's to set"),
            Self::Compressed { codec } => {
                write!(f, "records compressed with {} cannot be read here", codec.name())
            }
            Self::UnknownCodec { bits } => write!(f, "codec {bits} is unknown, 0 to 4 are allowed"),
            Self::OutOfOrder { base_offset, expected } => {
                write!(f, "base offset {base_offset}, expected {expected} or more")
            }
        }
    }
}

impl std::error::Error for BatchError {}
