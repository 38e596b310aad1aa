//! From an item to the SVG element that shows it: the one place where attributes are written, used
//! for exported text and for the live picture alike.

use crate::ease::{WHOLE, sine};
use crate::{Anchor, Item, Key, Point, Shape, Unit};
use std::fmt::Write;
use std::sync::Arc;

/// An SVG element without its children.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Element {
    /// `rect`, `line`, `path`, `circle`, `text` or `g`.
    pub tag: &'static str,
    /// In a fixed order.
    pub attributes: Vec<(&'static str, String)>,
    /// Content of a `text` element.
    pub text: Option<Arc<str>>,
}

/// The numbers of a shape, in a fixed order per kind, so that two shapes of one kind can be mixed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Geometry {
    pub kind: Kind,
    pub values: Vec<Unit>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Rect,
    Line,
    Poly { closed: bool },
    Circle,
    Arc,
    Text,
    Group,
}

impl Kind {
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Kind::Rect => "rect",
            Kind::Line => "line",
            Kind::Poly { .. } | Kind::Arc => "path",
            Kind::Circle => "circle",
            Kind::Text => "text",
            Kind::Group => "g",
        }
    }
}

impl Geometry {
    pub(crate) fn kind_of(shape: &Shape) -> Kind {
        match shape {
            Shape::Rect { .. } => Kind::Rect,
            Shape::Line { .. } => Kind::Line,
            Shape::Poly { closed, .. } => Kind::Poly { closed: *closed },
            Shape::Circle { .. } => Kind::Circle,
            Shape::Arc { .. } => Kind::Arc,
            Shape::Text { .. } => Kind::Text,
            Shape::Group { .. } => Kind::Group,
        }
    }

    pub(crate) fn of(shape: &Shape) -> Self {
        let (kind, values) = match shape {
            Shape::Rect { x, y, w, h, r } => (Kind::Rect, vec![*x, *y, *w, *h, *r]),
            Shape::Line { from, to } => (Kind::Line, vec![from.x, from.y, to.x, to.y]),
            Shape::Poly { points, closed } => {
                (Kind::Poly { closed: *closed }, points.iter().flat_map(|p| [p.x, p.y]).collect())
            }
            Shape::Circle { center, r } => (Kind::Circle, vec![center.x, center.y, *r]),
            Shape::Arc { center, r, fraction } => {
                (Kind::Arc, vec![center.x, center.y, *r, *fraction])
            }
            Shape::Text { at, size, .. } => (Kind::Text, vec![at.x, at.y, *size]),
            Shape::Group { at, .. } => (Kind::Group, vec![at.x, at.y]),
        };
        Self { kind, values }
    }

    /// Attributes of these numbers.
    pub(crate) fn attributes(&self) -> Vec<(&'static str, String)> {
        let v = &self.values;
        let named = |names: &[&'static str]| {
            names.iter().zip(v).map(|(name, value)| (*name, number(*value))).collect()
        };
        match self.kind {
            Kind::Rect => named(&["x", "y", "width", "height", "rx"]),
            Kind::Line => named(&["x1", "y1", "x2", "y2"]),
            Kind::Circle => named(&["cx", "cy", "r"]),
            Kind::Text => named(&["x", "y", "font-size"]),
            Kind::Poly { closed } => vec![("d", poly_path(v, closed))],
            Kind::Arc => vec![("d", arc_path(Point { x: v[0], y: v[1] }, v[2], v[3]))],
            Kind::Group => vec![("transform", translate(v[0], v[1]))],
        }
    }
}

pub(crate) fn translate(x: Unit, y: Unit) -> String {
    format!("translate({} {})", number(x), number(y))
}

/// Hundredths as a decimal without needless zeros: 1250 is `12.5`.
pub fn number(value: Unit) -> String {
    let mut out = String::with_capacity(8);
    push_number(&mut out, value);
    out
}

fn push_number(out: &mut String, value: Unit) {
    if value < 0 {
        out.push('-');
    }
    let value = value.unsigned_abs();
    let (whole, part) = (value / 100, value % 100);
    // Writing to a String cannot fail.
    let _ = write!(out, "{whole}");
    if part != 0 {
        let _ =
            if part % 10 == 0 { write!(out, ".{}", part / 10) } else { write!(out, ".{part:02}") };
    }
}

fn poly_path(values: &[Unit], closed: bool) -> String {
    let mut d = String::with_capacity(values.len() * 5);
    let mut last = None;
    for pair in values.chunks_exact(2) {
        let (x, y) = (pair[0], pair[1]);
        match last {
            None => d.push('M'),
            Some((_, from)) if from == y => {
                d.push('H');
                push_number(&mut d, x);
                last = Some((x, y));
                continue;
            }
            Some((from, _)) if from == x => {
                d.push('V');
                push_number(&mut d, y);
                last = Some((x, y));
                continue;
            }
            Some(_) => d.push('L'),
        }
        push_number(&mut d, x);
        d.push(' ');
        push_number(&mut d, y);
        last = Some((x, y));
    }
    if closed {
        d.push('z');
    }
    d
}

