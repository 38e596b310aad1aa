//! `08-groups` 8.2: how generations are formed, and who is left out.

use super::harness::{Bench, GROUP};
use crate::group::PhaseKind;
use crate::{GroupState, KafkaError, Name, Time, TraceEvent};

#[test]
fn member_id_is_required_first() {
    let mut bench = Bench::new();
    let id = bench.ask_id(1);
    let uuid = id.strip_prefix("c1-").expect("client id first");
    let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
    assert_eq!(&uuid[14..15], "4", "a random (version 4) uuid");
    assert_eq!(bench.state(), GroupState::Empty, "no member yet");
    assert_eq!(bench.coordinator.group(GROUP).unwrap().pending_members().len(), 1);
    let join = bench.send_join(1, &id);
    bench.advance(0);
    assert_eq!(bench.joined(join).member_id, id);
    assert!(bench.coordinator.group(GROUP).unwrap().pending_members().is_empty());
}

#[test]
fn an_unused_member_id_is_forgotten_after_the_session_timeout() {
    let mut bench = Bench::new();
    let id = bench.ask_id(1);
    bench.advance(45_000);
    let join = bench.send_join(1, &id);
    assert_eq!(bench.joined(join).error, Some(KafkaError::UnknownMemberId));
}

#[test]
fn an_unused_member_id_holds_the_join_phase_up() {
    let mut bench = Bench::new();
    let (first, generation) = bench.one_member();
    let unused = bench.ask_id(2);
    let (_, join3) = bench.enter(3);
    let join1 = bench.send_join(1, &first);
    assert!(bench.is_parked(join1), "c2's id may still be used");
    bench.advance(44_000);
    assert!(bench.is_parked(join1));
    bench.advance(1_000);
    assert_eq!(bench.joined(join1).generation_id, generation + 1);
    assert_eq!(bench.joined(join3).generation_id, generation + 1);
    assert!(!bench.joined(join1).members.iter().any(|(id, _)| *id == unused));
}

#[test]
fn first_member_waits_for_the_initial_delay() {
    let mut bench = Bench::unloaded();
    bench.elect(&[]);
    assert_eq!(bench.host.config.group_initial_rebalance_delay_ms, 3000, "Kafka's default");
    let (_, join) = bench.enter(1);
    let phase = bench.coordinator.group(GROUP).unwrap().phase().unwrap();
    assert_eq!((phase.kind, phase.deadline), (PhaseKind::InitialDelay, Time::from_ms(3000)));
    bench.advance(2_999);
    assert!(bench.is_parked(join));
    bench.advance(1);
    assert_eq!(bench.joined(join).generation_id, 1);
}

#[test]
fn members_arriving_during_the_initial_delay_extend_it() {
    let mut bench = Bench::unloaded();
    bench.elect(&[]);
    let (_, join1) = bench.enter(1);
    bench.advance(2_000);
    let (_, join2) = bench.enter(2);
    bench.advance(1_000);
    assert!(bench.is_parked(join1), "c2 came during the first 3 s: another 3 s");
    bench.advance(2_999);
    assert!(bench.is_parked(join2));
    bench.advance(1);
    assert_eq!(bench.joined(join1).generation_id, 1);
    assert_eq!(bench.joined(join2).generation_id, 1, "both in one generation, at 6 s");
}

#[test]
fn the_initial_delay_ends_with_the_rebalance_timeout() {
    let mut bench = Bench::unloaded();
    bench.elect(&[]);
    let (_, join1) = bench.enter(1);
    // Somebody comes every 2 s: without a limit this would go on for ever. Rebalance timeout: 60 s.
    let mut joins = Vec::new();
    for client in 2..=40 {
        bench.advance(2_000);
        if bench.is_parked(join1) {
            joins.push(bench.enter(client).1);
        }
    }
    assert!(!bench.is_parked(join1));
    let formed = bench.trace.iter().find(|(_, e)| matches!(e, TraceEvent::GenerationFormed { .. }));
    assert_eq!(formed.unwrap().0, Time::from_ms(60_000));
    assert!(joins.iter().all(|join| bench.joined(*join).generation_id == 1));
}

