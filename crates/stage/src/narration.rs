//! What just happened, in one short line with its numbers.

use crate::words::{count, offsets, set, span};
use highwater_cluster::{NodeId, TopicPartition, TraceEvent};
use highwater_sim::{MessageKind, MessageView, TraceKind, TraceRecord, WorldView};

/// One line about the records of one step: the event that matters most, with its cause where it is
/// in the same step. Empty when nothing of it can be seen.
pub fn narration(view: &WorldView, records: &[TraceRecord]) -> String {
    let events = || records.iter().filter_map(|r| r.event().map(|e| (r.node, e)));
    let best = events()
        .filter_map(|(node, event)| sentence(view, node, event).map(|s| (rank(event), s)))
        // Of equals the first: causes come before effects.
        .reduce(|a, b| if b.0 > a.0 { b } else { a });
    if let Some((_, text)) = best {
        return capital(&with_cause(view, events().collect(), text));
    }
    let sent = records.iter().rev().find_map(|r| match &r.what {
        TraceKind::Sent { message, .. } => view.messages.iter().find(|m| m.id == *message),
        _ => None,
    });
    sent.filter(|m| !m.routine).map(|m| capital(&flying(view, m))).unwrap_or_default()
}

/// The line of a step that moved a leader's high watermark begins with the fetch that did it.
fn with_cause(view: &WorldView, events: Vec<(NodeId, &TraceEvent)>, text: String) -> String {
    let moved = events.iter().find_map(|(_, e)| match e {
        TraceEvent::HighWatermarkMoved { tp, from, to, as_leader: true } => Some((*tp, *from, *to)),
        _ => None,
    });
    let fetched = events.iter().find_map(|(_, e)| match e {
        TraceEvent::FollowerStateUpdated { tp, follower, log_end_offset } => {
            Some((*tp, *follower, *log_end_offset))
        }
        _ => None,
    });
    match (moved, fetched) {
        (Some((tp, from, to)), Some((same, follower, end))) if tp == same => format!(
            "broker {follower} has everything below {end}: the high watermark of {} goes from {from} to {to}",
            name(view, tp)
        ),
        _ => text,
    }
}

/// How much an event matters beside the others of its step.
fn rank(event: &TraceEvent) -> u8 {
    use TraceEvent as E;
    match event {
        E::InvariantBroken { .. } => 10,
        E::AcknowledgedRecordLost { .. } => 9,
        E::Crashed { .. } | E::LeaderElected { .. } | E::LeaderLost { .. } => 8,
        E::Restarted | E::Paused | E::Resumed | E::ShutDown | E::LinkChanged { .. } => 8,
        E::IsrChanged { .. } | E::LogTruncated { .. } | E::GenerationFormed { .. } => 7,
        E::SegmentDeleted { .. } | E::BrokerFenced { .. } | E::BrokerUnfenced { .. } => 7,
        E::SendFailed { .. } | E::ProduceRefused { .. } | E::SendRetried { .. } => 6,
        E::HighWatermarkMoved { as_leader: true, .. } => 6,
        E::MessageDropped { .. } | E::MessageDelayed { .. } => 6,
        E::AdminRefused { .. } | E::ElectionAnswered { .. } => 6,
        E::Acknowledged { .. } | E::BecameLeader { .. } | E::BecameFollower { .. } => 5,
        E::SegmentRolled { .. } | E::PartitionsAssigned { .. } | E::PartitionsRevoked { .. } => 5,
        E::HighWatermarkMoved { .. } | E::RecordsPolled { .. } | E::OffsetCommitted { .. } => 4,
        E::BatchAppended { .. } | E::IsrShrinkProposed { .. } | E::IsrExpandProposed { .. } => 4,
        E::FollowerStateUpdated { .. } | E::ProduceParked { .. } => 3,
        E::GroupStateChanged { .. } | E::MemberJoined { .. } | E::MemberLeft { .. } => 3,
        E::FetchParked { .. } => 1,
        _ => 2,
    }
}

