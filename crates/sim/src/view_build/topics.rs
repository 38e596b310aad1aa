//! Topics and partitions as the controller has them.

use super::Builder;
use crate::{PartitionView, TopicView};
use highwater_cluster::settings::effective_topic_config;
use highwater_cluster::{PartitionRegistration, TopicId, TopicImage, TopicPartition};

impl Builder<'_> {
    pub fn topics(&self) -> Vec<TopicView> {
        self.world.image().topics.iter().map(|(id, topic)| self.topic(*id, topic)).collect()
    }

    fn topic(&self, id: TopicId, topic: &TopicImage) -> TopicView {
        let config = effective_topic_config(self.world.image(), id);
        let partitions = self.world.image().partitions().filter(|(tp, _)| tp.topic == id);
        TopicView {
            id: id.0,
            name: topic.name.to_string(),
            internal: topic.name.starts_with("__"),
            configs: topic
                .configs
                .iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            min_insync_replicas: config.min_insync_replicas,
            segment_bytes: i64::from(config.segment_bytes),
            retention_ms: config.retention_ms,
            retention_bytes: config.retention_bytes,
            partitions: partitions.map(|(tp, p)| self.partition(tp, p)).collect(),
        }
    }

    fn partition(&self, tp: TopicPartition, registered: &PartitionRegistration) -> PartitionView {
        let mut hosts = registered.replicas.clone();
        highwater_sorted::sort(&mut hosts);
        PartitionView {
            tp,
            name: self.name(tp),
            leader: registered.leader,
            leader_epoch: registered.leader_epoch,
            partition_epoch: registered.partition_epoch,
            replicas: registered.replicas.clone(),
            isr: registered.isr.clone(),
            logs: hosts.iter().filter_map(|id| self.replica(*id, tp, registered)).collect(),
        }
    }
}
