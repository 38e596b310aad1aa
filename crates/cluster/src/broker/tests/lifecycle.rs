//! Start, registration, shutdown, restart, upkeep.

use super::bench::*;
use crate::*;
use highwater_log::{MemoryStorage, Storage};

#[test]
fn a_broker_registers_reads_the_metadata_and_asks_to_be_unfenced() {
    let mut b = Bench::default();
    b.start(1, MemoryStorage::new());
    assert_eq!(b.registrations[0].previous_broker_epoch, -1);
    assert!(b.heartbeats[0].want_fence, "not read yet");
    assert!(b.nodes[&1].broker.is_fenced());
    b.sync(1);
    let last = b.heartbeats.last().unwrap();
    assert_eq!((last.want_fence, last.current_metadata_offset), (false, 1));
    assert!(!b.nodes[&1].broker.is_fenced());
    assert_eq!(b.nodes[&1].broker.broker_epoch(), 0, "offset of the registration record");
    assert_eq!(b.timers[&(1, Timer::BrokerHeartbeat)], Time::from_ms(2000));
}

#[test]
fn a_stale_broker_epoch_makes_it_register_again() {
    let mut b = Bench::new(&[1], &[1], &[]);
    b.heartbeat_error = Some(KafkaError::StaleBrokerEpoch);
    b.fire(1, Timer::BrokerHeartbeat);
    assert_eq!(b.registrations.len(), 2);
    assert_eq!(b.nodes[&1].broker.broker_epoch(), b.broker_epoch(1));
}

#[test]
fn an_orderly_stop_is_remembered() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.produce(1, 1, 3);
    b.settle();
    let epoch = b.broker_epoch(1);
    b.feed(1, Input::Command(Command::ShutDown));
    assert!(b.heartbeats.last().unwrap().want_shut_down);
    assert_eq!(b.stopped, [1]);
    b.feed(1, Input::Timer(Timer::BrokerHeartbeat));
    assert_eq!(b.stopped, [1], "a stopped broker does nothing");
    let disk = b.crash(1);
    assert!(disk.len(".kafka_cleanshutdown").is_some());
    b.start(1, disk);
    assert_eq!(b.registrations.last().unwrap().previous_broker_epoch, epoch);
    assert!(b.nodes[&1].disk.len(".kafka_cleanshutdown").is_none(), "a crash from now on is one");
    b.sync(1);
    assert_eq!(b.ends(1), (3, 3), "the high watermark was checkpointed");
    assert_eq!(b.happened(1, |e| matches!(e, TraceEvent::LogRecovered { .. })), 0);
}

/// 6.11: after a crash the high watermark is the checkpointed one.
#[test]
fn a_crash_leaves_the_checkpointed_high_watermark() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    b.produce(1, 1, 2);
    b.fetch_as(2, 1, 2);
    b.fire(1, Timer::HighWatermarkCheckpoint);
    b.produce(1, 1, 2);
    b.fetch_as(2, 1, 4);
    assert_eq!(b.ends(1), (4, 4));
    let disk = b.crash(1);
    b.start(1, disk);
    assert_eq!(b.registrations.last().unwrap().previous_broker_epoch, -1);
    b.sync(1);
    assert_eq!(b.ends(1), (4, 2));
    let recovered = TraceEvent::LogRecovered { tp: ORDERS, log_end_offset: 4, cut_bytes: 0 };
    assert_eq!(b.happened(1, |e| *e == recovered), 1);
    assert_eq!(b.happened(1, |e| matches!(e, TraceEvent::BecameLeader { .. })), 2);
}

#[test]
fn a_torn_write_is_cut_at_the_start() {
    let mut b = Bench::new(&[1], &[1], &[]);
    b.produce(1, 1, 1);
    b.produce(1, 1, 1);
    let mut disk = b.crash(1);
    let path = "orders-0/00000000000000000000.log";
    let len = disk.len(path).unwrap();
    disk.truncate(path, len - 5).unwrap();
    b.start(1, disk);
    b.sync(1);
    assert_eq!(b.ends(1), (1, 1));
    let cut = |e: &TraceEvent| matches!(e, TraceEvent::LogRecovered { log_end_offset: 1, cut_bytes, .. } if *cut_bytes > 0);
    assert_eq!(b.happened(1, cut), 1);
}

#[test]
fn retention_deletes_and_unlinks_later() {
    let configs = [
        ("internal.segment.bytes", "200"),
        ("retention.ms", "1000"),
        ("file.delete.delay.ms", "60000"),
    ];
    let mut b = Bench::new(&[1], &[1], &configs);
    for _ in 0..4 {
        b.produce(1, 1, 3);
    }
    assert_eq!(
        b.timers[&(1, Timer::RetentionCheck)],
        Time::from_ms(30_000),
        "log.initial.task.delay.ms"
    );
    b.now = Time::from_ms(30_000);
    b.fire(1, Timer::RetentionCheck);
    let gone = b.happened(1, |e| {
        matches!(e, TraceEvent::SegmentDeleted { reason: DeletionReason::RetentionMs, .. })
    });
    assert_eq!(gone, 4, "the active one too, after a roll");
    assert_eq!(b.partition(1).log().log_start_offset(), 12);
    assert_eq!(b.timers[&(1, Timer::RetentionCheck)], Time::from_ms(330_000));
    assert_eq!(b.timers[&(1, Timer::FileDelete)], Time::from_ms(90_000));
    b.now = Time::from_ms(90_000);
    b.fire(1, Timer::FileDelete);
    assert_eq!(b.happened(1, |e| matches!(e, TraceEvent::FileUnlinked { .. })), 4);
    assert!(!b.timers.contains_key(&(1, Timer::FileDelete)));
}

#[test]
fn a_changed_topic_setting_reaches_the_log() {
    let mut b = Bench::new(&[1], &[1], &[]);
    assert_eq!(b.partition(1).config().min_insync_replicas, 1);
    let (name, value) = ("min.insync.replicas".into(), "2".into());
    b.publish(MetadataRecord::Config { topic: Some(TOPIC), name, value });
    let (name, value) = ("log.retention.ms".into(), "77".into());
    b.publish(MetadataRecord::Config { topic: None, name, value });
    b.sync(1);
    assert_eq!(b.partition(1).config().min_insync_replicas, 2);
    assert_eq!(b.partition(1).log().config().retention_ms, 77);
}

/// The real broker's file for the same topic has this form: `version: 0`, `topic_id:` and 22 characters.
#[test]
fn partition_metadata_file() {
    let b = Bench::new(&[1], &[1], &[]);
    let text = b.nodes[&1].disk.read("orders-0/partition.metadata", 0, 100).unwrap();
    assert_eq!(&*text, b"version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ");
}
