//! Laws of the cluster map over many worlds, sizes and profiles.

mod pictures;

mod views;

use highwater_cluster::{NodeId, Time};
use highwater_scene::*;
use highwater_sim::{MessageKind, Role, WorldView};
use highwater_stage::{Profile, StageOptions, cluster, style};
use std::collections::BTreeSet;

fn worlds() -> Vec<(&'static str, WorldView)> {
    vec![
        ("story", views::story()),
        ("crash", views::crash()),
        ("placement", views::placement()),
        ("single", views::single()),
        ("long", views::long()),
        ("many", views::many()),
        ("empty", WorldView::default()),
    ]
}

fn options() -> Vec<StageOptions> {
    let mut out = Vec::new();
    for (profile, sizes) in [
        (
            Profile::Default,
            vec![(964, 742), (1400, 900), (700, 560), (500, 400), (320, 300), (1600, 1000)],
        ),
        (Profile::Figure, vec![(800, 392), (640, 392), (800, 450)]),
        (Profile::Projector, vec![(1920, 940), (1280, 640)]),
        (Profile::Phone, vec![(390, 430), (360, 420)]),
    ] {
        for (width, height) in sizes {
            out.push(StageOptions { width, height, profile, ..StageOptions::default() });
        }
    }
    out
}

fn each(mut check: impl FnMut(&str, &WorldView, &StageOptions, &Scene)) {
    for (name, view) in worlds() {
        for opts in options() {
            let scene = cluster(&view, view.next_event_at, &opts);
            let name = format!("{name} {:?} {}x{}", opts.profile, opts.width, opts.height);
            check(&name, &view, &opts, &scene);
        }
    }
}

fn walk<'a>(items: &'a [Item], out: &mut Vec<&'a Item>) {
    for item in items {
        out.push(item);
        if let Shape::Group { children, .. } = &item.shape {
            walk(children, out);
        }
    }
}

fn all(scene: &Scene) -> Vec<&Item> {
    let mut out = Vec::new();
    walk(&scene.items, &mut out);
    out
}

fn text(item: &Item) -> Option<&str> {
    match &item.shape {
        Shape::Text { text, .. } => Some(text),
        _ => None,
    }
}

#[test]
fn keys_are_unique_and_classes_have_a_rule() {
    let css = include_str!("../../../www/theme.css");
    for class in style::CLASSES {
        let found = css.match_indices(&format!(".{class}")).any(|(at, m)| {
            !css[at + m.len()..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
        });
        assert!(found, "theme.css has no rule for .{class}");
    }
    each(|name, _, _, scene| {
        let mut keys = BTreeSet::new();
        for item in all(scene) {
            assert!(keys.insert(&item.key), "{name}: key {} twice", item.key);
            for class in item.class.split(' ') {
                assert!(style::CLASSES.contains(&class), "{name}: class {class} of {}", item.key);
            }
        }
    });
}

#[test]
fn text_is_inside_the_picture_and_never_on_other_text() {
    each(|name, _, _, scene| {
        // What flies may pass over; all else is at rest.
        let texts: Vec<(&Item, Bounds)> = scene
            .items
            .iter()
            .filter(|i| text(i).is_some())
            .map(|i| (i, bounds(i).expect("text has bounds")))
            .collect();
        for (n, (a, ab)) in texts.iter().enumerate() {
            let inside =
                ab.left >= 0 && ab.top >= 0 && ab.right <= scene.width && ab.bottom <= scene.height;
            assert!(inside, "{name}: {:?} ({}) leaves the picture: {ab:?}", text(a), a.key);
            for (b, bb) in &texts[n + 1..] {
                // Two floats at one offset stand side by side and touch.
                if a.key.starts_with("float") && b.key.starts_with("float") {
                    continue;
                }
                assert!(
                    !ab.overlaps(bb),
                    "{name}: {:?} ({}) lies on {:?} ({})",
                    text(a),
                    a.key,
                    text(b),
                    b.key
                );
            }
        }
    });
}

#[test]
fn no_text_is_smaller_than_the_profile_allows() {
    each(|name, _, opts, scene| {
        let least = if opts.profile == Profile::Projector { 1670 } else { 1200 };
        for item in all(scene) {
            if let Shape::Text { size, .. } = item.shape {
                assert!(size >= least, "{name}: {} has size {size}", item.key);
            }
        }
        if opts.profile == Profile::Projector {
            // 16.7 units times the scale are 40 px on a 1920 px wide screen.
            let px = i64::from(1670) * 1920 / i64::from(scene.width);
            assert!(px >= 40, "{name}: {px} px");
        }
    });
}

/// y of a replica's line inside its band, from the scene.
fn line_points(scene: &Scene, row: &str) -> Vec<Point> {
    scene
        .items
        .iter()
        .filter(|i| i.key.starts_with(&format!("hw {row} ")))
        .flat_map(|i| match &i.shape {
            Shape::Poly { points, .. } => points.clone(),
            _ => Vec::new(),
        })
        .collect()
}

fn find<'a>(scene: &'a Scene, key: &str) -> &'a Item {
    scene.items.iter().find(|i| *i.key == *key).unwrap_or_else(|| panic!("no {key}"))
}

