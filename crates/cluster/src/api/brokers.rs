//! Between brokers and the controller.

use crate::{BrokerId, KafkaError, MetadataRecord, TopicPartition};
use highwater_log::{LeaderEpoch, Offset};
use std::sync::Arc;

/// AlterPartition (api key 56), leader to controller.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterPartitionRequest {
    /// The leader.
    pub broker_id: BrokerId,
    /// Its broker epoch.
    pub broker_epoch: i64,
    /// Proposed states.
    pub partitions: Vec<AlterPartitionItem>,
}

/// One proposed ISR.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterPartitionItem {
    /// Which partition.
    pub tp: TopicPartition,
    /// Leader epoch of the proposer.
    pub leader_epoch: LeaderEpoch,
    /// `(member, its broker epoch or -1)`.
    pub new_isr: Vec<(BrokerId, i64)>,
    /// 0 RECOVERED, 1 RECOVERING.
    pub leader_recovery_state: i8,
    /// Partition epoch the proposal is based on.
    pub partition_epoch: i32,
}

/// Answer to AlterPartition.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterPartitionResponse {
    /// Error of the whole request.
    pub error: Option<KafkaError>,
    /// Per partition.
    pub partitions: Vec<AlterPartitionResult>,
}

/// Outcome for one partition.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterPartitionResult {
    /// Which partition.
    pub tp: TopicPartition,
    /// `None` = accepted.
    pub error: Option<KafkaError>,
    /// State after it.
    pub leader: BrokerId,
    /// State after it.
    pub leader_epoch: LeaderEpoch,
    /// State after it.
    pub isr: Vec<BrokerId>,
    /// State after it.
    pub partition_epoch: i32,
}

/// BrokerRegistration (api key 62).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BrokerRegistrationRequest {
    /// Who.
    pub broker_id: BrokerId,
    /// Number of this start of the process (Kafka: a random uuid).
    pub incarnation: u64,
    /// `broker.rack`.
    pub rack: Option<Arc<str>>,
    /// From `.kafka_cleanshutdown`; -1 after an unclean stop.
    pub previous_broker_epoch: i64,
}

/// Answer to BrokerRegistration.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BrokerRegistrationResponse {
    /// `None` = registered (still fenced).
    pub error: Option<KafkaError>,
    /// Offset of the registration record.
    pub broker_epoch: i64,
}

/// BrokerHeartbeat (api key 63).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BrokerHeartbeatRequest {
    /// Who.
    pub broker_id: BrokerId,
    /// Its broker epoch.
    pub broker_epoch: i64,
    /// How far it has applied the metadata log (next offset).
    pub current_metadata_offset: Offset,
    /// Asks to stay fenced.
    pub want_fence: bool,
    /// Asks for a controlled shutdown.
    pub want_shut_down: bool,
}

/// Answer to BrokerHeartbeat.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BrokerHeartbeatResponse {
    /// `None` = fine.
    pub error: Option<KafkaError>,
    /// Whether the controller has it fenced.
    pub is_fenced: bool,
    /// Whether it may stop now.
    pub should_shut_down: bool,
}

/// Fetch of the metadata log.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FetchMetadataLogRequest {
    /// The observer.
    pub broker_id: BrokerId,
    /// Next offset it needs.
    pub fetch_offset: Offset,
    /// Longest wait.
    pub max_wait_ms: i32,
}

/// Answer to it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FetchMetadataLogResponse {
    /// Records from the fetch offset on, in order.
    pub records: Vec<(Offset, MetadataRecord)>,
    /// End of what is committed.
    pub high_watermark: Offset,
}
