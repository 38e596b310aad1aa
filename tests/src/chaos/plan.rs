//! A plan: scenario and steps, drawn from a seed. Every option is drawn (swarm testing): sizes, settings,
//! and which kinds of faults there are at all.

use highwater_cluster::{
    Command, CreatePartitionsRequest, ElectionType, Name, NodeId, Span, Time, Workload,
};
use highwater_sim::prng::Xoshiro256;
use highwater_sim::{
    Action, BrokerSpec, ConsumerSpec, NetworkSpec, ProducerSpec, Scenario, TopicSpec,
};
use std::fmt;

/// One step of a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// An action.
    Do(Action),
    /// Drop one of the messages in flight, counted round.
    Drop(u64),
    /// Delay one, by microseconds.
    Delay(u64, u64),
}

/// A run to make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// Seed of the plan and of the world.
    pub seed: u64,
    /// The cluster.
    pub scenario: Scenario,
    /// What is done, in order of time.
    pub steps: Vec<(Span, Step)>,
    /// When everything is mended.
    pub heal_at: Span,
    /// Retention may take records that nobody has read.
    pub retention: bool,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = &self.scenario;
        writeln!(f, "seed {}: {} brokers, settings {:?}", self.seed, s.brokers.len(), s.settings)?;
        for topic in &s.topics {
            writeln!(
                f,
                "  topic {} partitions {} rf {} {:?}",
                topic.name, topic.partitions, topic.replication_factor, topic.configs
            )?;
        }
        for p in &s.producers {
            writeln!(f, "  producer {:?} {:?}", p.settings, p.workload)?;
        }
        for c in &s.consumers {
            writeln!(
                f,
                "  consumer of {} {:?} {:?} {:?}",
                c.group, c.topics, c.settings, c.processing
            )?;
        }
        for (at, step) in &self.steps {
            match step {
                Step::Do(action) => writeln!(f, "  {} {action}", Time(at.0))?,
                other => writeln!(f, "  {} {other:?}", Time(at.0))?,
            }
        }
        write!(f, "  {} mend everything", Time(self.heal_at.0))
    }
}

const GROUPS: [&str; 2] = ["blue", "green"];
const RATES_MS: [u64; 4] = [30, 100, 250, 700];

/// Draws of a plan.
struct Draw(Xoshiro256);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.below(bound)
    }

    fn range(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn of<T: Clone>(&mut self, list: &[T]) -> T {
        let n = self.below(u64::try_from(list.len()).expect("a short list"));
        list[usize::try_from(n).expect("below the length")].clone()
    }

    fn id(&mut self, count: u64) -> i32 {
        i32::try_from(self.range(1, count)).expect("few brokers")
    }

    fn number(&mut self, count: u64) -> u32 {
        u32::try_from(self.range(1, count)).expect("few clients")
    }
}

/// Kinds of faults with how often each is drawn; a plan switches some off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Crash,
    PowerOff,
    Restart,
    Pause,
    Resume,
    ShutDown,
    Cut,
    Heal,
    Slow,
    Drop,
    Delay,
    Produce,
    Rate,
    Consumers,
    Producers,
    Partitions,
    Elect,
    Settings,
    Controller,
    Broker,
}

const FAULTS: &[(Fault, u64)] = &[
    (Fault::Crash, 6),
    (Fault::PowerOff, 3),
    (Fault::Restart, 12),
    (Fault::Pause, 4),
    (Fault::Resume, 6),
    (Fault::ShutDown, 3),
    (Fault::Cut, 6),
    (Fault::Heal, 8),
    (Fault::Slow, 4),
    (Fault::Drop, 6),
    (Fault::Delay, 6),
    (Fault::Produce, 8),
    (Fault::Rate, 2),
    (Fault::Consumers, 5),
    (Fault::Producers, 2),
    (Fault::Partitions, 1),
    (Fault::Elect, 3),
    (Fault::Settings, 1),
    (Fault::Controller, 1),
    (Fault::Broker, 1),
];

