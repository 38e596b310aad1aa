//! What Kafka promises, seen from outside: each test names one claim and looks at what the whole engine did.

use crate::world::tests::{busy_scenario, pairs, scenario, topic};
use crate::*;
use highwater_cluster::*;
use highwater_sorted::SortedMap;

fn boot(scenario: &Scenario, seed: u64) -> World {
    World::booted(scenario, seed).unwrap_or_else(|e| panic!("{e}"))
}

fn act(world: &mut World, text: &str) {
    world.apply(&text.parse().unwrap()).unwrap_or_else(|e| panic!("{e}"));
}

fn value(world: &World, path: &str) -> String {
    query::Path::parse(path).unwrap().value(world).unwrap().to_string()
}

fn run_ms(world: &mut World, ms: u64) {
    world.run_until(world.now() + Span(ms * 1000));
}

/// One topic, one producer by hand.
fn by_hand(
    brokers: i32,
    mut spec: TopicSpec,
    producer: &[(&str, &str)],
    settings: &[(&str, &str)],
) -> Scenario {
    let name = spec.name.clone();
    if spec.assignments.is_empty() {
        spec.assignments = vec![(1..=i32::from(spec.replication_factor)).collect()];
    }
    let mut scenario = scenario(brokers, vec![spec]);
    scenario.settings = pairs(settings);
    let workload = Workload { topic: Some(name.as_str().into()), ..Workload::default() };
    scenario.producers.push(ProducerSpec { settings: pairs(producer), workload, start: Time(0) });
    scenario
}

#[test]
fn the_high_watermark_moves_only_when_the_last_member_of_the_isr_has_fetched() {
    let mut world = boot(&busy_scenario(), 3);
    // What each follower has confirmed by a fetch that has reached the leader: a fetch at 101 confirms 100.
    let mut confirmed: SortedMap<(TopicPartition, BrokerId), i64> = SortedMap::new();
    let mut moves = 0;
    while world.now() < Time::from_ms(15_000) {
        world.step();
        for record in world.records() {
            match &record.what {
                TraceKind::Delivered { body: Body::Request(r), .. } => {
                    if let Request::Fetch(f) = &**r {
                        for p in f.partitions.iter().filter(|_| f.replica_id >= 0) {
                            confirmed.insert((p.tp, f.replica_id), p.fetch_offset);
                        }
                    }
                }
                TraceKind::Event(TraceEvent::HighWatermarkMoved {
                    tp,
                    to,
                    as_leader: true,
                    ..
                }) => {
                    let isr = &world.image().partition(*tp).unwrap().isr;
                    let others = isr.iter().filter(|b| NodeId::Broker(**b) != record.node);
                    let least =
                        others.map(|b| confirmed.get(&(*tp, *b)).copied().unwrap_or(0)).min();
                    assert_eq!(
                        Some(*to),
                        least.map(|l| l.max(*to)),
                        "{tp:?} to {to}, confirmed {confirmed:?}"
                    );
                    assert_eq!(least, Some(*to), "exactly as far as the slowest member");
                    moves += 1;
                }
                _ => {}
            }
        }
    }
    assert!(moves > 20, "{moves}");
}

#[test]
fn a_follower_learns_the_high_watermark_one_fetch_later_than_the_leader() {
    let mut world = boot(&by_hand(3, topic("orders", 1, 3), &[("acks", "all")], &[]), 5);
    run_ms(&mut world, 2_000);
    act(&mut world, "produce p1 key=A");
    while value(&world, "orders-0@1.hw") == "0" {
        world.step();
    }
    assert_eq!(value(&world, "orders-0@2.leo"), "1", "it holds the record");
    assert_eq!(value(&world, "orders-0@2.hw"), "0", "it does not know yet that it is committed");
    run_ms(&mut world, 1_000);
    assert_eq!(value(&world, "orders-0@2.hw"), "1");
}

/// The leader's answers to followers are so slow that it dies before anybody has the record.
fn leader_dies_early(acks: &str) -> (World, bool) {
    let mut world = boot(
        &by_hand(3, topic("orders", 1, 3), &[("acks", acks)], &[("min.insync.replicas", "2")]),
        7,
    );
    run_ms(&mut world, 2_000);
    act(&mut world, "slow 1>2 3 s");
    act(&mut world, "slow 1>3 3 s");
    run_ms(&mut world, 600);
    act(&mut world, "produce p1 key=A value=first");
    run_ms(&mut world, 500);
    let acknowledged = value(&world, "p1.acked") == "1";
    act(&mut world, "crash broker 1");
    act(&mut world, "heal 1-2");
    act(&mut world, "heal 1-3");
    run_ms(&mut world, 30_000);
    (world, acknowledged)
}

