//! The player: a run, the director's clock over it, and the lesson that waits for the engine.

#[cfg(test)]
mod again;
mod at;
mod axis;
mod course;
mod intents;
mod levels;
mod rule;
mod share;
mod steps;
mod strip;
mod teach;
#[cfg(test)]
mod tests;
mod travel;
#[cfg(test)]
mod trials;
mod types;
mod ways;

pub use at::{AT_FORMS, At};
pub use types::*;

use crate::director::{Director, Speed, gauge_ns};
use crate::{Lesson, override_settings};
use course::Course;
use highwater_cluster::{Span, Time};
use highwater_sim::explain::{Explanation, Fact, Question};
use highwater_sim::{Marker, StepResult, Timeline, TraceRecord, WorldView};
use highwater_sorted::SortedMap;
use rule::Rule;
use share::Shared;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use steps::Steps;

/// Longest time that one frame may pass: a hidden tab or a slow machine never makes the run jump.
const FRAME_MS_MAX: u64 = 100;
/// Events that one frame handles at most.
const FRAME_EVENTS_MAX: u32 = 400;

/// What belongs to a branch that is not shown.
#[derive(Clone)]
struct Elsewhere {
    course: Course,
    steps: Steps,
    waiting: Rule,
    waiting_since: u64,
}

/// A lesson or scenario being played.
pub struct Player {
    lesson: Arc<Lesson>,
    options: PlayerOptions,
    timeline: Timeline,
    course: Course,
    /// The branches that are not shown.
    others: SortedMap<u32, Elsewhere>,
    /// Place on the axis in microseconds at speed 1.
    screen_us: u64,
    playing: bool,
    speed: Speed,
    /// While a piece is replayed slowly: where it ends.
    slow_until_us: Option<u64>,
    last_frame_ms: Option<u64>,
    steps: Steps,
    /// What the current step waits for.
    waiting: Rule,
    /// The event at which it began to wait.
    waiting_since: u64,
    /// Tasks that are not done yet, by index.
    open_tasks: Vec<(usize, Rule)>,
    selected: Option<String>,
    view: RefCell<Option<Rc<WorldView>>>,
}

impl Player {
    /// A player at the beginning of a lesson, or where the options say.
    ///
    /// # Errors
    /// A setting, the scenario or the place is wrong: the message says what is allowed.
    pub fn new(lesson: Arc<Lesson>, options: PlayerOptions) -> Result<Self, PlayerError> {
        let error = |message: String| PlayerError { message };
        let mut scenario = lesson.scenario.clone();
        override_settings(&mut scenario, &options.settings).map_err(error)?;
        let shared = options.run.as_deref().map(|run| Shared::read(run, &scenario)).transpose()?;
        let mut timeline = match &shared {
            Some(shared) => shared.replay(&scenario)?,
            None => {
                let seed = options.seed.unwrap_or(scenario.seed);
                Timeline::new(&scenario, seed).map_err(|e| error(e.to_string()))?
            }
        };
        timeline.seek(0);
        let mut player = Self {
            course: Course::new(Director::new(&scenario.network), &timeline),
            others: SortedMap::new(),
            screen_us: 0,
            playing: false,
            speed: Speed::new(options.speed),
            slow_until_us: None,
            last_frame_ms: None,
            steps: Steps { ticks: vec![false; lesson.tasks.len()], ..Steps::default() },
            waiting: Rule::new("", 0).map_err(error)?,
            waiting_since: 0,
            open_tasks: Vec::new(),
            selected: None,
            view: RefCell::new(None),
            timeline,
            lesson,
            options,
        };
        match shared {
            Some(shared) => player.resume(&shared),
            None => player.open(),
        }
        .map_err(|e| error(e.message))?;
        if let Some(at) = player.options.at.clone() {
            player.seek(&at).map_err(|e| error(e.message))?;
        }
        player.playing = player.options.autoplay;
        Ok(player)
    }

    /// Moves the run by the screen time that has passed since the frame before. `now_ms` is any clock
    /// that only goes forward; time that passes between two frames beyond a tenth of a second counts
    /// as a tenth.
    pub fn frame(&mut self, now_ms: u64) -> FrameChange {
        let passed = now_ms.saturating_sub(self.last_frame_ms.unwrap_or(now_ms)).min(FRAME_MS_MAX);
        self.last_frame_ms = Some(now_ms);
        if !self.playing {
            return FrameChange::None;
        }
        let speed = match self.slow_until_us {
            Some(_) => Speed::new(self.speed.sixteenths() - 32),
            None => self.speed,
        };
        let change = self.advance(speed.apply(passed * 1000));
        if self.slow_until_us.is_some_and(|end| self.screen_us >= end) {
            self.slow_until_us = None;
            self.playing = false;
        }
        change
    }

