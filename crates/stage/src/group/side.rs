//! Right of the rows: who has which partition, how long until a session ends, and the numbers of now.

use super::layout::{Chart, Plan, column};
use crate::cluster::machines::{left_of, timer};
use crate::pen::{Pen, centred, level, path, rect, width};
use crate::words;
use highwater_cluster::{NodeId, Time, TopicPartition};
use highwater_log::Offset;
use highwater_scene::{Anchor, Shape, Unit, metrics::wrap, u};
use highwater_sim::{ConsumerView, OwnedView, ProcessState};

/// Who reads a partition now.
pub(super) fn reader<'a>(plan: &Plan<'a>, tp: TopicPartition) -> Option<(u32, &'a OwnedView)> {
    let alive = |state| matches!(state, ProcessState::Running | ProcessState::Paused);
    let ours = |c: &&ConsumerView| *c.group == *plan.history.group && alive(c.state);
    let owned = |c: &'a ConsumerView| c.owned.iter().find(|o| o.tp == tp).map(|o| (c.number, o));
    plan.view.consumers.iter().filter(ours).find_map(owned)
}

struct Numbers {
    high: Offset,
    position: Option<Offset>,
    committed: Option<Offset>,
}

fn numbers(plan: &Plan<'_>, chart: &Chart<'_>) -> Numbers {
    let part = chart.history;
    let committed = plan.group.and_then(|g| g.committed.iter().find(|c| c.0 == part.tp));
    let last = |steps: &super::history::Steps| steps.last().and_then(|v| v.1);
    let position = reader(plan, part.tp).and_then(|(_, owned)| owned.position);
    let view = plan.view.topics.iter().flat_map(|t| &t.partitions).find(|p| p.tp == part.tp);
    let leader = view.and_then(|p| p.logs.iter().find(|l| l.broker == p.leader));
    Numbers {
        high: leader.map(|l| l.high_watermark).or(last(&part.high_watermark)).unwrap_or(0),
        position,
        committed: committed.map(|c| c.1).or(last(&part.committed)),
    }
}

impl Numbers {
    fn lag(&self) -> Option<Offset> {
        self.committed.map(|c| (self.high - c).max(0))
    }
}

/// Where there is no room at the side.
pub(super) fn one_line(plan: &Plan<'_>, chart: &Chart<'_>) -> String {
    let n = numbers(plan, chart);
    let say = |v: Option<Offset>| v.map_or("none".to_owned(), |v| v.to_string());
    let reader = reader(plan, chart.history.tp).map(|(c, _)| format!("c{c}, ")).unwrap_or_default();
    let lag = n.lag().map(|l| format!(", lag {l}")).unwrap_or_default();
    format!(
        "{reader}HW {}, position {}, committed {}{lag}",
        n.high,
        say(n.position),
        say(n.committed)
    )
}

pub(super) fn draw(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    let Some((x, w)) = plan.side else { return };
    matrix(plan, (x, w), pen);
    for chart in &plan.charts {
        facts(plan, chart, (x, w), pen);
    }
}

