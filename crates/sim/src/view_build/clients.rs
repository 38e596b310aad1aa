//! Producers and consumers.

use super::Builder;
use crate::{ConsumerView, KeyView, OwnedView, ProcessState, ProducerView};
use highwater_cluster::consumer::Consumer;
use highwater_cluster::{GroupState, NodeId, Producer, ProducerBatch};
use highwater_log::Offset;

impl Builder<'_> {
    pub fn producers(&self) -> Vec<ProducerView> {
        let numbers = self.world.kernel.nodes.keys().filter_map(|id| match id {
            NodeId::Producer(number) => Some(*number),
            _ => None,
        });
        numbers.filter_map(|n| Some(self.producer(n, self.world.producer(n)?))).collect()
    }

    fn producer(&self, number: u32, producer: &Producer) -> ProducerView {
        let part = self.world.cast.producers.get(&number);
        let counters = producer.counters();
        let keys = |batch: &ProducerBatch| -> Vec<KeyView> {
            batch.keys().map(|k| self.key(k.map(|b| &**b))).collect()
        };
        ProducerView {
            number,
            state: self.state(NodeId::Producer(number)),
            acks: match producer.config().acks {
                -1 => "all".into(),
                n => n.to_string().into(),
            },
            configs: part.map_or(Vec::new(), |p| p.settings.clone()),
            topic: producer.workload().topic.clone(),
            waiting: producer.waiting().map(|b| (b.tp(), keys(b), b.size())).collect(),
            in_flight: producer
                .in_flight()
                .map(|(_, _, b)| (b.tp(), keys(b), self.base_offset_of(number, b), b.attempts()))
                .collect(),
            acknowledged: counters.acknowledged,
            failed: counters.failed,
            unacknowledged: counters.unacknowledged,
            last_error: producer.last_error(),
            every_us: producer.workload().every_us,
        }
    }

    /// Base offset of a batch that its leader has appended and not answered: as its parked produce says.
    fn base_offset_of(&self, number: u32, batch: &ProducerBatch) -> Option<Offset> {
        let leader = self.world.producer(number)?.known_leader(batch.tp())?.0;
        let parked = self.world.broker(leader)?.purgatory().produces.values();
        parked
            .filter(|p| p.from == NodeId::Producer(number))
            .flat_map(|p| &p.partitions)
            .find(|status| status.tp == batch.tp() && status.base_offset >= 0)
            .map(|status| status.base_offset)
    }

    fn state(&self, node: NodeId) -> ProcessState {
        self.world.node(node).map_or(ProcessState::ShutDown, |n| n.state)
    }

    pub fn consumers(&self) -> Vec<ConsumerView> {
        let numbers = self.world.kernel.nodes.keys().filter_map(|id| match id {
            NodeId::Consumer(number) => Some(*number),
            _ => None,
        });
        numbers.filter_map(|n| Some(self.consumer(n, self.world.consumer(n)?))).collect()
    }

    fn consumer(&self, number: u32, consumer: &Consumer) -> ConsumerView {
        let part = self.world.cast.consumers.get(&number);
        let owned = consumer.owned().into_iter().map(|o| OwnedView {
            tp: o.tp,
            position: o.position,
            committed: o.committed,
            buffered: o.buffered,
        });
        ConsumerView {
            number,
            state: self.state(NodeId::Consumer(number)),
            group: consumer.group().clone(),
            topics: consumer.topics().to_vec(),
            doing: consumer.doing().to_owned(),
            idle_reason: self.idle_reason(consumer),
            member_id: consumer.member_id().clone(),
            generation: consumer.generation(),
            owned: owned.collect(),
            can_commit: consumer.check_commit(None).is_ok(),
            configs: part.map_or(Vec::new(), |p| p.settings.clone()),
            processed: consumer.processed(self.world.now()),
            duplicates: consumer.duplicates(),
        }
    }

    /// Why a member of a settled group has nothing to do: `3 members, 2 partitions`.
    fn idle_reason(&self, consumer: &Consumer) -> Option<String> {
        if !consumer.is_idle_member() || !self.running(consumer.node()) {
            return None;
        }
        let image = self.world.image();
        let topics = consumer.topics().iter().filter_map(|t| image.topic_by_name(t));
        let partitions: usize = topics.map(|(_, t)| t.partitions.len()).sum();
        let group = self.world.group(consumer.group()).filter(|g| g.state() == GroupState::Stable);
        let members = group.map_or(0, |g| g.members().len());
        Some(match (members, partitions) {
            (_, 0) => "its topics have no partitions".to_owned(),
            (0, n) => format!("{n} partitions, all with others"),
            (m, n) => format!("{m} members, {n} partitions"),
        })
    }
}
