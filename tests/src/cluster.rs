//! A cluster like the one the fixtures were taken from: three brokers in three racks, one controller,
//! and the comparison of what is seen with what real brokers showed.

use crate::fixture::{Fixture, numbers};
use highwater_cluster::settings::describe;
use highwater_cluster::{Command, NodeId, Span, Time, TraceEvent, Workload};
use highwater_log::Bytes;
use highwater_sim::{
    Action, BrokerSpec, ConsumerSpec, PartitionView, ProducerSpec, Role, Scenario, TopicSpec, World,
};
use serde_json::Value;

/// A running cluster and what its clients were told since the last look.
pub struct Cluster {
    /// The world.
    pub world: World,
    topic: String,
    /// Events of the trace since the last [`Cluster::taken`].
    events: Vec<(NodeId, TraceEvent)>,
}

/// How the topic of a fixture is made.
pub struct Topic<'a> {
    /// Name.
    pub name: &'a str,
    /// Partitions, each on brokers 1, 2, 3.
    pub partitions: i32,
    /// Topic settings.
    pub configs: &'a [(&'a str, &'a str)],
}

impl Cluster {
    /// The fixture's cluster with its topic, these producers (settings each) and consumers.
    pub fn new(
        fixture: &Fixture,
        topic: &Topic<'_>,
        producers: &[&[(&str, &str)]],
        consumers: Vec<ConsumerSpec>,
    ) -> Self {
        // Settings of what is not modelled (share groups, transactions) have no effect on these scenarios.
        let settings =
            fixture.settings().into_iter().filter(|(name, _)| !describe(name).is_empty());
        let scenario = Scenario {
            id: "fixture".into(),
            settings: settings.map(|(k, v)| (k.into(), v.into())).collect(),
            brokers: [(1, "a"), (2, "b"), (3, "c")]
                .map(|(id, rack)| BrokerSpec { id, rack: Some(rack.into()) })
                .to_vec(),
            topics: vec![TopicSpec {
                name: topic.name.into(),
                partitions: -1,
                replication_factor: -1,
                assignments: vec![vec![1, 2, 3]; usize::try_from(topic.partitions).expect("small")],
                configs: pairs(topic.configs),
            }],
            producers: producers
                .iter()
                .map(|settings| ProducerSpec {
                    settings: pairs(settings),
                    workload: Workload { topic: Some(topic.name.into()), ..Workload::default() },
                    start: Time(0),
                })
                .collect(),
            consumers,
            ..Scenario::default()
        };
        let world = World::booted(&scenario, 1).unwrap_or_else(|e| panic!("scenario: {e:?}"));
        let mut cluster = Self { world, topic: topic.name.into(), events: Vec::new() };
        cluster.run_ms(900);
        cluster
    }

    /// Lets so much virtual time pass.
    pub fn run_ms(&mut self, ms: i64) {
        let end = self.world.now() + Span::from_ms(ms);
        while self.world.next_event_at().is_some_and(|at| at <= end) {
            self.step();
        }
        // The clock stands at the last event: let it come along where nothing happens.
        self.world.run_until(end);
    }

    fn step(&mut self) {
        self.world.step();
        for record in self.world.records() {
            if let Some(event) = record.event() {
                if let TraceEvent::InvariantBroken { id, message } = event {
                    panic!("{id}: {message}");
                }
                self.events.push((record.node, event.clone()));
            }
        }
    }

    /// Lets time pass until it holds; at most so long.
    pub fn run_until(&mut self, what: &str, limit_ms: i64, holds: impl Fn(&Self) -> bool) {
        let end = self.world.now() + Span::from_ms(limit_ms);
        while !holds(self) {
            let next = self.world.next_event_at();
            assert!(next.is_some_and(|at| at <= end), "{what}: not within {limit_ms} ms");
            self.step();
        }
    }

    /// Does something now.
    pub fn act(&mut self, action: &Action) {
        self.world.apply(action).unwrap_or_else(|e| panic!("{e}"));
    }

    /// Asks a client's user for something.
    pub fn ask(&mut self, client: NodeId, command: Command) {
        self.act(&Action::Client { client, command });
    }

    /// Events of the trace since the last call.
    pub fn taken(&mut self) -> Vec<(NodeId, TraceEvent)> {
        std::mem::take(&mut self.events)
    }

    /// Events so far, not taken.
    pub fn events(&self) -> &[(NodeId, TraceEvent)] {
        &self.events
    }

