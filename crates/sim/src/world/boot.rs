//! The start of a cluster: brokers, topics, then clients and script.

use super::{Phase, World};
use crate::kernel::Due;
use highwater_cluster::{Command, CreateTopicsRequest, NodeId, Span};

impl World {
    /// The scenario's start as a small program: each step waits for a state of the cluster.
    pub(super) fn boot(&mut self) {
        match self.phase {
            Phase::Brokers if self.all_brokers_unfenced() => self.create_topics_from(0),
            Phase::Topics(made) if self.topic_ready(made) => self.create_topics_from(made + 1),
            _ => {}
        }
    }

    fn all_brokers_unfenced(&self) -> bool {
        let image = self.image();
        self.scenario.brokers.iter().all(|b| image.is_active(b.id))
    }

    fn create_topics_from(&mut self, number: u32) {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        match self.scenario.topics.get(index) {
            None => self.begin(),
            Some(topic) => {
                let explicit = !topic.assignments.is_empty();
                let request = CreateTopicsRequest {
                    name: topic.name.as_str().into(),
                    num_partitions: if explicit { -1 } else { topic.partitions },
                    replication_factor: if explicit { -1 } else { topic.replication_factor },
                    assignments: topic.assignments.clone(),
                    configs: topic.configs.clone(),
                };
                self.phase = Phase::Topics(number);
                self.command(NodeId::Admin, Command::CreateTopic(request));
            }
        }
    }

    /// Every partition of the topic is led by a broker that knows it.
    fn topic_ready(&self, number: u32) -> bool {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        let Some(spec) = self.scenario.topics.get(index) else { return true };
        let Some((id, topic)) = self.image().topic_by_name(&spec.name) else { return false };
        !topic.partitions.is_empty()
            && self.image().partitions().filter(|(tp, _)| tp.topic == id).all(|(tp, registered)| {
                registered.replicas.iter().all(|&broker| {
                    self.broker(broker)
                        .and_then(|b| b.partition(tp))
                        .is_some_and(|p| p.leader_epoch() == registered.leader_epoch)
                })
            })
    }

    /// Scenario time 0: clients and script are scheduled, the network gets its latency.
    fn begin(&mut self) {
        self.phase = Phase::Running;
        self.start = self.kernel.now;
        self.kernel.handled = 0;
        self.kernel.network.set_spec(self.scenario.network.clone());
        let scenario = self.scenario.clone();
        for (number, (at, _)) in (0u32..).zip(&scenario.script) {
            self.kernel.schedule(self.start + Span(at.0), Due::World(number));
        }
        for (number, spec) in (1u32..).zip(&scenario.producers) {
            let actor = self.cast.producer(number, 0);
            self.kernel.add(NodeId::Producer(number), actor, self.start + Span(spec.start.0));
        }
        for (number, spec) in (1u32..).zip(&scenario.consumers) {
            let actor = self.cast.consumer(number, 0);
            self.kernel.add(NodeId::Consumer(number), actor, self.start + Span(spec.start.0));
        }
    }
}
