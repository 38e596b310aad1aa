//! Bands of the brokers with their state, the controller's line, and the roles of replicas.

use super::Map;
use super::columns::Band;
use super::layout::{Detail, Row};
use crate::options::Profile;
use crate::pen::{Pen, centred, path, rect, width};
use crate::words;
use highwater_cluster::{BrokerId, Time};
use highwater_scene::{
    Anchor, Key, Point, Shape, Timing, Unit, WHOLE, metrics::shorten, metrics::wrap, u,
};
use highwater_sim::{ProcessState, ReplicaView, Role};

/// The machines themselves: opaque, so that what flies behind them is hidden.
pub(super) fn bands(map: &Map<'_>, pen: &mut Pen<'_>) {
    let plan = &map.plan;
    let (top, bottom) = plan.bands;
    for band in &plan.columns.bands {
        let id = band.broker.id;
        let pick = format!("broker {id}");
        pen.about(&[]).picks(Some(&pick));
        let label = format!("broker {id}: {}", state_words(band));
        let shape = rect(band.x, top, band.w, bottom - top, u(3));
        pen.named(format!("band {id}"), "band", shape, label);
        pen.about(&[&pick, "brokers"]).bright().picks(Some(&pick));
        name(map, band, pen);
    }
}

/// Word for what a replica is, so that lessons can bring leaders first and followers later.
pub(super) fn kind(log: &ReplicaView) -> &'static str {
    if log.role == Role::Leader { "leaders" } else { "followers" }
}

/// Distance of text from the edge of a band.
pub(super) fn pad(band: &Band<'_>) -> Unit {
    if band.w < u(130) { u(6) } else { u(10) }
}

fn state_words(band: &Band<'_>) -> String {
    let state = match band.broker.state {
        ProcessState::Running => "running",
        ProcessState::Paused => "paused",
        ProcessState::Crashed => "crashed",
        ProcessState::PoweredOff => "power off",
        ProcessState::ShutDown => "shut down",
    };
    if band.broker.fenced { format!("{state}, fenced") } else { state.to_owned() }
}

fn name(map: &Map<'_>, band: &Band<'_>, pen: &mut Pen<'_>) {
    let (look, id) = (&map.plan.look, band.broker.id);
    let y = map.plan.names;
    let pad = pad(band);
    let room = band.w - 2 * pad;
    let full = format!("broker {id}");
    let size = if width(&full, look.head, "b") <= room { look.head } else { look.text };
    let last = map.view.brokers.iter().map(|b| b.id).max().unwrap_or(id);
    let spelled = width(&format!("broker {last}"), size, "b") <= room;
    let text = if spelled || band.slim { full } else { format!("b{id}") };
    let text = if width(&text, size, "b") <= band.w { text } else { id.to_string() };
    if width(&text, size, "b") > band.w {
        return;
    }
    let used = width(&text, size, "b");
    pen.text(format!("name {id}"), "title b", band.x + pad, y, Anchor::Start, size, text);
    let (class, word) = match band.broker.state {
        ProcessState::Running if band.broker.fenced => ("text muted", "fenced".to_owned()),
        ProcessState::Running => {
            let rack = band.broker.rack.as_ref().filter(|_| look.small_print);
            ("text muted", rack.map(|r| format!("rack {r}")).unwrap_or_default())
        }
        ProcessState::Paused => ("text b warn", "paused".to_owned()),
        ProcessState::Crashed => ("text b danger", "crashed".to_owned()),
        ProcessState::PoweredOff => ("text b danger", "power off".to_owned()),
        ProcessState::ShutDown => ("text muted", "shut down".to_owned()),
    };
    let fits = used + u(8) + width(&word, look.text, class) <= room;
    if !word.is_empty() && fits {
        let x = band.right() - pad;
        pen.text(format!("state {id}"), class, x, y, Anchor::End, look.text, word);
    } else if class.contains("danger") || class.contains("warn") {
        // No room for the word: a cross, or two bars, says it.
        cross(pen, format!("state {id}"), band.right() - pad - u(5), y - look.text / 3, u(5));
    }
    let hosts_any =
        map.plan.rows.iter().any(|r| r.log(id).is_some() || r.part.replicas.contains(&id));
    if !hosts_any && !band.slim && !map.plan.rows.is_empty() {
        let line = map.plan.rows.first().map_or(y, |r| r.top) + look.line - u(2);
        let text = hosted(map, id);
        if width(&text, look.text, "") <= room {
            pen.text(
                format!("empty {id}"),
                "text muted",
                band.x + pad,
                line,
                Anchor::Start,
                look.text,
                text,
            );
        }
    }
}

