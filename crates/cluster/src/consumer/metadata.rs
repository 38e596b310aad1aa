//! What the client knows of the cluster (Kafka: `org.apache.kafka.clients.Metadata`).

use crate::{BrokerId, MetadataResponse, Name, Time, TopicId, TopicPartition};
use highwater_log::LeaderEpoch;
use highwater_sorted::{SortedMap, SortedSet};

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct TopicState {
    pub id: TopicId,
    /// Leader (-1 = none) and its epoch, by partition number.
    pub leaders: Vec<(BrokerId, LeaderEpoch)>,
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Metadata {
    pub brokers: Vec<BrokerId>,
    pub topics: SortedMap<Name, TopicState>,
    /// Topics some response has told of, existing or not.
    pub answered: SortedSet<Name>,
    /// When the last response came.
    pub updated_at: Option<Time>,
    /// Refreshes in a row that left something open, for the back-off.
    pub attempts: u32,
}

impl Metadata {
    /// Takes a response in; false when something in it asks for another one.
    pub fn update(&mut self, response: &MetadataResponse, now: Time) -> bool {
        let mut complete = true;
        self.updated_at = Some(now);
        if !response.brokers.is_empty() {
            self.brokers = response.brokers.iter().map(|(id, _)| *id).collect();
        }
        for topic in &response.topics {
            self.answered.insert(topic.name.clone());
            if topic.error.is_some() {
                complete = false;
                continue;
            }
            let known = self.topics.entry(topic.name.clone());
            let known = known.or_insert(TopicState { id: topic.id, leaders: Vec::new() });
            if known.id != topic.id {
                *known = TopicState { id: topic.id, leaders: Vec::new() };
            }
            for (partition, index) in topic.partitions.iter().zip(0..) {
                let told = (partition.leader, partition.leader_epoch);
                complete &= partition.error.is_none() && partition.leader >= 0;
                match known.leaders.get_mut(index) {
                    // An older epoch than the one known comes from a broker that lags behind.
                    Some(slot) if told.1 >= slot.1 => *slot = told,
                    Some(_) => {}
                    None => known.leaders.push(told),
                }
            }
        }
        self.attempts = if complete { 0 } else { self.attempts.saturating_add(1) };
        complete
    }

    /// The partition by topic name.
    pub fn find(&self, topic: &str, partition: i32) -> Option<TopicPartition> {
        self.topics.get(topic).map(|t| TopicPartition::new(t.id, partition))
    }

    /// Topic name and partition, as messages write it.
    pub fn label(&self, tp: TopicPartition) -> String {
        let name = self.topics.iter().find(|(_, t)| t.id == tp.topic).map(|(name, _)| &**name);
        format!("{}-{}", name.unwrap_or("?"), tp.partition)
    }

    fn slot(&self, tp: TopicPartition) -> Option<(BrokerId, LeaderEpoch)> {
        let topic = self.topics.values().find(|t| t.id == tp.topic)?;
        topic.leaders.get(usize::try_from(tp.partition).ok()?).copied()
    }

    /// The leader, when there is one, and its epoch.
    pub fn leader(&self, tp: TopicPartition) -> Option<(BrokerId, LeaderEpoch)> {
        self.slot(tp).filter(|(broker, _)| *broker >= 0)
    }

    /// A response named a newer leader (KIP-951); true when that was news.
    pub fn learn_leader(&mut self, tp: TopicPartition, leader: (BrokerId, LeaderEpoch)) -> bool {
        let topic = self.topics.values_mut().find(|t| t.id == tp.topic);
        let slot = usize::try_from(tp.partition).ok().and_then(|n| topic?.leaders.get_mut(n));
        match slot {
            Some(slot) if leader.1 > slot.1 => {
                *slot = leader;
                true
            }
            _ => false,
        }
    }

    /// Number of partitions of those of these topics that exist.
    pub fn counts<'a>(&self, topics: impl IntoIterator<Item = &'a Name>) -> SortedMap<Name, i32> {
        let count = |name: &Name| {
            let partitions = i32::try_from(self.topics.get(name)?.leaders.len()).ok()?;
            Some((name.clone(), partitions))
        };
        topics.into_iter().filter_map(count).collect()
    }
}
