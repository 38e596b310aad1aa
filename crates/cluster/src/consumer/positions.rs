//! Partitions in the member's hands and where it reads them (Kafka: `SubscriptionState`,
//! `OffsetFetcher`).

use super::Consumer;
use super::requests::Kind;
use crate::{
    AutoOffsetReset, BrokerId, Context, KafkaError, ListOffsetsRequest, ListOffsetsResponse, Name,
    OffsetFetchRequest, OffsetFetchResponse, Request, Span, Time, Timer, TopicPartition,
    TraceEvent,
};
use highwater_log::{LeaderEpoch, Offset};
use highwater_sorted::SortedMap;

/// ListOffsets asks for these by number.
const LATEST: i64 = -1;
const EARLIEST: i64 = -2;

/// Next offset to read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Position {
    /// The committed offset has to be asked for.
    Unknown,
    /// `auto.offset.reset` decides.
    ToReset,
    /// Known; with the epoch of the record before it (-1 = unknown).
    At(Offset, LeaderEpoch),
    /// The same, but the leader has changed: not fetched before the new one has been asked whether its log has it.
    ToValidate(Offset, LeaderEpoch),
}

/// An owned partition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Owned {
    pub position: Position,
    pub committed: Option<Offset>,
    /// As the last fetch response told.
    pub high_watermark: Option<Offset>,
    pub log_start_offset: Option<Offset>,
    /// Not asked before this moment.
    pub retry_at: Option<Time>,
    /// Grows with every fetch that brought records, so that partitions take turns.
    pub turn: u64,
    /// The leader and epoch in which the position was found good; `None` = never.
    pub leader: Option<(BrokerId, LeaderEpoch)>,
}

impl Owned {
    fn new() -> Self {
        Self {
            position: Position::Unknown,
            committed: None,
            high_watermark: None,
            log_start_offset: None,
            retry_at: None,
            turn: 0,
            leader: None,
        }
    }
}

impl Consumer {
    /// Owns these and only these. What was known of them is forgotten: eager protocol.
    pub(super) fn own(&mut self, partitions: &[TopicPartition]) {
        self.owned = partitions.iter().map(|tp| (*tp, Owned::new())).collect();
        self.fetched.clear();
    }

    /// Positions that are known, with their epochs: what a commit of everything consumed contains.
    pub(super) fn consumed(&self) -> Vec<(TopicPartition, Offset, LeaderEpoch)> {
        let known = |(tp, owned): (&TopicPartition, &Owned)| match owned.position {
            Position::At(offset, epoch) => Some((*tp, offset, epoch)),
            _ => None,
        };
        self.owned.iter().filter_map(known).collect()
    }

    /// One step towards a position for every partition.
    pub(super) fn update_positions(
        &mut self,
        coordinator: Option<BrokerId>,
        ctx: &mut Context<'_>,
    ) {
        let unknown: Vec<TopicPartition> = self.at(Position::Unknown).collect();
        // What an earlier generation asked for is not waited for (Kafka: PendingCommittedOffsetRequest.sameRequest).
        let now = self.generation;
        let asked = self.is_waiting_for(
            |k| matches!(k, Kind::OffsetFetch { generation } if *generation == now),
        );
        if let (false, false, Some(to)) = (unknown.is_empty(), asked, coordinator)
            && self.group_retry_at.is_none()
        {
            let generation = self.generation;
            let request = OffsetFetchRequest { group: self.group.clone(), partitions: unknown };
            let timeout_ms = self.config.request_timeout_ms;
            let request = Request::OffsetFetch(request);
            self.send(to, Kind::OffsetFetch { generation }, request, timeout_ms, ctx);
        }
        self.reset_positions(ctx);
        self.validate_positions(ctx);
    }

