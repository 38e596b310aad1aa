//! Fetches and their answers between the replicas, at the height of the offset they are about.

use super::layout::{Column, Plan};
use crate::pen::{Pen, level, path};
use crate::plate::{Fill, Form, Piece, plate, with_keys, words};
use highwater_cluster::Time;
use highwater_log::Offset;
use highwater_scene::{Ease, Enter, Exit, Item, Point, Shape, Timing, Unit, WHOLE, ease, u};
use highwater_sim::{FetchResponseView, MessageKind, MessageView};

const FLIGHT: Timing =
    Timing { delay_ms: 0, duration_ms: 160, ease: Ease::Ease, enter: Enter::Fade, exit: Exit::Cut };

/// Narrower paper carries no messages.
const LEAST: Unit = 4000;

pub(super) fn draw(plan: &Plan<'_>, next: Option<Time>, pen: &mut Pen<'_>) {
    let mut used: Vec<(Unit, Unit)> = Vec::new();
    for message in &plan.view.messages {
        let Some((offset, ways)) = content(plan, message) else { continue };
        let ends = (message.from.broker(), message.to.broker());
        let (Some(from), Some(to)) = ends else { continue };
        let (Some(from), Some(to)) = (plan.column(from), plan.column(to)) else { continue };
        flight(plan, next, message, (from, to), (offset, &ways), &mut used, pen);
    }
}

fn content(plan: &Plan<'_>, message: &MessageView) -> Option<(Offset, Vec<Vec<Piece>>)> {
    match &message.what {
        MessageKind::Fetch(parts) => {
            let offset = parts.iter().find(|p| p.0 == plan.part.tp)?.1;
            let ways = [format!("fetch from {offset}"), format!("from {offset}")];
            let mut ways: Vec<Vec<Piece>> = ways.into_iter().map(words).collect();
            ways.push(words(offset.to_string()));
            Some((offset, ways))
        }
        MessageKind::FetchResponse(parts) => {
            let part = parts.iter().find(|p| p.tp == plan.part.tp)?;
            Some((part.first_offset, response(part)))
        }
        _ => None,
    }
}

fn response(part: &FetchResponseView) -> Vec<Vec<Piece>> {
    if let Some((epoch, end)) = part.diverging {
        return vec![words(format!("epoch {epoch} ends {end}")), words(format!("ends {end}"))];
    }
    if let Some(error) = part.error {
        return vec![words(error.name()), words("error")];
    }
    let mut ways = with_keys(&part.keys, &format!("HW {}", part.high_watermark));
    ways.extend(with_keys(&part.keys, ""));
    ways.push(words(part.first_offset.to_string()));
    ways
}

/// Lines on the paper from edge to edge, behind the machines between, and the head.
fn threads(
    plan: &Plan<'_>,
    message: &MessageView,
    (a, b, y): (Unit, Unit, Unit),
    pen: &mut Pen<'_>,
) {
    let direction = if b > a { 1 } else { -1 };
    for pair in plan.columns.windows(2) {
        let (l, r) = (pair[0].right(), pair[1].x);
        if l >= a.min(b) && r <= a.max(b) {
            let key = format!("thread {} {}", message.id, pair[0].log.broker);
            pen.item(Item::new(key, "thread", level(l + u(2), r - u(2), y)).timing(FLIGHT));
        }
    }
    let tip = b - direction * u(2);
    let head = [(tip, y), (tip - direction * u(6), y - u(4)), (tip - direction * u(6), y + u(4))];
    let key = format!("thread {} head", message.id);
    pen.item(Item::new(key, "solid", path(&head, true)).timing(FLIGHT));
}

#[allow(clippy::too_many_arguments)]
fn flight(
    plan: &Plan<'_>,
    next: Option<Time>,
    message: &MessageView,
    (from, to): (&Column<'_>, &Column<'_>),
    (offset, ways): (Offset, &[Vec<Piece>]),
    used: &mut Vec<(Unit, Unit)>,
    pen: &mut Pen<'_>,
) {
    let right = to.x > from.x;
    let (a, b) = if right { (from.right(), to.x) } else { (from.x, to.right()) };
    let direction = if right { 1 } else { -1 };
    let gap = plan.columns.windows(2).map(|p| p[1].x - p[0].right()).min().unwrap_or(0);
    if gap < LEAST {
        return;
    }
    let height = plan.look.text + u(10);
    let mut y = plan.middle(offset);
    // Two at one height would hide each other.
    while used.iter().any(|(x, at)| *x == a.min(b) && (at - y).abs() < height + u(2)) {
        y -= height + u(3);
    }
    used.push((a.min(b), y));
    let pick = format!("message {}", message.id);
    pen.about(&[&pick, "messages", "fetch"]);
    threads(plan, message, (a, b, y), pen);
    let selected = plan.opts.selection.as_deref() == Some(&*pick);
    let fill = Fill::of(selected, message.response);
    let room = gap - u(10);
    let (children, wide) = plate(
        &format!("{pick} 0"),
        ways,
        (room, height),
        Form::Capsule(direction),
        fill,
        &plan.look,
    );
    let place = |time: Time| {
        let whole = message.arrives_at.since(message.sent_at).0.max(1);
        let done = time.since(message.sent_at).0.min(whole);
        let done = i32::try_from(done.saturating_mul(10_000) / whole).unwrap_or(WHOLE);
        let done = if plan.opts.reduced_motion { WHOLE / 2 } else { ease(Ease::Wire, done) };
        let half = direction * (wide / 2 + u(2));
        let (start, end) = (i64::from(a + half), i64::from(b - half - direction * u(6)));
        let x = start + (end - start) * i64::from(done) / i64::from(WHOLE);
        Point { x: i32::try_from(x).unwrap_or(a), y }
    };
    let at = place(plan.view.now);
    let label = format!(
        "{} {}, broker {} to broker {}, about offset {offset}, lands at {}",
        message.api,
        if message.response { "response" } else { "request" },
        from.log.broker,
        to.log.broker,
        message.arrives_at
    );
    let mut item = Item::new(format!("{pick} 0"), "message", Shape::Group { at, children })
        .pick(pick.as_str())
        .label(label)
        .timing(FLIGHT);
    if let Some(next) = next {
        item = item.motion(at, place(next));
    }
    pen.item(item);
}
