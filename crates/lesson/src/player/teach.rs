//! The lesson within the player: steps are entered, wait for the engine, ask and reveal.

use super::Player;
use super::rule::{Rule, value};
use super::steps::{Entered, Stage, Steps, beats_before};
use super::types::{AskPhase, AskState, IntentError, LessonState};
use crate::{Question, Step};
use highwater_cluster::Time;
use highwater_sim::{StepResult, World};

/// How far a run goes on to reach a condition.
const RUN_AHEAD_EVENTS: u64 = 200_000;
const RUN_AHEAD_US: u64 = 3_600_000_000;

impl Player {
    pub(super) fn step_here(&self) -> Option<&Step> {
        self.lesson.steps.get(self.steps.current)
    }

    pub(super) fn stage(&self) -> Stage {
        match self.steps.stage(&self.lesson, self.timeline.event()) {
            // The question is about the lesson's own run.
            Stage::Asking(phase) if self.apart() && phase != AskPhase::Revealed => Stage::Done,
            stage => stage,
        }
    }

    /// The first moment that is shown: what comes before it happens unseen.
    pub(super) fn open(&mut self) -> Result<(), IntentError> {
        let begin = self.lesson.begin.clone();
        self.wait_for(&begin)?;
        while !self.waiting.holds(self.timeline.world()) {
            let far = self.timeline.event() > RUN_AHEAD_EVENTS;
            if far || self.timeline.step() == StepResult::Nothing {
                return Err(IntentError::new(format!(
                    "begin: {}",
                    self.waiting.not_reached(self.timeline.world())
                )));
            }
            self.waiting.note_event(self.timeline.world());
        }
        self.adopt_position();
        self.enter(0)
    }

    /// Enters a step: its actions are done, and it begins to wait.
    pub(super) fn enter(&mut self, step: usize) -> Result<(), IntentError> {
        let Some(data) = self.lesson.steps.get(step).cloned() else {
            self.open_all_tasks();
            return Ok(());
        };
        self.steps.forget_from(step);
        self.steps.goes_on_from = None;
        self.wait_for(&data.until)?;
        for action in &data.actions {
            self.apply(action)?;
            self.waiting.note_action(self.timeline.world());
        }
        self.steps.entered.insert(step, Entered::new(self.timeline.place()));
        self.steps.current = step;
        if step + 1 == self.lesson.steps.len() {
            self.open_all_tasks();
        }
        self.check_until();
        Ok(())
    }

    pub(super) fn wait_for(&mut self, condition: &str) -> Result<(), IntentError> {
        self.waiting = Rule::new(condition, self.timeline.event()).map_err(IntentError::new)?;
        self.waiting_since = self.timeline.event();
        Ok(())
    }

    /// Waits for what the step that is shown waits for, with what has counted since it began.
    pub(super) fn wait_again(&mut self) -> Result<(), IntentError> {
        let Some(begin) = self.steps.here().map(Entered::event) else { return Ok(()) };
        let until = self.step_here().map(|s| s.until.clone()).unwrap_or_default();
        self.waiting = Rule::new(&until, begin).map_err(IntentError::new)?;
        self.waiting_since = begin;
        for event in begin + 1..=self.timeline.event() {
            let told = self.timeline.records(event, event);
            self.waiting.note(event, told, self.timeline.world());
        }
        Ok(())
    }

    /// Waits for a step that was entered elsewhere; `done` = it was over there.
    pub(super) fn begin_waiting(&mut self, step: usize, done: bool) -> Result<(), IntentError> {
        let until = match (self.lesson.steps.get(step), done) {
            (Some(data), false) => data.until.clone(),
            _ => String::new(),
        };
        self.wait_for(&until)?;
        if step + 1 >= self.lesson.steps.len() {
            self.open_all_tasks();
        }
        self.check_until();
        Ok(())
    }

    pub(super) fn open_all_tasks(&mut self) {
        let (rules, now) = (self.lesson.tasks.iter().enumerate(), self.timeline.event());
        self.open_tasks =
            rules.filter_map(|(i, task)| Some((i, Rule::new(&task.done, now).ok()?))).collect();
    }

    /// After every event and action: what is waited for may have come, tasks may be done.
    pub(super) fn observe(&mut self, note: fn(&mut Rule, &World)) {
        let world = self.timeline.world();
        let ticks = &mut self.steps.ticks;
        self.open_tasks.retain_mut(|(task, rule)| {
            note(rule, world);
            let done = rule.holds(world);
            if let Some(tick) = ticks.get_mut(*task).filter(|_| done) {
                *tick = true;
            }
            !done
        });
        let stage = self.stage();
        if matches!(stage, Stage::Running | Stage::Asking(AskPhase::Revealing)) {
            note(&mut self.waiting, self.timeline.world());
        }
        match stage {
            Stage::Running => self.check_until(),
            Stage::Asking(AskPhase::Revealing) => self.check_reveal(),
            Stage::Free => {}
            Stage::Done | Stage::Asking(_) if self.ended_here() => self.rest(),
            _ => {}
        }
    }

