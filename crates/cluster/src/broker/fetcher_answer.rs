//! What a follower does with a leader's answer: append, high watermark, truncation, out of range
//! (Kafka: `AbstractFetcherThread.processFetchRequest`, `ReplicaFetcherThread.processPartitionData`).

use super::core::Core;
use super::fetcher::{FetchPhase, FetchState, Fetcher, InFlightFetch};
use super::list_offsets::{EARLIEST, LATEST};
use super::partition::Partition;
use crate::{
    BrokerId, Context, Correlation, FetchPartition, FetchPartitionResult, FetchResponse,
    KafkaError, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsResult, NodeId, Request, Span,
    Timer, TopicPartition, TraceEvent,
};
use highwater_log::{AppendError, LeaderEpoch, LeaderEpochCache, LogError, Offset, Timestamp};

/// How a partition's replication goes on after an answer.
enum Next {
    /// As before: nothing came.
    Same,
    /// From here.
    From(Offset),
    /// After `replica.fetch.backoff.ms`.
    Delay,
    /// Given up until a new leader epoch is known.
    Fail,
    /// The leader is asked where its log begins and ends.
    OutOfRange,
}

impl Core {
    pub(super) fn handle_fetch_response(
        &mut self,
        from: NodeId,
        correlation: Correlation,
        response: &FetchResponse,
        ctx: &mut Context<'_>,
    ) {
        let NodeId::Broker(leader) = from else { return };
        let Some(sent) = self.take_in_flight(leader, correlation) else { return };
        let Request::Fetch(request) = &*sent.request else { return };
        if response.error.is_some() {
            for item in &request.partitions {
                self.go_on(leader, item, Next::Delay, ctx);
            }
        }
        for (index, result) in response.partitions.iter().enumerate() {
            let same = request.partitions.get(index).filter(|item| item.tp == result.tp);
            let item = same.or_else(|| request.partitions.iter().find(|item| item.tp == result.tp));
            if let Some(item) = item
                && self.is_current(leader, item)
            {
                let next = self.take_result_in(item, result, ctx);
                self.go_on(leader, item, next, ctx);
            }
        }
        self.run_fetcher(leader, ctx);
    }

    fn take_in_flight(
        &mut self,
        leader: BrokerId,
        correlation: Correlation,
    ) -> Option<InFlightFetch> {
        self.fetchers.get_mut(&leader)?.in_flight.take_if(|sent| sent.correlation == correlation)
    }

    /// An answer counts only while the partition is still fetched there, from the same offset and in the same epoch.
    fn is_current(&self, leader: BrokerId, item: &FetchPartition) -> bool {
        let state = self.fetchers.get(&leader).and_then(|f| f.partitions.get(&item.tp));
        state.is_some_and(|state| {
            state.phase == FetchPhase::Fetching
                && state.delayed_until.is_none()
                && state.fetch_offset == item.fetch_offset
                && state.current_leader_epoch == item.current_leader_epoch
        })
    }

    fn take_result_in(
        &mut self,
        item: &FetchPartition,
        result: &FetchPartitionResult,
        ctx: &mut Context<'_>,
    ) -> Next {
        let Some((partition, ..)) = self.partition_mut(item.tp, ctx.now) else { return Next::Fail };
        if partition.offline {
            return Next::Fail;
        }
        match result.error {
            None => {}
            Some(KafkaError::OffsetOutOfRange) => return Next::OutOfRange,
            Some(KafkaError::FencedLeaderEpoch)
                if item.current_leader_epoch == partition.leader_epoch =>
            {
                return Next::Fail;
            }
            Some(_) => return Next::Delay,
        }
        if let Some((epoch, end_offset)) = result.diverging_epoch {
            let log = &partition.log;
            let own = (log.epochs(), log.log_end_offset());
            let target = truncation_target(own, (epoch, end_offset), item.fetch_offset);
            let done = partition.truncate(target, ctx);
            self.checkpoint_recovery_points(ctx);
            return match done {
                Ok(()) => Next::From(target),
                Err(_) => Next::Fail,
            };
        }
        let before = partition.log.high_watermark();
        let next = partition.append_as_follower(item, result, ctx);
        if partition.log.high_watermark() != before {
            self.complete_delayed(item.tp, true, ctx);
        }
        next
    }

