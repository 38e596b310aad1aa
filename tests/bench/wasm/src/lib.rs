//! Called from `tests/bench/v8.mjs`. No wasm-bindgen: numbers in, numbers out.
#![allow(unsafe_code, reason = "exporting a symbol is an unsafe attribute since the 2024 edition")]

use highwater_cluster::Span;
use highwater_log::BatchBuilder;
use highwater_sim::World;
use std::hint::black_box;

/// Encodes `calls` batches of `records` records with `size` bytes each; gives the bytes of the last one.
#[unsafe(no_mangle)]
pub extern "C" fn encode(records: u32, size: u32, calls: u32) -> u32 {
    let value = vec![b'a'; size as usize];
    let mut bytes = 0;
    for _ in 0..calls {
        let mut batch = BatchBuilder::with_capacity(61 + records * (size + 21));
        for _ in 0..records {
            batch.append(1_700_000_000_000, Some(b"key"), Some(black_box(&value)), &[]);
        }
        bytes = black_box(batch.finish()).len() as u32;
    }
    bytes
}

/// Events handled by the built-in scenario within so many virtual milliseconds.
#[unsafe(no_mangle)]
pub extern "C" fn simulate(until_ms: u32) -> u32 {
    const PACKED: &[u8] = include_bytes!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../target/content/replication.hwp"
    ));
    let lesson = highwater_lesson::unpack(PACKED).expect("packed by this version");
    let mut world = World::booted(&lesson.scenario, 7).expect("a scenario of ours");
    let end = world.start() + Span(u64::from(until_ms) * 1000);
    world.run_until(end);
    world.event() as u32
}
