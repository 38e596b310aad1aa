//! The data-driven suite: a case is a directory with `case.toml`, a scenario and what is done and expected.
//! The format is in `docs/testing.md`.

use highwater_cluster::{Span, TraceEvent};
use highwater_lesson::text::parse_lesson;
use highwater_sim::query::Condition;
use highwater_sim::{Action, Scenario, StepResult, TraceKind, TraceRecord, World, parse_span};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// How long `until` waits when the case does not say.
const WITHIN: &str = "120 s";

/// Events that one step of a case may take: more means that something goes round for ever.
const EVENT_LIMIT: u64 = 500_000;

/// Every `case.toml` below a folder, by its path from there, in order.
pub fn cases(root: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        for path in entries.map(|e| e.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|n| n == "case.toml") {
                let name = folder.strip_prefix(root).unwrap_or(&folder);
                found.push((name.to_string_lossy().replace('\\', "/"), path));
            }
        }
    }
    found.sort();
    found
}

/// Runs a case twice: it must hold both times, with the same trace.
///
/// # Errors
/// The step that failed, what was expected and what was found.
pub fn run(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut table: Table = toml::from_str(&text).map_err(|e| format!("not TOML: {e}"))?;
    words(&mut table, "why")?;
    if let Some(wrong) = table.remove("wrong") {
        return refused(&wrong);
    }
    let steps = match table.remove("do") {
        Some(Value::Array(steps)) => steps,
        _ => return Err("a case has steps, each headed [[do]]".to_owned()),
    };
    let scenario = scenario(&toml::to_string(&table).map_err(|e| e.to_string())?)?;
    let first = play(&scenario, &steps)?;
    let second = play(&scenario, &steps)?;
    if first == second { Ok(()) } else { Err("a second run had another trace".to_owned()) }
}

/// `[wrong]`: a text that is no scenario, and what its errors must say.
fn refused(wrong: &Value) -> Result<(), String> {
    let text = wrong.get("text").and_then(Value::as_str).ok_or("[wrong] needs text")?;
    let says = list(wrong.get("says"));
    let told = match scenario(text) {
        Ok(scenario) => match World::booted(&scenario, scenario.seed) {
            Ok(_) => return Err("the scenario was accepted".to_owned()),
            Err(error) => error.to_string(),
        },
        Err(error) => error,
    };
    match says.iter().find(|part| !told.contains(part.as_str())) {
        None if says.is_empty() => Err("[wrong] needs says".to_owned()),
        None => Ok(()),
        Some(part) => Err(format!("the error does not say {part:?}: {told}")),
    }
}

fn scenario(text: &str) -> Result<Scenario, String> {
    parse_lesson("case.toml", text).map(|lesson| lesson.scenario).map_err(|e| e.to_string())
}

/// A run of a scenario for tests: acts and asks in the text forms.
pub struct Lab {
    /// The world.
    pub world: World,
    /// What processes have told so far.
    pub records: Vec<TraceRecord>,
}

impl Lab {
    /// Boots.
    ///
    /// # Errors
    /// As [`World::booted`].
    pub fn new(scenario: &Scenario) -> Result<Self, String> {
        let world = World::booted(scenario, scenario.seed).map_err(|e| e.to_string())?;
        Ok(Self { world, records: Vec::new() })
    }

    /// Boots the scenario of a text. Panics where it is wrong: for tests that contain their text.
    pub fn of(text: &str) -> Self {
        let text = format!("title = \"test\"\n{text}");
        scenario(&text).and_then(|s| Self::new(&s)).unwrap_or_else(|e| panic!("{e}"))
    }

    fn take(&mut self) -> Result<(), String> {
        for record in self.world.records() {
            if let Some(TraceEvent::InvariantBroken { id, message }) = record.event() {
                return Err(format!("{id} broken at {}: {message}", record.time));
            }
            if matches!(record.what, TraceKind::Event(_)) {
                self.records.push(record.clone());
            }
        }
        Ok(())
    }

    /// Does something, in the text form of actions.
    ///
    /// # Errors
    /// Why it cannot be done.
    pub fn try_act(&mut self, text: &str) -> Result<(), String> {
        let action: Action = text.parse().map_err(|e| format!("{e}"))?;
        self.world.apply(&action).map_err(|e| e.to_string())?;
        self.take()
    }

    /// Lets so much virtual time pass.
    ///
    /// # Errors
    /// A promise was broken.
    pub fn try_run(&mut self, span: Span) -> Result<(), String> {
        let (end, limit) = (self.world.now() + span, self.world.event() + EVENT_LIMIT);
        while self.world.next_event_at().is_some_and(|at| at <= end) {
            self.world.step();
            self.take()?;
            if self.world.event() > limit {
                return Err(format!("{EVENT_LIMIT} events and still at {}", self.world.now()));
            }
        }
        self.world.run_until(end);
        Ok(())
    }

