//! Where a consumer starts, what it commits and when.

use super::world::World;
use crate::{Command, NodeId, Request, TraceEvent};

const QUICK: [&str; 2] = ["heartbeat.interval.ms=300", "session.timeout.ms=6000"];
const NO_AUTO: &str = "enable.auto.commit=false";
const EARLIEST: &str = "auto.offset.reset=earliest";

/// k_commit_resume: 10 records; k1 polls 5 and commits, polls 5 more and stops without LeaveGroup;
/// k2 gets 5..9 when k1's session has expired, in generation 2.
#[test]
fn commit_and_resume_as_recorded() {
    let mut world = World::new(&[("s", 1)]);
    world.produce("s", 0, 10);
    let settings = [QUICK[1], EARLIEST, NO_AUTO, "max.poll.records=5"];
    world.add(1, &["s"], &settings, None);
    world.command(1, Command::Poll);
    world.advance(100);
    assert_eq!(world.polled(1), [0, 1, 2, 3, 4]);
    world.command(1, Command::Commit(None));
    world.advance(10);
    assert_eq!(world.committed("s", 0), Some(5));
    world.command(1, Command::Poll);
    world.advance(10);
    assert_eq!(world.polled(1), (0..10).collect::<Vec<_>>());
    world.command(1, Command::Close { leave: false });
    world.advance(10);
    world.add(2, &["s"], &settings, Some(1));
    world.advance(5_000);
    assert!(world.polled(2).is_empty(), "k1 is still believed to be there");
    world.advance(1_500);
    assert_eq!(world.polled(2), [5, 6, 7, 8, 9]);
    assert_eq!(world.consumer(2).generation(), 2);
    world.command(2, Command::Commit(Some(vec![("s".into(), 0, 2)])));
    world.advance(10);
    assert_eq!(world.committed("s", 0), Some(2), "backwards is allowed");
}

/// k_commit_resume: no commit; then a commit below the log start (8) and one beyond the end.
#[test]
fn reset_policies_as_recorded() {
    for (commit, log_start, policy, expected) in [
        (None, 0, "earliest", Some(0..10)),
        (None, 0, "latest", Some(10..10)),
        (None, 0, "none", None),
        (Some(2), 8, "earliest", Some(8..10)),
        (Some(2), 8, "latest", Some(10..10)),
        (Some(2), 8, "none", None),
        (Some(100), 8, "earliest", Some(8..10)),
        (Some(100), 8, "latest", Some(10..10)),
        (Some(100), 8, "none", None),
    ] {
        let case = format!("commit {commit:?}, log start {log_start}, {policy}");
        let mut world = World::new(&[("s", 1)]);
        // One record a batch, so that the log can begin at 8.
        (0..10).for_each(|_| world.produce("s", 0, 1));
        if let Some(offset) = commit {
            world.add(1, &["s"], &[EARLIEST, NO_AUTO], Some(1));
            world.advance(500);
            world.command(1, Command::Commit(Some(vec![("s".into(), 0, offset)])));
            world.advance(10);
            world.command(1, Command::Close { leave: true });
            world.advance(10);
        }
        let tp = world.tp("s", 0);
        let partition = world.topics.partitions.get_mut(&tp).unwrap();
        partition.log_start = log_start;
        partition.batches.retain(|(_, end, _)| *end > log_start);
        world.add(2, &["s"], &[NO_AUTO, &format!("auto.offset.reset={policy}")], Some(1));
        world.advance(1_000);
        match expected {
            Some(offsets) => {
                assert_eq!(world.polled(2), offsets.collect::<Vec<_>>(), "{case}");
                assert_eq!(world.consumer(2).owned()[0].position, Some(10), "{case}");
            }
            None => {
                let name = match commit {
                    None => "NoOffsetForPartitionException",
                    Some(_) => "OffsetOutOfRangeException",
                };
                let reason = world.consumer(2).failure().expect("it failed").to_string();
                assert!(reason.starts_with(name) && reason.contains("s-0"), "{case}: {reason}");
            }
        }
    }
}

