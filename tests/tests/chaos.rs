//! Random faults on random clusters. `HIGHWATER_CHAOS_RUNS=5000` for more, `HIGHWATER_CHAOS_SEED=17` for
//! one seed. A failing plan is made small before it is shown.

use highwater_tests::chaos::{Plan, run, shrink};
use std::collections::BTreeSet;

/// Runs in CI: a few seconds.
const RUNS: u64 = 60;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn faults_break_no_promise_and_a_mended_cluster_comes_to_rest() {
    let first = number("HIGHWATER_CHAOS_SEED");
    let from = first.or(number("HIGHWATER_CHAOS_FROM")).unwrap_or(1);
    let runs = if first.is_some() { 1 } else { number("HIGHWATER_CHAOS_RUNS").unwrap_or(RUNS) };
    let mut seen = BTreeSet::new();
    let mut failed = Vec::new();
    for seed in from..from + runs {
        let plan = Plan::new(seed);
        match run(&plan) {
            Ok(outcome) => seen.extend(outcome.seen),
            Err(failure) => {
                eprintln!("seed {seed}: {failure}");
                failed.push((plan, failure));
                if failed.len() >= 20 {
                    break;
                }
            }
        }
    }
    if let Some((plan, failure)) = failed.first() {
        assert!(first.is_none() || number("HIGHWATER_CHAOS_SHRINK").is_some(), "{plan}\n{failure}");
        let (small, failure) = shrink(plan, failure);
        panic!("{} plans fail; the first, made small:\n{small}\n{failure}", failed.len());
    }
    eprintln!("{seen:?}");
}
