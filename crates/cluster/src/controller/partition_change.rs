//! What a change of a partition comes to: its new ISR, its new leader (Kafka: `PartitionChangeBuilder`
//! with eligible leader replicas off).

use crate::{BrokerId, MetadataRecord, PartitionRegistration, TopicPartition};

/// Who may be elected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Election {
    /// The first replica of the list if it can lead, else as `Online`.
    Preferred,
    /// A replica in the ISR.
    Online,
    /// As `Online`; when there is none, any live replica.
    Unclean,
}

/// No leader.
pub(super) const NO_LEADER: BrokerId = -1;
/// The leader has everything that was committed.
pub(super) const RECOVERED: i8 = 0;
/// The leader was elected outside the ISR and has not been confirmed yet.
pub(super) const RECOVERING: i8 = 1;

/// Collects what is wanted of a partition and builds the record that does it.
pub(super) struct PartitionChange<'a> {
    tp: TopicPartition,
    partition: &'a PartitionRegistration,
    acceptable: &'a dyn Fn(BrokerId) -> bool,
    election: Election,
    target_isr: Vec<BrokerId>,
    target_recovery_state: i8,
}

impl<'a> PartitionChange<'a> {
    /// A change that keeps everything. `acceptable` says who is alive enough to lead.
    pub(super) fn new(
        tp: TopicPartition,
        partition: &'a PartitionRegistration,
        acceptable: &'a dyn Fn(BrokerId) -> bool,
    ) -> Self {
        Self {
            tp,
            partition,
            acceptable,
            election: Election::Online,
            target_isr: partition.isr.clone(),
            target_recovery_state: partition.leader_recovery_state,
        }
    }

    /// Who may be elected.
    pub(super) fn election(mut self, election: Election) -> Self {
        self.election = election;
        self
    }

    /// The ISR wanted.
    pub(super) fn isr(mut self, isr: Vec<BrokerId>) -> Self {
        self.target_isr = isr;
        self
    }

    /// The recovery state wanted.
    pub(super) fn recovery_state(mut self, state: i8) -> Self {
        self.target_recovery_state = state;
        self
    }

    fn is_valid_new_leader(&self, replica: BrokerId) -> bool {
        self.target_isr.contains(&replica) && (self.acceptable)(replica)
    }

    /// The leader and whether its election is unclean.
    fn elect(&self) -> (BrokerId, bool) {
        let replicas = &self.partition.replicas;
        let preferred = replicas.first().copied().unwrap_or(NO_LEADER);
        if self.election == Election::Preferred && self.is_valid_new_leader(preferred) {
            return (preferred, false);
        }
        if self.is_valid_new_leader(self.partition.leader) {
            return (self.partition.leader, false);
        }
        if let Some(replica) = replicas.iter().find(|r| self.is_valid_new_leader(**r)) {
            return (*replica, false);
        }
        if self.election == Election::Unclean
            && let Some(replica) = replicas.iter().find(|r| (self.acceptable)(**r))
        {
            return (*replica, true);
        }
        (NO_LEADER, false)
    }

    /// The record, or nothing when nothing changes.
    pub(super) fn build(self) -> Option<MetadataRecord> {
        let (elected, unclean) = self.elect();
        let mut isr = None;
        let mut leader = None;
        let mut recovery_state = self.target_recovery_state;
        if elected != self.partition.leader {
            leader = Some(elected);
            if unclean {
                isr = Some(vec![elected]);
                recovery_state = RECOVERING;
            }
        }
        // An empty ISR is not written: its last member stays, so that it is known who has the data.
        if isr.is_none() && !self.target_isr.is_empty() && self.target_isr != self.partition.isr {
            isr = Some(self.target_isr);
        }
        let recovers = recovery_state != self.partition.leader_recovery_state;
        let leader_recovery_state = recovers.then_some(recovery_state);
        if isr.is_none() && leader.is_none() && leader_recovery_state.is_none() {
            return None;
        }
        Some(MetadataRecord::PartitionChange {
            tp: self.tp,
            isr,
            leader,
            replicas: None,
            leader_recovery_state,
        })
    }
}
