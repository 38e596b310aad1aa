//! Requests and responses by Kafka's names and fields (`12-rpc-schemas`), as plain data.
//! Record sets are real bytes; everything else is typed. Errors are `None` for success.

use crate::{BrokerId, Correlation, KafkaError, MetadataRecord, NodeId, TopicId, TopicPartition};
use highwater_log::{Bytes, LeaderEpoch, Offset, Timestamp};
use std::sync::Arc;

/// A message between two processes: one direction of one connection.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Message {
    /// Sender.
    pub from: NodeId,
    /// Receiver.
    pub to: NodeId,
    /// The request's number, unique per requester; a response repeats it.
    pub correlation: Correlation,
    /// What is said.
    pub body: Body,
}

/// A request or a response. Shared, so that a snapshot of the world copies pointers.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Body {
    /// Sent by a client or a follower.
    Request(Arc<Request>),
    /// The answer to the request with the same correlation.
    Response(Arc<Response>),
}

impl From<Request> for Body {
    fn from(r: Request) -> Self {
        Self::Request(Arc::new(r))
    }
}
impl From<Response> for Body {
    fn from(r: Response) -> Self {
        Self::Response(Arc::new(r))
    }
}

/// Requests.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Request {
    Produce(ProduceRequest),
    Fetch(FetchRequest),
    ListOffsets(ListOffsetsRequest),
    Metadata(MetadataRequest),
    FindCoordinator(FindCoordinatorRequest),
    JoinGroup(JoinGroupRequest),
    SyncGroup(SyncGroupRequest),
    Heartbeat(HeartbeatRequest),
    LeaveGroup(LeaveGroupRequest),
    OffsetCommit(OffsetCommitRequest),
    OffsetFetch(OffsetFetchRequest),
    CreateTopics(CreateTopicsRequest),
    CreatePartitions(CreatePartitionsRequest),
    ElectLeaders(ElectLeadersRequest),
    IncrementalAlterConfigs(AlterConfigsRequest),
    AlterPartition(AlterPartitionRequest),
    BrokerRegistration(BrokerRegistrationRequest),
    BrokerHeartbeat(BrokerHeartbeatRequest),
    /// A broker's Fetch of `__cluster_metadata` from the controller.
    FetchMetadataLog(FetchMetadataLogRequest),
}

/// Responses.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum Response {
    Produce(ProduceResponse),
    Fetch(FetchResponse),
    ListOffsets(ListOffsetsResponse),
    Metadata(MetadataResponse),
    FindCoordinator(FindCoordinatorResponse),
    JoinGroup(JoinGroupResponse),
    SyncGroup(SyncGroupResponse),
    Heartbeat(HeartbeatResponse),
    LeaveGroup(LeaveGroupResponse),
    OffsetCommit(OffsetCommitResponse),
    OffsetFetch(OffsetFetchResponse),
    CreateTopics(CreateTopicsResponse),
    CreatePartitions(CreatePartitionsResponse),
    ElectLeaders(ElectLeadersResponse),
    IncrementalAlterConfigs(AlterConfigsResponse),
    AlterPartition(AlterPartitionResponse),
    BrokerRegistration(BrokerRegistrationResponse),
    BrokerHeartbeat(BrokerHeartbeatResponse),
    FetchMetadataLog(FetchMetadataLogResponse),
}

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

/// FindCoordinator (api key 10) for a group.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FindCoordinatorRequest {
    /// The group id.
    pub group: Arc<str>,
}
/// Answer to FindCoordinator.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FindCoordinatorResponse {
    /// COORDINATOR_NOT_AVAILABLE while `__consumer_offsets` is being made or has no leader.
    pub error: Option<KafkaError>,
    /// The coordinator; -1 on error.
    pub node: BrokerId,
}

