//! A log in memory: append, read, epochs, high watermark, truncation.
#![allow(clippy::unwrap_used)]

use highwater_log::{BatchBuilder, Bytes, Log, LogConfig, LogError, MemoryStorage, OpenOptions};

const NOW: i64 = 1_700_000_000_000;

fn batch(count: i32) -> Bytes {
    let mut builder = BatchBuilder::new();
    for i in 0..count {
        builder.append(NOW + i64::from(i), Some(b"key"), Some(b"value"), &[]);
    }
    builder.build()
}

fn open(config: LogConfig, storage: &mut MemoryStorage) -> Log {
    let options = OpenOptions { now_ms: NOW, ..OpenOptions::default() };
    Log::open("orders-0", config, options, storage).unwrap().0
}

#[test]
fn append_and_read() {
    let mut storage = MemoryStorage::new();
    let mut log = open(LogConfig::default(), &mut storage);
    let first = log.append_as_leader(&batch(3), 4, NOW, &mut storage).unwrap();
    assert_eq!((first.first_offset, first.last_offset, first.rolled), (0, 2, None));
    let second = log.append_as_leader(&batch(2), 5, NOW, &mut storage).unwrap();
    assert_eq!((second.first_offset, second.last_offset), (3, 4));
    assert_eq!(log.log_end_offset(), 5);
    assert_eq!(log.latest_epoch(), Some(5));
    assert_eq!(log.end_offset_for(4), (4, 3));

    // A read starts at a batch: offset 1 is inside the first one.
    let read = log.read(1, 10_000, 5, true, &storage).unwrap();
    assert_eq!(read.records.size(), first.bytes + second.bytes);
    // The upper bound keeps the second batch out.
    let read = log.read(1, 10_000, 3, true, &storage).unwrap();
    assert_eq!(read.records.size(), first.bytes);
    // An upper bound inside a batch keeps that batch out.
    let read = log.read(1, 10_000, 4, true, &storage).unwrap();
    assert_eq!(read.records.size(), first.bytes);
    // One batch comes whole when asked so.
    let read = log.read(3, 10, 5, true, &storage).unwrap();
    assert_eq!(read.records.size(), second.bytes);
    let read = log.read(3, 10, 5, false, &storage).unwrap();
    assert_eq!((read.records.size(), read.first_entry_incomplete), (10, true));
    assert!(log.read(5, 10, 5, true, &storage).unwrap().records.is_empty());
    assert!(matches!(log.read(6, 10, 5, true, &storage), Err(LogError::OffsetOutOfRange { .. })));
    assert_eq!(log.bytes_between(0, 5, &storage).unwrap(), log.size());
    assert_eq!(log.bytes_between(0, 3, &storage).unwrap(), u64::from(first.bytes));
}

#[test]
fn a_follower_copies_bytes_as_they_are() {
    let (mut left, mut right) = (MemoryStorage::new(), MemoryStorage::new());
    let mut leader = open(LogConfig::default(), &mut left);
    let mut follower = open(LogConfig::default(), &mut right);
    for epoch in [0, 0, 2, 3] {
        leader.append_as_leader(&batch(2), epoch, NOW, &mut left).unwrap();
    }
    let records = leader.read(0, 10_000, 8, true, &left).unwrap().records;
    let cut = records.slice(0, records.size() - 1);
    let info = follower.append_as_follower(&cut, 2, NOW, &mut right).unwrap();
    assert_eq!((info.first_offset, info.last_offset, info.batches), (0, 5, 3));
    let rest = leader.read(6, 10_000, 8, true, &left).unwrap().records;
    assert_eq!(follower.append_as_follower(&rest, 2, NOW, &mut right).unwrap().batches, 0);
    assert_eq!(follower.append_as_follower(&rest, 3, NOW, &mut right).unwrap().batches, 1);
    assert_eq!(left, right);
    assert!(follower.append_as_follower(&rest, 3, NOW, &mut right).is_err());
    assert_eq!(left, right);
}
