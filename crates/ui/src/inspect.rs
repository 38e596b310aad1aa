//! Fields of a selected thing, by Kafka's names, from the plain view of the world; and what is coming.

use crate::format::{bytes, clock, node, set, span};
use highwater_cluster::{Body, NodeId, Time, TopicPartition};
use highwater_sim::{
    ActionView, MessageKind, MessageView, ParkedKind, PartitionView, ReplicaView, Selection,
    TraceKind, TraceRecord, World, WorldView, enabled,
};

/// A field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// By Kafka's name.
    pub name: String,
    /// As text.
    pub value: String,
    /// The one it is about.
    pub main: bool,
}

/// What the inspector shows.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Inspection {
    /// What sort of thing.
    pub kind: String,
    /// Its name.
    pub title: String,
    /// When and how.
    pub subtitle: String,
    /// In Kafka's order.
    pub fields: Vec<Field>,
    /// Over the buttons.
    pub actions_title: String,
    /// What can be done to it now.
    pub actions: Vec<ActionView>,
    /// Over the reasons.
    pub why_title: String,
    /// Asked of the engine.
    pub question: Option<String>,
}

impl Inspection {
    fn field(&mut self, name: &str, value: impl ToString) {
        self.fields.push(Field { name: name.to_owned(), value: value.to_string(), main: false });
    }
    fn main(&mut self, name: &str, value: impl ToString) {
        self.fields.push(Field { name: name.to_owned(), value: value.to_string(), main: true });
    }
    fn why(&mut self, title: &str, question: String) {
        title.clone_into(&mut self.why_title);
        self.question = Some(question);
    }
}

/// The thing with this pick, when it is still there.
pub fn inspect(view: &WorldView, pick: &str) -> Option<Inspection> {
    let pick = pick.trim();
    if let Some(id) = pick.strip_prefix("message ").and_then(|n| n.parse::<u64>().ok()) {
        return view.messages.iter().find(|m| m.id == id).map(|m| message(view, m));
    }
    if let Some(process) = node(pick) {
        return process_of(view, process);
    }
    if let Some(group) = pick.strip_prefix("group ") {
        return group_of(view, group);
    }
    if let Some((id, broker)) = pick.strip_prefix("parked ").and_then(|p| p.split_once('@')) {
        return parked(view, id.parse().ok()?, broker.parse().ok()?);
    }
    let kinds = ["record ", "segment ", "batch ", "byte "];
    let pick = kinds.into_iter().find_map(|k| pick.strip_prefix(k)).unwrap_or(pick);
    let (partition, rest) = pick.split_once('@').map_or((pick, None), |(p, r)| (p, Some(r)));
    let found = partitions(view).find(|p| p.name == partition)?;
    let Some(rest) = rest else { return Some(partition_of(view, found)) };
    let (broker, offset) = rest.split_once([':', '/']).map_or((rest, None), |(b, o)| {
        (b, o.split('/').next().and_then(|o| o.parse::<i64>().ok()))
    });
    let broker = broker.parse::<i32>().ok()?;
    let replica = found.logs.iter().find(|l| l.broker == broker)?;
    match offset {
        Some(offset) => {
            record_of(found, replica, offset).or_else(|| Some(replica_of(view, found, replica)))
        }
        None => Some(replica_of(view, found, replica)),
    }
}

fn partitions(view: &WorldView) -> impl Iterator<Item = &PartitionView> {
    view.topics.iter().flat_map(|t| &t.partitions)
}

/// Name of a partition.
pub fn name_of(view: &WorldView, tp: TopicPartition) -> String {
    partitions(view).find(|p| p.tp == tp).map_or_else(
        || format!("topic {} partition {}", tp.topic.0, tp.partition),
        |p| p.name.clone(),
    )
}

/// A message that has landed or was lost: what the trace has of it.
pub fn past_message(world: &World, id: u64, records: &[&TraceRecord]) -> Option<Inspection> {
    let mut out =
        Inspection { kind: "selected, not in flight any more".into(), ..Inspection::default() };
    for record in records {
        let (from, to, body) = match &record.what {
            TraceKind::Sent { message, to, body, .. } if *message == id => {
                out.subtitle = format!("sent {}", clock(record.time));
                (record.node, *to, body)
            }
            TraceKind::Delivered { message, from, body, sent_at, .. } if *message == id => {
                out.subtitle = format!("sent {}, landed {}", clock(*sent_at), clock(record.time));
                (*from, record.node, body)
            }
            _ => continue,
        };
        let (api, fields) = world.message_fields(body);
        let response = if matches!(body, Body::Response(_)) { " response" } else { "" };
        out.title = format!("{api}{response}, {from} to {to}");
        out.fields = fields
            .into_iter()
            .map(|(name, value)| Field { name: name.to_owned(), value, main: false })
            .collect();
    }
    (!out.title.is_empty()).then_some(out)
}

