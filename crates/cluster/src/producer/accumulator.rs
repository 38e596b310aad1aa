//! Batches that wait, by partition (Kafka: `RecordAccumulator`).

use super::batch::ProducerBatch;
use super::record::Payload;
use crate::{BrokerId, ProducerConfig, Span, Time, TopicPartition};
use highwater_log::Timestamp;
use highwater_sorted::SortedMap;
use std::collections::VecDeque;

use super::metadata::ClientMetadata;

/// Queues of batches; the last one of each takes records.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Accumulator {
    queues: SortedMap<TopicPartition, VecDeque<ProducerBatch>>,
    /// Where the next round over a broker's partitions begins.
    drain_index: SortedMap<BrokerId, u32>,
}

/// What came of an append.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Appended {
    /// Bytes added, the header of a new batch included.
    pub bytes: u32,
    /// No batch of the partition is incomplete.
    pub all_full: bool,
    /// A batch was opened for the record.
    pub opened: bool,
}

/// What the queues say about sending now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Ready {
    /// Brokers with something to send.
    pub brokers: Vec<BrokerId>,
    /// Some partition has batches and no known leader.
    pub unknown_leader: bool,
}

impl Accumulator {
    /// All waiting batches, by partition and age.
    pub fn batches(&self) -> impl Iterator<Item = &ProducerBatch> {
        self.queues.values().flatten()
    }

    /// Memory taken by waiting batches.
    pub fn memory(&self) -> u64 {
        self.batches().map(ProducerBatch::memory).sum()
    }

    /// Memory that a new batch for this record would take.
    pub fn memory_for(payload: &Payload, config: &ProducerConfig) -> u32 {
        u32::try_from(config.batch_size).unwrap_or(0).max(payload.batch_size_upper_bound())
    }

    /// Whether the record fits into the open batch of its partition.
    pub fn append_to_open(
        &mut self,
        tp: TopicPartition,
        sequence: u64,
        timestamp: Timestamp,
        payload: &Payload,
    ) -> Option<Appended> {
        let batch = self.queues.get_mut(&tp)?.back_mut()?;
        if batch.attempts > 0 || batch.split {
            // It was closed when it was sent.
            return None;
        }
        let bytes = batch.try_append(sequence, timestamp, payload)?;
        Some(Appended { bytes, all_full: batch.is_full(), opened: false })
    }

    /// Opens a batch with the record in it.
    pub fn append_to_new(
        &mut self,
        tp: TopicPartition,
        sequence: u64,
        timestamp: Timestamp,
        payload: &Payload,
        config: &ProducerConfig,
        now: Time,
    ) -> Appended {
        let mut batch = ProducerBatch::new(tp, Self::memory_for(payload, config), now);
        batch.try_append(sequence, timestamp, payload).expect("the first record has room");
        let appended = Appended { bytes: batch.size(), all_full: batch.is_full(), opened: true };
        self.queues.entry(tp).or_default().push_back(batch);
        appended
    }

    /// Puts a batch that failed back in front.
    pub fn put_back(&mut self, batch: ProducerBatch) {
        self.queues.entry(batch.tp).or_default().push_front(batch);
    }

    /// Closes what is there: it goes at once.
    pub fn flush(&mut self) {
        for batch in self.queues.values_mut().flatten() {
            batch.flush = true;
        }
    }

    /// Kafka: `RecordAccumulator.ready`. `exhausted` = somebody waits for memory.
    pub fn ready(
        &mut self,
        now: Time,
        linger: Span,
        exhausted: bool,
        metadata: &ClientMetadata,
        muted: &dyn Fn(TopicPartition) -> bool,
    ) -> Ready {
        let mut ready = Ready::default();
        for (tp, queue) in &mut self.queues {
            let more = queue.len() > 1;
            let Some(first) = queue.front_mut() else { continue };
            let Some(known) = metadata.leader(*tp) else {
                ready.unknown_leader = true;
                continue;
            };
            first.note_leader_epoch(known.epoch);
            if ready.brokers.contains(&known.leader) || muted(*tp) {
                continue;
            }
            let backing_off = first.backoff_until().is_some_and(|until| now < until);
            let sendable = more
                || first.is_full()
                || first.flush
                || exhausted
                || now >= first.linger_until(linger);
            if sendable && !backing_off {
                ready.brokers.push(known.leader);
            }
        }
        ready
    }

    /// Kafka: `RecordAccumulator.drainBatchesForOneNode`: at most one batch per partition, at least one
    /// in all, no more than `max_size` bytes. Partitions take turns in being first.
    pub fn drain(
        &mut self,
        broker: BrokerId,
        max_size: u32,
        now: Time,
        metadata: &ClientMetadata,
        muted: &dyn Fn(TopicPartition) -> bool,
    ) -> Vec<ProducerBatch> {
        let partitions = metadata.led_by(broker);
        let Ok(count @ 1..) = u32::try_from(partitions.len()) else { return Vec::new() };
        let start = self.drain_index.get(&broker).copied().unwrap_or(0) % count;
        let mut drained: Vec<ProducerBatch> = Vec::new();
        let mut size = 0u32;
        for step in 0..count {
            let index = (start + step) % count;
            self.drain_index.insert(broker, index);
            let tp = partitions[index as usize];
            let Some(queue) = self.queues.get_mut(&tp) else { continue };
            let Some(first) = queue.front_mut() else { continue };
            if muted(tp) || first.backoff_until().is_some_and(|until| now < until) {
                continue;
            }
            if !drained.is_empty() && size.saturating_add(first.size()) > max_size {
                break;
            }
            size = size.saturating_add(first.size());
            drained.extend(queue.pop_front());
        }
        self.queues.retain(|_, queue| !queue.is_empty());
        drained
    }

    /// When the first batch in front of a queue was made: only those in front expire, so that one that went
    /// back behind a younger one waits for it (Kafka: `RecordAccumulator.expiredBatches`).
    pub fn oldest_in_front(&self) -> Option<Time> {
        self.queues.values().filter_map(|q| q.front()).map(|b| b.created).min()
    }

    /// Takes out the batches made at or before `limit`, from the front of each queue.
    pub fn expired(&mut self, limit: Time) -> Vec<ProducerBatch> {
        let mut expired = Vec::new();
        for queue in self.queues.values_mut() {
            while queue.front().is_some_and(|b| b.created <= limit) {
                expired.extend(queue.pop_front());
            }
        }
        self.queues.retain(|_, queue| !queue.is_empty());
        expired
    }

    /// The next moment at which a batch that failed may go again: its back-off ends, or its linger.
    pub fn next_retry(&self, now: Time, linger: Span) -> Option<Time> {
        let firsts = self.queues.values().filter_map(|q| q.front()).filter(|b| b.attempts > 0);
        firsts
            .flat_map(|b| [b.backoff_until(), Some(b.linger_until(linger))])
            .flatten()
            .filter(|at| *at > now)
            .min()
    }
}