    /// Gone over again, a step ends where it ended, and its question where it was answered.
    fn ended_here(&self) -> bool {
        let event = Some(self.timeline.event());
        self.question_open()
            || self.steps.here().is_some_and(|h| h.done_at == event || h.revealed_at == event)
    }

    pub(super) fn check_until(&mut self) {
        let event = self.timeline.event();
        if self.steps.here().is_some_and(|here| here.done_at.is_some()) {
            return;
        }
        let reached = self.waiting.holds(self.timeline.world());
        if !reached {
            return self.check_stuck();
        }
        let answer = self.step_here().and_then(|s| s.ask.as_ref()).map(|ask| self.answer(ask));
        let free = self.steps.current + 1 == self.lesson.steps.len();
        let end = self.timeline.place();
        if let Some(here) = self.steps.here_mut() {
            here.done_at = Some(event);
            here.end = Some(end);
            match answer {
                Some(Ok(answer)) => here.answer = Some(answer),
                Some(Err(problem)) => here.stuck = Some(problem),
                None => {}
            }
        }
        // Free play goes on; everything else waits for the next press.
        if !free || self.step_here().is_some_and(|s| s.ask.is_some()) {
            self.rest();
        }
    }

    fn check_reveal(&mut self) {
        let event = self.timeline.event();
        if self.steps.here().is_some_and(|here| here.revealed_at.is_some()) {
            return;
        }
        if self.waiting.holds(self.timeline.world()) {
            let end = self.timeline.place();
            if let Some(here) = self.steps.here_mut() {
                here.revealed_at = Some(event);
                here.end = Some(end);
            }
            self.rest();
        } else {
            self.check_stuck();
        }
    }

    /// The clock stops exactly at this event.
    fn rest(&mut self) {
        self.playing = false;
        self.slow_until_us = None;
        self.screen_us = self.course.axis.at_us(self.timeline.event());
    }

    /// A condition that does not come stops the clock and says so, instead of running for ever.
    fn check_stuck(&mut self) {
        let begin = self.waiting_since;
        let from = self.timeline.time_of(begin).unwrap_or_default();
        let long = self.timeline.now().since(from).0 > RUN_AHEAD_US
            || self.timeline.event().saturating_sub(begin) > RUN_AHEAD_EVENTS;
        if !long {
            return;
        }
        let message = self.waiting.not_reached(self.timeline.world());
        if let Some(here) = self.steps.here_mut()
            && here.stuck.is_none()
        {
            here.stuck = Some(message);
            self.rest();
        }
    }

    /// The right answer, from a copy of the world that runs on.
    fn answer(&self, ask: &Question) -> Result<String, String> {
        let mut world: World = self.timeline.world().clone();
        let mut reveal = Rule::new(&ask.reveal, world.event())?;
        let mut reached = false;
        for action in &ask.actions {
            world.apply(action).map_err(|e| e.to_string())?;
            reveal.note_action(&world);
            reached |= reveal.holds(&world);
        }
        let (events, until) =
            (world.event() + RUN_AHEAD_EVENTS, Time(world.now().0 + RUN_AHEAD_US));
        while !reached && world.event() < events && world.now() < until {
            if world.step() == StepResult::Nothing {
                break;
            }
            reveal.note_event(&world);
            reached = reveal.holds(&world);
        }
        match reached {
            true => value(&world, &ask.value).map(|answer| in_words_of(ask, answer)),
            false => Err(reveal.not_reached(&world)),
        }
    }

    /// One press of a clicker.
    pub(super) fn next_beat(&mut self) -> Result<(), IntentError> {
        let stuck = self.steps.here().is_some_and(|here| here.stuck.is_some());
        match self.stage() {
            Stage::Done | Stage::Asking(_) if self.apart() => self.leave_trial(),
            Stage::Running if self.apart() && stuck => self.leave_trial(),
            Stage::Running if self.playing => self.finish(),
            Stage::Running => {
                self.playing = true;
                Ok(())
            }
            Stage::Done => self.next_step(),
            Stage::Asking(AskPhase::Open) => {
                if let Some(here) = self.steps.here_mut() {
                    here.voted = true;
                }
                Ok(())
            }
            Stage::Asking(AskPhase::Voted) => self.reveal(),
            Stage::Asking(AskPhase::Revealing) if self.playing => self.finish(),
            Stage::Asking(AskPhase::Revealing) => {
                self.playing = true;
                Ok(())
            }
            Stage::Asking(AskPhase::Revealed) => self.next_step(),
            Stage::Free => {
                self.playing = true;
                Ok(())
            }
        }
    }

    /// Runs at once to the end of what the step waits for.
    pub(super) fn finish(&mut self) -> Result<(), IntentError> {
        let waits = |stage| matches!(stage, Stage::Running | Stage::Asking(AskPhase::Revealing));
        while waits(self.stage()) {
            let more = self.course.know(self.timeline.event() + 1) && self.step();
            let stuck = self.steps.here().and_then(|here| here.stuck.clone());
            if let Some(message) = stuck {
                return Err(IntentError::new(message));
            }
            if !more {
                let message = self.waiting.not_reached(self.timeline.world());
                if let Some(here) = self.steps.here_mut() {
                    here.stuck = Some(message.clone());
                }
                return Err(IntentError::new(message));
            }
        }
        Ok(())
    }

