//! Batches: when they go, what is in them, where they go.

use super::*;
use crate::test_bench::timer_at;

#[test]
fn a_batch_waits_for_linger_and_goes_as_one() {
    let mut bench = Bench::ready(&[], &[1]);
    bench.send(Some("a"), b"x", None);
    assert_eq!(timer_at(&bench.effects, Timer::Linger(tp(0))), Some(Time::from_ms(5)));
    bench.at_ms(2).send(Some("a"), b"y", None);
    assert!(bench.produces().is_empty());
    bench.at_ms(5).timer(Timer::Linger(tp(0)));
    let produces = bench.produces();
    assert_eq!(produces.len(), 1);
    let (broker, _, request) = &produces[0];
    assert_eq!((*broker, request.acks, request.timeout_ms), (1, -1, 30_000));
    assert_eq!(values(request, 0), ["x", "y"]);
    let batch = Batches::new(&request.partitions[0].records).next().unwrap().unwrap();
    batch.check_crc().unwrap();
    assert_eq!(batch.header.base_offset, 0);
    assert_eq!(batch.header.base_timestamp, WALL_CLOCK_START_MS);
    assert_eq!(batch.header.max_timestamp, WALL_CLOCK_START_MS + 2);
}

#[test]
fn a_full_batch_does_not_wait() {
    let mut bench = Bench::ready(&[("batch.size", "200")], &[1]);
    bench.send(Some("a"), &[b'x'; 80], None);
    assert!(bench.produces().is_empty());
    bench.send(Some("a"), &[b'y'; 80], None);
    let produces = bench.produces();
    assert_eq!(produces.len(), 1, "the second record had no room, so the first batch is full");
    assert_eq!(bench.producer.waiting().count(), 1);
}

#[test]
fn a_record_larger_than_batch_size_goes_alone() {
    let mut bench = Bench::ready(&[("batch.size", "100"), ("linger.ms", "0")], &[1]);
    bench.send(None, &[b'x'; 500], None);
    assert_eq!(values(&bench.produces()[0].2, 0)[0].len(), 500);
}

#[test]
fn a_record_larger_than_max_request_size_is_refused_by_the_client() {
    let mut bench = Bench::ready(&[("max.request.size", "1000")], &[1]);
    bench.send(None, &[b'x'; 1000], None);
    let error = KafkaError::MessageTooLarge;
    assert_eq!(bench.events(), [TraceEvent::RecordRefused { topic: "t".into(), error }]);
    assert_eq!(bench.producer.counters().failed, 1);
}

