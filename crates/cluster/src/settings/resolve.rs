//! From pairs of text to a checked config: brokers, the controller and clients.

use super::parse::{Values, parse};
use super::{Scope, SettingError, all, of_scope, suggest};
use crate::{AutoOffsetReset, BrokerConfig, ConsumerConfig, ControllerConfig, ProducerConfig};

/// Parses `pairs` of one scope; a later pair with the same name wins.
fn read<N: AsRef<str>, V: AsRef<str>>(
    scope: Scope,
    pairs: &[(N, V)],
    errors: &mut Vec<SettingError>,
) -> Values {
    let settings = of_scope(scope);
    let mut values = Values::new(settings);
    for (name, text) in pairs {
        let (name, text) = (name.as_ref(), text.as_ref());
        match settings.iter().find(|s| s.name == name) {
            Some(setting) => match parse(setting, name, text) {
                Ok(value) => values.set(setting.name, value),
                Err(error) => errors.push(error),
            },
            None => {
                errors.push(SettingError::new(name, text, suggest::unknown(name, scope, settings)))
            }
        }
    }
    values
}

fn finish<T>(config: T, errors: Vec<SettingError>) -> Result<T, Vec<SettingError>> {
    if errors.is_empty() { Ok(config) } else { Err(errors) }
}

/// Settings of a broker. Cluster-wide defaults of topic settings (`log.*`, `min.insync.replicas`, ...)
/// are checked here and left to [`super::cluster_defaults`]; the controller's settings are let
/// through, since one file often holds both.
pub fn resolve_broker<N: AsRef<str>, V: AsRef<str>>(
    pairs: &[(N, V)],
) -> Result<BrokerConfig, Vec<SettingError>> {
    let mut errors = Vec::new();
    let mut own: Vec<(&str, &str)> = Vec::new();
    for (name, text) in pairs {
        let (name, text) = (name.as_ref(), text.as_ref());
        if super::resolve_topic::is_cluster_name(name) {
            errors.extend(super::check_cluster_default(name, text).err());
        } else if of_scope(Scope::Controller).iter().all(|s| s.name != name) {
            own.push((name, text));
        }
    }
    let v = read(Scope::Broker, &own, &mut errors);
    let config = BrokerConfig {
        replica_lag_time_max_ms: v.long("replica.lag.time.max.ms"),
        replica_fetch_wait_max_ms: v.int("replica.fetch.wait.max.ms"),
        replica_fetch_min_bytes: v.int("replica.fetch.min.bytes"),
        replica_fetch_max_bytes: v.int("replica.fetch.max.bytes"),
        replica_fetch_response_max_bytes: v.int("replica.fetch.response.max.bytes"),
        replica_fetch_backoff_ms: v.long("replica.fetch.backoff.ms"),
        replica_high_watermark_checkpoint_interval_ms: v
            .long("replica.high.watermark.checkpoint.interval.ms"),
        fetch_max_bytes: v.int("fetch.max.bytes"),
        broker_heartbeat_interval_ms: v.long("broker.heartbeat.interval.ms"),
        log_retention_check_interval_ms: v.long("log.retention.check.interval.ms"),
        log_initial_task_delay_ms: v.long("log.initial.task.delay.ms"),
        log_flush_offset_checkpoint_interval_ms: v.long("log.flush.offset.checkpoint.interval.ms"),
        group_initial_rebalance_delay_ms: v.long("group.initial.rebalance.delay.ms"),
        group_min_session_timeout_ms: v.long("group.min.session.timeout.ms"),
        group_max_session_timeout_ms: v.long("group.max.session.timeout.ms"),
        group_max_size: v.int("group.max.size"),
        offsets_topic_num_partitions: v.int("offsets.topic.num.partitions"),
        offsets_topic_replication_factor: v.short("offsets.topic.replication.factor"),
        offset_metadata_max_bytes: v.int("offset.metadata.max.bytes"),
        offsets_retention_minutes: v.long("offsets.retention.minutes"),
        offsets_retention_check_interval_ms: v.long("offsets.retention.check.interval.ms"),
        request_timeout_ms: v.long("request.timeout.ms"),
        auto_create_topics_enable: v.bool("auto.create.topics.enable"),
    };
    if i64::from(config.replica_fetch_wait_max_ms) > config.replica_lag_time_max_ms {
        errors.push(SettingError::new(
            "replica.fetch.wait.max.ms",
            &config.replica_fetch_wait_max_ms.to_string(),
            format!(
                "allowed: at most replica.lag.time.max.ms, which is {}",
                config.replica_lag_time_max_ms
            ),
        ));
    }
    if config.group_min_session_timeout_ms > config.group_max_session_timeout_ms {
        errors.push(SettingError::new(
            "group.min.session.timeout.ms",
            &config.group_min_session_timeout_ms.to_string(),
            format!(
                "allowed: at most group.max.session.timeout.ms, which is {}",
                config.group_max_session_timeout_ms
            ),
        ));
    }
    finish(config, errors)
}

