//! Encode and decode of record batches, ours beside the `kafka-protocol` crate.

use bytes::{Bytes, BytesMut};
use highwater_bench::{duel, line};
use highwater_log::{BatchBuilder, Batches};
use kafka_protocol::records::{
    Compression, Record, RecordBatchDecoder, RecordBatchEncoder, RecordEncodeOptions, TimestampType,
};
use std::hint::black_box;

const TIMESTAMP: i64 = 1_700_000_000_000;

fn main() {
    let quick = std::env::var_os("HIGHWATER_BENCH_QUICK").is_some();
    let (rounds, calls) = if quick { (5, 200) } else { (31, 2_000) };
    for (records, size) in [(100, 100), (10, 1_000), (1, 100)] {
        compare(records, size, rounds, calls);
    }
}

fn compare(records: i32, size: usize, rounds: u32, calls: u32) {
    let values: Vec<Vec<u8>> = (0..records).map(|n| vec![b'a' + (n % 26) as u8; size]).collect();
    let theirs: Vec<Record> = values.iter().enumerate().map(|(n, v)| record(n as i64, v)).collect();
    let options = RecordEncodeOptions { version: 2, compression: Compression::None };
    assert_eq!(
        ours(&values, size).finish(),
        reference(&theirs, &options),
        "both write the same bytes"
    );

    let mut buffer = BytesMut::with_capacity(64 * 1024);
    let (a, b) = duel(
        rounds,
        calls,
        || {
            black_box(ours(black_box(&values), size).finish());
        },
        || {
            buffer.clear();
            RecordBatchEncoder::encode(&mut buffer, black_box(&theirs), &options).expect("encodes");
            black_box(&buffer);
        },
    );
    // One record is mostly the price of a buffer of its own, which the rival does not pay: no reach.
    line(&format!("encode {records} x {size} B"), a, b, "kafka-protocol", records > 1);

    let encoded = reference(&theirs, &options);
    let shared = Bytes::from(encoded.clone());
    let (a, b) = duel(
        rounds,
        calls,
        || {
            let mut bytes = 0;
            for batch in Batches::new(black_box(&encoded)) {
                let batch = batch.expect("a batch");
                batch.check_crc().expect("its crc");
                for record in batch.records() {
                    bytes += record.expect("a record").value.map_or(0, <[u8]>::len);
                }
            }
            black_box(bytes);
        },
        || {
            let set = RecordBatchDecoder::decode(&mut shared.clone()).expect("decodes");
            black_box(set);
        },
    );
    line(&format!("decode {records} x {size} B, CRC checked"), a, b, "kafka-protocol", true);
}

/// A fresh buffer each time, as the producer does it; the rival writes into one that it keeps.
fn ours(values: &[Vec<u8>], size: usize) -> BatchBuilder {
    let mut batch = BatchBuilder::with_capacity((61 + values.len() * (size + 21)) as u32);
    batch.set_position(0, -1);
    for value in values {
        batch.append(TIMESTAMP, Some(b"key"), Some(value), &[]);
    }
    batch
}

fn reference(records: &[Record], options: &RecordEncodeOptions) -> Vec<u8> {
    let mut buffer = BytesMut::new();
    RecordBatchEncoder::encode(&mut buffer, records, options).expect("encodes");
    buffer.to_vec()
}

fn record(offset: i64, value: &[u8]) -> Record {
    Record {
        transactional: false,
        control: false,
        delete_horizon: false,
        partition_leader_epoch: -1,
        producer_id: -1,
        producer_epoch: -1,
        timestamp_type: TimestampType::Creation,
        offset,
        sequence: offset as i32 - 1,
        timestamp: TIMESTAMP,
        key: Some(Bytes::from_static(b"key")),
        value: Some(Bytes::copy_from_slice(value)),
        headers: Default::default(),
    }
}
