//! What the admin client asks of the controller.

use crate::{BrokerId, KafkaError, TopicId, TopicPartition};
use std::sync::Arc;

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
