//! Roll, flush, truncation and recovery rules (`LocalLogTest`, `UnifiedLogTest`, `LogLoaderTest`).
#![allow(clippy::unwrap_used)]

use highwater_log::{
    BatchBuilder, Bytes, EpochEntry, Log, LogConfig, LogError, MemoryStorage, OpenOptions, Storage,
};
use proptest::prelude::*;

const NOW: i64 = 1_700_000_000_000;

fn batch(count: i32, timestamp: i64) -> Bytes {
    let mut builder = BatchBuilder::new();
    for _ in 0..count {
        builder.append(timestamp, Some(b"k"), Some(b"v"), &[]);
    }
    builder.build()
}

fn open_with(options: OpenOptions, config: LogConfig, storage: &mut MemoryStorage) -> Log {
    Log::open("t-0", config, options, storage).unwrap().0
}

fn open(config: LogConfig, storage: &mut MemoryStorage) -> Log {
    open_with(OpenOptions { now_ms: NOW, ..OpenOptions::default() }, config, storage)
}

/// `batches` batches of one record (70 bytes) each, one epoch for every ten offsets.
fn filled(batches: i64, config: LogConfig) -> (Log, MemoryStorage) {
    let mut storage = MemoryStorage::new();
    let mut log = open(config, &mut storage);
    for i in 0..batches {
        log.append_as_leader(&batch(1, NOW + i), (i / 10) as i32, NOW, &mut storage).unwrap();
    }
    (log, storage)
}

fn bases(log: &Log) -> Vec<i64> {
    log.segments().map(|view| view.segment.base_offset()).collect()
}

/// 210 bytes hold three batches of 70 and not a byte more.
fn three_a_segment() -> LogConfig {
    LogConfig { segment_bytes: 210, index_interval_bytes: 70, ..LogConfig::default() }
}

#[test]
fn a_segment_rolls_when_the_next_set_does_not_fit() {
    let (log, storage) = filled(7, three_a_segment());
    assert_eq!(bases(&log), [0, 3, 6]);
    let view = log.segments().next().unwrap();
    assert_eq!((view.segment.bytes(), view.segment.next_offset(), view.active), (210, 3, false));
    // An entry comes when more than 70 bytes went before it: at the third batch.
    let entries: Vec<_> =
        view.segment.offset_index().iter().map(|e| (e.offset, e.position)).collect();
    assert_eq!(entries, [(2, 140)]);
    // That of the time index is the last one too, as the third batch has the largest timestamp.
    let entries: Vec<_> =
        view.segment.time_index().iter().map(|e| (e.timestamp, e.offset)).collect();
    assert_eq!(entries, [(NOW + 2, 2)]);
    // A roll flushes what is below.
    assert_eq!(log.recovery_point(), 6);
    assert!(view.flushed);
    assert_eq!(storage.len("t-0/00000000000000000006.log"), Some(70));
}

/// `segment.ms` counts from the first batch's timestamp to the new one's.
#[test]
fn a_segment_rolls_by_the_timestamps_of_its_records() {
    let config = LogConfig { segment_ms: 1000, ..LogConfig::default() };
    let mut storage = MemoryStorage::new();
    let mut log = open(config, &mut storage);
    let far = NOW + 50_000;
    for (timestamp, rolls) in
        [(NOW, None), (NOW + 1000, None), (NOW - 500_000, None), (NOW + 1001, Some(3))]
    {
        let info = log.append_as_leader(&batch(1, timestamp), 0, far, &mut storage).unwrap();
        assert_eq!(info.rolled, rolls, "{timestamp}");
    }
    // Without timestamps it counts from when the segment was made.
    let mut storage = MemoryStorage::new();
    let mut log = open(config, &mut storage);
    for (now, rolls) in [(NOW + 5000, None), (NOW + 1000, None), (NOW + 1001, Some(2))] {
        let info = log.append_as_leader(&batch(1, -1), 0, now, &mut storage).unwrap();
        assert_eq!(info.rolled, rolls, "{now}");
    }
}

