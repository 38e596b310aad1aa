//! Replica compare: every replica of one partition on one offset scale, so that what one has and
//! another has not, and where two histories part, is seen and not read.

pub(crate) mod cut;
mod layout;
mod notes;
mod stack;
mod water;
mod wire;

use crate::focus;
use crate::options::StageOptions;
use crate::pen::{Pen, centred, level, rect, width};
use crate::rings::rings;
use crate::words;
use highwater_cluster::Time;
use highwater_scene::{Anchor, Scene, Unit, metrics::shorten, u};
use highwater_sim::{ProcessState, WorldView};
use layout::{Column, Plan, cell_number, plan};

/// Draws the replicas of the partition in focus (the first of `opts.focus`, else the first there
/// is). `next_event_at` is the end of the interval that begins at `view.now`, for what is in flight.
pub fn replicas(view: &WorldView, next_event_at: Option<Time>, opts: &StageOptions) -> Scene {
    let Some((topic, part)) = focus::partition(view, opts) else {
        let advice = "Make a topic: each of its partitions has its replicas here.";
        return focus::nothing(opts, "Replicas", "There is no partition yet.", advice);
    };
    if part.logs.is_empty() {
        let what = format!("No broker has a log of {} yet.", part.name);
        return focus::nothing(opts, "Replicas", &what, "Run on until its leader is elected.");
    }
    let next = if opts.reduced_motion { None } else { next_event_at.filter(|t| *t > view.now) };
    let plan = plan(view, opts, topic, part);
    let mut pen = Pen::new(&opts.hide, &opts.dim);
    header(&plan, &mut pen);
    water::paper(&plan, &mut pen);
    wire::draw(&plan, next, &mut pen);
    for column in &plan.columns {
        band(&plan, column, &mut pen);
    }
    if plan.detail.ruler {
        ruler(&plan, &mut pen);
    }
    water::wash(&plan, &mut pen);
    stack::draw(&plan, &mut pen);
    water::line(&plan, &mut pen);
    for column in &plan.columns {
        facts(&plan, column, &mut pen);
    }
    rings(opts, &mut pen);
    Scene {
        width: plan.width,
        height: plan.height,
        title: title(&plan),
        items: pen.finish(),
        layout: plan.layout(),
    }
}

fn header(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let name = &plan.part.name;
    let y = u(6) + look.head;
    let mut x = u(12);
    pen.about(&[name, "header"]).bright().picks(Some(name));
    let title = shorten(name, look.head, true, plan.width / 3);
    let used = width(&title, look.head, "b");
    pen.text("header name", "title b", x, y, Anchor::Start, look.head, title);
    x += used + u(12);
    let short = i32::try_from(plan.part.isr.len()).unwrap_or(0) < plan.topic.min_insync_replicas;
    let class = if short { "text b danger" } else { "text" };
    let mut facts = vec![(class, format!("ISR {}", words::set(&plan.part.isr)))];
    if plan.part.leader < 0 {
        facts.push(("text b danger", "no leader".to_owned()));
    }
    if look.small_print {
        let minimum = plan.topic.min_insync_replicas;
        facts.push(("text muted", format!("min.insync.replicas={minimum}")));
    }
    if !plan.left_out.is_empty() {
        facts.push(("text muted", format!("not shown: {}", words::list(&plan.left_out))));
    }
    for (n, (class, text)) in facts.into_iter().enumerate() {
        let wide = width(&text, look.text, class);
        if x + wide > plan.width - u(6) {
            break;
        }
        pen.text(format!("header {n}"), class, x, y, Anchor::Start, look.text, text);
        x += wide + u(14);
    }
}

