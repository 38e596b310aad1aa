//! Facts from Kafka's documentation of its settings.

use super::*;
use crate::{BrokerConfig, ControllerConfig, ProducerConfig, TopicConfig};

const NONE: &[(&str, &str)] = &[];

#[test]
fn defaults_are_those_of_kafka_4_3() {
    let topic = TopicConfig::default();
    assert_eq!(topic.min_insync_replicas, 1);
    assert!(!topic.unclean_leader_election_enable);
    assert_eq!(topic.segment_bytes, 1 << 30);
    assert_eq!(topic.segment_ms, 7 * 24 * 3_600_000);
    assert_eq!(topic.retention_ms, 7 * 24 * 3_600_000);
    assert_eq!(topic.retention_bytes, -1);
    assert_eq!(topic.max_message_bytes, (1 << 20) + 12);
    assert!(topic.cleanup_policy_delete && !topic.cleanup_policy_compact);
    let producer = ProducerConfig::default();
    assert_eq!((producer.acks, producer.batch_size, producer.linger_ms), (-1, 16384, 5));
    assert_eq!(producer.delivery_timeout_ms, 120_000);
    let broker = BrokerConfig::default();
    assert_eq!((broker.replica_lag_time_max_ms, broker.replica_fetch_wait_max_ms), (30_000, 500));
    assert_eq!(ControllerConfig::default().broker_session_timeout_ms, 9000);
    let consumer = crate::ConsumerConfig::default();
    assert_eq!((consumer.session_timeout_ms, consumer.heartbeat_interval_ms), (45_000, 3000));
}

#[test]
fn every_default_is_allowed_and_every_range_fits() {
    for setting in all() {
        parse::parse(setting, setting.name, setting.default).unwrap();
    }
    let names: Vec<_> = all().map(|s| (s.scope, s.name)).collect();
    let mut unique = names.clone();
    highwater_sorted::sort(&mut unique);
    unique.dedup();
    assert_eq!(unique.len(), names.len());
}

#[test]
fn an_unknown_name_gets_the_nearest_one() {
    let errors = resolve_topic(&[("min.insync.replica", "2")], NONE).unwrap_err();
    assert!(errors[0].to_string().contains("min.insync.replicas"), "{}", errors[0]);
    let errors = resolve_producer(&[("ack", "1")]).unwrap_err();
    assert!(errors[0].allowed.contains("acks"), "{}", errors[0]);
    let errors = resolve_producer(&[("min.insync.replicas", "2")]).unwrap_err();
    assert!(errors[0].allowed.contains("is a topic setting"), "{}", errors[0]);
}

#[test]
fn small_segments_are_refused_with_the_internal_name() {
    let errors = resolve_topic(&[("segment.bytes", "1000")], NONE).unwrap_err();
    assert!(errors[0].allowed.contains("internal.segment.bytes"), "{}", errors[0]);
    let topic = resolve_topic(&[("segment.bytes", "1048576")], NONE).unwrap();
    assert_eq!(topic.segment_bytes, 1_048_576);
    let topic = resolve_topic(&[("internal.segment.bytes", "1000")], NONE).unwrap();
    assert_eq!(topic.segment_bytes, 1000);
}

#[test]
fn a_topic_overrides_the_cluster_and_ms_wins_over_hours() {
    let cluster = [("log.retention.ms", "5000"), ("log.retention.hours", "1")];
    let topic = resolve_topic(NONE, &cluster).unwrap();
    assert_eq!(topic.retention_ms, 5000);
    let topic = resolve_topic(NONE, &[("log.retention.hours", "2")]).unwrap();
    assert_eq!(topic.retention_ms, 7_200_000);
    let topic = resolve_topic(&[("retention.ms", "-1")], &cluster).unwrap();
    assert_eq!(topic.retention_ms, -1);
    let topic = resolve_topic(NONE, &[("message.max.bytes", "2000")]).unwrap();
    assert_eq!(topic.max_message_bytes, 2000);
}

#[test]
fn what_comes_later_is_refused_clearly() {
    for pair in [("enable.idempotence", "true"), ("compression.type", "lz4")] {
        let errors = resolve_producer(&[pair]).unwrap_err();
        assert!(errors[0].allowed.contains("later"), "{}", errors[0]);
    }
    assert!(resolve_producer(&[("enable.idempotence", "false")]).is_ok());
    assert!(resolve_consumer(&[("isolation.level", "read_committed")]).is_err());
}

#[test]
fn delivery_timeout_covers_linger_and_request() {
    let pairs = [("delivery.timeout.ms", "1000"), ("request.timeout.ms", "1000")];
    let errors = resolve_producer(&pairs).unwrap_err();
    assert!(errors[0].allowed.contains("1005"), "{}", errors[0]);
    let raised = resolve_producer(&[("request.timeout.ms", "200000")]).unwrap();
    assert_eq!(raised.delivery_timeout_ms, 200_005);
}

#[test]
fn heartbeats_fit_into_sessions() {
    let pairs = [("heartbeat.interval.ms", "6000"), ("session.timeout.ms", "6000")];
    assert!(resolve_consumer(&pairs).is_err());
    let broker = resolve_broker(&[("broker.heartbeat.interval.ms", "9000")]).unwrap();
    assert!(check_heartbeat_and_session(&broker, &ControllerConfig::default()).is_err());
}

#[test]
fn one_file_may_hold_broker_controller_and_topic_defaults() {
    let pairs = [
        ("log.retention.hours", "1"),
        ("broker.session.timeout.ms", "30000"),
        ("replica.lag.time.max.ms", "6000"),
        ("min.insync.replicas", "2"),
    ];
    assert_eq!(resolve_broker(&pairs).unwrap().replica_lag_time_max_ms, 6000);
    assert_eq!(resolve_controller(&pairs).unwrap().broker_session_timeout_ms, 30_000);
    let names: Vec<_> = cluster_defaults(&pairs).into_iter().map(|(n, _)| n).collect();
    assert_eq!(
        names,
        ["log.retention.hours".into(), "min.insync.replicas".into()] as [crate::Name; 2]
    );
    assert!(resolve_broker(&[("log.segment.bytes", "10")]).is_err());
}

#[test]
fn bad_values_name_the_setting_and_the_range() {
    let errors = resolve_producer(&[("acks", "2"), ("batch.size", "many")]).unwrap_err();
    assert_eq!(errors.len(), 2);
    assert_eq!(errors[0].to_string(), "acks = \"2\": allowed: one of all, -1, 0, 1");
    assert!(errors[1].to_string().contains("from 0 to 2147483647"));
}
