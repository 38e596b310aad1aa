//! The network: TCP-like connections between processes, one per pair and channel, in order within a
//! direction; links that are cut or slowed per direction.

use crate::prng::{Stream, Xoshiro256};
use crate::{NEVER, NetworkSpec};
use highwater_cluster::{Body, Message, NodeId, Request, Response, Span, Time};
use highwater_sorted::SortedMap;

/// What a connection is for. Separate ones, as in Kafka's clients, so that a long wait or a delay on
/// one does not hold up another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Channel {
    /// Produce.
    Produce,
    /// Fetch by followers and consumers.
    Fetch,
    /// JoinGroup, SyncGroup, LeaveGroup, OffsetCommit, OffsetFetch.
    Group,
    /// Heartbeat of group members.
    Heartbeat,
    /// Metadata, ListOffsets, OffsetForLeaderEpoch, FindCoordinator.
    Metadata,
    /// Fetch of the metadata log.
    MetadataLog,
    /// BrokerRegistration, BrokerHeartbeat.
    Lifecycle,
    /// AlterPartition.
    AlterPartition,
    /// What the admin client asks, and topic creation by brokers.
    Admin,
}

impl Channel {
    /// The channel of a message: a response travels on the one of its request.
    pub fn of(body: &Body) -> Self {
        match body {
            Body::Request(r) => match **r {
                Request::Produce(_) => Self::Produce,
                Request::Fetch(_) => Self::Fetch,
                Request::JoinGroup(_)
                | Request::SyncGroup(_)
                | Request::LeaveGroup(_)
                | Request::OffsetCommit(_)
                | Request::OffsetFetch(_) => Self::Group,
                Request::Heartbeat(_) => Self::Heartbeat,
                Request::ListOffsets(_)
                | Request::OffsetForLeaderEpoch(_)
                | Request::Metadata(_)
                | Request::FindCoordinator(_) => Self::Metadata,
                Request::FetchMetadataLog(_) => Self::MetadataLog,
                Request::BrokerRegistration(_) | Request::BrokerHeartbeat(_) => Self::Lifecycle,
                Request::AlterPartition(_) => Self::AlterPartition,
                Request::CreateTopics(_)
                | Request::CreatePartitions(_)
                | Request::ElectLeaders(_)
                | Request::IncrementalAlterConfigs(_) => Self::Admin,
            },
            Body::Response(r) => match **r {
                Response::Produce(_) => Self::Produce,
                Response::Fetch(_) => Self::Fetch,
                Response::JoinGroup(_)
                | Response::SyncGroup(_)
                | Response::LeaveGroup(_)
                | Response::OffsetCommit(_)
                | Response::OffsetFetch(_) => Self::Group,
                Response::Heartbeat(_) => Self::Heartbeat,
                Response::ListOffsets(_)
                | Response::OffsetForLeaderEpoch(_)
                | Response::Metadata(_)
                | Response::FindCoordinator(_) => Self::Metadata,
                Response::FetchMetadataLog(_) => Self::MetadataLog,
                Response::BrokerRegistration(_) | Response::BrokerHeartbeat(_) => Self::Lifecycle,
                Response::AlterPartition(_) => Self::AlterPartition,
                Response::CreateTopics(_)
                | Response::CreatePartitions(_)
                | Response::ElectLeaders(_)
                | Response::IncrementalAlterConfigs(_) => Self::Admin,
            },
        }
    }
}

/// A message on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InFlight {
    /// Unique number, in order of sending.
    pub id: u64,
    /// What is on its way.
    pub message: Message,
    /// Its connection.
    pub channel: Channel,
    /// Sent at.
    pub sent_at: Time,
    /// Lands at; [`NEVER`] while it waits at a cut link.
    pub arrives_at: Time,
    /// Place in the event queue.
    pub(crate) sequence: u64,
    /// Its connection is gone: nobody will hear it when it lands.
    pub doomed: bool,
    /// What a fault did to it, in words.
    pub fault: Option<String>,
}

impl InFlight {
    /// Whether it is an answer.
    pub fn is_response(&self) -> bool {
        matches!(self.message.body, Body::Response(_))
    }