/// JoinGroup (api key 11), v9.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct JoinGroupRequest {
    /// The group.
    pub group: Arc<str>,
    /// `session.timeout.ms`.
    pub session_timeout_ms: i32,
    /// `max.poll.interval.ms`.
    pub rebalance_timeout_ms: i32,
    /// Empty on first contact (answered with MEMBER_ID_REQUIRED).
    pub member_id: Arc<str>,
    /// Always "consumer" here.
    pub protocol_type: Arc<str>,
    /// `(assignor name, ConsumerProtocolSubscription bytes)`, preferred first.
    pub protocols: Vec<(Arc<str>, Bytes)>,
}
/// Answer to JoinGroup, held back until the generation is formed.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct JoinGroupResponse {
    /// `None` = joined.
    pub error: Option<KafkaError>,
    /// Generation id; -1 on error.
    pub generation_id: i32,
    /// The chosen assignor.
    pub protocol_name: Arc<str>,
    /// Member id of the group leader.
    pub leader: Arc<str>,
    /// The id of the asker (new with MEMBER_ID_REQUIRED).
    pub member_id: Arc<str>,
    /// For the leader only: `(member id, subscription bytes)`.
    pub members: Vec<(Arc<str>, Bytes)>,
}

/// SyncGroup (api key 14).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SyncGroupRequest {
    /// The group.
    pub group: Arc<str>,
    /// Generation joined.
    pub generation_id: i32,
    /// Asker.
    pub member_id: Arc<str>,
    /// From the leader: `(member id, ConsumerProtocolAssignment bytes)`.
    pub assignments: Vec<(Arc<str>, Bytes)>,
}
/// Answer to SyncGroup.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SyncGroupResponse {
    /// `None` = fine.
    pub error: Option<KafkaError>,
    /// The asker's assignment.
    pub assignment: Bytes,
}

/// Heartbeat (api key 12).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct HeartbeatRequest {
    /// The group.
    pub group: Arc<str>,
    /// Generation.
    pub generation_id: i32,
    /// Member.
    pub member_id: Arc<str>,
}
/// Answer to Heartbeat.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct HeartbeatResponse {
    /// REBALANCE_IN_PROGRESS asks the member to rejoin.
    pub error: Option<KafkaError>,
}

/// LeaveGroup (api key 13).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LeaveGroupRequest {
    /// The group.
    pub group: Arc<str>,
    /// Member.
    pub member_id: Arc<str>,
}
/// Answer to LeaveGroup.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct LeaveGroupResponse {
    /// `None` = left.
    pub error: Option<KafkaError>,
}

/// OffsetCommit (api key 8).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetCommitRequest {
    /// The group.
    pub group: Arc<str>,
    /// Generation; -1 = not a member.
    pub generation_id: i32,
    /// Member; empty = not a member.
    pub member_id: Arc<str>,
    /// `(partition, offset, leader epoch or -1)`: the next offset to read.
    pub offsets: Vec<(TopicPartition, Offset, LeaderEpoch)>,
}
/// Answer to OffsetCommit, sent once the commit record itself is committed.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetCommitResponse {
    /// In the order of the request.
    pub partitions: Vec<(TopicPartition, Option<KafkaError>)>,
}

/// OffsetFetch (api key 9).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetFetchRequest {
    /// The group.
    pub group: Arc<str>,
    /// Partitions wanted.
    pub partitions: Vec<TopicPartition>,
}
/// Answer to OffsetFetch.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OffsetFetchResponse {
    /// Error of the whole request.
    pub error: Option<KafkaError>,
    /// `(partition, offset or -1, leader epoch or -1)`.
    pub offsets: Vec<(TopicPartition, Offset, LeaderEpoch)>,
}

/// CreateTopics (api key 19); sent by the admin client to the controller (forwarding by brokers is left out).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CreateTopicsRequest {
    /// Name.
    pub name: Arc<str>,
    /// -1 = `num.partitions`.
    pub num_partitions: i32,
    /// -1 = `default.replication.factor`.
    pub replication_factor: i16,
    /// Explicit replicas per partition; needs -1 in both numbers above.
    pub assignments: Vec<Vec<BrokerId>>,
    /// Topic settings by Kafka's names.
    pub configs: Vec<(Arc<str>, Arc<str>)>,
}
/// Answer to CreateTopics.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CreateTopicsResponse {
    /// `None` = made.
    pub error: Option<KafkaError>,
    /// Why, in words.
    pub message: Option<String>,
    /// The new id.
    pub id: Option<TopicId>,
}