fn name(view: &WorldView, tp: TopicPartition) -> String {
    let all = view.topics.iter().flat_map(|t| &t.partitions);
    all.into_iter()
        .find(|p| p.tp == tp)
        .map_or_else(|| "a partition".to_owned(), |p| p.name.clone())
}

fn internal(view: &WorldView, tp: TopicPartition) -> bool {
    view.topics.iter().any(|t| t.internal && t.id == tp.topic.0)
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    // Names of clients stay small: p1, c1.
    let client =
        text.starts_with(['p', 'c']) && text[1..].starts_with(|c: char| c.is_ascii_digit());
    match chars.next() {
        Some(first) if !client => first.to_ascii_uppercase().to_string() + chars.as_str(),
        _ => text.to_owned(),
    }
}

fn sentence(view: &WorldView, node: NodeId, event: &TraceEvent) -> Option<String> {
    use TraceEvent as E;
    let name = |tp: &TopicPartition| name(view, *tp);
    let hidden = |tp: &TopicPartition| internal(view, *tp);
    Some(match event {
        E::BatchAppended { tp, .. } | E::HighWatermarkMoved { tp, .. } if hidden(tp) => {
            return None;
        }
        E::FollowerStateUpdated { tp, .. } | E::FetchParked { tp, .. } if hidden(tp) => {
            return None;
        }
        E::BatchAppended { tp, base_offset, last_offset, as_leader, .. } => {
            let how = if *as_leader { "appends" } else { "copies" };
            format!("{node} {how} {} to {}", offsets(*base_offset, *last_offset), name(tp))
        }
        E::HighWatermarkMoved { tp, from, to, as_leader: true } => {
            format!("the high watermark of {} goes from {from} to {to}", name(tp))
        }
        E::HighWatermarkMoved { tp, to, .. } => {
            format!("{node} hears that {} is committed up to {to}", name(tp))
        }
        E::FollowerStateUpdated { tp, follower, log_end_offset: 0 } => {
            format!("{node} learns that broker {follower} has nothing of {} yet", name(tp))
        }
        E::FollowerStateUpdated { tp, follower, log_end_offset } => {
            format!("{node} learns that broker {follower} has {} below {log_end_offset}", name(tp))
        }
        E::FetchParked { from, offset, .. } => {
            format!("nothing new at {offset}: the fetch of {from} waits at {node}")
        }
        E::ProduceParked { required_offset, .. } => {
            format!("the produce waits until the high watermark is {required_offset}")
        }
        E::ProduceRefused { tp, error } => {
            format!("{node} refuses records for {}: {error}", name(tp))
        }
        E::Acknowledged { tp, base_offset, count, acks } => {
            let last = base_offset + i64::from((*count).max(1)) - 1;
            let acks = if *acks < 0 { "all".to_owned() } else { acks.to_string() };
            format!(
                "{node}: {} of {} acknowledged, acks={acks}",
                offsets(*base_offset, last),
                name(tp)
            )
        }
        E::SendRetried { error, attempt, .. } => {
            format!("{node} tries again after {error}, attempt {attempt}")
        }
        E::SendFailed { count: n, error, .. } => {
            format!(
                "{node} gives up {}: {error}",
                count(usize::try_from(*n).unwrap_or(0), "record")
            )
        }
        _ => return cluster_sentence(view, node, event),
    })
}

