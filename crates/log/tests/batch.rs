//! Batches against byte vectors made by an independent script, and random ones against themselves.
#![allow(clippy::unwrap_used)]

use highwater_log::{
    Batch, BatchBuilder, BatchError, BatchErrorKind, BatchHeader, Batches, Bytes, Codec,
    ControlType, Header, Log, LogConfig, MemoryStorage, OpenOptions, Record, TimestampType, crc32c,
    decrement_sequence, end_transaction_marker, fields, increment_sequence, stamp,
};
use proptest::prelude::*;

const TS: i64 = 1_700_000_000_000;
const V1: &str = "00000000000000000000003affffffff02e99b8dd80000000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff0000000110000000026b027600";
const V2: &str = "000000000000002a0000005200000007025e91f7660000000000020000018bcfe568000000018bcfe56805ffffffffffffffffffffffffffff000000030c0000000100000e0006020261010022000a040261026204046831027804683201";
const V3: &str = "00000000000000640000004700000005022597f9c50010000000010000018bcfe568000000018bcfe568010000000000000fa000030000000a0000000214000000046b300476300014000202046b3104763100";
const V4: &str = "00000000000000660000004200000005023a9760040030000000000000018bcfe568000000018bcfe568000000000000000fa00003ffffffff000000012000000008000000010c00000000000900";
const V5: &str = "0000000000000067000000420000000502cea9b64c0030000000000000018bcfe568000000018bcfe568000000000000000fa00003ffffffff000000012000000008000000000c00000000000900";
const V7: &str = "00000000000000000000003a0000000002b5b731c70008000000000000018bcfe568000000018bcfe56b09ffffffffffffffffffffffffffff0000000110000000026b027600";
const V9: &str = "00000000000000000000005000000000023db2dbcb0001000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff000000011f8b08000000000002038b63606060ca0e2823123000002b7c8aa230000000";
const V10: &str = "000000000000000000000054000000000241033a050002000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff0000000182534e415050590000000001000000010000000f301c5e000000026b50769a01000000";
const V11: &str = "00000000000000000000005200000000029d6584a80003000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff0000000104224d18604082120000008f5e000000026b507601001050767676760000000000";
const V12: &str = "00000000000000000000004900000000021940537e0004000000000000018bcfe568000000018bcfe56800ffffffffffffffffffffffffffff0000000128b52ffd20307d0000485e000000026b50760001004ac005";

fn unhex(text: &str) -> Vec<u8> {
    let digits = |i: usize| u8::from_str_radix(&text[i..i + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digits).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn only(bytes: &[u8]) -> Batch<'_> {
    let mut batches = Batches::new(bytes);
    let batch = batches.next().unwrap().unwrap();
    assert!(batches.next().is_none());
    assert_eq!(batch.bytes, bytes);
    batch.check_crc().unwrap();
    batch
}

fn records<'a>(batch: &Batch<'a>) -> Vec<Record<'a>> {
    batch.records().collect::<Result<_, _>>().unwrap()
}

#[test]
fn v1_one_record() {
    let bytes = unhex(V1);
    let batch = only(&bytes);
    let expected = BatchHeader {
        base_offset: 0,
        batch_length: 58,
        partition_leader_epoch: -1,
        magic: 2,
        crc: 0xe99b_8dd8,
        attributes: 0,
        last_offset_delta: 0,
        base_timestamp: TS,
        max_timestamp: TS,
        producer_id: -1,
        producer_epoch: -1,
        base_sequence: -1,
        records_count: 1,
    };
    assert_eq!(batch.header, expected);
    assert_eq!((batch.header.size(), batch.header.last_sequence()), (70, -1));
    let record = records(&batch)[0];
    assert_eq!((record.offset, record.timestamp, record.sequence), (0, TS, -1));
    assert_eq!((record.key, record.value), (Some(&b"k"[..]), Some(&b"v"[..])));
    assert_eq!((record.position, record.size), (61, 9));
    let mut builder = BatchBuilder::new();
    builder.append(TS, Some(b"k"), Some(b"v"), &[]);
    assert_eq!(hex(&builder.build()), V1);
}

