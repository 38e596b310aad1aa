//! Files written by a real broker: read, written again, indexed, queried and recovered.
#![allow(clippy::unwrap_used)]

mod common;

use common::{all, checkpoint, files, fixtures, partitions, storage, with_extension};
use highwater_log::{
    Batch, BatchBuilder, Batches, Codec, Log, LogConfig, MemoryStorage, OpenOptions, Storage,
    TimestampType, parse_epoch_checkpoint,
};
use serde_json::Value;

/// The settings all fixture topics have.
fn config() -> LogConfig {
    LogConfig {
        segment_bytes: 16_384,
        segment_index_bytes: 1200,
        index_interval_bytes: 1024,
        retention_ms: -1,
        ..LogConfig::default()
    }
}

fn open_clean(partition: &str) -> (Log, MemoryStorage) {
    let mut storage = storage("clean", partition);
    let options = OpenOptions {
        clean_shutdown: true,
        log_start_offset: checkpoint("clean", "log-start-offset-checkpoint", partition),
        high_watermark: checkpoint("clean", "replication-offset-checkpoint", partition),
        ..OpenOptions::default()
    };
    let (log, info) = Log::open(partition, config(), options, &mut storage).unwrap();
    assert!(info.recovered_segments.is_empty(), "{partition}");
    (log, storage)
}

fn encode_again(batch: &Batch<'_>) -> Vec<u8> {
    let header = &batch.header;
    let mut builder = BatchBuilder::new();
    builder.set_position(header.base_offset, header.partition_leader_epoch);
    builder.set_producer(header.producer_id, header.producer_epoch, header.base_sequence);
    if header.is_transactional() {
        builder.set_transactional();
    }
    if header.is_control() {
        builder.set_control();
    }
    for record in batch.records() {
        let record = record.unwrap();
        let headers: Vec<_> = record.headers.collect();
        let delta = (record.offset - header.base_offset) as i32;
        builder.append_at(delta, record.timestamp, record.key, record.value, &headers);
    }
    builder.finish().to_vec()
}

/// Compacted batches start later than their base offset or carry a delete horizon, which no
/// producer writes.
#[test]
fn every_uncompressed_batch_is_encoded_to_the_same_bytes() {
    let mut batches = 0;
    for partition in partitions("clean").iter().filter(|p| !p.starts_with("compact")) {
        for (name, bytes) in files("clean", partition) {
            if !name.ends_with(".log") {
                continue;
            }
            let mut walk = Batches::new(&bytes);
            for batch in &mut walk {
                let batch = batch.unwrap();
                batch.check_crc().unwrap();
                if batch.header.codec() == Ok(Codec::None) {
                    assert_eq!(encode_again(&batch), batch.bytes, "{partition}/{name}");
                    batches += 1;
                }
            }
            assert_eq!(walk.position() as usize, bytes.len(), "{partition}/{name}");
        }
    }
    assert!(batches > 400, "only {batches} batches were looked at");
}

/// Our follower writes a real broker's batches one by one: the log, offset index and time index
/// files must come out as the broker's, rolls included.
fn write_again(partition: &str) {
    let (original, from) = open_clean(partition);
    let mut to = MemoryStorage::new();
    let (mut log, _) = Log::open(partition, config(), OpenOptions::default(), &mut to).unwrap();
    let first = original.segments().next().unwrap().segment.base_offset();
    if first > 0 {
        log.truncate_fully_and_start_at(first, None, 0, &mut to).unwrap();
    }
    for at in original.batches_from(0, &from) {
        let bytes = original.batch_bytes(&at.unwrap(), &from).unwrap();
        log.append_as_follower(&bytes, i32::MAX, 0, &mut to).unwrap();
    }
    log.close(&mut to).unwrap();
    assert_eq!(log.log_end_offset(), original.log_end_offset());
    let extensions = ["log", "index", "timeindex"];
    assert_eq!(with_extension(&to, &extensions), with_extension(&from, &extensions), "{partition}");
}

#[test]
fn segments_and_indexes_equal_the_brokers() {
    for partition in [
        "plain-0",
        "retained-0",
        "deleted-records-0",
        "orders-0",
        "orders-1",
        "orders-2",
        "txn-0",
        "idempotent-0",
        "codec-gzip-0",
        "codec-lz4-0",
        "codec-snappy-0",
        "codec-zstd-0",
        "empty-0",
    ] {
        write_again(partition);
    }
}