    /// Runs until a condition holds.
    ///
    /// # Errors
    /// It does not within `within`, or it asks for something that does not exist.
    pub fn try_until(&mut self, text: &str, within: Span) -> Result<(), String> {
        let condition = Condition::parse(text).map_err(|e| format!("{text}: {e}"))?;
        let end = self.world.now() + within;
        while !self.holds(&condition)? {
            if self.world.next_event_at().is_none_or(|at| at > end)
                || self.world.step() == StepResult::Nothing
            {
                return Err(format!("{text:?} did not hold within {} ms", within.ms()));
            }
            self.take()?;
        }
        Ok(())
    }

    fn holds(&self, condition: &Condition) -> Result<bool, String> {
        let records: Vec<&TraceRecord> = self.records.iter().collect();
        condition.holds(&self.world, &records)
    }

    /// Whether a condition holds now, in words when it does not.
    ///
    /// # Errors
    /// It does not hold.
    pub fn try_expect(&self, text: &str) -> Result<(), String> {
        let condition = Condition::parse(text).map_err(|e| format!("{text}: {e}"))?;
        if self.holds(&condition)? {
            return Ok(());
        }
        let path = text.split(&['=', '!', '<', '>'][..]).next().unwrap_or_default();
        let found = highwater_sim::query::Path::parse(path).ok();
        let found = found.and_then(|p| p.value(&self.world).ok()).map(|v| format!("; it is {v}"));
        let (now, found) = (self.world.now(), found.unwrap_or_default());
        Err(format!("{text:?} does not hold at {now}{found}"))
    }

    /// [`Lab::try_act`] for tests.
    pub fn act(&mut self, text: &str) {
        self.try_act(text).unwrap_or_else(|e| panic!("{e}"));
    }

    /// [`Lab::try_run`] for tests, in milliseconds.
    pub fn run_ms(&mut self, ms: i64) {
        self.try_run(Span::from_ms(ms)).unwrap_or_else(|e| panic!("{e}"));
    }

    /// [`Lab::try_until`] for tests, within two minutes.
    pub fn until(&mut self, text: &str) {
        self.try_until(text, Span::from_ms(120_000)).unwrap_or_else(|e| panic!("{e}"));
    }

    /// [`Lab::try_expect`] for tests.
    pub fn expect(&self, text: &str) {
        self.try_expect(text).unwrap_or_else(|e| panic!("{e}"));
    }

    /// Value of a path.
    pub fn value(&self, path: &str) -> String {
        let path =
            highwater_sim::query::Path::parse(path).unwrap_or_else(|e| panic!("{path}: {e}"));
        path.value(&self.world).unwrap_or_else(|e| panic!("{path}: {e}")).to_string()
    }

    /// What processes told, without the records around it.
    pub fn events(&self) -> impl Iterator<Item = &TraceEvent> {
        self.records.iter().filter_map(TraceRecord::event)
    }
}

/// Plays the steps; the trace hash at the end.
fn play(scenario: &Scenario, steps: &[Value]) -> Result<u64, String> {
    let mut lab = Lab::new(scenario)?;
    for (number, step) in (1..).zip(steps) {
        let step = step.as_table().ok_or("a step is a table")?;
        one(&mut lab, step.clone()).map_err(|e| format!("step {number}: {e}"))?;
    }
    Ok(lab.world.trace_hash())
}

fn one(lab: &mut Lab, mut step: Table) -> Result<(), String> {
    if let Ok(text) = words(&mut step, "run") {
        lab.try_run(Span(parse_span(&text)?))?;
    }
    for action in list(step.remove("act").as_ref()) {
        lab.try_act(&action)?;
    }
    if let Some(Value::Table(mut refused)) = step.remove("refused") {
        let (action, says) = (words(&mut refused, "act")?, words(&mut refused, "says")?);
        match lab.try_act(&action) {
            Ok(()) => return Err(format!("{action:?} was possible")),
            Err(told) if told.contains(&says) => {}
            Err(told) => return Err(format!("{action:?} is refused without {says:?}: {told}")),
        }
    }
    if let Ok(condition) = words(&mut step, "until") {
        let within = words(&mut step, "within").unwrap_or_else(|_| WITHIN.to_owned());
        lab.try_until(&condition, Span(parse_span(&within)?))?;
    }
    let expected = list(step.remove("expect").as_ref());
    if !expected.is_empty() {
        let why = words(&mut step, "why")?;
        for condition in expected {
            lab.try_expect(&condition).map_err(|e| format!("{e}; expected because: {why}"))?;
        }
    }
    step.remove("why");
    match step.keys().next() {
        None => Ok(()),
        Some(key) => Err(format!(
            "unknown key {key:?}; allowed: run, act, refused, until with within, expect with why"
        )),
    }
}

/// Takes a text out of a table.
fn words(table: &mut Table, key: &str) -> Result<String, String> {
    match table.remove(key) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(format!("{key} = \"...\" is missing")),
    }
}

/// One text or a list of them.
fn list(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => {
            list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}
