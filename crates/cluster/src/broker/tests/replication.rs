//! Followers pull, and the fetch offset is the acknowledgement.

use super::bench::*;
use crate::*;

/// I01 (correctness.md): LEO and HW of the leader after each event.
#[test]
fn a_record_is_committed_by_the_second_fetch_of_the_last_in_sync_replica() {
    let mut b = Bench::new(&[1, 2, 3], &[1, 2, 3], &[]);
    b.produce(1, 1, 1);
    assert_eq!(b.ends(1), (1, 0));
    assert!(b.deliver(2, 1));
    assert_eq!(b.ends(1), (1, 0));
    assert!(b.deliver(3, 1));
    assert_eq!(b.ends(1), (1, 0));
    assert!(b.deliver(1, 2), "the record");
    assert!(b.deliver(1, 3), "the record");
    assert_eq!((b.ends(2), b.ends(3)), ((1, 0), (1, 0)));
    assert!(b.deliver(2, 1));
    assert_eq!(b.ends(1), (1, 0));
    assert!(b.deliver(3, 1));
    assert_eq!(b.ends(1), (1, 1));
    assert_eq!((b.ends(2), b.ends(3)), ((1, 0), (1, 0)), "the followers do not know yet");
}

/// 06, 6.5: the high watermark's move does not wake a parked follower fetch; a consumer's it does.
#[test]
fn a_parked_follower_fetch_is_not_woken_by_the_high_watermark() {
    let mut b = Bench::new(&[1, 2, 3], &[1, 2, 3], &[]);
    let waiting =
        b.request(CONSUMER, 1, Request::Fetch(fetch(-1, 500, vec![fetch_item(0, -1, -1)])));
    b.produce(1, 1, 1);
    assert_eq!(b.response(waiting), None, "nothing is committed yet");
    b.settle();
    assert_eq!(b.ends(1), (1, 1));
    assert!(b.response(waiting).is_some(), "woken by the high watermark");
    assert_eq!((b.ends(2), b.ends(3)), ((1, 0), (1, 0)));
    assert_eq!(b.nodes[&1].broker.purgatory().fetches.len(), 2);
    b.wait(500);
    b.fire_fetch_waits(1);
    b.settle();
    assert_eq!((b.ends(2), b.ends(3)), ((1, 1), (1, 1)), "the answer after the wait brings it");
    // The next record's answer wakes them at once and carries the high watermark of that moment.
    b.produce(1, 1, 1);
    b.settle();
    assert_eq!((b.ends(1), b.ends(2)), ((2, 2), (2, 1)));
}

/// A fetch at 101 says that 0..=100 are there.
#[test]
fn fetch_offset_101_confirms_100() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    b.produce(1, 1, 101);
    b.fetch_as(2, 1, 100);
    assert_eq!(b.ends(1), (101, 100));
    let answer = b.fetch_as(2, 1, 101);
    assert_eq!(answer.high_watermark, 100, "read before the acknowledgement counted");
    assert_eq!(b.ends(1), (101, 101));
    assert_eq!(b.partition(1).follower(2).unwrap().log_end_offset, 101);
}

#[test]
fn replicas_end_with_the_same_bytes() {
    let mut b = Bench::new(&[1, 2, 3], &[1, 2, 3], &[("internal.segment.bytes", "300")]);
    for n in 1..20 {
        b.produce(1, 1, n % 4 + 1);
        b.settle();
    }
    assert_eq!(b.log_bytes(1), b.log_bytes(2));
    assert_eq!(b.log_bytes(1), b.log_bytes(3));
    assert_eq!(b.ends(1).0, b.ends(1).1);
    assert!(b.happened(2, |e| matches!(e, TraceEvent::SegmentRolled { .. })) > 3);
    let updates =
        |e: &TraceEvent| matches!(e, TraceEvent::FollowerStateUpdated { follower: 2, .. });
    assert_eq!(b.happened(1, updates), 20, "-1 to 0 and once per record batch");
}

/// 06, 6.8.
#[test]
fn fetches_of_another_leader_epoch_are_refused() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    b.elect(1, &[1, 2]);
    let mut ask = |epoch| {
        let request =
            FetchRequest { replica_epoch: -1, ..fetch(2, 0, vec![fetch_item(0, epoch, -1)]) };
        b.fetch_from(NodeId::Broker(2), 1, request).error
    };
    assert_eq!(ask(0), Some(KafkaError::FencedLeaderEpoch));
    assert_eq!(ask(2), Some(KafkaError::UnknownLeaderEpoch));
    assert_eq!(ask(1), None);
    let stranger = fetch(9, 0, vec![fetch_item(0, 1, -1)]);
    let refused = b.fetch_from(NodeId::Broker(9), 1, stranger);
    assert_eq!(
        refused.error,
        Some(KafkaError::UnknownLeaderEpoch),
        "not in the assignment known here"
    );
}