#[test]
fn v2_nulls_and_headers() {
    let bytes = unhex(V2);
    let batch = only(&bytes);
    assert_eq!((batch.header.base_offset, batch.header.last_offset()), (42, 44));
    assert_eq!((batch.header.partition_leader_epoch, batch.header.max_timestamp), (7, TS + 5));
    let records = records(&batch);
    let keys: Vec<_> = records.iter().map(|r| (r.offset, r.timestamp, r.key, r.value)).collect();
    let a = Some(&b"a"[..]);
    assert_eq!(
        keys,
        [(42, TS, None, Some(&b""[..])), (43, TS + 3, a, None), (44, TS + 5, a, Some(&b"b"[..]))]
    );
    let headers = [Header::new("h1", Some(b"x")), Header::new("h2", None)];
    assert_eq!(records[2].headers.collect::<Vec<_>>(), headers);
    let mut builder = BatchBuilder::new();
    builder.set_position(42, 7);
    builder.append(TS, None, Some(b""), &[]);
    builder.append(TS + 3, Some(b"a"), None, &[]);
    builder.append(TS + 5, Some(b"a"), Some(b"b"), &headers);
    assert_eq!(hex(&builder.build()), V2);
}

#[test]
fn v3_transactional() {
    let bytes = unhex(V3);
    let batch = only(&bytes);
    let header = batch.header;
    assert!(header.is_transactional() && !header.is_control());
    assert_eq!((header.producer_id, header.producer_epoch), (4000, 3));
    assert_eq!((header.base_sequence, header.last_sequence()), (10, 11));
    let sequences: Vec<_> = records(&batch).iter().map(|r| (r.offset, r.sequence)).collect();
    assert_eq!(sequences, [(100, 10), (101, 11)]);
    let mut builder = BatchBuilder::new();
    builder.set_position(100, 5);
    builder.set_producer(4000, 3, 10);
    builder.set_transactional();
    builder.append(TS, Some(b"k0"), Some(b"v0"), &[]);
    builder.append(TS + 1, Some(b"k1"), Some(b"v1"), &[]);
    assert_eq!(hex(&builder.build()), V3);
}

#[test]
fn v4_v5_markers() {
    for (vector, offset, commit) in [(V4, 102, true), (V5, 103, false)] {
        let bytes = unhex(vector);
        let batch = only(&bytes);
        assert!(batch.header.is_transactional() && batch.header.is_control());
        let key = records(&batch)[0].key.unwrap();
        let expected = if commit { ControlType::Commit } else { ControlType::Abort };
        assert_eq!(ControlType::from_key(key), Some(expected));
        let marker = end_transaction_marker(commit, TS, 4000, 3, 9);
        assert_eq!(hex(&marker.edited(|b| stamp(b, offset, 5))), vector);
    }
    assert_eq!(ControlType::from_key(&[0, 0, 0]), None);
    assert_eq!(ControlType::from_key(&[0xff, 0xff, 0, 0]), None);
    assert_eq!(ControlType::from_key(&[0, 0, 0, 99]), Some(ControlType::Unknown));
    assert_eq!(ControlType::from_key(&[0, 0, 0, 6, 1]), Some(ControlType::KraftVoters));
}

#[test]
fn v7_log_append_time() {
    let bytes = unhex(V7);
    let batch = only(&bytes);
    assert_eq!(batch.header.timestamp_type(), TimestampType::LogAppendTime);
    assert_eq!(records(&batch)[0].timestamp, TS + 777);
    let mut builder = BatchBuilder::new();
    builder.set_position(0, 0);
    builder.set_log_append_time(TS + 777);
    builder.append(TS, Some(b"k"), Some(b"v"), &[]);
    assert_eq!(hex(&builder.build()), V7);
    // A leader of a LogAppendTime topic makes the same of V1.
    let (mut log, mut storage) = log(LogConfig { log_append_time: true, ..LogConfig::default() });
    let info = log.append_as_leader(&Bytes::from(unhex(V1)), 0, TS + 777, &mut storage).unwrap();
    assert_eq!(info.log_append_time_ms, Some(TS + 777));
    assert_eq!(hex(&log.read(0, 1000, 1, true, &storage).unwrap().records), V7);
}

#[test]
fn v9_to_v12_compressed_batches_keep_a_readable_header() {
    for (vector, codec) in
        [(V9, Codec::Gzip), (V10, Codec::Snappy), (V11, Codec::Lz4), (V12, Codec::Zstd)]
    {
        let bytes = unhex(vector);
        let batch = only(&bytes);
        assert_eq!(batch.header.codec(), Ok(codec));
        assert_eq!(batch.header.records_count, 1);
        assert_eq!(batch.records().next(), Some(Err(BatchError::Compressed { codec })));
    }
}

