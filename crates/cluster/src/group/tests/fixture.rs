//! The whole `__consumer_offsets` partition of a broker of 4.3.0 (`fixtures/clean`), read, loaded and
//! written again.

use super::harness::Bench;
use crate::group::{GroupValue, Key, OffsetValue};
use crate::{GroupState, Name};
use highwater_log::{Batches, Bytes};
use std::path::Path;

/// Keys and values in the order of the log.
fn records() -> Vec<(Bytes, Option<Bytes>)> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    let path = beside.join("clean/__consumer_offsets-0/00000000000000000000.log");
    let bytes = std::fs::read(&path).expect("the fixtures lie beside the workspace");
    let mut records = Vec::new();
    for batch in Batches::new(&bytes) {
        let batch = batch.expect("a broker wrote it");
        batch.check_crc().expect("a broker wrote it");
        for record in batch.records() {
            let record = record.expect("a broker wrote it");
            records.push((Bytes::from(record.key.expect("a key")), record.value.map(Bytes::from)));
        }
    }
    records
}

#[test]
fn every_classic_record_is_read_and_written_again_byte_by_byte() {
    let mut offsets = Vec::new();
    let mut groups = Vec::new();
    let mut others = 0;
    for (bytes, value) in records() {
        let key = Key::decode(&bytes).unwrap();
        match &key {
            Key::Unknown(_) => {
                others += 1;
                continue;
            }
            Key::Offset { group, topic, partition } => {
                let value = value.as_ref().unwrap();
                let decoded = OffsetValue::decode(value).unwrap();
                assert_eq!(decoded.encode(), *value);
                offsets.push(format!("{group} {topic}-{partition} {}", decoded.offset));
            }
            Key::Group(group) => {
                let value = value.as_ref().unwrap();
                let decoded = GroupValue::decode(value).unwrap();
                assert_eq!(decoded.encode(), *value);
                groups.push((group.clone(), decoded.generation, decoded.members.len()));
            }
        }
        assert_eq!(key.encode(), bytes);
    }
    assert_eq!(
        offsets,
        [
            "g-classic orders-0 12",
            "g-classic orders-1 17",
            "g-classic orders-2 11",
            "g-consumer orders-0 12",
            "g-consumer orders-1 17",
            "g-consumer orders-2 11",
        ]
    );
    let classic = || Name::from("g-classic");
    assert_eq!(groups, [(classic(), 0, 0), (classic(), 1, 1), (classic(), 2, 0)]);
    assert_eq!(others, 9, "records of a KIP-848 group are skipped");
}

#[test]
fn the_group_is_loaded_from_it() {
    let mut bench = Bench::unloaded();
    bench.elect(&records());
    let group = bench.coordinator.group("g-classic").expect("it is there");
    assert_eq!((group.state(), group.generation()), (GroupState::Empty, 2));
    assert!(group.offsets().is_empty(), "this bench knows no topic orders");
    let mut bench = Bench::unloaded();
    bench.elect(&records()[..2]);
    let group = bench.coordinator.group("g-classic").unwrap();
    assert_eq!((group.state(), group.generation()), (GroupState::Stable, 1));
    assert_eq!(group.protocol().map(|p| &**p), Some("range"));
    assert_eq!(group.members()[0].node(), None, "a client from elsewhere");
}
