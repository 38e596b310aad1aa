//! The edges of the conditions: who holds the high watermark, who is looked at for lag, when acks=all and a waiting
//! fetch are done (06-replication 6.2 to 6.5, 6.9).

use super::bench::*;
use crate::broker::IsrState;
use crate::*;

/// Leader 1 is real, 2 and 3 are played; the ISR is {1, 2}, and everybody was caught up a minute ago.
fn leader_with_an_outsider() -> Bench {
    let mut b = Bench::new(&[1], &[1, 2, 3], &[]);
    b.change(None, Some(&[1, 2]));
    b.sync(1);
    b.wait(60_000);
    b
}

/// 6.4 (a): a follower of an older protocol sends no broker epoch (-1) and may join.
#[test]
fn a_follower_without_a_broker_epoch_may_join() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    b.change(None, Some(&[1]));
    b.sync(1);
    b.fetch_from(NodeId::Broker(2), 1, fetch(2, 0, vec![fetch_item(0, 0, -1)]));
    let (_, item) = b.take_alter().expect("it is taken in");
    assert_eq!(item.new_isr, [(1, b.broker_epoch(1)), (2, -1)]);
}

/// 6.3 and 6.5: a newcomer that is proposed holds the high watermark as a member does, caught up or not.
#[test]
fn a_proposed_newcomer_holds_the_high_watermark_however_late_it_is() {
    let mut b = leader_with_an_outsider();
    b.produce(1, 1, 5);
    b.produce(1, 1, 5);
    b.fetch_as(2, 1, 5);
    b.fetch_as(3, 1, 5);
    assert_eq!(b.partition(1).isr().maximal(), [1, 2, 3]);
    b.wait(60_000);
    b.fetch_as(2, 1, 10);
    assert_eq!(b.ends(1), (10, 5), "broker 3 has not been caught up for a minute");
}

/// 6.3: at most one change under way: nobody is put out while somebody is being taken in.
#[test]
fn nobody_is_put_out_while_a_change_is_under_way() {
    let mut b = leader_with_an_outsider();
    b.fetch_as(3, 1, 0);
    let asked = b.take_alter().expect("broker 3 is to be taken in");
    b.produce(1, 1, 1);
    b.wait(60_000);
    b.fire(1, Timer::IsrExpiration);
    assert!(matches!(b.partition(1).isr(), IsrState::PendingExpand { added: 3, .. }));
    assert!(b.take_alter().is_none());
    b.answer_alter(&asked, None);
    b.fire(1, Timer::IsrExpiration);
    let (_, item) = b.take_alter().expect("now they are");
    assert_eq!(item.new_isr, [(1, b.broker_epoch(1))]);
}

/// 6.5: `effectiveMinIsr = min(min.insync.replicas, number of replicas)`.
#[test]
fn min_insync_replicas_above_the_replication_factor_asks_for_all_replicas() {
    let mut b = Bench::new(&[1], &[1, 2], &[("min.insync.replicas", "3")]);
    let all = b.produce(1, -1, 1);
    b.fetch_as(2, 1, 1);
    assert_eq!((b.produced(all), b.ends(1)), (Some((None, 0)), (1, 1)));
    b.change(None, Some(&[1]));
    b.sync(1);
    let refused = b.produce(1, -1, 1);
    assert_eq!(b.produced(refused), Some((Some(KafkaError::NotEnoughReplicas), -1)));
}

/// `Partition.updateFollowerFetchState`: a fetch moves the high watermark only when it tells of a new log end offset.
#[test]
fn a_fetch_that_tells_nothing_new_leaves_the_high_watermark() {
    let mut b = leader_with_an_outsider();
    b.produce(1, 1, 5);
    b.fetch_as(3, 1, 5);
    let asked = b.take_alter().expect("broker 3 is to be taken in");
    b.answer_alter(&asked, Some(KafkaError::IneligibleReplica));
    b.produce(1, 1, 5);
    b.fetch_as(2, 1, 8);
    assert_eq!(b.ends(1), (10, 5), "broker 3 is caught up, though outside");
    b.wait(60_000);
    b.fetch_as(2, 1, 8);
    assert_eq!(b.ends(1), (10, 5));
    b.fetch_as(2, 1, 9);
    assert_eq!(b.ends(1), (10, 9));
}

