//! What crosses to JavaScript and back, and nothing else.

use highwater_ui::options::Listed;
use highwater_ui::{Mount, Notice};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

/// Options as embed.js gives them.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct Given {
    pub src: String,
    pub seed: Option<f64>,
    pub set: String,
    pub at: String,
    pub run: String,
    pub speed: Option<f64>,
    pub view: String,
    pub controls: String,
    pub allow: String,
    pub profile: String,
    pub theme: String,
    pub reduced: bool,
    pub page_url: String,
    pub base: String,
    pub first_visit: bool,
    pub lessons: Vec<GivenLesson>,
}

/// An entry of `content/index.json`.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct GivenLesson {
    id: String,
    title: String,
    summary: String,
    steps: u32,
}

impl From<GivenLesson> for Listed {
    fn from(g: GivenLesson) -> Self {
        Listed { id: g.id, title: g.title, summary: g.summary, steps: g.steps }
    }
}

#[derive(Serialize)]
struct Time {
    event: f64,
    time: f64,
}
#[derive(Serialize)]
struct Step {
    step: u32,
    steps: u32,
    id: String,
    title: String,
}
#[derive(Serialize)]
struct Question {
    text: String,
    choices: Vec<String>,
}
#[derive(Serialize)]
struct Answer {
    chosen: Option<String>,
    right: String,
    correct: bool,
}
#[derive(Serialize)]
struct Open {
    src: String,
}
#[derive(Serialize)]
struct Theme {
    theme: String,
}
#[derive(Serialize)]
struct Marker {
    name: String,
    time: f64,
}
#[derive(Serialize)]
struct Fact {
    text: String,
}
#[derive(Serialize)]
struct Summary {
    event: f64,
    time: f64,
    seed: f64,
    playing: bool,
    selection: Option<String>,
    step: u32,
    steps: u32,
    lost: u32,
    invariants_broken: u32,
}

fn js<T: Serialize>(value: &T) -> JsValue {
    // Plain structs of numbers and texts always convert.
    serde_wasm_bindgen::to_value(value).unwrap_or(JsValue::NULL)
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Name and detail of an event.
#[allow(clippy::cast_precision_loss, reason = "for JavaScript")]
pub fn notice(notice: Notice) -> (&'static str, JsValue) {
    match notice {
        Notice::Play => ("play", JsValue::NULL),
        Notice::Pause => ("pause", JsValue::NULL),
        Notice::Time { event, seconds } => {
            ("time", js(&Time { event: event as f64, time: seconds }))
        }
        Notice::Step { step, steps, id, title } => {
            ("step", js(&Step { step: small(step), steps: small(steps), id, title }))
        }
        Notice::Question { text, choices } => ("question", js(&Question { text, choices })),
        Notice::Answer { chosen, right, correct } => {
            ("answer", js(&Answer { chosen, right, correct }))
        }
        Notice::Open { src } => ("open", js(&Open { src })),
        Notice::Theme { theme } => ("theme", js(&Theme { theme })),
        Notice::Marker { name, seconds } => ("marker", js(&Marker { name, time: seconds })),
    }
}

/// Facts of an explanation.
pub fn facts(texts: Vec<String>) -> JsValue {
    let facts: Vec<Fact> = texts.into_iter().map(|text| Fact { text }).collect();
    js(&facts)
}

/// The run in a few numbers.
#[allow(clippy::cast_precision_loss, reason = "for JavaScript")]
pub fn summary(mount: &Mount) -> JsValue {
    let shown = mount.shown();
    js(&Summary {
        event: shown.place.event as f64,
        time: shown.place.now.0 as f64 / 1e6,
        seed: shown.view.seed as f64,
        playing: shown.place.playing,
        selection: shown.chrome.selection.clone(),
        step: small(shown.lesson.step),
        steps: small(shown.lesson.steps),
        lost: small(shown.view.lost.len()),
        invariants_broken: small(shown.view.broken.len()),
    })
}
