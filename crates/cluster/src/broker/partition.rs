//! One partition at one broker: its log, its role, and what the leader knows (Kafka: `Partition`).

use super::isr::{AlterPartitions, IsrState};
use super::replica::{FollowerFetch, ReplicaState};
use super::rules::Holds;
use crate::{
    BrokerId, Context, KafkaError, MetadataImage, Name, PartitionRegistration, Time, TopicConfig,
    TopicPartition, TraceEvent,
};
use highwater_log::{LeaderEpoch, Log, Offset};
use std::sync::Arc;

/// A replica hosted by this broker.
#[derive(Clone, Debug)]
pub struct Partition {
    pub(super) me: BrokerId,
    pub(super) tp: TopicPartition,
    pub(super) topic: Name,
    pub(super) log: Log,
    pub(super) config: Arc<TopicConfig>,
    pub(super) leader: BrokerId,
    pub(super) leader_epoch: LeaderEpoch,
    pub(super) partition_epoch: i32,
    pub(super) replicas: Vec<BrokerId>,
    pub(super) isr: IsrState,
    pub(super) leader_epoch_start_offset: Option<Offset>,
    /// The other replicas, by id; empty unless this broker leads.
    pub(super) remotes: Vec<(BrokerId, ReplicaState)>,
    /// Its disk failed.
    pub(super) offline: bool,
}

/// What the rules about followers look at besides the partition itself.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub image: &'a MetadataImage,
    pub now: Time,
    pub replica_lag_time_max_ms: i64,
}

/// What a metadata change did to a partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Transition {
    /// The change was older than what is known and had no effect.
    pub ignored: bool,
    /// A new leader epoch began.
    pub new_epoch: bool,
    /// The high watermark moved.
    pub high_watermark_moved: bool,
}

impl Partition {
    pub(super) fn new(
        me: BrokerId,
        tp: TopicPartition,
        topic: Name,
        log: Log,
        config: Arc<TopicConfig>,
    ) -> Self {
        Self {
            me,
            tp,
            topic,
            log,
            config,
            leader: -1,
            leader_epoch: -1,
            partition_epoch: -1,
            replicas: Vec::new(),
            isr: IsrState::Committed { isr: Vec::new() },
            leader_epoch_start_offset: None,
            remotes: Vec::new(),
            offline: false,
        }
    }

    /// Whether this broker leads it, as far as it knows.
    pub fn is_leader(&self) -> bool {
        self.leader == self.me
    }

    /// `min(min.insync.replicas, number of replicas)`.
    pub fn effective_min_isr(&self) -> i32 {
        let replicas = i32::try_from(self.replicas.len()).expect("a replica count");
        self.config.min_insync_replicas.min(replicas)
    }

    /// Whether the committed ISR is too small for the high watermark to move and for acks=all.
    pub fn is_under_min_isr(&self) -> bool {
        let isr = i32::try_from(self.isr.committed().len()).expect("a replica count");
        isr < self.effective_min_isr()
    }

    /// Takes leadership, or learns of a change while leading (Kafka: `Partition.makeLeader`).
    pub(super) fn make_leader(
        &mut self,
        registration: &PartitionRegistration,
        around: Surroundings<'_>,
        ctx: &mut Context<'_>,
    ) -> Transition {
        if registration.partition_epoch < self.partition_epoch {
            return Transition { ignored: true, ..Transition::default() };
        }
        let new_leader = !self.is_leader();
        let new_epoch = registration.leader_epoch > self.leader_epoch;
        self.replicas.clone_from(&registration.replicas);
        self.isr = IsrState::Committed { isr: registration.isr.clone() };
        self.follow_assignment();
        if new_epoch {
            self.begin_epoch(registration, new_leader, around.now, ctx);
        }
        self.partition_epoch = registration.partition_epoch;
        self.leader = self.me;
        let high_watermark_moved = self.maybe_increment_high_watermark(around, ctx);
        Transition { ignored: false, new_epoch, high_watermark_moved }
    }

