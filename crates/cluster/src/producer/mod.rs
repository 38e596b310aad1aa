//! The producer (Kafka: `KafkaProducer`, `RecordAccumulator`, `Sender`; not idempotent in this version).
//!
//! The application's records go into batches by partition; the sender gives each broker one request
//! with at most one batch per partition, and takes batches back in front of their queue when a retry
//! may help.

mod accumulator;
mod acked;
mod batch;
mod connections;
mod metadata;
mod partitioner;
mod record;
mod sender;
#[cfg(test)]
mod tests;
mod workload;

pub use acked::{Acked, AckedList};
pub use batch::ProducerBatch;

use crate::{
    Actor, Body, BrokerId, Command, Context, Input, KafkaError, Name, NodeId, ProducerConfig,
    Response, Span, Time, Timer, TopicPartition, TraceEvent, Workload,
};
use accumulator::Accumulator;
use connections::{Connections, InFlight};
use highwater_sorted::SortedSet;
use metadata::ClientMetadata;
use partitioner::Partitioner;
use record::{Payload, ProducerRecord};
use std::collections::VecDeque;

/// Records counted by how they ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ProducerCounters {
    /// Given to `send()`.
    pub sent: u64,
    /// Acknowledged (acks 1 or all).
    pub acknowledged: u64,
    /// Given up.
    pub failed: u64,
    /// Handed to the network with acks=0.
    pub unacknowledged: u64,
}

/// A producer's state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Producer {
    number: u32,
    config: ProducerConfig,
    workload: Workload,
    /// Keys taken in turn so far.
    keys_taken: u32,
    /// A record of the workload was due while `send()` waited.
    workload_waits: bool,
    /// `send()` calls that wait for metadata or memory; the application stands still meanwhile.
    blocked: VecDeque<ProducerRecord>,
    topics: SortedSet<Name>,
    metadata: ClientMetadata,
    connections: Connections,
    partitioner: Partitioner,
    accumulator: Accumulator,
    counters: ProducerCounters,
    acked: AckedList,
    last_error: Option<(KafkaError, Time)>,
    delivery_timer: Option<Time>,
    backoff_timer: Option<Time>,
}

impl Producer {
    /// Producer number `number` (1 = p1); `brokers` are its `bootstrap.servers`.
    pub fn new(
        number: u32,
        config: ProducerConfig,
        workload: Workload,
        brokers: Vec<BrokerId>,
    ) -> Self {
        Self {
            number,
            config,
            workload,
            keys_taken: 0,
            workload_waits: false,
            blocked: VecDeque::new(),
            topics: SortedSet::new(),
            metadata: ClientMetadata::default(),
            connections: Connections::new(brokers),
            partitioner: Partitioner::default(),
            accumulator: Accumulator::default(),
            counters: ProducerCounters::default(),
            acked: AckedList::default(),
            last_error: None,
            delivery_timer: None,
            backoff_timer: None,
        }
    }

    /// Its number.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Its settings.
    pub fn config(&self) -> &ProducerConfig {
        &self.config
    }

    /// What it does by itself.
    pub fn workload(&self) -> &Workload {
        &self.workload
    }

    /// Records by how they ended.
    pub fn counters(&self) -> ProducerCounters {
        self.counters
    }

    /// What was acknowledged to it.
    pub fn acked(&self) -> &AckedList {
        &self.acked
    }

    /// The last error it met and when.
    pub fn last_error(&self) -> Option<(KafkaError, Time)> {
        self.last_error
    }

    /// Batches that wait to be sent, by partition, oldest first.
    pub fn waiting(&self) -> impl Iterator<Item = &ProducerBatch> {
        self.accumulator.batches()
    }

    /// Batches sent and not answered: the broker, when it was sent, the batch.
    pub fn in_flight(&self) -> impl Iterator<Item = (BrokerId, Time, &ProducerBatch)> {
        self.connections
            .in_flight()
            .flat_map(|f| f.batches.iter().map(move |b| (f.to, f.sent_at, b)))
    }

