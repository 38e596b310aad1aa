//! A small cluster for consumers: brokers that answer Metadata, ListOffsets and Fetch from lists of
//! batches, a real group coordinator, a network of 1 ms and a clock.

use super::brokers::{Parked, Partition, Topics};
use crate::consumer::Consumer;
use crate::group::tests::doubles::{Counting, NoDisk};
use crate::group::{CoordinatorHost, GroupCoordinator};
use crate::*;
use highwater_log::{BatchBuilder, Offset};
use highwater_sorted::{SortedMap, SortedSet};

const LATENCY: Span = Span(1000);

#[derive(Debug)]
pub enum Event {
    ToBroker(BrokerId, NodeId, Correlation, Request),
    ToConsumer(u32, Input),
    FetchWait(u64),
}

pub struct World {
    pub now: Time,
    pub topics: Topics,
    pub consumers: SortedMap<u32, Consumer>,
    pub coordinators: SortedMap<BrokerId, GroupCoordinator>,
    pub dead: SortedSet<BrokerId>,
    /// Consumers that do nothing: their messages and timers wait.
    pub paused: SortedSet<u32>,
    pub trace: Vec<(Time, NodeId, TraceEvent)>,
    pub sent: Vec<(Time, NodeId, BrokerId, Request)>,
    pub stopped: SortedSet<u32>,
    pub(super) queue: SortedMap<(Time, u64), Event>,
    timers: SortedMap<(NodeId, Timer), Time>,
    pub(super) parked: Vec<Parked>,
    pub(super) sequence: u64,
    chooser: Counting,
}

impl World {
    /// Two brokers; broker 1 coordinates every group and leads everything. As in the recordings the
    /// initial rebalance delay is 0.
    pub fn new(topics: &[(&str, i32)]) -> Self {
        let config = BrokerConfig { group_initial_rebalance_delay_ms: 0, ..Default::default() };
        let mut world = Self {
            now: Time(0),
            topics: Topics {
                partitions: SortedMap::new(),
                names: Vec::new(),
                coordinator: 1,
                offsets: Vec::new(),
                config,
                acting: 0,
            },
            consumers: SortedMap::new(),
            coordinators: SortedMap::new(),
            dead: SortedSet::new(),
            paused: SortedSet::new(),
            trace: Vec::new(),
            sent: Vec::new(),
            stopped: SortedSet::new(),
            queue: SortedMap::new(),
            timers: SortedMap::new(),
            parked: Vec::new(),
            sequence: 0,
            chooser: Counting::default(),
        };
        for (name, partitions) in topics {
            world.add_topic(name, *partitions);
        }
        world.elect_coordinator(1);
        world
    }

    pub fn add_topic(&mut self, name: &str, partitions: i32) {
        self.topics.names.push(name.into());
        self.add_partitions(name, partitions);
    }

    pub fn add_partitions(&mut self, name: &str, count: i32) {
        for number in 0..count {
            let (leader, epoch) = (1, 0);
            let partition = Partition {
                leader,
                epoch,
                log_start: 0,
                end: 0,
                high_watermark: 0,
                batches: Vec::new(),
            };
            let tp = self.tp(name, number);
            self.topics.partitions.entry(tp).or_insert(partition);
        }
    }

    pub fn tp(&self, name: &str, partition: i32) -> TopicPartition {
        TopicPartition::new(self.topics.topic_id(name).expect("a topic"), partition)
    }

    /// Makes this broker the coordinator, from the log.
    pub fn elect_coordinator(&mut self, broker: BrokerId) {
        let log = self.topics.offsets.clone();
        let before = self.topics.coordinator;
        self.topics.coordinator = broker;
        if before != broker && !self.dead.contains(&before) {
            self.coordinate(before, |c, ctx, host| c.on_resigned(0, ctx, host));
        }
        self.coordinate(broker, |c, ctx, host| c.on_leader_elected(0, &log, ctx, host));
    }