impl Plan {
    /// The plan of a seed.
    pub fn new(seed: u64) -> Self {
        let mut draw = Draw(Xoshiro256::new(seed));
        let retention = draw.one_in(4);
        let scenario = scenario(&mut draw, seed, retention);
        let heal_at = Span::from_ms(i64::try_from(draw.range(8_000, 40_000)).expect("small"));
        let mut weights: Vec<(Fault, u64)> = FAULTS.to_vec();
        // Each fault is off in a third of the plans; mending is always there.
        weights.retain(|(f, _)| {
            matches!(f, Fault::Restart | Fault::Resume | Fault::Heal) || !draw.one_in(3)
        });
        let bounces = draw.one_in(3);
        let pause = draw.of(&[100u64, 400, 1_500, 4_000]);
        let mut steps = Vec::new();
        let mut at = Span::from_ms(200);
        loop {
            at = Span(at.0 + draw.range(1, pause * 2_000));
            if at > heal_at {
                break;
            }
            if bounces && draw.one_in(6) {
                steps.extend(bounce(&mut draw, at, &scenario));
            } else if let Some(step) = step(&mut draw, &weights, &scenario) {
                steps.push((at, step));
            }
        }
        steps.sort_by_key(|(at, _)| at.0);
        Self { seed, scenario, steps, heal_at, retention }
    }
}

/// A broker that is back before anybody has missed it, with or without its unflushed bytes.
fn bounce(draw: &mut Draw, at: Span, scenario: &Scenario) -> [(Span, Step); 2] {
    let node = NodeId::Broker(draw.id(u64::try_from(scenario.brokers.len()).expect("few")));
    let down = if draw.one_in(2) { Action::Crash(node) } else { Action::PowerOff(node) };
    let up = Span(at.0 + draw.of(&[1_000, 20_000, 200_000, 1_500_000]));
    [(at, Step::Do(down)), (up, Step::Do(Action::Restart(node)))]
}

fn name(text: impl ToString) -> Name {
    text.to_string().as_str().into()
}

fn pairs(list: Vec<(&str, String)>) -> Vec<(Name, Name)> {
    list.into_iter().map(|(k, v)| (k.into(), name(v))).collect()
}

fn scenario(draw: &mut Draw, seed: u64, retention: bool) -> Scenario {
    let brokers = draw.range(1, 5);
    let rf = draw.range(1, brokers.min(3));
    let min_isr = draw.range(1, rf.min(2));
    let unclean = draw.one_in(5);
    let settings = pairs(vec![
        ("broker.session.timeout.ms", "3000".into()),
        ("broker.heartbeat.interval.ms", "500".into()),
        ("replica.lag.time.max.ms", draw.of(&["1000", "2000", "5000"]).into()),
        ("offsets.topic.num.partitions", draw.range(1, 3).to_string()),
        ("offsets.topic.replication.factor", rf.to_string()),
        ("group.initial.rebalance.delay.ms", draw.of(&["0", "500", "3000"]).into()),
        ("log.retention.check.interval.ms", "2000".into()),
        ("log.initial.task.delay.ms", "500".into()),
        ("unclean.leader.election.enable", unclean.to_string()),
        ("min.insync.replicas", min_isr.to_string()),
        ("auto.leader.rebalance.enable", draw.one_in(2).to_string()),
        ("leader.imbalance.check.interval.seconds", "5".into()),
        ("unclean.leader.election.interval.ms", "5000".into()),
    ]);
    let topics = (0..2)
        .map(|n| {
            let mut configs = vec![
                ("internal.segment.bytes", draw.of(&["300", "900", "100000"]).to_string()),
                ("file.delete.delay.ms", "1000".to_owned()),
            ];
            if draw.one_in(4) {
                configs.push(("flush.messages", "1".to_owned()));
            }
            if draw.one_in(4) {
                configs.push(("segment.ms", "3000".to_owned()));
            }
            if retention {
                configs.push(("retention.bytes", "1500".to_owned()));
            }
            TopicSpec {
                name: format!("t{n}"),
                partitions: i32::try_from(draw.range(1, 3)).expect("small"),
                replication_factor: i16::try_from(rf).expect("small"),
                assignments: Vec::new(),
                configs: pairs(configs),
            }
        })
        .collect::<Vec<_>>();
    let producers = (0..draw.range(1, 3)).map(|_| producer(draw, topics.len())).collect();
    let consumers = (0..draw.range(0, 4)).map(|_| consumer(draw)).collect();
    Scenario {
        id: "chaos".into(),
        seed,
        settings,
        brokers: (1..=i32::try_from(brokers).expect("few"))
            .map(|id| BrokerSpec { id, rack: None })
            .collect(),
        topics,
        producers,
        consumers,
        network: NetworkSpec {
            latency: Span(draw.of(&[200, 1_000, 5_000, 30_000])),
            jitter: Span(draw.of(&[0, 400, 10_000, 80_000])),
        },
        ..Scenario::default()
    }
}