fn cluster_sentence(view: &WorldView, node: NodeId, event: &TraceEvent) -> Option<String> {
    use TraceEvent as E;
    let name = |tp: &TopicPartition| name(view, *tp);
    Some(match event {
        E::IsrShrinkProposed { tp, out, .. } => {
            format!(
                "{node} asks the controller to take {} out of the ISR of {}",
                brokers(out),
                name(tp)
            )
        }
        E::IsrExpandProposed { tp, added, .. } => {
            format!(
                "{node} asks the controller to take broker {added} back into the ISR of {}",
                name(tp)
            )
        }
        E::IsrChanged { tp, from, to, .. } => {
            format!("the ISR of {} is {}, was {}", name(tp), set(to), set(from))
        }
        E::LeaderElected { tp, leader, epoch, unclean } => {
            let how = if *unclean { " (unclean)" } else { "" };
            format!("broker {leader} is elected leader of {} in epoch {epoch}{how}", name(tp))
        }
        E::LeaderLost { tp, .. } => format!("{} has no leader now", name(tp)),
        E::BecameLeader { tp, epoch, .. } => format!("{node} leads {} in epoch {epoch}", name(tp)),
        E::BecameFollower { tp, leader, epoch } => {
            format!("{node} follows broker {leader} for {} in epoch {epoch}", name(tp))
        }
        E::LogTruncated { tp, from, to } => {
            format!("{node} cuts {} back from {from} to {to}", name(tp))
        }
        E::DivergenceFound { tp, follower, epoch, end_offset } => format!(
            "the log of broker {follower} differs in {}: epoch {epoch} ends at {end_offset}",
            name(tp)
        ),
        E::SegmentRolled { tp, base_offset } => {
            format!("{node} starts a new segment of {} at {base_offset}", name(tp))
        }
        E::SegmentDeleted { tp, base_offset, next_offset, .. } => format!(
            "{node} deletes segment {} of {}",
            offsets(*base_offset, next_offset - 1),
            name(tp)
        ),
        E::LogRecovered { tp, log_end_offset, .. } => {
            format!("{node} opens {}: its log ends at {log_end_offset}", name(tp))
        }
        E::BrokerFenced { broker } => {
            format!("the controller fences broker {broker}: no heartbeat")
        }
        E::BrokerUnfenced { broker } => format!("the controller lets broker {broker} serve again"),
        E::TopicCreated { name, partitions, replication_factor } => format!(
            "topic {name} is made: {}, replication factor {replication_factor}",
            count(usize::try_from(*partitions).unwrap_or(0), "partition")
        ),
        _ => return client_sentence(view, node, event),
    })
}

fn client_sentence(view: &WorldView, node: NodeId, event: &TraceEvent) -> Option<String> {
    use TraceEvent as E;
    let name = |tp: &TopicPartition| name(view, *tp);
    let names = |all: &[TopicPartition]| {
        let all: Vec<String> = all.iter().map(name).collect();
        crate::words::partitions(&all.iter().map(String::as_str).collect::<Vec<_>>())
    };
    Some(match event {
        E::GroupStateChanged { group, to, .. } => format!("group {group} is {}", to.name()),
        E::GenerationFormed { group, generation, members, .. } => {
            format!(
                "group {group} forms generation {generation} of {}",
                count(members.len(), "member")
            )
        }
        E::MemberJoined { group, .. } => format!("a member joins group {group}"),
        E::MemberLeft { group, session_expired: true, .. } => {
            format!("a member of group {group} is removed: its session has expired")
        }
        E::MemberLeft { group, .. } => format!("a member leaves group {group}"),
        E::PartitionsAssigned { partitions, .. } if partitions.is_empty() => {
            format!("{node} is given no partition")
        }
        E::PartitionsAssigned { partitions, .. } => {
            format!("{node} is given {}", names(partitions))
        }
        E::PartitionsRevoked { partitions, .. } if partitions.is_empty() => return None,
        E::PartitionsRevoked { partitions, lost, .. } => {
            let how = if *lost { "loses" } else { "gives up" };
            format!("{node} {how} {}", names(partitions))
        }
        E::OffsetCommitted { group, tp, offset } => {
            format!("group {group} has committed {offset} of {}", name(tp))
        }
        E::RecordsPolled { tp, first, last, .. } => {
            format!("{node} reads {} of {}", offsets(*first, *last), name(tp))
        }
        E::ConsumerFailed { reason } => format!("{node} fails: {reason}"),
        E::Crashed { power_loss: true } => format!("{node} loses power and its page cache"),
        E::Crashed { .. } => format!("{node} crashes"),
        E::Restarted => format!("{node} starts again"),
        E::Paused => format!("{node} is paused"),
        E::Resumed => format!("{node} runs on"),
        E::ShutDown => format!("{node} has shut down"),
        E::LinkChanged { from, to, cut: true, .. } => {
            format!("the link from {from} to {to} is cut")
        }
        E::LinkChanged { from, to, latency_us, .. } => {
            format!("the link from {from} to {to} takes {}", span(*latency_us))
        }
        E::AdminRefused { what, error, message } => {
            format!("{what} is refused: {error}, {message}")
        }
        E::ElectionAnswered { tp, error: Some(error) } => {
            format!("no election for {}: {error}", name(tp))
        }
        E::MessageDropped { message, reason } => {
            highwater_sim::lost_message(&node, *message, reason)
        }
        E::MessageDelayed { until, .. } => format!("a message is delayed until {until}"),
        E::AcknowledgedRecordLost { tp, offset, .. } => {
            format!("acknowledged record {offset} of {} is lost", name(tp))
        }
        E::UnsyncedBytesLost { tp, from, to } => {
            format!(
                "{node} has lost {} of {}: they were not on disk",
                offsets(*from, to - 1),
                name(tp)
            )
        }
        E::InvariantBroken { message, .. } => format!("a promise is broken: {message}"),
        _ => return None,
    })
}

