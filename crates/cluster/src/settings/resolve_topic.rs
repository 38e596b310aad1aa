//! Topic settings: overrides of the topic over the cluster-wide defaults over Kafka's defaults
//! (`LogConfig`, `ConfigurationControlManager`).

use super::parse::{Value, Values, parse};
use super::table_topic::{MIN_SEGMENT_BYTES, TOPIC};
use super::{Scope, SettingError, suggest};
use crate::{MetadataImage, Name, TopicConfig, TopicId};

/// Other cluster-wide names of a topic setting in coarser units: name, setting, ms of one unit,
/// rank. Where several are given the one with the lowest rank wins, the `ms` name before all.
const COARSE: &[(&str, &str, i64, u8)] = &[
    ("log.retention.minutes", "retention.ms", 60_000, 1),
    ("log.retention.hours", "retention.ms", 3_600_000, 2),
    ("log.roll.hours", "segment.ms", 3_600_000, 1),
];

/// Whether `name` is the cluster-wide default of a topic setting.
pub(super) fn is_cluster_name(name: &str) -> bool {
    TOPIC.iter().any(|s| s.cluster_name == Some(name)) || COARSE.iter().any(|c| c.0 == name)
}

/// Setting, rank and value of one cluster-wide default.
fn parse_cluster(name: &str, text: &str) -> Result<(&'static str, u8, Value), SettingError> {
    if let Some(setting) = TOPIC.iter().find(|s| s.cluster_name == Some(name)) {
        return Ok((setting.name, 0, parse_topic(setting.name, name, text)?));
    }
    let Some((_, setting, factor, rank)) = COARSE.iter().find(|c| c.0 == name) else {
        return Err(SettingError::new(name, text, suggest::unknown(name, Scope::Topic, TOPIC)));
    };
    let smallest = if *setting == "retention.ms" { -1 } else { 1 };
    match text.trim().parse::<i64>() {
        Ok(-1) if smallest == -1 => Ok((setting, *rank, Value::Int(-1))),
        Ok(n) if (1..=i64::from(i32::MAX)).contains(&n) => {
            Ok((setting, *rank, Value::Int(n * factor)))
        }
        _ => {
            let allowed = format!(
                "allowed: a whole number of at least 1{}",
                match smallest {
                    -1 => ", or -1 for no limit",
                    _ => "",
                }
            );
            Err(SettingError::new(name, text, allowed))
        }
    }
}

/// A topic setting's value, given under `name`; knows what to say about small segments.
fn parse_topic(setting: &'static str, name: &str, text: &str) -> Result<Value, SettingError> {
    let row = TOPIC.iter().find(|s| s.name == setting).expect("a name of the table");
    let parsed = parse(row, name, text);
    let small = text.trim().parse::<i64>().is_ok_and(|n| (1..MIN_SEGMENT_BYTES).contains(&n));
    if setting == "segment.bytes" && small && parsed.is_err() {
        let allowed = format!(
            "allowed: at least {MIN_SEGMENT_BYTES} bytes; smaller segments, for tests and small \
             models, are set with internal.segment.bytes"
        );
        return Err(SettingError::new(name, text, allowed));
    }
    parsed
}

/// Checks one cluster-wide default by its broker's name (`log.segment.bytes`, ...).
pub fn check_cluster_default(name: &str, text: &str) -> Result<(), SettingError> {
    parse_cluster(name, text).map(|_| ())
}

/// Those of a broker's settings that are cluster-wide defaults of topics, as the controller keeps
/// them in the metadata log.
pub fn cluster_defaults<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> Vec<(Name, Name)> {
    pairs
        .iter()
        .filter(|(name, _)| is_cluster_name(name.as_ref()))
        .map(|(name, text)| (Name::from(name.as_ref()), Name::from(text.as_ref())))
        .collect()
}

/// Settings of a topic: `overrides` by topic names over `cluster_defaults` by brokers' names.
///
/// # Errors
/// One for each pair that is refused.
pub fn resolve_topic<N: AsRef<str>, V: AsRef<str>, M: AsRef<str>, W: AsRef<str>>(
    overrides: &[(N, V)],
    cluster_defaults: &[(M, W)],
) -> Result<TopicConfig, Vec<SettingError>> {
    let mut errors = Vec::new();
    let mut values = Values::new(TOPIC);
    let mut cluster = Vec::new();
    for (name, text) in cluster_defaults {
        match parse_cluster(name.as_ref(), text.as_ref()) {
            Ok(parsed) => cluster.push(parsed),
            Err(error) => errors.push(error),
        }
    }
    // The lowest rank last, so that it wins; among equals the later one.
    highwater_sorted::sort_by_key(&mut cluster, |(_, rank, _)| std::cmp::Reverse(*rank));
    for (setting, _, value) in cluster {
        values.set(setting, value);
    }
    for (name, text) in overrides {
        let (name, text) = (name.as_ref(), text.as_ref());
        match TOPIC.iter().find(|s| s.name == name) {
            Some(row) => match parse_topic(row.name, name, text) {
                Ok(value) => values.set(row.name, value),
                Err(error) => errors.push(error),
            },
            None => {
                let allowed = match TOPIC.iter().find(|s| s.cluster_name == Some(name)) {
                    Some(row) => format!("is the cluster-wide name; a topic has {}", row.name),
                    None => suggest::unknown(name, Scope::Topic, TOPIC),
                };
                errors.push(SettingError::new(name, text, allowed));
            }
        }
    }
    if errors.is_empty() { Ok(build(&values)) } else { Err(errors) }
}

fn build(v: &Values) -> TopicConfig {
    let policies = v.words("cleanup.policy");
    let segment_bytes = match v.has("internal.segment.bytes") {
        true => v.int("internal.segment.bytes"),
        false => v.int("segment.bytes"),
    };
    TopicConfig {
        min_insync_replicas: v.int("min.insync.replicas"),
        unclean_leader_election_enable: v.bool("unclean.leader.election.enable"),
        cleanup_policy_delete: policies.contains(&"delete"),
        cleanup_policy_compact: policies.contains(&"compact"),
        max_message_bytes: v.int("max.message.bytes"),
        segment_bytes,
        segment_ms: v.long("segment.ms"),
        segment_index_bytes: v.int("segment.index.bytes"),
        index_interval_bytes: v.int("index.interval.bytes"),
        retention_ms: v.long("retention.ms"),
        retention_bytes: v.long("retention.bytes"),
        file_delete_delay_ms: v.long("file.delete.delay.ms"),
        flush_messages: v.long("flush.messages"),
        log_append_time: v.words("message.timestamp.type") == ["LogAppendTime"],
        message_timestamp_before_max_ms: v.long("message.timestamp.before.max.ms"),
        message_timestamp_after_max_ms: v.long("message.timestamp.after.max.ms"),
    }
}

/// What a topic's settings come to by the metadata log: its own over the cluster-wide defaults.
/// The controller checked every one before it was written; an unknown topic has the defaults.
pub fn effective_topic_config(image: &MetadataImage, topic: TopicId) -> TopicConfig {
    let overrides: Vec<_> = image.topics.get(&topic).into_iter().flat_map(|t| &t.configs).collect();
    let defaults: Vec<_> = image.configs.iter().collect();
    resolve_topic(&overrides, &defaults)
        .expect("the controller checks settings before it writes them")
}