fn log(config: LogConfig) -> (Log, MemoryStorage) {
    let mut storage = MemoryStorage::new();
    let options = OpenOptions { now_ms: TS, ..OpenOptions::default() };
    let (log, _) = Log::open("t-0", config, options, &mut storage).unwrap();
    (log, storage)
}

/// The bytes with their CRC made right again.
fn with_crc(mut bytes: Vec<u8>) -> Vec<u8> {
    let crc = crc32c(&bytes[21..]);
    bytes[17..21].copy_from_slice(&crc.to_be_bytes());
    bytes
}

/// What a leader says to these bytes.
fn refused(bytes: &[u8], config: LogConfig, now_ms: i64) -> BatchError {
    let (mut log, mut storage) = log(config);
    let before = storage.clone();
    let error = log.append_as_leader(&Bytes::from(bytes), 0, now_ms, &mut storage).unwrap_err();
    assert_eq!(storage, before, "nothing is appended");
    assert_eq!(log.log_end_offset(), 0);
    match error {
        highwater_log::AppendError::Batch(error) => error,
        other => panic!("{other}"),
    }
}

fn kind(bytes: &[u8], config: LogConfig) -> BatchErrorKind {
    refused(bytes, config, TS).kind()
}

#[test]
fn every_byte_under_the_crc_counts() {
    let v1 = unhex(V1);
    for at in 17..v1.len() {
        let mut bytes = v1.clone();
        bytes[at] ^= 0x10;
        assert_eq!(kind(&bytes, LogConfig::default()), BatchErrorKind::CorruptMessage, "{at}");
    }
    for at in (0..8).chain(12..16) {
        let mut bytes = v1.clone();
        bytes[at] ^= 0x10;
        only(&bytes);
    }
}

#[test]
fn client_batches_are_validated() {
    use BatchErrorKind::*;
    let config = LogConfig::default();
    let v1 = unhex(V1);
    let edit = |at: usize, with: &[u8]| {
        let mut bytes = v1.clone();
        bytes[at..at + with.len()].copy_from_slice(with);
        with_crc(bytes)
    };
    assert_eq!(kind(&edit(57, &[0, 0, 0, 2]), config), InvalidRecord, "count 2");
    assert_eq!(kind(&edit(57, &[0, 0, 0, 0]), config), InvalidRecord, "count 0");
    assert_eq!(kind(&edit(23, &[0xff; 4]), config), InvalidRecord, "lastOffsetDelta -1");
    assert_eq!(kind(&edit(0, &[0, 0, 0, 0, 0, 0, 0, 1]), config), InvalidRecord, "base offset 1");
    assert_eq!(kind(&edit(22, &[0x20]), config), InvalidRecord, "control");
    assert_eq!(kind(&edit(43, &[0; 8]), config), InvalidRecord, "producer without sequence");
    assert_eq!(kind(&edit(22, &[0x08]), config), InvalidTimestamp, "LogAppendTime");
    assert_eq!(kind(&edit(16, &[1]), config), CorruptMessage, "magic 1");
    assert_eq!(kind(&edit(22, &[0x07]), config), UnsupportedCompressionType, "codec 7");
    assert_eq!(kind(&v1[..69], config), CorruptMessage, "cut");
    assert_eq!(kind(&[], config), CorruptMessage, "nothing");
    let two = [v1.clone(), v1.clone()].concat();
    assert_eq!(refused(&two, config, TS), BatchError::NotOneBatch { found: 2 });
    assert_eq!(refused(&two, config, TS).kind(), InvalidRecord);
    // A byte after the last record, counted by batchLength.
    let mut longer = edit(8, &[0, 0, 0, 0x3b]);
    longer.push(0);
    let longer = with_crc(longer);
    assert_eq!(refused(&longer, config, TS), BatchError::LeftoverBytes { bytes: 1 });
    let small = LogConfig { max_message_bytes: 69, ..config };
    assert_eq!(kind(&v1, small), MessageTooLarge);
    let small = LogConfig { segment_bytes: 69, ..config };
    assert_eq!(kind(&v1, small), RecordListTooLarge);
    let mut keyless = BatchBuilder::new();
    keyless.append(TS, None, Some(b"v"), &[]);
    let compacted = LogConfig { cleanup_compact: true, ..config };
    assert_eq!(kind(&keyless.build(), compacted), InvalidRecord);
}

