//! Errors of a log.

use crate::{BatchError, Offset, StorageError};
use std::fmt;

/// Why an operation on a log failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LogError {
    /// A file operation failed (KAFKA_STORAGE_ERROR).
    Storage(StorageError),
    /// Bytes in a file are not a batch (KAFKA_STORAGE_ERROR).
    Corrupt { path: String, position: u32, error: BatchError },
    /// The offset is outside `start..=end` (OFFSET_OUT_OF_RANGE).
    OffsetOutOfRange { offset: Offset, start: Offset, end: Offset },
    /// A checkpoint file cannot be read (KAFKA_STORAGE_ERROR).
    Checkpoint { path: String, reason: String },
}

impl From<StorageError> for LogError {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage(error) => write!(f, "{}: {}", error.path, error.reason),
            Self::Corrupt { path, position, error } => write!(f, "{path} at {position}: {error}"),
            Self::OffsetOutOfRange { offset, start, end } => {
                write!(f, "offset {offset} is outside {start}..={end}")
            }
            Self::Checkpoint { path, reason } => write!(f, "{path}: {reason}"),
        }
    }
}

impl std::error::Error for LogError {}

/// Why an append was refused. Nothing was written then.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AppendError {
    /// The batch is refused; [`BatchError::kind`] says with which error of the protocol.
    Batch(BatchError),
    /// A follower was given a batch that starts below its log end offset (Kafka:
    /// `UnexpectedAppendOffsetException`).
    UnexpectedOffset { base_offset: Offset, log_end_offset: Offset },
    /// The log failed.
    Log(LogError),
}

impl From<BatchError> for AppendError {
    fn from(error: BatchError) -> Self {
        Self::Batch(error)
    }
}

impl From<LogError> for AppendError {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl From<StorageError> for AppendError {
    fn from(error: StorageError) -> Self {
        Self::Log(LogError::Storage(error))
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batch(error) => error.fmt(f),
            Self::UnexpectedOffset { base_offset, log_end_offset } => {
                write!(f, "the batch starts at {base_offset}, the log ends at {log_end_offset}")
            }
            Self::Log(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AppendError {}
