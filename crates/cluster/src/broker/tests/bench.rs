//! A few brokers, a controller that does as it is told, and a wire on which messages wait to be delivered.

use crate::broker::{Broker, Partition};
use crate::test_bench::Scripted;
use crate::*;
use highwater_log::{BatchBuilder, Bytes, LeaderEpoch, MemoryStorage, Offset};
use highwater_sorted::SortedMap;

pub const TOPIC: TopicId = TopicId(1);
pub const ORDERS: TopicPartition = TopicPartition { topic: TOPIC, partition: 0 };
pub const PRODUCER: NodeId = NodeId::Producer(1);
pub const CONSUMER: NodeId = NodeId::Consumer(1);

pub struct Node {
    pub broker: Broker,
    pub disk: MemoryStorage,
}

#[derive(Default)]
pub struct Bench {
    pub now: Time,
    pub config: BrokerConfig,
    pub nodes: SortedMap<BrokerId, Node>,
    /// Between brokers, in order of sending.
    pub wire: Vec<Message>,
    /// To clients.
    pub answers: Vec<Message>,
    /// AlterPartition and CreateTopics requests, for the test to answer.
    pub to_controller: Vec<Message>,
    /// Heartbeats and registrations; answered at once unless `silent`.
    pub heartbeats: Vec<BrokerHeartbeatRequest>,
    pub registrations: Vec<BrokerRegistrationRequest>,
    pub heartbeat_error: Option<KafkaError>,
    pub log: Vec<MetadataRecord>,
    waiting: SortedMap<BrokerId, (Correlation, Offset)>,
    pub timers: SortedMap<(BrokerId, Timer), Time>,
    pub events: Vec<(BrokerId, TraceEvent)>,
    pub stopped: Vec<BrokerId>,
    /// Connections closed without an answer.
    pub closed: Vec<(NodeId, Correlation)>,
    correlation: Correlation,
    incarnation: u64,
}

impl Bench {
    /// Brokers `ids` started and registered, and topic `orders` with one partition on `replicas`, the first leading.
    pub fn new(ids: &[BrokerId], replicas: &[BrokerId], configs: &[(&str, &str)]) -> Self {
        let mut bench = Self::default();
        for &id in replicas {
            if !ids.contains(&id) {
                bench.register_absent(id);
            }
        }
        for &id in ids {
            bench.start(id, MemoryStorage::new());
        }
        bench.make_topic(TOPIC, "orders", configs);
        bench.publish(partition_record(ORDERS, replicas));
        bench.sync_all();
        bench
    }

    pub fn make_topic(&mut self, id: TopicId, name: &str, configs: &[(&str, &str)]) {
        self.publish(MetadataRecord::Topic { id, name: name.into() });
        for (name, value) in configs {
            let record = MetadataRecord::Config {
                topic: Some(id),
                name: (*name).into(),
                value: (*value).into(),
            };
            self.publish(record);
        }
    }

    /// A broker that is played by the test: registered and unfenced.
    pub fn register_absent(&mut self, broker: BrokerId) {
        let record =
            MetadataRecord::RegisterBroker { broker, incarnation: 1, rack: None, fenced: false };
        self.publish(record);
    }

    pub fn broker_epoch(&self, broker: BrokerId) -> i64 {
        let of = |r: &MetadataRecord| matches!(r, MetadataRecord::RegisterBroker { broker: b, .. } if *b == broker);
        self.log.iter().rposition(of).map_or(-1, |at| i64::try_from(at).unwrap())
    }

    /// A new process on this disk.
    pub fn start(&mut self, id: BrokerId, disk: MemoryStorage) {
        self.incarnation += 1;
        let broker = Broker::new(id, None, self.incarnation, self.config.clone());
        self.timers.retain(|(of, _), _| *of != id);
        self.waiting.remove(&id);
        self.nodes.insert(id, Node { broker, disk });
        self.feed(id, Input::Start);
    }

    /// Process gone; its disk, with the page cache, is left. Messages from and to it are lost.
    pub fn crash(&mut self, id: BrokerId) -> MemoryStorage {
        let me = NodeId::Broker(id);
        self.wire.retain(|m| m.from != me && m.to != me);
        self.nodes.remove(&id).unwrap().disk
    }

