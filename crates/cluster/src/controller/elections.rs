//! Elections that somebody asks for, and those that the controller holds from time to time.

use super::Controller;
use super::partition_change::{Election, NO_LEADER, PartitionChange};
use crate::{
    BrokerId, Context, ElectLeadersRequest, ElectLeadersResponse, ElectionType, KafkaError,
    MetadataRecord, TopicPartition,
};

/// Most elections of one run of the leader imbalance check (Kafka: `MAX_ELECTIONS_PER_IMBALANCE`).
const MAX_ELECTIONS_PER_IMBALANCE: usize = 1000;

impl Controller {
    /// ElectLeaders. Asked for all partitions, only those that needed an election are answered.
    pub(super) fn elect_leaders(
        &mut self,
        request: &ElectLeadersRequest,
        ctx: &mut Context<'_>,
    ) -> ElectLeadersResponse {
        let all = request.partitions.is_none();
        let asked: Vec<TopicPartition> = match &request.partitions {
            Some(partitions) => partitions.clone(),
            None => self.image().partitions().map(|(tp, _)| tp).collect(),
        };
        let mut records = Vec::new();
        let mut partitions = Vec::new();
        for tp in asked {
            let error = match self.elect(tp, request.election) {
                Ok(record) => {
                    records.push(record);
                    None
                }
                Err(error) => Some(error),
            };
            if !(all && error == Some(KafkaError::ElectionNotNeeded)) {
                partitions.push((tp, error));
            }
        }
        self.append(records, ctx);
        ElectLeadersResponse { partitions }
    }

    fn elect(
        &self,
        tp: TopicPartition,
        election: ElectionType,
    ) -> Result<MetadataRecord, KafkaError> {
        let image = self.image();
        let Some(partition) = image.partition(tp) else {
            return Err(KafkaError::UnknownTopicOrPartition);
        };
        let (election, not_needed, impossible) = match election {
            ElectionType::Preferred => (
                Election::Preferred,
                partition.replicas.first() == Some(&partition.leader),
                KafkaError::PreferredLeaderNotAvailable,
            ),
            ElectionType::Unclean => (
                Election::Unclean,
                partition.leader != NO_LEADER,
                KafkaError::EligibleLeadersNotAvailable,
            ),
        };
        if not_needed {
            return Err(KafkaError::ElectionNotNeeded);
        }
        let acceptable = |b: BrokerId| image.is_active(b);
        PartitionChange::new(tp, partition, &acceptable)
            .election(election)
            .build()
            .ok_or(impossible)
    }

    /// `auto.leader.rebalance.enable`: leaderships go back to preferred replicas that can take them.
    /// True when more are left than one run may change.
    pub(super) fn balance_leaders(&mut self, ctx: &mut Context<'_>) -> bool {
        let records: Vec<MetadataRecord> = self
            .image()
            .partitions()
            .filter(|(_, p)| p.replicas.first() != Some(&p.leader))
            .filter_map(|(tp, _)| self.elect(tp, ElectionType::Preferred).ok())
            .take(MAX_ELECTIONS_PER_IMBALANCE)
            .collect();
        let full = records.len() == MAX_ELECTIONS_PER_IMBALANCE;
        self.append(records, ctx);
        full
    }

    /// Leaderless partitions whose topic allows it get a leader, in the ISR or not.
    pub(super) fn elect_unclean_leaders(&mut self, ctx: &mut Context<'_>) {
        let records: Vec<MetadataRecord> = self
            .image()
            .partitions()
            .filter(|(tp, p)| {
                p.leader == NO_LEADER && self.topic_config(tp.topic).unclean_leader_election_enable
            })
            .filter_map(|(tp, _)| self.elect(tp, ElectionType::Unclean).ok())
            .collect();
        self.append(records, ctx);
    }
}
