//! `cargo xtask bench`: ratios measured in one run. Timings live here and in no test.

use crate::run::{command, run, say};
use anyhow::Result;

/// Runs every benchmark there is.
pub fn all(quick: bool) -> Result<()> {
    say("native benchmarks (optimised build)");
    let mut native = command("cargo");
    native.args(["bench", "--quiet", "--package", "highwater-bench"]);
    if quick {
        native.env("HIGHWATER_BENCH_QUICK", "1");
    }
    run(&mut native)
}
