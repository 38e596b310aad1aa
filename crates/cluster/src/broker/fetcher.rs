//! The follower's side: one fetcher per leader broker, which asks for all partitions led there in one
//! Fetch (Kafka: `ReplicaFetcherThread`).

use crate::{BrokerId, Correlation, Request, Time, TopicPartition};
use highwater_log::{LeaderEpoch, Offset};
use highwater_sorted::SortedMap;
use std::sync::Arc;

/// Replication from one leader broker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetcher {
    /// The broker asked.
    pub leader: BrokerId,
    /// What is fetched from it.
    pub partitions: SortedMap<TopicPartition, FetchState>,
    /// The Fetch under way.
    pub in_flight: Option<InFlightFetch>,
    /// The last request, sent again as it is while nothing has changed.
    pub last_request: Option<Arc<Request>>,
    /// When its timer goes off, if one is set: end of a back-off, or a look at a fetch that got no answer.
    pub timer_at: Option<Time>,
}

/// A Fetch that was sent and not answered yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InFlightFetch {
    /// Its number.
    pub correlation: Correlation,
    /// Sent at.
    pub sent_at: Time,
    /// The request.
    pub request: Arc<Request>,
}

/// Where one partition's replication stands (Kafka: `PartitionFetchState`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FetchState {
    /// Next offset to ask for.
    pub fetch_offset: Offset,
    /// The leader's epoch as far as this broker knows.
    pub current_leader_epoch: LeaderEpoch,
    /// Epoch of the last record in the own log; -1 = none.
    pub last_fetched_epoch: LeaderEpoch,
    /// Not fetched before this; while an offset is asked for: given up then.
    pub delayed_until: Option<Time>,
    /// What it is doing.
    pub phase: FetchPhase,
}

/// What a partition's replication is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FetchPhase {
    /// Fetching.
    Fetching,
    /// After OFFSET_OUT_OF_RANGE: the leader was asked for its latest offset.
    AskingLatest(Correlation),
    /// Then for its earliest.
    AskingEarliest(Correlation),
    /// Given up until a new leader epoch is known.
    Failed,
}

impl Fetcher {
    /// A fetcher with nothing to fetch.
    pub fn new(leader: BrokerId) -> Self {
        Self {
            leader,
            partitions: SortedMap::new(),
            in_flight: None,
            last_request: None,
            timer_at: None,
        }
    }

    /// Whether a partition may be asked for now.
    pub fn ready(state: &FetchState, now: Time) -> bool {
        state.phase == FetchPhase::Fetching && state.delayed_until.is_none_or(|until| until <= now)
    }

    /// The earliest end of a back-off or of the wait for an offset.
    pub fn next_ready(&self) -> Option<Time> {
        let waits = |s: &&FetchState| s.phase != FetchPhase::Failed;
        self.partitions.values().filter(waits).filter_map(|s| s.delayed_until).min()
    }

    /// Something a request tells has changed: the next one is made anew.
    pub fn changed(&mut self) {
        self.last_request = None;
    }
}
