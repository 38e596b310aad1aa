//! One partition's log as Kafka keeps it: record batches v2 as bytes, segment files, sparse
//! indexes, retention of whole segments, leader epoch cache, truncation and recovery.
//!
//! Knows no network, no clock, no node and no `std::fs`: time is an argument, files are behind
//! [`Storage`].

mod bytes;
mod storage;

pub use bytes::Bytes;
pub use storage::{Storage, StorageError};

/// Position of a record in a partition. Exclusive ends (log end offset, high watermark) are offsets too.
pub type Offset = i64;
/// Leader epoch; -1 = none.
pub type LeaderEpoch = i32;
/// Milliseconds since the Unix epoch, as stored in batches; -1 = none.
pub type Timestamp = i64;