fn queries(file: &str) -> Value {
    let text = std::fs::read_to_string(fixtures().join("manifest").join(file)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn int(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// Whether the records of every batch can be read here.
fn readable(log: &Log, storage: &MemoryStorage) -> bool {
    log.batches_from(log.log_start_offset(), storage).all(|at| {
        let header = at.unwrap().header;
        header.codec() == Ok(Codec::None) || header.timestamp_type() == TimestampType::LogAppendTime
    })
}

fn check_queries(log: &Log, storage: &MemoryStorage, expected: &Value) {
    let dir = log.dir();
    assert_eq!(log.log_start_offset(), int(&expected["log_start_offset"]), "{dir}");
    assert_eq!(log.log_end_offset(), int(&expected["log_end_offset"]), "{dir}");
    if !readable(log, storage) {
        return;
    }
    let answer = |found: Option<highwater_log::TimestampAndOffset>| {
        found.map_or((-1, -1), |found| (found.timestamp, found.offset))
    };
    let max = &expected["max_timestamp"];
    if !max.is_null() {
        let found = answer(log.find_max_timestamp(storage).unwrap());
        assert_eq!(found, (int(&max["timestamp"]), int(&max["offset"])), "{dir} max");
    }
    for query in expected["for_timestamp"].as_array().unwrap() {
        let asked = int(&query["asked"]);
        let found = answer(log.find_offset_by_timestamp(asked, storage).unwrap());
        assert_eq!(found, (int(&query["timestamp"]), int(&query["offset"])), "{dir} {asked}");
    }
}

#[test]
fn a_clean_directory_opens_and_answers_as_the_broker_did() {
    let queries = queries("clean-queries.json");
    for (partition, expected) in queries.as_object().unwrap() {
        let (log, storage) = open_clean(partition);
        assert_eq!(log.high_watermark(), log.log_end_offset(), "{partition}");
        check_queries(&log, &storage, expected);
        // Kafka's read: from the batch that holds the offset, each offset once.
        let mut at = log.log_start_offset();
        while at < log.log_end_offset() {
            let read = log.read(at, 100, log.log_end_offset(), true, &storage).unwrap();
            let batch = Batches::new(&read.records).next().unwrap().unwrap();
            assert!(batch.header.last_offset() >= at);
            at = batch.header.next_offset();
        }
    }
}

/// After SIGKILL and damage: the same bytes must survive as in the broker's own recovery, and the
/// indexes must be the ones it wrote.
#[test]
fn an_unclean_directory_recovers_as_the_broker_did() {
    let queries = queries("unclean/after-queries.json");
    for partition in partitions("unclean/before") {
        let state = "unclean/before";
        let mut storage = storage(state, &partition);
        let options = OpenOptions {
            clean_shutdown: false,
            recovery_point: checkpoint(state, "recovery-point-offset-checkpoint", &partition),
            log_start_offset: checkpoint(state, "log-start-offset-checkpoint", &partition),
            high_watermark: checkpoint(state, "replication-offset-checkpoint", &partition),
            now_ms: 0,
        };
        let (mut log, info) = Log::open(&partition, config(), options, &mut storage).unwrap();
        check_queries(&log, &storage, &queries[partition.as_str()]);
        log.close(&mut storage).unwrap();
        let after = common::storage("unclean/after", &partition);
        for extension in ["log", "index", "timeindex"] {
            let (ours, theirs) =
                (with_extension(&storage, &[extension]), with_extension(&after, &[extension]));
            let names = |files: &[(String, highwater_log::Bytes)]| {
                files.iter().map(|f| f.0.clone()).collect::<Vec<_>>()
            };
            assert_eq!(names(&ours), names(&theirs), "{info:?}");
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert_eq!(ours.1.to_vec(), theirs.1.to_vec(), "{} {info:?}", ours.0);
            }
        }
        // The broker became leader in a new epoch afterwards; what was before must agree.
        let path = format!("{partition}/leader-epoch-checkpoint");
        let theirs = parse_epoch_checkpoint(&all(&after, &path)).unwrap();
        let ours = log.epochs().entries();
        assert_eq!(ours, &theirs[..ours.len()], "{partition}");
    }
}

#[test]
fn a_missing_index_is_rebuilt_at_a_clean_start() {
    let (_, complete) = open_clean("plain-0");
    for lost in ["index", "timeindex"] {
        let mut storage = complete.clone();
        storage.remove(&format!("plain-0/{:020}.{lost}", 0)).unwrap();
        storage.append(&format!("plain-0/{:020}.{lost}", 777), &vec![1].into()).unwrap();
        let options = OpenOptions { clean_shutdown: true, ..OpenOptions::default() };
        let (_, info) = Log::open("plain-0", config(), options, &mut storage).unwrap();
        assert_eq!(info.recovered_segments, vec![0i64]);
        let extensions = ["log", "index", "timeindex"];
        let (ours, theirs) =
            (with_extension(&storage, &extensions), with_extension(&complete, &extensions));
        assert_eq!(ours, theirs);
    }
}
