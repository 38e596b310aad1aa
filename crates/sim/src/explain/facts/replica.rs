//! High watermark and ISR.

use super::{has, set};
use crate::words::span_ms;
use highwater_cluster::{BrokerId, Time};
use highwater_log::{LeaderEpoch, Offset};

/// A fact about replicas of a partition.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum ReplicaFact {
    /// A replica that counts has no more than this, and no other has less.
    HighWatermarkHeldBy { replica: BrokerId, log_end_offset: Offset, in_maximal_isr: bool },
    /// Outside the ISR, but caught up within the limit and eligible: it counts, for it is about to come in.
    CaughtUpOutsider {
        replica: BrokerId,
        log_end_offset: Offset,
        last_caught_up: Option<Time>,
        replica_lag_time_max_ms: i64,
    },
    /// Outside the ISR and not caught up.
    OutsiderHoldsNothing { replica: BrokerId, log_end_offset: Offset },
    /// Nobody that counts has less than the leader.
    HighWatermarkAtLogEnd { leader: BrokerId, log_end_offset: Offset },
    /// Too few in sync: the high watermark stands still.
    HighWatermarkFrozenBelowMinIsr { isr: Vec<BrokerId>, min_insync_replicas: i32 },
    /// The minimum is below the high watermark.
    HighWatermarkNeverGoesBack { high_watermark: Offset, minimum: Offset },
    /// The minimum is above the high watermark: time has passed, and nothing has made the leader look again.
    HighWatermarkRisesAtNextLook { high_watermark: Offset, minimum: Offset },
    /// A follower knows what its last fetch response said.
    FollowerWasTold {
        replica: BrokerId,
        high_watermark: Offset,
        leader: BrokerId,
        leader_high_watermark: Offset,
    },
    /// A follower's high watermark is not above its own log end.
    FollowerCappedByOwnLog { replica: BrokerId, log_end_offset: Offset },
    /// Has all there is.
    CaughtUp { replica: BrokerId, log_end_offset: Offset },
    /// When a follower that lacks records had all there was, and when that has been too long ago.
    FollowerLastCaughtUp {
        replica: BrokerId,
        log_end_offset: Offset,
        leader_log_end_offset: Offset,
        last_caught_up: Option<Time>,
        replica_lag_time_max_ms: i64,
        lags_after: Time,
        next_check: Option<Time>,
    },
    /// The first check that finds it lagging, if it stays as it is.
    LeavesIsrAtCheck { replica: BrokerId, at: Time },
    /// AlterPartition is under way.
    IsrChangeUnderWay { isr: Vec<BrokerId>, proposed: Vec<BrokerId> },
    /// By the controller.
    InIsr { replica: BrokerId, isr: Vec<BrokerId> },
    /// By the controller.
    OutOfIsr { replica: BrokerId, isr: Vec<BrokerId> },
    /// A leader is a member of its ISR.
    LeaderIsInIsr { leader: BrokerId },
    /// To come back it must have what is committed.
    BelowHighWatermark { replica: BrokerId, log_end_offset: Offset, high_watermark: Offset },
    /// To come back it must have what the leader had when its epoch began.
    BelowEpochStart { replica: BrokerId, log_end_offset: Offset, epoch_start_offset: Offset },
    /// Fenced: no ISR takes it.
    NotEligibleFenced { replica: BrokerId },
    /// In a controlled shutdown: no ISR takes it.
    NotEligibleShuttingDown { replica: BrokerId },
    /// Its last fetch came from before its present registration, or it has not fetched.
    NotEligibleStaleEpoch { replica: BrokerId },
    /// Nothing is in its way: its next fetch proposes it.
    NextFetchProposesIt { replica: BrokerId },
    /// The last one stays in the ISR though it is gone, so that it is known who has the data.
    LastMemberStays { replica: BrokerId },
    /// Where a follower's next or current fetch begins.
    FetchesFrom { replica: BrokerId, offset: Offset, epoch: LeaderEpoch },
    /// It waits before it fetches again.
    FetchBacksOff { replica: BrokerId, until: Time, replica_fetch_backoff_ms: i64 },
    /// It has given the partition up until a new leader epoch.
    FetchGivenUp { replica: BrokerId, epoch: LeaderEpoch },
}

