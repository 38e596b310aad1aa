//! The oracle sees what it should see: an account that is tampered with gives the alarm, a loss that the
//! settings allow does not.

use super::*;
use crate::world::tests::{pairs, scenario, topic};
use crate::{Action, ProducerSpec, Scenario, World};
use highwater_cluster::{Span, Workload};

fn one_topic(settings: &[(&str, &str)], acks: &str) -> Scenario {
    let mut orders = topic("orders", 1, 3);
    orders.assignments = vec![vec![1, 2, 3]];
    let mut scenario = scenario(3, vec![orders]);
    scenario.settings = pairs(settings);
    let workload =
        Workload { topic: Some("orders".into()), every_us: 100_000, ..Workload::default() };
    scenario.producers =
        vec![ProducerSpec { settings: pairs(&[("acks", acks)]), workload, start: Time(0) }];
    scenario
}

fn act(world: &mut World, text: &str) {
    let action: Action = text.parse().unwrap_or_else(|e| panic!("{e}"));
    world.apply(&action).unwrap_or_else(|e| panic!("{e}"));
}

fn run(world: &mut World, ms: u64) {
    world.run_until(world.now() + Span(ms * 1000));
}

fn orders(world: &World) -> TopicPartition {
    TopicPartition::new(world.image().topic_by_name("orders").unwrap().0, 0)
}

#[test]
fn the_account_agrees_with_the_logs() {
    let mut world = World::booted(&one_topic(&[], "all"), 1).unwrap();
    run(&mut world, 10_000);
    let tp = orders(&world);
    let leader = world.broker(1).unwrap().partition(tp).unwrap();
    assert_eq!(world.oracle.true_high_watermark(tp), leader.high_watermark());
    let acknowledged = world.producer(1).unwrap().acked().count();
    let written = world.oracle.partitions[&tp].written_from(0);
    let acked: u64 =
        written.filter(|w| w.acknowledged_at.is_some()).map(|w| w.keys.len() as u64).sum();
    assert_eq!(acked, acknowledged);
    assert!(acked > 50);
}

#[test]
fn a_leader_without_committed_records_breaks_a_promise() {
    let mut world = World::booted(&one_topic(&[], "all"), 1).unwrap();
    run(&mut world, 5_000);
    let tp = orders(&world);
    // As if a batch had been committed that nobody has.
    let account = Arc::make_mut(&mut world.oracle);
    let end = account.true_high_watermark(tp);
    account.partition_mut(tp).commit(BatchId { base: end, last: end, epoch: 0, crc: 1 });
    act(&mut world, "crash broker 1");
    run(&mut world, 20_000);
    let ids: Vec<&str> = world.oracle.broken().iter().map(|(id, _)| &**id).collect();
    assert!(ids.contains(&"R08 LeaderCompleteness"), "{ids:?}");
}

#[test]
fn another_record_below_the_high_watermark_breaks_a_promise() {
    let mut world = World::booted(&one_topic(&[], "all"), 1).unwrap();
    run(&mut world, 5_000);
    let tp = orders(&world);
    let account = Arc::make_mut(&mut world.oracle);
    let end = account.true_high_watermark(tp);
    account.partition_mut(tp).commit(BatchId { base: end, last: end + 5, epoch: 0, crc: 1 });
    run(&mut world, 2_000);
    let ids: Vec<&str> = world.oracle.broken().iter().map(|(id, _)| &**id).collect();
    assert!(ids.contains(&"R07 LogMatching"), "{ids:?}");
}

#[test]
fn an_unclean_election_may_lose_committed_records() {
    let settings =
        [("unclean.leader.election.enable", "true"), ("replica.lag.time.max.ms", "2000")];
    let mut world = World::booted(&one_topic(&settings, "all"), 1).unwrap();
    run(&mut world, 3_000);
    act(&mut world, "crash broker 2");
    act(&mut world, "crash broker 3");
    run(&mut world, 20_000);
    assert_eq!(world.image().partition(orders(&world)).unwrap().isr, [1]);
    act(&mut world, "crash broker 1");
    act(&mut world, "restart broker 2");
    run(&mut world, 30_000);
    assert_eq!(world.image().partition(orders(&world)).unwrap().leader, 2);
    assert!(world.oracle.lost_count() > 50, "{}", world.oracle.lost_count());
    assert_eq!(world.oracle.broken(), [], "the setting allows it");
}

#[test]
fn power_loss_of_the_whole_isr_may_lose_committed_records_and_of_one_may_not() {
    for (down, may_lose) in [(vec![1, 2, 3], true), (vec![1], false)] {
        let settings = [("min.insync.replicas", "2")];
        let mut world = World::booted(&one_topic(&settings, "all"), 1).unwrap();
        run(&mut world, 5_000);
        for id in &down {
            act(&mut world, &format!("power off broker {id}"));
        }
        run(&mut world, 12_000);
        for id in &down {
            act(&mut world, &format!("restart broker {id}"));
        }
        run(&mut world, 30_000);
        assert_eq!(world.oracle.lost_count() > 0, may_lose, "{down:?}");
        assert_eq!(world.oracle.broken(), []);
    }
}

#[test]
fn a_block_of_the_account_ends_where_it_should() {
    let mut account = partition::PartitionOracle::default();
    let id = |base: i64| BatchId { base, last: base + 1, epoch: 0, crc: 0 };
    for n in 0..200 {
        account.commit(id(n * 2));
    }
    assert_eq!(account.committed_end(), 400);
    assert_eq!(account.committed_from(101).next(), Some(&id(100)));
    assert_eq!(account.committed_from(128).count(), 136);
    account.forget_committed(130);
    assert_eq!((account.committed_end(), account.committed_from(0).count()), (130, 65));
    account.forget_committed(0);
    assert_eq!((account.committed_end(), account.committed_from(0).count()), (0, 0));
}

/// Whatever the account can report is in the list that people are shown, and the other way round.
#[test]
fn the_list_of_promises_is_whole() {
    let sources = [include_str!("replication.rs"), include_str!("groups.rs")].concat();
    for (name, _) in INVARIANTS {
        assert!(sources.contains(&format!("\"{name}\"")), "{name} is never reported");
    }
    for text in sources
        .split('"')
        .filter(|t| t.starts_with(['R', 'G']) && t[1..].starts_with(char::is_numeric))
    {
        assert!(INVARIANTS.iter().any(|(name, _)| *name == text), "{text} is not in the list");
    }
}
