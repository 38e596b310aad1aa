//! CreateTopics, CreatePartitions, IncrementalAlterConfigs.

use super::*;

fn request(name: &str, partitions: i32, factor: i16) -> CreateTopicsRequest {
    CreateTopicsRequest {
        name: name.into(),
        num_partitions: partitions,
        replication_factor: factor,
        assignments: Vec::new(),
        configs: Vec::new(),
    }
}

fn create(bench: &mut Bench, request: CreateTopicsRequest) -> Result<TopicId, KafkaError> {
    match bench.ask(NodeId::Admin, Request::CreateTopics(request)) {
        Some(Response::CreateTopics(r)) => match r.error {
            None => Ok(r.id.unwrap()),
            Some(error) => {
                assert!(r.message.is_some());
                Err(error)
            }
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn defaults_are_one_partition_and_one_replica() {
    let mut bench = Bench::with_brokers(3);
    assert_eq!(create(&mut bench, request("t", -1, -1)), Ok(TopicId(0)));
    let topic = &bench.controller.image().topics[&TOPIC];
    assert_eq!(topic.partitions.len(), 1);
    assert_eq!(topic.partitions[0].replicas.len(), 1);
    assert_eq!(create(&mut bench, request("u", 3, 2)), Ok(TopicId(1)));
}

#[test]
fn what_is_refused() {
    use KafkaError::*;
    let mut bench = Bench::with_brokers(3);
    create(&mut bench, request("my.topic", 1, 1)).unwrap();
    for (name, partitions, factor, error) in [
        ("my.topic", 1, 1, TopicAlreadyExists),
        ("my_topic", 1, 1, InvalidTopicException),
        ("", 1, 1, InvalidTopicException),
        ("..", 1, 1, InvalidTopicException),
        ("a b", 1, 1, InvalidTopicException),
        ("t", 0, 1, InvalidPartitions),
        ("t", -2, 1, InvalidPartitions),
        ("t", 1, 0, InvalidReplicationFactor),
        ("t", 1, -2, InvalidReplicationFactor),
        ("t", 1, 4, InvalidReplicationFactor),
        ("t", 10_001, 1, PolicyViolation),
    ] {
        assert_eq!(create(&mut bench, request(name, partitions, factor)), Err(error), "{name:?}");
    }
    let long = "x".repeat(250);
    assert_eq!(create(&mut bench, request(&long, 1, 1)), Err(InvalidTopicException));
    let mut bad = request("t", 1, 1);
    bad.configs = vec![("retention.msec".into(), "1".into())];
    assert_eq!(create(&mut bench, bad), Err(InvalidConfig));
    assert_eq!(bench.controller.image().topics.len(), 1);
}

#[test]
fn explicit_assignments_are_checked() {
    use KafkaError::*;
    let mut bench = Bench::with_brokers(3);
    let with = |assignments: &[&[i32]]| CreateTopicsRequest {
        assignments: assignments.iter().map(|a| a.to_vec()).collect(),
        ..request("t", -1, -1)
    };
    for assignments in [&[&[][..]][..], &[&[1, 1]], &[&[1, 2], &[1]], &[&[1, 9]]] {
        assert_eq!(create(&mut bench, with(assignments)), Err(InvalidReplicaAssignment));
    }
    let numbers = CreateTopicsRequest { num_partitions: 1, ..with(&[&[1]]) };
    assert_eq!(create(&mut bench, numbers), Err(InvalidRequest));
    create(&mut bench, with(&[&[3, 1, 2], &[1, 2, 3]])).unwrap();
    assert_eq!(bench.state(), (3, 0, 0, vec![3, 1, 2]));
}

#[test]
fn fenced_brokers_get_replicas_but_not_the_isr() {
    let mut bench = Bench::with_brokers(3);
    bench.pass(9000, &[2, 3]);
    bench.create("t", &[&[1, 2, 3]], &[]);
    assert_eq!(bench.state(), (2, 0, 0, vec![2, 3]));
    assert_eq!(create(&mut bench, request("u", 1, 3)), Ok(TopicId(1)), "three are registered");
    bench.pass(9000, &[]);
    assert_eq!(create(&mut bench, request("v", 1, 1)), Err(KafkaError::InvalidReplicationFactor));
}

#[test]
fn a_topic_is_its_record_its_settings_and_its_partitions() {
    let mut bench = Bench::with_brokers(3);
    let end = bench.controller.log_end_offset();
    bench.create("s-b", &[&[1, 2, 3]], &[("min.insync.replicas", "2")]);
    let records = bench.records(end);
    assert!(matches!(&records[0], MetadataRecord::Topic { name, .. } if &**name == "s-b"));
    assert!(matches!(&records[1], MetadataRecord::Config { name, value, .. }
        if &**name == "min.insync.replicas" && &**value == "2"));
    assert!(matches!(&records[2], MetadataRecord::Partition { .. }));
    assert_eq!(bench.controller.topic_config(TOPIC).min_insync_replicas, 2);
}

#[test]
fn partitions_can_only_become_more() {
    let mut bench = Bench::with_brokers(3);
    bench.create("t", &[&[1, 2]], &[]);
    let mut ask = |name: &str, count: i32, assignments: Vec<Vec<i32>>| {
        let request = CreatePartitionsRequest { name: name.into(), count, assignments };
        match bench.ask(NodeId::Admin, Request::CreatePartitions(request)) {
            Some(Response::CreatePartitions(r)) => r.error,
            other => panic!("{other:?}"),
        }
    };
    use KafkaError::*;
    assert_eq!(ask("nope", 2, vec![]), Some(UnknownTopicOrPartition));
    assert_eq!(ask("t", 1, vec![]), Some(InvalidPartitions));
    assert_eq!(ask("t", 0, vec![]), Some(InvalidPartitions));
    assert_eq!(ask("t", 3, vec![vec![1, 2]]), Some(InvalidReplicaAssignment));
    assert_eq!(ask("t", 2, vec![vec![1, 2, 3]]), Some(InvalidReplicaAssignment));
    assert_eq!(ask("t", 2, vec![vec![3, 2]]), None);
    assert_eq!(ask("t", 4, vec![]), None);
    let topic = &bench.controller.image().topics[&TOPIC];
    assert_eq!(topic.partitions[1].replicas, [3, 2]);
    assert_eq!(topic.partitions.len(), 4);
    assert!(topic.partitions.iter().all(|p| p.replicas.len() == 2));
}

#[test]
fn settings_change_when_they_are_allowed() {
    let mut bench = Bench::with_brokers(1);
    bench.create("t", &[&[1]], &[]);
    let mut ask = |topic: Option<&str>, name: &str, value: &str| {
        let configs = vec![(name.into(), value.into())];
        let request = AlterConfigsRequest { topic: topic.map(Into::into), configs };
        match bench.ask(NodeId::Admin, Request::IncrementalAlterConfigs(request)) {
            Some(Response::IncrementalAlterConfigs(r)) => r.error,
            other => panic!("{other:?}"),
        }
    };
    use KafkaError::*;
    assert_eq!(ask(Some("nope"), "retention.ms", "1"), Some(UnknownTopicOrPartition));
    assert_eq!(ask(Some("t"), "retention.ms", "soon"), Some(InvalidConfig));
    assert_eq!(ask(Some("t"), "retention.ms", "1000"), None);
    assert_eq!(ask(None, "log.retention.ms", "5000"), None);
    assert_eq!(ask(None, "min.insync.replicas", "2"), None);
    assert_eq!(ask(None, "replica.lag.time.max.ms", "1"), Some(InvalidRequest));
    assert_eq!(ask(None, "broker.session.timeout.ms", "1"), Some(InvalidRequest));
    let config = bench.controller.topic_config(TOPIC);
    assert_eq!((config.retention_ms, config.min_insync_replicas), (1000, 2));
}
