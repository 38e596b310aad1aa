//! Who leads.

use super::{brokers, set};
use crate::words::span_ms;
use highwater_cluster::{BrokerId, Time};
use highwater_log::LeaderEpoch;

/// A fact about leadership.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum LeaderFact {
    /// By the controller.
    LeaderIs { leader: BrokerId, epoch: LeaderEpoch },
    /// Nobody leads.
    NoLeader { epoch: LeaderEpoch },
    /// The first of the replicas leads.
    PreferredLeads { preferred: BrokerId, replicas: Vec<BrokerId> },
    /// It does not lead though it is the first.
    PreferredDoesNotLead { preferred: BrokerId, replicas: Vec<BrokerId> },
    /// Only an active replica in the ISR can be elected, and this one is not active.
    CannotLeadNotActive { broker: BrokerId, in_isr: bool },
    /// Active, but out of the ISR.
    CannotLeadOutOfIsr { broker: BrokerId, isr: Vec<BrokerId> },
    /// Active and in the ISR.
    CanLead { broker: BrokerId },
    /// A replica outside the ISR is not taken.
    UncleanElectionOff,
    /// A replica outside the ISR would be taken at the next look.
    UncleanElectionOn { next_look: Option<Time>, interval_ms: i64 },
    /// Elected outside the ISR and not yet confirmed.
    Recovering { leader: BrokerId },
    /// Leadership goes back to preferred replicas.
    ImbalanceCheck { at: Time, interval_seconds: i64 },
    /// A leader stays though a better one is there.
    NoRebalance,
    /// Leads by its own belief; the controller has another.
    BelievesToLead { broker: BrokerId, epoch: LeaderEpoch, real_epoch: LeaderEpoch },
    /// Has not heard of its leadership yet.
    DoesNotKnowYet {
        leader: BrokerId,
        epoch: LeaderEpoch,
        metadata_offset: i64,
        metadata_end_offset: i64,
    },
    /// Whoever comes back first of these leads.
    WaitsFor { any_of: Vec<BrokerId> },
}

impl LeaderFact {
    pub(super) fn rule(&self) -> Option<&'static str> {
        match self {
            Self::CannotLeadNotActive { .. }
            | Self::CannotLeadOutOfIsr { .. }
            | Self::CanLead { .. } => Some("PartitionChangeBuilder.isValidNewLeader"),
            Self::UncleanElectionOff | Self::UncleanElectionOn { .. } => {
                Some("unclean.leader.election.enable")
            }
            Self::Recovering { .. } => Some("LeaderRecoveryState"),
            Self::ImbalanceCheck { .. } | Self::NoRebalance => Some("auto.leader.rebalance.enable"),
            Self::BelievesToLead { .. } => Some("leader epoch"),
            Self::WaitsFor { .. } => Some("PartitionChangeBuilder"),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::LeaderIs { leader, epoch } => {
                format!("broker {leader} leads since leader epoch {epoch}")
            }
            Self::NoLeader { epoch } => {
                format!("nobody leads in leader epoch {epoch}: nothing can be read or written")
            }
            Self::PreferredLeads { preferred, replicas } => {
                format!(
                    "broker {preferred} is the preferred leader, the first of its replicas {replicas:?}"
                )
            }
            Self::PreferredDoesNotLead { preferred, replicas } => {
                format!(
                    "the preferred leader, the first of the replicas {replicas:?}, is broker {preferred}, which does not lead"
                )
            }
            Self::CannotLeadNotActive { broker, in_isr } => {
                let place = if *in_isr { "is in the ISR" } else { "is out of the ISR" };
                format!("broker {broker} cannot lead: it {place} and is not active")
            }
            Self::CannotLeadOutOfIsr { broker, isr } => {
                format!(
                    "broker {broker} is active but not in the ISR {}: it may lack committed records",
                    set(isr)
                )
            }
            Self::CanLead { broker } => {
                format!("broker {broker} is active and in the ISR: it can be elected")
            }
            Self::UncleanElectionOff => {
                "nobody outside the ISR is elected: unclean.leader.election.enable is false"
                    .to_owned()
            }
            Self::UncleanElectionOn { next_look, interval_ms } => {
                let next = next_look.map_or(String::new(), |at| format!(" next at {at},"));
                format!(
                    "a replica outside the ISR may be elected; the controller looks{next} every {}",
                    span_ms(*interval_ms)
                )
            }
            Self::Recovering { leader } => {
                format!(
                    "broker {leader} was elected outside the ISR; records that only others had are lost"
                )
            }
            Self::ImbalanceCheck { at, interval_seconds } => format!(
                "leaderships go back to preferred leaders that can take them at the check at {at}, every {}",
                span_ms(interval_seconds.saturating_mul(1000))
            ),
            Self::NoRebalance => {
                "leaderships do not go back to preferred leaders by themselves".to_owned()
            }
            Self::BelievesToLead { broker, epoch, real_epoch } => format!(
                "broker {broker} still believes that it leads, in epoch {epoch}; the controller is at {real_epoch}, and nobody who knows that takes its word"
            ),
            Self::DoesNotKnowYet { leader, epoch, metadata_offset, metadata_end_offset } => {
                format!(
                    "broker {leader} has not heard of its leadership in epoch {epoch}: it has applied the metadata log below {metadata_offset} of {metadata_end_offset}"
                )
            }
            Self::WaitsFor { any_of } => {
                format!("the partition waits for {} to come back", brokers(any_of))
            }
        }
    }
}
