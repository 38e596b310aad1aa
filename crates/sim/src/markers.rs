//! Which events are worth a stop: moments (one visible change each) and markers (the turning points of a
//! run, with a short text).

use crate::disk_logs::partition_name;
use crate::view_build::set;
use crate::words;
use crate::{TraceKind, TraceRecord, World};
use highwater_cluster::{
    Body, DeletionReason, NodeId, Request, Response, Time, TopicPartition, TraceEvent,
};

/// A turning point.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Marker {
    /// Number of the event.
    pub event: u64,
    /// When.
    pub time: Time,
    /// One of [`MARKER_KINDS`]; `at=marker:hw-moves` goes to the first of a kind.
    pub kind: &'static str,
    /// In words.
    pub text: String,
}

/// Kinds of markers.
pub const MARKER_KINDS: &[&str] = &[
    "hw-moves",
    "isr-changes",
    "leader-elected",
    "leader-lost",
    "crash",
    "restart",
    "pause",
    "resume",
    "shutdown",
    "link",
    "fenced",
    "unfenced",
    "segment-rolled",
    "segment-deleted",
    "truncated",
    "generation",
    "commit",
    "refused",
    "failed",
    "lost-record",
    "broken",
    "joins",
    "leaves",
];

/// The marker of one event, if it is one. Partitions of internal topics give none, but for elections.
pub fn marker(world: &World, record: &TraceRecord) -> Option<Marker> {
    let event = record.event()?;
    if about(event).is_some_and(|tp| internal(world, tp)) {
        return None;
    }
    let kind = marker_kind(event)?;
    let text = event_text(world, record.node, event);
    Some(Marker { event: record.event, time: record.time, kind, text })
}

fn marker_kind(event: &TraceEvent) -> Option<&'static str> {
    Some(match event {
        TraceEvent::HighWatermarkMoved { as_leader: true, from, to, .. } if to > from => "hw-moves",
        TraceEvent::IsrChanged { .. } => "isr-changes",
        TraceEvent::LeaderElected { .. } => "leader-elected",
        TraceEvent::LeaderLost { .. } => "leader-lost",
        TraceEvent::Crashed { .. } => "crash",
        TraceEvent::Restarted => "restart",
        TraceEvent::Paused => "pause",
        TraceEvent::Resumed => "resume",
        TraceEvent::ShutDown => "shutdown",
        TraceEvent::LinkChanged { .. } => "link",
        TraceEvent::BrokerFenced { .. } => "fenced",
        TraceEvent::BrokerUnfenced { .. } => "unfenced",
        TraceEvent::SegmentRolled { .. } => "segment-rolled",
        TraceEvent::SegmentDeleted { .. } => "segment-deleted",
        TraceEvent::LogTruncated { .. } => "truncated",
        TraceEvent::GenerationFormed { .. } => "generation",
        TraceEvent::OffsetCommitted { .. } => "commit",
        TraceEvent::ProduceRefused { .. }
        | TraceEvent::CommitRefused { .. }
        | TraceEvent::AdminRefused { .. } => "refused",
        TraceEvent::SendFailed { .. }
        | TraceEvent::RecordRefused { .. }
        | TraceEvent::ConsumerFailed { .. } => "failed",
        TraceEvent::AcknowledgedRecordLost { .. } => "lost-record",
        TraceEvent::InvariantBroken { .. } => "broken",
        TraceEvent::ProcessAdded | TraceEvent::MemberJoined { .. } => "joins",
        TraceEvent::ProcessRemoved | TraceEvent::MemberLeft { .. } => "leaves",
        _ => return None,
    })
}

