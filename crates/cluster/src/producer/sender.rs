//! Requests out, answers in (Kafka: `Sender`).

use super::connections::{Kind, Readiness};
use super::{Acked, InFlight, Producer, ProducerBatch, ProducerRecord, broker_of};
use crate::{
    BrokerId, Choice, Context, Correlation, KafkaError, MetadataRequest, MetadataResponse, Name,
    NodeId, ProducePartition, ProducePartitionResult, ProduceRequest, ProduceResponse, Request,
    Span, Time, Timer, TopicPartition, TraceEvent,
};
use highwater_log::Offset;

/// `reconnect.backoff.ms` and `reconnect.backoff.max.ms`, at Kafka's defaults.
const RECONNECT_BACKOFF_MS: (i64, i64) = (50, 1000);

/// `first` doubled with each attempt, a fifth more or less, at most `most` (Kafka:
/// `ExponentialBackoff`).
fn exponential_backoff(first: i64, most: i64, attempts: i32, ctx: &mut Context<'_>) -> Span {
    let doublings = u32::try_from(attempts.clamp(0, 30)).expect("clamped");
    let term = Span::from_ms(first).0.saturating_mul(1 << doublings);
    let factor = 800 + u64::from(ctx.chooser.choose(Choice::Jitter, 401));
    Span((term.saturating_mul(factor) / 1000).min(Span::from_ms(most).0))
}

impl Producer {
    /// With one request in flight per connection a partition keeps its order: no second batch of it
    /// while one is on the way.
    fn muted(&self) -> Vec<TopicPartition> {
        if self.config.max_in_flight_requests_per_connection > 1 {
            return Vec::new();
        }
        self.connections.in_flight().flat_map(|r| &r.batches).map(|b| b.tp).collect()
    }

    /// Sends what is ready; true when something was sent.
    pub(super) fn send_ready(&mut self, ctx: &mut Context<'_>) -> bool {
        let muted = self.muted();
        let is_muted = |tp| muted.contains(&tp);
        let exhausted = self.blocked.front().is_some_and(|r| self.waits_for_memory(r));
        let linger = self.linger();
        let metadata = &self.metadata;
        let ready = self.accumulator.ready(ctx.now, linger, exhausted, metadata, &is_muted);
        if ready.unknown_leader {
            self.connections.metadata_wanted = true;
        }
        let max_size = u32::try_from(self.config.max_request_size).unwrap_or(0);
        let mut sent = false;
        for broker in ready.brokers {
            let limit = self.config.max_in_flight_requests_per_connection;
            match self.connections.readiness(broker, ctx.now) {
                Readiness::Connected => {}
                Readiness::ConnectNow => {
                    self.connect(broker, ctx);
                    continue;
                }
                Readiness::Wait => continue,
            }
            if self.connections.count_to(broker) >= limit {
                continue;
            }
            let batches =
                self.accumulator.drain(broker, max_size, ctx.now, &self.metadata, &is_muted);
            if !batches.is_empty() {
                self.send_produce(broker, batches, ctx);
                sent = true;
            }
        }
        sent
    }

    /// A `send()` that knows where the record goes can only wait for memory.
    fn waits_for_memory(&self, record: &ProducerRecord) -> bool {
        let topic = self.metadata.topics.get(&record.topic);
        topic.is_some_and(|t| record.partition.is_none_or(|p| (0..t.count()).contains(&p)))
    }

    fn send_produce(&mut self, to: BrokerId, batches: Vec<ProducerBatch>, ctx: &mut Context<'_>) {
        let partitions =
            batches.iter().map(|b| ProducePartition { tp: b.tp, records: b.build() }).collect();
        let timeout_ms = i32::try_from(self.config.request_timeout_ms).unwrap_or(i32::MAX);
        let request = ProduceRequest { acks: self.config.acks, timeout_ms, partitions };
        let correlation = if self.config.acks == 0 {
            // Done as soon as it is on its way: no answer comes.
            for batch in &batches {
                self.counters.unacknowledged += batch.records.len() as u64;
                ctx.trace(TraceEvent::SentWithoutAck { tp: batch.tp, count: batch.count() });
            }
            self.connections.next_correlation()
        } else {
            self.track(InFlight { to, sent_at: ctx.now, kind: Kind::Produce, batches }, ctx)
        };
        ctx.send(NodeId::Broker(to), correlation, Request::Produce(request));
    }

    fn connect(&mut self, to: BrokerId, ctx: &mut Context<'_>) {
        let (kind, batches) = (Kind::Connect, Vec::new());
        let correlation = self.track(InFlight { to, sent_at: ctx.now, kind, batches }, ctx);
        let request = MetadataRequest { topics: Some(Vec::new()) };
        ctx.send(NodeId::Broker(to), correlation, Request::Metadata(request));
    }