fn brokers(ids: &[i32]) -> String {
    match ids {
        [one] => format!("broker {one}"),
        many => format!("brokers {}", crate::words::list(many)),
    }
}

/// What a message is on its way to do.
pub(crate) fn flying(view: &WorldView, message: &MessageView) -> String {
    let (from, to) = (message.from, message.to);
    let place = |tp: &TopicPartition| name(view, *tp);
    match &message.what {
        MessageKind::Fetch(parts) => match parts.first() {
            Some((tp, offset)) => format!("{from} asks {to} for {} from {offset}", place(tp)),
            None => format!("{from} fetches from {to}"),
        },
        MessageKind::FetchResponse(parts) => match parts.first() {
            Some(part) if part.error.is_some() => {
                format!("{from} answers {to}: {}", part.error.map_or("", |e| e.name()))
            }
            Some(part) if !part.keys.is_empty() => {
                let n = i64::try_from(part.keys.len()).unwrap_or(0);
                let what = offsets(part.first_offset, part.first_offset + n - 1);
                format!(
                    "{from} sends {what} of {} and HW {} to {to}",
                    place(&part.tp),
                    part.high_watermark
                )
            }
            Some(part) => format!("{from} has nothing new for {to}, HW {}", part.high_watermark),
            None => format!("{from} has nothing new for {to}"),
        },
        MessageKind::Produce(parts) => {
            let n = parts.iter().map(|(_, keys)| keys.len()).sum();
            let tp = parts.first().map(|(tp, _)| place(tp)).unwrap_or_default();
            format!("{from} sends {} for {tp} to {to}", count(n, "record"))
        }
        MessageKind::ProduceResponse(parts) => match parts.first() {
            Some((tp, _, _, Some(error))) => {
                format!("{from} refuses records of {} for {to}: {error}", place(tp))
            }
            Some((tp, base, n, None)) if *base >= 0 => {
                let last = base + i64::from((*n).max(1)) - 1;
                format!("{from} acknowledges {} of {} to {to}", offsets(*base, last), place(tp))
            }
            _ => format!("{from} answers {to}"),
        },
        MessageKind::Group { summary, error }
        | MessageKind::Controller { summary, error }
        | MessageKind::Other { summary, error } => {
            let kind = if message.response { "answer" } else { "request" };
            let what = if summary.is_empty() { message.api } else { summary };
            match error {
                Some(error) => format!("{from} answers {to}: {what}, {error}"),
                None => format!("{what}, {kind} from {from} to {to}"),
            }
        }
    }
}
