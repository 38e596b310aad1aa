//! Why replicas are in the ISR or out of it.

use super::high_watermark::not_a_replica;
use super::{Answer, Headline};
use crate::explain::facts::{LeaderFact, ReplicaFact, set};
use highwater_cluster::{
    BrokerId, Ineligible, IsrObstacle, NodeId, PartitionRegistration, Time, Timer, TopicPartition,
};

impl Answer<'_> {
    pub(super) fn isr(&mut self, name: &str, broker: Option<BrokerId>) -> Headline {
        let (tp, registered) = self.find(name)?;
        self.pick("isr");
        let asked = match broker {
            Some(id) if registered.replicas.contains(&id) => vec![id],
            Some(id) => return Err(not_a_replica(name, id, &registered.replicas)),
            None => registered.replicas.clone(),
        };
        let mut headlines = Vec::new();
        for id in asked {
            headlines.push(self.membership(name, tp, registered, id));
        }
        match headlines.as_slice() {
            [one] => Ok(one.clone()),
            _ => {
                let (isr, all) = (registered.isr.len(), registered.replicas.len());
                Ok(format!(
                    "The ISR of {name} is {}: {isr} of {all} replicas",
                    set(&registered.isr)
                ))
            }
        }
    }

    fn membership(
        &mut self,
        name: &str,
        tp: TopicPartition,
        registered: &PartitionRegistration,
        id: BrokerId,
    ) -> String {
        self.pick(format!("{name}@{id}"));
        let (replica, isr) = (id, registered.isr.clone());
        if id == registered.leader {
            self.fact(ReplicaFact::LeaderIsInIsr { leader: id });
            self.tell_process(NodeId::Broker(id));
            return format!("Broker {id} leads {name}, and a leader is in its ISR");
        }
        if registered.isr.contains(&id) {
            self.fact(ReplicaFact::InIsr { replica, isr });
            let last = registered.leader < 0 && registered.isr.len() == 1;
            if last {
                self.fact(ReplicaFact::LastMemberStays { replica });
            }
            self.tell_pending_of(tp);
            self.tell_progress(tp, id);
            return format!("Broker {id} is in the ISR of {name}");
        }
        self.fact(ReplicaFact::OutOfIsr { replica, isr });
        let Some((leader, _)) = self.leading(tp) else {
            self.tell_process(NodeId::Broker(id));
            match registered.leader {
                -1 => self.fact(LeaderFact::NoLeader { epoch: registered.leader_epoch }),
                leader => {
                    self.tell_process(NodeId::Broker(leader));
                    self.tell_unaware(tp);
                }
            }
            return format!(
                "Broker {id} is out of the ISR of {name}, and nobody leads who could take it back"
            );
        };
        let obstacle = leader.isr_obstacle(tp, id, self.world.now());
        self.tell_obstacle(id, obstacle);
        self.tell_pending_of(tp);
        self.tell_progress(tp, id);
        match obstacle {
            None => format!(
                "Broker {id} is out of the ISR of {name}, and its next fetch can bring it back"
            ),
            Some(IsrObstacle::ChangeUnderWay) => {
                format!("Broker {id} is out of the ISR of {name} while a change is under way")
            }
            Some(_) => format!("Broker {id} is out of the ISR of {name}"),
        }
    }

    fn tell_obstacle(&mut self, replica: BrokerId, obstacle: Option<IsrObstacle>) {
        match obstacle {
            None => self.fact(ReplicaFact::NextFetchProposesIt { replica }),
            Some(IsrObstacle::BelowHighWatermark { log_end_offset, high_watermark }) => {
                self.fact(ReplicaFact::BelowHighWatermark {
                    replica,
                    log_end_offset,
                    high_watermark,
                });
            }
            Some(IsrObstacle::BelowEpochStart { log_end_offset, epoch_start_offset }) => {
                self.fact(ReplicaFact::BelowEpochStart {
                    replica,
                    log_end_offset,
                    epoch_start_offset,
                });
            }
            Some(IsrObstacle::Ineligible(why)) => match why {
                Ineligible::NotRegistered | Ineligible::Fenced => {
                    self.fact(ReplicaFact::NotEligibleFenced { replica })
                }
                Ineligible::ShuttingDown => {
                    self.fact(ReplicaFact::NotEligibleShuttingDown { replica })
                }
                Ineligible::StaleBrokerEpoch => {
                    self.fact(ReplicaFact::NotEligibleStaleEpoch { replica })
                }
            },
            // The change itself is told below; the others are no obstacles to one that is out.
            Some(IsrObstacle::ChangeUnderWay | IsrObstacle::Member | IsrObstacle::NotAReplica) => {}
        }
    }

    fn tell_pending_of(&mut self, tp: TopicPartition) {
        if let Some((_, partition)) = self.leading(tp) {
            self.tell_pending(partition);
        }
    }

    /// How a follower stands against `replica.lag.time.max.ms`, as its leader knows it.
    pub(super) fn tell_lag(&mut self, tp: TopicPartition, replica: BrokerId) {
        let Some((leader, partition)) = self.leading(tp) else { return };
        let Some(state) = partition.follower(replica) else { return };
        let max_ms = leader.config().replica_lag_time_max_ms;
        let Some(lags_after) = partition.lag_deadline(replica, max_ms) else {
            self.fact(ReplicaFact::CaughtUp { replica, log_end_offset: state.log_end_offset });
            return;
        };
        let in_isr = partition.isr().committed().contains(&replica);
        let next_check =
            self.timer(NodeId::Broker(leader.id()), Timer::IsrExpiration).filter(|_| in_isr);
        self.fact(ReplicaFact::FollowerLastCaughtUp {
            replica,
            log_end_offset: state.log_end_offset,
            leader_log_end_offset: partition.log().log_end_offset(),
            last_caught_up: state.last_caught_up_time,
            replica_lag_time_max_ms: max_ms,
            lags_after,
            next_check,
        });
        let alive = self.world.image().is_active(replica) && self.runs(NodeId::Broker(replica));
        let fenced_first = |at: Time| {
            let session = self.world.controller().sessions().get(&replica);
            !alive && session.is_some_and(|s| s.deadline < at)
        };
        if let Some(at) = self.first_check_that_finds(tp, replica)
            && !fenced_first(at)
        {
            self.fact(ReplicaFact::LeavesIsrAtCheck { replica, at });
        }
    }

    /// The first look of the leader that would put the follower out, if nothing changes; asked of the
    /// leader's own rule.
    fn first_check_that_finds(&self, tp: TopicPartition, replica: BrokerId) -> Option<Time> {
        let (leader, _) = self.leading(tp)?;
        let mut at = self.timer(NodeId::Broker(leader.id()), Timer::IsrExpiration)?;
        // It takes at most replica.lag.time.max.ms, two intervals, and the check after that.
        for _ in 0..4 {
            if leader.out_of_sync(tp, at).contains(&replica) {
                return Some(at);
            }
            at = at + leader.isr_check_interval();
        }
        None
    }
}
