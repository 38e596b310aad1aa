//! The whole stage as text, for those who do not see it and for those who search it.

use crate::narration::flying;
use crate::words::{self, count, set};
use highwater_sim::{
    BrokerView, ConsumerView, GroupView, NEVER, ParkedKind, PartitionView, ProcessState,
    ProducerView, ReplicaView, Role, WorldView,
};

/// One line of the outline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutlineLine {
    /// 1 = heading, 2 and 3 = below it.
    pub level: u8,
    /// In words.
    pub text: String,
}

struct Lines(Vec<OutlineLine>);

impl Lines {
    fn add(&mut self, level: u8, text: impl Into<String>) {
        self.0.push(OutlineLine { level, text: text.into() });
    }
}

/// The stage in words: brokers, partitions with their replicas, clients, groups, messages, faults.
pub fn outline(view: &WorldView) -> Vec<OutlineLine> {
    let mut lines = Lines(Vec::new());
    lines.add(1, format!("At {}, event {}", view.now, view.event));
    if let Some((time, change)) = &view.controller.last_change {
        lines.add(2, format!("controller, at {time}: {change}"));
    }
    for (id, message) in &view.broken {
        lines.add(2, format!("broken promise {id}: {message}"));
    }
    lines.add(1, count(view.brokers.len(), "broker"));
    for broker in &view.brokers {
        self::broker(broker, &mut lines);
    }
    for topic in view.topics.iter().filter(|t| !t.internal) {
        lines.add(
            1,
            format!(
                "Topic {}: {}, min.insync.replicas={}",
                topic.name,
                count(topic.partitions.len(), "partition"),
                topic.min_insync_replicas
            ),
        );
        for part in &topic.partitions {
            partition(view, part, &mut lines);
        }
    }
    clients(view, &mut lines);
    let seen: Vec<_> = view.messages.iter().filter(|m| !m.routine).collect();
    if !seen.is_empty() {
        lines.add(1, format!("{} on the way", count(seen.len(), "message")));
        for message in seen {
            let fault = message.fault.as_ref().map(|f| format!(" ({f})")).unwrap_or_default();
            let lands = if message.arrives_at == NEVER {
                "held up".to_owned()
            } else {
                format!("lands at {}", message.arrives_at)
            };
            lines.add(2, format!("{}, {lands}{fault}", flying(view, message)));
        }
    }
    faults(view, &mut lines);
    lines.0
}

fn broker(broker: &BrokerView, lines: &mut Lines) {
    let rack = broker.rack.as_ref().map(|r| format!(", rack {r}")).unwrap_or_default();
    let state = match broker.state {
        ProcessState::Running => "running",
        ProcessState::Paused => "paused",
        ProcessState::Crashed => "crashed",
        ProcessState::PoweredOff => "without power",
        ProcessState::ShutDown => "shut down",
    };
    let since = broker.down_since.map(|t| format!(" since {t}")).unwrap_or_default();
    let fenced = if broker.fenced { ", fenced" } else { "" };
    lines.add(2, format!("broker {}{rack}: {state}{since}{fenced}", broker.id));
}

fn partition(view: &WorldView, part: &PartitionView, lines: &mut Lines) {
    let leader = if part.leader < 0 {
        "no leader".to_owned()
    } else {
        format!("leader broker {} in epoch {}", part.leader, part.leader_epoch)
    };
    let (isr, replicas) = (set(&part.isr), set(&part.replicas));
    lines.add(2, format!("{}: {leader}, ISR {isr} of replicas {replicas}", part.name));
    for log in &part.logs {
        lines.add(3, replica(log));
    }
    for broker in &view.brokers {
        for parked in broker.purgatory.iter().filter(|p| p.tp == part.tp) {
            let what = match &parked.what {
                ParkedKind::Produce { required_offset, .. } => {
                    format!(
                        "a produce of {} waits for high watermark {required_offset}",
                        parked.from
                    )
                }
                ParkedKind::Fetch { fetch_offset, .. } => {
                    format!("a fetch of {} from {fetch_offset} waits", parked.from)
                }
            };
            lines.add(
                3,
                format!("at broker {}: {what}, at the latest until {}", broker.id, parked.deadline),
            );
        }
    }
}

