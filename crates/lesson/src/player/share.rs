//! Share tokens of the player: the simulator's, and where the lesson stood: `TOKEN`, `TOKEN.4` (in step
//! 4), `TOKEN.4d` (step 4 was done).

use super::steps::{Entered, Stage};
use super::types::{IntentError, PlayerError};
use super::{Player, PlayerOptions};
use highwater_sim::{LoggedInput, Scenario, Share, Timeline};

/// A token that was read.
pub(super) struct Shared {
    share: Share,
    /// Step, from 0, and whether it was over.
    step: Option<(usize, bool)>,
}

impl Shared {
    /// Reads a token for a scenario.
    pub fn read(token: &str, scenario: &Scenario) -> Result<Self, PlayerError> {
        let error = |message: String| PlayerError { message };
        let (run, step) = token.trim().split_once('.').unwrap_or((token.trim(), ""));
        let share = Share::decode(run).map_err(|e| error(e.to_string()))?;
        if share.scenario != scenario.id {
            return Err(error(format!(
                "the share token is of \"{}\", this is \"{}\"",
                share.scenario, scenario.id
            )));
        }
        let number = step.strip_suffix('d').unwrap_or(step);
        let step = match step {
            "" => None,
            _ => {
                let wrong = || {
                    error(format!(
                        "the share token ends in \".{step}\"; a step number is allowed there"
                    ))
                };
                let number: usize = number.parse().map_err(|_| wrong())?;
                Some((number.checked_sub(1).ok_or_else(wrong)?, step.ends_with('d')))
            }
        };
        Ok(Self { share, step })
    }

    /// The run of the token.
    pub fn replay(&self, scenario: &Scenario) -> Result<Timeline, PlayerError> {
        self.share.replay(scenario).map_err(|e| PlayerError { message: e.to_string() })
    }
}

impl Player {
    /// The exact moment, to be shared. Never state: scenario, seed, inputs, position and step.
    pub fn token(&self) -> String {
        let token = Share::of(&self.timeline).encode();
        match (self.lesson.steps.is_empty(), self.stage()) {
            (true, _) => token,
            (_, Stage::Running) => format!("{token}.{}", self.steps.current + 1),
            _ => format!("{token}.{}d", self.steps.current + 1),
        }
    }

    /// Goes to the moment of a token.
    pub(super) fn resume(&mut self, shared: &Shared) -> Result<(), IntentError> {
        self.options.seed = Some(shared.share.seed);
        if let Some(along) = self.along_the_lesson(shared) {
            *self = along;
            return Ok(());
        }
        self.resume_alone(shared)
    }

    /// The same moment, come to through the lesson: its earlier steps are there, and what the reader had tried is a
    /// branch. `None` when the lesson does not lead there: its text has changed since.
    fn along_the_lesson(&mut self, shared: &Shared) -> Option<Self> {
        let (step, _) = shared.step?;
        let options =
            PlayerOptions { autoplay: false, run: None, at: None, ..self.options.clone() };
        let mut player = Self::new(self.lesson.clone(), options).ok()?;
        player.go_to_step(step).ok()?;
        player.repeat(&shared.share)?;
        player.playing = false;
        self.timeline.seek(shared.share.position);
        let hash = self.timeline.world().trace_hash();
        (player.steps.current == step && player.timeline.world().trace_hash() == hash)
            .then_some(player)
    }

    /// Does from here on what was done in the shared run, up to its position.
    fn repeat(&mut self, share: &Share) -> Option<()> {
        loop {
            let (here, done) = (self.timeline.event(), self.timeline.inputs().len());
            if share.inputs.get(..done)? != self.timeline.inputs() || here > share.position {
                return None;
            }
            match share.inputs.get(done).filter(|input| input.event == here) {
                Some(_) if self.question_open() && self.asks(&share.inputs[done..]) => {
                    self.reveal().ok()?;
                }
                Some(input) => self.act(&input.action).ok()?,
                None if here == share.position => return Some(()),
                None if self.question_open() => self.reveal().ok()?,
                None => {
                    if !(self.course.know(here + 1) && self.step()) {
                        return None;
                    }
                }
            }
        }
    }

    /// Whether these inputs begin with what the step's question does.
    fn asks(&self, inputs: &[LoggedInput]) -> bool {
        let Some(ask) = self.step_here().and_then(|s| s.ask.as_ref()) else { return false };
        !ask.actions.is_empty()
            && inputs.len() >= ask.actions.len()
            && inputs.iter().zip(&ask.actions).all(|(input, action)| input.action == *action)
    }

    /// The shared run alone, in the step it was in: no step before it is known.
    fn resume_alone(&mut self, shared: &Shared) -> Result<(), IntentError> {
        let position = shared.share.position;
        self.course.know(position + 1);
        self.timeline.seek(position);
        let last = self.lesson.steps.len().checked_sub(1);
        if let Some(last) = last {
            let (step, done) = shared.step.map_or((last, false), |(s, d)| (s.min(last), d));
            self.steps.entered.insert(step, Entered::new(self.timeline.place()));
            self.steps.current = step;
            self.begin_waiting(step, done)?;
        } else {
            self.begin_waiting(0, false)?;
        }
        self.adopt_position();
        Ok(())
    }
}