fn top_of(item: &Item) -> i32 {
    bounds(item).expect("has bounds").top
}

#[test]
fn one_line_runs_through_all_machines_and_dips_where_a_replica_has_not_heard() {
    let scene = cluster(&views::story(), None, &StageOptions::default());
    let points = line_points(&scene, "orders-0");
    // 9 on the wire and at broker 1, 7 at broker 2, 3 at broker 3: three heights.
    let heights: BTreeSet<i32> = points.iter().map(|p| p.y).collect();
    assert_eq!(heights.len(), 3, "{points:?}");
    assert!(points.windows(2).all(|w| w[0].x <= w[1].x), "the line goes back");
    // It is the edge between records 8 and 9, 6 and 7, 2 and 3.
    let mut heights = heights.into_iter();
    for (broker, below) in [(1, 8), (2, 6), (3, 2)] {
        let y = heights.next().expect("a height");
        let chip = bounds(find(&scene, &format!("chip orders-0@{broker}:{below}/3"))).expect("box");
        assert!(
            chip.top > y && chip.top - y < u(5),
            "record {below} of broker {broker} is just below"
        );
    }
    // The level over the dips is dotted, the wash is nowhere else.
    assert!(scene.items.iter().any(|i| &*i.key == "level orders-0@2" && i.class == "level"));
    assert!(!scene.items.iter().any(|i| &*i.key == "level orders-0@1"));
}

#[test]
fn a_record_has_three_states() {
    let scene = cluster(&views::story(), None, &StageOptions::default());
    let class = |key: &str| find(&scene, key).class;
    assert_eq!(class("batch orders-0@1:9/3"), "batch dry");
    assert_eq!(class("batch orders-0@1:7/3"), "batch");
    assert_eq!(class("batch orders-0@2:7/3"), "batch heard");
    assert_eq!(class("batch orders-0@2:9/3"), "batch dry");
    assert_eq!(class("batch orders-0@3:3/3"), "batch heard");
    assert_eq!(class("batch orders-0@3:0/3"), "batch");
    // What was committed stays so on a dead machine; only its rails are dashed.
    let dead = cluster(&views::crash(), None, &StageOptions::default());
    assert_eq!(find(&dead, "batch orders-0@1:7/3").class, "batch");
    assert_eq!(find(&dead, "batch orders-0@1:11/3").class, "batch dry");
    assert_eq!(find(&dead, "rails orders-0@1").class, "rail out");
}

/// A line that has risen on the others commits their records, not what a dead leader had at these offsets.
#[test]
fn what_the_leader_does_not_have_is_never_committed() {
    let mut view = views::crash();
    let logs = &mut view.topics[0].partitions[0].logs;
    logs[0].epoch_cache = vec![(3, 0)];
    logs[1].epoch_cache = vec![(3, 0), (4, 9)];
    logs[1].batches.last_mut().expect("batches").leader_epoch = 4;
    logs[1].high_watermark = 11;
    let scene = cluster(&view, None, &StageOptions::default());
    assert_eq!(find(&scene, "batch orders-0@2:9/4").class, "batch");
    assert_eq!(find(&scene, "batch orders-0@1:7/3").class, "batch");
    assert_eq!(find(&scene, "batch orders-0@1:9/3").class, "batch dry");
}

