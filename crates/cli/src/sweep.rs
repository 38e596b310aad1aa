//! `highwater sweep`: many seeds, until a promise breaks.

use crate::args::{Source, SweepArguments};
use crate::content::BUILT_IN;
use crate::outcome::{Failure, say};
use crate::progress::Progress;
use crate::run::{self, Stop};
use highwater_cluster::TraceEvent;
use highwater_lesson::{At, Lesson};
use highwater_sim::{Share, StepResult, World, scenario_hash};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A broken promise.
struct Found {
    seed: u64,
    what: String,
    event: u64,
    token: String,
}

/// What the threads share.
struct Shared<'a> {
    lesson: &'a Lesson,
    until: Option<&'a At>,
    next: AtomicU64,
    /// No seed from here on needs to be run.
    end: AtomicU64,
    done: AtomicU64,
    found: Mutex<Result<Option<Found>, Failure>>,
}

/// Runs every seed, the lowest that breaks a promise wins.
pub fn sweep(arguments: &SweepArguments) -> Result<(), Failure> {
    let (scenario, set) = (arguments.scenario.clone(), arguments.set.clone());
    let (lesson, _) = run::source(&Source { scenario, seed: None, set })?;
    let seeds = arguments.seeds.clone();
    let shared = Shared {
        lesson: &lesson,
        until: arguments.until.as_ref(),
        next: AtomicU64::new(seeds.start),
        end: AtomicU64::new(seeds.end),
        done: AtomicU64::new(0),
        found: Mutex::new(Ok(None)),
    };
    let threads = match arguments.threads {
        0 => std::thread::available_parallelism().map_or(1, |n| n.get()),
        n => usize::try_from(n).unwrap_or(1),
    };
    let progress = Mutex::new(Progress::new(seeds.end - seeds.start));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(64) {
            scope.spawn(|| work(&shared, &progress));
        }
    });
    drop(progress);
    let ran = shared.done.load(Ordering::Relaxed);
    match shared.found.into_inner().expect("no thread panics while it holds the lock")? {
        None => say(format_args!(
            "{}: {ran} seed{}, no promise broken",
            lesson.id,
            if ran == 1 { "" } else { "s" }
        )),
        Some(found) => Err(Failure::Broken(format!(
            "{}: seed {} breaks a promise at event {}: {}\nreplay: highwater replay {}{}",
            lesson.id,
            found.seed,
            found.event,
            found.what,
            found.token,
            origin(arguments)
        ))),
    }
}

/// What the token does not hold: a file, and settings that were changed.
fn origin(arguments: &SweepArguments) -> String {
    let mut out = String::new();
    if BUILT_IN.iter().all(|b| b.id() != arguments.scenario) {
        out.push_str(&format!(" --scenario '{}'", arguments.scenario));
    }
    for (name, value) in &arguments.set {
        out.push_str(&format!(" --set '{name}={value}'"));
    }
    out
}

fn work(shared: &Shared<'_>, progress: &Mutex<Progress>) {
    loop {
        // Counting on past the end would begin again at 0 when the last seed is the largest there is.
        let end = shared.end.load(Ordering::Relaxed);
        let following = |next: u64| (next < end).then(|| next + 1);
        let next = shared.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, following);
        let Ok(seed) = next else { return };
        let outcome = one(shared.lesson, shared.until, seed);
        let done = shared.done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Ok(mut bar) = progress.lock() {
            bar.at(done, &format!("seed {seed}"));
        }
        let mut best = shared.found.lock().expect("no thread panics while it holds the lock");
        match (outcome, &*best) {
            (Ok(None), _) => {}
            (Ok(Some(found)), Ok(old)) if old.as_ref().is_none_or(|o| found.seed < o.seed) => {
                shared.end.fetch_min(found.seed, Ordering::Relaxed);
                *best = Ok(Some(found));
            }
            (Ok(Some(_)), _) => {}
            (Err(failure), _) => {
                shared.end.store(0, Ordering::Relaxed);
                *best = Err(failure);
            }
        }
    }
}

fn one(lesson: &Lesson, until: Option<&At>, seed: u64) -> Result<Option<Found>, Failure> {
    let mut world: World = run::boot(lesson, seed)?;
    let stop = Stop::new(until, lesson, &world)?;
    while stop.goes_on(&world) && world.step() != StepResult::Nothing {
        for record in world.records() {
            if let Some(TraceEvent::InvariantBroken { id, message }) = record.event() {
                let what = format!("{id}: {message}");
                let token = token(&world);
                return Ok(Some(Found { seed, what, event: world.event(), token }));
            }
        }
    }
    Ok(None)
}

/// A run without inputs as a share token.
fn token(world: &World) -> String {
    let scenario = world.scenario();
    let share = Share {
        scenario: scenario.id.clone(),
        scenario_hash: scenario_hash(scenario),
        seed: world.seed(),
        position: world.event(),
        branch: 0,
        inputs: Vec::new(),
    };
    share.encode()
}
