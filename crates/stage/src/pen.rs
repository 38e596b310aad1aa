//! Puts marks into a scene: leaves out what is hidden, dims what a step is not about, centres text.

use highwater_scene::{
    Anchor, Item, Key, Point, Shape, Timing, Unit, metrics::is_bold, text_width,
};
use std::sync::Arc;

/// Collects the items of a scene.
pub struct Pen<'a> {
    items: Vec<Item>,
    hide: &'a [String],
    focus: &'a [String],
    skip: bool,
    dim: bool,
    timing: Timing,
    /// Timing of marks that ask for none.
    usual: Timing,
    pick: Option<Key>,
    slotted: bool,
    /// Something of this picture is what the step is about, and whether what is added now is.
    lit: bool,
    light: bool,
}

impl<'a> Pen<'a> {
    /// `hide` is left out; when `focus` is not empty everything else is dimmed.
    pub fn new(hide: &'a [String], focus: &'a [String]) -> Self {
        Self {
            items: Vec::with_capacity(512),
            hide,
            focus,
            skip: false,
            dim: false,
            timing: Timing::default(),
            usual: Timing::default(),
            pick: None,
            slotted: false,
            lit: false,
            light: false,
        }
    }

    /// From now on marks change like this unless they ask for something else.
    pub fn usually(&mut self, timing: Timing) -> &mut Self {
        self.usual = timing;
        self.timing = timing;
        self
    }

    /// Says what the following marks are about, by pick or word, until the next call. Without any
    /// word they are neither hidden nor dimmed.
    pub fn about(&mut self, words: &[&str]) -> &mut Self {
        let named = |list: &[String]| list.iter().any(|l| words.contains(&l.as_str()));
        self.skip = named(self.hide);
        self.light = named(self.focus);
        self.dim = !words.is_empty() && !self.focus.is_empty() && !self.light;
        self.pick = None;
        self.slotted = false;
        self.timing = self.usual;
        self
    }

    /// The following marks are never dimmed: without the name of a machine nothing else says anything.
    pub fn bright(&mut self) -> &mut Self {
        self.dim = false;
        self
    }

    /// The following marks select this when clicked, until `about` or the next call.
    pub fn picks(&mut self, pick: Option<&str>) -> &mut Self {
        self.pick = pick.map(Key::from);
        self
    }

    /// The following marks change like this, until `about` or the next call.
    pub fn timed(&mut self, timing: Timing) -> &mut Self {
        self.timing = timing;
        self
    }

    /// The following marks stand in slots of the layout, until `about`.
    pub fn slotted(&mut self) -> &mut Self {
        self.slotted = true;
        self
    }

    /// Whether what is added now is dimmed.
    pub fn is_dim(&self) -> bool {
        self.dim
    }

    /// Whether marks about this are left out.
    pub fn hidden(&self, word: &str) -> bool {
        self.hide.iter().any(|h| h == word)
    }

    /// Adds a mark with the pick, timing and dimming that hold now.
    pub fn push(&mut self, key: impl Into<Key>, class: &'static str, shape: Shape) -> &mut Self {
        self.add(key, class, shape, None)
    }

    /// Adds a mark that assistive technology names.
    pub fn named(
        &mut self,
        key: impl Into<Key>,
        class: &'static str,
        shape: Shape,
        label: impl Into<Arc<str>>,
    ) -> &mut Self {
        self.add(key, class, shape, Some(label.into()))
    }

    fn add(
        &mut self,
        key: impl Into<Key>,
        class: &'static str,
        shape: Shape,
        label: Option<Arc<str>>,
    ) -> &mut Self {
        if !self.skip {
            let mut item = Item::new(key, class, shape);
            item.label = label;
            item.pick.clone_from(&self.pick);
            item.timing = self.timing;
            item.dim = self.dim;
            item.slotted = self.slotted;
            self.lit |= self.light;
            self.items.push(item);
        }
        self
    }

    /// Adds a finished item.
    pub fn item(&mut self, mut item: Item) -> &mut Self {
        if !self.skip {
            self.lit |= self.light;
            item.dim |= self.dim;
            self.items.push(item);
        }
        self
    }

    /// Adds a line of text; `y` is its baseline.
    #[allow(clippy::too_many_arguments)]
    pub fn text(
        &mut self,
        key: impl Into<Key>,
        class: &'static str,
        x: Unit,
        y: Unit,
        anchor: Anchor,
        size: Unit,
        text: impl Into<Arc<str>>,
    ) -> &mut Self {
        self.push(key, class, text_at(x, y, anchor, size, text))
    }

    /// Changes what is there so far.
    pub fn change(&mut self, change: impl FnOnce(&mut [Item])) {
        change(&mut self.items);
    }

    /// Items so far.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// All items. Where nothing of this view is what the step is about, nothing is dimmed: a picture
    /// that is dim all over points at nothing.
    pub fn finish(mut self) -> Vec<Item> {
        if !self.lit {
            for item in &mut self.items {
                item.dim = false;
            }
        }
        self.items
    }
}

/// A text shape.
pub fn text_at(x: Unit, y: Unit, anchor: Anchor, size: Unit, text: impl Into<Arc<str>>) -> Shape {
    Shape::Text { at: Point { x, y }, text: text.into(), anchor, size }
}

/// Baseline of text whose middle is at `y`.
pub fn centred(y: Unit, size: Unit) -> Unit {
    y + size * 36 / 100
}

/// Width of text with the slack that other faces of the stack need (4 %).
pub fn width(text: &str, size: Unit, class: &str) -> Unit {
    let w = text_width(text, size, is_bold(class));
    w + w / 25
}

/// A horizontal line.
pub fn level(x1: Unit, x2: Unit, y: Unit) -> Shape {
    Shape::Line { from: Point { x: x1, y }, to: Point { x: x2, y } }
}

/// A rectangle.
pub fn rect(x: Unit, y: Unit, w: Unit, h: Unit, r: Unit) -> Shape {
    Shape::Rect { x, y, w, h, r }
}

/// Straight pieces through these points.
pub fn path(points: &[(Unit, Unit)], closed: bool) -> Shape {
    Shape::Poly { points: points.iter().map(|(x, y)| Point { x: *x, y: *y }).collect(), closed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(focus: &[String]) -> Vec<bool> {
        let mut pen = Pen::new(&[], focus);
        pen.about(&["hw"]).push("a", "text", level(0, 1, 0));
        pen.about(&["leo"]).push("b", "text", level(0, 1, 0));
        pen.finish().iter().map(|i| i.dim).collect()
    }

    #[test]
    fn a_view_without_the_focus_is_not_dim_all_over() {
        assert_eq!(drawn(&["hw".into()]), [false, true]);
        assert_eq!(drawn(&["c2".into()]), [false, false]);
        let focus = ["c2".into()];
        let mut pen = Pen::new(&[], &focus);
        pen.about(&["header"]).bright().push("a", "text", level(0, 1, 0));
        pen.about(&["leo"]).push("b", "text", level(0, 1, 0));
        assert!(!pen.finish()[1].dim, "a head that is never dim is not what the step is about");
    }
}