#[test]
fn a_segment_rolls_when_an_index_is_full() {
    // Two offset entries, and one time entry as its last slot is kept.
    let config =
        LogConfig { index_interval_bytes: 1, segment_index_bytes: 24, ..LogConfig::default() };
    let (log, _) = filled(5, config);
    // The second batch adds the entries; the third then finds the time index full.
    assert_eq!(bases(&log), [0, 2, 4]);
}

#[test]
fn flush_messages_moves_the_recovery_point() {
    let (log, _) = filled(7, LogConfig { flush_messages: 3, ..LogConfig::default() });
    assert_eq!((log.recovery_point(), log.log_end_offset()), (6, 7));
    let (mut log, mut storage) = filled(7, LogConfig::default());
    assert_eq!(log.recovery_point(), 0);
    assert!(!log.segments().next().unwrap().flushed);
    log.flush(&mut storage).unwrap();
    assert_eq!(log.recovery_point(), 7);
    assert!(log.segments().next().unwrap().flushed);
}

#[test]
fn the_high_watermark_is_clamped() {
    let (mut log, mut storage) = filled(7, LogConfig::default());
    assert_eq!(log.set_high_watermark(99), 7);
    log.increment_log_start_offset(3, &mut storage).unwrap();
    assert_eq!(log.set_high_watermark(1), 3);
}

#[test]
fn truncation_to_a_batch_boundary() {
    let (mut log, mut storage) = filled(25, three_a_segment());
    log.set_high_watermark(25);
    let cut = log.truncate_to(13, NOW, &mut storage).unwrap();
    assert_eq!(cut, 12 * 70);
    assert_eq!((log.log_end_offset(), log.high_watermark(), log.recovery_point()), (13, 13, 13));
    assert_eq!(bases(&log), [0, 3, 6, 9, 12]);
    assert_eq!(log.latest_epoch(), Some(1));
    assert_eq!(storage.len("t-0/00000000000000000015.log"), None);
    log.append_as_leader(&batch(1, NOW), 9, NOW, &mut storage).unwrap();
    let offsets: Vec<_> =
        log.batches_from(0, &storage).map(|at| at.unwrap().header.base_offset).collect();
    assert_eq!(offsets, (0..14).collect::<Vec<_>>());
}

#[test]
fn a_batch_that_straddles_the_target_goes_whole() {
    let mut storage = MemoryStorage::new();
    let mut log = open(LogConfig::default(), &mut storage);
    for epoch in 0..3 {
        log.append_as_leader(&batch(10, NOW), epoch, NOW, &mut storage).unwrap();
    }
    log.set_high_watermark(12);
    log.truncate_to(15, NOW, &mut storage).unwrap();
    // The log ends at the target exactly, with a gap below.
    assert_eq!(log.log_end_offset(), 15);
    assert_eq!(log.high_watermark(), 12);
    let last = log.batches_from(0, &storage).last().unwrap().unwrap();
    assert_eq!(last.header.last_offset(), 9);
    assert!(log.read(12, 1000, 15, true, &storage).unwrap().records.is_empty());
    let info = log.append_as_leader(&batch(1, NOW), 7, NOW, &mut storage).unwrap();
    assert_eq!(info.first_offset, 15);
    // Reading in the gap gives what comes after it.
    let read = log.read(12, 1000, 16, true, &storage).unwrap();
    assert_eq!(read.records.size(), info.bytes);
    let entries = log.epochs().entries();
    assert_eq!(entries.last(), Some(&EpochEntry { epoch: 7, start_offset: 15 }));
    assert_eq!(entries[1], EpochEntry { epoch: 1, start_offset: 10 });
}

