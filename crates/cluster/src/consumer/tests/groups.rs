//! Joining, rebalancing, leaving.

use super::world::World;
use crate::{Command, NodeId, Request, Time, TraceEvent};

/// The recordings' heartbeat interval and session timeout.
const QUICK: [&str; 2] = ["heartbeat.interval.ms=300", "session.timeout.ms=10000"];
const EACH_US: Option<u64> = Some(100);

fn generations(world: &World, members: &[u32]) -> Vec<i32> {
    members.iter().map(|n| world.consumer(*n).generation()).collect()
}

/// Joins c1..c5 one by one, then closes c1, c3, c5 and c2, as the recordings do. After every step the
/// generation and who holds what.
fn walk(strategy: &str) -> Vec<(i32, Vec<String>)> {
    let mut world = World::new(&[("x", 3), ("y", 3)]);
    let strategy = format!("partition.assignment.strategy={strategy}");
    let settings = [QUICK[0], QUICK[1], &strategy];
    let mut alive: Vec<u32> = Vec::new();
    let mut seen = Vec::new();
    let look = |world: &World, alive: &[u32]| {
        let all = generations(world, alive);
        assert!(all.iter().all(|g| *g == all[0]), "one generation: {all:?}");
        (all[0], alive.iter().map(|n| world.owned(*n)).collect())
    };
    for number in 1..=5 {
        world.add(number, &["x", "y"], &settings, EACH_US);
        alive.push(number);
        world.advance(2_000);
        seen.push(look(&world, &alive));
    }
    for number in [1, 3, 5, 2] {
        world.command(number, Command::Close { leave: true });
        alive.retain(|n| *n != number);
        world.advance(2_000);
        assert!(world.stopped.contains(&number));
        seen.push(look(&world, &alive));
    }
    seen
}

#[test]
fn range_group_as_recorded() {
    let expected: [(i32, &[&str]); 9] = [
        (1, &["x-0 x-1 x-2 y-0 y-1 y-2"]),
        (2, &["x-0 x-1 y-0 y-1", "x-2 y-2"]),
        (3, &["x-0 y-0", "x-1 y-1", "x-2 y-2"]),
        (4, &["x-0 y-0", "x-1 y-1", "x-2 y-2", ""]),
        (5, &["x-0 y-0", "x-1 y-1", "x-2 y-2", "", ""]),
        (6, &["x-0 y-0", "x-1 y-1", "x-2 y-2", ""]),
        (7, &["x-0 y-0", "x-1 y-1", "x-2 y-2"]),
        (8, &["x-0 x-1 y-0 y-1", "x-2 y-2"]),
        (9, &["x-0 x-1 x-2 y-0 y-1 y-2"]),
    ];
    for (step, ((generation, owned), expected)) in walk("range").iter().zip(expected).enumerate() {
        assert_eq!(*generation, expected.0, "step {step}");
        assert_eq!(owned, expected.1, "step {step}");
    }
}

#[test]
fn round_robin_group_as_recorded() {
    let expected: [(i32, &[&str]); 9] = [
        (1, &["x-0 x-1 x-2 y-0 y-1 y-2"]),
        (2, &["x-0 x-2 y-1", "x-1 y-0 y-2"]),
        (3, &["x-0 y-0", "x-1 y-1", "x-2 y-2"]),
        (4, &["x-0 y-1", "x-1 y-2", "x-2", "y-0"]),
        (5, &["x-0 y-2", "x-1", "x-2", "y-0", "y-1"]),
        (6, &["x-0 y-1", "x-1 y-2", "x-2", "y-0"]),
        (7, &["x-0 y-0", "x-1 y-1", "x-2 y-2"]),
        (8, &["x-0 x-2 y-1", "x-1 y-0 y-2"]),
        (9, &["x-0 x-1 x-2 y-0 y-1 y-2"]),
    ];
    for (step, ((generation, owned), expected)) in
        walk("roundrobin").iter().zip(expected).enumerate()
    {
        assert_eq!(*generation, expected.0, "step {step}");
        assert_eq!(owned, expected.1, "step {step}");
    }
}

