//! Consumers and their groups.

use super::count;
use crate::words::{span, span_ms};
use highwater_cluster::group::PhaseKind;
use highwater_cluster::{BrokerId, Time};
use highwater_log::Offset;

/// A fact about a consumer or a group.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum GroupFact {
    /// A partition has one member at most, so some get nothing.
    MoreMembersThanPartitions { group: String, members: u32, partitions: u32 },
    /// There is nothing to assign.
    NoPartitions { topics: Vec<String> },
    /// What a member has.
    AssignmentOf { member: String, partitions: Vec<String> },
    /// Members are served in this order.
    PlaceInAssignor { assignor: String, client: String, place: u32, members: u32 },
    /// Its state at the coordinator.
    GroupIs { group: String, state: &'static str, generation: i32, coordinator: BrokerId },
    /// No broker coordinates the group now.
    NoCoordinator { group: String, offsets_partition: i32 },
    /// The topic that keeps groups cannot be made: more replicas wanted than there are brokers.
    OffsetsTopicImpossible { group: String, replication_factor: i16, brokers: u32 },
    /// What a rebalance waits for.
    RebalanceWaits { kind: PhaseKind, waiting_for: Vec<String>, until: Time },
    /// Silent until then, it is removed.
    MemberSessionExpiresAt { member: String, at: Time, session_timeout_ms: i32 },
    /// Not in the group at its coordinator.
    NotAMember { client: String, group: String },
    /// Ended by an exception.
    ConsumerFailed { reason: String },
    /// Closed in an orderly way.
    ConsumerClosed,
    /// It does have partitions.
    Owns { client: String, partitions: Vec<String> },
    /// In a few words.
    Doing { client: String, what: String },
    /// Offsets of one partition.
    Lag {
        partition: String,
        lag: Offset,
        high_watermark: Offset,
        position: Option<Offset>,
        committed: Option<Offset>,
    },
    /// Another member reads it.
    OwnedBy { partition: String, owner: String },
    /// No member reads it.
    OwnedByNobody { partition: String },
    /// It did not subscribe to the topic.
    NotSubscribed { client: String, topic: String },
    /// Fetched and not yet handed out.
    Buffered { records: u32 },
    /// The application works on what it has.
    Processing { until: Time, each_us: u64 },
    /// The application asks only when told to.
    PollsByHand,
    /// Read but not committed.
    NotCommitted { records: Offset, next_auto_commit: Option<Time>, auto_commit_interval_ms: i64 },
    /// It does not know where to begin yet.
    NoPosition { partition: String },
    /// All that can be read is read.
    AtHighWatermark { partition: String, high_watermark: Offset },
    /// Records that are not committed cannot be read.
    NotReadableYet { partition: String, high_watermark: Offset, log_end_offset: Offset },
}

