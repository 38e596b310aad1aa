//! Where a replica's log parts from its leader's, from the two epoch caches: what the leader answers
//! to the follower's fetch and what the follower then cuts (KIP-101, KIP-279, KIP-595; Kafka:
//! `LeaderEpochFileCache.endOffsetFor`, `AbstractFetcherThread.truncateOnFetchResponse`).

use highwater_log::{LeaderEpoch, Offset};
use highwater_sim::ReplicaView;

/// A divergence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cut {
    /// The follower keeps what is below.
    pub offset: Offset,
    /// The last epoch that both have, as the leader answers; `None` = they share none.
    pub epoch: Option<LeaderEpoch>,
    /// Where that epoch ends on the leader.
    pub end: Offset,
}

/// `(epoch, start)` of a log; where no cache is known, from its batches.
pub(crate) fn epochs(log: &ReplicaView) -> Vec<(LeaderEpoch, Offset)> {
    if !log.epoch_cache.is_empty() {
        return log.epoch_cache.clone();
    }
    let mut out: Vec<(LeaderEpoch, Offset)> = Vec::new();
    for batch in &log.batches {
        if out.last().is_none_or(|last| last.0 < batch.leader_epoch) {
            out.push((batch.leader_epoch, batch.base_offset));
        }
    }
    out
}

/// The largest epoch at or below `epoch` and where it ends.
fn end_of(
    epochs: &[(LeaderEpoch, Offset)],
    end: Offset,
    epoch: LeaderEpoch,
) -> Option<(LeaderEpoch, Offset)> {
    let index = epochs.iter().rposition(|(e, _)| *e <= epoch)?;
    Some((epochs[index].0, epochs.get(index + 1).map_or(end, |next| next.1)))
}

/// What of `log` is cut when it follows `leader`; `None` when its log is a beginning of the leader's.
pub(crate) fn cut(log: &ReplicaView, leader: &ReplicaView) -> Option<Cut> {
    if log.broker == leader.broker {
        return None;
    }
    let theirs = epochs(leader);
    let mut ours = epochs(log);
    let mut end = log.log_end_offset;
    let mut found: Option<Cut> = None;
    while let Some((last, start)) = ours.last().copied() {
        let Some((epoch, their_end)) = end_of(&theirs, leader.log_end_offset, last) else {
            // No common epoch: what is below the leader's first one stays, or below its end where it
            // has none (the fetch is out of range then).
            let end = theirs.first().map_or(leader.log_end_offset, |first| first.1).min(end);
            return Some(Cut { offset: end, epoch: None, end })
                .filter(|c| c.offset < log.log_end_offset);
        };
        if epoch == last && their_end >= end {
            break;
        }
        let our_end = match end_of(&ours, end, epoch) {
            Some((own, own_end)) if own == epoch => own_end.min(their_end),
            Some((_, own_end)) => own_end,
            None => start.min(their_end),
        };
        let offset = our_end.min(end);
        found = Some(Cut { offset, epoch: Some(epoch), end: their_end });
        ours.retain(|(_, first)| *first < offset);
        end = offset;
    }
    found.filter(|c| c.offset < log.log_end_offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(broker: i32, epoch_cache: &[(LeaderEpoch, Offset)], end: Offset) -> ReplicaView {
        ReplicaView {
            broker,
            epoch_cache: epoch_cache.to_vec(),
            log_end_offset: end,
            ..ReplicaView::default()
        }
    }

    /// Every record of a log as its epoch: two logs agree below the first offset where these differ,
    /// as an epoch has one leader and a leader writes an offset once.
    fn agree(a: &ReplicaView, b: &ReplicaView) -> Offset {
        let epoch_at = |l: &ReplicaView, o: Offset| {
            l.epoch_cache.iter().rfind(|(_, start)| *start <= o).map(|(e, _)| *e)
        };
        let common = a.log_end_offset.min(b.log_end_offset);
        (0..common).find(|o| epoch_at(a, *o) != epoch_at(b, *o)).unwrap_or(common)
    }

    #[test]
    fn a_beginning_of_the_leaders_log_is_not_cut() {
        let leader = log(2, &[(2, 0), (3, 3), (4, 11)], 15);
        assert_eq!(cut(&log(3, &[(2, 0), (3, 3), (4, 11)], 13), &leader), None);
        assert_eq!(cut(&log(3, &[(2, 0), (3, 3)], 11), &leader), None);
        assert_eq!(cut(&log(3, &[], 0), &leader), None);
    }

    #[test]
    fn the_tail_of_an_old_leader_goes() {
        let leader = log(2, &[(2, 0), (3, 3), (4, 11)], 15);
        let old = log(1, &[(2, 0), (3, 3)], 13);
        assert_eq!(cut(&old, &leader), Some(Cut { offset: 11, epoch: Some(3), end: 11 }));
        // After an unclean election a log can also be merely longer.
        let short = log(2, &[(2, 0)], 4);
        assert_eq!(
            cut(&log(1, &[(2, 0)], 9), &short),
            Some(Cut { offset: 4, epoch: Some(2), end: 4 })
        );
    }

    #[test]
    fn all_small_histories_are_cut_where_they_part() {
        // All pairs of logs with up to 4 records: a common beginning, then epochs of their own.
        for common in 0..3 {
            for own in 0..3i64 {
                for theirs in 0..3i64 {
                    let mut a = vec![(0, 0)];
                    let mut b = vec![(0, 0)];
                    if own > 0 {
                        a.push((1, common));
                    }
                    if theirs > 0 {
                        b.push((2, common));
                    }
                    if common == 0 {
                        a.remove(0);
                        b.remove(0);
                    }
                    let follower = log(1, &a, common + own);
                    let leader = log(2, &b, common + theirs);
                    let kept = agree(&follower, &leader);
                    let found = cut(&follower, &leader);
                    let end = found.map_or(follower.log_end_offset, |c| c.offset);
                    assert_eq!(end, kept, "{follower:?} {leader:?}");
                }
            }
        }
    }
}
