//! A batch of records for one partition, while it is the producer's (Kafka: `ProducerBatch`).

use super::record::Payload;
use crate::{Span, Time, TopicPartition};
use highwater_log::{BatchBuilder, Bytes, HEADER_SIZE, LeaderEpoch, Timestamp};

/// A record in a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct BatchedRecord {
    pub sequence: u64,
    pub timestamp: Timestamp,
    pub payload: Payload,
    size: u32,
}

/// Records of one partition that are sent together and are acknowledged or fail together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProducerBatch {
    pub(super) tp: TopicPartition,
    pub(super) records: Vec<BatchedRecord>,
    /// Bytes, header included.
    size: u32,
    /// Bytes it may grow to; a first record larger than `batch.size` sets it.
    limit: u32,
    pub(super) created: Time,
    /// Times it has failed and gone back into the queue.
    pub(super) attempts: i32,
    last_attempt: Time,
    backoff: Span,
    leader_epoch: LeaderEpoch,
    leader_changed_at_attempt: i32,
    /// Made by splitting one that a broker found too large.
    pub(super) split: bool,
    /// The application asked for it to go now.
    pub(super) flush: bool,
}

impl ProducerBatch {
    pub(super) fn new(tp: TopicPartition, limit: u32, created: Time) -> Self {
        Self {
            tp,
            records: Vec::new(),
            size: HEADER_SIZE,
            limit,
            created,
            attempts: 0,
            last_attempt: created,
            backoff: Span(0),
            leader_epoch: -1,
            leader_changed_at_attempt: -1,
            split: false,
            flush: false,
        }
    }

    /// Which partition.
    pub fn tp(&self) -> TopicPartition {
        self.tp
    }

    /// Keys of its records in order.
    pub fn keys(&self) -> impl Iterator<Item = Option<&Bytes>> {
        self.records.iter().map(|r| r.payload.key.as_ref())
    }

    /// Numbers of its records at this producer.
    pub fn sequences(&self) -> impl Iterator<Item = u64> {
        self.records.iter().map(|r| r.sequence)
    }

    /// Size in bytes, header included.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Records in it.
    pub fn count(&self) -> i32 {
        i32::try_from(self.records.len()).expect("a batch below 2 GiB")
    }

    /// Times it has been sent before without success.
    pub fn attempts(&self) -> i32 {
        self.attempts
    }

    /// When its first record came; `delivery.timeout.ms` counts from here.
    pub fn created(&self) -> Time {
        self.created
    }

    /// Memory it takes of `buffer.memory`.
    pub(super) fn memory(&self) -> u64 {
        u64::from(self.limit.max(self.size))
    }

    fn record_size(&self, timestamp: Timestamp, payload: &Payload) -> u32 {
        let base = self.records.first().map_or(timestamp, |r| r.timestamp);
        payload.size_in_batch(self.count(), timestamp.wrapping_sub(base))
    }

    /// Adds the record if there is room; the first one always has room. Returns the bytes it added.
    pub(super) fn try_append(
        &mut self,
        sequence: u64,
        timestamp: Timestamp,
        payload: &Payload,
    ) -> Option<u32> {
        let size = self.record_size(timestamp, payload);
        if !self.records.is_empty() && self.size + size > self.limit {
            return None;
        }
        let payload = payload.clone();
        self.records.push(BatchedRecord { sequence, timestamp, payload, size });
        self.size += size;
        Some(size)
    }

    /// No further record fits.
    pub fn is_full(&self) -> bool {
        !self.records.is_empty() && self.size >= self.limit
    }

    /// The bytes that go to the broker.
    pub(super) fn build(&self) -> Bytes {
        let mut builder = BatchBuilder::with_capacity(self.size);
        for record in &self.records {
            record.payload.append_to(&mut builder, record.timestamp);
        }
        assert_eq!(builder.size(), self.size, "sizes are computed as they are written");
        builder.build()
    }

    /// Notes the leader epoch known now; a newer one than at the last attempt lifts the back-off (KIP-951).
    pub(super) fn note_leader_epoch(&mut self, epoch: LeaderEpoch) {
        if epoch > self.leader_epoch {
            if self.leader_epoch >= 0 {
                self.leader_changed_at_attempt = self.attempts;
            }
            self.leader_epoch = epoch;
        }
    }

    /// When its back-off ends; `None` when there is none.
    pub fn backoff_until(&self) -> Option<Time> {
        let waits = self.attempts > 0 && self.leader_changed_at_attempt != self.attempts;
        waits.then_some(self.last_attempt + self.backoff)
    }

    /// When `linger` is over: counted from the last attempt, or from its making.
    pub fn linger_until(&self, linger: Span) -> Time {
        self.created.max(self.last_attempt) + linger
    }

    /// It failed and goes back into the queue.
    pub(super) fn retry(&mut self, now: Time, backoff: Span) {
        self.attempts += 1;
        self.last_attempt = now;
        self.backoff = backoff;
    }

    /// Its records in batches of at most `target` bytes, in order.
    pub(super) fn split_into(self, target: u32) -> Vec<ProducerBatch> {
        let mut batches: Vec<ProducerBatch> = Vec::new();
        for record in self.records {
            let BatchedRecord { sequence, timestamp, payload, .. } = record;
            let appended = batches
                .last_mut()
                .is_some_and(|b| b.try_append(sequence, timestamp, &payload).is_some());
            if !appended {
                let mut batch = ProducerBatch::new(self.tp, target, self.created);
                batch.split = true;
                batch.flush = true;
                batch.attempts = self.attempts;
                batch.leader_epoch = self.leader_epoch;
                batch.leader_changed_at_attempt = self.attempts;
                batch.try_append(sequence, timestamp, &payload).expect("the first record has room");
                batches.push(batch);
            }
        }
        batches
    }

    /// Bytes of its largest record alone in a batch.
    pub(super) fn largest_record(&self) -> u32 {
        HEADER_SIZE + self.records.iter().map(|r| r.size).max().unwrap_or(0)
    }
}
