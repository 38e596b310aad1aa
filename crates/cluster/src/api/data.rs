//! What clients and followers ask of a partition: Produce, Fetch, ListOffsets, Metadata.

use crate::{BrokerId, KafkaError, TopicId, TopicPartition};
use highwater_log::{Bytes, LeaderEpoch, Offset, Timestamp};
use std::sync::Arc;

/// Produce (api key 0).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ProduceRequest {
    /// -1 = all, 0, 1.
    pub acks: i16,
    /// How long the leader may wait for acks=all (`request.timeout.ms` of the producer).
    pub timeout_ms: i32,
    /// One batch per partition, at most one entry per partition.
    pub partitions: Vec<ProducePartition>,
}

/// One partition of a Produce.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ProducePartition {
    /// Where to.
    pub tp: TopicPartition,
    /// Exactly one record batch, base offset 0.
    pub records: Bytes,
}

/// Answer to Produce; none is sent for acks=0.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ProduceResponse {
    /// In the order of the request.
    pub partitions: Vec<ProducePartitionResult>,
}

/// Result for one partition.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ProducePartitionResult {
    /// Which partition.
    pub tp: TopicPartition,
    /// `None` = appended (and, for acks=all, committed).
    pub error: Option<KafkaError>,
    /// Offset of the first record; -1 on error.
    pub base_offset: Offset,
    /// The leader's log start offset; -1 unknown.
    pub log_start_offset: Offset,
    /// With NOT_LEADER_OR_FOLLOWER / FENCED_LEADER_EPOCH: who leads as far as this broker knows (KIP-951).
    pub current_leader: Option<(BrokerId, LeaderEpoch)>,
}

/// Fetch (api key 1), by followers and consumers.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FetchRequest {
    /// Follower's broker id (ReplicaState.ReplicaId); -1 = a consumer.
    pub replica_id: BrokerId,
    /// Follower's broker epoch (ReplicaState.ReplicaEpoch); -1 for consumers.
    pub replica_epoch: i64,
    /// Longest wait for `min_bytes`.
    pub max_wait_ms: i32,
    /// Answer at once when so many bytes are there.
    pub min_bytes: i32,
    /// Limit of the whole response.
    pub max_bytes: i32,
    /// 0 read_uncommitted, 1 read_committed.
    pub isolation_level: i8,
    /// What is asked.
    pub partitions: Vec<FetchPartition>,
}

/// One partition of a Fetch.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FetchPartition {
    /// Which partition.
    pub tp: TopicPartition,
    /// Leader epoch the asker believes in; -1 = do not check.
    pub current_leader_epoch: LeaderEpoch,
    /// First offset wanted. From a follower this says "I have everything below".
    pub fetch_offset: Offset,
    /// Epoch of the last record the asker has; -1 = none.
    pub last_fetched_epoch: LeaderEpoch,
    /// The follower's log start offset; -1 for consumers.
    pub log_start_offset: Offset,
    /// Limit for this partition.
    pub partition_max_bytes: i32,
}

/// Answer to Fetch.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FetchResponse {
    /// Error of the whole request.
    pub error: Option<KafkaError>,
    /// In the order of the request.
    pub partitions: Vec<FetchPartitionResult>,
}

/// Result for one partition.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FetchPartitionResult {
    /// Which partition.
    pub tp: TopicPartition,
    /// `None` = fine.
    pub error: Option<KafkaError>,
    /// The leader's high watermark when it read its log (before this fetch counted); -1 on error.
    pub high_watermark: Offset,
    /// Last stable offset; equals the high watermark without transactions.
    pub last_stable_offset: Offset,
    /// The leader's log start offset.
    pub log_start_offset: Offset,
    /// `(epoch, end offset)` where the asker's log differs (KIP-595).
    pub diverging_epoch: Option<(LeaderEpoch, Offset)>,
    /// Who leads, when the asker was wrong (KIP-951).
    pub current_leader: Option<(BrokerId, LeaderEpoch)>,
    /// Whole batches; may begin before the fetch offset.
    pub records: Bytes,
}

/// ListOffsets (api key 2).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ListOffsetsRequest {
    /// Follower's id or -1.
    pub replica_id: BrokerId,
    /// `(partition, current leader epoch, timestamp)`; -1 latest, -2 earliest, else a timestamp.
    pub partitions: Vec<(TopicPartition, LeaderEpoch, Timestamp)>,
}

/// Answer to ListOffsets.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ListOffsetsResponse {
    /// In the order of the request.
    pub partitions: Vec<ListOffsetsResult>,
}

/// Result for one partition.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ListOffsetsResult {
    /// Which partition.
    pub tp: TopicPartition,
    /// `None` = fine.
    pub error: Option<KafkaError>,
    /// The offset; -1 unknown.
    pub offset: Offset,
    /// Timestamp of that record; -1 for earliest and latest.
    pub timestamp: Timestamp,
    /// Leader epoch of that offset; -1 unknown.
    pub leader_epoch: LeaderEpoch,
}

/// OffsetForLeaderEpoch (api key 23): where does this epoch end in the leader's log?
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetForLeaderEpochRequest {
    /// -1 = a consumer.
    pub replica_id: BrokerId,
    /// Partition, leader epoch the asker believes in (-1 = do not check), and the epoch asked about.
    pub partitions: Vec<(TopicPartition, LeaderEpoch, LeaderEpoch)>,
}

/// Answer to OffsetForLeaderEpoch.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetForLeaderEpochResponse {
    /// In the order of the request.
    pub partitions: Vec<OffsetForLeaderEpochResult>,
}

/// Result for one partition.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetForLeaderEpochResult {
    /// Which partition.
    pub tp: TopicPartition,
    /// `None` = fine.
    pub error: Option<KafkaError>,
    /// The epoch asked about, or the next older one there is; -1 = unknown.
    pub leader_epoch: LeaderEpoch,
    /// Where it ends; -1 = unknown.
    pub end_offset: Offset,
}

/// Metadata (api key 3).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MetadataRequest {
    /// Names wanted; `None` = all topics.
    pub topics: Option<Vec<Arc<str>>>,
}

/// Answer to Metadata.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MetadataResponse {
    /// Brokers that are alive (unfenced).
    pub brokers: Vec<(BrokerId, Option<Arc<str>>)>,
    /// Topics asked for.
    pub topics: Vec<MetadataTopic>,
}

/// A topic in a Metadata response.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MetadataTopic {
    /// UNKNOWN_TOPIC_OR_PARTITION when there is no such topic.
    pub error: Option<KafkaError>,
    /// Name.
    pub name: Arc<str>,
    /// Id; meaningless on error.
    pub id: TopicId,
    /// By partition number.
    pub partitions: Vec<MetadataPartition>,
}

/// A partition in a Metadata response.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MetadataPartition {
    /// LEADER_NOT_AVAILABLE when there is no leader.
    pub error: Option<KafkaError>,
    /// Partition number.
    pub partition: i32,
    /// Leader; -1 = none.
    pub leader: BrokerId,
    /// Its epoch.
    pub leader_epoch: LeaderEpoch,
    /// Assigned replicas, preferred first.
    pub replicas: Vec<BrokerId>,
    /// In-sync replicas.
    pub isr: Vec<BrokerId>,
}
