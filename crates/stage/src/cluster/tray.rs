//! What a leader keeps beside its log: floats (how far it knows each follower to be) and the tray of
//! requests that wait.

use super::Map;
use super::columns::Band;
use super::layout::{Detail, Row, row_head};
use super::machines::{broker_pick, left_of, middle_text, timer};
use crate::pen::{Pen, centred, path, rect, width};
use crate::style::RecordState;
use crate::words;
use highwater_scene::{Anchor, Ease, Enter, Exit, Point, Shape, Timing, Unit, u};
use highwater_sim::{KeyView, ParkedKind, ParkedView, ReplicaView, Role};

/// Cause before effect: the float moves first, then the line.
const FLOAT: Timing = Timing {
    delay_ms: 0,
    duration_ms: 240,
    ease: Ease::Ease,
    enter: Enter::Fade,
    exit: Exit::Fade,
};

pub(super) fn floats(map: &Map<'_>, row: &Row<'_>, pen: &mut Pen<'_>) {
    if row.detail != Detail::Full || !map.plan.columns.letters {
        return;
    }
    for band in &map.plan.columns.bands {
        let Some(log) = row.log(band.broker.id).filter(|l| l.role == Role::Leader) else {
            continue;
        };
        for (index, follower) in log.followers.iter().enumerate() {
            if follower.log_end_offset < 0 {
                continue;
            }
            // Those at the same offset stand side by side, in id order.
            let same = |f: &&highwater_sim::FollowerView| {
                f.log_end_offset.max(row.window.lo) == follower.log_end_offset.max(row.window.lo)
            };
            let place = log.followers[..index].iter().filter(same).count();
            let company = log.followers.iter().filter(same).count();
            float(map, row, band, log, follower, (place, company), pen);
        }
    }
}

fn float(
    map: &Map<'_>,
    row: &Row<'_>,
    band: &Band<'_>,
    log: &ReplicaView,
    follower: &highwater_sim::FollowerView,
    (place, company): (usize, usize),
    pen: &mut Pen<'_>,
) {
    let look = &map.plan.look;
    let name = &row.part.name;
    let r = look.float;
    let rail = super::stack::right_of(band);
    // They may stand over the machine's edge, but not over that of the picture; where there is room each number is free.
    let end = (band.right() + r * 3).min(map.plan.width - u(1));
    let more = i32::try_from(company).unwrap_or(1) - 1;
    let room = end - (rail + u(3) + 2 * r);
    let step = if more == 0 { 0 } else { (room / more).clamp(u(6), 2 * r - u(1)) };
    let place = i32::try_from(place).unwrap_or(0);
    let x = (rail + u(3) + r + step * place).min(end - r - step * (more - place));
    let y = row.y(follower.log_end_offset);
    let holds = if log.maximal_isr.is_empty() {
        follower.in_isr
    } else {
        log.maximal_isr.contains(&follower.broker)
    };
    let id = follower.broker;
    pen.about(&[name, "float", "floats", &broker_pick(id)]).timed(FLOAT);
    pen.picks(Some(&format!("{name}@{id}")));
    let known = format!("broker {id} has everything below {}", follower.log_end_offset);
    let label = if holds { known } else { format!("{known}; out of the ISR, it holds nothing") };
    let class = if holds { "float" } else { "float out" };
    let center = Point { x, y };
    pen.named(format!("float {name}:{id}"), class, Shape::Circle { center, r }, label);
    let class = if holds { "text b" } else { "text muted" };
    middle_text(pen, format!("float number {name}:{id}"), class, x, y, look.text, &id.to_string());
}

pub(super) fn trays(map: &Map<'_>, row: &Row<'_>, pen: &mut Pen<'_>) {
    if row.detail != Detail::Full || !map.plan.columns.letters {
        return;
    }
    for band in &map.plan.columns.bands {
        let parked: Vec<&ParkedView> =
            band.broker.purgatory.iter().filter(|p| p.tp == row.tp()).collect();
        if !parked.is_empty() {
            tray(map, row, band, &parked, pen);
        }
    }
}

/// One waiting request as the tray says it.
struct Piece<'a> {
    parked: &'a ParkedView,
    keys: &'a [KeyView],
    text: String,
}

fn piece<'a>(map: &Map<'_>, parked: &'a ParkedView) -> Piece<'a> {
    match &parked.what {
        ParkedKind::Produce { required_offset, keys, .. } => {
            // With a question open the number would give its answer away.
            let text = if map.opts.question_open {
                "waits".to_owned()
            } else {
                format!("waits: HW {required_offset}")
            };
            Piece { parked, keys, text }
        }
        ParkedKind::Fetch { fetch_offset, .. } => {
            let who = words::tag(parked.from);
            Piece { parked, keys: &[], text: format!("{who}: fetch from {fetch_offset}") }
        }
    }
}

