//! What people want of the player.

use super::rule::Rule;
use super::steps::{Entered, Stage};
use super::types::{AskPhase, Intent, IntentError};
use super::{Player, PlayerOptions};
use crate::director::Speed;
use highwater_sim::Action;

/// Screen time that is replayed, microseconds.
const REPLAY_US: u64 = 2_000_000;

impl Player {
    /// Does what was asked for.
    ///
    /// # Errors
    /// When it cannot be done: nothing has changed, and the message says what can.
    pub fn intent(&mut self, intent: Intent) -> Result<(), IntentError> {
        match intent {
            Intent::Play => self.play()?,
            Intent::Pause => self.pause(),
            Intent::Toggle if self.playing => self.pause(),
            Intent::Toggle => self.play()?,
            Intent::Moment(by) => self.still(|p| p.move_moments(by))?,
            Intent::Event(by) => {
                let event = self.timeline.event().saturating_add_signed(i64::from(by));
                self.still(|p| p.seek_event(event))?;
            }
            Intent::Marker(by) => self.still(|p| p.move_markers(by))?,
            Intent::Seek(at) => self.still(|p| p.seek(&at))?,
            Intent::SeekScreen(ms) => self.still(|p| p.seek_screen(ms))?,
            Intent::Speed(sixteenths) => self.speed = Speed::new(sixteenths),
            Intent::Linear(linear) => self.set_linear(linear),
            Intent::ReplaySlow => self.replay_slow()?,
            Intent::Act(action) => self.act(&action)?,
            Intent::ActText(text) => {
                let action = text
                    .parse()
                    .map_err(|e: highwater_sim::ActionError| IntentError::new(e.to_string()))?;
                self.act(&action)?;
            }
            Intent::NextStep => self.next_beat()?,
            Intent::PreviousStep => self.back_to(self.steps.current.saturating_sub(1))?,
            Intent::GoToStep(step) => self.go_to_step(step)?,
            Intent::Answer(answer) => self.choose(answer)?,
            Intent::Reveal => self.reveal()?,
            Intent::SwitchBranch(branch) => self.still(|p| p.switch_branch(branch))?,
            Intent::Reset => self.reset()?,
            Intent::Select(what) => self.selected = what,
        }
        Ok(())
    }

    fn play(&mut self) -> Result<(), IntentError> {
        // Where a step ends, the next one may have begun: its question is not played past.
        self.steps.follow(self.timeline.event());
        match self.stage() {
            Stage::Asking(AskPhase::Open) => {
                return Err(IntentError::new(
                    "a question is open: choose an answer, or have it revealed",
                ));
            }
            Stage::Asking(AskPhase::Voted) => return self.reveal(),
            _ => self.playing = true,
        }
        Ok(())
    }

    fn pause(&mut self) {
        self.playing = false;
        self.slow_until_us = None;
    }

    /// A jump leaves the clock standing.
    fn still(
        &mut self,
        jump: impl FnOnce(&mut Self) -> Result<(), IntentError>,
    ) -> Result<(), IntentError> {
        jump(self)?;
        self.pause();
        Ok(())
    }

    fn set_linear(&mut self, linear: bool) {
        let before = self.position();
        self.course.axis.redirect(linear);
        self.others.values_mut().for_each(|o| o.course.axis.redirect(linear));
        let event = self.timeline.event();
        let (from, to) = (self.course.axis.at_us(event), self.course.axis.at_us(event + 1));
        let inside = u64::try_from(before.interval_position).unwrap_or(0);
        self.screen_us = from + super::scale(to - from, inside, 10_000);
    }

    fn replay_slow(&mut self) -> Result<(), IntentError> {
        let end = self.screen_us;
        self.seek_screen(end.saturating_sub(REPLAY_US) / 1000)?;
        self.slow_until_us = Some(end);
        self.playing = true;
        Ok(())
    }

    /// A person acts. What they try in a lesson is a branch of its own: the lesson's run stays its author's.
    pub(super) fn act(&mut self, action: &Action) -> Result<(), IntentError> {
        let own = !self.lesson.steps.is_empty() && !self.apart();
        let past = self.timeline.event() < self.timeline.furthest();
        if !own && !past {
            return self.apply(action);
        }
        let (branch, left) = (self.timeline.current_branch(), self.leave());
        self.timeline.apply_apart(action).map_err(|e| IntentError::new(e.to_string()))?;
        self.others.insert(branch, left);
        // Steps that began later did not happen here, and this one may end elsewhere.
        self.steps.forget_from(self.steps.current + 1);
        self.steps.goes_on_from = None;
        if self.stage() == Stage::Running
            && let Some(here) = self.steps.here_mut()
            && here.done_at.is_some()
        {
            *here = Entered::new(here.place.clone());
            self.wait_again()?;
        }
        let event = self.timeline.event();
        self.waiting.cut(event);
        self.open_tasks.iter_mut().for_each(|(_, rule)| rule.cut(event));
        self.acted();
        Ok(())
    }

    /// Acts on the world at the current event, the last of its branch.
    pub(super) fn apply(&mut self, action: &Action) -> Result<(), IntentError> {
        debug_assert!(self.timeline.event() == self.timeline.furthest(), "else a branch begins");
        self.timeline.apply(action).map_err(|e| IntentError::new(e.to_string()))?;
        self.acted();
        Ok(())
    }

    /// What was known beyond this event is void.
    fn acted(&mut self) {
        self.course.cut(&self.timeline);
        self.course.axis.take_action(self.timeline.world());
        self.screen_us = self.course.axis.at_us(self.timeline.event());
        self.course.know(self.timeline.event() + 1);
        self.forget_view();
        self.observe(Rule::note_action);
    }

    /// The beginning of the lesson, with nothing done.
    pub(super) fn reset(&mut self) -> Result<(), IntentError> {
        let options =
            PlayerOptions { autoplay: false, run: None, at: None, ..self.options.clone() };
        let fresh =
            Player::new(self.lesson.clone(), options).map_err(|e| IntentError::new(e.message))?;
        let (speed, last_frame_ms) = (self.speed, self.last_frame_ms);
        *self = Player { speed, last_frame_ms, ..fresh };
        Ok(())
    }
}
