//! Metadata and FindCoordinator, answered from the image (Kafka: `KafkaApis`, `KRaftMetadataCache`,
//! `AutoTopicCreationManager`).

use super::core::{Core, OFFSETS_TOPIC};
use crate::controller::check_name;
use crate::{
    Context, Correlation, CreateTopicsRequest, FindCoordinatorRequest, FindCoordinatorResponse,
    KafkaError, MetadataPartition, MetadataRequest, MetadataResponse, MetadataTopic, Name, NodeId,
    Request, Response, Span, TopicId, TopicImage, TopicPartition,
};
use std::sync::Arc;

/// `offsets.topic.segment.bytes`.
const OFFSETS_SEGMENT_BYTES: &str = "104857600";

impl Core {
    pub(super) fn handle_metadata(
        &mut self,
        from: NodeId,
        correlation: Correlation,
        request: &MetadataRequest,
        ctx: &mut Context<'_>,
    ) {
        let alive = self.image.brokers.iter().filter(|(_, b)| !b.fenced);
        let brokers = alive.map(|(id, b)| (*id, b.rack.clone())).collect();
        let topics = match &request.topics {
            None => self.image.topics.iter().map(|(id, t)| self.topic_metadata(*id, t)).collect(),
            Some(names) => names.iter().map(|name| self.named_topic_metadata(name, ctx)).collect(),
        };
        ctx.send(from, correlation, Response::Metadata(MetadataResponse { brokers, topics }));
    }

    /// A topic that does not exist is unknown, and with `auto.create.topics.enable` it is being made from now on: the
    /// client asks again (Kafka: `KafkaApis.getTopicMetadata`).
    fn named_topic_metadata(&mut self, name: &Name, ctx: &mut Context<'_>) -> MetadataTopic {
        if let Some((id, topic)) = self.image.topic_by_name(name) {
            return self.topic_metadata(id, topic);
        }
        let mut error = KafkaError::UnknownTopicOrPartition;
        if check_name(name).is_err() {
            error = KafkaError::InvalidTopicException;
        } else if self.config.auto_create_topics_enable {
            self.create_topic(name, ctx);
        }
        MetadataTopic {
            error: Some(error),
            name: name.clone(),
            id: TopicId(0),
            partitions: Vec::new(),
        }
    }

    fn topic_metadata(&self, id: TopicId, topic: &TopicImage) -> MetadataTopic {
        let partitions = (0..).zip(&topic.partitions).map(|(partition, p)| {
            let known = self.image.brokers.contains_key(&p.leader);
            MetadataPartition {
                error: (!known).then_some(KafkaError::LeaderNotAvailable),
                partition,
                leader: if known { p.leader } else { -1 },
                leader_epoch: p.leader_epoch,
                replicas: p.replicas.clone(),
                isr: p.isr.clone(),
            }
        });
        MetadataTopic {
            error: None,
            name: topic.name.clone(),
            id,
            partitions: partitions.collect(),
        }
    }

    pub(super) fn handle_find_coordinator(
        &mut self,
        from: NodeId,
        correlation: Correlation,
        request: &FindCoordinatorRequest,
        ctx: &mut Context<'_>,
    ) {
        let found = match self.image.topic_by_name(OFFSETS_TOPIC).map(|(id, _)| id) {
            Some(topic) => self.coordinator_of(topic, &request.group),
            None => {
                self.create_topic(&OFFSETS_TOPIC.into(), ctx);
                Err(KafkaError::CoordinatorNotAvailable)
            }
        };
        let response = FindCoordinatorResponse { error: found.err(), node: found.unwrap_or(-1) };
        ctx.send(from, correlation, Response::FindCoordinator(response));
    }

    fn coordinator_of(&self, topic: TopicId, group: &str) -> Result<crate::BrokerId, KafkaError> {
        if group.is_empty() {
            return Err(KafkaError::InvalidGroupId);
        }
        let tp = TopicPartition::new(topic, self.offsets_partition(group));
        let leader = self.image.partition(tp).map(|p| p.leader);
        let alive = |id: &crate::BrokerId| self.image.brokers.get(id).is_some_and(|b| !b.fenced);
        leader.filter(alive).ok_or(KafkaError::CoordinatorNotAvailable)
    }

    /// Asks the controller for a topic that somebody asked for: the first FindCoordinator of a cluster makes the offsets
    /// topic, other topics get the defaults. One CreateTopics for each is under way at a time.
    fn create_topic(&mut self, name: &Name, ctx: &mut Context<'_>) {
        let timeout = Span::from_ms(self.config.request_timeout_ms);
        let sent = self.creating_topics.get(name);
        if sent.is_some_and(|(_, sent_at)| ctx.now.since(*sent_at) < timeout) {
            return;
        }
        let correlation = self.next_correlation();
        self.creating_topics.insert(name.clone(), (correlation, ctx.now));
        let setting = |name: &str, value: &str| (Arc::from(name), Arc::from(value));
        let mut request = CreateTopicsRequest {
            name: name.clone(),
            num_partitions: -1,
            replication_factor: -1,
            assignments: Vec::new(),
            configs: Vec::new(),
        };
        if **name == *OFFSETS_TOPIC {
            request.num_partitions = self.config.offsets_topic_num_partitions;
            request.replication_factor = self.config.offsets_topic_replication_factor;
            request.configs = vec![
                setting("cleanup.policy", "compact"),
                setting("segment.bytes", OFFSETS_SEGMENT_BYTES),
            ];
        }
        ctx.send(NodeId::Controller, correlation, Request::CreateTopics(request));
    }

    /// Made, refused or lost: the next one who asks for the topic sees, and it is tried again.
    pub(super) fn handle_create_topics_response(&mut self, correlation: Correlation) {
        self.creating_topics.retain(|_, (sent, _)| *sent != correlation);
    }
}
