//! KIP-320: a new leader may not have what was read (8.5).

use super::world::World;
use crate::{Command, TraceEvent};

const EARLIEST: &str = "auto.offset.reset=earliest";

/// Broker 2 is elected though its log ends at `end`; what broker 1 had above it is gone.
fn elect_unclean(world: &mut World, end: i64) {
    let tp = world.tp("t", 0);
    let p = world.topics.partitions.get_mut(&tp).unwrap();
    p.batches.retain(|(_, batch_end, _)| *batch_end <= end);
    (p.leader, p.epoch, p.end, p.high_watermark) = (2, p.epoch + 1, end, end);
    world.wake();
}

fn reading(settings: &[&str]) -> World {
    let mut world = World::new(&[("t", 1)]);
    (0..10).for_each(|_| world.produce("t", 0, 1));
    world.add(1, &["t"], settings, Some(1));
    world.advance(500);
    world
}

fn went_back(world: &World) -> Vec<(i64, i64)> {
    let truncation = |(_, _, e): &(_, _, TraceEvent)| match e {
        TraceEvent::TruncationDetected { from, offset, .. } => Some((*from, *offset)),
        _ => None,
    };
    world.trace.iter().filter_map(truncation).collect()
}

/// The new leader's log ends below the position: reading goes on where the logs part, not at the policy's end.
#[test]
fn after_a_truncation_it_goes_back_to_where_the_logs_part() {
    for policy in [EARLIEST, "auto.offset.reset=latest"] {
        let mut world = reading(&[EARLIEST]);
        if policy != EARLIEST {
            world = World::new(&[("t", 1)]);
            world.add(1, &["t"], &[policy], Some(1));
            world.advance(500);
            (0..10).for_each(|_| world.produce("t", 0, 1));
            world.advance(100);
        }
        assert_eq!(world.polled(1), (0..10).collect::<Vec<_>>());
        elect_unclean(&mut world, 4);
        world.advance(1_000);
        assert_eq!(went_back(&world), [(10, 4)], "{policy}");
        world.produce("t", 0, 2);
        world.advance(1_000);
        assert_eq!(world.polled(1)[10..], [4, 5], "{policy}");
    }
}

/// The new leader's log is longer than the position by now: without the question other records at 4 to 9 would be
/// skipped in silence.
#[test]
fn records_that_replaced_what_was_read_are_not_skipped() {
    let mut world = reading(&[EARLIEST]);
    elect_unclean(&mut world, 4);
    (0..8).for_each(|_| world.produce("t", 0, 1));
    world.advance(1_000);
    assert_eq!(went_back(&world), [(10, 4)]);
    assert_eq!(world.polled(1)[10..], (4..12).collect::<Vec<_>>());
}

#[test]
fn a_leader_that_has_it_all_changes_nothing() {
    let mut world = reading(&[EARLIEST]);
    elect_unclean(&mut world, 10);
    world.produce("t", 0, 2);
    world.advance(1_000);
    assert_eq!(went_back(&world), []);
    assert_eq!(world.polled(1)[10..], [10, 11]);
}

/// Without a policy the application is told: LogTruncationException.
#[test]
fn without_a_policy_a_truncation_is_an_exception() {
    let mut world = World::new(&[("t", 1)]);
    (0..10).for_each(|_| world.produce("t", 0, 1));
    world.add(1, &["t"], &[EARLIEST, "enable.auto.commit=false"], Some(1));
    world.advance(500);
    world.command(1, Command::Commit(None));
    world.advance(100);
    world.command(1, Command::Close { leave: true });
    world.advance(100);
    elect_unclean(&mut world, 4);
    world.produce("t", 0, 20);
    world.add(2, &["t"], &["auto.offset.reset=none"], Some(1));
    world.advance(5_000);
    let failure = world.consumer(2).failure().expect("it fails");
    assert!(failure.contains("LogTruncationException") && failure.contains("10"), "{failure}");
    assert_eq!(world.polled(2), [0i64; 0]);
}
