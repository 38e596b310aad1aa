//! The broker without its group coordinator, so that the coordinator can be handed the rest.

use super::checkpoint::Offsets;
use super::fetcher::Fetcher;
use super::isr::AlterPartitions;
use super::lifecycle::Lifecycle;
use super::metadata_log::MetadataLog;
use super::partition::{Partition, Surroundings};
use super::purgatory::Purgatory;
use crate::{
    BrokerConfig, BrokerId, Context, Correlation, KafkaError, MetadataImage, Name, NodeId, Time,
    TopicPartition,
};
use highwater_log::{LeaderEpoch, Offset};
use highwater_sorted::SortedMap;
use std::collections::VecDeque;
use std::sync::Arc;

/// Name of the topic with the groups' offsets.
pub(super) const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// What the coordinator is to be told about a partition of `__consumer_offsets`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum OffsetsNews {
    Elected(i32),
    Resigned(i32),
    Committed(i32, Offset),
}

#[derive(Clone, Debug)]
pub(super) struct Core {
    pub id: BrokerId,
    pub rack: Option<Name>,
    pub incarnation: u64,
    pub config: Arc<BrokerConfig>,
    pub image: MetadataImage,
    pub partitions: SortedMap<TopicPartition, Arc<Partition>>,
    pub purgatory: Purgatory,
    pub fetchers: SortedMap<BrokerId, Fetcher>,
    pub alter: AlterPartitions,
    pub lifecycle: Lifecycle,
    pub metadata_log: MetadataLog,
    /// What the checkpoint files said at the start.
    pub found: FoundOnDisk,
    /// CreateTopics under way for topics that somebody asked for, `__consumer_offsets` among them.
    pub creating_topics: SortedMap<Name, (Correlation, Time)>,
    pub offsets_news: VecDeque<OffsetsNews>,
    last_correlation: Correlation,
}

/// What a broker finds on its disk when it starts.
#[derive(Clone, Debug, Default)]
pub(super) struct FoundOnDisk {
    pub recovery_points: Offsets,
    pub log_starts: Offsets,
    pub high_watermarks: Offsets,
    /// It stopped in an orderly way the last time.
    pub clean_shutdown: bool,
}

impl Core {
    pub fn new(id: BrokerId, rack: Option<Name>, incarnation: u64, config: BrokerConfig) -> Self {
        Self {
            id,
            rack,
            incarnation,
            config: Arc::new(config),
            image: MetadataImage::default(),
            partitions: SortedMap::new(),
            purgatory: Purgatory::default(),
            fetchers: SortedMap::new(),
            alter: AlterPartitions::default(),
            lifecycle: Lifecycle::default(),
            metadata_log: MetadataLog::default(),
            found: FoundOnDisk::default(),
            creating_topics: SortedMap::new(),
            offsets_news: VecDeque::new(),
            // Numbers of an earlier life of the process are not used again.
            last_correlation: incarnation << 40,
        }
    }

    pub fn next_correlation(&mut self) -> Correlation {
        self.last_correlation += 1;
        self.last_correlation
    }

    /// The partition for changing, with what its rules look at.
    pub fn partition_mut(
        &mut self,
        tp: TopicPartition,
        now: Time,
    ) -> Option<(&mut Partition, Surroundings<'_>, &mut AlterPartitions)> {
        let partition = Arc::make_mut(self.partitions.get_mut(&tp)?);
        let around = Surroundings {
            image: &self.image,
            now,
            replica_lag_time_max_ms: self.config.replica_lag_time_max_ms,
        };
        Some((partition, around, &mut self.alter))
    }

    /// The hosted partition, or why there is none (Kafka: `ReplicaManager.getPartitionOrError`).
    pub fn partition_or_error(&self, tp: TopicPartition) -> Result<&Partition, KafkaError> {
        match self.partitions.get(&tp) {
            Some(partition) if partition.offline => Err(KafkaError::KafkaStorageError),
            Some(partition) => Ok(partition),
            None if !self.image.topics.contains_key(&tp.topic) => Err(KafkaError::UnknownTopicId),
            None if self.image.partition(tp).is_some() => Err(KafkaError::NotLeaderOrFollower),
            None => Err(KafkaError::UnknownTopicOrPartition),
        }
    }

    /// Who leads as far as this broker knows, told with errors that mean "not here" (KIP-951).
    pub fn current_leader(
        &self,
        tp: TopicPartition,
        error: KafkaError,
    ) -> Option<(BrokerId, LeaderEpoch)> {
        if !matches!(error, KafkaError::NotLeaderOrFollower | KafkaError::FencedLeaderEpoch) {
            return None;
        }
        self.image.partition(tp).map(|p| (p.leader, p.leader_epoch))
    }

    /// Whether it is a partition of `__consumer_offsets`.
    pub fn is_offsets_partition(&self, tp: TopicPartition) -> bool {
        self.image.topics.get(&tp.topic).is_some_and(|t| &*t.name == OFFSETS_TOPIC)
    }

    pub fn take_offsets_news(&mut self) -> Option<OffsetsNews> {
        self.offsets_news.pop_front()
    }

    /// A request of this broker got no answer: the connection broke.
    pub fn disconnected(&mut self, peer: NodeId, correlation: Correlation, ctx: &mut Context<'_>) {
        match peer {
            NodeId::Broker(leader) => self.fetch_failed(leader, correlation, ctx),
            NodeId::Controller => self.controller_lost(correlation, ctx),
            _ => {}
        }
    }

    fn controller_lost(&mut self, correlation: Correlation, ctx: &mut Context<'_>) {
        self.handle_create_topics_response(correlation);
        self.metadata_fetch_failed(correlation, ctx);
        self.registration_failed(correlation, ctx);
        self.alter_partition_failed(correlation, ctx);
    }
}
