//! Brokers that go away, leaders that move, coordinators that change.

use super::world::World;
use crate::{Request, TraceEvent};

const QUICK: [&str; 2] = ["heartbeat.interval.ms=300", "session.timeout.ms=6000"];
const EARLIEST: &str = "auto.offset.reset=earliest";

fn move_leader(world: &mut World, name: &str, partition: i32, leader: i32) {
    let tp = world.tp(name, partition);
    let p = world.topics.partitions.get_mut(&tp).unwrap();
    p.leader = leader;
    p.epoch += 1;
    world.wake();
}

#[test]
fn a_new_leader_is_found_by_its_error() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 3);
    world.add(1, &["t"], &[EARLIEST], Some(1));
    world.advance(500);
    move_leader(&mut world, "t", 0, 2);
    world.produce("t", 0, 2);
    world.advance(1_000);
    assert_eq!(world.polled(1), [0, 1, 2, 3, 4]);
    let last = world.sent.iter().rev().find_map(|(_, _, broker, r)| match r {
        Request::Fetch(f) => Some((*broker, f.partitions[0].current_leader_epoch)),
        _ => None,
    });
    assert_eq!(last, Some((2, 1)));
}

#[test]
fn without_a_leader_it_keeps_asking_for_metadata() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 3);
    world.add(1, &["t"], &[EARLIEST], Some(1));
    world.advance(500);
    move_leader(&mut world, "t", 0, -1);
    world.advance(5_000);
    let asked = world.sent.iter().filter(|(_, _, _, r)| matches!(r, Request::Metadata(_))).count();
    assert!((4..20).contains(&asked), "with a back-off of at most a second: {asked}");
    move_leader(&mut world, "t", 0, 1);
    world.produce("t", 0, 1);
    world.advance(2_500);
    assert_eq!(world.polled(1), [0, 1, 2, 3]);
}

#[test]
fn a_dead_coordinator_is_replaced() {
    let mut world = World::new(&[("t", 1)]);
    let tp = world.tp("t", 0);
    world.topics.partitions.get_mut(&tp).unwrap().leader = 2;
    world.produce("t", 0, 3);
    world.add(1, &["t"], &[QUICK[0], QUICK[1], EARLIEST], Some(1));
    world.advance(1_000);
    world.kill_broker(1);
    world.advance(1_000);
    world.produce("t", 0, 2);
    world.advance(1_000);
    assert_eq!(world.polled(1), [0, 1, 2, 3, 4], "reading goes on without a coordinator");
    world.elect_coordinator(2);
    world.advance(8_000);
    assert_eq!(world.consumer(1).coordinator(), Some(2));
    assert_eq!(world.consumer(1).generation(), 1, "still the same generation");
    assert_eq!(world.committed("t", 0), Some(5));
}

#[test]
fn a_coordinator_that_dies_during_a_rebalance() {
    let mut world = World::new(&[("t", 2)]);
    for partition in 0..2 {
        let tp = world.tp("t", partition);
        world.topics.partitions.get_mut(&tp).unwrap().leader = 2;
    }
    world.topics.config.group_initial_rebalance_delay_ms = 3_000;
    world.add(1, &["t"], &QUICK, Some(1));
    world.add(2, &["t"], &QUICK, Some(1));
    world.advance(1_000);
    world.kill_broker(1);
    world.advance(500);
    world.elect_coordinator(2);
    world.advance(10_000);
    assert_eq!((world.owned(1).as_str(), world.owned(2).as_str()), ("t-0", "t-1"));
}

#[test]
fn a_dead_leader_s_partitions_wait_and_the_others_go_on() {
    let mut world = World::new(&[("t", 2)]);
    let tp = world.tp("t", 1);
    world.topics.partitions.get_mut(&tp).unwrap().leader = 2;
    world.add(1, &["t"], &[EARLIEST], Some(1));
    world.advance(500);
    world.kill_broker(2);
    for _ in 0..5 {
        world.produce("t", 0, 1);
        world.advance(1_000);
    }
    assert_eq!(world.polled(1), [0, 1, 2, 3, 4]);
    let to_dead =
        world.sent.iter().filter(|(_, _, b, r)| *b == 2 && matches!(r, Request::Fetch(_)));
    assert!(to_dead.count() < 20, "no storm of requests to a dead broker");
    move_leader(&mut world, "t", 1, 1);
    world.produce("t", 1, 1);
    world.advance(2_000);
    assert_eq!(world.polled(1).len(), 6);
}

#[test]
fn a_member_that_was_forgotten_joins_again() {
    let mut world = World::new(&[("t", 1)]);
    world.add(1, &["t"], &QUICK, Some(1));
    world.advance(1_000);
    let before = world.consumer(1).member_id().clone();
    world.paused.insert(1);
    world.advance(7_000);
    world.paused.remove(&1);
    world.advance(1_000);
    assert_ne!(*world.consumer(1).member_id(), before, "UNKNOWN_MEMBER_ID: a new id");
    assert_eq!(world.owned(1), "t-0");
    assert_eq!(world.consumer(1).generation(), 3, "2 was the empty group");
    let lost = world.events(1, "PartitionsRevoked");
    assert!(matches!(lost[..], [TraceEvent::PartitionsRevoked { lost: true, .. }]));
}

#[test]
fn nobody_to_talk_to() {
    let mut world = World::new(&[("t", 1)]);
    world.dead.extend([1, 2]);
    world.add(1, &["t"], &[], Some(1));
    world.advance(20_000);
    assert!(world.sent.len() < 120, "the back-off grows to a second: {}", world.sent.len());
    assert_eq!(world.consumer(1).doing(), "finding the coordinator");
    world.dead.clear();
    world.advance(5_000);
    assert_eq!(world.owned(1), "t-0");
}