#[test]
fn the_first_member_leads_and_only_it_sees_everybody() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    let (third, join3) = bench.enter(3);
    let join2 = bench.send_join(2, &second);
    let join1 = bench.send_join(1, &first);
    for join in [join1, join2, join3] {
        let answer = bench.joined(join);
        assert_eq!(answer.error, None);
        assert_eq!(answer.generation_id, generation + 1);
        assert_eq!(answer.leader, first);
        assert_eq!(&*answer.protocol_name, "range");
        let seen: Vec<Name> = answer.members.into_iter().map(|(id, _)| id).collect();
        let all = vec![first.clone(), second.clone(), third.clone()];
        assert_eq!(seen, if join == join1 { all } else { Vec::new() });
    }
}

#[test]
fn a_third_member_without_partitions_stays_in_the_group() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    let (third, _) = bench.enter(3);
    bench.send_join(1, &first);
    bench.send_join(2, &second);
    let generation = generation + 1;
    let sync3 = bench.send_sync(3, &third, generation, &[]);
    // The leader names only two: the third gets empty bytes.
    let shares: [(&Name, &[i32]); 2] = [(&first, &[0, 1]), (&second, &[2])];
    let sync1 = bench.send_sync(1, &first, generation, &shares);
    assert_eq!(bench.synced(sync1), Ok(vec![0, 1]));
    assert_eq!(bench.synced(sync3), Ok(vec![]));
    assert_eq!(bench.state(), GroupState::Stable);
    assert_eq!(bench.heartbeat(3, &third, generation), None, "idle, but a member");
}

#[test]
fn a_silent_member_is_removed_after_its_session() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    for _ in 0..14 {
        bench.advance(3_000);
        assert_eq!(bench.heartbeat(1, &first, generation), None);
    }
    // 42 s: c2 has been silent since its SyncGroup at 0 s.
    bench.advance(3_000);
    assert_eq!(bench.state(), GroupState::PreparingRebalance);
    let expired = TraceEvent::MemberLeft {
        group: GROUP.into(),
        member: second.clone(),
        session_expired: true,
    };
    assert!(bench.trace.contains(&(Time::from_ms(45_000), expired)));
    assert_eq!(bench.heartbeat(1, &first, generation), Some(KafkaError::RebalanceInProgress));
    let join = bench.send_join(1, &first);
    assert_eq!(bench.joined(join).generation_id, generation + 1);
    assert_eq!(bench.joined(join).members.len(), 1);
    assert_eq!(bench.heartbeat(2, &second, generation), Some(KafkaError::UnknownMemberId));
}

#[test]
fn who_does_not_rejoin_is_removed_when_the_rebalance_timeout_ends() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    let (_, join3) = bench.enter(3);
    let join1 = bench.send_join(1, &first);
    for _ in 0..19 {
        bench.advance(3_000);
        bench.heartbeat(2, &second, generation);
    }
    assert!(bench.is_parked(join1), "57 s: c2 still sends heartbeats but does not join");
    bench.advance(3_000);
    assert_eq!(bench.joined(join1).generation_id, generation + 1);
    assert_eq!(bench.joined(join3).generation_id, generation + 1);
    assert_eq!(bench.heartbeat(2, &second, generation), Some(KafkaError::UnknownMemberId));
}

#[test]
fn a_leader_that_does_not_rejoin_loses_its_place() {
    let mut bench = Bench::new();
    let (first, second, _) = bench.two_members();
    assert_eq!(bench.leave(1, &first), None);
    let join = bench.send_join(2, &second);
    assert_eq!(bench.joined(join).leader, second);
}

