//! Requests and responses by Kafka's names and fields (`12-rpc-schemas`), as plain data.
//! Record sets are real bytes; everything else is typed. Errors are `None` for success.

mod admin;
mod brokers;
mod data;
mod groups;

pub use admin::*;
pub use brokers::*;
pub use data::*;
pub use groups::*;

use crate::{Correlation, NodeId};
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
    OffsetForLeaderEpoch(OffsetForLeaderEpochRequest),
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
    OffsetForLeaderEpoch(OffsetForLeaderEpochResponse),
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

impl Request {
    /// Kafka's name of the API.
    pub fn api_name(&self) -> &'static str {
        match self {
            Self::Produce(_) => "Produce",
            Self::Fetch(_) | Self::FetchMetadataLog(_) => "Fetch",
            Self::ListOffsets(_) => "ListOffsets",
            Self::OffsetForLeaderEpoch(_) => "OffsetForLeaderEpoch",
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
            Self::OffsetForLeaderEpoch(_) => "OffsetForLeaderEpoch",
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