fn matrix(plan: &Plan<'_>, (x, w): (Unit, Unit), pen: &mut Pen<'_>) {
    let look = &plan.look;
    let generation = plan.group.map_or(-1, |g| g.generation);
    let cell = column(plan.history, look);
    let names = width("c88", look.text, "b") + u(10);
    let most = usize::try_from((w - names) / cell).unwrap_or(0);
    let shown: Vec<_> = plan.history.partitions.iter().take(most).collect();
    let right = x + names + cell * i32::try_from(shown.len()).unwrap_or(0);
    let y = plan.top + look.line - u(2);
    pen.about(&["assignment"]);
    let title = if generation >= 0 {
        format!("assignment, generation {generation}")
    } else {
        "assignment".into()
    };
    let title = if width(&title, look.text, "b") <= w { title } else { "assignment".into() };
    pen.text("assignment", "text b", x, y, Anchor::Start, look.text, title);
    let y = y + look.line;
    for (n, part) in shown.iter().enumerate() {
        let middle = x + names + cell * i32::try_from(n).unwrap_or(0) + cell / 2;
        let number = part.tp.partition.to_string();
        let fits = width(&part.name, look.text, "") <= cell - u(4);
        let text = if fits { part.name.clone() } else { number };
        let key = format!("column {}", part.name);
        pen.text(key, "text muted", middle, y, Anchor::Middle, look.text, text);
    }
    let session = "session ends in";
    let room = x + w - right - u(8);
    let wide = width(session, look.text, "") <= room;
    let any = plan.group.is_some_and(|g| g.members.iter().any(|m| m.session_deadline.is_some()));
    if wide && any {
        let key = "session head";
        pen.text(key, "text muted", x + w, y, Anchor::End, look.text, session);
    }
    for row in &plan.members {
        let pick = format!("c{}", row.history.number);
        pen.about(&[&pick, "assignment"]).picks(Some(&pick));
        let y = centred(row.middle, look.text);
        pen.text(format!("{pick} row"), "text b", x, y, Anchor::Start, look.text, pick.as_str());
        let node = NodeId::Consumer(row.history.number);
        let member = plan.group.and_then(|g| g.members.iter().find(|m| m.client == Some(node)));
        for (n, part) in shown.iter().enumerate() {
            let left = x + names + cell * i32::try_from(n).unwrap_or(0);
            let has = member.is_some_and(|m| m.assignment.contains(&part.tp));
            let key = format!("cell {pick} {}", part.name);
            tick(&key, has, (left, row.middle, cell), &format!("{pick} has {}", part.name), pen);
        }
        if let Some(deadline) = member.and_then(|m| m.session_deadline) {
            session_of(plan, (row.history.number, row.middle), deadline, (x + w, room), pen);
        }
    }
}

/// How long until a silent member is removed.
fn session_of(
    plan: &Plan<'_>,
    (number, middle): (u32, Unit),
    deadline: Time,
    (right, room): (Unit, Unit),
    pen: &mut Pen<'_>,
) {
    let size = plan.look.text;
    let text = words::span(deadline.since(plan.view.now).0);
    let used = width(&text, size, "");
    if used + u(20) > room {
        return;
    }
    let (key, y) = (format!("c{number} ends"), centred(middle, size));
    pen.text(key, "text muted", right, y, Anchor::End, size, text);
    let since = Time(deadline.0.saturating_sub(session_us(plan, number)));
    let fraction = left_of(plan.view.now, since, deadline);
    let label = format!("c{number} is removed at {deadline} unless it is heard");
    timer(pen, &format!("c{number} session"), (right - used - u(12), middle), fraction, &label);
}

/// `session.timeout.ms` of a member: its own, or Kafka's default.
fn session_us(plan: &Plan<'_>, number: u32) -> u64 {
    let consumer = plan.view.consumers.iter().find(|c| c.number == number);
    let own = consumer.and_then(|c| c.configs.iter().find(|c| &*c.0 == "session.timeout.ms"));
    own.and_then(|c| c.1.parse::<u64>().ok()).unwrap_or(45_000) * 1000
}

fn tick(
    key: &str,
    has: bool,
    (left, middle, w): (Unit, Unit, Unit),
    label: &str,
    pen: &mut Pen<'_>,
) {
    let x = left + w / 2;
    if has {
        let shape = rect(left + u(2), middle - u(11), w - u(4), u(22), u(2));
        pen.named(key, "batch", shape, label);
        let points = [(x - u(6), middle), (x - u(2), middle + u(5)), (x + u(6), middle - u(5))];
        pen.push(format!("{key} tick"), "inkline", path(&points, false));
    } else {
        pen.push(key, "tick", level(x - u(4), x + u(4), middle));
    }
}