fn message(view: &WorldView, m: &MessageView) -> Inspection {
    let mut out = Inspection {
        kind: "selected, in flight".into(),
        title: format!(
            "{}{}, {} to {}",
            m.api,
            if m.response { " response" } else { "" },
            m.from,
            m.to
        ),
        subtitle: format!("sent {}, arrives {}", clock(m.sent_at), clock(m.arrives_at)),
        actions_title: "Apply to this message".into(),
        ..Inspection::default()
    };
    let main = match &m.what {
        MessageKind::Fetch(_) => "FetchOffset",
        MessageKind::FetchResponse(_) => "HighWatermark",
        MessageKind::Produce(_) => "Acks",
        MessageKind::ProduceResponse(_) => "BaseOffset",
        _ => "ErrorCode",
    };
    for (name, value) in &m.fields {
        out.fields.push(Field {
            name: (*name).to_owned(),
            value: value.clone(),
            main: *name == main,
        });
    }
    if let Some(fault) = &m.fault {
        out.field("fault", fault);
    }
    if out.fields.is_empty() {
        out.field("summary", summary(view, m));
    }
    out.actions = enabled(view, Selection::Message(m.id));
    out
}

fn parked(view: &WorldView, id: u64, broker: i32) -> Option<Inspection> {
    let p = view.brokers.iter().find(|b| b.id == broker)?.purgatory.iter().find(|p| p.id == id)?;
    let name = name_of(view, p.tp);
    let mut out = Inspection {
        kind: format!("waiting on broker {broker}"),
        subtitle: format!("since {}, until {} at the latest", clock(p.since), clock(p.deadline)),
        ..Inspection::default()
    };
    match &p.what {
        ParkedKind::Produce { base_offset, required_offset, keys } => {
            out.title = format!("Produce of {}", p.from);
            out.field("partition", &name);
            out.field("base offset", base_offset);
            out.field("records", keys.len());
            out.main("waits for HW", required_offset);
            out.why("Why not acknowledged yet?", format!("broker {broker} waiting {id}"));
        }
        ParkedKind::Fetch { fetch_offset, min_bytes, .. } => {
            out.title = format!("Fetch of {}", p.from);
            out.field("partition", &name);
            out.main("FetchOffset", fetch_offset);
            out.field("MinBytes", min_bytes);
            out.why("What does it wait for?", format!("broker {broker} waiting {id}"));
        }
    }
    Some(out)
}

fn process_of(view: &WorldView, process: NodeId) -> Option<Inspection> {
    let mut out = Inspection {
        kind: "selected".into(),
        title: process.to_string(),
        actions_title: "Do".into(),
        ..Inspection::default()
    };
    match process {
        NodeId::Broker(id) => {
            let broker = view.brokers.iter().find(|b| b.id == id)?;
            out.field("node.id", id);
            if let Some(rack) = &broker.rack {
                out.field("broker.rack", rack);
            }
            out.main("state", format!("{:?}", broker.state));
            out.field("fenced", broker.fenced);
            out.field("broker epoch", broker.broker_epoch);
            out.field("metadata offset", broker.metadata_offset);
            out.field("waiting requests", broker.purgatory.len());
            let led = partitions(view).filter(|p| p.leader == id).count();
            out.field("leads partitions", led);
            if let Some((_, last, ends)) = view.controller.sessions.iter().find(|s| s.0 == id) {
                out.field("last heartbeat", clock(*last));
                out.field("session ends", clock(*ends));
            }
        }
        NodeId::Controller => {
            out.field("metadata log end", view.controller.metadata_end_offset);
            if let Some((at, change)) = &view.controller.last_change {
                out.field(&format!("at {}", clock(*at)), change);
            }
        }
        NodeId::Producer(n) => {
            let p = view.producers.iter().find(|p| p.number == n)?;
            out.main("acks", &p.acks);
            for (name, value) in p.configs.iter().filter(|c| &*c.0 != "acks") {
                out.field(name, value);
            }
            out.field("acknowledged", p.acknowledged);
            out.field("failed", p.failed);
            if p.unacknowledged > 0 {
                out.field("sent, never acknowledged", p.unacknowledged);
            }
            out.field("in flight", p.in_flight.len());
            if let Some((error, at)) = &p.last_error {
                out.field(&format!("error at {}", clock(*at)), error);
            }
            out.why("What does it wait for?", format!("p{n}"));
        }
        NodeId::Consumer(n) => {
            let c = view.consumers.iter().find(|c| c.number == n)?;
            out.main("doing", &c.doing);
            out.field("group.id", &c.group);
            out.field("generation", c.generation);
            for owned in &c.owned {
                let name = name_of(view, owned.tp);
                let number = |o: Option<i64>| o.map_or("unknown".into(), |o: i64| o.to_string());
                out.field(
                    &name,
                    format!(
                        "position {}, committed {}",
                        number(owned.position),
                        number(owned.committed)
                    ),
                );
            }
            out.field("processed", c.processed);
            out.field("seen twice", c.duplicates);
            out.why(
                if c.owned.is_empty() { "Why idle?" } else { "Why nothing new?" },
                format!("c{n}"),
            );
        }
        NodeId::Admin => return None,
    }
    out.actions = enabled(view, Selection::Node(process));
    Some(out)
}

