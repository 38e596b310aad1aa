//! Messages in flight as a picture sees them.

use super::KeyView;
use highwater_cluster::{Correlation, KafkaError, NodeId, Time, TopicPartition};
use highwater_log::{LeaderEpoch, Offset};

/// A message in flight.
#[derive(Clone, PartialEq, Debug)]
pub struct MessageView {
    /// Unique number.
    pub id: u64,
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// Request number.
    pub correlation: Correlation,
    /// Sent at.
    pub sent_at: Time,
    /// Lands at.
    pub arrives_at: Time,
    /// Response (true) or request.
    pub response: bool,
    /// Kafka's name of the API.
    pub api: &'static str,
    /// What matters for the picture.
    pub what: MessageKind,
    /// Every field by Kafka's name, for the inspector.
    pub fields: Vec<(&'static str, String)>,
    /// Nothing will change when it lands (a heartbeat, a fetch that will park): the director hurries over it.
    pub routine: bool,
    /// A fault that acts on it: "slow link: 6 s", "delayed 5 s".
    pub fault: Option<String>,
}

/// The gist of a message.
#[derive(Clone, PartialEq, Debug)]
pub enum MessageKind {
    /// One entry per partition.
    Fetch(Vec<(TopicPartition, Offset)>),
    /// Per partition: first offset, keys carried, high watermark, error.
    FetchResponse(Vec<FetchResponseView>),
    /// Per partition: keys carried.
    Produce(Vec<(TopicPartition, Vec<KeyView>)>),
    /// Per partition: base offset or error.
    ProduceResponse(Vec<(TopicPartition, Offset, i32, Option<KafkaError>)>),
    /// Group protocol (JoinGroup, SyncGroup, Heartbeat, LeaveGroup, OffsetCommit, OffsetFetch, FindCoordinator).
    Group { summary: String, error: Option<KafkaError> },
    /// Controller RPCs and metadata log.
    Controller { summary: String, error: Option<KafkaError> },
    /// Anything else (Metadata, ListOffsets, admin).
    Other { summary: String, error: Option<KafkaError> },
}

/// One partition of a fetch response.
#[derive(Clone, PartialEq, Debug)]
pub struct FetchResponseView {
    /// Which.
    pub tp: TopicPartition,
    /// First offset carried; the fetch offset when empty.
    pub first_offset: Offset,
    /// Keys of the records carried.
    pub keys: Vec<KeyView>,
    /// High watermark carried.
    pub high_watermark: Offset,
    /// `(epoch, end offset)` of a divergence.
    pub diverging: Option<(LeaderEpoch, Offset)>,
    /// Error.
    pub error: Option<KafkaError>,
}
