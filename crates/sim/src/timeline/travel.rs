//! Going to a position.

use super::Timeline;
use crate::{Marker, StepResult};
use highwater_cluster::Time;

/// Events that a search for the next moment or marker computes at most.
const SEARCH_EVENTS: u64 = 20_000;
/// Virtual time that it looks ahead at most, microseconds.
const SEARCH_US: u64 = 600_000_000;

impl Timeline {
    /// One event back. False at the beginning.
    pub fn step_back(&mut self) -> bool {
        match self.event().checked_sub(1) {
            Some(event) => {
                self.seek(event);
                true
            }
            None => false,
        }
    }

    /// Goes to a position; what has not been computed yet is computed. Returns where it is then: before the
    /// wished position only when nothing is scheduled any more.
    pub fn seek(&mut self, event: u64) -> u64 {
        self.keep_tip_if_leaving(event);
        self.travel_to(event.min(self.furthest()));
        while self.event() < event && self.step() != StepResult::Nothing {}
        self.event()
    }

    /// Goes to the last event at or before this time.
    pub fn seek_time(&mut self, time: Time) -> u64 {
        let end = self.time_of(self.furthest()).unwrap_or_default();
        if time < end {
            return self.seek(self.event_at(time));
        }
        self.seek(self.furthest());
        while self.world.next_event_at().is_some_and(|at| at <= time) {
            self.step();
        }
        self.event()
    }

    fn keep_tip_if_leaving(&mut self, event: u64) {
        if event < self.furthest() {
            self.keep_tip();
        }
    }

    /// Goes to a position of the current branch that has been computed.
    pub(super) fn travel_to(&mut self, event: u64) {
        let here = self.world.event();
        if let Some(frame) = self.branch().frame_before(event)
            && (here > event || frame.event() > here)
        {
            self.world = frame.clone();
        } else if here > event {
            self.world = self.branch().start();
            self.inputs_here();
        } else if here == 0 {
            // The beginning without its inputs comes from `start`.
            self.world = self.branch().start();
            self.inputs_here();
        }
        while self.world.event() < event && self.world.step() != StepResult::Nothing {
            self.inputs_here();
            // Who looks around here will want the next positions back too.
            if super::branch::frame_due(self.world.event()) {
                let world = self.world.clone();
                self.branch_mut().put_frame_again(world);
            }
        }
    }

    /// Goes to the next visible change, computing further if need be. `None` (and no move) when there is none
    /// within ten minutes of virtual time.
    pub fn next_moment(&mut self) -> Option<u64> {
        self.next_of(|t, here| {
            let moments = t.moments();
            moments.get(moments.partition_point(|m| *m <= here)).copied()
        })
    }

    /// Goes to the visible change before the current position, or to the beginning.
    pub fn previous_moment(&mut self) -> Option<u64> {
        let here = self.event();
        if here == 0 {
            return None;
        }
        let before = self.moments().partition_point(|m| *m < here);
        let event = before.checked_sub(1).map_or(0, |n| self.moments()[n]);
        Some(self.seek(event))
    }

    /// Goes to the next turning point, of one kind if given.
    pub fn next_marker(&mut self, kind: Option<&str>) -> Option<u64> {
        self.next_of(|t, here| {
            let first = t.markers().partition_point(|m| m.event <= here);
            t.markers()[first..].iter().find(|m| fits(m, kind)).map(|m| m.event)
        })
    }

    /// Goes to the turning point before the current position, or to the beginning.
    pub fn previous_marker(&mut self, kind: Option<&str>) -> Option<u64> {
        let here = self.event();
        if here == 0 {
            return None;
        }
        let marker = self.markers().iter().rev().find(|m| m.event < here && fits(m, kind));
        let event = marker.map_or(0, |m| m.event);
        Some(self.seek(event))
    }

    fn next_of(&mut self, find: impl Fn(&Self, u64) -> Option<u64>) -> Option<u64> {
        let here = self.event();
        if let Some(event) = find(self, here) {
            return Some(self.seek(event));
        }
        self.seek(self.furthest());
        let (limit, until) = (self.event() + SEARCH_EVENTS, self.now().0.saturating_add(SEARCH_US));
        while self.event() < limit && self.now().0 < until {
            if self.step() == StepResult::Nothing {
                break;
            }
            if let Some(event) = find(self, here) {
                return Some(event);
            }
        }
        self.seek(here);
        None
    }
}

fn fits(marker: &Marker, kind: Option<&str>) -> bool {
    kind.is_none_or(|k| marker.kind == k)
}
