//! Producers left, consumers right of the machines, and the lane of the group protocol. Every client
//! has a home that does not change with what it owns.

use super::Map;
use super::layout::{Detail, Row};
use super::machines::{middle_text, timer};
use crate::options::Profile;
use crate::pen::{Pen, centred, path, rect, width};
use crate::words;
use highwater_cluster::GroupState;
use highwater_log::Offset;
use highwater_scene::{Anchor, Point, Shape, Unit, metrics::shorten, metrics::wrap, u};
use highwater_sim::{ConsumerView, GroupView, ProcessState, ProducerView};

const TAG_W: Unit = 3600;
const TAG_H: Unit = 2400;

/// A tag pointing right or left, its left edge at `x`, its middle at `y`.
fn tag(x: Unit, y: Unit, right: bool) -> Shape {
    let (w, h, nose) = (TAG_W, TAG_H / 2, u(9));
    if right {
        path(
            &[(x, y - h), (x + w - nose, y - h), (x + w, y), (x + w - nose, y + h), (x, y + h)],
            true,
        )
    } else {
        path(&[(x + w, y - h), (x + nose, y - h), (x, y), (x + nose, y + h), (x + w, y + h)], true)
    }
}

fn node_class(state: ProcessState, idle: bool) -> &'static str {
    if state != ProcessState::Running || idle { "node quiet" } else { "node" }
}

fn down_word(state: ProcessState) -> Option<(&'static str, &'static str)> {
    match state {
        ProcessState::Running => None,
        ProcessState::Paused => Some(("text warn", "paused")),
        ProcessState::Crashed | ProcessState::PoweredOff => Some(("text danger", "crashed")),
        ProcessState::ShutDown => Some(("text muted", "closed")),
    }
}

pub(super) fn producers(map: &Map<'_>, pen: &mut Pen<'_>) {
    let plan = &map.plan;
    if plan.columns.tags_only || plan.columns.left_w == 0 || plan.rows.is_empty() {
        return;
    }
    for (index, producer) in map.view.producers.iter().enumerate() {
        if let Some((y, share)) = producer_home(map, index) {
            self::producer(map, producer, (y, share), pen);
        }
    }
}

/// Middle of a producer's tag and the height it has: producers take the rows in turn.
fn producer_home(map: &Map<'_>, index: usize) -> Option<(Unit, Unit)> {
    let plan = &map.plan;
    let rows = plan.rows.len();
    let row = plan.rows.get(index % rows.max(1))?;
    let nth = i32::try_from(index / rows).unwrap_or(0);
    let per_row = i32::try_from(map.view.producers.len().div_ceil(rows)).unwrap_or(1);
    // Below the row's name, in equal shares of what is left.
    let top = row.top + plan.look.line * 3;
    let share = (row.floor - top) / per_row.max(1);
    let block = TAG_H + plan.look.line * 3;
    let y = top + share * nth + (share - block).max(0) / 2 + TAG_H / 2;
    (share >= TAG_H).then_some((y, share))
}

/// The nose of a producer's tag.
pub(super) fn tag_of(map: &Map<'_>, number: u32) -> Option<Point> {
    if map.plan.columns.tags_only || map.plan.columns.left_w == 0 {
        return None;
    }
    let index = map.view.producers.iter().position(|p| p.number == number)?;
    let (y, _) = producer_home(map, index)?;
    Some(Point { x: map.plan.columns.left + u(1) + TAG_W, y })
}

