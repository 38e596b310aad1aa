//! `highwater render`: a moment of a run as a picture that stands alone.

use crate::args::{Profile, RenderArguments, Theme, View};
use crate::outcome::Failure;
use crate::{played, run};
use highwater_lesson::{AskPhase, At, Intent, Lesson, Player, PlayerOptions};
use highwater_scene::{Item, Scene, Shape, SvgOptions, to_svg};
use highwater_sim::{TraceRecord, WorldView};
use highwater_stage::{
    GroupHistory, LogDetail, StageOptions, TimeAxis, cluster, group, log, replicas, spacetime,
};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// The looks of every mark, inside the file so that it stands alone.
const STYLE: &str = include_str!("../../../www/theme.css");

/// The group board shows what happened in so many events, as on the page.
const GROUP_EVENTS: u64 = 20_000;
/// The space-time diagram looks for its last messages in so many events, as on the page.
const SPACETIME_EVENTS: u64 = 3_000;

/// How a picture is made.
pub struct Look {
    /// View; `None` = the lesson's own.
    pub view: Option<View>,
    /// What is selected or opened.
    pub pick: Option<String>,
    /// Colours.
    pub theme: Theme,
    /// For whom.
    pub profile: Profile,
    /// Box in pixels; `None` = as the profile says.
    pub size: (Option<i32>, Option<i32>),
}

/// Draws and writes.
pub fn render(arguments: &RenderArguments) -> Result<(), Failure> {
    let (lesson, seed) = run::source(&arguments.source)?;
    let look = Look {
        view: arguments.view,
        pick: arguments.pick.clone(),
        theme: arguments.theme,
        profile: arguments.profile,
        size: (arguments.width, arguments.height),
    };
    let svg = picture(Arc::new(lesson), Some(seed), &arguments.at, &look)?;
    write(&arguments.output, &svg)
}

/// The picture of a moment as SVG text.
pub fn picture(
    lesson: Arc<Lesson>,
    seed: Option<u64>,
    at: &At,
    look: &Look,
) -> Result<String, Failure> {
    let options = PlayerOptions { seed, ..PlayerOptions::default() };
    let mut player = played::player(lesson, options)?;
    player.intent(Intent::Seek(at.clone())).map_err(Failure::input)?;
    draw(&player, look)
}

/// What the player shows, drawn without movement: messages rest in the middle of their way.
pub fn draw(player: &Player, look: &Look) -> Result<String, Failure> {
    let state = player.lesson();
    let view = player.view();
    let (profile, name, width, height) = match look.profile {
        Profile::Default => (highwater_stage::Profile::Default, None, 964, 742),
        Profile::Figure => (highwater_stage::Profile::Figure, None, 800, 450),
        Profile::Projector => (highwater_stage::Profile::Projector, Some("projector"), 1920, 1080),
        Profile::Phone => (highwater_stage::Profile::Phone, None, 390, 600),
    };
    let (width, height) = (look.size.0.unwrap_or(width), look.size.1.unwrap_or(height));
    let options = StageOptions {
        width,
        height,
        profile,
        hide: state.hide.clone(),
        dim: state.focus.clone(),
        selection: look.pick.as_deref().map(Into::into),
        question_open: state.ask.as_ref().is_some_and(|a| a.phase < AskPhase::Revealing),
        reduced_motion: true,
        ..StageOptions::default()
    };
    let wanted = look.view.unwrap_or_else(|| own_view(&state.view));
    let scene = scene(player, &view, wanted, look.pick.as_deref(), &options);
    if let Some(pick) = &look.pick {
        let opened = match wanted {
            View::Log => is_replica(&view, pick),
            View::Group => view.groups.iter().any(|g| **pick == format!("group {}", g.id)),
            _ => false,
        };
        check_pick(pick, opened, &scene.items)?;
    }
    let lines: Vec<String> =
        highwater_stage::outline(&view).into_iter().map(|l| l.text.to_string()).collect();
    let svg = SvgOptions {
        css: Some(STYLE.to_owned()),
        standalone: true,
        description: lines.join("\n"),
        theme: match look.theme {
            Theme::Auto => None,
            Theme::Light => Some("light"),
            Theme::Dark => Some("dark"),
        },
        profile: name,
        pixel_width: Some(width),
        ..SvgOptions::default()
    };
    Ok(to_svg(&scene, &svg))
}

/// Most names that are told when a pick is refused.
const NAMES_TOLD: usize = 20;

/// Refuses a pick that names nothing in the picture: it would be left out without a word.
fn check_pick(pick: &str, opened: bool, items: &[Item]) -> Result<(), Failure> {
    let mut names = Vec::new();
    picks(items, &mut names);
    if opened || names.contains(&pick) {
        return Ok(());
    }
    let more = if names.len() > NAMES_TOLD { ", ..." } else { "" };
    names.truncate(NAMES_TOLD);
    let allowed = names.join(", ");
    Err(Failure::Input(format!(
        "--pick {pick:?}: nothing in this picture has that name; there are {allowed}{more}"
    )))
}

fn picks<'a>(items: &'a [Item], names: &mut Vec<&'a str>) {
    for item in items {
        if let Some(pick) = item.pick.as_deref().filter(|pick| !names.contains(pick)) {
            names.push(pick);
        }
        if let Shape::Group { children, .. } = &item.shape {
            picks(children, names);
        }
    }
}

/// Whether a pick is in a replica that there is.
fn is_replica(view: &WorldView, pick: &str) -> bool {
    let detail = LogDetail::of_pick(view, pick);
    let mut all = view.topics.iter().flat_map(|t| &t.partitions);
    detail.is_some_and(|d| all.any(|p| p.tp == d.tp && p.logs.iter().any(|l| l.broker == d.broker)))
}

/// The view that a lesson names.
fn own_view(name: &str) -> View {
    match name {
        "log" => View::Log,
        "replicas" => View::Replicas,
        "group" => View::Group,
        "spacetime" => View::Spacetime,
        _ => View::Cluster,
    }
}

fn scene(
    player: &Player,
    view: &WorldView,
    wanted: View,
    pick: Option<&str>,
    options: &StageOptions,
) -> Scene {
    match wanted {
        View::Cluster => cluster(view, view.next_event_at, options),
        View::Log => {
            let picked = pick.and_then(|pick| LogDetail::of_pick(view, pick));
            match picked.or_else(|| LogDetail::in_focus(view, options)) {
                Some(mut detail) => {
                    detail.load(view, player.timeline().world());
                    log(view, &detail, options)
                }
                None => cluster(view, view.next_event_at, options),
            }
        }
        View::Replicas => replicas(view, view.next_event_at, options),
        View::Group => {
            // An unknown one is left out here, and refused when it is not found in the picture.
            let known = |id: &&str| view.groups.iter().any(|g| *g.id == **id);
            let chosen = pick.and_then(|pick| pick.strip_prefix("group ")).filter(known);
            let history = GroupHistory::from_trace(&trace(player, GROUP_EVENTS), view, chosen);
            group(view, &history, options)
        }
        View::Spacetime => {
            spacetime(&trace(player, SPACETIME_EVENTS), view, TimeAxis::Shrunk, options)
        }
    }
}

/// The trace of so many events before now.
fn trace(player: &Player, events: u64) -> Vec<TraceRecord> {
    let event = player.position().event;
    player.trace_window(event.saturating_sub(events), event).into_iter().cloned().collect()
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if path == Path::new("-") {
        return std::io::stdout().write_all(text.as_bytes()).map_err(Failure::output);
    }
    std::fs::write(path, text).map_err(|e| Failure::input(format!("{}: {e}", path.display())))
}
