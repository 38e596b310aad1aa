//! Native half of the comparison with wasm: nanoseconds for so many milliseconds of `replication`.
use highwater_bench::{load, run_ms};

fn main() {
    let until_ms = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(60_000);
    let scenario = load("replication").scenario;
    let (ns, events) = run_ms(&scenario, until_ms);
    println!("{ns} {events}");
}
