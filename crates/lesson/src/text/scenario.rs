//! `[scenario]`: the cluster, its settings, its cast and its script.

use super::reader::{Reader, Text};
use crate::grammar;
use crate::nearest;
use highwater_cluster::settings::{self, Scope, SettingError};
use highwater_cluster::{Name, Span, Time, Workload};
use highwater_sim::{BrokerSpec, ConsumerSpec, NetworkSpec, ProducerSpec, Scenario, TopicSpec};

type Pairs = Vec<(Name, Name)>;

/// Reads the table.
pub fn read(reader: Reader<'_>) -> Scenario {
    let seed = reader.integer("seed", 0, i64::MAX).unwrap_or(1);
    let settings = pairs(&reader, "settings", cluster_errors);
    let before = reader.source.mistakes();
    let brokers = brokers(&reader);
    // Where the number of brokers is itself a mistake, nothing is known about what fits.
    let most = if reader.source.mistakes() == before { brokers.len() } else { usize::MAX };
    let topics = topics(&reader, &settings, most);
    let scenario = Scenario {
        seed: u64::try_from(seed).unwrap_or(1),
        assumptions: reader.texts("assumptions").into_iter().map(|t| t.text).collect(),
        settings,
        brokers,
        producers: producers(&reader, &topics),
        consumers: consumers(&reader, &topics),
        topics,
        network: network(&reader),
        script: script(&reader),
        until: reader.duration_us("until").map(Time),
        ..Scenario::default()
    };
    check(&reader, &scenario);
    reader.finish();
    scenario
}