/// KIP-903: a fetch of an earlier life of the follower does not count.
#[test]
fn a_fetch_with_an_old_broker_epoch_is_refused() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    b.produce(1, 1, 1);
    let old = b.broker_epoch(2);
    b.register_absent(2);
    b.sync(1);
    let request = FetchRequest { replica_epoch: old, ..fetch(2, 0, vec![fetch_item(1, 0, -1)]) };
    let refused = b.fetch_from(NodeId::Broker(2), 1, request);
    assert_eq!(refused.error, Some(KafkaError::NotLeaderOrFollower));
    assert_eq!(b.ends(1), (1, 0));
}

/// KIP-74: the first partition with data gives a batch even above the limits, later ones obey them.
#[test]
fn size_limits() {
    let mut b = Bench::new(&[1], &[1], &[]);
    let second = TopicPartition::new(TOPIC, 1);
    b.publish(partition_record(second, &[1]));
    b.sync(1);
    for tp in [ORDERS, second] {
        b.produce_to(1, tp, 1, batch(10, 100, Time(0)));
    }
    let small = |tp| FetchPartition { tp, partition_max_bytes: 10, ..fetch_item(0, -1, -1) };
    let request = fetch(-1, 0, vec![small(ORDERS), small(second)]);
    let correlation = b.request(CONSUMER, 1, Request::Fetch(request));
    let Some(Response::Fetch(answer)) = b.response(correlation) else { panic!() };
    assert!(answer.partitions[0].records.size() > 1000, "a whole batch");
    assert!(answer.partitions[1].records.size() <= 10);
}

#[test]
fn a_fetch_waits_for_its_min_bytes() {
    let mut b = Bench::new(&[1], &[1], &[]);
    let request = FetchRequest { min_bytes: 500, ..fetch(-1, 500, vec![fetch_item(0, -1, -1)]) };
    let correlation = b.request(CONSUMER, 1, Request::Fetch(request));
    b.produce_to(1, ORDERS, 1, batch(1, 200, Time(0)));
    assert_eq!(b.response(correlation), None);
    b.produce_to(1, ORDERS, 1, batch(1, 200, Time(0)));
    assert!(b.response(correlation).is_some());
    assert!(
        !b.timers.keys().any(|(_, t)| matches!(t, Timer::FetchWait(_))),
        "its timer is cancelled"
    );
}

/// A follower whose leader is gone backs off and then asks again.
#[test]
fn a_lost_connection_delays_the_fetcher() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    let lost = b.wire.remove(0);
    assert_eq!(lost.from, NodeId::Broker(2));
    let peer = NodeId::Broker(1);
    b.feed(2, Input::Disconnected { peer, correlation: lost.correlation });
    assert_eq!(b.wire.len(), 0);
    let at = b.timers[&(2, Timer::FetchBackoff(1))];
    assert_eq!(at, b.now + Span::from_ms(1000), "replica.fetch.backoff.ms");
    b.now = at;
    b.fire(2, Timer::FetchBackoff(1));
    assert_eq!(b.wire.len(), 1);
    b.produce(1, 1, 1);
    b.settle();
    assert_eq!(b.ends(2).0, 1);
}

/// An answer that comes after the follower has learnt of a new epoch is dropped.
#[test]
fn an_answer_of_an_old_epoch_is_dropped() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.produce(1, 1, 1);
    assert!(b.deliver(2, 1));
    b.change(Some(1), None);
    b.sync(2);
    assert!(b.deliver(1, 2), "the record, asked for in epoch 0");
    assert_eq!(b.ends(2).0, 0);
    b.sync(1);
    b.wait(1000);
    b.settle();
    assert_eq!(b.ends(2).0, 1);
}

/// A re-elected leader: the fetcher goes on with the new epoch once the fetch under way is answered.
#[test]
fn the_fetcher_of_the_same_leader_stays() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.settle();
    b.elect(1, &[1, 2]);
    assert!(b.wire.is_empty(), "one fetch at a time");
    b.wait(500);
    b.fire_fetch_waits(1);
    b.settle();
    b.produce(1, 1, 1);
    b.settle();
    assert_eq!(b.ends(2).0, 1);
    assert_eq!(b.epochs(2), [(1, 0)]);
}

/// Without any answer, neither data nor a broken connection: asked again after the timeout and the back-off.
#[test]
fn a_fetch_lost_on_the_way_is_given_up() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.wire.clear();
    b.produce(1, 1, 1);
    b.now = b.timers[&(2, Timer::FetchBackoff(1))];
    assert_eq!(b.now, Time::from_ms(30_000));
    b.fire(2, Timer::FetchBackoff(1));
    assert!(b.wire.is_empty());
    b.now = b.timers[&(2, Timer::FetchBackoff(1))];
    assert_eq!(b.now, Time::from_ms(31_000));
    b.fire(2, Timer::FetchBackoff(1));
    b.settle();
    assert_eq!(b.ends(2).0, 1);
}
