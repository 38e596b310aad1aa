//! A lesson as data: steps that say, point, do, wait for the engine, and ask it.

use highwater_sim::{Action, Scenario};

/// A scenario with its lesson; a plain scenario has no steps.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lesson {
    /// Id, one namespace with scenarios.
    pub id: String,
    /// Title.
    pub title: String,
    /// One or two sentences for lists and cards.
    pub summary: String,
    /// The cluster it runs on.
    pub scenario: Scenario,
    /// It is shown from the moment on at which this holds (grammar of `highwater_sim::query`); what was before lies behind
    /// the reader on the timeline. Empty = from the moment the cluster is up.
    pub begin: String,
    /// In order; the last is followed by free play.
    pub steps: Vec<Step>,
    /// Self-ticking list for free play (and for the steps that name some).
    pub tasks: Vec<Task>,
}

/// A step.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Step {
    /// Anchor for `at=step:NAME`; its number works too.
    pub id: String,
    /// Headline.
    pub title: String,
    /// What is said.
    pub say: Vec<Block>,
    /// One short line for narration and the projector; empty = the title.
    pub line: String,
    /// View to show: cluster, log, replicas, group, spacetime; empty = unchanged.
    pub view: String,
    /// What the step is about; the rest is dimmed. Picks of the stage: `orders-0`, `broker 2`, `orders-0@2`, `hw`, `float`, ...
    pub focus: Vec<String>,
    /// Marks that stay hidden until a later step brings them (mock/language 12: one at a time).
    pub hide: Vec<String>,
    /// Done when the step begins.
    pub actions: Vec<Action>,
    /// The step is over when this holds (grammar of `highwater_sim::query`); empty = at once.
    pub until: String,
    /// Asked when `until` holds (or at the beginning, when `until` is empty).
    pub ask: Option<Question>,
    /// Notes for the presenter.
    pub notes: String,
}

/// A question whose right answer the engine computes by running on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// A path of `highwater_sim::query`; its value when `reveal` holds is the right answer.
    pub value: String,
    /// Done when the reveal begins.
    pub actions: Vec<Action>,
    /// Run on until this holds.
    pub reveal: String,
    /// `(answer as the path would print it, comment)`.
    pub choices: Vec<(String, String)>,
    /// Said after the reveal.
    pub why: Vec<Block>,
}

/// A task that ticks itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Task {
    /// What to bring about.
    pub text: String,
    /// Holds once done.
    pub done: String,
}

/// A block of text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list; numbered or not.
    List { numbered: bool, items: Vec<Vec<Inline>> },
    /// Preformatted lines.
    Code(String),
}

/// Text within a block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Inline {
    /// Plain.
    Text(String),
    /// Emphasis.
    Strong(String),
    /// A setting, a value, a term as written.
    Code(String),
    /// A relative link.
    Link { text: String, to: String },
}