#[test]
fn truncation_at_or_above_the_end_changes_no_data() {
    let (mut log, mut storage) = filled(5, LogConfig::default());
    log.assign_epoch(9, 5, &mut storage).unwrap();
    assert_eq!(log.truncate_to(5, NOW, &mut storage).unwrap(), 0);
    assert_eq!(log.latest_epoch(), Some(0), "entries from the log end on go");
    assert_eq!(log.truncate_to(50, NOW, &mut storage).unwrap(), 0);
    assert_eq!(log.log_end_offset(), 5);
    assert!(matches!(
        log.truncate_to(-1, NOW, &mut storage),
        Err(LogError::OffsetOutOfRange { offset: -1, .. })
    ));
}

#[test]
fn truncation_below_the_first_segment_starts_again() {
    let (mut log, mut storage) = filled(9, three_a_segment());
    log.set_high_watermark(9);
    log.increment_log_start_offset(7, &mut storage).unwrap();
    log.delete_old_segments(NOW, &mut storage).unwrap();
    assert_eq!(bases(&log), [6]);
    log.truncate_to(4, NOW, &mut storage).unwrap();
    assert_eq!((bases(&log), log.log_start_offset(), log.log_end_offset()), (vec![4], 4, 4));
    assert_eq!(log.epochs().entries(), []);
    log.truncate_fully_and_start_at(100, Some(90), NOW, &mut storage).unwrap();
    assert_eq!(
        (log.log_start_offset(), log.log_end_offset(), log.high_watermark()),
        (90, 100, 100)
    );
    assert_eq!(log.size(), 0);
}

#[test]
fn truncation_below_the_log_start_moves_it() {
    let (mut log, mut storage) = filled(5, LogConfig::default());
    log.set_high_watermark(5);
    log.increment_log_start_offset(4, &mut storage).unwrap();
    log.truncate_to(2, NOW, &mut storage).unwrap();
    assert_eq!((log.log_start_offset(), log.log_end_offset(), log.high_watermark()), (2, 2, 2));
}

#[test]
fn a_clean_close_is_opened_without_a_walk() {
    let (mut log, mut storage) = filled(25, three_a_segment());
    log.close(&mut storage).unwrap();
    let options =
        OpenOptions { clean_shutdown: true, high_watermark: 20, ..OpenOptions::default() };
    let (again, info) = Log::open("t-0", three_a_segment(), options, &mut storage).unwrap();
    assert!(info.recovered_segments.is_empty());
    assert_eq!(
        (again.log_end_offset(), again.recovery_point(), again.high_watermark()),
        (25, 25, 20)
    );
    assert_eq!(again.epochs(), log.epochs());
}

#[test]
fn recovery_cuts_at_the_first_bad_batch_and_drops_later_segments() {
    let (log, mut storage) = filled(25, three_a_segment());
    // Offset 13 is the second batch of segment 12: a bit of its record flips.
    let path = "t-0/00000000000000000012.log";
    let bytes = storage.read(path, 0, 1000).unwrap().edited(|b| b[70 + 65] ^= 1);
    storage.replace(path, &bytes).unwrap();
    let options = OpenOptions { recovery_point: 9, high_watermark: 25, ..OpenOptions::default() };
    let (again, info) = Log::open("t-0", three_a_segment(), options, &mut storage).unwrap();
    assert_eq!(info.recovered_segments, [9, 12]);
    assert_eq!(info.cut, Some((12, 140)));
    assert_eq!(info.deleted_segments, [15, 18, 21, 24]);
    assert_eq!(info.cut_bytes, 140 + 3 * 210 + 70);
    assert_eq!(
        (again.log_end_offset(), again.high_watermark(), again.recovery_point()),
        (13, 13, 9)
    );
    assert_eq!(again.epochs().entries(), &log.epochs().entries()[..2]);
    assert_eq!(bases(&again), [0, 3, 6, 9, 12]);
}

/// Base offsets are not under the CRC. One that no index entry could hold ends the log there.
#[test]
fn recovery_cuts_at_an_impossible_offset() {
    let (_, mut storage) =
        filled(10, LogConfig { index_interval_bytes: 70, ..LogConfig::default() });
    let path = "t-0/00000000000000000000.log";
    let bytes = storage.read(path, 0, 1000).unwrap().edited(|b| b[5 * 70 + 2] = 1);
    storage.replace(path, &bytes).unwrap();
    let log = open(LogConfig { index_interval_bytes: 70, ..LogConfig::default() }, &mut storage);
    assert_eq!(log.log_end_offset(), 5);
}

