//! At most one explanatory line on the stage, where a lesson's step points: what the number of a float
//! or of the line means, spelled out. It stands on the wire beside the leader, where nothing flies.

use super::Map;
use super::layout::Row;
use crate::pen::{Pen, width};
use highwater_scene::{Anchor, Bounds, Item, Shape, Unit, bounds, metrics::wrap, u};
use highwater_sim::Role;

pub(super) fn note(map: &Map<'_>, pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    if !look.small_print || map.plan.columns.tags_only || map.opts.question_open {
        return;
    }
    let focused = |word: &str| map.opts.dim.iter().any(|d| d == word) && !pen.hidden(word);
    let row = map.plan.rows.iter().find(|r| r.letters && r.leader().is_some());
    let Some((row, (y, text))) = row.and_then(|r| match () {
        () if focused("float") => float(r).map(|n| (r, n)),
        () if focused("hw") => Some((r, line(r))),
        () => None,
    }) else {
        return;
    };
    let Some(index) = map.plan.columns.bands.iter().position(|b| b.broker.id == row.part.leader)
    else {
        return;
    };
    let last = index + 1 == map.plan.columns.bands.len();
    let (left, right) = map.plan.columns.wires[if last { index } else { index + 1 }];
    let lines = wrap(&text, look.text, false, (right - left - u(10)) * 96 / 100);
    let height = look.line * i32::try_from(lines.len()).unwrap_or(1);
    let top = y + u(8);
    let place = Bounds { left, top, right, bottom: top + height };
    let fits = lines.iter().all(|l| width(l, look.text, "") <= right - left - u(6));
    if !fits || place.bottom > row.bottom || !free(pen.items(), &place) {
        return;
    }
    pen.about(&[]);
    for (n, text) in lines.into_iter().enumerate() {
        let base = top + look.line * i32::try_from(n).unwrap_or(0) + look.text;
        pen.text(
            format!("note {n}"),
            "text muted",
            left + u(6),
            base,
            Anchor::Start,
            look.text,
            text,
        );
    }
}

/// What a float says, at its height.
fn float(row: &Row<'_>) -> Option<(Unit, String)> {
    let leader = row.leader().filter(|l| l.role == Role::Leader)?;
    let follower = leader.followers.iter().find(|f| f.log_end_offset > 0)?;
    let (id, end) = (follower.broker, follower.log_end_offset);
    let text = format!("broker {} knows: broker {id} has everything below {end}", leader.broker);
    Some((row.y(end), text))
}

/// What the line says, at its height.
fn line(row: &Row<'_>) -> (Unit, String) {
    let text = match row.level {
        0 => "HW 0: nothing can be read yet".to_owned(),
        1 => "HW 1: offset 0 can be read".to_owned(),
        hw => format!("HW {hw}: 0–{} can be read", hw - 1),
    };
    (row.y(row.level), text)
}

/// Whether neither a message nor a thread nor text is in this place.
fn free(items: &[Item], place: &Bounds) -> bool {
    let flies = |i: &&Item| {
        i.class == "message" || i.class == "thread" || matches!(i.shape, Shape::Text { .. })
    };
    items.iter().filter(flies).filter_map(bounds).all(|b| {
        let grown = Bounds { top: b.top - 1, bottom: b.bottom + 1, ..b };
        !grown.overlaps(place)
    })
}
