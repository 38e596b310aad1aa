//! Whatever text or bytes come in from outside: an error or a value, never a panic.

use highwater_lesson::text::parse_lesson;
use highwater_lesson::{Lesson, pack, unpack};
use highwater_sim::query::{Condition, Path, Value};
use highwater_sim::{ACTION_FORMS, Action, Share, Timeline, World, parse_span};
use proptest::prelude::*;

fn world() -> World {
    let scenario = lesson().scenario;
    World::booted(&scenario, 1).expect("it boots")
}

fn lesson() -> Lesson {
    let text = "title = \"x\"\n[scenario]\nbrokers = 2\n[[scenario.topic]]\nname = \"orders\"\n\
                [[scenario.producer]]\ntopic = \"orders\"\nevery = \"100 ms\"\n";
    parse_lesson("x.toml", text).unwrap_or_else(|e| panic!("{e}"))
}

/// Words that actions and conditions are made of, in any order.
fn words() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        prop::sample::select(vec![
            "crash",
            "broker",
            "1",
            "2",
            "power",
            "off",
            "cut",
            "1-2",
            "1>2",
            "slow",
            "6 s",
            "drop",
            "message",
            "delay",
            "produce",
            "p1",
            "key=A",
            "x5",
            "x0",
            "rate",
            "100ms",
            "commit",
            "c1",
            "orders-0=3",
            "seek",
            "add",
            "consumer",
            "group=g",
            "topic=orders",
            "create",
            "topic",
            "t",
            "partitions=2",
            "rf=9",
            "partitions",
            "orders",
            "-1",
            "99999999999999999999",
            "elect",
            "unclean",
            "all",
            "set",
            "cluster",
            "min.insync.replicas=2",
            "acks=7",
            "orders-0.hw",
            ">=",
            "==",
            "3",
            "and",
            "or",
            "not",
            "(",
            ")",
            "event",
            "IsrChanged",
            "where",
            "tp=orders-0",
            "{1, 2}",
            "\"",
            "none",
            "lost",
            "group g.members",
            "shutdown",
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,6}",
        any::<String>(),
    ];
    prop::collection::vec(word, 0..8).prop_map(|w| w.join(" "))
}

proptest! {
    #[test]
    fn packed_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = unpack(&bytes);
    }

    /// A packed lesson with some bytes changed: an error, or a lesson that can be tried.
    #[test]
    fn packed_bytes_nearly_right(changes in prop::collection::vec((any::<u16>(), any::<u8>()), 1..6)) {
        let mut bytes = pack(&lesson());
        for (at, byte) in changes {
            let at = usize::from(at) % bytes.len();
            bytes[at] = byte;
        }
        if let Ok(lesson) = unpack(&bytes) {
            prop_assume!(lesson.scenario.brokers.len() < 20);
            let partitions: i64 = lesson.scenario.topics.iter().map(|t| i64::from(t.partitions)).sum();
            prop_assume!(partitions < 100);
            let _ = World::booted(&lesson.scenario, 1);
        }
    }

    #[test]
    fn tokens(text in "[A-Za-z0-9_-]{0,80}", any_text in any::<String>()) {
        let _ = (Share::decode(&text), Share::decode(&any_text));
    }

    /// A real token with some characters changed.
    #[test]
    fn tokens_nearly_right(changes in prop::collection::vec((any::<u16>(), "[A-Za-z0-9_-]"), 1..4)) {
        let scenario = lesson().scenario;
        let mut timeline = Timeline::new(&scenario, 1).expect("it boots");
        timeline.seek(30);
        timeline.apply(&"crash broker 1".parse().expect("an action")).expect("possible");
        timeline.seek(60);
        let mut token: Vec<char> = Share::of(&timeline).encode().chars().collect();
        for (at, with) in changes {
            let at = usize::from(at) % token.len();
            token[at] = with.chars().next().expect("one");
        }
        let _ = Share::decode(&token.into_iter().collect::<String>());
    }

    /// What is read as an action can be written, read back, and tried on a world.
    #[test]
    fn actions(text in words()) {
        let Ok(action) = text.parse::<Action>() else { return Ok(()) };
        let again = action.to_string();
        prop_assert_eq!(again.parse::<Action>().ok(), Some(action.clone()), "{} as {}", text, again);
        let mut world = world();
        if world.apply(&action).is_ok() {
            for _ in 0..200 {
                world.step();
            }
        }
    }

    #[test]
    fn action_forms_with_a_change(form in prop::sample::select(ACTION_FORMS), at in any::<u16>(), with in any::<char>()) {
        let mut text: Vec<char> = form.chars().collect();
        let at = usize::from(at) % text.len();
        text[at] = with;
        let text: String = text.into_iter().collect();
        if let Ok(action) = text.parse::<Action>() {
            let _ = world().apply(&action);
        }
    }

    #[test]
    fn conditions(text in words()) {
        if let Ok(condition) = Condition::parse(&text) {
            let _ = condition.holds(&world(), &[]);
        }
        if let Ok(path) = Path::parse(&text) {
            let _: Result<Value, String> = path.value(&world());
        }
        let _ = parse_span(&text);
    }

    #[test]
    fn scenario_texts(text in any::<String>(), words in words()) {
        let _ = parse_lesson("x.toml", &text);
        let _ = parse_lesson("x.toml", &format!("title = \"x\"\n[scenario]\n{text}\n"));
        let quoted = words.replace(['\\', '"', '\n', '\r'], " ");
        let _ = parse_lesson("x.toml", &format!(
            "title = \"x\"\n[scenario]\n[[scenario.script]]\nat = \"{quoted}\"\ndo = \"{quoted}\"\n"
        ));
    }
}