    fn begin_epoch(
        &mut self,
        registration: &PartitionRegistration,
        new_leader: bool,
        now: Time,
        ctx: &mut Context<'_>,
    ) {
        let epoch = registration.leader_epoch;
        let log_end_offset = self.log.log_end_offset();
        if self.log.assign_epoch(epoch, log_end_offset, ctx.disk).is_err() {
            self.offline = true;
        }
        for (id, replica) in &mut self.remotes {
            replica.reset(now, log_end_offset, new_leader, registration.isr.contains(id));
        }
        self.leader_epoch = epoch;
        self.leader_epoch_start_offset = Some(log_end_offset);
        ctx.trace(TraceEvent::BecameLeader { tp: self.tp, epoch, log_end_offset });
    }

    /// Keeps one remote state for each other replica.
    fn follow_assignment(&mut self) {
        let (me, replicas) = (self.me, &self.replicas);
        self.remotes.retain(|(id, _)| replicas.contains(id));
        for &id in replicas {
            if id != me && self.remotes.iter().all(|(known, _)| *known != id) {
                self.remotes.push((id, ReplicaState::default()));
            }
        }
        highwater_sorted::sort_by_key(&mut self.remotes, |(id, _)| *id);
    }

    /// Gives leadership up, or learns of a change while following (Kafka: `Partition.makeFollower`).
    pub(super) fn make_follower(
        &mut self,
        registration: &PartitionRegistration,
        ctx: &mut Context<'_>,
    ) -> Transition {
        if registration.partition_epoch < self.partition_epoch {
            return Transition { ignored: true, ..Transition::default() };
        }
        let new_epoch = registration.leader_epoch > self.leader_epoch;
        self.replicas.clone_from(&registration.replicas);
        self.isr = IsrState::Committed { isr: Vec::new() };
        self.remotes.clear();
        self.leader = registration.leader;
        self.leader_epoch = registration.leader_epoch;
        self.leader_epoch_start_offset = None;
        self.partition_epoch = registration.partition_epoch;
        if new_epoch {
            let (epoch, leader) = (self.leader_epoch, self.leader);
            ctx.trace(TraceEvent::BecameFollower { tp: self.tp, epoch, leader });
        }
        Transition { ignored: false, new_epoch, high_watermark_moved: false }
    }

    /// Checks the leader epoch in a request; -1 = not checked (Kafka: `Partition.checkCurrentLeaderEpoch`).
    pub(super) fn check_epoch(&self, request_epoch: LeaderEpoch) -> Result<(), KafkaError> {
        if request_epoch == -1 || request_epoch == self.leader_epoch {
            Ok(())
        } else if request_epoch < self.leader_epoch {
            Err(KafkaError::FencedLeaderEpoch)
        } else {
            Err(KafkaError::UnknownLeaderEpoch)
        }
    }

    pub(super) fn remote(&self, broker: BrokerId) -> Option<&ReplicaState> {
        self.remotes.iter().find(|(id, _)| *id == broker).map(|(_, r)| r)
    }

    /// Moves the high watermark to what all that count have, if that is higher
    /// (Kafka: `Partition.maybeIncrementLeaderHW`, KIP-966). True when it moved.
    pub(super) fn maybe_increment_high_watermark(
        &mut self,
        around: Surroundings<'_>,
        ctx: &mut Context<'_>,
    ) -> bool {
        if !self.is_leader() || self.is_under_min_isr() {
            return false;
        }
        let mut candidate = self.log.log_end_offset();
        for (id, replica) in &self.remotes {
            if replica.log_end_offset < candidate && self.holds(*id, replica, around) != Holds::No {
                candidate = replica.log_end_offset;
            }
        }
        candidate > self.log.high_watermark() && self.set_high_watermark(candidate, ctx)
    }

    /// Sets the high watermark, kept between log start and log end offset. True when it changed.
    pub(super) fn set_high_watermark(&mut self, to: Offset, ctx: &mut Context<'_>) -> bool {
        let from = self.log.high_watermark();
        self.log.set_high_watermark(to);
        self.tell_high_watermark(from, ctx)
    }