/// What neither the brokers nor the controller would take, each mistake once.
fn cluster_errors(pairs: &[(&str, &str)]) -> Vec<SettingError> {
    let mut errors = Vec::new();
    let broker = settings::resolve_broker(pairs).err();
    let controller = settings::resolve_controller(pairs).err();
    for mut error in broker.into_iter().chain(controller).flatten() {
        if settings::describe(&error.name).is_empty() {
            error.allowed = unknown(&error.name);
        }
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    errors
}

/// About a name that nobody has: the nearest of those that may stand in `scenario.settings`.
fn unknown(name: &str) -> String {
    let known = settings::all().filter_map(|s| match s.scope {
        Scope::Broker | Scope::Controller => Some(s.name),
        _ => s.cluster_name,
    });
    match nearest(name, known) {
        Some(near) => format!("no such setting; did you mean {near}?"),
        None => "no broker or controller has a setting of this name".to_owned(),
    }
}

/// A table of settings, each checked as the process that reads it would.
fn pairs(
    reader: &Reader<'_>,
    key: &'static str,
    resolve: impl Fn(&[(&str, &str)]) -> Vec<SettingError>,
) -> Pairs {
    let read = reader.settings(key);
    let plain: Vec<(&str, &str)> =
        read.iter().map(|(name, value)| (name.text.as_str(), value.as_str())).collect();
    for error in resolve(&plain) {
        let at = read.iter().find(|(name, _)| name.text == error.name);
        let at = at.map_or(reader.at, |(name, _)| name.at);
        reader.source.error(
            at,
            &reader.path(&error.name),
            format!("found {}", error.found),
            error.allowed,
        );
    }
    plain.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn brokers(reader: &Reader<'_>) -> Vec<BrokerSpec> {
    let listed = reader.tables("broker", "broker");
    let count = reader.integer("brokers", 1, 64);
    if listed.is_empty() {
        let count = i32::try_from(count.unwrap_or(1)).unwrap_or(1);
        return (1..=count).map(|id| BrokerSpec { id, rack: None }).collect();
    }
    if count.is_some() {
        let allowed = "allowed: either a number of brokers or [[scenario.broker]] for each";
        reader.source.error(
            reader.place("brokers"),
            &reader.path("brokers"),
            "found both",
            allowed,
        );
    }
    let mut brokers: Vec<BrokerSpec> = Vec::new();
    for (next, table) in (1..).zip(listed) {
        let id = table.integer("id", 1, 1000).map_or(next, |n| i32::try_from(n).unwrap_or(next));
        if brokers.iter().any(|b| b.id == id) {
            let found = format!("found {id} a second time");
            let at = table.place("id");
            table.source.error(at, &table.path("id"), found, "each broker has its own id");
        }
        brokers.push(BrokerSpec { id, rack: table.text("rack").map(|t| t.text.into()) });
        table.finish();
    }
    brokers
}

fn topics(reader: &Reader<'_>, cluster: &Pairs, most: usize) -> Vec<TopicSpec> {
    let defaults = settings::cluster_defaults(cluster);
    let mut topics = Vec::new();
    for table in reader.tables("topic", "topic") {
        let assignments = table.id_lists("assignments");
        let partitions = table.integer("partitions", 1, 10_000);
        let replication_factor = table.integer("replication_factor", 1, 64);
        if let Some(n) = replication_factor.filter(|n| usize::try_from(*n).is_ok_and(|n| n > most))
        {
            let (at, path) = (table.place("replication_factor"), table.path("replication_factor"));
            let allowed = format!("allowed: from 1 to {most}, the number of brokers");
            table.source.error(at, &path, format!("found {n}"), allowed);
        }
        let placed = assignments.is_empty();
        let either = "allowed: either assignments or partitions with replication_factor";
        let at = table.place("assignments");
        if !placed && (partitions.is_some() || replication_factor.is_some()) {
            table.source.error(at, &table.path("assignments"), "found both", either);
        } else if placed && table.is_empty_list("assignments") {
            table.source.error(at, &table.path("assignments"), "found an empty list", either);
        }
        let name = table.required("name");
        let wrong = highwater_cluster::check_topic_name(&name.text).err();
        if let Some(wrong) = wrong.filter(|_| !name.text.trim().is_empty()) {
            table.source.error(
                name.at,
                &table.path("name"),
                wrong,
                "a name that Kafka takes is needed",
            );
        }
        if topics.iter().any(|t: &TopicSpec| t.name == name.text) {
            let found = format!("found \"{}\" a second time", name.text);
            table.source.error(name.at, &table.path("name"), found, "each topic has its own name");
        }
        topics.push(TopicSpec {
            name: name.text,
            partitions: if placed { narrow(partitions.unwrap_or(1)) } else { -1 },
            replication_factor: match placed {
                true => i16::try_from(replication_factor.unwrap_or(1)).unwrap_or(1),
                false => -1,
            },
            assignments,
            configs: pairs(&table, "settings", |p| {
                settings::resolve_topic(p, &defaults).err().unwrap_or_default()
            }),
        });
        table.finish();
    }
    topics
}

fn producers(reader: &Reader<'_>, known: &[TopicSpec]) -> Vec<ProducerSpec> {
    let mut producers = Vec::new();
    for table in reader.tables("producer", "producer") {
        let topic = table.text("topic");
        topic.iter().for_each(|t| known_topic(&table, "topic", t, known));
        let every = table.duration_us("every");
        let workload = Workload {
            topic: topic.map(|t| t.text.into()),
            every_us: every.unwrap_or(0),
            keys: table.texts("keys").into_iter().map(|t| t.text.into()).collect(),
            random_keys: table.flag("random_keys"),
            value_size: u32::try_from(table.integer("value_size", 0, 1_000_000).unwrap_or(10))
                .unwrap_or(10),
            count: table.integer("count", 1, 1_000_000_000).and_then(|n| u32::try_from(n).ok()),
        };
        check_workload(&table, &workload, every);
        producers.push(ProducerSpec {
            settings: pairs(&table, "settings", |p| {
                settings::resolve_producer(p).err().unwrap_or_default()
            }),
            workload,
            start: Time(table.duration_us("start").unwrap_or(0)),
        });
        table.finish();
    }
    producers
}

/// Keys of a producer that would do nothing without another one.
fn check_workload(table: &Reader<'_>, workload: &Workload, every: Option<u64>) {
    let wrong = |key: &str, found: &str, allowed: &str| {
        table.source.error(table.place(key), &table.path(key), found, allowed);
    };
    if table.is_empty_list("keys") {
        wrong("keys", "found an empty list", "at least one key; left out, records have no key");
    } else if workload.random_keys && !table.has("keys") {
        let allowed = "it draws among keys: give those too, such as keys = [\"A\", \"B\"]";
        wrong("random_keys", "found true without keys", allowed);
    }
    if table.has("every") && !table.has("topic") {
        let allowed = "a producer that sends by itself needs a topic";
        wrong("every", "found without topic", allowed);
    }
    if every == Some(0) {
        let allowed = "a time longer than 0; left out, the producer sends by hand only";
        wrong("every", "found no time at all", allowed);
    }
    if table.has("count") && !table.has("every") {
        let allowed = "it ends what the producer sends by itself: give every too";
        wrong("count", "found without every", allowed);
    }
}

fn consumers(reader: &Reader<'_>, known: &[TopicSpec]) -> Vec<ConsumerSpec> {
    let mut consumers = Vec::new();
    for table in reader.tables("consumer", "consumer") {
        let topics = table.some_texts("topics", "a topic to read");
        topics.iter().for_each(|t| known_topic(&table, "topics", t, known));
        consumers.push(ConsumerSpec {
            group: table.required("group").text.into(),
            topics: topics.into_iter().map(|t| t.text.into()).collect(),
            settings: pairs(&table, "settings", |p| {
                settings::resolve_consumer(p).err().unwrap_or_default()
            }),
            processing: table.duration_us("processing").map(Span),
            start: Time(table.duration_us("start").unwrap_or(0)),
        });
        table.finish();
    }
    consumers
}

fn network(reader: &Reader<'_>) -> NetworkSpec {
    let mut network = NetworkSpec::default();
    if let Some(table) = reader.table("network", "scenario, network") {
        network.latency = table.duration_us("latency").map_or(network.latency, Span);
        network.jitter = table.duration_us("jitter").map_or(network.jitter, Span);
        table.finish();
    }
    network
}

fn script(reader: &Reader<'_>) -> Vec<(Time, highwater_sim::Action)> {
    let mut script = Vec::new();
    for table in reader.tables("script", "script") {
        let at = Time(table.duration_us("at").unwrap_or(0));
        for text in table.some_texts("do", "an action") {
            if let Some(action) = action(&table, "do", &text) {
                script.push((at, action));
            }
        }
        table.finish();
    }
    highwater_sorted::sort_by_key(&mut script, |(at, _)| *at);
    script
}

/// Reads an action, or notes why it is none.
pub fn action(reader: &Reader<'_>, key: &str, text: &Text) -> Option<highwater_sim::Action> {
    match grammar::action(&text.text) {
        Ok(action) => Some(action),
        Err(message) => {
            let found = format!("found \"{}\"", text.text);
            reader.source.error(text.at, &reader.path(key), found, message);
            None
        }
    }
}

/// A topic that clients name must be one of the scenario's.
fn known_topic(table: &Reader<'_>, key: &str, topic: &Text, known: &[TopicSpec]) {
    if !known.iter().any(|t| t.name == topic.text) {
        let names: Vec<&str> = known.iter().map(|t| t.name.as_str()).collect();
        let allowed = match names.is_empty() {
            true => "there is none: add [[scenario.topic]]".to_owned(),
            false => format!("topics here: {}", names.join(", ")),
        };
        let found = format!("unknown topic \"{}\"", topic.text);
        table.source.error(topic.at, &table.path(key), found, allowed);
    }
}

/// What no single key can tell: brokers that must exist.
fn check(reader: &Reader<'_>, scenario: &Scenario) {
    for topic in &scenario.topics {
        for id in topic.assignments.iter().flatten() {
            if !scenario.brokers.iter().any(|b| b.id == *id) {
                let found = format!("topic {}: no broker {id}", topic.name);
                let ids: Vec<String> = scenario.brokers.iter().map(|b| b.id.to_string()).collect();
                let allowed = format!("brokers here: {}", ids.join(", "));
                reader.source.error(reader.at, "scenario", found, allowed);
            }
        }
    }
}

fn narrow(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
