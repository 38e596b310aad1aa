//! Facts about Kafka's producer, by subject, and the bench they run on.

mod batching;
mod metadata;
mod retries;

use super::Producer;
use crate::test_bench::{Scripted, events, feed, sent};
use crate::*;
use highwater_log::{Batches, Bytes};
use std::sync::Arc;

pub(super) const TOPIC: TopicId = TopicId(3);

pub(super) fn tp(partition: i32) -> TopicPartition {
    TopicPartition::new(TOPIC, partition)
}

/// A producer, the time, and a cluster of brokers 1 and 2 that answers by hand.
pub(super) struct Bench {
    pub producer: Producer,
    pub now: Time,
    pub chooser: Scripted,
    pub effects: Vec<Effect>,
}

/// A Produce on its way: broker, number, request.
pub(super) type SentProduce = (i32, Correlation, ProduceRequest);

impl Bench {
    /// Settings by name; nothing has been asked yet.
    pub fn new(settings: &[(&str, &str)], workload: Workload) -> Self {
        let config = settings::resolve_producer(settings).unwrap();
        let mut bench = Self {
            producer: Producer::new(1, config, workload, vec![1, 2]),
            now: Time(0),
            chooser: Scripted::default(),
            effects: Vec::new(),
        };
        bench.input(Input::Start);
        bench
    }

    /// A producer that knows topic "t": partition n is led by broker `leaders[n]` in epoch 0.
    pub fn ready(settings: &[(&str, &str)], leaders: &[i32]) -> Self {
        let workload = Workload { topic: Some("t".into()), ..Workload::default() };
        let mut bench = Self::new(settings, workload);
        bench.answer_metadata(leaders, 0);
        bench.effects.clear();
        bench.connect(2);
        bench
    }

    pub fn input(&mut self, input: Input) {
        let me = NodeId::Producer(1);
        let effects = feed(&mut self.producer, me, self.now, &mut self.chooser, input);
        self.effects.extend(effects);
    }

    pub fn at_ms(&mut self, ms: u64) -> &mut Self {
        self.now = Time::from_ms(ms);
        self
    }

    pub fn timer(&mut self, timer: Timer) {
        self.input(Input::Timer(timer));
    }

    pub fn answer(&mut self, broker: i32, correlation: Correlation, response: Response) {
        let (from, to) = (NodeId::Broker(broker), NodeId::Producer(1));
        let body = response.into();
        self.input(Input::Message(Message { from, to, correlation, body }));
    }

    /// The last Metadata request: broker and number.
    pub fn metadata_asked(&self) -> Option<(i32, Correlation)> {
        sent(&self.effects).into_iter().rev().find_map(|(to, correlation, body)| match body {
            Body::Request(r) if matches!(&*r, Request::Metadata(_)) => {
                Some((to.broker().unwrap(), correlation))
            }
            _ => None,
        })
    }

    /// Answers a request that only opens a connection.
    pub fn answer_connect(&mut self) {
        let (to, correlation) = sent(&self.effects)
            .into_iter()
            .find_map(|(to, correlation, body)| match body {
                Body::Request(r) => match &*r {
                    Request::Metadata(m) if m.topics.as_ref().is_some_and(Vec::is_empty) => {
                        Some((to.broker().unwrap(), correlation))
                    }
                    _ => None,
                },
                Body::Response(_) => None,
            })
            .expect("a connection is being opened");
        self.effects.clear();
        let nothing = MetadataResponse { brokers: Vec::new(), topics: Vec::new() };
        self.answer(to, correlation, Response::Metadata(nothing));
    }

    /// Pretends that the connection to this broker is open already.
    pub fn connect(&mut self, broker: i32) {
        self.producer.connections.connected(broker);
    }

    pub fn answer_metadata(&mut self, leaders: &[i32], epoch: i32) {
        let (broker, correlation) = self.metadata_asked().expect("metadata was asked for");
        self.answer(broker, correlation, Response::Metadata(metadata(leaders, epoch)));
    }

    /// `send()` of one record.
    pub fn send(&mut self, key: Option<&str>, value: &[u8], partition: Option<i32>) {
        self.input(Input::Command(Command::Send {
            topic: "t".into(),
            partition,
            key: key.map(|k| Bytes::from(k.as_bytes())),
            value: Some(Bytes::from(value)),
            headers: Vec::new(),
        }));
    }

    /// Produce requests since the last call.
    pub fn produces(&mut self) -> Vec<SentProduce> {
        let produces = sent(&self.effects)
            .into_iter()
            .filter_map(|(to, correlation, body)| match body {
                Body::Request(r) => match &*r {
                    Request::Produce(p) => Some((to.broker().unwrap(), correlation, p.clone())),
                    _ => None,
                },
                Body::Response(_) => None,
            })
            .collect();
        self.effects.clear();
        produces
    }

    pub fn events(&mut self) -> Vec<TraceEvent> {
        let events = events(&self.effects);
        self.effects.clear();
        events
    }

    /// Answers every partition of a request the same way.
    pub fn answer_produce(
        &mut self,
        sent: &SentProduce,
        error: Option<KafkaError>,
        base_offset: i64,
        current_leader: Option<(i32, i32)>,
    ) {
        let partitions = sent
            .2
            .partitions
            .iter()
            .map(|p| ProducePartitionResult {
                tp: p.tp,
                error,
                base_offset,
                log_start_offset: 0,
                current_leader,
            })
            .collect();
        self.answer(sent.0, sent.1, Response::Produce(ProduceResponse { partitions }));
    }
}

pub(super) fn metadata(leaders: &[i32], epoch: i32) -> MetadataResponse {
    let partitions = (0..)
        .zip(leaders)
        .map(|(partition, leader)| MetadataPartition {
            error: (*leader == -1).then_some(KafkaError::LeaderNotAvailable),
            partition,
            leader: *leader,
            leader_epoch: epoch,
            replicas: vec![1, 2],
            isr: vec![1, 2],
        })
        .collect();
    MetadataResponse {
        brokers: vec![(1, None), (2, None)],
        topics: vec![MetadataTopic { error: None, name: Arc::from("t"), id: TOPIC, partitions }],
    }
}

/// Values of the records of one partition of a request.
pub(super) fn values(produce: &ProduceRequest, index: usize) -> Vec<String> {
    let mut values = Vec::new();
    for batch in Batches::new(&produce.partitions[index].records) {
        for record in batch.unwrap().records() {
            values.push(String::from_utf8_lossy(record.unwrap().value.unwrap()).into_owned());
        }
    }
    values
}