/// CreatePartitions (api key 37).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CreatePartitionsRequest {
    /// Topic name.
    pub name: Arc<str>,
    /// New total.
    pub count: i32,
    /// Replicas of the added partitions; empty = placed by the controller.
    pub assignments: Vec<Vec<BrokerId>>,
}
/// Answer to CreatePartitions.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct CreatePartitionsResponse {
    /// `None` = done.
    pub error: Option<KafkaError>,
    /// Why, in words.
    pub message: Option<String>,
}

/// Which election ElectLeaders asks for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ElectionType {
    /// The first replica in the list.
    Preferred,
    /// Any live replica, in sync or not.
    Unclean,
}
/// ElectLeaders (api key 43).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ElectLeadersRequest {
    /// Kind.
    pub election: ElectionType,
    /// Partitions; `None` = all.
    pub partitions: Option<Vec<TopicPartition>>,
}
/// Answer to ElectLeaders.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ElectLeadersResponse {
    /// Per partition.
    pub partitions: Vec<(TopicPartition, Option<KafkaError>)>,
}

/// IncrementalAlterConfigs (api key 44), SET only.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterConfigsRequest {
    /// Topic name; `None` = the cluster-wide broker default.
    pub topic: Option<Arc<str>>,
    /// `(name, value)`.
    pub configs: Vec<(Arc<str>, Arc<str>)>,
}
/// Answer to IncrementalAlterConfigs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct AlterConfigsResponse {
    /// `None` = done.
    pub error: Option<KafkaError>,
    /// Why, in words.
    pub message: Option<String>,
}

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

impl Request {
    /// Kafka's name of the API.
    pub fn api_name(&self) -> &'static str {
        match self {
            Self::Produce(_) => "Produce",
            Self::Fetch(_) | Self::FetchMetadataLog(_) => "Fetch",
            Self::ListOffsets(_) => "ListOffsets",
            Self::Metadata(_) => "Metadata",
            Self::FindCoordinator(_) => "FindCoordinator",
            Self::JoinGroup(_) => "JoinGroup",
            Self::SyncGroup(_) => "SyncGroup",
            Self::Heartbeat(_) => "Heartbeat",
            Self::LeaveGroup(_) => "LeaveGroup",
            Self::OffsetCommit(_) => "OffsetCommit",
            Self::OffsetFetch(_) => "OffsetFetch",
            Self::CreateTopics(_) => "CreateTopics",
            Self::CreatePartitions(_) => "CreatePartitions",
            Self::ElectLeaders(_) => "ElectLeaders",
            Self::IncrementalAlterConfigs(_) => "IncrementalAlterConfigs",
            Self::AlterPartition(_) => "AlterPartition",
            Self::BrokerRegistration(_) => "BrokerRegistration",
            Self::BrokerHeartbeat(_) => "BrokerHeartbeat",
        }
    }
}

impl Response {
    /// Kafka's name of the API.
    pub fn api_name(&self) -> &'static str {
        match self {
            Self::Produce(_) => "Produce",
            Self::Fetch(_) | Self::FetchMetadataLog(_) => "Fetch",
            Self::ListOffsets(_) => "ListOffsets",
            Self::Metadata(_) => "Metadata",
            Self::FindCoordinator(_) => "FindCoordinator",
            Self::JoinGroup(_) => "JoinGroup",
            Self::SyncGroup(_) => "SyncGroup",
            Self::Heartbeat(_) => "Heartbeat",
            Self::LeaveGroup(_) => "LeaveGroup",
            Self::OffsetCommit(_) => "OffsetCommit",
            Self::OffsetFetch(_) => "OffsetFetch",
            Self::CreateTopics(_) => "CreateTopics",
            Self::CreatePartitions(_) => "CreatePartitions",
            Self::ElectLeaders(_) => "ElectLeaders",
            Self::IncrementalAlterConfigs(_) => "IncrementalAlterConfigs",
            Self::AlterPartition(_) => "AlterPartition",
            Self::BrokerRegistration(_) => "BrokerRegistration",
            Self::BrokerHeartbeat(_) => "BrokerHeartbeat",
        }
    }
}