    pub(super) fn coordinate(
        &mut self,
        broker: BrokerId,
        act: impl FnOnce(&mut GroupCoordinator, &mut Context<'_>, &mut dyn CoordinatorHost),
    ) {
        let mut out = Vec::new();
        let me = NodeId::Broker(broker);
        let coordinator = self.coordinators.entry(broker).or_default();
        self.topics.acting = broker;
        let mut ctx = Context {
            me,
            now: self.now,
            disk: &mut NoDisk,
            chooser: &mut self.chooser,
            out: &mut out,
        };
        act(coordinator, &mut ctx, &mut self.topics);
        let end = i64::try_from(self.topics.offsets.len()).unwrap();
        coordinator.on_committed(0, end, &mut ctx, &mut self.topics);
        self.apply(me, out);
    }

    /// Appends one batch with as many records, replicated at once.
    pub fn produce(&mut self, name: &str, partition: i32, count: i32) {
        let tp = self.tp(name, partition);
        self.append(tp, count);
        let p = self.topics.partitions.get_mut(&tp).unwrap();
        p.high_watermark = p.end;
        self.wake();
    }

    /// Appends without replication.
    pub fn append(&mut self, tp: TopicPartition, count: i32) {
        let now_ms = self.now.wall_ms();
        let p = self.topics.partitions.get_mut(&tp).unwrap();
        let mut batch = BatchBuilder::new();
        batch.set_position(p.end, p.epoch);
        for _ in 0..count {
            batch.append(now_ms, None, Some(b"v"), &[]);
        }
        let base = p.end;
        p.end += i64::from(count);
        p.batches.push((base, p.end, batch.build()));
    }

    pub fn consumer(&self, number: u32) -> &Consumer {
        &self.consumers[&number]
    }

    /// Starts cN in group "g". `settings` as `name=value`.
    pub fn add(&mut self, number: u32, topics: &[&str], settings: &[&str], each_us: Option<u64>) {
        let pairs: Vec<(&str, &str)> =
            settings.iter().map(|s| s.split_once('=').unwrap()).collect();
        let config = crate::settings::resolve_consumer(&pairs).expect("valid settings");
        let topics = topics.iter().map(|t| Name::from(*t)).collect();
        let consumer = Consumer::new(number, "g".into(), topics, config, vec![1, 2], each_us);
        self.consumers.insert(number, consumer);
        self.stopped.remove(&number);
        self.feed(number, Input::Start);
    }

    /// The process is gone at once.
    pub fn crash(&mut self, number: u32) {
        let node = NodeId::Consumer(number);
        self.consumers.remove(&number);
        self.timers.retain(|(of, _), _| *of != node);
        self.queue.retain(|_, e| !matches!(e, Event::ToConsumer(n, _) if *n == number));
    }

    pub fn command(&mut self, number: u32, command: Command) {
        self.feed(number, Input::Command(command));
    }

    fn feed(&mut self, number: u32, input: Input) {
        let me = NodeId::Consumer(number);
        let Some(consumer) = self.consumers.get_mut(&number) else { return };
        let mut out = Vec::new();
        let mut ctx = Context {
            me,
            now: self.now,
            disk: &mut NoDisk,
            chooser: &mut self.chooser,
            out: &mut out,
        };
        consumer.handle(input, &mut ctx);
        assert!(out.len() < 200, "{me} does not come to an end");
        self.apply(me, out);
    }

    pub(super) fn at(&mut self, at: Time, event: Event) {
        self.sequence += 1;
        self.queue.insert((at, self.sequence), event);
    }

    fn apply(&mut self, me: NodeId, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send {
                    to: NodeId::Broker(b),
                    correlation,
                    body: Body::Request(request),
                } => {
                    self.sent.push((self.now, me, b, (*request).clone()));
                    self.at(
                        self.now + LATENCY,
                        Event::ToBroker(b, me, correlation, (*request).clone()),
                    );
                }
                Effect::Send { to: NodeId::Consumer(n), correlation, body } => {
                    let message = Message { from: me, to: NodeId::Consumer(n), correlation, body };
                    self.at(self.now + LATENCY, Event::ToConsumer(n, Input::Message(message)));
                }
                Effect::SetTimer { timer, at } => {
                    self.timers.insert((me, timer), at);
                }
                Effect::CancelTimer { timer } => {
                    self.timers.remove(&(me, timer));
                }
                Effect::Trace(event) => self.trace.push((self.now, me, event)),
                Effect::Stop => {
                    self.stopped.insert(match me {
                        NodeId::Consumer(n) => n,
                        other => panic!("{other} stops"),
                    });
                }
                other => panic!("unexpected {other:?}"),
            }
        }
    }

    pub(super) fn reply(
        &mut self,
        broker: BrokerId,
        to: NodeId,
        correlation: Correlation,
        response: Response,
    ) {
        let body = response.into();
        self.apply(NodeId::Broker(broker), vec![Effect::Send { to, correlation, body }]);
    }

    /// Lets time pass until this consumer has sent an OffsetFetch, and keeps it on the way.
    pub fn hold_offset_fetch(&mut self, number: u32) -> Event {
        let me = NodeId::Consumer(number);
        let wanted = |e: &Event| matches!(e, Event::ToBroker(_, from, _, Request::OffsetFetch(_)) if *from == me);
        for _ in 0..10_000 {
            let key = self.queue.iter().find(|(_, e)| wanted(e)).map(|(key, _)| *key);
            if let Some(key) = key {
                return self.queue.remove(&key).expect("it was found");
            }
            self.now = self.now + Span(100);
            self.advance(0);
        }
        panic!("{me} sends no OffsetFetch")
    }

    /// What was kept arrives.
    pub fn release(&mut self, event: Event) {
        self.at(self.now, event);
    }

    /// The broker is gone: whoever waits for it hears that the connection broke.
    pub fn kill_broker(&mut self, broker: BrokerId) {
        self.dead.insert(broker);
        let (gone, left) =
            std::mem::take(&mut self.parked).into_iter().partition(|p| p.broker == broker);
        self.parked = left;
        let gone: Vec<Parked> = gone;
        for p in gone {
            self.disconnect(broker, p.from, p.correlation);
        }
        self.timers.retain(|(of, _), _| *of != NodeId::Broker(broker));
        self.coordinators.remove(&broker);
        // A request that was parked in the coordinator is seen by its client as a broken connection.
        let consumers: Vec<u32> = self.consumers.keys().copied().collect();
        for number in consumers {
            for correlation in self.consumers[&number].waiting_for(broker) {
                self.disconnect(broker, NodeId::Consumer(number), correlation);
            }
        }
    }

    fn disconnect(&mut self, peer: BrokerId, to: NodeId, correlation: Correlation) {
        let NodeId::Consumer(number) = to else { return };
        let input = Input::Disconnected { peer: NodeId::Broker(peer), correlation };
        self.at(self.now + LATENCY, Event::ToConsumer(number, input));
    }

    fn next(&self, end: Time) -> Option<(Time, Option<(NodeId, Timer)>)> {
        let runs = |node: &NodeId| !matches!(node, NodeId::Consumer(n) if self.paused.contains(n));
        let timer = self
            .timers
            .iter()
            .filter(|((node, _), _)| runs(node))
            .map(|(key, at)| (*at, *key))
            .min();
        let event = self.queue.iter().filter(|(_, e)| match e {
            Event::ToConsumer(n, _) => !self.paused.contains(n),
            _ => true,
        });
        let event = event.map(|((at, _), _)| *at).min();
        let next = match (timer, event) {
            (Some((at, key)), None) => (at, Some(key)),
            (Some((at, key)), Some(event)) if at < event => (at, Some(key)),
            (_, Some(event)) => (event, None),
            (None, None) => return None,
        };
        (next.0 <= end).then_some(next)
    }

    /// Lets this much time pass.
    pub fn advance(&mut self, ms: i64) {
        let end = self.now + Span::from_ms(ms);
        let mut steps = 0;
        while let Some((at, timer)) = self.next(end) {
            steps += 1;
            assert!(steps < 200_000, "the world does not come to rest");
            self.now = self.now.max(at);
            match timer {
                Some((node, timer)) => {
                    self.timers.remove(&(node, timer));
                    match node {
                        NodeId::Consumer(n) => self.feed(n, Input::Timer(timer)),
                        NodeId::Broker(b) => {
                            self.coordinate(b, |c, ctx, host| c.timer(timer, ctx, host))
                        }
                        _ => {}
                    }
                }
                None => {
                    let runs = |e: &Event| !matches!(e, Event::ToConsumer(n, _) if self.paused.contains(n));
                    let key = *self.queue.iter().find(|(_, e)| runs(e)).expect("there is one").0;
                    let event = self.queue.remove(&key).expect("it was found");
                    self.event(event);
                }
            }
        }
        self.now = end;
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::ToBroker(b, from, correlation, _) if self.dead.contains(&b) => {
                self.disconnect(b, from, correlation);
            }
            Event::ToBroker(b, from, correlation, request) => {
                self.broker(b, from, correlation, request)
            }
            Event::ToConsumer(number, input) => self.feed(number, input),
            Event::FetchWait(id) => {
                if let Some(at) = self.parked.iter().position(|p| p.id == id) {
                    let p = self.parked.remove(at);
                    let results =
                        p.request.partitions.iter().map(|a| self.read(p.broker, a)).collect();
                    self.answer_fetch(&p, results);
                }
            }
        }
    }

    /// `t-0 t-1` of a consumer.
    pub fn owned(&self, number: u32) -> String {
        let owned = self.consumer(number).owned();
        let label = |tp: TopicPartition| {
            format!("{}-{}", self.topics.topic_name(tp.topic).unwrap(), tp.partition)
        };
        owned.iter().map(|o| label(o.tp)).collect::<Vec<_>>().join(" ")
    }

    /// Offsets handed to the application, in order, of every partition.
    pub fn polled(&self, number: u32) -> Vec<Offset> {
        let list = self.trace.iter().filter_map(|(_, node, e)| match e {
            TraceEvent::RecordsPolled { first, last, .. } if *node == NodeId::Consumer(number) => {
                Some(*first..=*last)
            }
            _ => None,
        });
        list.flatten().collect()
    }

    pub fn committed(&self, name: &str, partition: i32) -> Option<Offset> {
        let group = self.coordinators[&self.topics.coordinator].group("g")?;
        group.offsets().get(&self.tp(name, partition)).map(|o| o.offset)
    }

    pub fn events(&self, number: u32, name: &str) -> Vec<&TraceEvent> {
        let of = self.trace.iter().filter(|(_, node, _)| *node == NodeId::Consumer(number));
        of.map(|(_, _, e)| e).filter(|e| e.name() == name).collect()
    }
}

impl Consumer {
    /// Numbers of its requests to a broker that are not answered.
    fn waiting_for(&self, broker: BrokerId) -> Vec<Correlation> {
        self.in_flight.iter().filter(|(_, r)| r.to == broker).map(|(n, _)| *n).collect()
    }
}
