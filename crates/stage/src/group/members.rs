//! Members over time: bars of what they do, diamonds of the protocol, bands of the rebalances.

use super::history::{Doing, MemberSpan};
use super::layout::{MemberRow, Plan};
use crate::cluster::machines::cross;
use crate::pen::{Pen, centred, level, path, rect, width};
use crate::words;
use highwater_cluster::{GroupState, TopicPartition};
use highwater_scene::{Anchor, Unit, u};
use highwater_sim::ProcessState;

/// Bands of the rebalances through all rows, and the generations above them.
pub(super) fn phases(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    for (n, phase) in plan.history.phases.iter().enumerate() {
        let (from, to) = (plan.x(phase.from), plan.x(phase.to));
        let Some(state) = phase.state else { continue };
        let rebalance =
            matches!(state, GroupState::PreparingRebalance | GroupState::CompletingRebalance);
        pen.about(&["phases", "groups"]);
        let label = format!(
            "{}, generation {}, from {} to {}",
            state.name(),
            phase.generation,
            phase.from,
            phase.to
        );
        if rebalance {
            let shape = rect(from, plan.top, (to - from).max(u(2)), plan.bottom - plan.top, 0);
            pen.named(format!("phase {n}"), "band", shape, label);
        }
    }
    generations(plan, pen);
}

/// Words on top of the bands.
fn generations(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let mut free = Unit::MIN;
    pen.about(&["phases", "groups"]);
    for (n, phase) in plan.history.phases.iter().enumerate() {
        let (from, to) = (plan.x(phase.from), plan.x(phase.to));
        let Some(state) = phase.state else { continue };
        let (first, second) = match state {
            GroupState::Stable => (format!("generation {}", phase.generation), state.name()),
            _ => (state.name().to_owned(), ""),
        };
        let class = if state == GroupState::Stable { "text b" } else { "text" };
        let x = (from + u(4)).max(plan.axis.0);
        let wide = width(&first, look.text, class);
        // A name needs its own time, or the time after it; it never lies on another.
        let later = &plan.history.phases[n + 1..];
        let next = later.iter().find(|p| p.state == Some(GroupState::Stable));
        let room = match (state, next) {
            (GroupState::Stable, Some(next)) => plan.x(next.from),
            (GroupState::Stable, None) => plan.axis.1,
            _ if later.is_empty() => plan.axis.1,
            _ => to,
        } - x;
        if x < free || wide > room {
            continue;
        }
        free = x + wide + u(6);
        let y = plan.top + look.line - u(2);
        pen.text(format!("phase {n} name"), class, x, y, Anchor::Start, look.text, first);
        if !second.is_empty() {
            let y = y + look.line;
            let key = format!("phase {n} state");
            pen.text(key, "text muted", x, y, Anchor::Start, look.text, second);
        }
    }
}

pub(super) fn rows(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    for row in &plan.members {
        let pick = format!("c{}", row.history.number);
        pen.about(&[&pick, "members"]).picks(Some(&pick));
        tag(plan, row, &pick, pen);
        let edge = row.middle + plan.bar / 2 + u(5);
        pen.push(format!("row {pick}"), "hair", level(plan.axis.0, plan.axis.1, edge));
        for span in &row.history.spans {
            bar(plan, row, span, &pick, pen);
        }
        marks(plan, row, &pick, pen);
    }
    if plan.hidden.0 > 0 {
        let y = plan.title;
        let text = format!("{} more", words::count(plan.hidden.0, "member"));
        pen.about(&["members"]);
        let x = plan.width - plan.left;
        pen.text("more members", "text muted", x, y, Anchor::End, plan.look.text, text);
    }
}

fn tag(plan: &Plan<'_>, row: &MemberRow<'_>, pick: &str, pen: &mut Pen<'_>) {
    let (x, y, w, h, nose) = (plan.left, row.middle, u(36), u(12), u(9));
    let consumer = plan.view.consumers.iter().find(|c| c.number == row.history.number);
    let quiet = consumer.is_none_or(|c| c.state != ProcessState::Running || c.owned.is_empty());
    let class = if quiet { "node quiet" } else { "node" };
    let points = [(x + w, y - h), (x + nose, y - h), (x, y), (x + nose, y + h), (x + w, y + h)];
    let doing = consumer.map_or("gone", |c| &*c.doing);
    pen.named(format!("tag {pick}"), class, path(&points, true), format!("{pick}: {doing}"));
    let at = x + (w + nose) / 2;
    let size = plan.look.text;
    let key = format!("tag {pick} name");
    pen.text(key, "text b", at, centred(y, size), Anchor::Middle, size, pick);
}

/// Names of partitions, as short as there is room for.
fn names(plan: &Plan<'_>, all: &[TopicPartition], room: Unit) -> String {
    let name = |tp: &TopicPartition| {
        plan.history.partitions.iter().find(|p| p.tp == *tp).map(|p| &*p.name)
    };
    let full: Vec<&str> = all.iter().filter_map(name).collect();
    let numbers: Vec<String> = all.iter().map(|tp| tp.partition.to_string()).collect();
    let count = words::count(all.len(), "partition");
    let ways = [words::partitions(&full), count, numbers.join(", "), all.len().to_string()];
    let fits = |t: &&String| width(t, plan.look.text, "") <= room;
    ways.iter().find(fits).cloned().unwrap_or_default()
}

