//! Requests under way: sending, giving up, and whom to ask (Kafka: `NetworkClient`,
//! `ConsumerNetworkClient`).

use super::Consumer;
use super::commits::Commit;
use super::validation::Validated;
use crate::{
    BrokerId, Choice, Context, Correlation, MetadataRequest, Name, NodeId, Request, Span, Time,
    Timer, TopicPartition,
};
use highwater_log::Offset;
use highwater_sorted::SortedSet;

/// `reconnect.backoff.ms` and `reconnect.backoff.max.ms`, Kafka's defaults.
const RECONNECT_BACKOFF_MS: i64 = 50;
const BACKOFF_MAX_MS: i64 = 1000;

/// What a request was for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Metadata,
    FindCoordinator,
    Join,
    Sync {
        generation: i32,
    },
    Heartbeat {
        generation: i32,
    },
    Leave,
    Commit(Commit),
    OffsetFetch {
        generation: i32,
    },
    ListOffsets(Vec<TopicPartition>),
    /// Whether these positions are still in the log.
    Validate(Vec<Validated>),
    Fetch(Vec<(TopicPartition, Offset)>),
}

/// A request that is not answered yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct InFlight {
    pub to: BrokerId,
    pub kind: Kind,
}

/// A broker that could not be reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Trouble {
    pub attempts: u32,
    /// No new connection before this moment.
    pub until: Time,
}

/// `base`, doubled with every attempt, at most a second.
pub(super) fn backoff(base_ms: i64, attempts: u32) -> Span {
    let factor = 1i64 << attempts.min(10);
    Span::from_ms(base_ms.saturating_mul(factor).min(BACKOFF_MAX_MS.max(base_ms)))
}

impl Consumer {
    pub(super) fn send(
        &mut self,
        to: BrokerId,
        kind: Kind,
        request: Request,
        timeout_ms: i64,
        ctx: &mut Context<'_>,
    ) -> Correlation {
        self.last_correlation += 1;
        let correlation = self.last_correlation;
        self.in_flight.insert(correlation, InFlight { to, kind });
        ctx.send(NodeId::Broker(to), correlation, request);
        let at = ctx.now + Span::from_ms(timeout_ms);
        ctx.set_timer(Timer::RequestTimeout(correlation), at);
        correlation
    }

    pub(super) fn is_waiting_for(&self, wanted: impl Fn(&Kind) -> bool) -> bool {
        self.in_flight.values().any(|r| wanted(&r.kind))
    }

    /// Takes a request out that was answered.
    pub(super) fn answered(
        &mut self,
        from: NodeId,
        correlation: Correlation,
        ctx: &mut Context<'_>,
    ) -> Option<InFlight> {
        let request = self.in_flight.remove(&correlation)?;
        ctx.cancel_timer(Timer::RequestTimeout(correlation));
        if let Some(broker) = from.broker() {
            self.troubles.remove(&broker);
        }
        Some(request)
    }

    /// The connection broke.
    pub(super) fn disconnected(&mut self, correlation: Correlation, ctx: &mut Context<'_>) {
        let Some(request) = self.in_flight.remove(&correlation) else { return };
        ctx.cancel_timer(Timer::RequestTimeout(correlation));
        self.note_trouble(request.to, ctx);
        self.request_failed(correlation, request, ctx);
    }

    /// No answer in time: the connection is closed, which fails everything sent over it.
    pub(super) fn timed_out(&mut self, correlation: Correlation, ctx: &mut Context<'_>) {
        let Some(to) = self.in_flight.get(&correlation).map(|r| r.to) else { return };
        let same = self.in_flight.iter().filter(|(_, r)| r.to == to);
        let all: Vec<Correlation> = same.map(|(number, _)| *number).collect();
        for number in all {
            self.disconnected(number, ctx);
        }
    }

    fn note_trouble(&mut self, broker: BrokerId, ctx: &Context<'_>) {
        let attempts = self.troubles.get(&broker).map_or(0, |t| t.attempts);
        let until = ctx.now + backoff(RECONNECT_BACKOFF_MS, attempts);
        self.troubles.insert(broker, Trouble { attempts: attempts.saturating_add(1), until });
    }

