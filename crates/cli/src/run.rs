//! `highwater run`: a scenario from its beginning to a place in the run.

use crate::args::{RunArguments, Source};
use crate::content;
use crate::outcome::Failure;
use crate::played;
use crate::progress::Progress;
use highwater_cluster::{Span, Time, TraceEvent};
use highwater_lesson::{At, Lesson};
use highwater_sim::{StepResult, TraceRecord, World};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Where a run stops when neither the scenario nor the command says.
const DEFAULT_UNTIL: Time = Time(60_000_000);

/// Runs and reports.
pub fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let (lesson, seed) = source(&arguments.source)?;
    let in_lesson = matches!(arguments.until, Some(At::Moment(_) | At::Step(_) | At::Marker(_)));
    let plays = !lesson.steps.is_empty() && matches!(arguments.until, None | Some(At::End));
    if in_lesson || plays {
        return played::run(arguments, lesson, seed);
    }
    let mut world = boot(&lesson, seed)?;
    let stop = Stop::new(arguments.until.as_ref(), &lesson, &world)?;
    let path = arguments.trace.as_deref().unwrap_or(Path::new("-"));
    let mut trace = arguments.trace.as_deref().map(open).transpose()?;
    let mut progress = Progress::new(stop.length(&world));
    let begin = world.now();
    let mut broken: Vec<String> = Vec::new();
    while stop.goes_on(&world) && world.step() != StepResult::Nothing {
        for record in world.records() {
            if let Some(out) = &mut trace {
                writeln!(out, "{}", record.json()).map_err(|e| Failure::writing(path, &e))?;
            }
            broken.extend(broken_promise(record));
        }
        progress.at(stop.done(&world, begin), &lesson.id);
    }
    drop(progress);
    if let Some(mut out) = trace {
        out.flush().map_err(|e| Failure::writing(path, &e))?;
    }
    report(&lesson.id, &world, &broken)
}

/// The last lines of a run, and its outcome.
pub fn report(id: &str, world: &World, broken: &[String]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    let lost = world.view().lost.len();
    writeln!(
        out,
        "{id} seed {} ran to {}, acknowledged records lost: {lost}",
        world.seed(),
        world.now()
    )
    .and_then(|()| writeln!(out, "{}", hash_line(world)))
    .map_err(Failure::output)?;
    match broken.is_empty() {
        true => Ok(()),
        false => Err(Failure::Broken(format!("broken promises:\n  {}", broken.join("\n  ")))),
    }
}

/// A broken promise in words, when a record tells of one.
pub fn broken_promise(record: &TraceRecord) -> Option<String> {
    match record.event()? {
        TraceEvent::InvariantBroken { id, message } => {
            Some(format!("{id} at {}: {message}", record.time))
        }
        _ => None,
    }
}

/// The line other tools compare.
pub fn hash_line(world: &World) -> String {
    format!("trace-hash {:016x} steps {}", world.trace_hash(), world.event())
}

/// The lesson of a source with its settings, and the seed.
pub fn source(source: &Source) -> Result<(Lesson, u64), Failure> {
    let mut lesson = content::load(&source.scenario)?;
    highwater_lesson::override_settings(&mut lesson.scenario, &source.set)
        .map_err(Failure::input)?;
    let seed = source.seed.unwrap_or(lesson.scenario.seed);
    Ok((lesson, seed))
}

/// The world of a lesson's scenario at its beginning.
pub fn boot(lesson: &Lesson, seed: u64) -> Result<World, Failure> {
    World::booted(&lesson.scenario, seed).map_err(Failure::input)
}

/// Where a run stops.
#[derive(Clone, Copy, Debug)]
pub enum Stop {
    /// Before the first event later than this.
    Time(Time),
    /// After so many events.
    Event(u64),
}

impl Stop {
    /// From the words of `--until`.
    pub fn new(until: Option<&At>, lesson: &Lesson, world: &World) -> Result<Self, Failure> {
        let end = lesson.scenario.until.unwrap_or(DEFAULT_UNTIL);
        let start = Span(world.start().0);
        match until {
            None | Some(At::End) => Ok(Self::Time(end + start)),
            Some(At::Start) => Ok(Self::Event(0)),
            Some(At::Event(n)) => Ok(Self::Event(*n)),
            Some(At::Time(time)) => Ok(Self::Time(*time + start)),
            Some(other) => Err(Failure::Input(format!(
                "{other} is a place in a lesson that is being played; allowed here: 12.5s, event:312, end"
            ))),
        }
    }

    /// Whether the next event is to be handled.
    pub fn goes_on(self, world: &World) -> bool {
        match self {
            Self::Time(time) => world.next_event_at().is_some_and(|at| at <= time),
            Self::Event(n) => world.event() < n,
        }
    }

    fn length(self, world: &World) -> u64 {
        match self {
            Self::Time(time) => time.since(world.now()).0,
            Self::Event(n) => n,
        }
    }

    fn done(self, world: &World, begin: Time) -> u64 {
        match self {
            Self::Time(_) => world.now().since(begin).0,
            Self::Event(_) => world.event(),
        }
    }
}

/// Opens a trace file.
pub fn open(path: &Path) -> Result<Box<dyn Write>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(BufWriter::new(std::io::stdout())));
    }
    let file =
        File::create(path).map_err(|e| Failure::input(format!("{}: {e}", path.display())))?;
    Ok(Box::new(BufWriter::new(file)))
}
