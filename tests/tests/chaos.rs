//! Random faults on random clusters. A failing plan is made small before it is shown. From the environment:
//! `HIGHWATER_CHAOS_RUNS=5000` for more, `HIGHWATER_CHAOS_FROM=17` for other seeds, `HIGHWATER_CHAOS_SEED=17` for
//! one seed as it is (with `HIGHWATER_CHAOS_SHRINK=1` made small), `HIGHWATER_CHAOS_TRACE=file` for its events.

use highwater_tests::chaos::{Plan, run, shrink};
use std::collections::BTreeSet;

/// Runs in CI: a few seconds.
const RUNS: u64 = 60;
/// Failures after which a long search stops.
const ENOUGH: usize = 20;
/// Of so many seeds one runs twice.
const TWICE: u64 = 10;

/// What the seeds of CI must have reached: a search that never gets there proves nothing.
const REACHED: &[&str] = &[
    "AcknowledgedRecordLost",
    "AlterPartitionRefused",
    "BrokerFenced",
    "CommitRefused",
    "CoordinatorLoaded",
    "DivergenceFound",
    "IsrExpandProposed",
    "IsrShrinkProposed",
    "LeaderElected",
    "LeaderLost",
    "LogRecovered",
    "LogTruncated",
    "MemberLeft",
    "MessageDropped",
    "PartitionsCreated",
    "PositionFromCommit",
    "ProduceRefused",
    "SegmentDeleted",
    "SendFailed",
    "SendRetried",
    "ShutDown",
    "UnsyncedBytesLost",
];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn faults_break_no_promise_and_a_mended_cluster_comes_to_rest() {
    let one = number("HIGHWATER_CHAOS_SEED");
    let from = one.or(number("HIGHWATER_CHAOS_FROM")).unwrap_or(1);
    let runs = if one.is_some() { 1 } else { number("HIGHWATER_CHAOS_RUNS").unwrap_or(RUNS) };
    let mut seen = BTreeSet::new();
    let mut failed = Vec::new();
    for seed in from..from + runs {
        let plan = Plan::new(seed);
        let result = run(&plan);
        if seed.is_multiple_of(TWICE) {
            assert_eq!(result, run(&plan), "seed {seed}: another run of the same plan");
        }
        match result {
            Ok(outcome) => seen.extend(outcome.seen),
            Err(failure) => {
                eprintln!("seed {seed}: {failure}");
                failed.push((plan, failure));
            }
        }
        if failed.len() >= ENOUGH {
            break;
        }
    }
    if let Some((plan, failure)) = failed.first() {
        let as_it_is = one.is_some() && number("HIGHWATER_CHAOS_SHRINK").is_none();
        assert!(!as_it_is, "{plan}\n{failure}");
        let (small, failure) = shrink(plan, failure);
        panic!("{} plans fail; the first, made small:\n{small}\n{failure}", failed.len());
    }
    if runs >= RUNS {
        let missing: Vec<_> = REACHED.iter().filter(|name| !seen.contains(**name)).collect();
        assert!(missing.is_empty(), "never seen in {runs} runs: {missing:?}");
    }
}

#[test]
fn a_plan_is_the_same_for_the_same_seed() {
    assert_eq!(Plan::new(7), Plan::new(7));
    assert_ne!(Plan::new(7), Plan::new(8));
}
