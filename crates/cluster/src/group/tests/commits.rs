//! `08-groups` 8.5: who may commit, and when the offset counts.

use super::harness::{Bench, tp};
use crate::KafkaError::{self, IllegalGeneration, UnknownMemberId};
use crate::{OffsetCommitRequest, Request, Response, TopicId, TopicPartition, TraceEvent};

#[test]
fn a_commit_is_answered_when_its_record_is_committed() {
    let mut bench = Bench::new();
    let (id, generation) = bench.one_member();
    bench.replicated = false;
    let commit = bench.send_commit(&id, generation, 5);
    assert!(bench.is_parked(commit));
    assert_eq!(bench.committed(), -1, "not yet");
    bench.commit_all();
    assert!(!bench.is_parked(commit));
    assert_eq!(bench.committed(), 5);
    let seen = bench.trace.iter().any(
        |(_, e)| matches!(e, TraceEvent::OffsetCommitted { offset: 5, tp: at, .. } if *at == tp(0)),
    );
    assert!(seen);
}

#[test]
fn a_commit_that_is_not_replicated_in_time_is_given_up_but_not_undone() {
    let mut bench = Bench::new();
    let (id, generation) = bench.one_member();
    bench.replicated = false;
    let commit = bench.send_commit(&id, generation, 5);
    bench.advance(5_000);
    let Response::OffsetCommit(answer) = bench.answer(commit) else { panic!("a commit") };
    assert_eq!(answer.partitions[0].1, Some(KafkaError::CoordinatorNotAvailable));
    bench.commit_all();
    assert_eq!(bench.committed(), 5, "the record stays in the log");
}

#[test]
fn offsets_may_go_back_and_beyond_the_end() {
    // k_commit_resume: 2 after 5 is accepted, and so is 1000000.
    let mut bench = Bench::new();
    let (id, generation) = bench.one_member();
    for offset in [5, 2, 1_000_000] {
        assert_eq!(bench.commit(&id, generation, offset), None);
        assert_eq!(bench.committed(), offset);
    }
}

#[test]
fn without_a_group_only_non_members_may_commit() {
    let mut bench = Bench::new();
    assert_eq!(bench.commit("c1-x", 3, 5), Some(KafkaError::GroupIdNotFound));
    assert_eq!(bench.commit("", -1, 5), None, "makes a simple group");
    assert_eq!(bench.committed(), 5);
}

#[test]
fn validation_table() {
    let mut bench = Bench::new();
    let (id, generation) = bench.one_member();
    assert_eq!(bench.commit("", -1, 5), Some(UnknownMemberId), "the group has members");
    assert_eq!(bench.commit("c9-x", generation, 5), Some(UnknownMemberId));
    assert_eq!(bench.commit(&id, generation - 1, 5), Some(IllegalGeneration));
    assert_eq!(bench.commit(&id, generation + 1, 5), Some(IllegalGeneration));
    assert_eq!(bench.commit(&id, -1, 5), Some(IllegalGeneration));
    assert_eq!(bench.committed(), -1, "nothing was changed");
    assert_eq!(bench.commit(&id, generation, 5), None);
    bench.leave(1, &id);
    assert_eq!(bench.commit(&id, generation, 6), Some(UnknownMemberId));
    assert_eq!(bench.commit("", -1, 7), None, "the group is empty");
    assert_eq!(bench.committed(), 7);
}

#[test]
fn unknown_partitions_fail_one_by_one() {
    let mut bench = Bench::new();
    let (id, generation) = bench.one_member();
    let unknown = TopicPartition::new(TopicId(7), 0);
    let request = OffsetCommitRequest {
        group: super::harness::GROUP.into(),
        generation_id: generation,
        member_id: id,
        offsets: vec![(unknown, 1, -1), (tp(0), 4, -1), (tp(3), 1, -1)],
    };
    let number = bench.send(1, Request::OffsetCommit(request));
    let Response::OffsetCommit(answer) = bench.answer(number) else { panic!("a commit") };
    let error = Some(KafkaError::UnknownTopicOrPartition);
    assert_eq!(answer.partitions, [(unknown, error), (tp(0), None), (tp(3), error)]);
    assert_eq!(bench.committed(), 4);
}