/// Where fields are wrong inside a record, its length included.
#[test]
fn malformed_records_are_refused() {
    let v1 = unhex(V1);
    for (at, value) in [
        (61, 0x0e),
        (61, 0x12),
        (61, 0x01),
        (65, 0x04),
        (65, 0x03),
        (67, 0x04),
        (69, 0x02),
        (69, 0x01),
    ] {
        let mut bytes = v1.clone();
        bytes[at] = value;
        let error = refused(&with_crc(bytes), LogConfig::default(), TS);
        assert_eq!(error.kind(), BatchErrorKind::InvalidRecord, "{at}: {error}");
    }
}

#[test]
fn timestamps_too_far_from_the_clock() {
    let v1 = unhex(V1);
    let config = LogConfig::default();
    let hour = 3_600_000;
    assert_eq!(refused(&v1, config, TS - hour - 1).kind(), BatchErrorKind::InvalidTimestamp);
    let (mut ok, mut storage) = log(config);
    ok.append_as_leader(&Bytes::from(v1.as_slice()), 0, TS - hour, &mut storage).unwrap();
    let before = LogConfig { message_timestamp_before_max_ms: 1000, ..config };
    assert_eq!(refused(&v1, before, TS + 1001).kind(), BatchErrorKind::InvalidTimestamp);
    // No timestamp is not an old one.
    let mut none = BatchBuilder::new();
    none.append(-1, None, None, &[]);
    let (mut ok, mut storage) = log(before);
    ok.append_as_leader(&none.build(), 0, TS, &mut storage).unwrap();
}

/// Deltas 1, 0 fit lastOffsetDelta and count; the leader writes the batch again as 0, 1.
#[test]
fn inner_offsets_out_of_order_are_assigned_again() {
    let mut builder = BatchBuilder::new();
    builder.append(TS, Some(b"a"), None, &[]);
    builder.append(TS, Some(b"b"), None, &[]);
    let good = builder.build();
    let swapped = with_crc(
        good.edited(|b| {
            assert_eq!((b[64], b[72]), (0, 2));
            b[64] = 2;
            b[72] = 0;
        })
        .to_vec(),
    );
    let (mut log, mut storage) = log(LogConfig::default());
    log.append_as_leader(&Bytes::from(swapped), 3, TS, &mut storage).unwrap();
    let stored = log.read(0, 1000, 2, true, &storage).unwrap().records;
    assert_eq!(stored, good.edited(|b| stamp(b, 0, 3)));
}

#[test]
fn a_partial_batch_is_ignored() {
    let v1 = unhex(V1);
    assert!(Batches::new(&v1[..69]).next().is_none());
    let two = [v1.clone(), v1[..30].to_vec()].concat();
    let mut batches = Batches::new(&two);
    assert!(batches.next().unwrap().is_ok());
    assert_eq!(batches.position(), 70);
    assert!(batches.next().is_none());
}

/// `DefaultRecordBatchTest.testIncrementSequence`, `testDecrementSequence`.
#[test]
fn sequences_wrap() {
    assert_eq!(increment_sequence(i32::MAX, 1), 0);
    assert_eq!(increment_sequence(i32::MAX - 1, 3), 1);
    assert_eq!(increment_sequence(5, 10), 15);
    assert_eq!(decrement_sequence(0, 1), i32::MAX);
    assert_eq!(decrement_sequence(5, 10), i32::MAX - 4);
    assert_eq!(decrement_sequence(15, 10), 5);
}

#[test]
fn the_microscope_names_every_byte() {
    for vector in [V1, V2, V3, V4, V5, V7, V9] {
        let bytes = unhex(vector);
        let all = fields(&only(&bytes));
        let mut position = 0;
        for field in &all {
            assert_eq!(field.position, position, "{}", field.name);
            position += field.length;
        }
        assert_eq!(position as usize, bytes.len());
    }
    let bytes = unhex(V4);
    let all = fields(&only(&bytes));
    let named = |name: &str| all.iter().find(|f| f.name == name).unwrap().clone();
    assert_eq!(named("producerId").position, 43);
    assert_eq!(named("producerId").value, "4000");
    assert_eq!(named("crc").value, "3a976004");
    assert_eq!(named("key").value, "COMMIT");
    assert_eq!((named("key").position, named("key").length, named("key").record), (66, 4, Some(0)));
    assert_eq!(named("offsetDelta").value, "+0 = 102");
}

