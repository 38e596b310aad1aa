//! A condition of a lesson while it is being waited for.

use highwater_sim::query::{Condition, Path};
use highwater_sim::{TraceRecord, World};

/// A condition, and the events that count for it since it is waited for.
#[derive(Clone, Debug)]
pub struct Rule {
    text: String,
    condition: Option<Condition>,
    /// Names of the events it counts; others need not be kept.
    names: Vec<&'static str>,
    seen: Vec<TraceRecord>,
}

impl Rule {
    /// From its text; an empty one holds always.
    pub fn new(text: &str) -> Result<Self, String> {
        let condition = match text.trim() {
            "" => None,
            text => Some(Condition::parse(text).map_err(|e| format!("\"{text}\" {e}"))?),
        };
        let mut names = Vec::new();
        if let Some(condition) = &condition {
            event_names(condition, &mut names);
        }
        Ok(Self { text: text.to_owned(), condition, names, seen: Vec::new() })
    }

    /// Takes in what the last step or action of the world told.
    pub fn note(&mut self, world: &World) {
        if !self.names.is_empty() {
            let counts =
                |r: &&TraceRecord| r.event().is_some_and(|e| self.names.contains(&e.name()));
            self.seen.extend(world.records().iter().filter(counts).cloned());
        }
    }

    /// Whether the condition holds. One that names what does not exist (yet) does not.
    pub fn holds(&self, world: &World) -> bool {
        let Some(condition) = &self.condition else { return true };
        let records: Vec<&TraceRecord> = self.seen.iter().collect();
        condition.holds(world, &records).unwrap_or(false)
    }

    /// What to say when it does not come; a name that nothing has is the likely reason.
    pub fn not_reached(&self, world: &World) -> String {
        let records: Vec<&TraceRecord> = self.seen.iter().collect();
        let wrong = self.condition.as_ref().and_then(|c| c.holds(world, &records).err());
        let why = wrong.map_or(String::new(), |e| format!(": {e}"));
        format!(
            "\"{}\" does not come about by itself within an hour of virtual time{why}",
            self.text
        )
    }
}

fn event_names(condition: &Condition, names: &mut Vec<&'static str>) {
    match condition {
        Condition::Compare { .. } => {}
        Condition::Event(event) => names.push(event.name),
        Condition::And(a, b) | Condition::Or(a, b) => {
            event_names(a, names);
            event_names(b, names);
        }
        Condition::Not(a) => event_names(a, names),
    }
}

/// The value of a path as text.
pub fn value(world: &World, path: &str) -> Result<String, String> {
    let path = Path::parse(path).map_err(|e| format!("\"{path}\" {e}"))?;
    Ok(path.value(world)?.to_string())
}
