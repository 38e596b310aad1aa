//! Going to places in the run.

use super::types::IntentError;
use super::{At, Elsewhere, Player, Steps, count};
use highwater_cluster::Time;

/// Events that a search for a place computes at most.
const SEARCH_EVENTS: u64 = 200_000;
/// What `end` means for a scenario that does not say.
const DEFAULT_END: Time = Time(60_000_000);

impl Player {
    /// Goes to a place.
    pub(super) fn seek(&mut self, at: &At) -> Result<(), IntentError> {
        match at {
            At::Start => self.seek_event(0),
            At::Event(event) => self.seek_event(*event),
            At::Moment(number) => self.seek_moment(*number),
            At::Step(name) => {
                let step = self.step_named(name)?;
                self.go_to_step(step)
            }
            At::Marker(kind) => self.seek_marker(kind),
            At::Time(time) => self.seek_time(*time),
            At::End if !self.lesson.steps.is_empty() => {
                self.go_to_step(self.lesson.steps.len() - 1)
            }
            At::End => self.seek_time(self.lesson.scenario.until.unwrap_or(DEFAULT_END)),
        }
    }

    fn step_named(&self, name: &str) -> Result<usize, IntentError> {
        let steps = &self.lesson.steps;
        if steps.is_empty() {
            return Err(IntentError::new("a plain scenario has no steps"));
        }
        if let Some(step) = steps.iter().position(|s| s.id == name) {
            return Ok(step);
        }
        let number = name.parse::<usize>().ok().filter(|n| (1..=steps.len()).contains(n));
        number.map(|n| n - 1).ok_or_else(|| {
            let ids: Vec<&str> =
                steps.iter().map(|s| s.id.as_str()).filter(|id| !id.is_empty()).collect();
            IntentError::new(format!(
                "there is no step \"{name}\"; allowed: 1 to {} and {}",
                steps.len(),
                ids.join(", ")
            ))
        })
    }

    /// Goes to an event, as far as there is one.
    pub(super) fn seek_event(&mut self, event: u64) -> Result<(), IntentError> {
        if self.question_open() && event > self.timeline.event() {
            return Err(IntentError::new(
                "a question is open: answer it or let it be revealed first",
            ));
        }
        if event > self.timeline.furthest() + SEARCH_EVENTS {
            let known = self.timeline.furthest();
            return Err(IntentError::new(format!(
                "event {event} is too far; {known} are known, at most {SEARCH_EVENTS} more are computed at once"
            )));
        }
        if event <= self.timeline.furthest() {
            self.timeline.seek(event);
        } else {
            let furthest = self.timeline.furthest();
            self.timeline.seek(furthest);
            self.steps.follow(furthest);
            // What is new is gone through one by one: the lesson watches it.
            // A question that opens on the way stops it.
            while self.timeline.event() < event && !self.question_open() {
                if !self.course.know(self.timeline.event() + 1) || !self.step() {
                    break;
                }
            }
        }
        self.adopt_position();
        Ok(())
    }

    /// The position has changed by a jump: the axis knows it, the lesson follows.
    pub(super) fn adopt_position(&mut self) {
        let event = self.timeline.event();
        if event < self.course.axis.last() && self.timeline.furthest() == event {
            self.course.cut(&self.timeline);
        }
        self.course.know(event + 1);
        self.screen_us = self.course.axis.at_us(event);
        self.slow_until_us = None;
        self.forget_view();
        self.steps.follow(event);
    }

    fn seek_time(&mut self, time: Time) -> Result<(), IntentError> {
        let time = Time(time.0.saturating_add(self.timeline.world().start().0));
        let limit = self.course.axis.last() + SEARCH_EVENTS;
        while self.course.axis.time(self.course.axis.last()).is_some_and(|t| t <= time) {
            if self.course.axis.last() > limit {
                let reached = self.course.axis.time(self.course.axis.last()).unwrap_or(Time(0));
                return Err(IntentError::new(format!(
                    "{time} is too far from here: at most {SEARCH_EVENTS} more events are computed at once, which reaches {reached}"
                )));
            }
            if !self.course.extend() {
                break;
            }
        }
        self.seek_event(self.course.axis.event_at_time(time))
    }

    fn seek_moment(&mut self, number: u64) -> Result<(), IntentError> {
        let Some(index) = number.checked_sub(1) else { return self.seek_event(0) };
        let limit = self.course.axis.last() + SEARCH_EVENTS;
        while count(self.course.axis.moments().len()) <= index {
            if self.course.axis.last() > limit || !self.course.extend() {
                let known = self.course.axis.moments().len();
                return Err(IntentError::new(format!(
                    "there is no moment {number}; there are {known}"
                )));
            }
        }
        let moments = self.course.axis.moments();
        let event = moments[usize::try_from(index).unwrap_or(0)];
        self.seek_event(event)
    }

