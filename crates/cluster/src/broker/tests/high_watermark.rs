//! What the high watermark waits for.

use super::bench::*;
use crate::*;

/// Leader 1 is real, 2 and 3 are played; the ISR is {1, 2}, min ISR 2.
fn leader_with_two(configs: &[(&str, &str)]) -> Bench {
    let mut b = Bench::new(&[1], &[1, 2, 3], configs);
    b.change(None, Some(&[1, 2]));
    b.sync(1);
    b
}

/// 06, 6.5: L 10, f1 8 in the ISR, f2 5 outside of it and not caught up for long: HW = 8.
#[test]
fn a_laggard_outside_the_isr_does_not_hold_it_back() {
    let mut b = leader_with_two(&[("min.insync.replicas", "2")]);
    b.produce(1, 1, 6);
    b.fetch_as(2, 1, 6);
    b.fetch_as(3, 1, 5);
    assert!(b.take_alter().is_none(), "5 < HW 6: it cannot join");
    b.produce(1, 1, 4);
    b.wait(100_000);
    b.fetch_as(2, 1, 8);
    assert_eq!(b.ends(1), (10, 8));
}

/// The same with f2 caught up within replica.lag.time.max.ms: the high watermark waits for it to join.
#[test]
fn an_outsider_that_is_caught_up_holds_it_back() {
    let mut b = leader_with_two(&[("min.insync.replicas", "2")]);
    b.produce(1, 1, 5);
    b.fetch_as(3, 1, 5);
    // It asked to join; the controller refuses, so it stays outside.
    let asked = b.take_alter().unwrap();
    b.answer_alter(&asked, Some(KafkaError::IneligibleReplica));
    b.produce(1, 1, 5);
    b.wait(3_000);
    b.fetch_as(2, 1, 8);
    assert_eq!(b.ends(1), (10, 5));
    b.wait(30_000);
    b.fetch_as(2, 1, 9);
    assert_eq!(b.ends(1), (10, 9), "it is not caught up any more");
}

/// 15, 2: below min ISR the high watermark stops; acks=1 goes on unseen; acks=all is refused up front.
#[test]
fn below_min_isr_it_is_frozen() {
    let mut b = leader_with_two(&[("min.insync.replicas", "2")]);
    b.change(None, Some(&[1]));
    b.sync(1);
    let one = b.produce(1, 1, 1);
    assert_eq!(b.produced(one), Some((None, 0)));
    assert_eq!(b.ends(1), (1, 0));
    let all = b.produce(1, -1, 1);
    assert_eq!(b.produced(all), Some((Some(KafkaError::NotEnoughReplicas), -1)));
    assert_eq!(b.ends(1), (1, 0));
    assert_eq!(b.consume(1, 0).records.size(), 0);
    // The ISR grows again: everything commits.
    b.fetch_as(2, 1, 1);
    let asked = b.take_alter().unwrap();
    assert_eq!(b.ends(1), (1, 0), "the committed ISR counts");
    b.answer_alter(&asked, None);
    assert_eq!(b.ends(1), (1, 1));
}

/// With one replica left and min ISR 1 the high watermark jumps to the log end.
#[test]
fn a_shrink_to_the_leader_alone_releases_it() {
    let mut b = leader_with_two(&[]);
    let all = b.produce(1, -1, 3);
    assert_eq!(b.ends(1), (3, 0));
    assert_eq!(b.produced(all), None);
    b.change(None, Some(&[1]));
    b.sync(1);
    assert_eq!(b.ends(1), (3, 3));
    assert_eq!(b.produced(all), Some((None, 0)));
}

/// An unknown log end offset (-1) of an ISR member holds the high watermark.
#[test]
fn a_member_that_has_not_fetched_holds_it() {
    let mut b = Bench::new(&[1], &[1, 2, 3], &[]);
    b.produce(1, 1, 3);
    b.fetch_as(2, 1, 3);
    assert_eq!(b.ends(1), (3, 0));
    b.fetch_as(3, 1, 1);
    assert_eq!(b.ends(1), (3, 1));
}

/// CE-14: a new leader may know less than its predecessor; "latest" is not available until it has caught up (KIP-207).
#[test]
fn offset_not_available_until_the_epoch_start_is_committed() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.produce(1, 1, 1);
    b.settle();
    assert_eq!((b.ends(1), b.ends(2)), ((1, 1), (1, 0)));
    b.crash(1);
    b.elect(2, &[1, 2]);
    assert_eq!(b.ends(2), (1, 0));
    assert_eq!(b.partition(2).leader_epoch_start_offset(), Some(1));
    let latest = |b: &mut Bench| {
        let request = ListOffsetsRequest { replica_id: -1, partitions: vec![(ORDERS, -1, -1)] };
        let correlation = b.request(CONSUMER, 2, Request::ListOffsets(request));
        match b.response(correlation) {
            Some(Response::ListOffsets(r)) => (r.partitions[0].error, r.partitions[0].offset),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(latest(&mut b), (Some(KafkaError::OffsetNotAvailable), -1));
    let ahead = b.consume(2, 1);
    assert_eq!(
        (ahead.error, ahead.records.size()),
        (None, 0),
        "a consumer at 1 gets nothing, no error"
    );
    b.change(None, Some(&[2]));
    b.sync(2);
    assert_eq!(latest(&mut b), (None, 1));
}
