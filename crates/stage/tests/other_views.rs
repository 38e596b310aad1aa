//! What must hold for every picture of the views beside the cluster map.

#[path = "other_views/mod.rs"]
mod other_views;
mod pictures;
mod views;

use highwater_log::{DeletionReason, KeptFacts, Verdict};
use highwater_scene::{Bounds, Item, Shape, bounds};
use highwater_sim::{Role, WorldView};
use highwater_stage::{LogDetail, StageOptions, log, replicas};
use std::collections::BTreeSet;

fn texts<'a>(items: &'a [Item], at: (i32, i32), out: &mut Vec<(&'a str, Bounds)>) {
    for item in items {
        if let Shape::Group { at: by, children } = &item.shape {
            texts(children, (at.0 + by.x, at.1 + by.y), out);
        }
        if let Shape::Text { text, .. } = &item.shape
            && let Some(b) = bounds(item)
        {
            let (x, y) = at;
            let moved = Bounds {
                left: b.left + x,
                right: b.right + x,
                top: b.top + y,
                bottom: b.bottom + y,
            };
            out.push((text, moved));
        }
    }
}

#[test]
fn no_text_is_clipped_or_lies_on_another() {
    let mut wrong = Vec::new();
    for picture in other_views::all() {
        let scene = &picture.scene;
        let mut all = Vec::new();
        texts(&scene.items, (0, 0), &mut all);
        for (index, (text, b)) in all.iter().enumerate() {
            if b.left < 0 || b.top < 0 || b.right > scene.width || b.bottom > scene.height {
                wrong.push(format!("{}: {text:?} leaves the picture: {b:?}", picture.name));
            }
            for (other, o) in &all[index + 1..] {
                if b.overlaps(o) {
                    wrong.push(format!("{}: {text:?} lies on {other:?}", picture.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn keys_are_unique_and_classes_are_known() {
    let known: BTreeSet<&str> = highwater_stage::style::CLASSES.iter().copied().collect();
    for picture in other_views::all() {
        let mut keys = BTreeSet::new();
        for item in &picture.scene.items {
            assert!(keys.insert(item.key.clone()), "{}: {} twice", picture.name, item.key);
            for class in item.class.split(' ') {
                assert!(known.contains(class), "{}: class {class}", picture.name);
            }
        }
        assert!(!picture.scene.title.is_empty());
    }
}

#[test]
fn no_type_is_smaller_than_its_profile_allows() {
    for picture in other_views::all() {
        let least = if picture.profile == Some("projector") { 1670 } else { 1200 };
        for item in &picture.scene.items {
            if let Shape::Text { size, text, .. } = &item.shape {
                assert!(*size >= least, "{}: {text:?} has size {size}", picture.name);
            }
        }
    }
}

/// Of the worlds built by hand: those of the engine change with it.
#[test]
fn pictures_are_as_before() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let update = std::env::var_os("UPDATE").is_some();
    let wanted = [
        "replicas-history",
        "replicas-history-phone",
        "replicas-history-projector",
        "replicas-crash",
        "replicas-five-figure",
        "replicas-nothing",
        "group-still",
    ];
    for picture in other_views::all().iter().filter(|p| wanted.contains(&p.name)) {
        let file = dir.join(format!("{}.svg", picture.name));
        let made = picture.svg(None);
        if update {
            std::fs::write(&file, &made).expect("golden file written");
        }
        let golden = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(golden == made, "{} differs; look at it, then UPDATE=1", picture.name);
    }
}

/// Regression: where the high watermark is the log end offset its line ran through "LEO 11".
#[test]
fn no_number_is_struck_by_the_water() {
    for picture in other_views::all().into_iter().filter(|p| p.name.starts_with("replicas")) {
        let items = &picture.scene.items;
        let line = items.iter().find(|i| i.class == "waterline");
        let Some(Shape::Poly { points, .. }) = line.map(|i| &i.shape) else { continue };
        for label in items.iter().filter(|i| i.key.starts_with("leo number")) {
            let Some(b) = bounds(label) else { continue };
            let struck = points.windows(2).any(|p| {
                let (left, right) = (p[0].x.min(p[1].x), p[0].x.max(p[1].x));
                p[0].y == p[1].y
                    && (b.top..b.bottom).contains(&p[0].y)
                    && b.left < right
                    && b.right > left
            });
            assert!(!struck, "{}: {} is struck", picture.name, label.key);
        }
    }
}

/// Regression: on a projector "LEO 10" lay on the leader's role where HW and LEO are one.
#[test]
fn numbers_beside_a_log_stay_clear_of_the_words_above_it() {
    for (name, opts) in other_views::profiles() {
        for records in 1..24 {
            let groups = vec!["A"; records];
            let end = i64::try_from(records).expect("few");
            let logs = (1..=3).map(|b| {
                let role = if b == 1 { Role::Leader } else { Role::Follower };
                views::replica(b, role, end, &groups, &[0], 0)
            });
            let part = views::partition(1, 0, "orders", 1, 0, &[1, 2, 3], logs.collect());
            let view = WorldView {
                brokers: (1..=3).map(|b| views::broker(b, "a")).collect(),
                topics: vec![views::topic(1, "orders", vec![part])],
                ..WorldView::default()
            };
            let scene = replicas(&view, None, &opts);
            let mut all = Vec::new();
            texts(&scene.items, (0, 0), &mut all);
            for (index, (text, b)) in all.iter().enumerate() {
                for (other, o) in &all[index + 1..] {
                    assert!(!b.overlaps(o), "{name} {records}: {text:?} lies on {other:?}");
                }
            }
        }
    }
}

/// The lesson on retention is about sizes and ages: the fields of a batch that nobody has opened do
/// not take their room.
#[test]
fn limits_are_seen_beside_the_log_until_a_batch_is_opened() {
    for (width, height) in [(930, 700), (760, 560), (1200, 800)] {
        let opts = StageOptions { width, height, ..StageOptions::default() };
        let scenes = other_views::logs(&opts);
        let (_, scene) = scenes.iter().find(|s| s.0 == "log").expect("a picture");
        let mut all = Vec::new();
        texts(&scene.items, (0, 0), &mut all);
        assert!(all.iter().any(|(t, _)| t.ends_with(" old")), "{width}: no ages");
    }
}

/// "Where does the log start after the next check?" is asked in the lesson on retention.
#[test]
fn the_log_does_not_tell_what_goes_while_a_question_is_open() {
    let told = |question_open| {
        let opts = StageOptions { question_open, ..StageOptions::default() };
        let view = views::story();
        let mut detail = LogDetail::in_focus(&view, &opts).expect("there is a topic");
        let first = view.topics[0].partitions[0].logs[0].segments[0].clone();
        detail.kept = vec![KeptFacts {
            base_offset: first.base_offset,
            upper_bound: first.next_offset,
            bytes: 400,
            active: false,
            largest_timestamp: 0,
            age_ms: 0,
            retention_ms: -1,
            total_bytes: 800,
            retention_bytes: 400,
            excess_bytes: Some(400),
            log_start_offset: 0,
            high_watermark: first.next_offset,
            verdict: Verdict::Deletable(DeletionReason::RetentionBytes),
        }];
        let scene = log(&view, &detail, &opts);
        let mut found = Vec::new();
        texts(&scene.items, (0, 0), &mut found);
        found.iter().any(|(text, _)| text.contains("next check"))
    };
    assert!(told(false) && !told(true));
}