    /// Chooses an answer.
    pub(super) fn choose(&mut self, answer: usize) -> Result<(), IntentError> {
        let choices = self.step_here().and_then(|s| s.ask.as_ref()).map_or(0, |a| a.choices.len());
        let open = matches!(self.stage(), Stage::Asking(AskPhase::Open | AskPhase::Voted));
        if !open {
            return Err(IntentError::new("no question is open now"));
        }
        if answer >= choices {
            return Err(IntentError::new(format!("there are {choices} answers, from 0")));
        }
        if let Some(here) = self.steps.here_mut() {
            here.committed = Some(answer);
            here.voted = true;
        }
        Ok(())
    }

    /// Does what the question does, and lets the clock run on.
    pub(super) fn reveal(&mut self) -> Result<(), IntentError> {
        if !matches!(self.stage(), Stage::Asking(AskPhase::Open | AskPhase::Voted)) {
            return Err(IntentError::new("no question is open now"));
        }
        let Some(ask) = self.step_here().and_then(|s| s.ask.clone()) else { return Ok(()) };
        self.wait_for(&ask.reveal)?;
        if let Some(here) = self.steps.here_mut() {
            here.voted = true;
            here.revealing = true;
        }
        self.playing = true;
        for action in &ask.actions {
            self.apply(action)?;
        }
        self.check_reveal();
        Ok(())
    }

    /// A question is asked and not yet answered: the future is nobody's business.
    pub(super) fn question_open(&self) -> bool {
        matches!(self.stage(), Stage::Asking(AskPhase::Open | AskPhase::Voted))
    }

    pub(super) fn revealed(&self) -> bool {
        self.stage() == Stage::Asking(AskPhase::Revealed)
    }

    /// The lesson as it stands.
    pub fn lesson(&self) -> LessonState {
        let Steps { current, ticks, .. } = &self.steps;
        let lesson = &self.lesson;
        let tasks =
            lesson.tasks.iter().zip(ticks).map(|(t, &done)| (t.text.clone(), done)).collect();
        let steps = lesson.steps.len();
        let beats = beats_before(lesson, steps);
        let (Some(step), Some(here)) = (self.step_here(), self.steps.here()) else {
            return LessonState {
                title: lesson.title.clone(),
                line: lesson.summary.clone(),
                free: true,
                tasks,
                ..LessonState::default()
            };
        };
        let stage = self.stage();
        let beat = match stage {
            Stage::Asking(AskPhase::Voted) => 2,
            Stage::Asking(AskPhase::Revealing | AskPhase::Revealed) => 3,
            _ => 1,
        };
        let views = lesson.steps[..=*current].iter().rev().map(|s| &s.view);
        LessonState {
            step: *current,
            steps,
            beat: beats_before(lesson, *current) + beat,
            beats,
            id: step.id.clone(),
            title: step.title.clone(),
            say: step.say.clone(),
            line: if step.line.is_empty() { step.title.clone() } else { step.line.clone() },
            notes: step.notes.clone(),
            focus: step.focus.clone(),
            hide: step.hide.clone(),
            view: views.into_iter().find(|v| !v.is_empty()).cloned().unwrap_or_default(),
            ask: self.ask_state(step, here, stage),
            done: matches!(stage, Stage::Done | Stage::Asking(AskPhase::Revealed)),
            waiting_for: match stage {
                Stage::Running => Some(step.until.clone()),
                Stage::Asking(AskPhase::Revealing) => step.ask.as_ref().map(|a| a.reveal.clone()),
                _ => None,
            },
            stuck: here.stuck.clone(),
            goes_on_from: self.steps.goes_on_from,
            free: stage == Stage::Free,
            tasks,
        }
    }

    fn ask_state(&self, step: &Step, here: &Entered, stage: Stage) -> Option<AskState> {
        let (Stage::Asking(phase), Some(ask)) = (stage, &step.ask) else { return None };
        let revealed = (phase == AskPhase::Revealed).then(|| here.answer.clone()).flatten();
        let right = revealed.as_ref().and_then(|answer| {
            Some(ask.choices.get(here.committed?).is_some_and(|(choice, _)| choice == answer))
        });
        Some(AskState {
            text: ask.text.clone(),
            choices: ask.choices.clone(),
            committed: here.committed,
            phase,
            why: if revealed.is_some() { ask.why.clone() } else { Vec::new() },
            revealed,
            right,
        })
    }
}

/// `none` may be written as Kafka writes it: -1.
fn in_words_of(ask: &Question, answer: String) -> String {
    let offers = |word: &str| ask.choices.iter().any(|(choice, _)| choice == word);
    if answer == "none" && !offers("none") && offers("-1") { "-1".to_owned() } else { answer }
}
