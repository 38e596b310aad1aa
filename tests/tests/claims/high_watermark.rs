//! Fetches, the high watermark and the ISR.

use crate::{three, three_with};
use highwater_cluster::{Body, NodeId, Request, Response, TraceEvent};
use highwater_sim::{TraceKind, TraceRecord};
use highwater_tests::suite::Lab;
use std::collections::BTreeMap;

/// Offset that a follower's fetch of the topic's partition asks for.
fn fetch_offset(record: &TraceRecord) -> Option<(i32, i64)> {
    let TraceKind::Delivered { from: NodeId::Broker(follower), body: Body::Request(r), .. } =
        &record.what
    else {
        return None;
    };
    let Request::Fetch(fetch) = &**r else { return None };
    Some((*follower, fetch.partitions.iter().find(|p| p.tp.topic.0 == 0)?.fetch_offset))
}

/// A fetch at offset 101 says "I have everything below 101": it confirms 100, and nothing else does.
#[test]
fn fetch_offset_101_confirms_100() {
    let mut lab = three("", &["acks = \"all\""]);
    lab.act("produce p1 x101");
    let mut told = BTreeMap::new();
    while lab.value("orders-0.hw") != "101" {
        lab.world.step();
        for record in lab.world.records() {
            if let Some((follower, offset)) = fetch_offset(record) {
                told.insert(follower, offset);
            }
            let moved = record.event();
            if let Some(TraceEvent::HighWatermarkMoved { to: 101, as_leader: true, .. }) = moved {
                // Offsets 0 to 100 are 101 records; both followers have asked for 101.
                assert_eq!(told, BTreeMap::from([(2, 101), (3, 101)]));
            }
            if let Some(TraceEvent::Acknowledged { base_offset, count, .. }) = moved {
                assert!(base_offset + i64::from(*count) <= 101);
            }
        }
    }
    lab.expect("orders-0.leo == 101");
}

/// I01 step by step: LEO/HW of the leader are 1/0 after the append, after both fetches at 0 and after the first
/// fetch at 1; 1/1 only after the last member of the ISR has fetched at 1.
#[test]
fn high_watermark_moves_only_when_the_last_isr_member_has_fetched() {
    let mut lab = three("", &["acks = \"1\""]);
    lab.act("produce p1");
    let mut asked: BTreeMap<i32, i64> = BTreeMap::new();
    let mut moved = 0;
    for _ in 0..10_000 {
        lab.world.step();
        for record in lab.world.records().to_vec() {
            if let Some((follower, offset)) = fetch_offset(&record) {
                asked.insert(follower, offset);
            }
            if let Some(TraceEvent::HighWatermarkMoved { from, to, as_leader: true, .. }) =
                record.event()
            {
                assert_eq!((*from, *to), (0, 1));
                assert_eq!(asked, BTreeMap::from([(2, 1), (3, 1)]), "both have asked for offset 1");
                moved += 1;
            }
        }
        let one_is_missing = asked.values().any(|o| *o < 1);
        if one_is_missing {
            lab.expect("orders-0@1.hw == 0");
        }
        if moved > 0 {
            break;
        }
    }
    assert_eq!(moved, 1);
}

/// A follower learns the high watermark from the answer to its next fetch, never from the one that moved it.
#[test]
fn follower_learns_the_high_watermark_one_round_late() {
    let mut lab = three("", &["acks = \"1\""]);
    lab.act("produce p1");
    lab.until("orders-0@1.hw == 1");
    lab.expect(
        "orders-0@2.leo == 1 and orders-0@3.leo == 1 and orders-0@2.hw == 0 and orders-0@3.hw == 0",
    );
    let leader_moved_at = lab.world.now();
    for follower in [2, 3] {
        lab.until(&format!("orders-0@{follower}.hw == 1"));
        // The answer that brought it, in this step, was sent after the leader's moved.
        let brought = lab.world.records().iter().find_map(|r| match &r.what {
            TraceKind::Delivered { body: Body::Response(b), sent_at, .. } => match &**b {
                Response::Fetch(f) => {
                    Some((*sent_at, f.partitions.iter().map(|p| p.high_watermark).max()))
                }
                _ => None,
            },
            _ => None,
        });
        let (sent_at, high_watermark) =
            brought.expect("a fetch response in the step that moved it");
        assert!(sent_at >= leader_moved_at);
        assert_eq!(high_watermark, Some(1));
    }
}

