//! A scenario as data: who is there, how they are set, and what is done at which time.

use crate::Action;
use highwater_cluster::{BrokerId, Name, Span, Time, Workload};

/// Everything a run starts from, but the seed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scenario {
    /// Built-in id or file name.
    pub id: String,
    /// One line.
    pub title: String,
    /// What it assumes and leaves out, a sentence each.
    pub assumptions: Vec<String>,
    /// Default seed.
    pub seed: u64,
    /// Cluster-wide broker, controller and topic-default settings by Kafka's names.
    pub settings: Vec<(Name, Name)>,
    /// Brokers.
    pub brokers: Vec<BrokerSpec>,
    /// Topics made before anything else, in order.
    pub topics: Vec<TopicSpec>,
    /// p1, p2, ...
    pub producers: Vec<ProducerSpec>,
    /// c1, c2, ...
    pub consumers: Vec<ConsumerSpec>,
    /// One-way latency and jitter.
    pub network: NetworkSpec,
    /// Timed actions, in order of time.
    pub script: Vec<(Time, Action)>,
    /// Where `run` stops when nobody says; `None` = 60 s.
    pub until: Option<Time>,
}

/// A broker.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BrokerSpec {
    /// `node.id`, from 1.
    pub id: BrokerId,
    /// `broker.rack`.
    pub rack: Option<Name>,
}

/// A topic.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TopicSpec {
    /// Name.
    pub name: String,
    /// Partition count; -1 with `assignments`.
    pub partitions: i32,
    /// Replication factor; -1 with `assignments`.
    pub replication_factor: i16,
    /// Explicit replicas per partition; empty = placed by the controller.
    pub assignments: Vec<Vec<BrokerId>>,
    /// Topic settings.
    pub configs: Vec<(Name, Name)>,
}

/// A producer.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProducerSpec {
    /// Producer settings.
    pub settings: Vec<(Name, Name)>,
    /// What it sends by itself.
    pub workload: Workload,
    /// When it starts.
    pub start: Time,
}

/// A consumer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConsumerSpec {
    /// `group.id`.
    pub group: Name,
    /// Subscription.
    pub topics: Vec<Name>,
    /// Consumer settings.
    pub settings: Vec<(Name, Name)>,
    /// Processing time per record; `None` = polls by hand.
    pub processing: Option<Span>,
    /// When it starts.
    pub start: Time,
}

/// The network between any two processes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NetworkSpec {
    /// One-way latency.
    pub latency: Span,
    /// Drawn uniformly from 0..=jitter and added.
    pub jitter: Span,
}

impl Default for NetworkSpec {
    fn default() -> Self {
        Self { latency: Span(1_000), jitter: Span(400) }
    }
}

/// Why a scenario cannot be run: each place with what is wrong and what is allowed there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScenarioError {
    /// `(place, what is wrong and what is allowed)`: "settings: log.segment.byte = ...".
    pub problems: Vec<(String, String)>,
}

impl ScenarioError {
    /// With one problem.
    pub fn one(place: &str, problem: &str) -> Self {
        Self { problems: vec![(place.to_owned(), problem.to_owned())] }
    }
}

impl std::fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (place, problem)) in self.problems.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{place}: {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ScenarioError {}