#[test]
fn who_joins_but_never_syncs_is_removed() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    let (third, _) = bench.enter(3);
    bench.send_join(1, &first);
    bench.send_join(2, &second);
    let generation = generation + 1;
    let sync2 = bench.send_sync(2, &second, generation, &[]);
    bench.send_sync(3, &third, generation, &[]);
    for _ in 0..19 {
        bench.advance(3_000);
        // The leader heartbeats but its SyncGroup never comes.
        bench.heartbeat(1, &first, generation);
    }
    assert!(bench.is_parked(sync2));
    bench.advance(3_000);
    assert_eq!(bench.synced(sync2), Err(KafkaError::RebalanceInProgress), "60 s are over");
    assert!(bench.coordinator.group(GROUP).unwrap().member(&first).is_none());
    let join2 = bench.send_join(2, &second);
    let join3 = bench.send_join(3, &third);
    assert_eq!(bench.joined(join2).leader, second);
    assert_eq!(bench.joined(join3).generation_id, generation + 1);
}

#[test]
fn a_parked_member_cannot_be_late() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    let _ = bench.enter(3);
    bench.send_join(2, &second);
    for _ in 0..19 {
        bench.advance(3_000);
        assert_eq!(bench.heartbeat(1, &first, generation), Some(KafkaError::RebalanceInProgress));
    }
    let group = bench.coordinator.group(GROUP).unwrap();
    let parked = group.member(&second).expect("parked for 57 s, longer than its session of 45 s");
    assert_eq!(parked.session_deadline(), None);
}

#[test]
fn joining_one_by_one_as_observed_in_brokers() {
    // j_classic_range: generations 1 to 4 while m1..m4 join, 5 when m1 has left.
    let mut bench = Bench::new();
    let (first, generation) = bench.one_member();
    assert_eq!(generation, 1);
    let mut members = vec![(1, first.clone())];
    for client in 2..=4 {
        let (id, _) = bench.enter(client);
        for (other, member) in members.clone() {
            bench.send_join(other, &member);
        }
        members.push((client, id));
        assert_eq!(bench.generation(), i32::try_from(client).unwrap());
        bench.send_sync(1, &first, bench.generation(), &[]);
        assert_eq!(bench.state(), GroupState::Stable);
    }
    bench.leave(1, &first);
    for (client, member) in &members[1..] {
        bench.send_join(*client, member);
    }
    assert_eq!(bench.generation(), 5);
}

#[test]
fn assignments_count_once_they_are_committed() {
    let mut bench = Bench::new();
    let (id, join) = bench.enter(1);
    bench.advance(0);
    let generation = bench.joined(join).generation_id;
    bench.replicated = false;
    let sync = bench.send_sync(1, &id, generation, &[(&id, &[0])]);
    assert!(bench.is_parked(sync));
    assert_eq!(bench.state(), GroupState::CompletingRebalance);
    bench.commit_all();
    assert_eq!(bench.synced(sync), Ok(vec![0]));
    assert_eq!(bench.state(), GroupState::Stable);
}

#[test]
fn assignments_that_cannot_be_written_start_over() {
    let mut bench = Bench::new();
    let (id, join) = bench.enter(1);
    bench.advance(0);
    let generation = bench.joined(join).generation_id;
    bench.host.fails = Some(KafkaError::NotLeaderOrFollower);
    let sync = bench.send_sync(1, &id, generation, &[(&id, &[0])]);
    assert_eq!(bench.synced(sync), Err(KafkaError::NotCoordinator));
    assert_eq!(bench.state(), GroupState::PreparingRebalance);
    bench.host.fails = None;
    let join = bench.send_join(1, &id);
    assert_eq!(bench.joined(join).generation_id, generation + 1);
    bench.replicated = false;
    let sync = bench.send_sync(1, &id, generation + 1, &[(&id, &[0])]);
    bench.advance(5_000);
    assert_eq!(bench.synced(sync), Err(KafkaError::CoordinatorNotAvailable), "not in 5 s");
    assert_eq!(bench.state(), GroupState::PreparingRebalance);
}

