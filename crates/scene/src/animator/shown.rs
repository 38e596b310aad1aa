//! One mark of the live picture on its way from what it was to what it should be.

use super::Patch;
use crate::ease::{WHOLE, between, ease};
use crate::element::{BEHIND, Element, Geometry, Kind, class_value, element, is_behind, translate};
use crate::{Anchor, Ease, Enter, Exit, Item, Key, Motion, Shape, Timing, Unit};
use std::sync::Arc;

/// How far a mark slides or falls while it goes.
const SLIDE: Unit = 6000;
const FALL: Unit = 4000;
/// A jump of a moving mark below this is made at once, above it is evened out.
const JUMP: Unit = 150;
/// A change of layout takes this long (mock/language 9: a window slides).
pub(super) const TOGETHER_MS: u16 = 320;

/// How the marks of a new scene get to their places.
#[derive(Clone, Copy)]
pub(super) struct Flow {
    /// At once.
    pub cut: bool,
    /// The layout changes: what moves, moves together.
    pub moves: bool,
    /// That begins when what leaves by itself has left.
    pub hold_ms: u16,
    /// Time until everything stands where the layout has it.
    pub settles_ms: u16,
}

/// What should be shown.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    pub item: &'a Item,
    pub parent: Option<&'a Key>,
}

/// What cannot be mixed, only exchanged.
#[derive(Clone, PartialEq, Debug)]
struct Looks {
    class: String,
    text: Option<Arc<str>>,
    label: Option<Arc<str>>,
    pick: Option<Key>,
}

impl Looks {
    fn of(item: &Item) -> Self {
        let text = match &item.shape {
            Shape::Text { text, .. } => Some(text.clone()),
            _ => None,
        };
        Self {
            class: class_value(item.class, item.dim),
            text,
            label: item.label.clone(),
            pick: item.pick.clone(),
        }
    }

