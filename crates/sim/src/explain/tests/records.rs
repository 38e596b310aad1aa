//! Segments and single records.

use super::*;
use crate::explain::{RecordFact, SegmentFact};
use highwater_cluster::Span;
use highwater_log::DeletionReason;

fn small_segments(configs: &[(&str, &str)], every_us: u64) -> World {
    let mut all = vec![("internal.segment.bytes", "300")];
    all.extend_from_slice(configs);
    let mut scenario = three(&all);
    scenario.settings = pairs(&[
        ("log.retention.check.interval.ms", "10000"),
        ("log.initial.task.delay.ms", "10000"),
    ]);
    scenario.producers.push(producer("1", every_us));
    booted(&scenario)
}

/// 03, 3.1: due when `now - largest timestamp > retention.ms`, taken by the next check of the broker.
#[test]
fn a_segment_is_kept_until_it_is_old_enough() {
    let mut world = small_segments(&[("retention.ms", "20000")], 500_000);
    at_ms(&mut world, 12_000);
    let answer = ask(&world, "segment orders-0@1:0");
    assert_eq!(answer.headline, "The segment is kept: no limit is reached");
    let due = answer.facts.iter().find_map(|f| match f {
        Fact::Segment(SegmentFact::YoungerThanRetentionMs {
            retention_ms: 20_000, due_at, ..
        }) => Some(*due_at),
        _ => None,
    });
    let due = due.unwrap_or_else(|| panic!("{answer}"));
    has!(answer, Fact::Segment(SegmentFact::NextRetentionCheck { interval_ms: 10_000, .. }));
    has!(answer, Fact::Segment(SegmentFact::NoRetentionBytes));
    world.run_until(due + Span(2_000));
    let answer = ask(&world, "segment orders-0@1:0");
    has!(
        answer,
        Fact::Segment(SegmentFact::NextCheckDeletesIt { reason: DeletionReason::RetentionMs })
    );
    let check = answer.facts.iter().find_map(|f| match f {
        Fact::Segment(SegmentFact::NextRetentionCheck { at, .. }) => Some(*at),
        _ => None,
    });
    let check = check.unwrap();
    world.run_until(check);
    let answer = ask(&world, "segment orders-0@1:0");
    has!(answer, Fact::Segment(SegmentFact::AlreadyDeleted { base_offset: 0, unlink_at }) if *unlink_at == check + Span::from_ms(60_000));
    world.run_until(check + Span::from_ms(61_000));
    assert!(
        ask(&world, "segment orders-0@1:0").headline.contains("No segment begins at 0 any more")
    );
    assert!(ask(&world, "lost orders-0:0").headline.contains("deleted by retention"));
}

/// 03, 3.1: by size a segment goes only when the log without it is not below `retention.bytes`.
#[test]
fn a_log_is_not_cut_below_its_size_limit() {
    let mut world = small_segments(&[("retention.bytes", "600")], 0);
    act(&mut world, "produce p1");
    at_ms(&mut world, 1_000);
    let answer = ask(&world, "segment orders-0@1:0");
    has!(answer, Fact::Segment(SegmentFact::Active));
    has!(answer, Fact::Segment(SegmentFact::WithinRetentionBytes { retention_bytes: 600, .. }));
    assert_eq!(answer.headline, "The segment is kept: no limit is reached");
    for n in 0..12 {
        act(&mut world, "produce p1");
        at_ms(&mut world, 1_100 + n * 100);
    }
    at_ms(&mut world, 5_000);
    let view = world.view();
    let log = &view.topics[0].partitions[0].logs[0];
    let total: u64 = log.segments.iter().map(|s| s.size_bytes).sum();
    // The rule by hand: from the oldest on, while what is over the limit covers the whole segment.
    let mut over = i64::try_from(total).unwrap() - 600;
    for segment in &log.segments {
        let size = i64::try_from(segment.size_bytes).unwrap();
        let answer = ask(&world, &format!("segment orders-0@1:{}", segment.base_offset));
        if over >= size {
            has!(
                answer,
                Fact::Segment(SegmentFact::NextCheckDeletesIt {
                    reason: DeletionReason::RetentionBytes
                })
            );
            over -= size;
        } else {
            has!(answer, Fact::Segment(SegmentFact::WithinRetentionBytes { .. }));
            has_not!(answer, Fact::Segment(SegmentFact::NextCheckDeletesIt { .. }));
            if over > 0 {
                // The limit is passed, and still it stays: that is what has to be said.
                assert!(answer.headline.contains("without it the log would be below"), "{answer}");
            }
            over = i64::MIN;
        }
    }
    assert_eq!(over, i64::MIN);
}

/// 03, 3.1: a segment also needs the high watermark at or above its end.
#[test]
fn a_segment_that_is_not_committed_is_kept() {
    let mut world = small_segments(&[("retention.ms", "1000")], 0);
    cut(&mut world, 1, 3);
    act(&mut world, "produce p1 x2");
    at_ms(&mut world, 3_000);
    let answer = ask(&world, "segment orders-0@1:0");
    has!(answer, Fact::Segment(SegmentFact::OlderThanRetentionMs { retention_ms: 1_000, .. }));
    has!(
        answer,
        Fact::Segment(SegmentFact::AboveHighWatermark { next_offset: 2, high_watermark: 0 })
    );
    assert!(answer.headline.contains("not all of it is committed"), "{answer}");
}

/// A leader acknowledges with acks=1, dies before its followers fetch, and another leads: allowed, and lost.
#[test]
fn a_record_acknowledged_by_the_leader_alone_is_lost_with_it() {
    let mut scenario = three(&[]);
    scenario.producers.push(producer("1", 0));
    let mut world = booted(&scenario);
    act(&mut world, "produce p1 x2");
    at_ms(&mut world, 3_000);
    assert_eq!(ask(&world, "lost orders-0:1").headline, "Offset 1 of orders-0 is committed");
    cut(&mut world, 1, 2);
    cut(&mut world, 1, 3);
    act(&mut world, "produce p1");
    at_ms(&mut world, 4_000);
    let answer = ask(&world, "lost orders-0:2");
    has!(answer, Fact::Record(RecordFact::NotCommitted { high_watermark: 2 }));
    has!(answer, Fact::Record(RecordFact::IsOn { brokers }) if brokers == &[1]);
    has!(answer, Fact::Record(RecordFact::AcknowledgedAt { acks: 1, .. }));
    act(&mut world, "crash broker 1");
    at_ms(&mut world, 20_000);
    let answer = ask(&world, "lost orders-0:2");
    assert_eq!(
        answer.headline,
        "Offset 2 of orders-0 was acknowledged and lost: new leader 2 did not have it"
    );
    has!(
        answer,
        Fact::Record(RecordFact::NewLeaderLacked {
            leader: 2,
            epoch: 1,
            log_end_offset: 2,
            offset: 2
        })
    );
    has!(answer, Fact::Record(RecordFact::LeaderAloneAcknowledged));
    has!(answer, Fact::Record(RecordFact::LostInAll { records: 1 }));
    has_not!(answer, Fact::Record(RecordFact::UncleanElection { .. }));
    has!(ask(&world, "lost orders-0:9"), Fact::Record(RecordFact::NotWritten { .. }));
}