/// The partition that an event is about.
pub(crate) fn about(event: &TraceEvent) -> Option<TopicPartition> {
    use TraceEvent as E;
    match event {
        E::BatchAppended { tp, .. }
        | E::SegmentRolled { tp, .. }
        | E::SegmentDeleted { tp, .. }
        | E::FileUnlinked { tp, .. }
        | E::LogStartOffsetMoved { tp, .. }
        | E::LogTruncated { tp, .. }
        | E::LogRecovered { tp, .. }
        | E::HighWatermarkMoved { tp, .. }
        | E::FollowerStateUpdated { tp, .. }
        | E::FetchParked { tp, .. }
        | E::DivergenceFound { tp, .. }
        | E::BecameLeader { tp, .. }
        | E::BecameFollower { tp, .. }
        | E::IsrShrinkProposed { tp, .. }
        | E::IsrExpandProposed { tp, .. }
        | E::AlterPartitionRefused { tp, .. }
        | E::ProduceParked { tp, .. }
        | E::ProduceRefused { tp, .. }
        | E::IsrChanged { tp, .. }
        | E::LeaderElected { tp, .. }
        | E::LeaderLost { tp, .. }
        | E::ElectionAnswered { tp, .. }
        | E::OffsetCommitted { tp, .. }
        | E::Acknowledged { tp, .. }
        | E::SentWithoutAck { tp, .. }
        | E::SendFailed { tp, .. }
        | E::SendRetried { tp, .. }
        | E::PositionReset { tp, .. }
        | E::TruncationDetected { tp, .. }
        | E::PositionFromCommit { tp, .. }
        | E::RecordsPolled { tp, .. }
        | E::UnsyncedBytesLost { tp, .. }
        | E::AcknowledgedRecordLost { tp, .. } => Some(*tp),
        _ => None,
    }
}

fn internal(world: &World, tp: TopicPartition) -> bool {
    world.image().topics.get(&tp.topic).is_some_and(|t| t.name.starts_with("__"))
}

/// Whether a step changed something that a picture shows.
pub fn is_moment(records: &[TraceRecord]) -> bool {
    records.iter().any(visible)
}

/// The same, without what concerns internal topics only.
pub fn is_moment_of(world: &World, records: &[TraceRecord]) -> bool {
    let seen = |r: &TraceRecord| !r.event().and_then(about).is_some_and(|tp| internal(world, tp));
    let carries = |tp: TopicPartition| !internal(world, tp);
    let on_wire = |r: &TraceRecord| match &r.what {
        TraceKind::Sent { body: Body::Response(response), .. } => match &**response {
            Response::Fetch(f) => f.partitions.iter().any(|p| carries(p.tp)),
            _ => true,
        },
        _ => true,
    };
    records.iter().any(|r| visible(r) && seen(r) && on_wire(r))
}

fn visible(record: &TraceRecord) -> bool {
    match &record.what {
        TraceKind::Event(event) => !matches!(
            event,
            TraceEvent::FetchParked { .. }
                | TraceEvent::FetchUnparked { .. }
                | TraceEvent::FileUnlinked { .. }
                | TraceEvent::BecameFollower { .. }
                | TraceEvent::CoordinatorLoaded { .. }
                | TraceEvent::CoordinatorFound { .. }
        ),
        TraceKind::Sent { body: Body::Request(request), .. } => matches!(
            **request,
            Request::Produce(_)
                | Request::JoinGroup(_)
                | Request::SyncGroup(_)
                | Request::LeaveGroup(_)
                | Request::OffsetCommit(_)
                | Request::AlterPartition(_)
        ),
        TraceKind::Sent { body: Body::Response(response), .. } => match &**response {
            Response::Fetch(f) => f
                .partitions
                .iter()
                .any(|p| !p.records.is_empty() || p.diverging_epoch.is_some() || p.error.is_some()),
            Response::Produce(_) | Response::JoinGroup(_) | Response::SyncGroup(_) => true,
            _ => false,
        },
        TraceKind::Command(_) => true,
        TraceKind::Disconnected { .. } => false,
        TraceKind::Delivered { .. } | TraceKind::Timer(_) | TraceKind::Started => false,
    }
}

/// The last thing the controller wrote in this step, in words.
pub(crate) fn controller_change(world: &World) -> Option<String> {
    let told = |r: &&TraceRecord| {
        r.node == NodeId::Controller
            && r.event().is_some_and(|e| {
                matches!(
                    e,
                    TraceEvent::IsrChanged { .. }
                        | TraceEvent::LeaderElected { .. }
                        | TraceEvent::LeaderLost { .. }
                        | TraceEvent::BrokerRegistered { .. }
                        | TraceEvent::BrokerFenced { .. }
                        | TraceEvent::BrokerUnfenced { .. }
                        | TraceEvent::TopicCreated { .. }
                        | TraceEvent::PartitionsCreated { .. }
                        | TraceEvent::ConfigChanged { .. }
                )
            })
    };
    let record = world.records().iter().rev().find(told)?;
    Some(event_text(world, record.node, record.event()?))
}

