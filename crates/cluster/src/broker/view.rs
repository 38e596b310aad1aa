//! What pictures, invariants and tests may see of a broker: read-only.

use super::lifecycle::State;
use super::{Broker, FetchState, Fetcher, IsrState, Partition, Purgatory, ReplicaState};
use crate::group::GroupCoordinator;
use crate::{BrokerConfig, BrokerId, MetadataImage, Name, Span, Time, TopicConfig, TopicPartition};
use highwater_log::{LeaderEpoch, Log, Offset};

impl Broker {
    /// `node.id`.
    pub fn id(&self) -> BrokerId {
        self.core.id
    }
    /// `broker.rack`.
    pub fn rack(&self) -> Option<&Name> {
        self.core.rack.as_ref()
    }
    /// Number of this start of the process.
    pub fn incarnation(&self) -> u64 {
        self.core.incarnation
    }
    /// Its settings.
    pub fn config(&self) -> &BrokerConfig {
        &self.core.config
    }
    /// The metadata as this broker knows it.
    pub fn image(&self) -> &MetadataImage {
        &self.core.image
    }
    /// Next offset of the metadata log it will apply.
    pub fn metadata_offset(&self) -> Offset {
        self.core.image.next_offset
    }
    /// Its broker epoch; -1 = not registered.
    pub fn broker_epoch(&self) -> i64 {
        self.core.lifecycle.broker_epoch
    }
    /// Whether it is fenced, as the controller last told it.
    pub fn is_fenced(&self) -> bool {
        self.core.lifecycle.fenced
    }
    /// Whether a controlled shutdown is under way.
    pub fn is_shutting_down(&self) -> bool {
        self.core.is_shutting_down()
    }
    /// Whether it has ended by itself.
    pub fn is_stopped(&self) -> bool {
        self.core.lifecycle.state == State::Stopped
    }
    /// The replicas it hosts, by topic and number.
    pub fn partitions(&self) -> impl Iterator<Item = (TopicPartition, &Partition)> {
        self.core.partitions.iter().map(|(tp, p)| (*tp, &**p))
    }
    /// One replica.
    pub fn partition(&self, tp: TopicPartition) -> Option<&Partition> {
        self.core.partitions.get(&tp).map(|p| &**p)
    }
    /// Requests that wait.
    pub fn purgatory(&self) -> &Purgatory {
        &self.core.purgatory
    }
    /// Replication from other brokers, by leader.
    pub fn fetchers(&self) -> impl Iterator<Item = &Fetcher> {
        self.core.fetchers.values()
    }
    /// Where replication of one partition stands, if it is followed here.
    pub fn fetching(&self, tp: TopicPartition) -> Option<(&Fetcher, &FetchState)> {
        self.core.fetchers.values().find_map(|f| Some((f, f.partitions.get(&tp)?)))
    }
    /// The group coordinator in this broker.
    pub fn coordinator(&self) -> &GroupCoordinator {
        &self.coordinator
    }
    /// Partition of `__consumer_offsets` that keeps this group.
    pub fn offsets_partition(&self, group: &str) -> i32 {
        self.core.offsets_partition(group)
    }
}

impl Partition {
    /// Which.
    pub fn tp(&self) -> TopicPartition {
        self.tp
    }
    /// Name of its topic.
    pub fn topic(&self) -> &Name {
        &self.topic
    }
    /// Its log.
    pub fn log(&self) -> &Log {
        &self.log
    }
    /// Its topic's settings.
    pub fn config(&self) -> &TopicConfig {
        &self.config
    }
    /// The leader as this broker knows it; -1 = none.
    pub fn leader(&self) -> BrokerId {
        self.leader
    }
    /// That leader's epoch; -1 = none yet.
    pub fn leader_epoch(&self) -> LeaderEpoch {
        self.leader_epoch
    }
    /// Partition epoch as this broker knows it.
    pub fn partition_epoch(&self) -> i32 {
        self.partition_epoch
    }
    /// Assigned replicas as this broker knows them.
    pub fn replicas(&self) -> &[BrokerId] {
        &self.replicas
    }
    /// High watermark as this replica knows it.
    pub fn high_watermark(&self) -> Offset {
        self.log.high_watermark()
    }
    /// Log end offset when this leader's epoch began; `None` on followers.
    pub fn leader_epoch_start_offset(&self) -> Option<Offset> {
        self.leader_epoch_start_offset
    }
    /// The ISR with what is under way; empty on followers.
    pub fn isr(&self) -> &IsrState {
        &self.isr
    }
    /// On the leader: what it knows of each other replica, by id.
    pub fn followers(&self) -> impl Iterator<Item = (BrokerId, &ReplicaState)> {
        self.remotes.iter().map(|(id, r)| (*id, r))
    }
    /// On the leader: what it knows of this replica.
    pub fn follower(&self, id: BrokerId) -> Option<&ReplicaState> {
        self.remote(id)
    }
    /// Its disk failed.
    pub fn is_offline(&self) -> bool {
        self.offline
    }
    /// When a follower will count as lagging if it does not catch up (`replica.lag.time.max.ms`); `None` while it
    /// has everything.
    pub fn lag_deadline(&self, follower: BrokerId, replica_lag_time_max_ms: i64) -> Option<Time> {
        let replica = self.remote(follower)?;
        if replica.log_end_offset == self.log.log_end_offset() {
            return None;
        }
        Some(
            replica.last_caught_up_time.unwrap_or_default()
                + Span::from_ms(replica_lag_time_max_ms),
        )
    }
}
