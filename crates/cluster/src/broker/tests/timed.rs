//! Brokers and the real controller with time: every message takes 1 ms, timers go off when due.

use crate::test_bench::Scripted;
use crate::*;
use highwater_log::MemoryStorage;
use highwater_sorted::SortedMap;

pub const LATENCY: Span = Span(1000);

enum Due {
    Message(Message),
    Timer(NodeId, Timer, u64),
    Disconnected(NodeId, NodeId, Correlation),
}

pub struct Cluster {
    pub now: Time,
    pub controller: Controller,
    pub brokers: SortedMap<BrokerId, Broker>,
    pub disks: SortedMap<BrokerId, MemoryStorage>,
    queue: SortedMap<(Time, u64), Due>,
    timers: SortedMap<(NodeId, Timer), u64>,
    sequence: u64,
    pub events: Vec<(NodeId, TraceEvent)>,
    /// Responses to clients, by correlation.
    pub answers: SortedMap<Correlation, Response>,
    pub stopped: Vec<BrokerId>,
    pub handled: u64,
    incarnation: u64,
    correlation: Correlation,
    config: BrokerConfig,
}

impl Cluster {
    pub fn new(brokers: &[BrokerId], config: BrokerConfig) -> Self {
        let mut cluster = Self {
            now: Time(0),
            controller: Controller::new(ControllerConfig::default(), &[]),
            brokers: SortedMap::new(),
            disks: SortedMap::new(),
            queue: SortedMap::new(),
            timers: SortedMap::new(),
            sequence: 0,
            events: Vec::new(),
            answers: SortedMap::new(),
            stopped: Vec::new(),
            handled: 0,
            incarnation: 0,
            correlation: 0,
            config,
        };
        cluster.feed(NodeId::Controller, Input::Start);
        for &id in brokers {
            cluster.start(id);
        }
        cluster
    }

    pub fn start(&mut self, id: BrokerId) {
        self.incarnation += 1;
        self.disks.entry(id).or_default();
        let broker = Broker::new(id, None, self.incarnation, self.config.clone());
        self.brokers.insert(id, broker);
        self.feed(NodeId::Broker(id), Input::Start);
    }

    /// Process gone with what it had sent and had not arrived; whoever waits for an answer hears of it.
    pub fn crash(&mut self, id: BrokerId) {
        let sent = |due: &Due| matches!(due, Due::Message(m) if m.from == NodeId::Broker(id));
        self.queue.retain(|_, due| !sent(due));
        self.brokers.remove(&id);
        self.timers.retain(|(node, _), _| *node != NodeId::Broker(id));
        for broker in self.brokers.values() {
            let of = broker.fetchers().find(|f| f.leader == id);
            if let Some(in_flight) = of.and_then(|f| f.in_flight.as_ref()) {
                let (me, peer) = (NodeId::Broker(broker.id()), NodeId::Broker(id));
                self.sequence += 1;
                let due = Due::Disconnected(me, peer, in_flight.correlation);
                self.queue.insert((self.now + LATENCY, self.sequence), due);
            }
        }
    }

    fn feed(&mut self, me: NodeId, input: Input) {
        self.handled += 1;
        let mut out = Vec::new();
        let mut chooser = Scripted::default();
        let mut none = MemoryStorage::new();
        let disk = me.broker().and_then(|id| self.disks.get_mut(&id)).unwrap_or(&mut none);
        let mut ctx = Context { me, now: self.now, disk, chooser: &mut chooser, out: &mut out };
        match me {
            NodeId::Controller => self.controller.handle(input, &mut ctx),
            NodeId::Broker(id) => match self.brokers.get_mut(&id) {
                Some(broker) => broker.handle(input, &mut ctx),
                None => return,
            },
            _ => return,
        }
        for effect in out {
            self.take(me, effect);
        }
    }

