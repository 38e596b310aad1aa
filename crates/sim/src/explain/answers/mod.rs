//! Answers: facts are collected from the processes, one file for each kind of question.

mod broker;
mod group;
mod high_watermark;
mod isr;
mod lag;
mod leader;
mod message;
mod parked;
mod produce;
mod record;
mod segment;

use super::facts::{Fact, ProcessFact};
use super::question::Question;
use crate::{NEVER, ProcessState, World, parse_partition};
use highwater_cluster::{
    Broker, BrokerId, NodeId, Partition, PartitionRegistration, Time, Timer, TopicPartition,
};

/// An answer in the making. Every question gives a headline, or what it names and does not exist.
pub(super) struct Answer<'a> {
    pub world: &'a World,
    pub facts: Vec<Fact>,
    pub picks: Vec<String>,
}

pub(super) type Headline = Result<String, String>;

impl<'a> Answer<'a> {
    pub fn new(world: &'a World) -> Self {
        Self { world, facts: Vec::new(), picks: Vec::new() }
    }

    pub fn give(&mut self, question: &Question) -> Headline {
        match question {
            Question::HighWatermark { partition, broker } => {
                self.high_watermark(partition, *broker)
            }
            Question::Isr { partition, broker } => self.isr(partition, *broker),
            Question::Leader { partition } => self.leader(partition),
            Question::Parked { id, broker } => self.parked(*id, *broker),
            Question::Produce { producer } => self.produce(*producer),
            Question::Error { producer } => self.error(*producer),
            Question::Idle { consumer } => self.idle(*consumer),
            Question::Lag { consumer, partition } => self.lag(*consumer, partition),
            Question::Segment { partition, broker, base_offset } => {
                self.segment(partition, *broker, *base_offset)
            }
            Question::Record { partition, offset } => self.record(partition, *offset),
            Question::Message { id } => self.message(*id),
            Question::Broker { id } => self.broker(*id),
        }
    }

    fn fact(&mut self, fact: impl Into<Fact>) {
        let fact = fact.into();
        if !self.facts.contains(&fact) {
            self.facts.push(fact);
        }
    }

    fn pick(&mut self, pick: impl Into<String>) {
        let pick = pick.into();
        if !self.picks.contains(&pick) {
            self.picks.push(pick);
        }
    }

    /// The partition with this name.
    fn find(&self, name: &str) -> Result<(TopicPartition, &'a PartitionRegistration), String> {
        let image = self.world.image();
        let (topic, number) = parse_partition(name)?;
        let found = image.topic_by_name(&topic).map(|(id, _)| TopicPartition::new(id, number));
        found.and_then(|tp| Some((tp, image.partition(tp)?))).ok_or_else(|| {
            let all: Vec<String> = image
                .partitions()
                .map(|(tp, _)| self.name(tp))
                .filter(|n| !n.starts_with("__"))
                .collect();
            format!("there is no partition {name}; there are {}", list(&all))
        })
    }

    /// `orders-0`.
    fn name(&self, tp: TopicPartition) -> String {
        crate::disk_logs::partition_name(self.world, tp)
    }

    fn names(&self, tps: impl IntoIterator<Item = TopicPartition>) -> Vec<String> {
        tps.into_iter().map(|tp| self.name(tp)).collect()
    }

