//! Processes, sessions, links and messages.

use crate::words::{span, span_ms};
use crate::{NEVER, ProcessState};
use highwater_cluster::{BrokerId, NodeId, Time};
use highwater_log::Offset;

/// A fact about processes and what is between them.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum ProcessFact {
    /// It does not run.
    NotRunning { node: NodeId, state: ProcessState, since: Time },
    /// It runs.
    Running { node: NodeId },
    /// Silent until then, it is fenced.
    SessionExpiresAt {
        broker: BrokerId,
        last_heartbeat: Time,
        at: Time,
        broker_session_timeout_ms: i64,
    },
    /// The controller has fenced it.
    Fenced { broker: BrokerId },
    /// It is leaving in an orderly way.
    ShuttingDown { broker: BrokerId },
    /// Not known to the controller.
    NotRegistered { broker: BrokerId },
    /// What it leads.
    Leads { broker: BrokerId, partitions: Vec<String> },
    /// Where it is out of sync.
    OutOfIsrOf { broker: BrokerId, partitions: Vec<String> },
    /// Nothing passes in this direction.
    LinkCut { from: NodeId, to: NodeId },
    /// It takes this long in this direction.
    LinkSlow { from: NodeId, to: NodeId, latency_us: u64 },
    /// On its way.
    MessageUnderWay {
        id: u64,
        api: &'static str,
        response: bool,
        from: NodeId,
        to: NodeId,
        arrives_at: Time,
    },
    /// It has landed, but its receiver is paused.
    MessageNotHeard {
        id: u64,
        api: &'static str,
        response: bool,
        from: NodeId,
        to: NodeId,
        arrived_at: Time,
    },
    /// Its connection is gone.
    NobodyHears { id: u64 },
    /// A fault acts on it.
    MessageHeldUp { id: u64, fault: String },
    /// A follower's fetch that waits at the leader.
    FollowerFetchParked {
        replica: BrokerId,
        broker: BrokerId,
        id: u64,
        fetch_offset: Offset,
        deadline: Time,
    },
    /// What a fetch tells its leader.
    FetchAcknowledges { replica: BrokerId, partition: String, fetch_offset: Offset },
    /// What a fetch response brings.
    FetchBrings { partition: String, records: u64, first_offset: Offset, high_watermark: Offset },
    /// What a produce request brings.
    ProduceBrings { partition: String, records: u64, acks: i16 },
    /// A response with an error, or without.
    Answers { what: String },
}

impl ProcessFact {
    pub(super) fn rule(&self) -> Option<&'static str> {
        match self {
            Self::SessionExpiresAt { .. } | Self::Fenced { .. } => {
                Some("broker.session.timeout.ms")
            }
            Self::ShuttingDown { .. } => Some("controlled shutdown"),
            Self::FollowerFetchParked { .. } => Some("replica.fetch.wait.max.ms"),
            Self::FetchAcknowledges { .. } => Some("Partition.updateFollowerFetchState"),
            Self::ProduceBrings { .. } => Some("acks"),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::NotRunning { node, state, since } => {
                format!("{node} {} since {since}", not_running(*state))
            }
            Self::Running { node } => format!("{node} runs"),
            Self::SessionExpiresAt { broker, last_heartbeat, at, broker_session_timeout_ms } => {
                format!(
                    "the controller heard broker {broker} last at {last_heartbeat}; silent for {}, until {at}, it is fenced",
                    span_ms(*broker_session_timeout_ms)
                )
            }
            Self::Fenced { broker } => format!(
                "the controller has fenced broker {broker}: it leads nothing and is in no ISR that has another member"
            ),
            Self::ShuttingDown { broker } => {
                format!("broker {broker} is shutting down and gives its leaderships away")
            }
            Self::NotRegistered { broker } => {
                format!("broker {broker} is not registered with the controller")
            }
            Self::Leads { broker, partitions } => match partitions.is_empty() {
                true => format!("broker {broker} leads nothing"),
                false => format!("broker {broker} leads {}", partitions.join(", ")),
            },
            Self::OutOfIsrOf { broker, partitions } => match partitions.is_empty() {
                true => format!("broker {broker} is in every ISR it could be in"),
                false => format!("broker {broker} is out of the ISR of {}", partitions.join(", ")),
            },
            _ => self.network_text(),
        }
    }

    /// Links, and messages with what they bring.
    fn network_text(&self) -> String {
        match self {
            Self::LinkCut { from, to } => {
                format!("nothing passes from {from} to {to}: the link is cut")
            }
            Self::LinkSlow { from, to, latency_us } => {
                format!("from {from} to {to} everything takes {}", span(*latency_us))
            }
            Self::MessageUnderWay { id, api, response, from, to, arrives_at } => {
                let kind = if *response { "response" } else { "request" };
                let lands = match *arrives_at {
                    NEVER => "waits at a cut link".to_owned(),
                    at => format!("lands at {at}"),
                };
                format!("message {id}, the {api} {kind} from {from} to {to}, {lands}")
            }
            Self::MessageNotHeard { id, api, response, from, to, arrived_at } => {
                let kind = if *response { "response" } else { "request" };
                format!(
                    "message {id}, the {api} {kind} from {from}, has landed at {arrived_at}, but {to} is paused and does not read it"
                )
            }
            Self::NobodyHears { id } => {
                format!("the connection of message {id} is gone: nobody hears it when it lands")
            }
            Self::MessageHeldUp { id, fault } => format!("a fault acts on message {id}: {fault}"),
            Self::FollowerFetchParked { replica, broker, id, fetch_offset, deadline } => format!(
                "the fetch of broker {replica} from offset {fetch_offset} waits at broker {broker} (request {id}) for new records, until {deadline}"
            ),
            Self::FetchAcknowledges { replica, partition, fetch_offset } => format!(
                "by asking {partition} from offset {fetch_offset} on, broker {replica} says that it has everything below"
            ),
            Self::FetchBrings { partition, records, first_offset, high_watermark } => match records
            {
                0 => format!(
                    "it brings no records of {partition}, and high watermark {high_watermark}"
                ),
                1 => format!(
                    "it brings offset {first_offset} of {partition}, and high watermark {high_watermark}"
                ),
                n => format!(
                    "it brings {n} records of {partition} from offset {first_offset} on, and high watermark {high_watermark}"
                ),
            },
            Self::ProduceBrings { partition, records, acks } => {
                let acks = if *acks == -1 { "all".to_owned() } else { acks.to_string() };
                format!(
                    "it brings {} for {partition} with acks={acks}",
                    super::count(*records, "record")
                )
            }
            Self::Answers { what } => what.clone(),
            _ => String::new(),
        }
    }
}

fn not_running(state: ProcessState) -> &'static str {
    match state {
        ProcessState::Running => "runs",
        ProcessState::Paused => "is paused",
        ProcessState::Crashed => "has been down",
        ProcessState::PoweredOff => "has been without power",
        ProcessState::ShutDown => "has been shut down",
    }
}
