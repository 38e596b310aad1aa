//! The timeline under the stage: levels of one partition over the director's time, pins for what
//! happened, strokes where quiet time was shortened.

use super::Port;
use highwater_lesson::StripData;
use highwater_scene::{Anchor, Item, Point, Scene, Shape, Unit, text_width, u};
use std::sync::Arc;

/// Room left and right of the axis, drawing units.
const MARGIN: i32 = 12;
/// The axis is at least this long, so that the first seconds do not race across it.
const LEAST_MS: u64 = 20_000;
/// Size of text.
const TEXT: Unit = u(12);

/// Where screen time lies on a strip of this width.
#[derive(Clone, Copy)]
struct Axis {
    width: i32,
    length_ms: u64,
}

impl Axis {
    fn of(end_ms: u64, width: i32) -> Self {
        // Room ahead, so that there is somewhere to go.
        Self { width, length_ms: (end_ms + end_ms / 8).max(LEAST_MS) }
    }

    fn x(self, ms: u64) -> Unit {
        let room = u64::try_from(u(self.width - 2 * MARGIN).max(1)).unwrap_or(1);
        let along = ms.min(self.length_ms) * room / self.length_ms;
        u(MARGIN) + Unit::try_from(along).unwrap_or(0)
    }
}

impl Port {
    /// Screen time at a part (0 to 1) of the strip's width in CSS pixels.
    pub fn strip_ms(&self, part: f64, width: f64) -> u64 {
        let end = self.player.position().screen_end_ms;
        let margin = f64::from(MARGIN);
        let inside = ((part * width - margin) / (width - 2.0 * margin).max(1.0)).clamp(0.0, 1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a pixel is coarser")]
        let ms = (inside * Axis::of(end, 100).length_ms as f64) as u64;
        ms
    }

    /// Place of the run on the strip, as a CSS length.
    pub fn head_style(&self) -> String {
        let place = self.player.position();
        let axis = Axis::of(place.screen_end_ms, 100);
        let hundredths = place.screen_ms.min(axis.length_ms) * 10_000 / axis.length_ms;
        let (whole, part) = (hundredths / 100, hundredths % 100);
        format!("calc({MARGIN}px + (100% - {}px) * {whole}.{part:02} / 100)", 2 * MARGIN)
    }

    /// The strip, drawn.
    pub fn strip(&self, width: i32, height: i32) -> Scene {
        let data = self.player.strip();
        let axis = Axis::of(self.player.position().screen_end_ms, width);
        let base = u(height - 20);
        let mut items = Vec::new();
        tide(&data, axis, base, &mut items);
        items.push(line("axis", "hair", axis.x(0), axis.x(axis.length_ms), base));
        quiet(&data, axis, base, &mut items);
        pins(&data, axis, base, &mut items);
        Scene { width: u(width), height: u(height), title: "Timeline".into(), items }
    }
}

fn line(key: &str, class: &'static str, from: Unit, to: Unit, y: Unit) -> Item {
    Item::new(key, class, Shape::Line { from: Point { x: from, y }, to: Point { x: to, y } })
}

fn text(key: String, class: &'static str, x: Unit, y: Unit, anchor: Anchor, text: &str) -> Item {
    let text: Arc<str> = text.into();
    Item::new(key, class, Shape::Text { at: Point { x, y }, text, anchor, size: TEXT })
}

/// Log end offset as a hair, high watermark as the line.
fn tide(data: &StripData, axis: Axis, base: Unit, items: &mut Vec<Item>) {
    let top = data.samples.iter().map(|s| s.log_end_offset).max().unwrap_or(0).max(1);
    let room = (base - u(18)).max(u(4));
    let y = |offset: i64| base - Unit::try_from(i64::from(room) * offset / top).unwrap_or(0);
    let steps = |value: fn(&highwater_lesson::StripSample) -> i64| {
        let mut points: Vec<Point> = Vec::new();
        for sample in &data.samples {
            let (x, level) = (axis.x(sample.screen_ms), y(value(sample)));
            if let Some(last) = points.last() {
                points.push(Point { x, y: last.y });
            }
            points.push(Point { x, y: level });
        }
        if let Some(last) = points.last().copied() {
            points.push(Point { x: axis.x(data.end_ms), y: last.y });
        }
        points
    };
    let high = steps(|s| s.high_watermark);
    let end = steps(|s| s.log_end_offset);
    if high.len() > 1 {
        let mut wash = high.clone();
        wash.push(Point { x: axis.x(data.end_ms), y: base });
        wash.insert(0, Point { x: wash[0].x, y: base });
        items.push(Item::new("wash", "wash", Shape::Poly { points: wash, closed: true }));
        items.push(Item::new("end", "tick", Shape::Poly { points: end, closed: false }));
        items.push(Item::new("high", "waterline", Shape::Poly { points: high, closed: false }));
    }
}

/// Two strokes on the axis and the true length above.
fn quiet(data: &StripData, axis: Axis, base: Unit, items: &mut Vec<Item>) {
    let mut free_from = 0;
    for (i, span) in data.quiet.iter().enumerate().filter(|(_, q)| q.length.0 >= 1_000_000) {
        let x = (axis.x(span.from_ms) + axis.x(span.to_ms)) / 2;
        for (n, dx) in [(0, 0), (1, u(4))] {
            let from = Point { x: x + dx - u(2), y: base + u(5) };
            let to = Point { x: x + dx + u(2), y: base - u(5) };
            items.push(Item::new(format!("quiet {i} {n}"), "tick", Shape::Line { from, to }));
        }
        let words = format!("{} pass", crate::format::span(span.length.0));
        let width = text_width(&words, TEXT, false);
        if x - width / 2 > free_from {
            items.push(text(format!("quiet {i} text"), "text muted", x, u(12), Anchor::Middle, &words));
            free_from = x + width / 2 + u(8);
        }
    }
}

/// A filled pin for each marker; its words where there is room.
fn pins(data: &StripData, axis: Axis, base: Unit, items: &mut Vec<Item>) {
    let mut free_from = 0;
    for (i, marker) in data.markers.iter().enumerate() {
        let x = axis.x(marker.screen_ms);
        let d = |dx: i32, dy: i32| Point { x: x + u(dx), y: base + u(dy) };
        let points = vec![d(-3, 2), d(3, 2), d(3, 6), d(0, 9), d(-3, 6)];
        items.push(Item::new(format!("pin {i}"), "solid", Shape::Poly { points, closed: true }));
        let width = text_width(&marker.label, TEXT, false);
        let fits = x + u(6) > free_from && x + u(6) + width < u(axis.width - MARGIN);
        if fits {
            items.push(text(format!("pin {i} text"), "text", x + u(6), base + u(15), Anchor::Start, &marker.label));
            free_from = x + u(6) + width + u(10);
        }
    }
}
