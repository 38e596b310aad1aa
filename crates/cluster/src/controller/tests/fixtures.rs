//! What the controller of a running 4.3.0 cluster wrote: leader, epochs and ISR, step by step.

use super::*;

/// A leader is killed, the cluster fails over, the old leader returns and is elected again.
#[test]
fn b_leader_killed() {
    let mut bench = Bench::with_brokers(3);
    bench.create("s-b", &[&[1, 2, 3]], &[("min.insync.replicas", "2")]);
    assert_eq!(bench.state(), (1, 0, 0, vec![1, 2, 3]));
    bench.pass(9000, &[2, 3]);
    assert_eq!(bench.state(), (2, 1, 1, vec![2, 3]));
    assert_eq!(bench.elect(ElectionType::Preferred), Some(KafkaError::PreferredLeaderNotAvailable));
    assert_eq!(bench.elect(ElectionType::Unclean), Some(KafkaError::ElectionNotNeeded));
    bench.start_broker(1, 2);
    assert_eq!(bench.state(), (2, 1, 1, vec![2, 3]), "back, not in sync yet");
    bench.alter(&[1, 2, 3]);
    assert_eq!(bench.state(), (2, 1, 2, vec![1, 2, 3]));
    assert_eq!(bench.elect(ElectionType::Preferred), None);
    assert_eq!(bench.state(), (1, 2, 3, vec![1, 2, 3]));
    assert_eq!(bench.elect(ElectionType::Preferred), Some(KafkaError::ElectionNotNeeded));
    assert_eq!(bench.state(), (1, 2, 3, vec![1, 2, 3]));
}

/// A follower is paused and leaves the ISR by lag, then comes back.
#[test]
fn c_follower_paused() {
    let mut bench = Bench::with_brokers(3);
    bench.create("s-c", &[&[1, 2, 3]], &[("min.insync.replicas", "2")]);
    let end = bench.controller.log_end_offset();
    bench.alter(&[1, 2]);
    assert_eq!(bench.state(), (1, 0, 1, vec![1, 2]));
    bench.alter(&[1, 2, 3]);
    assert_eq!(bench.state(), (1, 0, 2, vec![1, 2, 3]));
    assert_eq!(
        bench.records(end),
        [change(Some(&[1, 2]), None, None), change(Some(&[1, 2, 3]), None, None)]
    );
}

/// Without eligible leader replicas the last member of the ISR is the only clean leader.
#[test]
fn d3_min_isr_without_elr() {
    let mut bench = Bench::with_brokers(3);
    bench.create("s-d3", &[&[1, 2, 3]], &[("min.insync.replicas", "2")]);
    bench.pass(9000, &[1, 3]);
    assert_eq!(bench.state(), (1, 0, 1, vec![1, 3]));
    bench.alter(&[1]);
    assert_eq!(bench.state(), (1, 0, 2, vec![1]));
    bench.pass(9000, &[1]);
    assert_eq!(bench.state(), (1, 0, 2, vec![1]), "fencing broker 3 changes nothing more");
    let end = bench.controller.log_end_offset();
    bench.pass(9000, &[]);
    assert_eq!(bench.records(end)[0], change(None, Some(-1), None));
    assert_eq!(bench.state(), (-1, 1, 3, vec![1]));
    bench.start_broker(2, 2);
    assert_eq!(bench.state(), (-1, 1, 3, vec![1]), "2 is not in the ISR");
    bench.start_broker(1, 2);
    assert_eq!(bench.state(), (1, 2, 4, vec![1]));
    bench.alter(&[1, 2]);
    assert_eq!(bench.state(), (1, 2, 5, vec![1, 2]));
    bench.start_broker(3, 2);
    bench.alter(&[1, 2, 3]);
    assert_eq!(bench.state(), (1, 2, 6, vec![1, 2, 3]));
}