    fn go_on(
        &mut self,
        leader: BrokerId,
        item: &FetchPartition,
        next: Next,
        ctx: &mut Context<'_>,
    ) {
        let tp = item.tp;
        let until = ctx.now + Span::from_ms(self.config.replica_fetch_backoff_ms);
        let latest = self.partitions.get(&tp).and_then(|p| p.log.latest_epoch()).unwrap_or(-1);
        let Some(state) = self.fetch_state(leader, tp) else { return };
        match next {
            Next::Same => return,
            Next::From(offset) => {
                state.fetch_offset = offset;
                state.last_fetched_epoch = latest;
                state.phase = FetchPhase::Fetching;
            }
            Next::Delay => {
                state.delayed_until = Some(until);
                state.phase = FetchPhase::Fetching;
            }
            Next::Fail => state.phase = FetchPhase::Failed,
            Next::OutOfRange => return self.ask_offset(leader, tp, LATEST, ctx),
        }
        self.fetcher_changed(leader);
    }

    fn fetch_state(&mut self, leader: BrokerId, tp: TopicPartition) -> Option<&mut FetchState> {
        self.fetchers.get_mut(&leader)?.partitions.get_mut(&tp)
    }

    fn fetcher_changed(&mut self, leader: BrokerId) {
        if let Some(fetcher) = self.fetchers.get_mut(&leader) {
            Fetcher::changed(fetcher);
        }
    }

    /// OFFSET_OUT_OF_RANGE: asks the leader for its latest, then for its earliest offset
    /// (Kafka: `AbstractFetcherThread.fetchOffsetAndTruncate`).
    fn ask_offset(
        &mut self,
        leader: BrokerId,
        tp: TopicPartition,
        what: Timestamp,
        ctx: &mut Context<'_>,
    ) {
        let correlation = self.next_correlation();
        let give_up = ctx.now + Span::from_ms(self.config.request_timeout_ms);
        let replica_id = self.id;
        let Some(state) = self.fetch_state(leader, tp) else { return };
        state.phase = match what {
            EARLIEST => FetchPhase::AskingEarliest(correlation),
            _ => FetchPhase::AskingLatest(correlation),
        };
        state.delayed_until = Some(give_up);
        let partitions = vec![(tp, state.current_leader_epoch, what)];
        let request = ListOffsetsRequest { replica_id, partitions };
        ctx.send(NodeId::Broker(leader), correlation, Request::ListOffsets(request));
        self.fetcher_changed(leader);
    }

    pub(super) fn handle_list_offsets_response(
        &mut self,
        correlation: Correlation,
        response: &ListOffsetsResponse,
        ctx: &mut Context<'_>,
    ) {
        let Some(result) = response.partitions.first() else { return };
        let asking = |phase: FetchPhase| {
            phase == FetchPhase::AskingLatest(correlation)
                || phase == FetchPhase::AskingEarliest(correlation)
        };
        let of = |f: &Fetcher| f.partitions.get(&result.tp).filter(|s| asking(s.phase)).cloned();
        let Some((leader, state)) = self.fetchers.values().find_map(|f| Some((f.leader, of(f)?)))
        else {
            return;
        };
        if let Some(state) = self.fetch_state(leader, result.tp) {
            state.delayed_until = None;
        }
        let earliest = state.phase == FetchPhase::AskingEarliest(correlation);
        let next = self.offset_answered(result, (earliest, state.current_leader_epoch), ctx);
        let item = FetchPartition {
            tp: result.tp,
            current_leader_epoch: state.current_leader_epoch,
            fetch_offset: state.fetch_offset,
            last_fetched_epoch: state.last_fetched_epoch,
            log_start_offset: -1,
            partition_max_bytes: 0,
        };
        match next {
            Next::OutOfRange => self.ask_offset(leader, result.tp, EARLIEST, ctx),
            next => self.go_on(leader, &item, next, ctx),
        }
        self.run_fetcher(leader, ctx);
    }

    /// `asked` = whether it was the earliest offset, and the leader epoch in the request. `OutOfRange` = the earliest
    /// offset has to be asked for as well. Fenced in the epoch that this broker still has, it is given up at once, as
    /// at a Fetch (Kafka: `AbstractFetcherThread.handleOutOfRangeError`, `onPartitionFenced`).
    fn offset_answered(
        &mut self,
        result: &ListOffsetsResult,
        (earliest, asked_epoch): (bool, LeaderEpoch),
        ctx: &mut Context<'_>,
    ) -> Next {
        let Some((partition, ..)) = self.partition_mut(result.tp, ctx.now) else {
            return Next::Fail;
        };
        match result.error {
            None => {}
            Some(KafkaError::FencedLeaderEpoch) if asked_epoch == partition.leader_epoch => {
                return Next::Fail;
            }
            Some(_) => return Next::Delay,
        }
        let own_end = partition.log.log_end_offset();
        let (target, done) = match earliest {
            // The leader has less: an unclean election took place.
            false if result.offset < own_end => {
                (result.offset, partition.truncate(result.offset, ctx))
            }
            false => return Next::OutOfRange,
            true if result.offset > own_end => {
                (result.offset, partition.truncate_fully_and_start_at(result.offset, ctx))
            }
            true => (own_end, Ok(())),
        };
        self.checkpoint_recovery_points(ctx);
        match done {
            Ok(()) => Next::From(target),
            Err(_) => Next::Fail,
        }
    }

