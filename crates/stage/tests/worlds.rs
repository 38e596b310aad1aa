//! Runs of the real engine, drawn event by event: what holds for pictures built by hand must hold for
//! everything that happens.

mod common_checks;
#[path = "worlds/motion.rs"]
mod motion;

use common_checks::check;
use highwater_cluster::{NodeId, Span, Time, Workload};
use highwater_scene::{Animator, Patch};
use highwater_sim::{
    Action, BrokerSpec, ConsumerSpec, NetworkSpec, ProducerSpec, Scenario, TopicSpec, World,
};
use highwater_stage::{Profile, StageOptions, cluster, narration, outline};

fn brokers(count: i32) -> Vec<BrokerSpec> {
    (1..=count)
        .map(|id| BrokerSpec { id, rack: Some(["a", "b", "c"][id as usize % 3].into()) })
        .collect()
}

fn producer(topic: &str, acks: &str, every_ms: u64) -> ProducerSpec {
    ProducerSpec {
        settings: vec![("acks".into(), acks.into())],
        workload: Workload {
            topic: Some(topic.into()),
            every_us: every_ms * 1000,
            keys: ["A", "B", "C", "D", "E", "F", "G", "H"].map(Into::into).to_vec(),
            value_size: 20,
            ..Workload::default()
        },
        start: Time::from_ms(200),
    }
}

fn consumer(start_ms: u64) -> ConsumerSpec {
    ConsumerSpec {
        group: "billing".into(),
        topics: vec!["orders".into()],
        settings: Vec::new(),
        processing: Some(Span(30_000)),
        start: Time::from_ms(start_ms),
    }
}

/// Three brokers, two partitions, two producers, three consumers; a slow link, a crash, a return.
pub fn trouble() -> Scenario {
    let b = NodeId::Broker;
    Scenario {
        id: "trouble".into(),
        settings: vec![("replica.lag.time.max.ms".into(), "2000".into())],
        brokers: brokers(3),
        topics: vec![TopicSpec {
            name: "orders".into(),
            partitions: 2,
            replication_factor: 3,
            assignments: Vec::new(),
            configs: vec![("min.insync.replicas".into(), "2".into())],
        }],
        producers: vec![producer("orders", "all", 90), producer("orders", "1", 170)],
        consumers: vec![consumer(300), consumer(500), consumer(2500)],
        network: NetworkSpec::default(),
        script: vec![
            (Time::from_ms(1500), Action::SlowLink { a: b(1), b: b(3), latency_us: 900_000 }),
            (Time::from_ms(3500), Action::CutLink { a: b(2), b: b(3), one_way: false }),
            (Time::from_ms(5000), Action::Crash(b(1))),
            (Time::from_ms(9000), Action::HealLink { a: b(2), b: b(3) }),
            (Time::from_ms(9000), Action::HealLink { a: b(1), b: b(3) }),
            (Time::from_ms(16_000), Action::Restart(b(1))),
            (Time::from_ms(17_000), Action::PowerOff(b(2))),
            (Time::from_ms(17_500), Action::Pause(NodeId::Consumer(1))),
        ],
        ..Scenario::default()
    }
}

/// One broker, one partition, small segments.
fn small() -> Scenario {
    Scenario {
        id: "small".into(),
        brokers: brokers(1),
        topics: vec![TopicSpec {
            name: "orders".into(),
            partitions: 1,
            replication_factor: 1,
            assignments: Vec::new(),
            configs: Vec::new(),
        }],
        producers: vec![producer("orders", "0", 50)],
        ..Scenario::default()
    }
}

fn options() -> Vec<StageOptions> {
    let with =
        |width, height, profile| StageOptions { width, height, profile, ..StageOptions::default() };
    vec![
        with(964, 742, Profile::Default),
        with(800, 392, Profile::Figure),
        with(1920, 940, Profile::Projector),
        with(390, 430, Profile::Phone),
        with(700, 520, Profile::Default),
    ]
}

fn run(scenario: &Scenario, events: u64) {
    let mut world = World::new(scenario, 7).expect("a valid scenario");
    let options = options();
    let mut animator = Animator::new();
    for n in 0..events {
        world.step();
        if n % 3 > 0 {
            continue;
        }
        let n = n / 3;
        let view = world.view();
        let opts = &options[(n % 8).min(4) as usize];
        let scene = cluster(&view, view.next_event_at, opts);
        let name = format!("{} event {} {:?}", scenario.id, view.event, opts.profile);
        check(&name, &scene);
        if opts.profile == Profile::Default && opts.width == 964 {
            animator.show(&scene, u32::try_from(n * 100).expect("small"), false);
            let patches = animator.frame(u32::try_from(n * 100 + 50).expect("small"), 5000, 100);
            let created = patches.iter().filter(|p| matches!(p, Patch::Create { .. })).count();
            assert!(n < 40 || created < 200, "{name}: {created} marks made anew in one step");
        }
        if n % 20 == 0 {
            assert!(outline(&view).len() > 2);
            assert!(!narration(&view, world.records()).contains("TopicPartition"));
        }
    }
}

#[test]
fn a_run_with_trouble_is_legible_at_every_event() {
    run(&trouble(), 6000);
}

#[test]
fn a_run_on_one_broker_is_legible_at_every_event() {
    run(&small(), 1500);
}