    pub(super) fn tell_high_watermark(&self, from: Offset, ctx: &mut Context<'_>) -> bool {
        let to = self.log.high_watermark();
        if from == to {
            return false;
        }
        let as_leader = self.is_leader();
        ctx.trace(TraceEvent::HighWatermarkMoved { tp: self.tp, from, to, as_leader });
        true
    }

    /// Takes a follower's fetch in: its state, the ISR, the high watermark
    /// (Kafka: `Partition.updateFollowerFetchState`). True when the high watermark moved.
    pub(super) fn update_follower(
        &mut self,
        follower: BrokerId,
        fetch: FollowerFetch,
        around: Surroundings<'_>,
        alter: &mut AlterPartitions,
        ctx: &mut Context<'_>,
    ) -> Result<bool, KafkaError> {
        let registered = around.image.brokers.get(&follower).map(|b| b.broker_epoch);
        let Some((_, replica)) = self.remotes.iter_mut().find(|(id, _)| *id == follower) else {
            return Err(KafkaError::NotLeaderOrFollower);
        };
        let before = replica.log_end_offset;
        replica.update_fetch_state(fetch, registered)?;
        let after = replica.log_end_offset;
        if before != after {
            let event =
                TraceEvent::FollowerStateUpdated { tp: self.tp, follower, log_end_offset: after };
            ctx.trace(event);
        }
        self.maybe_expand_isr(follower, around, alter, ctx);
        Ok(before != after && self.maybe_increment_high_watermark(around, ctx))
    }

    /// Proposes to take a follower into the ISR once it has everything that is or may be committed
    /// (Kafka: `Partition.maybeExpandIsr`).
    fn maybe_expand_isr(
        &mut self,
        follower: BrokerId,
        around: Surroundings<'_>,
        alter: &mut AlterPartitions,
        ctx: &mut Context<'_>,
    ) {
        if self.isr_obstacle(follower, around).is_some() {
            return;
        }
        let proposal = alter.propose(self.tp);
        let isr = self.isr.committed().to_vec();
        self.isr = IsrState::PendingExpand { isr, added: follower, proposal };
        let isr = self.isr.maximal();
        ctx.trace(TraceEvent::IsrExpandProposed { tp: self.tp, added: follower, isr });
    }

    /// Members of the ISR that lag too long; none while a change is under way
    /// (Kafka: `Partition.getOutOfSyncReplicas`).
    pub(super) fn out_of_sync(&self, now: Time, replica_lag_time_max_ms: i64) -> Vec<BrokerId> {
        let IsrState::Committed { isr } = &self.isr else { return Vec::new() };
        if !self.is_leader() {
            return Vec::new();
        }
        let end = self.log.log_end_offset();
        let caught_up = |r: &ReplicaState| r.is_caught_up(end, now, replica_lag_time_max_ms);
        let lags = |id: &BrokerId| *id != self.me && !self.remote(*id).is_some_and(caught_up);
        isr.iter().copied().filter(lags).collect()
    }

    /// Proposes to put these followers out of the ISR (Kafka: `Partition.maybeShrinkIsr`).
    pub(super) fn propose_shrink(
        &mut self,
        out: Vec<BrokerId>,
        alter: &mut AlterPartitions,
        ctx: &mut Context<'_>,
    ) {
        let isr = self.isr.committed().to_vec();
        let left = isr.iter().copied().filter(|id| !out.contains(id)).collect();
        let proposal = alter.propose(self.tp);
        self.isr = IsrState::PendingShrink { isr, out: out.clone(), proposal };
        ctx.trace(TraceEvent::IsrShrinkProposed { tp: self.tp, out, isr: left });
    }

    /// `(member, broker epoch)` of the proposed ISR, as AlterPartition tells it (KIP-903).
    pub(super) fn proposed_isr(&self, my_broker_epoch: i64) -> Option<Vec<(BrokerId, i64)>> {
        let epoch = |id: BrokerId| {
            if id == self.me {
                my_broker_epoch
            } else {
                self.remote(id).and_then(|r| r.broker_epoch).unwrap_or(-1)
            }
        };
        Some(self.isr.proposed()?.into_iter().map(|id| (id, epoch(id))).collect())
    }
}
