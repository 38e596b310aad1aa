//! One branch of the run as the player goes along it: the axis, and a copy of the world that looks
//! ahead. The copy is separate from the timeline, so that what nobody has seen yet is not yet past.

use super::axis::{Axis, Stepper};
use crate::director::Director;
use highwater_sim::{LoggedInput, StepResult, Timeline, World};

/// A copy of the world at the end of the axis, with the inputs that will come.
#[derive(Clone, Debug)]
struct Scout {
    world: World,
    inputs: Vec<LoggedInput>,
}

impl Stepper for Scout {
    fn step(&mut self) -> bool {
        self.world.step() != StepResult::Nothing
    }

    fn world(&self) -> &World {
        &self.world
    }
}

impl Scout {
    /// Where the timeline stands, with the inputs of the past that are still ahead.
    fn new(timeline: &Timeline) -> Self {
        let here = timeline.event();
        let inputs = timeline.inputs().iter().filter(|i| i.event > here).cloned().collect();
        Self { world: timeline.world().clone(), inputs }
    }
}

/// A branch with what is known of it.
#[derive(Clone, Debug)]
pub struct Course {
    /// Its events on the screen.
    pub axis: Axis,
    scout: Scout,
}

impl Course {
    /// From the beginning of the timeline's branch, where the timeline has to stand.
    pub fn new(director: Director, timeline: &Timeline) -> Self {
        assert!(timeline.event() == 0, "a course begins at the beginning");
        Self { axis: Axis::new(director, timeline.world()), scout: Scout::new(timeline) }
    }

    /// Looks further until this event has a place on the screen; false when nothing is scheduled
    /// before it.
    pub fn know(&mut self, event: u64) -> bool {
        while self.axis.last() < event {
            if !self.extend() {
                return false;
            }
        }
        true
    }

    /// Looks one stretch further.
    pub fn extend(&mut self) -> bool {
        let inputs = &self.scout.inputs;
        // A stretch must not run over an input: it would be given too late.
        let next = inputs.iter().map(|i| i.event).find(|&e| e > self.axis.last());
        let mut limited = Limited { scout: &mut self.scout, stop: next };
        if !self.axis.extend(&mut limited) {
            return false;
        }
        let here = self.scout.world.event();
        let due: Vec<LoggedInput> =
            self.scout.inputs.iter().filter(|i| i.event == here).cloned().collect();
        for input in due {
            if self.scout.world.apply(&input.action).is_ok() {
                self.axis.take_action(&self.scout.world);
            }
        }
        true
    }

    /// Whether nothing is scheduled after the last event known.
    pub fn ended(&self) -> bool {
        self.scout.world.next_event_at().is_none()
    }

    /// Something was done at the timeline's position, or the branch was cut there: what was known
    /// beyond is void.
    pub fn cut(&mut self, timeline: &Timeline) {
        self.axis.cut(timeline.world());
        self.scout = Scout::new(timeline);
    }
}

/// A scout that stops at the event of the next input.
struct Limited<'a> {
    scout: &'a mut Scout,
    stop: Option<u64>,
}

impl Stepper for Limited<'_> {
    fn step(&mut self) -> bool {
        self.stop.is_none_or(|stop| self.scout.world.event() < stop) && self.scout.step()
    }

    fn world(&self) -> &World {
        &self.scout.world
    }
}