fn group_of(view: &WorldView, name: &str) -> Option<Inspection> {
    let group = view.groups.iter().find(|g| &*g.id == name)?;
    let mut out = Inspection {
        kind: "selected".into(),
        title: format!("group {name}"),
        ..Inspection::default()
    };
    out.main("state", group.state.name());
    out.field("generation", group.generation);
    out.field("coordinator", format!("broker {}", group.coordinator));
    out.field("__consumer_offsets partition", group.offsets_partition);
    out.field("assignor", group.protocol.as_deref().unwrap_or("none yet"));
    for member in &group.members {
        let owns: Vec<String> = member.assignment.iter().map(|tp| name_of(view, *tp)).collect();
        let who = member.client.map_or_else(|| member.member_id.to_string(), |c| c.to_string());
        out.field(&who, if owns.is_empty() { "nothing".into() } else { owns.join(", ") });
    }
    for (tp, offset) in &group.committed {
        out.field(&format!("committed {}", name_of(view, *tp)), offset);
    }
    Some(out)
}

fn partition_of(view: &WorldView, p: &PartitionView) -> Inspection {
    let mut out = Inspection {
        kind: "selected".into(),
        title: p.name.clone(),
        actions_title: "Do".into(),
        actions: enabled(view, Selection::Partition(p.tp)),
        ..Inspection::default()
    };
    out.field("leader", p.leader);
    out.field("leader epoch", p.leader_epoch);
    out.field("replicas", set(&p.replicas));
    out.main("ISR", set(&p.isr));
    out.field("partition epoch", p.partition_epoch);
    if let Some(topic) = view.topics.iter().find(|t| t.id == p.tp.topic.0) {
        out.field("min.insync.replicas", topic.min_insync_replicas);
        out.field("segment.bytes", topic.segment_bytes);
        out.field("retention.ms", topic.retention_ms);
        for (name, value) in &topic.configs {
            if !out.fields.iter().any(|f| f.name == **name) {
                out.field(name, value);
            }
        }
    }
    out.why("Why is the high watermark there?", format!("{} hw", p.name));
    out
}

fn replica_of(view: &WorldView, p: &PartitionView, r: &ReplicaView) -> Inspection {
    let mut out = Inspection {
        kind: "selected replica".into(),
        title: format!("{} on broker {}", p.name, r.broker),
        subtitle: format!("{:?}, leader epoch {}", r.role, r.leader_epoch),
        actions_title: "Do".into(),
        ..Inspection::default()
    };
    out.field("log start offset", r.log_start_offset);
    out.main("high watermark", r.high_watermark);
    if r.last_stable_offset != r.high_watermark {
        out.field("last stable offset", r.last_stable_offset);
    }
    out.field("log end offset", r.log_end_offset);
    out.field("flushed below", r.recovery_point);
    out.field("segments", r.segments.len());
    out.field("size", bytes(r.size_bytes));
    out.field("in the ISR", r.in_isr);
    for f in &r.followers {
        out.field(
            &format!("broker {} as known here", f.broker),
            format!("LEO {}", f.log_end_offset),
        );
    }
    let question = if r.in_isr { "hw" } else { "isr" };
    let title =
        if r.in_isr { format!("Why {}?", r.high_watermark) } else { "Why out of the ISR?".into() };
    out.why(&title, format!("{}@{} {question}", p.name, r.broker));
    out.actions = enabled(view, Selection::Node(NodeId::Broker(r.broker)));
    out
}