fn producer(map: &Map<'_>, producer: &ProducerView, (y, share): (Unit, Unit), pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    let name = format!("p{}", producer.number);
    let x = map.plan.columns.left;
    pen.about(&[&name, "producers"]).picks(Some(&name));
    let label = format!("producer {name}, acks={}", producer.acks);
    let class = if map.opts.selection.as_deref() == Some(&name) {
        "selected"
    } else {
        node_class(producer.state, false)
    };
    pen.named(name.clone(), class, tag(x + u(1), y, true), label);
    middle_text(
        pen,
        format!("{name} name"),
        "text b",
        x + u(1) + TAG_W * 42 / 100,
        y,
        look.text,
        &name,
    );
    let mut lines: Vec<(&'static str, String)> = Vec::new();
    if let Some((class, word)) = down_word(producer.state) {
        lines.push((class, word.to_owned()));
    }
    if look.small_print {
        lines.push(("text", format!("acks={}", producer.acks)));
    }
    lines.extend(
        producer_doing(producer)
            .into_iter()
            .filter(|(c, t)| look.small_print || *c == "text danger" || t.contains("wait")),
    );
    let room = map.plan.columns.left_w - u(2);
    let mut base = y + TAG_H / 2 + look.line;
    let last = y + share - TAG_H / 2;
    let mut n = 0;
    for (class, line) in lines {
        let wrapped = wrap(&line, look.text, false, room * 96 / 100);
        let ends = base + look.line * (i32::try_from(wrapped.len()).unwrap_or(1) - 1);
        let fits = wrapped.iter().all(|l| width(l, look.text, class) <= room + u(4));
        if ends > last || !fits {
            continue;
        }
        for line in wrapped {
            pen.text(format!("{name} {n}"), class, x, base, Anchor::Start, look.text, line);
            base += look.line;
            n += 1;
        }
    }
}

/// What a producer waits for or has met.
fn producer_doing(producer: &ProducerView) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    let known: Vec<Offset> = producer
        .in_flight
        .iter()
        .filter_map(|(_, keys, base, _)| {
            base.filter(|b| *b >= 0).map(|b| [b, b + i64::try_from(keys.len()).unwrap_or(1) - 1])
        })
        .flatten()
        .collect();
    let records: usize = producer.in_flight.iter().map(|(_, keys, _, _)| keys.len()).sum();
    if let (Some(first), Some(last)) = (known.iter().min(), known.iter().max()) {
        out.push(("text muted", format!("waits: {}", words::offsets(*first, *last))));
    } else if records > 0 {
        out.push(("text muted", format!("sent {records}")));
    } else if producer.failed > 0 {
        out.push(("text muted", format!("{} failed", producer.failed)));
    } else if producer.acknowledged > 0 {
        out.push(("text muted", "all acked".to_owned()));
    }
    let retrying = producer.in_flight.iter().any(|(_, _, _, attempt)| *attempt > 1);
    if let Some((error, _)) = producer.last_error.filter(|_| retrying || producer.failed > 0) {
        out.push(("text danger", error.name().to_owned()));
    }
    out
}

pub(super) fn consumers(map: &Map<'_>, pen: &mut Pen<'_>) {
    let Some(scale) = map.plan.columns.scale else { return };
    for row in map.plan.rows.iter().filter(|r| r.detail != Detail::Matrix) {
        super::scale::scale(map, row, scale, pen);
    }
    homes(map, scale, pen);
    heading(map, scale, pen);
}

/// The group's name at the height of the brokers' names, when there is one group.
fn heading(map: &Map<'_>, scale: Unit, pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    let mut groups: Vec<&str> = map.view.consumers.iter().map(|c| &*c.group).collect();
    groups.dedup();
    let [group] = groups.as_slice() else { return };
    let room = map.plan.width - scale - u(4);
    let full = format!("group {group}");
    let text = if width(&full, look.head, "b") <= room { full } else { (*group).to_owned() };
    if width(&text, look.head, "b") > room {
        return;
    }
    let pick = format!("group {group}");
    pen.about(&["group", "groups", "consumers", &pick]).picks(Some(&pick));
    pen.text("heading", "title b", scale, map.plan.names, Anchor::Start, look.head, text);
}

/// Consumers that the picture is about: all on the site, else those of the partitions shown and
/// idle ones.
fn relevant<'a>(map: &Map<'a>) -> Vec<&'a ConsumerView> {
    let all = map.opts.profile == Profile::Default;
    let shown = |c: &ConsumerView| {
        c.owned.is_empty() || c.owned.iter().any(|o| map.plan.rows.iter().any(|r| r.tp() == o.tp))
    };
    map.view.consumers.iter().filter(|c| all || shown(c)).collect()
}

