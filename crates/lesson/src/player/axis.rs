//! The director's axis: every event known so far, with its place on the screen. It runs a little ahead
//! of what is shown, because the length of a quiet span must be known when it begins.

use super::levels::Levels;
use crate::director::{Beat, Director, Effect, Quiet};
use highwater_cluster::{Span, Time};
use highwater_sim::{Marker, World, is_moment_of, marker};

/// Events that are looked at ahead for the end of a quiet span. Beyond, it is cut in two.
const LOOK_AHEAD_EVENTS: u32 = 5_000;

/// What steps the world: the run itself, or a copy that looks ahead.
pub trait Stepper {
    /// Handles one event; false when nothing is scheduled.
    fn step(&mut self) -> bool;
    /// The world after it.
    fn world(&self) -> &World;
}

/// An event on the axis.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stop {
    beat: Beat,
    /// Screen microseconds from the beginning at speed 1.
    at_us: u64,
    /// Index into `quiet` of the span that begins or goes on here.
    quiet: Option<u32>,
}

/// A quiet span with its events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QuietRun {
    /// Event it begins with.
    pub first: u64,
    /// Event it ends with.
    pub last: u64,
    /// In virtual time.
    pub span: Quiet,
}

/// The axis of one branch.
#[derive(Clone, Debug)]
pub struct Axis {
    director: Director,
    stops: Vec<Stop>,
    quiet: Vec<QuietRun>,
    /// Events with a visible change.
    moments: Vec<u64>,
    markers: Vec<Marker>,
    /// Levels of every partition wherever they change.
    pub levels: Levels,
    /// Numbers of the messages that matter and are in flight at the end of the axis.
    flying: Vec<u64>,
}

impl Axis {
    /// An axis that knows only where the world stands.
    pub fn new(director: Director, world: &World) -> Self {
        let mut axis = Self {
            director,
            stops: Vec::new(),
            quiet: Vec::new(),
            moments: Vec::new(),
            markers: Vec::new(),
            levels: Levels::default(),
            flying: Vec::new(),
        };
        axis.levels.start(world);
        let beat = axis.beat(world);
        axis.stops.push(Stop { beat, at_us: 0, quiet: None });
        axis
    }

    /// Number of the last event known.
    pub fn last(&self) -> u64 {
        u64::try_from(self.stops.len()).unwrap_or(u64::MAX) - 1
    }

    fn stop(&self, event: u64) -> Option<&Stop> {
        self.stops.get(usize::try_from(event).ok()?)
    }

    /// Screen microseconds of an event; the end of what is known when it is not known.
    pub fn at_us(&self, event: u64) -> u64 {
        self.stop(event).or(self.stops.last()).map_or(0, |s| s.at_us)
    }

    /// Screen microseconds up to the last event known.
    pub fn end_us(&self) -> u64 {
        self.at_us(self.last())
    }

    /// Virtual time of an event.
    pub fn time(&self, event: u64) -> Option<Time> {
        self.stop(event).map(|s| s.beat.time)
    }

    /// The last event at or before this place on the screen.
    pub fn event_at_us(&self, us: u64) -> u64 {
        u64::try_from(self.stops.partition_point(|s| s.at_us <= us)).unwrap_or(1).max(1) - 1
    }

    /// The last event at or before this virtual time.
    pub fn event_at_time(&self, time: Time) -> u64 {
        u64::try_from(self.stops.partition_point(|s| s.beat.time <= time)).unwrap_or(1).max(1) - 1
    }

    /// Events with a visible change.
    pub fn moments(&self) -> &[u64] {
        &self.moments
    }

    /// Markers in order.
    pub fn markers(&self) -> &[Marker] {
        &self.markers
    }

    /// Shortened spans worth a word.
    pub fn quiet_runs(&self) -> impl Iterator<Item = (QuietRun, Span)> {
        self.quiet.iter().filter_map(|run| Some((*run, self.director.report(run.span)?)))
    }

    /// The length of the shortened span that an interval lies in.
    pub fn quiet_of(&self, event: u64) -> Option<Span> {
        let run = self.quiet.get(usize::try_from(self.stop(event)?.quiet?).ok()?)?;
        self.director.report(run.span)
    }