#[test]
fn commits_keep_the_session() {
    let mut bench = Bench::new();
    let (id, generation) = bench.one_member();
    for _ in 0..3 {
        bench.advance(40_000);
        assert_eq!(bench.commit(&id, generation, 1), None);
    }
}

/// 8.5: so they do while a rebalance is prepared.
#[test]
fn commits_keep_the_session_while_a_rebalance_is_prepared() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    bench.enter(3);
    bench.advance(40_000);
    assert_eq!(bench.commit(&first, generation, 1), None);
    bench.advance(10_000);
    let group = bench.coordinator.group(super::harness::GROUP).unwrap();
    assert!(group.member(&first).is_some(), "heard of 10 s ago");
    assert!(group.member(&second).is_none(), "silent for 50 s");
}

/// `offsets.retention.minutes` (7 days) counts to the millisecond: gone at the check at which it is over.
#[test]
fn an_offset_expires_when_its_retention_is_over() {
    let mut bench = Bench::new();
    assert_eq!(bench.commit("", -1, 5), None, "a group without members");
    let week_ms = 7 * 24 * 3_600_000;
    bench.advance(week_ms - 1);
    assert_eq!(bench.committed(), 5);
    bench.advance(1);
    assert_eq!(bench.committed(), -1);
}

/// correctness.md CE-16 with the group's numbers: a member that was thrown out wakes up and commits.
#[test]
fn a_zombie_s_commit_changes_nothing() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    assert_eq!(bench.commit(&first, generation, 5), None);
    for _ in 0..15 {
        bench.advance(3_000);
        bench.heartbeat(2, &second, generation);
    }
    // c1 was silent for 45 s; c2 takes everything over.
    let join = bench.send_join(2, &second);
    let next = bench.joined(join).generation_id;
    let sync = bench.send_sync(2, &second, next, &[(&second, &[0, 1, 2])]);
    assert_eq!(bench.synced(sync), Ok(vec![0, 1, 2]));
    assert_eq!(bench.committed(), 5, "c2 resumes here");
    assert_eq!(bench.commit(&second, next, 12), None);
    assert_eq!(bench.commit(&first, generation, 10), Some(UnknownMemberId), "no member any more");
    assert_eq!(bench.committed(), 12);
    let refused =
        |e: &TraceEvent| matches!(e, TraceEvent::CommitRefused { member, .. } if *member == first);
    assert!(bench.trace.iter().any(|(_, e)| refused(e)));
}

/// CE-16 where the member is still in the group: it is fenced by its generation.
#[test]
fn a_commit_of_an_old_generation_changes_nothing() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    bench.send_join(1, &first);
    bench.send_join(2, &second);
    let sync = bench.send_sync(1, &first, generation + 1, &[(&second, &[0, 1, 2])]);
    assert_eq!(bench.synced(sync), Ok(vec![]));
    assert_eq!(bench.commit(&second, generation + 1, 12), None);
    assert_eq!(bench.commit(&first, generation, 10), Some(IllegalGeneration));
    assert_eq!(bench.committed(), 12);
}

#[test]
fn errors_of_the_append_are_translated() {
    for (inside, outside) in [
        (KafkaError::NotEnoughReplicas, KafkaError::CoordinatorNotAvailable),
        (KafkaError::NotLeaderOrFollower, KafkaError::NotCoordinator),
        (KafkaError::KafkaStorageError, KafkaError::NotCoordinator),
        (KafkaError::RecordListTooLarge, KafkaError::UnknownServerError),
    ] {
        let mut bench = Bench::new();
        let (id, generation) = bench.one_member();
        bench.host.fails = Some(inside);
        assert_eq!(bench.commit(&id, generation, 5), Some(outside));
        assert_eq!(bench.committed(), -1);
    }
}
