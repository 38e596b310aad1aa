//! `cargo xtask bench`: ratios measured in one run. Timings live here and in no test.

use crate::run::{command, run, say};
use crate::setup;
use anyhow::Result;

/// Runs every benchmark there is.
pub fn all(quick: bool) -> Result<()> {
    setup::everything(true)?;
    crate::content::pack()?;
    say("native: batches beside kafka-protocol, the simulator (optimised build)");
    let mut native = command("cargo");
    native.args(["bench", "--quiet", "--package", "highwater-bench"]);
    if quick {
        native.env("HIGHWATER_BENCH_QUICK", "1");
    }
    run(&mut native)?;
    say("in V8: batches beside kafkajs, the simulator as wasm beside native");
    run(command("cargo").args([
        "build",
        "--quiet",
        "--profile",
        "native",
        "--package",
        "highwater-bench",
        "--bin",
        "native_events",
    ]))?;
    let mut wasm = command("cargo");
    wasm.args(["build", "--quiet", "--release", "--target", "wasm32-unknown-unknown"]);
    run(wasm.args(["--package", "highwater-bench-wasm"]))?;
    let module = "target/wasm32-unknown-unknown/release/highwater_bench_wasm.wasm";
    run(command("node").args(["tests/bench/v8.mjs", module, "target/native/native_events"]))?;
    say("the page: bytes, frame cost in Chromium");
    crate::build::release()?;
    let mut frames = command("node");
    frames.arg("tests/bench/frames.mjs");
    if let Some(chromium) = setup::chromium_path() {
        frames.env("CHROMIUM", chromium);
    }
    run(&mut frames)
}
