//! The wasm entry point: one class that embed.js drives. Every method takes `&self` and hands a wish on,
//! so that no call can meet another one half done.

mod dto;
mod panic;

use dto::Given;
use highwater_ui::options::{Allow, Controls, Options, ViewName};
use highwater_ui::port::{Ask, Port};
use highwater_ui::{Mount, Notice, parts};
use js_sys::Function;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::Element;

/// Called by the browser once when the module is there.
#[wasm_bindgen(start)]
pub fn start() {
    panic::install();
}

/// One figure.
#[wasm_bindgen]
pub struct Player {
    mount: Rc<Mount>,
    warnings: Vec<String>,
    app: RefCell<Option<yew::AppHandle<parts::App>>>,
}

#[wasm_bindgen]
impl Player {
    /// Mounts a packed lesson or scenario in `root`. `emit(name, detail)` tells the host; `failed(report)`
    /// is called if the engine stops.
    #[wasm_bindgen(constructor)]
    pub fn new(
        root: Element,
        packed: &[u8],
        options: JsValue,
        emit: Function,
        failed: Function,
    ) -> Result<Player, JsError> {
        let given: Given = serde_wasm_bindgen::from_value(options)
            .map_err(|e| JsError::new(&format!("options: {e}")))?;
        let (options, mut warnings) = options_of(given);
        let (port, more) = Port::open(packed, &options).map_err(|e| JsError::new(&e))?;
        warnings.extend(more);
        let notice = move |notice: Notice| {
            let (name, detail) = dto::notice(notice);
            // An error thrown by a host's listener is the host's: they run on a later task.
            let _ = emit.call2(&JsValue::NULL, &name.into(), &detail);
        };
        let mount = Mount::new(root.clone(), port, options, Box::new(notice));
        panic::watch(mount.id, failed);
        let props = parts::AppProps { mount: Rc::clone(&mount) };
        let app = yew::Renderer::<parts::App>::with_root_and_props(root, props).render();
        Ok(Player { mount, warnings, app: RefCell::new(Some(app)) })
    }

