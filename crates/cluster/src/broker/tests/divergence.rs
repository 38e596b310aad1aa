//! Logs that part and how they come together again.

use super::bench::*;
use crate::*;

/// KIP-101, case 2: a record lost in a power failure, another written in its place.
#[test]
fn kip_101_divergence() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.produce(1, 1, 1);
    b.settle();
    b.produce(1, 1, 1); // m1 reaches the leader only:
    let disk = b.crash(1);
    b.elect(2, &[2]);
    assert_eq!(b.ends(2), (1, 1));
    b.produce(2, 1, 1); // m1'
    assert_eq!(b.epochs(2), [(0, 0), (1, 1)]);
    b.start(1, disk);
    b.sync_all();
    assert_eq!(b.ends(1).0, 2);
    b.settle();
    assert_eq!(b.epochs(1), [(0, 0), (1, 1)]);
    assert_eq!(b.log_bytes(1), b.log_bytes(2));
    let truncated = TraceEvent::LogTruncated { tp: ORDERS, from: 2, to: 1 };
    assert_eq!(b.happened(1, |e| *e == truncated), 1);
    let told = TraceEvent::DivergenceFound { tp: ORDERS, follower: 1, epoch: 0, end_offset: 1 };
    assert_eq!(b.happened(2, |e| *e == told), 1);
}

/// KIP-101, case 1: a follower whose high watermark lags does not cut what may be committed.
#[test]
fn kip_101_no_truncation_to_the_high_watermark() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.produce(1, 1, 2);
    b.settle();
    assert_eq!((b.ends(1), b.ends(2)), ((2, 2), (2, 0)));
    let disk = b.crash(2);
    b.start(2, disk);
    b.sync(2);
    b.settle();
    assert_eq!(b.ends(2).0, 2);
    b.crash(1);
    b.elect(2, &[2]);
    assert_eq!(b.ends(2), (2, 2));
}

/// KIP-279: A has epochs 1 (0-9), 2 (10-14); B has 1 (0-9), 3 (10-12). A leads in epoch 4. B needs two rounds.
#[test]
fn kip_279_two_rounds() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.elect(1, &[1, 2]);
    b.produce(1, 1, 10);
    b.settle();
    b.elect(1, &[1]);
    b.wire.clear(); // B does not see epoch 2.
    b.produce(1, 1, 5);
    let disk = b.crash(1);
    b.elect(2, &[2]);
    b.produce(2, 1, 3);
    assert_eq!(b.epochs(2), [(1, 0), (3, 10)]);
    b.change(Some(1), Some(&[1]));
    b.start(1, disk);
    b.sync_all();
    assert_eq!(b.epochs(1), [(1, 0), (2, 10), (4, 15)]);
    b.settle();
    let truncated = TraceEvent::LogTruncated { tp: ORDERS, from: 13, to: 10 };
    assert_eq!(b.happened(2, |e| *e == truncated), 1);
    let first = TraceEvent::DivergenceFound { tp: ORDERS, follower: 2, epoch: 2, end_offset: 15 };
    assert_eq!(b.happened(1, |e| *e == first), 1);
    assert_eq!(b.log_bytes(1), b.log_bytes(2));
    assert_eq!(b.ends(2).0, 15);
}

/// CE-13: acks=1, the leader dies before a fetch. The record is gone, and cut at the old leader when it returns.
#[test]
fn acks_1_can_lose() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.settle();
    let one = b.produce(1, 1, 1);
    assert_eq!(b.produced(one), Some((None, 0)));
    let disk = b.crash(1);
    b.elect(2, &[2]);
    b.start(1, disk);
    b.sync_all();
    assert_eq!(b.ends(1).0, 1);
    b.settle();
    assert_eq!(b.ends(1).0, 0);
}

/// fetchOffsetAndTruncate: the leader's log begins above the follower's end.
#[test]
fn a_follower_below_the_leaders_log_start_begins_there() {
    let configs = [
        ("internal.segment.bytes", "200"),
        ("retention.bytes", "0"),
        ("file.delete.delay.ms", "0"),
    ];
    let mut b = Bench::new(&[1, 2], &[1, 2], &configs);
    b.change(None, Some(&[1]));
    b.sync_all();
    b.wire.clear();
    for _ in 0..5 {
        b.produce(1, 1, 3);
    }
    b.fire(1, Timer::RetentionCheck);
    let start = b.partition(1).log().log_start_offset();
    assert!(start > 0);
    let disk = b.crash(2);
    b.start(2, disk);
    b.sync(2);
    b.settle();
    assert_eq!(b.partition(2).log().log_start_offset(), start);
    assert_eq!(b.ends(2).0, 15);
}

/// The leader ends below the follower, as after an unclean election, and knows no epoch as old as the follower's:
/// the logs part where its first epoch begins (Kafka: `LeaderEpochFileCache.endOffsetFor`).
#[test]
fn a_follower_above_the_leaders_end_is_cut() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.wire.clear();
    b.produce(1, 1, 5);
    b.elect(2, &[2]);
    b.settle();
    assert_eq!(b.ends(1).0, 0, "epoch 0 ends where epoch 1 begins in the leader's log");
    assert_eq!(b.epochs(1), []);
}
