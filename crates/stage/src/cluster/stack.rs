//! A replica's log as a stack: rails open at the top, batches as outlines, records as their rows,
//! the free slot at the end, segments as brackets.

use super::Map;
use super::columns::{Band, CELL_DIGITS};
use super::layout::{Detail, Row};
use super::machines::{broker_pick, cross, kind, middle_text};
use super::window::{STRATA, STRATUM};
use crate::pen::{Pen, centred, level, path, rect, width};
use crate::replicas::cut::cut;
use crate::style::RecordState;
use highwater_log::Offset;
use highwater_scene::{Anchor, Ease, Enter, Exit, Point, Shape, Timing, Unit, u};
use highwater_sim::{BatchView, BrokerView, ProcessState, ReplicaView, Role};

/// The line reaches a batch's top after its pause and the steep part of its curve.
pub(super) const TURNS_SOLID_MS: u16 = 240;

/// State of what ends before `end` on this replica.
pub(super) fn state(row: &Row<'_>, log: &ReplicaView, end: Offset) -> RecordState {
    // What the leader's log does not have was never committed, though the line stands above it.
    let ours = || row.leader().and_then(|leader| cut(log, leader)).is_some_and(|c| end > c.offset);
    if end <= log.high_watermark && log.role != Role::Offline {
        RecordState::Known
    } else if end > row.level.max(log.high_watermark) || ours() {
        RecordState::NotCommitted
    } else if log.role == Role::Offline {
        RecordState::Known
    } else {
        RecordState::NotHeard
    }
}

pub(super) fn stacks(map: &Map<'_>, row: &Row<'_>, pen: &mut Pen<'_>) {
    for band in &map.plan.columns.bands {
        let id = band.broker.id;
        let Some(log) = row.log(id) else { continue };
        let pick = format!("{}@{id}", row.part.name);
        let broker = broker_pick(id);
        let name = row.part.name.as_str();
        let words = [pick.as_str(), name, &row.topic.name, &broker, "log", kind(log)];
        strata(map, row, band, log, (pen, &words, &pick));
        if row.detail == Detail::Full && map.plan.columns.segments {
            segments(map, row, band, log, pen);
        }
        pen.about(&words).picks(Some(&pick));
        for batch in log.batches.iter().filter(|b| b.last_offset >= row.window.lo) {
            self::batch(map, row, band, log, batch, pen, &words);
        }
        disk(map, row, band, log, pen);
        ghosts(map, row, band, log, pen);
        ends(map, row, band, log, pen);
        pen.about(&words).picks(Some(&pick));
        rails(map, row, band, log, &pick, pen);
    }
}

fn appears(log: &ReplicaView, row: &Row<'_>, batch: &BatchView) -> Timing {
    // Cut at its end a log loses what nobody vouches for; its oldest files go whole.
    let oldest = log.segments.first().is_some_and(|s| s.base_offset == batch.segment && !s.active);
    let exit = if batch.last_offset >= log.high_watermark {
        Exit::Fall
    } else if oldest && row.window.lo == log.log_start_offset {
        Exit::SlideLeft
    } else {
        Exit::Fade
    };
    let duration_ms = if exit == Exit::Fade { 160 } else { 320 };
    Timing { delay_ms: 0, duration_ms, ease: Ease::Ease, enter: Enter::GrowUp, exit }
}

