//! The whole log of one replica: segments as brackets as high as they have bytes, what of it is on
//! disk, and every segment's size and age against their limits.

use super::ghosts::{self, GHOSTS_MAX, ghost_height};
use super::layout::{Area, Plan, file, sizes};
use super::retention::{bytes, goes, notes};
use crate::pen::{Pen, centred, level, path, rect, width};
use crate::style::RecordState;
use crate::words;
use highwater_log::{DeletionReason, Offset};
use highwater_scene::{Anchor, Point, Shape, Timing, Unit, metrics::wrap, u};
use highwater_sim::SegmentView;

/// Between two segments.
const GAP: Unit = 900;

/// How much is said beside a segment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Words {
    /// Its name and size on one line.
    Line,
    /// Name, then size and age on one line, with thin bars.
    Short,
    /// Name, bar and size, bar and age.
    Full,
}

impl Words {
    fn height(self, line: Unit) -> Unit {
        match self {
            Self::Line => line + u(2),
            Self::Short => 2 * line + u(14),
            Self::Full => 3 * line + u(24),
        }
    }
}

/// A segment in its place; or several that are only counted.
struct Piece<'a> {
    segment: &'a SegmentView,
    folded: usize,
    top: Unit,
    bottom: Unit,
}

/// The column laid out.
pub(super) struct Whole<'a> {
    pieces: Vec<Piece<'a>>,
    words: Words,
    left: Unit,
    stack: (Unit, Unit),
    names: (Unit, Unit),
    bars: bool,
    top: Unit,
    bottom: Unit,
    /// Below the files that are `.deleted`, which lie below the log: here the words begin.
    floor: Unit,
    notes: Vec<String>,
    danger: bool,
}

impl Whole<'_> {
    /// Edges of the opened segment, for the lines to the next column.
    pub fn opened(&self, base: Offset) -> Option<(Unit, Unit, Unit)> {
        let piece = self.pieces.iter().find(|p| p.segment.base_offset == base && p.folded == 0)?;
        Some((self.stack.0 + self.stack.1 + u(2), piece.top, piece.bottom))
    }
    /// Where the step of a lookup that chooses this segment is marked.
    pub fn step(&self, base: Offset) -> Option<Point> {
        let (_, top, bottom) = self.opened(base)?;
        Some(Point { x: self.stack.0 + self.stack.1 / 2, y: i32::midpoint(top, bottom) })
    }

    /// Height of an offset: by bytes where the batches are known, else evenly.
    fn y(&self, plan: &Plan<'_>, offset: Offset) -> Unit {
        let Some(piece) = self.pieces.iter().rfind(|p| p.segment.base_offset <= offset) else {
            return self.bottom;
        };
        if piece.folded > 0 {
            return i32::midpoint(piece.top, piece.bottom);
        }
        let segment = piece.segment;
        let batch = plan.log.batches.iter().chain(&plan.detail.batches).find(|b| {
            b.segment == segment.base_offset && b.base_offset <= offset && offset <= b.last_offset
        });
        let (part, whole) = match batch {
            Some(b) => (i64::from(b.position), segment.size_bytes.max(1).cast_signed()),
            None => {
                let all = (segment.next_offset - segment.base_offset).max(1);
                ((offset - segment.base_offset).min(all), all)
            }
        };
        let height = i64::from(piece.bottom - piece.top);
        piece.bottom - i32::try_from(height * part / whole).unwrap_or(0)
    }
}