/// B07: latest skips what was there before the position was found.
#[test]
fn latest_begins_at_the_end() {
    for (policy, expected) in [("latest", vec![5]), ("earliest", (0..6).collect())] {
        let mut world = World::new(&[("t", 1)]);
        world.produce("t", 0, 5);
        world.add(1, &["t"], &[&format!("auto.offset.reset={policy}")], Some(1));
        world.advance(500);
        world.produce("t", 0, 1);
        world.advance(500);
        assert_eq!(world.polled(1), expected, "{policy}");
    }
}

/// Kafka (`OffsetCommitResponseHandler`): UNKNOWN_TOPIC_OR_PARTITION ends a commit, though it is retriable elsewhere.
#[test]
fn a_commit_of_a_partition_that_is_not_there_is_not_tried_again() {
    let mut world = World::new(&[("s", 1)]);
    world.produce("s", 0, 1);
    world.add(1, &["s"], &[EARLIEST, NO_AUTO], Some(1));
    world.advance(500);
    let absent = [("s".into(), 7, 1)];
    let refusal = world.consumer(1).check_commit(Some(&absent)).unwrap_err();
    assert_eq!(refusal, "there is no s-7: s has 1 partitions");
    world.command(1, Command::Commit(Some(absent.to_vec())));
    world.advance(5_000);
    let commits = world.sent.iter().filter(|s| matches!(s.3, Request::OffsetCommit(_)));
    assert_eq!(commits.count(), 1);
}

/// Kafka (`fetchCommittedOffsets`): an OffsetFetch of an earlier generation is neither waited for nor believed.
#[test]
fn an_answer_for_an_earlier_generation_does_not_count() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 10);
    let settings = [QUICK[0], QUICK[1], EARLIEST, NO_AUTO];
    world.add(1, &["t"], &settings, Some(1));
    let late = world.hold_offset_fetch(1);
    let before = world.consumer(1).generation();
    // A member that owns nothing comes: one more generation, in which c1 asks again.
    world.add(2, &["t"], &settings, Some(1));
    let present = world.hold_offset_fetch(1);
    assert!(world.consumer(1).generation() > before);
    world.release(late);
    world.advance(10);
    assert_eq!(world.consumer(1).owned()[0].position, None);
    world.release(present);
    world.advance(100);
    assert_eq!(world.polled(1), (0..10).collect::<Vec<_>>());
}

/// B08: c1 had committed 5 and processed 0..6; its successor handles 5 and 6 again.
#[test]
fn crash_and_resume_is_at_least_once() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 10);
    let settings = [QUICK[0], QUICK[1], EARLIEST, NO_AUTO, "max.poll.records=1"];
    world.add(1, &["t"], &settings, Some(100_000));
    while world.consumer(1).processed(world.now) < 5 {
        world.advance(10);
    }
    // The application commits after its fifth record: the sixth has been polled by now.
    world.command(1, Command::Commit(Some(vec![("t".into(), 0, 5)])));
    while world.consumer(1).processed(world.now) < 7 {
        world.advance(10);
    }
    world.crash(1);
    world.add(2, &["t"], &settings, Some(100));
    world.advance(8_000);
    assert_eq!(world.committed("t", 0), Some(5));
    assert_eq!(world.polled(2), [5, 6, 7, 8, 9]);
}

/// B09: commits what it polled, processes two of five, crashes: three are never processed.
#[test]
fn committing_first_is_at_most_once() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 10);
    let settings = [QUICK[0], QUICK[1], EARLIEST, NO_AUTO];
    world.add(1, &["t"], &settings, Some(1_000_000));
    world.advance(100);
    world.command(1, Command::Commit(None));
    world.advance(2_100);
    assert_eq!(world.consumer(1).processed(world.now), 2);
    world.crash(1);
    world.add(2, &["t"], &settings, Some(100));
    world.advance(8_000);
    assert!(world.polled(2).is_empty(), "2..9 are never processed");
    assert_eq!(world.consumer(2).owned()[0].position, Some(10));
}

