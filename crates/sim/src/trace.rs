//! The trace: what happened, in order, typed. One step of the world gives some records.

use highwater_cluster::{Body, Command, Correlation, NodeId, Time, Timer, TraceEvent};
use std::fmt::Write;

/// One thing that happened.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TraceRecord {
    /// Number of the event it belongs to, from 1; an action applied between two events carries the number of the first.
    pub event: u64,
    /// Told by an action that was applied after that event.
    pub by_input: bool,
    /// When.
    pub time: Time,
    /// Where: the process that acted, the receiver of a delivery.
    pub node: NodeId,
    /// What.
    pub what: TraceKind,
}

/// Kinds of trace records.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum TraceKind {
    /// Something a process (or the world) tells.
    Event(TraceEvent),
    /// `node` sent a message.
    Sent {
        /// Its number.
        message: u64,
        /// Receiver.
        to: NodeId,
        /// Number of the request.
        correlation: Correlation,
        /// Content.
        body: Body,
        /// When it will land, as things stand; [`NEVER`] while its link is cut.
        arrives_at: Time,
    },
    /// `node` received a message.
    Delivered {
        /// Its number.
        message: u64,
        /// Sender.
        from: NodeId,
        /// Number of the request.
        correlation: Correlation,
        /// Content.
        body: Body,
        /// When it was sent.
        sent_at: Time,
    },
    /// A connection of `node` broke before this request was answered.
    Disconnected {
        /// The other end.
        peer: NodeId,
        /// Number of the request.
        correlation: Correlation,
    },
    /// A timer of `node` went off.
    Timer(Timer),
    /// The user of client `node` asked for something.
    Command(Command),
    /// The process started.
    Started,
}

/// Arrival of a message that waits at a cut link.
pub const NEVER: Time = Time(u64::MAX);

impl TraceRecord {
    /// The event inside, when it is one.
    pub fn event(&self) -> Option<&TraceEvent> {
        match &self.what {
            TraceKind::Event(e) => Some(e),
            _ => None,
        }
    }

    /// One line of JSON, for `--trace` files: fixed keys first, the details as text.
    pub fn json(&self) -> String {
        let mut line = String::with_capacity(160);
        let us = self.time.0;
        write!(line, "{{\"event\":{},\"time_us\":{us},\"node\":\"{}\"", self.event, self.node)
            .expect("writing to a string cannot fail");
        let (kind, name, details) = self.json_parts();
        write!(line, ",\"kind\":\"{kind}\",\"name\":").expect("writing to a string cannot fail");
        json_string(&mut line, &name);
        for (key, value) in details {
            write!(line, ",\"{key}\":").expect("writing to a string cannot fail");
            json_string(&mut line, &value);
        }
        line.push('}');
        line
    }

    fn json_parts(&self) -> (&'static str, String, Vec<(&'static str, String)>) {
        match &self.what {
            TraceKind::Event(e) => {
                ("event", e.name().to_owned(), vec![("details", format!("{e:?}"))])
            }
            TraceKind::Sent { message, to, correlation, body, arrives_at } => (
                "sent",
                api_name(body).to_owned(),
                vec![
                    ("message", message.to_string()),
                    ("to", to.to_string()),
                    ("correlation", correlation.to_string()),
                    ("arrives_us", arrives_at.0.to_string()),
                    ("details", body_text(body)),
                ],
            ),
            TraceKind::Delivered { message, from, correlation, body, sent_at } => (
                "delivered",
                api_name(body).to_owned(),
                vec![
                    ("message", message.to_string()),
                    ("from", from.to_string()),
                    ("correlation", correlation.to_string()),
                    ("sent_us", sent_at.0.to_string()),
                    ("details", body_text(body)),
                ],
            ),
            TraceKind::Disconnected { peer, correlation } => (
                "disconnected",
                "Disconnected".to_owned(),
                vec![("peer", peer.to_string()), ("correlation", correlation.to_string())],
            ),
            TraceKind::Timer(timer) => ("timer", format!("{timer:?}"), Vec::new()),
            TraceKind::Command(command) => {
                ("command", "Command".to_owned(), vec![("details", format!("{command:?}"))])
            }
            TraceKind::Started => ("started", "Started".to_owned(), Vec::new()),
        }
    }
}

/// Kafka's name of a message's API, with `Response` added to an answer.
fn api_name(body: &Body) -> String {
    match body {
        Body::Request(r) => r.api_name().to_owned(),
        Body::Response(r) => format!("{}Response", r.api_name()),
    }
}

fn body_text(body: &Body) -> String {
    match body {
        Body::Request(r) => format!("{r:?}"),
        Body::Response(r) => format!("{r:?}"),
    }
}

/// Appends `text` as a JSON string (RFC 8259).
pub fn json_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 => {
                write!(out, "\\u{:04x}", u32::from(c)).expect("writing to a string cannot fail");
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_json_with_escapes() {
        let what = TraceKind::Event(TraceEvent::ConsumerFailed { reason: "a \"b\"\n\u{1}".into() });
        let record = TraceRecord {
            event: 3,
            by_input: false,
            time: Time(1500),
            node: NodeId::Consumer(1),
            what,
        };
        let line = record.json();
        assert!(line.starts_with(
            r#"{"event":3,"time_us":1500,"node":"c1","kind":"event","name":"ConsumerFailed","#
        ));
        assert!(!line.contains('\n') && line.ends_with('}'));
        let mut text = String::new();
        json_string(&mut text, "\"\\\n\u{1}é");
        assert_eq!(text, r#""\"\\\n\u0001é""#);
    }
}
