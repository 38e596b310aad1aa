//! Worlds built by hand, with the numbers of known stories, shared by the tests and the gallery.
#![allow(dead_code)]

use highwater_cluster::{GroupState, NodeId, Time, TopicId, TopicPartition};
use highwater_log::Offset;
use highwater_sim::*;

#[path = "views_large.rs"]
mod large;
pub use large::{long, many};

pub fn tp(topic: u32, partition: i32) -> TopicPartition {
    TopicPartition::new(TopicId(topic), partition)
}

pub fn ms(ms: u64) -> Time {
    Time::from_ms(ms)
}

/// A one-letter key; A to H have hues 0 to 7.
pub fn key(letter: char) -> KeyView {
    let hue = u8::try_from((u32::from(letter) - u32::from('A')) % 8).expect("below 8");
    KeyView { text: Some(letter.to_string()), letter, hue }
}

pub fn keys(letters: &str) -> Vec<KeyView> {
    letters.chars().map(key).collect()
}

/// Batches from their keys: `["ABA", "CF"]` are offsets 0-2 and 3-4.
pub fn batches(groups: &[&str], epoch: i32, segments: &[Offset]) -> Vec<BatchView> {
    let mut out = Vec::new();
    let mut offset = 0;
    for group in groups {
        let base = offset;
        let records: Vec<RecordView> = group
            .chars()
            .map(|c| {
                offset += 1;
                RecordView { offset: offset - 1, key: key(c), ..RecordView::default() }
            })
            .collect();
        out.push(BatchView {
            base_offset: base,
            last_offset: offset - 1,
            leader_epoch: epoch,
            size_bytes: 100,
            segment: segments.iter().copied().filter(|s| *s <= base).max().unwrap_or(0),
            records,
            ..BatchView::default()
        });
    }
    out
}

pub fn replica(
    broker: i32,
    role: Role,
    hw: Offset,
    groups: &[&str],
    segments: &[Offset],
    epoch: i32,
) -> ReplicaView {
    let batches = batches(groups, epoch, segments);
    let end = batches.last().map_or(0, |b| b.last_offset + 1);
    let segments: Vec<Offset> = segments.iter().copied().filter(|s| *s <= end).collect();
    let views = segments
        .iter()
        .enumerate()
        .map(|(n, base)| SegmentView {
            base_offset: *base,
            next_offset: segments.get(n + 1).copied().unwrap_or(end),
            size_bytes: 400,
            active: n + 1 == segments.len(),
            ..SegmentView::default()
        })
        .collect();
    ReplicaView {
        broker,
        role,
        leader_epoch: epoch,
        log_end_offset: end,
        high_watermark: hw,
        last_stable_offset: hw,
        in_isr: true,
        segments: views,
        batches,
        ..ReplicaView::default()
    }
}

pub fn broker(id: i32, rack: &str) -> BrokerView {
    BrokerView { id, rack: Some(rack.into()), broker_epoch: 5, ..BrokerView::default() }
}

pub fn follower(broker: i32, end: Offset, in_isr: bool, caught_up: Time) -> FollowerView {
    FollowerView {
        broker,
        log_end_offset: end,
        in_isr,
        last_caught_up: caught_up,
        last_fetch: Some(caught_up),
        lag_deadline: None,
    }
}

pub fn message(
    id: u64,
    from: NodeId,
    to: NodeId,
    sent: u64,
    lands: u64,
    what: MessageKind,
) -> MessageView {
    let (api, response) = match &what {
        MessageKind::Fetch(_) => ("Fetch", false),
        MessageKind::FetchResponse(_) => ("Fetch", true),
        MessageKind::Produce(_) => ("Produce", false),
        MessageKind::ProduceResponse(_) => ("Produce", true),
        MessageKind::Group { .. } => ("JoinGroup", false),
        MessageKind::Controller { .. } => ("AlterPartition", false),
        MessageKind::Other { .. } => ("Metadata", false),
    };
    MessageView {
        id,
        from,
        to,
        correlation: id,
        sent_at: Time(sent),
        arrives_at: Time(lands),
        response,
        api,
        what,
        fields: Vec::new(),
        routine: false,
        fault: None,
    }
}