/// Homes of the consumers: one at the head of each full row, the others together at the bottom.
fn homes(map: &Map<'_>, scale: Unit, pen: &mut Pen<'_>) {
    let full: Vec<&Row<'_>> = map.plan.rows.iter().filter(|r| r.detail == Detail::Full).collect();
    let look = &map.plan.look;
    let consumers = relevant(map);
    for (consumer, row) in consumers.iter().zip(&full) {
        let y = row.top + look.line + TAG_H / 2 + u(2);
        home(map, consumer, (scale, y), pen);
    }
    let rest: Vec<&ConsumerView> = consumers.iter().skip(full.len()).copied().collect();
    let Some(lane) = map.plan.group_lane else { return };
    match rest.as_slice() {
        [] => {}
        many => crowd(map, many, (scale, lane), pen),
    }
}

fn doing(map: &Map<'_>, consumer: &ConsumerView) -> (&'static str, String) {
    if let Some((class, word)) = down_word(consumer.state) {
        return (class, word.to_owned());
    }
    if let Some(reason) = &consumer.idle_reason {
        return ("text", format!("idle: {reason}"));
    }
    if consumer.owned.is_empty() {
        return ("text muted", consumer.doing.clone());
    }
    let names: Vec<&str> = consumer
        .owned
        .iter()
        .filter_map(|o| {
            let all = map.view.topics.iter().flat_map(|t| &t.partitions);
            all.into_iter().find(|p| p.tp == o.tp).map(|p| &*p.name)
        })
        .collect();
    ("text", format!("owns {}", words::partitions(&names)))
}

fn home(map: &Map<'_>, consumer: &ConsumerView, (x, y): (Unit, Unit), pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    let name = format!("c{}", consumer.number);
    let idle = consumer.owned.is_empty();
    let (class, text) = doing(map, consumer);
    pen.about(&[&name, "consumers", &consumer.group]).picks(Some(&name));
    let node = if map.opts.selection.as_deref() == Some(&name) {
        "selected"
    } else {
        node_class(consumer.state, idle)
    };
    let label = format!("consumer {name} of group {}: {text}", consumer.group);
    pen.named(name.clone(), node, tag(x, y, false), label);
    middle_text(pen, format!("{name} name"), "text b", x + TAG_W * 58 / 100, y, look.text, &name);
    if !look.small_print {
        return;
    }
    let from = x + TAG_W + u(8);
    let room = map.plan.columns.right_end - from + u(2);
    let lines = wrap(&text, look.text, false, room * 96 / 100);
    let shown = lines.len().min(3);
    let first = y - look.line * i32::try_from(shown.saturating_sub(1)).unwrap_or(0) / 2;
    for (n, line) in lines.into_iter().take(3).enumerate() {
        let at = centred(first + look.line * i32::try_from(n).unwrap_or(0), look.text);
        let line = shorten(&line, look.text, false, room * 96 / 100);
        pen.text(format!("{name} {n}"), class, from, at, Anchor::Start, look.text, line);
    }
}

/// Several consumers at one place: their tags in a row, or their number, and the first's reason.
fn crowd(map: &Map<'_>, many: &[&ConsumerView], (x, y): (Unit, Unit), pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    let fits = usize::try_from((map.plan.columns.right_end - x) / (TAG_W + u(4))).unwrap_or(1);
    let shown = if many.len() <= fits { many.len() } else { fits.saturating_sub(1) };
    // One line beside the tags, or the tags above two lines.
    let below = !map.plan.one_line;
    let top = if below { y - look.line } else { y };
    let mut at = x;
    for consumer in many.iter().take(shown) {
        let name = format!("c{}", consumer.number);
        pen.about(&[&name, "consumers", &consumer.group]).picks(Some(&name));
        let class = node_class(consumer.state, consumer.owned.is_empty());
        let label =
            format!("consumer {name} of group {}: {}", consumer.group, doing(map, consumer).1);
        pen.named(name.clone(), class, tag(at, top, false), label);
        middle_text(
            pen,
            format!("{name} name"),
            "text b",
            at + TAG_W * 58 / 100,
            top,
            look.text,
            &name,
        );
        at += TAG_W + u(4);
    }
    pen.about(&["consumers"]);
    if shown < many.len() {
        let text = format!("+{}", many.len() - shown);
        pen.text(
            "consumers more",
            "text muted",
            at,
            centred(top, look.text),
            Anchor::Start,
            look.text,
            text,
        );
    }
    let Some(first) = many.first() else { return };
    let (class, text) = doing(map, many.iter().find(|c| c.idle_reason.is_some()).unwrap_or(first));
    if !below {
        let text = text.split([':', ',']).next().unwrap_or_default().to_owned();
        if at + width(&text, look.text, class) <= map.plan.width - u(2) {
            let base = centred(top, look.text);
            pen.text("consumers 0", class, at + u(4), base, Anchor::Start, look.text, text);
        }
        return;
    }
    let room = map.plan.width - u(4) - x;
    let lines = wrap(&text, look.text, false, room * 96 / 100);
    for (n, line) in lines.into_iter().take(2).enumerate() {
        let base = top + TAG_H / 2 + look.line * i32::try_from(n + 1).unwrap_or(1) - u(2);
        pen.text(format!("consumers {n}"), class, x, base, Anchor::Start, look.text, line);
    }
}

