//! What happens when an answer is an error, or does not come.

use super::*;
use crate::test_bench::timer_at;

fn one_sent(settings: &[(&str, &str)]) -> (Bench, SentProduce) {
    let mut all = vec![("linger.ms", "0")];
    all.extend(settings);
    let mut bench = Bench::ready(&all, &[1, 2]);
    bench.send(None, b"x", Some(0));
    let produce = bench.produces().remove(0);
    (bench, produce)
}

#[test]
fn a_retriable_error_is_tried_again_after_the_back_off() {
    let (mut bench, produce) = one_sent(&[]);
    bench.chooser.0 = vec![200, 400];
    bench.at_ms(10).answer_produce(&produce, Some(KafkaError::NotEnoughReplicas), -1, None);
    let error = KafkaError::NotEnoughReplicas;
    assert_eq!(timer_at(&bench.effects, Timer::RetryBackoff), Some(Time::from_ms(110)));
    assert_eq!(
        bench.events(),
        [TraceEvent::SendRetried { tp: tp(0), count: 1, error, attempt: 1 }]
    );
    assert_eq!(bench.producer.last_error(), Some((error, Time::from_ms(10))));
    bench.at_ms(109).timer(Timer::Linger(tp(0)));
    assert!(bench.produces().is_empty());
    bench.at_ms(110).timer(Timer::RetryBackoff);
    let again = bench.produces().remove(0);
    bench.at_ms(120).answer_produce(&again, Some(KafkaError::NotEnoughReplicas), -1, None);
    // 200 ms and a fifth more.
    assert_eq!(timer_at(&bench.effects, Timer::RetryBackoff), Some(Time::from_ms(360)));
}

#[test]
fn back_off_grows_to_its_maximum() {
    let (mut bench, mut produce) = one_sent(&[]);
    let mut waits = Vec::new();
    for _ in 0..6 {
        bench.chooser.0 = vec![200];
        bench.answer_produce(&produce, Some(KafkaError::CorruptMessage), -1, None);
        let at = timer_at(&bench.effects, Timer::RetryBackoff).unwrap();
        waits.push(at.since(bench.now).ms());
        bench.now = at;
        bench.effects.clear();
        bench.timer(Timer::RetryBackoff);
        produce = bench.produces().remove(0);
    }
    assert_eq!(waits, [100, 200, 400, 800, 1000, 1000]);
}

#[test]
fn an_error_that_no_retry_helps_fails_the_batch() {
    let (mut bench, produce) = one_sent(&[]);
    let error = KafkaError::MessageTooLarge;
    bench.answer_produce(&produce, Some(error), -1, None);
    assert_eq!(bench.events(), [TraceEvent::SendFailed { tp: tp(0), count: 1, error }]);
    assert_eq!(bench.producer.counters().failed, 1);
}

#[test]
fn retries_run_out() {
    let (mut bench, produce) = one_sent(&[("retries", "0")]);
    let error = KafkaError::NotEnoughReplicas;
    bench.answer_produce(&produce, Some(error), -1, None);
    assert!(bench.events().contains(&TraceEvent::SendFailed { tp: tp(0), count: 1, error }));
}

#[test]
fn the_new_leader_in_the_error_is_tried_at_once() {
    let (mut bench, produce) = one_sent(&[]);
    let error = Some(KafkaError::NotLeaderOrFollower);
    bench.at_ms(10).answer_produce(&produce, error, -1, Some((2, 1)));
    assert_eq!(bench.producer.known_leader(tp(0)), Some((2, 1)));
    let again = bench.produces();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].0, 2, "no back-off for a new leader");
}

#[test]
fn without_a_hint_metadata_is_asked_for_and_older_epochs_are_ignored() {
    let (mut bench, produce) = one_sent(&[]);
    bench.at_ms(500).answer_produce(&produce, Some(KafkaError::NotLeaderOrFollower), -1, None);
    assert!(bench.metadata_asked().is_some());
    bench.answer_metadata(&[2, 2], 4);
    bench.effects.clear();
    assert_eq!(bench.producer.known_leader(tp(0)), Some((2, 4)));
    bench.at_ms(300_500).timer(Timer::MetadataRefresh);
    bench.answer_metadata(&[1, 1], 3);
    assert_eq!(bench.producer.known_leader(tp(0)), Some((2, 4)));
}

