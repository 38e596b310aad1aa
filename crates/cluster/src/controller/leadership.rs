//! What happens to partitions when brokers come and go (Kafka: `ReplicationControlManager`).

use super::Controller;
use super::partition_change::{Election, NO_LEADER, PartitionChange};
use crate::{BrokerId, MetadataRecord, PartitionRegistration, TopicPartition};

impl Controller {
    /// Election that the topic's settings allow.
    pub(super) fn allowed_election(&self, tp: TopicPartition) -> Election {
        match self.topic_config(tp.topic).unclean_leader_election_enable {
            true => Election::Unclean,
            false => Election::Online,
        }
    }

    /// Changes of the partitions that `concerned` picks, with a broker gone (`removed`) or back
    /// (`added`); Kafka: `generateLeaderAndIsrUpdates`. Partitions go by topic id and number, where
    /// Kafka has the order of a hash table.
    fn leader_and_isr_updates(
        &self,
        removed: Option<BrokerId>,
        added: Option<BrokerId>,
        concerned: impl Fn(&PartitionRegistration) -> bool,
    ) -> Vec<MetadataRecord> {
        let image = self.image();
        let acceptable =
            |b: BrokerId| Some(b) != removed && (Some(b) == added || image.is_active(b));
        let mut records = Vec::new();
        for (tp, partition) in image.partitions().filter(|(_, p)| concerned(p)) {
            let isr = partition.isr.iter().copied().filter(|b| Some(*b) != removed).collect();
            let change = PartitionChange::new(tp, partition, &acceptable)
                .election(self.allowed_election(tp))
                .isr(isr);
            records.extend(change.build());
        }
        records
    }

    /// The partitions' part of a broker's going: out of each ISR, and elections where it led.
    pub(super) fn records_for_broker_gone(&self, broker: BrokerId) -> Vec<MetadataRecord> {
        self.leader_and_isr_updates(Some(broker), None, |p| p.isr.contains(&broker))
    }

    /// The partitions first, then the fence, in one batch.
    pub(super) fn records_for_broker_fenced(&self, broker: BrokerId) -> Vec<MetadataRecord> {
        let mut records = self.records_for_broker_gone(broker);
        records.push(self.registration_change(broker, Some(true), false));
        records
    }

    /// The broker first, then the elections that it makes possible.
    pub(super) fn records_for_broker_unfenced(&self, broker: BrokerId) -> Vec<MetadataRecord> {
        let mut records = vec![self.registration_change(broker, Some(false), false)];
        records.extend(self.leader_and_isr_updates(None, Some(broker), |p| p.leader == NO_LEADER));
        records
    }

    /// The broker first, then the leaderships that it gives up.
    pub(super) fn records_for_controlled_shutdown(&self, broker: BrokerId) -> Vec<MetadataRecord> {
        let mut records = vec![self.registration_change(broker, None, true)];
        records.extend(self.records_for_broker_gone(broker));
        records
    }

    fn registration_change(
        &self,
        broker: BrokerId,
        fenced: Option<bool>,
        in_controlled_shutdown: bool,
    ) -> MetadataRecord {
        let broker_epoch = self.image().brokers.get(&broker).map_or(-1, |b| b.broker_epoch);
        MetadataRecord::BrokerRegistrationChange {
            broker,
            broker_epoch,
            fenced,
            in_controlled_shutdown,
        }
    }
}
