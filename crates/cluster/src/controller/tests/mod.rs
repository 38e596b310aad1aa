//! Facts from Kafka about its controller, by subject, and the bench they run on.

mod alter_partition;
mod brokers;
mod elections;
mod fixtures;
mod partition_change;
mod topics;

use super::Controller;
use crate::test_bench::{Scripted, events, feed, sent};
use crate::*;
use std::sync::Arc;

/// A controller, the time, and everything it has asked for since the last look.
pub(super) struct Bench {
    pub controller: Controller,
    pub now: Time,
    pub chooser: Scripted,
    pub effects: Vec<Effect>,
    correlation: u64,
}

/// A topic as the tests make it.
pub(super) const TOPIC: TopicId = TopicId(0);
/// Its first partition.
pub(super) const TP: TopicPartition = TopicPartition { topic: TOPIC, partition: 0 };

impl Bench {
    pub fn new(config: ControllerConfig) -> Self {
        let mut bench = Self {
            controller: Controller::new(config, &[]),
            now: Time(0),
            chooser: Scripted::default(),
            effects: Vec::new(),
            correlation: 0,
        };
        bench.input(Input::Start);
        bench
    }

    /// Brokers 1 to `n` registered, caught up and unfenced.
    pub fn with_brokers(n: i32) -> Self {
        let mut bench = Self::new(ControllerConfig::default());
        for id in 1..=n {
            bench.start_broker(id, 1);
        }
        bench.effects.clear();
        bench
    }

    pub fn input(&mut self, input: Input) {
        let effects =
            feed(&mut self.controller, NodeId::Controller, self.now, &mut self.chooser, input);
        self.effects.extend(effects);
    }

    /// Sends a request and returns the answer, if it came at once.
    pub fn ask(&mut self, from: NodeId, request: Request) -> Option<Response> {
        self.correlation += 1;
        let correlation = self.correlation;
        let to = NodeId::Controller;
        let before = self.effects.len();
        self.input(Input::Message(Message { from, to, correlation, body: request.into() }));
        sent(&self.effects[before..]).into_iter().find_map(|(_, c, body)| match body {
            Body::Response(r) if c == correlation => Some((*r).clone()),
            _ => None,
        })
    }

    pub fn register(&mut self, broker_id: i32, incarnation: u64) -> BrokerRegistrationResponse {
        let rack = None;
        let request =
            BrokerRegistrationRequest { broker_id, incarnation, rack, previous_broker_epoch: -1 };
        match self.ask(NodeId::Broker(broker_id), Request::BrokerRegistration(request)) {
            Some(Response::BrokerRegistration(r)) => r,
            other => panic!("{other:?}"),
        }
    }

    pub fn epoch(&self, broker: i32) -> i64 {
        self.controller.image().brokers[&broker].broker_epoch
    }

    pub fn heartbeat_with(
        &mut self,
        broker_id: i32,
        change: impl FnOnce(&mut BrokerHeartbeatRequest),
    ) -> BrokerHeartbeatResponse {
        let mut request = BrokerHeartbeatRequest {
            broker_id,
            broker_epoch: self.epoch(broker_id),
            current_metadata_offset: self.controller.log_end_offset(),
            want_fence: false,
            want_shut_down: false,
        };
        change(&mut request);
        match self.ask(NodeId::Broker(broker_id), Request::BrokerHeartbeat(request)) {
            Some(Response::BrokerHeartbeat(r)) => r,
            other => panic!("{other:?}"),
        }
    }

    pub fn heartbeat(&mut self, broker: i32) -> BrokerHeartbeatResponse {
        self.heartbeat_with(broker, |_| {})
    }

    pub fn start_broker(&mut self, broker: i32, incarnation: u64) {
        assert_eq!(self.register(broker, incarnation).error, None);
        assert_eq!(self.heartbeat(broker).error, None);
    }

