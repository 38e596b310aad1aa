//! When and whom the producer asks for metadata.

use super::*;
use crate::test_bench::timer_at;

#[test]
fn metadata_is_asked_for_at_the_start() {
    let mut bench = Bench::new(&[], Workload::default());
    assert_eq!(bench.metadata_asked().map(|m| m.0), Some(1));
    bench.effects.clear();
    bench.send(None, b"x", None);
    assert_eq!(bench.metadata_asked(), None, "one request at a time");
}

#[test]
fn the_bootstrap_broker_is_drawn() {
    let config = ProducerConfig::default();
    let mut producer = Producer::new(1, config, Workload::default(), vec![1, 2, 3]);
    let mut chooser = Scripted(vec![2]);
    let effects = feed(&mut producer, NodeId::Producer(1), Time(0), &mut chooser, Input::Start);
    assert_eq!(sent(&effects)[0].0, NodeId::Broker(3));
}

#[test]
fn an_unknown_topic_is_asked_for_until_send_gives_up() {
    let workload = Workload { topic: Some("t".into()), ..Workload::default() };
    let mut bench = Bench::new(&[("max.block.ms", "1000")], workload);
    bench.send(None, b"x", None);
    let unknown = MetadataResponse {
        brokers: vec![(1, None)],
        topics: vec![MetadataTopic {
            error: Some(KafkaError::UnknownTopicOrPartition),
            name: "t".into(),
            id: TopicId(0),
            partitions: Vec::new(),
        }],
    };
    let (broker, correlation) = bench.metadata_asked().unwrap();
    bench.effects.clear();
    bench.chooser.0 = vec![200];
    bench.answer(broker, correlation, Response::Metadata(unknown));
    assert_eq!(timer_at(&bench.effects, Timer::MetadataRefresh), Some(Time::from_ms(100)));
    bench.at_ms(100).timer(Timer::MetadataRefresh);
    assert!(bench.metadata_asked().is_some());
    bench.effects.clear();
    bench.at_ms(1000).timer(Timer::DeliveryTimeout);
    let error = KafkaError::RequestTimedOut;
    assert_eq!(bench.events(), [TraceEvent::RecordRefused { topic: "t".into(), error }]);
}

#[test]
fn a_topic_name_that_cannot_be_is_refused() {
    let workload = Workload { topic: Some("t".into()), ..Workload::default() };
    let mut bench = Bench::new(&[], workload);
    bench.send(None, b"x", None);
    let (broker, correlation) = bench.metadata_asked().unwrap();
    let mut response = metadata(&[1], 0);
    response.topics[0].error = Some(KafkaError::InvalidTopicException);
    bench.effects.clear();
    bench.answer(broker, correlation, Response::Metadata(response));
    let error = KafkaError::InvalidTopicException;
    assert_eq!(bench.events(), [TraceEvent::RecordRefused { topic: "t".into(), error }]);
}

#[test]
fn it_is_refreshed_when_it_is_old() {
    let workload = Workload { topic: Some("t".into()), ..Workload::default() };
    let mut bench = Bench::new(&[], workload);
    bench.answer_metadata(&[1], 0);
    assert_eq!(timer_at(&bench.effects, Timer::MetadataRefresh), Some(Time::from_ms(300_000)));
    bench.effects.clear();
    bench.at_ms(300_000).timer(Timer::MetadataRefresh);
    assert!(bench.metadata_asked().is_some());
}

#[test]
fn a_partition_without_a_leader_waits_and_metadata_is_asked_for() {
    let mut bench = Bench::ready(&[("linger.ms", "0")], &[-1]);
    bench.at_ms(1000).send(None, b"x", Some(0));
    assert!(bench.metadata_asked().is_some());
    assert_eq!(bench.producer.waiting().count(), 1);
    bench.answer_metadata(&[2], 1);
    assert_eq!(bench.produces()[0].0, 2);
}
