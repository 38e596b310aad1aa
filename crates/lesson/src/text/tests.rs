use super::*;
use crate::{Block, Inline, pack, unpack};
use highwater_cluster::{Span, Time};

const GOOD: &str = r#"
title = "Two brokers"
summary = "A follower pulls."

[scenario]
brokers = 2
until = "30 s"
assumptions = ["One controller node."]
settings = { "replica.lag.time.max.ms" = 10000 }
network = { latency = "2 ms" }

[[scenario.topic]]
name = "orders"
partitions = 1
replication_factor = 2
settings = { min.insync.replicas = 2 }

[[scenario.producer]]
topic = "orders"
every = "500 ms"
keys = ["A", "B"]
settings = { acks = "all" }

[[scenario.script]]
at = "8 s"
do = ["crash broker 1", "restart broker 1"]

[[step]]
id = "first"
title = "A log"
say = "Read *this*."
focus = ["orders-0"]
until = "orders-0.hw >= 1"

[step.ask]
text = "What is the high watermark?"
value = "orders-0.hw"
reveal = "orders-0.hw >= 2"
choices = [{ answer = "1" }, { answer = "2", comment = "Both have it." }]

[[task]]
text = "Lose a record"
done = "lost >= 1"
"#;

fn errors(text: &str) -> Vec<TextError> {
    parse_lesson("a/b.toml", text).expect_err("the text is wrong").0
}

#[test]
fn a_good_text_is_read_whole() {
    let lesson = parse_lesson("lessons/two-brokers.toml", GOOD).expect("good");
    assert_eq!(lesson.id, "two-brokers");
    let s = &lesson.scenario;
    assert_eq!(
        (s.brokers.len(), s.until, s.network.latency),
        (2, Some(Time(30_000_000)), Span(2000))
    );
    assert_eq!(s.topics[0].configs, vec![("min.insync.replicas".into(), "2".into())]);
    assert_eq!(s.script.len(), 2);
    assert_eq!(s.producers[0].workload.every_us, 500_000);
    let step = &lesson.steps[0];
    let say =
        vec![Inline::Text("Read ".into()), Inline::Strong("this".into()), Inline::Text(".".into())];
    assert_eq!(step.say, vec![Block::Paragraph(say)]);
    assert_eq!(step.ask.as_ref().map(|q| q.choices.len()), Some(2));
}

#[test]
fn packing_keeps_everything() {
    let lesson = parse_lesson("two-brokers.toml", GOOD).expect("good");
    assert_eq!(unpack(&pack(&lesson)), Ok(lesson));
}

#[test]
fn mistakes_name_line_key_found_allowed_and_the_nearest_name() {
    for (from, to, line, parts) in [
        ("until = \"30 s\"", "until = \"30\"", 7, &["scenario, until", "\"30\"", "250 ms"][..]),
        ("replica.lag.time.max.ms", "replica.lag.time.ms", 9, &["replica.lag.time.max.ms"]),
        (
            "replica.lag.time.max.ms",
            "min.insync.replica",
            9,
            &["found", "did you mean min.insync.replicas?"],
        ),
        ("brokers = 2", "broker = 2", 6, &["[[scenario.broker]]"]),
        ("brokers = 2", "brokers = 1", 15, &["replication_factor", "found 2", "from 1 to 1"]),
        ("acks = \"all\"", "acks = \"two\"", 22, &["producer 1, acks", "two", "all"]),
        ("crash broker 1", "crush broker 1", 26, &["script 1, do", "crush broker 1", "allowed"]),
        ("focus =", "focsu =", 32, &["step 1 \"first\"", "focsu", "did you mean focus?"]),
        ("brokers = 2", "brokers = 0", 6, &["found 0", "from 1 to 64"]),
        (
            "topic = \"orders\"",
            "topic = \"order\"",
            19,
            &["producer 1, topic", "unknown topic \"order\"", "orders"],
        ),
        (
            "say = \"Read *this*.\"",
            "say = \"\"\"\nRead\n\n# this\"\"\"",
            34,
            &["heading", "paragraphs"],
        ),
        ("[[task]]", "[[tsak]]", 41, &["tsak", "did you mean task?"]),
        ("[scenario]", "[scenario", 5, &["not TOML"]),
        ("orders-0.hw >= 1", "orders-0.hw > = 1", 33, &["step 1 \"first\", until", "character"]),
        ("value = \"orders-0.hw\"", "value = \"orders.hw\"", 37, &["value", "orders-0.hw"]),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let errors = errors(&GOOD.replacen(from, to, 1));
        let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors[0].line, line, "{shown:?}");
        for part in parts {
            assert!(shown[0].contains(part), "{part} is not in {shown:?}");
        }
        assert!(shown[0].starts_with(&format!("a/b.toml:{line}: ")), "{shown:?}");
    }
}

