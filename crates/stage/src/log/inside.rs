//! One segment: batches by position, the offset and time index pointing into it, and a lookup step by
//! step (Kafka: `UnifiedLog.read`, `LogSegment.translateOffset`).

use super::layout::{Area, Plan, file, sizes};
use super::lookup::Lookup;
use crate::cluster::machines::middle_text;
use crate::pen::{Pen, centred, path, rect, width};
use crate::style::RecordState;
use crate::words;
use highwater_cluster::WALL_CLOCK_START_MS;
use highwater_log::Offset;
use highwater_scene::{Anchor, Point, Shape, Unit, u};
use highwater_sim::{BatchView, SegmentView};

struct Row<'a> {
    batch: &'a BatchView,
    top: Unit,
    bottom: Unit,
}

/// The column laid out.
pub(super) struct Inside<'a> {
    segment: &'a SegmentView,
    rows: Vec<Row<'a>>,
    before: usize,
    after: usize,
    stack: (Unit, Unit),
    left: Unit,
    entries: (Unit, Unit),
    top: Unit,
    bottom: Unit,
    steps: Unit,
    lines: Vec<(Option<i32>, String)>,
}

impl Inside<'_> {
    /// Edges of the whole segment, and of the opened batch.
    pub fn edges(&self) -> (Unit, Unit, Unit) {
        let top = self.rows.last().map_or(self.bottom, |r| r.top);
        (self.stack.0 - u(2), top, self.bottom)
    }
    pub fn opened(&self, base: Offset) -> Option<(Unit, Unit, Unit)> {
        let row = self.rows.iter().find(|r| r.batch.base_offset == base)?;
        Some((self.stack.0 + self.stack.1, row.top, row.bottom))
    }
    fn at(&self, position: u32) -> Option<Unit> {
        self.rows.iter().find(|r| r.batch.position == position).map(|r| r.bottom)
    }
}

/// Lays the column out; a segment with more batches than there is room for shows those round the
/// opened one.
pub(super) fn lay<'a>(plan: &Plan<'a>, area: Area, lookup: Option<&Lookup>) -> Option<Inside<'a>> {
    let look = &plan.look;
    let segment = plan.segment?;
    let sizes = sizes(plan.log, plan.segment, look);
    let slack = area.w - sizes.positions - sizes.records - sizes.arrows - sizes.entry;
    let text_w = area.w - slack / 4;
    let lines = lookup.map(|l| l.lines(look, text_w)).unwrap_or_default();
    let steps = match lines.len() {
        0 => 0,
        n => (i32::try_from(n).unwrap_or(0) + 1) * (look.line + u(6)) + u(8),
    };
    let (top, bottom) = (plan.top + look.line + u(14), plan.bottom - steps - u(4));
    let least = look.text + u(8);
    let extra = 2 * look.line;
    let room = bottom - top;
    let all = &plan.batches;
    let most = usize::try_from((room - extra) / (least + u(3))).unwrap_or(1).max(1);
    let (from, to) = if all.len() <= most {
        (0, all.len())
    } else {
        let opened = plan.batch.map_or(0, |b| b.base_offset);
        let index = all.iter().position(|b| b.base_offset >= opened).unwrap_or(0);
        let from = index.saturating_sub(most / 2).min(all.len() - most);
        (from, from + most)
    };
    let shown = &all[from..to];
    let folds = i32::from(from > 0) + i32::from(to < all.len());
    let room = room - folds * look.line;
    let scale = scale(shown, room, least);
    let mut y = bottom - if from > 0 { look.line } else { 0 };
    let rows = shown
        .iter()
        .map(|batch| {
            let height = (i32::try_from(batch.size_bytes).unwrap_or(1) * scale).max(least);
            let row = Row { batch, top: y - height, bottom: y };
            y -= height + u(3);
            row
        })
        .collect();
    let records = sizes.records + slack / 2;
    let stack = area.x + sizes.positions;
    let entries = stack + records + sizes.arrows + slack / 4;
    Some(Inside {
        segment,
        rows,
        before: from,
        after: all.len() - to,
        stack: (stack, records),
        left: area.x,
        entries: (entries, sizes.entry),
        top,
        bottom,
        steps,
        lines,
    })
}

