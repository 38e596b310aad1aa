//! What goes into the player and what comes out of it: plain values.

use super::At;
use crate::Block;
use highwater_cluster::{Span, Time};
use highwater_sim::Action;

/// How a run begins.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PlayerOptions {
    /// Another seed than the scenario's.
    pub seed: Option<u64>,
    /// Settings over those of the scenario, by Kafka's names. A broker's, controller's or topic
    /// default's name changes the cluster; a topic's, producer's or consumer's name every one of them.
    pub settings: Vec<(String, String)>,
    /// A run to begin from, as [`crate::Player::token`] gave it; its seed wins.
    pub run: Option<String>,
    /// Where to stand at first.
    pub at: Option<At>,
    /// Speed in sixteenths of a doubling, -64 to 64.
    pub speed: i32,
    /// Play at once.
    pub autoplay: bool,
}

/// Why a player could not be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlayerError {
    /// What is wrong and what is allowed.
    pub message: String,
}

impl std::fmt::Display for PlayerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PlayerError {}

/// Why an intent was refused: nothing has changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IntentError {
    /// What is wrong and what is allowed.
    pub message: String,
}

impl IntentError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }
}

impl std::fmt::Display for IntentError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for IntentError {}

/// What a person, a script or the page wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Intent {
    /// Let the clock run.
    Play,
    /// Stop it.
    Pause,
    /// The other of the two.
    Toggle,
    /// Move by visible changes.
    Moment(i32),
    /// Move by events.
    Event(i32),
    /// Move by markers.
    Marker(i32),
    /// Go there.
    Seek(At),
    /// Go to this screen time from the beginning, in milliseconds at speed 1.
    SeekScreen(u64),
    /// Speed in sixteenths of a doubling: 16 = twice, -64 = a sixteenth.
    Speed(i32),
    /// One second is one second, or the director's mapping.
    Linear(bool),
    /// The last two seconds of the screen again, at a quarter of the speed.
    ReplaySlow,
    /// Act on the world here and now; in the past this makes a branch.
    Act(Action),
    /// The same from text.
    ActText(String),
    /// One beat onward: play, finish the step at once when it plays, vote, reveal, next step.
    NextStep,
    /// To the beginning of the step before, exactly as it was.
    PreviousStep,
    /// To the beginning of a step, from 0.
    GoToStep(usize),
    /// Choose an answer of the open question.
    Answer(usize),
    /// Run on until the question answers itself.
    Reveal,
    /// Go over to another branch.
    SwitchBranch(u32),
    /// The beginning, with nothing done.
    Reset,
    /// What is selected on the stage; the strip follows a selected partition.
    Select(Option<String>),
}

/// What a frame has changed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FrameChange {
    /// Nothing: no drawing is needed until the next intent.
    None,
    /// Only the position between two events.
    Position,
    /// At least one event was handled.
    Event,
}

/// Where the run stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Position {
    /// Events handled.
    pub event: u64,
    /// Way to the next event on the screen, 0 to 10000.
    pub interval_position: i32,
    /// Virtual time shown.
    pub time: Time,
    /// Length of the interval on the screen at speed 1, rounded to milliseconds.
    pub interval_ms: u32,
    /// Screen time from the beginning at speed 1, milliseconds.
    pub screen_ms: u64,
    /// Screen time known so far, milliseconds.
    pub screen_end_ms: u64,
    /// Visible changes up to here.
    pub moment: u64,
    /// Visible changes known in this branch.
    pub moments_known: u64,
    /// The clock runs.
    pub playing: bool,
    /// Nothing is scheduled any more.
    pub ended: bool,
    /// Branch, 0 = the first.
    pub branch: u32,
    /// The quiet span that is being passed, when it was shortened: its whole length.
    pub quiet: Option<Span>,
    /// Simulated nanoseconds per second of screen time, now.
    pub gauge_ns: u64,
    /// Speed in sixteenths of a doubling.
    pub speed: i32,
    /// One second is one second.
    pub linear: bool,
}