    pub fn feed(&mut self, id: BrokerId, input: Input) {
        let mut out = Vec::new();
        let node = self.nodes.get_mut(&id).unwrap();
        let mut chooser = Scripted::default();
        let mut ctx = Context {
            me: NodeId::Broker(id),
            now: self.now,
            disk: &mut node.disk,
            chooser: &mut chooser,
            out: &mut out,
        };
        node.broker.handle(input, &mut ctx);
        self.take(id, out);
    }

    fn take(&mut self, id: BrokerId, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Send { to, correlation, body } => {
                    let message = Message { from: NodeId::Broker(id), to, correlation, body };
                    match to {
                        NodeId::Controller => self.controller(id, message),
                        NodeId::Broker(_) => self.wire.push(message),
                        _ => self.answers.push(message),
                    }
                }
                Effect::SetTimer { timer, at } => {
                    self.timers.insert((id, timer), at);
                }
                Effect::CancelTimer { timer } => {
                    self.timers.remove(&(id, timer));
                }
                Effect::Trace(event) => self.events.push((id, event)),
                Effect::CloseConnection { to, correlation } => self.closed.push((to, correlation)),
                Effect::Stop => self.stopped.push(id),
            }
        }
    }

    fn controller(&mut self, id: BrokerId, message: Message) {
        let Body::Request(request) = &message.body else { panic!("{message:?}") };
        match &**request {
            Request::BrokerRegistration(r) => {
                self.registrations.push(r.clone());
                self.register_absent(id);
                let broker_epoch = self.broker_epoch(id);
                let answer = BrokerRegistrationResponse { error: None, broker_epoch };
                self.answer(&message, Response::BrokerRegistration(answer));
            }
            Request::BrokerHeartbeat(r) => {
                self.heartbeats.push(r.clone());
                let answer = BrokerHeartbeatResponse {
                    error: self.heartbeat_error.take(),
                    is_fenced: r.want_fence,
                    should_shut_down: r.want_shut_down,
                };
                self.answer(&message, Response::BrokerHeartbeat(answer));
            }
            Request::FetchMetadataLog(r) => {
                self.waiting.insert(id, (message.correlation, r.fetch_offset));
            }
            _ => self.to_controller.push(message),
        }
    }

    /// Answers a broker's request as the controller.
    pub fn answer(&mut self, request: &Message, response: Response) {
        let id = request.from.broker().unwrap();
        let message = Message {
            from: NodeId::Controller,
            to: request.from,
            correlation: request.correlation,
            body: response.into(),
        };
        self.feed(id, Input::Message(message));
    }

    pub fn publish(&mut self, record: MetadataRecord) {
        self.log.push(record);
    }

    /// Brings a broker's metadata up to the end, in one delta.
    pub fn sync(&mut self, id: BrokerId) {
        let Some((correlation, from)) = self.waiting.remove(&id) else { return };
        let start = usize::try_from(from).unwrap();
        let records = (from..).zip(self.log[start..].iter().cloned()).collect();
        let high_watermark = i64::try_from(self.log.len()).unwrap();
        let response = FetchMetadataLogResponse { records, high_watermark };
        let message = Message {
            from: NodeId::Controller,
            to: NodeId::Broker(id),
            correlation,
            body: Response::FetchMetadataLog(response).into(),
        };
        self.feed(id, Input::Message(message));
    }

    pub fn sync_all(&mut self) {
        for id in self.nodes.keys().copied().collect::<Vec<_>>() {
            self.sync(id);
        }
    }

    pub fn change(&mut self, leader: Option<BrokerId>, isr: Option<&[BrokerId]>) {
        self.publish(MetadataRecord::PartitionChange {
            tp: ORDERS,
            isr: isr.map(<[BrokerId]>::to_vec),
            leader,
            replicas: None,
            leader_recovery_state: None,
        });
    }

    /// Elects a leader and tells everybody.
    pub fn elect(&mut self, leader: BrokerId, isr: &[BrokerId]) {
        self.change(Some(leader), Some(isr));
        self.sync_all();
    }

    /// Delivers the first message from one broker to another; false when there is none.
    pub fn deliver(&mut self, from: BrokerId, to: BrokerId) -> bool {
        let (from, to_node) = (NodeId::Broker(from), NodeId::Broker(to));
        let Some(at) = self.wire.iter().position(|m| m.from == from && m.to == to_node) else {
            return false;
        };
        let message = self.wire.remove(at);
        self.feed(to, Input::Message(message));
        true
    }

    /// Delivers messages between brokers until all is quiet (fetches wait at their leaders).
    pub fn settle(&mut self) {
        for _ in 0..10_000 {
            let alive = |m: &Message| m.to.broker().is_some_and(|id| self.nodes.contains_key(&id));
            let Some(at) = self.wire.iter().position(alive) else { return };
            let message = self.wire.remove(at);
            let to = message.to.broker().unwrap();
            self.feed(to, Input::Message(message));
        }
        panic!("it does not settle");
    }

    pub fn wait(&mut self, ms: u64) {
        self.now = self.now + Span(ms * 1000);
    }

    /// Lets a timer go off now.
    pub fn fire(&mut self, id: BrokerId, timer: Timer) {
        self.timers.remove(&(id, timer)).expect("the timer is set");
        self.feed(id, Input::Timer(timer));
    }

    /// Lets the timers of all fetches waiting at a broker go off.
    pub fn fire_fetch_waits(&mut self, id: BrokerId) {
        let waits =
            |(of, timer): &&(BrokerId, Timer)| *of == id && matches!(timer, Timer::FetchWait(_));
        for (_, timer) in self.timers.keys().filter(waits).copied().collect::<Vec<_>>() {
            self.fire(id, timer);
        }
    }

    /// A client's request; its answer is found with [`Self::response`].
    pub fn request(&mut self, from: NodeId, to: BrokerId, request: Request) -> Correlation {
        self.correlation += 1;
        let correlation = self.correlation;
        let message = Message { from, to: NodeId::Broker(to), correlation, body: request.into() };
        self.feed(to, Input::Message(message));
        correlation
    }

    /// The answer to a client's request, once.
    pub fn response(&mut self, correlation: Correlation) -> Option<Response> {
        let at = self.answers.iter().position(|m| m.correlation == correlation)?;
        match self.answers.remove(at).body {
            Body::Response(response) => Some((*response).clone()),
            Body::Request(request) => panic!("{request:?}"),
        }
    }

    /// Sends `count` records in one batch.
    pub fn produce(&mut self, to: BrokerId, acks: i16, count: i32) -> Correlation {
        self.produce_to(to, ORDERS, acks, batch(count, 10, self.now))
    }

    pub fn produce_to(
        &mut self,
        to: BrokerId,
        tp: TopicPartition,
        acks: i16,
        records: Bytes,
    ) -> Correlation {
        let partitions = vec![ProducePartition { tp, records }];
        self.request(
            PRODUCER,
            to,
            Request::Produce(ProduceRequest { acks, timeout_ms: 30_000, partitions }),
        )
    }

    /// Error and base offset of a produce's answer.
    pub fn produced(&mut self, correlation: Correlation) -> Option<(Option<KafkaError>, Offset)> {
        match self.response(correlation)? {
            Response::Produce(p) => Some((p.partitions[0].error, p.partitions[0].base_offset)),
            other => panic!("{other:?}"),
        }
    }

    /// A fetch of a follower that is played by the test. It does not wait at the leader.
    pub fn fetch_as(
        &mut self,
        follower: BrokerId,
        leader: BrokerId,
        offset: Offset,
    ) -> FetchPartitionResult {
        let epoch = self.partition(leader).leader_epoch();
        let item = fetch_item(offset, epoch, -1);
        let request = FetchRequest {
            replica_id: follower,
            replica_epoch: self.broker_epoch(follower),
            ..fetch(-1, 0, vec![item])
        };
        self.fetch_from(NodeId::Broker(follower), leader, request)
    }

    pub fn fetch_from(
        &mut self,
        from: NodeId,
        leader: BrokerId,
        request: FetchRequest,
    ) -> FetchPartitionResult {
        let correlation = self.request(from, leader, Request::Fetch(request));
        let at = |m: &Message| m.to == from && m.correlation == correlation;
        let found = self.wire.iter().position(at).map(|i| self.wire.remove(i));
        let message = found.or_else(|| {
            let i = self.answers.iter().position(at)?;
            Some(self.answers.remove(i))
        });
        match message.expect("an answer at once").body {
            Body::Response(r) => match &*r {
                Response::Fetch(f) => f.partitions[0].clone(),
                other => panic!("{other:?}"),
            },
            Body::Request(r) => panic!("{r:?}"),
        }
    }

    pub fn consume(&mut self, from: BrokerId, offset: Offset) -> FetchPartitionResult {
        self.fetch_from(CONSUMER, from, fetch(-1, 0, vec![fetch_item(offset, -1, -1)]))
    }

    pub fn partition(&self, broker: BrokerId) -> &Partition {
        self.nodes[&broker].broker.partition(ORDERS).unwrap()
    }

    /// Log end offset and high watermark.
    pub fn ends(&self, broker: BrokerId) -> (Offset, Offset) {
        let p = self.partition(broker);
        (p.log().log_end_offset(), p.high_watermark())
    }

    pub fn epochs(&self, broker: BrokerId) -> Vec<(LeaderEpoch, Offset)> {
        let entries = self.partition(broker).log().epochs().entries();
        entries.iter().map(|e| (e.epoch, e.start_offset)).collect()
    }

    /// The whole log's bytes from one broker's disk.
    pub fn log_bytes(&self, broker: BrokerId) -> Vec<u8> {
        let node = &self.nodes[&broker];
        let log = node.broker.partition(ORDERS).unwrap().log();
        let batches = log.batches_from(log.log_start_offset(), &node.disk);
        batches.flat_map(|at| log.batch_bytes(&at.unwrap(), &node.disk).unwrap().to_vec()).collect()
    }

    /// The AlterPartition waiting for an answer; only one item is expected.
    pub fn take_alter(&mut self) -> Option<(Message, AlterPartitionItem)> {
        let message = (!self.to_controller.is_empty()).then(|| self.to_controller.remove(0))?;
        let Body::Request(request) = &message.body else { panic!("{message:?}") };
        match &**request {
            Request::AlterPartition(r) => {
                let item = r.partitions[0].clone();
                Some((message, item))
            }
            other => panic!("{other:?}"),
        }
    }

    /// Answers an AlterPartition: `None` = accepted as it is.
    pub fn answer_alter(
        &mut self,
        (message, item): &(Message, AlterPartitionItem),
        error: Option<KafkaError>,
    ) {
        let isr: Vec<BrokerId> = item.new_isr.iter().map(|(id, _)| *id).collect();
        let result = AlterPartitionResult {
            tp: item.tp,
            error,
            leader: message.from.broker().unwrap(),
            leader_epoch: item.leader_epoch,
            partition_epoch: item.partition_epoch + 1,
            isr: isr.clone(),
        };
        if error.is_none() {
            self.change(None, Some(&isr));
        }
        let answer = AlterPartitionResponse { error: None, partitions: vec![result] };
        self.answer(message, Response::AlterPartition(answer));
    }

    pub fn happened(&self, broker: BrokerId, wanted: impl Fn(&TraceEvent) -> bool) -> usize {
        self.events.iter().filter(|(id, e)| *id == broker && wanted(e)).count()
    }
}