/// Units a byte: 0.8 of a unit, or less where it does not fit.
fn scale(batches: &[&BatchView], room: Unit, least: Unit) -> Unit {
    let whole = |scale: Unit| -> Unit {
        batches
            .iter()
            .map(|b| {
                (i32::try_from(b.size_bytes).unwrap_or(1).saturating_mul(scale)).max(least) + u(3)
            })
            .fold(0, Unit::saturating_add)
    };
    let (mut low, mut high) = (0, 80);
    while low < high {
        let middle = (low + high + 1) / 2;
        if whole(middle) <= room { low = middle } else { high = middle - 1 }
    }
    low
}

pub(super) fn draw(
    plan: &Plan<'_>,
    inside: &Inside<'_>,
    lookup: Option<&Lookup>,
    pen: &mut Pen<'_>,
) {
    let look = &plan.look;
    pen.about(&["positions"]);
    let (x, y) = (inside.stack.0 - u(8), inside.top - u(10));
    if look.small_print {
        pen.text("positions", "text muted", x, y, Anchor::End, look.text, "position");
    }
    if inside.rows.is_empty() {
        let y = inside.bottom - look.line;
        let x = inside.stack.0 + inside.stack.1 / 2;
        pen.text("no batch", "text muted", x, y, Anchor::Middle, look.text, "empty");
    }
    for row in &inside.rows {
        batch(plan, inside, row, pen);
    }
    folds(plan, inside, pen);
    rails(plan, inside, pen);
    let used = index(plan, inside, lookup, pen);
    if let Some(lookup) = lookup {
        scan(inside, lookup, used, look.text, pen);
        steps(plan, inside, lookup, pen);
    }
}

fn folds(plan: &Plan<'_>, inside: &Inside<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let x = inside.stack.0 + inside.stack.1 / 2;
    pen.about(&["folded"]);
    if inside.before > 0 {
        let text = format!("{} earlier", inside.before);
        let y = inside.bottom - u(4);
        pen.text("before", "text muted", x, y, Anchor::Middle, look.text, text);
    }
    if inside.after > 0 {
        let text = format!("{} later", inside.after);
        let y = inside.rows.last().map_or(inside.top, |r| r.top) - u(6);
        pen.text("after", "text muted", x, y, Anchor::Middle, look.text, text);
    }
}

fn rails(plan: &Plan<'_>, inside: &Inside<'_>, pen: &mut Pen<'_>) {
    let (left, right) = (inside.stack.0, inside.stack.0 + inside.stack.1);
    let top = inside.rows.last().map_or(inside.bottom - u(30), |r| r.top);
    let top = if inside.after > 0 { top - plan.look.line } else { top };
    let floor = inside.bottom + u(3);
    let mut points = vec![(left, top), (left, floor), (right, floor), (right, top)];
    if inside.segment.active {
        (points[0].1, points[3].1) = (top - u(10), top - u(10));
    } else {
        points[0].1 = top - u(3);
        points[3].1 = top - u(3);
        points.push((left, top - u(3)));
    }
    pen.about(&[&plan.pick, "segments"]);
    pen.push("inside rails", "rail", path(&points, false));
}

