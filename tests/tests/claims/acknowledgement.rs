//! acks, and what each of them promises when a machine goes.

use crate::three;
use highwater_cluster::TraceEvent;
use highwater_tests::suite::Lab;

/// The leader takes a record while its followers cannot fetch, and crashes. True: it was acknowledged.
fn leader_dies_before_anybody_has_fetched(acks: &str) -> (Lab, bool) {
    let producer = format!("acks = \"{acks}\", \"delivery.timeout.ms\" = 31000");
    let mut lab = three("\"min.insync.replicas\" = 2", &[&producer]);
    lab.act("produce p1 key=A");
    lab.until("p1.acked == 1 and orders-0.hw == 1");
    lab.act("cut 1-2");
    lab.act("cut 1-3");
    // Fetches that wait at the leader now are answered (without records) after 0.5 s.
    lab.run_ms(1_000);
    lab.act("produce p1 key=B");
    lab.run_ms(300);
    lab.expect("orders-0@1.leo == 2 and orders-0@2.leo == 1 and orders-0@3.leo == 1");
    let acknowledged = lab.value("p1.acked") == "2";
    lab.act("crash broker 1");
    lab.act("heal 1-2");
    lab.act("heal 1-3");
    lab.until("orders-0.leader == 2");
    lab.act("restart broker 1");
    lab.until("orders-0.isr_size == 3");
    lab.run_ms(2_000);
    (lab, acknowledged)
}

/// CE-13 and I04: the same crash, told apart by when the answer left.
#[test]
fn acks_1_loses_acks_all_does_not() {
    let (lab, acknowledged) = leader_dies_before_anybody_has_fetched("1");
    assert!(acknowledged, "acks=1 is answered by the leader alone");
    lab.expect("lost == 1 and orders-0.leo == 1");
    lab.expect("event AcknowledgedRecordLost where tp=orders-0, offset=1, acks=1");
    lab.expect("event LogTruncated where node=1, from=2, to=1");

    let (lab, acknowledged) = leader_dies_before_anybody_has_fetched("all");
    assert!(!acknowledged, "acks=all is still waiting");
    // The producer still had it, and sent it again to the new leader.
    lab.expect("lost == 0 and p1.acked == 2 and orders-0.leo == 2");
}

/// I02: acks=0 counts at send, acks=1 when the leader has appended, acks=all when the high watermark has passed.
#[test]
fn each_acks_is_answered_at_its_own_moment() {
    let mut lab = three("", &["acks = \"0\"", "acks = \"1\"", "acks = \"all\""]);
    lab.act("produce p1");
    lab.until("event SentWithoutAck");
    lab.expect("orders-0.leo == 0 and p1.acked == 0");
    lab.until("orders-0.leo == 1");
    lab.act("produce p2");
    lab.until("orders-0@1.leo == 2");
    lab.expect("orders-0.hw < 2 and p2.acked == 0");
    lab.until("p2.acked == 1");
    lab.act("produce p3");
    lab.until("event ProduceParked where base_offset=2");
    lab.until("orders-0@1.hw == 3");
    lab.expect("p3.acked == 0");
    lab.until("p3.acked == 1");
}

/// I10: acks=all means every member of the ISR; with min.insync.replicas=1 that may be the leader alone, and its
/// unflushed bytes go with its power.
#[test]
fn acks_all_with_min_isr_1_loses_on_power_loss() {
    let mut lab = three("\"min.insync.replicas\" = 1", &["acks = \"all\""]);
    lab.act("crash broker 2");
    lab.act("crash broker 3");
    lab.until("orders-0.isr == {1}");
    lab.act("produce p1 x3");
    lab.until("p1.acked == 3");
    lab.act("power off broker 1");
    lab.run_ms(500);
    lab.act("restart broker 1");
    lab.until("event LeaderElected where leader=1");
    lab.run_ms(1_000);
    lab.expect("lost == 3 and orders-0.leo == 0");
    let all = |e: &&TraceEvent| matches!(e, TraceEvent::AcknowledgedRecordLost { acks: -1, .. });
    assert_eq!(lab.events().filter(all).count(), 3);
}

/// A crash of the process keeps what the operating system has; so acks=all with one broker survives it.
#[test]
fn a_crash_keeps_the_page_cache() {
    let mut lab = Lab::of(
        "[scenario]\nbrokers = 1\n[[scenario.topic]]\nname = \"orders\"\n\
         [[scenario.producer]]\ntopic = \"orders\"\n",
    );
    lab.run_ms(500);
    lab.act("produce p1 x5");
    lab.until("p1.acked == 5");
    lab.act("crash broker 1");
    lab.run_ms(500);
    lab.act("restart broker 1");
    lab.until("orders-0.leader == 1 and orders-0.hw == 5");
    lab.expect("lost == 0");
}

/// log.flush.interval.messages=1 (`flush.messages`): what was acknowledged is on disk, and survives the power.
#[test]
fn flushing_each_message_survives_power_loss() {
    let mut lab = three("\"min.insync.replicas\" = 1, \"flush.messages\" = 1", &["acks = \"all\""]);
    lab.act("crash broker 2");
    lab.act("crash broker 3");
    lab.until("orders-0.isr == {1}");
    lab.act("produce p1 x3");
    lab.until("p1.acked == 3");
    lab.act("power off broker 1");
    lab.run_ms(500);
    lab.act("restart broker 1");
    lab.until("event LeaderElected where leader=1");
    lab.until("orders-0.hw == 3");
    lab.expect("lost == 0");
}