/// Lays the column out.
pub(super) fn lay<'a>(plan: &Plan<'a>, area: Area, bars: bool) -> Whole<'a> {
    let look = &plan.look;
    let sizes = sizes(plan.log, plan.segment, look);
    let (notes, danger) = notes(plan);
    let room = area.w * 96 / 100;
    let notes: Vec<String> =
        notes.iter().flat_map(|n| wrap(n, look.text, false, room)).take(4).collect();
    let limits = if bars { 2 * look.line + u(4) } else { 0 };
    let below = i32::try_from(notes.len()).unwrap_or(0) * look.line + limits + u(8);
    let (top, floor) = (plan.top + 2 * look.line + u(10), plan.bottom - below);
    let ghosts = i32::try_from(plan.detail.deleted.len().min(GHOSTS_MAX)).unwrap_or(0);
    let bottom = floor - ghosts * ghost_height(plan);
    let segments = &plan.log.segments;
    let most = usize::try_from((bottom - top) / (Words::Line.height(look.line) + GAP)).unwrap_or(2);
    let shown = chosen(segments, most.max(2), plan.segment.map(|s| s.base_offset));
    let count = i32::try_from(shown.len()).unwrap_or(1).max(1);
    let each = (bottom - top) / count - GAP;
    let words = [Words::Full, Words::Short]
        .into_iter()
        .find(|w| bars && each >= w.height(look.line))
        .unwrap_or(Words::Line);
    let least = words.height(look.line).min(each);
    // What is above the least height is shared by bytes.
    let spare = i64::from((bottom - top - count * (least + GAP)).max(0));
    let total: u64 = shown.iter().filter(|(_, n)| *n == 0).map(|(s, _)| s.size_bytes).sum();
    // An almost empty log is not blown up: half a unit a byte at most.
    let spare = spare.min(i64::try_from(total / 2 * 100).unwrap_or(i64::MAX));
    let mut y = bottom;
    let pieces = shown
        .into_iter()
        .map(|(segment, folded)| {
            let share = if folded > 0 { 0 } else { segment.size_bytes };
            let more = spare * share.cast_signed() / total.max(1).cast_signed();
            let height = least + i32::try_from(more).unwrap_or(0);
            let piece = Piece { segment, folded, top: y - height, bottom: y };
            y -= height + GAP;
            piece
        })
        .collect();
    let stack = area.x + sizes.gauge;
    let names = stack + sizes.stack + sizes.disk + u(8);
    Whole {
        pieces,
        words,
        left: area.x,
        stack: (stack, sizes.stack),
        names: (names, area.x + area.w - names),
        bars,
        top,
        bottom,
        floor,
        notes,
        danger,
    }
}

/// Oldest first: all, or the oldest, the opened and the newest with a count in between.
fn chosen(
    segments: &[SegmentView],
    most: usize,
    opened: Option<Offset>,
) -> Vec<(&SegmentView, usize)> {
    if segments.len() <= most {
        return segments.iter().map(|s| (s, 0)).collect();
    }
    let newest = segments.len() - most.saturating_sub(4).max(1);
    let keep = |i: usize, s: &SegmentView| i < 1 || i >= newest || opened == Some(s.base_offset);
    let mut out: Vec<(&SegmentView, usize)> = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        if keep(index, segment) {
            out.push((segment, 0));
        } else if let Some((_, folded)) = out.last_mut().filter(|(_, n)| *n > 0) {
            *folded += 1;
        } else {
            out.push((segment, 1));
        }
    }
    out
}

pub(super) fn draw(plan: &Plan<'_>, whole: &Whole<'_>, pen: &mut Pen<'_>) {
    wash(plan, whole, pen);
    for piece in &whole.pieces {
        segment(plan, whole, piece, pen);
    }
    let right = plan.inside.map_or(plan.width, |area| area.x);
    ghosts::draw(plan, whole.stack, (whole.names.0, right), whole.floor, pen);
    if whole.words > Words::Line {
        limits(plan, whole, pen);
    }
    ends(plan, whole, pen);
    pen.about(&[&plan.pick, "retention"]);
    let class = if whole.danger { "text danger" } else { "text muted" };
    let lines = i32::try_from(whole.notes.len()).unwrap_or(0);
    for (n, line) in whole.notes.iter().enumerate() {
        let y = plan.bottom - (lines - 1 - i32::try_from(n).unwrap_or(0)) * plan.look.line;
        let (x, size) = (whole.left, plan.look.text);
        pen.text(format!("retention {n}"), class, x, y, Anchor::Start, size, line.as_str());
    }
}

fn wash(plan: &Plan<'_>, whole: &Whole<'_>, pen: &mut Pen<'_>) {
    let y = whole.y(plan, plan.log.high_watermark);
    let right = whole.stack.0 + whole.stack.1;
    pen.about(&[&plan.pick, "hw", "wash"]);
    pen.push("wash", "wash", rect(whole.left, y, right - whole.left, whole.bottom - y, 0));
}

