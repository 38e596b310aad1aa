//! The broker as the group coordinator sees it.

use super::core::{Core, OFFSETS_TOPIC};
use crate::group::CoordinatorHost;
use crate::{BrokerConfig, Context, KafkaError, Name, TopicId, TopicPartition};
use highwater_log::{BatchBuilder, Batches, Bytes, Offset};

/// Key and value of a record.
pub(super) type KeyValue = (Bytes, Option<Bytes>);

/// Java's `String.hashCode`, over UTF-16 units.
pub(super) fn java_hash(text: &str) -> i32 {
    text.encode_utf16().fold(0i32, |h, unit| h.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

impl Core {
    fn offsets_topic(&self) -> Option<TopicId> {
        self.image.topic_by_name(OFFSETS_TOPIC).map(|(id, _)| id)
    }

    /// Partition of `__consumer_offsets` that keeps a group.
    pub(super) fn offsets_partition(&self, group: &str) -> i32 {
        let made = self.image.topic_by_name(OFFSETS_TOPIC).map(|(_, topic)| topic.partitions.len());
        let partitions = match made.and_then(|n| i32::try_from(n).ok()) {
            Some(n) if n > 0 => n,
            _ => self.config.offsets_topic_num_partitions.max(1),
        };
        // Kafka's Utils.abs: the smallest integer counts as 0.
        java_hash(group).checked_abs().unwrap_or(0) % partitions
    }

    /// All records of a partition of `__consumer_offsets` in order, for a coordinator that takes it over.
    pub(super) fn offsets_records(&mut self, number: i32, ctx: &mut Context<'_>) -> Vec<KeyValue> {
        let Some(topic) = self.offsets_topic() else { return Vec::new() };
        let Some(partition) = self.partitions.get(&TopicPartition::new(topic, number)) else {
            return Vec::new();
        };
        let log = &partition.log;
        let mut records = Vec::new();
        for at in log.batches_from(log.log_start_offset(), &*ctx.disk) {
            let Ok(bytes) = at.and_then(|at| log.batch_bytes(&at, &*ctx.disk)) else { break };
            for batch in Batches::new(&bytes).map_while(Result::ok) {
                for record in batch.records().map_while(Result::ok) {
                    if let Some(key) = record.key {
                        records.push((Bytes::from(key), record.value.map(Bytes::from)));
                    }
                }
            }
        }
        records
    }
}

impl CoordinatorHost for Core {
    fn partition_for(&self, group: &str) -> i32 {
        self.offsets_partition(group)
    }

    fn leads(&self, partition: i32) -> bool {
        let tp = self.offsets_topic().map(|topic| TopicPartition::new(topic, partition));
        tp.and_then(|tp| self.partitions.get(&tp)).is_some_and(|p| p.is_leader())
    }

    fn append(
        &mut self,
        partition: i32,
        records: &[KeyValue],
        ctx: &mut Context<'_>,
    ) -> Result<Offset, KafkaError> {
        let topic = self.offsets_topic().ok_or(KafkaError::NotLeaderOrFollower)?;
        let tp = TopicPartition::new(topic, partition);
        let mut builder = BatchBuilder::new();
        for (key, value) in records {
            builder.append(ctx.now.wall_ms(), Some(key), value.as_deref(), &[]);
        }
        let (_, end_offset, moved) = self.append_as_leader(tp, -1, &builder.build(), ctx)?;
        self.complete_delayed(tp, moved, ctx);
        Ok(end_offset)
    }

    fn topic_exists(&self, tp: TopicPartition) -> bool {
        self.image.partition(tp).is_some()
    }

    fn topic_name(&self, id: TopicId) -> Option<Name> {
        self.image.topics.get(&id).map(|t| t.name.clone())
    }

    fn topic_id(&self, name: &str) -> Option<TopicId> {
        self.image.topic_by_name(name).map(|(id, _)| id)
    }

    fn config(&self) -> &BrokerConfig {
        &self.config
    }
}

#[cfg(test)]
mod tests {
    use super::java_hash;

    /// Values of Java's String.hashCode (08-groups).
    #[test]
    fn java_hashes() {
        assert_eq!(java_hash("my-group"), -1_906_497_762);
        assert_eq!(java_hash("test"), 3_556_498);
        assert_eq!(java_hash("console-consumer-12345"), 158_455_506);
        assert_eq!(java_hash("polygenelubricants"), i32::MIN);
        assert_eq!(java_hash(""), 0);
    }
}
