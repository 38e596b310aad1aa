//! Which partition a record goes to (Kafka: `KafkaProducer.partition`, `BuiltInPartitioner`; KIP-480, 794).
//!
//! Without a key, records stick to one partition until `batch.size` bytes have gone there, then the
//! next one is drawn evenly. Kafka by default weighs the draw by queue lengths (adaptive
//! partitioning); that is left out.

use super::metadata::KnownTopic;
use super::record::ProducerRecord;
use crate::{Choice, Chooser, Name, ProducerConfig, partition_for_key};
use highwater_sorted::SortedMap;

/// The partition in use for records without a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Sticky {
    partition: i32,
    produced_bytes: u64,
}

/// Sticky partitions by topic.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Partitioner {
    sticky: SortedMap<Name, Sticky>,
}

fn draw(topic: &KnownTopic, chooser: &mut dyn Chooser) -> i32 {
    let available: Vec<i32> =
        (0..).zip(&topic.partitions).filter(|(_, p)| p.leader >= 0).map(|(n, _)| n).collect();
    let mut choose = |count: usize| {
        let bound = u32::try_from(count).expect("partitions are counted in 32 bits");
        chooser.choose(Choice::StickyPartition, bound)
    };
    if available.is_empty() {
        return i32::try_from(choose(topic.partitions.len())).expect("a partition number");
    }
    available[choose(available.len()) as usize]
}

impl Partitioner {
    /// The partition of `record`, and whether the sticky partitioner chose it.
    pub fn partition(
        &mut self,
        record: &ProducerRecord,
        topic: &KnownTopic,
        config: &ProducerConfig,
        chooser: &mut dyn Chooser,
    ) -> (i32, bool) {
        if let Some(partition) = record.partition {
            return (partition, false);
        }
        if let Some(key) = &record.payload.key
            && !config.partitioner_ignore_keys
        {
            return (partition_for_key(key, topic.count()), false);
        }
        let sticky = self
            .sticky
            .entry(record.topic.clone())
            .or_insert_with(|| Sticky { partition: draw(topic, chooser), produced_bytes: 0 });
        (sticky.partition, true)
    }

    /// `appended` bytes went to the sticky partition; `may_switch` = no batch of it is incomplete.
    pub fn produced(
        &mut self,
        name: &Name,
        topic: &KnownTopic,
        appended: u32,
        may_switch: bool,
        config: &ProducerConfig,
        chooser: &mut dyn Chooser,
    ) {
        let Some(sticky) = self.sticky.get_mut(name) else { return };
        sticky.produced_bytes += u64::from(appended);
        let batch_size = u64::try_from(config.batch_size.max(1)).expect("positive");
        let enough = sticky.produced_bytes >= batch_size;
        if (enough && may_switch) || sticky.produced_bytes >= 2 * batch_size {
            *sticky = Sticky { partition: draw(topic, chooser), produced_bytes: 0 };
        }
    }

    /// The partition in use for a topic's records without a key.
    pub fn sticky_partition(&self, topic: &str) -> Option<i32> {
        self.sticky.get(topic).map(|s| s.partition)
    }
}
