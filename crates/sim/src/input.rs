//! What people, scripts and lessons do to the world. Every input is logged with the event number it
//! came before, so that a run is a scenario, a seed and a list of inputs.

use highwater_cluster::{Command, Name, NodeId, Workload};

/// A fault, a change of the cast, or a wish of a client's user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Action {
    /// Kill the process; its disk and page cache stay.
    Crash(NodeId),
    /// Cut the power; unsynced bytes go.
    PowerOff(NodeId),
    /// Start it again.
    Restart(NodeId),
    /// SIGSTOP.
    Pause(NodeId),
    /// SIGCONT.
    Resume(NodeId),
    /// Cut the link in both directions, or one.
    CutLink { a: NodeId, b: NodeId, one_way: bool },
    /// Mend it (both cut and slow).
    HealLink { a: NodeId, b: NodeId },
    /// One-way latency of the direction a to b, microseconds.
    SlowLink { a: NodeId, b: NodeId, latency_us: u64 },
    /// Lose a message in flight (its connection breaks).
    DropMessage(u64),
    /// Let it arrive later by this many microseconds.
    DelayMessage { message: u64, by_us: u64 },
    /// A producer's user sends records; what is left out comes from its workload: the topic, and the keys in turn.
    Produce {
        producer: u32,
        /// How many records, at least 1.
        times: u32,
        topic: Option<Name>,
        partition: Option<i32>,
        key: Option<Name>,
        value: Option<Name>,
    },
    /// Microseconds between the records a producer sends by itself; 0 = none are sent.
    Rate { producer: u32, every_us: u64 },
    /// A client's user acts.
    Client { client: NodeId, command: Command },
    /// New broker with this id.
    AddBroker { id: i32, rack: Option<Name> },
    /// New producer; its number is the next free one.
    AddProducer { settings: Vec<(Name, Name)>, workload: Workload },
    /// New consumer.
    AddConsumer {
        group: Name,
        topics: Vec<Name>,
        settings: Vec<(Name, Name)>,
        processing_us: Option<u64>,
    },
    /// A client leaves for good (a consumer with LeaveGroup).
    RemoveClient(NodeId),
}

/// Why an action was refused: nothing has changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActionError {
    /// The action as text.
    pub action: String,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl std::fmt::Display for ActionError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.action, self.message)
    }
}
