//! The real actors together.

use crate::*;
use highwater_cluster::*;

pub(crate) fn topic(name: &str, partitions: i32, replication_factor: i16) -> TopicSpec {
    TopicSpec { name: name.into(), partitions, replication_factor, ..TopicSpec::default() }
}

pub(crate) fn scenario(brokers: i32, topics: Vec<TopicSpec>) -> Scenario {
    Scenario {
        id: "test".into(),
        brokers: (1..=brokers).map(|id| BrokerSpec { id, rack: None }).collect(),
        topics,
        ..Scenario::default()
    }
}

#[test]
fn a_cluster_comes_up_at_time_0() {
    let world = World::booted(&scenario(3, vec![topic("orders", 2, 3)]), 1).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(world.event(), 0);
    assert!(world.start().0 < 5_000_000, "{}", world.start());
    println!("start {} next {:?}", world.start(), world.next_event_at());
    let (_, orders) = world.image().topic_by_name("orders").unwrap();
    assert!(orders.partitions.iter().all(|p| p.leader >= 1 && p.isr.len() == 3));
}

#[test]
fn a_broker_that_goes_silent_is_fenced_and_another_leads() {
    let mut world = World::booted(&scenario(3, vec![topic("orders", 1, 3)]), 1).unwrap();
    let tp = TopicPartition::new(world.image().topic_by_name("orders").unwrap().0, 0);
    let before = world.image().partition(tp).unwrap().clone();
    world.apply(&Action::Crash(NodeId::Broker(before.leader))).unwrap();
    let error = world.apply(&Action::Crash(NodeId::Broker(before.leader))).unwrap_err();
    assert!(error.to_string().contains("restart"), "{error}");
    world.run_until(Time::from_ms(20_000));
    let after = world.image().partition(tp).unwrap().clone();
    assert_ne!(after.leader, before.leader);
    assert_eq!(after.leader_epoch, before.leader_epoch + 1);
    assert_eq!(after.isr.len(), 2);
    world.apply(&Action::Restart(NodeId::Broker(before.leader))).unwrap();
    world.run_until(Time::from_ms(40_000));
    assert_eq!(world.image().partition(tp).unwrap().isr.len(), 3, "it is back in the ISR");
}
