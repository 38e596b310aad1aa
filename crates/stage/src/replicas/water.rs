//! The high watermark through all replicas, with its numbers, the LEOs and the last stable offsets.

use super::layout::{Column, Plan};
use crate::pen::{Pen, level, path, rect};
use highwater_log::Offset;
use highwater_scene::{Anchor, Ease, Enter, Exit, Timing, Unit, u};
use highwater_sim::Role;

const LINE: Timing = Timing {
    delay_ms: 160,
    duration_ms: 640,
    ease: Ease::Water,
    enter: Enter::Fade,
    exit: Exit::Fade,
};

fn mark(plan: &Plan<'_>, column: &Column<'_>) -> Unit {
    plan.y(column.log.high_watermark)
}

/// The water on the paper between the machines, below what flies there.
pub(super) fn paper(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    let wire = plan.y(plan.level);
    pen.about(&[&plan.part.name, "hw", "wash"]).timed(LINE);
    for pair in plan.columns.windows(2) {
        let (left, right) = (pair[0].right(), pair[1].x);
        let key = format!("wash {} {}", plan.part.name, pair[0].log.broker);
        pen.push(key, "wash", rect(left, wire, right - left, plan.floor + u(2) - wire, 0));
    }
}

/// The water within the machines.
pub(super) fn wash(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    for column in &plan.columns {
        let y = mark(plan, column);
        pen.about(&[&plan.part.name, "hw", "wash"]).timed(LINE);
        let key = format!("wash {}", plan.pick(column.log.broker));
        pen.push(key, "wash", rect(column.x, y, column.w, plan.floor + u(2) - y, 0));
    }
}

/// The line, the dotted level where a replica does not know it yet, and the numbers.
pub(super) fn line(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    let name = &plan.part.name;
    let wire = plan.y(plan.level);
    let mut points: Vec<(Unit, Unit)> = Vec::new();
    for (index, column) in plan.columns.iter().enumerate() {
        let y = mark(plan, column);
        if index > 0 {
            points.push((column.x, wire));
        }
        points.extend([(column.x, y), (column.right(), y)]);
        if index + 1 < plan.columns.len() {
            points.push((column.right(), wire));
        }
        if y != wire {
            pen.about(&[name, "hw", "level"]).timed(LINE);
            let from = column.stack + column.stack_w + u(4);
            let key = format!("level {}", plan.pick(column.log.broker));
            pen.push(key, "level", level(from, column.right() - u(3), wire));
        }
    }
    pen.about(&[name, "hw"]).picks(Some(name)).timed(LINE);
    let label = format!("high watermark of {name}: {} at the leader", plan.level);
    pen.named(format!("hw {name}"), "waterline", path(&points, false), label);
    for column in &plan.columns {
        stable(plan, column, pen);
        numbers(plan, column, pen);
    }
}

/// A half flag where the last stable offset is not the high watermark.
fn stable(plan: &Plan<'_>, column: &Column<'_>, pen: &mut Pen<'_>) {
    let log = column.log;
    if log.last_stable_offset >= log.high_watermark || log.last_stable_offset < plan.window.lo {
        return;
    }
    let pick = plan.pick(log.broker);
    pen.about(&[&plan.part.name, "lso", &pick]).picks(Some(&pick)).timed(LINE);
    let y = plan.y(log.last_stable_offset);
    let shape = level(column.x + u(6), column.stack + column.stack_w / 2, y);
    pen.push(format!("lso {pick}"), "waterline thin dashed", shape);
}

/// Numbers left of the stack; where two would touch the upper one goes higher.
fn numbers(plan: &Plan<'_>, column: &Column<'_>, pen: &mut Pen<'_>) {
    if !plan.detail.gauge {
        return;
    }
    let (log, look) = (column.log, &plan.look);
    let pick = plan.pick(log.broker);
    let on_line = |offset: Offset| plan.y(offset) - u(6);
    let mut labels = vec![("hw", "text b water", log.high_watermark, on_line(log.high_watermark))];
    if log.last_stable_offset < log.high_watermark {
        labels.push(("lso", "text", log.last_stable_offset, on_line(log.last_stable_offset)));
    }
    let end = log.log_end_offset;
    // On the middle of its cap, unless the line runs there.
    let beside = plan.y(end) + look.text * 36 / 100;
    let above = on_line(end) - look.text - u(3);
    let together = plan.y(end) == plan.y(log.high_watermark);
    labels.push(("leo", "text", end, if together { above } else { beside }));
    highwater_sorted::sort_by_key(&mut labels, |l| std::cmp::Reverse(l.3));
    // From below upward; the order of the offsets is the order of the labels.
    let mut free = plan.floor + u(2);
    for (word, class, offset, wanted) in labels {
        let y = wanted.min(free);
        free = y - look.text - u(3);
        let hidden =
            word == "hw" && log.role == Role::Offline && log.high_watermark < plan.window.lo;
        if hidden {
            continue;
        }
        pen.about(&[&plan.part.name, word, &pick]).picks(Some(&pick)).timed(LINE);
        let text = format!("{} {offset}", word.to_ascii_uppercase());
        let x = column.stack - u(10);
        pen.text(format!("{word} number {pick}"), class, x, y, Anchor::End, look.text, text);
    }
}