    /// Writes that lead from these looks to `to`.
    fn patch(&self, to: &Looks, key: &Key, out: &mut Vec<Patch>) {
        let mut set = |name, value: Option<String>| {
            out.push(match value {
                Some(value) => Patch::Set { key: key.clone(), name, value },
                None => Patch::Unset { key: key.clone(), name },
            });
        };
        if self.class != to.class {
            set("class", Some(to.class.clone()));
        }
        if self.pick != to.pick {
            set("data-pick", to.pick.as_ref().map(ToString::to_string));
        }
        if self.label != to.label {
            if self.label.is_some() != to.label.is_some() {
                set("role", to.label.as_ref().map(|_| "img".to_owned()));
            }
            set("aria-label", to.label.as_ref().map(ToString::to_string));
        }
        if self.text != to.text {
            let text = to.text.clone().unwrap_or_else(|| Arc::from(""));
            out.push(Patch::Text { key: key.clone(), text });
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Shown {
    parent: Option<Key>,
    anchor: Anchor,
    /// As the scene has it, and of the transition that is under way.
    timing: Timing,
    pace: Timing,
    slotted: bool,
    /// New, and not seen before the others have moved.
    waiting: bool,
    motion: Option<Motion>,
    leaving: bool,
    /// Goes together with its group, which is going.
    with_group: bool,
    looks: Looks,
    /// Due at this clock.
    next_looks: Option<(u64, Looks)>,
    /// As written now, where it came from, where it should be.
    geometry: Geometry,
    from: Vec<Unit>,
    to: Vec<Unit>,
    /// Exchanged, not mixed, when the transition begins: another number of points.
    swap: bool,
    opacity: i32,
    opacity_from: i32,
    opacity_to: i32,
    shift: i32,
    /// Clock at the beginning of the transition; `None` = at rest.
    since: Option<u64>,
    /// Start point of a jump of a moving mark, evened out during its transition.
    jump: Option<Jump>,
    /// Spans of x in which a group is behind something, and whether it was written to be.
    spans: Vec<(Unit, Unit)>,
    behind: bool,
}

#[derive(Clone, Copy, Debug)]
struct Jump {
    x: Unit,
    y: Unit,
    /// Known once the first frame has said where the interval stands.
    relative: bool,
}

impl Shown {
    /// A new mark and the element to make for it.
    pub(super) fn enter(target: Target<'_>, clock: u64, flow: Flow) -> (Self, Element) {
        let item = target.item;
        let mut timing = if flow.cut { Timing::CUT } else { item.timing };
        let waiting = item.slotted && !flow.cut && flow.settles_ms > 0;
        if waiting {
            timing.delay_ms = timing.delay_ms.max(flow.settles_ms);
        }
        let geometry = Geometry::of(&item.shape);
        let to = geometry.values.clone();
        let mut first = geometry;
        first.values = before(timing.enter, first.kind, first.values);
        let mut opacity = WHOLE;
        let moving = match (timing.enter, first.kind) {
            (Enter::Cut, _) => timing.delay_ms > 0,
            _ => true,
        };
        if moving && first.values == to {
            opacity = 0;
        }
        let mut made = element(item);
        if first.values != to {
            for (name, value) in first.attributes() {
                if let Some(slot) = made.attributes.iter_mut().find(|(n, _)| *n == name) {
                    slot.1 = value;
                }
            }
        }
        if opacity == 0 {
            made.attributes.push(("opacity", "0".to_owned()));
        }
        let anchor = match &item.shape {
            Shape::Text { anchor, .. } => *anchor,
            _ => Anchor::Start,
        };
        let shown = Self {
            parent: target.parent.cloned(),
            anchor,
            timing: item.timing,
            pace: timing,
            slotted: item.slotted,
            waiting,
            motion: item.motion,
            leaving: false,
            with_group: false,
            looks: Looks::of(item),
            next_looks: None,
            from: first.values.clone(),
            geometry: first,
            to,
            swap: false,
            opacity,
            opacity_from: opacity,
            opacity_to: WHOLE,
            shift: 0,
            since: moving.then_some(clock),
            jump: None,
            behind: made.attributes.iter().any(|(name, _)| *name == BEHIND),
            spans: item.behind.clone(),
        };
        (shown, made)
    }

    pub(super) fn parent(&self) -> Option<&Key> {
        self.parent.as_ref()
    }
    pub(super) fn leaving(&self) -> bool {
        self.leaving
    }
    pub(super) fn busy(&self) -> bool {
        self.since.is_some() || self.next_looks.is_some()
    }
    pub(super) fn has_motion(&self) -> bool {
        self.motion.is_some() && !self.leaving
    }
    pub(super) fn is_group(&self) -> bool {
        self.geometry.kind == Kind::Group
    }

    /// Whether the mark can become the target without being made anew.
    pub(super) fn fits(&self, target: &Target<'_>) -> bool {
        let anchor = match &target.item.shape {
            Shape::Text { anchor, .. } => *anchor,
            _ => Anchor::Start,
        };
        Geometry::kind_of(&target.item.shape) == self.geometry.kind
            && self.anchor == anchor
            && self.parent.as_ref() == target.parent
    }

    /// Sets out for a new target.
    pub(super) fn aim(&mut self, target: Target<'_>, clock: u64, flow: Flow, out: &mut Vec<Patch>) {
        let item = target.item;
        let to = Geometry::of(&item.shape).values;
        let moved = self.motion != item.motion;
        self.timing = item.timing;
        self.slotted = item.slotted;
        self.look(item, clock, flow.cut, out);
        // One that is on its way there goes on as it does.
        if !self.leaving && to == self.to && !moved && !flow.cut {
            return;
        }
        self.spans.clone_from(&item.behind);
        self.leaving = false;
        self.with_group = false;
        if moved && !flow.cut {
            let (x, y) = (self.geometry.values[0], self.geometry.values[1]);
            self.jump = Some(Jump { x, y, relative: false });
        }
        self.motion = item.motion;
        self.swap = to.len() != self.geometry.values.len();
        self.opacity_from = self.opacity;
        self.opacity_to = WHOLE;
        if self.waiting && !flow.cut && !self.swap {
            // Nobody has seen it: it does not come from anywhere.
            self.from = before(self.pace.enter, self.geometry.kind, to.clone());
            self.to = to;
            if flow.moves {
                self.since = Some(clock);
                self.pace.delay_ms = self.pace.delay_ms.max(flow.settles_ms);
            }
            return;
        }
        self.waiting = false;
        self.from.clone_from(&self.geometry.values);
        self.to = to;
        self.since = Some(clock);
        self.pace = self.paced(flow);
        if flow.cut {
            self.jump = None;
            // Ended by the next frame, which writes what differs.
            self.since = Some(0);
            self.from.clone_from(&self.to);
        }
    }

    /// Takes on other looks, now or when they are due.
    fn look(&mut self, item: &Item, clock: u64, cut: bool, out: &mut Vec<Patch>) {
        let looks = Looks::of(item);
        let last = self.next_looks.as_ref().map_or(&self.looks, |(_, looks)| looks);
        if looks == *last && !cut {
            return;
        }
        self.next_looks = None;
        if cut || self.timing.delay_ms == 0 {
            self.looks.patch(&looks, &item.key, out);
            self.looks = looks;
        } else if looks != self.looks {
            self.next_looks = Some((clock + u64::from(self.timing.delay_ms) * 100, looks));
        }
    }

    /// Timing of a movement that begins now.
    fn paced(&self, flow: Flow) -> Timing {
        let own = self.timing;
        if flow.cut {
            Timing { delay_ms: 0, duration_ms: 0, ..own }
        } else if flow.moves {
            let (delay_ms, duration_ms) = (flow.hold_ms, TOGETHER_MS);
            Timing { delay_ms, duration_ms, ease: Ease::Ease, ..own }
        } else if self.motion.is_none() && own.delay_ms + own.duration_ms < flow.settles_ms {
            // It must not be there before those that it stands between.
            Timing { delay_ms: 0, duration_ms: flow.settles_ms, ..own }
        } else {
            own
        }
    }

    /// Sets out to go: by itself, or with its group. One that goes already goes on. `at_once` = the
    /// layout is changing: others come through the slot.
    pub(super) fn leave(&mut self, clock: u64, cut: bool, at_once: bool, alone: bool) {
        if self.leaving && self.with_group != alone && !cut {
            return;
        }
        self.leaving = true;
        self.with_group = !alone;
        self.next_looks = None;
        self.from.clone_from(&self.geometry.values);
        self.to.clone_from(&self.geometry.values);
        self.swap = false;
        self.opacity_from = self.opacity;
        self.opacity_to = 0;
        self.since = Some(clock);
        self.pace = self.timing;
        let fades = self.slotted && self.timing.exit == Exit::Fade;
        if cut || self.timing.exit == Exit::Cut || self.waiting || (at_once && fades) {
            self.pace = Timing { delay_ms: 0, duration_ms: 0, ..self.timing };
        }
    }

    /// Before a change of layout: what fades in its slot is gone, for what falls or slides the
    /// others wait. Returns for how long.
    pub(super) fn make_way(&mut self, clock: u64) -> u16 {
        if !self.leaving || !self.slotted || self.with_group {
            return 0;
        }
        if self.timing.exit == Exit::Fade {
            self.finish();
            return 0;
        }
        let whole = u64::from(self.pace.delay_ms) + u64::from(self.pace.duration_ms);
        let passed = clock.saturating_sub(self.since.unwrap_or(0)) / 100;
        u16::try_from(whole.saturating_sub(passed)).unwrap_or(0)
    }

    pub(super) fn finish(&mut self) {
        if let Some((due, _)) = &mut self.next_looks {
            *due = 0;
        }
        if self.since.is_some() {
            self.since = Some(0);
            self.pace = Timing { delay_ms: 0, duration_ms: 0, ..self.pace };
        }
    }

    /// Writes what is due; true when the mark has gone.
    pub(super) fn advance(
        &mut self,
        key: &Key,
        clock: u64,
        position: i32,
        out: &mut Vec<Patch>,
    ) -> bool {
        if self.with_group {
            return false;
        }
        if self.next_looks.as_ref().is_some_and(|(due, _)| *due <= clock)
            && let Some((_, looks)) = self.next_looks.take()
        {
            self.looks.patch(&looks, key, out);
            self.looks = looks;
        }
        let Some(since) = self.since else {
            if self.motion.is_some() {
                let at = self.moving(position, 0);
                self.write(key, at, WHOLE, 0, out);
            }
            return false;
        };
        let passed = i64::try_from(clock.saturating_sub(since)).unwrap_or(i64::MAX) / 100;
        let (delay, duration) = (i64::from(self.pace.delay_ms), i64::from(self.pace.duration_ms));
        if passed < delay {
            if self.motion.is_some() {
                let at = self.moving(position, WHOLE);
                self.write(key, at, self.opacity, self.shift, out);
            }
            return false;
        }
        self.waiting = false;
        let progress = if duration == 0 || passed - delay >= duration {
            WHOLE
        } else {
            i32::try_from((passed - delay) * i64::from(WHOLE) / duration).unwrap_or(WHOLE)
        };
        if self.leaving && progress == WHOLE {
            return true;
        }
        let eased = ease(self.pace.ease, progress);
        let at = if self.motion.is_some() && !self.leaving {
            self.moving(position, WHOLE - eased)
        } else if self.swap {
            self.to.clone()
        } else {
            self.from.iter().zip(&self.to).map(|(a, b)| between(*a, *b, eased)).collect()
        };
        let opacity = match (self.leaving, self.pace.enter) {
            (false, Enter::Cut) => WHOLE,
            _ => between(self.opacity_from, self.opacity_to, eased),
        };
        let shift = if self.leaving { eased } else { 0 };
        self.write(key, at, opacity, shift, out);
        if progress == WHOLE {
            self.since = None;
            self.jump = None;
        }
        false
    }

    /// Place of a mark with motion; `left` of 10000 of a jump is still to be evened out.
    fn moving(&mut self, position: i32, left: i32) -> Vec<Unit> {
        let Some(motion) = self.motion else { return self.to.clone() };
        let position = position.clamp(0, WHOLE);
        let x = between(motion.from.x, motion.to.x, position);
        let y = between(motion.from.y, motion.to.y, position);
        let Some(jump) = &mut self.jump else { return vec![x, y] };
        if !jump.relative {
            *jump = Jump { x: jump.x - x, y: jump.y - y, relative: true };
            if jump.x.abs() + jump.y.abs() < JUMP {
                self.jump = None;
                return vec![x, y];
            }
        }
        let jump = *jump;
        vec![x + between(0, jump.x, left), y + between(0, jump.y, left)]
    }

    fn write(&mut self, key: &Key, at: Vec<Unit>, opacity: i32, shift: i32, out: &mut Vec<Patch>) {
        let set = |name, value| Patch::Set { key: key.clone(), name, value };
        let (dx, dy) = match self.timing.exit {
            Exit::SlideLeft => (-between(0, SLIDE, shift), 0),
            Exit::Fall => (0, between(0, FALL, shift)),
            Exit::Cut | Exit::Fade => (0, 0),
        };
        let group = self.is_group();
        let behind = group && is_behind(&self.spans, at[0]);
        if behind != self.behind {
            self.behind = behind;
            out.push(if behind {
                set(BEHIND, String::new())
            } else {
                Patch::Unset { key: key.clone(), name: BEHIND }
            });
        }
        if at != self.geometry.values || (group && shift != self.shift) {
            let before = self.geometry.attributes();
            self.geometry.values = at;
            if group {
                let v = &self.geometry.values;
                out.push(set("transform", translate(v[0] + dx, v[1] + dy)));
            } else {
                let changed = self.geometry.attributes().into_iter().zip(before);
                out.extend(
                    changed.filter(|(a, b)| a != b).map(|((name, value), _)| set(name, value)),
                );
            }
        }
        if !group && shift != self.shift {
            out.push(if shift == 0 {
                Patch::Unset { key: key.clone(), name: "transform" }
            } else {
                set("transform", translate(dx, dy))
            });
        }
        self.shift = shift;
        if opacity != self.opacity {
            self.opacity = opacity;
            out.push(if opacity >= WHOLE {
                Patch::Unset { key: key.clone(), name: "opacity" }
            } else {
                set("opacity", crate::number((opacity + 50) / 100))
            });
        }
    }
}

/// Geometry of a mark before it has appeared.
fn before(enter: Enter, kind: Kind, mut values: Vec<Unit>) -> Vec<Unit> {
    if (enter, kind) == (Enter::GrowUp, Kind::Rect) {
        values[1] += values[3];
        values[3] = 0;
    }
    values
}
