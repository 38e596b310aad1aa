//! What the group coordinator needs from the broker it lives in.

use crate::{BrokerConfig, Context, KafkaError, Name, TopicId, TopicPartition};
use highwater_log::{Bytes, Offset};

/// The broker around a group coordinator (Kafka: `CoordinatorRuntime` with its `PartitionWriter`, and the metadata cache).
pub trait CoordinatorHost {
    /// Partition of `__consumer_offsets` that keeps this group: `abs(JavaHash(group)) % partitions`.
    fn partition_for(&self, group: &str) -> i32;

    /// Whether this broker leads that partition of `__consumer_offsets` now.
    fn leads(&self, partition: i32) -> bool;

    /// Appends `(key, value)` records to a led partition of `__consumer_offsets` as acks=all would: refused when the
    /// committed ISR is below `min.insync.replicas`. Returns the end offset: the records are committed once the
    /// high watermark is at or above it.
    ///
    /// Errors: NOT_LEADER_OR_FOLLOWER, NOT_ENOUGH_REPLICAS, KAFKA_STORAGE_ERROR, RECORD_LIST_TOO_LARGE.
    fn append(
        &mut self,
        partition: i32,
        records: &[(Bytes, Option<Bytes>)],
        ctx: &mut Context<'_>,
    ) -> Result<Offset, KafkaError>;

    /// Whether the metadata knows this partition.
    fn topic_exists(&self, tp: TopicPartition) -> bool;

    /// Name of a topic.
    fn topic_name(&self, id: TopicId) -> Option<Name>;

    /// Id of a topic by its name.
    fn topic_id(&self, name: &str) -> Option<TopicId>;

    /// The broker's settings.
    fn config(&self) -> &BrokerConfig;
}
