//! The one place where the page meets the player and the stage: everything above it speaks the types
//! of this module, so that a change below changes only this.

mod host;
mod player;
mod stage;
mod strip;
mod why;

pub use highwater_sim::ActionView;
pub use host::{EVENTS_TOLD, EventTold, Export, Heard, MarkerTold, News, Promise};
pub use player::{Port, trace_hash};
pub use why::Reason;

use crate::chrome::{Chrome, Layout};
use crate::options::ViewName;
use highwater_cluster::Time;
use highwater_lesson::Block;
use highwater_stage::Profile;

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
    ActText(String),
    NextStep,
    PreviousStep,
    GoToStep(usize),
    Answer(usize),
    Reveal,
    SwitchBranch(u32),
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

/// Below this width in pixels a figure is drawn as on a phone.
const PHONE_WIDTH: i32 = 560;

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
    /// It did not come: what to say about it.
    pub stuck: Option<String>,
    /// The step does not begin where the reader stood: what to say about it.
    pub goes_on_from: Option<&'static str>,
    /// After the last step.
    pub free: bool,
    /// Presses of a clicker up to here, and of the whole lesson.
    pub beat: usize,
    pub beats: usize,
    pub question: Option<QuestionSlice>,
    pub tasks: Vec<(String, bool)>,
    pub view: String,
    pub focus: Vec<String>,
    pub hide: Vec<String>,
}

impl LessonSlice {
    /// The view that the step wants here. The cluster map of a phone has no room for consumers and what they have read.
    pub fn view_in(&self, chrome: &Chrome) -> Option<ViewName> {
        let unseen = chrome.size.0 < PHONE_WIDTH && !chrome.projector;
        let consumers = self.focus.iter().any(|about| about == "consumers");
        let view = ViewName::of(&self.view)?;
        Some(if unseen && consumers { ViewName::Group } else { view })
    }
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
    pub index: u32,
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
    /// Partition under the pointer or the focus, by name.
    pub hover: Option<String>,
    /// Log microscope: offset looked up.
    pub find: Option<i64>,
    /// Log microscope: byte turned over.
    pub flip: Option<u32>,
    /// For whom.
    pub profile: Profile,
    /// Without movement.
    pub reduced: bool,
}

impl StageAsk {
    /// For the page as it is.
    pub fn new(chrome: &Chrome, width: i32, height: i32, reduced: bool) -> Self {
        Self {
            view: chrome.view,
            width,
            height,
            projector: chrome.projector,
            selection: chrome.selection.clone(),
            hover: chrome.hover.clone(),
            find: chrome.find,
            flip: chrome.flip,
            profile: match chrome.layout {
                _ if chrome.projector => Profile::Projector,
                _ if width < PHONE_WIDTH => Profile::Phone,
                Layout::Shell => Profile::Default,
                Layout::Figure | Layout::Bare => Profile::Figure,
            },
            reduced,
        }
    }

    /// The same picture but for the selection: marks keep their place.
    pub fn same_place(&self, other: &Self) -> bool {
        let place = |a: &Self| (a.view, a.width, a.height, a.projector);
        place(self) == place(other)
    }
}