    /// What of the options was not understood.
    pub fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }
    pub fn play(&self) {
        // A figure that starts by itself does not complain of a question that waits for its reader.
        if !self.mount.with_port(Port::question_open) {
            self.mount.wish(Ask::Play);
        }
    }
    pub fn pause(&self) {
        self.mount.wish(Ask::Pause);
    }
    /// Whether anybody has played or stepped yet.
    pub fn started(&self) -> bool {
        self.mount.started()
    }
    /// `unit`: moment, event, step, marker.
    pub fn step(&self, n: i32, unit: &str) -> Result<(), JsError> {
        let ask = match unit {
            "moment" => Ask::Moment(n),
            "event" => Ask::Event(n),
            "marker" => Ask::Marker(n),
            "step" => {
                for _ in 0..n.unsigned_abs().min(1000) {
                    if n > 0 { self.mount.forward() } else { self.mount.back() }
                }
                return Ok(());
            }
            _ => {
                let text =
                    format!("unit \"{unit}\" is not known; allowed: moment, event, step, marker");
                return Err(JsError::new(&text));
            }
        };
        self.ask(ask)
    }
    /// `0`, `event:312`, `moment:40`, `step:4`, `marker:hw-moves`, `12.5s`.
    pub fn seek(&self, to: String) -> Result<(), JsError> {
        self.ask(Ask::Seek(to))
    }
    #[wasm_bindgen(js_name = setSpeed)]
    pub fn set_speed(&self, speed: f64) -> Result<(), JsError> {
        self.ask(Ask::Speed(speed))
    }
    pub fn speed(&self) -> f64 {
        self.mount.with_port(|p| p.place().speed)
    }
    /// Seconds of virtual time.
    #[allow(clippy::cast_precision_loss, reason = "for JavaScript")]
    pub fn time(&self) -> f64 {
        self.mount.with_port(|p| p.now().0 as f64 / 1e6)
    }
    /// One value by path; a summary for an empty path.
    pub fn state(&self, path: &str) -> Result<JsValue, JsError> {
        if path.is_empty() {
            return Ok(dto::summary(&self.mount));
        }
        self.mount.with_port(|p| p.query(path)).map(Into::into).map_err(|e| JsError::new(&e))
    }
    /// Facts, each with its text.
    pub fn explain(&self, what: &str) -> Result<JsValue, JsError> {
        self.mount.with_port(|p| p.why(what)).map(dto::facts).map_err(|e| JsError::new(&e))
    }
    /// Of the lesson or scenario.
    pub fn title(&self) -> String {
        self.mount.with_port(|p| p.lesson().title.clone())
    }
    /// An action by its text.
    pub fn act(&self, action: String) -> Result<(), JsError> {
        if !self.mount.options.allow.faults {
            return Err(JsError::new("act: this figure does not allow faults"));
        }
        self.ask(Ask::ActText(action))
    }
    /// Actions that `act` would take now, for everything or for one thing.
    pub fn enabled(&self, what: &str) -> Result<JsValue, JsError> {
        if !self.mount.options.allow.faults {
            return Ok(dto::actions(Vec::new()));
        }
        let found = self.mount.with_port(|p| p.enabled(what));
        found.map(dto::actions).map_err(|e| JsError::new(&format!("enabled: {e}")))
    }
    /// The promises that are watched, and whether they hold.
    pub fn invariants(&self) -> JsValue {
        dto::invariants(self.mount.with_port(Port::invariants))
    }
    /// What `setState` comes back to: run, moment, settings, view, selection, speed.
    #[wasm_bindgen(js_name = getState)]
    pub fn get_state(&self) -> JsValue {
        dto::state(self.mount.with_port(|p| p.lesson().id.clone()), self.mount.kept())
    }
    /// Goes to a state of `getState`; an error leaves everything as it was.
    #[wasm_bindgen(js_name = setState)]
    pub fn set_state(&self, state: JsValue) -> Result<(), JsError> {
        let src = self.mount.with_port(|p| p.lesson().id.clone());
        let done = dto::kept(state, &src).and_then(|kept| self.mount.restore(&kept));
        done.map_err(|e| JsError::new(&format!("setState: {e}")))
    }
    /// The run as data: token, inputs, hash of the trace.
    #[wasm_bindgen(js_name = exportRun)]
    pub fn export_run(&self) -> JsValue {
        dto::export(self.mount.with_port(Port::export))
    }
    pub fn snapshot(&self) -> String {
        self.mount.snapshot()
    }
    #[wasm_bindgen(js_name = shareURL)]
    pub fn share_url(&self) -> String {
        self.mount.with_port(|p| p.share_url(&self.mount.options))
    }
    /// A key; `true` = used.
    pub fn key(&self, key: &str, shift: bool, alt: bool) -> bool {
        self.mount.key(key, shift, alt)
    }
    /// An attribute that can change while it runs.
    pub fn option(&self, name: &str, value: &str) {
        let own = || self.mount.with_port(|p| ViewName::of(&p.lesson().view)).unwrap_or_default();
        self.mount.chrome(|c| match name {
            "view" => c.view = ViewName::of(value).unwrap_or_else(own),
            "profile" => c.projector = value == "projector",
            "theme" => c.theme = value.to_owned(),
            _ => {}
        });
        if name == "speed" {
            let factor = js_sys::Number::parse_float(value);
            self.mount.wish(Ask::Speed(if factor.is_nan() { 1.0 } else { factor }));
        }
    }
    pub fn resize(&self) {
        self.mount.measure();
    }
    pub fn suspend(&self) {
        self.mount.suspend();
    }
    pub fn resume(&self) {
        self.mount.resume();
    }
    pub fn dispose(&self) {
        self.mount.dispose();
        panic::forget(self.mount.id);
        if let Some(app) = self.app.borrow_mut().take() {
            app.destroy();
        }
    }

    fn ask(&self, ask: Ask) -> Result<(), JsError> {
        self.mount.ask(ask).map_err(|e| JsError::new(&e))
    }
}

fn options_of(given: Given) -> (Options, Vec<String>) {
    let (_, warnings) = highwater_ui::options::settings(&given.set);
    let controls = match given.controls.as_str() {
        "none" => Controls::None,
        "step" => Controls::Step,
        "full" => Controls::Full,
        _ => Controls::Auto,
    };
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked by the shell"
    )]
    let seed = given.seed.map(|s| s as u64);
    let options = Options {
        src: given.src,
        seed,
        set: given.set,
        at: given.at,
        run: given.run,
        speed: given.speed,
        view: ViewName::of(&given.view),
        controls,
        allow: Allow::parse(&given.allow),
        projector: given.profile == "projector",
        theme: given.theme,
        reduced: given.reduced,
        page_url: given.page_url,
        base: given.base,
        first_visit: given.first_visit,
        lessons: given.lessons.into_iter().map(Into::into).collect(),
    };
    (options, warnings)
}

/// Runs a packed lesson's scenario from its beginning for `until_ms` of virtual time and prints what
/// `highwater run` prints last: the two must agree. Needs no page.
#[wasm_bindgen]
pub fn trace_hash(packed: &[u8], seed: u32, until_ms: u32) -> Result<String, JsError> {
    highwater_ui::port::trace_hash(packed, seed.into(), until_ms.into())
        .map_err(|e| JsError::new(&e))
}