fn segment(plan: &Plan<'_>, whole: &Whole<'_>, piece: &Piece<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let segment = piece.segment;
    let pick = format!("segment {}:{}", plan.pick, segment.base_offset);
    pen.about(&[&pick, &plan.pick, "segments"]).picks(Some(&pick));
    pen.timed(Timing { exit: highwater_scene::Exit::SlideLeft, ..Timing::default() });
    let (stack, w) = whole.stack;
    if piece.folded > 0 {
        let y = i32::midpoint(piece.top, piece.bottom);
        let text = format!("{} more", words::count(piece.folded, "segment"));
        let x = whole.names.0;
        let key = format!("folded {pick}");
        pen.text(key, "text muted", x, centred(y, look.text), Anchor::Start, look.text, text);
        for n in -1..=1 {
            let at = Point { x: stack + w / 2, y: y + n * u(5) };
            let key = format!("folded {pick} {n}");
            pen.push(key, "solid", Shape::Circle { center: at, r: 120 });
        }
        return;
    }
    blocks(plan, whole, piece, pen);
    pen.about(&[&pick, &plan.pick, "segments"]).picks(Some(&pick));
    let (top, bottom) = (piece.top - u(2), piece.bottom + u(2));
    let going = goes(plan, segment.base_offset).is_some();
    let opened =
        plan.segment.is_some_and(|s| s.base_offset == segment.base_offset) && plan.inside.is_some();
    let class = match (going, opened) {
        (true, _) => "inkline danger",
        (false, true) => "inkline",
        (false, false) => "rail",
    };
    let foot = u(6);
    // A closed one has both ends; the active one is open at the top.
    for (side, x, inward) in [("left", stack, foot), ("right", stack + w, -foot)] {
        let mut points = vec![(x + inward, bottom), (x, bottom), (x, top)];
        if segment.active {
            points[2].1 = top - u(8);
        } else {
            points.push((x + inward, top));
        }
        pen.push(format!("{pick} {side}"), class, path(&points, false));
    }
    let label = format!(
        "segment {:020}.log: {}, offsets {}{}{}",
        segment.base_offset,
        bytes(segment.size_bytes),
        words::offsets(segment.base_offset, segment.next_offset - 1),
        if segment.active { ", active" } else { "" },
        if going { ", goes at the next check" } else { "" }
    );
    let box_ = rect(stack, piece.top, w, piece.bottom - piece.top, 0);
    pen.named(pick.clone(), "hit", box_, label);
    disk(plan, whole, piece, pen);
    let x = stack - u(8);
    let base = segment.base_offset.to_string();
    pen.text(
        format!("base {pick}"),
        "text muted number",
        x,
        piece.bottom - u(1),
        Anchor::End,
        look.text,
        base,
    );
    facts(plan, whole, piece, &pick, pen);
}

/// Batches where they are known and not too thin, else one block.
fn blocks(plan: &Plan<'_>, whole: &Whole<'_>, piece: &Piece<'_>, pen: &mut Pen<'_>) {
    let segment = piece.segment;
    let (x, w) = (whole.stack.0 + u(5), whole.stack.1 - u(10));
    let height = i64::from(piece.bottom - piece.top);
    let size = segment.size_bytes.max(1).cast_signed();
    let at = |position: i64| {
        piece.bottom - i32::try_from(height * position.min(size) / size).unwrap_or(0)
    };
    let inside = plan.detail.batches_of(plan.log, segment);
    let complete = inside.first().is_some_and(|b| b.position == 0);
    let thin = height / i64::try_from(inside.len().max(1)).unwrap_or(1) < i64::from(u(4));
    if !complete || thin {
        if segment.size_bytes > 0 {
            let known = segment.next_offset <= plan.log.high_watermark;
            let state = if known { RecordState::Known } else { RecordState::NotCommitted };
            let key = format!("block {}:{}", plan.pick, segment.base_offset);
            pen.push(key, state.batch(), rect(x, piece.top, w, piece.bottom - piece.top, u(1)));
        }
        return;
    }
    for batch in inside {
        let pick = format!("batch {}:{}", plan.pick, batch.base_offset);
        pen.about(&[&pick, &plan.pick, "segments"]).picks(Some(&pick));
        let known = batch.last_offset < plan.log.high_watermark;
        let state = if known { RecordState::Known } else { RecordState::NotCommitted };
        let (bottom, top) = (
            at(i64::from(batch.position)),
            at(i64::from(batch.position) + i64::from(batch.size_bytes)),
        );
        let key = format!("block {pick}/{}", batch.leader_epoch);
        pen.push(key, state.batch(), rect(x, top + 60, w, (bottom - top - 120).max(60), u(1)));
    }
}

