//! Random faults on a busy cluster, taken from what the world itself offers: whatever happens, no promise is
//! broken, nothing panics. A few seeds here (`SEEDS`, `FIRST_SEED`); the long search is in `tests/`.

use crate::prng::Xoshiro256;
use crate::world::tests::{busy_scenario, pairs};
use crate::*;
use highwater_cluster::*;

fn chaos(seed: u64, seconds: u64, settings: &[(&str, &str)]) -> World {
    let mut rng = Xoshiro256::new(seed);
    let mut scenario = busy_scenario();
    scenario.settings = pairs(settings);
    scenario.producers[0].settings =
        pairs(&[("acks", if seed.is_multiple_of(3) { "1" } else { "all" })]);
    let mut world = World::booted(&scenario, seed).unwrap_or_else(|e| panic!("{e}"));
    let until = Time::from_ms(seconds * 1000);
    let mut log = Vec::new();
    while world.now() < until {
        world.run_until(world.now() + Span(rng.below(2_500_000)));
        let view = world.view();
        let mut selections: Vec<Selection> =
            world.nodes().map(|(id, _)| Selection::Node(id)).collect();
        selections.extend(view.messages.iter().map(|m| Selection::Message(m.id)));
        selections.extend(
            view.topics.iter().flat_map(|t| &t.partitions).map(|p| Selection::Partition(p.tp)),
        );
        let selection = selections[usize::try_from(rng.below(selections.len() as u64)).unwrap()];
        let offers = enabled(&view, selection);
        if offers.is_empty() {
            continue;
        }
        let offer = &offers[usize::try_from(rng.below(offers.len() as u64)).unwrap()];
        // The scenario's clients stay, and unclean elections are another test.
        if offer.action.starts_with("remove")
            || offer.action.contains("unclean")
            || offer.action.contains("controller")
        {
            continue;
        }
        log.push(format!("{} {}", world.now(), offer.action));
        world.apply(&offer.action.parse().unwrap()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(
            world.oracle.broken(),
            [],
            "seed {seed} at {}:\n{}",
            world.now(),
            log.join("\n")
        );
    }
    assert_eq!(world.oracle.broken(), [], "seed {seed}:\n{}", log.join("\n"));
    world
}

#[test]
fn no_promise_breaks_under_random_faults() {
    let (mut lost, mut acked) = (0, 0);
    let seeds: u64 = std::env::var("SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(4);
    let first: u64 = std::env::var("FIRST_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(0);
    for seed in first..first + seeds {
        let world =
            chaos(seed, 60, &[("min.insync.replicas", "2"), ("replica.lag.time.max.ms", "5000")]);
        lost += world.oracle.lost_count();
        acked += world.view().producers[0].acknowledged;
    }
    println!("{acked} acknowledged, {lost} lost");
    assert!(acked > 0);
}

#[test]
fn no_promise_breaks_with_one_replica_in_sync_and_unclean_elections() {
    let seeds: u64 = std::env::var("SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(3);
    let settings = [
        ("min.insync.replicas", "1"),
        ("replica.lag.time.max.ms", "3000"),
        ("unclean.leader.election.enable", "true"),
    ];
    let lost: u64 =
        (0..seeds).map(|seed| chaos(1_000 + seed, 60, &settings).oracle.lost_count()).sum();
    println!("{lost} lost");
}