pub fn partition(
    topic: u32,
    n: i32,
    name: &str,
    leader: i32,
    epoch: i32,
    isr: &[i32],
    logs: Vec<ReplicaView>,
) -> PartitionView {
    PartitionView {
        tp: tp(topic, n),
        name: format!("{name}-{n}"),
        leader,
        leader_epoch: epoch,
        partition_epoch: 3,
        replicas: logs.iter().map(|l| l.broker).collect(),
        isr: isr.to_vec(),
        logs,
    }
}

pub fn topic(id: u32, name: &str, partitions: Vec<PartitionView>) -> TopicView {
    TopicView {
        id,
        name: name.into(),
        min_insync_replicas: 2,
        segment_bytes: 1000,
        retention_ms: 604_800_000,
        retention_bytes: -1,
        partitions,
        ..TopicView::default()
    }
}

const ORDERS_0: [&str; 5] = ["ABA", "CF", "BA", "CB", "FB"];
const ORDERS_1: [&str; 3] = ["DE", "G", "HDE"];

/// The story of the visual language at 20.057 s, `mock/language` section 1.
pub fn story() -> WorldView {
    let seg = [0, 5];
    let mut leader = replica(1, Role::Leader, 9, &ORDERS_0, &seg, 3);
    leader.followers = vec![follower(2, 9, true, ms(20_054)), follower(3, 5, false, ms(8000))];
    leader.maximal_isr = vec![1, 2];
    let second = replica(2, Role::Follower, 7, &ORDERS_0, &seg, 3);
    let mut third = replica(3, Role::Follower, 3, &ORDERS_0[..2], &seg, 3);
    third.in_isr = false;
    third.out_reason = vec![
        "not caught up for 12.0 s,".into(),
        "replica.lag.time.max.ms".into(),
        "is 10 s".into(),
    ];
    let orders_0 = partition(1, 0, "orders", 1, 3, &[1, 2], vec![leader, second, third]);
    let one = replica(1, Role::Follower, 6, &ORDERS_1, &[0], 2);
    let mut two = replica(2, Role::Leader, 6, &ORDERS_1, &[0], 2);
    two.followers = vec![follower(1, 6, true, ms(20_050)), follower(3, 6, true, ms(20_050))];
    two.maximal_isr = vec![1, 2, 3];
    let three = replica(3, Role::Follower, 6, &ORDERS_1, &[0], 2);
    let orders_1 = partition(1, 1, "orders", 2, 2, &[1, 2, 3], vec![one, two, three]);
    let mut brokers = vec![broker(1, "a"), broker(2, "b"), broker(3, "c")];
    brokers[0].purgatory.push(ParkedView {
        id: 5,
        from: NodeId::Producer(1),
        correlation: 9,
        tp: tp(1, 0),
        what: ParkedKind::Produce { base_offset: 9, required_offset: 11, keys: keys("FB") },
        since: ms(20_052),
        deadline: ms(50_052),
    });
    brokers[1].purgatory.push(ParkedView {
        id: 2,
        from: NodeId::Broker(1),
        correlation: 90,
        tp: tp(1, 1),
        what: ParkedKind::Fetch { fetch_offset: 6, min_bytes: 1, follower: true },
        since: ms(19_857),
        deadline: ms(20_357),
    });
    let (b1, b2, b3) = (NodeId::Broker(1), NodeId::Broker(2), NodeId::Broker(3));
    let mut slow = message(
        14,
        b1,
        b3,
        15_002_000,
        21_002_000,
        MessageKind::FetchResponse(vec![FetchResponseView {
            tp: tp(1, 0),
            first_offset: 5,
            keys: keys("BA"),
            high_watermark: 3,
            diverging: None,
            error: None,
        }]),
    );
    slow.fault = Some("slow link: 6 s".into());
    WorldView {
        event: 212,
        now: ms(20_057),
        next_event_at: Some(ms(20_058)),
        seed: 7,
        brokers,
        controller: ControllerView {
            last_change: Some((ms(20_010), "ISR of orders-0 is {1, 2}, was {1, 2, 3}".into())),
            ..ControllerView::default()
        },
        topics: vec![topic(1, "orders", vec![orders_0, orders_1])],
        producers: vec![
            ProducerView {
                number: 1,
                acks: "all".into(),
                in_flight: vec![(tp(1, 0), keys("FB"), Some(9), 1)],
                acknowledged: 9,
                ..ProducerView::default()
            },
            ProducerView {
                number: 2,
                acks: "all".into(),
                acknowledged: 6,
                ..ProducerView::default()
            },
        ],
        consumers: vec![
            consumer(1, Some((tp(1, 0), 7, 5))),
            consumer(2, Some((tp(1, 1), 6, 6))),
            ConsumerView {
                idle_reason: Some("3 members, 2 partitions".into()),
                ..consumer(3, None)
            },
        ],
        groups: vec![GroupView {
            id: "billing".into(),
            coordinator: 2,
            offsets_partition: 12,
            state: GroupState::Stable,
            generation: 3,
            protocol: Some("range".into()),
            members: Vec::new(),
            committed: vec![(tp(1, 0), 5), (tp(1, 1), 6)],
            phase: None,
        }],
        messages: vec![
            message(17, b2, b1, 20_056_000, 20_058_000, MessageKind::Fetch(vec![(tp(1, 0), 11)])),
            message(18, b3, b2, 20_056_500, 20_059_000, MessageKind::Fetch(vec![(tp(1, 1), 6)])),
            slow,
        ],
        ..WorldView::default()
    }
}

