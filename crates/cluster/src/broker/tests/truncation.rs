//! The truncation algorithm over all pairs of small logs (correctness.md 2.6).

use crate::broker::fetcher_answer::truncation_target;
use crate::broker::read::diverges;
use highwater_log::{LeaderEpoch, LeaderEpochCache, Offset};

/// A log as the epochs of its records.
type Epochs = Vec<LeaderEpoch>;

fn logs(records: usize, epochs: LeaderEpoch) -> Vec<Epochs> {
    let mut all: Vec<Epochs> = vec![Vec::new()];
    let mut last = all.clone();
    for _ in 0..records {
        let longer = |log: &Epochs| -> Vec<Epochs> {
            let lowest = log.last().copied().unwrap_or(0);
            (lowest..epochs).map(|e| [log.as_slice(), &[e]].concat()).collect()
        };
        last = last.iter().flat_map(longer).collect();
        all.extend(last.iter().cloned());
    }
    all
}

fn end(log: &Epochs) -> Offset {
    Offset::try_from(log.len()).unwrap()
}

fn cache(log: &Epochs) -> LeaderEpochCache {
    let mut cache = LeaderEpochCache::default();
    for (offset, epoch) in (0..).zip(log) {
        cache.assign(*epoch, offset);
    }
    cache
}

fn common_prefix(a: &Epochs, b: &Epochs) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

/// An epoch in both logs has one leader: it starts at one offset, with the same records before it.
fn legal(follower: &Epochs, leader: &Epochs) -> bool {
    follower.iter().all(|epoch| {
        let start = |log: &Epochs| log.iter().position(|e| e == epoch);
        let (Some(a), Some(b)) = (start(follower), start(leader)) else { return true };
        a == b && common_prefix(follower, leader) >= a
    })
}

/// Runs the loop of Fetch, DivergingEpoch and truncation; the number of truncations.
fn reconcile(follower: &mut Epochs, leader: &Epochs, current_epoch: LeaderEpoch) -> usize {
    let mut epochs = cache(leader);
    epochs.assign(current_epoch, end(leader));
    for round in 0.. {
        let own = cache(follower);
        let Some(last) = own.latest() else { return round };
        let found = epochs.end_offset_for(last.epoch, end(leader));
        if !diverges(found, last.epoch, end(follower)) {
            return round;
        }
        let target = truncation_target((&own, end(follower)), found, end(follower));
        assert!(target < end(follower), "{follower:?} {leader:?}: no progress");
        follower.truncate(usize::try_from(target).unwrap());
    }
    unreachable!()
}

/// With at most 6 records and 4 epochs there are 13,048 legal pairs; 1,218 need no truncation, 9,506 one, 2,324 two;
/// every one ends at the longest common prefix.
#[test]
fn every_legal_pair_ends_at_the_longest_common_prefix() {
    let all = logs(6, 4);
    let mut rounds = [0; 4];
    for leader in &all {
        for follower in all.iter().filter(|f| legal(f, leader)) {
            let mut cut = follower.clone();
            rounds[reconcile(&mut cut, leader, 4)] += 1;
            assert_eq!(cut.len(), common_prefix(follower, leader), "{follower:?} {leader:?}");
        }
    }
    assert_eq!(rounds, [1_218, 9_506, 2_324, 0]);
}
