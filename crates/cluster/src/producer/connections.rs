//! Requests without an answer, and when metadata is asked for (Kafka: `NetworkClient`, `Metadata`).

use super::batch::ProducerBatch;
use super::metadata::ClientMetadata;
use crate::{BrokerId, Choice, Chooser, Correlation, Time};
use highwater_sorted::{SortedMap, SortedSet};

/// A request without an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct InFlight {
    pub to: BrokerId,
    pub sent_at: Time,
    pub kind: Kind,
    /// The batches of a Produce; empty otherwise.
    pub batches: Vec<ProducerBatch>,
}

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Produce,
    /// Asks for the metadata of the producer's topics.
    Metadata,
    /// Opens a connection, as Kafka does with ApiVersions. Nothing is sent to a broker before it has
    /// answered; a Metadata request for no topic stands for it here.
    Connect,
}

/// A broker without a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Disconnected {
    attempts: i32,
    not_before: Time,
    /// Something waits for it.
    wanted: bool,
}

/// What to do about a broker that something should be sent to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Readiness {
    /// Send.
    Connected,
    /// Open the connection first.
    ConnectNow,
    /// The connection is being opened, or must wait before the next try.
    Wait,
}

/// Requests by number, and the state of the metadata refresh.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Connections {
    bootstrap: Vec<BrokerId>,
    next_correlation: Correlation,
    requests: SortedMap<Correlation, InFlight>,
    /// Brokers that have answered since their connection last broke.
    connected: SortedSet<BrokerId>,
    /// Brokers whose connection broke; for metadata, others are asked first.
    broken: SortedMap<BrokerId, Disconnected>,
    /// Metadata is wanted as soon as the back-off allows.
    pub metadata_wanted: bool,
    /// Tries since the last answer that had all.
    pub metadata_attempts: i32,
    /// When it may be asked for again.
    pub metadata_not_before: Time,
    /// When the refresh timer is set to.
    pub metadata_timer: Option<Time>,
}

impl Connections {
    pub fn new(bootstrap: Vec<BrokerId>) -> Self {
        Self {
            bootstrap,
            next_correlation: 1,
            requests: SortedMap::new(),
            connected: SortedSet::new(),
            broken: SortedMap::new(),
            metadata_wanted: false,
            metadata_attempts: 0,
            metadata_not_before: Time(0),
            metadata_timer: None,
        }
    }

    pub fn in_flight(&self) -> impl Iterator<Item = &InFlight> {
        self.requests.values()
    }

    /// Memory of batches in flight.
    pub fn memory(&self) -> u64 {
        self.requests.values().flat_map(|r| &r.batches).map(ProducerBatch::memory).sum()
    }

    pub fn add(&mut self, request: InFlight) -> Correlation {
        let correlation = self.next_correlation();
        self.requests.insert(correlation, request);
        correlation
    }

    /// A number for a request that nobody answers.
    pub fn next_correlation(&mut self) -> Correlation {
        let correlation = self.next_correlation;
        self.next_correlation += 1;
        correlation
    }

    /// The request that is answered; its broker can be reached.
    pub fn answered(&mut self, from: BrokerId, correlation: Correlation) -> Option<InFlight> {
        let request = self.requests.remove(&correlation)?;
        self.connected(from);
        Some(request)
    }

    /// The broker has answered.
    pub fn connected(&mut self, broker: BrokerId) {
        self.broken.remove(&broker);
        self.connected.insert(broker);
    }

    pub fn is_connected(&self, broker: BrokerId) -> bool {
        self.connected.contains(&broker)
    }

    /// Takes a request out whose connection broke.
    pub fn take(&mut self, correlation: Correlation) -> Option<InFlight> {
        self.requests.remove(&correlation)
    }

    /// A connection broke or could not be opened; how often that has happened in a row before.
    pub fn disconnected(&mut self, broker: BrokerId) -> i32 {
        self.connected.remove(&broker);
        let state = self.broken.entry(broker).or_default();
        state.attempts += 1;
        state.attempts - 1
    }

    /// When the connection may be tried again (`reconnect.backoff.ms`).
    pub fn reconnect_not_before(&mut self, broker: BrokerId, at: Time) {
        if let Some(state) = self.broken.get_mut(&broker) {
            state.not_before = at;
        }
    }

    /// Kafka: `NetworkClient.ready`.
    pub fn readiness(&mut self, broker: BrokerId, now: Time) -> Readiness {
        if self.is_connected(broker) {
            return Readiness::Connected;
        }
        let state = self.broken.entry(broker).or_default();
        state.wanted = true;
        let not_before = state.not_before;
        // Any request that is under way to it will tell.
        if self.count_to(broker) > 0 || now < not_before {
            Readiness::Wait
        } else {
            Readiness::ConnectNow
        }
    }

    /// When the next connection that something waits for may be tried.
    pub fn next_reconnect(&self, now: Time) -> Option<Time> {
        let wanted = self.broken.iter().filter(|(b, s)| s.wanted && self.count_to(**b) == 0);
        wanted.map(|(_, s)| s.not_before).filter(|at| *at > now).min()
    }

    pub fn broker_of(&self, correlation: Correlation) -> Option<BrokerId> {
        self.requests.get(&correlation).map(|r| r.to)
    }

    /// Numbers of the requests on the way to this broker.
    pub fn requests_to(&self, broker: BrokerId) -> Vec<Correlation> {
        self.requests.iter().filter(|(_, r)| r.to == broker).map(|(c, _)| *c).collect()
    }

    pub fn count_to(&self, broker: BrokerId) -> i32 {
        i32::try_from(self.requests_to(broker).len()).expect("few requests")
    }

    /// Takes batches made at or before `limit` out of their requests.
    pub fn expired(&mut self, limit: Time) -> Vec<ProducerBatch> {
        let mut expired = Vec::new();
        for request in self.requests.values_mut() {
            let (old, rest) =
                std::mem::take(&mut request.batches).into_iter().partition(|b| b.created <= limit);
            request.batches = rest;
            expired.extend::<Vec<_>>(old);
        }
        expired
    }

    fn is_broken(&self, broker: BrokerId) -> bool {
        self.broken.get(&broker).is_some_and(|s| s.attempts > 0)
    }

    pub fn metadata_in_flight(&self) -> bool {
        self.requests.values().any(|r| r.kind == Kind::Metadata)
    }

    /// A new topic, or the start: no back-off.
    pub fn want_metadata_now(&mut self) {
        self.metadata_wanted = true;
        self.metadata_not_before = Time(0);
    }

    pub fn metadata_timer_fired(&mut self) {
        self.metadata_timer = None;
        self.metadata_wanted = true;
    }

    /// Kafka: `NetworkClient.leastLoadedNode`: from a random one on, the broker with the fewest
    /// requests in flight; brokers whose last request broke come last.
    pub fn least_loaded(
        &self,
        metadata: &ClientMetadata,
        chooser: &mut dyn Chooser,
    ) -> Option<BrokerId> {
        let known = if metadata.brokers.is_empty() { &self.bootstrap } else { &metadata.brokers };
        let reachable: Vec<BrokerId> =
            known.iter().copied().filter(|b| !self.is_broken(*b)).collect();
        // Nobody known can be reached: start from the bootstrap list again (KIP-899).
        let candidates = if reachable.is_empty() { self.bootstrap.clone() } else { reachable };
        let count = u32::try_from(candidates.len()).ok().filter(|n| *n > 0)?;
        let first = chooser.choose(Choice::Bootstrap, count);
        (0..count)
            .map(|step| candidates[((first + step) % count) as usize])
            .min_by_key(|b| self.count_to(*b))
    }
}
