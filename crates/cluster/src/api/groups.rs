//! The classic group protocol and committed offsets.

use crate::{BrokerId, KafkaError, TopicPartition};
use highwater_log::{Bytes, LeaderEpoch, Offset};
use std::sync::Arc;

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