    /// Sends one record and waits for the answer: `(partition, offset or error name)`.
    pub fn send(
        &mut self,
        producer: u32,
        key: Option<&str>,
        value: &str,
    ) -> (i32, Result<i64, String>) {
        let from = self.events.len();
        let command = Command::Send {
            topic: self.topic.as_str().into(),
            partition: None,
            key: key.map(|k| Bytes::from(k.as_bytes())),
            value: Some(Bytes::from(value.as_bytes())),
            headers: vec![],
        };
        let node = NodeId::Producer(producer);
        self.ask(node, command);
        let answer = |cluster: &Self| {
            cluster.events[from..].iter().filter(|(n, _)| *n == node).find_map(|(_, e)| match e {
                TraceEvent::Acknowledged { tp, base_offset, .. } => {
                    Some((tp.partition, Ok(*base_offset)))
                }
                TraceEvent::SendFailed { tp, error, .. } => {
                    Some((tp.partition, Err(error.name().to_owned())))
                }
                _ => None,
            })
        };
        self.run_until("answer to a produce", 120_000, |c| answer(c).is_some());
        answer(self).expect("just seen")
    }

    /// Sends what the fixture's step sent and compares offsets and errors.
    pub fn send_as_recorded(&mut self, producer: u32, observed: &Value) {
        let client = if observed["client"].is_object() { &observed["client"] } else { observed };
        for send in client["sends"].as_array().expect("sends") {
            let value = send["value"].as_str().expect("a value");
            let (partition, result) = self.send(producer, None, value);
            assert_eq!(i64::from(partition), send["partition"].as_i64().unwrap_or(0), "{value}");
            match send["error"].as_str() {
                None => {
                    assert_eq!(result, Ok(send["offset"].as_i64().expect("an offset")), "{value}")
                }
                Some(error) => {
                    let name = error.split_whitespace().next().unwrap_or_default();
                    assert_eq!(result, Err(name.to_owned()), "{value}");
                }
            }
        }
    }

    /// The partition as pictures see it.
    pub fn partition(&self, number: usize) -> PartitionView {
        let view = self.world.view();
        let topic = view.topics.iter().find(|t| t.name == self.topic).expect("the topic");
        topic.partitions[number].clone()
    }

    /// Compares everything that a real cluster showed of partition 0; `quiet`: high watermarks too.
    pub fn compare(&self, what: &str, observed: &Value, quiet: bool) {
        let partition = self.partition(0);
        let state = &observed["controller_state"];
        let sorted = |mut of: Vec<i64>| {
            of.sort_unstable();
            of
        };
        let ids = |of: &[i32]| of.iter().map(|id| i64::from(*id)).collect::<Vec<_>>();
        assert_eq!(Some(i64::from(partition.leader)), state["leader"].as_i64(), "{what}: leader");
        let epoch = i64::from(partition.leader_epoch);
        assert_eq!(Some(epoch), state["leader_epoch"].as_i64(), "{what}: leader epoch");
        let epoch = i64::from(partition.partition_epoch);
        assert_eq!(Some(epoch), state["partition_epoch"].as_i64(), "{what}: partition epoch");
        assert_eq!(ids(&partition.replicas), numbers(&state["replicas"]), "{what}: replicas");
        assert_eq!(sorted(ids(&partition.isr)), sorted(numbers(&state["isr"])), "{what}: ISR");
        if let Some(latest) = observed["list_offsets"]["latest"]["offset"].as_i64() {
            let leader = partition.logs.iter().find(|l| l.role == Role::Leader).expect("a leader");
            assert_eq!(leader.high_watermark, latest, "{what}: latest offset");
        }
        for seen in observed["replicas"].as_array().into_iter().flatten() {
            replica(what, &partition, seen, quiet);
        }
    }
}

fn replica(what: &str, partition: &PartitionView, seen: &Value, quiet: bool) {
    let broker = seen["broker"].as_i64().expect("a broker");
    let log = partition.logs.iter().find(|l| i64::from(l.broker) == broker);
    let log = log.unwrap_or_else(|| panic!("{what}: broker {broker} has no log"));
    let end = seen["log_end_offset"].as_i64();
    assert_eq!(Some(log.log_end_offset), end, "{what}: log end offset on {broker}");
    let epochs: Vec<(i64, i64)> = seen["leader_epoch_checkpoint"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|e| (e["epoch"].as_i64().expect("epoch"), e["start_offset"].as_i64().expect("offset")))
        .collect();
    let ours: Vec<(i64, i64)> = log.epoch_cache.iter().map(|(e, o)| (i64::from(*e), *o)).collect();
    assert_eq!(ours, epochs, "{what}: leader epoch cache on {broker}");
    if quiet && seen["process"] == "up" {
        let high_watermark = seen["high_watermark_checkpoint"].as_i64();
        assert_eq!(Some(log.high_watermark), high_watermark, "{what}: high watermark on {broker}");
    }
}

fn pairs(of: &[(&str, &str)]) -> Vec<(highwater_cluster::Name, highwater_cluster::Name)> {
    of.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect()
}
