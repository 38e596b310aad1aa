//! Explanations of real worlds, with facts from Kafka's documentation and code (06, 05, 03, 08).

mod clients;
mod everything;
mod questions;
mod records;
mod replicas;

use super::{Explanation, Fact, Question, explain};
use crate::world::tests::{pairs, scenario, topic};
use crate::{Action, ProducerSpec, Scenario, TopicSpec, World};
use highwater_cluster::{BrokerId, Name, NodeId, Time, Workload};

/// Three brokers, `orders` with one partition led by broker 1 with replicas 1, 2, 3.
fn three(configs: &[(&str, &str)]) -> Scenario {
    let orders = TopicSpec {
        assignments: vec![vec![1, 2, 3]],
        configs: pairs(configs),
        partitions: -1,
        replication_factor: -1,
        ..topic("orders", -1, -1)
    };
    scenario(3, vec![orders])
}

/// A producer that sends a record every so many microseconds; 0 = by hand only.
fn producer(acks: &str, every_us: u64) -> ProducerSpec {
    let workload = Workload {
        topic: Some("orders".into()),
        every_us,
        keys: ["A", "B"].map(Name::from).to_vec(),
        value_size: 10,
        ..Workload::default()
    };
    ProducerSpec {
        settings: pairs(&[("acks", acks), ("linger.ms", "0")]),
        workload,
        start: Time(0),
    }
}

fn booted(scenario: &Scenario) -> World {
    World::booted(scenario, 1).unwrap_or_else(|e| panic!("{e}"))
}

fn act(world: &mut World, text: &str) {
    let action: Action = text.parse().unwrap_or_else(|e| panic!("{text}: {e:?}"));
    world.apply(&action).unwrap_or_else(|e| panic!("{e}"));
}

fn at_ms(world: &mut World, ms: u64) {
    let start = world.start();
    world.run_until(start + highwater_cluster::Span(ms * 1000));
}

fn ask(world: &World, question: &str) -> Explanation {
    let question = Question::parse(question).unwrap_or_else(|e| panic!("{e}"));
    let answer = explain(world, &question).unwrap_or_else(|e| panic!("{e}"));
    println!("{question}\n{answer}\n");
    answer
}

fn refused(world: &World, question: &str) -> String {
    explain(world, &Question::parse(question).expect("a question"))
        .expect_err("it cannot be answered")
        .to_string()
}

/// Cuts a follower off from its leader, both ways; its heartbeats still arrive.
fn cut(world: &mut World, a: BrokerId, b: BrokerId) {
    let (a, b) = (NodeId::Broker(a), NodeId::Broker(b));
    world.apply(&Action::CutLink { a, b, one_way: false }).unwrap();
}

macro_rules! has {
    ($answer:expr, $pattern:pat $(if $guard:expr)?) => {
        assert!($answer.facts.iter().any(|f| matches!(f, $pattern $(if $guard)?)), "{}", $answer)
    };
}

macro_rules! has_not {
    ($answer:expr, $pattern:pat) => {
        assert!(!$answer.facts.iter().any(|f| matches!(f, $pattern)), "{}", $answer)
    };
}

use {has, has_not};
