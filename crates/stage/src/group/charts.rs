//! Partitions over time: the high watermark, what is read of it and what is committed; the lag is the
//! area between.

use super::history::{Steps, at};
use super::layout::{Chart, Plan};
use crate::pen::{Pen, centred, level, path, width};
use crate::words;
use highwater_cluster::Time;
use highwater_log::Offset;
use highwater_scene::{Anchor, Unit, metrics::shorten, u};

pub(super) fn draw(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    for chart in &plan.charts {
        title(plan, chart, pen);
        grid(plan, chart, pen);
        lag(plan, chart, pen);
        let name = &chart.history.name;
        pen.about(&[name, "hw", "lag"]).picks(Some(name));
        let now = chart.history.high_watermark.last().and_then(|v| v.1);
        let label = format!("high watermark of {name}, now {}", now.unwrap_or(0));
        line(plan, chart, &chart.history.high_watermark, ("hw", "tide"), &label, pen);
        pen.about(&[name, "position", "lag"]).picks(Some(name));
        let label = format!("position of the reader of {name}");
        line(plan, chart, &chart.history.position, ("position", "inkline"), &label, pen);
        pen.about(&[name, "committed", "lag"]).picks(Some(name));
        let label = format!("committed offset of {name}");
        line(plan, chart, &chart.history.committed, ("committed", "inkline dashed"), &label, pen);
    }
    if plan.hidden.1 > 0 {
        let text = format!("{} more", words::count(plan.hidden.1, "partition"));
        pen.about(&["partitions"]);
        let y = plan.charts.last().map_or(plan.bottom, |c| c.title);
        // The line of now runs near the end of the axis.
        let x = plan.axis.1.min(plan.x(plan.history.to)) - u(5);
        pen.text("more parts", "text muted", x, y, Anchor::End, plan.look.text, text);
    }
}

fn title(plan: &Plan<'_>, chart: &Chart<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let name = &chart.history.name;
    pen.about(&[name, "partitions"]).picks(Some(name));
    let x = plan.left;
    let text = shorten(name, look.text, true, plan.width / 3);
    let used = width(&text, look.text, "b");
    let key = format!("name {name}");
    pen.text(key, "text b", x, chart.title, Anchor::Start, look.text, text);
    let mut facts = Vec::new();
    match super::side::reader(plan, chart.history.tp) {
        Some((number, _)) => facts.push(format!("read by c{number}")),
        None => facts.push("read by nobody".to_owned()),
    }
    if plan.side.is_none() {
        facts = vec![super::side::one_line(plan, chart)];
    }
    for text in facts {
        let room = plan.axis.1 - x - used - u(12);
        let more = if plan.hidden.1 > 0 { u(120) } else { 0 };
        if width(&text, look.text, "") <= room - more {
            let key = format!("about {name}");
            let x = x + used + u(10);
            pen.text(key, "text muted", x, chart.title, Anchor::Start, look.text, text);
        }
    }
}

/// Round numbers of offsets.
fn grid(plan: &Plan<'_>, chart: &Chart<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let name = &chart.history.name;
    let step = step(chart, look.text);
    pen.about(&[name, "grid"]);
    let first = chart.lo + (step - chart.lo.rem_euclid(step)) % step;
    let mut offset = first;
    while offset <= chart.hi {
        let y = chart.y(offset);
        let key = format!("grid {name} {offset}");
        pen.push(key, "hair", level(plan.axis.0, plan.axis.1, y));
        let key = format!("grid {name} {offset} number");
        let x = plan.axis.0 - u(8);
        let y = centred(y, look.text);
        pen.text(key, "text muted number", x, y, Anchor::End, look.text, offset.to_string());
        offset += step;
    }
}

