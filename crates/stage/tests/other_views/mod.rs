//! The pictures of the other views.
#![allow(dead_code)]

pub mod worlds;

use super::pictures::Picture;
use super::views;
use highwater_scene::Scene;
use highwater_sim::WorldView;
use highwater_stage::{
    GroupHistory, LogDetail, Profile, StageOptions, TimeAxis, group, log, replicas, spacetime,
};

pub fn sized(width: i32, height: i32) -> StageOptions {
    StageOptions { width, height, ..StageOptions::default() }
}

pub fn profiles() -> Vec<(&'static str, StageOptions)> {
    vec![
        ("", StageOptions::default()),
        ("-figure", StageOptions { profile: Profile::Figure, ..sized(800, 450) }),
        ("-phone", StageOptions { profile: Profile::Phone, ..sized(390, 560) }),
        ("-projector", StageOptions { profile: Profile::Projector, ..sized(1920, 940) }),
    ]
}

pub fn picture(name: String, scene: Scene, opts: &StageOptions) -> Picture {
    let profile = (opts.profile == Profile::Projector).then_some("projector");
    Picture { name: name.leak(), scene, profile, width: opts.width }
}

/// Pictures of the log microscope: `(name, scene)`.
pub fn logs(opts: &StageOptions) -> Vec<(&'static str, Scene)> {
    let world = worlds::engine(9_000);
    let view = world.view();
    let start = LogDetail::in_focus(&view, opts).expect("there is a topic");
    let seen = |name, change: &dyn Fn(&mut LogDetail)| {
        let mut detail = start.clone();
        change(&mut detail);
        detail.load(&view, &world);
        (name, log(&view, &detail, opts))
    };
    let segment =
        view.topics.iter().find(|t| !t.internal).map(|t| &t.partitions[0].logs[0].segments);
    let second = segment.and_then(|s| s.get(1)).map(|s| s.base_offset);
    let old = worlds::engine(28_000);
    let late = old.view();
    let mut oldest = LogDetail::in_focus(&late, opts).expect("there is a topic");
    oldest.load(&late, &old);
    let empty = worlds::engine(0);
    let nothing = empty.view();
    let mut first = LogDetail::in_focus(&nothing, opts).expect("there is a topic");
    first.load(&nothing, &empty);
    vec![
        seen("log", &|_| {}),
        seen("log-find", &|d| d.find = second.map(|s| s + 22)),
        seen("log-batch", &|d| (d.batch, d.byte) = (Some(4), Some(66))),
        seen("log-flip", &|d| (d.batch, d.flip) = (Some(4), Some(68))),
        seen("log-flip-outside", &|d| (d.batch, d.flip) = (Some(4), Some(12))),
        seen("log-beyond", &|d| d.find = Some(5000)),
        ("log-old", log(&late, &oldest, opts)),
        ("log-empty", log(&nothing, &first, opts)),
    ]
}

/// Pictures of the group board.
pub fn groups(opts: &StageOptions) -> Vec<(&'static str, Scene)> {
    let draw = |(world, records): (highwater_sim::World, Vec<highwater_sim::TraceRecord>)| {
        let view = world.view();
        let history = GroupHistory::from_trace(&records, &view, None);
        group(&view, &history, opts)
    };
    let story = views::story();
    let still = GroupHistory::from_trace(&[], &story, None);
    let (world, records) = worlds::group(20_000, false);
    let view = world.view();
    let late = records.iter().position(|r| r.time > views::ms(14_000)).unwrap_or(0);
    let part = GroupHistory::from_trace(&records[late..], &view, None);
    vec![
        ("group", draw((world, records))),
        ("group-crash", draw(worlds::group(22_000, true))),
        ("group-joining", draw(worlds::group(2_500, false))),
        ("group-part", group(&view, &part, opts)),
        ("group-still", group(&story, &still, opts)),
        ("group-nothing", group(&WorldView::default(), &GroupHistory::default(), opts)),
    ]
}

/// Pictures of space and time.
pub fn times(opts: &StageOptions) -> Vec<(&'static str, Scene)> {
    let draw = |name, until, crash, axis| {
        let (world, records) = worlds::failover(until, crash);
        let view = world.view();
        let mut opts = opts.clone();
        let produce = records.iter().rev().find_map(|r| match &r.what {
            highwater_sim::TraceKind::Sent {
                message,
                body: highwater_cluster::Body::Request(request),
                ..
            } if matches!(&**request, highwater_cluster::Request::Produce(_)) => Some(*message),
            _ => None,
        });
        opts.selection = produce.map(|m| format!("message {m}").as_str().into());
        (name, spacetime(&records, &view, axis, &opts))
    };
    let (world, records) = worlds::group(13_500, false);
    let view = world.view();
    vec![
        draw("space", 3_057, false, TimeAxis::Shrunk),
        draw("space-linear", 3_057, false, TimeAxis::Linear),
        draw("space-crash", 4_006, true, TimeAxis::Shrunk),
        draw("space-elected", 13_300, true, TimeAxis::Shrunk),
        draw("space-start", 12, false, TimeAxis::Shrunk),
        ("space-group", spacetime(&records, &view, TimeAxis::Shrunk, opts)),
        ("space-nothing", spacetime(&[], &WorldView::default(), TimeAxis::Shrunk, opts)),
    ]
}

pub fn all() -> Vec<Picture> {
    let mut out = Vec::new();
    for (suffix, opts) in profiles() {
        let mut add = |name: &str, scene: Scene| {
            out.push(picture(format!("{name}{suffix}"), scene, &opts));
        };
        let draw = |view: &WorldView| replicas(view, view.next_event_at, &opts);
        add("replicas-history", draw(&worlds::history()));
        add("replicas-story", draw(&views::story()));
        add("replicas-crash", draw(&worlds::crash()));
        add("replicas-long", draw(&views::long()));
        add("replicas-five", draw(&worlds::five()));
        add("replicas-single", draw(&views::single()));
        add("replicas-nothing", draw(&WorldView::default()));
        for (name, scene) in logs(&opts).into_iter().chain(groups(&opts)).chain(times(&opts)) {
            add(name, scene);
        }
    }
    out
}
