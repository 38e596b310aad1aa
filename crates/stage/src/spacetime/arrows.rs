//! Messages as arrows from lane to lane: the slope is the latency. What is written on them lies where
//! it covers nothing, near the sender for requests and at the middle for responses.

use super::Plan;
use super::flights::Flight;
use crate::pen::{Pen, path};
use crate::plate::{Fill, plate};
use highwater_cluster::Time;
use highwater_scene::{Bounds, Item, Point, Shape, Unit, u};

/// An arrow's ends.
#[derive(Clone, Copy)]
struct Way {
    from: (Unit, Unit),
    to: (Unit, Unit),
}

impl Way {
    /// Per mille of the way.
    fn at(&self, part: i32) -> (Unit, Unit) {
        let mix = |a: Unit, b: Unit| {
            let step = i64::from(b - a) * i64::from(part) / 1000;
            a + i32::try_from(step).unwrap_or(0)
        };
        (mix(self.from.0, self.to.0), mix(self.from.1, self.to.1))
    }
}

fn way(plan: &Plan<'_>, flight: &Flight) -> Option<Way> {
    let (from, to) = (plan.lane(flight.from)?, plan.lane(flight.to)?);
    let end = flight.lands.or(flight.lost).unwrap_or(plan.span.1);
    let (a, b) = (plan.scale.x(flight.sent), plan.scale.x(end.max(flight.sent)));
    Some(Way { from: (a, from.y), to: (b, to.y) })
}

/// Where an arrow begins and ends.
pub(super) fn ends(plan: &Plan<'_>, flight: &Flight) -> Option<((Unit, Unit), (Unit, Unit))> {
    way(plan, flight).map(|w| (w.from, w.to))
}

/// All arrows, then all that is written on them.
pub(super) fn draw(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    let selected = |f: &Flight| plan.opts.selection.as_deref().is_some_and(|s| s == f.pick());
    for flight in &plan.flights {
        if let Some(way) = way(plan, flight) {
            arrow(plan, flight, way, selected(flight), pen);
        }
    }
    // The selected one finds its place first.
    let mut order: Vec<&Flight> = plan.flights.iter().collect();
    highwater_sorted::sort_by_key(&mut order, |f| (!selected(f), !f.error));
    for flight in order {
        if let Some(way) = way(plan, flight) {
            words(plan, flight, way, selected(flight), pen);
        }
    }
}

fn fraction(from: Time, to: Time, at: Time) -> i32 {
    let whole = to.since(from).0.max(1);
    let done = at.since(from).0.min(whole);
    i32::try_from(done * 1000 / whole).unwrap_or(1000)
}

fn arrow(plan: &Plan<'_>, flight: &Flight, way: Way, selected: bool, pen: &mut Pen<'_>) {
    let pick = flight.pick();
    let (from, to) = (flight.from.to_string(), flight.to.to_string());
    pen.about(&[&pick, "messages", &from, &to]).picks(Some(&pick));
    let now = plan.view.now;
    // What has not happened yet is dotted.
    let done = match (flight.lost, flight.lands) {
        (Some(lost), Some(lands)) => fraction(flight.sent, lands, lost.max(flight.sent)),
        (None, Some(lands)) if lands > now => fraction(flight.sent, lands, now),
        (None, None) => 300,
        _ => 1000,
    };
    let tip = way.at(done);
    if selected {
        let back = path(&[way.from, tip], false);
        pen.push(format!("{pick} under"), "arrow under", back);
    }
    let class = if selected { "arrow chosen" } else { "arrow" };
    let fate = match (flight.lost, flight.delivered) {
        (Some(at), _) => format!(", lost at {at}"),
        (None, true) => String::new(),
        (None, false) => match flight.lands {
            Some(at) => format!(", lands at {at}"),
            None => ", held by a cut link".to_owned(),
        },
    };
    let label = format!("{}{fate}", flight.label);
    pen.named(format!("{pick} arrow"), class, path(&[way.from, tip], false), label);
    if done < 1000 && flight.lost.is_none() && flight.lands.is_some() {
        let rest = path(&[tip, way.to], false);
        pen.push(format!("{pick} rest"), "arrow coming", rest);
    }
    if flight.lost.is_some() || flight.lands.is_none() {
        let (x, y) = tip;
        let r = u(5);
        let points = [(x - r, y - r), (x + r, y + r), (x, y), (x + r, y - r), (x - r, y + r)];
        let class = if flight.lost.is_some() { "inkline danger" } else { "inkline warn" };
        pen.push(format!("{pick} end"), class, path(&points, false));
        return;
    }
    head(&pick, way, pen);
}

/// A triangle in the direction of the arrow, its tip a little before the lane.
fn head(pick: &str, way: Way, pen: &mut Pen<'_>) {
    let (dx, dy) = (i64::from(way.to.0 - way.from.0), i64::from(way.to.1 - way.from.1));
    let length = (dx * dx + dy * dy).isqrt().max(1);
    let along = |d: i64, by: Unit| i32::try_from(d * i64::from(by) / length).unwrap_or(0);
    let tip = (way.to.0 - along(dx, u(2)), way.to.1 - along(dy, u(2)));
    let back = (tip.0 - along(dx, u(9)), tip.1 - along(dy, u(9)));
    let side = (along(-dy, u(4)), along(dx, u(4)));
    let points = [tip, (back.0 + side.0, back.1 + side.1), (back.0 - side.0, back.1 - side.1)];
    pen.push(format!("{pick} head"), "solid", path(&points, true));
}

/// What is written, at the first place on the arrow where it covers no other words.
fn words(plan: &Plan<'_>, flight: &Flight, way: Way, selected: bool, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let pick = flight.pick();
    let height = look.text + u(9);
    let parts: &[i32] = if flight.response {
        &[500, 420, 580, 340, 660, 260, 740]
    } else {
        &[260, 330, 400, 480, 560, 640, 200]
    };
    let fill =
        if flight.error && !selected { Fill::Error } else { Fill::of(selected, flight.response) };
    let (from, to) = (flight.from.to_string(), flight.to.to_string());
    // The longest words that find a place; a selected one always has one.
    for index in 0..flight.ways.len() {
        let last = index + 1 == flight.ways.len();
        let ways = &flight.ways[index..=index];
        let (children, wide) = plate(&pick, ways, (u(400), height), flight.form, fill, look);
        let fits = |part: &&i32| {
            let (x, y) = way.at(**part);
            let b = Bounds {
                left: x - wide / 2 - u(2),
                right: x + wide / 2 + u(2),
                top: y - height / 2 - u(2),
                bottom: y + height / 2 + u(2),
            };
            let inside = b.left >= plan.axis.0 - u(4) && b.right <= plan.width - u(2);
            let clear = plan.lanes.iter().all(|l| l.y < b.top || l.y > b.bottom);
            inside && clear && plan.free(&b)
        };
        let found = parts.iter().find(fits).copied();
        let part = match found {
            Some(part) => part,
            None if selected && last => parts[0],
            None => continue,
        };
        let (x, y) = way.at(part);
        let half = wide / 2;
        let x = x.clamp(plan.axis.0 + half, (plan.width - half - u(2)).max(plan.axis.0 + half));
        plan.take(Bounds {
            left: x - half,
            right: x + half,
            top: y - height / 2,
            bottom: y + height / 2,
        });
        let shape = Shape::Group { at: Point { x, y }, children };
        let item = Item::new(format!("{pick} words"), "message", shape).pick(pick.as_str());
        pen.about(&[&pick, "messages", &from, &to]).item(item);
        return;
    }
}
