//! The scripts that real brokers ran, run by ours: same offsets, errors, leaders, epochs, ISR, end
//! offsets, epoch caches, and high watermarks where the world is quiet. Never times.

use highwater_cluster::{Command, CreatePartitionsRequest, ElectionType, NodeId, TraceEvent};
use highwater_sim::Action;
use highwater_tests::cluster::{Cluster, Topic};
use highwater_tests::fixture::Fixture;

const ALL: &[(&str, &str)] =
    &[("acks", "all"), ("linger.ms", "0"), ("delivery.timeout.ms", "35000")];
const ONE: &[(&str, &str)] = &[("acks", "1"), ("linger.ms", "0"), ("retries", "0")];
const QUIET: bool = true;
const BUSY: bool = false;

fn three(f: &Fixture, name: &str, configs: &[(&str, &str)]) -> Cluster {
    Cluster::new(f, &Topic { name, partitions: 1, configs }, &[ALL, ONE], vec![])
}

#[test]
fn a_steady() {
    let f = Fixture::behaviour("a_steady");
    let mut c = three(&f, "s-a", &[]);
    c.compare(f.what(0), f.observed(0), BUSY);
    c.send_as_recorded(1, f.observed(1));
    c.run_ms(20);
    c.compare(f.what(1), f.observed(1), BUSY);
    c.send_as_recorded(1, f.observed(2));
    c.run_ms(20);
    c.compare(f.what(2), f.observed(2), BUSY);
    c.run_ms(1500);
    c.compare(f.what(3), f.observed(3), QUIET);
}

#[test]
fn b_leader_killed() {
    let f = Fixture::behaviour("b_leader_killed");
    let mut c = three(&f, "s-b", &[("min.insync.replicas", "2")]);
    c.compare(f.what(0), f.observed(0), BUSY);
    c.send_as_recorded(1, f.observed(1));
    c.run_ms(20);
    c.compare(f.what(1), f.observed(1), BUSY);

    c.act(&Action::Crash(NodeId::Broker(1)));
    c.run_until("a new leader", 30_000, |c| c.partition(0).leader == 2);
    c.run_ms(600);
    c.compare(f.what(2), f.observed(2), BUSY);
    c.send_as_recorded(1, f.observed(3));
    c.run_ms(20);
    c.compare(f.what(3), f.observed(3), BUSY);

    for (election, field) in [
        (ElectionType::Preferred, "elect_leaders_preferred"),
        (ElectionType::Unclean, "elect_leaders_unclean"),
    ] {
        elect(&mut c, election, f.observed(4)["client"][field]["s-b-0"].as_str());
    }
    c.compare(f.what(4), f.observed(4), BUSY);

    c.act(&Action::Restart(NodeId::Broker(1)));
    c.run_until("broker 1 back in the ISR", 30_000, |c| c.partition(0).isr.len() == 3);
    c.run_ms(20);
    c.compare(f.what(5), f.observed(5), BUSY);
    c.run_ms(1500);
    c.compare(f.what(6), f.observed(6), QUIET);

    let preferred = f.observed(7)["client"]["elect_leaders_preferred"]["s-b-0"].as_str();
    elect(&mut c, ElectionType::Preferred, preferred);
    c.run_ms(600);
    c.compare(f.what(7), f.observed(7), QUIET);
    let again = f.observed(8)["client"]["elect_leaders_preferred"]["s-b-0"].as_str();
    elect(&mut c, ElectionType::Preferred, again);
    c.compare(f.what(8), f.observed(8), QUIET);
    c.send_as_recorded(1, f.observed(9));
    c.run_ms(20);
    c.compare(f.what(9), f.observed(9), BUSY);
    c.run_ms(1500);
    c.compare(f.what(10), f.observed(10), QUIET);
    assert_eq!(f.steps(), 11, "every step was replayed");
}