    /// Looks one stretch further: to the next event that can be seen, or over one interval while
    /// something flies. False when the stepper
    /// does not step.
    pub fn extend(&mut self, ahead: &mut impl Stepper) -> bool {
        assert!(
            ahead.world().event() == self.last(),
            "the look-ahead stands at the end of the axis"
        );
        let flying = self.stops[self.stops.len() - 1].beat.shortest_flight_us.is_some();
        let first = self.last();
        for _ in 0..LOOK_AHEAD_EVENTS {
            if !ahead.step() {
                break;
            }
            let world = ahead.world();
            self.take(world);
            let now = self.stops[self.stops.len() - 1].beat;
            if flying || now.effect != Effect::Hidden || now.shortest_flight_us.is_some() {
                break;
            }
        }
        self.place_from(first);
        self.last() > first
    }

    fn take(&mut self, world: &World) {
        let beat = self.beat(world);
        assert!(beat.event == self.last() + 1, "events follow one another");
        if beat.effect == Effect::Changed {
            self.moments.push(beat.event);
        }
        self.markers.extend(world.records().iter().filter_map(|r| marker(world, r)));
        self.levels.take(world);
        self.stops.push(Stop { beat, at_us: 0, quiet: None });
    }

    /// Places every event after `first` on the screen. They are one quiet span, or one interval.
    fn place_from(&mut self, first: u64) {
        let from = usize::try_from(first).unwrap_or(usize::MAX);
        let (begin, end) = (self.stops[from].beat, self.stops[self.stops.len() - 1].beat);
        let span = Quiet { from: begin.time, to: end.time };
        let quiet = begin.shortest_flight_us.is_none().then_some(span);
        if quiet.is_some() && end.event > begin.event {
            let index = u32::try_from(self.quiet.len()).unwrap_or(u32::MAX);
            self.quiet.push(QuietRun { first: begin.event, last: end.event, span });
            let last = self.stops.len() - 1;
            self.stops[from..last].iter_mut().for_each(|s| s.quiet = Some(index));
        }
        for i in from + 1..self.stops.len() {
            let (before, now) = (self.stops[i - 1], self.stops[i].beat);
            self.stops[i].at_us =
                before.at_us + self.director.interval_us(&before.beat, &now, quiet);
        }
    }

    /// Forgets everything after an event: something was done there.
    pub fn cut(&mut self, world: &World) {
        let event = world.event();
        let keep = usize::try_from(event).unwrap_or(usize::MAX);
        self.stops.truncate(keep.saturating_add(1));
        self.moments.retain(|&m| m <= event);
        self.markers.retain(|m| m.event <= event);
        self.quiet.retain(|q| q.first < event);
        if let Some(run) = self.quiet.last_mut()
            && run.last > event
        {
            run.last = event;
            run.span.to = world.now();
        }
        self.levels.cut(event);
        self.renew_last(world);
    }

    /// What an action told, which belongs to the event it came after.
    pub fn take_action(&mut self, world: &World) {
        self.markers.extend(world.records().iter().filter_map(|r| marker(world, r)));
        self.levels.take(world);
        self.renew_last(world);
    }

    /// What flies after the last event has changed.
    fn renew_last(&mut self, world: &World) {
        let effect = self.stops[self.stops.len() - 1].beat.effect;
        let beat = self.beat(world);
        if let Some(stop) = self.stops.last_mut() {
            stop.beat = Beat { effect: effect.max(beat.effect), ..beat };
            stop.quiet = None;
        }
    }

    /// Places everything anew under another director.
    pub fn redirect(&mut self, linear: bool) {
        self.director.linear = linear;
        for i in 1..self.stops.len() {
            let (before, now) = (self.stops[i - 1], self.stops[i].beat);
            let quiet = before
                .quiet
                .and_then(|q| self.quiet.get(usize::try_from(q).ok()?))
                .map(|run| run.span);
            self.stops[i].at_us =
                before.at_us + self.director.interval_us(&before.beat, &now, quiet);
        }
    }

    /// Whether one second is one second.
    pub fn linear(&self) -> bool {
        self.director.linear
    }

    /// The event that a world has just handled, as the director needs it.
    fn beat(&mut self, world: &World) -> Beat {
        let flights = world.flights();
        let now: Vec<u64> = flights.iter().map(|f| f.id).collect();
        let effect = match is_moment_of(world, world.records()) {
            true => Effect::Changed,
            // A message that matters was sent, landed or got lost.
            false if now != self.flying => Effect::Seen,
            false => Effect::Hidden,
        };
        self.flying = now;
        let latency = flights.iter().filter_map(|f| f.latency_us()).min();
        Beat { event: world.event(), time: world.now(), effect, shortest_flight_us: latency }
    }
}
