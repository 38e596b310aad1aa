//! Random faults on random clusters: a plan drawn from a seed, its run under the live invariants, and the
//! second phase in which everything is mended and must come to rest (correctness.md 1.7, 4.2-4.7).

mod account;
mod plan;
mod rest;
mod shrink;
mod state;

pub use plan::{Plan, Step};
pub use shrink::shrink;

use account::Account;
use highwater_cluster::{NodeId, Span, Time, TraceEvent};
use highwater_sim::{Action, ConsumerView, ProcessState, StepResult, World};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Virtual time that a mended cluster may take to come to rest.
const REST_LIMIT: Span = Span(180_000_000);
/// Events of one run at most: more means that something spins.
const EVENT_LIMIT: u64 = 500_000;

/// Events between two looks at the whole state.
const LOOK_EVERY: u64 = 61;

/// What a run that went well showed; the "sometimes" part of the test looks at these.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// Trace hash at the end.
    pub hash: u64,
    /// Events.
    pub events: u64,
    /// Names of trace events that were seen.
    pub seen: std::collections::BTreeSet<&'static str>,
    /// Acknowledged records that were lost as the settings allow.
    pub lost: u64,
}

/// Runs a plan.
///
/// # Errors
/// What went wrong: a broken promise, a panic, or a cluster that does not come to rest.
pub fn run(plan: &Plan) -> Result<Outcome, String> {
    let result = catch_unwind(AssertUnwindSafe(|| run_inside(plan)));
    result.unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
        Err(format!("panic: {}", text.unwrap_or_default()))
    })
}

fn run_inside(plan: &Plan) -> Result<Outcome, String> {
    let world = World::booted(&plan.scenario, plan.seed).map_err(|e| format!("scenario: {e}"))?;
    // Looking into a failure: every event as a line of JSON.
    let trace =
        std::env::var("HIGHWATER_CHAOS_TRACE").ok().and_then(|path| File::create(path).ok());
    let mut run = Run {
        trace: trace.map(BufWriter::new),
        world,
        account: Account::default(),
        outcome: Outcome::default(),
    };
    let start = run.world.now();
    for (at, step) in &plan.steps {
        run.until(start + *at)?;
        run.act(step)?;
    }
    run.until(start + plan.heal_at)?;
    run.mend()?;
    run.quiet()?;
    let mended = run.world.now();
    loop {
        run.until(run.world.now() + Span::from_ms(1_000))?;
        // A shutdown that was under way has ended meanwhile.
        run.mend()?;
        match rest::at_rest(&run.world, plan) {
            Ok(()) => break,
            Err(why) if run.world.now().since(mended) > REST_LIMIT => {
                return Err(format!(
                    "not at rest {} after everything was mended: {why}",
                    REST_LIMIT.0 / 1_000_000
                ));
            }
            Err(_) => {}
        }
    }
    run.account.check(&run.world, plan)?;
    run.outcome.hash = run.world.trace_hash();
    run.outcome.events = run.world.event();
    run.outcome.lost = run.account.lost();
    Ok(run.outcome)
}

/// A consumer that runs and has not given up on an error that no retry helps.
fn reads(world: &World, consumer: &ConsumerView) -> bool {
    consumer.state == ProcessState::Running
        && world.consumer(consumer.number).is_some_and(|c| c.failure().is_none())
}

struct Run {
    trace: Option<BufWriter<File>>,
    world: World,
    account: Account,
    outcome: Outcome,
}

impl Run {
    fn until(&mut self, time: Time) -> Result<(), String> {
        while self.world.next_event_at().is_some_and(|at| at <= time) {
            if self.world.step() == StepResult::Nothing {
                break;
            }
            self.take()?;
            if self.world.event().is_multiple_of(LOOK_EVERY) {
                let at = |e| format!("{e} (at {}, event {})", self.world.now(), self.world.event());
                state::check(&self.world).map_err(at)?;
            }
            if self.world.event() > EVENT_LIMIT {
                return Err(format!(
                    "{EVENT_LIMIT} events and still not done at {}",
                    self.world.now()
                ));
            }
        }
        self.world.run_until(time);
        Ok(())
    }

    fn take(&mut self) -> Result<(), String> {
        for record in self.world.records() {
            if let Some(file) = &mut self.trace {
                writeln!(file, "{}", record.json()).map_err(|e| format!("trace file: {e}"))?;
            }
            let Some(event) = record.event() else { continue };
            self.outcome.seen.insert(event.name());
            if let TraceEvent::InvariantBroken { id, message } = event {
                return Err(format!("{id} at {} (event {}): {message}", record.time, record.event));
            }
        }
        self.account.take(&self.world)
    }

    /// Does a step; what cannot be done now is skipped, so that every part of a plan is a plan.
    fn act(&mut self, step: &Step) -> Result<(), String> {
        let action = match step {
            Step::Do(action) => action.clone(),
            Step::Drop(n) => match self.message(*n) {
                Some(id) => Action::DropMessage(id),
                None => return Ok(()),
            },
            Step::Delay(n, by_us) => match self.message(*n) {
                Some(message) => Action::DelayMessage { message, by_us: *by_us },
                None => return Ok(()),
            },
        };
        self.apply(&action)
    }

    fn apply(&mut self, action: &Action) -> Result<(), String> {
        if self.world.apply(action).is_ok() {
            self.take()?;
        }
        Ok(())
    }

    fn message(&self, n: u64) -> Option<u64> {
        let flying = self.world.view().messages;
        let count = u64::try_from(flying.len()).ok().filter(|c| *c > 0)?;
        flying.get(usize::try_from(n % count).ok()?).map(|m| m.id)
    }

    /// Links healed, everybody up.
    fn mend(&mut self) -> Result<(), String> {
        let links: Vec<_> = self.world.view().links.iter().map(|l| (l.from, l.to)).collect();
        for (a, b) in links {
            self.apply(&Action::HealLink { a, b })?;
        }
        let nodes: Vec<(NodeId, ProcessState)> =
            self.world.nodes().map(|(id, n)| (id, n.state)).collect();
        for (node, state) in nodes {
            match state {
                ProcessState::Paused => self.apply(&Action::Resume(node))?,
                ProcessState::Running => {}
                // A consumer that closed has left for good.
                ProcessState::ShutDown if matches!(node, NodeId::Consumer(_)) => {}
                _ => self.apply(&Action::Restart(node))?,
            }
        }
        Ok(())
    }

    /// Nobody sends any more.
    fn quiet(&mut self) -> Result<(), String> {
        let producers: Vec<u32> = self.world.view().producers.iter().map(|p| p.number).collect();
        producers
            .into_iter()
            .try_for_each(|producer| self.apply(&Action::Rate { producer, every_us: 0 }))
    }
}