fn batch(
    map: &Map<'_>,
    row: &Row<'_>,
    band: &Band<'_>,
    log: &ReplicaView,
    batch: &BatchView,
    pen: &mut Pen<'_>,
    words: &[&str],
) {
    let look = &map.plan.look;
    let state = state(row, log, batch.last_offset + 1);
    let key =
        format!("{}@{}:{}/{}", row.part.name, log.broker, batch.base_offset, batch.leader_epoch);
    let appear = appears(log, row, batch);
    // What the passing line turns solid waits for it; what is appended does not.
    let settle =
        Timing { delay_ms: if state == RecordState::Known { TURNS_SOLID_MS } else { 0 }, ..appear };
    let (x, w) = (band.stack + u(4), band.stack_w - u(8));
    let (top, bottom) = (row.y(batch.last_offset + 1), row.y(batch.base_offset));
    pen.about(words).picks(Some(&format!("{}@{}", row.part.name, log.broker))).slotted();
    pen.timed(if settle.delay_ms > 0 { Timing { enter: Enter::Cut, ..settle } } else { appear });
    let inset = if row.letters { 150 } else { 75 };
    let shape = rect(x, top + inset, w, bottom - top - 2 * inset, u(2));
    // In very low slots outlines would be all there is: bars are enough.
    if row.slot >= u(10) {
        pen.push(format!("batch {key}"), state.batch(), shape);
    }
    let letters = row.letters;
    // Of a batch that is longer than the window its end is in sight.
    for record in batch.records.iter().filter(|r| r.offset >= row.window.lo) {
        let pick = format!("record {}@{}:{}", row.part.name, log.broker, record.offset);
        let id =
            format!("{}@{}:{}/{}", row.part.name, log.broker, record.offset, batch.leader_epoch);
        let edge = row.y(record.offset + 1);
        pen.picks(Some(&pick));
        let class = state.chip(record.key.hue);
        if !letters {
            let h = (row.slot - 2 * inset).max(u(2));
            pen.push(format!("chip {id}"), class, rect(x + u(2), edge + inset, w - u(4), h, u(1)));
            continue;
        }
        let h = row.slot - u(6);
        let (size, chip_w) = (look.cell_text(row.slot), look.cell_chip(row.slot));
        let chip = rect(x + u(2), edge + u(3), chip_w, h, u(1));
        let label = record_label(record.offset, record.key.text.as_deref(), state);
        pen.named(format!("chip {id}"), class, chip, label);
        let middle = edge + row.slot / 2;
        let letter = record.key.letter.to_string();
        let letter_x = x + u(2) + chip_w / 2;
        middle_text(pen, format!("key {id}"), state.letter(), letter_x, middle, size, &letter);
        let number = cell_number(record.offset);
        let right = x + w - u(6);
        pen.text(
            format!("offset {id}"),
            state.number(),
            right,
            centred(middle, size),
            Anchor::End,
            size,
            number,
        );
        if record.offset < batch.last_offset {
            let from = x + u(2) + chip_w + u(3);
            pen.push(format!("gap {id}"), state.hair(), level(from, x + w - u(2), edge));
        }
    }
}

fn record_label(offset: Offset, key: Option<&str>, state: RecordState) -> String {
    let key = key.map_or("no key".to_owned(), |k| format!("key {k}"));
    let state = match state {
        RecordState::NotCommitted => "not committed",
        RecordState::NotHeard => "committed, not known here yet",
        RecordState::Known => "committed",
    };
    format!("offset {offset}, {key}, {state}")
}

/// Offsets of many digits are cut to the last three; the whole number stands at the end of the log.
fn cell_number(offset: Offset) -> String {
    let full = offset.to_string();
    if full.len() <= CELL_DIGITS { full } else { format!("…{}", &full[full.len() - 3..]) }
}

fn rails(
    map: &Map<'_>,
    row: &Row<'_>,
    band: &Band<'_>,
    log: &ReplicaView,
    pick: &str,
    pen: &mut Pen<'_>,
) {
    let look = &map.plan.look;
    let (left, right) = (band.stack, band.stack + band.stack_w);
    let (cap, floor) = (row.y(log.log_end_offset), row.bottom + u(2));
    let top = cap - row.free;
    let class = match log.role {
        Role::Offline => "rail out",
        Role::Leader => "rail leader",
        Role::Follower if !log.in_isr => "rail out",
        Role::Follower => "rail",
    };
    pen.timed(Timing { duration_ms: 320, ..Timing::default() });
    let label = replica_label(row, log);
    let shape = path(&[(left, top), (left, floor), (right, floor), (right, top)], false);
    pen.named(format!("rails {pick}"), class, shape, label);
    pen.about(&[pick, &row.part.name, &broker_pick(log.broker), "log", "leo", kind(log)])
        .picks(Some(pick));
    if log.log_end_offset < row.window.lo && log.role != Role::Offline {
        // Below the window it stands on the floor; its end says where it really is.
        let (x, y) = (right + u(9), row.floor - u(3));
        let points = [(x - u(4), y - u(4)), (x, y), (x + u(4), y - u(4))];
        pen.push(format!("below {pick}"), "inkline", path(&points, false));
    } else {
        pen.push(format!("cap {pick}"), "cap", level(left - u(4), right + u(4), cap));
    }
    if map.plan.columns.letters && row.detail == Detail::Full {
        let text = format!("LEO {}", log.log_end_offset);
        let middle = cap - row.free / 2;
        // At once above what is appended, not through it.
        pen.timed(Timing::CUT);
        middle_text(
            pen,
            format!("leo {pick}"),
            "text",
            i32::midpoint(left, right),
            middle,
            look.text,
            &text,
        );
    }
    if band.broker.state != ProcessState::Running && band.broker.state != ProcessState::Paused {
        pen.about(&[pick, &row.part.name, &broker_pick(log.broker), kind(log)]).picks(Some(pick));
        let at = (right + u(13), cap);
        cross(pen, format!("dead {pick}"), at.0, at.1, u(8));
    }
}

