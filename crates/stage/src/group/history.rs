//! What happened to a group over a stretch of time.

use highwater_cluster::{GroupState, Time, TopicPartition};
use highwater_log::Offset;
use highwater_sim::ProcessState;

/// A group's last stretch of time, ready to be drawn.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct GroupHistory {
    /// Group id; empty = there is none.
    pub group: String,
    /// First moment.
    pub from: Time,
    /// Last moment: now.
    pub to: Time,
    /// States at the coordinator, oldest first, without gaps.
    pub phases: Vec<Phase>,
    /// By number of the consumer.
    pub members: Vec<MemberHistory>,
    /// In order of topic and number.
    pub partitions: Vec<PartitionHistory>,
}

/// A state of the group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Phase {
    /// State; `None` = not known.
    pub state: Option<GroupState>,
    /// Generation in it.
    pub generation: i32,
    /// Since.
    pub from: Time,
    /// Until.
    pub to: Time,
}

/// What a member did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Doing {
    /// Reads these.
    Owning(Vec<TopicPartition>),
    /// Its JoinGroup waits for the others.
    Joining,
    /// Its SyncGroup waits for the assignment.
    Syncing,
    /// In the group and without a partition.
    Idle,
    /// Not running, or paused.
    Down(ProcessState),
}

/// A stretch of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberSpan {
    /// What.
    pub what: Doing,
    /// Since.
    pub from: Time,
    /// Until.
    pub to: Time,
}

/// A request (filled) or an answer (hollow) worth a mark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    /// When, at the member.
    pub time: Time,
    /// Sent by the member.
    pub request: bool,
    /// `JoinGroup`, `Heartbeat: REBALANCE_IN_PROGRESS`.
    pub text: String,
}

/// A member over time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberHistory {
    /// 1 = c1.
    pub number: u32,
    /// Oldest first.
    pub spans: Vec<MemberSpan>,
    /// Oldest first.
    pub marks: Vec<Mark>,
}

/// A partition over time: steps, each value holds until the next; `None` = not known or nobody reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionHistory {
    /// Which.
    pub tp: TopicPartition,
    /// `orders-0`.
    pub name: String,
    /// High watermark at the leader.
    pub high_watermark: Steps,
    /// Position of its reader.
    pub position: Steps,
    /// Committed offset of the group.
    pub committed: Steps,
}

/// Values from a moment on.
pub type Steps = Vec<(Time, Option<Offset>)>;

/// The value at a moment.
pub(super) fn at(steps: &Steps, time: Time) -> Option<Offset> {
    steps.iter().rfind(|s| s.0 <= time).and_then(|s| s.1)
}