    /// The process of a broker in the world.
    fn process(&self, id: BrokerId) -> Result<&'a Broker, String> {
        self.world.broker(id).ok_or_else(|| {
            let ids = self.world.nodes().filter_map(|(n, _)| n.broker());
            let all: Vec<String> = ids.map(|id| id.to_string()).collect();
            format!("there is no broker {id}; there are {}", list(&all))
        })
    }

    fn state(&self, node: NodeId) -> Option<ProcessState> {
        self.world.node(node).map(|n| n.state)
    }

    fn runs(&self, node: NodeId) -> bool {
        self.state(node) == Some(ProcessState::Running)
    }

    /// The broker that leads a partition by the controller and by itself, running or paused.
    fn leading(&self, tp: TopicPartition) -> Option<(&'a Broker, &'a Partition)> {
        let leader = self.world.image().partition(tp)?.leader;
        let up = matches!(
            self.state(NodeId::Broker(leader))?,
            ProcessState::Running | ProcessState::Paused
        );
        let broker = self.world.broker(leader).filter(|_| up)?;
        Some((broker, broker.partition(tp).filter(|p| p.is_leader())?))
    }

    /// When a timer of a process that runs goes off.
    fn timer(&self, node: NodeId, timer: Timer) -> Option<Time> {
        let node = self.world.node(node).filter(|n| n.state == ProcessState::Running)?;
        node.timers().find(|(t, _)| *t == timer).map(|(_, at)| at)
    }

    /// Says so when a process does not run; true when it does.
    fn tell_process(&mut self, node: NodeId) -> bool {
        let Some(found) = self.world.node(node) else { return false };
        if found.state == ProcessState::Running {
            return true;
        }
        self.fact(ProcessFact::NotRunning { node, state: found.state, since: found.since });
        if let Some(id) = node.broker() {
            self.tell_session(id);
        }
        false
    }

    /// What the controller thinks of a broker that is silent or fenced.
    fn tell_session(&mut self, id: BrokerId) {
        let Some(registered) = self.world.image().brokers.get(&id) else {
            self.fact(ProcessFact::NotRegistered { broker: id });
            return;
        };
        if registered.fenced {
            self.fact(ProcessFact::Fenced { broker: id });
        } else if let Some(session) = self.world.controller().sessions().get(&id) {
            self.fact(ProcessFact::SessionExpiresAt {
                broker: id,
                last_heartbeat: session.last_heartbeat,
                at: session.deadline,
                broker_session_timeout_ms: self
                    .world
                    .controller()
                    .config()
                    .broker_session_timeout_ms,
            });
        }
        if registered.in_controlled_shutdown {
            self.fact(ProcessFact::ShuttingDown { broker: id });
        }
    }

    /// Faults on the links between two processes.
    fn tell_links(&mut self, a: NodeId, b: NodeId) {
        for (from, to, link) in self.world.kernel.network.links() {
            if (from, to) != (a, b) && (from, to) != (b, a) {
                continue;
            }
            if link.cut {
                self.fact(ProcessFact::LinkCut { from, to });
            } else if let Some(latency_us) = link.latency_us {
                self.fact(ProcessFact::LinkSlow { from, to, latency_us });
            }
        }
    }

    /// Tells of a message on its way.
    fn tell_message(&mut self, flight: &crate::network::InFlight) {
        let id = flight.id;
        let (from, to) = (flight.message.from, flight.message.to);
        self.pick(format!("message {id}"));
        let (api, response) = (api_name(&flight.message.body), flight.is_response());
        let arrives_at = if flight.held() { NEVER } else { flight.arrives_at };
        if self.state(to) == Some(ProcessState::Paused) && arrives_at <= self.world.now() {
            self.fact(ProcessFact::MessageNotHeard {
                id,
                api,
                response,
                from,
                to,
                arrived_at: arrives_at,
            });
        } else {
            self.fact(ProcessFact::MessageUnderWay { id, api, response, from, to, arrives_at });
        }
        // A cut link is told with the message already.
        if let Some(fault) = flight.fault.as_ref().filter(|_| !flight.held()) {
            self.fact(ProcessFact::MessageHeldUp { id, fault: fault.clone() });
        }
    }

    fn flights(&self) -> impl Iterator<Item = &'a crate::network::InFlight> + use<'a> {
        self.world.kernel.network.in_flight().filter(|f| !f.doomed)
    }
}

fn api_name(body: &highwater_cluster::Body) -> &'static str {
    match body {
        highwater_cluster::Body::Request(r) => r.api_name(),
        highwater_cluster::Body::Response(r) => r.api_name(),
    }
}

/// A list in words; `none`.
fn list(items: &[String]) -> String {
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}
