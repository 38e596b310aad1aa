//! A record on its way from the application into a batch.

use crate::{Name, Time};
use highwater_log::varint::{size_of_varint, size_of_varlong};
use highwater_log::{BatchBuilder, Bytes, Header, MAX_RECORD_OVERHEAD, Timestamp};

/// What the application gave to `send()`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ProducerRecord {
    pub topic: Name,
    pub partition: Option<i32>,
    pub payload: Payload,
    /// Number of the record at this producer, from 0.
    pub sequence: u64,
    /// When `send()` was called.
    pub since: Time,
}

/// Key, value and headers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Payload {
    pub key: Option<Bytes>,
    pub value: Option<Bytes>,
    pub headers: Vec<(Name, Option<Bytes>)>,
}

impl Payload {
    fn with_headers<T>(&self, f: impl FnOnce(&[Header<'_>]) -> T) -> T {
        let headers: Vec<Header<'_>> = self
            .headers
            .iter()
            .map(|(key, value)| Header { key: key.as_bytes(), value: value.as_deref() })
            .collect();
        f(&headers)
    }

    /// Most bytes a batch with this record alone can have.
    pub fn batch_size_upper_bound(&self) -> u32 {
        let (key, value) = (self.key.as_deref(), self.value.as_deref());
        self.with_headers(|h| BatchBuilder::batch_size_upper_bound(key, value, h))
    }

    /// Bytes the record adds to a batch (Kafka: `DefaultRecord.sizeInBytes`).
    pub fn size_in_batch(&self, offset_delta: i32, timestamp_delta: i64) -> u32 {
        let (key, value) = (self.key.as_deref(), self.value.as_deref());
        let payload = self.with_headers(|h| BatchBuilder::record_size_upper_bound(key, value, h))
            - MAX_RECORD_OVERHEAD;
        let body = 1 + size_of_varlong(timestamp_delta) + size_of_varint(offset_delta) + payload;
        body + size_of_varint(i32::try_from(body).expect("a record below 2 GiB"))
    }

    /// Writes it.
    pub fn append_to(&self, builder: &mut BatchBuilder, timestamp: Timestamp) {
        let (key, value) = (self.key.as_deref(), self.value.as_deref());
        self.with_headers(|h| builder.append(timestamp, key, value, h));
    }
}