    /// `send()` calls that wait for metadata or memory: topic and since when.
    pub fn blocked(&self) -> impl Iterator<Item = (&Name, Time)> {
        self.blocked.iter().map(|r| (&r.topic, r.since))
    }

    /// Bytes of `buffer.memory` in use.
    pub fn memory_in_use(&self) -> u64 {
        self.accumulator.memory() + self.connections.memory()
    }

    /// Leader of a partition as this producer believes: broker and epoch.
    pub fn known_leader(&self, tp: TopicPartition) -> Option<(BrokerId, i32)> {
        self.metadata.leader(tp).map(|k| (k.leader, k.epoch))
    }

    /// The partition that records without a key go to at present.
    pub fn sticky_partition(&self, topic: &str) -> Option<i32> {
        self.partitioner.sticky_partition(topic)
    }

    fn linger(&self) -> Span {
        Span::from_ms(self.config.linger_ms)
    }

    /// `send()`.
    fn send(&mut self, topic: Name, partition: Option<i32>, payload: Payload, now: Time) {
        let sequence = self.counters.sent;
        self.counters.sent += 1;
        if self.topics.insert(topic.clone()) {
            self.connections.want_metadata_now();
        }
        self.blocked.push_back(ProducerRecord { topic, partition, payload, sequence, since: now });
    }

    /// A record that never got into a batch.
    fn refuse(&mut self, record: &ProducerRecord, error: KafkaError, ctx: &mut Context<'_>) {
        self.counters.failed += 1;
        self.last_error = Some((error, ctx.now));
        ctx.trace(TraceEvent::RecordRefused { topic: record.topic.clone(), error });
    }

    /// Lets waiting `send()` calls go on, in order; true when one got through.
    fn unblock(&mut self, ctx: &mut Context<'_>) -> bool {
        let limit = Span::from_ms(self.config.max_block_ms);
        let mut any = false;
        while let Some(record) = self.blocked.pop_front() {
            let refused = self.metadata.refused.get(&record.topic).copied();
            if let Some(error) = self.too_large(&record).or(refused) {
                self.refuse(&record, error, ctx);
            } else if self.append(&record, ctx) {
                any = true;
            } else if ctx.now >= record.since + limit {
                self.refuse(&record, KafkaError::RequestTimedOut, ctx);
            } else {
                self.blocked.push_front(record);
                break;
            }
        }
        any
    }

    /// Kafka: `RecordTooLargeException` before anything is sent.
    fn too_large(&self, record: &ProducerRecord) -> Option<KafkaError> {
        let size = i64::from(record.payload.batch_size_upper_bound());
        let too_large =
            size > i64::from(self.config.max_request_size) || size > self.config.buffer_memory;
        too_large.then_some(KafkaError::MessageTooLarge)
    }

    /// Puts the record into a batch; false when metadata or memory is missing.
    fn append(&mut self, record: &ProducerRecord, ctx: &mut Context<'_>) -> bool {
        let Some(topic) = self.metadata.topics.get(&record.topic) else { return false };
        if record.partition.is_some_and(|p| !(0..topic.count()).contains(&p)) {
            return false;
        }
        let (partition, sticky) =
            self.partitioner.partition(record, topic, &self.config, ctx.chooser);
        let tp = TopicPartition::new(topic.id, partition);
        let (sequence, payload) = (record.sequence, &record.payload);
        let timestamp = ctx.now.wall_ms();
        let appended = match self.accumulator.append_to_open(tp, sequence, timestamp, payload) {
            Some(appended) => appended,
            None => {
                let memory = u64::from(Accumulator::memory_for(payload, &self.config));
                let limit = u64::try_from(self.config.buffer_memory).unwrap_or(0);
                // A batch alone may be larger than what is left for it, as nothing else would free more.
                if self.memory_in_use() > 0 && self.memory_in_use() + memory > limit {
                    return false;
                }
                let config = &self.config;
                self.accumulator.append_to_new(tp, sequence, timestamp, payload, config, ctx.now)
            }
        };
        if sticky {
            let (bytes, full) = (appended.bytes, appended.all_full);
            self.partitioner.produced(&record.topic, topic, bytes, full, &self.config, ctx.chooser);
        }
        if appended.opened && self.config.linger_ms > 0 {
            ctx.set_timer(Timer::Linger(tp), ctx.now + self.linger());
        }
        let topic = record.topic.clone();
        ctx.trace(TraceEvent::RecordSent { topic, partition, sequence });
        true
    }

