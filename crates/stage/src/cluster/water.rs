//! The high watermark as the level of the water: one line through all machines, at the leader's
//! mark on the wire and at each replica's own inside its machine, so that what a replica has not
//! heard of is a dip one machine wide.

use super::Map;
use super::layout::{Detail, Row};
use super::machines::{broker_pick, kind};
use crate::pen::{Pen, level, path, rect};
use highwater_log::Offset;
use highwater_scene::{Anchor, Ease, Enter, Exit, Timing, Unit, u};
use highwater_sim::{ReplicaView, Role};

/// The line follows the float that lets it go.
pub(super) const LINE: Timing = Timing {
    delay_ms: 160,
    duration_ms: 640,
    ease: Ease::Water,
    enter: Enter::Fade,
    exit: Exit::Fade,
};

/// Where the line runs within a band: at the replica's own mark; a dead process has none, there
/// the wire's level goes through.
fn mark(row: &Row<'_>, log: &ReplicaView) -> Offset {
    if log.role == Role::Offline {
        row.level
    } else {
        log.high_watermark.min(row.level.max(log.high_watermark))
    }
}

/// One stretch of the line: the machines that hold the partition, without a gap.
struct Run {
    first: usize,
    points: Vec<(Unit, Unit)>,
}

fn runs(map: &Map<'_>, row: &Row<'_>) -> Vec<Run> {
    let columns = &map.plan.columns;
    let wire = row.y(row.level);
    let mut runs: Vec<Run> = Vec::new();
    let mut open = false;
    for (index, band) in columns.bands.iter().enumerate() {
        let Some(log) = row.log(band.broker.id) else {
            open = false;
            continue;
        };
        if !open {
            // The wire to the left belongs to the run when another machine with the log is left of it.
            let start = if runs.is_empty() { band.x } else { columns.wires[index].0 };
            runs.push(Run { first: index, points: vec![(start, wire)] });
            open = true;
        }
        let y = row.y(mark(row, log));
        let later = columns.bands[index + 1..].iter().any(|b| row.log(b.broker.id).is_some());
        if let Some(run) = runs.last_mut() {
            run.points.extend([(band.x, wire), (band.x, y), (band.right(), y)]);
            if later {
                run.points.extend([(band.right(), wire), (columns.wires[index + 1].1, wire)]);
            } else if let Some(scale) = columns.scale {
                run.points.extend([(band.right(), wire), (scale, wire)]);
            }
        }
    }
    runs
}

/// The wash on the paper, below everything that flies.
pub(super) fn paper(map: &Map<'_>, pen: &mut Pen<'_>) {
    for row in map.plan.rows.iter().filter(|r| r.detail != Detail::Matrix) {
        let name = &row.part.name;
        pen.about(&[name, "hw", "wash"]).timed(LINE);
        for run in runs(map, row) {
            let (Some(first), Some(last)) = (run.points.first(), run.points.last()) else {
                continue;
            };
            let (left, right) = (first.0, last.0);
            let mut points = vec![(left, row.bottom + u(2))];
            points.extend(&run.points);
            points.push((right, row.bottom + u(2)));
            pen.push(format!("wash {name} {}", run.first), "wash", path(&points, true));
        }
    }
}

/// The wash within the machines, which hide that on the paper.
pub(super) fn wash(map: &Map<'_>, pen: &mut Pen<'_>) {
    for row in map.plan.rows.iter().filter(|r| r.detail != Detail::Matrix) {
        let name = &row.part.name;
        for band in &map.plan.columns.bands {
            let Some(log) = row.log(band.broker.id) else { continue };
            let y = row.y(mark(row, log));
            pen.about(&[name, "hw", "wash", &broker_pick(band.broker.id), kind(log)]).timed(LINE);
            let shape = rect(band.x, y, band.w, row.bottom + u(2) - y, 0);
            pen.push(format!("wash {name}@{}", band.broker.id), "wash", shape);
        }
    }
}

/// The line itself with its numbers, and the leader's level over machines that lag.
pub(super) fn line(map: &Map<'_>, row: &Row<'_>, pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    let name = &row.part.name;
    let wire = row.y(row.level);
    let first = map.plan.columns.bands.iter().position(|b| row.log(b.broker.id).is_some());
    let last = map.plan.columns.bands.iter().rposition(|b| row.log(b.broker.id).is_some());
    for (index, band) in map.plan.columns.bands.iter().enumerate() {
        let id = band.broker.id;
        let Some(log) = row.log(id) else {
            // Between replicas the level goes on, dotted.
            if first.is_some_and(|f| index > f) && last.is_some_and(|l| index < l) {
                pen.about(&[name, "hw", "level"]).timed(LINE);
                let shape = level(band.x + u(3), band.right() - u(3), wire);
                pen.push(format!("level {name}@{id}"), "level", shape);
            }
            continue;
        };
        let y = row.y(mark(row, log));
        pen.about(&[name, "hw", "level", &broker_pick(id), kind(log)]).timed(LINE);
        // Dotted where the dip is, right of a number that may stand on it.
        if y != wire {
            let shape = level(band.x + u(3), band.right() - u(3), wire);
            pen.push(format!("level {name}@{id}"), "level", shape);
        }
        if log.last_stable_offset < log.high_watermark {
            let stable = row.y(log.last_stable_offset);
            let shape = level(band.stack, band.stack + band.stack_w / 2, stable);
            pen.push(format!("lso {name}@{id}"), "level", shape);
        }
    }
    pen.about(&[name, "hw"]).picks(Some(name)).timed(LINE);
    for run in runs(map, row) {
        let label = format!("high watermark {} of {name}", row.level);
        let key = format!("hw {name} {}", run.first);
        pen.named(key, "waterline", path(&run.points, false), label);
    }
    for band in &map.plan.columns.bands {
        let id = band.broker.id;
        let Some(log) = row.log(id) else { continue };
        if log.role == Role::Offline {
            continue;
        }
        let pick = format!("{name}@{id}");
        pen.about(&[name, "hw", &broker_pick(id), kind(log)]).picks(Some(&pick)).timed(LINE);
        let y = row.y(mark(row, log)) - u(5);
        let full = map.plan.columns.letters && row.detail == Detail::Full;
        let text = if full && map.plan.columns.words {
            format!("HW {}", log.high_watermark)
        } else if full || log.role == Role::Leader {
            log.high_watermark.to_string()
        } else {
            continue;
        };
        let x = band.stack - if map.plan.columns.segments { u(9) } else { u(5) };
        pen.text(format!("hw {pick}"), "text b water", x, y, Anchor::End, look.text, text);
    }
}