/// A follower refuses a set that no one segment could hold, and takes a gap (compaction leaves them).
#[test]
fn a_follower_takes_gaps_but_not_beyond_a_segment() {
    let config = LogConfig { index_interval_bytes: 0, ..LogConfig::default() };
    let mut storage = MemoryStorage::new();
    let mut log = open(config, &mut storage);
    let at = |offset: i64| batch(1, NOW).edited(|b| highwater_log::stamp(b, offset, 0)).to_vec();
    let far = i64::from(i32::MAX) + 1;
    let set =
        |offsets: &[i64]| Bytes::from(offsets.iter().flat_map(|&o| at(o)).collect::<Vec<_>>());
    assert!(log.append_as_follower(&set(&[0, 1, far]), 0, NOW, &mut storage).is_err());
    assert_eq!(log.log_end_offset(), 0);
    log.append_as_follower(&set(&[0, 1, far - 1]), 0, NOW, &mut storage).unwrap();
    let info = log.append_as_follower(&set(&[far, far + 9]), 0, NOW, &mut storage).unwrap();
    assert_eq!(info.rolled, Some(far));
    assert_eq!(log.log_end_offset(), far + 10);
    assert!(log.append_as_follower(&set(&[far + 20, far + 15]), 0, NOW, &mut storage).is_err());
    let last = set(&[i64::MAX]);
    log.append_as_follower(&last, 0, NOW, &mut storage).unwrap();
    assert_eq!(log.log_end_offset(), i64::MAX);
}

/// Without this an append would come after bytes that no read gets past.
#[test]
fn a_clean_start_does_not_keep_half_a_batch_at_the_end() {
    let (mut log, mut storage) = filled(5, three_a_segment());
    log.close(&mut storage).unwrap();
    storage.append("t-0/00000000000000000003.log", &vec![0; 40].into()).unwrap();
    let options = OpenOptions { clean_shutdown: true, ..OpenOptions::default() };
    let (mut log, info) = Log::open("t-0", three_a_segment(), options, &mut storage).unwrap();
    assert_eq!((info.cut, log.log_end_offset()), (Some((3, 40)), 5));
    let appended = log.append_as_leader(&batch(1, NOW), 0, NOW, &mut storage).unwrap();
    let read = log.read(5, 1000, 6, true, &storage).unwrap();
    assert_eq!(read.records.size(), appended.bytes);
}

/// A lost index says nothing about later segments: they stay even when its own log is cut.
#[test]
fn rebuilding_an_index_below_the_recovery_point_keeps_later_segments() {
    let (_, mut storage) = filled(9, three_a_segment());
    storage.remove("t-0/00000000000000000003.index").unwrap();
    storage.append("t-0/00000000000000000003.log", &vec![0; 40].into()).unwrap();
    let options = OpenOptions { recovery_point: 6, ..OpenOptions::default() };
    let (log, info) = Log::open("t-0", three_a_segment(), options, &mut storage).unwrap();
    assert_eq!(info.recovered_segments, [3, 6]);
    assert_eq!((info.cut, info.deleted_segments.len()), (Some((3, 40)), 0));
    assert_eq!((bases(&log), log.log_end_offset()), (vec![0, 3, 6], 9));
}

/// Damage below the recovery point is not looked for.
#[test]
fn recovery_trusts_what_was_flushed() {
    let (_, mut storage) = filled(25, three_a_segment());
    let path = "t-0/00000000000000000003.log";
    let bytes = storage.read(path, 0, 1000).unwrap().edited(|b| b[65] ^= 1);
    storage.replace(path, &bytes).unwrap();
    let options = OpenOptions { recovery_point: 9, ..OpenOptions::default() };
    let (log, _) = Log::open("t-0", three_a_segment(), options, &mut storage).unwrap();
    assert_eq!(log.log_end_offset(), 25);
}

