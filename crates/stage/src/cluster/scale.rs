//! The consumers' scale right of the machines: how far each reader is, what its group has committed,
//! and the lag between that and the water.

use super::Map;
use super::layout::{Detail, Row};
use crate::pen::{Pen, centred, level, path, rect, width};
use highwater_log::Offset;
use highwater_scene::{Anchor, Point, Shape, Timing, Unit, u};

/// One label at the scale.
struct Label {
    y: Unit,
    key: String,
    class: &'static str,
    text: String,
}

pub(super) fn scale(map: &Map<'_>, row: &Row<'_>, x: Unit, pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    let name = &row.part.name;
    let top = row.y(row.level);
    pen.about(&[name, "consumers", "scale"]);
    pen.push(
        format!("scale {name}"),
        "tick",
        Shape::Line { from: Point { x, y: top }, to: Point { x, y: row.bottom + u(2) } },
    );
    for offset in row.window.lo + 1..row.level {
        let y = row.y(offset);
        pen.push(format!("scale {name} {offset}"), "tick", level(x - u(4), x, y));
    }
    let mut labels = Vec::new();
    if look.small_print && row.detail == Detail::Full {
        let text = format!("HW {}", row.level);
        labels.push(Label { y: top, key: format!("scale hw {name}"), class: "text b water", text });
    }
    let readers = readers(map, row);
    let several = map.view.consumers.len() > map.plan.rows.len();
    for reader in &readers {
        pointers(row, reader, (x, several, look.small_print), pen, &mut labels);
    }
    place(map, row, x, labels, pen);
}

/// Who reads a partition: the consumer that owns it, or the group that has committed.
struct Reader {
    who: Option<u32>,
    group: String,
    position: Option<Offset>,
    committed: Option<Offset>,
}

fn readers(map: &Map<'_>, row: &Row<'_>) -> Vec<Reader> {
    let mut out = Vec::new();
    let committed = |group: &str| {
        let group = map.view.groups.iter().find(|g| *g.id == *group)?;
        group.committed.iter().find(|(tp, _)| *tp == row.tp()).map(|(_, offset)| *offset)
    };
    for consumer in &map.view.consumers {
        if let Some(owned) = consumer.owned.iter().find(|o| o.tp == row.tp()) {
            let first = !out.iter().any(|r: &Reader| r.group == *consumer.group);
            out.push(Reader {
                who: Some(consumer.number),
                group: consumer.group.to_string(),
                position: owned.position,
                // Two may think that they own it for a while; the group's offset is one.
                committed: committed(&consumer.group).or(owned.committed).filter(|_| first),
            });
        }
    }
    for group in &map.view.groups {
        let known = out.iter().any(|r| r.group == *group.id);
        if let Some(offset) = committed(&group.id).filter(|_| !known) {
            let group = group.id.to_string();
            out.push(Reader { who: None, group, position: None, committed: Some(offset) });
        }
    }
    out
}

fn pointers(
    row: &Row<'_>,
    reader: &Reader,
    (x, several, words): (Unit, bool, bool),
    pen: &mut Pen<'_>,
    labels: &mut Vec<Label>,
) {
    let name = &row.part.name;
    let who = reader.who.map_or_else(|| reader.group.clone(), |n| format!("c{n}"));
    let pick = reader.who.map_or_else(|| format!("group {}", reader.group), |n| format!("c{n}"));
    let key = format!("{name} {}", reader.group);
    let prefix = if several { format!("{who} ") } else { String::new() };
    pen.about(&[name, &who, "consumers", "lag"]).picks(Some(&pick));
    let pointer =
        |y: Unit| path(&[(x + u(2), y), (x + u(11), y - u(6)), (x + u(11), y + u(6))], true);
    if let Some(committed) = reader.committed {
        let (low, high) = (row.y(committed), row.y(row.level));
        if low > high {
            let label =
                format!("lag of group {} on {name}: {}", reader.group, row.level - committed);
            pen.named(format!("lag {key}"), "lagbar", rect(x, high, u(4), low - high, 0), label);
        }
        pen.about(&[name, &who, "consumers", "committed"]).picks(Some(&pick));
        let label = format!("{who} has committed {committed} of {name}");
        pen.named(format!("committed {key}"), "hollow", pointer(low), label);
        let lag = row.level - committed;
        let text = if words { format!("committed {committed}") } else { committed.to_string() };
        labels.push(Label { y: low, key: format!("committed label {key}"), class: "text", text });
        if words {
            labels.push(Label {
                y: low + 1,
                key: format!("lag label {key}"),
                class: "text muted",
                text: format!("lag {}", lag.max(0)),
            });
        }
    }
    if let Some(position) = reader.position {
        let y = row.y(position);
        pen.about(&[name, &who, "consumers", "position"]).picks(Some(&pick));
        let label = format!("{who} reads {name} next at {position}");
        pen.named(format!("position {name} {who}"), "solid", pointer(y), label);
        let text =
            if words { format!("{prefix}position {position}") } else { position.to_string() };
        labels.push(Label { y, key: format!("position label {name} {who}"), class: "text", text });
    }
}

/// Puts labels beside their pointers, a line apart at least, within the row.
fn place(map: &Map<'_>, row: &Row<'_>, x: Unit, mut labels: Vec<Label>, pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    // Where heights agree: the line's own number first, then where it reads, then what is committed.
    highwater_sorted::sort_by_key(&mut labels, |l| {
        let rank =
            ["scale hw", "position", "committed", "lag"].iter().position(|p| l.key.starts_with(p));
        (l.y, rank)
    });
    let mut last = Unit::MIN;
    for label in &mut labels {
        label.y = label.y.max(last.saturating_add(look.line));
        last = label.y;
    }
    // Too low at the bottom: the lowest go up again.
    let mut limit = row.bottom + u(3);
    for label in labels.iter_mut().rev() {
        label.y = label.y.min(limit);
        limit = label.y - look.line;
    }
    let from = x + u(16);
    let room = map.plan.columns.right_end - from + u(2);
    // At once: of two that change places one would lie over the other.
    pen.about(&[&row.part.name, "consumers"]).timed(Timing::CUT);
    for label in labels {
        let text = if width(&label.text, look.text, label.class) > room {
            label
                .text
                .rsplit_once("position ")
                .map_or(label.text.clone(), |(who, n)| format!("{who}at {n}"))
        } else {
            label.text
        };
        if width(&text, look.text, label.class) <= room {
            let y = centred(label.y, look.text);
            pen.text(label.key, label.class, from, y, Anchor::Start, look.text, text);
        }
    }
}