#[test]
fn one_request_has_one_batch_per_partition() {
    let mut bench = Bench::ready(&[("batch.size", "200")], &[1, 1, 2]);
    for partition in [0, 1, 2, 0] {
        bench.send(None, &[b'x'; 80], Some(partition));
    }
    let produces = bench.produces();
    assert_eq!(produces.len(), 1, "only partition 0 is full, and 1 goes with it: same broker");
    let tps: Vec<_> = produces[0].2.partitions.iter().map(|p| p.tp).collect();
    assert_eq!(tps, [tp(0), tp(1)]);
    bench.at_ms(5).timer(Timer::Linger(tp(2)));
    let rest = bench.produces();
    assert_eq!(rest.iter().map(|p| p.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(rest[0].2.partitions.len(), 1);
}

#[test]
fn keys_go_by_murmur2_over_all_partitions() {
    let mut bench = Bench::ready(&[("linger.ms", "0")], &[1, -1, 2]);
    for (key, partition) in [("abc", 0), ("a", 1), ("ab", 2), ("user-1", 2)] {
        bench.effects.clear();
        bench.send(Some(key), b"x", None);
        let sent = bench.events().into_iter().find_map(|e| match e {
            TraceEvent::RecordSent { partition, .. } => Some(partition),
            _ => None,
        });
        assert_eq!(sent, Some(partition), "{key}");
    }
}

#[test]
fn an_explicit_partition_wins_over_the_key() {
    let mut bench = Bench::ready(&[("linger.ms", "0")], &[1, 1, 1]);
    bench.send(Some("abc"), b"x", Some(2));
    assert_eq!(bench.produces()[0].2.partitions[0].tp, tp(2));
}

#[test]
fn records_without_a_key_stick_until_batch_size_is_reached() {
    let mut bench = Bench::ready(&[("batch.size", "200"), ("linger.ms", "0")], &[1, 1, 1]);
    bench.chooser.0 = vec![1, 2];
    let mut partitions = Vec::new();
    for _ in 0..6 {
        bench.send(None, &[b'x'; 20], None);
        for event in bench.events() {
            if let TraceEvent::RecordSent { partition, .. } = event {
                partitions.push(partition);
            }
        }
    }
    // With linger 0 every record is a batch of 61 + 27 bytes. 264 >= 200 after three, but the open batch
    // is incomplete, so it goes on to twice the size: 440 after five.
    assert_eq!(partitions, [1, 1, 1, 1, 1, 2]);
}

#[test]
fn sticky_partitions_are_drawn_among_those_with_a_leader() {
    let mut bench = Bench::ready(&[], &[-1, 1, -1, 2]);
    bench.chooser.0 = vec![1];
    bench.send(None, b"x", None);
    assert_eq!(bench.producer.sticky_partition("t"), Some(3));
}

#[test]
fn acks_0_is_done_when_it_is_on_its_way() {
    let mut bench = Bench::ready(&[("acks", "0"), ("linger.ms", "0")], &[1]);
    bench.send(None, b"x", None);
    assert!(bench.events().contains(&TraceEvent::SentWithoutAck { tp: tp(0), count: 1 }));
    assert_eq!(bench.producer.in_flight().count(), 0);
    assert_eq!(bench.producer.counters().unacknowledged, 1);
}

#[test]
fn acknowledged_records_have_their_offsets() {
    let mut bench = Bench::ready(&[("acks", "1")], &[1]);
    bench.send(Some("k"), b"x", None);
    bench.send(Some("l"), b"y", None);
    bench.at_ms(5).timer(Timer::Linger(tp(0)));
    let produce = bench.produces().remove(0);
    assert_eq!(bench.producer.in_flight().count(), 1);
    bench.at_ms(9).answer_produce(&produce, None, 40, None);
    assert!(bench.events().contains(&TraceEvent::Acknowledged {
        tp: tp(0),
        base_offset: 40,
        count: 2,
        acks: 1
    }));
    let acked: Vec<_> =
        bench.producer.acked().iter().map(|a| (a.offset, a.sequence, a.at)).collect();
    assert_eq!(acked, [(40, 0, Time::from_ms(9)), (41, 1, Time::from_ms(9))]);
    assert_eq!(bench.producer.memory_in_use(), 0);
}

#[test]
fn at_most_so_many_requests_are_in_flight() {
    let settings = [("linger.ms", "0"), ("max.in.flight.requests.per.connection", "2")];
    let mut bench = Bench::ready(&settings, &[1]);
    for value in [b"a", b"b", b"c"] {
        bench.send(None, value, None);
    }
    let produces = bench.produces();
    assert_eq!(produces.len(), 2);
    bench.answer_produce(&produces[0], None, 0, None);
    assert_eq!(values(&bench.produces()[0].2, 0), ["c"]);
}

#[test]
fn send_waits_for_memory() {
    let settings =
        [("buffer.memory", "250"), ("batch.size", "200"), ("max.block.ms", "1000"), ("acks", "1")];
    let mut bench = Bench::ready(&settings, &[1]);
    bench.send(Some("a"), &[b'x'; 90], None);
    bench.send(Some("a"), &[b'y'; 90], None);
    let produces = bench.produces();
    assert_eq!(produces.len(), 1, "who waits for memory makes batches go early");
    assert_eq!(bench.producer.blocked().count(), 1);
    bench.at_ms(100).answer_produce(&produces[0], None, 0, None);
    assert_eq!(bench.producer.blocked().count(), 0);
    bench.send(Some("a"), &[b'z'; 90], None);
    bench.effects.clear();
    bench.at_ms(1100).timer(Timer::DeliveryTimeout);
    let error = KafkaError::RequestTimedOut;
    assert!(bench.events().contains(&TraceEvent::RecordRefused { topic: "t".into(), error }));
}

#[test]
fn flush_sends_what_waits() {
    let mut bench = Bench::ready(&[("linger.ms", "1000")], &[1]);
    bench.send(None, b"x", None);
    assert!(bench.produces().is_empty());
    bench.input(Input::Command(Command::Flush));
    assert_eq!(bench.produces().len(), 1);
}

#[test]
fn a_workload_sends_at_its_pace_and_stops() {
    let workload = Workload {
        topic: Some("t".into()),
        every_us: 10_000,
        keys: vec!["a".into(), "b".into()],
        random_keys: false,
        value_size: 8,
        count: Some(3),
    };
    let mut bench = Bench::new(&[("linger.ms", "0")], workload);
    assert_eq!(timer_at(&bench.effects, Timer::NextRecord), Some(Time::from_ms(10)));
    bench.answer_metadata(&[1], 0);
    let mut sent = Vec::new();
    for n in 1..=4 {
        bench.at_ms(n * 10).timer(Timer::NextRecord);
        sent.extend(bench.produces());
    }
    let all: Vec<_> = sent.iter().map(|(_, _, request)| values(request, 0).remove(0)).collect();
    assert_eq!(all, ["p1-0....", "p1-1....", "p1-2...."]);
    let keys: Vec<_> = bench.producer.in_flight().flat_map(|(_, _, b)| b.keys()).collect();
    let expected = ["a", "b", "a"].map(|k| Some(Bytes::from(k.as_bytes())));
    assert_eq!(keys, expected.each_ref().map(Option::as_ref));
}

/// `ProducerBatch.isFull`, `MemoryRecordsBuilder.hasRoomFor`: a batch may be exactly `batch.size` long, and is full then.
#[test]
fn a_batch_may_be_filled_to_the_last_byte() {
    // 61 bytes of header and 27 for each record of 20 bytes.
    let mut bench = Bench::ready(&[("batch.size", "115"), ("linger.ms", "1000")], &[1]);
    bench.send(None, &[b'x'; 20], Some(0));
    assert!(bench.produces().is_empty());
    bench.send(None, &[b'x'; 20], Some(0));
    let produces = bench.produces();
    assert_eq!(produces.len(), 1, "full: it does not wait for linger");
    assert_eq!(values(&produces[0].2, 0).len(), 2);
    assert_eq!(produces[0].2.partitions[0].records.size(), 115);
}

/// KIP-480, KIP-794: the partition changes when exactly `batch.size` bytes have gone there.
#[test]
fn the_sticky_partition_changes_at_batch_size() {
    // 61 + 3 * 27 bytes.
    let mut bench = Bench::ready(&[("batch.size", "142"), ("linger.ms", "1000")], &[1, 1, 1]);
    bench.chooser.0 = vec![1, 2];
    let mut sticky = Vec::new();
    for _ in 0..3 {
        bench.send(None, &[b'x'; 20], None);
        sticky.push(bench.producer.sticky_partition("t").unwrap());
    }
    assert_eq!(sticky, [1, 1, 2]);
}

/// `max.request.size` bounds a request; what does not fit goes with the next.
#[test]
fn a_request_is_no_larger_than_max_request_size() {
    let settings = [("max.request.size", "1000"), ("batch.size", "700"), ("linger.ms", "1000")];
    let mut bench = Bench::ready(&settings, &[1, 1, 1]);
    for partition in 0..3 {
        bench.send(None, &[b'x'; 400], Some(partition));
    }
    bench.input(Input::Command(Command::Flush));
    let sent: Vec<usize> = bench.produces().iter().map(|p| p.2.partitions.len()).collect();
    assert_eq!(sent, [2, 1], "467 bytes each");
}

/// `ProducerBatch` is closed when it is sent: a batch that comes back takes no records.
#[test]
fn a_batch_that_failed_takes_no_more_records() {
    let mut bench = Bench::ready(&[("acks", "1"), ("linger.ms", "0")], &[1]);
    bench.send(None, b"a", Some(0));
    let produce = bench.produces().remove(0);
    bench.at_ms(1).answer_produce(&produce, Some(KafkaError::NotEnoughReplicas), -1, None);
    bench.send(None, b"b", Some(0));
    let waiting: Vec<_> = bench.producer.waiting().map(|b| (b.count(), b.attempts())).collect();
    assert_eq!(waiting, [(1, 1), (1, 0)]);
}