fn producer(draw: &mut Draw, topics: usize) -> ProducerSpec {
    let (settings, workload) = producer_parts(draw, topics);
    ProducerSpec { settings, workload, start: Time(draw.below(3_000_000)) }
}

fn producer_parts(draw: &mut Draw, topics: usize) -> (Vec<(Name, Name)>, Workload) {
    let settings = pairs(vec![
        ("acks", draw.of(&["all", "all", "1", "0"]).into()),
        ("linger.ms", draw.of(&["0", "5", "50"]).into()),
        ("batch.size", draw.of(&["100", "16384"]).into()),
        ("request.timeout.ms", "3000".into()),
        ("delivery.timeout.ms", "8000".into()),
        ("max.block.ms", "5000".into()),
        ("max.in.flight.requests.per.connection", draw.of(&["1", "5"]).into()),
    ]);
    let topic = draw.below(u64::try_from(topics).expect("few"));
    let keys = draw.of(&[vec![], vec!["A"], vec!["A", "B", "C", "D", "E"]]);
    let workload = Workload {
        topic: Some(name(format!("t{topic}"))),
        every_us: draw.of(&RATES_MS) * 1_000,
        keys: keys.iter().copied().map(Name::from).collect(),
        random_keys: draw.one_in(2) && !keys.is_empty(),
        value_size: u32::try_from(draw.range(0, 40)).expect("small"),
        count: None,
    };
    (settings, workload)
}

fn consumer(draw: &mut Draw) -> ConsumerSpec {
    let Action::AddConsumer { group, topics, settings, processing_us } = add_consumer(draw) else {
        unreachable!("add_consumer makes one");
    };
    let processing = processing_us.map(Span);
    ConsumerSpec { group, topics, settings, processing, start: Time(draw.below(5_000_000)) }
}

fn add_consumer(draw: &mut Draw) -> Action {
    Action::AddConsumer {
        group: draw.of(&GROUPS).into(),
        topics: if draw.one_in(3) { vec!["t0".into(), "t1".into()] } else { vec!["t0".into()] },
        settings: pairs(vec![
            ("auto.offset.reset", "earliest".into()),
            ("session.timeout.ms", "6000".into()),
            ("heartbeat.interval.ms", draw.of(&["500", "2000"]).into()),
            ("max.poll.interval.ms", "10000".into()),
            ("auto.commit.interval.ms", draw.of(&["200", "1000", "5000"]).into()),
            (
                "partition.assignment.strategy",
                draw.of(&["range", "roundrobin", "range,roundrobin", "roundrobin,range"]).into(),
            ),
            ("max.poll.records", draw.of(&["1", "5", "500"]).into()),
            ("request.timeout.ms", "4000".into()),
            ("metadata.max.age.ms", "5000".into()),
        ]),
        processing_us: Some(draw.of(&[0, 1_000, 5_000])),
    }
}

fn end(draw: &mut Draw, scenario: &Scenario) -> NodeId {
    let brokers = u64::try_from(scenario.brokers.len()).expect("few");
    match draw.below(10) {
        0 => NodeId::Controller,
        1 => NodeId::Producer(draw.number(3)),
        2 => NodeId::Consumer(draw.number(4)),
        _ => NodeId::Broker(draw.id(brokers)),
    }
}

