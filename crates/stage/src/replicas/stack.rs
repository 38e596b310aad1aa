//! The stacks: records with key, offset and producer, epochs beside them, the part that will be cut.

use super::layout::{Column, Plan, cell_number};
use crate::cluster::machines::{cross, middle_text};
use crate::pen::{Pen, centred, level, path, rect, width};
use crate::style::RecordState;
use crate::words;
use highwater_log::Offset;
use highwater_scene::{Anchor, Ease, Enter, Exit, Timing, Unit, u};
use highwater_sim::{BatchView, ProcessState, ReplicaView, Role};

const GROW: Timing = Timing {
    delay_ms: 0,
    duration_ms: 160,
    ease: Ease::Ease,
    enter: Enter::GrowUp,
    exit: Exit::Fall,
};

pub(super) fn draw(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    for column in &plan.columns {
        let pick = plan.pick(column.log.broker);
        let below = column.log.log_end_offset < plan.window.lo;
        epochs(plan, column, pen);
        if below {
            out_of_sight(plan, column, pen);
        }
        for batch in column.log.batches.iter().filter(|b| b.last_offset >= plan.window.lo) {
            self::batch(plan, column, batch, &pick, pen);
        }
        strata(plan, column, pen);
        log_start(plan, column, &pick, pen);
        rails(plan, column, &pick, pen);
        cut_line(plan, column, &pick, pen);
    }
}

fn state(plan: &Plan<'_>, column: &Column<'_>, batch: &BatchView) -> RecordState {
    let end = batch.last_offset + 1;
    if end > column.kept() {
        RecordState::NotCommitted
    } else if end <= column.log.high_watermark {
        RecordState::Known
    } else if end <= plan.level {
        RecordState::NotHeard
    } else {
        RecordState::NotCommitted
    }
}

fn batch(plan: &Plan<'_>, column: &Column<'_>, batch: &BatchView, pick: &str, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let gone = batch.last_offset >= column.kept();
    let state = state(plan, column, batch);
    let name = format!("{pick}:{}/{}", batch.base_offset, batch.leader_epoch);
    let (x, w) = (column.stack + u(4), column.stack_w - u(8));
    let (top, bottom) = (plan.y(batch.last_offset + 1), plan.y(batch.base_offset));
    pen.about(&[pick, &plan.part.name, "log"])
        .picks(Some(&format!("batch {pick}:{}", batch.base_offset)))
        .slotted();
    pen.timed(GROW);
    let class = if gone { "batch dry cut" } else { state.batch() };
    pen.push(format!("batch {name}"), class, rect(x, top + 150, w, bottom - top - 300, u(2)));
    // Of a batch that is longer than the window its end is in sight.
    for record in batch.records.iter().filter(|r| r.offset >= plan.window.lo) {
        let record_pick = format!("record {pick}:{}", record.offset);
        pen.picks(Some(&record_pick));
        let id = format!("{pick}:{}/{}", record.offset, batch.leader_epoch);
        let edge = plan.y(record.offset + 1);
        let middle = edge + plan.slot / 2;
        let chip = rect(x + u(2), edge + 350, look.chip, plan.slot - 700, u(1));
        let label = label(plan, batch, record, state, gone);
        pen.named(format!("chip {id}"), state.chip(record.key.hue), chip, label);
        let letter = record.key.letter.to_string();
        let at = x + u(2) + look.chip / 2;
        middle_text(pen, format!("key {id}"), state.letter(), at, middle, look.text, &letter);
        let number = cell_number(record.offset);
        let digits = width(&number, look.text, "");
        let (left, right) = (x + u(2) + look.chip, x + w - u(6));
        let producer = record.producer.filter(|_| plan.detail.producers).map(|p| format!("p{p}"));
        let number_right = match plan.detail.producers {
            true => right - width("p88", look.text, "") - u(8),
            false => right,
        };
        let y = centred(middle, look.text);
        let class = if gone { "text number danger" } else { state.number() };
        pen.text(format!("offset {id}"), class, number_right, y, Anchor::End, look.text, number);
        if gone {
            let strike = level(number_right - digits - u(5), number_right + u(5), middle);
            pen.push(format!("strike {id}"), "inkline danger", strike);
        }
        if let Some(producer) = producer {
            let key = format!("producer {id}");
            pen.text(key, "text muted", right, y, Anchor::End, look.text, producer);
        }
        if record.offset < batch.last_offset {
            pen.push(format!("gap {id}"), state.hair(), level(left + u(4), x + w - u(3), edge));
        }
    }
}

