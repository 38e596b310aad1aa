//! Everything that can be picked is asked about, all through a run with faults.

use super::*;
use crate::explain::suggest;
use crate::world::tests::busy_scenario;

fn picks(world: &World) -> Vec<String> {
    let view = world.view();
    let mut picks = Vec::new();
    for partition in view.topics.iter().filter(|t| !t.internal).flat_map(|t| &t.partitions) {
        picks.push(partition.name.clone());
        for log in &partition.logs {
            picks.push(format!("{}@{}", partition.name, log.broker));
            picks.extend(
                log.segments.iter().map(|s| {
                    format!("segment {}@{}:{}", partition.name, log.broker, s.base_offset)
                }),
            );
            picks.push(format!(
                "record {}@{}:{}",
                partition.name,
                log.broker,
                log.log_end_offset.max(1) - 1
            ));
        }
        picks.extend((0..3).map(|c| format!("lag c{c} {}", partition.name)));
    }
    picks.extend(view.messages.iter().map(|m| format!("message {}", m.id)));
    for broker in &view.brokers {
        picks.push(format!("broker {}", broker.id));
        picks.extend(broker.purgatory.iter().map(|p| format!("parked {}@{}", p.id, broker.id)));
    }
    picks.extend(["p1", "c1", "c2"].map(str::to_owned));
    picks
}

fn ask_everything(world: &World) -> u32 {
    let mut asked = 0;
    for pick in picks(world) {
        let mut questions = suggest(&pick);
        if questions.is_empty() {
            questions.push(pick.clone());
        }
        for text in questions {
            let question = Question::parse(&text).unwrap_or_else(|e| panic!("{e}"));
            let Ok(answer) = explain(world, &question) else {
                // A segment or a log that a broker which is down has on disk only.
                assert!(text.contains("c0") || text.starts_with("segment"), "{text}");
                continue;
            };
            asked += 1;
            assert!(
                !answer.headline.is_empty() && !answer.headline.ends_with('.'),
                "{text}: {answer}"
            );
            for fact in &answer.facts {
                let words = fact.text();
                assert!(
                    !words.is_empty() && !words.ends_with('.') && !words.contains("  "),
                    "{text}: {fact:?}"
                );
                assert!(
                    !words.contains(" -1") && !words.contains("18446744073"),
                    "{text}: {words}"
                );
                assert_ne!(fact.rule(), Some(""));
            }
        }
    }
    asked
}

#[test]
fn nothing_that_can_be_picked_has_no_answer() {
    let mut scenario = busy_scenario();
    scenario.topics[0].configs =
        pairs(&[("internal.segment.bytes", "600"), ("min.insync.replicas", "2")]);
    let mut world = booted(&scenario);
    let script = [
        (500, ""),
        (4_000, "pause broker 2"),
        (6_000, "cut broker 1-broker 3"),
        (9_000, "crash broker 1"),
        (12_000, "resume broker 2"),
        (15_000, "crash broker 3"),
        (25_000, "pause c1"),
        (30_000, "restart broker 1"),
        (31_000, "heal broker 1-broker 3"),
        (32_000, "restart broker 3"),
        (40_000, "power off broker 2"),
        (45_000, "pause broker 1"),
        (60_000, "resume broker 1"),
        (61_000, "restart broker 2"),
    ];
    let mut asked = 0;
    for (ms, action) in script {
        at_ms(&mut world, ms);
        if !action.is_empty() {
            act(&mut world, action);
        }
        for step in 0..120 {
            world.step();
            if step % 40 == 0 {
                asked += ask_everything(&world);
            }
        }
    }
    assert!(asked > 1_000, "{asked}");
}
