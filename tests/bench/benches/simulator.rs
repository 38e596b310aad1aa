//! The simulator: events per second with and without invariants, one view, one seek.
#![allow(clippy::disallowed_types, reason = "a benchmark looks at the clock")]

use highwater_bench::{load, median, run_events, time};
use highwater_sim::{Timeline, World};
use std::hint::black_box;

fn main() {
    let quick = std::env::var_os("HIGHWATER_BENCH_QUICK").is_some();
    let (rounds, events) = if quick { (3, 50_000) } else { (9, 200_000) };
    let scenario = load("replication").scenario;
    let mut plain = Vec::new();
    let mut checked = Vec::new();
    for _ in 0..rounds {
        plain.push(run_events(&scenario, events, false));
        checked.push(run_events(&scenario, events, true));
    }
    let (plain, checked) = (median(plain), median(checked));
    let per_second = |ns: u64| 1_000_000_000 * events / ns.max(1);
    println!("simulator, replication, {events} events: {} events/s", per_second(plain));
    println!(
        "  with live invariants: {} events/s, cost {:.2} of the run without (reach: at most 2)",
        per_second(checked),
        checked as f64 / plain as f64
    );

    let mut world = World::booted(&scenario, 7).expect("a scenario of ours");
    while world.event() < 5_000 {
        world.step();
    }
    let view = time(2_000, &mut || {
        black_box(world.view());
    });
    println!("one view of the world after 5000 events: {view} ns");

    let mut timeline = Timeline::new(&scenario, 7).expect("a scenario of ours");
    while timeline.event() < 20_000 {
        timeline.step();
    }
    let mut targets = (0..).map(|n: u64| n.wrapping_mul(7919) % 20_000);
    let seek = time(200, &mut || {
        timeline.seek(targets.next().expect("endless"));
        black_box(timeline.now());
    });
    println!("seek to anywhere in 20000 events: {} µs", seek / 1000);
}