fn replica(log: &ReplicaView) -> String {
    let role = match log.role {
        Role::Leader => "leader".to_owned(),
        Role::Follower if log.in_isr => "follower".to_owned(),
        Role::Follower => format!("follower, out of the ISR: {}", log.out_reason.join(" ")),
        Role::Offline => "offline".to_owned(),
    };
    let mut out = format!(
        "broker {}, {}: log start {}, high watermark {}, log end {}",
        log.broker,
        role.trim_end_matches([':', ' ']),
        log.log_start_offset,
        log.high_watermark,
        log.log_end_offset
    );
    for follower in log.followers.iter().filter(|f| f.log_end_offset >= 0) {
        out.push_str(&format!(
            "; knows broker {} to have everything below {}",
            follower.broker, follower.log_end_offset
        ));
    }
    out
}

fn clients(view: &WorldView, lines: &mut Lines) {
    if !view.producers.is_empty() {
        lines.add(1, count(view.producers.len(), "producer"));
        view.producers.iter().for_each(|p| lines.add(2, producer(p)));
    }
    if !view.consumers.is_empty() {
        lines.add(1, count(view.consumers.len(), "consumer"));
        view.consumers.iter().for_each(|c| lines.add(2, consumer(view, c)));
    }
    for group in &view.groups {
        self::group(view, group, lines);
    }
}

fn producer(producer: &ProducerView) -> String {
    let sent: usize = producer.in_flight.iter().map(|(_, keys, _, _)| keys.len()).sum();
    let mut out = format!(
        "p{}, acks={}: {} acknowledged, {} sent and not answered, {} failed",
        producer.number, producer.acks, producer.acknowledged, sent, producer.failed
    );
    if producer.unacknowledged > 0 {
        out.push_str(&format!(", {} sent without acknowledgement", producer.unacknowledged));
    }
    if let Some((error, time)) = &producer.last_error {
        out.push_str(&format!(", last error {error} at {time}"));
    }
    out
}

fn name(view: &WorldView, tp: highwater_cluster::TopicPartition) -> &str {
    let all = view.topics.iter().flat_map(|t| &t.partitions);
    all.into_iter().find(|p| p.tp == tp).map_or("a partition", |p| &p.name)
}

fn consumer(view: &WorldView, consumer: &ConsumerView) -> String {
    let mut out = format!("c{} of group {}: {}", consumer.number, consumer.group, consumer.doing);
    if let Some(reason) = &consumer.idle_reason {
        out.push_str(&format!(", {reason}"));
    }
    for owned in &consumer.owned {
        let number = |o: Option<i64>| o.map_or("unknown".to_owned(), |o| o.to_string());
        out.push_str(&format!(
            "; owns {} at position {}, committed {}",
            name(view, owned.tp),
            number(owned.position),
            number(owned.committed)
        ));
    }
    out
}

fn group(view: &WorldView, group: &GroupView, lines: &mut Lines) {
    let coordinator = if group.coordinator < 0 {
        "no coordinator".to_owned()
    } else {
        format!("coordinator broker {}", group.coordinator)
    };
    lines.add(
        1,
        format!(
            "Group {}: {}, generation {}, {coordinator}, {}",
            group.id,
            group.state.name(),
            group.generation,
            count(group.members.len(), "member")
        ),
    );
    for (tp, offset) in &group.committed {
        lines.add(2, format!("committed {offset} of {}", name(view, *tp)));
    }
}

fn faults(view: &WorldView, lines: &mut Lines) {
    if !view.links.is_empty() {
        lines.add(1, "Links");
        for link in &view.links {
            let what = match (link.cut, link.latency_us) {
                (true, _) => "cut".to_owned(),
                (false, Some(us)) => format!("slow, {}", words::span(us)),
                (false, None) => "usual".to_owned(),
            };
            lines.add(2, format!("{} to {}: {what}", link.from, link.to));
        }
    }
    if !view.lost.is_empty() {
        lines.add(1, format!("{} lost after acknowledgement", count(view.lost.len(), "record")));
        for lost in &view.lost {
            lines.add(
                2,
                format!(
                    "offset {} of {}, acknowledged at {}, lost at {}",
                    lost.offset,
                    name(view, lost.tp),
                    lost.acknowledged_at,
                    lost.lost_at
                ),
            );
        }
    }
}