/// Asks for an election and compares the answer's error name.
fn elect(c: &mut Cluster, election: ElectionType, wanted: Option<&str>) {
    c.taken();
    c.ask(
        NodeId::Admin,
        Command::ElectLeaders { election, partitions: Some(vec![("s-b".into(), 0)]) },
    );
    let answer = |c: &Cluster| {
        c.events().iter().find_map(|(_, e)| match e {
            TraceEvent::ElectionAnswered { error, .. } => Some(error.map_or("NONE", |e| e.name())),
            _ => None,
        })
    };
    c.run_until("answer to ElectLeaders", 5_000, |c| answer(c).is_some());
    let wanted = wanted.and_then(|w| w.split_whitespace().next());
    assert_eq!(answer(c), wanted, "{election:?}");
}

#[test]
fn c_follower_paused() {
    let f = Fixture::behaviour("c_follower_paused");
    let mut c = three(&f, "s-c", &[("min.insync.replicas", "2")]);
    c.compare(f.what(0), f.observed(0), BUSY);
    c.send_as_recorded(1, f.observed(1));
    c.run_ms(600);
    c.compare(f.what(1), f.observed(1), BUSY);

    c.act(&Action::Pause(NodeId::Broker(3)));
    c.run_ms(1200);
    c.send_as_recorded(1, f.observed(2));
    c.run_ms(20);
    c.compare(f.what(2), f.observed(2), BUSY);
    c.run_ms(700);
    c.compare(f.what(3), f.observed(3), QUIET);
    c.send_as_recorded(1, f.observed(4));
    c.run_ms(20);
    c.compare(f.what(4), f.observed(4), BUSY);
    c.run_ms(700);
    c.compare(f.what(5), f.observed(5), QUIET);
    c.send_as_recorded(2, f.observed(6));
    c.run_ms(20);
    c.compare(f.what(6), f.observed(6), BUSY);

    c.act(&Action::Resume(NodeId::Broker(3)));
    c.run_until("broker 3 back in the ISR", 30_000, |c| c.partition(0).isr.len() == 3);
    c.run_ms(20);
    c.compare(f.what(7), f.observed(7), BUSY);
    c.run_ms(1500);
    c.compare(f.what(8), f.observed(8), QUIET);
    assert_eq!(f.steps(), 9, "every step was replayed");
}

#[test]
fn c2_follower_paused_idle() {
    let f = Fixture::behaviour("c2_follower_paused_idle");
    let mut c = three(&f, "s-c2", &[]);
    for n in 0..3 {
        assert_eq!(c.send(1, None, &format!("c{n}")), (0, Ok(n)));
    }
    c.run_ms(1000);
    c.compare(f.what(0), f.observed(0), QUIET);
    c.act(&Action::Pause(NodeId::Broker(3)));
    c.run_ms(15_000);
    c.compare(f.what(1), f.observed(1), QUIET);
    c.act(&Action::Resume(NodeId::Broker(3)));
    c.run_ms(1500);
    c.compare(f.what(2), f.observed(2), QUIET);
    assert_eq!(f.steps(), 3, "every step was replayed");
}

#[test]
fn i_key_routing_first_two_steps() {
    let f = Fixture::behaviour("i_key_routing");
    let name = "s-i_key_routing";
    let mut c = Cluster::new(&f, &Topic { name, partitions: 3, configs: &[] }, &[ALL], vec![]);
    route(&mut c, &f, 0);
    let request = CreatePartitionsRequest { name: name.into(), count: 5, assignments: vec![] };
    c.ask(NodeId::Admin, Command::CreatePartitions(request));
    c.run_until("five partitions", 5_000, |c| {
        c.world.view().topics.iter().any(|t| t.name == name && t.partitions.len() == 5)
    });
    // The recorded client was a new one, started when brokers knew: it saw five partitions from the start.
    c.run_ms(500);
    c.act(&Action::AddProducer {
        settings: ALL.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
        workload: highwater_cluster::Workload { topic: Some(name.into()), ..Default::default() },
    });
    c.run_ms(500);
    route(&mut c, &f, 1);
}

