//! What is shown now, per key, and how it gets to what should be shown: differences between scenes
//! become a short list of attribute writes.

mod order;
mod shown;

use crate::element::Element;
use crate::{Item, Key, Scene, Shape, Unit};
use highwater_sorted::{SortedMap, SortedSet};
use shown::{Flow, Shown, Target};
use std::sync::Arc;

/// One change to the live picture. They must be carried out in order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Patch {
    /// Make an element and put it into `parent` (`None` = the root) before `before` (`None` = last).
    Create { key: Key, parent: Option<Key>, before: Option<Key>, element: Element },
    /// Put an existing element elsewhere among its siblings.
    Move { key: Key, parent: Option<Key>, before: Option<Key> },
    /// Write an attribute.
    Set { key: Key, name: &'static str, value: String },
    /// Take an attribute away.
    Unset { key: Key, name: &'static str },
    /// Replace the text content.
    Text { key: Key, text: Arc<str> },
    /// Take the element away with everything in it.
    Remove { key: Key },
}

/// Keeps what is shown per key. `show` sets what should be; each `frame` says what to write.
#[derive(Clone, Debug, Default)]
pub struct Animator {
    shown: SortedMap<Key, Shown>,
    /// Children per parent in the order of the live picture, leaving ones included.
    order: SortedMap<Option<Key>, Vec<Key>>,
    queue: Vec<Patch>,
    /// Hundredths of a millisecond of animation time: real time times speed.
    clock: u64,
    last_now_ms: Option<u32>,
    /// Of the scene that is shown, and the clock at which everything has moved to it.
    layout: Vec<Unit>,
    settled: u64,
}

impl Animator {
    /// Nothing shown.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what should be shown from now on. `cut` = at once, without movement, as for a jump in
    /// time and under reduced motion.
    pub fn show(&mut self, scene: &Scene, now_ms: u32, cut: bool) {
        self.last_now_ms.get_or_insert(now_ms);
        let mut wanted: SortedMap<Option<Key>, Vec<Key>> = SortedMap::new();
        let mut targets = Vec::with_capacity(scene.items.len() * 2);
        flatten(&scene.items, None, &mut wanted, &mut targets);
        let present: SortedSet<&Key> = targets.iter().map(|t| &t.item.key).collect();
        assert!(
            present.len() == targets.len(),
            "a key occurs twice in a scene: {}",
            twice(&targets)
        );
        // A mark whose group goes too fades with it and not by itself.
        let gone: Vec<(Key, bool)> = self
            .shown
            .iter()
            .filter(|(key, _)| !present.contains(key))
            .map(|(key, s)| (key.clone(), s.parent().is_none_or(|p| present.contains(p))))
            .collect();
        drop(present);
        let moves = !cut && self.layout != scene.layout && !self.layout.is_empty();
        self.layout.clone_from(&scene.layout);
        let at_once = cut || moves || self.clock < self.settled;
        for (key, alone) in gone {
            if let Some(shown) = self.shown.get_mut(&key) {
                shown.leave(self.clock, cut, at_once, alone);
            }
        }
        let flow = self.flow(cut, moves);
        let mut created = SortedMap::new();
        for target in targets {
            self.aim(target, flow, &mut created);
        }
        self.reorder(wanted, created);
        if cut {
            self.drop_leaving();
        }
    }

    /// Writes due at `now_ms`. `interval_position` (0 to 10000) is how far the current interval
    /// between two events has gone, for marks with a motion; `speed_percent` scales all durations.
    pub fn frame(&mut self, now_ms: u32, interval_position: i32, speed_percent: u32) -> Vec<Patch> {
        let last = self.last_now_ms.replace(now_ms).unwrap_or(now_ms);
        let passed = u64::from(now_ms.wrapping_sub(last).min(60_000));
        self.clock += passed * u64::from(speed_percent);
        let mut out = std::mem::take(&mut self.queue);
        let mut done = Vec::new();
        for (key, shown) in &mut self.shown {
            if shown.advance(key, self.clock, interval_position, &mut out) {
                done.push(key.clone());
            }
        }
        for key in done {
            self.remove(&key, &mut out);
        }
        out
    }

    /// Whether a further frame at the same interval position could change anything.
    pub fn busy(&self) -> bool {
        !self.queue.is_empty() || self.shown.values().any(Shown::busy)
    }

    /// Whether anything moves with the interval's position.
    pub fn has_motion(&self) -> bool {
        self.shown.values().any(Shown::has_motion)
    }

    /// Brings everything under way to its end; the next frame writes it.
    pub fn finish(&mut self) {
        for shown in self.shown.values_mut() {
            shown.finish();
        }
    }

    /// Forgets everything; the caller empties the live picture.
    pub fn clear(&mut self) {
        *self = Self { clock: self.clock, last_now_ms: self.last_now_ms, ..Self::default() };
    }

    /// How the marks of a scene get to their places: together where the layout changes, as soon as
    /// what leaves by itself has left.
    fn flow(&mut self, cut: bool, moves: bool) -> Flow {
        let clock = self.clock;
        let mut hold_ms = 0;
        if moves {
            for shown in self.shown.values_mut() {
                hold_ms = hold_ms.max(shown.make_way(clock));
            }
            self.settled = clock + u64::from(hold_ms + shown::TOGETHER_MS) * 100;
        } else if cut {
            self.settled = clock;
        }
        let left = self.settled.saturating_sub(clock).div_ceil(100);
        Flow { cut, moves, hold_ms, settles_ms: u16::try_from(left).unwrap_or(u16::MAX) }
    }

    fn aim(&mut self, target: Target<'_>, flow: Flow, created: &mut SortedMap<Key, Element>) {
        let clock = self.clock;
        let same_place = self.shown.get(&target.item.key).is_some_and(|s| s.fits(&target));
        if same_place {
            let mut queue = std::mem::take(&mut self.queue);
            if let Some(shown) = self.shown.get_mut(&target.item.key) {
                shown.aim(target, clock, flow, &mut queue);
            }
            self.queue = queue;
            return;
        }
        if self.shown.contains_key(&target.item.key) {
            let mut queue = std::mem::take(&mut self.queue);
            self.remove(&target.item.key, &mut queue);
            self.queue = queue;
        }
        let in_new_group = target.parent.is_some_and(|p| created.contains_key(p));
        let key = target.item.key.clone();
        let flow = Flow { cut: flow.cut || in_new_group, ..flow };
        let (shown, element) = Shown::enter(target, clock, flow);
        created.insert(key.clone(), element);
        self.shown.insert(key, shown);
    }

    fn reorder(
        &mut self,
        wanted: SortedMap<Option<Key>, Vec<Key>>,
        mut created: SortedMap<Key, Element>,
    ) {
        // Parents before children: the root first, then by depth, which flattening guarantees only
        // per branch; a queue keeps it.
        let mut parents: Vec<Option<Key>> = vec![None];
        let mut next = 0;
        while next < parents.len() {
            let parent = parents[next].clone();
            next += 1;
            let want = wanted.get(&parent).cloned().unwrap_or_default();
            let now = self.order.remove(&parent).unwrap_or_default();
            let full = order::with_leaving(&now, want, |key| {
                self.shown.get(key).is_some_and(Shown::leaving)
            });
            let stay = order::unmoved(&now, &full);
            let mut before: Option<Key> = None;
            for key in full.iter().rev() {
                let (at, to) = (parent.clone(), before.clone());
                if let Some(element) = created.remove(key) {
                    let key = key.clone();
                    self.queue.push(Patch::Create { key, parent: at, before: to, element });
                } else if !stay.contains(key) {
                    self.queue.push(Patch::Move { key: key.clone(), parent: at, before: to });
                }
                before = Some(key.clone());
            }
            for key in &full {
                if self.shown.get(key).is_some_and(Shown::is_group) {
                    parents.push(Some(key.clone()));
                }
            }
            if !full.is_empty() {
                self.order.insert(parent, full);
            }
        }
    }

    fn drop_leaving(&mut self) {
        let keys: Vec<Key> =
            self.shown.iter().filter(|(_, s)| s.leaving()).map(|(k, _)| k.clone()).collect();
        let mut queue = std::mem::take(&mut self.queue);
        for key in keys {
            self.remove(&key, &mut queue);
        }
        self.queue = queue;
    }

    /// Removes an element with all below it; one patch for the topmost.
    fn remove(&mut self, key: &Key, out: &mut Vec<Patch>) {
        let Some(shown) = self.shown.get(key) else { return };
        let parent = shown.parent().cloned();
        if let Some(siblings) = self.order.get_mut(&parent) {
            siblings.retain(|k| k != key);
        }
        out.push(Patch::Remove { key: key.clone() });
        self.forget(key);
    }

    fn forget(&mut self, key: &Key) {
        self.shown.remove(key);
        for child in self.order.remove(&Some(key.clone())).unwrap_or_default() {
            self.forget(&child);
        }
    }
}

fn twice(targets: &[Target<'_>]) -> String {
    let mut keys: Vec<&Key> = targets.iter().map(|t| &t.item.key).collect();
    highwater_sorted::sort(&mut keys);
    keys.windows(2).find(|w| w[0] == w[1]).map(|w| w[0].to_string()).unwrap_or_default()
}

/// Items in drawing order, parents before their children.
fn flatten<'a>(
    items: &'a [Item],
    parent: Option<&'a Key>,
    wanted: &mut SortedMap<Option<Key>, Vec<Key>>,
    out: &mut Vec<Target<'a>>,
) {
    for item in items {
        wanted.entry(parent.cloned()).or_default().push(item.key.clone());
        out.push(Target { item, parent });
        if let Shape::Group { children, .. } = &item.shape {
            flatten(children, Some(&item.key), wanted, out);
        }
    }
}
