//! What acks=0, 1 and all wait for, and what is refused.

use super::bench::*;
use crate::*;

#[test]
fn acks_all_is_answered_by_the_fetch_that_moves_the_high_watermark() {
    let mut b = Bench::new(&[1], &[1, 2, 3], &[("min.insync.replicas", "2")]);
    let all = b.produce(1, -1, 2);
    assert_eq!(b.produced(all), None);
    let entry = b.nodes[&1].broker.purgatory().produces.values().next().unwrap();
    assert_eq!((entry.partitions[0].base_offset, entry.partitions[0].required_offset), (0, 2));
    b.fetch_as(2, 1, 2);
    b.fetch_as(3, 1, 1);
    assert_eq!(b.produced(all), None, "HW 1 < 2");
    b.fetch_as(3, 1, 2);
    assert_eq!(b.produced(all), Some((None, 0)));
    assert!(!b.timers.keys().any(|(_, t)| matches!(t, Timer::ProduceTimeout(_))));
    let one = b.produce(1, 1, 1);
    assert_eq!(b.produced(one), Some((None, 2)), "acks=1: after the append");
}

#[test]
fn acks_0_is_never_answered() {
    let mut b = Bench::new(&[1], &[1], &[]);
    let none = b.produce(1, 0, 1);
    assert_eq!(b.ends(1), (1, 1));
    let refused = b.produce_to(1, TopicPartition::new(TOPIC, 7), 0, batch(1, 1, Time(0)));
    assert_eq!((b.response(none), b.response(refused)), (None, None));
    assert_eq!(b.closed, [(PRODUCER, refused)], "a refusal closes the connection");
    assert_eq!(b.happened(1, |e| matches!(e, TraceEvent::ProduceRefused { .. })), 1);
}

/// 5.4 and 15, 2: the time is up, the record stays and may yet commit.
#[test]
fn a_timed_out_produce_leaves_its_record() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    let all = b.produce(1, -1, 1);
    let (_, timer) = *b.timers.keys().find(|(_, t)| matches!(t, Timer::ProduceTimeout(_))).unwrap();
    assert_eq!(b.timers[&(1, timer)], b.now + Span::from_ms(30_000), "the request's timeout");
    b.fire(1, timer);
    assert_eq!(b.produced(all), Some((Some(KafkaError::RequestTimedOut), -1)));
    assert_eq!(b.ends(1), (1, 0));
    b.fetch_as(2, 1, 1);
    assert_eq!(b.ends(1), (1, 1));
    assert!(b.consume(1, 0).records.size() > 0);
}

#[test]
fn a_waiting_produce_fails_when_leadership_is_lost() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    let all = b.produce(1, -1, 1);
    b.elect(2, &[2]);
    let Some(Response::Produce(answer)) = b.response(all) else { panic!() };
    assert_eq!(answer.partitions[0].error, Some(KafkaError::NotLeaderOrFollower));
    assert_eq!(answer.partitions[0].current_leader, Some((2, 1)), "KIP-951");
}

#[test]
fn what_is_refused() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[("max.message.bytes", "200")]);
    b.make_topic(TopicId(2), "__consumer_offsets", &[]);
    let offsets = TopicPartition::new(TopicId(2), 0);
    b.publish(partition_record(offsets, &[1]));
    b.sync_all();
    let mut refused = |to, tp, acks, records| {
        let correlation = b.produce_to(to, tp, acks, records);
        b.produced(correlation).unwrap().0.unwrap()
    };
    let small = || batch(1, 10, Time(0));
    assert_eq!(refused(1, ORDERS, 2, small()), KafkaError::InvalidRequiredAcks);
    assert_eq!(refused(2, ORDERS, 1, small()), KafkaError::NotLeaderOrFollower);
    assert_eq!(
        refused(1, TopicPartition::new(TOPIC, 7), 1, small()),
        KafkaError::UnknownTopicOrPartition
    );
    assert_eq!(
        refused(1, TopicPartition::new(TopicId(9), 0), 1, small()),
        KafkaError::UnknownTopicId
    );
    assert_eq!(refused(1, offsets, 1, small()), KafkaError::InvalidTopicException);
    assert_eq!(refused(1, ORDERS, 1, batch(1, 300, Time(0))), KafkaError::MessageTooLarge);
    let mut broken = small().to_vec();
    *broken.last_mut().unwrap() ^= 1;
    assert_eq!(refused(1, ORDERS, 1, broken.into()), KafkaError::CorruptMessage);
    assert_eq!(b.ends(1), (0, 0));
}