pub fn partition_record(tp: TopicPartition, replicas: &[BrokerId]) -> MetadataRecord {
    let state = PartitionRegistration {
        replicas: replicas.to_vec(),
        isr: replicas.to_vec(),
        leader: replicas[0],
        leader_epoch: 0,
        partition_epoch: 0,
        leader_recovery_state: 0,
    };
    MetadataRecord::Partition { tp, state }
}

pub fn batch(count: i32, value_size: usize, now: Time) -> Bytes {
    let mut builder = BatchBuilder::new();
    for n in 0..count {
        let value = vec![u8::try_from(n % 250).unwrap(); value_size];
        builder.append(now.wall_ms(), Some(b"key"), Some(&value), &[]);
    }
    builder.build()
}

pub fn fetch_item(
    offset: Offset,
    epoch: LeaderEpoch,
    last_fetched_epoch: LeaderEpoch,
) -> FetchPartition {
    FetchPartition {
        tp: ORDERS,
        current_leader_epoch: epoch,
        fetch_offset: offset,
        last_fetched_epoch,
        log_start_offset: 0,
        partition_max_bytes: 1 << 20,
    }
}

pub fn fetch(
    replica_id: BrokerId,
    max_wait_ms: i32,
    partitions: Vec<FetchPartition>,
) -> FetchRequest {
    FetchRequest {
        replica_id,
        replica_epoch: -1,
        max_wait_ms,
        min_bytes: 1,
        max_bytes: 50 << 20,
        isolation_level: 0,
        partitions,
    }
}
