//! What crosses to JavaScript and back, and nothing else.

use highwater_ui::options::{Listed, ViewName};
use highwater_ui::port::{ActionView, Export, Promise};
use highwater_ui::{Kept, Mount, Notice};
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
    text: String,
    event: f64,
    time: f64,
}
#[derive(Serialize)]
struct Event {
    event: f64,
    time: f64,
    node: String,
    text: String,
    skipped: f64,
}
#[derive(Serialize)]
struct Broken {
    name: String,
    text: String,
}
#[derive(Serialize)]
struct Action {
    action: String,
    label: String,
}
#[derive(Serialize)]
struct Invariant {
    name: &'static str,
    text: &'static str,
    holds: bool,
    broken: Vec<String>,
}
#[derive(Serialize)]
struct Input {
    event: f64,
    action: String,
}
/// `trace_hash` is hexadecimal: a number of JavaScript has no room for it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    highwater: u32,
    version: &'static str,
    src: String,
    seed: f64,
    set: String,
    run: String,
    event: f64,
    time: f64,
    trace_hash: String,
    inputs: Vec<Input>,
}
/// What `getState` gives and `setState` takes. The number is that of this form.
#[derive(Serialize, Deserialize)]
struct State {
    highwater: u32,
    src: String,
    run: String,
    #[serde(default)]
    set: String,
    #[serde(default)]
    view: String,
    #[serde(default)]
    speed: Option<f64>,
    #[serde(default)]
    playing: bool,
    #[serde(default)]
    selection: Option<String>,
}

/// Version of the forms that scripts keep.
const FORM: u32 = 1;
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
        Notice::Marker(m) => {
            let (event, time) = (m.event as f64, seconds(m.time_us));
            ("marker", js(&Marker { name: m.name, text: m.text, event, time }))
        }
        Notice::Event(e) => {
            let (event, time, skipped) = (e.event as f64, seconds(e.time_us), e.skipped as f64);
            ("event", js(&Event { event, time, node: e.node, text: e.text, skipped }))
        }
        Notice::Invariant { name, text } => ("invariant", js(&Broken { name, text })),
    }
}

#[allow(clippy::cast_precision_loss, reason = "for JavaScript")]
fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}

/// Actions that can be done.
pub fn actions(of: Vec<ActionView>) -> JsValue {
    let actions: Vec<Action> =
        of.into_iter().map(|a| Action { action: a.action, label: a.label }).collect();
    js(&actions)
}

/// Promises.
pub fn invariants(of: Vec<Promise>) -> JsValue {
    let line = |p: Promise| Invariant {
        name: p.name,
        text: p.text,
        holds: p.broken.is_empty(),
        broken: p.broken,
    };
    js(&of.into_iter().map(line).collect::<Vec<_>>())
}

/// A run to take away.
#[allow(clippy::cast_precision_loss, reason = "for JavaScript")]
pub fn export(e: Export) -> JsValue {
    let input = |(event, action): (u64, String)| Input { event: event as f64, action };
    js(&Run {
        highwater: FORM,
        version: env!("CARGO_PKG_VERSION"),
        src: e.src,
        seed: e.seed as f64,
        set: e.set,
        run: e.run,
        event: e.event as f64,
        time: seconds(e.time_us),
        trace_hash: format!("{:016x}", e.trace_hash),
        inputs: e.inputs.into_iter().map(input).collect(),
    })
}

/// A state as `getState` gives it.
pub fn state(src: String, kept: Kept) -> JsValue {
    js(&State {
        highwater: FORM,
        src,
        run: kept.run,
        set: kept.set,
        view: kept.view.id().to_owned(),
        speed: kept.speed,
        playing: kept.playing,
        selection: kept.selection,
    })
}

/// A state as `setState` takes it, for the lesson `src`.
///
/// # Errors
/// Not what `getState` gave, of another version or of another lesson.
pub fn kept(state: JsValue, src: &str) -> Result<Kept, String> {
    let state: State = serde_wasm_bindgen::from_value(state)
        .map_err(|e| format!("what getState() gave is expected: {e}"))?;
    if state.highwater != FORM {
        let found = state.highwater;
        return Err(format!("a state of form {found}; this version reads form {FORM}"));
    }
    if state.src != src {
        return Err(format!("a state of \"{}\", this figure shows \"{src}\"", state.src));
    }
    let view = match state.view.as_str() {
        "" => ViewName::default(),
        id => ViewName::of(id).ok_or_else(|| {
            let all: Vec<&str> = ViewName::ALL.iter().map(|v| v.id()).collect();
            format!("view \"{id}\" is not known; allowed: {}", all.join(", "))
        })?,
    };
    let speed = state.speed.map(highwater_ui::speed::check).transpose()?;
    Ok(Kept {
        run: state.run,
        set: state.set,
        view,
        selection: state.selection,
        speed,
        playing: state.playing,
    })
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