#[test]
fn recovery_rebuilds_a_lost_epoch_cache() {
    let (log, mut storage) = filled(25, three_a_segment());
    storage.remove("t-0/leader-epoch-checkpoint").unwrap();
    let again = open(three_a_segment(), &mut storage);
    assert_eq!(again.epochs(), log.epochs());
    assert!(storage.len("t-0/leader-epoch-checkpoint").is_some());
}

#[test]
fn a_log_that_ends_below_its_start_begins_again() {
    let (_, mut storage) = filled(5, LogConfig::default());
    let options = OpenOptions { log_start_offset: 8, ..OpenOptions::default() };
    let (log, info) = Log::open("t-0", LogConfig::default(), options, &mut storage).unwrap();
    assert!(info.below_log_start);
    assert_eq!((log.log_start_offset(), log.log_end_offset(), log.size()), (8, 8, 0));
    assert_eq!(bases(&log), [8]);
}

#[test]
fn files_that_a_crash_left_are_removed() {
    let (_, mut storage) = filled(5, LogConfig::default());
    for name in [
        "00000000000000000000.log.deleted",
        "00000000000000000009.index",
        "00000000000000000000.log.cleaned",
    ] {
        storage.append(&format!("t-0/{name}"), &vec![1, 2, 3].into()).unwrap();
    }
    let log = open(LogConfig::default(), &mut storage);
    assert_eq!(log.log_end_offset(), 5);
    assert_eq!(storage.list("t-0").len(), 4);
}

#[test]
fn an_unreadable_epoch_checkpoint_is_named() {
    let (_, mut storage) = filled(5, LogConfig::default());
    storage.replace("t-0/leader-epoch-checkpoint", b"0\n1\nx y\n").unwrap();
    let error =
        Log::open("t-0", LogConfig::default(), OpenOptions::default(), &mut storage).unwrap_err();
    assert!(error.to_string().contains("t-0/leader-epoch-checkpoint"), "{error}");
}

#[derive(Clone, Debug)]
enum Step {
    Append(i32),
    Truncate(i64),
    Crash(u64),
    Close,
    Retain,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..6).prop_map(Step::Append),
        1 => (0..60i64).prop_map(Step::Truncate),
        1 => (0..100u64).prop_map(Step::Crash),
        1 => Just(Step::Close),
        1 => Just(Step::Retain),
    ]
}

/// What the log should hold: batches as (first, last) and its ends.
fn holds(log: &Log, storage: &MemoryStorage) -> Vec<(i64, i64)> {
    log.batches_from(log.log_start_offset(), storage)
        .map(|at| at.unwrap().header)
        .map(|header| (header.base_offset, header.last_offset()))
        .collect()
}