#[test]
fn acks_1_loses_an_acknowledged_record_and_says_so() {
    let (world, acknowledged) = leader_dies_early("1");
    assert!(acknowledged);
    let view = world.view();
    assert_eq!(view.lost.len(), 1);
    assert_eq!((view.lost[0].offset, view.lost[0].acks), (0, 1));
    assert_eq!(view.lost[0].key.text.as_deref(), Some("A"));
    assert!(view.lost[0].acknowledged_at < view.lost[0].lost_at);
    assert_eq!(view.broken, [], "the settings allow it");
}

#[test]
fn acks_all_does_not_lose_it() {
    let (world, acknowledged) = leader_dies_early("all");
    assert!(!acknowledged, "nobody but the leader had it");
    let view = world.view();
    assert_eq!((view.lost.len(), view.broken.len()), (0, 0));
    assert_eq!(value(&world, "p1.acked"), "1", "the producer has sent it again to the new leader");
    assert_ne!(value(&world, "orders-0.leader"), "1");
    assert_eq!(value(&world, "orders-0.hw"), "1");
}

#[test]
fn a_crash_keeps_the_page_cache_and_a_power_loss_does_not() {
    for (action, lost) in [("crash broker 1", 0), ("power off broker 1", 2)] {
        let mut world = boot(&by_hand(1, topic("orders", 1, 1), &[("acks", "all")], &[]), 2);
        run_ms(&mut world, 1_000);
        act(&mut world, "produce p1 key=A x2");
        run_ms(&mut world, 1_000);
        assert_eq!(value(&world, "p1.acked"), "2");
        act(&mut world, action);
        assert_eq!(
            value(&world, "orders-0@1.leo"),
            (2 - lost).to_string(),
            "{action}: what the disk has"
        );
        act(&mut world, "restart broker 1");
        run_ms(&mut world, 20_000);
        assert_eq!(value(&world, "orders-0.leo"), (2 - lost).to_string(), "{action}");
        assert_eq!(value(&world, "lost"), lost.to_string(), "{action}");
        assert_eq!(world.view().broken, []);
    }
}

#[test]
fn flushed_records_survive_a_power_loss() {
    let mut spec = topic("orders", 1, 1);
    spec.configs = pairs(&[("flush.messages", "1")]);
    let mut world = boot(&by_hand(1, spec, &[("acks", "all")], &[]), 2);
    run_ms(&mut world, 1_000);
    act(&mut world, "produce p1 key=A x3");
    run_ms(&mut world, 1_000);
    act(&mut world, "power off broker 1");
    act(&mut world, "restart broker 1");
    run_ms(&mut world, 20_000);
    assert_eq!((value(&world, "orders-0.leo"), value(&world, "lost")), ("3".into(), "0".into()));
}

#[test]
fn the_third_consumer_of_two_partitions_is_idle_and_says_why() {
    let mut scenario = busy_scenario();
    scenario.consumers.push(scenario.consumers[0].clone());
    let mut world = boot(&scenario, 4);
    run_ms(&mut world, 20_000);
    let view = world.view();
    let mut owned: Vec<usize> = view.consumers.iter().map(|c| c.owned.len()).collect();
    highwater_sorted::sort(&mut owned);
    assert_eq!(owned, [0, 1, 1]);
    let idle = view.consumers.iter().find(|c| c.owned.is_empty()).unwrap();
    assert_eq!(idle.idle_reason.as_deref(), Some("3 members, 2 partitions"));
    assert_eq!(view.groups[0].members.len(), 3);
}

#[test]
fn a_group_resumes_from_its_committed_offsets() {
    let mut scenario = busy_scenario();
    scenario.consumers.truncate(1);
    let mut world = boot(&scenario, 6);
    run_ms(&mut world, 20_000);
    act(&mut world, "commit c1");
    run_ms(&mut world, 500);
    let committed: i64 = value(&world, "group billing.committed orders-0").parse().unwrap();
    assert!(committed > 10);
    act(&mut world, "crash c1");
    run_ms(&mut world, 10_000);
    act(&mut world, "restart c1");
    let mut first = None;
    while first.is_none() && world.now() < Time::from_ms(120_000) {
        world.step();
        first = world.records().iter().find_map(|r| match r.event() {
            Some(TraceEvent::RecordsPolled { tp, first, .. }) if tp.partition == 0 => Some(*first),
            _ => None,
        });
    }
    assert_eq!(
        first,
        Some(committed),
        "it goes on where the last commit said, not where it stopped reading"
    );
}

