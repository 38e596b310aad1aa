//! One branch of a run.

use crate::{Action, Marker, TraceRecord, World};
use highwater_cluster::Time;
use highwater_sorted::SortedMap;

/// Number of a branch; 0 is the first.
pub type BranchId = u32;

/// An input and the position at which it was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoggedInput {
    /// Events handled before it.
    pub event: u64,
    /// What was done.
    pub action: Action,
}

/// A place in a run: the state there, and how much of what belongs to its event had happened.
#[derive(Clone, Debug)]
pub struct Place {
    /// The world there.
    pub world: World,
    /// Inputs of the branch up to there.
    pub(super) inputs: usize,
    /// Trace records of its event up to there.
    pub(super) told: usize,
}

/// What a branch tree shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BranchInfo {
    /// Number.
    pub id: BranchId,
    /// The branch it left, and at which event.
    pub parent: Option<(BranchId, u64)>,
    /// Name: what was done, until somebody gives another.
    pub label: String,
    /// Number of inputs from the beginning of the run.
    pub inputs: u32,
    /// Last event computed.
    pub furthest: u64,
    /// Virtual time there.
    pub until: Time,
}

/// Events between keyframes while they are young.
const SPACING: u64 = 64;
/// Keyframes at each spacing, before it doubles with age.
const PER_LEVEL: u64 = 24;

/// Keyframes that looking around in the past may bring back before they are thinned out again.
const MOST_FRAMES: usize = 400;

/// Whether a keyframe is due after this event.
pub(super) fn frame_due(event: u64) -> bool {
    event.is_multiple_of(SPACING)
}

/// A branch: its own records begin at `fork_event`, those before it are its parent's; inputs, markers and moments are there from the beginning.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    id: BranchId,
    parent: Option<BranchId>,
    fork_event: u64,
    pub label: String,
    inputs: Vec<LoggedInput>,
    /// State at the fork, before the branch's first own input; the beginning of the run on the first branch.
    start: World,
    frames: SortedMap<u64, World>,
    tip: Option<World>,
    records: Vec<TraceRecord>,
    markers: Vec<Marker>,
    moments: Vec<u64>,
    /// Time of each event; index 0 = before the first.
    times: Vec<Time>,
}

impl Branch {
    pub fn first(world: World) -> Self {
        Self {
            id: 0,
            parent: None,
            fork_event: 0,
            label: "first run".to_owned(),
            inputs: Vec::new(),
            frames: SortedMap::new(),
            tip: None,
            records: Vec::new(),
            markers: Vec::new(),
            moments: Vec::new(),
            times: vec![world.now()],
            start: world,
        }
    }

    /// A new branch that leaves this one at `world`, the state after `told` and all inputs so far.
    pub fn fork(&self, id: BranchId, label: String, world: World, told: Vec<TraceRecord>) -> Self {
        let event = world.event();
        let length = usize::try_from(event).unwrap_or(usize::MAX).saturating_add(1);
        Self {
            id,
            parent: Some(self.id),
            fork_event: event,
            label,
            inputs: self.inputs.iter().filter(|i| i.event <= event).cloned().collect(),
            start: self.start.clone(),
            frames: self
                .frames
                .iter()
                .filter(|(e, _)| **e < event)
                .map(|(e, w)| (*e, w.clone()))
                .chain([(event, world)])
                .collect(),
            tip: None,
            records: told,
            markers: self.markers.iter().filter(|m| m.event <= event).cloned().collect(),
            moments: self.moments.iter().copied().filter(|m| *m <= event).collect(),
            times: self.times.iter().copied().take(length).collect(),
        }
    }

    pub fn parent(&self) -> Option<BranchId> {
        self.parent
    }

    pub fn fork_event(&self) -> u64 {
        self.fork_event
    }

    pub fn furthest(&self) -> u64 {
        u64::try_from(self.times.len()).expect("a count fits 64 bits") - 1
    }

    pub fn info(&self) -> BranchInfo {
        BranchInfo {
            id: self.id,
            parent: self.parent.map(|p| (p, self.fork_event)),
            label: self.label.clone(),
            inputs: u32::try_from(self.inputs.len()).unwrap_or(u32::MAX),
            furthest: self.furthest(),
            until: self.times.last().copied().unwrap_or_default(),
        }
    }

    pub fn time_of(&self, event: u64) -> Option<Time> {
        self.times.get(usize::try_from(event).ok()?).copied()
    }

