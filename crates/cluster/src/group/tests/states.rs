//! `08-groups` 8.1: what every request gets in every state.

use super::harness::{Bench, GROUP};
use crate::KafkaError::{IllegalGeneration, RebalanceInProgress, UnknownMemberId};
use crate::{GroupState, KafkaError};

#[test]
fn empty() {
    let mut bench = Bench::new();
    let (id, generation) = bench.one_member();
    assert_eq!(bench.leave(1, &id), None);
    assert_eq!((bench.state(), bench.generation()), (GroupState::Empty, generation + 1));
    let join = bench.send_join(1, &id);
    assert_eq!(bench.joined(join).error, Some(UnknownMemberId));
    let sync = bench.send_sync(1, &id, generation + 1, &[]);
    assert_eq!(bench.synced(sync), Err(UnknownMemberId));
    assert_eq!(bench.heartbeat(1, &id, generation + 1), Some(UnknownMemberId));
    assert_eq!(bench.leave(1, &id), Some(UnknownMemberId));
}

#[test]
fn unknown_group() {
    let mut bench = Bench::new();
    assert_eq!(bench.heartbeat(1, "c1-x", 1), Some(UnknownMemberId));
    assert_eq!(bench.leave(1, "c1-x"), Some(UnknownMemberId));
    let join = bench.send_join(1, "c1-x");
    assert_eq!(bench.joined(join).error, Some(UnknownMemberId));
    assert!(bench.coordinator.group(GROUP).is_none(), "an id from nowhere makes no group");
}

#[test]
fn preparing_rebalance() {
    let mut bench = Bench::new();
    let (first, _, generation) = bench.two_members();
    let _ = bench.enter(3);
    assert_eq!(bench.state(), GroupState::PreparingRebalance);
    assert_eq!(bench.heartbeat(1, &first, generation), Some(RebalanceInProgress));
    assert_eq!(bench.heartbeat(1, &first, generation - 1), Some(IllegalGeneration));
    let sync = bench.send_sync(1, &first, generation, &[]);
    assert_eq!(bench.synced(sync), Err(RebalanceInProgress));
    assert_eq!(bench.commit(&first, generation, 7), None, "commits are allowed");
    let join = bench.send_join(1, &first);
    assert!(bench.is_parked(join), "a member waits for the others");
    let unknown = bench.send_join(4, "c4-x");
    assert_eq!(bench.joined(unknown).error, Some(UnknownMemberId));
}

#[test]
fn heartbeat_while_preparing_keeps_the_session() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    let _ = bench.enter(3);
    bench.advance(40_000);
    assert_eq!(bench.heartbeat(1, &first, generation), Some(RebalanceInProgress));
    bench.advance(10_000);
    let group = bench.coordinator.group(GROUP).unwrap();
    assert!(group.member(&first).is_some(), "heard of 10 s ago");
    assert!(group.member(&second).is_none(), "silent for 50 s");
}

#[test]
fn completing_rebalance() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    let (third, _) = bench.enter(3);
    bench.send_join(1, &first);
    bench.send_join(2, &second);
    let generation = generation + 1;
    assert_eq!((bench.state(), bench.generation()), (GroupState::CompletingRebalance, generation));
    assert_eq!(bench.heartbeat(2, &second, generation), None);
    assert_eq!(bench.commit(&second, generation, 7), Some(RebalanceInProgress));
    let follower = bench.send_sync(2, &second, generation, &[]);
    assert!(bench.is_parked(follower), "a follower waits for the leader");
    let again = bench.send_join(3, &third);
    assert_eq!(bench.joined(again).generation_id, generation, "same metadata: same answer");
    assert!(bench.joined(again).members.is_empty(), "and it is not the leader");
    let changed = bench.send_join_with(3, &third, &["range", "roundrobin"], 45_000);
    assert_eq!(bench.state(), GroupState::PreparingRebalance, "new metadata: a rebalance");
    assert_eq!(bench.synced(follower), Err(RebalanceInProgress));
    assert!(bench.is_parked(changed));
}

