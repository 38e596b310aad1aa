//! What a figure tells its host page, and the state that a host may keep of it.

use crate::mount::Mount;
use crate::options::ViewName;
use crate::port::{Ask, EventTold, LessonSlice, MarkerTold, Phase};

/// Told to the host page; dispatched by it on a later task.
#[derive(Clone, PartialEq, Debug)]
pub enum Notice {
    /// Playing began.
    Play,
    /// Playing ended.
    Pause,
    /// Event number and seconds of virtual time.
    Time { event: u64, seconds: f64 },
    /// A lesson step began.
    Step { step: usize, steps: usize, id: String, title: String },
    /// A question is open.
    Question { text: String, choices: Vec<String> },
    /// A question was answered by the engine.
    Answer { chosen: Option<String>, right: String, correct: bool },
    /// Another lesson is wanted.
    Open { src: String },
    /// The reader chose a theme.
    Theme { theme: String },
    /// A marker was passed on the way forward.
    Marker(MarkerTold),
    /// An event of the world was handled on the way forward.
    Event(EventTold),
    /// A promise was broken: its name, and what happened.
    Invariant { name: String, text: String },
}

/// A state of the figure that can be come back to.
#[derive(Clone, PartialEq, Debug)]
pub struct Kept {
    /// The exact run and moment, as a share token.
    pub run: String,
    /// Settings, as the attribute `set` takes them.
    pub set: String,
    /// View that was looked at.
    pub view: ViewName,
    /// Selected thing.
    pub selection: Option<String>,
    /// Speed; `None` = as it is.
    pub speed: Option<f64>,
    /// Whether it played.
    pub playing: bool,
}

impl Mount {
    /// What is told next begins here.
    pub(crate) fn jumped(&self) {
        self.heard.set(Some(self.port.borrow().heard()));
    }

    /// Tells the host what has happened on the way forward.
    pub(crate) fn tell_news(&self) {
        let (news, here) = {
            let port = self.port.borrow();
            let here = port.heard();
            (self.heard.get().map(|since| port.news(since)).unwrap_or_default(), here)
        };
        self.heard.set(Some(here));
        news.events.into_iter().for_each(|told| self.notify(Notice::Event(told)));
        news.markers.into_iter().for_each(|told| self.notify(Notice::Marker(told)));
        for (name, text) in news.broken {
            self.notify(Notice::Invariant { name, text });
        }
    }
}

/// Whether it leads to a moment without passing through what lies between.
pub(crate) fn jumps(ask: &Ask) -> bool {
    matches!(
        ask,
        Ask::Seek(_)
            | Ask::SeekScreen(_)
            | Ask::ReplaySlow
            | Ask::NextStep
            | Ask::PreviousStep
            | Ask::GoToStep(_)
            | Ask::SwitchBranch(_)
    )
}

/// What there is to tell of a question now.
pub(crate) fn question_notice(lesson: &LessonSlice) -> Option<Notice> {
    let question = lesson.question.as_ref()?;
    let name = |i: usize| question.choices.get(i).map(|c| c.0.clone());
    match question.phase {
        Phase::Open => Some(Notice::Question {
            text: question.text.clone(),
            choices: question.choices.iter().map(|c| c.0.clone()).collect(),
        }),
        Phase::Running => None,
        Phase::Revealed => {
            let right = question.right.clone()?;
            let chosen = question.chosen.and_then(name);
            let correct = chosen.as_ref() == Some(&right);
            Some(Notice::Answer { chosen, right, correct })
        }
    }
}