impl GroupFact {
    pub(super) fn rule(&self) -> Option<&'static str> {
        Some(match self {
            Self::MoreMembersThanPartitions { .. }
            | Self::PlaceInAssignor { .. }
            | Self::AssignmentOf { .. } => "partition.assignment.strategy",
            Self::NoCoordinator { .. } => "offsets.topic.num.partitions",
            Self::OffsetsTopicImpossible { .. } => "offsets.topic.replication.factor",
            Self::RebalanceWaits { kind: PhaseKind::InitialDelay, .. } => {
                "group.initial.rebalance.delay.ms"
            }
            Self::RebalanceWaits { .. } => "max.poll.interval.ms",
            Self::MemberSessionExpiresAt { .. } => "session.timeout.ms",
            Self::Buffered { .. } => "max.poll.records",
            Self::NotCommitted { .. } => "auto.commit.interval.ms",
            Self::NoPosition { .. } => "auto.offset.reset",
            Self::AtHighWatermark { .. } | Self::NotReadableYet { .. } => "isolation.level",
            Self::NotSubscribed { .. } => "subscribe()",
            Self::OwnedBy { .. } => "group.id",
            _ => return None,
        })
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Lag { .. }
            | Self::OwnedBy { .. }
            | Self::OwnedByNobody { .. }
            | Self::NotSubscribed { .. }
            | Self::Buffered { .. }
            | Self::Processing { .. }
            | Self::PollsByHand
            | Self::NotCommitted { .. }
            | Self::NoPosition { .. }
            | Self::AtHighWatermark { .. }
            | Self::NotReadableYet { .. } => self.reading_text(),
            _ => self.membership_text(),
        }
    }

    fn membership_text(&self) -> String {
        match self {
            Self::MoreMembersThanPartitions { group, members, partitions } => format!(
                "group {group} has {} for {}, and a partition goes to one member only",
                count((*members).into(), "member"),
                count((*partitions).into(), "partition")
            ),
            Self::NoPartitions { topics } => {
                format!("there are no partitions of {}", topics.join(", "))
            }
            Self::AssignmentOf { member, partitions } => match partitions.is_empty() {
                true => format!("{member} has nothing"),
                false => format!("{member} has {}", partitions.join(", ")),
            },
            Self::PlaceInAssignor { assignor, client, place, members } => format!(
                "{assignor} serves members in order of their ids: {client} is number {place} of {members}"
            ),
            Self::GroupIs { group, state, generation, coordinator } => {
                format!(
                    "group {group} is {state} in generation {generation}, at coordinator broker {coordinator}"
                )
            }
            Self::NoCoordinator { group, offsets_partition } => format!(
                "no broker coordinates group {group} now: __consumer_offsets-{offsets_partition} has no leader that runs"
            ),
            Self::OffsetsTopicImpossible { group, replication_factor, brokers } => format!(
                "no broker coordinates group {group}: __consumer_offsets cannot be made with {replication_factor} replicas, there are {}",
                count((*brokers).into(), "broker")
            ),
            Self::RebalanceWaits { kind, waiting_for, until } => {
                let who = if waiting_for.is_empty() {
                    "more members".to_owned()
                } else {
                    waiting_for.join(", ")
                };
                match kind {
                    PhaseKind::InitialDelay => format!(
                        "a new group waits for more members until {until} before its first generation"
                    ),
                    PhaseKind::Join => {
                        format!("the rebalance waits for {who} to join again, until {until}")
                    }
                    PhaseKind::Sync => format!(
                        "the rebalance waits for {who} to ask for their assignment, until {until}"
                    ),
                }
            }
            Self::MemberSessionExpiresAt { member, at, session_timeout_ms } => format!(
                "{member} is removed at {at} if the coordinator hears nothing of it within {}",
                span_ms((*session_timeout_ms).into())
            ),
            Self::NotAMember { client, group } => {
                format!("{client} is no member of group {group} at the coordinator")
            }
            Self::ConsumerFailed { reason } => format!("an exception ended it: {reason}"),
            Self::ConsumerClosed => "it was closed".to_owned(),
            Self::Owns { client, partitions } => {
                format!("{client} reads {}", partitions.join(", "))
            }
            Self::Doing { client, what } => format!("{client} is {what}"),
            _ => String::new(),
        }
    }

    fn reading_text(&self) -> String {
        match self {
            Self::Lag {
                partition,
                lag,
                high_watermark,
                position: Some(position),
                committed: None,
            } => {
                format!(
                    "{} of {partition} between the position, {position}, and the high watermark, {high_watermark}; nothing is known to be committed",
                    count(u64::try_from(*lag).unwrap_or(0), "record")
                )
            }
            Self::Lag { partition, lag, high_watermark, position, committed } => {
                let offset = |o: &Option<Offset>| o.map_or("unknown".to_owned(), |o| o.to_string());
                format!(
                    "{} of {partition} between the committed offset, {}, and the high watermark, {high_watermark}; the position is {}",
                    count(u64::try_from(*lag).unwrap_or(0), "record"),
                    offset(committed),
                    offset(position)
                )
            }
            Self::OwnedBy { partition, owner } => format!("{partition} is read by {owner}"),
            Self::OwnedByNobody { partition } => {
                format!("no member of the group has {partition} now")
            }
            Self::NotSubscribed { client, topic } => {
                format!("{client} did not subscribe to {topic}")
            }
            Self::Buffered { records } => {
                format!(
                    "{} fetched and wait for the next poll",
                    if *records == 1 {
                        "1 record is".to_owned()
                    } else {
                        format!("{records} records are")
                    }
                )
            }
            Self::Processing { until, each_us } => format!(
                "the application takes {} for each record and polls again at {until}",
                span(*each_us)
            ),
            Self::PollsByHand => "the application polls only when it is told to".to_owned(),
            Self::NotCommitted { records, next_auto_commit, auto_commit_interval_ms } => {
                let handed = count(u64::try_from(*records).unwrap_or(0), "record");
                match next_auto_commit {
                    Some(at) => format!(
                        "{handed} handed out but not committed: the first poll after {at} commits, every {}",
                        span_ms(*auto_commit_interval_ms)
                    ),
                    None => format!(
                        "{handed} handed out but not committed: the application commits by itself"
                    ),
                }
            }
            Self::NoPosition { partition } => format!(
                "where to begin in {partition} is not known yet: it asks for the committed offset first"
            ),
            Self::AtHighWatermark { partition, high_watermark } => {
                format!("it has read all of {partition} that can be read, below {high_watermark}")
            }
            Self::NotReadableYet { partition, high_watermark, log_end_offset } => format!(
                "{partition} ends at {log_end_offset}, but records from {high_watermark} on are not committed and cannot be read"
            ),
            _ => String::new(),
        }
    }
}
