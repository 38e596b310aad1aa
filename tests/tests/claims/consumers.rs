//! Groups, positions and commits.

use crate::{poll, polls};
use highwater_cluster::{KafkaError, TraceEvent};
use highwater_tests::suite::Lab;

fn topic(partitions: i32, more: &str) -> Lab {
    let mut lab = Lab::of(&format!(
        "[scenario]\nbrokers = 1\nsettings = {{ \"offsets.topic.num.partitions\" = 1, \
         \"offsets.topic.replication.factor\" = 1 }}\n\
         [[scenario.topic]]\nname = \"orders\"\npartitions = {partitions}\n\
         [[scenario.producer]]\ntopic = \"orders\"\nsettings = {{ \"linger.ms\" = 0 }}\n{more}"
    ));
    lab.run_ms(500);
    lab
}

fn ten_records() -> Lab {
    let mut lab = topic(1, "");
    lab.act("produce p1 x10");
    lab.until("orders-0.hw == 10");
    lab
}

const BY_HAND: &str =
    "topic=orders processing=hand auto.offset.reset=earliest session.timeout.ms=6000";

/// B04: a partition has one owner in a group; the third of two partitions' consumers owns nothing until another
/// leaves.
#[test]
fn third_consumer_on_two_partitions_is_idle() {
    let mut lab = topic(2, "");
    for _ in 0..3 {
        lab.act("add consumer group=g topic=orders session.timeout.ms=6000");
        lab.run_ms(5_000);
    }
    lab.until("group g.state == Stable and group g.members == 3");
    lab.expect("c1.owned == 1 and c2.owned == 1 and c3.owned == 0");
    lab.act("crash c1");
    lab.until("c2.owned == 1 and c3.owned == 1");
}

/// B01: reading removes nothing; another group reads the same records.
#[test]
fn a_log_is_no_queue() {
    let mut lab = topic(1, "");
    lab.act("produce p1 x3");
    for (group, number) in [("one", 1), ("two", 2)] {
        lab.act(&format!("add consumer group={group} topic=orders auto.offset.reset=earliest"));
        lab.until(&format!("c{number}.processed == 3"));
    }
    lab.expect("orders-0.leo == 3 and orders-0.log_start == 0");
}

/// Range and round robin on topics t1 and t2 of three partitions each.
fn assigned(strategy: &str) -> Vec<Vec<String>> {
    let consumer = format!(
        "[[scenario.consumer]]\ngroup = \"g\"\ntopics = [\"t1\", \"t2\"]\nprocessing = \"1 ms\"\n\
         settings = {{ \"partition.assignment.strategy\" = \"{strategy}\" }}\n"
    );
    let mut lab = Lab::of(&format!(
        "[scenario]\nbrokers = 1\nsettings = {{ \"offsets.topic.replication.factor\" = 1 }}\n\
         [[scenario.topic]]\nname = \"t1\"\npartitions = 3\n\
         [[scenario.topic]]\nname = \"t2\"\npartitions = 3\n{consumer}{consumer}"
    ));
    lab.until("group g.state == Stable and c1.owned >= 1 and c2.owned >= 1");
    let view = lab.world.view();
    let name =
        |tp: &highwater_cluster::TopicPartition| format!("t{}-{}", tp.topic.0 + 1, tp.partition);
    view.consumers.iter().map(|c| c.owned.iter().map(|o| name(&o.tp)).collect()).collect()
}

/// B05: range goes topic by topic, so the surplus piles up on the first; round robin deals all of them in turn.
#[test]
fn range_is_uneven_where_roundrobin_is_even() {
    assert_eq!(assigned("range"), [vec!["t1-0", "t1-1", "t2-0", "t2-1"], vec!["t1-2", "t2-2"]]);
    assert_eq!(assigned("roundrobin"), [["t1-0", "t1-2", "t2-1"], ["t1-1", "t2-0", "t2-2"]]);
}

/// B07: a new group without commits starts at the end with `latest` and at the beginning with `earliest`.
#[test]
fn a_new_group_starts_where_auto_offset_reset_says() {
    for (reset, expected) in [("latest", 1), ("earliest", 6)] {
        let mut lab = topic(1, "");
        lab.act("produce p1 x5");
        lab.until("orders-0.hw == 5");
        lab.act(&format!("add consumer group=g topic=orders auto.offset.reset={reset}"));
        lab.until("event PositionReset");
        lab.act("produce p1");
        lab.run_ms(2_000);
        lab.expect(&format!("c1.processed == {expected}"));
    }
}