#[test]
fn replicas_share_one_scale_and_a_message_flies_at_its_offset() {
    let view = views::story();
    let scene = cluster(&view, None, &StageOptions::default());
    for offset in 0..5 {
        let tops: BTreeSet<i32> = (1..=3)
            .map(|b| top_of(find(&scene, &format!("chip orders-0@{b}:{offset}/3"))))
            .collect();
        assert_eq!(tops.len(), 1, "offset {offset}");
    }
    // "fetch from 11" at the height of the free slot 11, the response at that of record 5.
    let at = |key: &str| match &find(&scene, key).shape {
        Shape::Group { at, .. } => *at,
        _ => panic!("a message is a group"),
    };
    let middle = |key: &str| {
        let b = bounds(find(&scene, key)).expect("box");
        i32::midpoint(b.top, b.bottom)
    };
    let free = middle("leo orders-0@1");
    assert!((at("message 17 0").y - free).abs() < u(2));
    assert!((at("message 14 0").y - middle("chip orders-0@1:5/3")).abs() < u(2));
}

#[test]
fn flights_move_from_here_to_there_within_the_interval() {
    let view = views::story();
    let moving = cluster(&view, Some(Time(20_057_500)), &StageOptions::default());
    let motion = find(&moving, "message 17 0").motion.expect("it moves");
    assert!(motion.to.x < motion.from.x && motion.to.y == motion.from.y, "from 2 to 1 is leftward");
    // The next picture begins where this one ends.
    let mut later = view.clone();
    later.now = Time(20_057_500);
    let next = cluster(&later, Some(Time(20_058_000)), &StageOptions::default());
    assert_eq!(find(&next, "message 17 0").motion.expect("it moves").from, motion.to);
    let still = StageOptions { reduced_motion: true, ..StageOptions::default() };
    assert!(find(&cluster(&view, Some(Time(20_057_500)), &still), "message 17 0").motion.is_none());
}

#[test]
fn only_what_changed_is_patched() {
    let mut view = views::story();
    let mut animator = Animator::new();
    animator.show(&cluster(&view, None, &StageOptions::default()), 0, true);
    animator.frame(0, 0, 100);
    animator.show(&cluster(&view, None, &StageOptions::default()), 0, false);
    assert!(animator.frame(16, 0, 100).is_empty(), "the same world is the same picture");
    // Broker 2 learns that 9 is committed: its dip goes, two batches' worth of marks turn.
    view.topics[0].partitions[0].logs[1].high_watermark = 9;
    view.topics[0].partitions[0].logs[1].last_stable_offset = 9;
    animator.show(&cluster(&view, None, &StageOptions::default()), 16, false);
    let mut touched = BTreeSet::new();
    for step in 1..100 {
        for patch in animator.frame(16 + step * 16, 0, 100) {
            match patch {
                Patch::Set { key, .. } | Patch::Text { key, .. } => touched.insert(key),
                Patch::Remove { key } | Patch::Create { key, .. } => touched.insert(key),
                _ => false,
            };
        }
    }
    let strange: Vec<&Key> = touched
        .iter()
        .filter(|k| {
            !k.contains("orders-0@2") && !k.contains("hw orders-0") && !k.starts_with("wash")
        })
        .collect();
    assert!(!touched.is_empty() && strange.is_empty(), "{strange:?}");
}

#[test]
fn an_open_question_is_not_answered() {
    let open = StageOptions { question_open: true, ..StageOptions::default() };
    let scene = cluster(&views::story(), None, &open);
    assert!(scene.items.iter().filter_map(text).any(|t| t == "waits"));
    assert!(!scene.items.iter().filter_map(text).any(|t| t.contains("HW 11")));
}