/// The lesson as it stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LessonState {
    /// The step, from 0.
    pub step: usize,
    /// Number of steps; 0 = a plain scenario.
    pub steps: usize,
    /// Presses of a clicker up to here, and in the whole lesson.
    pub beat: usize,
    /// Beats of the whole lesson.
    pub beats: usize,
    /// Anchor of the step.
    pub id: String,
    /// Headline.
    pub title: String,
    /// What is said.
    pub say: Vec<Block>,
    /// One short line.
    pub line: String,
    /// Notes for the presenter.
    pub notes: String,
    /// What the step is about.
    pub focus: Vec<String>,
    /// Marks still hidden.
    pub hide: Vec<String>,
    /// View, carried over from earlier steps; empty = none was asked for.
    pub view: String,
    /// The question, once it is asked.
    pub ask: Option<AskState>,
    /// The step has reached its end and waits for the next press.
    pub done: bool,
    /// What the step waits for, while it does: its condition.
    pub waiting_for: Option<String>,
    /// The condition was not reached within what was run: what to say about it.
    pub stuck: Option<String>,
    /// The reader had gone beyond the end of the step before: where this one goes on from.
    pub goes_on_from: Option<&'static str>,
    /// After the last step: everything may be tried.
    pub free: bool,
    /// Tasks with their ticks.
    pub tasks: Vec<(String, bool)>,
}

/// Where a question stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum AskPhase {
    /// Answers can be chosen.
    #[default]
    Open,
    /// A vote was held, or an answer chosen; the reveal comes next.
    Voted,
    /// The clock runs on towards the answer.
    Revealing,
    /// The engine has answered.
    Revealed,
}

/// A question as it stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AskState {
    /// What is asked.
    pub text: String,
    /// Answers with comments.
    pub choices: Vec<(String, String)>,
    /// The answer chosen.
    pub committed: Option<usize>,
    /// Where it stands.
    pub phase: AskPhase,
    /// The engine's answer, after the reveal.
    pub revealed: Option<String>,
    /// Whether the chosen answer is the engine's, after the reveal.
    pub right: Option<bool>,
    /// Said after the reveal; empty before.
    pub why: Vec<Block>,
}

/// The timeline as data: everything on the director's axis, screen milliseconds at speed 1.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StripData {
    /// Screen time shown now.
    pub now_ms: u64,
    /// Known length. While a question is open it ends now.
    pub end_ms: u64,
    /// The partition that is traced; empty = none.
    pub partition: String,
    /// Its levels wherever they change, in order of time.
    pub samples: Vec<StripSample>,
    /// Markers.
    pub markers: Vec<StripMarker>,
    /// What the script will do and which timers run; empty while a question is open.
    pub scheduled: Vec<StripPin>,
    /// Quiet spans that were shortened.
    pub quiet: Vec<StripQuiet>,
    /// Branches of the run.
    pub branches: Vec<StripBranch>,
}

/// Levels of the traced partition from a moment on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StripSample {
    /// On the axis.
    pub screen_ms: u64,
    /// Virtual time.
    pub time: Time,
    /// Leader's log end offset.
    pub log_end_offset: i64,
    /// Leader's high watermark.
    pub high_watermark: i64,
}

/// A marker.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StripMarker {
    /// On the axis.
    pub screen_ms: u64,
    /// Event it belongs to.
    pub event: u64,
    /// Virtual time.
    pub time: Time,
    /// Id for `at=marker:ID`.
    pub id: String,
    /// A few words.
    pub label: String,
}

/// Something that will happen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StripPin {
    /// When, virtual time.
    pub time: Time,
    /// A few words.
    pub label: String,
    /// Of the scenario's script; else a timer.
    pub script: bool,
}

/// A shortened span.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StripQuiet {
    /// Its beginning on the axis.
    pub from_ms: u64,
    /// Its end on the axis.
    pub to_ms: u64,
    /// Its length in virtual time.
    pub length: Span,
}

/// A branch of the run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StripBranch {
    /// Number, 0 = the first.
    pub number: u32,
    /// Event at which it parts from its parent.
    pub from_event: u64,
    /// The action that made it.
    pub label: String,
    /// It is the one shown.
    pub current: bool,
}