fn bar(plan: &Plan<'_>, row: &MemberRow<'_>, span: &MemberSpan, pick: &str, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let (from, to) = (plan.x(span.from), plan.x(span.to));
    let key = format!("{pick} {}", span.from.0);
    let (x, w, h) = (from + u(1), to - from - u(2), plan.bar);
    let top = row.middle - h / 2;
    let room = w - u(14);
    let (class, text, what) = match &span.what {
        Doing::Owning(all) => ("batch", names(plan, all, room), "owns its partitions"),
        Doing::Joining => ("hollow", "JoinGroup waits".to_owned(), "JoinGroup waits"),
        Doing::Syncing => ("hollow", "SyncGroup waits".to_owned(), "SyncGroup waits"),
        Doing::Idle => ("node quiet", idle(plan, row), "idle"),
        Doing::Down(state) => {
            down(plan, row, *state, (&key, from, to), pen);
            return;
        }
    };
    let label = format!("{pick} {what}, from {} to {}: {text}", span.from, span.to);
    let narrow = w < u(3);
    let shape = if narrow { rect(from, top, u(2), h, 0) } else { rect(x, top, w, h, u(2)) };
    let class = if narrow && class == "hollow" { "solid" } else { class };
    pen.named(format!("bar {key}"), class, shape, label);
    let short = match span.what {
        Doing::Idle => "idle",
        Doing::Joining | Doing::Syncing => "waits",
        _ => "",
    };
    let text = if width(&text, look.text, "") <= room { text } else { short.to_owned() };
    if !text.is_empty() && width(&text, look.text, "") <= room {
        let y = centred(row.middle, look.text);
        // Clear of a diamond at the beginning.
        let at = x + u(9);
        pen.text(format!("doing {key}"), "text", at, y, Anchor::Start, look.text, text);
    }
}

fn idle(plan: &Plan<'_>, row: &MemberRow<'_>) -> String {
    let consumer = plan.view.consumers.iter().find(|c| c.number == row.history.number);
    match consumer.and_then(|c| c.idle_reason.as_ref()) {
        Some(reason) => format!("idle: {reason}"),
        None => "idle".to_owned(),
    }
}

fn down(
    plan: &Plan<'_>,
    row: &MemberRow<'_>,
    state: ProcessState,
    (key, from, to): (&str, Unit, Unit),
    pen: &mut Pen<'_>,
) {
    let look = &plan.look;
    let (class, word) = match state {
        ProcessState::Paused => ("text b warn", "paused"),
        ProcessState::ShutDown => ("text muted", "closed"),
        _ => ("text b danger", "crashed"),
    };
    let line = if state == ProcessState::Paused { "inkline warn" } else { "ghost" };
    pen.named(
        format!("down {key}"),
        line,
        level(from, to, row.middle),
        format!("{word} from {}", plan.view.now),
    );
    if word == "crashed" {
        cross(pen, format!("cross {key}"), from, row.middle, u(6));
    }
    if width(word, look.text, class) + u(12) <= plan.axis.1 - from {
        // Above the line are the names of what it was told.
        let y = row.middle + look.text;
        let x = from + u(10);
        pen.text(format!("down word {key}"), class, x, y, Anchor::Start, look.text, word);
    }
}

/// Diamonds: filled for what the member sent, hollow for what it was told.
fn marks(plan: &Plan<'_>, row: &MemberRow<'_>, pick: &str, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let mut last: Option<Unit> = None;
    let roomy = plan.between >= look.text + u(2);
    let now = plan.x(plan.history.to);
    let mut above = plan.axis.0;
    for (n, mark) in row.history.marks.iter().enumerate() {
        let x = plan.x(mark.time);
        // Asking twice within one retry is one mark, and so is being told and asking.
        if last.is_some_and(|at| x - at < u(8)) {
            continue;
        }
        last = Some(x);
        let (y, r) = (row.middle, u(6));
        let points = [(x, y - r), (x + r, y), (x, y + r), (x - r, y)];
        let class = if mark.request { "solid" } else { "hollow" };
        let label = format!("{pick}: {} at {}", mark.text, mark.time);
        pen.named(format!("mark {pick} {n}"), class, path(&points, true), label);
        let wide = width(&mark.text, look.text, "");
        let key = format!("mark {pick} {n} name");
        if mark.request {
            // Left of it, where no bar is.
            let left = x - r - u(5) - wide;
            let busy = row.history.spans.iter().any(|s| plan.x(s.from) < x && plan.x(s.to) > left);
            if left > plan.axis.0 && !busy {
                let (x, y) = (x - r - u(5), centred(y, look.text));
                pen.text(key, "text", x, y, Anchor::End, look.text, mark.text.as_str());
            }
        } else if roomy {
            let y = row.middle - plan.bar / 2 - u(3);
            let start = (x - u(2)).min(now - wide - u(4));
            if start >= above {
                above = start + wide + u(6);
                pen.text(key, "text muted", start, y, Anchor::Start, look.text, mark.text.as_str());
            }
        }
    }
}
