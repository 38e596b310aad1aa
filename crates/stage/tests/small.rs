//! The cluster map where it has little room.

#[allow(unused_imports, reason = "shared with other tests")]
mod views;

use highwater_cluster::NodeId;
use highwater_scene::*;
use highwater_sim::{MessageKind, Role, WorldView};
use highwater_stage::{Profile, StageOptions, cluster};

const SMALL: [(Profile, i32, i32); 5] = [
    (Profile::Figure, 800, 392),
    (Profile::Figure, 640, 392),
    (Profile::Projector, 1920, 940),
    (Profile::Phone, 390, 430),
    (Profile::Phone, 360, 420),
];

fn small((profile, width, height): (Profile, i32, i32)) -> StageOptions {
    StageOptions { width, height, profile, ..StageOptions::default() }
}

fn find<'a>(scene: &'a Scene, key: &str) -> &'a Item {
    scene.items.iter().find(|i| &*i.key == key).unwrap_or_else(|| panic!("no {key}"))
}

fn says(scene: &Scene, words: &str) -> bool {
    scene.items.iter().any(|i| matches!(&i.shape, Shape::Text { text, .. } if &**text == words))
}

#[test]
fn of_many_partitions_without_copies_every_one_is_seen_at_its_machine_with_its_name() {
    let log = |broker| views::replica(broker, Role::Leader, 2, &["AB"], &[0], 0);
    let part = |topic: u32, name: &str, n, broker| {
        views::partition(topic, n, name, broker, 0, &[broker], vec![log(broker)])
    };
    let orders = (0..4).map(|n| part(1, "orders", n, n % 3 + 1)).collect();
    let payments = (0..3).map(|n| part(2, "payments", n, n + 1)).collect();
    let view = WorldView {
        brokers: (1..=3).map(|n| views::broker(n, "a")).collect(),
        topics: vec![views::topic(1, "orders", orders), views::topic(2, "payments", payments)],
        ..WorldView::default()
    };
    for mut opts in SMALL.into_iter().map(small) {
        // A lesson that points at one of them does not take the others away.
        opts.focus = vec![views::tp(1, 0)];
        let scene = cluster(&view, None, &opts);
        for (name, broker) in [("orders-0", 1), ("orders-3", 1), ("payments-1", 2)] {
            find(&scene, &format!("rails {name}@{broker}"));
            assert!(says(&scene, name), "{name} {opts:?}");
        }
    }
}

#[test]
fn beside_the_outer_machines_no_splinter_of_a_message_is_seen() {
    let mut view = views::story();
    let opts = StageOptions {
        width: 390,
        height: 430,
        profile: Profile::Phone,
        ..StageOptions::default()
    };
    let produce = MessageKind::Produce(vec![(views::tp(1, 0), views::keys("A"))]);
    let mut message = view.messages[0].clone();
    (message.id, message.from, message.to) = (999, NodeId::Producer(1), NodeId::Broker(1));
    (message.what, message.response) = (produce, false);
    view.messages.push(message);
    let scene = cluster(&view, None, &opts);
    let left = bounds(find(&scene, "band 1")).expect("a place").left;
    assert!(left < u(12), "else there is room for it");
    assert!(!scene.items.iter().any(|i| i.key.starts_with("message 999")));
    // With few machines there is room: all of it is seen between the edge and the first of them.
    view.brokers.truncate(2);
    let scene = cluster(&view, None, &StageOptions { width: 540, ..opts });
    let left = bounds(find(&scene, "band 1")).expect("a place").left;
    let body = scene.items.iter().find(|i| i.key.starts_with("message 999")).and_then(bounds);
    let body = body.expect("a message");
    assert!(body.left >= 0 && body.right <= left, "{body:?} {left}");
}

/// The text of an item and its place, groups included.
fn words(items: &[Item], at: (i32, i32), out: &mut Vec<(String, Bounds)>) {
    for item in items {
        if let Shape::Group { at: by, children } = &item.shape {
            words(children, (at.0 + by.x, at.1 + by.y), out);
        }
        if let (Shape::Text { text, .. }, Some(b)) = (&item.shape, bounds(item)) {
            let (top, bottom) = (b.top + at.1, b.bottom + at.1);
            out.push((text.to_string(), Bounds { top, bottom, ..b }));
        }
    }
}

/// Regression: where a follower fetches from the high watermark the line ran through the word.
#[test]
fn the_word_under_a_fetch_is_not_struck_by_the_water() {
    let mut fetch = views::story().messages[0].clone();
    (fetch.id, fetch.from, fetch.to, fetch.response) =
        (999, NodeId::Broker(2), NodeId::Broker(1), false);
    let mut seen = 0;
    for (records, width) in (1..9).flat_map(|r| [500, 560, 620, 680].map(|w| (r, w))) {
        let end = i64::try_from(records).expect("few");
        let logs = (1..=3).map(|b| {
            let role = if b == 1 { Role::Leader } else { Role::Follower };
            views::replica(b, role, end, &vec!["A"; records], &[0], 0)
        });
        let part = views::partition(1, 0, "orders", 1, 0, &[1, 2, 3], logs.collect());
        fetch.what = MessageKind::Fetch(vec![(views::tp(1, 0), end)]);
        let view = WorldView {
            brokers: (1..=3).map(|b| views::broker(b, "a")).collect(),
            topics: vec![views::topic(1, "orders", vec![part])],
            messages: vec![fetch.clone()],
            now: fetch.sent_at,
            ..WorldView::default()
        };
        let scene = cluster(&view, None, &small((Profile::Default, width, 520)));
        let Shape::Poly { points, .. } = &find(&scene, "hw orders-0 0").shape else { panic!() };
        let wire = points[0].y;
        let mut all = Vec::new();
        words(&scene.items, (0, 0), &mut all);
        let Some((_, b)) = all.iter().find(|w| w.0 == "fetch") else { continue };
        seen += 1;
        assert!(b.bottom <= wire || b.top >= wire, "{records} at {width}: {b:?} at {wire}");
    }
    assert!(seen > 0);
}