fn record_of(p: &PartitionView, r: &ReplicaView, offset: i64) -> Option<Inspection> {
    let batch = r.batches.iter().find(|b| (b.base_offset..=b.last_offset).contains(&offset))?;
    let record = batch.records.iter().find(|x| x.offset == offset)?;
    let mut out = Inspection {
        kind: "selected record".into(),
        title: format!("offset {offset} of {}", p.name),
        subtitle: format!(
            "on broker {}, {}",
            r.broker,
            if offset < r.high_watermark {
                "committed as it knows"
            } else {
                "above its high watermark"
            }
        ),
        ..Inspection::default()
    };
    out.main("key", record.key.text.as_deref().unwrap_or("null"));
    out.field("value", record.value.as_deref().unwrap_or("null"));
    out.field("timestamp", record.timestamp);
    if let Some(producer) = record.producer {
        out.field("written by", format!("p{producer}"));
    }
    out.field("acknowledged", record.acknowledged);
    out.field("baseOffset of its batch", batch.base_offset);
    out.field("partitionLeaderEpoch", batch.leader_epoch);
    out.field("batch size", bytes(u64::from(batch.size_bytes)));
    out.field("segment", format!("{:020}.log", batch.segment));
    out.field("position in segment", batch.position);
    out.why("Why is the high watermark there?", format!("{}@{} hw", p.name, r.broker));
    Some(out)
}

fn summary(view: &WorldView, m: &MessageView) -> String {
    match &m.what {
        MessageKind::Fetch(list) => {
            let parts: Vec<String> =
                list.iter().map(|(tp, o)| format!("{} from {o}", name_of(view, *tp))).collect();
            parts.join(", ")
        }
        MessageKind::FetchResponse(list) => {
            let parts: Vec<String> = list
                .iter()
                .map(|r| {
                    format!(
                        "{}: {} records, HW {}",
                        name_of(view, r.tp),
                        r.keys.len(),
                        r.high_watermark
                    )
                })
                .collect();
            parts.join(", ")
        }
        MessageKind::Produce(list) => {
            let parts: Vec<String> = list
                .iter()
                .map(|(tp, keys)| format!("{} records to {}", keys.len(), name_of(view, *tp)))
                .collect();
            parts.join(", ")
        }
        MessageKind::ProduceResponse(list) => {
            let parts: Vec<String> = list
                .iter()
                .map(|(tp, base, ..)| format!("{} at {base}", name_of(view, *tp)))
                .collect();
            parts.join(", ")
        }
        MessageKind::Group { summary, .. }
        | MessageKind::Controller { summary, .. }
        | MessageKind::Other { summary, .. } => summary.clone(),
    }
}

/// What is scheduled, soonest first.
pub fn coming(view: &WorldView) -> Vec<(Time, String)> {
    let mut list: Vec<(Time, String)> = view
        .messages
        .iter()
        // What a cut link holds up lands at no time that is known.
        .filter(|m| !m.routine && m.arrives_at != highwater_sim::NEVER)
        .map(|m| {
            (
                m.arrives_at,
                format!("{}{} at {}", m.api, if m.response { " response" } else { "" }, m.to),
            )
        })
        .collect();
    for broker in &view.brokers {
        for parked in &broker.purgatory {
            let what = match parked.what {
                ParkedKind::Produce { .. } => "produce times out",
                // It comes twice a second and changes nothing.
                ParkedKind::Fetch { .. } => continue,
            };
            list.push((parked.deadline, format!("{}’s {what}", parked.from)));
        }
    }
    for p in partitions(view) {
        for f in p.logs.iter().flat_map(|l| &l.followers).filter(|f| f.in_isr) {
            if let Some(at) = f.lag_deadline {
                list.push((at, format!("broker {} may leave the ISR of {}", f.broker, p.name)));
            }
        }
    }
    for broker in view.brokers.iter().filter(|b| !b.fenced && b.down_since.is_some()) {
        if let Some((_, _, ends)) = view.controller.sessions.iter().find(|s| s.0 == broker.id) {
            list.push((*ends, format!("broker {} is fenced", broker.id)));
        }
    }
    list.retain(|(at, _)| *at >= view.now);
    highwater_sorted::sort(&mut list);
    list.dedup();
    list
}

/// `arrives in 1 ms`.
pub fn in_time(view: &WorldView, at: Time) -> String {
    format!("in {}", span(at.since(view.now).0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cut_link_holds_up_is_not_said_to_come() {
        let message = |arrives_at| MessageView {
            id: 1,
            from: NodeId::Broker(2),
            to: NodeId::Broker(1),
            correlation: highwater_cluster::Correlation::default(),
            sent_at: Time(0),
            arrives_at,
            response: false,
            api: "Fetch",
            what: MessageKind::Fetch(Vec::new()),
            fields: Vec::new(),
            routine: false,
            fault: None,
        };
        let mut view = WorldView { messages: vec![message(Time(5))], ..WorldView::default() };
        assert_eq!(coming(&view).len(), 1);
        view.messages = vec![message(highwater_sim::NEVER)];
        assert!(coming(&view).is_empty());
    }
}
