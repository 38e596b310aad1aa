//! Worlds built by hand for the views of one log, of replicas, of a group and of time.
#![allow(dead_code)]

use super::views::*;
use highwater_sim::*;

/// Batches with epochs and producers: `("ABA", epoch, producer)`.
pub fn written(groups: &[(&str, i32, u32)], segments: &[i64]) -> Vec<BatchView> {
    let names: Vec<&str> = groups.iter().map(|g| g.0).collect();
    let mut out = batches(&names, 0, segments);
    for (batch, (_, epoch, producer)) in out.iter_mut().zip(groups) {
        batch.leader_epoch = *epoch;
        for record in &mut batch.records {
            record.producer = Some(*producer);
        }
    }
    out
}

pub fn log_of(
    broker: i32,
    role: Role,
    hw: i64,
    groups: &[(&str, i32, u32)],
    cache: &[(i32, i64)],
) -> ReplicaView {
    let batches = written(groups, &[0]);
    let end = batches.last().map_or(0, |b| b.last_offset + 1);
    ReplicaView {
        broker,
        role,
        leader_epoch: cache.last().map_or(0, |c| c.0),
        log_end_offset: end,
        recovery_point: end,
        high_watermark: hw,
        last_stable_offset: hw,
        in_isr: true,
        batches,
        epoch_cache: cache.to_vec(),
        segments: vec![SegmentView {
            base_offset: 0,
            next_offset: end,
            size_bytes: 1200,
            active: true,
            ..SegmentView::default()
        }],
        ..ReplicaView::default()
    }
}

const COMMON: [(&str, i32, u32); 5] =
    [("ABA", 2, 1), ("CF", 3, 1), ("BA", 3, 2), ("CB", 3, 1), ("FB", 3, 1)];