    /// Whether it waits at a cut link.
    pub fn held(&self) -> bool {
        self.arrives_at == NEVER
    }

    /// `(requester, server)`: the ends of the connection by role.
    pub fn ends(&self) -> (NodeId, NodeId) {
        if self.is_response() {
            (self.message.to, self.message.from)
        } else {
            (self.message.from, self.message.to)
        }
    }
}

/// One direction of a link with a fault on it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Link {
    /// Nothing passes; what is sent waits (TCP sends it again once the link is mended).
    pub cut: bool,
    /// One-way latency set by a fault, microseconds.
    pub latency_us: Option<u64>,
}

/// One direction of one connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Direction {
    rng: Xoshiro256,
    last_arrival: Time,
}

/// Links, connections and what is on them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Network {
    seed: u64,
    spec: NetworkSpec,
    links: SortedMap<(NodeId, NodeId), Link>,
    directions: SortedMap<(NodeId, NodeId, Channel), Direction>,
    pub(crate) in_flight: SortedMap<u64, InFlight>,
}

impl Network {
    /// A whole network.
    pub fn new(spec: NetworkSpec, seed: u64) -> Self {
        let (links, directions, in_flight) = Default::default();
        Self { seed, spec, links, directions, in_flight }
    }

    /// Faults of the direction `from` to `to`.
    pub fn link(&self, from: NodeId, to: NodeId) -> Link {
        self.links.get(&(from, to)).copied().unwrap_or_default()
    }

    /// Directions with a fault on them.
    pub fn links(&self) -> impl Iterator<Item = (NodeId, NodeId, Link)> {
        self.links.iter().map(|(&(from, to), &link)| (from, to, link))
    }

    /// Another usual latency from now on.
    pub(crate) fn set_spec(&mut self, spec: NetworkSpec) {
        self.spec = spec;
    }

    pub(crate) fn set_link(&mut self, from: NodeId, to: NodeId, link: Link) {
        if link == Link::default() {
            self.links.remove(&(from, to));
        } else {
            self.links.insert((from, to), link);
        }
    }

    /// What a message sent now would take, without looking at what is before it.
    pub fn usual_latency(&self, from: NodeId, to: NodeId) -> Span {
        self.link(from, to).latency_us.map_or(self.spec.latency, Span)
    }

    /// When a message sent now lands: latency, jitter, and never before the one sent before it.
    pub(crate) fn arrival(
        &mut self,
        from: NodeId,
        to: NodeId,
        channel: Channel,
        now: Time,
    ) -> Time {
        let link = self.link(from, to);
        let seed = self.seed;
        let stream = Stream::Network(from, to, channel as u8);
        let direction = self.directions.entry((from, to, channel)).or_insert_with(|| Direction {
            rng: Xoshiro256::stream(seed, stream),
            last_arrival: Time(0),
        });
        // Drawn on a slow link too, so that a fault does not shift what comes after it.
        let jitter = direction.rng.below(self.spec.jitter.0.saturating_add(1).max(1));
        let latency = match link.latency_us {
            Some(us) => Span(us),
            None => Span(self.spec.latency.0.saturating_add(jitter)),
        };
        if link.cut {
            return NEVER;
        }
        let at = (now + latency).max(direction.last_arrival);
        direction.last_arrival = at;
        at
    }

    /// Makes later messages on this direction of the connection land no earlier than `at`.
    pub(crate) fn not_before(&mut self, from: NodeId, to: NodeId, channel: Channel, at: Time) {
        if let Some(direction) = self.directions.get_mut(&(from, to, channel)) {
            direction.last_arrival = direction.last_arrival.max(at);
        }
    }

    /// A new connection: nothing is before what comes next.
    pub(crate) fn reconnect(&mut self, from: NodeId, to: NodeId, channel: Channel) {
        if let Some(direction) = self.directions.get_mut(&(from, to, channel)) {
            direction.last_arrival = Time(0);
        }
    }

    /// Messages on their way, in order of sending.
    pub fn in_flight(&self) -> impl Iterator<Item = &InFlight> {
        self.in_flight.values()
    }
}
