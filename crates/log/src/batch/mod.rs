//! Record batches, magic 2 (Kafka: `DefaultRecordBatch`, `DefaultRecord`).

mod builder;
mod error;
mod fields;
mod header;
mod records;

pub use builder::{BatchBuilder, MAX_RECORD_OVERHEAD};
pub use error::{BatchError, BatchErrorKind};
pub use fields::{Field, fields};
pub use header::{
    BatchHeader, Codec, HEADER_SIZE, TimestampType, decrement_sequence, increment_sequence, stamp,
};
pub(crate) use header::{attribute, put};
pub use records::{Batch, Batches, Header, Headers, Record, Records};
