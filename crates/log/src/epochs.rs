//! Which leader epoch wrote which offsets (Kafka: `LeaderEpochFileCache`; KIP-101, KIP-279).

use crate::{LeaderEpoch, Offset};
use std::sync::Arc;

/// An epoch and the first offset written in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct EpochEntry {
    pub epoch: LeaderEpoch,
    pub start_offset: Offset,
}

/// Epochs with their start offsets, both increasing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LeaderEpochCache {
    entries: Arc<Vec<EpochEntry>>,
}

impl LeaderEpochCache {
    /// From the entries of a checkpoint file; entries that are not in order are dropped as
    /// [`assign`](Self::assign) does.
    pub fn from_entries(entries: impl IntoIterator<Item = EpochEntry>) -> Self {
        let mut cache = Self::default();
        for entry in entries {
            cache.assign(entry.epoch, entry.start_offset);
        }
        cache
    }

    /// In order.
    pub fn entries(&self) -> &[EpochEntry] {
        &self.entries
    }

    /// The newest epoch.
    pub fn latest(&self) -> Option<EpochEntry> {
        self.entries.last().copied()
    }

    /// The epoch of `offset`, if known.
    pub fn epoch_for_offset(&self, offset: Offset) -> Option<LeaderEpoch> {
        self.entries.iter().rev().find(|e| e.start_offset <= offset).map(|e| e.epoch)
    }

    /// Notes that `epoch` starts at `start_offset`, removing entries of the same or a later epoch
    /// or at the same or a later offset. Returns whether anything changed.
    pub fn assign(&mut self, epoch: LeaderEpoch, start_offset: Offset) -> bool {
        if epoch < 0 || start_offset < 0 {
            return false;
        }
        if self.latest().is_some_and(|l| l.epoch == epoch && l.start_offset <= start_offset) {
            return false;
        }
        let entries = Arc::make_mut(&mut self.entries);
        entries.retain(|e| e.epoch < epoch && e.start_offset < start_offset);
        entries.push(EpochEntry { epoch, start_offset });
        true
    }

    /// Drops entries that start at or after `end_offset`. Returns whether anything changed.
    pub fn truncate_from_end(&mut self, end_offset: Offset) -> bool {
        if self.latest().is_none_or(|l| l.start_offset < end_offset) {
            return false;
        }
        Arc::make_mut(&mut self.entries).retain(|e| e.start_offset < end_offset);
        true
    }

    /// Drops entries that start at or before `start_offset` but keeps the last of them, starting
    /// there. Returns whether anything changed.
    pub fn truncate_from_start(&mut self, start_offset: Offset) -> bool {
        let below = self.entries.partition_point(|e| e.start_offset <= start_offset);
        if below == 0 || (below == 1 && self.entries[0].start_offset == start_offset) {
            return false;
        }
        let entries = Arc::make_mut(&mut self.entries);
        entries.drain(..below - 1);
        entries[0].start_offset = start_offset;
        true
    }

    /// Forgets everything. Returns whether anything changed.
    pub fn clear(&mut self) -> bool {
        let changed = !self.entries.is_empty();
        self.entries = Arc::default();
        changed
    }

    /// The largest epoch not above `requested` and where it ends, given the log end offset;
    /// (-1, -1) when the epoch is unknown here (OffsetsForLeaderEpoch, and divergence in Fetch).
    pub fn end_offset_for(
        &self,
        requested: LeaderEpoch,
        log_end_offset: Offset,
    ) -> (LeaderEpoch, Offset) {
        let Some(latest) = self.latest() else { return (-1, -1) };
        if requested < 0 {
            return (-1, -1);
        }
        if requested == latest.epoch {
            return (requested, log_end_offset);
        }
        let higher = self.entries.partition_point(|e| e.epoch <= requested);
        match (higher.checked_sub(1), self.entries.get(higher)) {
            (_, None) => (-1, -1),
            (None, Some(next)) => (requested, next.start_offset),
            (Some(floor), Some(next)) => (self.entries[floor].epoch, next.start_offset),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(entries: &[(i32, i64)]) -> LeaderEpochCache {
        let entry = |&(epoch, start_offset)| EpochEntry { epoch, start_offset };
        LeaderEpochCache::from_entries(entries.iter().map(entry))
    }

    /// The table of 2.8, as `LeaderEpochFileCacheTest` has it.
    #[test]
    fn end_offset_table() {
        let c = cache(&[(1, 0), (3, 20), (5, 50)]);
        for (requested, expected) in [
            (5, (5, 70)),
            (4, (3, 50)),
            (3, (3, 50)),
            (2, (1, 20)),
            (1, (1, 20)),
            (0, (0, 0)),
            (6, (-1, -1)),
            (-1, (-1, -1)),
        ] {
            assert_eq!(c.end_offset_for(requested, 70), expected, "{requested}");
        }
        assert_eq!(LeaderEpochCache::default().end_offset_for(0, 70), (-1, -1));
    }

    #[test]
    fn assign_removes_what_it_contradicts() {
        let mut c = cache(&[(1, 0), (3, 20), (5, 50)]);
        assert!(!c.assign(5, 60));
        assert!(c.assign(6, 50), "a new epoch at the same start replaces the old entry");
        assert_eq!(c, cache(&[(1, 0), (3, 20), (6, 50)]));
        assert!(c.assign(4, 40));
        assert_eq!(c.entries(), cache(&[(1, 0), (3, 20), (4, 40)]).entries());
        assert!(c.assign(7, 10));
        assert_eq!(c.entries(), cache(&[(1, 0), (7, 10)]).entries());
        assert!(!c.assign(-1, 80));
    }

    #[test]
    fn truncation_from_both_ends() {
        let mut c = cache(&[(1, 0), (3, 20), (5, 50)]);
        assert!(!c.truncate_from_end(51));
        assert!(c.truncate_from_end(50));
        assert_eq!(c, cache(&[(1, 0), (3, 20)]));
        let mut c = cache(&[(1, 0), (3, 20), (5, 50)]);
        assert!(!c.truncate_from_start(0));
        assert!(c.truncate_from_start(25));
        assert_eq!(c, cache(&[(3, 25), (5, 50)]));
        assert!(c.truncate_from_start(50));
        assert_eq!(c, cache(&[(5, 50)]));
        assert!(c.truncate_from_start(90));
        assert_eq!(c, cache(&[(5, 90)]));
        assert_eq!(c.epoch_for_offset(89), None);
        assert_eq!(c.epoch_for_offset(90), Some(5));
    }
}