/// A cross in danger's colour.
pub(crate) fn cross(pen: &mut Pen<'_>, key: impl Into<Key>, x: Unit, y: Unit, r: Unit) {
    let points = [(x - r, y - r), (x + r, y + r), (x, y), (x + r, y - r), (x - r, y + r)];
    pen.push(key, "cross", path(&points, false));
}

/// The points of a hexagon lying on its side.
pub(crate) fn hexagon(x: Unit, y: Unit, w: Unit, h: Unit) -> Vec<Point> {
    let cut = h * 30 / 100;
    [
        (x - w / 2, y),
        (x - w / 2 + cut, y - h / 2),
        (x + w / 2 - cut, y - h / 2),
        (x + w / 2, y),
        (x + w / 2 - cut, y + h / 2),
        (x - w / 2 + cut, y + h / 2),
    ]
    .into_iter()
    .map(|(x, y)| Point { x, y })
    .collect()
}

/// The line above the bands, and the controller at the head of its lane.
pub(super) fn header(map: &Map<'_>, pen: &mut Pen<'_>) {
    controller(map, pen);
    if map.opts.profile == Profile::Default { facts(map, pen) } else { figure_header(map, pen) }
}

fn controller(map: &Map<'_>, pen: &mut Pen<'_>) {
    let (columns, look) = (&map.plan.columns, &map.plan.look);
    if columns.left_w == 0 {
        return;
    }
    let (x, y) = (columns.left + u(10), map.plan.lane);
    pen.about(&["controller"]).picks(Some("controller"));
    let down = map.view.controller.state != ProcessState::Running;
    let class = if down { "node quiet" } else { "node" };
    let shape = Shape::Poly { points: hexagon(x, y, u(19), u(16)), closed: true };
    pen.named("controller", class, shape, if down { "controller, down" } else { "controller" });
    let text = "controller";
    let from = x + u(14);
    let room = columns.wires.first().map_or(0, |w| w.0) - from;
    if width(text, look.text, "b") <= room {
        pen.text(
            "controller name",
            "text b",
            from,
            centred(y, look.text),
            Anchor::Start,
            look.text,
            text,
        );
    }
}

/// The controller's last change, and the settings that hold for all that is seen.
fn facts(map: &Map<'_>, pen: &mut Pen<'_>) {
    let (plan, look) = (&map.plan, &map.plan.look);
    let right = plan.columns.right_end.max(plan.columns.bands.last().map_or(0, Band::right));
    let mut from = plan.columns.bands.first().map_or(plan.columns.left, |b| b.x) + u(10);
    let settings = settings_line(map);
    let settings_w = width(&settings, look.text, "");
    if let Some((time, change)) = &map.view.controller.last_change {
        pen.about(&["controller"]).picks(Some("controller"));
        let text = format!("at {}: {change}", words::at(*time));
        let text = shorten(&text, look.text, false, (right - from) * 96 / 100);
        let wide = width(&text, look.text, "");
        pen.text(
            "controller change",
            "text muted",
            from,
            plan.header,
            Anchor::Start,
            look.text,
            text,
        );
        from += wide + u(16);
    }
    pen.about(&["settings"]);
    if !settings.is_empty() && right - settings_w > from {
        pen.text("settings", "text muted", right, plan.header, Anchor::End, look.text, settings);
    }
}

/// Topic, ISR and settings in one line.
fn figure_header(map: &Map<'_>, pen: &mut Pen<'_>) {
    let (plan, look) = (&map.plan, &map.plan.look);
    pen.about(&["header"]).bright();
    let left = plan.columns.left + u(2);
    let title = match plan.rows.as_slice() {
        [one] => one.part.name.clone(),
        _ => words::partitions(&plan.rows.iter().map(|r| &*r.part.name).collect::<Vec<_>>()),
    };
    let room = if plan.rows.len() > 2 { plan.width - left } else { plan.width / 3 };
    let title = shorten(&title, look.head, true, room);
    let mut at = left + width(&title, look.head, "b") + u(12);
    pen.text("header title", "title b", left, plan.header, Anchor::Start, look.head, title);
    let mut facts: Vec<String> = Vec::new();
    if let [one] = plan.rows.as_slice() {
        facts.push(format!("ISR {}", words::set(&one.part.isr)));
    }
    if look.small_print {
        facts.push(settings_line(map));
    }
    for (n, fact) in facts.into_iter().filter(|f| !f.is_empty()).enumerate() {
        let wide = width(&fact, look.text, "");
        if at + wide > plan.width - u(2) {
            break;
        }
        pen.text(format!("header {n}"), "text", at, plan.header, Anchor::Start, look.text, fact);
        at += wide + u(14);
    }
}