/// 5.4: when the time is up only what is unfinished fails.
#[test]
fn a_timeout_fails_only_the_partitions_that_are_not_done() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    let second = TopicPartition::new(TOPIC, 1);
    b.publish(partition_record(second, &[1, 2]));
    b.sync(1);
    let records = batch(1, 10, Time(0));
    let partitions =
        [ORDERS, second].map(|tp| ProducePartition { tp, records: records.clone() }).to_vec();
    let request = ProduceRequest { acks: -1, timeout_ms: 1_000, partitions };
    let all = b.request(PRODUCER, 1, Request::Produce(request));
    b.fetch_as(2, 1, 1);
    assert_eq!(b.response(all), None, "the second partition has to be replicated, too");
    let wait = |(_, timer): &&(BrokerId, Timer)| matches!(timer, Timer::ProduceTimeout(_));
    let (_, timer) = *b.timers.keys().find(wait).unwrap();
    b.fire(1, timer);
    let Some(Response::Produce(answer)) = b.response(all) else { panic!("no answer") };
    let errors: Vec<_> = answer.partitions.iter().map(|p| (p.error, p.base_offset)).collect();
    assert_eq!(errors, [(None, 0), (Some(KafkaError::RequestTimedOut), -1)]);
}

/// A consumer's fetch that waits for much more than there will be.
fn waiting(b: &mut Bench, offset: i64, min_bytes: i32, partition_max_bytes: i32) -> Correlation {
    let item = FetchPartition { partition_max_bytes, ..fetch_item(offset, -1, -1) };
    let request = FetchRequest { min_bytes, ..fetch(-1, 500, vec![item]) };
    b.request(CONSUMER, 1, Request::Fetch(request))
}

/// 6.9: a fetch beyond the end for its reader does not wait for it.
#[test]
fn a_fetch_above_the_high_watermark_is_answered_at_once() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    b.produce(1, 1, 5);
    b.fetch_as(2, 1, 3);
    let above = waiting(&mut b, 4, 1, 1000);
    let Some(Response::Fetch(answer)) = b.response(above) else { panic!("it waits") };
    assert_eq!((answer.partitions[0].error, answer.partitions[0].records.size()), (None, 0));
    let at = waiting(&mut b, 3, 1, 1000);
    assert_eq!(b.response(at), None, "at the high watermark it waits");
}

/// 6.9: an offset on an older segment than the end is answered whatever fetch.min.bytes says; a high watermark at
/// the first offset of a segment is on that segment.
#[test]
fn a_fetch_that_is_a_segment_behind_does_not_wait_for_its_bytes() {
    let mut b = Bench::new(&[1], &[1, 2], &[("internal.segment.bytes", "200")]);
    let fetch = waiting(&mut b, 0, 100_000, 1 << 20);
    for _ in 0..3 {
        b.produce(1, 1, 2);
    }
    let bases: Vec<i64> =
        b.partition(1).log().segments().map(|s| s.segment.base_offset()).collect();
    assert!(bases.len() > 1, "{bases:?}");
    b.fetch_as(2, 1, bases[1] - 1);
    assert_eq!(b.response(fetch), None, "one segment, too few bytes");
    b.fetch_as(2, 1, bases[1]);
    assert!(b.response(fetch).is_some());
}

/// 6.9: a partition counts for at most its own limit.
#[test]
fn a_partition_counts_up_to_its_own_limit() {
    let mut b = Bench::new(&[1], &[1], &[]);
    let small = waiting(&mut b, 0, 100, 50);
    let large = waiting(&mut b, 0, 100, 200);
    b.produce_to(1, ORDERS, 1, batch(1, 200, Time(0)));
    assert_eq!(b.response(small), None, "50 bytes count, 100 are wanted");
    assert!(b.response(large).is_some());
}

/// 6.2 (1): a fetch that diverges says nothing about what the follower has.
#[test]
fn a_fetch_that_diverges_is_no_acknowledgement() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    b.produce(1, 1, 3);
    b.elect(1, &[1, 2]);
    b.produce(1, 1, 2);
    assert_eq!(b.epochs(1), [(0, 0), (1, 3)]);
    let replica_epoch = b.broker_epoch(2);
    let request = FetchRequest { replica_epoch, ..fetch(2, 0, vec![fetch_item(5, 1, 0)]) };
    let answer = b.fetch_from(NodeId::Broker(2), 1, request);
    assert_eq!(answer.diverging_epoch, Some((0, 3)));
    assert_eq!(b.partition(1).follower(2).unwrap().log_end_offset, -1);
    assert_eq!(b.ends(1), (5, 0));
}
