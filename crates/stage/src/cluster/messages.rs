//! Messages in flight, at the height of the offset they are about, with their threads.

use super::Map;
use super::capsule::{Body, Form, Part, arrow, body, thread};
use super::flight::{Way, fraction, way};
use super::layout::{Detail, Row};
use super::machines::keep_units;
use crate::pen::{Pen, path, text_at, width};
use crate::words;
use highwater_cluster::NodeId;
use highwater_log::Offset;
use highwater_scene::{
    Anchor, Bounds, Ease, Enter, Exit, Item, Point, Shape, Timing, Unit, bounds, metrics::wrap, u,
};
use highwater_sim::{MessageKind, MessageView, NEVER};

const FLIGHT: Timing =
    Timing { delay_ms: 0, duration_ms: 160, ease: Ease::Ease, enter: Enter::Fade, exit: Exit::Cut };

/// A message in one row.
struct Entry<'a> {
    message: &'a MessageView,
    /// Which of its partitions.
    index: usize,
    way: Way,
    y: Unit,
    /// Where the water's line runs in its row.
    line: Option<Unit>,
    /// Stands for so many that fly the same way in the same slot.
    sheaf: usize,
}

pub(super) fn draw(map: &Map<'_>, pen: &mut Pen<'_>) {
    let selected = |m: &MessageView| map.opts.selection.as_deref() == Some(&*pick(m));
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut lane_free = true;
    for message in &map.view.messages {
        match &message.what {
            MessageKind::Group { .. } => {
                // Heartbeats are many and change nothing.
                if !(message.routine && message.api == "Heartbeat") || selected(message) {
                    group(map, message, pen);
                }
            }
            MessageKind::Controller { .. } | MessageKind::Other { .. } => {
                if !message.routine || selected(message) {
                    // One lane, one word: what flies there at the same time is a form without text.
                    lane(map, message, lane_free || selected(message), pen);
                    lane_free = false;
                }
            }
            _ => {
                for row in map.plan.rows.iter().filter(|r| r.detail != Detail::Matrix) {
                    if let Some(entry) = in_row(map, row, message) {
                        entries.push(entry);
                    }
                }
            }
        }
    }
    // Threads first: no capsule is crossed by one.
    let mut drawn: Vec<(Unit, Unit, Unit)> = Vec::new();
    for entry in &entries {
        threads(map, entry, &mut drawn, pen);
    }
    for n in 0..entries.len() {
        let Some((shift, lift)) = stacking(&mut entries, n, map.plan.look.slot) else { continue };
        let below = |e: &Entry<'_>| {
            e.y > entries[n].y && e.y < entries[n].y + map.plan.look.line * 2 || e.y == entries[n].y
        };
        let clear = entries.iter().filter(|e| below(e)).count() <= 1;
        capsule(map, &entries[n], (shift, lift, clear), pen);
    }
    pen.change(silence_covered);
    for row in map.plan.rows.iter().filter(|r| r.detail == Detail::Matrix) {
        if map.opts.hover == Some(row.tp()) {
            dots(map, row, pen);
        }
    }
}

/// Radius of a message in the matrix.
const DOT: Unit = 300;

/// In the matrix a message is a dot, and only those of the row that is looked at are drawn: hollow
/// a request, filled an answer.
fn dots(map: &Map<'_>, row: &Row<'_>, pen: &mut Pen<'_>) {
    let y = row.top + u(7);
    for message in &map.view.messages {
        let Some((index, _)) = offset_in(row, message) else { continue };
        let Some(way) = way(&map.plan.columns, message.from, message.to) else { continue };
        let key = format!("message {} {index}", message.id);
        let class = match (map.opts.selection.as_deref() == Some(&*pick(message)), message.response)
        {
            (true, _) => "selected",
            (false, true) => "solid",
            (false, false) => "hollow",
        };
        let center = Point { x: 0, y: 0 };
        let shape = Shape::Circle { center, r: DOT };
        let children = vec![Item::new(format!("{key} dot"), class, shape)];
        let made = Body { children, width: 2 * DOT, bare: false };
        fly(map, message, &key, (&way, y, 0), (made, None), 2 * DOT, pen);
    }
}