/// Settings of the controller; brokers' settings are let through, see [`resolve_broker`].
pub fn resolve_controller<N: AsRef<str>, V: AsRef<str>>(
    pairs: &[(N, V)],
) -> Result<ControllerConfig, Vec<SettingError>> {
    let mut errors = Vec::new();
    let own: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(name, text)| (name.as_ref(), text.as_ref()))
        .filter(|(name, _)| {
            !super::resolve_topic::is_cluster_name(name)
                && !all().any(|s| s.scope == Scope::Broker && s.name == *name)
        })
        .collect();
    let v = read(Scope::Controller, &own, &mut errors);
    let config = ControllerConfig {
        broker_session_timeout_ms: v.long("broker.session.timeout.ms"),
        num_partitions: v.int("num.partitions"),
        default_replication_factor: v.short("default.replication.factor"),
        auto_leader_rebalance_enable: v.bool("auto.leader.rebalance.enable"),
        leader_imbalance_check_interval_seconds: v.long("leader.imbalance.check.interval.seconds"),
        unclean_leader_election_interval_ms: v.long("unclean.leader.election.interval.ms"),
    };
    finish(config, errors)
}

/// The rule between the two: a broker must be able to send a heartbeat within its session.
pub fn check_heartbeat_and_session(
    broker: &BrokerConfig,
    controller: &ControllerConfig,
) -> Result<(), SettingError> {
    let (interval, session) =
        (broker.broker_heartbeat_interval_ms, controller.broker_session_timeout_ms);
    if interval < session {
        return Ok(());
    }
    let allowed = format!("allowed: less than broker.session.timeout.ms, which is {session}");
    Err(SettingError::new("broker.heartbeat.interval.ms", &interval.to_string(), allowed))
}

/// Settings of a producer. As in Kafka, a `delivery.timeout.ms` that was not given is raised to
/// `linger.ms` + `request.timeout.ms` when they ask for more; one that was given is refused then.
pub fn resolve_producer<N: AsRef<str>, V: AsRef<str>>(
    pairs: &[(N, V)],
) -> Result<ProducerConfig, Vec<SettingError>> {
    let mut errors = Vec::new();
    let v = read(Scope::Producer, pairs, &mut errors);
    let least = (v.long("linger.ms") + v.long("request.timeout.ms")).min(i64::from(i32::MAX));
    let mut delivery_timeout_ms = v.long("delivery.timeout.ms");
    if delivery_timeout_ms < least {
        if v.has("delivery.timeout.ms") {
            errors.push(SettingError::new(
                "delivery.timeout.ms",
                &delivery_timeout_ms.to_string(),
                format!("allowed: at least linger.ms + request.timeout.ms, which is {least}"),
            ));
        }
        delivery_timeout_ms = least;
    }
    let acks = match v.words("acks")[0] {
        "0" => 0,
        "1" => 1,
        _ => -1,
    };
    let config = ProducerConfig {
        acks,
        batch_size: v.int("batch.size"),
        linger_ms: v.long("linger.ms"),
        buffer_memory: v.long("buffer.memory"),
        max_request_size: v.int("max.request.size"),
        max_in_flight_requests_per_connection: v.int("max.in.flight.requests.per.connection"),
        retries: v.int("retries"),
        delivery_timeout_ms,
        request_timeout_ms: v.long("request.timeout.ms"),
        retry_backoff_ms: v.long("retry.backoff.ms"),
        retry_backoff_max_ms: v.long("retry.backoff.max.ms"),
        max_block_ms: v.long("max.block.ms"),
        metadata_max_age_ms: v.long("metadata.max.age.ms"),
        partitioner_ignore_keys: v.bool("partitioner.ignore.keys"),
    };
    finish(config, errors)
}

