//! Goes through what a step has told and takes it into the account.

use super::Oracle;
use crate::{TraceKind, TraceRecord, World};
use highwater_cluster::{Body, Correlation, NodeId, Request, Response, TraceEvent};
use std::sync::Arc;

/// What the oracle finds out during one step.
pub(super) struct Findings<'a> {
    pub world: &'a World,
    /// Events to be told, each with its process.
    pub events: Vec<(NodeId, TraceEvent)>,
    /// The message that this step delivered.
    pub delivered: Option<Delivered<'a>>,
}

#[derive(Clone, Copy)]
pub(super) struct Delivered<'a> {
    pub from: NodeId,
    pub correlation: Correlation,
    pub body: &'a Body,
}

impl Findings<'_> {
    /// A promise is broken.
    pub fn broken(&mut self, node: NodeId, id: &str, message: String) {
        self.events.push((node, TraceEvent::InvariantBroken { id: id.into(), message }));
    }
}

/// Observes the records of the step or action that has just been handled.
pub(crate) fn observe(world: &mut World) {
    if !world.kernel.records.iter().any(matters) {
        return;
    }
    let mut oracle = std::mem::take(&mut world.oracle);
    let account = Arc::make_mut(&mut oracle);
    let mut findings = Findings { world, events: Vec::new(), delivered: None };
    for record in &world.kernel.records {
        account.take(record, &mut findings);
    }
    let events = findings.events;
    for (_, event) in &events {
        if let TraceEvent::InvariantBroken { id, message } = event {
            account.broken.push((id.clone(), message.clone()));
        }
    }
    world.oracle = oracle;
    for (node, event) in events {
        world.kernel.tell(node, event);
    }
}

/// Whether the account changes with it.
fn matters(record: &TraceRecord) -> bool {
    match &record.what {
        TraceKind::Event(_) => true,
        TraceKind::Sent { body: Body::Response(r), .. } => {
            matches!(**r, Response::Produce(_) | Response::OffsetCommit(_))
        }
        TraceKind::Delivered { body: Body::Request(r), .. } => {
            matches!(**r, Request::Produce(_) | Request::OffsetCommit(_))
        }
        _ => false,
    }
}

impl Oracle {
    fn take<'a>(&mut self, record: &'a TraceRecord, findings: &mut Findings<'a>) {
        let (node, time) = (record.node, record.time);
        match &record.what {
            TraceKind::Delivered { from, correlation, body, .. } => {
                findings.delivered =
                    Some(Delivered { from: *from, correlation: *correlation, body });
                if let Body::Request(request) = body
                    && let Request::OffsetCommit(commit) = &**request
                {
                    self.commit_arrived(node, *from, *correlation, commit);
                }
            }
            TraceKind::Sent { to, correlation, body: Body::Response(response), .. } => {
                match &**response {
                    Response::Produce(answer) => {
                        for result in answer.partitions.iter().filter(|r| r.error.is_none()) {
                            self.ack_sent(node, *to, *correlation, result, findings);
                        }
                    }
                    Response::OffsetCommit(answer) => {
                        self.commit_answered(*to, *correlation, answer, findings)
                    }
                    _ => {}
                }
            }
            TraceKind::Event(event) => {
                self.event_at_broker(node, event, findings);
                self.event_at_controller(event, findings);
                self.event_at_client(node, time, event, findings);
            }
            _ => {}
        }
    }
}