/// A capsule under another one has no words while it is there: half of them would be read with
/// those on top.
fn silence_covered(items: &mut [Item]) {
    /// Places looked at on the way to the next event.
    const SAMPLES: i32 = 8;
    /// Edges may touch: words do not reach them.
    const EDGE: Unit = 200;
    let mut above: Vec<Vec<Bounds>> = Vec::new();
    for item in items.iter_mut().rev().filter(|i| i.class == "message") {
        let Some(now) = bounds(item) else { continue };
        let Shape::Group { at, children } = &mut item.shape else { continue };
        let to = item.motion.map_or(*at, |m| m.to);
        let (dx, dy) = (to.x - at.x, to.y - at.y);
        let way: Vec<Bounds> = (0..=SAMPLES)
            .map(|n| Bounds {
                left: now.left + dx * n / SAMPLES + EDGE,
                right: now.right + dx * n / SAMPLES - EDGE,
                top: now.top + dy * n / SAMPLES + EDGE,
                bottom: now.bottom + dy * n / SAMPLES - EDGE,
            })
            .collect();
        let mut covered = (0..=SAMPLES)
            .zip(&way)
            .filter(|(n, b)| {
                above.iter().any(|o| usize::try_from(*n).is_ok_and(|n| o[n].overlaps(b)))
            })
            .map(|(n, _)| n);
        if dx == 0 {
            if covered.next().is_some() {
                children.retain(|c| !matches!(c.shape, Shape::Text { .. }) && !is_chip(c));
            }
        } else {
            // Halfway to the places before and after the one where it is covered.
            let place = |halves: i32| at.x + dx * halves / (2 * SAMPLES);
            let spans = covered.map(|n| {
                let (a, b) = (place(2 * n - 1), place(2 * n + 1));
                (a.min(b), a.max(b) + 1)
            });
            item.behind.extend(spans);
        }
        above.push(way);
    }
}

fn is_chip(item: &Item) -> bool {
    item.class.starts_with("chip")
}

fn pick(message: &MessageView) -> String {
    format!("message {}", message.id)
}

/// Offset at whose height a message flies in this row, and which of its entries it is.
fn offset_in(row: &Row<'_>, message: &MessageView) -> Option<(usize, Offset)> {
    let tp = row.tp();
    let end = row.leader().map_or(0, |l| l.log_end_offset);
    match &message.what {
        MessageKind::Fetch(parts) => parts.iter().position(|p| p.0 == tp).map(|i| (i, parts[i].1)),
        MessageKind::FetchResponse(parts) => {
            parts.iter().position(|p| p.tp == tp).map(|i| (i, parts[i].first_offset))
        }
        // A produce request carries no offsets: it flies where it will be appended.
        MessageKind::Produce(parts) => parts.iter().position(|p| p.0 == tp).map(|i| (i, end)),
        MessageKind::ProduceResponse(parts) => parts.iter().position(|p| p.0 == tp).map(|i| {
            let base = parts[i].1;
            (i, if base >= 0 { base } else { end })
        }),
        _ => None,
    }
}

fn in_row<'a>(map: &Map<'_>, row: &Row<'_>, message: &'a MessageView) -> Option<Entry<'a>> {
    let (index, offset) = offset_in(row, message)?;
    let way = way(&map.plan.columns, message.from, message.to)?;
    let mut y = row.middle(offset);
    // In low slots the line would run through a body: that stands above or below it.
    let (line, half) = (row.y(row.level), body_height(map) / 2 + u(2));
    if (y - line).abs() < half {
        y = if y <= line { line - half } else { line + half };
    }
    Some(Entry { message, index, way, y, line: Some(line), sheaf: 1 })
}

