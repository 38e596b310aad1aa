//! Measuring two things in turn, in one process, so that a drifting machine does not tilt the ratio.
#![allow(clippy::disallowed_types, reason = "a benchmark looks at the clock")]

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
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX) / u64::from(calls)
}

/// The middle one.
pub fn median(mut of: Vec<u64>) -> u64 {
    of.sort_unstable();
    of[of.len() / 2]
}

/// One line: what, ours, theirs, ratio ours/theirs.
pub fn line(what: &str, ours: u64, theirs: u64, name: &str) {
    let ratio = ours as f64 / theirs.max(1) as f64;
    println!("{what:44} ours {ours:>9} ns   {name} {theirs:>9} ns   ratio {ratio:.2}");
}