fn label(
    plan: &Plan<'_>,
    batch: &BatchView,
    record: &highwater_sim::RecordView,
    state: RecordState,
    gone: bool,
) -> String {
    let key = record.key.text.as_ref().map_or("no key".to_owned(), |k| format!("key {k}"));
    let from = record.producer.map(|p| format!(", from p{p}")).unwrap_or_default();
    let state = match (gone, state) {
        (true, _) => "will be cut",
        (_, RecordState::NotCommitted) => "not committed",
        (_, RecordState::NotHeard) => "committed, not known here yet",
        (_, RecordState::Known) => "committed",
    };
    let name = &plan.part.name;
    format!("{name} offset {}, {key}{from}, epoch {}, {state}", record.offset, batch.leader_epoch)
}

/// Bands of the epochs, newest on top; what nobody shares is outlined.
fn epochs(plan: &Plan<'_>, column: &Column<'_>, pen: &mut Pen<'_>) {
    let log = column.log;
    let pick = plan.pick(log.broker);
    let all = super::cut::epochs(log);
    let newest = plan.part.leader_epoch;
    let mut pieces: Vec<(i32, Offset, Offset, bool)> = Vec::new();
    for (index, (epoch, start)) in all.iter().enumerate() {
        let end = all.get(index + 1).map_or(log.log_end_offset, |n| n.1);
        let kept = column.kept().clamp(*start, end);
        pieces.push((*epoch, *start, kept, false));
        pieces.push((*epoch, kept, end, true));
    }
    for (epoch, start, end, gone) in pieces {
        let start = start.max(plan.window.lo);
        if end <= start {
            continue;
        }
        let (top, bottom) = (plan.y(end) + 150, plan.y(start) - 150);
        pen.about(&[&pick, &plan.part.name, "epochs"]).picks(Some(&pick)).timed(GROW);
        let key = format!("epoch {pick} {epoch} {gone}");
        let class = match (gone, epoch == newest) {
            (true, _) => "epoch cut",
            (_, true) => "epoch now",
            _ => "epoch",
        };
        let words = format!("epoch {epoch}, offsets {}", words::offsets(start, end - 1));
        let label = if gone { format!("{words}, will be cut") } else { words };
        pen.named(&*key, class, rect(column.epoch, top, column.epoch_w, bottom - top, u(2)), label);
        if bottom - top < plan.look.text + u(4) {
            continue;
        }
        let text =
            if plan.detail.epoch_words { format!("epoch {epoch}") } else { epoch.to_string() };
        let class = match (gone, epoch == newest) {
            (true, _) => "text b danger",
            (_, true) => "text b",
            _ => "text",
        };
        let (x, y) = (column.epoch + column.epoch_w / 2, bottom - u(6));
        pen.text(format!("{key} name"), class, x, y, Anchor::Middle, plan.look.text, text);
    }
}

fn rail_class(log: &ReplicaView) -> &'static str {
    match log.role {
        Role::Offline => "rail out",
        Role::Leader => "rail leader",
        Role::Follower if !log.in_isr => "rail out",
        Role::Follower => "rail",
    }
}

