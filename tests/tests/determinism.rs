//! Same scenario, seed and inputs: same run, whichever way it is gone through.

use highwater_cluster::{Body, NodeId, Request, Span, Time};
use highwater_lesson::text::parse_lesson;
use highwater_sim::prng::Xoshiro256;
use highwater_sim::{
    NetworkSpec, Scenario, Share, StepResult, Timeline, TraceKind, World, WorldView,
};
use std::path::Path;

/// Every scenario and every lesson's scenario that is shipped.
fn shipped() -> Vec<Scenario> {
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("../www/content");
    let mut found = Vec::new();
    for folder in ["scenarios", "lessons"] {
        let entries = std::fs::read_dir(content.join(folder)).expect("the content");
        for path in entries
            .flatten()
            .map(|e| e.path())
            .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        {
            let text = std::fs::read_to_string(&path).expect("readable");
            let lesson =
                parse_lesson(&path.to_string_lossy(), &text).unwrap_or_else(|e| panic!("{e}"));
            found.push(lesson.scenario);
        }
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    assert!(found.len() >= 10, "{} scenarios", found.len());
    found
}

fn boot(scenario: &Scenario) -> World {
    World::booted(scenario, scenario.seed).unwrap_or_else(|e| panic!("{}: {e}", scenario.id))
}

fn end(scenario: &Scenario) -> Time {
    scenario.until.unwrap_or(Time(60_000_000))
}

/// Some positions spread over a run, and what is there.
fn straight(scenario: &Scenario) -> Vec<(u64, u64, WorldView)> {
    let mut world = boot(scenario);
    let mut found = vec![(0, world.trace_hash(), world.view())];
    while world.next_event_at().is_some_and(|at| at <= end(scenario)) && world.event() < 6_000 {
        world.step();
        if world.event().is_multiple_of(97) {
            found.push((world.event(), world.trace_hash(), world.view()));
        }
    }
    found
}

#[test]
fn every_shipped_scenario_runs_the_same_twice() {
    for scenario in shipped() {
        let run = || {
            let mut world = boot(&scenario);
            world.run_until(end(&scenario));
            (world.trace_hash(), world.event(), world.view().broken)
        };
        let (first, second) = (run(), run());
        assert_eq!(first, second, "{}", scenario.id);
        assert_eq!(first.2, [], "{}", scenario.id);
        assert!(first.1 > 0, "{}", scenario.id);
    }
}

#[test]
fn seeking_back_and_forth_is_running_straight() {
    for scenario in shipped() {
        let known = straight(&scenario);
        let mut timeline =
            Timeline::new(&scenario, scenario.seed).unwrap_or_else(|e| panic!("{e}"));
        let mut rng = Xoshiro256::new(7);
        for _ in 0..40 {
            let n = rng.below(u64::try_from(known.len()).expect("short"));
            let (event, hash, view) = &known[usize::try_from(n).expect("below the length")];
            assert_eq!(timeline.seek(*event), *event, "{}", scenario.id);
            assert_eq!(timeline.world().trace_hash(), *hash, "{} event {event}", scenario.id);
            assert_eq!(timeline.view(), *view, "{} event {event}", scenario.id);
        }
    }
}

#[test]
fn stepping_back_and_forth_is_running_straight() {
    let scenario = &shipped()[0];
    let known = straight(scenario);
    let mut timeline = Timeline::new(scenario, scenario.seed).expect("it boots");
    let (event, hash, view) = &known[known.len() / 2];
    timeline.seek(*event + 20);
    for _ in 0..20 {
        assert!(timeline.step_back());
    }
    assert_eq!((timeline.world().trace_hash(), &timeline.view()), (*hash, view));
    timeline.step();
    timeline.step_back();
    assert_eq!((timeline.world().trace_hash(), &timeline.view()), (*hash, view));
}

#[test]
fn a_snapshot_continues_as_the_original() {
    for scenario in shipped() {
        let mut world = boot(&scenario);
        for _ in 0..700 {
            if world.step() == StepResult::Nothing {
                break;
            }
        }
        let mut copy = world.clone();
        // The copy goes first: nothing of it may reach the original.
        copy.run_until(end(&scenario));
        world.run_until(end(&scenario));
        assert_eq!(copy.trace_hash(), world.trace_hash(), "{}", scenario.id);
        assert_eq!(copy.view(), world.view(), "{}", scenario.id);
    }
}

/// Faults given at positions, then gone through again: by seeking, and from a token.
#[test]
fn inputs_are_played_again_where_they_were_given() {
    for scenario in shipped().iter().filter(|s| s.brokers.len() >= 3).take(6) {
        let mut timeline = Timeline::new(scenario, scenario.seed).expect("it boots");
        let mut known = Vec::new();
        for (at_ms, text) in [
            (1_500, "crash broker 2"),
            (1_500, "slow 1>3 20 ms"),
            (3_700, "restart broker 2"),
            (9_000, "cut 1-3"),
            (9_400, "heal 1-3"),
        ] {
            timeline.seek_time(Time::from_ms(at_ms));
            timeline.apply(&text.parse().expect("an action")).unwrap_or_else(|e| panic!("{e}"));
            known.push((timeline.event(), timeline.world().trace_hash(), timeline.view()));
        }
        timeline.seek_time(Time::from_ms(14_000));
        known.push((timeline.event(), timeline.world().trace_hash(), timeline.view()));
        for (event, hash, view) in known.iter().rev().chain(&known) {
            timeline.seek(*event);
            // Two inputs at one position: the state there is the one after both.
            let last = known.iter().rfind(|k| k.0 == *event).expect("it is one of them");
            assert_eq!(timeline.world().trace_hash(), last.1, "{} event {event}", scenario.id);
            assert_eq!(timeline.view(), last.2);
            let _ = (hash, view);
        }
        let (event, hash, _) = known.last().expect("some");
        timeline.seek(*event);
        let token = Share::of(&timeline).encode();
        let share = Share::decode(&token).unwrap_or_else(|e| panic!("{e}"));
        let replayed = share.replay(scenario).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((replayed.event(), replayed.world().trace_hash()), (*event, *hash));
    }
}

/// Keys of what p1 sends for the first time, in order.
fn keys_sent(jitter: Span, latency: Span, seconds: u64) -> Vec<Option<Vec<u8>>> {
    let text = "title = \"x\"\n[scenario]\nbrokers = 3\n[[scenario.topic]]\nname = \"orders\"\n\
                replication_factor = 3\n[[scenario.producer]]\ntopic = \"orders\"\nevery = \"70 ms\"\n\
                keys = [\"A\", \"B\", \"C\", \"D\", \"E\", \"F\"]\nrandom_keys = true\n\
                settings = { \"linger.ms\" = 0, acks = \"1\" }\n";
    let mut scenario = parse_lesson("x.toml", text).unwrap_or_else(|e| panic!("{e}")).scenario;
    scenario.network = NetworkSpec { latency, jitter };
    let mut world = boot(&scenario);
    let mut keys = Vec::new();
    while world.next_event_at().is_some_and(|at| at <= Time(seconds * 1_000_000)) {
        world.step();
        for record in world.records() {
            let TraceKind::Sent { body: Body::Request(request), .. } = &record.what else {
                continue;
            };
            let (NodeId::Producer(1), Request::Produce(produce)) = (record.node, &**request) else {
                continue;
            };
            for batch in
                produce.partitions.iter().flat_map(|p| highwater_log::Batches::new(&p.records))
            {
                let batch = batch.expect("a batch just built");
                keys.extend(batch.records().map(|r| r.expect("a record").key.map(<[u8]>::to_vec)));
            }
        }
    }
    keys
}

/// A stream per name: what the network draws does not shift what the workload draws.
#[test]
fn the_network_does_not_change_the_workload() {
    let plain = keys_sent(Span(0), Span(1_000), 10);
    assert!(plain.len() > 100);
    for (jitter, latency) in [(5_000, 1_000), (90_000, 1_000), (0, 40_000)] {
        let other = keys_sent(Span(jitter), Span(latency), 10);
        let both = plain.len().min(other.len());
        assert!(both > 90);
        assert_eq!(plain[..both], other[..both], "jitter {jitter}, latency {latency}");
    }
}

#[test]
fn another_seed_is_another_run() {
    let scenario = shipped().into_iter().find(|s| s.id == "steady").expect("a steady scenario");
    let hash = |seed| {
        let mut world = World::booted(&scenario, seed).expect("it boots");
        world.run_until(Time(5_000_000));
        world.trace_hash()
    };
    assert_ne!(hash(1), hash(2));
}
