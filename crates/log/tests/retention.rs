//! Retention as `UnifiedLog.deleteOldSegments` does it.
#![allow(clippy::unwrap_used)]

use highwater_log::{
    BatchBuilder, Bytes, DeletionReason, Log, LogConfig, MemoryStorage, OpenOptions, Storage,
    Verdict,
};

const NOW: i64 = 1_700_000_000_000;

/// A batch of exactly `size` bytes with one record.
fn batch(size: u32, timestamp: i64) -> Bytes {
    for value in 0..size {
        let mut builder = BatchBuilder::new();
        builder.append(timestamp, None, Some(&vec![b'v'; value as usize]), &[]);
        if builder.size() == size {
            return builder.build();
        }
    }
    panic!("no value makes a batch of {size} bytes");
}

/// A log with one segment per batch: sizes and timestamps.
fn log_of(batches: &[(u32, i64)], config: LogConfig) -> (Log, MemoryStorage) {
    let mut storage = MemoryStorage::new();
    let segment_bytes = batches.iter().map(|b| b.0).max().unwrap() as i32;
    let config = LogConfig { segment_bytes, message_timestamp_after_max_ms: i64::MAX, ..config };
    let options = OpenOptions { now_ms: NOW, ..OpenOptions::default() };
    let (mut log, _) = Log::open("orders-0", config, options, &mut storage).unwrap();
    for &(size, timestamp) in batches {
        log.append_as_leader(&batch(size, timestamp), 0, NOW, &mut storage).unwrap();
    }
    assert_eq!(log.segments().count(), batches.len());
    log.set_high_watermark(log.log_end_offset());
    (log, storage)
}

fn bases(log: &Log) -> Vec<i64> {
    log.segments().map(|view| view.segment.base_offset()).collect()
}

#[test]
fn size_never_goes_below_retention_bytes() {
    let config = LogConfig { retention_bytes: 300, retention_ms: -1, ..LogConfig::default() };
    let (mut log, mut storage) = log_of(&[(100, NOW); 4], config);
    let deleted = log.delete_old_segments(NOW, &mut storage).unwrap();
    assert_eq!(deleted.len(), 1);
    assert_eq!((deleted[0].base_offset, deleted[0].next_offset, deleted[0].bytes), (0, 1, 100));
    assert_eq!(deleted[0].reason, DeletionReason::RetentionBytes);
    assert_eq!((log.log_start_offset(), log.size()), (1, 300));

    let (mut log, mut storage) = log_of(&[(120, NOW); 3], config);
    assert_eq!(log.delete_old_segments(NOW, &mut storage).unwrap(), []);
    let facts = log.why_kept(0, NOW).unwrap();
    assert_eq!((facts.excess_bytes, facts.verdict), (Some(60), Verdict::WithinLimits));
}

/// 3, 3 and 2 records' worth with a budget of 4: the excess is 4, the first segment fits, the
/// second does not.
#[test]
fn the_walk_stops_at_the_first_survivor() {
    let config = LogConfig { retention_bytes: 400, retention_ms: -1, ..LogConfig::default() };
    let (mut log, mut storage) = log_of(&[(300, NOW), (300, NOW), (200, NOW)], config);
    assert_eq!(log.delete_old_segments(NOW, &mut storage).unwrap().len(), 1);
    assert_eq!(bases(&log), [1, 2]);
}

#[test]
fn one_late_timestamp_keeps_everything_after_it() {
    let config = LogConfig { retention_ms: 1000, ..LogConfig::default() };
    let (mut log, mut storage) =
        log_of(&[(100, NOW - 5000), (100, NOW + 9000), (100, NOW - 5000)], config);
    let deleted = log.delete_old_segments(NOW, &mut storage).unwrap();
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted[0].reason, DeletionReason::RetentionMs);
    assert_eq!(bases(&log), [1, 2]);
    assert_eq!(log.why_kept(1, NOW).unwrap().age_ms, -9000);
    assert_eq!(log.why_kept(1, NOW).unwrap().verdict, Verdict::WithinLimits);
    assert_eq!(log.why_kept(2, NOW).unwrap().verdict, Verdict::BehindOlderSegment(1));
    assert_eq!(log.why_kept(0, NOW), None);
}

