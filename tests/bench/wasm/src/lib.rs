//! Called from `tests/bench/v8.mjs`. No wasm-bindgen: numbers in, numbers out.
#![allow(unsafe_code, reason = "exporting a symbol is an unsafe attribute since the 2024 edition")]

use highwater_cluster::Span;
use highwater_lesson::Lesson;
use highwater_log::{BatchBuilder, Batches};
use highwater_sim::World;
use std::hint::black_box;

const TIMESTAMP: i64 = 1_700_000_000_000;

fn batch(records: u32, value: &[u8]) -> BatchBuilder {
    let mut batch = BatchBuilder::with_capacity(61 + records * (value.len() as u32 + 21));
    for _ in 0..records {
        batch.append(TIMESTAMP, Some(b"key"), Some(black_box(value)), &[]);
    }
    batch
}

/// Encodes `calls` batches of `records` records with `size` bytes each; gives the bytes of the last one.
#[unsafe(no_mangle)]
pub extern "C" fn encode(records: u32, size: u32, calls: u32) -> u32 {
    let value = vec![b'a'; size as usize];
    let mut bytes = 0;
    for _ in 0..calls {
        bytes = black_box(batch(records, &value).finish()).len() as u32;
    }
    bytes
}

/// Decodes one such batch `calls` times, with a check of its CRC where `check` is not 0; gives the bytes of
/// the values that it found in the last one.
#[unsafe(no_mangle)]
pub extern "C" fn decode(records: u32, size: u32, calls: u32, check: u32) -> u32 {
    let encoded = batch(records, &vec![b'a'; size as usize]).build();
    let mut bytes = 0;
    for _ in 0..calls {
        bytes = 0;
        for batch in Batches::new(black_box(&encoded)) {
            let batch = batch.expect("a batch of ours");
            if check != 0 {
                batch.check_crc().expect("its crc");
            }
            for record in batch.records() {
                let record = record.expect("a record of ours");
                bytes += black_box(record).value.map_or(0, <[u8]>::len) as u32;
            }
        }
    }
    bytes
}

thread_local! {
    static LESSON: Lesson = {
        const PACKED: &[u8] =
            include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../target/content/replication.hwp"));
        highwater_lesson::unpack(PACKED).expect("packed by this version")
    };
}

/// Events handled by the built-in scenario within so many virtual milliseconds, from the start of its cluster.
#[unsafe(no_mangle)]
pub extern "C" fn simulate(until_ms: u32) -> u32 {
    LESSON.with(|lesson| {
        let mut world = World::booted(&lesson.scenario, 7).expect("a scenario of ours");
        let end = world.start() + Span(u64::from(until_ms) * 1000);
        world.run_until(end);
        world.event() as u32
    })
}