pub fn consumer(number: u32, owns: Option<(TopicPartition, Offset, Offset)>) -> ConsumerView {
    ConsumerView {
        number,
        group: "billing".into(),
        topics: vec!["orders".into()],
        doing: if owns.is_some() { "fetching".into() } else { "idle".into() },
        generation: 3,
        owned: owns
            .map(|(tp, position, committed)| OwnedView {
                tp,
                position: Some(position),
                committed: Some(committed),
                buffered: 0,
            })
            .into_iter()
            .collect(),
        ..ConsumerView::default()
    }
}

/// The leader has crashed with two records of its own; broker 2 leads epoch 4 and takes no acks=all.
pub fn crash() -> WorldView {
    let mut view = story();
    view.now = ms(31_200);
    let mut old = replica(1, Role::Offline, 9, &["ABA", "CF", "BA", "CB", "FB", "AC"], &[0, 5], 3);
    old.in_isr = false;
    old.out_reason = vec!["fenced: no heartbeat for 9 s".into()];
    // What broker 2 had of epoch 3 stays; its own epoch has no record yet.
    let mut new = replica(2, Role::Leader, 7, &ORDERS_0, &[0, 5], 3);
    new.leader_epoch = 4;
    new.epoch_cache = vec![(3, 0), (4, new.log_end_offset)];
    new.followers = vec![follower(3, 7, false, ms(8000))];
    new.maximal_isr = vec![2];
    let mut third = replica(3, Role::Follower, 3, &ORDERS_0[..3], &[0, 5], 3);
    third.leader_epoch = 4;
    third.in_isr = false;
    third.out_reason = vec!["4 records behind".into()];
    view.topics[0].partitions[0] = partition(1, 0, "orders", 2, 4, &[2], vec![old, new, third]);
    view.topics[0].partitions[1].isr = vec![2, 3];
    view.topics[0].partitions[1].logs[0].role = Role::Offline;
    view.topics[0].partitions[1].logs[0].in_isr = false;
    view.topics[0].partitions[1].logs[1].followers.remove(0);
    view.brokers[0].state = ProcessState::Crashed;
    view.brokers[0].fenced = true;
    view.brokers[0].down_since = Some(ms(20_061));
    view.brokers[0].purgatory.clear();
    view.brokers[1].purgatory.clear();
    view.controller.last_change =
        Some((ms(29_300), "leader of orders-0 is 2 in epoch 4, was 1".into()));
    view.producers[0].in_flight = vec![(tp(1, 0), keys("DG"), None, 3)];
    view.producers[0].last_error =
        Some((highwater_cluster::KafkaError::NotEnoughReplicas, ms(31_100)));
    view.lost = vec![LostRecordView {
        tp: tp(1, 0),
        offset: 11,
        key: key('A'),
        acks: 1,
        acknowledged_at: ms(20_060),
        lost_at: ms(31_000),
    }];
    let (b2, b3, p1) = (NodeId::Broker(2), NodeId::Broker(3), NodeId::Producer(1));
    view.messages = vec![
        message(30, b3, b2, 31_199_000, 31_202_000, MessageKind::Fetch(vec![(tp(1, 0), 7)])),
        message(
            31,
            b2,
            p1,
            31_199_000,
            31_201_000,
            MessageKind::ProduceResponse(vec![(
                tp(1, 0),
                -1,
                2,
                Some(highwater_cluster::KafkaError::NotEnoughReplicas),
            )]),
        ),
        message(
            32,
            NodeId::Broker(2),
            NodeId::Controller,
            31_199_500,
            31_201_500,
            MessageKind::Controller {
                summary: "AlterPartition orders-0 {2, 3}".into(),
                error: None,
            },
        ),
        message(
            33,
            NodeId::Consumer(3),
            b2,
            31_199_500,
            31_201_500,
            MessageKind::Group { summary: "JoinGroup billing".into(), error: None },
        ),
    ];
    view
}