#[test]
fn stable() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    assert_eq!(bench.heartbeat(2, &second, generation), None);
    assert_eq!(bench.heartbeat(2, &second, generation - 1), Some(IllegalGeneration));
    assert_eq!(bench.heartbeat(2, &second, generation + 1), Some(IllegalGeneration));
    let sync = bench.send_sync(2, &second, generation, &[]);
    assert_eq!(bench.synced(sync), Ok(vec![2]), "its assignment again");
    let join = bench.send_join(2, &second);
    assert_eq!(bench.joined(join).generation_id, generation, "unchanged follower: same answer");
    assert_eq!(bench.state(), GroupState::Stable);
    let join = bench.send_join(1, &first);
    assert!(bench.is_parked(join));
    assert_eq!(bench.state(), GroupState::PreparingRebalance, "the leader asks by joining");
}

#[test]
fn stable_and_a_follower_with_new_metadata() {
    let mut bench = Bench::new();
    let (_, second, _) = bench.two_members();
    let join = bench.send_join_with(2, &second, &["roundrobin", "range"], 45_000);
    assert!(bench.is_parked(join));
    assert_eq!(bench.state(), GroupState::PreparingRebalance);
}

#[test]
fn session_timeout_outside_the_broker_s_limits() {
    let mut bench = Bench::new();
    for (timeout_ms, error) in [
        (5_999, KafkaError::InvalidSessionTimeout),
        (6_000, KafkaError::MemberIdRequired),
        (1_800_000, KafkaError::MemberIdRequired),
        (1_800_001, KafkaError::InvalidSessionTimeout),
    ] {
        let join = bench.send_join_with(1, "", &["range"], timeout_ms);
        assert_eq!(bench.joined(join).error, Some(error), "{timeout_ms} ms");
    }
}

#[test]
fn protocols_have_to_fit() {
    let mut bench = Bench::new();
    let refused = Some(KafkaError::InconsistentGroupProtocol);
    let join = bench.send_join_with(1, "", &[], 45_000);
    assert_eq!(bench.joined(join).error, refused, "none at all");
    let join = bench.send_join_with(1, "", &["range", "range"], 45_000);
    assert_eq!(bench.joined(join).error, refused, "the same twice");
    bench.one_member();
    let join = bench.send_join_with(2, "", &["roundrobin"], 45_000);
    assert_eq!(bench.joined(join).error, refused, "none in common with the group");
}

#[test]
fn the_protocol_most_members_prefer_wins() {
    let mut bench = Bench::new();
    bench.host.config.group_initial_rebalance_delay_ms = 3000;
    for (client, protocols) in
        [(1, ["range", "roundrobin"]), (2, ["roundrobin", "range"]), (3, ["roundrobin", "range"])]
    {
        let id = bench.ask_id(client);
        bench.send_join_with(client, &id, &protocols, 45_000);
    }
    bench.advance(10_000);
    let group = bench.coordinator.group(GROUP).unwrap();
    assert_eq!(group.protocol().map(|p| &**p), Some("roundrobin"));
}

#[test]
fn group_max_size() {
    let mut bench = Bench::new();
    bench.host.config.group_max_size = 1;
    bench.one_member();
    let join = bench.send_join(2, "");
    assert_eq!(bench.joined(join).error, Some(KafkaError::GroupMaxSizeReached));
}

#[test]
fn not_the_coordinator() {
    let mut bench = Bench::new();
    bench.host.leads = false;
    assert_eq!(bench.heartbeat(1, "x", 1), Some(KafkaError::NotCoordinator));
    let mut bench = Bench::unloaded();
    let join = bench.send_join(1, "");
    assert_eq!(bench.joined(join).error, Some(KafkaError::CoordinatorLoadInProgress));
    assert_eq!(bench.heartbeat(1, "x", 1), None, "a loading coordinator keeps members calm");
}