/// Settings of a consumer. `heartbeat.interval.ms` must be below `session.timeout.ms` (Kafka:
/// `AbstractCoordinator`).
pub fn resolve_consumer<N: AsRef<str>, V: AsRef<str>>(
    pairs: &[(N, V)],
) -> Result<ConsumerConfig, Vec<SettingError>> {
    let mut errors = Vec::new();
    let v = read(Scope::Consumer, pairs, &mut errors);
    let auto_offset_reset = match v.words("auto.offset.reset")[0] {
        "earliest" => AutoOffsetReset::Earliest,
        "none" => AutoOffsetReset::None,
        _ => AutoOffsetReset::Latest,
    };
    let config = ConsumerConfig {
        partition_assignment_strategy: v.words("partition.assignment.strategy"),
        session_timeout_ms: v.long("session.timeout.ms"),
        heartbeat_interval_ms: v.long("heartbeat.interval.ms"),
        max_poll_interval_ms: v.long("max.poll.interval.ms"),
        max_poll_records: v.int("max.poll.records"),
        enable_auto_commit: v.bool("enable.auto.commit"),
        auto_commit_interval_ms: v.long("auto.commit.interval.ms"),
        auto_offset_reset,
        fetch_min_bytes: v.int("fetch.min.bytes"),
        fetch_max_wait_ms: v.int("fetch.max.wait.ms"),
        fetch_max_bytes: v.int("fetch.max.bytes"),
        max_partition_fetch_bytes: v.int("max.partition.fetch.bytes"),
        request_timeout_ms: v.long("request.timeout.ms"),
        retry_backoff_ms: v.long("retry.backoff.ms"),
        metadata_max_age_ms: v.long("metadata.max.age.ms"),
    };
    if config.heartbeat_interval_ms >= config.session_timeout_ms {
        errors.push(SettingError::new(
            "heartbeat.interval.ms",
            &config.heartbeat_interval_ms.to_string(),
            format!(
                "allowed: less than session.timeout.ms, which is {}",
                config.session_timeout_ms
            ),
        ));
    }
    finish(config, errors)
}

const NONE: &[(&str, &str)] = &[];
const DEFAULTS: &str = "defaults are allowed";

impl Default for BrokerConfig {
    fn default() -> Self {
        resolve_broker(NONE).expect(DEFAULTS)
    }
}
impl Default for ControllerConfig {
    fn default() -> Self {
        resolve_controller(NONE).expect(DEFAULTS)
    }
}
impl Default for ProducerConfig {
    fn default() -> Self {
        resolve_producer(NONE).expect(DEFAULTS)
    }
}
impl Default for ConsumerConfig {
    fn default() -> Self {
        resolve_consumer(NONE).expect(DEFAULTS)
    }
}
impl Default for crate::TopicConfig {
    fn default() -> Self {
        super::resolve_topic(NONE, NONE).expect(DEFAULTS)
    }
}