/// The crash, when the machine of broker 3 has lost its power, too: what was in its page cache is gone.
pub fn power_off() -> WorldView {
    let mut view = crash();
    view.brokers[2].state = ProcessState::PoweredOff;
    view.messages.clear();
    let logs = &mut view.topics[0].partitions[0].logs;
    logs[0].recovery_point = 5;
    logs[1].recovery_point = 9;
    logs[2].recovery_point = 7;
    logs[2].role = Role::Offline;
    view
}

/// Two topics on four brokers, replication factor 2 and 1: broker 4 hosts nothing.
pub fn placement() -> WorldView {
    let log = |b: i32, leads: bool, groups: &[&str]| {
        let role = if leads { Role::Leader } else { Role::Follower };
        let end: i64 = groups.iter().map(|g| i64::try_from(g.len()).expect("short")).sum();
        replica(b, role, end, groups, &[0], 0)
    };
    let orders = topic(
        1,
        "orders",
        vec![
            partition(
                1,
                0,
                "orders",
                1,
                0,
                &[1, 2],
                vec![log(1, true, &["AB", "C"]), log(2, false, &["AB", "C"])],
            ),
            partition(
                1,
                1,
                "orders",
                2,
                0,
                &[2, 3],
                vec![log(2, true, &["D"]), log(3, false, &["D"])],
            ),
        ],
    );
    let mut bills = topic(
        2,
        "bills",
        vec![partition(2, 0, "bills", 3, 0, &[3], vec![log(3, true, &["EF", "GH"])])],
    );
    bills.min_insync_replicas = 1;
    WorldView {
        now: ms(2500),
        brokers: vec![broker(1, "a"), broker(2, "b"), broker(3, "c"), broker(4, "a")],
        topics: vec![orders, bills],
        ..WorldView::default()
    }
}

/// One broker, one partition, one producer: the first lesson.
pub fn single() -> WorldView {
    let leader = replica(1, Role::Leader, 3, &["AB", "C"], &[0], 0);
    let mut orders = topic(1, "orders", vec![partition(1, 0, "orders", 1, 0, &[1], vec![leader])]);
    orders.min_insync_replicas = 1;
    WorldView {
        now: ms(1200),
        brokers: vec![broker(1, "a")],
        topics: vec![orders],
        producers: vec![ProducerView { number: 1, acks: "1".into(), ..ProducerView::default() }],
        messages: vec![message(
            3,
            NodeId::Producer(1),
            NodeId::Broker(1),
            1_199_000,
            1_201_000,
            MessageKind::Produce(vec![(tp(1, 0), keys("DE"))]),
        )],
        ..WorldView::default()
    }
}
