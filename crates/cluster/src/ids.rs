//! Names of things. All are small copies, ordered, and never `usize`.

use std::fmt;

/// A topic, numbered by the controller in order of creation (Kafka: a uuid).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TopicId(pub u32);

/// A partition of a topic.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TopicPartition {
    /// The topic.
    pub topic: TopicId,
    /// Partition number from 0.
    pub partition: i32,
}

impl TopicPartition {
    /// The partition `partition` of `topic`.
    pub fn new(topic: TopicId, partition: i32) -> Self {
        Self { topic, partition }
    }
}

/// Broker id as in `node.id`; -1 = none.
pub type BrokerId = i32;

/// Every process in the world.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum NodeId {
    /// The controller (one here).
    Controller,
    /// A broker by its node.id.
    Broker(BrokerId),
    /// A producer client: p1, p2, ...
    Producer(u32),
    /// A consumer client: c1, c2, ...
    Consumer(u32),
    /// The admin client through which people create topics and elect leaders.
    Admin,
}

impl NodeId {
    /// The broker id, when it is a broker.
    pub fn broker(self) -> Option<BrokerId> {
        match self {
            Self::Broker(id) => Some(id),
            _ => None,
        }
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Controller => write!(f, "controller"),
            Self::Broker(id) => write!(f, "broker {id}"),
            Self::Producer(n) => write!(f, "p{n}"),
            Self::Consumer(n) => write!(f, "c{n}"),
            Self::Admin => write!(f, "admin"),
        }
    }
}

/// Number of a request, unique per sender; a response carries the one of its request.
pub type Correlation = u64;