    fn track(&mut self, flight: InFlight, ctx: &mut Context<'_>) -> Correlation {
        let correlation = self.connections.add(flight);
        let timeout = Span::from_ms(self.config.request_timeout_ms);
        ctx.set_timer(Timer::RequestTimeout(correlation), ctx.now + timeout);
        correlation
    }

    /// An answer to Produce.
    pub(super) fn produced(
        &mut self,
        from: NodeId,
        correlation: Correlation,
        response: &ProduceResponse,
        ctx: &mut Context<'_>,
    ) {
        let Some(flight) = self.connections.answered(broker_of(from), correlation) else { return };
        ctx.cancel_timer(Timer::RequestTimeout(correlation));
        // From the back, so that batches which go back into a queue keep their order.
        let mut failed = Vec::new();
        for batch in flight.batches {
            match response.partitions.iter().find(|p| p.tp == batch.tp) {
                Some(result) => match result.error {
                    None => self.acknowledge(&batch, result.base_offset, ctx),
                    Some(error) => {
                        self.learn_leader(result);
                        failed.push((batch, error));
                    }
                },
                None => failed.push((batch, KafkaError::UnknownServerError)),
            }
        }
        for (batch, error) in failed {
            self.batch_failed(batch, error, ctx);
        }
    }

    /// The broker that was wrong about itself says who leads (KIP-951).
    fn learn_leader(&mut self, result: &ProducePartitionResult) {
        if let Some((leader, epoch)) = result.current_leader
            && leader >= 0
        {
            self.metadata.update_leader(result.tp, leader, epoch);
        }
    }

    fn acknowledge(&mut self, batch: &ProducerBatch, base_offset: Offset, ctx: &mut Context<'_>) {
        let acks = self.config.acks;
        for (offset, record) in (base_offset..).zip(&batch.records) {
            let (tp, sequence, key) = (batch.tp, record.sequence, record.payload.key.clone());
            self.acked.push(Acked { tp, offset, acks, at: ctx.now, sequence, key });
        }
        self.counters.acknowledged += batch.records.len() as u64;
        let (tp, count) = (batch.tp, batch.count());
        ctx.trace(TraceEvent::Acknowledged { tp, base_offset, count, acks });
    }

    /// Kafka: `Sender.completeBatch` with an error: split, retry or give up.
    fn batch_failed(&mut self, mut batch: ProducerBatch, error: KafkaError, ctx: &mut Context<'_>) {
        self.last_error = Some((error, ctx.now));
        if error == KafkaError::MessageTooLarge && batch.records.len() > 1 {
            self.split(batch);
            return;
        }
        if error.refreshes_metadata() {
            self.connections.metadata_wanted = true;
        }
        let expired = ctx.now >= batch.created + Span::from_ms(self.config.delivery_timeout_ms);
        if !error.retriable() || expired || batch.attempts >= self.config.retries {
            self.give_up(&batch, error, ctx);
            return;
        }
        let backoff = self.backoff(batch.attempts, ctx);
        batch.retry(ctx.now, backoff);
        let (tp, count, attempt) = (batch.tp, batch.count(), batch.attempts);
        self.accumulator.put_back(batch);
        ctx.trace(TraceEvent::SendRetried { tp, count, error, attempt });
    }

    /// Smaller batches in front of the queue; this is not a retry. What came of a split already is
    /// halved, so that it ends even when `batch.size` is more than the broker takes.
    fn split(&mut self, batch: ProducerBatch) {
        let target = match batch.split {
            true => batch.largest_record().max(batch.size() / 2),
            false => u32::try_from(self.config.batch_size).unwrap_or(0),
        };
        for part in batch.split_into(target).into_iter().rev() {
            self.accumulator.put_back(part);
        }
    }

    fn give_up(&mut self, batch: &ProducerBatch, error: KafkaError, ctx: &mut Context<'_>) {
        self.counters.failed += batch.records.len() as u64;
        self.last_error = Some((error, ctx.now));
        let (tp, count) = (batch.tp, batch.count());
        ctx.trace(TraceEvent::SendFailed { tp, count, error });
    }

    /// `retry.backoff.ms` doubled with each attempt, up to `retry.backoff.max.ms` (KIP-580).
    fn backoff(&self, attempts: i32, ctx: &mut Context<'_>) -> Span {
        let (first, most) = (self.config.retry_backoff_ms, self.config.retry_backoff_max_ms);
        exponential_backoff(first, most, attempts, ctx)
    }

    /// Batches older than `delivery.timeout.ms` fail, waiting or in flight.
    pub(super) fn expire(&mut self, ctx: &mut Context<'_>) {
        let age = Span::from_ms(self.config.delivery_timeout_ms);
        let Some(limit) = ctx.now.0.checked_sub(age.0).map(Time) else { return };
        let flying = self.connections.expired(limit);
        let waiting = self.accumulator.expired(limit);
        for batch in flying.iter().chain(&waiting) {
            self.give_up(batch, KafkaError::RequestTimedOut, ctx);
        }
    }

