//! Why the high watermark is where it is.

use super::{Answer, Headline};
use crate::ProcessState;
use crate::explain::facts::{LeaderFact, ProcessFact, ReplicaFact};
use highwater_cluster::{
    Body, Broker, BrokerId, FetchPhase, Holds, NodeId, Partition, ReplicaState, Request, Response,
    TopicPartition,
};
use highwater_log::Offset;

impl<'a> Answer<'a> {
    pub(super) fn high_watermark(&mut self, name: &str, at: Option<BrokerId>) -> Headline {
        let (tp, registered) = self.find(name)?;
        self.pick("hw");
        if let Some(id) = at {
            if !registered.replicas.contains(&id) {
                return Err(not_a_replica(name, id, &registered.replicas));
            }
            if id != registered.leader {
                return self.follower_high_watermark(name, tp, id);
            }
        }
        let leader = registered.leader;
        if leader < 0 {
            self.fact(LeaderFact::NoLeader { epoch: registered.leader_epoch });
            self.why_no_leader(tp);
            return Ok(format!("The high watermark of {name} stands still: nobody leads"));
        }
        self.pick(format!("{name}@{leader}"));
        self.tell_process(NodeId::Broker(leader));
        let Some((broker, partition)) = self.leading(tp) else {
            self.tell_unaware(tp);
            return Ok(format!(
                "The high watermark of {name} stands still: leader {leader} is not at work"
            ));
        };
        let high_watermark = partition.high_watermark();
        Ok(self.led_high_watermark(name, broker, partition, high_watermark))
    }

    fn led_high_watermark(
        &mut self,
        name: &str,
        broker: &Broker,
        partition: &'a Partition,
        high_watermark: Offset,
    ) -> String {
        let (tp, leader) = (partition.tp(), broker.id());
        let end = partition.log().log_end_offset();
        if high_watermark == end {
            self.fact(ReplicaFact::HighWatermarkAtLogEnd { leader, log_end_offset: end });
            if partition.is_under_min_isr() {
                self.tell_frozen(partition);
            }
            return format!(
                "The high watermark of {name} is {high_watermark}, the end of the leader's log: everything is committed"
            );
        }
        if partition.is_under_min_isr() {
            self.tell_frozen(partition);
            for id in
                partition.replicas().iter().filter(|id| !partition.isr().committed().contains(id))
            {
                self.tell_progress(tp, *id);
            }
            return format!(
                "The high watermark of {name} stands still at {high_watermark}: too few replicas are in sync"
            );
        }
        let holding = self.holding(broker, partition);
        let minimum = holding.iter().map(|h| h.1.log_end_offset).min().unwrap_or(end).min(end);
        if minimum < high_watermark {
            self.fact(ReplicaFact::HighWatermarkNeverGoesBack { high_watermark, minimum });
        } else if minimum > high_watermark {
            self.fact(ReplicaFact::HighWatermarkRisesAtNextLook { high_watermark, minimum });
        }
        let least: Vec<_> = holding.iter().filter(|h| h.1.log_end_offset == minimum).collect();
        for (id, state, holds) in &least {
            self.pick(format!("{name}@{id}"));
            self.fact(ReplicaFact::HighWatermarkHeldBy {
                replica: *id,
                log_end_offset: state.log_end_offset,
                in_maximal_isr: *holds == Holds::InMaximalIsr,
            });
            if *holds == Holds::CaughtUpOutsider {
                self.tell_outsider(broker, *id, state);
            }
        }
        for (id, ..) in &least {
            self.tell_progress(tp, *id);
        }
        self.tell_pending(partition);
        for (id, state) in partition.followers() {
            let holds = broker.holds_high_watermark(tp, id, self.world.now());
            if holds == Some(Holds::No) && state.log_end_offset < high_watermark {
                self.fact(ReplicaFact::OutsiderHoldsNothing {
                    replica: id,
                    log_end_offset: state.log_end_offset,
                });
            }
        }
        let who: Vec<BrokerId> = least.iter().map(|h| h.0).collect();
        match who.is_empty() {
            true => format!("The high watermark of {name} is {high_watermark}"),
            false => format!(
                "The high watermark of {name} is {high_watermark}: {} {} it there",
                crate::explain::facts::brokers(&who),
                if who.len() == 1 { "holds" } else { "hold" }
            ),
        }
    }

