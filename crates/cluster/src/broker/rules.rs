//! Rules about followers as questions: the leader asks them before it acts, and whoever explains a
//! picture asks the same ones, so that there is one answer.

use super::partition::{Partition, Surroundings};
use super::read::Reader;
use super::replica::ReplicaState;
use super::{Broker, IsrState};
use crate::{BrokerId, Span, Time, TopicPartition};
use highwater_log::Offset;

/// Whether a follower holds the high watermark down to what it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holds {
    /// It is in the maximal ISR: the leader waits for it.
    InMaximalIsr,
    /// It is outside, but caught up and eligible, so it is about to come in.
    CaughtUpOutsider,
    /// It is outside and does not count.
    No,
}

/// Why a replica may not be in an ISR (Kafka: `Partition.isReplicaIsrEligible`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ineligible {
    /// The metadata has no such broker.
    NotRegistered,
    /// Fenced by the controller.
    Fenced,
    /// In a controlled shutdown.
    ShuttingDown,
    /// Its last fetch came from an earlier registration, or it has not fetched yet (KIP-903).
    StaleBrokerEpoch,
}

/// Why a fetch of this follower does not bring it into the ISR.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IsrObstacle {
    /// It is a member.
    Member,
    /// A change of the ISR is under way; one at a time.
    ChangeUnderWay,
    /// It is not assigned to the partition.
    NotAReplica,
    /// It does not have what is committed.
    BelowHighWatermark {
        /// What it has.
        log_end_offset: Offset,
        /// What it needs.
        high_watermark: Offset,
    },
    /// It does not have what the leader had when its epoch began, part of which may be committed.
    BelowEpochStart {
        /// What it has.
        log_end_offset: Offset,
        /// What it needs.
        epoch_start_offset: Offset,
    },
    /// It may not be in any ISR now.
    Ineligible(Ineligible),
}

impl Surroundings<'_> {
    /// Why a replica may not be in the ISR; `fetched_epoch` is the broker epoch in its last fetch.
    pub(super) fn ineligible(
        &self,
        broker: BrokerId,
        fetched_epoch: Option<i64>,
    ) -> Option<Ineligible> {
        let Some(registered) = self.image.brokers.get(&broker) else {
            return Some(Ineligible::NotRegistered);
        };
        if registered.fenced {
            return Some(Ineligible::Fenced);
        }
        if registered.in_controlled_shutdown {
            return Some(Ineligible::ShuttingDown);
        }
        let known = fetched_epoch.is_some_and(|e| e == -1 || e == registered.broker_epoch);
        (!known).then_some(Ineligible::StaleBrokerEpoch)
    }
}

impl Partition {
    /// Whether a follower holds the high watermark (Kafka: `Partition.maybeIncrementLeaderHW`).
    pub(super) fn holds(
        &self,
        id: BrokerId,
        replica: &ReplicaState,
        around: Surroundings<'_>,
    ) -> Holds {
        if self.isr.maximal_contains(id) {
            return Holds::InMaximalIsr;
        }
        let end = self.log.log_end_offset();
        if replica.is_caught_up(end, around.now, around.replica_lag_time_max_ms)
            && around.ineligible(id, replica.broker_epoch).is_none()
        {
            return Holds::CaughtUpOutsider;
        }
        Holds::No
    }

    /// What keeps a follower's fetch from bringing it into the ISR (Kafka: `Partition.maybeExpandIsr`).
    pub(super) fn isr_obstacle(
        &self,
        follower: BrokerId,
        around: Surroundings<'_>,
    ) -> Option<IsrObstacle> {
        if self.isr.committed().contains(&follower) {
            return Some(IsrObstacle::Member);
        }
        if !matches!(self.isr, IsrState::Committed { .. }) {
            return Some(IsrObstacle::ChangeUnderWay);
        }
        let Some(replica) = self.remote(follower) else { return Some(IsrObstacle::NotAReplica) };
        let (log_end_offset, high_watermark) = (replica.log_end_offset, self.log.high_watermark());
        if log_end_offset < high_watermark {
            return Some(IsrObstacle::BelowHighWatermark { log_end_offset, high_watermark });
        }
        let epoch_start_offset = self.leader_epoch_start_offset.unwrap_or(Offset::MAX);
        if log_end_offset < epoch_start_offset {
            return Some(IsrObstacle::BelowEpochStart { log_end_offset, epoch_start_offset });
        }
        around.ineligible(follower, replica.broker_epoch).map(IsrObstacle::Ineligible)
    }
}

impl Broker {
    fn led(&self, tp: TopicPartition, now: Time) -> Option<(&Partition, Surroundings<'_>)> {
        let partition = self.partition(tp).filter(|p| p.is_leader())?;
        let around = Surroundings {
            image: &self.core.image,
            now,
            replica_lag_time_max_ms: self.core.config.replica_lag_time_max_ms,
        };
        Some((partition, around))
    }

    /// Whether this follower holds the high watermark of a partition led here; `None` when it is not led
    /// here or the follower is unknown.
    pub fn holds_high_watermark(
        &self,
        tp: TopicPartition,
        follower: BrokerId,
        now: Time,
    ) -> Option<Holds> {
        let (partition, around) = self.led(tp, now)?;
        Some(partition.holds(follower, partition.remote(follower)?, around))
    }

    /// Why the next fetch of this follower would not bring it into the ISR of a partition led here; `None`
    /// when it would, or when the partition is not led here.
    pub fn isr_obstacle(
        &self,
        tp: TopicPartition,
        follower: BrokerId,
        now: Time,
    ) -> Option<IsrObstacle> {
        let (partition, around) = self.led(tp, now)?;
        partition.isr_obstacle(follower, around)
    }

    /// Members of the ISR that a check at `now` would put out.
    pub fn out_of_sync(&self, tp: TopicPartition, now: Time) -> Vec<BrokerId> {
        let led = self.led(tp, now);
        led.map_or(Vec::new(), |(p, around)| p.out_of_sync(now, around.replica_lag_time_max_ms))
    }

    /// Time between two looks for followers that lag: half of `replica.lag.time.max.ms`.
    pub fn isr_check_interval(&self) -> Span {
        self.core.isr_check_interval()
    }
}

impl Partition {
    /// Up to where a fetch may read here: a follower all there is, a consumer what is committed.
    pub fn readable_end(&self, follower: bool) -> Offset {
        self.read_bound(if follower { Reader::Follower(-1) } else { Reader::Consumer })
    }
}