#[test]
fn a_request_without_an_answer_drops_the_connection() {
    let (mut bench, produce) = one_sent(&[]);
    bench.send(None, b"y", Some(0));
    let second = bench.produces().remove(0);
    bench.at_ms(30_000).timer(Timer::RequestTimeout(produce.1));
    let error = KafkaError::RequestTimedOut;
    let retried = TraceEvent::SendRetried { tp: tp(0), count: 1, error, attempt: 1 };
    assert_eq!(bench.events(), [retried.clone(), retried], "all requests of the connection");
    bench.answer_produce(&second, None, 5, None);
    assert_eq!(bench.producer.counters().acknowledged, 0, "a late answer is not heard");
    bench.at_ms(31_000).timer(Timer::RetryBackoff);
    bench.answer_connect();
    let order: Vec<_> = bench.produces().iter().map(|p| values(&p.2, 0).remove(0)).collect();
    assert_eq!(order, ["x", "y"]);
}

#[test]
fn a_broken_connection_is_a_network_exception() {
    let (mut bench, produce) = one_sent(&[]);
    let peer = NodeId::Broker(1);
    bench.at_ms(1000).input(Input::Disconnected { peer, correlation: produce.1 });
    let error = KafkaError::NetworkException;
    assert_eq!(bench.producer.last_error().map(|e| e.0), Some(error));
    assert_eq!(bench.metadata_asked().map(|m| m.0), Some(2), "the other broker is asked");
}

#[test]
fn delivery_timeout_ends_everything() {
    let settings = [("delivery.timeout.ms", "2000"), ("request.timeout.ms", "1500")];
    let (mut bench, produce) = one_sent(&settings);
    bench.at_ms(1500).timer(Timer::RequestTimeout(produce.1));
    assert_eq!(bench.producer.waiting().count(), 1);
    bench.at_ms(2000).timer(Timer::DeliveryTimeout);
    let error = KafkaError::RequestTimedOut;
    assert!(bench.events().contains(&TraceEvent::SendFailed { tp: tp(0), count: 1, error }));
    assert_eq!(bench.producer.waiting().count(), 0);
}

#[test]
fn a_batch_in_flight_expires_too() {
    let settings = [("delivery.timeout.ms", "2000"), ("request.timeout.ms", "2000")];
    let (mut bench, produce) = one_sent(&settings);
    bench.at_ms(2000).timer(Timer::DeliveryTimeout);
    assert_eq!(bench.producer.counters().failed, 1);
    bench.answer_produce(&produce, None, 0, None);
    assert_eq!(bench.producer.counters().acknowledged, 0);
}

#[test]
fn a_batch_the_broker_finds_too_large_is_split() {
    let mut bench = Bench::ready(&[("linger.ms", "5")], &[1]);
    for value in ["a", "b", "c"] {
        bench.send(None, value.as_bytes(), Some(0));
    }
    bench.at_ms(5).timer(Timer::Linger(tp(0)));
    let mut rounds = 0;
    let mut accepted = Vec::new();
    let mut queue = bench.produces();
    while !queue.is_empty() {
        let produce = queue.remove(0);
        let records = values(&produce.2, 0);
        if records.len() > 1 {
            bench.answer_produce(&produce, Some(KafkaError::MessageTooLarge), -1, None);
        } else {
            accepted.extend(records);
            bench.answer_produce(&produce, None, 0, None);
        }
        queue.extend(bench.produces());
        rounds += 1;
        assert!(rounds < 20, "splitting ends");
    }
    highwater_sorted::sort(&mut accepted);
    assert_eq!(accepted, ["a", "b", "c"]);
    assert_eq!(bench.producer.counters().failed, 0);
}

