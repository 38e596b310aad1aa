//! A leader's proposal of a new ISR (Kafka: `ReplicationControlManager.alterPartition`; KIP-497, 841, 903).

use super::Controller;
use super::partition_change::{Election, PartitionChange, RECOVERED, RECOVERING};
use crate::{
    AlterPartitionItem, AlterPartitionRequest, AlterPartitionResponse, AlterPartitionResult,
    BrokerId, Context, KafkaError, PartitionRegistration,
};

impl Controller {
    /// Each proposal is checked on its own; a refused one leaves the others alone.
    pub(super) fn alter_partition(
        &mut self,
        request: &AlterPartitionRequest,
        ctx: &mut Context<'_>,
    ) -> AlterPartitionResponse {
        let registered = self.image().brokers.get(&request.broker_id);
        if registered.is_none_or(|b| b.broker_epoch != request.broker_epoch) {
            let error = Some(KafkaError::StaleBrokerEpoch);
            return AlterPartitionResponse { error, partitions: Vec::new() };
        }
        let mut partitions = Vec::new();
        for item in &request.partitions {
            let error = match self.check_proposal(request.broker_id, item) {
                Ok(()) => {
                    self.change_isr(item, ctx);
                    None
                }
                Err(error) => Some(error),
            };
            partitions.push(self.result(item, error));
        }
        AlterPartitionResponse { error: None, partitions }
    }

    fn change_isr(&mut self, item: &AlterPartitionItem, ctx: &mut Context<'_>) {
        let image = self.image();
        let Some(partition) = image.partition(item.tp) else { return };
        let acceptable = |b: BrokerId| image.is_active(b);
        let record = PartitionChange::new(item.tp, partition, &acceptable)
            .election(Election::Online)
            .isr(item.new_isr.iter().map(|(b, _)| *b).collect())
            .recovery_state(item.leader_recovery_state)
            .build();
        self.append(record.into_iter().collect(), ctx);
    }

    /// The state after the proposal; on error there is none to tell.
    fn result(&self, item: &AlterPartitionItem, error: Option<KafkaError>) -> AlterPartitionResult {
        let state = self.image().partition(item.tp).filter(|_| error.is_none());
        AlterPartitionResult {
            tp: item.tp,
            error,
            leader: state.map_or(-1, |p| p.leader),
            leader_epoch: state.map_or(-1, |p| p.leader_epoch),
            isr: state.map_or_else(Vec::new, |p| p.isr.clone()),
            partition_epoch: state.map_or(-1, |p| p.partition_epoch),
        }
    }

    /// The checks in Kafka's order.
    fn check_proposal(
        &self,
        sender: BrokerId,
        item: &AlterPartitionItem,
    ) -> Result<(), KafkaError> {
        let image = self.image();
        if !image.topics.contains_key(&item.tp.topic) {
            return Err(KafkaError::UnknownTopicId);
        }
        let Some(partition) = image.partition(item.tp) else {
            return Err(KafkaError::UnknownTopicOrPartition);
        };
        if item.leader_epoch > partition.leader_epoch
            || item.partition_epoch > partition.partition_epoch
        {
            return Err(KafkaError::NotController);
        }
        if item.leader_epoch < partition.leader_epoch {
            return Err(KafkaError::FencedLeaderEpoch);
        }
        if sender != partition.leader {
            return Err(KafkaError::InvalidRequest);
        }
        if item.partition_epoch < partition.partition_epoch {
            return Err(KafkaError::InvalidUpdateVersion);
        }
        if !is_valid_isr(partition, item) {
            return Err(KafkaError::InvalidRequest);
        }
        let recovering = item.leader_recovery_state == RECOVERING;
        if recovering && (partition.leader_recovery_state == RECOVERED || item.new_isr.len() > 1) {
            return Err(KafkaError::InvalidRequest);
        }
        let eligible = |(id, epoch): &(BrokerId, i64)| {
            image.is_active(*id)
                && image.brokers.get(id).is_some_and(|b| *epoch == -1 || b.broker_epoch == *epoch)
        };
        if !item.new_isr.iter().all(eligible) {
            return Err(KafkaError::IneligibleReplica);
        }
        Ok(())
    }
}

/// Replicas of the partition, none twice, the leader among them.
fn is_valid_isr(partition: &PartitionRegistration, item: &AlterPartitionItem) -> bool {
    let mut members: Vec<BrokerId> = item.new_isr.iter().map(|(b, _)| *b).collect();
    let contains_leader = members.contains(&partition.leader);
    let within = members.iter().all(|b| partition.replicas.contains(b));
    highwater_sorted::sort(&mut members);
    members.dedup();
    contains_leader && within && members.len() == item.new_isr.len()
}
