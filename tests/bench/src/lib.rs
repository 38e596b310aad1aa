//! Measuring two things in turn, in one process, so that a drifting machine does not tilt the ratio.
#![allow(clippy::disallowed_types, reason = "a benchmark looks at the clock")]

use highwater_cluster::Span;
use highwater_lesson::{Lesson, text::parse_lesson};
use highwater_sim::{Scenario, World};
use std::hint::black_box;
use std::time::Instant as Clock;

/// Median nanoseconds per call of each, over interleaved rounds.
pub fn duel(rounds: u32, calls: u32, mut a: impl FnMut(), mut b: impl FnMut()) -> (u64, u64) {
    let mut of_a = Vec::new();
    let mut of_b = Vec::new();
    for _ in 0..rounds {
        of_a.push(time(calls, &mut a));
        of_b.push(time(calls, &mut b));
    }
    (median(of_a), median(of_b))
}

/// Nanoseconds per call.
pub fn time(calls: u32, work: &mut impl FnMut()) -> u64 {
    let start = Clock::now();
    for _ in 0..calls {
        black_box(&mut *work)();
    }
    nanoseconds(start) / u64::from(calls)
}

/// The middle one.
pub fn median(of: Vec<u64>) -> u64 {
    quantile(of, 50)
}

/// The one that so many percent are not above.
pub fn quantile(mut of: Vec<u64>, percent: usize) -> u64 {
    of.sort_unstable();
    of[(of.len() * percent / 100).min(of.len() - 1)]
}

/// A line of the table that `cargo xtask bench` prints at its end (crates/xtask/src/bench): what, how
/// much, the reach (empty = none is promised) and whether it is met.
pub fn result(what: &str, measured: &str, reach: &str, met: bool) {
    let met = ["not met", "met"][usize::from(met)];
    println!("#result\t{what}\t{measured}\t{reach}\t{}", if reach.is_empty() { "" } else { met });
}

/// One line: what, ours, theirs, ratio ours/theirs.
pub fn line(what: &str, ours: u64, theirs: u64, name: &str, reach: bool) {
    let ratio = ours as f64 / theirs.max(1) as f64;
    println!("{what:44} ours {ours:>9} ns   {name} {theirs:>9} ns   ratio {ratio:.2}");
    let reach = if reach { "at most 1" } else { "" };
    result(&format!("{what}, ours / {name}"), &format!("{ratio:.2}"), reach, ratio <= 1.0);
}

/// A built-in lesson by its id.
pub fn load(id: &str) -> Lesson {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/content/lessons");
    let path = root.join(format!("{id}.toml"));
    let text = std::fs::read_to_string(&path).expect("a lesson of ours");
    parse_lesson(&path.display().to_string(), &text).expect("a lesson without mistakes")
}

/// What watches a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Watched {
    /// Nothing.
    No,
    /// The trace, its hash, the letters of keys, markers.
    Trace,
    /// The invariants too, as on the page.
    Invariants,
}

/// Nanoseconds for so many events from the start.
pub fn run_events(scenario: &Scenario, events: u64, watched: Watched) -> u64 {
    let mut world = World::booted(scenario, 7).expect("a scenario of ours");
    world.set_watched(watched != Watched::No);
    world.set_checks(watched == Watched::Invariants);
    let start = Clock::now();
    for _ in 0..events {
        black_box(world.step());
    }
    nanoseconds(start)
}

/// Nanoseconds and events for so much virtual time, invariants on, the start of the cluster included.
pub fn run_ms(scenario: &Scenario, until_ms: u64) -> (u64, u64) {
    let start = Clock::now();
    let mut world = World::booted(scenario, 7).expect("a scenario of ours");
    let end = world.start() + Span(until_ms * 1000);
    world.run_until(end);
    (nanoseconds(start), world.event())
}

/// Nanoseconds since then.
pub fn nanoseconds(start: Clock) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