/// The lane of the groups: each at its coordinator, with state and generation.
pub(super) fn group_lane(map: &Map<'_>, pen: &mut Pen<'_>) {
    let Some(y) = map.plan.group_lane else { return };
    let look = &map.plan.look;
    for band in &map.plan.columns.bands {
        let id = band.broker.id;
        let here: Vec<&GroupView> =
            map.view.groups.iter().filter(|g| g.coordinator == id).collect();
        let Some(group) = here.first() else { continue };
        let pick = format!("group {}", group.id);
        pen.about(&[&pick, "group", "groups"]).picks(Some(&pick));
        let (x, room) = (band.x + u(8), (band.w - u(16)) * 96 / 100);
        let lines = if map.plan.one_line { 1 } else { 2 };
        let h = look.line * lines + u(6);
        let shape = rect(band.x + u(4), y - h / 2, band.w - u(8), h, u(2));
        let label = format!(
            "group {} at broker {id}: {}, generation {}, {}",
            group.id,
            group.state.name(),
            group.generation,
            words::count(group.members.len(), "member")
        );
        pen.named(format!("{pick} box"), "coordinator", shape, label);
        let more = if here.len() > 1 { format!(" +{}", here.len() - 1) } else { String::new() };
        let title = format!("group {}{more}", group.id);
        let state = state_words(group.state);
        let class = if group.state == GroupState::Stable { "text muted" } else { "text" };
        if lines == 1 {
            let text = format!("{}: {state}", group.id);
            let text = if width(&text, look.text, "") <= room { text } else { state.to_owned() };
            let text = shorten(&text, look.text, false, room);
            let base = centred(y, look.text);
            pen.text(format!("{pick} state"), "text", x, base, Anchor::Start, look.text, text);
        } else {
            let title = shorten(&title, look.text, true, room);
            pen.text(
                format!("{pick} name"),
                "text b",
                x,
                y - u(3),
                Anchor::Start,
                look.text,
                title,
            );
            let mut text = format!("{state}, generation {}", group.generation);
            if group.generation < 0 || width(&text, look.text, "") > room {
                state.clone_into(&mut text);
            }
            let base = y + look.line - u(4);
            pen.text(format!("{pick} state"), class, x, base, Anchor::Start, look.text, text);
        }
        if let Some((since, until)) = group.phase {
            let fraction = super::machines::left_of(map.view.now, since, until);
            let at = (band.right() - u(14), if lines == 1 { y } else { y - u(7) });
            timer(
                pen,
                &format!("{pick} phase"),
                at,
                fraction,
                &format!("rebalance ends by {until}"),
            );
        }
    }
}

fn state_words(state: GroupState) -> &'static str {
    match state {
        GroupState::Empty => "empty",
        GroupState::PreparingRebalance => "rebalance: join",
        GroupState::CompletingRebalance => "rebalance: sync",
        GroupState::Stable => "stable",
        GroupState::Dead => "dead",
    }
}