type OwnedRecord = (i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<(String, Option<Vec<u8>>)>);

fn any_record() -> impl Strategy<Value = OwnedRecord> {
    let bytes = || proptest::option::of(proptest::collection::vec(any::<u8>(), 0..200));
    let headers = proptest::collection::vec((".{0,8}", bytes()), 0..4);
    (any::<i64>(), bytes(), bytes(), headers)
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        input in proptest::collection::vec(any_record(), 1..20),
        base_offset in 0..i64::MAX / 2,
        leader_epoch in any::<i32>(),
    ) {
        let mut builder = BatchBuilder::new();
        let mut bound = 61u64;
        for (timestamp, key, value, headers) in &input {
            let headers: Vec<_> = headers.iter().map(|(k, v)| Header::new(k, v.as_deref())).collect();
            bound += u64::from(BatchBuilder::record_size_upper_bound(key.as_deref(), value.as_deref(), &headers));
            builder.append(*timestamp, key.as_deref(), value.as_deref(), &headers);
            prop_assert!(u64::from(builder.size()) <= bound);
        }
        let size = builder.size();
        let bytes = builder.build().edited(|b| stamp(b, base_offset, leader_epoch));
        prop_assert_eq!(bytes.size(), size);
        let batch = only(&bytes);
        prop_assert_eq!(batch.header.partition_leader_epoch, leader_epoch);
        let output = records(&batch);
        prop_assert_eq!(output.len(), input.len());
        for (index, (record, (timestamp, key, value, headers))) in output.iter().zip(&input).enumerate() {
            prop_assert_eq!(record.offset, base_offset + index as i64);
            prop_assert_eq!(record.timestamp, *timestamp);
            prop_assert_eq!(record.key, key.as_deref());
            prop_assert_eq!(record.value, value.as_deref());
            let expected: Vec<_> = headers.iter().map(|(k, v)| Header::new(k, v.as_deref())).collect();
            prop_assert_eq!(record.headers.collect::<Vec<_>>(), expected);
        }
        let last = fields(&batch).pop().unwrap();
        prop_assert_eq!((last.position + last.length) as usize, bytes.len());
    }

    #[test]
    fn random_bytes_never_panic(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..300),
        valid in any::<bool>(),
    ) {
        if valid && bytes.len() >= 61 {
            // Past the first checks, so that the records are looked at.
            let length = (bytes.len() as i32 - 12).to_be_bytes();
            bytes[8..12].copy_from_slice(&length);
            bytes[16] = 2;
            bytes[22] &= !7;
            bytes = with_crc(bytes);
        }
        for batch in Batches::new(&bytes) {
            let Ok(batch) = batch else { break };
            let _ = batch.header.last_offset();
            let _ = batch.header.last_sequence();
            let _ = batch.records().filter(Result::is_ok).count();
            let _ = fields(&batch);
        }
        let (mut log, mut storage) = log(LogConfig::default());
        let records = Bytes::from(bytes);
        let _ = log.append_as_leader(&records, 0, TS, &mut storage);
        let _ = log.append_as_follower(&records, i32::MAX, TS, &mut storage);
    }

    #[test]
    fn mutated_batches_never_panic(at in 0usize..94, value in any::<u8>(), cut in 0usize..94) {
        let mut bytes = unhex(V2);
        bytes[at] = value;
        let bytes = if cut >= 61 { with_crc(bytes[..cut].to_vec()) } else { with_crc(bytes) };
        for batch in Batches::new(&bytes) {
            let Ok(batch) = batch else { break };
            let _ = batch.records().filter(Result::is_ok).count();
            let _ = fields(&batch);
        }
        let (mut log, mut storage) = log(LogConfig::default());
        let _ = log.append_as_leader(&Bytes::from(bytes.as_slice()), 0, TS, &mut storage);
        let _ = log.append_as_follower(&Bytes::from(bytes), i32::MAX, TS, &mut storage);
    }
}