/// `RF 3, acks=all, min.insync.replicas=2`, where all topics and producers agree.
fn settings_line(map: &Map<'_>) -> String {
    let mut facts = Vec::new();
    let mut same = |name: &str, mut values: Vec<String>, as_pair: bool| {
        values.dedup();
        if let [one] = values.as_slice() {
            facts.push(if as_pair { format!("{name}={one}") } else { format!("{name} {one}") });
        }
    };
    let rows = &map.plan.rows;
    same("RF", rows.iter().map(|r| r.part.replicas.len().to_string()).collect(), false);
    same("acks", map.view.producers.iter().map(|p| p.acks.to_string()).collect(), true);
    let min = rows.iter().map(|r| r.topic.min_insync_replicas.to_string()).collect();
    same("min.insync.replicas", min, true);
    facts.join(", ")
}

/// Role of each replica of a row, reasons, and the row's name.
pub(super) fn roles(map: &Map<'_>, row: &Row<'_>, pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    let name = &row.part.name;
    let base = row.top + look.line - u(2);
    if map.opts.profile == Profile::Default && map.plan.columns.left_w > 0 {
        let x = map.plan.columns.left;
        let room = map.plan.columns.left_w - u(10);
        pen.about(&[name, &row.topic.name, "names"]).bright().picks(Some(name));
        let text = shorten(name, look.head, true, room);
        pen.text(format!("row {name}"), "title b", x, base, Anchor::Start, look.head, text);
        pen.about(&[name, &row.topic.name, "isr"]).picks(Some(name));
        let isr = format!("ISR {}", words::set(&row.part.isr));
        let below = map.view.topics.iter().any(|t| {
            t.id == row.topic.id
                && i32::try_from(row.part.isr.len()).unwrap_or(0) < t.min_insync_replicas
        });
        let class = if below { "text danger" } else { "text" };
        pen.text(
            format!("isr {name}"),
            class,
            x,
            base + look.line + u(2),
            Anchor::Start,
            look.text,
            isr,
        );
    }
    for band in &map.plan.columns.bands {
        if let Some(log) = row.log(band.broker.id) {
            role(map, row, band, log, pen);
        }
    }
}