/// Messages that share a slot and a way: requests above the middle, responses below where both
/// fly; the later ones a little aside, and many as a sheaf. `None` = it is in a sheaf.
fn stacking(entries: &mut [Entry<'_>], n: usize, slot: Unit) -> Option<(Unit, Unit)> {
    let entry = &entries[n];
    let pair = |m: &MessageView| if m.from < m.to { (m.from, m.to) } else { (m.to, m.from) };
    let same = |e: &&Entry<'_>| e.y == entry.y && pair(e.message) == pair(entry.message);
    let along = |e: &&Entry<'_>| same(e) && e.message.from == entry.message.from;
    let opposite = entries.iter().filter(same).any(|e| e.message.from == entry.message.to);
    let lift = match (opposite, entry.message.response) {
        (false, _) => 0,
        (true, false) => -slot / 6,
        (true, true) => slot / 6,
    };
    let before = entries[..n].iter().filter(along).count();
    let all = entries.iter().filter(along).count();
    // From the third on one body with a count stands for the rest.
    if before > 2 {
        return None;
    }
    if before == 2 {
        entries[n].sheaf = all - 2;
    }
    Some((i32::try_from(before).unwrap_or(0) * u(4), lift))
}

/// Height of a capsule.
fn body_height(map: &Map<'_>) -> Unit {
    let look = &map.plan.look;
    (look.slot - u(6)).min(look.text * 3 / 2 + u(1))
}

fn threads(
    map: &Map<'_>,
    entry: &Entry<'_>,
    drawn: &mut Vec<(Unit, Unit, Unit)>,
    pen: &mut Pen<'_>,
) {
    let key = format!("thread {} {}", entry.message.id, entry.y);
    about(entry.message, pen);
    if pen.is_dim() {
        // It would show through a dimmed capsule.
        return;
    }
    pen.timed(Timing { exit: Exit::Cut, ..FLIGHT });
    let direction = entry.way.direction;
    for (n, (from, to)) in entry.way.wires.iter().enumerate() {
        let (from, to) = (from + direction * u(2), to - direction * u(2));
        let span = (entry.y, from.min(to), from.max(to));
        if (to - from) * direction <= u(6) || drawn.contains(&span) {
            continue;
        }
        drawn.push(span);
        pen.item(thread(format!("{key} {n}"), from, to, entry.y).timing(FLIGHT));
    }
    if let Some((_, to)) = entry.way.wires.last() {
        let at = Point { x: to - direction * u(2), y: entry.y };
        pen.item(arrow(format!("{key} head"), at, direction).timing(FLIGHT));
    }
    // From a producer's tag along the edge of its wire to the height of the flight.
    for node in [entry.message.from, entry.message.to] {
        let NodeId::Producer(number) = node else { continue };
        let Some(tag) = super::clients::tag_of(map, number) else { continue };
        let edge = map.plan.columns.wires.first().map_or(tag.x, |w| w.0) + u(2);
        let points = [(tag.x, tag.y), (edge, tag.y), (edge, entry.y)];
        pen.item(Item::new(format!("{key} tag"), "thread", path(&points, false)).timing(FLIGHT));
    }
}

fn capsule(
    map: &Map<'_>,
    entry: &Entry<'_>,
    (shift, lift, clear): (Unit, Unit, bool),
    pen: &mut Pen<'_>,
) {
    let message = entry.message;
    let key = format!("message {} {}", message.id, entry.index);
    let (from, to) = entry.way.widest();
    let narrowest = entry.way.wires.iter().map(|(a, b)| (b - a).abs()).min().unwrap_or(0);
    // At rest a capsule must fit one wire; it may be a little wider than the narrowest it passes.
    let room = (to - from).abs().min(narrowest + u(30)) - u(4);
    let height = body_height(map);
    let part = Part { index: entry.index, sheaf: entry.sheaf };
    let mut made =
        body(map, message, (part, &key), (entry.way.direction, room, height), Form::Capsule);
    // Where only the number has room the word stands under it.
    let wire = (to - from).abs();
    let look = &map.plan.look;
    if made.bare && message.fault.is_none() && clear && width("fetch", look.text, "") <= wire {
        let below = height / 2 + look.line - u(3);
        // Below the water's line where that would run through it.
        let from = entry.y + lift;
        let struck = |line: &Unit| (below - look.text..below + u(4)).contains(&(line - from));
        let below = entry.line.filter(struck).map_or(below, |line| line - from + look.text + u(2));
        let shape = text_at(0, below, Anchor::Middle, look.text, "fetch");
        made.children.push(Item::new(format!("{key} word"), "text muted", shape));
        // The whole of it stays on the wire, clear of what stands at its ends.
        made.width = made.width.max(width("fetch", look.text, ""));
    }
    fly(map, message, &key, (&entry.way, entry.y + lift, shift), (made, entry.line), height, pen);
}

/// Adds the group of a message with its motion along its way.
fn fly(
    map: &Map<'_>,
    message: &MessageView,
    key: &str,
    (way, y, shift): (&Way, Unit, Unit),
    (made, water): (Body, Option<Unit>),
    height: Unit,
    pen: &mut Pen<'_>,
) {
    let look = &map.plan.look;
    let children = made.children;
    if let Some(fault) = message.fault.as_ref().filter(|_| made.width > 2 * DOT) {
        // It stands still under the widest wire, so that no machine hides it.
        let (a, b) = way.widest();
        let lines = fault_lines(fault, look.text, (b - a).abs() * 97 / 100);
        // Below the water's line where that would run through it.
        let count = i32::try_from(lines.len()).unwrap_or(1);
        let first = y + height / 2 + look.line - u(3);
        let reach = first - look.text..first + look.line * (count - 1) + u(5);
        let first = match water {
            Some(line) if reach.contains(&line) => line + look.text + u(4),
            _ => first,
        };
        // Half of a word says another thing.
        let end = first + look.line * (count - 1) + look.text / 4;
        let lines = if end <= map.plan.bands.1 { lines } else { Vec::new() };
        for (n, line) in lines.into_iter().enumerate() {
            let base = first + look.line * i32::try_from(n).unwrap_or(0);
            let shape = text_at(i32::midpoint(a, b), base, Anchor::Middle, look.text, line);
            let item = Item::new(format!("{key} fault {n}"), "text warn", shape).timing(FLIGHT);
            // Where several are held up at one place one of them says so.
            let free = |o: &Item| match (bounds(o), bounds(&item)) {
                (Some(a), Some(b)) => !a.overlaps(&b),
                _ => true,
            };
            if pen.items().iter().filter(|i| i.class == "text warn").all(free) {
                pen.item(item);
            }
        }
    }
    let place = |time| {
        let done = fraction(message.sent_at, message.arrives_at, time);
        let done = if map.opts.reduced_motion { 5000 } else { done };
        Point { x: way.at(done, made.width) + shift * way.direction, y }
    };
    let mut at = place(map.view.now);
    if map.opts.reduced_motion {
        let (a, b) = way.widest();
        at.x = i32::midpoint(a, b) + shift * way.direction;
    }
    // Behind a machine as soon as its edge is.
    let reach = made.width / 2 - u(3);
    let behind = map.plan.columns.bands.iter().map(|b| (b.x - reach, b.right() + reach)).collect();
    add(map, message, key, (at, map.next.map(place)), (children, behind), pen);
}

/// What a fault does to a message, in the room of its wire: whole, its value, or on more lines.
fn fault_lines(fault: &str, size: Unit, room: Unit) -> Vec<String> {
    let value = fault.rsplit_once(": ").map_or(fault, |(_, value)| value);
    for text in [fault, value] {
        if width(text, size, "") <= room {
            return vec![text.to_owned()];
        }
    }
    wrap(&keep_units(fault), size, false, room)
}

fn add(
    map: &Map<'_>,
    message: &MessageView,
    key: &str,
    (at, then): (Point, Option<Point>),
    (children, behind): (Vec<Item>, Vec<(Unit, Unit)>),
    pen: &mut Pen<'_>,
) {
    let pick = pick(message);
    let mut item = Item::new(key, "message", Shape::Group { at, children })
        .pick(pick.as_str())
        .label(label(map, message))
        .behind(behind)
        .timing(FLIGHT);
    if let Some(then) = then {
        item = item.motion(at, then);
    }
    about(message, pen);
    pen.item(item);
}

/// Says what the marks of a message are about.
fn about(message: &MessageView, pen: &mut Pen<'_>) {
    let kind = match message.what {
        MessageKind::Group { .. } => "groups",
        MessageKind::Controller { .. } => "controller",
        MessageKind::Produce(_) | MessageKind::ProduceResponse(_) => "produce",
        _ => "fetch",
    };
    let (from, to) = (message.from.to_string(), message.to.to_string());
    // A follower's fetch is one of the things that a follower does.
    let both_brokers = message.from.broker().is_some() && message.to.broker().is_some();
    let whose = if kind == "fetch" && both_brokers { "followers" } else { kind };
    pen.about(&[&pick(message), "messages", kind, whose, &from, &to]);
}

fn label(map: &Map<'_>, message: &MessageView) -> String {
    let kind = if message.response { "response" } else { "request" };
    let mut out = format!("{} {kind}, {} to {}", message.api, message.from, message.to);
    if let MessageKind::Fetch(parts) = &message.what {
        for (tp, offset) in parts {
            let name = map.plan.rows.iter().find(|r| r.tp() == *tp).map(|r| &*r.part.name);
            out.push_str(&format!(", {} from {offset}", name.unwrap_or("another partition")));
        }
    }
    if message.arrives_at == NEVER {
        out.push_str(", held up");
    } else {
        out.push_str(&format!(", lands at {}", words::at(message.arrives_at)));
    }
    out
}

/// Diamonds of the group protocol in their own lane.
fn group(map: &Map<'_>, message: &MessageView, pen: &mut Pen<'_>) {
    let Some(y) = map.plan.group_lane else { return };
    let Some(way) = way(&map.plan.columns, message.from, message.to) else { return };
    let key = format!("message {} 0", message.id);
    pen.about(&["messages", "groups"]);
    for (n, (from, to)) in way.wires.iter().enumerate() {
        let (from, to) = (from + way.direction * u(2), to - way.direction * u(2));
        pen.item(thread(format!("thread {} {n}", message.id), from, to, y).timing(FLIGHT));
    }
    let look = &map.plan.look;
    let size = look.text;
    let mut made =
        body(map, message, (Part::WHOLE, &key), (way.direction, u(14), size), Form::Diamond);
    // Its name beside it where the wire has room.
    let room = way.wires.iter().map(|(a, b)| (b - a).abs()).min().unwrap_or(0);
    let names = [message.api, short_name(message.api)];
    if let Some(name) = names.into_iter().find(|n| width(n, look.text, "") <= room) {
        let shape = text_at(0, -size / 2 - u(3), Anchor::Middle, look.text, name);
        made.children.push(Item::new(format!("{key} name"), "text", shape));
        // The whole of it stays on the wire, clear of the tags at its ends.
        made.width = made.width.max(width(name, look.text, ""));
    }
    fly(map, message, &key, (&way, y, 0), (made, None), size, pen);
}

/// What the group protocol calls its requests, in one word.
fn short_name(api: &str) -> &str {
    match api {
        "JoinGroup" => "join",
        "SyncGroup" => "sync",
        "LeaveGroup" => "leave",
        "OffsetCommit" => "commit",
        "OffsetFetch" => "offsets",
        "FindCoordinator" => "find",
        _ => "",
    }
}

/// Hexagons of the controller, and whatever has no row, in the lane at the brokers' names.
fn lane(map: &Map<'_>, message: &MessageView, spelled: bool, pen: &mut Pen<'_>) {
    let Some(way) = way(&map.plan.columns, message.from, message.to) else { return };
    let key = format!("message {} 0", message.id);
    let look = &map.plan.look;
    let height = u(14).max(look.text);
    let controller = matches!(message.what, MessageKind::Controller { .. });
    let form = if controller { Form::Hexagon } else { Form::Capsule };
    let narrowest = way.wires.iter().map(|(a, b)| (b - a).abs()).min().unwrap_or(0) - u(4);
    let room = if spelled { narrowest } else { 0 };
    let made = body(map, message, (Part::WHOLE, &key), (way.direction, room, height), form);
    pen.about(&["messages", "controller"]);
    let y = map.plan.lane;
    for (n, (from, to)) in way.wires.iter().enumerate() {
        let (from, to) = (from + way.direction * u(2), to - way.direction * u(2));
        if (to - from) * way.direction > u(4) {
            pen.item(thread(format!("thread {} {n}", message.id), from, to, y).timing(FLIGHT));
        }
    }
    fly(map, message, &key, (&way, y, 0), (made, None), height, pen);
}
