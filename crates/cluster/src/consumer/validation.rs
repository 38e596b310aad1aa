//! Is what was read still in the log? Asked whenever the leader or its epoch has changed, before the next fetch
//! (Kafka: `OffsetFetcher.validatePositionsIfNeeded`, `SubscriptionState.maybeCompleteValidation`; KIP-320).

use super::Consumer;
use super::positions::Position;
use super::requests::Kind;
use crate::{
    AutoOffsetReset, BrokerId, Context, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse,
    OffsetForLeaderEpochResult, Request, TopicPartition, TraceEvent,
};
use highwater_log::{LeaderEpoch, Offset};
use highwater_sorted::SortedMap;

/// A position as it was when its leader was asked about it; an answer counts only while it is the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Validated {
    pub tp: TopicPartition,
    pub offset: Offset,
    /// Epoch of the record before the position.
    pub epoch: LeaderEpoch,
    /// The leader believed in, and its epoch.
    pub leader: (BrokerId, LeaderEpoch),
}

impl Consumer {
    /// Positions whose leader has changed are to be validated; one without an epoch (after a reset or a seek)
    /// cannot be.
    pub(super) fn validate_positions(&mut self, ctx: &mut Context<'_>) {
        let mut by_leader: SortedMap<BrokerId, Vec<Validated>> = SortedMap::new();
        for (&tp, owned) in &mut self.owned {
            let Some(leader) = self.metadata.leader(tp) else { continue };
            if let (Position::At(offset, epoch), true) =
                (owned.position, owned.leader != Some(leader))
            {
                if epoch >= 0 && leader.1 >= 0 {
                    owned.position = Position::ToValidate(offset, epoch);
                }
                owned.leader = Some(leader);
            }
            if let Position::ToValidate(offset, epoch) = owned.position {
                owned.leader = Some(leader);
                let asked = Validated { tp, offset, epoch, leader };
                by_leader.entry(leader.0).or_default().push(asked);
            }
        }
        for (leader, mut list) in by_leader {
            list.retain(|v| {
                !self.is_delayed(v.tp, ctx.now)
                    && !self.is_waiting_for(|k| matches!(k, Kind::Validate(l) if l.contains(v)))
            });
            if !list.is_empty() {
                let partitions = list.iter().map(|v| (v.tp, v.leader.1, v.epoch)).collect();
                let request = OffsetForLeaderEpochRequest { replica_id: -1, partitions };
                let request = Request::OffsetForLeaderEpoch(request);
                let timeout_ms = self.config.request_timeout_ms;
                self.send(leader, Kind::Validate(list), request, timeout_ms, ctx);
            }
        }
    }

    pub(super) fn epochs_came(
        &mut self,
        asked: &[Validated],
        response: &OffsetForLeaderEpochResponse,
        ctx: &mut Context<'_>,
    ) {
        for result in &response.partitions {
            let Some(validated) = asked.iter().find(|v| v.tp == result.tp) else { continue };
            let Some(owned) = self.owned.get(&result.tp) else { continue };
            let position = Position::ToValidate(validated.offset, validated.epoch);
            if owned.position != position || owned.leader != Some(validated.leader) {
                continue;
            }
            if result.error.is_some() {
                self.delay_partitions(&[result.tp], ctx);
                self.want_metadata(ctx);
            } else {
                self.complete_validation(validated, result, ctx);
            }
        }
    }

    /// The epoch of the last record read ends below the position: what was read is not in the log any more.
    fn complete_validation(
        &mut self,
        asked: &Validated,
        result: &OffsetForLeaderEpochResult,
        ctx: &mut Context<'_>,
    ) {
        let tp = asked.tp;
        let (epoch, end_offset) = (result.leader_epoch, result.end_offset);
        let unknown = epoch < 0 || end_offset < 0;
        let truncated = unknown || end_offset < asked.offset;
        if truncated && self.config.auto_offset_reset == AutoOffsetReset::None {
            let (label, offset) = (self.metadata.label(tp), asked.offset);
            let reason = format!(
                "LogTruncationException: the log of {label} was truncated below fetch position {offset}, and auto.offset.reset is none"
            );
            return self.fail(reason, ctx);
        }
        let Some(owned) = self.owned.get_mut(&tp) else { return };
        owned.position = match (unknown, truncated) {
            (true, _) => Position::ToReset,
            (false, true) => Position::At(end_offset, epoch),
            (false, false) => Position::At(asked.offset, asked.epoch),
        };
        if truncated && !unknown {
            ctx.trace(TraceEvent::TruncationDetected {
                tp,
                from: asked.offset,
                offset: end_offset,
            });
        }
    }
}