    /// Followers that count, as the leader's own rule says.
    fn holding(
        &self,
        broker: &Broker,
        partition: &'a Partition,
    ) -> Vec<(BrokerId, &'a ReplicaState, Holds)> {
        let now = self.world.now();
        let holds = |id| broker.holds_high_watermark(partition.tp(), id, now).unwrap_or(Holds::No);
        partition
            .followers()
            .map(|(id, state)| (id, state, holds(id)))
            .filter(|h| h.2 != Holds::No)
            .collect()
    }

    fn tell_outsider(&mut self, broker: &Broker, replica: BrokerId, state: &ReplicaState) {
        self.fact(ReplicaFact::CaughtUpOutsider {
            replica,
            log_end_offset: state.log_end_offset,
            last_caught_up: state.last_caught_up_time,
            replica_lag_time_max_ms: broker.config().replica_lag_time_max_ms,
        });
    }

    /// Too few in sync.
    pub(super) fn tell_frozen(&mut self, partition: &Partition) {
        self.pick("isr");
        self.fact(ReplicaFact::HighWatermarkFrozenBelowMinIsr {
            isr: partition.isr().committed().to_vec(),
            min_insync_replicas: partition.effective_min_isr(),
        });
        self.tell_pending(partition);
    }

    /// A change of the ISR that the controller has not answered.
    pub(super) fn tell_pending(&mut self, partition: &Partition) {
        if let Some(proposed) = partition.isr().proposed() {
            self.pick("isr");
            self.fact(ReplicaFact::IsrChangeUnderWay {
                isr: partition.isr().committed().to_vec(),
                proposed,
            });
        }
    }

    /// The leader by the controller does not act as one.
    pub(super) fn tell_unaware(&mut self, tp: TopicPartition) {
        let Some(registered) = self.world.image().partition(tp) else { return };
        let leader = registered.leader;
        if !self.runs(NodeId::Broker(leader)) {
            return;
        }
        if let Some(broker) = self.world.broker(leader) {
            self.fact(LeaderFact::DoesNotKnowYet {
                leader,
                epoch: registered.leader_epoch,
                metadata_offset: broker.metadata_offset(),
                metadata_end_offset: self.world.controller().log_end_offset(),
            });
            self.tell_links(NodeId::Broker(leader), NodeId::Controller);
        }
    }

    /// Why a follower has not come further: its process, its fetch and its link, and how long it may be behind.
    pub(super) fn tell_progress(&mut self, tp: TopicPartition, replica: BrokerId) {
        let Some(registered) = self.world.image().partition(tp) else { return };
        let (node, leader) = (NodeId::Broker(replica), NodeId::Broker(registered.leader));
        if replica == registered.leader {
            return;
        }
        if self.tell_process(node) {
            self.tell_links(node, leader);
            self.tell_fetch(tp, replica, registered.leader);
        }
        self.tell_lag(tp, replica);
    }