fn replica_label(row: &Row<'_>, log: &ReplicaView) -> String {
    let role = match log.role {
        Role::Leader => format!("leader in epoch {}", log.leader_epoch),
        Role::Follower if log.in_isr => "follower".to_owned(),
        Role::Follower => "follower out of the ISR".to_owned(),
        Role::Offline => "offline".to_owned(),
    };
    format!(
        "{} on broker {}, {role}: log start {}, high watermark {}, log end {}",
        row.part.name, log.broker, log.log_start_offset, log.high_watermark, log.log_end_offset
    )
}

/// Brackets left of the stack with the name of the file they stand for.
fn segments(map: &Map<'_>, row: &Row<'_>, band: &Band<'_>, log: &ReplicaView, pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    let name = &row.part.name;
    let x = band.stack - u(5);
    let hw = row.y(log.high_watermark.max(row.window.lo)) - u(5) - look.text / 3;
    for segment in log.segments.iter().filter(|s| s.next_offset > row.window.lo || s.active) {
        let base = segment.base_offset.max(row.window.lo);
        if segment.next_offset <= segment.base_offset {
            continue;
        }
        let pick = format!("segment {name}@{}:{}", log.broker, segment.base_offset);
        pen.about(&[&pick, name, "segments", kind(log)]).picks(Some(&pick));
        let (bottom, top) = (row.y(base) - u(2), row.y(segment.next_offset) + u(2));
        let mut points = vec![(x + u(4), bottom), (x, bottom), (x, top.min(bottom))];
        // A closed one has both ends; the active one is open at the top.
        if !segment.active {
            points.push((x + u(4), top.min(bottom)));
        }
        let label = format!(
            "segment {:020}.log, {} bytes{}",
            segment.base_offset,
            segment.size_bytes,
            if segment.active { ", active" } else { "" }
        );
        pen.named(pick.clone(), "segment", path(&points, false), label);
        let middle = row.y(base) - row.slot / 2;
        let clear = (middle - hw).abs() >= u(14) && bottom - top > u(8);
        if clear {
            let text = format!("0…{:04}", segment.base_offset);
            let y = centred(middle, look.text);
            pen.text(
                format!("name {pick}"),
                "text muted",
                x - u(6),
                y,
                Anchor::End,
                look.text,
                text,
            );
        }
    }
}