#[test]
fn hidden_marks_are_absent_and_the_rest_stays_where_it_was() {
    let full = cluster(&views::story(), None, &StageOptions::default());
    let hide = vec!["float".to_owned(), "hw".to_owned(), "segments".to_owned()];
    let less = cluster(&views::story(), None, &StageOptions { hide, ..StageOptions::default() });
    assert!(!less.items.iter().any(|i| i.key.starts_with("float") || i.key.starts_with("hw ")));
    assert_eq!(find(&less, "rails orders-0@2").shape, find(&full, "rails orders-0@2").shape);
    let dim = vec!["orders-0@2".to_owned()];
    let dimmed = cluster(&views::story(), None, &StageOptions { dim, ..StageOptions::default() });
    assert!(!find(&dimmed, "rails orders-0@2").dim && find(&dimmed, "rails orders-0@1").dim);
    assert!(!find(&dimmed, "band 1").dim, "machines themselves stay");
}

#[test]
fn everything_drawn_can_be_picked() {
    let scene = cluster(&views::story(), None, &StageOptions::default());
    let picks: BTreeSet<&str> = scene.items.iter().filter_map(|i| i.pick.as_deref()).collect();
    for pick in [
        "broker 2",
        "orders-0",
        "orders-0@2",
        "message 17",
        "p1",
        "c1",
        "parked 5@1",
        "record orders-0@2:7",
        "segment orders-0@2:5",
        "controller",
        "group billing",
    ] {
        assert!(picks.contains(pick), "nothing picks {pick}");
    }
    let chip = bounds(find(&scene, "chip orders-0@2:7/3")).expect("box");
    let at = Point { x: chip.left + 300, y: chip.top + 300 };
    assert_eq!(hit_test(&scene, at, 0).map(|k| &**k), Some("record orders-0@2:7"));
}

#[test]
fn what_is_on_disk_is_shown_where_a_power_loss_matters() {
    let mut view = views::story();
    view.topics[0].partitions[0].logs[0].recovery_point = 4;
    let opts = StageOptions::default();
    let calm = cluster(&view, None, &opts);
    assert!(!all(&calm).iter().any(|i| i.key.starts_with("disk ") || i.key.starts_with("cache ")));
    let bars = |scene: &Scene| {
        let bar = |key: &str| bounds(find(scene, key)).expect("a box");
        let (disk, cache) = (bar("disk orders-0@1"), bar("cache orders-0@1"));
        // The record at 3 is on disk, that at 4 is not; the end of the log is 11.
        let edge = |offset: i32| {
            bounds(find(scene, &format!("chip orders-0@1:{offset}/3"))).expect("a box")
        };
        assert!(disk.top <= edge(3).top && disk.top >= edge(4).bottom, "{disk:?}");
        assert!(cache.bottom <= edge(3).top && cache.top <= edge(10).top, "{cache:?}");
    };
    let selected = StageOptions { selection: Some("broker 1".into()), ..opts.clone() };
    bars(&cluster(&view, None, &selected));
    view.brokers[1].state = highwater_sim::ProcessState::PoweredOff;
    let scene = cluster(&view, None, &opts);
    bars(&scene);
    // Nothing of this log was flushed.
    assert!(!all(&scene).iter().any(|i| &*i.key == "disk orders-0@2"));
    assert!(find(&scene, "cache orders-0@2").label.is_some());
}

#[test]
fn in_the_matrix_the_messages_of_the_row_under_the_pointer_are_dots() {
    let mut view = views::many();
    let (b2, b1) = (NodeId::Broker(2), NodeId::Broker(1));
    let fetch = MessageKind::Fetch(vec![(views::tp(1, 0), 101), (views::tp(1, 10), 101)]);
    view.messages = vec![views::message(7, b2, b1, 89_999_000, 90_001_000, fetch)];
    let opts = StageOptions { width: 1100, height: 900, ..StageOptions::default() };
    let dots = |scene: &Scene| all(scene).iter().filter(|i| i.key.starts_with("message 7")).count();
    assert_eq!(dots(&cluster(&view, None, &opts)), 0);
    for (partition, found) in [(0, true), (10, true), (3, false)] {
        let opts = StageOptions { hover: Some(views::tp(1, partition)), ..opts.clone() };
        let scene = cluster(&view, Some(Time::from_ms(90_001)), &opts);
        assert_eq!(dots(&scene) > 0, found, "partition {partition}");
        if found {
            let key = format!("message 7 {}", i32::from(partition == 10));
            let dot = find(&scene, &key);
            let row = bounds(find(&scene, &format!("rails orders-{partition}@1"))).expect("a box");
            let at = bounds(dot).expect("a box");
            assert!(at.top >= row.top - u(2) && at.bottom <= row.bottom + u(2), "in its row");
            assert!(dot.motion.is_some_and(|m| m.to.x < m.from.x), "from 2 to 1 is to the left");
        }
    }
}