/// CE-14: a new leader begins with the high watermark it knew as a follower, which may be lower. Nothing is lost.
#[test]
fn high_watermark_steps_back_at_failover_without_loss() {
    let mut lab = three("\"min.insync.replicas\" = 2", &["acks = \"all\""]);
    lab.act("produce p1");
    lab.until("orders-0@1.hw == 1");
    lab.act("crash broker 1");
    lab.until("event BecameLeader where node=2 or orders-0.leader == 3");
    lab.expect("orders-0.leader == 2");
    // Lower than 1, which the old leader has shown.
    lab.expect("orders-0@2.hw == 0 and orders-0@2.leo == 1");
    lab.until("orders-0@2.hw == 1");
    lab.expect("lost == 0 and event LogTruncated == 0");
}

/// I07: with the ISR below min.insync.replicas acks=all is refused, acks=1 is taken but stays invisible; when the
/// ISR has regrown everything commits.
#[test]
fn min_isr_is_a_gate_for_writes() {
    let retries = "\"delivery.timeout.ms\" = 2000, \"request.timeout.ms\" = 1000";
    let acks_all = format!("acks = \"all\", {retries}");
    let mut lab = three("\"min.insync.replicas\" = 2", &["acks = \"1\"", &acks_all]);
    lab.act("produce p1");
    lab.until("orders-0.hw == 1");
    lab.act("crash broker 2");
    lab.act("crash broker 3");
    lab.until("orders-0.isr == {1}");
    // The leader hears of it from the metadata log.
    lab.run_ms(100);
    lab.act("produce p1");
    lab.act("produce p2");
    lab.run_ms(3_000);
    lab.expect("p1.acked == 2 and p2.acked == 0 and p2.failed == 1");
    lab.expect("event ProduceRefused where error=NotEnoughReplicas");
    lab.expect("orders-0.leo == 2 and orders-0.hw == 1");
    lab.act("restart broker 2");
    lab.until("orders-0.isr_size == 2 and orders-0.hw == 2");
    lab.expect("lost == 0");
}

/// I09: a follower is dropped when it has not been caught up for replica.lag.time.max.ms (the check comes every
/// half of it), comes back when it has caught up, one change each; that long a write with acks=all can wait.
#[test]
fn a_slow_follower_flaps_in_and_out_of_the_isr() {
    let settings = "\"replica.lag.time.max.ms\" = 4000";
    let mut lab = three_with(settings, "\"min.insync.replicas\" = 2", &["acks = \"all\""]);
    for round in 1..=2 {
        lab.act("pause broker 3");
        lab.act("produce p1");
        let waits_from = lab.world.now();
        lab.until(&format!("p1.acked == {round}"));
        let waited = lab.world.now().since(waits_from).ms();
        // 4 s since it was last caught up, found by a check every 2 s, and a few messages.
        assert!((3_500..=6_100).contains(&waited), "waited {waited} ms");
        lab.expect("orders-0.isr == {1, 2}");
        lab.act("resume broker 3");
        lab.until("orders-0.isr_size == 3");
        lab.expect(&format!("event IsrChanged where tp=orders-0 == {}", 2 * round));
    }
    lab.expect("lost == 0 and event LeaderElected == 0");
}

/// The ack and the growth of the ISR ask for the high watermark; an offset is never visible above it.
#[test]
fn a_consumer_never_reads_above_the_high_watermark() {
    let mut lab = three("", &["acks = \"1\""]);
    lab.act(
        "add consumer group=g topic=orders auto.offset.reset=earliest session.timeout.ms=60000",
    );
    lab.until("c1.position orders-0 == 0");
    lab.act("cut 1-2");
    lab.act("produce p1 x3");
    lab.run_ms(5_000);
    // On the leader and on broker 3, but broker 2 is in the ISR and has not fetched.
    lab.expect(
        "orders-0@1.leo == 3 and orders-0@3.leo == 3 and orders-0.hw == 0 and c1.processed == 0",
    );
    lab.act("heal 1-2");
    lab.until("c1.processed == 3");
    lab.expect("orders-0.hw == 3");
}

/// Keeps the helper honest: a lab says what it found.
#[test]
fn a_failed_expectation_says_what_it_is() {
    let lab: Lab = three("", &[]);
    let error = lab.try_expect("orders-0.leader == 3").expect_err("1 leads");
    assert!(error.contains("it is 1"), "{error}");
}