/// Older segments that are out of sight, one bar each.
fn strata(
    map: &Map<'_>,
    row: &Row<'_>,
    band: &Band<'_>,
    log: &ReplicaView,
    (pen, words, pick): (&mut Pen<'_>, &[&str], &str),
) {
    if row.window.strata_height == 0 || row.detail != Detail::Full {
        return;
    }
    let older: Vec<_> = log.segments.iter().filter(|s| s.base_offset < row.window.lo).collect();
    let look = &map.plan.look;
    for (n, segment) in older.iter().rev().take(STRATA).enumerate() {
        let name = format!("segment {}@{}:{}", row.part.name, log.broker, segment.base_offset);
        pen.about(words).picks(Some(&name));
        let y = row.floor + u(2) + STRATUM * i32::try_from(n).unwrap_or(0);
        let shape = rect(band.stack + u(4), y, band.stack_w - u(8), STRATUM - u(3), u(1));
        let label = format!(
            "records {} of {:020}.log, folded",
            crate::words::offsets(segment.base_offset, segment.next_offset.min(row.window.lo) - 1),
            segment.base_offset
        );
        pen.named(format!("stratum {pick}:{}", segment.base_offset), "stratum", shape, label);
    }
    let more = older.len().saturating_sub(STRATA);
    let text = format!("{more} more");
    let room = band.stack - band.x - u(8);
    if more > 0 && width(&text, look.text, "") <= room {
        pen.about(words).picks(Some(pick));
        let (x, y) = (band.stack - u(6), row.bottom - u(6));
        pen.text(format!("strata {pick}"), "text muted", x, y, Anchor::End, look.text, text);
    }
}

/// What of a log is on disk matters where a machine has lost its power or may (it is selected),
/// where a disk is slow or a topic says when to flush. Else nobody waits for a disk.
fn disk_matters(map: &Map<'_>, row: &Row<'_>, log: &ReplicaView) -> bool {
    let sick = |b: &BrokerView| b.state == ProcessState::PoweredOff || b.slow_disk_us > 0;
    map.opts.selection.as_deref() == Some(&*broker_pick(log.broker))
        || row.topic.configs.iter().any(|(name, _)| name.starts_with("flush."))
        || map.view.brokers.iter().any(sick)
}

/// At the right of the log: filled where it is on disk, hollow where only the page cache has it.
fn disk(map: &Map<'_>, row: &Row<'_>, band: &Band<'_>, log: &ReplicaView, pen: &mut Pen<'_>) {
    if !disk_matters(map, row, log) || log.log_end_offset <= row.window.lo {
        return;
    }
    let pick = format!("{}@{}", row.part.name, log.broker);
    let point = log.recovery_point.clamp(row.window.lo, log.log_end_offset);
    pen.about(&[&pick, &row.part.name, "log", "disk", kind(log)]).picks(Some(&pick));
    let x = right_of(band) + u(3);
    let (end, edge, floor) = (row.y(log.log_end_offset), row.y(point), row.floor);
    if edge < floor {
        let shape = rect(x, edge, DISK, floor - edge, 0);
        pen.named(format!("disk {pick}"), "solid", shape, format!("on disk: below {point}"));
    }
    if end < edge {
        let lost = crate::words::offsets(point, log.log_end_offset - 1);
        let label = format!("{lost} in the page cache only: a power loss takes it");
        let shape = rect(x + 75, end + 75, DISK - 150, edge - end - 150, 0);
        pen.named(format!("cache {pick}"), "hollow", shape, label);
    }
}

/// Width of the bar that says what is on disk.
const DISK: Unit = 500;

/// Acknowledged records that are gone stay as ghosts where they were.
fn ghosts(map: &Map<'_>, row: &Row<'_>, band: &Band<'_>, log: &ReplicaView, pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    if log.broker != row.part.leader || !row.letters {
        return;
    }
    let name = &row.part.name;
    let gone = map.view.lost.iter().filter(|l| l.tp == row.tp() && l.offset >= row.window.lo);
    for lost in gone {
        // Its place at the right of the stack: the slot itself may hold another record by now.
        let edge = row.y(lost.offset + 1);
        let beside = if disk_matters(map, row, log) { u(5) + DISK } else { u(3) };
        let x = right_of(band) + beside;
        let w = (band.right() - u(3) - x).clamp(u(14), look.chip + u(2));
        // A float on its upper edge would cover it: then it stands below that.
        let floats = log.followers.iter().any(|f| f.log_end_offset == lost.offset + 1);
        let free = row.slot - u(6) - look.float;
        let below = if floats && free >= look.text { look.float } else { 0 };
        let (top, h) = (edge + u(3) + below, row.slot - u(6) - below);
        let middle = top + h / 2;
        pen.about(&[name, "lost"])
            .picks(Some(&format!("record {name}@{}:{}", log.broker, lost.offset)));
        let key = format!("lost {name}:{} {}", lost.offset, lost.lost_at.0);
        let shape = rect(x, top, w, h, u(1));
        let label = format!(
            "offset {}, acknowledged at {}, lost at {}",
            lost.offset, lost.acknowledged_at, lost.lost_at
        );
        pen.named(key.clone(), "ghost", shape, label);
        middle_text(
            pen,
            format!("{key} key"),
            "text danger",
            x + w / 2,
            middle,
            look.text,
            &lost.key.letter.to_string(),
        );
        let line = Shape::Line {
            from: Point { x: x - u(1), y: middle + u(5) },
            to: Point { x: x + w + u(1), y: middle - u(5) },
        };
        pen.push(format!("{key} strike"), "inkline danger", line);
    }
}

/// Which end of a log is which, in words, beside the first log of a row.
fn ends(map: &Map<'_>, row: &Row<'_>, band: &Band<'_>, log: &ReplicaView, pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    let first = map.plan.columns.bands.iter().find(|b| row.log(b.broker.id).is_some());
    let is_first = first.is_some_and(|b| b.broker.id == band.broker.id);
    let shown = log.log_end_offset - row.window.lo;
    if !is_first || !row.letters || shown < 3 || map.plan.columns.segments {
        return;
    }
    let pick = format!("{}@{}", row.part.name, log.broker);
    pen.about(&[&pick, &row.part.name, "log", "ends", kind(log)]).picks(Some(&pick));
    let x = band.stack - u(7);
    for (word, offset) in [("newest", log.log_end_offset - 1), ("oldest", row.window.lo)] {
        // The number of the line stands in the slot above it.
        let taken = offset == log.high_watermark;
        // Older ones may be folded away below.
        let not_it = word == "oldest" && offset > log.log_start_offset;
        if taken || not_it || x - width(word, look.text, "") < band.x + u(2) {
            continue;
        }
        let y = centred(row.middle(offset), look.text);
        pen.text(format!("{word} {pick}"), "text muted", x, y, Anchor::End, look.text, word);
    }
}

/// Left edge of what stands right of a stack.
pub(super) fn right_of(band: &Band<'_>) -> Unit {
    band.stack + band.stack_w
}