/// Age must exceed the limit.
#[test]
fn an_age_of_exactly_retention_ms_stays() {
    let config = LogConfig { retention_ms: 1000, ..LogConfig::default() };
    let (mut log, mut storage) = log_of(&[(100, NOW), (100, NOW)], config);
    assert_eq!(log.delete_old_segments(NOW + 1000, &mut storage).unwrap(), []);
    assert_eq!(log.delete_old_segments(NOW + 1001, &mut storage).unwrap().len(), 2);
}

#[test]
fn the_active_segment_goes_after_a_roll_when_all_is_expired() {
    let config = LogConfig { retention_ms: 1000, ..LogConfig::default() };
    let (mut log, mut storage) = log_of(&[(100, NOW), (100, NOW)], config);
    assert_eq!(log.delete_old_segments(NOW + 5000, &mut storage).unwrap().len(), 2);
    assert_eq!(bases(&log), [2]);
    assert_eq!((log.log_start_offset(), log.log_end_offset()), (2, 2));
    assert_eq!(log.why_kept(2, NOW + 5000).unwrap().verdict, Verdict::ActiveAndEmpty);
    assert_eq!(log.delete_old_segments(NOW + 9000, &mut storage).unwrap(), []);
    assert_eq!(log.epochs().entries()[0].start_offset, 2);
}

#[test]
fn nothing_above_the_high_watermark_goes() {
    let config = LogConfig { retention_ms: 1000, ..LogConfig::default() };
    let (mut log, mut storage) = log_of(&[(100, NOW); 4], config);
    log.set_high_watermark(2);
    assert_eq!(log.why_kept(2, NOW + 5000).unwrap().verdict, Verdict::AboveHighWatermark);
    assert_eq!(
        log.why_kept(1, NOW + 5000).unwrap().verdict,
        Verdict::Deletable(DeletionReason::RetentionMs)
    );
    assert_eq!(log.delete_old_segments(NOW + 5000, &mut storage).unwrap().len(), 2);
    assert_eq!(bases(&log), [2, 3]);
}

#[test]
fn segments_below_the_log_start_go_whatever_the_policy() {
    let config = LogConfig { cleanup_delete: false, ..LogConfig::default() };
    let (mut log, mut storage) = log_of(&[(100, NOW - 9_999_999_999); 4], config);
    assert_eq!(log.why_kept(0, NOW).unwrap().verdict, Verdict::PolicyWithoutDelete);
    assert!(log.increment_log_start_offset(4, &mut storage).unwrap());
    assert!(!log.increment_log_start_offset(3, &mut storage).unwrap());
    assert!(log.increment_log_start_offset(5, &mut storage).is_err());
    let deleted = log.delete_old_segments(NOW, &mut storage).unwrap();
    // The last segment never goes for this reason.
    assert_eq!(deleted.len(), 3);
    assert!(deleted.iter().all(|d| d.reason == DeletionReason::LogStartOffset));
    assert_eq!((bases(&log), log.log_start_offset()), (vec![3], 4));
}

#[test]
fn files_are_renamed_and_unlinked_later() {
    let config =
        LogConfig { retention_ms: 1000, file_delete_delay_ms: 60_000, ..LogConfig::default() };
    let (mut log, mut storage) = log_of(&[(100, NOW - 5000), (100, NOW)], config);
    log.delete_old_segments(NOW, &mut storage).unwrap();
    let deleted = "orders-0/00000000000000000000.log.deleted";
    assert_eq!(storage.len(deleted), Some(100));
    assert_eq!(storage.len("orders-0/00000000000000000000.log"), None);
    assert_eq!(log.next_unlink_ms(), Some(NOW + 60_000));
    assert_eq!(log.unlink_deleted(NOW + 59_999, &mut storage).unwrap(), Vec::<i64>::new());
    assert_eq!(log.unlink_deleted(NOW + 60_000, &mut storage).unwrap(), [0]);
    assert!(!storage.paths().any(|path| path.ends_with(".deleted")));
    assert_eq!(log.next_unlink_ms(), None);
}