/// A group goes on from its committed offset, not from what was processed.
#[test]
fn resume_from_the_committed_offset() {
    let mut lab = ten_records();
    lab.act(&format!("add consumer group=g {BY_HAND} max.poll.records=7 enable.auto.commit=false"));
    // B08: 0..6 processed, 5 committed, crash: 5 and 6 are handled twice, nothing is skipped.
    assert_eq!(poll(&mut lab, 1), (0, 6));
    lab.act("commit c1 orders-0=5");
    lab.until("group g.committed orders-0 == 5");
    lab.act("crash c1");
    lab.act(&format!("add consumer group=g {BY_HAND} max.poll.records=5 enable.auto.commit=false"));
    assert_eq!(poll(&mut lab, 2), (5, 9));
    let twice =
        (0..10).filter(|o| polls(&lab).iter().filter(|p| (p.1..=p.2).contains(o)).count() == 2);
    assert_eq!(twice.collect::<Vec<_>>(), [5, 6]);
}

/// B09: commit first, then process: what was not processed before the crash never is.
#[test]
fn commit_before_processing_is_at_most_once() {
    let mut lab = ten_records();
    lab.act(&format!(
        "add consumer group=g {BY_HAND} max.poll.records=10 enable.auto.commit=false"
    ));
    assert_eq!(poll(&mut lab, 1), (0, 9));
    lab.act("commit c1");
    lab.until("group g.committed orders-0 == 10");
    lab.act("crash c1");
    lab.act(&format!("add consumer group=g {BY_HAND} enable.auto.commit=false"));
    lab.until("event MemberLeft where session_expired=true or c2.owned == 1");
    lab.act("produce p1");
    assert_eq!(poll(&mut lab, 2), (10, 10), "7 to 9 are not given again");
}

/// B10: a poll commits what the polls before it returned, once the interval has passed.
#[test]
fn auto_commit_covers_earlier_polls_only() {
    let mut lab = ten_records();
    lab.act(&format!(
        "add consumer group=g {BY_HAND} max.poll.records=5 auto.commit.interval.ms=5000"
    ));
    assert_eq!(poll(&mut lab, 1), (0, 4));
    lab.run_ms(5_100);
    assert_eq!(poll(&mut lab, 1), (5, 9));
    lab.until("group g.committed orders-0 == 5");
    lab.act("crash c1");
    lab.act(&format!("add consumer group=g {BY_HAND} max.poll.records=5"));
    assert_eq!(poll(&mut lab, 2), (5, 9), "5 and not 10");
}

/// CE-16: a consumer that was away for longer than its session commits as nobody: the commit changes nothing.
#[test]
fn a_zombie_consumer_cannot_commit() {
    let mut lab = topic(1, "");
    lab.act("produce p1 x12");
    lab.until("orders-0.hw == 12");
    lab.act(&format!(
        "add consumer group=g {BY_HAND} max.poll.records=10 enable.auto.commit=false"
    ));
    assert_eq!(poll(&mut lab, 1), (0, 9));
    lab.act("commit c1 orders-0=5");
    lab.until("group g.committed orders-0 == 5");
    lab.act("pause c1");
    lab.act(&format!("add consumer group=g {BY_HAND} enable.auto.commit=false"));
    assert_eq!(poll(&mut lab, 2), (5, 11));
    lab.act("commit c2");
    lab.until("group g.committed orders-0 == 12");
    lab.act("commit c1 orders-0=10");
    lab.act("resume c1");
    lab.run_ms(3_000);
    let refused = lab.events().find_map(|e| match e {
        TraceEvent::CommitRefused { error, .. } => Some(*error),
        _ => None,
    });
    // The member is gone from the group: that is checked before its generation.
    assert_eq!(refused, Some(KafkaError::UnknownMemberId));
    lab.expect("group g.committed orders-0 == 12");
}

/// I22: who does not poll for max.poll.interval.ms leaves by himself although his heartbeats go on.
#[test]
fn a_consumer_that_does_not_poll_leaves() {
    let mut lab = topic(1, "");
    lab.act("add consumer group=g topic=orders max.poll.interval.ms=7000 processing=30s auto.offset.reset=earliest");
    lab.act("produce p1 x3");
    lab.until("c1.processed >= 1 or event RecordsPolled");
    lab.until("event MemberLeft where session_expired=false");
    lab.expect("group g.members == 0 and event RecordsPolled >= 1");
}
