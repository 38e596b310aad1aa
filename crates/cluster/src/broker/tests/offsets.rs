//! `__consumer_offsets`, coordinators and metadata.

use super::bench::*;
use crate::*;

fn find(b: &mut Bench, group: &str) -> (Option<KafkaError>, BrokerId) {
    let request = FindCoordinatorRequest { group: group.into() };
    let correlation = b.request(CONSUMER, 1, Request::FindCoordinator(request));
    match b.response(correlation) {
        Some(Response::FindCoordinator(r)) => (r.error, r.node),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_find_coordinator_makes_the_offsets_topic() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    let unavailable = (Some(KafkaError::CoordinatorNotAvailable), -1);
    assert_eq!(find(&mut b, "test"), unavailable);
    assert_eq!(find(&mut b, "test"), unavailable);
    assert_eq!(b.to_controller.len(), 1, "asked for once");
    let Body::Request(request) = b.to_controller[0].body.clone() else { panic!() };
    let Request::CreateTopics(made) = &*request else { panic!() };
    let config = BrokerConfig::default();
    assert_eq!(&*made.name, "__consumer_offsets");
    assert_eq!(made.num_partitions, config.offsets_topic_num_partitions);
    b.make_topic(TopicId(2), "__consumer_offsets", &[("cleanup.policy", "compact")]);
    for n in 0..50 {
        let leader = if n == 48 { 2 } else { 1 };
        b.publish(partition_record(TopicPartition::new(TopicId(2), n), &[leader]));
    }
    b.sync_all();
    assert_eq!(find(&mut b, "test"), (None, 2), "JavaHash(test) = 3556498, mod 50 = 48");
    assert_eq!(find(&mut b, "my-group"), (None, 1));
    assert_eq!(b.nodes[&1].broker.offsets_partition("polygenelubricants"), 0);
    assert_eq!(b.nodes[&2].broker.coordinator().partitions().collect::<Vec<_>>(), [48]);
}

fn metadata_of(b: &mut Bench, topic: &str) -> (Option<KafkaError>, usize) {
    let request = MetadataRequest { topics: Some(vec![topic.into()]) };
    let correlation = b.request(PRODUCER, 1, Request::Metadata(request));
    match b.response(correlation) {
        Some(Response::Metadata(r)) => (r.topics[0].error, r.topics[0].partitions.len()),
        other => panic!("{other:?}"),
    }
}

/// `KafkaApis.getTopicMetadata`, `AutoTopicCreationManager`: who asks for a topic that does not exist has it made, with the
/// defaults of the cluster, unless `auto.create.topics.enable` says no or there cannot be one of that name.
#[test]
fn a_topic_that_somebody_asks_for_is_made() {
    let unknown = (Some(KafkaError::UnknownTopicOrPartition), 0);
    let mut b = Bench::new(&[1], &[1], &[]);
    assert_eq!(metadata_of(&mut b, "new"), unknown);
    assert_eq!(metadata_of(&mut b, "new"), unknown);
    assert_eq!(b.to_controller.len(), 1, "asked for once");
    let Body::Request(request) = b.to_controller[0].body.clone() else { panic!() };
    let Request::CreateTopics(made) = &*request else { panic!() };
    assert_eq!((&*made.name, made.num_partitions, made.replication_factor), ("new", -1, -1));
    assert_eq!((made.configs.len(), made.assignments.len()), (0, 0));
    b.make_topic(TopicId(2), "new", &[]);
    b.publish(partition_record(TopicPartition::new(TopicId(2), 0), &[1]));
    b.sync(1);
    assert_eq!(metadata_of(&mut b, "new"), (None, 1));
    let invalid = (Some(KafkaError::InvalidTopicException), 0);
    assert_eq!(metadata_of(&mut b, "not a name"), invalid);
    assert_eq!(b.to_controller.len(), 1);
    let mut b = Bench::default();
    b.config.auto_create_topics_enable = false;
    b.start(1, highwater_log::MemoryStorage::new());
    assert_eq!(metadata_of(&mut b, "new"), unknown);
    assert!(b.to_controller.is_empty());
}

/// A commit is answered when its record is committed, and survives a change of the coordinator.
#[test]
fn a_commit_waits_for_its_record() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.make_topic(TopicId(2), "__consumer_offsets", &[("cleanup.policy", "compact")]);
    let offsets = TopicPartition::new(TopicId(2), 0);
    b.publish(partition_record(offsets, &[1, 2]));
    b.sync_all();
    b.settle();
    b.fire_fetch_waits(1); // The follower's fetch under way did not name the new partition yet.
    b.settle();
    let commit = OffsetCommitRequest {
        group: "g".into(),
        generation_id: -1,
        member_id: "".into(),
        offsets: vec![(ORDERS, 7, -1)],
    };
    let correlation = b.request(CONSUMER, 1, Request::OffsetCommit(commit));
    assert_eq!(b.response(correlation), None);
    // The followers' fetches were woken by the append.
    b.settle();
    match b.response(correlation) {
        Some(Response::OffsetCommit(r)) => assert_eq!(r.partitions, [(ORDERS, None)]),
        other => panic!("{other:?}"),
    }
    b.crash(1);
    b.publish(MetadataRecord::PartitionChange {
        tp: offsets,
        isr: Some(vec![2]),
        leader: Some(2),
        replicas: None,
        leader_recovery_state: None,
    });
    b.sync(2);
    let request = OffsetFetchRequest { group: "g".into(), partitions: vec![ORDERS] };
    let correlation = b.request(CONSUMER, 2, Request::OffsetFetch(request));
    match b.response(correlation) {
        Some(Response::OffsetFetch(r)) => assert_eq!(r.offsets, [(ORDERS, 7, -1)]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn metadata_comes_from_the_image() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.change(Some(-1), None);
    b.sync(1);
    let topics = Some(vec!["orders".into(), "nothing".into()]);
    let correlation = b.request(CONSUMER, 1, Request::Metadata(MetadataRequest { topics }));
    let Some(Response::Metadata(m)) = b.response(correlation) else { panic!() };
    assert_eq!(m.brokers, [(1, None), (2, None)]);
    let partition = &m.topics[0].partitions[0];
    assert_eq!((partition.error, partition.leader), (Some(KafkaError::LeaderNotAvailable), -1));
    assert_eq!((partition.leader_epoch, &partition.isr[..]), (1, &[1, 2][..]));
    assert_eq!(m.topics[1].error, Some(KafkaError::UnknownTopicOrPartition));
}
