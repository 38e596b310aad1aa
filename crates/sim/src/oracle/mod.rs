//! The invariants, live: an oracle that sees everything keeps its own account of what was written,
//! committed and acknowledged, and compares (correctness.md section 1: R01-R08, R12-R14, R16, R17, G01, G07).
//!
//! A loss that the settings allow is a `AcknowledgedRecordLost` event; a promise that the settings make and
//! the run breaks is an `InvariantBroken` event. What an event cannot change is not looked at.

mod groups;
mod observe;
mod partition;
mod replication;
#[cfg(test)]
mod tests;

pub(crate) use observe::observe;
pub use partition::{BatchId, Written};

use crate::LostRecordView;
use highwater_cluster::{Correlation, Name, NodeId, Time, TopicPartition};
use highwater_log::{LeaderEpoch, Offset};
use highwater_sorted::SortedMap;
pub(crate) use partition::PartitionOracle;
use std::sync::Arc;

/// The promises that are watched while a world runs: number and name, and what each says. Numbers as in
/// correctness.md, names as in the models of Kafka's replication by Gustafson and by Vanlightly.
pub const INVARIANTS: &[(&str, &str)] = &[
    (
        "R01 LogShape",
        "Log start <= high watermark <= log end on every replica; leader epochs never fall along a log.",
    ),
    (
        "R02 OneLeaderPerEpoch",
        "No two brokers act as leader of a partition in the same leader epoch.",
    ),
    ("R03 EpochMonotonic", "Leader and partition epochs never go down."),
    (
        "R05 StrongIsr",
        "Every member of the ISR has the same records below the leader's high watermark.",
    ),
    ("R06 LeaderInIsr", "The leader is a member of the ISR, or there is none."),
    ("R07 LogMatching", "Below their high watermarks any two replicas hold the same records."),
    (
        "R08 LeaderCompleteness",
        "A new leader has every record that was committed, unless the settings allow its loss.",
    ),
    (
        "R16 StrictMinIsrHw",
        "The high watermark does not rise while the ISR is smaller than min.insync.replicas.",
    ),
    (
        "R17 AckAllMeaning",
        "acks=all is answered only when the high watermark has passed the record.",
    ),
    ("G01 NoDoubleOwnership", "No two current members of a group own the same partition."),
    ("G07 CommitFencing", "A commit with an old generation changes nothing."),
];

/// A record that was acknowledged and is gone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Lost {
    pub tp: TopicPartition,
    pub offset: Offset,
    pub key: Option<highwater_log::Bytes>,
    pub acks: i16,
    pub acknowledged_at: Time,
    pub lost_at: Time,
}

/// A commit on its way: the generation it names, and the group's when it arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
struct PendingCommit {
    group: Name,
    named: i32,
    at_arrival: Option<i32>,
}

/// The account.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    partitions: SortedMap<TopicPartition, Arc<PartitionOracle>>,
    /// Leader epoch each broker process has last acted in.
    epochs: SortedMap<(NodeId, TopicPartition), LeaderEpoch>,
    pending_acks: SortedMap<(NodeId, Correlation, TopicPartition), (Offset, LeaderEpoch)>,
    pending_commits: SortedMap<(NodeId, Correlation), PendingCommit>,
    /// Generation of a group as this broker has formed or loaded it.
    generations: SortedMap<(NodeId, Name), i32>,
    owners: SortedMap<(Name, TopicPartition), (NodeId, i32)>,
    lost: Vec<Lost>,
    broken: Vec<(Name, String)>,
}

impl Oracle {
    /// What was written where: the batch with this base offset and epoch.
    pub fn written(
        &self,
        tp: TopicPartition,
        base: Offset,
        epoch: LeaderEpoch,
    ) -> Option<&Written> {
        self.partitions.get(&tp)?.written(base, epoch)
    }

    /// Records of the newest batch that was appended with this base offset; 0 when none is known.
    pub fn records_at(&self, tp: TopicPartition, base: Offset) -> i32 {
        let newest = self
            .partitions
            .get(&tp)
            .and_then(|p| p.written_from(base).take_while(|w| w.id.base == base).last());
        newest.map_or(0, |w| i32::try_from(w.id.last - w.id.base + 1).unwrap_or(i32::MAX))
    }

    /// The true high watermark: below it every record has been committed by some legitimate leader.
    pub fn true_high_watermark(&self, tp: TopicPartition) -> Offset {
        self.partitions.get(&tp).map_or(0, |p| p.committed_end())
    }

    /// Broken promises so far: invariant and what happened.
    pub fn broken(&self) -> &[(Name, String)] {
        &self.broken
    }

    /// Number of acknowledged records that are gone.
    pub fn lost_count(&self) -> u64 {
        u64::try_from(self.lost.len()).unwrap_or(u64::MAX)
    }

    pub(crate) fn lost_views(&self, keys: &crate::keys::KeyBook) -> Vec<LostRecordView> {
        let view = |l: &Lost| LostRecordView {
            tp: l.tp,
            offset: l.offset,
            key: keys.view(l.key.as_deref()),
            acks: l.acks,
            acknowledged_at: l.acknowledged_at,
            lost_at: l.lost_at,
        };
        self.lost.iter().map(view).collect()
    }

    /// Acknowledged records that are gone.
    pub(crate) fn lost(&self) -> &[Lost] {
        &self.lost
    }

    /// The account of one partition.
    pub(crate) fn account(&self, tp: TopicPartition) -> Option<&PartitionOracle> {
        self.partitions.get(&tp).map(|p| &**p)
    }

    fn partition_mut(&mut self, tp: TopicPartition) -> &mut PartitionOracle {
        Arc::make_mut(self.partitions.entry(tp).or_default())
    }
}
