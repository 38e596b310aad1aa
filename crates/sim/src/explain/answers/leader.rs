//! Who leads and why, or why nobody does.

use super::{Answer, Headline};
use crate::explain::facts::LeaderFact;
use highwater_cluster::settings::effective_topic_config;
use highwater_cluster::{BrokerId, NodeId, Timer, TopicPartition};

impl Answer<'_> {
    pub(super) fn leader(&mut self, name: &str) -> Headline {
        let (tp, registered) = self.find(name)?;
        let (leader, epoch) = (registered.leader, registered.leader_epoch);
        if leader < 0 {
            self.fact(LeaderFact::NoLeader { epoch });
            self.why_no_leader(tp);
            self.tell_believers(tp);
            return Ok(format!("Nobody leads {name}"));
        }
        self.pick(format!("{name}@{leader}"));
        self.fact(LeaderFact::LeaderIs { leader, epoch });
        self.tell_process(NodeId::Broker(leader));
        self.tell_preference(tp);
        if registered.leader_recovery_state == 1 {
            self.fact(LeaderFact::Recovering { leader });
        }
        if self.leading(tp).is_none() {
            self.tell_unaware(tp);
        }
        self.tell_believers(tp);
        Ok(format!("Broker {leader} leads {name}, in leader epoch {epoch}"))
    }

    fn tell_preference(&mut self, tp: TopicPartition) {
        let Some(registered) = self.world.image().partition(tp) else { return };
        let Some(preferred) = registered.replicas.first().copied() else { return };
        let replicas = registered.replicas.clone();
        if preferred == registered.leader {
            return self.fact(LeaderFact::PreferredLeads { preferred, replicas });
        }
        self.fact(LeaderFact::PreferredDoesNotLead { preferred, replicas });
        self.tell_candidate(tp, preferred);
        let config = self.world.controller().config();
        let check = self.timer(NodeId::Controller, Timer::LeaderImbalanceCheck);
        match check.filter(|_| config.auto_leader_rebalance_enable) {
            Some(at) => {
                let interval_seconds = config.leader_imbalance_check_interval_seconds;
                self.fact(LeaderFact::ImbalanceCheck { at, interval_seconds });
            }
            None => self.fact(LeaderFact::NoRebalance),
        }
    }

    /// Whether a replica could be elected: in the ISR and active.
    fn tell_candidate(&mut self, tp: TopicPartition, broker: BrokerId) {
        let image = self.world.image();
        let Some(registered) = image.partition(tp) else { return };
        let in_isr = registered.isr.contains(&broker);
        match (image.is_active(broker), in_isr) {
            (false, _) => {
                self.fact(LeaderFact::CannotLeadNotActive { broker, in_isr });
                self.tell_process(NodeId::Broker(broker));
                self.tell_session(broker);
            }
            (true, false) => {
                self.fact(LeaderFact::CannotLeadOutOfIsr { broker, isr: registered.isr.clone() })
            }
            (true, true) => self.fact(LeaderFact::CanLead { broker }),
        }
    }

    /// Each replica with what is in its way, and whether a replica outside the ISR may be taken.
    pub(super) fn why_no_leader(&mut self, tp: TopicPartition) {
        let Some(registered) = self.world.image().partition(tp) else { return };
        let name = self.name(tp);
        for broker in &registered.replicas {
            self.pick(format!("{name}@{broker}"));
            self.tell_candidate(tp, *broker);
        }
        if effective_topic_config(self.world.image(), tp.topic).unclean_leader_election_enable {
            self.fact(LeaderFact::UncleanElectionOn {
                next_look: self.timer(NodeId::Controller, Timer::UncleanElectionCheck),
                interval_ms: self.world.controller().config().unclean_leader_election_interval_ms,
            });
        } else {
            self.fact(LeaderFact::UncleanElectionOff);
        }
        self.fact(LeaderFact::WaitsFor { any_of: registered.isr.clone() });
    }

    /// Brokers that act as leader and are not.
    fn tell_believers(&mut self, tp: TopicPartition) {
        let Some(registered) = self.world.image().partition(tp) else { return };
        let (leader, real_epoch) = (registered.leader, registered.leader_epoch);
        for id in registered.replicas.iter().copied().filter(|id| *id != leader) {
            let up = self.runs(NodeId::Broker(id));
            let partition = self.world.broker(id).filter(|_| up).and_then(|b| b.partition(tp));
            if let Some(p) = partition.filter(|p| p.is_leader()) {
                self.fact(LeaderFact::BelievesToLead {
                    broker: id,
                    epoch: p.leader_epoch(),
                    real_epoch,
                });
            }
        }
    }
}