#[test]
fn retention_deletes_whole_segments_from_the_old_end_only() {
    let mut spec = topic("orders", 1, 1);
    spec.configs = pairs(&[("internal.segment.bytes", "300"), ("retention.bytes", "600")]);
    let mut world = boot(
        &by_hand(
            1,
            spec,
            &[("acks", "all")],
            &[("log.retention.check.interval.ms", "5000"), ("log.initial.task.delay.ms", "1000")],
        ),
        8,
    );
    let mut deleted = Vec::new();
    for _ in 0..40 {
        act(&mut world, "produce p1 key=A value=0123456789");
        let until = world.now() + Span(500_000);
        while world.next_event_at().is_some_and(|at| at <= until) {
            let before: Vec<_> =
                world.view().topics.iter().flat_map(|t| t.partitions.clone()).collect();
            world.step();
            for record in world.records() {
                if let Some(TraceEvent::SegmentDeleted { base_offset, next_offset, .. }) =
                    record.event()
                {
                    let oldest = &before[0].logs[0].segments[0];
                    assert!(!oldest.active);
                    deleted.push((*base_offset, *next_offset));
                }
            }
        }
    }
    assert!(deleted.len() >= 3, "{deleted:?}");
    assert_eq!(deleted[0].0, 0);
    assert!(
        deleted.windows(2).all(|w| w[0].1 == w[1].0),
        "oldest first, none left out: {deleted:?}"
    );
    let view = world.view();
    let log = &view.topics[0].partitions[0].logs[0];
    assert_eq!(
        log.log_start_offset,
        deleted.last().unwrap().1,
        "the log starts at a segment's first offset"
    );
    assert_eq!(log.log_start_offset, log.segments[0].base_offset);
    assert_eq!(view.broken, []);
}

#[test]
fn produce_waits_below_min_insync_replicas_and_acks_1_does_not_care() {
    let settings = [("min.insync.replicas", "2"), ("replica.lag.time.max.ms", "3000")];
    let mut world = boot(
        &by_hand(
            3,
            topic("orders", 1, 3),
            &[("acks", "all"), ("delivery.timeout.ms", "5000"), ("request.timeout.ms", "2000")],
            &settings,
        ),
        9,
    );
    run_ms(&mut world, 1_000);
    act(&mut world, "crash broker 2");
    act(&mut world, "crash broker 3");
    run_ms(&mut world, 20_000);
    assert_eq!(value(&world, "orders-0.isr"), "{1}");
    act(&mut world, "produce p1 key=A");
    run_ms(&mut world, 10_000);
    assert_eq!(value(&world, "p1.failed"), "1");
    let error = world.view().producers[0].last_error.unwrap().0;
    assert!(
        matches!(error, KafkaError::NotEnoughReplicas | KafkaError::RequestTimedOut),
        "{error}"
    );
    act(&mut world, "add producer topic=orders acks=1");
    run_ms(&mut world, 500);
    act(&mut world, "produce p2 key=B");
    run_ms(&mut world, 2_000);
    assert_eq!(value(&world, "p2.acked"), "1");
    assert_eq!(
        value(&world, "orders-0.hw"),
        "0",
        "KIP-966: the high watermark stands still below min.insync.replicas"
    );
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let run = |seed| {
        let mut world = boot(&busy_scenario(), seed);
        run_ms(&mut world, 5_000);
        act(&mut world, "crash broker 2");
        run_ms(&mut world, 15_000);
        (world.trace_hash(), world.event(), world.view())
    };
    let (a, b, other) = (run(11), run(11), run(12));
    assert_eq!((a.0, a.1), (b.0, b.1));
    assert_eq!(a.2, b.2);
    assert_ne!(a.0, other.0);
}

#[test]
fn another_client_does_not_change_what_the_first_one_draws() {
    let first_keys = |clients: u32| {
        let mut scenario = busy_scenario();
        scenario.producers[0].workload.random_keys = true;
        for _ in 1..clients {
            let copy = scenario.producers[0].clone();
            scenario.producers.push(copy);
        }
        let mut world = boot(&scenario, 21);
        let mut keys = Vec::new();
        while world.now() < Time::from_ms(6_000) {
            world.step();
            for record in world.records().iter().filter(|r| r.node == NodeId::Producer(1)) {
                if let TraceKind::Sent { body: Body::Request(r), .. } = &record.what
                    && let Request::Produce(p) = &**r
                {
                    for batch in highwater_log::Batches::new(&p.partitions[0].records).flatten() {
                        keys.extend(
                            batch.records().flatten().map(|r| r.key.unwrap_or_default().to_vec()),
                        );
                    }
                }
            }
        }
        keys
    };
    assert_eq!(first_keys(1), first_keys(3));
}

#[test]
fn a_broker_that_dies_while_the_controller_is_away_is_fenced_afterwards() {
    let mut world = boot(&busy_scenario(), 31);
    run_ms(&mut world, 3_000);
    act(&mut world, "crash controller");
    act(&mut world, "crash broker 2");
    run_ms(&mut world, 30_000);
    assert_eq!(value(&world, "broker 2.fenced"), "false", "nobody is there to fence it");
    act(&mut world, "restart controller");
    run_ms(&mut world, 30_000);
    assert_eq!(value(&world, "broker 2.fenced"), "true");
    assert_eq!(value(&world, "broker 1.fenced"), "false");
    assert_eq!(value(&world, "orders-0.isr"), "{1, 3}");
    assert_eq!(world.view().broken, []);
}
