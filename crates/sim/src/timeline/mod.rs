//! Time travel: a run as keyframes and a list of inputs, with branches where somebody acted in the past.
//!
//! A position is a number of events: the state after that many events and after every input that was given
//! there. Seeking takes the nearest keyframe before it and steps.

mod branch;
mod compare;
mod travel;

#[cfg(test)]
mod tests;

pub use branch::{BranchId, BranchInfo, LoggedInput, Place};

use crate::markers::{is_moment_of, marker};
use crate::{
    Action, ActionError, Marker, Scenario, ScenarioError, StepResult, TraceRecord, World, WorldView,
};
use branch::Branch;
use highwater_cluster::Time;

/// A run that can be gone through in both directions.
#[derive(Clone, Debug)]
pub struct Timeline {
    branches: Vec<Branch>,
    current: BranchId,
    world: World,
}

impl Timeline {
    /// At the beginning of a scenario, the cluster started.
    ///
    /// # Errors
    /// As [`World::booted`].
    pub fn new(scenario: &Scenario, seed: u64) -> Result<Self, ScenarioError> {
        let world = World::booted(scenario, seed)?;
        Ok(Self { branches: vec![Branch::first(world.clone())], current: 0, world })
    }

    /// The world at the current position. To act on it use [`Timeline::apply`].
    pub fn world(&self) -> &World {
        &self.world
    }

    /// What may be seen of it.
    pub fn view(&self) -> WorldView {
        self.world.view()
    }

    /// The current position.
    pub fn event(&self) -> u64 {
        self.world.event()
    }

    /// Virtual time at the current position.
    pub fn now(&self) -> Time {
        self.world.now()
    }

    /// The last event of the current branch that has been computed.
    pub fn furthest(&self) -> u64 {
        self.branch().furthest()
    }

    /// Virtual time of an event of the current branch, if it has been computed.
    pub fn time_of(&self, event: u64) -> Option<Time> {
        self.branch().time_of(event)
    }

    /// The last event at or before this time, among those computed.
    pub fn event_at(&self, time: Time) -> u64 {
        self.branch().event_at(time)
    }

    fn branch(&self) -> &Branch {
        &self.branches[index(self.current)]
    }

    fn branch_mut(&mut self) -> &mut Branch {
        &mut self.branches[index(self.current)]
    }

    /// Goes one event on: computed anew at the end of the branch, gone over again before it.
    pub fn step(&mut self) -> StepResult {
        let known = self.event() < self.furthest();
        let result = self.world.step();
        if result == StepResult::Nothing {
            return result;
        }
        if known {
            self.inputs_here();
        } else {
            self.record_event();
            self.keep_frame();
        }
        result
    }

    /// Gives the inputs that belong to the current position, in order.
    fn inputs_here(&mut self) {
        let event = self.world.event();
        let actions: Vec<Action> =
            self.branch().inputs_at(event).map(|i| i.action.clone()).collect();
        for action in actions {
            let again = self.world.apply(&action);
            debug_assert!(again.is_ok(), "an input that was possible is possible again");
        }
    }

    /// Takes what a new event told into the branch.
    fn record_event(&mut self) {
        let world = &self.world;
        let moment = is_moment_of(world, world.records());
        let markers: Vec<Marker> =
            world.records().iter().filter_map(|r| marker(world, r)).collect();
        let (event, time) = (world.event(), world.now());
        let records = world.records().to_vec();
        self.branch_mut().push_event(event, time, records, markers, moment);
    }

    fn keep_frame(&mut self) {
        if branch::frame_due(self.world.event()) {
            let world = self.world.clone();
            self.branch_mut().put_frame(world);
        }
    }

    /// Does something at the current position. At the end of the branch it goes on there; before it a new
    /// branch begins, and becomes the current one.
    ///
    /// # Errors
    /// As [`World::apply`]: nothing has changed.
    pub fn apply(&mut self, action: &Action) -> Result<(), ActionError> {
        self.act(action, false)
    }

    /// The same, but always in a new branch: the current one stays as it is.
    ///
    /// # Errors
    /// As there.
    pub fn apply_apart(&mut self, action: &Action) -> Result<(), ActionError> {
        self.act(action, true)
    }

    fn act(&mut self, action: &Action, apart: bool) -> Result<(), ActionError> {
        let mut world = self.world.clone();
        world.apply(action)?;
        let event = world.event();
        if apart || event < self.furthest() {
            self.fork(action);
        }
        let markers: Vec<Marker> =
            world.records().iter().filter_map(|r| marker(&world, r)).collect();
        let records = world.records().to_vec();
        let branch = self.branch_mut();
        branch.push_input(LoggedInput { event, action: action.clone() });
        branch.push_records(event, records, markers);
        branch.drop_frame(event);
        self.world = world;
        Ok(())
    }