/// The least of 1, 2, 3, 5, 10, ... that gives at most `most` steps.
pub(super) fn nice(whole: i64, most: i64) -> i64 {
    let mut unit: i64 = 1;
    loop {
        for factor in [1, 2, 3, 5] {
            let step = unit.saturating_mul(factor);
            if whole / step <= most || step > i64::MAX / 20 {
                return step;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// Corners of a step line between two moments; a gap ends a piece.
fn pieces(plan: &Plan<'_>, chart: &Chart<'_>, steps: &Steps) -> Vec<Vec<(Unit, Unit)>> {
    let mut out: Vec<Vec<(Unit, Unit)>> = Vec::new();
    let mut open: Option<Unit> = None;
    let end = plan.history.to;
    for (index, (time, value)) in steps.iter().enumerate() {
        let x = plan.x(*time);
        let until = steps.get(index + 1).map_or(end, |n| n.0);
        let Some(value) = value else {
            open = None;
            continue;
        };
        let y = chart.y(*value);
        match open {
            Some(_) => {}
            None => out.push(vec![(x, y)]),
        }
        if let Some(piece) = out.last_mut() {
            if piece.last().is_some_and(|last| last.1 != y || last.0 != x) {
                piece.push((x, y));
            }
            piece.push((plan.x(until), y));
        }
        open = Some(y);
    }
    out
}

fn line(
    plan: &Plan<'_>,
    chart: &Chart<'_>,
    steps: &Steps,
    (what, class): (&str, &'static str),
    label: &str,
    pen: &mut Pen<'_>,
) {
    for (n, points) in pieces(plan, chart, steps).into_iter().enumerate() {
        let key = format!("{what} {} {n}", chart.history.name);
        pen.named(key, class, path(&points, false), label);
    }
}

/// Moments at which the high watermark or the commit changes.
fn moments(chart: &Chart<'_>, from: Time, to: Time) -> Vec<Time> {
    let part = chart.history;
    let all = [&part.high_watermark, &part.committed, &part.position];
    let mut out: Vec<Time> = all.iter().flat_map(|s| s.iter().map(|v| v.0)).collect();
    out.extend([from, to]);
    out.retain(|t| *t >= from && *t <= to);
    highwater_sorted::sort(&mut out);
    out.dedup();
    out
}

/// The area between high watermark and commit, with its height in words where there is room.
fn lag(plan: &Plan<'_>, chart: &Chart<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let part = chart.history;
    pen.about(&[&part.name, "lag"]).picks(Some(&part.name));
    let times = moments(chart, plan.history.from, plan.history.to);
    let mut said: Vec<(Unit, Unit)> = Vec::new();
    let mut areas: Vec<Area> = Vec::new();
    for pair in times.windows(2) {
        let high = at(&part.high_watermark, pair[0]);
        let committed = at(&part.committed, pair[0]);
        let (Some(high), Some(committed)) = (high, committed) else { continue };
        if high <= committed {
            continue;
        }
        let clear = at(&part.position, pair[0]).is_none_or(|p| p >= high || p <= committed);
        let area = Area { from: plan.x(pair[0]), to: plan.x(pair[1]), high, committed, clear };
        // One piece as long as the numbers stay.
        match areas.last_mut() {
            Some(last)
                if last.high == high && last.committed == committed && last.clear == clear =>
            {
                last.to = area.to;
            }
            _ => areas.push(area),
        }
    }
    for (n, area) in areas.iter().enumerate() {
        let (top, bottom) = (chart.y(area.high), chart.y(area.committed));
        let (l, r) = (area.from, area.to);
        let shape = path(&[(l, top), (r, top), (r, bottom), (l, bottom)], true);
        pen.push(format!("lag {} {n}", part.name), "lagarea", shape);
        let text = format!("lag {}", area.high - area.committed);
        let wide = width(&text, look.text, "");
        let middle = i32::midpoint(l, r);
        let fits = r - l >= wide + u(10) && bottom - top >= look.text + u(8) && area.clear;
        if fits && said.iter().all(|(a, b)| middle + wide / 2 < *a || middle - wide / 2 > *b) {
            said.push((middle - wide / 2, middle + wide / 2));
            let y = centred(clear_of_grid(chart, look.text, top, bottom), look.text);
            let key = format!("lag {} {n} number", part.name);
            pen.text(key, "text", middle, y, Anchor::Middle, look.text, text);
        }
    }
}

/// The middle of an area, or a place near it where no line of the grid goes through the words.
fn clear_of_grid(chart: &Chart<'_>, size: Unit, top: Unit, bottom: Unit) -> Unit {
    let middle = i32::midpoint(top, bottom);
    let step = step(chart, size);
    let near = |y: Unit| {
        let mut offset = chart.lo - chart.lo.rem_euclid(step);
        while offset <= chart.hi {
            if (chart.y(offset) - y).abs() < size * 6 / 10 {
                return true;
            }
            offset += step;
        }
        false
    };
    let inside = |y: &Unit| *y - size * 6 / 10 >= top && *y + size * 6 / 10 <= bottom;
    let ways = [middle, middle - size * 7 / 10, middle + size * 7 / 10];
    ways.into_iter().filter(inside).find(|y| !near(*y)).unwrap_or(middle)
}

/// Offsets between two lines of the grid.
fn step(chart: &Chart<'_>, size: Unit) -> i64 {
    let most = i64::from(((chart.bottom - chart.top) / (size * 2)).max(1));
    nice(chart.hi - chart.lo, most)
}

struct Area {
    from: Unit,
    to: Unit,
    high: Offset,
    committed: Offset,
    clear: bool,
}

#[cfg(test)]
mod tests {
    use super::nice;

    #[test]
    fn steps_are_round_and_few() {
        assert_eq!(nice(9, 4), 2);
        assert_eq!(nice(9, 3), 3);
        assert_eq!(nice(100, 4), 30);
        assert_eq!(nice(1, 5), 1);
        assert_eq!(nice(8_000_000, 4), 2_000_000);
    }
}