/// Clockwise from the top; a full one as two halves, for an arc to its own start draws nothing.
fn arc_path(center: Point, r: Unit, fraction: i32) -> String {
    let fraction = fraction.clamp(0, WHOLE);
    let top = center.y - r;
    let start = format!("M{} {}", number(center.x), number(top));
    if fraction == 0 {
        return start;
    }
    let r_text = number(r);
    if fraction == WHOLE {
        let bottom = number(center.y + r);
        let (x, top) = (number(center.x), number(top));
        return format!(
            "{start}A{r_text} {r_text} 0 1 1 {x} {bottom}A{r_text} {r_text} 0 1 1 {x} {top}"
        );
    }
    let angle = fraction * 18 / 5;
    let scale = |s: i32| i32::try_from(i64::from(r) * i64::from(s) / 10_000).unwrap_or(r);
    let x = center.x + scale(sine(angle));
    let y = center.y - scale(sine(angle + 9000));
    // More than half goes by way of the bottom: near a full turn one arc between two almost equal
    // points would be anywhere.
    let half = if fraction > WHOLE / 2 {
        format!("A{r_text} {r_text} 0 0 1 {} {}", number(center.x), number(center.y + r))
    } else {
        String::new()
    };
    format!("{start}{half}A{r_text} {r_text} 0 0 1 {} {}", number(x), number(y))
}

/// The class attribute of an item.
pub(crate) fn class_value(class: &str, dim: bool) -> String {
    if dim { format!("{class} dim") } else { class.to_owned() }
}

/// Attributes that name an item: key, pick, role and label.
pub(crate) fn naming(
    key: &Key,
    pick: Option<&Key>,
    label: Option<&Arc<str>>,
) -> Vec<(&'static str, String)> {
    let mut out = vec![("data-key", key.to_string())];
    if let Some(pick) = pick {
        out.push(("data-pick", pick.to_string()));
    }
    if let Some(label) = label {
        out.push(("role", "img".to_owned()));
        out.push(("aria-label", label.to_string()));
    }
    out
}

/// Marks a group whose words are not shown, because it is behind something.
pub(crate) const BEHIND: &str = "data-behind";

/// Whether a place is in one of the spans.
pub(crate) fn is_behind(spans: &[(Unit, Unit)], x: Unit) -> bool {
    spans.iter().any(|(from, to)| (*from..*to).contains(&x))
}

/// The element of an item, without children.
pub fn element(item: &Item) -> Element {
    let geometry = Geometry::of(&item.shape);
    let mut attributes = vec![("class", class_value(item.class, item.dim))];
    let mut text = None;
    attributes.extend(geometry.attributes());
    if let Shape::Text { text: content, anchor, .. } = &item.shape {
        text = Some(content.clone());
        match anchor {
            Anchor::Start => {}
            Anchor::Middle => attributes.push(("text-anchor", "middle".to_owned())),
            Anchor::End => attributes.push(("text-anchor", "end".to_owned())),
        }
    }
    if let Shape::Group { at, .. } = &item.shape
        && is_behind(&item.behind, at.x)
    {
        attributes.push((BEHIND, String::new()));
    }
    attributes.extend(naming(&item.key, item.pick.as_ref(), item.label.as_ref()));
    Element { tag: geometry.kind.tag(), attributes, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain_decimals() {
        let all: Vec<String> =
            [0, 5, 50, 100, 1250, -1, -1205].iter().map(|v| number(*v)).collect();
        assert_eq!(all, ["0", "0.05", "0.5", "1", "12.5", "-0.01", "-12.05"]);
    }

    #[test]
    fn paths() {
        let g = |shape: Shape| Geometry::of(&shape).attributes()[0].1.clone();
        let p = |x, y| Point { x, y };
        let poly =
            Shape::Poly { points: vec![p(0, 0), p(100, 0), p(100, 250), p(0, 0)], closed: true };
        assert_eq!(g(poly), "M0 0H1V2.5L0 0z");
        let arc = |fraction| Shape::Arc { center: p(1000, 1000), r: 500, fraction };
        assert_eq!(g(arc(0)), "M10 5");
        assert_eq!(g(arc(2500)), "M10 5A5 5 0 0 1 15 10");
        assert_eq!(g(arc(7500)), "M10 5A5 5 0 0 1 10 15A5 5 0 0 1 5 10");
        assert_eq!(g(arc(10_000)), "M10 5A5 5 0 1 1 10 15A5 5 0 1 1 10 5");
    }
}