proptest! {
    /// Against a list of batches: whatever happens, the log holds what the list says, every offset
    /// can be read from, and opening it again finds the same.
    #[test]
    fn a_log_is_a_list_of_batches(steps in proptest::collection::vec(any_step(), 1..60)) {
        let config = LogConfig { segment_bytes: 400, index_interval_bytes: 80, retention_bytes: 1000, ..LogConfig::default() };
        let mut storage = MemoryStorage::new();
        let mut log = open(config, &mut storage);
        let mut model: Vec<(i64, i64)> = Vec::new();
        let (mut start, mut end) = (0i64, 0i64);
        for step in steps {
            match step {
                Step::Append(count) => {
                    log.append_as_leader(&batch(count, NOW), 0, NOW, &mut storage).unwrap();
                    model.push((end, end + i64::from(count) - 1));
                    end += i64::from(count);
                }
                Step::Truncate(target) => {
                    log.truncate_to(target, NOW, &mut storage).unwrap();
                    if target < end {
                        model.retain(|b| b.1 < target);
                        end = target;
                        start = start.min(target);
                    }
                }
                Step::Crash(lost) => {
                    // Any suffix of the active segment may be gone, in the middle of a batch too.
                    let base = log.segments().next_back().unwrap().segment.base_offset();
                    let path = format!("t-0/{base:020}.log");
                    let left = storage.len(&path).unwrap().saturating_sub(lost);
                    storage.truncate(&path, left).unwrap();
                    let recovery_point = log.recovery_point();
                    let options = OpenOptions { recovery_point, log_start_offset: start, ..OpenOptions::default() };
                    log = open_with(options, config, &mut storage);
                    end = log.log_end_offset();
                    if end < start || log.log_start_offset() != start {
                        prop_assert!(log.log_start_offset() >= start);
                        start = log.log_start_offset();
                    }
                    model.retain(|b| b.1 < end && b.1 >= start);
                }
                Step::Close => {
                    let before = log.clone();
                    log.close(&mut storage).unwrap();
                    let options = OpenOptions { clean_shutdown: true, log_start_offset: start, ..OpenOptions::default() };
                    log = open_with(options, config, &mut storage);
                    prop_assert_eq!(log.log_start_offset(), before.log_start_offset().min(log.log_end_offset()).max(start));
                    end = log.log_end_offset();
                    start = log.log_start_offset();
                }
                Step::Retain => {
                    log.set_high_watermark(end);
                    for deleted in log.delete_old_segments(NOW, &mut storage).unwrap() {
                        model.retain(|b| b.0 >= deleted.next_offset);
                        start = start.max(deleted.next_offset);
                    }
                    prop_assert!(log.size() < 1000 + 400);
                }
            }
            prop_assert_eq!((log.log_start_offset(), log.log_end_offset()), (start, end));
            let expected: Vec<_> = model.iter().copied().filter(|b| b.1 >= start).collect();
            prop_assert_eq!(holds(&log, &storage), expected.clone());
            for offset in start..end {
                let read = log.read(offset, 1, end, true, &storage).unwrap();
                let wanted = expected.iter().find(|b| b.1 >= offset);
                let first = highwater_log::Batches::new(&read.records).next().map(|b| b.unwrap().header.base_offset);
                prop_assert_eq!(first, wanted.map(|b| b.0));
            }
        }
    }
}

proptest! {
    /// Any file damaged anywhere: opening fails with an error or gives a log that can be used.
    #[test]
    fn damaged_files_never_panic(
        file in 0usize..16,
        at in 0usize..1000,
        values in proptest::collection::vec(any::<u8>(), 1..9),
        clean in any::<bool>(),
    ) {
        let (mut log, mut storage) = filled(12, three_a_segment());
        log.close(&mut storage).unwrap();
        let paths: Vec<_> = storage.paths().cloned().collect();
        let path = &paths[file % paths.len()];
        let mut bytes = storage.read(path, 0, 10_000).unwrap().to_vec();
        for (i, value) in values.iter().enumerate() {
            match bytes.len() {
                0 => bytes.push(*value),
                len => bytes[(at + i) % len] = *value,
            }
        }
        storage.replace(path, &bytes).unwrap();
        let options = OpenOptions { clean_shutdown: clean, high_watermark: 12, ..OpenOptions::default() };
        if let Ok((mut log, _)) = Log::open("t-0", three_a_segment(), options, &mut storage) {
            let end = log.log_end_offset();
            for offset in [log.log_start_offset(), 5, end] {
                let _ = log.read(offset, 100, end, true, &storage);
                let _ = log.batches_from(offset, &storage).take(100).count();
            }
            let _ = log.find_offset_by_timestamp(NOW + 5, &storage);
            let _ = log.find_max_timestamp(&storage);
            let _ = log.append_as_leader(&batch(2, NOW), 5, NOW, &mut storage);
            let _ = log.truncate_to(7, NOW, &mut storage);
            let _ = log.append_as_leader(&batch(2, NOW), 6, NOW, &mut storage);
            let _ = log.delete_old_segments(i64::MAX, &mut storage);
            let _ = log.close(&mut storage);
        }
    }
}