fn batch(plan: &Plan<'_>, inside: &Inside<'_>, row: &Row<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let batch = row.batch;
    let pick = format!("batch {}:{}", plan.pick, batch.base_offset);
    pen.about(&[&pick, &plan.pick, "batches"]).picks(Some(&pick));
    let known = batch.last_offset < plan.log.high_watermark;
    let state = if known { RecordState::Known } else { RecordState::NotCommitted };
    let (x, w) = (inside.stack.0 + u(4), inside.stack.1 - u(8));
    let (top, height) = (row.top, row.bottom - row.top);
    let label = format!(
        "batch {}: {} bytes at position {}, epoch {}, {}",
        words::offsets(batch.base_offset, batch.last_offset),
        batch.size_bytes,
        batch.position,
        batch.leader_epoch,
        words::count(batch.records.len(), "record")
    );
    let key = format!("{pick}/{}", batch.leader_epoch);
    pen.named(key, state.batch(), rect(x, top, w, height, u(2)), label);
    let opened =
        plan.batch.is_some_and(|b| b.base_offset == batch.base_offset) && plan.bytes.is_some();
    let class = if opened { "text b number" } else { "text muted number" };
    let position = batch.position.to_string();
    let y = row.bottom - u(2);
    pen.text(
        format!("position {pick}"),
        class,
        inside.stack.0 - u(8),
        y,
        Anchor::End,
        look.text,
        position,
    );
    if opened {
        let edge = rect(x, top, w, height, u(2));
        pen.push(format!("opened {pick}"), "ringink", edge);
    }
    let lines = i32::try_from(batch.records.len()).unwrap_or(i32::MAX);
    let line = look.text + u(8);
    if lines.saturating_mul(line) <= height {
        let used = lines * line;
        for (n, record) in batch.records.iter().enumerate() {
            let up = i32::try_from(batch.records.len() - 1 - n).unwrap_or(0);
            self::record(plan, batch, record, (x, top + up * line, w, line), state, pen);
        }
        header(plan, &pick, (x + w - u(5), row.bottom), height - used, pen);
    } else {
        line_of_records(plan, batch, (x, row.top, w, line), state, pen);
        header(plan, &pick, (x + w - u(5), row.bottom), height - line, pen);
    }
}

/// The header comes first in the file, so it is at the bottom of its batch.
fn header(
    plan: &Plan<'_>,
    pick: &str,
    (right, bottom): (Unit, Unit),
    free: Unit,
    pen: &mut Pen<'_>,
) {
    let size = plan.look.text;
    if free >= size + u(3) {
        pen.picks(Some(pick));
        let key = format!("header {pick}");
        pen.text(key, "text muted", right, bottom - u(4), Anchor::End, size, "header 61 B");
    }
}

fn record(
    plan: &Plan<'_>,
    batch: &BatchView,
    record: &highwater_sim::RecordView,
    (x, y, w, h): (Unit, Unit, Unit, Unit),
    state: RecordState,
    pen: &mut Pen<'_>,
) {
    let look = &plan.look;
    let pick = format!("record {}:{}", plan.pick, record.offset);
    pen.picks(Some(&pick));
    let id = format!("{pick}/{}", batch.leader_epoch);
    let hit = plan.detail.find == Some(record.offset);
    if hit {
        let from = x + look.chip + u(4);
        let shape = rect(from, y + u(2), w - look.chip - u(7), h - u(3), u(1));
        pen.push(format!("found {id}"), "selected", shape);
    }
    let key = record.key.text.as_ref().map_or("no key".to_owned(), |k| format!("key {k}"));
    let label = format!("offset {}, {key}", record.offset);
    let chip = rect(x + u(2), y + u(2), look.chip, h - u(3), u(1));
    pen.named(format!("chip {id}"), state.chip(record.key.hue), chip, label);
    let middle = y + h / 2 + 25;
    let letter = record.key.letter.to_string();
    let at = x + u(2) + look.chip / 2;
    middle_text(pen, format!("key {id}"), state.letter(), at, middle, look.text, &letter);
    let class = if hit { "text b onaccent" } else { state.number() };
    let at = x + look.chip + u(10);
    let y = centred(middle, look.text);
    let offset = record.offset.to_string();
    pen.text(format!("offset {id}"), class, at, y, Anchor::Start, look.text, offset);
}