fn list(world: &World, tps: &[TopicPartition]) -> String {
    if tps.is_empty() {
        return "nothing".to_owned();
    }
    tps.iter().map(|tp| partition_name(world, *tp)).collect::<Vec<_>>().join(", ")
}

/// An event in plain English, with its numbers. `node` is the process it happened in.
pub fn event_text(world: &World, node: NodeId, event: &TraceEvent) -> String {
    use TraceEvent as E;
    let name = |tp: &TopicPartition| partition_name(world, *tp);
    match event {
        E::BatchAppended { tp, base_offset, last_offset, .. } if base_offset == last_offset => {
            format!("{node} appends offset {base_offset} to {}", name(tp))
        }
        E::BatchAppended { tp, base_offset, last_offset, .. } => {
            format!("{node} appends offsets {base_offset}-{last_offset} to {}", name(tp))
        }
        E::SegmentRolled { tp, base_offset } => {
            format!("{}: a new segment begins at offset {base_offset} on {node}", name(tp))
        }
        E::SegmentDeleted { tp, base_offset, next_offset, reason, .. } => {
            let why = match reason {
                DeletionReason::RetentionMs => "older than retention.ms",
                DeletionReason::RetentionBytes => "beyond retention.bytes",
                DeletionReason::LogStartOffset => "below the log start offset",
            };
            format!(
                "{}: segment {base_offset}-{} is deleted on {node}, {why}",
                name(tp),
                next_offset - 1
            )
        }
        E::FileUnlinked { tp, base_offset } => {
            format!("{}: the files of segment {base_offset} are gone from {node}", name(tp))
        }
        E::LogStartOffsetMoved { tp, from, to } => {
            format!("{}: log start on {node} is {to}, was {from}", name(tp))
        }
        E::LogTruncated { tp, from, to } => {
            format!("{}: {node} cuts its log back from {from} to {to}", name(tp))
        }
        E::LogRecovered { tp, log_end_offset, cut_bytes: 0 } => {
            format!("{}: {node} opens its log, end offset {log_end_offset}", name(tp))
        }
        E::LogRecovered { tp, log_end_offset, cut_bytes } => {
            format!(
                "{}: {node} recovers its log to offset {log_end_offset}, {cut_bytes} bytes cut",
                name(tp)
            )
        }
        E::HighWatermarkMoved { tp, from, to, as_leader } => {
            let whose = if *as_leader { "high watermark" } else { "high watermark as known there" };
            format!("{}: {whose} on {node} is {to}, was {from}", name(tp))
        }
        E::FollowerStateUpdated { tp, follower, log_end_offset } => {
            format!(
                "{}: {node} learns that broker {follower} has everything below {log_end_offset}",
                name(tp)
            )
        }
        E::FetchParked { from, tp, offset, .. } => {
            format!("{}: the fetch of {from} at offset {offset} waits", name(tp))
        }
        E::FetchUnparked { timed_out: true, .. } => {
            format!("a fetch has waited its longest at {node}")
        }
        E::FetchUnparked { .. } => format!("a waiting fetch is answered by {node}"),
        E::DivergenceFound { tp, follower, epoch, end_offset } => format!(
            "{}: the log of broker {follower} differs from the leader's after epoch {epoch}, offset {end_offset}",
            name(tp)
        ),
        E::BecameLeader { tp, epoch, log_end_offset } => {
            format!(
                "{}: {node} leads in epoch {epoch} with log end offset {log_end_offset}",
                name(tp)
            )
        }
        E::BecameFollower { tp, epoch, leader } => {
            format!("{}: {node} follows broker {leader} in epoch {epoch}", name(tp))
        }
        E::IsrShrinkProposed { tp, isr, .. } | E::IsrExpandProposed { tp, isr, .. } => {
            format!("{}: {node} proposes ISR {}", name(tp), set(isr))
        }
        E::AlterPartitionRefused { tp, error } => {
            format!("{}: the proposed ISR is refused, {error}", name(tp))
        }
        E::ProduceParked { tp, required_offset, .. } => {
            format!("{}: a produce waits until the high watermark is {required_offset}", name(tp))
        }
        E::ProduceUnparked { error: None, .. } => {
            format!("a waiting produce is answered by {node}")
        }
        E::ProduceUnparked { error: Some(error), .. } => {
            format!("a waiting produce fails with {error}")
        }
        E::ProduceRefused { tp, error } => {
            format!("{}: {node} refuses a produce, {error}", name(tp))
        }
        E::BrokerRegistered { broker, broker_epoch } => {
            format!("broker {broker} is registered, broker epoch {broker_epoch}")
        }
        E::BrokerFenced { broker } => format!("broker {broker} is fenced"),
        E::BrokerUnfenced { broker } => format!("broker {broker} is unfenced"),
        E::TopicCreated { name, partitions, replication_factor } => {
            let s = if *partitions == 1 { "" } else { "s" };
            format!(
                "topic {name} is made: {partitions} partition{s}, replication factor {replication_factor}"
            )
        }
        E::PartitionsCreated { name, total } => format!("topic {name} has {total} partitions"),
        E::IsrChanged { tp, from, to, .. } => {
            format!("ISR of {} is {}, was {}", name(tp), set(to), set(from))
        }
        E::LeaderElected { tp, leader, epoch, unclean } => {
            let how = if *unclean { ", unclean" } else { "" };
            format!("{}: broker {leader} is elected leader, epoch {epoch}{how}", name(tp))
        }
        E::LeaderLost { tp, epoch } => format!("{} has no leader, epoch {epoch}", name(tp)),
        E::ConfigChanged { topic, name, value } => {
            format!("{}: {name} is {value}", topic.as_deref().unwrap_or("cluster"))
        }
        E::AdminRefused { what, error, message } => {
            format!("{what} is refused: {error}, {message}")
        }
        E::ElectionAnswered { tp, error: None } => format!("{}: election done", name(tp)),
        E::ElectionAnswered { tp, error: Some(error) } => {
            format!("{}: no election, {error}", name(tp))
        }
        _ => client_text(world, node, event),
    }
}

