//! The metadata log's records and the image that replaying them gives. The controller writes them;
//! brokers fetch and replay the same records, so both sides share this code (Kafka: `MetadataImage`).

use crate::{BrokerId, TopicId, TopicPartition};
use highwater_log::LeaderEpoch;
use highwater_sorted::SortedMap;
use std::sync::Arc;

/// A record of `__cluster_metadata` (schemas in `13-record-schemas` B.3), typed.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum MetadataRecord {
    /// RegisterBrokerRecord; its offset is the broker epoch.
    RegisterBroker { broker: BrokerId, incarnation: u64, rack: Option<Arc<str>>, fenced: bool },
    /// BrokerRegistrationChangeRecord.
    BrokerRegistrationChange {
        broker: BrokerId,
        broker_epoch: i64,
        /// `Some(true)` fences, `Some(false)` unfences.
        fenced: Option<bool>,
        in_controlled_shutdown: bool,
    },
    /// TopicRecord.
    Topic { id: TopicId, name: Arc<str> },
    /// ConfigRecord; topic `None` = cluster-wide default.
    Config { topic: Option<TopicId>, name: Arc<str>, value: Arc<str> },
    /// PartitionRecord.
    Partition { tp: TopicPartition, state: PartitionRegistration },
    /// PartitionChangeRecord: `None` fields are unchanged.
    PartitionChange {
        tp: TopicPartition,
        isr: Option<Vec<BrokerId>>,
        /// `Some(-1)` = no leader.
        leader: Option<BrokerId>,
        replicas: Option<Vec<BrokerId>>,
        leader_recovery_state: Option<i8>,
    },
}

/// State of a partition as the controller has it (Kafka: `PartitionRegistration`).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PartitionRegistration {
    /// Assigned replicas; the first is preferred.
    pub replicas: Vec<BrokerId>,
    /// In-sync replicas.
    pub isr: Vec<BrokerId>,
    /// -1 = none.
    pub leader: BrokerId,
    /// Bumped when a record sets `leader`.
    pub leader_epoch: LeaderEpoch,
    /// Bumped by every change.
    pub partition_epoch: i32,
    /// 0 RECOVERED, 1 RECOVERING (after an unclean election).
    pub leader_recovery_state: i8,
}

/// A registered broker.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct BrokerRegistration {
    /// Offset of its registration record.
    pub broker_epoch: i64,
    /// Number of the process start that registered.
    pub incarnation: u64,
    /// `broker.rack`.
    pub rack: Option<Arc<str>>,
    /// Not alive as far as the controller knows.
    pub fenced: bool,
    /// Leaving in an orderly way.
    pub in_controlled_shutdown: bool,
}

/// A topic.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TopicImage {
    /// Name.
    pub name: Arc<str>,
    /// Overrides by Kafka's names.
    pub configs: SortedMap<Arc<str>, Arc<str>>,
    /// By partition number.
    pub partitions: Vec<PartitionRegistration>,
}

/// Everything the metadata log says, replayed up to `next_offset`.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct MetadataImage {
    /// Next offset to apply.
    pub next_offset: i64,
    /// Registered brokers.
    pub brokers: SortedMap<BrokerId, BrokerRegistration>,
    /// Topics by id.
    pub topics: SortedMap<TopicId, Arc<TopicImage>>,
    /// Cluster-wide defaults set dynamically.
    pub configs: SortedMap<Arc<str>, Arc<str>>,
}

impl MetadataImage {
    /// Applies one record; `offset` must be the next one.
    pub fn replay(&mut self, offset: i64, record: &MetadataRecord) {
        assert_eq!(offset, self.next_offset, "metadata records are applied in order");
        self.next_offset += 1;
        match record {
            MetadataRecord::RegisterBroker { broker, incarnation, rack, fenced } => {
                let registration = BrokerRegistration {
                    broker_epoch: offset,
                    incarnation: *incarnation,
                    rack: rack.clone(),
                    fenced: *fenced,
                    in_controlled_shutdown: false,
                };
                self.brokers.insert(*broker, registration);
            }
            MetadataRecord::BrokerRegistrationChange {
                broker,
                fenced,
                in_controlled_shutdown,
                ..
            } => {
                if let Some(b) = self.brokers.get_mut(broker) {
                    b.fenced = fenced.unwrap_or(b.fenced);
                    b.in_controlled_shutdown |= in_controlled_shutdown;
                }
            }
            MetadataRecord::Topic { id, name } => {
                let topic = TopicImage {
                    name: name.clone(),
                    configs: SortedMap::new(),
                    partitions: Vec::new(),
                };
                self.topics.insert(*id, Arc::new(topic));
            }
            MetadataRecord::Config { topic: None, name, value } => {
                self.configs.insert(name.clone(), value.clone());
            }
            MetadataRecord::Config { topic: Some(id), name, value } => {
                if let Some(t) = self.topics.get_mut(id) {
                    Arc::make_mut(t).configs.insert(name.clone(), value.clone());
                }
            }
            MetadataRecord::Partition { tp, state } => {
                if let Some(t) = self.topics.get_mut(&tp.topic) {
                    let partitions = &mut Arc::make_mut(t).partitions;
                    assert_eq!(
                        partitions.len(),
                        usize::try_from(tp.partition).expect("a partition number"),
                        "partitions are added in order"
                    );
                    partitions.push(state.clone());
                }
            }
            MetadataRecord::PartitionChange {
                tp,
                isr,
                leader,
                replicas,
                leader_recovery_state,
            } => {
                if let Some(p) = self.partition_mut(*tp) {
                    if let Some(isr) = isr {
                        p.isr.clone_from(isr);
                    }
                    if let Some(replicas) = replicas {
                        p.replicas.clone_from(replicas);
                    }
                    if let Some(leader) = leader {
                        p.leader = *leader;
                        p.leader_epoch += 1;
                    }
                    if let Some(state) = leader_recovery_state {
                        p.leader_recovery_state = *state;
                    }
                    p.partition_epoch += 1;
                }
            }
        }
    }

    /// A partition's state.
    pub fn partition(&self, tp: TopicPartition) -> Option<&PartitionRegistration> {
        self.topics.get(&tp.topic)?.partitions.get(usize::try_from(tp.partition).ok()?)
    }

    fn partition_mut(&mut self, tp: TopicPartition) -> Option<&mut PartitionRegistration> {
        let topic = self.topics.get_mut(&tp.topic)?;
        Arc::make_mut(topic).partitions.get_mut(usize::try_from(tp.partition).ok()?)
    }

    /// The topic with this name.
    pub fn topic_by_name(&self, name: &str) -> Option<(TopicId, &Arc<TopicImage>)> {
        self.topics.iter().find(|(_, t)| &*t.name == name).map(|(id, t)| (*id, t))
    }

    /// Every partition, by topic id and number.
    pub fn partitions(&self) -> impl Iterator<Item = (TopicPartition, &PartitionRegistration)> {
        self.topics.iter().flat_map(|(id, t)| {
            t.partitions.iter().enumerate().map(|(n, p)| {
                let number = i32::try_from(n).expect("a partition number");
                (TopicPartition::new(*id, number), p)
            })
        })
    }

    /// Registered, unfenced and not shutting down.
    pub fn is_active(&self, broker: BrokerId) -> bool {
        self.brokers.get(&broker).is_some_and(|b| !b.fenced && !b.in_controlled_shutdown)
    }
}
