//! Native half of the comparison with wasm, one process for the whole of it: every line of the input is a
//! number of real milliseconds; so long is `replication` run again and again, `UNTIL_MS` of virtual time
//! each, and the answer is nanoseconds, events and runs. 0 = exactly one run.
#![allow(clippy::disallowed_types, reason = "a benchmark looks at the clock")]

use highwater_bench::{load, run_ms};
use std::io::{BufRead, Write};
use std::time::{Duration, Instant as Clock};

fn main() -> std::io::Result<()> {
    let until_ms = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(120_000);
    let scenario = load("replication").scenario;
    let mut out = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let length = Duration::from_millis(line?.trim().parse().unwrap_or(0));
        let begin = Clock::now();
        let (mut ns, mut events, mut runs) = (0, 0, 0);
        loop {
            let (took, handled) = run_ms(&scenario, until_ms);
            ns += took;
            events += handled;
            runs += 1;
            if begin.elapsed() >= length {
                break;
            }
        }
        writeln!(out, "{ns} {events} {runs}")?;
        out.flush()?;
    }
    Ok(())
}
