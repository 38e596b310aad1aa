//! Where marks are, and what lies under a point.

use crate::metrics::{is_bold, text_width};
use crate::{Anchor, Item, Key, Point, Scene, Shape, Unit};

/// A rectangle in a scene.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Left edge.
    pub left: Unit,
    /// Upper edge.
    pub top: Unit,
    /// Right edge.
    pub right: Unit,
    /// Lower edge.
    pub bottom: Unit,
}

impl Bounds {
    /// Whether the point lies inside or at most `slop` outside.
    pub fn contains(&self, p: Point, slop: Unit) -> bool {
        p.x >= self.left - slop
            && p.x <= self.right + slop
            && p.y >= self.top - slop
            && p.y <= self.bottom + slop
    }
    /// Whether the two share some area.
    pub fn overlaps(&self, other: &Bounds) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
    fn shifted(self, by: Point) -> Self {
        Self {
            left: self.left + by.x,
            right: self.right + by.x,
            top: self.top + by.y,
            bottom: self.bottom + by.y,
        }
    }
    fn joined(self, other: Bounds) -> Self {
        Self {
            left: self.left.min(other.left),
            right: self.right.max(other.right),
            top: self.top.min(other.top),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// Box around a mark; text by the built-in widths, from cap height to descender. `None` = an
/// empty group or polygon.
pub fn bounds(item: &Item) -> Option<Bounds> {
    match &item.shape {
        Shape::Rect { x, y, w, h, .. } => {
            Some(Bounds { left: *x, top: *y, right: x + w, bottom: y + h })
        }
        Shape::Line { from, to } => around(&[*from, *to]),
        Shape::Poly { points, .. } => around(points),
        Shape::Circle { center, r } | Shape::Arc { center, r, .. } => Some(Bounds {
            left: center.x - r,
            top: center.y - r,
            right: center.x + r,
            bottom: center.y + r,
        }),
        Shape::Text { at, text, anchor, size } => {
            let width = text_width(text, *size, is_bold(item.class));
            let left = match anchor {
                Anchor::Start => at.x,
                Anchor::Middle => at.x - width / 2,
                Anchor::End => at.x - width,
            };
            let (top, bottom) = (at.y - size * 3 / 4, at.y + size / 5);
            Some(Bounds { left, top, right: left + width, bottom })
        }
        Shape::Group { at, children } => {
            children.iter().filter_map(bounds).reduce(Bounds::joined).map(|b| b.shifted(*at))
        }
    }
}

fn around(points: &[Point]) -> Option<Bounds> {
    points
        .iter()
        .map(|p| Bounds { left: p.x, top: p.y, right: p.x, bottom: p.y })
        .reduce(Bounds::joined)
}

/// The pick of the topmost mark at a point. `slop` widens every mark, for fingers and thin lines.
pub fn hit_test(scene: &Scene, point: Point, slop: Unit) -> Option<&Key> {
    hit_items(&scene.items, point, slop)
}

fn hit_items(items: &[Item], point: Point, slop: Unit) -> Option<&Key> {
    items.iter().rev().find_map(|item| {
        if let Shape::Group { at, children } = &item.shape {
            let inside = Point { x: point.x - at.x, y: point.y - at.y };
            if let Some(pick) = hit_items(children, inside, slop) {
                return Some(pick);
            }
        }
        let pick = item.pick.as_ref()?;
        hits(item, point, slop).then_some(pick)
    })
}

/// Lines are hit near their stroke, all else within its box.
fn hits(item: &Item, point: Point, slop: Unit) -> bool {
    let near = |a: Point, b: Point| near_segment(a, b, point, slop + STROKE);
    match &item.shape {
        Shape::Line { from, to } => near(*from, *to),
        Shape::Poly { points, closed: false } => points.windows(2).any(|w| near(w[0], w[1])),
        _ => bounds(item).is_some_and(|b| b.contains(point, slop)),
    }
}

/// A line counts as so wide on each side.
const STROKE: Unit = 250;

/// Whether the point is at most `reach` from the segment.
fn near_segment(a: Point, b: Point, p: Point, reach: Unit) -> bool {
    let v = |from: Point, to: Point| (i64::from(to.x - from.x), i64::from(to.y - from.y));
    let ((dx, dy), (px, py)) = (v(a, b), v(a, p));
    let length = dx * dx + dy * dy;
    // Foot of the perpendicular, in 4096ths of the segment.
    let along = if length == 0 { 0 } else { ((px * dx + py * dy) * 4096 / length).clamp(0, 4096) };
    let (x, y) = (px - dx * along / 4096, py - dy * along / 4096);
    x * x + y * y <= i64::from(reach) * i64::from(reach)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::u;

    #[test]
    fn the_topmost_pick_wins_and_groups_shift() {
        let square = |key: &str, x: i32| {
            let shape = Shape::Rect { x: u(x), y: 0, w: u(10), h: u(10), r: 0 };
            Item::new(key, "c", shape).pick(key)
        };
        let group = Shape::Group { at: Point { x: u(100), y: 0 }, children: vec![square("c", 0)] };
        let items = vec![square("a", 0), square("b", 5), Item::new("g", "c", group).pick("g")];
        let scene = Scene { items, ..Scene::default() };
        let at = |x: i32, slop| hit_test(&scene, Point { x: u(x), y: u(5) }, slop).map(|k| &**k);
        assert_eq!(at(2, 0), Some("a"));
        assert_eq!(at(7, 0), Some("b"));
        assert_eq!(at(105, 0), Some("c"));
        assert_eq!(at(50, 0), None);
        assert_eq!(at(17, u(3)), Some("b"));
    }

    #[test]
    fn a_line_is_hit_at_its_stroke_only() {
        let p = |x: i32, y: i32| Point { x: u(x), y: u(y) };
        let points = vec![p(0, 0), p(100, 0), p(100, 50)];
        let shape = Shape::Poly { points, closed: false };
        let scene = Scene { items: vec![Item::new("l", "c", shape).pick("l")], ..Scene::default() };
        let hit = |x, y| hit_test(&scene, p(x, y), 0).is_some();
        assert!(hit(50, 2) && hit(101, 40) && hit(-1, 0));
        assert!(!hit(50, 20) && !hit(104, 40) && !hit(-4, 0));
    }
}