fn client_text(world: &World, node: NodeId, event: &TraceEvent) -> String {
    use TraceEvent as E;
    let name = |tp: &TopicPartition| partition_name(world, *tp);
    match event {
        E::GroupStateChanged { group, from, to, generation } => {
            format!("group {group} is {}, was {}, generation {generation}", to.name(), from.name())
        }
        E::MemberJoined { group, member } => format!("{member} joins group {group}"),
        E::MemberLeft { group, member, session_expired: false } => {
            format!("{member} leaves group {group}")
        }
        E::MemberLeft { group, member, .. } => {
            format!("{member} is removed from group {group}: its session timed out")
        }
        E::GenerationFormed { group, generation, protocol, members, .. } => {
            format!(
                "group {group}: generation {generation} with {} members, assignor {protocol}",
                members.len()
            )
        }
        E::OffsetCommitted { group, tp, offset } => {
            format!("group {group} has committed offset {offset} of {}", name(tp))
        }
        E::CommitRefused { group, member, error } => {
            format!("group {group}: the commit of {member} is refused, {error}")
        }
        E::CoordinatorLoaded { partition, groups } => {
            format!("{node} coordinates offsets partition {partition}, {groups} groups")
        }
        E::RecordSent { topic, partition, .. } => {
            format!("{node} produces a record to {topic}-{partition}")
        }
        E::Acknowledged { tp, base_offset, count, .. } if *count == 1 => {
            format!("{node}: offset {base_offset} of {} is acknowledged", name(tp))
        }
        E::Acknowledged { tp, base_offset, count, .. } => {
            let last = base_offset + i64::from(*count) - 1;
            format!("{node}: offsets {base_offset}-{last} of {} are acknowledged", name(tp))
        }
        E::SentWithoutAck { tp, count } => {
            format!("{node}: {count} records sent to {} without acknowledgement", name(tp))
        }
        E::RecordRefused { topic, error } => {
            format!("{node}: a record for {topic} is refused, {error}")
        }
        E::SendFailed { tp, count, error } => {
            format!("{node}: {count} records for {} are given up, {error}", name(tp))
        }
        E::SendRetried { tp, error, attempt, .. } => {
            format!("{node}: retry {attempt} to {} after {error}", name(tp))
        }
        E::CoordinatorFound { group, broker } => {
            format!("{node}: broker {broker} coordinates group {group}")
        }
        E::PartitionsRevoked { partitions, lost, .. } => {
            let verb = if *lost { "loses" } else { "gives back" };
            format!("{node} {verb} {}", list(world, partitions))
        }
        E::PartitionsAssigned { partitions, generation, .. } => {
            format!("{node} owns {} in generation {generation}", list(world, partitions))
        }
        E::PositionReset { tp, offset, to } => {
            format!("{node} starts {} at offset {offset} ({to})", name(tp))
        }
        E::TruncationDetected { tp, from, offset } => format!(
            "{node} goes back from offset {from} to {offset} of {}: the new leader does not have what it read",
            name(tp)
        ),
        E::PositionFromCommit { tp, offset } => {
            format!("{node} resumes {} at committed offset {offset}", name(tp))
        }
        E::RecordsPolled { tp, first, last, .. } if first == last => {
            format!("{node} reads offset {first} of {}", name(tp))
        }
        E::RecordsPolled { tp, first, last, .. } => {
            format!("{node} reads offsets {first}-{last} of {}", name(tp))
        }
        E::CommitSent { offsets, automatic, .. } => {
            let list: Vec<_> =
                offsets.iter().map(|(tp, offset)| format!("{} = {offset}", name(tp))).collect();
            let how = if *automatic { "commits by itself" } else { "commits" };
            format!("{node} {how} {}", list.join(", "))
        }
        E::ConsumerFailed { reason } => format!("{node} fails: {reason}"),
        E::Crashed { power_loss: false } => format!("{node} crashes"),
        E::Crashed { power_loss: true } => format!("{node} loses power"),
        E::Restarted => format!("{node} starts again"),
        E::Paused => format!("{node} is paused"),
        E::Resumed => format!("{node} goes on"),
        E::ShutDown => format!("{node} has shut down"),
        E::LinkChanged { from, to, cut: true, .. } => format!("the link {from} to {to} is cut"),
        E::LinkChanged { from, to, latency_us, .. } => {
            format!("the link {from} to {to} works, one way takes {}", words::span(*latency_us))
        }
        E::MessageDropped { message, reason } => lost_message(&node, *message, reason),
        E::MessageDelayed { message, until } => format!("message {message} lands at {until}"),
        E::UnsyncedBytesLost { tp, from, to } => {
            format!("{}: {node} loses offsets {from}-{}, which were not on disk", name(tp), to - 1)
        }
        E::AcknowledgedRecordLost { tp, offset, acks, acknowledged_at } => {
            let acks = if *acks == -1 { "all".to_owned() } else { acks.to_string() };
            format!(
                "{}: offset {offset}, acknowledged at {acknowledged_at} with acks={acks}, is lost",
                name(tp)
            )
        }
        E::ProcessAdded => format!("{node} is new"),
        E::ProcessRemoved => format!("{node} is gone"),
        E::InvariantBroken { id, message } => format!("{id} broken: {message}"),
        other => other.name().to_owned(),
    }
}

/// That a message is lost, with its receiver's state in front where that is the reason.
pub fn lost_message(at: &dyn std::fmt::Display, message: u64, reason: &str) -> String {
    match reason {
        "no such process" => format!("{at} is down: message {message} is lost"),
        "no power" => format!("{at} has no power: message {message} is lost"),
        "not listening yet" => format!("{at} does not listen yet: message {message} is lost"),
        "connection closed" => format!("message {message} is lost: its connection is closed"),
        _ => format!("message {message} is lost: {reason}"),
    }
}
