//! Sending fetches to leaders, backing off, and which partition belongs to which fetcher
//! (Kafka: `AbstractFetcherManager`, `AbstractFetcherThread.doWork`).

use super::core::Core;
use super::fetcher::{FetchPhase, FetchState, Fetcher, InFlightFetch};
use super::partition::Partition;
use crate::{
    Body, BrokerId, Context, Correlation, Effect, FetchPartition, FetchRequest, NodeId, Request,
    Span, Time, Timer, TopicPartition,
};
use std::sync::Arc;

impl Core {
    /// Begins replication of a partition from its leader, from where its log ends.
    pub(super) fn add_to_fetcher(&mut self, tp: TopicPartition, leader: BrokerId) {
        let Some(partition) = self.partitions.get(&tp) else { return };
        let state = partition.initial_fetch_state();
        let fetcher = self.fetchers.entry(leader).or_insert_with(|| Fetcher::new(leader));
        fetcher.partitions.insert(tp, state);
        fetcher.changed();
    }

    /// Ends replication of a partition. Its fetcher stays for now: when the partition is added to it again, the next
    /// fetch waits for the answer under way, as Kafka's fetcher thread does.
    pub(super) fn remove_from_fetchers(&mut self, tp: TopicPartition) {
        for fetcher in self.fetchers.values_mut() {
            if fetcher.partitions.remove(&tp).is_some() {
                fetcher.changed();
            }
        }
    }

    /// Ends fetchers with nothing left to fetch; an answer to one is dropped.
    pub(super) fn drop_idle_fetchers(&mut self, ctx: &mut Context<'_>) {
        self.fetchers.retain(|leader, fetcher| {
            let keep = !fetcher.partitions.is_empty();
            if !keep {
                ctx.cancel_timer(Timer::FetchBackoff(*leader));
            }
            keep
        });
    }

    pub(super) fn run_fetchers(&mut self, ctx: &mut Context<'_>) {
        let leaders: Vec<BrokerId> = self.fetchers.keys().copied().collect();
        for leader in leaders {
            self.run_fetcher(leader, ctx);
        }
    }

    /// Sends the next Fetch if none is under way and something may be asked for.
    pub(super) fn run_fetcher(&mut self, leader: BrokerId, ctx: &mut Context<'_>) {
        let correlation = self.next_correlation();
        let (config, replica_epoch, id) =
            (self.config.clone(), self.lifecycle.broker_epoch, self.id);
        let Some(fetcher) = self.fetchers.get_mut(&leader) else { return };
        if fetcher.in_flight.is_some() {
            return;
        }
        let delayed = fetcher.next_ready();
        if delayed.is_some_and(|at| at <= ctx.now) {
            fetcher.end_delays(ctx.now);
        }
        let request = match &fetcher.last_request {
            Some(request) => request.clone(),
            None => {
                let partitions = self.fetch_items(leader, config.replica_fetch_max_bytes, ctx.now);
                Arc::new(Request::Fetch(FetchRequest {
                    replica_id: id,
                    replica_epoch,
                    max_wait_ms: config.replica_fetch_wait_max_ms,
                    min_bytes: config.replica_fetch_min_bytes,
                    max_bytes: config.replica_fetch_response_max_bytes,
                    isolation_level: 0,
                    partitions,
                }))
            }
        };
        let Some(fetcher) = self.fetchers.get_mut(&leader) else { return };
        let Request::Fetch(fetch) = &*request else { return };
        if !fetch.partitions.is_empty() {
            fetcher.last_request = Some(request.clone());
            fetcher.in_flight =
                Some(InFlightFetch { correlation, sent_at: ctx.now, request: request.clone() });
            let to = NodeId::Broker(leader);
            ctx.out.push(Effect::Send { to, correlation, body: Body::Request(request) });
        }
        let timeout = Span::from_ms(config.request_timeout_ms);
        fetcher.set_timer(ctx, timeout);
    }