#[test]
fn without_idempotence_a_retry_can_change_the_order() {
    let (mut bench, first) = one_sent(&[]);
    bench.send(None, b"y", Some(0));
    let second = bench.produces().remove(0);
    bench.answer_produce(&first, Some(KafkaError::NotEnoughReplicas), -1, None);
    bench.answer_produce(&second, None, 0, None);
    bench.at_ms(200).timer(Timer::RetryBackoff);
    let again = bench.produces().remove(0);
    bench.answer_produce(&again, None, 1, None);
    let order: Vec<_> = bench.producer.acked().iter().map(|a| (a.offset, a.sequence)).collect();
    assert_eq!(order, [(0, 1), (1, 0)]);
}

#[test]
fn one_request_in_flight_keeps_the_order() {
    let (mut bench, first) = one_sent(&[("max.in.flight.requests.per.connection", "1")]);
    bench.send(None, b"y", Some(0));
    assert!(bench.produces().is_empty());
    bench.answer_produce(&first, Some(KafkaError::NotEnoughReplicas), -1, None);
    assert!(bench.produces().is_empty());
    bench.at_ms(200).timer(Timer::RetryBackoff);
    assert_eq!(values(&bench.produces()[0].2, 0), ["x"]);
}

#[test]
fn nothing_is_sent_to_a_broker_that_does_not_answer() {
    let mut bench = Bench::ready(&[("acks", "0"), ("linger.ms", "0")], &[1]);
    bench.send(None, b"x", None);
    let lost = bench.produces().remove(0);
    let peer = NodeId::Broker(1);
    bench.at_ms(10).input(Input::Disconnected { peer, correlation: lost.1 });
    bench.send(None, b"y", None);
    assert!(bench.produces().is_empty(), "the reconnect back-off of 50 ms");
    bench.chooser.0 = vec![200];
    bench.at_ms(60).timer(Timer::RetryBackoff);
    bench.answer_connect();
    assert_eq!(values(&bench.produces()[0].2, 0), ["y"]);
    assert_eq!(bench.producer.counters().unacknowledged, 2);
}

#[test]
fn a_broken_connection_is_counted_once_however_much_was_on_the_way() {
    let (mut bench, first) = one_sent(&[]);
    bench.send(None, b"y", Some(0));
    let second = bench.produces().remove(0);
    let peer = NodeId::Broker(1);
    bench.chooser.0 = vec![0];
    bench.at_ms(10).input(Input::Disconnected { peer, correlation: first.1 });
    bench.input(Input::Disconnected { peer, correlation: second.1 });
    bench.effects.clear();
    // 50 ms and a fifth less.
    bench.at_ms(50).timer(Timer::RetryBackoff);
    assert_eq!(bench.metadata_asked(), None, "the batches still back off");
    bench.at_ms(200).timer(Timer::RetryBackoff);
    bench.answer_connect();
    assert_eq!(bench.produces().len(), 2);
}

/// With one request in flight a partition waits for its batch to be answered, wherever its leader goes meanwhile
/// (`RecordAccumulator.mutePartition`): the next batch would overtake a retry.
#[test]
fn a_partition_in_flight_is_not_drained_at_its_next_leader() {
    let settings = [("linger.ms", "0"), ("max.in.flight.requests.per.connection", "1")];
    let mut bench = Bench::ready(&settings, &[1, 2]);
    bench.connect(1);
    bench.send(None, b"a", Some(0));
    let first = bench.produces().remove(0);
    bench.send(None, b"b", Some(0));
    assert!(bench.produces().is_empty());
    bench.at_ms(300_000).timer(Timer::MetadataRefresh);
    bench.answer_metadata(&[2, 2], 1);
    bench.effects.clear();
    bench.send(None, b"c", Some(1));
    let sent = bench.produces();
    assert_eq!(sent.iter().map(|p| p.0).collect::<Vec<_>>(), [2]);
    let tps: Vec<_> = sent[0].2.partitions.iter().map(|p| p.tp).collect();
    assert_eq!(tps, [tp(1)], "partition 0 has a request at broker 1");
    assert_eq!(values(&first.2, 0), ["a"]);
}
