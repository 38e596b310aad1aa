//! Where the lesson stands: facts about each step entered so far. What is shown follows from the facts
//! and the position in the run.

use crate::{AskPhase, Lesson};
use highwater_sim::Place;
use highwater_sorted::SortedMap;

/// A step that was entered.
#[derive(Clone, Debug)]
pub struct Entered {
    /// The beginning of the step, its actions done.
    pub place: Place,
    /// Event at which `until` was first seen to hold.
    pub done_at: Option<u64>,
    /// A vote was held or an answer chosen.
    pub voted: bool,
    /// The answer chosen.
    pub committed: Option<usize>,
    /// The engine's answer, once it was computed.
    pub answer: Option<String>,
    /// The reveal has begun.
    pub revealing: bool,
    /// Event at which the reveal ended.
    pub revealed_at: Option<u64>,
    /// `until` or `reveal` was not reached.
    pub stuck: Option<String>,
    /// Where it ended, for the next step to begin there: what its reader watches after it is not what the next
    /// one begins with.
    pub end: Option<Place>,
}

impl Entered {
    /// A step that begins now.
    pub fn new(place: Place) -> Self {
        Self {
            place,
            done_at: None,
            voted: false,
            committed: None,
            answer: None,
            revealing: false,
            revealed_at: None,
            stuck: None,
            end: None,
        }
    }

    /// Event it begins at.
    pub fn event(&self) -> u64 {
        self.place.world.event()
    }
}

/// What the current step is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// A plain scenario, or free play: nothing is waited for.
    Free,
    /// `until` does not hold yet.
    Running,
    /// It is over and waits for the next press.
    Done,
    /// Its question is asked.
    Asking(AskPhase),
}

/// The lesson's way so far, in one branch of the run.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    /// The step shown.
    pub current: usize,
    /// Steps entered, by number. A shared run begins in the middle: earlier ones are not there.
    pub entered: SortedMap<usize, Entered>,
    /// Ticks of the tasks.
    pub ticks: Vec<bool>,
    /// The current step did not begin where the reader stood: what to say about it.
    pub goes_on_from: Option<&'static str>,
}

impl Steps {
    /// The entered step that is shown; `None` for a plain scenario.
    pub fn here(&self) -> Option<&Entered> {
        self.entered.get(&self.current)
    }

    /// The same, to change it.
    pub fn here_mut(&mut self) -> Option<&mut Entered> {
        self.entered.get_mut(&self.current)
    }

    /// What the current step is doing at this event.
    pub fn stage(&self, lesson: &Lesson, event: u64) -> Stage {
        let (Some(step), Some(here)) = (lesson.steps.get(self.current), self.here()) else {
            return Stage::Free;
        };
        if here.done_at.is_none_or(|done| event < done) {
            return Stage::Running;
        }
        if step.ask.is_none() {
            return match self.current + 1 == lesson.steps.len() {
                true => Stage::Free,
                false => Stage::Done,
            };
        }
        Stage::Asking(match (here.revealed_at, here.revealing, here.voted) {
            (Some(at), _, _) if event >= at => AskPhase::Revealed,
            (_, true, _) => AskPhase::Revealing,
            (_, false, true) => AskPhase::Voted,
            (_, false, false) => AskPhase::Open,
        })
    }

    /// The step that this position of the run belongs to; what comes before the first belongs to it.
    pub fn follow(&mut self, event: u64) {
        let here = |(_, e): &(&usize, &Entered)| e.event() <= event;
        let found = self.entered.iter().rev().find(here).or_else(|| self.entered.iter().next());
        self.current = found.map_or(self.current, |(step, _)| *step);
    }

    /// The same while the run goes on: a step that ends here is shown until the next event, so that its end is seen.
    pub fn follow_played(&mut self, event: u64) {
        let later = |(step, e): &(&usize, &Entered)| **step > self.current && e.event() < event;
        if let Some((step, _)) = self.entered.iter().rev().find(later) {
            self.current = *step;
        }
    }

    /// Somebody acted: steps that began later did not happen.
    pub fn forget_from(&mut self, step: usize) {
        self.entered.retain(|&entered, _| entered < step);
    }
}

/// Beats of one step: it runs, and with a question there are the vote and the reveal.
pub fn beats_of(lesson: &Lesson, step: usize) -> usize {
    lesson.steps.get(step).map_or(0, |s| if s.ask.is_some() { 3 } else { 1 })
}

/// Beats of all steps before this one.
pub fn beats_before(lesson: &Lesson, step: usize) -> usize {
    (0..step).map(|s| beats_of(lesson, s)).sum()
}
