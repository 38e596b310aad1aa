//! A condition of a lesson while it is being waited for.

use highwater_sim::query::{Condition, EventCondition, Path};
use highwater_sim::{TraceRecord, World};

/// A condition, and the events that count for it since it is waited for.
#[derive(Clone, Debug)]
pub struct Rule {
    text: String,
    condition: Option<Condition>,
    /// What it counts, with the numbers of the events at which it was seen.
    seen: Vec<(EventCondition, Vec<u64>)>,
    /// The last event that was looked at: what the run goes over again counts once.
    last: u64,
}

impl Rule {
    /// From its text; an empty one holds always. It counts what happens after this event.
    pub fn new(text: &str, since: u64) -> Result<Self, String> {
        let condition = match text.trim() {
            "" => None,
            text => Some(Condition::parse(text).map_err(|e| format!("\"{text}\" {e}"))?),
        };
        let counted = condition.iter().flat_map(Condition::events);
        let seen = counted.map(|event| (event.clone(), Vec::new())).collect();
        Ok(Self { text: text.to_owned(), condition, seen, last: since })
    }

    /// Takes in what the event told at which the world stands.
    pub fn note_event(&mut self, world: &World) {
        if world.event() > self.last {
            self.note_action(world);
        }
    }

    /// Takes in what an action told that was done just now.
    pub fn note_action(&mut self, world: &World) {
        self.note(world.event(), world.records(), world);
    }

    /// Takes in what was told at this event.
    pub fn note<'a>(
        &mut self,
        event: u64,
        told: impl IntoIterator<Item = &'a TraceRecord> + Clone,
        world: &World,
    ) {
        self.last = self.last.max(event);
        for (wanted, seen) in &mut self.seen {
            let told = told.clone().into_iter();
            seen.extend(told.filter(|record| wanted.counts(world, record)).map(|_| event));
        }
    }

    /// The run goes another way after this event: what was seen later did not happen.
    pub fn cut(&mut self, event: u64) {
        self.seen.iter_mut().for_each(|(_, seen)| seen.retain(|at| *at <= event));
        self.last = event;
    }

    /// Whether the condition holds. One that names what does not exist (yet) does not.
    pub fn holds(&self, world: &World) -> bool {
        self.condition.is_none() || self.found(world).unwrap_or(false)
    }

    fn found(&self, world: &World) -> Result<bool, String> {
        let Some(condition) = &self.condition else { return Ok(true) };
        let counted = |wanted: &EventCondition| {
            if let Some(unknown) = wanted.unknown(world) {
                return Err(unknown);
            }
            let seen = self.seen.iter().find(|(event, _)| event == wanted);
            Ok(seen.map_or(0, |(_, seen)| seen.partition_point(|at| *at <= world.event())))
        };
        condition.holds_counted(world, &counted)
    }

    /// What to say when it does not come; a name that nothing has is the likely reason.
    pub fn not_reached(&self, world: &World) -> String {
        let why = self.found(world).err().map_or(String::new(), |e| format!(": {e}"));
        format!(
            "\"{}\" does not come about by itself within an hour of virtual time{why}",
            self.text
        )
    }
}

/// The value of a path as text.
pub fn value(world: &World, path: &str) -> Result<String, String> {
    let path = Path::parse(path).map_err(|e| format!("\"{path}\" {e}"))?;
    Ok(path.value(world)?.to_string())
}