    fn take(&mut self, me: NodeId, effect: Effect) {
        self.sequence += 1;
        match effect {
            Effect::Send { to, correlation, body } => match (to, &body) {
                (NodeId::Producer(_) | NodeId::Consumer(_) | NodeId::Admin, Body::Response(r)) => {
                    self.answers.insert(correlation, (**r).clone());
                }
                _ => {
                    let message = Message { from: me, to, correlation, body };
                    self.queue.insert((self.now + LATENCY, self.sequence), Due::Message(message));
                }
            },
            Effect::SetTimer { timer, at } => {
                self.timers.insert((me, timer), self.sequence);
                self.queue.insert((at, self.sequence), Due::Timer(me, timer, self.sequence));
            }
            Effect::CancelTimer { timer } => {
                self.timers.remove(&(me, timer));
            }
            Effect::Trace(event) => self.events.push((me, event)),
            // No client here would hear of it.
            Effect::CloseConnection { .. } => {}
            Effect::Stop => self.stopped.push(me.broker().unwrap()),
        }
    }

    pub fn run(&mut self, ms: u64) {
        let until = self.now + Span(ms * 1000);
        while self.queue.first_key_value().is_some_and(|(&(at, _), _)| at <= until) {
            let Some(((at, _), due)) = self.queue.pop_first() else { break };
            self.now = at;
            match due {
                Due::Message(message) => match self.alive(message.to) {
                    true => self.feed(message.to, Input::Message(message)),
                    false => {
                        if matches!(message.body, Body::Request(_)) {
                            let peer = message.to;
                            let correlation = message.correlation;
                            self.feed(message.from, Input::Disconnected { peer, correlation });
                        }
                    }
                },
                Due::Timer(node, timer, set) => {
                    if self.timers.get(&(node, timer)) == Some(&set) {
                        self.timers.remove(&(node, timer));
                        self.feed(node, Input::Timer(timer));
                    }
                }
                Due::Disconnected(node, peer, correlation) => {
                    self.feed(node, Input::Disconnected { peer, correlation });
                }
            }
        }
        self.now = until;
    }

    fn alive(&self, node: NodeId) -> bool {
        node.broker().is_none_or(|id| self.brokers.contains_key(&id) && !self.stopped.contains(&id))
    }

    pub fn request(&mut self, from: NodeId, to: NodeId, request: Request) -> Correlation {
        self.correlation += 1;
        let correlation = self.correlation;
        self.feed(to, Input::Message(Message { from, to, correlation, body: request.into() }));
        correlation
    }

    pub fn command(&mut self, broker: BrokerId, command: Command) {
        self.feed(NodeId::Broker(broker), Input::Command(command));
    }

    pub fn create(&mut self, name: &str, assignments: &[&[BrokerId]], configs: &[(&str, &str)]) {
        let request = CreateTopicsRequest {
            name: name.into(),
            num_partitions: -1,
            replication_factor: -1,
            assignments: assignments.iter().map(|a| a.to_vec()).collect(),
            configs: configs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
        };
        self.request(NodeId::Admin, NodeId::Controller, Request::CreateTopics(request));
    }

    pub fn produce(
        &mut self,
        to: BrokerId,
        tp: TopicPartition,
        acks: i16,
        count: i32,
    ) -> Correlation {
        let records = super::bench::batch(count, 10, self.now);
        let partitions = vec![ProducePartition { tp, records }];
        let request = ProduceRequest { acks, timeout_ms: 30_000, partitions };
        self.request(NodeId::Producer(1), NodeId::Broker(to), Request::Produce(request))
    }

    pub fn produced(&self, correlation: Correlation) -> Option<(Option<KafkaError>, i64)> {
        match self.answers.get(&correlation)? {
            Response::Produce(p) => Some((p.partitions[0].error, p.partitions[0].base_offset)),
            other => panic!("{other:?}"),
        }
    }

    pub fn tp(&self) -> TopicPartition {
        let (id, _) = self.controller.image().topic_by_name("orders").unwrap();
        TopicPartition::new(id, 0)
    }

    pub fn registration(&self) -> PartitionRegistration {
        self.controller.image().partition(self.tp()).unwrap().clone()
    }

    /// Log end offset and high watermark.
    pub fn ends(&self, broker: BrokerId) -> (i64, i64) {
        let p = self.brokers[&broker].partition(self.tp()).unwrap();
        (p.log().log_end_offset(), p.high_watermark())
    }
}
