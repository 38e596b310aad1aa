//! Reasons as data: why is the high watermark there, why is a broker out of the ISR, why does a produce wait,
//! why is a consumer idle, why was a segment kept. Typed facts with numbers and Kafka's setting names, from
//! the same state that the engine decides by.

mod fact;
mod logs;
mod waits;

pub use fact::Fact;

use crate::{Timeline, World, parse_node, parse_partition};
use highwater_cluster::{BrokerId, NodeId, TopicPartition};
use highwater_log::Offset;
use std::fmt;

/// What somebody wants to know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Question {
    /// Why is the high watermark where it is? At the leader, or as a replica knows it.
    HighWatermark(TopicPartition, Option<BrokerId>),
    /// Why is this broker in the ISR, or out of it?
    Isr(TopicPartition, BrokerId),
    /// What do this producer's records wait for?
    Producer(u32),
    /// Why does this consumer get nothing?
    Consumer(u32),
    /// Why was this segment of this replica not deleted?
    Segment(TopicPartition, BrokerId, Offset),
    /// What does this waiting request wait for? The broker, and the number of the entry.
    Waiting(BrokerId, u64),
}

/// Forms of questions, for messages and help.
pub const QUESTION_FORMS: &[&str] =
    &["orders-0 hw", "orders-0@2 hw", "orders-0@2 isr", "p1", "c1", "orders-0@2 segment 0", "broker 1 waiting 3"];

impl Question {
    /// Reads the text form of a question.
    ///
    /// # Errors
    /// What was found and what is allowed; a topic that does not exist.
    pub fn parse(world: &World, text: &str) -> Result<Self, String> {
        let allowed = || format!("{text:?} is not a question; allowed are {}", QUESTION_FORMS.join(", "));
        let words: Vec<&str> = text.split_whitespace().collect();
        match words.as_slice() {
            [client] => match parse_node(client).map_err(|_| allowed())? {
                NodeId::Producer(n) => Ok(Self::Producer(n)),
                NodeId::Consumer(n) => Ok(Self::Consumer(n)),
                _ => Err(allowed()),
            },
            ["broker", id, "waiting", number] => {
                let numbers = id.parse().ok().zip(number.parse().ok());
                numbers.map(|(id, number)| Self::Waiting(id, number)).ok_or_else(allowed)
            }
            [place, rest @ ..] => {
                let (name, broker) = match place.split_once('@') {
                    Some((name, broker)) => (name, Some(broker.parse::<BrokerId>().map_err(|_| allowed())?)),
                    None => (*place, None),
                };
                let tp = find(world, name)?;
                match (rest, broker) {
                    (["hw"], broker) => Ok(Self::HighWatermark(tp, broker)),
                    (["isr"], Some(broker)) => Ok(Self::Isr(tp, broker)),
                    (["segment", base], Some(broker)) => {
                        Ok(Self::Segment(tp, broker, base.parse().map_err(|_| allowed())?))
                    }
                    _ => Err(allowed()),
                }
            }
            [] => Err(allowed()),
        }
    }

    /// As [`Question::parse`] reads it.
    pub fn text(&self, world: &World) -> String {
        let name = |tp: &TopicPartition| crate::disk_logs::partition_name(world, *tp);
        match self {
            Self::HighWatermark(tp, None) => format!("{} hw", name(tp)),
            Self::HighWatermark(tp, Some(broker)) => format!("{}@{broker} hw", name(tp)),
            Self::Isr(tp, broker) => format!("{}@{broker} isr", name(tp)),
            Self::Producer(n) => format!("p{n}"),
            Self::Consumer(n) => format!("c{n}"),
            Self::Segment(tp, broker, base) => format!("{}@{broker} segment {base}", name(tp)),
            Self::Waiting(broker, number) => format!("broker {broker} waiting {number}"),
        }
    }
}

fn find(world: &World, name: &str) -> Result<TopicPartition, String> {
    let (topic, number) = parse_partition(name)?;
    let (id, _) = world.image().topic_by_name(&topic).ok_or_else(|| format!("there is no topic {topic:?} now"))?;
    let tp = TopicPartition::new(id, number);
    world.image().partition(tp).map(|_| tp).ok_or_else(|| format!("topic {topic} has no partition {number}"))
}

impl World {
    /// The reasons, the most telling first. Empty when there is nothing to explain: no such replica, an entry
    /// that no longer waits.
    pub fn explain(&self, question: Question) -> Vec<Fact> {
        match question {
            Question::HighWatermark(tp, broker) => logs::high_watermark(self, tp, broker),
            Question::Isr(tp, broker) => logs::isr(self, tp, broker),
            Question::Segment(tp, broker, base) => logs::segment(self, tp, broker, base),
            Question::Producer(n) => waits::producer(self, n),
            Question::Consumer(n) => waits::consumer(self, n),
            Question::Waiting(broker, number) => waits::waiting(self, broker, number),
        }
    }
}

impl Timeline {
    /// The reasons at the current position, as sentences.
    ///
    /// # Errors
    /// As [`Question::parse`].
    pub fn explain(&self, text: &str) -> Result<Vec<String>, String> {
        let question = Question::parse(self.world(), text)?;
        Ok(self.world().explain(question).iter().map(ToString::to_string).collect())
    }
}

/// `{1, 2}`
pub(super) fn set(ids: &[BrokerId]) -> String {
    crate::view_build::set(ids)
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}
