//! Paths: what of the state is asked for.

use super::{QueryError, Token, tokens};
use crate::parse_partition;
use std::fmt;

/// Every form of a path, for messages and help.
pub const PATH_FORMS: &[&str] = &[
    "orders-0.hw",
    "orders-0.leo",
    "orders-0.log_start",
    "orders-0.leader",
    "orders-0.epoch",
    "orders-0.isr",
    "orders-0.isr_size",
    "orders-0.replicas",
    "orders-0.segments",
    "orders-0.waiting",
    "orders-0@2.hw",
    "orders-0@2.leo",
    "orders-0@2.log_start",
    "orders-0@2.role",
    "orders-0@2.epoch",
    "orders-0@2.in_isr",
    "orders-0@2.segments",
    "orders-0@2.flushed",
    "broker 2.state",
    "broker 2.fenced",
    "broker 2.parked",
    "broker 2.replicas",
    "controller.state",
    "group billing.state",
    "group billing.generation",
    "group billing.members",
    "group billing.coordinator",
    "group billing.committed orders-0",
    "group billing.lag orders-0",
    "c1.state",
    "c1.owned",
    "c1.doing",
    "c1.idle",
    "c1.generation",
    "c1.processed",
    "c1.duplicates",
    "c1.position orders-0",
    "c1.committed orders-0",
    "p1.state",
    "p1.acked",
    "p1.failed",
    "p1.unacknowledged",
    "p1.waiting",
    "p1.in_flight",
    "lost",
    "broken",
    "messages",
    "event",
    "time",
];

/// Fields of each kind of thing.
pub(super) const PARTITION_FIELDS: &[&str] = &[
    "hw",
    "leo",
    "log_start",
    "leader",
    "epoch",
    "isr",
    "isr_size",
    "replicas",
    "segments",
    "waiting",
];
const REPLICA_FIELDS: &[&str] =
    &["hw", "leo", "log_start", "role", "epoch", "in_isr", "segments", "flushed"];
const BROKER_FIELDS: &[&str] = &["state", "fenced", "parked", "replicas"];
const GROUP_FIELDS: &[&str] =
    &["state", "generation", "members", "coordinator", "committed", "lag"];
const CONSUMER_FIELDS: &[&str] = &[
    "state",
    "owned",
    "doing",
    "idle",
    "generation",
    "processed",
    "duplicates",
    "position",
    "committed",
];
const PRODUCER_FIELDS: &[&str] =
    &["state", "acked", "failed", "unacknowledged", "waiting", "in_flight"];
/// As [`GroupState::name`](highwater_cluster::GroupState::name) writes them; a group that nobody knows has none.
const GROUP_STATES: &[&str] =
    &["Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead", "none"];
const PROCESS_STATES: &[&str] = &["running", "paused", "crashed", "off", "stopped"];
const GLOBAL: &[&str] = &["lost", "broken", "messages", "event", "time"];

/// What a path is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Subject {
    Partition(String, i32),
    Replica(String, i32, i32),
    Broker(i32),
    Controller,
    Group(String),
    Consumer(u32),
    Producer(u32),
    World,
}