/// Filled where it is flushed, hollow where only the page cache has it.
fn disk(plan: &Plan<'_>, whole: &Whole<'_>, piece: &Piece<'_>, pen: &mut Pen<'_>) {
    let segment = piece.segment;
    let x = whole.stack.0 + whole.stack.1 + u(6);
    let flushed = if segment.flushed || segment.next_offset <= plan.log.recovery_point {
        piece.top
    } else if plan.log.recovery_point <= segment.base_offset {
        piece.bottom
    } else {
        whole.y(plan, plan.log.recovery_point)
    };
    let key = format!("{}:{}", plan.pick, segment.base_offset);
    if piece.bottom > flushed && segment.size_bytes > 0 {
        let shape = rect(x, flushed, u(5), piece.bottom - flushed, 0);
        pen.named(format!("disk {key}"), "solid", shape, "on disk");
    }
    if flushed > piece.top && segment.size_bytes > 0 {
        let shape = rect(x + 75, piece.top, 350, flushed - piece.top, 0);
        pen.named(format!("cache {key}"), "hollow", shape, "in the page cache only");
    }
}

fn age(plan: &Plan<'_>, segment: &SegmentView) -> i64 {
    let newest = match segment.largest_timestamp {
        -1 => segment.created,
        at => at,
    };
    (plan.view.now.wall_ms() - newest).max(0)
}

/// Where the limit stands in the column of bars.
fn limit_x(whole: &Whole<'_>) -> Unit {
    whole.names.0 + whole.names.1 * 85 / 100
}

/// Length of a bar whose limit is at the dotted line; cut at the edge of the column.
fn bar(whole: &Whole<'_>, value: i64, limit: i64) -> Unit {
    let unit = i64::from(limit_x(whole) - whole.names.0);
    let length = unit.saturating_mul(value.max(0)) / limit.max(1);
    i32::try_from(length).unwrap_or(i32::MAX).clamp(u(1), whole.names.1)
}

fn facts(plan: &Plan<'_>, whole: &Whole<'_>, piece: &Piece<'_>, pick: &str, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let segment = piece.segment;
    let going = goes(plan, segment.base_offset);
    let x = whole.names.0;
    let name = file(segment.base_offset, ".log");
    let class = if going.is_some() { "text b danger" } else { "text b" };
    let middle = i32::midpoint(piece.top, piece.bottom);
    let mut y = middle - whole.words.height(look.line) / 2 + look.text;
    pen.text(format!("name {pick}"), class, x, y, Anchor::Start, look.text, name.clone());
    let active = if segment.active { ", active" } else { "" };
    let size = format!("{}{active}", bytes(segment.size_bytes));
    if whole.words == Words::Line {
        let used = width(&name, look.text, "b") + u(8);
        if used + width(&size, look.text, "") <= whole.names.1 {
            let (key, x) = (format!("size {pick}"), x + used);
            pen.text(key, "text muted", x, y, Anchor::Start, look.text, size);
        }
        return;
    }
    let aged = words::span(u64::try_from(age(plan, segment)).unwrap_or(0).saturating_mul(1000));
    // Nothing is written across the limit's line.
    let free = limit_x(whole) - x - u(3);
    let by_age = going == Some(DeletionReason::RetentionMs);
    let limit = plan.topic.retention_ms;
    let long = if limit > 0 { bar(whole, age(plan, segment), limit) } else { u(1) };
    let wide = bar(whole, segment.size_bytes.cast_signed(), plan.topic.segment_bytes);
    let ages = if by_age { "solid danger" } else { "waterfill" };
    if whole.words == Words::Short {
        y += look.line;
        let both = format!("{} · {aged}", bytes(segment.size_bytes));
        let fits = segment.size_bytes > 0 && width(&both, look.text, "") <= free;
        let both = if fits { both } else { size };
        pen.text(format!("size {pick}"), "text muted", x, y, Anchor::Start, look.text, both);
        pen.push(format!("size bar {pick}"), "waterfill", rect(x, y + u(4), wide, u(4), 0));
        pen.push(format!("age bar {pick}"), ages, rect(x, y + u(9), long, u(4), 0));
        return;
    }
    pen.push(format!("size bar {pick}"), "waterfill", rect(x, y + u(4), wide, u(6), 0));
    y += look.line + u(8);
    pen.text(format!("size {pick}"), "text muted", x, y, Anchor::Start, look.text, size);
    if segment.size_bytes == 0 {
        return; // Nothing in it has an age.
    }
    pen.push(format!("age bar {pick}"), ages, rect(x, y + u(5), long, u(6), 0));
    y += look.line + u(9);
    let class = if by_age { "text danger" } else { "text muted" };
    let ways = [format!("newest {aged} old"), format!("{aged} old"), aged];
    let fits = |t: &&String| width(t, look.text, "") <= free;
    let text = ways.iter().find(fits).cloned().unwrap_or_default();
    pen.text(format!("age {pick}"), class, x, y, Anchor::Start, look.text, text);
}