    /// Everything that can go on now does: `send()` calls, expiry, requests, metadata, timers.
    fn run(&mut self, ctx: &mut Context<'_>) {
        loop {
            self.unblock(ctx);
            self.expire(ctx);
            // Each round is one request per broker; with acks=0 it frees memory for a blocked send().
            if !self.send_ready(ctx) {
                break;
            }
        }
        self.request_metadata_if_due(ctx);
        self.set_timers(ctx);
        self.resume_workload(ctx);
    }

    fn set_timers(&mut self, ctx: &mut Context<'_>) {
        let delivery = Span::from_ms(self.config.delivery_timeout_ms);
        let block = Span::from_ms(self.config.max_block_ms);
        let waiting = self.accumulator.oldest_in_front().map(|created| created + delivery);
        let flying = self.connections.in_flight().flat_map(|f| &f.batches);
        let flying = flying.map(|b| b.created + delivery);
        let blocked = self.blocked.front().map(|r| r.since + block);
        let next = waiting.into_iter().chain(flying).chain(blocked).min();
        if self.delivery_timer != next {
            self.delivery_timer = next;
            set_or_cancel(Timer::DeliveryTimeout, next, ctx);
        }
        let retry = self.accumulator.next_retry(ctx.now, self.linger());
        let next = retry.into_iter().chain(self.connections.next_reconnect(ctx.now)).min();
        if self.backoff_timer != next {
            self.backoff_timer = next;
            set_or_cancel(Timer::RetryBackoff, next, ctx);
        }
    }

    fn command(&mut self, command: Command, ctx: &mut Context<'_>) {
        match command {
            Command::Send { topic, partition, key, value, headers } => {
                self.send(topic, partition, Payload { key, value, headers }, ctx.now);
            }
            Command::Flush => {
                self.unblock(ctx);
                self.accumulator.flush();
            }
            Command::SetWorkload(workload) => self.set_workload(workload, ctx),
            _ => {}
        }
    }

    fn timer(&mut self, timer: Timer, ctx: &mut Context<'_>) {
        match timer {
            Timer::NextRecord => self.next_record(ctx),
            Timer::RequestTimeout(correlation) => self.request_timed_out(correlation, ctx),
            Timer::MetadataRefresh => self.connections.metadata_timer_fired(),
            Timer::DeliveryTimeout => self.delivery_timer = None,
            Timer::RetryBackoff => self.backoff_timer = None,
            _ => {}
        }
    }
}

fn set_or_cancel(timer: Timer, at: Option<Time>, ctx: &mut Context<'_>) {
    match at {
        Some(at) => ctx.set_timer(timer, at),
        None => ctx.cancel_timer(timer),
    }
}

impl Actor for Producer {
    fn handle(&mut self, input: Input, ctx: &mut Context<'_>) {
        match input {
            Input::Start => self.start(ctx),
            Input::Message(message) => {
                if let Body::Response(response) = &message.body {
                    let from = message.from;
                    match &**response {
                        Response::Produce(r) => self.produced(from, message.correlation, r, ctx),
                        Response::Metadata(r) => {
                            self.metadata_answered(from, message.correlation, r, ctx);
                        }
                        _ => {}
                    }
                }
            }
            Input::Timer(timer) => self.timer(timer, ctx),
            Input::Disconnected { peer, correlation } => self.disconnected(peer, correlation, ctx),
            Input::Command(command) => self.command(command, ctx),
        }
        self.run(ctx);
    }
}

/// The broker behind a node; the producer talks to brokers only.
fn broker_of(node: NodeId) -> BrokerId {
    node.broker().unwrap_or(-1)
}