/// A path that has been read. Whether its topic, broker, ... exists is seen when it is evaluated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path {
    pub(super) subject: Subject,
    pub(super) field: &'static str,
    /// `orders-0` after fields that are per partition.
    pub(super) of: Option<(String, i32)>,
    text: String,
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Path {
    /// Reads a path that stands alone.
    ///
    /// # Errors
    /// The place, and what is allowed there.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let words = tokens(text)?;
        let (path, used) = Self::from_tokens(&words)?;
        match words.get(used) {
            None => Ok(path),
            Some(extra) => Err(error(
                extra,
                format!("{:?} is more than a path; a path is like {}", extra.text, PATH_FORMS[0]),
            )),
        }
    }

    /// Reads a path at the beginning of some words; also says how many words it took.
    pub(super) fn from_tokens(words: &[Token]) -> Result<(Self, usize), QueryError> {
        let Some(first) = words.first() else {
            let message = format!("a path is missing; allowed are {}", PATH_FORMS.join("; "));
            return Err(QueryError { position: 0, message });
        };
        let (subject, field, mut used) = match first.text.as_str() {
            "broker" | "group" => {
                let second = words.get(1).ok_or_else(|| error(first, unfinished(&first.text)))?;
                let (name, field) = second
                    .text
                    .rsplit_once('.')
                    .ok_or_else(|| error(second, unfinished(&first.text)))?;
                let subject = if first.text == "group" {
                    Subject::Group(name.to_owned())
                } else {
                    let id = name
                        .parse()
                        .map_err(|_| error(second, format!("{name:?} is not a broker id")))?;
                    Subject::Broker(id)
                };
                (subject, known_field(second, field, &subject_fields(&first.text))?, 2)
            }
            word if GLOBAL.contains(&word) => {
                (Subject::World, known_field(first, word, GLOBAL)?, 1)
            }
            word => {
                let (name, field) =
                    word.rsplit_once('.').ok_or_else(|| error(first, unknown(word)))?;
                let (subject, fields) = dotted(name).ok_or_else(|| error(first, unknown(word)))?;
                (subject, known_field(first, field, fields)?, 1)
            }
        };
        let mut of = None;
        if needs_partition(&subject, field) {
            let word = words.get(used).ok_or_else(|| {
                error(first, format!("{field} of which partition? as in {field} orders-0"))
            })?;
            of = Some(parse_partition(&word.text).map_err(|message| error(word, message))?);
            used += 1;
        }
        let text = words[..used].iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        Ok((Self { subject, field, of, text }, used))
    }

    /// Every word that it can be, where its values are words of a fixed set: anything else would never hold.
    pub(super) fn words(&self) -> Option<&'static [&'static str]> {
        match (&self.subject, self.field) {
            (Subject::Group(_), "state") => Some(GROUP_STATES),
            (_, "state") => Some(PROCESS_STATES),
            (_, "role") => Some(&["leader", "follower", "offline"]),
            (_, "in_isr" | "fenced" | "idle") => Some(&["true", "false"]),
            _ => None,
        }
    }
}

fn subject_fields(word: &str) -> Vec<&'static str> {
    if word == "group" { GROUP_FIELDS.to_vec() } else { BROKER_FIELDS.to_vec() }
}

/// `orders-0`, `orders-0@2`, `c1`, `p1`, `controller`.
fn dotted(name: &str) -> Option<(Subject, &'static [&'static str])> {
    if let Some((partition, broker)) = name.rsplit_once('@') {
        let (topic, number) = parse_partition(partition).ok()?;
        return Some((Subject::Replica(topic, number, broker.parse().ok()?), REPLICA_FIELDS));
    }
    if name == "controller" {
        return Some((Subject::Controller, &["state"]));
    }
    let client = |letter: char| name.strip_prefix(letter).and_then(|n| n.parse::<u32>().ok());
    if let Some(number) = client('c') {
        return Some((Subject::Consumer(number), CONSUMER_FIELDS));
    }
    if let Some(number) = client('p') {
        return Some((Subject::Producer(number), PRODUCER_FIELDS));
    }
    let (topic, number) = parse_partition(name).ok()?;
    Some((Subject::Partition(topic, number), PARTITION_FIELDS))
}

fn needs_partition(subject: &Subject, field: &str) -> bool {
    match subject {
        Subject::Group(_) => matches!(field, "committed" | "lag"),
        Subject::Consumer(_) => matches!(field, "position" | "committed"),
        _ => false,
    }
}

fn known_field(
    token: &Token,
    field: &str,
    fields: &[&'static str],
) -> Result<&'static str, QueryError> {
    fields.iter().copied().find(|f| *f == field).ok_or_else(|| {
        error(token, format!("{field:?} is not known here; allowed are {}", fields.join(", ")))
    })
}

fn unknown(word: &str) -> String {
    format!("{word:?} is not a path; allowed are {}", PATH_FORMS.join("; "))
}

fn unfinished(word: &str) -> String {
    let example = if word == "group" { "group billing.state" } else { "broker 2.state" };
    format!("a path that begins with {word:?} goes on with a name and a field, as in {example}")
}

pub(super) fn error(token: &Token, message: String) -> QueryError {
    QueryError { position: token.position, message }
}
