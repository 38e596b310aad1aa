//! A failing plan made small: halves, quarters, single steps are left out as long as it still fails in the
//! same way (delta debugging; what cannot be done any more is skipped, so every part of a plan is a plan).

use super::{Plan, run};

/// Runs that shrinking makes at most.
const LIMIT: u32 = 400;

/// The smallest plan found that fails as `plan` does, with its failure.
pub fn shrink(plan: &Plan, failure: &str) -> (Plan, String) {
    let (mut best, mut told) = (plan.clone(), failure.to_owned());
    let (mut runs, mut size) = (0, plan.steps.len().div_ceil(2).max(1));
    while runs < LIMIT {
        let mut smaller = false;
        let mut from = 0;
        while from < best.steps.len() && runs < LIMIT {
            let mut candidate = best.clone();
            candidate.steps.drain(from..(from + size).min(best.steps.len()));
            runs += 1;
            match run(&candidate) {
                Err(again) if kind(&again) == kind(failure) => {
                    (best, told, smaller) = (candidate, again, true);
                }
                _ => from += size,
            }
        }
        if size == 1 && !smaller {
            break;
        }
        size = size.div_ceil(2);
    }
    clients(&mut best, &mut told, failure);
    (best, told)
}

/// Leaves out clients.
fn clients(best: &mut Plan, told: &mut String, failure: &str) {
    for n in (0..best.scenario.consumers.len()).rev() {
        let mut candidate = best.clone();
        candidate.scenario.consumers.remove(n);
        keep(best, told, candidate, failure);
    }
    for n in (0..best.scenario.producers.len()).rev() {
        let mut candidate = best.clone();
        candidate.scenario.producers.remove(n);
        keep(best, told, candidate, failure);
    }
}

fn keep(best: &mut Plan, told: &mut String, candidate: Plan, failure: &str) {
    if let Err(again) = run(&candidate)
        && kind(&again) == kind(failure)
    {
        (*best, *told) = (candidate, again);
    }
}

/// The first words: which invariant, or that it panicked.
fn kind(failure: &str) -> &str {
    failure.split([':', ' ']).next().unwrap_or(failure)
}