/// All records on one line: some chips and the range of offsets.
fn line_of_records(
    plan: &Plan<'_>,
    batch: &BatchView,
    (x, y, w, h): (Unit, Unit, Unit, Unit),
    state: RecordState,
    pen: &mut Pen<'_>,
) {
    let look = &plan.look;
    let range = words::offsets(batch.base_offset, batch.last_offset);
    let used = width(&range, look.text, "b") + u(12);
    let size = h - u(6);
    let hit =
        plan.detail.find.is_some_and(|f| (batch.base_offset..=batch.last_offset).contains(&f));
    let id = format!("{}:{}/{}", plan.pick, batch.base_offset, batch.leader_epoch);
    let mut at = x + u(3);
    let room = x + w - used;
    for record in &batch.records {
        if at + size > room {
            break;
        }
        let pick = format!("record {}:{}", plan.pick, record.offset);
        pen.picks(Some(&pick));
        let key = format!("{}/{}", pick, batch.leader_epoch);
        let chip = rect(at, y + u(3), size, size, u(1));
        pen.push(format!("chip {key}"), state.chip(record.key.hue), chip);
        let letter = record.key.letter.to_string();
        let middle = y + h / 2;
        middle_text(
            pen,
            format!("key {key}"),
            state.letter(),
            at + size / 2,
            middle,
            look.text,
            &letter,
        );
        at += size + u(1);
    }
    pen.picks(Some(&format!("batch {}:{}", plan.pick, batch.base_offset)));
    let y = centred(y + h / 2, look.text);
    let class = if hit { "text b" } else { state.number() };
    pen.text(format!("range {id}"), class, x + w - u(5), y, Anchor::End, look.text, range);
}

/// Boxes of the offset index with the time index entry made with them. Upper edge of the one that a
/// lookup uses.
fn index(
    plan: &Plan<'_>,
    inside: &Inside<'_>,
    lookup: Option<&Lookup>,
    pen: &mut Pen<'_>,
) -> Option<Unit> {
    let mut used_top = None;
    let look = &plan.look;
    let (x, w) = inside.entries;
    let segment = inside.segment;
    pen.about(&["index"]);
    let title =
        if look.small_print { file(segment.base_offset, ".index") } else { "index".to_owned() };
    let y = inside.top - u(10);
    pen.text("index", "text b", x + w, y, Anchor::End, look.text, title);
    let mut free = inside.bottom + u(2);
    let mut shown = 0;
    let mut last: Offset = -1;
    for (offset, position) in &segment.offset_index {
        let time = segment.time_index.iter().find(|(_, o)| *o > last && *o <= *offset);
        last = *offset;
        let Some(target) = inside.at(*position) else { continue };
        let tall = time.is_some();
        let h = look.text + u(9) + if tall { look.line } else { 0 };
        let middle = (target - u(6)).min(free - h / 2);
        if middle - h / 2 < inside.top - u(4) {
            break;
        }
        free = middle - h / 2 - u(4);
        shown += 1;
        let used = lookup.is_some_and(|l| l.entry == Some((*offset, *position)));
        if used {
            used_top = Some(middle - h / 2);
        }
        let key = format!("entry {}:{offset}", plan.pick);
        let body = if used { "selected" } else { "hollow" };
        let text = format!("+{} → {position}", offset - segment.base_offset);
        let label = format!("index entry: offset {offset} is in the batch at position {position}");
        pen.named(&*key, body, rect(x, middle - h / 2, w, h, u(2)), label);
        let class = if used { "text b onaccent" } else { "text" };
        let y = centred(middle - if tall { look.line / 2 } else { 0 }, look.text);
        pen.text(format!("{key} text"), class, x + w / 2, y, Anchor::Middle, look.text, text);
        if let Some((at, offset)) = time {
            let class = if used { "text onaccent" } else { "text muted" };
            let text = format!("{} → +{}", moment(*at), offset - segment.base_offset);
            let text = if width(&text, look.text, "") + u(6) <= w { text } else { moment(*at) };
            let y = centred(middle + look.line / 2, look.text);
            pen.text(format!("{key} time"), class, x + w / 2, y, Anchor::Middle, look.text, text);
        }
        let tip = inside.stack.0 + inside.stack.1 + u(3);
        let class = if used { "inkline" } else { "tick" };
        let bend = x - u(6);
        pen.push(
            format!("{key} arrow"),
            class,
            path(&[(x, middle), (bend, middle), (tip + u(6), target - u(2))], false),
        );
        let y = target - u(2);
        let head = [(tip, y), (tip + u(7), y - u(4)), (tip + u(7), y + u(4))];
        pen.push(format!("{key} head"), "solid", path(&head, true));
    }
    if shown == 0 {
        let text = if segment.offset_index.is_empty() { "no entry yet" } else { "none in sight" };
        let y = inside.top + look.line - u(8);
        pen.text("no entry", "text muted", x + w, y, Anchor::End, look.text, text);
    }
    used_top
}