#[test]
fn a_lone_member_joins_after_the_initial_delay() {
    let mut world = World::new(&[("t", 1)]);
    world.topics.config.group_initial_rebalance_delay_ms = 3000;
    world.add(1, &["t"], &[], EACH_US);
    world.advance(2_900);
    assert_eq!(world.consumer(1).doing(), "waiting for the group");
    world.advance(200);
    assert_eq!(world.consumer(1).doing(), "fetching");
    let joins = world.sent.iter().filter(|(_, _, _, r)| matches!(r, Request::JoinGroup(_))).count();
    assert_eq!(joins, 2, "once for an id, once with it");
}

/// B04: the fourth of four members on three partitions has nothing until another one leaves.
#[test]
fn one_consumer_too_many() {
    let mut world = World::new(&[("t", 3)]);
    for number in 1..=4 {
        world.add(number, &["t"], &QUICK, EACH_US);
        world.advance(2_000);
    }
    assert_eq!(world.owned(4), "");
    assert!(world.consumer(4).is_idle_member());
    assert_eq!(world.consumer(4).doing(), "idle");
    let generation = world.consumer(4).generation();
    world.advance(60_000);
    assert_eq!(world.consumer(4).generation(), generation, "its heartbeats keep it in");
    world.command(2, Command::Close { leave: true });
    world.advance(2_000);
    assert_eq!(world.consumer(4).generation(), generation + 1, "exactly one rebalance");
    assert_eq!(world.owned(4), "t-2");
}

#[test]
fn eager_members_give_everything_back_first() {
    let mut world = World::new(&[("t", 3)]);
    world.add(1, &["t"], &QUICK, EACH_US);
    world.advance(2_000);
    world.add(2, &["t"], &QUICK, EACH_US);
    world.advance(2_000);
    let all: Vec<_> = (0..3).map(|p| world.tp("t", p)).collect();
    let revoked = world.events(1, "PartitionsRevoked");
    assert_eq!(
        revoked,
        [&TraceEvent::PartitionsRevoked { group: "g".into(), partitions: all, lost: false }]
    );
    assert_eq!((world.owned(1).as_str(), world.owned(2).as_str()), ("t-0 t-1", "t-2"));
}

#[test]
fn a_crashed_member_is_missed_after_its_session() {
    let mut world = World::new(&[("t", 2)]);
    world.add(1, &["t"], &QUICK, EACH_US);
    world.add(2, &["t"], &QUICK, EACH_US);
    world.advance(2_000);
    world.crash(2);
    world.advance(9_000);
    assert_eq!(world.owned(1), "t-0", "still inside c2's session");
    world.advance(2_000);
    assert_eq!(world.owned(1), "t-0 t-1");
    let expired =
        |e: &TraceEvent| matches!(e, TraceEvent::MemberLeft { session_expired: true, .. });
    assert!(world.trace.iter().any(|(_, _, e)| expired(e)));
}

#[test]
fn a_rebalance_waits_for_an_application_that_is_busy() {
    let mut world = World::new(&[("t", 2)]);
    world.produce("t", 0, 10);
    // Ten records of half a second each: c1 polls again after 5 s.
    world.add(1, &["t"], &[QUICK[0], QUICK[1], "auto.offset.reset=earliest"], Some(500_000));
    world.advance(1_000);
    assert_eq!(world.consumer(1).doing(), "processing");
    world.add(2, &["t"], &QUICK, EACH_US);
    world.advance(2_000);
    assert_eq!(world.consumer(2).doing(), "waiting for the group");
    assert_eq!(world.consumer(1).doing(), "processing", "it knows, but does not poll");
    world.advance(3_000);
    assert_eq!((world.owned(1).as_str(), world.owned(2).as_str()), ("t-0", "t-1"));
    assert_eq!(world.committed("t", 0), Some(10), "committed before it gave the partition back");
}

