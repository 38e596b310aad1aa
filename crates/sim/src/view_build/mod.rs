//! `World::view()`: plain data made from the processes' own accessors. Decides nothing about Kafka.

mod brokers;
mod clients;
mod fields;
mod fields_group;
mod groups;
mod inside;
mod messages;
mod replicas;
mod topics;

pub(crate) use messages::set;

use crate::{KeyView, LinkView, World, WorldView};
use highwater_cluster::{Body, NodeId, TopicPartition};

/// Fault of a message whose connection is gone: nobody will hear it.
pub(crate) const CLOSED: &str = "connection closed";

/// What all parts of a view need.
pub(crate) struct Builder<'a> {
    pub world: &'a World,
}

impl Builder<'_> {
    pub fn key(&self, key: Option<&[u8]>) -> KeyView {
        self.world.keys.view(key)
    }

    /// `orders-0`.
    pub fn name(&self, tp: TopicPartition) -> String {
        crate::disk_logs::partition_name(self.world, tp)
    }

    /// Whether it belongs to a topic that Kafka made for itself.
    pub fn is_internal(&self, tp: TopicPartition) -> bool {
        self.world.image().topics.get(&tp.topic).is_some_and(|t| t.name.starts_with("__"))
    }

    /// Keys of all records in some batches.
    pub fn keys_in(&self, bytes: &[u8]) -> Vec<KeyView> {
        let batches = highwater_log::Batches::new(bytes).flatten();
        batches
            .flat_map(|b| b.records().flatten().collect::<Vec<_>>())
            .map(|r| self.key(r.key))
            .collect()
    }
}

impl World {
    /// Everything a picture, a lesson or a script may see at this moment.
    pub fn view(&self) -> WorldView {
        let builder = Builder { world: self };
        WorldView {
            event: self.event(),
            now: self.now(),
            next_event_at: self.next_event_at(),
            seed: self.seed(),
            brokers: builder.brokers(),
            controller: builder.controller(),
            topics: builder.topics(),
            producers: builder.producers(),
            consumers: builder.consumers(),
            groups: builder.groups(),
            messages: builder.messages(),
            links: builder.links(),
            lost: self.oracle.lost_views(&self.keys),
            broken: self.oracle.broken().to_vec(),
        }
    }

    /// Kafka's name of a message's API and every field by the names of its schema, also of a message
    /// of the past as the trace has it.
    pub fn message_fields(&self, body: &Body) -> (&'static str, Vec<(&'static str, String)>) {
        let builder = Builder { world: self };
        match body {
            Body::Request(r) => (r.api_name(), builder.request_fields(r)),
            Body::Response(r) => (r.api_name(), builder.response_fields(r)),
        }
    }
}

impl Builder<'_> {
    fn links(&self) -> Vec<LinkView> {
        let links = self.world.kernel.network.links();
        links
            .map(|(from, to, link)| LinkView {
                from,
                to,
                cut: link.cut,
                latency_us: link.latency_us,
            })
            .collect()
    }

    /// Whether a process handles inputs now.
    pub fn running(&self, node: NodeId) -> bool {
        self.world.node(node).is_some_and(|n| n.state == crate::ProcessState::Running)
    }
}