    fn at(&self, position: Position) -> impl Iterator<Item = TopicPartition> + '_ {
        self.owned.iter().filter(move |(_, o)| o.position == position).map(|(tp, _)| *tp)
    }

    pub(super) fn committed_came(
        &mut self,
        generation: i32,
        from: BrokerId,
        response: &OffsetFetchResponse,
        ctx: &mut Context<'_>,
    ) {
        match response.error {
            Some(KafkaError::NotCoordinator | KafkaError::CoordinatorNotAvailable) => {
                self.coordinator_lost(from);
                return;
            }
            Some(error) if error.retriable() => return self.back_off_group(ctx),
            Some(error) => return self.fail(format!("OffsetFetch was refused with {error}"), ctx),
            None => {}
        }
        if generation != self.generation {
            return;
        }
        self.group_attempts = 0;
        for (tp, offset, leader_epoch) in &response.offsets {
            let Some(owned) = self.owned.get_mut(tp) else { continue };
            if *offset >= 0 {
                owned.committed = Some(*offset);
            }
            if owned.position != Position::Unknown {
                continue;
            }
            if *offset >= 0 {
                owned.position = Position::At(*offset, *leader_epoch);
                ctx.trace(TraceEvent::PositionFromCommit { tp: *tp, offset: *offset });
            } else {
                owned.position = Position::ToReset;
            }
        }
        let without: Vec<String> =
            self.at(Position::ToReset).map(|tp| self.metadata.label(tp)).collect();
        if self.config.auto_offset_reset == AutoOffsetReset::None && !without.is_empty() {
            let list = without.join(", ");
            let reason = format!(
                "NoOffsetForPartitionException: auto.offset.reset is none and nothing is committed for {list}"
            );
            self.fail(reason, ctx);
        }
    }

    fn reset_positions(&mut self, ctx: &mut Context<'_>) {
        let mut by_leader: SortedMap<BrokerId, Vec<(TopicPartition, LeaderEpoch)>> =
            SortedMap::new();
        let mut leaderless = false;
        for tp in self.at(Position::ToReset) {
            let asked =
                self.is_waiting_for(|k| matches!(k, Kind::ListOffsets(l) if l.contains(&tp)));
            if asked || self.is_delayed(tp, ctx.now) {
                continue;
            }
            match self.metadata.leader(tp) {
                Some((leader, epoch)) => by_leader.entry(leader).or_default().push((tp, epoch)),
                None => leaderless = true,
            }
        }
        if leaderless {
            self.want_metadata(ctx);
        }
        let timestamp = match self.config.auto_offset_reset {
            AutoOffsetReset::Earliest => EARLIEST,
            AutoOffsetReset::Latest => LATEST,
            // The consumer has failed already.
            AutoOffsetReset::None => return,
        };
        for (leader, list) in by_leader {
            let partitions = list.iter().map(|(tp, epoch)| (*tp, *epoch, timestamp)).collect();
            let request = Request::ListOffsets(ListOffsetsRequest { replica_id: -1, partitions });
            let kind = Kind::ListOffsets(list.into_iter().map(|(tp, _)| tp).collect());
            self.send(leader, kind, request, self.config.request_timeout_ms, ctx);
        }
    }

    pub(super) fn offsets_came(
        &mut self,
        asked: &[TopicPartition],
        response: &ListOffsetsResponse,
        ctx: &mut Context<'_>,
    ) {
        for result in response.partitions.iter().filter(|r| asked.contains(&r.tp)) {
            let tp = result.tp;
            let Some(owned) = self.owned.get_mut(&tp) else { continue };
            if owned.position != Position::ToReset {
                continue;
            }
            match result.error {
                None => {
                    // Without an epoch: there is nothing before it that could be missing.
                    owned.position = Position::At(result.offset.max(0), -1);
                    let to = match self.config.auto_offset_reset {
                        AutoOffsetReset::Earliest => "earliest",
                        _ => "latest",
                    };
                    let (offset, to) = (result.offset.max(0), Name::from(to));
                    ctx.trace(TraceEvent::PositionReset { tp, offset, to });
                }
                Some(error) if error.retriable() => {
                    self.delay_partitions(&[tp], ctx);
                    self.want_metadata(ctx);
                }
                Some(error) => {
                    let label = self.metadata.label(tp);
                    self.fail(format!("ListOffsets of {label} was refused with {error}"), ctx);
                }
            }
        }
    }

    /// These partitions are not asked again before `retry.backoff.ms` is over.
    pub(super) fn delay_partitions(
        &mut self,
        partitions: &[TopicPartition],
        ctx: &mut Context<'_>,
    ) {
        let at = ctx.now + Span::from_ms(self.config.retry_backoff_ms);
        for tp in partitions {
            if let Some(owned) = self.owned.get_mut(tp) {
                owned.retry_at = Some(at);
                ctx.set_timer(Timer::FetchRetry, at);
            }
        }
    }

    pub(super) fn is_delayed(&self, tp: TopicPartition, now: Time) -> bool {
        self.owned.get(&tp).and_then(|o| o.retry_at).is_some_and(|at| at > now)
    }

    /// The application sets the position.
    pub(super) fn seek(&mut self, topic: &str, partition: i32, offset: Offset) {
        let tp = self.metadata.find(topic, partition);
        let owned = tp.and_then(|tp| self.owned.get_mut(&tp));
        if let (Some(tp), Some(owned)) = (tp, owned)
            && offset >= 0
        {
            owned.position = Position::At(offset, -1);
            self.fetched.retain(|f| f.tp != tp);
        }
    }
}