    /// Lets `ms` pass; brokers in `alive` send heartbeats each second, due session timers go off.
    pub fn pass(&mut self, ms: u64, alive: &[i32]) {
        let end = Time(self.now.0 + ms * 1000);
        while self.now < end {
            self.now = end.min(Time(self.now.0 + 1_000_000));
            for broker in alive {
                self.heartbeat(*broker);
            }
            let due: Vec<i32> = self
                .controller
                .sessions()
                .iter()
                .filter(|(_, s)| s.deadline <= self.now)
                .map(|(b, _)| *b)
                .collect();
            for broker in due {
                self.input(Input::Timer(Timer::BrokerSession(broker)));
            }
        }
    }

    pub fn create(&mut self, name: &str, assignments: &[&[i32]], configs: &[(&str, &str)]) {
        let request = CreateTopicsRequest {
            name: name.into(),
            num_partitions: -1,
            replication_factor: -1,
            assignments: assignments.iter().map(|a| a.to_vec()).collect(),
            configs: configs.iter().map(|(n, v)| (Arc::from(*n), Arc::from(*v))).collect(),
        };
        let response = self.ask(NodeId::Admin, Request::CreateTopics(request));
        assert!(
            matches!(&response, Some(Response::CreateTopics(r)) if r.error.is_none()),
            "{response:?}"
        );
    }

    pub fn elect(&mut self, election: ElectionType) -> Option<KafkaError> {
        let request = ElectLeadersRequest { election, partitions: Some(vec![TP]) };
        match self.ask(NodeId::Admin, Request::ElectLeaders(request)) {
            Some(Response::ElectLeaders(r)) => r.partitions[0].1,
            other => panic!("{other:?}"),
        }
    }

    /// The leader proposes `isr` on the state as it is.
    pub fn alter_with(
        &mut self,
        isr: &[i32],
        change: impl FnOnce(&mut AlterPartitionRequest),
    ) -> AlterPartitionResponse {
        let state = self.partition().clone();
        let epochs = isr.iter().map(|b| (*b, self.epoch(*b))).collect();
        let mut request = AlterPartitionRequest {
            broker_id: state.leader,
            broker_epoch: self.epoch(state.leader),
            partitions: vec![AlterPartitionItem {
                tp: TP,
                leader_epoch: state.leader_epoch,
                new_isr: epochs,
                leader_recovery_state: 0,
                partition_epoch: state.partition_epoch,
            }],
        };
        change(&mut request);
        let from = NodeId::Broker(request.broker_id);
        match self.ask(from, Request::AlterPartition(request)) {
            Some(Response::AlterPartition(r)) => r,
            other => panic!("{other:?}"),
        }
    }

    pub fn alter(&mut self, isr: &[i32]) -> AlterPartitionResponse {
        self.alter_with(isr, |_| {})
    }

    pub fn partition(&self) -> &PartitionRegistration {
        self.controller.image().partition(TP).unwrap()
    }

    /// `(leader, leader epoch, partition epoch, isr)` of the first partition.
    pub fn state(&self) -> (i32, i32, i32, Vec<i32>) {
        let p = self.partition();
        (p.leader, p.leader_epoch, p.partition_epoch, p.isr.clone())
    }

    pub fn events(&mut self) -> Vec<TraceEvent> {
        let events = events(&self.effects);
        self.effects.clear();
        events
    }

    /// Records from `offset` on.
    pub fn records(&self, offset: i64) -> Vec<MetadataRecord> {
        self.controller.records_from(offset).map(|(_, r)| r.clone()).collect()
    }
}

/// A PartitionChangeRecord of the first partition.
pub(super) fn change(
    isr: Option<&[i32]>,
    leader: Option<i32>,
    recovery_state: Option<i8>,
) -> MetadataRecord {
    MetadataRecord::PartitionChange {
        tp: TP,
        isr: isr.map(<[i32]>::to_vec),
        leader,
        replicas: None,
        leader_recovery_state: recovery_state,
    }
}
