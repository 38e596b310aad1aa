//! One partition's log as Kafka keeps it: record batches v2 as bytes, segment files, sparse
//! indexes, retention of whole segments, leader epoch cache, truncation and recovery.
//!
//! Knows no network, no clock, no node and no `std::fs`: time is an argument, files are behind
//! [`Storage`].

mod append;
mod batch;
mod bytes;
mod checkpoint;
mod config;
mod control;
mod crc;
mod epochs;
mod error;
mod index;
mod log;
mod memory;
mod read;
mod recovery;
mod retention;
mod segment;
mod snapshot;
mod storage;
mod truncate;
pub mod varint;

pub use append::{AppendInfo, AppendOrigin};
pub use batch::{
    Batch, BatchBuilder, BatchError, BatchErrorKind, BatchHeader, Batches, Codec, Field,
    HEADER_SIZE, Header, Headers, MAX_RECORD_OVERHEAD, Record, Records, TimestampType,
    decrement_sequence, fields, increment_sequence, stamp,
};
pub use bytes::Bytes;
pub use checkpoint::{
    format_epoch_checkpoint, format_offset_checkpoint, parse_epoch_checkpoint,
    parse_offset_checkpoint,
};
pub use config::LogConfig;
pub use control::{ControlType, end_transaction_marker};
pub use crc::crc32c;
pub use epochs::{EpochEntry, LeaderEpochCache};
pub use error::{AppendError, LogError};
pub use index::{OffsetEntry, TimeEntry, parse_offset_index, parse_time_index};
pub use log::{Log, OpenOptions, SegmentView};
pub use memory::{MemoryFile, MemoryStorage};
pub use read::{BatchAt, ReadInfo, TimestampAndOffset};
pub use recovery::RecoveryInfo;
pub use retention::{DeletedSegment, DeletionReason, KeptFacts, Verdict};
pub use segment::Segment;
pub use snapshot::{
    AbortedTxn, ProducerEntry, format_producer_snapshot, parse_producer_snapshot,
    parse_transaction_index,
};
pub use storage::{Storage, StorageError};

/// Position of a record in a partition. Exclusive ends (log end offset, high watermark) are offsets too.
pub type Offset = i64;
/// Leader epoch; -1 = none.
pub type LeaderEpoch = i32;
/// Milliseconds since the Unix epoch, as stored in batches; -1 = none.
pub type Timestamp = i64;