#[test]
fn of_a_batch_longer_than_the_window_the_end_is_in_sight() {
    let keys = "ABCDEFGH".repeat(6);
    let log = views::replica(1, Role::Leader, 48, &[&keys], &[0], 0);
    let part = views::partition(1, 0, "orders", 1, 0, &[1], vec![log]);
    let view = WorldView {
        brokers: vec![views::broker(1, "a")],
        topics: vec![views::topic(1, "orders", vec![part])],
        ..WorldView::default()
    };
    for opts in options().into_iter().filter(|o| o.width > 350) {
        let scene = cluster(&view, None, &opts);
        let newest = bounds(find(&scene, "chip orders-0@1:47/0")).expect("a box");
        let chips = all(&scene).into_iter().filter(|i| i.key.starts_with("chip "));
        assert!(chips.clone().count() > 3, "{opts:?}");
        assert!(chips.filter_map(bounds).all(|b| b.top >= newest.top), "in order: {opts:?}");
    }
}

#[test]
fn two_partitions_without_copies_are_seen_together_and_no_broker_is_said_to_be_empty_that_is_not() {
    let log = |broker| views::replica(broker, Role::Leader, 2, &["AB"], &[0], 0);
    let part =
        |n, broker| views::partition(1, n, "orders", broker, 0, &[broker], vec![log(broker)]);
    let view = |parts| WorldView {
        brokers: vec![views::broker(1, "a"), views::broker(2, "b")],
        topics: vec![views::topic(1, "orders", parts)],
        ..WorldView::default()
    };
    for opts in options().into_iter().filter(|o| o.profile != Profile::Default) {
        let scene = cluster(&view(vec![part(0, 2), part(1, 1)]), None, &opts);
        find(&scene, "rails orders-0@2");
        find(&scene, "rails orders-1@1");
        assert!(all(&scene).iter().any(|i| text(i).is_some_and(|t| t.ends_with("orders-1"))));
        // Of three only one has room; the other brokers have logs all the same.
        let scene = cluster(&view(vec![part(0, 2), part(1, 1), part(2, 1)]), None, &opts);
        assert!(!all(&scene).iter().any(|i| text(i) == Some("hosts nothing")), "{opts:?}");
    }
}

#[test]
fn a_change_of_state_moves_no_machine() {
    let view = views::story();
    let before = cluster(&view, None, &StageOptions::default());
    let mut after = view.clone();
    let part = &mut after.topics[0].partitions[0];
    part.leader = 2;
    part.logs[0].role = Role::Follower;
    part.logs[1].role = Role::Leader;
    after.messages.clear();
    after.brokers[0].purgatory.clear();
    let after = cluster(&after, None, &StageOptions::default());
    for key in [
        "band 1",
        "band 2",
        "band 3",
        "rails orders-0@1",
        "rails orders-1@3",
        "chip orders-0@1:4/3",
    ] {
        assert_eq!(find(&before, key).shape, find(&after, key).shape, "{key}");
    }
}

#[test]
fn pictures_are_as_before() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let update = std::env::var_os("UPDATE").is_some();
    for picture in pictures::all() {
        let file = dir.join(format!("{}.svg", picture.name));
        let made = picture.svg(None);
        if update {
            std::fs::write(&file, &made).expect("golden file written");
        }
        let golden = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(golden == made, "{} differs; look at it, then UPDATE=1", picture.name);
    }
}