/// The machine: its name, its role and why it is so.
fn band(plan: &Plan<'_>, column: &Column<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let id = column.log.broker;
    let (top, bottom) = plan.bands;
    let pick = format!("broker {id}");
    pen.about(&[]).picks(Some(&pick));
    let shape = rect(column.x, top, column.w, bottom - top, u(3));
    pen.named(format!("band {id}"), "band", shape, format!("broker {id}"));
    pen.about(&[&pick, "brokers"]).picks(Some(&pick));
    let x = column.x + u(10);
    let mut y = top + look.head + u(4);
    let name = format!("broker {id}");
    let used = width(&name, look.head, "b");
    pen.text(format!("name {id}"), "title b", x, y, Anchor::Start, look.head, name);
    let (class, word) = state(plan, column);
    if !word.is_empty() && used + u(8) + width(&word, look.text, class) <= column.w - u(20) {
        let right = column.right() - u(10);
        pen.text(format!("state {id}"), class, right, y, Anchor::End, look.text, word);
    }
    let replica = plan.pick(id);
    pen.about(&[&replica, &plan.part.name, "roles"]).picks(Some(&replica));
    for (n, head) in column.heads.iter().enumerate() {
        y += look.line;
        let key = format!("head {id} {n}");
        pen.text(key, head.class, x, y, Anchor::Start, look.text, head.text.as_str());
    }
}

fn state(plan: &Plan<'_>, column: &Column<'_>) -> (&'static str, String) {
    let Some(broker) = column.broker else { return ("text muted", String::new()) };
    match broker.state {
        ProcessState::Running if broker.fenced => ("text muted", "fenced".to_owned()),
        ProcessState::Running => {
            let rack = broker.rack.as_ref().filter(|_| plan.look.small_print);
            ("text muted", rack.map(|r| format!("rack {r}")).unwrap_or_default())
        }
        ProcessState::Paused => ("text b warn", "paused".to_owned()),
        ProcessState::Crashed => ("text b danger", "crashed".to_owned()),
        ProcessState::PoweredOff => ("text b danger", "power off".to_owned()),
        ProcessState::ShutDown => ("text muted", "shut down".to_owned()),
    }
}

/// The scale of offsets that all stacks share.
fn ruler(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let lo = plan.window.lo;
    let hi = plan.columns.iter().map(|c| c.log.log_end_offset).max().unwrap_or(lo).max(lo);
    let x = plan.ruler;
    pen.about(&["ruler"]);
    let top = plan.y(hi);
    if hi > lo {
        pen.push(
            "ruler",
            "tick",
            highwater_scene::Shape::Line {
                from: highwater_scene::Point { x, y: top },
                to: highwater_scene::Point { x, y: plan.floor },
            },
        );
    }
    let phone = plan.opts.profile == crate::options::Profile::Phone;
    for offset in lo..=hi.min(lo + plan.window.slots + 4) {
        let edge = plan.y(offset);
        pen.push(format!("ruler tick {offset}"), "tick", level(x - u(4), x, edge));
        if offset < hi {
            let y = centred(edge - plan.slot / 2, look.text);
            let text = if phone { cell_number(offset) } else { offset.to_string() };
            let right = x - u(8);
            let key = format!("ruler {offset}");
            pen.text(key, "text muted number", right, y, Anchor::End, look.text, text);
        }
    }
    let y = (top - u(10)).max(plan.bands.0 + look.text);
    pen.text("ruler name", "text muted", x - u(2), y, Anchor::End, look.text, "offset");
}

fn facts(plan: &Plan<'_>, column: &Column<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let id = column.log.broker;
    let pick = plan.pick(id);
    let mut y: Unit = plan.floor + plan.window.strata_height + u(6);
    pen.about(&[&pick, &plan.part.name, "notes"]).picks(Some(&pick));
    let (left, right) = (column.x + u(10), column.right() - u(10));
    for (n, note) in column.notes.iter().enumerate() {
        y += look.line;
        let key = format!("note {id} {n}");
        let class = if note.name { "text muted" } else { "text" };
        if !note.text.is_empty() {
            let key = format!("{key} name");
            pen.text(key, class, left, y, Anchor::Start, look.text, note.text.as_str());
        }
        if !note.value.is_empty() {
            pen.text(key, "text number", right, y, Anchor::End, look.text, note.value.as_str());
        }
    }
}

fn title(plan: &Plan<'_>) -> String {
    let mut out = format!("Replicas of {} at {}", plan.part.name, plan.view.now);
    for column in &plan.columns {
        let log = column.log;
        out.push_str(&format!(
            ". Broker {}: log end {}, high watermark {}",
            log.broker, log.log_end_offset, log.high_watermark
        ));
        if let Some(cut) = column.cut {
            out.push_str(&format!(", will be cut at {}", cut.offset));
        }
    }
    out
}
