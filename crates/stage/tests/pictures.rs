//! The pictures of the gallery, which are also the golden files.
#![allow(dead_code)]

use super::views;
use highwater_scene::{Scene, SvgOptions, to_svg};
use highwater_stage::*;

pub struct Picture {
    pub name: &'static str,
    pub scene: Scene,
    pub profile: Option<&'static str>,
    pub width: i32,
}

impl Picture {
    pub fn svg(&self, theme: Option<&'static str>) -> String {
        let css = theme.map(|_| {
            let css = include_str!("../../../www/theme.css");
            format!("{css}\n:root {{ background: var(--paper); }}")
        });
        to_svg(
            &self.scene,
            &SvgOptions {
                css,
                standalone: true,
                theme,
                profile: self.profile,
                pixel_width: Some(self.width),
                ..SvgOptions::default()
            },
        )
    }
}

pub fn all() -> Vec<Picture> {
    let default = StageOptions::default;
    let sized = |width, height| StageOptions { width, height, ..default() };
    let figure = || StageOptions { profile: Profile::Figure, ..sized(800, 392) };
    let projector = || StageOptions { profile: Profile::Projector, ..sized(1920, 940) };
    let phone = || StageOptions { profile: Profile::Phone, ..sized(390, 430) };
    let selected = |mut o: StageOptions, pick: &str| {
        o.selection = Some(pick.into());
        o
    };
    let picture = |name, view: &highwater_sim::WorldView, opts: StageOptions| {
        let scene = cluster(view, view.next_event_at, &opts);
        let profile = (opts.profile == Profile::Projector).then_some("projector");
        Picture { name, scene, profile, width: opts.width }
    };
    let mut focused = figure();
    focused.dim = vec!["float".into()];
    let mut placed = sized(964, 742);
    placed.focus.clear();
    vec![
        picture("story", &views::story(), selected(default(), "message 17")),
        picture("story-wide", &views::story(), selected(sized(1400, 900), "orders-0@2")),
        picture("figure", &views::story(), selected(figure(), "message 17")),
        picture(
            "figure-640",
            &views::story(),
            StageOptions { profile: Profile::Figure, ..sized(640, 392) },
        ),
        picture("figure-float", &views::story(), focused),
        picture("projector", &views::story(), selected(projector(), "message 17")),
        picture("phone", &views::story(), selected(phone(), "message 17")),
        picture("crash", &views::crash(), default()),
        picture("crash-figure", &views::crash(), figure()),
        picture("placement", &views::placement(), placed),
        picture("single", &views::single(), default()),
        picture("single-figure", &views::single(), figure()),
        picture("single-projector", &views::single(), projector()),
        picture("power-off", &views::power_off(), default()),
        picture("long", &views::long(), default()),
        picture("many", &views::many(), sized(1100, 900)),
        picture("small", &views::story(), sized(700, 560)),
        Picture {
            name: "timeline",
            scene: timeline_strip(&timeline(), &sized(1068, 92)),
            profile: None,
            width: 1068,
        },
    ]
}

/// The strip of the story: `mock/1-cluster`, bottom.
pub fn timeline() -> TimelineData {
    let tide = [
        (0, 0, 0),
        (22, 3, 3),
        (130, 5, 3),
        (220, 5, 3),
        (275, 7, 5),
        (430, 9, 7),
        (520, 9, 7),
        (580, 11, 7),
        (600, 11, 9),
    ];
    let marker = |at, text: &str, happened| TimelineMarker {
        at_us: at,
        text: text.into(),
        happened,
        danger: false,
        pick: format!("event {at}").into(),
    };
    TimelineData {
        whole_us: 1068,
        now_us: 670,
        partition: "orders-0".into(),
        tide: tide
            .into_iter()
            .map(|(at_us, log_end_offset, high_watermark)| TidePoint {
                at_us,
                log_end_offset,
                high_watermark,
            })
            .collect(),
        markers: vec![
            marker(80, "link 1–3 slow", true),
            marker(275, "HW 5", true),
            marker(430, "ISR {1, 2}", true),
            marker(600, "HW 9", true),
            marker(730, "arrives", false),
            marker(830, "response reaches broker 3", false),
        ],
        quiet: vec![
            QuietSpan { from_us: 140, to_us: 210, text: "5.9 s pass".into() },
            QuietSpan { from_us: 300, to_us: 360, text: "5.0 s pass".into() },
        ],
        branches: vec![BranchLine {
            from_us: 209,
            to_us: 512,
            name: "acks=1".into(),
            result: "acknowledged record 9 lost".into(),
            danger: true,
            pick: "branch 1".into(),
        }],
    }
}