impl ReplicaFact {
    pub(super) fn rule(&self) -> Option<&'static str> {
        Some(match self {
            Self::HighWatermarkHeldBy { .. }
            | Self::HighWatermarkAtLogEnd { .. }
            | Self::HighWatermarkNeverGoesBack { .. }
            | Self::HighWatermarkRisesAtNextLook { .. }
            | Self::OutsiderHoldsNothing { .. } => "Partition.maybeIncrementLeaderHW",
            Self::HighWatermarkFrozenBelowMinIsr { .. } => "min.insync.replicas",
            Self::CaughtUpOutsider { .. }
            | Self::FollowerLastCaughtUp { .. }
            | Self::LeavesIsrAtCheck { .. } => "replica.lag.time.max.ms",
            Self::FollowerWasTold { .. } | Self::FollowerCappedByOwnLog { .. } => {
                "FetchResponse.HighWatermark"
            }
            Self::IsrChangeUnderWay { .. } => "AlterPartition",
            Self::BelowHighWatermark { .. }
            | Self::BelowEpochStart { .. }
            | Self::NextFetchProposesIt { .. } => "Partition.maybeExpandIsr",
            Self::NotEligibleFenced { .. } | Self::NotEligibleShuttingDown { .. } => {
                "Partition.isReplicaIsrEligible"
            }
            Self::NotEligibleStaleEpoch { .. } => "KIP-903",
            Self::FetchBacksOff { .. } => "replica.fetch.backoff.ms",
            Self::FetchGivenUp { .. } => "FENCED_LEADER_EPOCH",
            Self::LastMemberStays { .. } => "PartitionChangeBuilder",
            Self::CaughtUp { .. }
            | Self::InIsr { .. }
            | Self::OutOfIsr { .. }
            | Self::LeaderIsInIsr { .. }
            | Self::FetchesFrom { .. } => return None,
        })
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::HighWatermarkHeldBy { .. }
            | Self::CaughtUpOutsider { .. }
            | Self::OutsiderHoldsNothing { .. }
            | Self::HighWatermarkAtLogEnd { .. }
            | Self::HighWatermarkFrozenBelowMinIsr { .. }
            | Self::HighWatermarkNeverGoesBack { .. }
            | Self::HighWatermarkRisesAtNextLook { .. }
            | Self::FollowerWasTold { .. }
            | Self::FollowerCappedByOwnLog { .. } => self.high_watermark_text(),
            _ => self.isr_text(),
        }
    }

    fn high_watermark_text(&self) -> String {
        match self {
            Self::HighWatermarkHeldBy { replica, log_end_offset, in_maximal_isr } => {
                let place =
                    if *in_maximal_isr { "in the ISR" } else { "outside the ISR, but counts" };
                format!(
                    "broker {replica}, {place}, {}: the least of all that count",
                    has(*log_end_offset)
                )
            }
            Self::CaughtUpOutsider { replica, last_caught_up, replica_lag_time_max_ms, .. } => {
                format!(
                    "broker {replica} is outside the ISR but was caught up at {}, not longer than {} ago: it counts as about to come in",
                    last_caught_up.unwrap_or_default(),
                    span_ms(*replica_lag_time_max_ms)
                )
            }
            Self::OutsiderHoldsNothing { replica, log_end_offset } => {
                format!(
                    "broker {replica} {} and is outside the ISR: it holds nothing",
                    has(*log_end_offset)
                )
            }
            Self::HighWatermarkAtLogEnd { leader, log_end_offset } => format!(
                "every replica that counts has all that leader {leader} has, below {log_end_offset}: everything is committed"
            ),
            Self::HighWatermarkFrozenBelowMinIsr { isr, min_insync_replicas } => format!(
                "the ISR is {}, {} of the {min_insync_replicas} that must be in sync: the high watermark stands still (KIP-966)",
                set(isr),
                isr.len()
            ),
            Self::HighWatermarkNeverGoesBack { high_watermark, minimum: -1 } => format!(
                "the leader does not know yet what all that count have; the high watermark stays at {high_watermark}, for it never goes back in a leader epoch"
            ),
            Self::HighWatermarkNeverGoesBack { high_watermark, minimum } => format!(
                "the leader knows only that all that count have everything below {minimum}; the high watermark stays at {high_watermark}, for it never goes back in a leader epoch"
            ),
            Self::HighWatermarkRisesAtNextLook { minimum, .. } => format!(
                "all that count have everything below {minimum} by now; the leader looks again with the next fetch, append or ISR change"
            ),
            Self::FollowerWasTold { replica, high_watermark, leader, leader_high_watermark } => {
                format!(
                    "a follower learns the high watermark from fetch responses: broker {replica} was last told {high_watermark}, leader {leader} is at {leader_high_watermark}"
                )
            }
            Self::FollowerCappedByOwnLog { replica, log_end_offset } => {
                format!(
                    "it cannot be above what broker {replica} has itself, which ends at {log_end_offset}"
                )
            }
            _ => String::new(),
        }
    }

    fn isr_text(&self) -> String {
        match self {
            Self::CaughtUp { replica, log_end_offset } => {
                format!(
                    "broker {replica} has all there is, below {log_end_offset}: while that is so it cannot lag"
                )
            }
            Self::FollowerLastCaughtUp { .. } => self.last_caught_up_text(),
            Self::LeavesIsrAtCheck { replica, at } => {
                format!(
                    "if it stays like this, the check at {at} proposes to put broker {replica} out of the ISR"
                )
            }
            Self::IsrChangeUnderWay { isr, proposed } => format!(
                "the leader has asked the controller to change the ISR from {} to {}; until the answer all of both count",
                set(isr),
                set(proposed)
            ),
            Self::InIsr { replica, isr } => format!("broker {replica} is in the ISR {}", set(isr)),
            Self::OutOfIsr { replica, isr } => {
                format!("broker {replica} is not in the ISR {}", set(isr))
            }
            Self::LeaderIsInIsr { leader } => {
                format!("broker {leader} leads, and a leader is in its ISR")
            }
            Self::BelowHighWatermark { replica, log_end_offset, high_watermark } => format!(
                "broker {replica} {}; to come back it must have everything below the high watermark, {high_watermark}",
                has(*log_end_offset)
            ),
            Self::BelowEpochStart { replica, log_end_offset, epoch_start_offset } => format!(
                "broker {replica} {}; to come back it must have what the leader had when its epoch began, everything below {epoch_start_offset}",
                has(*log_end_offset)
            ),
            Self::NotEligibleFenced { replica } => {
                format!("broker {replica} is fenced, and a fenced broker is in no ISR")
            }
            Self::NotEligibleShuttingDown { replica } => {
                format!("broker {replica} is shutting down, and no ISR takes it any more")
            }
            Self::NotEligibleStaleEpoch { replica } => format!(
                "the leader has heard no fetch of broker {replica} with the broker epoch of its present registration"
            ),
            Self::NextFetchProposesIt { replica } => {
                format!(
                    "broker {replica} has all it needs: its next fetch makes the leader propose it for the ISR"
                )
            }
            Self::LastMemberStays { replica } => format!(
                "broker {replica} is the last member: it stays in the ISR while it is gone, so that it is known who has the data"
            ),
            Self::FetchesFrom { replica, offset, epoch } => {
                format!("broker {replica} fetches from offset {offset} in leader epoch {epoch}")
            }
            Self::FetchBacksOff { replica, until, replica_fetch_backoff_ms } => format!(
                "the last fetch of broker {replica} failed: it waits {} and tries again at {until}",
                span_ms(*replica_fetch_backoff_ms)
            ),
            Self::FetchGivenUp { replica, epoch } => {
                format!(
                    "broker {replica} has stopped fetching in leader epoch {epoch}, and waits for a new one"
                )
            }
            _ => String::new(),
        }
    }

    fn last_caught_up_text(&self) -> String {
        let Self::FollowerLastCaughtUp {
            replica,
            log_end_offset,
            leader_log_end_offset,
            last_caught_up,
            replica_lag_time_max_ms,
            lags_after,
            next_check,
        } = self
        else {
            return String::new();
        };
        let when = match last_caught_up {
            Some(at) => format!("had all there was last at {at}"),
            None => "has not been caught up in this leader epoch".to_owned(),
        };
        let check = next_check.map_or(String::new(), |at| format!(", next looked at {at}"));
        format!(
            "broker {replica} {}, the leader {leader_log_end_offset}; it {when} and lags when that is longer than {} ago, after {lags_after}{check}",
            has(*log_end_offset),
            span_ms(*replica_lag_time_max_ms)
        )
    }
}