/// The dotted line at which size and age reach their limits, and what these are.
fn limits(plan: &Plan<'_>, whole: &Whole<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let x = limit_x(whole);
    let top = whole.pieces.last().map_or(whole.top, |p| p.top);
    pen.about(&["limits", "retention"]);
    let line = Shape::Line { from: Point { x, y: top - u(4) }, to: Point { x, y: whole.bottom } };
    pen.push("limit", "limit", line);
    let right = whole.names.0 + whole.names.1;
    let age = match plan.topic.retention_ms {
        ..0 => "retention.ms -1".to_owned(),
        ms => {
            let us = u64::try_from(ms).unwrap_or(0).saturating_mul(1000);
            format!("retention.ms {}", words::span(us))
        }
    };
    let size = u64::try_from(plan.topic.segment_bytes).unwrap_or(0);
    let mut lines = vec![format!("segment.bytes {}", bytes(size)), age];
    if plan.topic.retention_bytes >= 0 {
        let limit = u64::try_from(plan.topic.retention_bytes).unwrap_or(0);
        lines.pop();
        let all = bytes(plan.log.size_bytes);
        lines.push(format!("{all} of retention.bytes {}", bytes(limit)));
    }
    for (n, text) in lines.into_iter().enumerate() {
        let y = whole.floor + look.line * i32::try_from(n + 1).unwrap_or(1);
        // The first line is shared with the number of the log start.
        if right - width(&text, look.text, "") < whole.stack.0 + whole.stack.1 + u(8) {
            continue;
        }
        pen.text(format!("limit {n}"), "text muted", right, y, Anchor::End, look.text, text);
    }
}

/// High watermark, log end and log start with their numbers.
fn ends(plan: &Plan<'_>, whole: &Whole<'_>, pen: &mut Pen<'_>) {
    let (look, log) = (&plan.look, plan.log);
    let (stack, w) = whole.stack;
    let (left, right) = (whole.left, stack + w);
    let end = whole.pieces.last().map_or(whole.bottom, |p| p.top);
    let water = whole.y(plan, log.high_watermark).max(end);
    let water = if log.high_watermark >= log.log_end_offset { end } else { water };
    pen.about(&[&plan.pick, "leo"]).picks(Some(&plan.pick));
    pen.push("cap", "cap", level(stack - u(5), right + u(5), end));
    pen.about(&[&plan.pick, "hw"]).picks(Some(&plan.pick));
    let label = format!("high watermark {}", log.high_watermark);
    pen.named("hw", "waterline", level(left, right, water), label);
    let x = stack - u(8);
    let hw = water - u(5);
    let text = format!("HW {}", log.high_watermark);
    pen.text("hw number", "text b water", x, hw, Anchor::End, look.text, text);
    let leo = (end + look.text * 36 / 100).min(hw - look.text - u(3));
    pen.about(&[&plan.pick, "leo"]).picks(Some(&plan.pick));
    let text = format!("LEO {}", log.log_end_offset);
    pen.text("leo number", "text", x, leo, Anchor::End, look.text, text);
    start(plan, whole, pen);
    if log.recovery_point < log.log_end_offset && whole.bars {
        pen.about(&[&plan.pick, "disk"]);
        let x = right + u(6);
        let y = end - u(5);
        let text = "page cache only";
        pen.text("cache", "text muted", x, y, Anchor::Start, look.text, text);
    }
}

fn start(plan: &Plan<'_>, whole: &Whole<'_>, pen: &mut Pen<'_>) {
    let (look, log) = (&plan.look, plan.log);
    let (stack, w) = whole.stack;
    pen.about(&[&plan.pick, "log start"]).picks(Some(&plan.pick));
    let y = whole.y(plan, log.log_start_offset) + u(2);
    let first = log.segments.first().map_or(0, |s| s.base_offset);
    let shape = path(
        &[
            (stack - u(5), y - u(8)),
            (stack - u(5), y),
            (stack + w + u(3), y),
            (stack + w + u(3), y - u(8)),
        ],
        false,
    );
    pen.named("log start", "inkline", shape, format!("log start {}", log.log_start_offset));
    if whole.words > Words::Line || log.log_start_offset > first {
        let text = format!("log start {}", log.log_start_offset);
        let y = whole.floor + look.line;
        let used = width(&text, look.text, "");
        let x = (stack + w).min(whole.left + used.max(stack + w - whole.left));
        pen.text("log start name", "text", x, y, Anchor::End, look.text, text);
    }
}
