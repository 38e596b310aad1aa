use super::*;
use crate::world::tests::busy_scenario;
use crate::{Timeline, World};
use highwater_cluster::Time;

fn value(world: &World, path: &str) -> String {
    Path::parse(path)
        .unwrap_or_else(|e| panic!("{path}: {e}"))
        .value(world)
        .unwrap_or_else(|e| panic!("{path}: {e}"))
        .to_string()
}

fn holds(world: &World, text: &str) -> bool {
    Condition::parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).holds(world, &[]).unwrap()
}

#[test]
fn every_form_is_read_and_has_a_value() {
    let mut world = World::booted(&busy_scenario(), 1).unwrap();
    world.run_until(Time::from_ms(10_000));
    for form in PATH_FORMS {
        assert!(!value(&world, form).is_empty(), "{form}");
        assert_eq!(Path::parse(form).unwrap().to_string(), *form);
    }
    assert_eq!(value(&world, "orders-0.isr"), "{1, 2, 3}");
    assert_eq!(value(&world, "broker 2.state"), "running");
    assert_eq!(value(&world, "group billing.members"), "2");
    assert_eq!(value(&world, "group billing.state"), "Stable");
    assert_eq!(value(&world, "c1.owned"), "1");
    assert_eq!(value(&world, "time"), "10000");
    assert_eq!(value(&world, "lost"), "0");
    assert_eq!(value(&world, "group nobody.state"), "none");
}

#[test]
fn conditions() {
    let mut world = World::booted(&busy_scenario(), 1).unwrap();
    world.run_until(Time::from_ms(10_000));
    for text in [
        "time == 10000",
        "time != 1",
        "time >= 10000 and lost == 0",
        "time < 5 or lost == 0",
        "not time < 5",
        "(time < 5 or time > 5) and lost == 0",
        "orders-0.isr == {3,2, 1}",
        "orders-0.isr != {1}",
        "broker 1.state == running",
        "orders-0.leader != none",
        "c1.doing != \"x y\"",
        "orders-0@1.in_isr == true",
        "event > 5",
        "group nobody.generation == none",
        "p1.acked>10",
    ] {
        assert!(holds(&world, text), "{text}");
    }
    for text in [
        "time < 5",
        "time < 5 and lost == 0",
        "not lost == 0",
        "group nobody.generation >= 0",
        "event IsrChanged",
    ] {
        assert!(!holds(&world, text), "{text}");
    }
}

/// Kafka itself writes -1: `LeaderId` of a partition without a leader, an offset that was never committed, the
/// generation of no group (12-rpc-schemas: Metadata, OffsetFetch, JoinGroup).
#[test]
fn minus_one_is_none() {
    let mut world = World::booted(&busy_scenario(), 1).unwrap();
    world.run_until(Time::from_ms(2_000));
    assert!(!holds(&world, "orders-0.leader == -1"));
    assert!(holds(&world, "orders-0.leader != -1"));
    for broker in 1..=3 {
        world.apply(&format!("crash broker {broker}").parse().unwrap()).unwrap();
    }
    world.run_until(Time::from_ms(30_000));
    for text in ["orders-0.leader == none", "orders-0.leader == -1", "not orders-0.leader != -1"] {
        assert!(holds(&world, text), "{text}");
    }
    // Nothing is neither more nor less than anything, -1 included.
    for text in ["orders-0.leader >= -1", "orders-0.leader > -2", "orders-0.leader < 5"] {
        assert!(!holds(&world, text), "{text}");
    }
    assert!(holds(&world, "group nobody.generation == -1"));
}

#[test]
fn events_are_counted() {
    let mut t = Timeline::new(&busy_scenario(), 1).unwrap();
    t.seek_time(Time::from_ms(4_000));
    let leader = value(t.world(), "orders-0.leader");
    let since = t.event();
    t.apply(&format!("crash broker {leader}").parse().unwrap()).unwrap();
    t.seek_time(Time::from_ms(20_000));
    for (text, expected) in [
        ("event LeaderElected where tp=orders-0", true),
        ("event LeaderElected where tp=orders-0 == 1", true),
        ("event LeaderElected where tp=orders-0, unclean=false", true),
        ("event LeaderElected where tp=orders-0 unclean=true", false),
        ("event IsrChanged where tp=orders-0 and orders-0.isr_size == 2", true),
        ("event Crashed where node=b9 or event Crashed >= 1", true),
        ("event Crashed >= 2", false),
        ("event AcknowledgedRecordLost == 0", true),
    ] {
        let condition = Condition::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(t.holds(&condition, since), Ok(expected), "{text}");
    }
    let end = t.event();
    assert_eq!(t.holds(&Condition::parse("event LeaderElected").unwrap(), end), Ok(false));
}

#[test]
fn a_condition_without_end_is_refused_before_the_stack_is_full() {
    for text in ["(".repeat(100_000), "not ".repeat(100_000), "time > 1 and ".repeat(100_000)] {
        let error = Condition::parse(&text).expect_err("too long");
        assert!(error.message.contains("at most 400 words"), "{error}");
    }
}

#[test]
fn mistakes_name_the_place_and_what_is_allowed() {
    for (text, position, part) in [
        ("", 0, "orders-0.hw"),
        ("orders-0.hq >= 3", 0, "log_start"),
        ("orders-0.hw", 11, "=="),
        ("orders-0.hw >=", 14, "a value"),
        ("orders-0.hw >= 3 und", 17, "and, or"),
        ("orders.hw == 1", 0, "orders-0.hw"),
        ("time > 1 and", 12, "a condition"),
        ("(time > 1", 9, "parenthesis"),
        ("event Nothing", 6, "IsrChanged"),
        ("event IsrChanged where tp=orders", 23, "orders-0"),
        ("event Crashed where node=broker-9", 20, "is not a process"),
        ("broker x.state == up", 7, "broker id"),
        ("broker 2.state == alive", 18, "running, paused, crashed, off, stopped"),
        ("c1.state != up", 12, "running"),
        ("group g.state == stable", 17, "Stable"),
        ("orders-0@2.role == Leader", 19, "leader, follower, offline"),
        ("orders-0@2.in_isr == yes", 21, "true, false"),
        ("group g.committed == 1", 18, "orders-0"),
        ("c1.position == 1", 12, "orders-0"),
        ("orders-0.isr == {1", 16, "}"),
        ("broker 1", 7, "broker 2.state"),
        ("orders-0.leader < 0", 18, "orders-0.leader == none"),
        ("c1.committed orders-0 <= -1", 25, "c1.committed orders-0 == none"),
    ] {
        let error = Condition::parse(text).expect_err(text);
        assert!(error.message.contains(part), "{text}: {error}");
        assert_eq!(error.position, position, "{text}: {error}");
    }
    let world = World::booted(&busy_scenario(), 1).unwrap();
    for (path, part) in [
        ("nothing-0.hw", "orders"),
        ("orders-7.hw", "0 to 1"),
        ("orders-0@9.leo", "{1, 2, 3}"),
        ("broker 9.state", "broker 1"),
        ("c9.owned", "there are"),
        ("p9.acked", "there are"),
    ] {
        let error = Path::parse(path).unwrap().value(&world).expect_err(path);
        assert!(error.contains(part), "{path}: {error}");
    }
    let error = Condition::parse("broker 1.state > off").unwrap().holds(&world, &[]).unwrap_err();
    assert!(error.contains("=="), "{error}");
    assert!(Path::parse("time now").unwrap_err().message.contains("more than a path"));
}
