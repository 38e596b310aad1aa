//! What a producer knows of the cluster (Kafka: `Metadata`, `MetadataCache`).

use crate::{BrokerId, KafkaError, MetadataResponse, Name, TopicId, TopicPartition};
use highwater_log::LeaderEpoch;
use highwater_sorted::SortedMap;

/// Leader and epoch of one partition; leader -1 = none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct KnownLeader {
    pub leader: BrokerId,
    pub epoch: LeaderEpoch,
}

/// A topic as the last answers had it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct KnownTopic {
    pub id: TopicId,
    /// By partition number.
    pub partitions: Vec<KnownLeader>,
}

/// The cached metadata.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct ClientMetadata {
    pub brokers: Vec<BrokerId>,
    pub topics: SortedMap<Name, KnownTopic>,
    /// Topics that the cluster refuses for good.
    pub refused: SortedMap<Name, KafkaError>,
}

impl KnownTopic {
    /// How many partitions.
    pub fn count(&self) -> i32 {
        i32::try_from(self.partitions.len()).expect("partitions are counted in 32 bits")
    }
}

impl ClientMetadata {
    /// Takes an answer in. A leader epoch older than the known one is old news and is ignored. True
    /// when something in it asks for another try: a topic that is not there, a missing leader.
    pub fn update(&mut self, response: &MetadataResponse) -> bool {
        self.brokers = response.brokers.iter().map(|(b, _)| *b).collect();
        let mut again = false;
        for topic in &response.topics {
            if let Some(error) = topic.error {
                if error.retriable() {
                    again = true;
                } else {
                    self.refused.insert(topic.name.clone(), error);
                }
                continue;
            }
            let old = self.topics.get(&topic.name).filter(|t| t.id == topic.id);
            let mut partitions = Vec::new();
            for (n, p) in topic.partitions.iter().enumerate() {
                let new = KnownLeader { leader: p.leader, epoch: p.leader_epoch };
                let known = old.and_then(|t| t.partitions.get(n)).copied();
                partitions.push(known.filter(|k| k.epoch > new.epoch).unwrap_or(new));
                again |= p.error.is_some();
            }
            self.refused.remove(&topic.name);
            self.topics.insert(topic.name.clone(), KnownTopic { id: topic.id, partitions });
        }
        again
    }

    /// A broker said who leads now; true when that is news.
    pub fn update_leader(
        &mut self,
        tp: TopicPartition,
        leader: BrokerId,
        epoch: LeaderEpoch,
    ) -> bool {
        let Some(known) = self.leader_mut(tp) else { return false };
        let newer = epoch > known.epoch;
        if newer {
            *known = KnownLeader { leader, epoch };
        }
        newer
    }

    /// Leader of a partition as far as known; `None` when it has none.
    pub fn leader(&self, tp: TopicPartition) -> Option<KnownLeader> {
        let topic = self.topics.values().find(|t| t.id == tp.topic)?;
        let known = topic.partitions.get(usize::try_from(tp.partition).ok()?)?;
        (known.leader >= 0).then_some(*known)
    }

    fn leader_mut(&mut self, tp: TopicPartition) -> Option<&mut KnownLeader> {
        let topic = self.topics.values_mut().find(|t| t.id == tp.topic)?;
        topic.partitions.get_mut(usize::try_from(tp.partition).ok()?)
    }

    /// Partitions that this broker leads, by topic name and number.
    pub fn led_by(&self, broker: BrokerId) -> Vec<TopicPartition> {
        let mut led = Vec::new();
        for topic in self.topics.values() {
            for (partition, known) in (0..).zip(&topic.partitions) {
                if known.leader == broker {
                    led.push(TopicPartition::new(topic.id, partition));
                }
            }
        }
        led
    }
}
