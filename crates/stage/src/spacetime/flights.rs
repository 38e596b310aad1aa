//! Messages of a stretch of the trace: which are worth an arrow, and what is written on them.

use crate::keys::Keys;
use crate::plate::{Form, Piece, with_keys, words};
use crate::words as say;
use highwater_cluster::{
    Body, MetadataRecord, NodeId, Request, Response, Time, TopicPartition, TraceEvent,
};
use highwater_log::Offset;
use highwater_sim::{NEVER, TraceKind, TraceRecord, WorldView};
use highwater_sorted::SortedMap;

/// A message with its way through space and time.
pub(super) struct Flight {
    pub id: u64,
    pub from: NodeId,
    pub to: NodeId,
    pub sent: Time,
    /// Landed or lands; `None` = nobody knows.
    pub lands: Option<Time>,
    pub delivered: bool,
    /// Lost on its way.
    pub lost: Option<Time>,
    pub response: bool,
    pub ways: Vec<Vec<Piece>>,
    pub form: Form,
    pub error: bool,
    pub label: String,
}

impl Flight {
    pub fn pick(&self) -> String {
        format!("message {}", self.id)
    }
}

/// What is written on a message.
struct Content {
    ways: Vec<Vec<Piece>>,
    form: Form,
    error: bool,
}

impl Content {
    fn tag(texts: &[String]) -> Option<Self> {
        let ways = texts.iter().map(words).collect();
        Some(Self { ways, form: Form::Tag, error: false })
    }
    fn hexagon(texts: &[String]) -> Option<Self> {
        let ways = texts.iter().map(words).collect();
        Some(Self { ways, form: Form::Hexagon, error: false })
    }
    fn error(name: &str) -> Option<Self> {
        Some(Self { ways: vec![words(name)], form: Form::Tag, error: true })
    }
}

/// Reads the trace and remembers what makes a message news.
struct Reader<'a> {
    focus: &'a [TopicPartition],
    keys: Keys<'a>,
    /// Last fetch offset and high watermark seen, by asker and partition.
    asked: SortedMap<(NodeId, TopicPartition), Offset>,
    heard: SortedMap<(NodeId, TopicPartition), Offset>,
}

/// All messages worth an arrow, in order of sending.
pub(super) fn flights(
    records: &[TraceRecord],
    view: &WorldView,
    focus: &[TopicPartition],
) -> Vec<Flight> {
    let mut reader =
        Reader { focus, keys: Keys::of(view), asked: SortedMap::new(), heard: SortedMap::new() };
    let mut open: SortedMap<u64, usize> = SortedMap::new();
    let mut out: Vec<Flight> = Vec::new();
    for record in records {
        match &record.what {
            TraceKind::Sent { message, to, body, arrives_at, .. } => {
                let Some(content) = reader.content(record.node, *to, body) else { continue };
                open.insert(*message, out.len());
                let lands = (*arrives_at != NEVER).then_some(*arrives_at);
                out.push(flight(*message, record, *to, (body, lands), content));
            }
            TraceKind::Delivered { message, .. } => {
                if let Some(index) = open.remove(message) {
                    out[index].lands = Some(record.time);
                    out[index].delivered = true;
                }
            }
            TraceKind::Event(TraceEvent::MessageDropped { message, .. }) => {
                if let Some(index) = open.remove(message) {
                    out[index].lost = Some(record.time);
                }
            }
            TraceKind::Event(TraceEvent::Crashed { .. }) => {
                // Nothing reaches a dead process.
                for index in open.values() {
                    let flight = &mut out[*index];
                    if flight.to == record.node {
                        flight.lost = Some(flight.lands.unwrap_or(record.time).max(record.time));
                    }
                }
                open.retain(|_, index| out[*index].to != record.node);
            }
            _ => {}
        }
    }
    // What is still under way lands when the view says so; delays and cuts may have changed it.
    for index in open.into_values() {
        let flight = &mut out[index];
        match view.messages.iter().find(|m| m.id == flight.id) {
            Some(message) => {
                flight.lands = (message.arrives_at != NEVER).then_some(message.arrives_at);
            }
            // Neither under way nor delivered: it went with its connection.
            None if flight.lost.is_none() => {
                flight.lost = Some(flight.lands.map_or(view.now, |t| t.min(view.now)));
            }
            None => {}
        }
    }
    out
}

fn flight(
    id: u64,
    record: &TraceRecord,
    to: NodeId,
    (body, lands): (&Body, Option<Time>),
    content: Content,
) -> Flight {
    let (api, response) = match body {
        Body::Request(r) => (r.api_name(), false),
        Body::Response(r) => (r.api_name(), true),
    };
    let kind = if response { "response" } else { "request" };
    let text: Vec<&str> = content
        .ways
        .first()
        .map(|way| {
            let words = way.iter().filter_map(|p| match p {
                Piece::Text(text) => Some(text.as_str()),
                Piece::Chip(key) => key.text.as_deref(),
            });
            words.collect()
        })
        .unwrap_or_default();
    let label = format!(
        "{api} {kind}, {} to {}, sent at {}: {}",
        record.node,
        to,
        record.time,
        text.join(" ")
    );
    Flight {
        id,
        from: record.node,
        to,
        sent: record.time,
        lands,
        delivered: false,
        lost: None,
        response,
        ways: content.ways,
        form: content.form,
        error: content.error,
        label,
    }
}