/// B10: a poll commits what previous polls returned. poll gives 0..4, 5 s pass, the next poll commits
/// 5 and gives 5..9; a crash while those are processed: the next owner starts at 5.
#[test]
fn auto_commit_covers_what_earlier_polls_returned() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 10);
    world.add(1, &["t"], &[QUICK[0], QUICK[1], EARLIEST, "max.poll.records=5"], Some(1_100_000));
    world.advance(100);
    assert_eq!(world.polled(1), [0, 1, 2, 3, 4]);
    assert_eq!(world.committed("t", 0), None);
    world.advance(5_700);
    assert_eq!(world.polled(1), (0..10).collect::<Vec<_>>(), "the second poll at about 5.5 s");
    assert_eq!(world.committed("t", 0), Some(5));
    world.crash(1);
    world.add(2, &["t"], &[QUICK[0], QUICK[1], EARLIEST], Some(100));
    world.advance(7_000);
    assert_eq!(world.polled(2), [5, 6, 7, 8, 9]);
}

#[test]
fn auto_commit_goes_on_while_nothing_comes_in() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 3);
    world.add(1, &["t"], &[EARLIEST], Some(100));
    world.advance(4_900);
    assert_eq!(world.committed("t", 0), None);
    world.advance(300);
    assert_eq!(world.committed("t", 0), Some(3), "5 s after the assignment");
    world.advance(10_000);
    assert_eq!(world.events(1, "CommitSent").len(), 3, "unchanged positions are committed again");
}

#[test]
fn closing_commits() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 3);
    world.add(1, &["t"], &[EARLIEST], Some(100));
    world.advance(100);
    world.command(1, Command::Close { leave: true });
    world.advance(100);
    assert_eq!(world.committed("t", 0), Some(3));
    assert!(world.stopped.contains(&1));
}

#[test]
fn closing_waits_for_the_record_in_hand() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 3);
    world.add(1, &["t"], &[EARLIEST], Some(1_000_000));
    world.advance(1_500);
    world.command(1, Command::Close { leave: true });
    world.advance(500);
    assert_eq!(world.consumer(1).doing(), "processing");
    world.advance(1_100);
    assert!(world.consumer(1).is_closed());
    assert_eq!(world.consumer(1).processed(world.now), 3);
}

/// CE-16 with two consumers: c1 sleeps over its session, c2 takes over and commits; c1 wakes up, goes
/// on with what it has in hand and commits in vain.
#[test]
fn a_zombie_cannot_commit() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 12);
    let settings = [QUICK[0], QUICK[1], EARLIEST, NO_AUTO, "max.poll.records=5"];
    world.add(1, &["t"], &settings, None);
    world.command(1, Command::Poll);
    world.advance(200);
    world.command(1, Command::Commit(None));
    world.advance(200);
    world.command(1, Command::Poll);
    world.advance(200);
    assert_eq!(world.consumer(1).owned()[0].position, Some(10));
    world.add(2, &["t"], &[QUICK[0], QUICK[1], EARLIEST, NO_AUTO], Some(1));
    world.paused.insert(1);
    world.advance(8_000);
    assert_eq!(world.polled(2), (5..12).collect::<Vec<_>>());
    world.command(2, Command::Commit(None));
    world.advance(10);
    assert_eq!(world.committed("t", 0), Some(12));
    world.paused.remove(&1);
    // Still believes it is a member: its commit goes out before any answer comes in.
    world.command(1, Command::Commit(None));
    world.advance(100);
    assert_eq!(world.committed("t", 0), Some(12));
    let refused = |e: &TraceEvent| matches!(e, TraceEvent::CommitRefused { .. });
    assert!(world.trace.iter().any(|(_, _, e)| refused(e)));
    world.command(1, Command::Poll);
    world.advance(1_000);
    let lost = world.events(1, "PartitionsRevoked");
    assert!(matches!(lost[..], [TraceEvent::PartitionsRevoked { lost: true, .. }]));
}

