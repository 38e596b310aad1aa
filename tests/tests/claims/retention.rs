//! What retention takes.

use highwater_tests::suite::Lab;

/// One record with a key of 1 and a value of 10 bytes is a batch of 79 bytes: header 61, record 18 (length 1,
/// attributes 1, timestamp delta 1, offset delta 1, key length 1, key 1, value length 1, value 10, headers 1).
const BATCH: i64 = 79;

fn small_segments(topic_settings: &str, more: &str) -> Lab {
    let segment = 3 * BATCH;
    let mut lab = Lab::of(&format!(
        "[scenario]\nbrokers = 1\n\
         settings = {{ \"log.retention.check.interval.ms\" = 1000, \"log.initial.task.delay.ms\" = 0, \
         \"offsets.topic.replication.factor\" = 1 }}\n\
         [[scenario.topic]]\nname = \"orders\"\n\
         settings = {{ \"internal.segment.bytes\" = {segment}, {topic_settings} }}\n\
         [[scenario.producer]]\ntopic = \"orders\"\nsettings = {{ \"linger.ms\" = 0 }}\n{more}"
    ));
    lab.run_ms(500);
    lab
}

fn produce(lab: &mut Lab, count: i32) {
    for _ in 0..count {
        lab.act("produce p1 key=A value=0123456789");
        lab.run_ms(20);
    }
}

/// B11: segments [0-2] [3-5] [6,7 active], room for four records. 8-4=4 are too many: the first segment (3) fits
/// into that, the next (3) does not into what is left (1). Five records stay although four were allowed.
#[test]
fn whole_segment_deleted_never_single_records() {
    let retention = 4 * BATCH;
    let mut lab = small_segments(&format!("\"retention.bytes\" = {retention}"), "");
    produce(&mut lab, 8);
    lab.expect("orders-0.leo == 8");
    let view = lab.world.view();
    let batches = &view.topics[0].partitions[0].logs[0].batches;
    assert!(batches.iter().all(|b| i64::from(b.size_bytes) == BATCH), "sizes as worked out");
    lab.run_ms(3_000);
    lab.expect("orders-0.log_start == 3 and orders-0.segments == 2 and orders-0.leo == 8");
    lab.expect("event SegmentDeleted == 1");
}

/// The active segment is never deleted for its size, however small the limit.
#[test]
fn the_active_segment_stays() {
    let mut lab = small_segments("\"retention.bytes\" = 1", "");
    produce(&mut lab, 2);
    lab.run_ms(3_000);
    lab.expect("orders-0.log_start == 0 and orders-0.leo == 2 and event SegmentDeleted == 0");
}

/// retention.ms goes by the largest timestamp of a segment; the last one is rolled first and goes too.
#[test]
fn retention_by_time_takes_closed_segments_when_their_newest_record_is_old() {
    let mut lab = small_segments("\"retention.ms\" = 10000", "");
    produce(&mut lab, 3);
    lab.run_ms(8_000);
    produce(&mut lab, 3);
    lab.run_ms(4_000);
    // The first is 12 s old, the second 4 s.
    lab.expect("orders-0.log_start == 3 and orders-0.leo == 6");
    lab.run_ms(10_000);
    lab.expect("orders-0.log_start == 6 and orders-0.leo == 6");
}

fn overtaken(reset: &str) -> Lab {
    let consumer = format!(
        "[[scenario.consumer]]\ngroup = \"g\"\ntopics = [\"orders\"]\nprocessing = \"1 ms\"\n\
         settings = {{ \"auto.offset.reset\" = \"{reset}\", \"session.timeout.ms\" = 60000, \
         \"auto.commit.interval.ms\" = 100 }}\n"
    );
    let mut lab = small_segments(&format!("\"retention.bytes\" = {}", 4 * BATCH), &consumer);
    // `none` is an error without a committed offset: the first one is committed by hand.
    lab.until("c1.owned == 1 or event ConsumerFailed");
    lab.run_ms(1_000);
    lab
}

/// I26: a slow consumer that retention has overtaken starts where auto.offset.reset says: `earliest` at the new
/// log start, with the records in between lost to it; `latest` at the end, with a silent gap.
#[test]
fn overtaken_by_retention() {
    for (reset, position) in [("earliest", 9), ("latest", 14)] {
        let mut lab = overtaken(reset);
        produce(&mut lab, 1);
        lab.until("c1.position orders-0 == 1 and group g.committed orders-0 == 1");
        lab.act("pause c1");
        produce(&mut lab, 13);
        lab.run_ms(4_000);
        // [9-11] [12,13 active]: 14-4=10 are too many, three segments of 3 fit into that.
        lab.expect("orders-0.log_start == 9 and orders-0.leo == 14");
        let from = lab.records.len();
        lab.act("resume c1");
        lab.until("c1.position orders-0 == 14");
        let reset_to = lab.records[from..].iter().find_map(|r| match r.event() {
            Some(highwater_cluster::TraceEvent::PositionReset { offset, .. }) => Some(*offset),
            _ => None,
        });
        assert_eq!(reset_to, Some(position), "{reset}");
    }
}
