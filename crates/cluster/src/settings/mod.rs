//! The registry of settings: name, scope, range, default and meaning of every setting the model
//! knows, and the functions that turn pairs of text into a checked config.
//!
//! Names, defaults and ranges are Kafka's (`ConfigDef` of `KafkaConfig`, `LogConfig`,
//! `ProducerConfig`, `ConsumerConfig`). Where Kafka sets no lower limit, the one here keeps a
//! periodic task from running without a pause.

mod parse;
mod resolve;
mod resolve_topic;
mod suggest;
mod table_broker;
mod table_client;
mod table_topic;
#[cfg(test)]
mod tests;

pub use resolve::{
    check_heartbeat_and_session, resolve_broker, resolve_consumer, resolve_controller,
    resolve_producer,
};
pub use resolve_topic::{
    check_cluster_default, cluster_defaults, effective_topic_config, resolve_topic,
};

use std::fmt;

/// Which process reads a setting.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scope {
    /// Every broker.
    Broker,
    /// The controller.
    Controller,
    /// One topic; most have a cluster-wide default under a broker's name ([`Setting::cluster_name`]).
    Topic,
    /// A producer client.
    Producer,
    /// A consumer client.
    Consumer,
}

impl Scope {
    /// In a sentence: `topic`, `producer`, ...
    pub fn name(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Controller => "controller",
            Self::Topic => "topic",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// What values a setting takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A whole number, both ends included.
    Int {
        /// Smallest allowed.
        min: i64,
        /// Largest allowed.
        max: i64,
    },
    /// `true` or `false`.
    Bool,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Some of these words, separated by commas, in order.
    ListOf(&'static [&'static str]),
}

/// One setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setting {
    /// Kafka's name.
    pub name: &'static str,
    /// Who reads it.
    pub scope: Scope,
    /// Allowed values.
    pub kind: Kind,
    /// Default here, as text.
    pub default: &'static str,
    /// Unit of a number: `ms`, `bytes`, `s`, `minutes`, or empty.
    pub unit: &'static str,
    /// What it does, in one line.
    pub meaning: &'static str,
    /// Number of the Kafka improvement proposal that explains it, if one does.
    pub kip: Option<u16>,
    /// For a topic setting: the name of its cluster-wide default.
    pub cluster_name: Option<&'static str>,
    /// Kafka takes other values too; this model takes only the ones that this sentence explains.
    pub only: Option<Only>,
}

/// A limit of this model on a setting that is wider in Kafka.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Only {
    /// The values taken here.
    pub values: &'static [&'static str],
    /// Why, and what Kafka does by default when that is something else.
    pub reason: &'static str,
}

/// A setting that was refused. Its text names the setting, what was found and what is allowed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingError {
    /// Name as given.
    pub name: String,
    /// Value as given.
    pub found: String,
    /// What is allowed, or what to write instead.
    pub allowed: String,
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {:?}: {}", self.name, self.found, self.allowed)
    }
}

impl SettingError {
    fn new(name: &str, found: &str, allowed: impl Into<String>) -> Self {
        Self { name: name.to_owned(), found: found.to_owned(), allowed: allowed.into() }
    }
}

/// Every setting, by scope and then in the order of the tables.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    table_broker::BROKER
        .iter()
        .chain(table_broker::CONTROLLER)
        .chain(table_topic::TOPIC)
        .chain(table_client::PRODUCER)
        .chain(table_client::CONSUMER)
}

/// The settings of one scope.
pub fn of_scope(scope: Scope) -> &'static [Setting] {
    match scope {
        Scope::Broker => table_broker::BROKER,
        Scope::Controller => table_broker::CONTROLLER,
        Scope::Topic => table_topic::TOPIC,
        Scope::Producer => table_client::PRODUCER,
        Scope::Consumer => table_client::CONSUMER,
    }
}

/// The settings with this name: clients of both kinds share some. A topic setting is also found
/// by the name of its cluster-wide default.
pub fn describe(name: &str) -> Vec<&'static Setting> {
    all().filter(|s| s.name == name || s.cluster_name == Some(name)).collect()
}

impl Setting {
    /// What is allowed, in words: `a whole number of at least 1 (bytes)`.
    pub fn allowed(&self) -> String {
        let values = match self.kind {
            Kind::Int { min, max } if max == i64::MAX => {
                format!("a whole number of at least {min}")
            }
            Kind::Int { min, max } => format!("a whole number from {min} to {max}"),
            Kind::Bool => "true or false".to_owned(),
            Kind::OneOf(words) => format!("one of {}", words.join(", ")),
            Kind::ListOf(words) => format!("some of {}, separated by commas", words.join(", ")),
        };
        if self.unit.is_empty() { values } else { format!("{values} ({})", self.unit) }
    }

    const fn int(
        scope: Scope,
        name: &'static str,
        default: &'static str,
        range: (i64, i64),
        unit: &'static str,
        meaning: &'static str,
    ) -> Self {
        let kind = Kind::Int { min: range.0, max: range.1 };
        Self {
            name,
            scope,
            kind,
            default,
            unit,
            meaning,
            kip: None,
            cluster_name: None,
            only: None,
        }
    }

    const fn words(
        scope: Scope,
        name: &'static str,
        default: &'static str,
        kind: Kind,
        meaning: &'static str,
    ) -> Self {
        Self {
            name,
            scope,
            kind,
            default,
            unit: "",
            meaning,
            kip: None,
            cluster_name: None,
            only: None,
        }
    }

    const fn kip(mut self, number: u16) -> Self {
        self.kip = Some(number);
        self
    }

    const fn cluster(mut self, name: &'static str) -> Self {
        self.cluster_name = Some(name);
        self
    }

    const fn only(mut self, values: &'static [&'static str], reason: &'static str) -> Self {
        self.only = Some(Only { values, reason });
        self
    }
}