    /// Where the follower's fetch is: on its way there or back, waiting at the leader, or backing off.
    fn tell_fetch(&mut self, tp: TopicPartition, replica: BrokerId, leader: BrokerId) {
        let ends = |f: &crate::network::InFlight| (f.message.from, f.message.to);
        let (node, there) = (NodeId::Broker(replica), NodeId::Broker(leader));
        let carries = |body: &Body| match body {
            Body::Request(r) => {
                matches!(&**r, Request::Fetch(f) if f.partitions.iter().any(|p| p.tp == tp))
            }
            Body::Response(r) => {
                matches!(&**r, Response::Fetch(f) if f.partitions.iter().any(|p| p.tp == tp))
            }
        };
        for flight in self.flights() {
            let between = ends(flight) == (node, there) || ends(flight) == (there, node);
            if between && carries(&flight.message.body) {
                self.tell_message(flight);
                return;
            }
        }
        if let Some(broker) = self.world.broker(leader) {
            for id in broker.purgatory().fetches_of(tp) {
                let parked = &broker.purgatory().fetches[&id];
                if parked.from == node {
                    let asked = parked.fetch().partitions.iter().find(|p| p.tp == tp);
                    self.pick(format!("parked {id}@{leader}"));
                    self.fact(ProcessFact::FollowerFetchParked {
                        replica,
                        broker: leader,
                        id,
                        fetch_offset: asked.map_or(-1, |p| p.fetch_offset),
                        deadline: parked.deadline,
                    });
                    return;
                }
            }
        }
        self.tell_fetcher(tp, replica);
    }

    fn tell_fetcher(&mut self, tp: TopicPartition, replica: BrokerId) {
        let Some(broker) = self.world.broker(replica) else { return };
        let Some((_, state)) = broker.fetching(tp) else { return };
        if state.phase == FetchPhase::Failed {
            self.fact(ReplicaFact::FetchGivenUp { replica, epoch: state.current_leader_epoch });
        } else if let Some(until) = state.delayed_until.filter(|at| *at > self.world.now()) {
            let replica_fetch_backoff_ms = broker.config().replica_fetch_backoff_ms;
            self.fact(ReplicaFact::FetchBacksOff { replica, until, replica_fetch_backoff_ms });
        } else {
            let (offset, epoch) = (state.fetch_offset, state.current_leader_epoch);
            self.fact(ReplicaFact::FetchesFrom { replica, offset, epoch });
        }
    }

    fn follower_high_watermark(
        &mut self,
        name: &str,
        tp: TopicPartition,
        id: BrokerId,
    ) -> Headline {
        self.pick(format!("{name}@{id}"));
        self.tell_process(NodeId::Broker(id));
        let Some(replica) = self.process(id)?.partition(tp) else {
            return Ok(format!("Broker {id} has no log of {name} yet"));
        };
        let state = self.world.node(NodeId::Broker(id)).map(|n| n.state);
        if !matches!(state, Some(ProcessState::Running | ProcessState::Paused)) {
            // What the process knew died with it: what counts is what it will read when it starts again.
            let kept = self.world.recovered(id, tp).map_or(0, |(log, _)| log.high_watermark());
            return Ok(format!(
                "Broker {id} is down, and its replication-offset-checkpoint says high watermark {kept} of {name}"
            ));
        }
        let (high_watermark, end) = (replica.high_watermark(), replica.log().log_end_offset());
        let Some((broker, partition)) = self.leading(tp) else {
            self.tell_unaware(tp);
            return Ok(format!(
                "Broker {id} knows high watermark {high_watermark} of {name}, and no leader tells it more"
            ));
        };
        let theirs = partition.high_watermark();
        if high_watermark == theirs {
            return Ok(format!(
                "Broker {id} knows the same high watermark of {name} as the leader, {theirs}"
            ));
        }
        self.pick(format!("{name}@{}", broker.id()));
        self.fact(ReplicaFact::FollowerWasTold {
            replica: id,
            high_watermark,
            leader: broker.id(),
            leader_high_watermark: theirs,
        });
        if end < theirs {
            self.fact(ReplicaFact::FollowerCappedByOwnLog { replica: id, log_end_offset: end });
        }
        self.tell_links(NodeId::Broker(id), NodeId::Broker(broker.id()));
        if self.runs(NodeId::Broker(id)) {
            self.tell_fetch(tp, id, broker.id());
        }
        Ok(format!(
            "Broker {id} knows high watermark {high_watermark} of {name}, the leader is at {theirs}"
        ))
    }
}

pub(super) fn not_a_replica(name: &str, id: BrokerId, replicas: &[BrokerId]) -> String {
    format!(
        "broker {id} is no replica of {name}; its replicas are {}",
        crate::explain::facts::brokers(replicas)
    )
}