/// A timestamp as seconds of the run.
pub(super) fn moment(timestamp: i64) -> String {
    match timestamp.checked_sub(WALL_CLOCK_START_MS) {
        Some(ms @ 0..) => format!("{}.{:03} s", ms / 1000, ms % 1000),
        _ => timestamp.to_string(),
    }
}

/// A numbered step.
pub(super) fn dot(pen: &mut Pen<'_>, key: &str, at: Point, number: i32, size: Unit) {
    pen.push(format!("{key} dot"), "solid", Shape::Circle { center: at, r: size * 7 / 10 });
    let y = centred(at.y, size);
    pen.text(key, "text b on", at.x, y, Anchor::Middle, size, number.to_string());
}

/// From the position of the index to the batch that has the offset.
fn scan(inside: &Inside<'_>, lookup: &Lookup, used: Option<Unit>, size: Unit, pen: &mut Pen<'_>) {
    pen.about(&["lookup"]);
    let x = inside.stack.0 + inside.stack.1;
    let Some((_, top, bottom)) = lookup.batch.and_then(|b| inside.opened(b)) else { return };
    let (entries, w) = inside.entries;
    if let Some(top) = used {
        // On the corner of the box, clear of its words.
        dot(pen, "step 2", Point { x: entries + w, y: top - size / 2 }, 2, size);
    }
    let to = i32::midpoint(top, bottom);
    let from = inside.at(lookup.start).unwrap_or(inside.bottom) - u(8);
    let line = x + u(11);
    if from - to > u(12) {
        pen.push("scan", "inkline", path(&[(line, from), (line, to + u(6))], false));
        let head = [(line, to), (line - u(4), to + u(7)), (line + u(4), to + u(7))];
        pen.push("scan head", "solid", path(&head, true));
        let at = Point { x: line, y: i32::midpoint(from, to) };
        dot(pen, "step 3", at, 3, size);
    } else {
        dot(pen, "step 3", Point { x: line + u(2), y: to }, 3, size);
    }
}

fn steps(plan: &Plan<'_>, inside: &Inside<'_>, lookup: &Lookup, pen: &mut Pen<'_>) {
    let look = &plan.look;
    pen.about(&["lookup"]);
    let step = look.line + u(6);
    let mut y = plan.bottom - inside.steps + u(8) + look.text;
    let title = format!("Find offset {}", lookup.offset);
    pen.text("lookup", "text b", inside.left, y, Anchor::Start, look.text, title);
    for (n, (number, text)) in inside.lines.iter().enumerate() {
        y += step;
        if let Some(number) = *number {
            let middle = y - look.text * 36 / 100;
            let at = Point { x: inside.left + look.text * 3 / 4, y: middle };
            dot(pen, &format!("lookup {n} number"), at, number, look.text);
        }
        let x = inside.left + look.text * 2;
        pen.text(format!("lookup {n}"), "text", x, y, Anchor::Start, look.text, text.as_str());
    }
}