fn role(map: &Map<'_>, row: &Row<'_>, band: &Band<'_>, log: &ReplicaView, pen: &mut Pen<'_>) {
    let (look, name, id) = (&map.plan.look, &row.part.name, band.broker.id);
    let pick = format!("{name}@{id}");
    let broker = format!("broker {id}");
    pen.about(&[&pick, name, &row.topic.name, &broker, "roles", kind(log)]).picks(Some(&pick));
    let x = band.x + pad(band);
    let base = row.top + look.line - u(2);
    let room = band.w - pad(band) - u(3);
    let compact = row.detail == Detail::Compact || !map.plan.columns.letters;
    let mut lines: Vec<(&'static str, String)> = Vec::new();
    match log.role {
        Role::Leader => {
            let mut ways = vec![format!("leader, epoch {}", log.leader_epoch), "leader".to_owned()];
            // Without a column of names it is the leader that says which row this is.
            if map.opts.profile != Profile::Default && map.plan.rows.len() > 1 {
                ways.insert(0, format!("leader of {name}"));
                ways.insert(1, name.clone());
            }
            let text = ways.into_iter().find(|t| width(t, look.text, "b") <= room);
            lines.extend(text.map(|text| ("text b", text)));
        }
        Role::Offline => lines.push(("text muted", "offline".to_owned())),
        Role::Follower if !log.in_isr => lines.push(("text b", "out of ISR".to_owned())),
        Role::Follower => lines.push(("text muted", "follower".to_owned())),
    }
    if compact {
        // Only what is not usual.
        lines.retain(|(class, _)| *class == "text b");
    }
    if !log.in_isr && log.role != Role::Leader && !compact {
        if log.role == Role::Offline {
            lines.push(("text b", "out of ISR".to_owned()));
        }
        let reasons = log.out_reason.iter().take(if look.small_print { 3 } else { 1 });
        // What the lines may take: down to the free slot of this replica.
        let free = row.y(log.log_end_offset) - row.free - base;
        let most = usize::try_from(free / look.line).unwrap_or(0).max(1);
        let most = most.min(if look.small_print { 5 } else { 3 });
        for (n, reason) in reasons.enumerate() {
            let wrapped = wrap(&keep_units(reason), look.text, false, room * 97 / 100);
            // Half of a setting's name would be another name.
            if n > 0 && lines.len() + wrapped.len() > most {
                break;
            }
            lines.extend(wrapped.into_iter().map(|line| ("text muted", line)));
        }
        lines.truncate(most);
        if let Some((_, last)) = lines.last_mut() {
            last.truncate(last.trim_end_matches(',').len());
        }
    }
    for (n, (class, text)) in lines.into_iter().enumerate() {
        let y = base + look.line * i32::try_from(n).unwrap_or(0);
        if width(&text, look.text, class) <= room + u(4) {
            pen.text(format!("role {pick} {n}"), class, x, y, Anchor::Start, look.text, text);
        }
    }
    lag_timer(map, row, band, pen);
}

/// What a broker has beside the rows that are drawn.
fn hosted(map: &Map<'_>, id: i32) -> String {
    let all = map.view.topics.iter().filter(|t| !t.internal).flat_map(|t| &t.partitions);
    let here: Vec<&str> = all.filter(|p| p.replicas.contains(&id)).map(|p| &*p.name).collect();
    if here.is_empty() {
        "hosts nothing".to_owned()
    } else {
        format!("hosts {}", crate::words::partitions(&here))
    }
}

/// A number and its unit are not parted.
pub(super) fn keep_units(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    let mut rest = text;
    while let Some(at) = rest.find(' ') {
        let (head, tail) = rest.split_at(at);
        let unit = tail[1..].trim_end_matches([',', '.']);
        let unit = unit.split([' ', ',', '.']).next().unwrap_or("");
        let keep = head.ends_with(|c: char| c.is_ascii_digit())
            && matches!(unit, "s" | "ms" | "µs" | "min" | "h" | "d");
        out.push_str(head);
        out.push(if keep { '\u{a0}' } else { ' ' });
        rest = &tail[1..];
    }
    out.push_str(rest);
    out
}

/// The time a follower has left before the leader proposes to take it out of the ISR.
fn lag_timer(map: &Map<'_>, row: &Row<'_>, band: &Band<'_>, pen: &mut Pen<'_>) {
    let Some(leader) = row.leader().filter(|l| l.role == Role::Leader) else { return };
    let Some(known) = leader.followers.iter().find(|f| f.broker == band.broker.id) else { return };
    let Some(deadline) = known.lag_deadline.filter(|_| known.in_isr) else { return };
    let fraction = left_of(map.view.now, known.last_caught_up, deadline);
    // A follower is a little behind all the time; only a real lag is worth an arc.
    if fraction > 9500 {
        return;
    }
    let at = (band.right() - u(14), row.top + map.plan.look.line - u(6));
    let name = &row.part.name;
    pen.about(&["isr", "timers", name, &format!("broker {}", band.broker.id)]);
    let label =
        format!("broker {} leaves the ISR unless it catches up by {deadline}", known.broker);
    timer(pen, &format!("lag {name}@{}", known.broker), at, fraction, &label);
}

/// What is left of a span at `now`, of 10000.
pub(crate) fn left_of(now: Time, since: Time, until: Time) -> i32 {
    let whole = until.since(since).0.max(1);
    let left = until.since(now).0.min(whole);
    i32::try_from(left.saturating_mul(10_000) / whole).unwrap_or(WHOLE)
}

/// An arc that empties clockwise.
pub(crate) fn timer(
    pen: &mut Pen<'_>,
    key: &str,
    (x, y): (Unit, Unit),
    fraction: i32,
    label: &str,
) {
    let center = Point { x, y };
    // At once: on its way from place to place it would lie over words.
    pen.timed(Timing::CUT);
    pen.push(format!("{key} back"), "arcback", Shape::Circle { center, r: u(6) });
    pen.named(key, "arc", Shape::Arc { center, r: u(6), fraction }, label);
    pen.timed(Timing::default());
}

/// Middle of the baseline shift, kept here for those who centre text on a mark.
pub(crate) fn middle_text(
    pen: &mut Pen<'_>,
    key: String,
    class: &'static str,
    x: Unit,
    y: Unit,
    size: Unit,
    text: &str,
) {
    pen.text(key, class, x, centred(y, size), Anchor::Middle, size, text);
}

/// Picks of a broker and a replica.
pub(crate) fn broker_pick(id: BrokerId) -> String {
    format!("broker {id}")
}
