use super::Due;
use highwater_cluster::Time;
use highwater_sorted::SortedMap;
use std::cmp::Reverse;

/// What is due, by (time, sequence). The next one is the last of the vector, where it is taken without moving the others.
#[derive(Clone, Default, Debug)]
pub(super) struct Queue(SortedMap<Reverse<(Time, u64)>, Due>);

impl Queue {
    pub(super) fn next_at(&self) -> Option<Time> {
        self.0.last_key_value().map(|(&Reverse((at, _)), _)| at)
    }

    pub(super) fn pop_first(&mut self) -> Option<((Time, u64), Due)> {
        self.0.pop_last().map(|(Reverse(key), due)| (key, due))
    }

    pub(super) fn insert(&mut self, key: (Time, u64), due: Due) {
        let before = self.0.insert(Reverse(key), due);
        assert!(before.is_none(), "sequence number {} was given twice", key.1);
    }

    pub(super) fn remove(&mut self, key: &(Time, u64)) -> Option<Due> {
        self.0.remove(&Reverse(*key))
    }

    pub(super) fn contains_key(&self, key: &(Time, u64)) -> bool {
        self.0.contains_key(&Reverse(*key))
    }
}