    /// Fetches in flight to a leader that changed role are not awaited; used when this broker stops.
    pub(super) fn stop_fetchers(&mut self, ctx: &mut Context<'_>) {
        for leader in std::mem::take(&mut self.fetchers).into_keys() {
            ctx.cancel_timer(Timer::FetchBackoff(leader));
        }
    }
}

/// Where to cut after the leader said where the logs part: `own` epochs and end, `leader`'s epoch and its end there
/// (Kafka: `AbstractFetcherThread.getOffsetTruncationState`; KIP-279). May take more than one round: the next
/// fetch tells an older epoch then.
pub(super) fn truncation_target(
    own: (&LeaderEpochCache, Offset),
    leader: (LeaderEpoch, Offset),
    fetch_offset: Offset,
) -> Offset {
    let (epochs, own_end) = own;
    let (epoch, end_offset) = leader;
    if end_offset == -1 {
        return fetch_offset.min(own_end);
    }
    if epoch == -1 {
        return end_offset.min(own_end);
    }
    match epochs.end_offset_for(epoch, own_end) {
        (-1, _) | (_, -1) => end_offset.min(own_end),
        (own_epoch, offset) if own_epoch != epoch => offset.min(own_end),
        (_, offset) => offset.min(end_offset).min(own_end),
    }
}

impl Partition {
    fn truncate(&mut self, target: Offset, ctx: &mut Context<'_>) -> Result<(), LogError> {
        let (end, high_watermark) = (self.log.log_end_offset(), self.log.high_watermark());
        let start = self.log.log_start_offset();
        let now_ms = ctx.now.wall_ms();
        let done = self.log.truncate_to(target, now_ms, ctx.disk).map(|_| ());
        self.tell_truncation(end, high_watermark, start, ctx);
        self.offline |= done.is_err();
        done
    }

    fn truncate_fully_and_start_at(
        &mut self,
        offset: Offset,
        ctx: &mut Context<'_>,
    ) -> Result<(), LogError> {
        let (end, high_watermark) = (self.log.log_end_offset(), self.log.high_watermark());
        let start = self.log.log_start_offset();
        let now_ms = ctx.now.wall_ms();
        let done = self.log.truncate_fully_and_start_at(offset, None, now_ms, ctx.disk).map(|_| ());
        self.tell_truncation(end, high_watermark, start, ctx);
        self.offline |= done.is_err();
        done
    }

    fn tell_truncation(
        &self,
        end: Offset,
        high_watermark: Offset,
        start: Offset,
        ctx: &mut Context<'_>,
    ) {
        let tp = self.tp;
        if self.log.log_end_offset() != end {
            ctx.trace(TraceEvent::LogTruncated { tp, from: end, to: self.log.log_end_offset() });
        }
        if self.log.log_start_offset() != start {
            let to = self.log.log_start_offset();
            ctx.trace(TraceEvent::LogStartOffsetMoved { tp, from: start, to });
        }
        self.tell_high_watermark(high_watermark, ctx);
    }

    fn append_as_follower(
        &mut self,
        item: &FetchPartition,
        result: &FetchPartitionResult,
        ctx: &mut Context<'_>,
    ) -> Next {
        let mut next = Next::Same;
        if result.records.size() > 0 {
            if item.fetch_offset != self.log.log_end_offset() {
                return Next::From(self.log.log_end_offset());
            }
            let (epoch, now_ms) = (self.leader_epoch, ctx.now.wall_ms());
            match self.log.append_as_follower(&result.records, epoch, now_ms, ctx.disk) {
                Ok(info) if info.batches > 0 => {
                    self.tell_replicated(&info, &result.records, ctx);
                    next = Next::From(self.log.log_end_offset());
                }
                Ok(_) => {}
                Err(AppendError::Log(_)) => {
                    self.offline = true;
                    return Next::Fail;
                }
                Err(_) => return Next::Delay,
            }
        }
        self.set_high_watermark(result.high_watermark, ctx);
        let start = self.log.log_start_offset();
        // Refused above the own high watermark: a later answer brings both.
        if let Ok(true) = self.log.increment_log_start_offset(result.log_start_offset, ctx.disk) {
            let to = self.log.log_start_offset();
            ctx.trace(TraceEvent::LogStartOffsetMoved { tp: self.tp, from: start, to });
            return match next {
                Next::Same => Next::From(item.fetch_offset),
                next => next,
            };
        }
        next
    }
}
