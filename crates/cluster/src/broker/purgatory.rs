//! Requests that wait inside the broker (Kafka: `DelayedOperationPurgatory`).

use crate::{Correlation, FetchRequest, KafkaError, NodeId, Request, Time, TopicPartition};
use highwater_log::Offset;
use highwater_sorted::SortedMap;
use std::sync::Arc;

/// A fetch that waits for enough data or its time (Kafka: `DelayedFetch`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParkedFetch {
    /// Who asked.
    pub from: NodeId,
    /// The request's number.
    pub correlation: Correlation,
    /// The request as it came; always a Fetch.
    pub request: Arc<Request>,
    /// Parked at.
    pub since: Time,
    /// Answered at the latest.
    pub deadline: Time,
}

impl ParkedFetch {
    /// The request.
    pub fn fetch(&self) -> &FetchRequest {
        match &*self.request {
            Request::Fetch(fetch) => fetch,
            other => unreachable!("only a Fetch is parked here, not {}", other.api_name()),
        }
    }
}

/// An acks=all produce that waits for the high watermark (Kafka: `DelayedProduce`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParkedProduce {
    /// Who asked.
    pub from: NodeId,
    /// The request's number.
    pub correlation: Correlation,
    /// In the order of the request.
    pub partitions: Vec<ProduceStatus>,
    /// Parked at.
    pub since: Time,
    /// Answered at the latest.
    pub deadline: Time,
}

/// How one partition of a parked produce stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProduceStatus {
    /// Which partition.
    pub tp: TopicPartition,
    /// Still to be replicated.
    pub pending: bool,
    /// The high watermark must reach this: last offset + 1.
    pub required_offset: Offset,
    /// First offset given to the batch; -1 when it was refused.
    pub base_offset: Offset,
    /// The outcome so far.
    pub error: Option<KafkaError>,
}

/// What waits. Numbers grow, so older entries come first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Purgatory {
    /// Fetches by entry number.
    pub fetches: SortedMap<u64, ParkedFetch>,
    /// Produces by entry number.
    pub produces: SortedMap<u64, ParkedProduce>,
    last_id: u64,
}

impl Purgatory {
    /// A number for a new entry.
    pub fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Numbers of the fetches that name this partition, oldest first.
    pub fn fetches_of(&self, tp: TopicPartition) -> Vec<u64> {
        let watches = |f: &ParkedFetch| f.fetch().partitions.iter().any(|p| p.tp == tp);
        self.fetches.iter().filter(|(_, f)| watches(f)).map(|(id, _)| *id).collect()
    }

    /// Numbers of the produces that wait for this partition, oldest first.
    pub fn produces_of(&self, tp: TopicPartition) -> Vec<u64> {
        let watches = |p: &ParkedProduce| p.partitions.iter().any(|s| s.pending && s.tp == tp);
        self.produces.iter().filter(|(_, p)| watches(p)).map(|(id, _)| *id).collect()
    }
}