fn tray(map: &Map<'_>, row: &Row<'_>, band: &Band<'_>, parked: &[&ParkedView], pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    let id = band.broker.id;
    let name = &row.part.name;
    let height = look.text * 5 / 3 + u(1);
    let pad = super::machines::pad(band).min(u(8));
    let (x, y) = (band.x + pad, row.top + row_head(look).role + u(2));
    let w = band.w - 2 * pad;
    pen.about(&[name, "tray", &broker_pick(id)]);
    let shape = path(&[(x, y), (x, y + height), (x + w, y + height), (x + w, y)], false);
    let label = format!("purgatory of broker {id}: {}", words::count(parked.len(), "request"));
    pen.named(format!("tray {name}@{id}"), "tick", shape, label);
    word(map, row, band, pen);
    // Produces first: they are what somebody waits for.
    let mut pieces: Vec<Piece<'_>> = parked.iter().map(|p| piece(map, p)).collect();
    highwater_sorted::sort_by_key(&mut pieces, |p| p.keys.is_empty());
    let end = x + w - u(4);
    let mut at = x + u(5);
    let middle = y + height / 2 - u(1);
    let mut left = pieces.len();
    for piece in &pieces {
        let pick = format!("parked {}@{id}", piece.parked.id);
        let rest =
            if left > 1 { width(&format!("+{}", left - 1), look.text, "") + u(6) } else { 0 };
        let Some(plan) = fit(map, piece, end - rest - at) else { break };
        pen.picks(Some(&pick));
        at = draw_piece(map, &pick, piece, plan, (at, middle), pen) + u(8);
        left -= 1;
    }
    if left > 0 {
        let text = if left == pieces.len() { left.to_string() } else { format!("+{left}") };
        pen.picks(None);
        let key = format!("tray more {name}@{id}");
        pen.text(key, "text muted", end, centred(middle, look.text), Anchor::End, look.text, text);
    }
}

/// The word over the tray, where the role leaves room for it.
fn word(map: &Map<'_>, row: &Row<'_>, band: &Band<'_>, pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    let role = row.log(band.broker.id).map_or(0, |log| {
        let text = format!("leader, epoch {}", log.leader_epoch);
        width(&text, look.text, "b")
    });
    if look.small_print && role + width("purgatory", look.text, "") + u(26) <= band.w {
        let (x, y) = (band.right() - u(8), row.top + look.line - u(2));
        let key = format!("purgatory {}@{}", row.part.name, band.broker.id);
        pen.text(key, "text muted", x, y, Anchor::End, look.text, "purgatory");
    }
}

/// How a piece is cut down to what room there is: number of chips, text.
struct Cut {
    chips: usize,
    text: String,
}

const ARC: Unit = 1600;

fn chip_width(map: &Map<'_>) -> Unit {
    map.plan.look.text * 7 / 6
}

fn fit(map: &Map<'_>, piece: &Piece<'_>, room: Unit) -> Option<Cut> {
    let look = &map.plan.look;
    let short = match &piece.parked.what {
        ParkedKind::Produce { required_offset, .. } if !map.opts.question_open => {
            vec![piece.text.clone(), format!("HW {required_offset}"), String::new()]
        }
        ParkedKind::Fetch { fetch_offset, .. } => {
            let who = words::tag(piece.parked.from);
            vec![piece.text.clone(), format!("{who}: {fetch_offset}")]
        }
        ParkedKind::Produce { .. } => vec![piece.text.clone(), String::new()],
    };
    let chips = |n: usize| i32::try_from(n).unwrap_or(0) * (chip_width(map) + u(1));
    let text_room =
        |text: &str| if text.is_empty() { 0 } else { width(text, look.text, "") + u(5) };
    for text in short {
        for n in (0..=piece.keys.len()).rev() {
            // All keys, or at least two of many, else none.
            if n < piece.keys.len() && n < 2 && n > 0 {
                continue;
            }
            if ARC + chips(n) + text_room(&text) <= room {
                return Some(Cut { chips: n, text });
            }
        }
    }
    None
}

fn draw_piece(
    map: &Map<'_>,
    pick: &str,
    piece: &Piece<'_>,
    cut: Cut,
    (x, y): (Unit, Unit),
    pen: &mut Pen<'_>,
) -> Unit {
    let look = &map.plan.look;
    let fraction = left_of(map.view.now, piece.parked.since, piece.parked.deadline);
    let label = format!("answered at the latest at {}", piece.parked.deadline);
    timer(pen, pick, (x + u(6), y), fraction, &label);
    // Words of one that goes and of one that comes would lie over each other.
    pen.timed(Timing::CUT);
    let mut at = x + ARC;
    let w = chip_width(map);
    for (n, key) in piece.keys.iter().take(cut.chips).enumerate() {
        let state = RecordState::NotCommitted;
        pen.push(format!("{pick} chip {n}"), state.chip(key.hue), rect(at, y - w / 2, w, w, u(1)));
        let letter = key.letter.to_string();
        middle_text(
            pen,
            format!("{pick} key {n}"),
            state.letter(),
            at + w / 2,
            y,
            look.text,
            &letter,
        );
        at += w + u(1);
    }
    if !cut.text.is_empty() {
        at += u(4);
        let wide = width(&cut.text, look.text, "");
        let base = centred(y, look.text);
        pen.text(format!("{pick} text"), "text", at, base, Anchor::Start, look.text, cut.text);
        at += wide;
    }
    at
}
