//! The pictures of the other views.
#![allow(dead_code)]

pub mod worlds;

use super::pictures::Picture;
use super::views;
use highwater_scene::Scene;
use highwater_sim::WorldView;
use highwater_stage::{Profile, StageOptions, replicas};

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
    }
    out
}