/// The old leader is back with 11-12 that nobody else has; broker 2 leads epoch 4.
pub fn history() -> WorldView {
    let with = |tail: &[(&'static str, i32, u32)]| {
        let mut all = COMMON.to_vec();
        all.extend_from_slice(tail);
        all
    };
    let mut old = log_of(1, Role::Follower, 9, &with(&[("AC", 3, 1)]), &[(2, 0), (3, 3)]);
    old.in_isr = false;
    old.leader = 2;
    old.leader_epoch = 4;
    old.fetching = Some((13, true));
    let new = with(&[("BF", 4, 3), ("AC", 4, 1)]);
    let mut leader = log_of(2, Role::Leader, 13, &new, &[(2, 0), (3, 3), (4, 11)]);
    leader.last_stable_offset = 11;
    leader.maximal_isr = vec![2, 3];
    leader.followers = vec![
        FollowerView { last_fetch: None, ..follower(1, -1, false, ms(0)) },
        follower(3, 13, true, ms(31_400)),
    ];
    let mut third =
        log_of(3, Role::Follower, 11, &with(&[("BF", 4, 3)]), &[(2, 0), (3, 3), (4, 11)]);
    third.fetching = Some((13, true));
    let mut view = story();
    view.now = ms(31_406);
    view.topics[0].partitions[0] =
        partition(1, 0, "orders", 2, 4, &[2, 3], vec![old, leader, third]);
    view.messages = vec![message(
        40,
        highwater_cluster::NodeId::Broker(2),
        highwater_cluster::NodeId::Broker(1),
        31_405_500,
        31_406_500,
        MessageKind::FetchResponse(vec![FetchResponseView {
            tp: tp(1, 0),
            first_offset: 12,
            keys: Vec::new(),
            high_watermark: 13,
            diverging: Some((3, 11)),
            error: None,
        }]),
    )];
    view
}

/// Five replicas of a long log with offsets of thirteen digits, one far behind.
pub fn five() -> WorldView {
    let mut view = long();
    let far = 8_123_456_789_000i64;
    let part = &mut view.topics[0].partitions[0];
    for id in [4, 5] {
        let mut copy = part.logs[1].clone();
        copy.broker = id;
        part.logs.push(copy);
        part.replicas.push(id);
    }
    for log in &mut part.logs {
        for batch in &mut log.batches {
            batch.base_offset += far;
            batch.last_offset += far;
            batch.segment += far;
            batch.records.iter_mut().for_each(|r| r.offset += far);
        }
        for segment in &mut log.segments {
            segment.base_offset += far;
            segment.next_offset += far;
        }
        log.log_start_offset += far;
        log.log_end_offset += far;
        log.high_watermark += far;
        log.last_stable_offset += far;
        log.followers.iter_mut().for_each(|f| f.log_end_offset += far);
    }
    view.messages.clear();
    view.brokers.push(broker(4, "a"));
    view.brokers.push(broker(5, "b"));
    view
}

/// The leader is down with two records of its own; broker 2 leads epoch 4 alone.
pub fn crash() -> WorldView {
    let mut view = super::views::crash();
    for log in &mut view.topics[0].partitions[0].logs {
        log.batches.iter_mut().for_each(|b| b.leader_epoch = 3);
        log.epoch_cache = vec![(3, 0)];
        log.recovery_point = 5;
    }
    view.topics[0].partitions[0].logs[1].epoch_cache.push((4, 11));
    view
}

/// A world made by the engine: one topic with small segments, a producer that writes by itself.
pub fn engine(until_ms: u64) -> World {
    let mut configs: Vec<(highwater_cluster::Name, highwater_cluster::Name)> = Vec::new();
    for (name, value) in [
        ("internal.segment.bytes", "1400"),
        ("index.interval.bytes", "250"),
        ("retention.ms", "20000"),
    ] {
        configs.push((name.into(), value.into()));
    }
    let workload = highwater_cluster::Workload {
        topic: Some("orders".into()),
        every_us: 130_000,
        keys: ["A", "B", "C", "F", "A"].map(Into::into).to_vec(),
        value_size: 12,
        ..highwater_cluster::Workload::default()
    };
    let scenario = Scenario {
        id: "gallery".into(),
        brokers: (1..=3).map(|id| BrokerSpec { id, rack: Some("a".into()) }).collect(),
        topics: vec![TopicSpec {
            name: "orders".into(),
            partitions: 1,
            replication_factor: 3,
            configs,
            ..TopicSpec::default()
        }],
        producers: vec![ProducerSpec {
            settings: vec![("linger.ms".into(), "300".into())],
            workload,
            ..ProducerSpec::default()
        }],
        ..Scenario::default()
    };
    let mut world = World::booted(&scenario, 7).unwrap_or_else(|e| panic!("{e}"));
    world.run_until(ms(until_ms));
    world
}

/// A group of three on two partitions, made by the engine, with everything that happened.
pub fn group(until_ms: u64, crash: bool) -> (World, Vec<TraceRecord>) {
    let workload = highwater_cluster::Workload {
        topic: Some("orders".into()),
        every_us: 700_000,
        keys: ["A", "D", "B", "E", "C", "A"].map(Into::into).to_vec(),
        value_size: 10,
        ..highwater_cluster::Workload::default()
    };
    let consumer = |start: u64| ConsumerSpec {
        group: "billing".into(),
        topics: vec!["orders".into()],
        settings: vec![("auto.offset.reset".into(), "earliest".into())],
        processing: Some(highwater_cluster::Span(1000)),
        start: ms(start),
    };
    let scenario = Scenario {
        id: "gallery".into(),
        brokers: (1..=3).map(|id| BrokerSpec { id, rack: None }).collect(),
        topics: vec![TopicSpec {
            name: "orders".into(),
            partitions: 2,
            replication_factor: 3,
            ..TopicSpec::default()
        }],
        producers: vec![ProducerSpec { workload, ..ProducerSpec::default() }],
        consumers: vec![consumer(1000), consumer(6200), consumer(12_400)],
        ..Scenario::default()
    };
    let mut world = World::booted(&scenario, 7).unwrap_or_else(|e| panic!("{e}"));
    let mut records = Vec::new();
    let mut crashed = false;
    while world.next_event_at().is_some_and(|t| t <= ms(until_ms)) {
        if crash && !crashed && world.now() > ms(17_000) {
            crashed = true;
            let c1 = highwater_cluster::NodeId::Consumer(1);
            world.apply(&Action::Crash(c1)).unwrap_or_else(|e| panic!("{e}"));
            records.extend_from_slice(world.records());
        }
        world.step();
        records.extend_from_slice(world.records());
    }
    (world, records)
}

/// Three brokers and a producer with acks=all; the leader crashes at 4 s.
pub fn failover(until_ms: u64, crash: bool) -> (World, Vec<TraceRecord>) {
    let workload = highwater_cluster::Workload {
        topic: Some("orders".into()),
        every_us: 9_000,
        keys: ["A", "B", "C", "F"].map(Into::into).to_vec(),
        value_size: 10,
        ..highwater_cluster::Workload::default()
    };
    let scenario = Scenario {
        id: "gallery".into(),
        brokers: (1..=3).map(|id| BrokerSpec { id, rack: None }).collect(),
        topics: vec![TopicSpec {
            name: "orders".into(),
            partitions: 1,
            replication_factor: 3,
            configs: vec![("min.insync.replicas".into(), "2".into())],
            ..TopicSpec::default()
        }],
        producers: vec![ProducerSpec {
            settings: vec![("linger.ms".into(), "8".into())],
            workload,
            ..ProducerSpec::default()
        }],
        ..Scenario::default()
    };
    let mut world = World::booted(&scenario, 7).unwrap_or_else(|e| panic!("{e}"));
    let mut records = Vec::new();
    let mut crashed = false;
    while world.next_event_at().is_some_and(|t| t <= ms(until_ms)) {
        if crash && !crashed && world.now() > ms(4000) {
            crashed = true;
            let tp = world.view().topics[0].partitions[0].clone();
            let leader = highwater_cluster::NodeId::Broker(tp.leader);
            world.apply(&Action::Crash(leader)).unwrap_or_else(|e| panic!("{e}"));
            records.extend_from_slice(world.records());
        }
        world.step();
        records.extend_from_slice(world.records());
    }
    (world, records)
}
