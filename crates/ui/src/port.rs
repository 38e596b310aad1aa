//! The one place where the page meets the player and the stage: everything above it speaks the types
//! of this file, so that a change below changes only this.

use crate::chrome::Chrome;
use crate::options::{Options, ViewName};
use highwater_cluster::Time;
use highwater_cluster::settings::Setting;
use highwater_lesson::{Block, Lesson};
use highwater_scene::Scene;
use highwater_sim::{Action, WorldView};
use std::rc::Rc;
use std::sync::Arc;

/// What has changed since the frame before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// Nothing: no frame is needed until somebody acts.
    None,
    /// The position between two events.
    Position,
    /// An event was handled, or the lesson went on.
    Event,
}

/// What people ask for.
#[allow(missing_docs)]
#[derive(Clone, PartialEq, Debug)]
pub enum Ask {
    Play,
    Pause,
    Toggle,
    Moment(i32),
    Event(i32),
    Marker(i32),
    Seek(String),
    SeekScreen(u64),
    Speed(f64),
    Linear(bool),
    ReplaySlow,
    Act(Action),
    ActText(String),
    NextStep,
    PreviousStep,
    GoToStep(usize),
    Answer(usize),
    Reveal,
    SwitchBranch(usize),
    Select(Option<String>),
}

/// Where the run stands.
#[allow(missing_docs)]
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Place {
    pub event: u64,
    pub moment: u64,
    pub now: Time,
    pub playing: bool,
    pub speed: f64,
    pub linear: bool,
    /// Microseconds of virtual time in one second on screen, now.
    pub us_per_second: u64,
    /// Position on the director's axis and its end, milliseconds.
    pub screen_ms: u64,
    pub screen_end_ms: u64,
}

/// The lesson as it stands.
#[allow(missing_docs)]
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LessonSlice {
    pub id: String,
    pub title: String,
    pub summary: String,
    pub assumptions: Vec<String>,
    /// From 1; 0 = a plain scenario.
    pub step: usize,
    pub steps: usize,
    pub step_id: String,
    pub headline: String,
    pub say: Vec<Block>,
    pub line: String,
    /// The step runs until something happens.
    pub waiting: bool,
    pub question: Option<QuestionSlice>,
    pub tasks: Vec<(String, bool)>,
    pub view: String,
}

/// A question of the lesson.
#[allow(missing_docs)]
#[derive(Clone, PartialEq, Debug, Default)]
pub struct QuestionSlice {
    pub text: String,
    pub choices: Vec<(String, String)>,
    pub chosen: Option<usize>,
    pub phase: Phase,
    /// Only after the reveal.
    pub right: Option<String>,
    pub why: Vec<Block>,
}

/// Where a question stands.
#[allow(missing_docs)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Phase {
    #[default]
    Open,
    Running,
    Revealed,
}

/// A branch of the run.
#[allow(missing_docs)]
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Branch {
    pub index: usize,
    pub name: String,
    pub current: bool,
}

/// What is asked of the stage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StageAsk {
    /// Which view.
    pub view: ViewName,
    /// Room in CSS pixels.
    pub width: i32,
    /// Room in CSS pixels.
    pub height: i32,
    /// Larger type, fewer words.
    pub projector: bool,
    /// Selected thing.
    pub selection: Option<String>,
}

impl StageAsk {
    /// For the page as it is.
    pub fn new(chrome: &Chrome, width: i32, height: i32) -> Self {
        Self {
            view: chrome.view,
            width,
            height,
            projector: chrome.projector,
            selection: chrome.selection.clone(),
        }
    }

    /// The same picture but for the selection: marks keep their place.
    pub fn same_place(&self, other: &Self) -> bool {
        let place = |a: &Self| (a.view, a.width, a.height, a.projector);
        place(self) == place(other)
    }
}

/// The player behind the page.
pub struct Port {
    lesson: Arc<Lesson>,
    view: Rc<WorldView>,
    playing: bool,
    speed: f64,
    now_ms: u64,
}

impl Port {
    /// Opens a packed lesson or scenario.
    pub fn open(_packed: &[u8], _options: &Options) -> Result<(Self, Vec<String>), String> {
        Ok((Self { lesson: Arc::default(), view: Rc::default(), playing: false, speed: 1.0, now_ms: 0 }, Vec::new()))
    }
    pub fn frame(&mut self, now_ms: u64) -> Change {
        if !self.playing {
            return Change::None;
        }
        self.now_ms = now_ms;
        Change::Event
    }
    pub fn ask(&mut self, ask: Ask) -> Result<(), String> {
        match ask {
            Ask::Toggle => self.playing = !self.playing,
            Ask::Play => self.playing = true,
            Ask::Pause => self.playing = false,
            Ask::Speed(s) => self.speed = s,
            Ask::ActText(t) => return Err(format!("{t}: nothing runs yet")),
            _ => {}
        }
        Ok(())
    }
    pub fn restart(&mut self, _set: Option<&[(String, String)]>) -> Result<(), String> {
        Ok(())
    }
    pub fn place(&self) -> Place {
        Place { playing: self.playing, speed: self.speed, us_per_second: 2200, screen_end_ms: 1000, ..Place::default() }
    }
    pub fn view(&self) -> Rc<WorldView> {
        Rc::clone(&self.view)
    }
    pub fn lesson(&self) -> Rc<LessonSlice> {
        Rc::new(LessonSlice { title: self.lesson.title.clone(), ..LessonSlice::default() })
    }
    pub fn narration(&self) -> String {
        String::new()
    }
    pub fn branches(&self) -> Vec<Branch> {
        Vec::new()
    }
    pub fn can_go_on(&self) -> bool {
        true
    }
    pub fn can_go_back(&self) -> bool {
        true
    }
    pub fn event(&self) -> u64 {
        self.view.event
    }
    pub fn now(&self) -> Time {
        Time(self.now_ms * 1000)
    }
    pub fn stage(&self, _ask: &StageAsk) -> Scene {
        Scene::default()
    }
    pub fn interval_position(&self, _reduced: bool) -> i32 {
        5000
    }
    pub fn speed_percent(&self) -> u32 {
        100
    }
    pub fn strip_version(&self) -> (u64, u64) {
        (0, 0)
    }
    pub fn strip(&self, _width: i32, _height: i32) -> Scene {
        Scene::default()
    }
    pub fn strip_ms(&self, part: f64, _width: f64) -> u64 {
        (part * 1000.0) as u64
    }
    pub fn head_style(&self) -> String {
        "50%".into()
    }
    pub fn svg_text(&self, _ask: &StageAsk) -> String {
        String::new()
    }
    pub fn facts(&self) -> Vec<(String, String)> {
        Vec::new()
    }
    pub fn explain(&self, _what: &str) -> Vec<String> {
        Vec::new()
    }
    pub fn query(&self, _path: &str) -> Result<String, String> {
        Err("nothing runs yet".into())
    }
    pub fn outline(&self) -> Vec<String> {
        Vec::new()
    }
    pub fn token(&self) -> String {
        String::new()
    }
    pub fn setting(&self, setting: &Setting) -> Option<String> {
        let _ = setting;
        None
    }
    pub fn share_url(&self, options: &Options) -> String {
        crate::link::share_url(options, &self.lesson.id, &self.token())
    }
    pub fn embed_code(&self, options: &Options) -> String {
        crate::link::embed_code(options, &self.lesson.id, &self.token())
    }
    pub fn frame_code(&self, options: &Options) -> String {
        crate::link::frame_code(options, &self.lesson.id, &self.token())
    }
}