    fn fetch_items(
        &self,
        leader: BrokerId,
        partition_max_bytes: i32,
        now: Time,
    ) -> Vec<FetchPartition> {
        let Some(fetcher) = self.fetchers.get(&leader) else { return Vec::new() };
        let ready = fetcher.partitions.iter().filter(|(_, state)| Fetcher::ready(state, now));
        let item = |(tp, state): (&TopicPartition, &FetchState)| FetchPartition {
            tp: *tp,
            current_leader_epoch: state.current_leader_epoch,
            fetch_offset: state.fetch_offset,
            last_fetched_epoch: state.last_fetched_epoch,
            log_start_offset: self.partitions.get(tp).map_or(0, |p| p.log.log_start_offset()),
            partition_max_bytes,
        };
        ready.map(item).collect()
    }

    /// A fetcher's timer went off: a back-off is over, or an answer is overdue.
    pub(super) fn fetcher_due(&mut self, leader: BrokerId, ctx: &mut Context<'_>) {
        let timeout = Span::from_ms(self.config.request_timeout_ms);
        let backoff = Span::from_ms(self.config.replica_fetch_backoff_ms);
        let Some(fetcher) = self.fetchers.get_mut(&leader) else { return };
        fetcher.timer_at = None;
        if fetcher.in_flight.as_ref().is_some_and(|f| ctx.now.since(f.sent_at) >= timeout) {
            fetcher.in_flight = None;
            fetcher.delay_all(ctx.now + backoff);
        }
        if fetcher.in_flight.is_some() {
            fetcher.set_timer(ctx, timeout);
        } else {
            self.run_fetcher(leader, ctx);
        }
    }

    /// The connection to a leader broke while a request of a fetcher was under way.
    pub(super) fn fetch_failed(
        &mut self,
        leader: BrokerId,
        correlation: Correlation,
        ctx: &mut Context<'_>,
    ) {
        let until = ctx.now + Span::from_ms(self.config.replica_fetch_backoff_ms);
        let Some(fetcher) = self.fetchers.get_mut(&leader) else { return };
        let asked = |phase| matches!(phase, FetchPhase::AskingLatest(c) | FetchPhase::AskingEarliest(c) if c == correlation);
        let fetch_is_lost =
            fetcher.in_flight.as_ref().is_some_and(|f| f.correlation == correlation);
        let state = fetcher.partitions.values_mut().find(|s| asked(s.phase));
        if fetch_is_lost {
            fetcher.in_flight = None;
            fetcher.delay_all(until);
        } else if let Some(state) = state {
            state.phase = FetchPhase::Fetching;
            state.delayed_until = Some(until);
            fetcher.changed();
        }
        self.run_fetcher(leader, ctx);
    }
}

impl Partition {
    fn initial_fetch_state(&self) -> FetchState {
        let latest = self.log.latest_epoch();
        FetchState {
            fetch_offset: match latest {
                Some(_) => self.log.log_end_offset(),
                None => self.log.high_watermark(),
            },
            current_leader_epoch: self.leader_epoch,
            last_fetched_epoch: latest.unwrap_or(-1),
            delayed_until: None,
            phase: FetchPhase::Fetching,
        }
    }
}

impl Fetcher {
    /// Nothing is asked for before `until`.
    fn delay_all(&mut self, until: Time) {
        for state in self.partitions.values_mut().filter(|s| s.phase == FetchPhase::Fetching) {
            state.delayed_until = Some(until);
        }
        self.changed();
    }

    fn end_delays(&mut self, now: Time) {
        for state in self.partitions.values_mut() {
            if state.phase != FetchPhase::Failed && state.delayed_until.is_some_and(|at| at <= now)
            {
                // An offset question without an answer in time is given up as well.
                state.phase = FetchPhase::Fetching;
                state.delayed_until = None;
            }
        }
        self.changed();
    }

    /// Sees to it that the timer goes off: while a fetch is under way, when it can be seen to be overdue; else at
    /// the next end of a back-off. Moved only when it would go off too late: a timer
    /// that goes off early costs one look, moving it with every fetch would cost more.
    fn set_timer(&mut self, ctx: &mut Context<'_>, timeout: Span) {
        let wanted = match &self.in_flight {
            Some(in_flight) => Some(in_flight.sent_at + timeout),
            None => self.next_ready(),
        };
        let Some(at) = wanted else { return };
        let at = at.max(ctx.now + Span(1));
        if self.timer_at.is_none_or(|set| set > at) {
            self.timer_at = Some(at);
            ctx.set_timer(Timer::FetchBackoff(self.leader), at);
        }
    }
}
