//! Facts: what an explanation consists of. Typed, with numbers; each knows its rule and its words.

mod client;
mod group;
mod leader;
mod process;
mod record;
mod replica;
mod segment;

pub use client::ClientFact;
pub use group::GroupFact;
pub use leader::LeaderFact;
pub use process::ProcessFact;
pub use record::RecordFact;
pub use replica::ReplicaFact;
pub use segment::SegmentFact;

use highwater_cluster::BrokerId;
use highwater_log::Offset;

/// One fact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fact {
    /// High watermark and ISR.
    Replica(ReplicaFact),
    /// Who leads.
    Leader(LeaderFact),
    /// Producers, and requests that wait.
    Client(ClientFact),
    /// Consumers and their groups.
    Group(GroupFact),
    /// Segments and retention.
    Segment(SegmentFact),
    /// Single records.
    Record(RecordFact),
    /// Processes, sessions, links and messages.
    Process(ProcessFact),
}

macro_rules! facts {
    ($($variant:ident $inner:ident),*) => {
        $(impl From<$inner> for Fact {
            fn from(fact: $inner) -> Self { Self::$variant(fact) }
        })*
        impl Fact {
            /// The Kafka setting, KIP or class that makes it so.
            pub fn rule(&self) -> Option<&'static str> {
                match self { $(Self::$variant(fact) => fact.rule(),)* }
            }
            /// In plain English, with the numbers: one sentence, without a full stop.
            pub fn text(&self) -> String {
                match self { $(Self::$variant(fact) => fact.text(),)* }
            }
        }
    };
}

facts!(
    Replica ReplicaFact, Leader LeaderFact, Client ClientFact, Group GroupFact, Segment SegmentFact,
    Record RecordFact, Process ProcessFact
);

impl std::fmt::Display for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text())
    }
}

/// `{1, 2}`.
pub(super) fn set(ids: &[BrokerId]) -> String {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    format!("{{{}}}", ids.join(", "))
}

/// `broker 3`, `brokers 2 and 3`, `brokers 1, 2 and 3`.
pub(super) fn brokers(ids: &[BrokerId]) -> String {
    let words: Vec<String> = ids.iter().map(ToString::to_string).collect();
    match words.as_slice() {
        [] => "no broker".to_owned(),
        [one] => format!("broker {one}"),
        [all @ .., last] => format!("brokers {} and {last}", all.join(", ")),
    }
}

/// What a replica has, in words; -1 = not known.
pub(super) fn has(log_end_offset: Offset) -> String {
    match log_end_offset {
        -1 => "has not fetched from this leader yet".to_owned(),
        end => format!("has everything below {end}"),
    }
}

/// `1 record`, `2 records`.
pub(super) fn count(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}