    pub(super) fn in_trouble(&self, broker: BrokerId, now: Time) -> bool {
        self.troubles.get(&broker).is_some_and(|t| t.until > now)
    }

    /// What follows when a request gets no answer.
    pub(super) fn request_failed(
        &mut self,
        correlation: Correlation,
        request: InFlight,
        ctx: &mut Context<'_>,
    ) {
        let to = request.to;
        match request.kind {
            Kind::Metadata => {
                self.metadata.attempts = self.metadata.attempts.saturating_add(1);
                self.want_metadata(ctx);
            }
            Kind::FindCoordinator => self.back_off_group(ctx),
            Kind::Join => {
                self.coordinator_lost(to);
                if self.join_request == Some(correlation) {
                    self.join_failed();
                }
            }
            Kind::Sync { generation } => {
                self.coordinator_lost(to);
                if self.generation == generation {
                    self.join_failed();
                }
            }
            Kind::Heartbeat { .. } | Kind::OffsetFetch { .. } => self.coordinator_lost(to),
            Kind::Leave => self.left(ctx),
            Kind::Commit(commit) => {
                self.coordinator_lost(to);
                self.commit_failed_for_now(commit, ctx);
            }
            Kind::ListOffsets(partitions) => {
                self.delay_partitions(&partitions, ctx);
                self.want_metadata(ctx);
            }
            Kind::Validate(positions) => {
                let list: Vec<TopicPartition> = positions.iter().map(|v| v.tp).collect();
                self.delay_partitions(&list, ctx);
                self.want_metadata(ctx);
            }
            Kind::Fetch(partitions) => {
                let list: Vec<TopicPartition> = partitions.iter().map(|(tp, _)| *tp).collect();
                self.delay_partitions(&list, ctx);
                self.want_metadata(ctx);
            }
        }
    }

    /// A broker to ask: any known one that could be reached lately.
    pub(super) fn pick_broker(&self, ctx: &mut Context<'_>) -> Option<BrokerId> {
        let all: SortedSet<BrokerId> =
            self.bootstrap.iter().chain(&self.metadata.brokers).copied().collect();
        let mut good: Vec<BrokerId> =
            all.iter().copied().filter(|b| !self.in_trouble(*b, ctx.now)).collect();
        // Brokers the cluster calls alive come before those only the bootstrap list names.
        if good.iter().any(|b| self.metadata.brokers.contains(b)) {
            good.retain(|b| self.metadata.brokers.contains(b));
        }
        let bound = u32::try_from(good.len()).ok().filter(|n| *n > 0)?;
        let index = ctx.chooser.choose(Choice::Bootstrap, bound);
        good.get(usize::try_from(index).ok()?).copied()
    }

    /// Asks for metadata as soon as the back-off allows.
    pub(super) fn want_metadata(&mut self, ctx: &mut Context<'_>) {
        if self.is_waiting_for(|k| *k == Kind::Metadata) {
            self.metadata_wanted_again = true;
            return;
        }
        let wait = backoff(self.config.retry_backoff_ms, self.metadata.attempts);
        let earliest = match self.metadata.updated_at {
            Some(at) => at + wait,
            None if self.metadata.attempts == 0 => ctx.now,
            None => self.metadata_asked_at.map_or(ctx.now, |at| at + wait),
        };
        if earliest > ctx.now {
            ctx.set_timer(Timer::MetadataRefresh, earliest);
        } else {
            self.ask_metadata(ctx);
        }
    }

    pub(super) fn ask_metadata(&mut self, ctx: &mut Context<'_>) {
        if self.is_waiting_for(|k| *k == Kind::Metadata) {
            return;
        }
        self.metadata_wanted_again = false;
        self.metadata_asked_at = Some(ctx.now);
        let Some(broker) = self.pick_broker(ctx) else {
            let wait = backoff(self.config.retry_backoff_ms, self.metadata.attempts);
            return ctx.set_timer(Timer::MetadataRefresh, ctx.now + wait);
        };
        let topics: SortedSet<Name> =
            self.topics.iter().chain(&self.group_topics).cloned().collect();
        let request = MetadataRequest { topics: Some(topics.into_iter().collect()) };
        let timeout_ms = self.config.request_timeout_ms;
        self.send(broker, Kind::Metadata, Request::Metadata(request), timeout_ms, ctx);
    }
}
