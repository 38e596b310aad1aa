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
    let world = World::booted(&scenario(3, vec![topic("orders", 2, 3)]), 1)
        .unwrap_or_else(|e| panic!("{e}"));
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

pub(crate) fn pairs(list: &[(&str, &str)]) -> Vec<(Name, Name)> {
    list.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect()
}

pub(crate) fn busy_scenario() -> Scenario {
    let mut scenario = scenario(3, vec![topic("orders", 2, 3)]);
    let workload = Workload {
        topic: Some("orders".into()),
        every_us: 200_000,
        keys: ["A", "B", "C", "D"].map(Name::from).to_vec(),
        value_size: 10,
        ..Workload::default()
    };
    scenario.producers.push(ProducerSpec {
        settings: pairs(&[("acks", "all")]),
        workload,
        start: Time(0),
    });
    for _ in 0..2 {
        scenario.consumers.push(ConsumerSpec {
            group: "billing".into(),
            topics: vec!["orders".into()],
            settings: pairs(&[("auto.offset.reset", "earliest")]),
            processing: Some(Span(1_000)),
            start: Time(0),
        });
    }
    scenario
}

#[test]
fn records_go_from_producer_to_group() {
    let mut world = World::booted(&busy_scenario(), 1).unwrap_or_else(|e| panic!("{e}"));
    let mut moments = 0;
    while world.now() < Time::from_ms(20_000) {
        world.step();
        moments += u64::from(crate::markers::is_moment_of(&world, world.records()));
        if std::env::var("TRACE").is_ok() {
            for r in world.records() {
                println!("{}", r.json());
            }
        }
    }
    let view = world.view();
    println!("{} events {} moments hash {:x}", world.event(), moments, world.trace_hash());
    println!("{:#?} {:#?}", view.producers, view.consumers);
    assert_eq!(view.broken, []);
    assert!(view.producers[0].acknowledged > 90);
    let processed: u64 = view.consumers.iter().map(|c| c.processed).sum();
    assert!(processed > 80, "{processed}");
    assert_eq!(view.groups[0].members.len(), 2);
    assert!(view.consumers.iter().all(|c| c.owned.len() == 1));
}

#[test]
fn everything_that_is_offered_can_be_done() {
    let mut world = World::booted(&busy_scenario(), 1).unwrap();
    let mut done = 0;
    for step in 0..40u64 {
        world.run_until(Time::from_ms(1_000 + step * 500));
        let view = world.view();
        let mut selections =
            vec![Selection::World, Selection::Link(NodeId::Broker(1), NodeId::Broker(2))];
        selections.extend(world.nodes().map(|(id, _)| Selection::Node(id)));
        selections.extend(view.messages.iter().map(|m| Selection::Message(m.id)));
        selections.extend(
            view.topics.iter().flat_map(|t| &t.partitions).map(|p| Selection::Partition(p.tp)),
        );
        'selections: for (n, selection) in (0u64..).zip(selections) {
            for (k, offered) in (0u64..).zip(enabled(&view, selection)) {
                let action: Action = offered.action.parse().unwrap_or_else(|e| panic!("{e}"));
                let mut copy = world.clone();
                copy.apply(&action).unwrap_or_else(|e| panic!("{e}"));
                done += 1;
                // A few of them really happen, so that later offers meet faults.
                if n == step % 9 && k == step % 7 {
                    copy.run_until(copy.now() + Span(1_000_000));
                }
                if n == step % 8 + 2 && k == 0 {
                    world = copy;
                    break 'selections;
                }
            }
        }
    }
    assert!(done > 500, "{done}");
}

/// What would do nothing is refused, and says why: a seek of what is not owned, anything of an application that has failed.
#[test]
fn what_a_consumer_cannot_do_is_refused() {
    let mut world = World::booted(&busy_scenario(), 1).unwrap();
    let refused = |world: &mut World, text: &str| {
        let action: Action = text.parse().unwrap();
        world.apply(&action).expect_err(text).message
    };
    world.run_until(Time::from_ms(10_000));
    let owned = world.consumer(1).unwrap().owned()[0].tp.partition;
    let text = refused(&mut world, "seek c1 orders-7=3");
    assert!(text.contains("c1 does not own orders-7") && text.contains("orders-"), "{text}");
    let other = 1 - owned;
    assert!(refused(&mut world, &format!("seek c1 orders-{other}=3")).contains("does not own"));
    world.apply(&format!("seek c1 orders-{owned}=0").parse().unwrap()).unwrap();
    let topic = "add consumer group=new topic=orders auto.offset.reset=none";
    world.apply(&topic.parse().unwrap()).unwrap();
    let number = world.view().consumers.last().unwrap().number;
    world.run_until(Time::from_ms(20_000));
    assert!(world.consumer(number).unwrap().failure().is_some());
    for text in ["poll", "commit", "by hand", "seek"] {
        let rest = if text == "seek" { " orders-0=0" } else { "" };
        let text = refused(&mut world, &format!("{text} c{number}{rest}"));
        assert!(text.contains("NoOffsetForPartition") && text.contains("restart"), "{text}");
    }
    assert!(refused(&mut world, "commit c1 orders-9=1").contains("there is no orders-9"));
    assert!(refused(&mut world, "commit c1 bills-0=1").contains("subscribed to: orders"));
    let joining = "add consumer group=later topic=orders".parse().unwrap();
    world.apply(&joining).unwrap();
    let late = world.view().consumers.last().unwrap().number;
    assert!(refused(&mut world, &format!("commit c{late}")).contains("not a settled member"));
    let offered = enabled(&world.view(), Selection::Node(NodeId::Consumer(number)));
    let offered: Vec<&str> = offered.iter().map(|a| &*a.action).collect();
    assert_eq!(offered[0], format!("crash c{number}"), "{offered:?}");
}

/// What watches a run must not steer it: every disk ends with the same bytes, after as many events.
#[test]
fn the_run_does_not_depend_on_being_watched() {
    let mut watched = World::booted(&busy_scenario(), 3).unwrap();
    let mut alone = watched.clone();
    alone.set_watched(false);
    for world in [&mut watched, &mut alone] {
        world.run_until(Time::from_ms(20_000));
    }
    assert!(alone.records().is_empty() && !watched.records().is_empty());
    assert_eq!(alone.event(), watched.event());
    assert_eq!(alone.nodes().count(), watched.nodes().count());
    for ((id, a), (_, b)) in alone.nodes().zip(watched.nodes()) {
        assert!(a.disk == b.disk, "{id}");
    }
}