    fn advance(&mut self, by_us: u64) -> FrameChange {
        let target = self.screen_us + by_us;
        let mut change = FrameChange::Position;
        for _ in 0..FRAME_EVENTS_MAX {
            if !self.course.know(self.timeline.event() + 1) {
                self.playing = false;
                return change;
            }
            let next_us = self.course.axis.at_us(self.timeline.event() + 1);
            if next_us > target {
                self.screen_us = target;
                return change;
            }
            self.step();
            change = FrameChange::Event;
            if !self.playing {
                return change;
            }
        }
        change
    }

    /// Handles one event and lets the lesson see it.
    fn step(&mut self) -> bool {
        if self.timeline.step() == StepResult::Nothing {
            self.playing = false;
            return false;
        }
        self.screen_us = self.course.axis.at_us(self.timeline.event());
        self.forget_view();
        self.steps.follow_played(self.timeline.event());
        self.observe(Rule::note_event);
        true
    }

    fn forget_view(&self) {
        *self.view.borrow_mut() = None;
    }

    /// The world as it stands, made once for each event.
    pub fn view(&self) -> Rc<WorldView> {
        self.view.borrow_mut().get_or_insert_with(|| Rc::new(self.timeline.view())).clone()
    }

    /// The run, to look at.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The lesson as it was loaded.
    pub fn lesson_data(&self) -> &Arc<Lesson> {
        &self.lesson
    }

    /// What is selected.
    pub fn selected(&self) -> Option<&str> {
        self.selected.as_deref()
    }

    /// Where the run stands.
    pub fn position(&self) -> Position {
        let axis = &self.course.axis;
        let event = self.timeline.event();
        let begin_us = axis.at_us(event);
        let length_us = axis.at_us(event + 1).saturating_sub(begin_us);
        let inside_us = self.screen_us.saturating_sub(begin_us).min(length_us);
        let now = self.timeline.now();
        let passes = axis.time(event + 1).map_or(Span(0), |next| next.since(now));
        let moments = self.course.axis.moments();
        let seen = moments.partition_point(|&m| m <= event);
        let known = moments.partition_point(|&m| m <= self.timeline.furthest());
        Position {
            event,
            interval_position: part(10_000, inside_us, length_us),
            time: Time(now.0 + scale(passes.0, inside_us, length_us)),
            interval_ms: u32::try_from(length_us / 1000).unwrap_or(u32::MAX),
            screen_ms: self.screen_us / 1000,
            screen_end_ms: axis.at_us(self.timeline.furthest()).max(self.screen_us) / 1000,
            moment: count(seen),
            moments_known: count(known),
            playing: self.playing,
            ended: self.course.ended() && event == axis.last(),
            branch: self.timeline.current_branch(),
            quiet: axis.quiet_of(event),
            gauge_ns: gauge_ns(passes, length_us).saturating_mul(self.speed.apply(1 << 20)) >> 20,
            speed: self.speed.sixteenths(),
            linear: axis.linear(),
        }
    }

    /// The last turning point up to here, in words.
    pub fn last_marker(&self) -> Option<&Marker> {
        let markers = self.course.axis.markers();
        let seen = markers.partition_point(|m| m.event <= self.timeline.event());
        seen.checked_sub(1).and_then(|last| markers.get(last))
    }

    /// Why something is as it is: `hw orders-0`, `isr orders-0 broker 3`, `produce p1`, `c1`, ...
    ///
    /// # Errors
    /// Not a question, or about something that does not exist; with what is allowed.
    pub fn explanation(&self, question: &str) -> Result<Explanation, String> {
        let asked = Question::parse(question).map_err(|e| e.to_string())?;
        self.timeline.world().explain(&asked).map_err(|e| e.to_string())
    }

    /// The facts of [`Player::explanation`].
    ///
    /// # Errors
    /// As there.
    pub fn explain(&self, question: &str) -> Result<Vec<Fact>, String> {
        self.explanation(question).map(|answer| answer.facts)
    }

    /// The value of a path: `orders-0.hw`, `c1.owned`, `lost`, ...
    ///
    /// # Errors
    /// Not a path, or of something that does not exist; with what is allowed.
    pub fn query(&self, path: &str) -> Result<String, String> {
        rule::value(self.timeline.world(), path)
    }

    /// Trace records of this branch from one event to another, both included.
    pub fn trace_window(&self, from: u64, to: u64) -> Vec<&TraceRecord> {
        self.timeline.records(from, to.min(self.timeline.event()))
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// `whole * numerator / denominator`; 0 for nothing of nothing.
fn scale(whole: u64, numerator: u64, denominator: u64) -> u64 {
    let wide = u128::from(whole) * u128::from(numerator) / u128::from(denominator.max(1));
    u64::try_from(wide).unwrap_or(u64::MAX)
}

fn part(whole: i32, numerator: u64, denominator: u64) -> i32 {
    let whole = u64::try_from(whole).unwrap_or(0);
    i32::try_from(scale(whole, numerator, denominator).min(whole)).unwrap_or(0)
}