fn process(draw: &mut Draw, scenario: &Scenario) -> NodeId {
    match end(draw, scenario) {
        NodeId::Controller => NodeId::Broker(1),
        other => other,
    }
}

fn step(draw: &mut Draw, weights: &[(Fault, u64)], scenario: &Scenario) -> Option<Step> {
    let total = weights.iter().map(|(_, w)| w).sum();
    let mut point = draw.below(total);
    let (fault, _) = weights.iter().find(|(_, w)| {
        let hit = point < *w;
        point = point.saturating_sub(*w);
        hit
    })?;
    let brokers = u64::try_from(scenario.brokers.len()).expect("few");
    let admin = |command| Action::Client { client: NodeId::Admin, command };
    Some(Step::Do(match fault {
        Fault::Crash => Action::Crash(process(draw, scenario)),
        Fault::PowerOff => Action::PowerOff(NodeId::Broker(draw.id(brokers))),
        Fault::Restart => Action::Restart(process(draw, scenario)),
        Fault::Pause => Action::Pause(process(draw, scenario)),
        Fault::Resume => Action::Resume(process(draw, scenario)),
        Fault::ShutDown => {
            Action::Client { client: NodeId::Broker(draw.id(brokers)), command: Command::ShutDown }
        }
        Fault::Cut | Fault::Heal | Fault::Slow => {
            let (a, b) = (end(draw, scenario), end(draw, scenario));
            if a == b {
                return None;
            }
            match fault {
                Fault::Cut => Action::CutLink { a, b, one_way: draw.one_in(2) },
                Fault::Heal => Action::HealLink { a, b },
                _ => Action::SlowLink {
                    a,
                    b,
                    latency_us: draw.of(&[50_000, 500_000, 2_500_000, 7_000_000]),
                },
            }
        }
        Fault::Drop => return Some(Step::Drop(draw.below(1_000))),
        Fault::Delay => {
            return Some(Step::Delay(
                draw.below(1_000),
                draw.of(&[1_000, 100_000, 2_000_000, 6_000_000]),
            ));
        }
        Fault::Produce => Action::Produce {
            producer: draw.number(3),
            times: draw.number(20),
            topic: None,
            partition: draw.one_in(2).then_some(0),
            key: draw.one_in(2).then(|| "K".into()),
            value: None,
        },
        Fault::Rate => {
            Action::Rate { producer: draw.number(3), every_us: draw.of(&RATES_MS) * 1_000 }
        }
        Fault::Consumers => match draw.below(4) {
            0 | 1 => add_consumer(draw),
            2 => Action::RemoveClient(NodeId::Consumer(draw.number(5))),
            _ => Action::Client {
                client: NodeId::Consumer(draw.number(5)),
                command: Command::Close { leave: draw.one_in(2) },
            },
        },
        Fault::Producers => {
            let (settings, workload) = producer_parts(draw, scenario.topics.len());
            Action::AddProducer { settings, workload }
        }
        Fault::Partitions => admin(Command::CreatePartitions(CreatePartitionsRequest {
            name: "t0".into(),
            count: draw.id(3) + 2,
            assignments: Vec::new(),
        })),
        Fault::Elect => {
            let election =
                if draw.one_in(4) { ElectionType::Unclean } else { ElectionType::Preferred };
            admin(Command::ElectLeaders { election, partitions: None })
        }
        Fault::Settings => admin(Command::AlterConfigs(highwater_cluster::AlterConfigsRequest {
            topic: Some("t0".into()),
            configs: pairs(vec![("min.insync.replicas", draw.range(1, 2).to_string())]),
        })),
        Fault::Broker => Action::AddBroker { id: 6, rack: None },
        Fault::Controller => match draw.below(4) {
            0 => Action::Crash(NodeId::Controller),
            1 => Action::Pause(NodeId::Controller),
            2 => Action::Resume(NodeId::Controller),
            _ => Action::Restart(NodeId::Controller),
        },
    }))
}
