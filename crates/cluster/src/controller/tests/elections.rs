//! ElectLeaders, unclean elections and the periodic checks.

use super::*;

/// All ISR members but broker 1 gone, then broker 1 too, then 2 and 3 back: no leader.
fn offline() -> Bench {
    let mut bench = Bench::with_brokers(3);
    bench.create("t", &[&[1, 2, 3]], &[]);
    bench.pass(9000, &[1]);
    for broker in [2, 3] {
        bench.start_broker(broker, 2);
    }
    bench.pass(9000, &[2, 3]);
    assert_eq!(bench.state(), (-1, 1, 3, vec![1]), "the last member stays in the ISR");
    bench
}

#[test]
fn unclean_election_by_hand() {
    let mut bench = offline();
    assert_eq!(bench.elect(ElectionType::Preferred), Some(KafkaError::PreferredLeaderNotAvailable));
    bench.effects.clear();
    assert_eq!(bench.elect(ElectionType::Unclean), None);
    assert_eq!(bench.state(), (2, 2, 4, vec![2]));
    assert_eq!(bench.partition().leader_recovery_state, 1);
    assert!(bench.events().contains(&TraceEvent::LeaderElected {
        tp: TP,
        leader: 2,
        epoch: 2,
        unclean: true
    }));
    assert_eq!(bench.elect(ElectionType::Unclean), Some(KafkaError::ElectionNotNeeded));
    let two = bench.alter_with(&[2, 3], |r| r.partitions[0].leader_recovery_state = 1);
    assert_eq!(two.partitions[0].error, Some(KafkaError::InvalidRequest), "it recovers alone");
    bench.alter(&[2, 3]);
    assert_eq!(bench.partition().leader_recovery_state, 0, "the next expansion recovers it");
    assert_eq!(bench.state(), (2, 2, 5, vec![2, 3]));
}

#[test]
fn nobody_alive_nobody_elected() {
    let mut bench = offline();
    bench.pass(9000, &[]);
    assert_eq!(bench.elect(ElectionType::Unclean), Some(KafkaError::EligibleLeadersNotAvailable));
    let unknown = TopicPartition::new(TOPIC, 9);
    let election = ElectionType::Unclean;
    let request = ElectLeadersRequest { election, partitions: Some(vec![unknown]) };
    let Some(Response::ElectLeaders(answer)) =
        bench.ask(NodeId::Admin, Request::ElectLeaders(request))
    else {
        panic!()
    };
    assert_eq!(answer.partitions, [(unknown, Some(KafkaError::UnknownTopicOrPartition))]);
}

#[test]
fn allowing_unclean_elections_elects_at_the_next_check_only() {
    let mut bench = offline();
    let configs = vec![("unclean.leader.election.enable".into(), "true".into())];
    let request = AlterConfigsRequest { topic: Some("t".into()), configs };
    bench.ask(NodeId::Admin, Request::IncrementalAlterConfigs(request));
    assert_eq!(bench.state().0, -1);
    bench.effects.clear();
    bench.input(Input::Timer(Timer::UncleanElectionCheck));
    assert_eq!(bench.state(), (2, 2, 4, vec![2]));
    let next = crate::test_bench::timer_at(&bench.effects, Timer::UncleanElectionCheck);
    assert_eq!(next, Some(Time(bench.now.0 + 300_000_000)));
}

#[test]
fn with_unclean_elections_allowed_a_lost_isr_is_replaced_at_once() {
    let mut bench = Bench::with_brokers(2);
    bench.create("t", &[&[1, 2]], &[("unclean.leader.election.enable", "true")]);
    bench.alter(&[1]);
    bench.pass(9000, &[2]);
    assert_eq!(bench.state(), (2, 1, 2, vec![2]));
    assert_eq!(bench.partition().leader_recovery_state, 1);
}

#[test]
fn the_last_isr_member_leads_again_when_it_is_back() {
    let mut bench = offline();
    let end = bench.controller.log_end_offset();
    bench.start_broker(1, 2);
    assert_eq!(bench.state(), (1, 2, 4, vec![1]));
    assert_eq!(bench.partition().leader_recovery_state, 0, "a clean election");
    let records = bench.records(end);
    assert!(matches!(records[1], MetadataRecord::BrokerRegistrationChange { .. }));
    assert_eq!(records[2], change(None, Some(1), None), "after the unfencing record");
}

#[test]
fn leaderships_go_back_to_preferred_replicas() {
    let mut bench = Bench::with_brokers(2);
    bench.create("t", &[&[1, 2]], &[]);
    bench.pass(9000, &[2]);
    bench.input(Input::Timer(Timer::LeaderImbalanceCheck));
    assert_eq!(bench.state(), (2, 1, 1, vec![2]), "the preferred one is not there");
    bench.start_broker(1, 2);
    bench.alter(&[2, 1]);
    bench.input(Input::Timer(Timer::LeaderImbalanceCheck));
    assert_eq!(bench.state(), (1, 2, 3, vec![2, 1]));
    bench.input(Input::Timer(Timer::LeaderImbalanceCheck));
    assert_eq!(bench.state(), (1, 2, 3, vec![2, 1]));
}
