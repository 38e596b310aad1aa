//! From step to step. The lesson goes on in branch 0, its own run; what a reader tries is a branch beside it.

use super::Player;
use super::steps::{Entered, Stage};
use super::types::{AskPhase, IntentError};

/// Said where a step does not begin where the reader stood.
const WATCHED_ON: &str = "Goes on from where the step before ended.";
const TRIED: &str =
    "Goes on in the first run, the lesson's own. What you tried is kept as a branch.";

impl Player {
    /// Back to where the step ended: the reader may have watched on. A lesson that went on from there would ask
    /// about a run that its author has never seen.
    fn return_to_end(&mut self) -> Option<&'static str> {
        let end = self.steps.here()?.end.clone()?;
        let there = self.timeline.is_at(&end);
        let watched_on = self.timeline.furthest() > end.world.event();
        if there && !watched_on {
            return None;
        }
        let step = self.steps.current;
        self.timeline.rewind(&end);
        self.adopt_position();
        self.steps.current = step;
        (!there).then_some(WATCHED_ON)
    }

    /// From what somebody tried to the lesson's own run, at the same step.
    fn return_to_own_run(&mut self) {
        if !self.apart() {
            return;
        }
        let step = self.steps.current;
        self.go_to_branch(0);
        let later = self.steps.entered.keys().any(|&s| s > step);
        let end = self.steps.entered.get(&step).and_then(|e| e.end.as_ref()).filter(|_| later);
        let event = end.map_or(self.timeline.furthest(), |place| place.world.event());
        self.timeline.seek(event);
        self.adopt_position();
        if self.steps.entered.contains_key(&step) {
            self.steps.current = step;
        }
        self.steps.goes_on_from = None;
        self.playing = false;
    }

    /// On from what somebody tried: the lesson's next step, or the question that is still open.
    pub(super) fn leave_trial(&mut self) -> Result<(), IntentError> {
        self.return_to_own_run();
        let asked = matches!(self.stage(), Stage::Asking(_));
        if !self.question_open() {
            self.finish()?;
        }
        if !asked && self.stage() == Stage::Done || self.revealed() {
            self.next_step()?;
        }
        self.steps.goes_on_from = Some(TRIED);
        Ok(())
    }

    pub(super) fn next_step(&mut self) -> Result<(), IntentError> {
        let next = self.steps.current + 1;
        if next >= self.lesson.steps.len() {
            return Err(IntentError::new("the lesson is at its end; everything may be tried now"));
        }
        if self.steps.entered.contains_key(&next) {
            self.back_to(next)?;
        } else {
            let goes_on_from = self.return_to_end();
            self.enter(next)?;
            self.steps.goes_on_from = goes_on_from;
        }
        // A step that waits for nothing is over as it begins.
        self.playing = self.stage() == Stage::Running;
        Ok(())
    }

    /// Back to the beginning of a step that was entered, exactly; what came after is forgotten. What somebody
    /// tried is a branch, and stays.
    pub(super) fn back_to(&mut self, step: usize) -> Result<(), IntentError> {
        self.return_to_own_run();
        let Some(entered) = self.steps.entered.get(&step).cloned() else {
            if self.steps.entered.keys().any(|&s| s < step) {
                return self.go_to_step(step);
            }
            // A shared run began later: the lesson is played up to there.
            self.reset()?;
            return self.go_to_step(step);
        };
        self.timeline.rewind(&entered.place);
        self.adopt_position();
        let until = self.lesson.steps.get(step).map(|s| s.until.clone()).unwrap_or_default();
        self.wait_for(&until)?;
        self.steps.forget_from(step);
        self.steps.goes_on_from = None;
        self.steps.entered.insert(step, Entered::new(entered.place));
        self.steps.current = step;
        self.open_tasks.clear();
        self.playing = false;
        self.check_until();
        Ok(())
    }

    /// To the beginning of any step, playing through those before it.
    pub(super) fn go_to_step(&mut self, step: usize) -> Result<(), IntentError> {
        let steps = self.lesson.steps.len();
        if step >= steps {
            return Err(IntentError::new(format!(
                "there is no step {}; there are {steps}",
                step + 1
            )));
        }
        self.return_to_own_run();
        let last = self.steps.entered.keys().next_back().copied().unwrap_or(0);
        if step <= last {
            return self.back_to(step);
        }
        if self.steps.current != last {
            self.back_to(last)?;
        }
        while self.steps.current < step {
            match self.stage() {
                Stage::Asking(AskPhase::Open | AskPhase::Voted) => self.reveal()?,
                Stage::Running | Stage::Asking(AskPhase::Revealing) => self.finish()?,
                Stage::Done | Stage::Asking(AskPhase::Revealed) | Stage::Free => {
                    self.next_step()?
                }
            }
        }
        self.playing = false;
        Ok(())
    }
}