fn rails(plan: &Plan<'_>, column: &Column<'_>, pick: &str, pen: &mut Pen<'_>) {
    let log = column.log;
    let (left, right) = (column.stack, column.stack + column.stack_w);
    let cap = plan.y(log.log_end_offset);
    let (top, floor) = (cap - plan.slot * 2 / 3, plan.floor + u(2));
    pen.about(&[pick, &plan.part.name, "log"]).picks(Some(pick));
    pen.timed(Timing { duration_ms: 320, ..Timing::default() });
    let shape = path(&[(left, top), (left, floor), (right, floor), (right, top)], false);
    let label = format!(
        "{} on broker {}, {}: log start {}, high watermark {}, last stable {}, log end {}",
        plan.part.name,
        log.broker,
        column.heads.first().map_or("", |h| &h.text),
        log.log_start_offset,
        log.high_watermark,
        log.last_stable_offset,
        log.log_end_offset
    );
    pen.named(format!("rails {pick}"), rail_class(log), shape, label);
    pen.about(&[pick, &plan.part.name, "log", "leo"]).picks(Some(pick));
    pen.push(format!("cap {pick}"), "cap", level(left - u(5), right + u(5), cap));
    let dead = column
        .broker
        .is_some_and(|b| !matches!(b.state, ProcessState::Running | ProcessState::Paused));
    if dead {
        let y = cap - plan.slot / 2;
        cross(pen, format!("dead {pick}"), i32::midpoint(left, right), y, u(7));
    }
}

/// Older segments below the window, a bar each.
fn strata(plan: &Plan<'_>, column: &Column<'_>, pen: &mut Pen<'_>) {
    if plan.window.strata_height == 0 {
        return;
    }
    let log = column.log;
    let older: Vec<_> = log.segments.iter().filter(|s| s.base_offset < plan.window.lo).collect();
    let (x, w) = (column.stack, column.stack_w);
    let mut y = plan.floor + u(5);
    for segment in older.iter().rev().take(crate::cluster::window::STRATA) {
        let pick = format!("segment {}:{}", plan.pick(log.broker), segment.base_offset);
        pen.about(&[&pick, &plan.part.name, "segments"]).picks(Some(&pick));
        let end = segment.next_offset.min(plan.window.lo).max(segment.base_offset + 1) - 1;
        let label = format!("folded: offsets {}", words::offsets(segment.base_offset, end));
        let shape = rect(x + u(4), y, w - u(8), u(5), u(1));
        pen.named(format!("stratum {pick}"), "stratum", shape, label);
        y += crate::cluster::window::STRATUM;
    }
}

/// Bracket at the first readable offset, where it is not simply the floor.
fn log_start(plan: &Plan<'_>, column: &Column<'_>, pick: &str, pen: &mut Pen<'_>) {
    let log = column.log;
    if log.log_start_offset < plan.window.lo || log.log_start_offset > log.log_end_offset {
        return;
    }
    let (left, right) = (column.stack - u(7), column.stack + column.stack_w + u(7));
    let y = plan.y(log.log_start_offset);
    pen.about(&[pick, &plan.part.name, "log start"]).picks(Some(pick));
    let foot = u(9);
    pen.push(
        format!("start left {pick}"),
        "inkline",
        path(&[(left, y - foot), (left, y), (left + u(4), y)], false),
    );
    pen.push(
        format!("start right {pick}"),
        "inkline",
        path(&[(right, y - foot), (right, y), (right - u(4), y)], false),
    );
}

/// A log that ends below everything in sight stands on the floor with an arrow.
fn out_of_sight(plan: &Plan<'_>, column: &Column<'_>, pen: &mut Pen<'_>) {
    let pick = plan.pick(column.log.broker);
    pen.about(&[&pick, &plan.part.name, "log"]).picks(Some(&pick));
    let x = column.stack + column.stack_w / 2;
    let y = plan.floor - u(6);
    let size: Unit = u(4);
    pen.push(
        format!("below {pick}"),
        "solid",
        path(&[(x - size, y - size), (x + size, y - size), (x, y + size / 2)], true),
    );
}

fn cut_line(plan: &Plan<'_>, column: &Column<'_>, pick: &str, pen: &mut Pen<'_>) {
    let Some(cut) = column.cut else { return };
    pen.about(&[pick, &plan.part.name, "cut"]).picks(Some(pick));
    let shape = level(column.x + u(4), column.right() - u(4), plan.y(cut.offset));
    let label = format!("broker {} cuts its log at {}", column.log.broker, cut.offset);
    pen.named(format!("cut {pick}"), "cutline", shape, label);
}
