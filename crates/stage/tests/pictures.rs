//! The pictures of the gallery, which are also the golden files.
#![allow(dead_code)]

use super::views;
use highwater_scene::{Scene, SvgOptions, to_svg};
use highwater_stage::{Profile, StageOptions, cluster};

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
        picture("long", &views::long(), default()),
        picture("many", &views::many(), sized(1100, 900)),
        picture("small", &views::story(), sized(700, 560)),
    ]
}