/// One record per key, in the recorded order of keys: partition and offset of each.
fn route(c: &mut Cluster, f: &Fixture, step: usize) {
    let producer = u32::try_from(step).expect("small") + 1;
    let by_key = f.observed(step)["by_key"].as_object().expect("keys");
    let mut keys: Vec<(&String, i64, i64)> = by_key
        .iter()
        .map(|(k, v)| (k, v["partition"].as_i64().expect("p"), v["offset"].as_i64().expect("o")))
        .collect();
    // JSON objects have no order here; offsets give back the order of sending within a partition.
    keys.sort_by_key(|(_, partition, offset)| (*partition, *offset));
    for (key, partition, offset) in keys {
        let (p, result) = c.send(producer, Some(key), "v");
        assert_eq!((i64::from(p), result), (partition, Ok(offset)), "key {key:?}");
    }
}

#[test]
fn k_commit_resume_first_five_steps() {
    let f = Fixture::behaviour("k_commit_resume");
    let mut c = three(&f, "s-k", &[]);
    c.send_as_recorded(1, f.observed(0));

    add_consumer(&mut c);
    let polled = poll(&mut c, 1);
    assert_eq!(polled, recorded(&f, 1));
    c.ask(NodeId::Consumer(1), Command::Commit(None));
    c.run_until("the commit", 5_000, |c| committed(c) == Some(5));
    assert!(f.observed(1)["committed"].as_str().is_some_and(|s| s.contains("offset=5")));

    assert_eq!(poll(&mut c, 1), recorded(&f, 2));
    c.ask(NodeId::Consumer(1), Command::Close { leave: false });

    add_consumer(&mut c);
    assert_eq!(poll(&mut c, 2), recorded(&f, 3), "resumes from the committed offset");
    let generation = c.world.view().groups[0].generation;
    assert_eq!(Some(i64::from(generation)), f.observed(3)["generation"].as_i64());

    c.ask(NodeId::Consumer(2), Command::Commit(Some(vec![("s-k".into(), 0, 2)])));
    c.run_until("the commit backwards", 5_000, |c| committed(c) == Some(2));
    assert!(f.observed(4)["committed"].as_str().is_some_and(|s| s.contains("offset=2")));
}

fn add_consumer(c: &mut Cluster) {
    let settings = [
        ("max.poll.records", "5"),
        ("session.timeout.ms", "6000"),
        ("enable.auto.commit", "false"),
        ("auto.offset.reset", "earliest"),
    ];
    c.act(&Action::AddConsumer {
        group: "k".into(),
        topics: vec!["s-k".into()],
        settings: settings.map(|(k, v)| (k.into(), v.into())).to_vec(),
        processing_us: None,
    });
}

/// Polls until there are records: first and last offset of what one poll returned.
fn poll(c: &mut Cluster, consumer: u32) -> (i64, i64) {
    c.taken();
    for _ in 0..200 {
        c.ask(NodeId::Consumer(consumer), Command::Poll);
        c.run_ms(100);
        let found = c.taken().into_iter().find_map(|(_, e)| match e {
            TraceEvent::RecordsPolled { first, last, .. } => Some((first, last)),
            _ => None,
        });
        if let Some(found) = found {
            return found;
        }
    }
    panic!("c{consumer} got no records");
}

fn committed(c: &Cluster) -> Option<i64> {
    c.world.view().groups.first()?.committed.first().map(|(_, offset)| *offset)
}

fn recorded(f: &Fixture, step: usize) -> (i64, i64) {
    let records = f.observed(step)["records"].as_array().expect("records");
    let offset = |r: &serde_json::Value| {
        r.as_str().and_then(|s| s.split(':').next()?.parse().ok()).expect("offset:value")
    };
    (offset(&records[0]), offset(&records[records.len() - 1]))
}