    /// Moves by so many visible changes.
    pub(super) fn move_moments(&mut self, by: i32) -> Result<(), IntentError> {
        let event = self.timeline.event();
        let moments = self.course.axis.moments();
        let here = moments.partition_point(|&m| m <= event);
        // Going back from beyond a moment first goes back to it.
        let exact = here == 0 || moments.get(here - 1) == Some(&event);
        let beyond = !exact || self.screen_us > self.course.axis.at_us(event);
        let by = i64::from(by) + i64::from(by < 0 && beyond && here > 0);
        self.seek_moment(count(here).checked_add_signed(by).unwrap_or(0))
    }

    fn seek_marker(&mut self, kind: &str) -> Result<(), IntentError> {
        let kinds = highwater_sim::MARKER_KINDS;
        if !kinds.contains(&kind) {
            return Err(IntentError::new(format!(
                "there is no marker \"{kind}\"; allowed: {}",
                kinds.join(", ")
            )));
        }
        let limit = self.course.axis.last() + SEARCH_EVENTS;
        loop {
            let found = self.course.axis.markers().iter().find(|m| m.kind == kind).map(|m| m.event);
            if let Some(event) = found {
                return self.seek_event(event);
            }
            if self.course.axis.last() > limit || !self.course.extend() {
                return Err(IntentError::new(format!("nothing like {kind} happens in this run")));
            }
        }
    }

    /// Moves by so many markers.
    pub(super) fn move_markers(&mut self, by: i32) -> Result<(), IntentError> {
        for _ in 0..by.unsigned_abs().min(1000) {
            let here = self.timeline.event();
            let limit = self.course.axis.last() + SEARCH_EVENTS;
            let target = loop {
                let markers = self.course.axis.markers();
                let found = match by < 0 {
                    true => {
                        Some(markers.iter().rev().find(|m| m.event < here).map_or(0, |m| m.event))
                    }
                    false => markers.iter().find(|m| m.event > here).map(|m| m.event),
                };
                match found {
                    Some(event) => break event,
                    None if self.course.axis.last() > limit || !self.course.extend() => {
                        return Err(IntentError::new("no further marker in this run"));
                    }
                    None => {}
                }
            };
            self.seek_event(target)?;
        }
        Ok(())
    }

    /// Goes to a place on the screen's axis.
    pub(super) fn seek_screen(&mut self, ms: u64) -> Result<(), IntentError> {
        let us = ms.saturating_mul(1000).min(self.course.axis.end_us());
        let event = self.course.axis.event_at_us(us).min(self.timeline.furthest());
        self.seek_event(event)?;
        let end = self.course.axis.at_us(self.timeline.event() + 1);
        if self.timeline.event() == event {
            self.screen_us = us.clamp(self.screen_us, end.saturating_sub(1).max(self.screen_us));
        }
        Ok(())
    }

    /// Goes over to another branch of the run.
    pub(super) fn switch_branch(&mut self, branch: u32) -> Result<(), IntentError> {
        let here = self.timeline.current_branch();
        if !self.go_to_branch(branch) {
            let branches = self.timeline.branches().len();
            return Err(IntentError::new(format!(
                "there is no branch {branch}; there are {branches}, from 0"
            )));
        }
        if here != branch {
            self.steps.goes_on_from = None;
        }
        self.adopt_position();
        Ok(())
    }

    /// Whether what is shown is not the lesson's own run but what somebody tried.
    pub(super) fn apart(&self) -> bool {
        !self.lesson.steps.is_empty() && self.timeline.current_branch() != 0
    }

    /// What belongs to the current branch, to come back to it.
    pub(super) fn leave(&self) -> Elsewhere {
        Elsewhere {
            course: self.course.clone(),
            steps: self.steps.clone(),
            waiting: self.waiting.clone(),
            waiting_since: self.waiting_since,
        }
    }

    /// Makes a branch the current one, with its course and its steps. False when there is none.
    pub(super) fn go_to_branch(&mut self, branch: u32) -> bool {
        let before = self.timeline.current_branch();
        if before == branch {
            return true;
        }
        if !self.timeline.switch_branch(branch) {
            return false;
        }
        let left = self.leave();
        self.others.insert(before, left);
        let there = self.others.remove(&branch).expect("who leaves a branch puts it there");
        let ticks = std::mem::take(&mut self.steps.ticks);
        self.course = there.course;
        self.steps = Steps { ticks, ..there.steps };
        (self.waiting, self.waiting_since) = (there.waiting, there.waiting_since);
        true
    }
}