    fn fork(&mut self, action: &Action) {
        self.keep_tip();
        let id = u32::try_from(self.branches.len()).expect("fewer branches than that");
        let label = format!("{action} at {}", self.now());
        let branch = self.branch().fork(id, label, self.world.clone(), self.told_here());
        self.branches.push(branch);
        self.current = id;
    }

    fn told_here(&self) -> Vec<TraceRecord> {
        self.records(self.event(), self.event()).into_iter().cloned().collect()
    }

    /// Keeps the end of the branch, so that coming back to it is at once.
    fn keep_tip(&mut self) {
        if self.event() == self.furthest() {
            let world = self.world.clone();
            self.branch_mut().put_tip(world);
        }
    }

    /// The current position, to come back to. At the end of the branch only: further on its event may have more inputs.
    pub fn place(&self) -> Place {
        Place {
            world: self.world.clone(),
            inputs: self.inputs().len(),
            told: self.told_here().len(),
        }
    }

    /// Whether this is where the run stands, with nothing done there since.
    pub fn is_at(&self, place: &Place) -> bool {
        self.event() == place.world.event() && self.inputs().len() == place.inputs
    }

    /// Goes back to a place of the current branch, and forgets what the branch did after it: later events, and
    /// later inputs. Branches that left it later keep what they share with it. For lessons, whose steps can be
    /// begun again.
    pub fn rewind(&mut self, place: &Place) {
        let event = place.world.event();
        assert!(event <= self.furthest(), "the place is one of this branch");
        let current = self.current;
        for id in 0..self.branches.len() {
            let (parent, fork) = (self.branches[id].parent(), self.branches[id].fork_event());
            if parent == Some(current) && fork > event {
                let shared = self.records(event, fork - 1).into_iter().cloned().collect();
                self.branches[id].own_from(event, shared);
            }
        }
        let told = self.records(event, event).into_iter().take(place.told).cloned().collect();
        self.branch_mut().cut(place, told);
        self.world = place.world.clone();
    }

    /// Every branch, in order of making.
    pub fn branches(&self) -> Vec<BranchInfo> {
        self.branches.iter().map(Branch::info).collect()
    }

    /// The current branch.
    pub fn current_branch(&self) -> BranchId {
        self.current
    }

    /// Names a branch.
    pub fn label_branch(&mut self, id: BranchId, label: &str) {
        if let Some(branch) = self.branches.get_mut(index(id)) {
            branch.label = label.to_owned();
        }
    }

    /// Goes to another branch, at the same moment of virtual time if it has come that far, else at its end.
    /// False when there is no such branch.
    pub fn switch_branch(&mut self, id: BranchId) -> bool {
        if self.branches.get(index(id)).is_none() {
            return false;
        }
        let now = self.now();
        self.keep_tip();
        self.current = id;
        let event = self.branch().event_at(now);
        self.world = self.branch().start();
        self.travel_to(event);
        true
    }

    /// Inputs of the current branch, from the beginning.
    pub fn inputs(&self) -> &[LoggedInput] {
        self.branch().inputs()
    }

    /// Trace records of the current branch from event `from` to event `to`, both included.
    pub fn records(&self, from: u64, to: u64) -> Vec<&TraceRecord> {
        self.records_of(self.current, from, to)
    }

    fn records_of(&self, id: BranchId, from: u64, to: u64) -> Vec<&TraceRecord> {
        let mut parts = Vec::new();
        let (mut next, mut last) = (Some(id), to);
        while let Some(branch) = next.and_then(|id| self.branches.get(index(id))) {
            parts.push(branch.records(from, last));
            let Some(before) = branch.fork_event().checked_sub(1) else { break };
            next = branch.parent();
            last = last.min(before);
        }
        parts.into_iter().rev().flatten().collect()
    }

    /// Whether a condition holds at the current position. Of its events those count that came after position
    /// `since`, with those of the inputs given there.
    ///
    /// # Errors
    /// A path names something that does not exist.
    pub fn holds(&self, condition: &crate::query::Condition, since: u64) -> Result<bool, String> {
        let mut records = Vec::new();
        if !condition.events().is_empty() {
            records = self.records(since, self.event());
            records.retain(|r| r.event > since || r.by_input);
        }
        condition.holds(&self.world, &records)
    }

    /// Turning points of the current branch as far as it has been computed.
    pub fn markers(&self) -> &[Marker] {
        self.branch().markers()
    }

    /// Events of the current branch with a visible change, as far as it has been computed.
    pub fn moments(&self) -> &[u64] {
        self.branch().moments()
    }
}

fn index(id: BranchId) -> usize {
    usize::try_from(id).unwrap_or(usize::MAX)
}
