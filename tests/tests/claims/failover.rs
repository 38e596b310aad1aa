//! Leaders, epochs, divergence.

use crate::{three, three_with};

/// I05: the controller fences the dead leader after its session, takes it out of the ISR and elects from what is
/// left: leader epoch +1, partition epoch +1. It returns as a follower and rejoins the ISR when caught up.
#[test]
fn failover_raises_both_epochs_by_one() {
    let mut lab = three("\"min.insync.replicas\" = 2", &["acks = \"all\""]);
    lab.act("produce p1 x3");
    lab.until("p1.acked == 3");
    lab.expect("orders-0.leader == 1 and orders-0.epoch == 0");
    lab.act("crash broker 1");
    let crashed = lab.world.now();
    lab.until("event LeaderElected where tp=orders-0");
    let after = lab.world.now().since(crashed).ms();
    // broker.session.timeout.ms is 9 s since the last heartbeat, which was up to 2 s before.
    assert!((7_000..=9_600).contains(&after), "elected after {after} ms");
    lab.expect("orders-0.leader == 2 and orders-0.epoch == 1 and orders-0.isr == {2, 3}");
    lab.expect("event IsrChanged where tp=orders-0, partition_epoch=1");
    lab.act("restart broker 1");
    lab.until("orders-0.isr_size == 3");
    lab.expect("orders-0.leader == 2 and orders-0.epoch == 1 and orders-0@1.role == follower");
    lab.expect("orders-0@1.leo == 3 and lost == 0");
    lab.act("elect preferred orders-0");
    lab.until("orders-0.leader == 1");
    lab.expect("orders-0.epoch == 2");
}

/// The rest of I05: only a member of the ISR may lead; without one there is no leader.
#[test]
fn only_isr_members_are_elected() {
    let mut lab = three("\"min.insync.replicas\" = 1", &["acks = \"all\""]);
    lab.act("crash broker 2");
    lab.act("crash broker 3");
    lab.until("orders-0.isr == {1}");
    lab.act("produce p1");
    lab.until("p1.acked == 1");
    lab.act("crash broker 1");
    lab.act("restart broker 2");
    lab.act("restart broker 3");
    lab.run_ms(30_000);
    // Brokers 2 and 3 are alive, but behind: the last member of the ISR is waited for.
    lab.expect("orders-0.leader == -1 or orders-0.leader == none");
    lab.expect("orders-0.isr == {1} and broker 2.fenced == false");
    lab.act("restart broker 1");
    lab.until("orders-0.isr_size == 3");
    lab.expect("orders-0.leader == 1 and lost == 0 and orders-0.hw == 1");
}

/// I11, CE-12: an unclean election makes the partition available at once and loses what only the ISR had; the old
/// leader cuts its surplus when it returns.
#[test]
fn unclean_election_loses_and_truncates() {
    let mut lab = three("\"min.insync.replicas\" = 1", &["acks = \"all\""]);
    lab.act("produce p1");
    lab.until("p1.acked == 1 and orders-0@2.hw == 1 and orders-0@3.hw == 1");
    lab.act("crash broker 2");
    lab.act("crash broker 3");
    lab.until("orders-0.isr == {1}");
    lab.act("produce p1 x2");
    lab.until("p1.acked == 3");
    lab.act("crash broker 1");
    lab.act("restart broker 2");
    lab.run_ms(12_000);
    lab.expect("lost == 0 and event LeaderElected where unclean=true == 0");
    lab.act("elect unclean orders-0");
    lab.until("event LeaderElected where unclean=true");
    lab.expect("orders-0.leader == 2 and orders-0.isr == {2}");
    lab.run_ms(500);
    lab.expect("lost == 2 and orders-0.leo == 1");
    lab.act("restart broker 1");
    lab.act("restart broker 3");
    lab.until("orders-0.isr_size == 3");
    lab.expect("event LogTruncated where node=1, from=3, to=1");
    lab.expect("orders-0@1.leo == 1 and orders-0@3.leo == 1");
}

/// E10: a leader that is cut off keeps its clients. acks=1 is acknowledged and cut later; acks=all waits for an
/// ISR that no longer fetches, and times out.
#[test]
fn split_brain_loses_acks_1_only() {
    let timeouts = "\"request.timeout.ms\" = 3000, \"delivery.timeout.ms\" = 6000";
    let (one, all) = (format!("acks = \"1\", {timeouts}"), format!("acks = \"all\", {timeouts}"));
    let mut lab = three("\"min.insync.replicas\" = 2", &[&one, &all]);
    for link in ["1-2", "1-3", "1-controller"] {
        lab.act(&format!("cut {link}"));
    }
    lab.act("produce p1 x3");
    lab.act("produce p2 x2");
    lab.run_ms(2_000);
    lab.expect("p1.acked == 3 and p2.acked == 0 and orders-0@1.leo == 5");
    lab.until("orders-0.leader == 2");
    // Two leaders: broker 1 does not know yet.
    lab.run_ms(50);
    lab.expect("orders-0@1.role == leader and orders-0@2.role == leader");
    lab.expect("p2.acked == 0 and p2.failed == 2");
    lab.act("produce p1");
    lab.run_ms(1_000);
    lab.expect("p1.acked == 4");
    for link in ["1-2", "1-3", "1-controller"] {
        lab.act(&format!("heal {link}"));
    }
    lab.until("orders-0.isr_size == 3");
    lab.run_ms(1_000);
    // All four of acks=1, the last one taken when another leader was there already; none of acks=all.
    lab.expect("lost == 4 and event AcknowledgedRecordLost where acks=1 == 4");
    lab.expect("event LogTruncated where node=1, to=0");
    lab.expect("orders-0@1.leo == 0");
}

/// I08: an error after the append means "unknown", not "no": a retry makes the record appear twice.
#[test]
fn a_timed_out_write_may_be_there_all_the_same() {
    let timeouts = "\"request.timeout.ms\" = 2000, \"delivery.timeout.ms\" = 20000";
    let settings = "\"replica.lag.time.max.ms\" = 30000, \"broker.session.timeout.ms\" = 20000";
    let producer = format!("acks = \"all\", {timeouts}");
    let mut lab = three_with(settings, "\"min.insync.replicas\" = 2", &[&producer]);
    lab.act("cut 1-2");
    lab.act("produce p1");
    lab.until("event SendRetried where error=RequestTimedOut");
    lab.act("heal 1-2");
    lab.until("p1.acked == 1");
    lab.run_ms(1_000);
    let copies: i64 = lab.value("orders-0.hw").parse().expect("a number");
    assert!(copies >= 2, "{copies} copies of one record");
    lab.expect("lost == 0");
}

/// A broker that shuts down in order gives its leaderships away first: no session timeout is waited for.
#[test]
fn controlled_shutdown_moves_the_leader_at_once() {
    let mut lab = three("", &["acks = \"all\""]);
    let before = lab.world.now();
    lab.act("shutdown broker 1");
    lab.until("orders-0.leader == 2");
    assert!(lab.world.now().since(before).ms() < 500);
    lab.until("broker 1.state == stopped");
    lab.expect("orders-0.isr == {2, 3} and lost == 0");
}