    pub fn event_at(&self, time: Time) -> u64 {
        let after = self.times.partition_point(|t| *t <= time);
        u64::try_from(after.saturating_sub(1)).expect("a count fits 64 bits")
    }

    pub fn push_event(
        &mut self,
        event: u64,
        time: Time,
        records: Vec<TraceRecord>,
        markers: Vec<Marker>,
        moment: bool,
    ) {
        assert_eq!(event, self.furthest() + 1, "events are recorded in order");
        self.times.push(time);
        if moment {
            self.moments.push(event);
        }
        self.records.extend(records);
        self.markers.extend(markers);
        self.tip = None;
    }

    /// What an input told.
    pub fn push_records(&mut self, event: u64, records: Vec<TraceRecord>, markers: Vec<Marker>) {
        if !records.is_empty() && event > 0 && self.moments.last() != Some(&event) {
            self.moments.push(event);
        }
        self.records.extend(records);
        self.markers.extend(markers);
    }

    pub fn push_input(&mut self, input: LoggedInput) {
        self.inputs.push(input);
    }

    pub fn inputs(&self) -> &[LoggedInput] {
        &self.inputs
    }

    pub fn inputs_at(&self, event: u64) -> impl Iterator<Item = &LoggedInput> {
        let first = self.inputs.partition_point(|i| i.event < event);
        self.inputs[first..].iter().take_while(move |i| i.event == event)
    }

    pub fn markers(&self) -> &[Marker] {
        &self.markers
    }

    pub fn moments(&self) -> &[u64] {
        &self.moments
    }

    pub fn records(&self, from: u64, to: u64) -> &[TraceRecord] {
        let first = self.records.partition_point(|r| r.event < from);
        let after = self.records.partition_point(|r| r.event <= to);
        &self.records[first.min(after)..after]
    }

    pub fn start(&self) -> World {
        self.start.clone()
    }

    pub fn put_frame(&mut self, world: World) {
        self.frames.insert(world.event(), world);
        self.thin();
    }

    /// A keyframe of a part that had been thinned out already.
    pub fn put_frame_again(&mut self, world: World) {
        self.frames.insert(world.event(), world);
        if self.frames.len() > MOST_FRAMES {
            self.thin();
        }
    }

    pub fn put_tip(&mut self, world: World) {
        self.tip = Some(world);
    }

    /// An input has changed the state at this position.
    pub fn drop_frame(&mut self, event: u64) {
        self.frames.remove(&event);
        self.tip = None;
    }

    /// From here on the branch has its own records: its parent forgets them.
    pub fn own_from(&mut self, event: u64, before: Vec<TraceRecord>) {
        self.records.splice(..0, before);
        self.fork_event = event;
    }

    /// Forgets what came after this place.
    pub fn cut(&mut self, place: &Place, told: Vec<TraceRecord>) {
        let state = &place.world;
        let event = state.event();
        let length = usize::try_from(event).unwrap_or(usize::MAX).saturating_add(1);
        self.fork_event = self.fork_event.min(event);
        self.inputs.truncate(place.inputs);
        self.frames.retain(|e, _| *e < event);
        self.frames.insert(event, state.clone());
        self.tip = None;
        self.records.retain(|r| r.event < event);
        self.records.extend(told);
        self.markers.retain(|m| m.event <= event);
        self.moments.retain(|m| *m <= event);
        self.times.truncate(length);
    }

    /// The nearest kept state at or before `event`.
    pub fn frame_before(&self, event: u64) -> Option<&World> {
        let tip = self.tip.as_ref().filter(|w| w.event() <= event);
        tip.or_else(|| self.frames.range(..=event).next_back().map(|(_, w)| w))
    }

    /// The older, the fewer: the spacing doubles with age.
    fn thin(&mut self) {
        let end = self.furthest();
        let keep = |event: u64| {
            let level = (end - event) / (SPACING * PER_LEVEL);
            let spacing = SPACING << level.checked_ilog2().map_or(0, |l| l + 1).min(32);
            event.is_multiple_of(spacing)
        };
        self.frames.retain(|event, _| keep(*event) || *event == self.fork_event);
    }

    #[cfg(test)]
    pub fn frame_count(&self) -> u64 {
        u64::try_from(self.frames.len()).unwrap_or(u64::MAX)
    }
}