/// High watermark, position, commit, lag; and what a crash would do now.
fn facts(plan: &Plan<'_>, chart: &Chart<'_>, (x, w): (Unit, Unit), pen: &mut Pen<'_>) {
    let look = &plan.look;
    let name = &chart.history.name;
    let n = numbers(plan, chart);
    let say = |v: Option<Offset>| v.map_or("none".to_owned(), |v| v.to_string());
    let lines = [
        ("HW", "text b water", n.high.to_string()),
        ("position", "text", say(n.position)),
        ("committed", "text", say(n.committed)),
        ("lag", "text b", say(n.lag())),
    ];
    let step = look.line + u(2);
    let first = chart.title + look.line;
    let room = chart.bottom + u(10) - first;
    let most = usize::try_from(room / step).unwrap_or(0) + 1;
    pen.about(&[name, "lag", "numbers"]).picks(Some(name));
    let words_x = x + u(24);
    let widest = lines.iter().map(|l| width(&l.2, look.text, "b")).max().unwrap_or(0);
    let value = words_x + width("committed", look.text, "") + u(16) + widest;
    let mut y = first;
    if most < lines.len() {
        let lag = say(n.lag());
        let text = format!("HW {}, lag {lag}", n.high);
        pen.text(format!("numbers {name}"), "text", x, y, Anchor::Start, look.text, text);
        return;
    }
    for (word, class, number) in lines {
        let key = format!("number {name} {word}");
        glyph(word, &key, (x, y - look.text * 36 / 100), pen);
        pen.text(format!("{key} name"), class, words_x, y, Anchor::Start, look.text, word);
        pen.text(key, class, value, y, Anchor::End, look.text, number);
        y += step;
    }
    let Some(sentence) = crash(plan, chart, &n) else { return };
    y += u(2);
    for (k, line) in wrap(&sentence, look.text, false, w * 96 / 100).into_iter().enumerate() {
        if y > chart.bottom + u(12) {
            break;
        }
        let key = format!("crash {name} {k}");
        pen.text(key, "text", x, y, Anchor::Start, look.text, line);
        y += look.line;
    }
}

fn glyph(word: &str, key: &str, (x, y): (Unit, Unit), pen: &mut Pen<'_>) {
    let key = format!("{key} glyph");
    let pointer = [(x + u(2), y), (x + u(11), y - u(6)), (x + u(11), y + u(6))];
    match word {
        "HW" => pen.push(key, "waterline", level(x, x + u(14), y)),
        "position" => pen.push(key, "solid", path(&pointer, true)),
        "committed" => pen.push(key, "hollow", path(&pointer, true)),
        _ => {
            let points = [
                (x + u(1), y - u(6)),
                (x + u(13), y - u(6)),
                (x + u(13), y + u(6)),
                (x + u(1), y + u(6)),
            ];
            pen.push(key, "lagarea", path(&points, true))
        }
    };
}

/// What a crash of the reader would do now. Not while a question may be about it.
fn crash(plan: &Plan<'_>, chart: &Chart<'_>, n: &Numbers) -> Option<String> {
    if plan.opts.question_open {
        return None;
    }
    let (number, _) = reader(plan, chart.history.tp)?;
    let position = n.position?;
    match n.committed {
        Some(committed) if position > committed => Some(format!(
            "A crash of c{number} now makes {} be delivered again: read, not committed.",
            words::offsets(committed, position - 1)
        )),
        Some(_) => None,
        None => Some(format!(
            "Nothing is committed: after a crash of c{number} auto.offset.reset says where to read."
        )),
    }
}

/// The line of now with its flag.
pub(super) fn now(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    let x = plan.x(plan.history.to);
    let top = plan.top - u(4);
    pen.about(&[]);
    let line = Shape::Line {
        from: highwater_scene::Point { x, y: top },
        to: highwater_scene::Point { x, y: plan.bottom },
    };
    pen.push("now", "inkline", line);
    let flag = [
        (x - u(6), top - u(8)),
        (x + u(6), top - u(8)),
        (x + u(6), top - u(2)),
        (x, top + u(4)),
        (x - u(6), top - u(2)),
    ];
    pen.push("now flag", "flag", path(&flag, true));
    pen.named("now flag ink", "flagink", path(&flag, true), format!("now, {}", plan.view.now));
}