#[test]
fn every_mistake_is_told_at_once() {
    let text =
        GOOD.replace("until = \"30 s\"", "until = 3").replace("brokers = 2", "brokers = \"two\"");
    assert_eq!(errors(&text).len(), 2);
}

#[test]
fn keys_that_would_do_nothing_are_refused() {
    let producer = "every = \"500 ms\"\nkeys = [\"A\", \"B\"]\n";
    for (from, to, line, parts) in [
        (
            producer,
            "every = \"500 ms\"\nrandom_keys = true\n",
            21,
            &["producer 1, random_keys", "found true without keys", "keys = ["][..],
        ),
        ("keys = [\"A\", \"B\"]", "keys = []", 21, &["producer 1, keys", "empty list"]),
        ("every = \"500 ms\"", "every = \"0 ms\"", 20, &["producer 1, every", "longer than 0"]),
        (
            "every = \"500 ms\"",
            "count = 3",
            20,
            &["producer 1, count", "without every", "give every too"],
        ),
        ("every = \"500 ms\"", "every = \"1 s\"\ncount = 0", 21, &["count", "found 0", "from 1"]),
        ("topic = \"orders\"", "", 20, &["producer 1, every", "needs a topic"]),
        (
            "[[scenario.script]]",
            "[[scenario.consumer]]\ngroup = \"g\"\n[[scenario.script]]",
            24,
            &["consumer 1, topics", "missing", "a topic to read"],
        ),
        (
            "do = [\"crash broker 1\", \"restart broker 1\"]",
            "",
            24,
            &["script 1, do", "missing", "an action"],
        ),
        (
            "partitions = 1",
            "assignments = []",
            14,
            &["topic 1, assignments", "empty list", "replication_factor"],
        ),
        (
            "[[scenario.producer]]",
            "[[scenario.topic]]\nname = \"orders\"\n[[scenario.producer]]",
            19,
            &["topic 2, name", "a second time"],
        ),
        (
            "[[scenario.producer]]",
            "[[scenario.topic]]\nname = \"or ders\"\n[[scenario.producer]]",
            19,
            &["topic 2, name", "' '", "letters, digits"],
        ),
        (
            "focus = [\"orders-0\"]",
            "focus = [\"flaot\"]",
            32,
            &["focus", "no picture has", "did you mean float?"],
        ),
        ("focus = [\"orders-0\"]", "hide = \"watermark\"", 32, &["hide", "watermark", "log start"]),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let errors = errors(&GOOD.replacen(from, to, 1));
        let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!((errors[0].line, errors.len()), (line, 1), "{shown:?}");
        for part in parts {
            assert!(shown[0].contains(part), "{part} is not in {shown:?}");
        }
    }
}

#[test]
fn what_has_a_meaning_later_is_read() {
    // Keys without `every` are taken by hand and after `rate`; random ones after `rate`.
    let by_hand = GOOD.replacen("every = \"500 ms\"\n", "random_keys = true\n", 1);
    assert!(parse_lesson("a/b.toml", &by_hand).is_ok());
    // The hidden marks of a step may be named by kind or one by one.
    let marks =
        GOOD.replacen("focus = [\"orders-0\"]", "hide = [\"hw\", \"log start\", \"c1\"]", 1);
    assert!(parse_lesson("a/b.toml", &marks).is_ok());
}