#[test]
fn who_does_not_poll_in_time_leaves_by_itself() {
    let mut world = World::new(&[("t", 2)]);
    world.produce("t", 0, 10);
    let slow = [
        QUICK[0],
        QUICK[1],
        "auto.offset.reset=earliest",
        "max.poll.interval.ms=4000",
        "max.poll.records=10",
    ];
    world.add(1, &["t"], &slow, Some(1_000_000));
    world.advance(1_000);
    world.add(2, &["t"], &[QUICK[0], QUICK[1], "enable.auto.commit=false"], EACH_US);
    world.advance(4_000);
    assert_eq!(world.owned(2), "t-0 t-1", "4 s without a poll: c1 has left");
    let left = |e: &TraceEvent| matches!(e, TraceEvent::MemberLeft { session_expired: false, .. });
    assert!(world.trace.iter().any(|(_, _, e)| left(e)), "by LeaveGroup, not by silence");
    world.advance(7_000);
    let lost = world.events(1, "PartitionsRevoked");
    assert!(matches!(lost[0], TraceEvent::PartitionsRevoked { lost: true, .. }));
    assert_eq!(world.owned(1), "t-0", "it polled again and is back");
    assert_eq!(world.committed("t", 0), None, "a member that is out cannot commit");
}

#[test]
fn closing_with_and_without_leave_group() {
    let mut world = World::new(&[("t", 2)]);
    world.add(1, &["t"], &QUICK, EACH_US);
    world.add(2, &["t"], &QUICK, EACH_US);
    world.advance(2_000);
    world.command(2, Command::Close { leave: false });
    world.advance(1_000);
    assert!(world.consumer(2).is_closed() && world.stopped.contains(&2));
    assert_eq!(world.owned(1), "t-0", "the group does not know yet");
    world.advance(10_000);
    assert_eq!(world.owned(1), "t-0 t-1");
    world.add(3, &["t"], &QUICK, EACH_US);
    world.advance(2_000);
    world.command(3, Command::Close { leave: true });
    world.advance(500);
    assert_eq!(world.owned(1), "t-0 t-1", "known at once");
}

#[test]
fn new_partitions_make_the_leader_ask_for_a_rebalance() {
    let mut world = World::new(&[("t", 1)]);
    let settings = [QUICK[0], QUICK[1], "metadata.max.age.ms=5000"];
    world.add(1, &["t"], &settings, EACH_US);
    world.add(2, &["t"], &settings, EACH_US);
    world.advance(2_000);
    assert_eq!((world.owned(1).as_str(), world.owned(2).as_str()), ("t-0", ""));
    world.add_partitions("t", 2);
    world.advance(6_000);
    assert_eq!((world.owned(1).as_str(), world.owned(2).as_str()), ("t-0", "t-1"));
}

#[test]
fn a_topic_that_comes_later() {
    let mut world = World::new(&[]);
    world.add(1, &["t"], &QUICK, EACH_US);
    world.advance(2_000);
    assert!(world.consumer(1).is_idle_member());
    world.add_topic("t", 2);
    world.advance(3_000);
    assert_eq!(world.owned(1), "t-0 t-1");
}

#[test]
fn the_leader_assigns_topics_it_does_not_subscribe_to() {
    let mut world = World::new(&[("x", 2), ("y", 2)]);
    world.add(1, &["x"], &QUICK, EACH_US);
    world.advance(2_000);
    world.add(2, &["y"], &QUICK, EACH_US);
    world.advance(2_000);
    assert!(world.consumer(1).is_group_leader() && !world.consumer(2).is_group_leader());
    assert_eq!((world.owned(1).as_str(), world.owned(2).as_str()), ("x-0 x-1", "y-0 y-1"));
}

#[test]
fn heartbeats_keep_their_interval() {
    let mut world = World::new(&[("t", 1)]);
    world.add(1, &["t"], &[], EACH_US);
    world.advance(30_000);
    let times: Vec<Time> = world
        .sent
        .iter()
        .filter(|(_, node, _, r)| {
            *node == NodeId::Consumer(1) && matches!(r, Request::Heartbeat(_))
        })
        .map(|(at, ..)| *at)
        .collect();
    assert!((8..=10).contains(&times.len()), "{times:?}");
    assert!(times.windows(2).all(|w| w[1].since(w[0]).ms() == 3_000), "Kafka's default is 3 s");
}
