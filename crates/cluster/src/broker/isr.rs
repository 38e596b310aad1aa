//! The in-sync replicas as a leader sees them: committed by the controller, or with a change under way
//! (Kafka: `PartitionState`).

use crate::{BrokerId, Correlation};

/// Number of a proposal, so that an answer to an older one is recognised.
pub type ProposalId = u64;

/// ISR of a partition at its leader.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IsrState {
    /// As the controller has it.
    Committed {
        /// Members.
        isr: Vec<BrokerId>,
    },
    /// A follower is to be taken in; it counts for the high watermark at once.
    PendingExpand {
        /// The last committed members.
        isr: Vec<BrokerId>,
        /// The newcomer.
        added: BrokerId,
        /// Which proposal.
        proposal: ProposalId,
    },
    /// Followers are to be put out; they count until the controller has agreed.
    PendingShrink {
        /// The last committed members.
        isr: Vec<BrokerId>,
        /// Those to go.
        out: Vec<BrokerId>,
        /// Which proposal.
        proposal: ProposalId,
    },
}

impl IsrState {
    /// The last committed members: what metadata shows and the check before an append uses.
    pub fn committed(&self) -> &[BrokerId] {
        match self {
            Self::Committed { isr }
            | Self::PendingExpand { isr, .. }
            | Self::PendingShrink { isr, .. } => isr,
        }
    }

    /// Whether a replica is in the maximal ISR: committed members and one that is being taken in. The high
    /// watermark and acks=all wait for these.
    pub fn maximal_contains(&self, broker: BrokerId) -> bool {
        self.committed().contains(&broker)
            || matches!(self, Self::PendingExpand { added, .. } if *added == broker)
    }

    /// The maximal ISR.
    pub fn maximal(&self) -> Vec<BrokerId> {
        let mut members = self.committed().to_vec();
        if let Self::PendingExpand { added, .. } = self {
            members.push(*added);
        }
        members
    }

    /// Size of the maximal ISR.
    pub fn maximal_size(&self) -> i32 {
        let committed = i32::try_from(self.committed().len()).expect("a replica count");
        committed + i32::from(matches!(self, Self::PendingExpand { .. }))
    }

    /// The proposal under way.
    pub fn proposal(&self) -> Option<ProposalId> {
        match self {
            Self::Committed { .. } => None,
            Self::PendingExpand { proposal, .. } | Self::PendingShrink { proposal, .. } => {
                Some(*proposal)
            }
        }
    }

    /// The members proposed, if a proposal is under way.
    pub fn proposed(&self) -> Option<Vec<BrokerId>> {
        match self {
            Self::Committed { .. } => None,
            Self::PendingExpand { .. } => Some(self.maximal()),
            Self::PendingShrink { isr, out, .. } => {
                Some(isr.iter().copied().filter(|b| !out.contains(b)).collect())
            }
        }
    }

    /// Falls back to the last committed members.
    pub fn roll_back(&mut self) {
        *self = Self::Committed { isr: self.committed().to_vec() };
    }
}

/// The one AlterPartition request of this broker under way, and what waits for the next
/// (Kafka: `AlterPartitionManager`).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AlterPartitions {
    /// Proposals that wait to be sent or answered.
    pub waiting: highwater_sorted::SortedMap<crate::TopicPartition, ProposalId>,
    /// The request under way.
    pub in_flight: Option<InFlightAlter>,
    /// A retry timer is set after an error.
    pub backing_off: bool,
    /// Last proposal number given out.
    pub last_proposal: ProposalId,
}

impl AlterPartitions {
    /// Notes a new proposal for a partition; it is sent with the next request.
    pub fn propose(&mut self, tp: crate::TopicPartition) -> ProposalId {
        self.last_proposal += 1;
        self.waiting.insert(tp, self.last_proposal);
        self.last_proposal
    }
}

/// An AlterPartition request that was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InFlightAlter {
    /// Its number.
    pub correlation: Correlation,
    /// What it holds.
    pub items: Vec<(crate::TopicPartition, ProposalId)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 06, 6.3: expanding counts at once, shrinking only when the controller has agreed.
    #[test]
    fn maximal_isr() {
        let expand = IsrState::PendingExpand { isr: vec![1, 2], added: 3, proposal: 1 };
        assert_eq!(expand.committed(), [1, 2]);
        assert_eq!(expand.maximal(), [1, 2, 3]);
        assert_eq!(expand.maximal_size(), 3);
        assert!(expand.maximal_contains(3));
        let mut shrink = IsrState::PendingShrink { isr: vec![1, 2, 3], out: vec![2], proposal: 2 };
        assert_eq!(shrink.maximal(), [1, 2, 3]);
        assert_eq!(shrink.proposed(), Some(vec![1, 3]));
        shrink.roll_back();
        assert_eq!(shrink, IsrState::Committed { isr: vec![1, 2, 3] });
    }
}
