//! The oracle's account of one partition.

use highwater_cluster::{BrokerId, Time};
use highwater_log::{BatchHeader, Bytes, LeaderEpoch, Offset};
use highwater_sorted::SortedMap;
use std::sync::Arc;

/// Identity of a batch: two replicas hold the same records exactly when these agree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BatchId {
    /// First offset.
    pub base: Offset,
    /// Last offset.
    pub last: Offset,
    /// Epoch of the leader that appended it.
    pub epoch: LeaderEpoch,
    /// Checksum of its content.
    pub crc: u32,
}

impl BatchId {
    /// Of a batch in a log.
    pub fn of(header: &BatchHeader) -> Self {
        Self {
            base: header.base_offset,
            last: header.last_offset(),
            epoch: header.partition_leader_epoch,
            crc: header.crc,
        }
    }
}

/// A batch that a leader has appended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// Which.
    pub id: BatchId,
    /// Who sent it (1 = p1); `None` = not a producer of ours.
    pub producer: Option<u32>,
    /// acks it was sent with.
    pub acks: i16,
    /// When its producer learned that it is acknowledged.
    pub acknowledged_at: Option<Time>,
    /// When a leader was elected that does not have it.
    pub gone_at: Option<Time>,
    /// That leader, its epoch, and its log end offset when the epoch began.
    pub gone_by: Option<(BrokerId, LeaderEpoch, Offset)>,
    /// Keys of its records.
    pub keys: Vec<Option<Bytes>>,
}

/// Batches in one shared block of the account.
const BLOCK: i64 = 64;

/// One partition.
#[derive(Clone, Debug, Default)]
pub struct PartitionOracle {
    /// By base offset in blocks, so that a snapshot shares what has not changed.
    written: SortedMap<i64, Arc<Vec<Written>>>,
    committed: Vec<Arc<Vec<BatchId>>>,
    committed_end: Offset,
    /// Who led in which epoch.
    pub leaders: SortedMap<LeaderEpoch, BrokerId>,
    /// Epochs that began with an unclean election.
    pub unclean: Vec<LeaderEpoch>,
    /// `(broker, from, to)` of unsynced records that a power loss took.
    pub lossy: Vec<(BrokerId, Offset, Offset)>,
    /// The leader epoch with which the last loss of committed records came: what is committed counts from here.
    pub history_epoch: LeaderEpoch,
    /// Highest leader epoch that the controller has given out.
    pub controller_epoch: LeaderEpoch,
}

const COMMITTED_BLOCK: usize = 64;

impl PartitionOracle {
    pub fn written(&self, base: Offset, epoch: LeaderEpoch) -> Option<&Written> {
        self.written.get(&(base / BLOCK))?.iter().find(|w| w.id.base == base && w.id.epoch == epoch)
    }

    pub fn written_mut(&mut self, base: Offset, epoch: LeaderEpoch) -> Option<&mut Written> {
        let block = Arc::make_mut(self.written.get_mut(&(base / BLOCK))?);
        block.iter_mut().find(|w| w.id.base == base && w.id.epoch == epoch)
    }

    pub fn write(&mut self, written: Written) {
        let block = Arc::make_mut(self.written.entry(written.id.base / BLOCK).or_default());
        block.push(written);
    }

    /// The batch with this base offset that a broker appended last as the leader.
    pub fn newest_of(&self, leader: BrokerId, base: Offset) -> Option<&Written> {
        let block = self.written.get(&(base / BLOCK))?;
        let its =
            |w: &&Written| w.id.base == base && self.leaders.get(&w.id.epoch) == Some(&leader);
        block.iter().filter(its).max_by_key(|w| w.id.epoch)
    }

    /// Batches with a base offset of at least `from`; those of one block in order of appending.
    pub fn written_from(&self, from: Offset) -> impl Iterator<Item = &Written> {
        self.written
            .range(from / BLOCK..)
            .flat_map(|(_, block)| block.iter())
            .filter(move |w| w.id.base >= from)
    }

    pub fn committed_end(&self) -> Offset {
        self.committed_end
    }

    /// Committed batches from the one that holds `offset` on.
    pub fn committed_from(&self, offset: Offset) -> impl Iterator<Item = &BatchId> {
        let block = self.committed.partition_point(|b| b.last().is_none_or(|id| id.last < offset));
        self.committed[block..].iter().flat_map(|b| b.iter()).filter(move |id| id.last >= offset)
    }

    pub fn commit(&mut self, id: BatchId) {
        self.committed_end = id.last + 1;
        match self.committed.last_mut() {
            Some(block) if block.len() < COMMITTED_BLOCK => Arc::make_mut(block).push(id),
            _ => self.committed.push(Arc::new(vec![id])),
        }
    }

    /// A power loss took these offsets from some replica: a leader that has not heard of what came after may
    /// still count with its earlier answer (no promise without ELR, KIP-966).
    pub fn lost_power_over(&self, id: &BatchId) -> bool {
        self.lossy.iter().any(|(_, from, to)| *from <= id.last && *to > id.base)
    }

    /// Forgets committed batches from `offset` on: they are lost, and a new history begins there.
    pub fn forget_committed(&mut self, offset: Offset) {
        while let Some(last) = self.committed.last().and_then(|b| b.last()) {
            if last.last < offset {
                break;
            }
            self.committed_end = last.base;
            let block = Arc::make_mut(self.committed.last_mut().expect("it has a last batch"));
            block.pop();
            if block.is_empty() {
                self.committed.pop();
            }
        }
    }
}