    /// No answer in time: the connection is given up with all its requests.
    pub(super) fn request_timed_out(&mut self, correlation: Correlation, ctx: &mut Context<'_>) {
        if let Some(broker) = self.connections.broker_of(correlation) {
            self.drop_connection(broker, KafkaError::RequestTimedOut, ctx);
        }
    }

    /// The connection broke.
    pub(super) fn disconnected(
        &mut self,
        peer: NodeId,
        correlation: Correlation,
        ctx: &mut Context<'_>,
    ) {
        let broker = broker_of(peer);
        if self.connections.broker_of(correlation).is_some() {
            self.drop_connection(broker, KafkaError::NetworkException, ctx);
        } else if self.connections.is_connected(broker) {
            // A send without acknowledgement that was lost or that the broker refused: all that is
            // heard of it is that the connection is gone, and with it what else was on the way.
            self.drop_connection(broker, KafkaError::NetworkException, ctx);
        }
    }

    fn drop_connection(&mut self, broker: BrokerId, error: KafkaError, ctx: &mut Context<'_>) {
        self.connections.metadata_wanted = true;
        self.last_error = Some((error, ctx.now));
        let attempts = self.connections.disconnected(broker);
        let (first, most) = RECONNECT_BACKOFF_MS;
        let backoff = exponential_backoff(first, most, attempts, ctx);
        self.connections.reconnect_not_before(broker, ctx.now + backoff);
        let mut batches = Vec::new();
        for correlation in self.connections.requests_to(broker) {
            ctx.cancel_timer(Timer::RequestTimeout(correlation));
            let Some(flight) = self.connections.take(correlation) else { continue };
            if flight.kind == Kind::Metadata {
                self.metadata_failed(ctx);
            }
            batches.extend(flight.batches);
        }
        // Each goes in front of its queue: the youngest first.
        for batch in batches.into_iter().rev() {
            self.batch_failed(batch, error, ctx);
        }
    }

    fn metadata_failed(&mut self, ctx: &mut Context<'_>) {
        let backoff = self.backoff(self.connections.metadata_attempts, ctx);
        self.connections.metadata_attempts += 1;
        self.connections.metadata_not_before = ctx.now + backoff.max(Span(1000));
        self.connections.metadata_wanted = true;
    }

    /// An answer to Metadata.
    pub(super) fn metadata_answered(
        &mut self,
        from: NodeId,
        correlation: Correlation,
        response: &MetadataResponse,
        ctx: &mut Context<'_>,
    ) {
        let Some(flight) = self.connections.answered(broker_of(from), correlation) else { return };
        ctx.cancel_timer(Timer::RequestTimeout(correlation));
        if flight.kind != Kind::Metadata {
            return;
        }
        let again = self.metadata.update(response);
        let answered = |name: &Name| response.topics.iter().any(|t| t.name == *name);
        if again {
            self.metadata_failed(ctx);
        } else {
            // What was wanted since the request went out is still wanted.
            self.connections.metadata_attempts = 0;
            let backoff = self.backoff(0, ctx);
            self.connections.metadata_not_before = ctx.now + backoff.max(Span(1000));
        }
        if !self.topics.iter().all(answered) {
            // A topic that came up since then: no back-off for it.
            self.connections.want_metadata_now();
        }
        let age = Span::from_ms(self.config.metadata_max_age_ms);
        self.set_metadata_timer(ctx.now + age, ctx);
    }

    /// Asks for metadata when it is wanted and allowed, or sets the timer for when it will be.
    pub(super) fn request_metadata_if_due(&mut self, ctx: &mut Context<'_>) {
        if !self.connections.metadata_wanted || self.connections.metadata_in_flight() {
            return;
        }
        let not_before = self.connections.metadata_not_before;
        if ctx.now < not_before {
            self.set_metadata_timer(not_before, ctx);
            return;
        }
        let Some(to) = self.connections.least_loaded(&self.metadata, ctx.chooser) else { return };
        self.connections.metadata_wanted = false;
        let topics = Some(self.topics.iter().cloned().collect());
        let (kind, batches) = (Kind::Metadata, Vec::new());
        let correlation = self.track(InFlight { to, sent_at: ctx.now, kind, batches }, ctx);
        ctx.send(NodeId::Broker(to), correlation, Request::Metadata(MetadataRequest { topics }));
    }

    fn set_metadata_timer(&mut self, at: Time, ctx: &mut Context<'_>) {
        if self.connections.metadata_timer != Some(at) {
            self.connections.metadata_timer = Some(at);
            ctx.set_timer(Timer::MetadataRefresh, at);
        }
    }
}