#[test]
fn seek_moves_the_position() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 10);
    world.add(1, &["t"], &[NO_AUTO], Some(1));
    world.advance(500);
    assert!(world.polled(1).is_empty());
    world.command(1, Command::Seek { topic: "t".into(), partition: 0, offset: 7 });
    world.advance(600);
    assert_eq!(world.polled(1), [7, 8, 9]);
    assert_eq!(world.consumer(1).duplicates(), 0);
    world.command(1, Command::Seek { topic: "t".into(), partition: 0, offset: 8 });
    world.advance(600);
    assert_eq!(world.polled(1), [7, 8, 9, 8, 9]);
    assert_eq!(world.consumer(1).duplicates(), 2);
}

#[test]
fn a_commit_goes_through_a_change_of_coordinator() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 10);
    world.add(1, &["t"], &[QUICK[0], QUICK[1], EARLIEST, NO_AUTO], Some(1));
    world.advance(500);
    world.elect_coordinator(2);
    world.command(1, Command::Commit(None));
    world.advance(500);
    assert_eq!(world.committed("t", 0), Some(10));
    let found = world.trace.iter().filter(|(_, node, e)| {
        *node == NodeId::Consumer(1) && matches!(e, TraceEvent::CoordinatorFound { broker: 2, .. })
    });
    assert_eq!(found.count(), 1);
    assert_eq!(world.consumer(1).generation(), 1, "the group did not notice");
}

/// Offset 0 is an offset: what is committed there is read again from the beginning, whatever the reset policy.
#[test]
fn a_commit_of_0_is_a_commit() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 5);
    world.add(1, &["t"], &[NO_AUTO], Some(1));
    world.advance(500);
    world.command(1, Command::Commit(Some(vec![("t".into(), 0, 0)])));
    world.advance(10);
    world.command(1, Command::Close { leave: true });
    world.advance(10);
    world.add(2, &["t"], &[NO_AUTO, "auto.offset.reset=latest"], Some(1));
    world.advance(1_000);
    assert_eq!(world.polled(2), [0, 1, 2, 3, 4]);
}

/// Runs until a request of this kind has been sent, and seeks before it is answered.
fn seek_while_asked(world: &mut World, wanted: fn(&Request) -> bool) {
    for _ in 0..5_000 {
        if world.sent.iter().any(|(_, node, _, r)| *node == NodeId::Consumer(2) && wanted(r)) {
            return world.command(2, Command::Seek { topic: "t".into(), partition: 0, offset: 7 });
        }
        world.advance(1);
    }
    panic!("it is never asked");
}

/// `SubscriptionState`: a seek wins over the committed offset and over a reset that are on their way.
#[test]
fn a_seek_wins_over_an_answer_on_its_way() {
    for (wanted, committed) in [
        ((|r| matches!(r, Request::OffsetFetch(_))) as fn(&Request) -> bool, true),
        (|r| matches!(r, Request::ListOffsets(_)), false),
    ] {
        let mut world = World::new(&[("t", 1)]);
        world.produce("t", 0, 10);
        if committed {
            world.add(1, &["t"], &[NO_AUTO, EARLIEST], Some(1));
            world.advance(500);
            world.command(1, Command::Commit(Some(vec![("t".into(), 0, 2)])));
            world.advance(10);
            world.command(1, Command::Close { leave: true });
            world.advance(10);
        }
        world.add(2, &["t"], &[NO_AUTO, EARLIEST], Some(1));
        seek_while_asked(&mut world, wanted);
        world.advance(1_000);
        assert_eq!(world.polled(2), [7, 8, 9], "committed: {committed}");
    }
}
