//! The simulator: what the trace and the invariants cost, one view, one seek.
#![allow(clippy::disallowed_types, reason = "a benchmark looks at the clock")]

use highwater_bench::{Watched, load, median, nanoseconds, quantile, result, run_events, time};
use highwater_sim::{Scenario, Timeline, World};
use std::hint::black_box;
use std::time::Instant as Clock;

fn main() {
    let quick = std::env::var_os("HIGHWATER_BENCH_QUICK").is_some();
    let scenario = load("replication").scenario;
    watching(&scenario, quick);
    view(&scenario);
    seek(&scenario, quick);
}

fn watching(scenario: &Scenario, quick: bool) {
    let (rounds, events) = if quick { (5, 50_000) } else { (9, 200_000) };
    let (mut alone, mut traced, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        alone.push(run_events(scenario, events, Watched::No));
        traced.push(run_events(scenario, events, Watched::Trace));
        whole.push(run_events(scenario, events, Watched::Invariants));
    }
    let (alone, traced, whole) = (median(alone), median(traced), median(whole));
    let per_second = |ns: u64| 1_000_000_000 * events / ns.max(1);
    let of = |ns: u64| ns as f64 / alone as f64;
    println!("simulator, replication, {events} events from the start, native, median of {rounds}:");
    println!("  nothing watches          {:>9} events/s", per_second(alone));
    println!(
        "  trace                    {:>9} events/s, {:.2} of that",
        per_second(traced),
        of(traced)
    );
    println!(
        "  trace and invariants     {:>9} events/s, {:.2} of that",
        per_second(whole),
        of(whole)
    );
    result(
        "trace + invariants, time relative to a run without",
        &format!("{:.2} (trace alone {:.2})", of(whole), of(traced)),
        "at most 2",
        of(whole) <= 2.0,
    );
}

fn view(scenario: &Scenario) {
    let mut world = World::booted(scenario, 7).expect("a scenario of ours");
    while world.event() < 5_000 {
        world.step();
    }
    let view = time(2_000, &mut || {
        black_box(world.view());
    });
    println!("one view of the world after 5000 events: {view} ns");
    result("one view of the world after 5,000 events, native", &micros(view), "", true);
}

/// Anywhere to anywhere in a long run: the keyframes before it are thinned by then.
fn seek(scenario: &Scenario, quick: bool) {
    const EVENTS: u64 = 20_000;
    let mut timeline = Timeline::new(scenario, 7).expect("a scenario of ours");
    while timeline.event() < EVENTS {
        timeline.step();
    }
    let mut took = Vec::new();
    for n in 0..if quick { 100u64 } else { 1_000 } {
        let start = Clock::now();
        timeline.seek(n.wrapping_mul(7919) % EVENTS);
        black_box(timeline.now());
        took.push(nanoseconds(start));
    }
    let (middle, slow) = (median(took.clone()), quantile(took, 99));
    println!(
        "seek to anywhere in {EVENTS} events: median {}, p99 {}",
        micros(middle),
        micros(slow)
    );
    let text = format!("median {}, p99 {}", micros(middle), micros(slow));
    result(
        "seek to anywhere in 20,000 events, native",
        &text,
        "p99 within a frame, 16 ms",
        slow < 16_000_000,
    );
}

fn micros(ns: u64) -> String {
    format!("{:.1} µs", ns as f64 / 1000.0)
}
