//! Which offsets of a log are in sight. The window starts at a batch and slides by whole batches;
//! what is below folds into one stratum per segment.

use highwater_log::Offset;
use highwater_scene::{Unit, u};
use highwater_sim::{PartitionView, ReplicaView};

/// Height of one folded segment.
pub(crate) const STRATUM: Unit = 800;
/// So many are drawn; more are counted in words.
pub(crate) const STRATA: usize = 4;

/// What of a row's offsets is in sight.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Window {
    /// Lowest offset in sight.
    pub lo: Offset,
    /// Number of slots above it.
    pub slots: i64,
    /// Room kept below the floor for folded segments.
    pub strata_height: Unit,
}

/// The longest log: the one whose batches give the window its edges.
fn longest(part: &PartitionView) -> Option<&ReplicaView> {
    part.logs.iter().max_by_key(|l| (l.log_end_offset, l.broker == part.leader))
}

/// The window for `slots` slots that keeps the end of the log and, where there is room, `keep`.
pub(crate) fn window(part: &PartitionView, slots: i64, slot: Unit, keep: &[Offset]) -> Window {
    let Some(log) = longest(part) else {
        return Window { lo: 0, slots, strata_height: 0 };
    };
    let end = log.log_end_offset;
    let start =
        part.logs.iter().find(|l| l.broker == part.leader).unwrap_or(log).log_start_offset.min(end);
    if end - start <= slots {
        return Window { lo: start, slots, strata_height: 0 };
    }
    // The folded segments need room, which may fold one more.
    let mut found = Window { lo: start, slots, strata_height: 0 };
    for count in 1..=STRATA {
        found = folded(log, end, (slots, slot), i32::try_from(count).unwrap_or(4), keep);
        if log.segments.iter().filter(|s| s.base_offset < found.lo).count() <= count {
            break;
        }
    }
    found
}

fn folded(
    log: &ReplicaView,
    end: Offset,
    (slots, slot): (i64, Unit),
    strata: i32,
    keep: &[Offset],
) -> Window {
    let strata_height = STRATUM * strata + u(2);
    let taken = i64::from((strata_height + slot - 1) / slot);
    let slots = (slots - taken).max(1);
    let lowest = end - slots;
    // A segment's first offset where it comes soon, else the first batch that fits.
    let keep = keep.iter().copied().filter(|o| *o >= lowest).min().unwrap_or(end);
    let segment = log
        .segments
        .iter()
        .map(|s| s.base_offset)
        .find(|base| *base >= lowest && *base <= keep && *base < lowest + slots / 3);
    let batch = log.batches.iter().map(|b| b.base_offset).find(|base| *base >= lowest);
    let lo = segment.or(batch).unwrap_or(lowest);
    Window { lo, slots, strata_height }
}

#[cfg(test)]
mod tests {
    use super::*;
    use highwater_cluster::{TopicId, TopicPartition};
    use highwater_sim::{BatchView, SegmentView};

    fn log(end: Offset, batch: Offset, segment: Offset) -> PartitionView {
        let starts = |step: i64| (0..end).step_by(usize::try_from(step).unwrap_or(1));
        let log = ReplicaView {
            broker: 1,
            log_end_offset: end,
            segments: starts(segment)
                .map(|b| SegmentView { base_offset: b, ..SegmentView::default() })
                .collect(),
            batches: starts(batch)
                .map(|b| BatchView {
                    base_offset: b,
                    last_offset: (b + batch).min(end) - 1,
                    ..BatchView::default()
                })
                .collect(),
            ..ReplicaView::default()
        };
        PartitionView {
            tp: TopicPartition::new(TopicId(1), 0),
            name: "orders-0".into(),
            leader: 1,
            leader_epoch: 0,
            partition_epoch: 0,
            replicas: vec![1],
            isr: vec![1],
            logs: vec![log],
        }
    }

    #[test]
    fn a_short_log_is_wholly_in_sight() {
        let w = window(&log(9, 2, 100), 10, u(25), &[]);
        assert_eq!((w.lo, w.strata_height), (0, 0));
    }

    #[test]
    fn a_long_one_starts_at_a_batch_and_keeps_its_end() {
        for end in 11..80 {
            let w = window(&log(end, 3, 1000), 10, u(25), &[]);
            assert_eq!(w.lo % 3, 0, "starts within a batch at {end}");
            assert!(end - w.lo <= w.slots, "the end {end} is out of sight");
        }
    }

    #[test]
    fn a_segment_that_begins_soon_is_preferred() {
        let w = window(&log(30, 1, 10), 13, u(25), &[]);
        assert_eq!(w.lo, 20);
    }
}