/// The longest rebalance timeout of the members counts (`ClassicGroup.rebalanceTimeoutMs`).
#[test]
fn the_join_phase_lasts_as_long_as_the_most_patient_member_allows() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    let third = bench.ask_id(3);
    let join3 = bench.send_join_within(3, &third, &["range"], 45_000, 20_000);
    bench.send_join_within(2, &second, &["range"], 45_000, 20_000);
    for _ in 0..19 {
        bench.advance(3_000);
        bench.heartbeat(1, &first, generation);
    }
    assert!(bench.is_parked(join3), "57 s: c1 has a minute");
    bench.advance(3_000);
    assert_eq!(bench.joined(join3).generation_id, generation + 1);
}

/// A new member whose JoinGroup waits for five minutes is given up; one that was there before is not
/// (`classicGroupNewMemberJoinTimeoutMs`).
#[test]
fn a_new_member_waits_no_longer_than_five_minutes() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    let third = bench.ask_id(3);
    let join3 = bench.send_join_within(3, &third, &["range"], 45_000, 900_000);
    let join2 = bench.send_join(2, &second);
    for _ in 0..299 {
        bench.advance(1_000);
        bench.heartbeat(1, &first, generation);
    }
    assert!(bench.is_parked(join3) && bench.is_parked(join2));
    bench.advance(1_000);
    assert_eq!(bench.joined(join3).error, Some(KafkaError::UnknownMemberId));
    assert!(bench.is_parked(join2), "c2 is not new");
}

/// Who got its generation and never asked for its share is removed when the rebalance timeout ends, though the
/// group is Stable (`expirePendingSync`).
#[test]
fn who_never_syncs_is_removed_from_a_stable_group_too() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    let (third, _) = bench.enter(3);
    bench.send_join(1, &first);
    bench.send_join(2, &second);
    let generation = generation + 1;
    let sync = bench.send_sync(1, &first, generation, &[(&first, &[0, 1, 2])]);
    assert_eq!(bench.synced(sync), Ok(vec![0, 1, 2]));
    assert_eq!(bench.state(), GroupState::Stable);
    let sync = bench.send_sync(3, &third, generation, &[]);
    assert_eq!(bench.synced(sync), Ok(vec![]));
    for _ in 0..19 {
        bench.advance(3_000);
        for (client, member) in [(1, &first), (2, &second), (3, &third)] {
            assert_eq!(bench.heartbeat(client, member, generation), None);
        }
    }
    bench.advance(3_000);
    assert_eq!(bench.heartbeat(2, &second, generation), Some(KafkaError::UnknownMemberId));
    assert_eq!(bench.state(), GroupState::PreparingRebalance);
}

/// Two members in the generation after one whose assignments were sent and are not replicated yet.
fn generation_after_an_unwritten_one() -> (Bench, Name, i32) {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    bench.replicated = false;
    bench.send_join(1, &first);
    bench.send_join(2, &second);
    let sync = bench.send_sync(1, &first, generation + 1, &[(&first, &[0, 1, 2])]);
    assert!(bench.is_parked(sync), "its record is not replicated");
    bench.send_join_with(2, &second, &["range", "roundrobin"], 45_000);
    assert_eq!(bench.synced(sync), Err(KafkaError::RebalanceInProgress));
    bench.send_join(1, &first);
    assert_eq!(
        (bench.state(), bench.generation()),
        (GroupState::CompletingRebalance, generation + 2)
    );
    (bench, second, generation + 2)
}

#[test]
fn assignments_of_an_earlier_generation_do_not_count_when_they_are_committed() {
    let (mut bench, second, generation) = generation_after_an_unwritten_one();
    let sync = bench.send_sync(2, &second, generation, &[]);
    bench.commit_all();
    assert!(bench.is_parked(sync));
    assert_eq!(bench.state(), GroupState::CompletingRebalance);
}

#[test]
fn assignments_of_an_earlier_generation_that_are_given_up_start_nothing_over() {
    let (mut bench, second, generation) = generation_after_an_unwritten_one();
    let sync = bench.send_sync(2, &second, generation, &[]);
    bench.advance(5_000);
    assert!(bench.is_parked(sync));
    assert_eq!((bench.state(), bench.generation()), (GroupState::CompletingRebalance, generation));
}