impl Reader<'_> {
    fn about(&self, tp: TopicPartition) -> bool {
        self.focus.contains(&tp)
    }

    /// What to write on a message; `None` = it is not worth an arrow.
    fn content(&mut self, from: NodeId, to: NodeId, body: &Body) -> Option<Content> {
        match body {
            Body::Request(request) => self.request(from, request),
            Body::Response(response) => self.response(to, response),
        }
    }

    fn request(&mut self, from: NodeId, request: &Request) -> Option<Content> {
        match request {
            Request::Produce(r) => {
                let part = r.partitions.iter().find(|p| self.about(p.tp))?;
                let keys = self.keys.in_bytes(&part.records);
                let mut ways = with_keys(&keys, "");
                ways.push(words(say::count(keys.len(), "record")));
                Some(Content { ways, form: Form::Tag, error: false })
            }
            Request::Fetch(r) => {
                let part = r.partitions.iter().find(|p| self.about(p.tp))?;
                let offset = part.fetch_offset;
                let before = self.asked.insert((from, part.tp), offset);
                // Asking again for the same is no news.
                if before == Some(offset) {
                    return None;
                }
                Content::tag(&[format!("fetch from {offset}"), format!("from {offset}")])
            }
            Request::JoinGroup(_) | Request::SyncGroup(_) | Request::LeaveGroup(_) => {
                Content::tag(&[request.api_name().to_owned()])
            }
            Request::OffsetCommit(r) => {
                let commit = r.offsets.iter().find(|o| self.about(o.0))?;
                Content::tag(&[format!("commit {}", commit.1)])
            }
            Request::AlterPartition(r) => {
                let part = r.partitions.iter().find(|p| self.about(p.tp))?;
                let isr: Vec<i32> = part.new_isr.iter().map(|m| m.0).collect();
                let isr = say::set(&isr);
                Content::hexagon(&[format!("AlterPartition {isr}"), format!("ISR {isr}")])
            }
            Request::BrokerRegistration(_) => Content::hexagon(&["BrokerRegistration".to_owned()]),
            Request::CreateTopics(_) | Request::CreatePartitions(_) | Request::ElectLeaders(_) => {
                Content::hexagon(&[request.api_name().to_owned()])
            }
            _ => None,
        }
    }

    fn response(&mut self, to: NodeId, response: &Response) -> Option<Content> {
        match response {
            Response::Produce(r) => {
                let part = r.partitions.iter().find(|p| self.about(p.tp))?;
                match part.error {
                    Some(error) => Content::error(error.name()),
                    None if part.base_offset >= 0 => {
                        Content::tag(&[format!("ack {}", part.base_offset)])
                    }
                    None => Content::tag(&["ack".to_owned()]),
                }
            }
            Response::Fetch(r) => {
                if let Some(error) = r.error {
                    return Content::error(error.name());
                }
                let part = r.partitions.iter().find(|p| self.about(p.tp))?;
                if let Some(error) = part.error {
                    return Content::error(error.name());
                }
                if let Some((epoch, end)) = part.diverging_epoch {
                    return Content::tag(&[format!("epoch {epoch} ends {end}")]);
                }
                self.fetched(to, part)
            }
            Response::JoinGroup(r) => match r.error {
                Some(error) => Content::error(error.name()),
                None => Content::tag(&[format!("generation {}", r.generation_id)]),
            },
            Response::SyncGroup(r) => match r.error {
                Some(error) => Content::error(error.name()),
                None => Content::tag(&["assignment".to_owned()]),
            },
            Response::Heartbeat(r) => Content::error(r.error?.name()),
            Response::AlterPartition(r) => {
                let part = r.partitions.iter().find(|p| self.about(p.tp))?;
                match part.error.or(r.error) {
                    Some(error) => Content::error(error.name()),
                    None => Content::hexagon(&[format!("ISR {}", say::set(&part.isr))]),
                }
            }
            Response::FetchMetadataLog(r) => {
                r.records.iter().rev().find_map(|(_, record)| self.metadata(record))
            }
            _ => None,
        }
    }

    fn fetched(
        &mut self,
        to: NodeId,
        part: &highwater_cluster::FetchPartitionResult,
    ) -> Option<Content> {
        let hw = part.high_watermark;
        let before = self.heard.insert((to, part.tp), hw);
        let keys = self.keys.in_bytes(&part.records);
        if keys.is_empty() && before == Some(hw) {
            return None;
        }
        let tail = if to.broker().is_some() { format!("HW {hw}") } else { String::new() };
        let mut ways = with_keys(&keys, &tail);
        ways.push(words(if keys.is_empty() {
            format!("HW {hw}")
        } else {
            say::count(keys.len(), "record")
        }));
        Some(Content { ways, form: Form::Tag, error: false })
    }

    fn metadata(&self, record: &MetadataRecord) -> Option<Content> {
        match record {
            MetadataRecord::PartitionChange { tp, isr, leader, .. } if self.about(*tp) => {
                match (leader, isr) {
                    (Some(-1), _) => Content::hexagon(&["no leader".to_owned()]),
                    (Some(leader), _) => Content::hexagon(&[format!("leader {leader}")]),
                    (None, Some(isr)) => Content::hexagon(&[format!("ISR {}", say::set(isr))]),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}
