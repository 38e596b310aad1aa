//! The body of a message: hollow for a request, filled for a response, a nose towards its target;
//! what is written on it is the longest that the wire has room for.

use super::Map;
use super::machines::hexagon;
use crate::pen::{centred, level, path, rect, text_at, width};
use crate::style::RecordState;
use highwater_scene::{Anchor, Item, Point, Shape, Unit, u};
use highwater_sim::{FetchResponseView, KeyView, MessageKind, MessageView};

/// A piece of what is written on a capsule.
#[derive(Clone)]
enum Piece {
    Text(String),
    Chip(KeyView),
    Tick,
    Cross,
}

/// Outline of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Capsule,
    Diamond,
    Hexagon,
}

/// Which of a message's partitions is written on it, and for how many messages it stands.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub index: usize,
    pub sheaf: usize,
}

impl Part {
    pub const WHOLE: Part = Part { index: 0, sheaf: 1 };
}

/// A message's body around the origin.
pub(super) struct Body {
    pub children: Vec<Item>,
    pub width: Unit,
    /// A fetch of which only the offset is written.
    pub bare: bool,
}

fn chips(keys: &[KeyView], most: usize) -> Vec<Piece> {
    let mut out: Vec<Piece> = keys.iter().take(most).cloned().map(Piece::Chip).collect();
    if keys.len() > most {
        out.push(Piece::Text(format!("+{}", keys.len() - most)));
    }
    out
}

/// Keys with a tail, from all of them down to one.
fn with_keys(keys: &[KeyView], tail: &[Piece], out: &mut Vec<Vec<Piece>>) {
    for most in (1..=keys.len().min(6)).rev() {
        out.push([chips(keys, most), tail.to_vec()].concat());
    }
}

fn response_ways(part: &FetchResponseView, follower: bool) -> Vec<Vec<Piece>> {
    let mut ways = Vec::new();
    if let Some(error) = part.error {
        return vec![vec![Piece::Cross, Piece::Text(error.name().into())], vec![Piece::Cross]];
    }
    if let Some((epoch, end)) = part.diverging {
        let text = format!("epoch {epoch} ends at {end}");
        return vec![vec![Piece::Text(text)], vec![Piece::Text(format!("ends {end}"))]];
    }
    let mark = Piece::Text(format!("HW {}", part.high_watermark));
    if follower {
        with_keys(&part.keys, std::slice::from_ref(&mark), &mut ways);
        ways.push(vec![mark]);
    }
    with_keys(&part.keys, &[], &mut ways);
    if !follower && part.keys.is_empty() {
        ways.push(vec![Piece::Text("nothing new".into())]);
    }
    ways.push(vec![Piece::Text(part.first_offset.to_string())]);
    ways
}

/// The ways to write a message on its capsule, longest first, for entry `index` of its partitions.
fn ways(message: &MessageView, index: usize) -> Vec<Vec<Piece>> {
    let text = |t: String| vec![Piece::Text(t)];
    match &message.what {
        MessageKind::Fetch(parts) => {
            let offset = parts.get(index).map_or(0, |p| p.1);
            vec![
                text(format!("fetch from {offset}")),
                text(format!("fetch {offset}")),
                text(format!("from {offset}")),
                text(offset.to_string()),
            ]
        }
        MessageKind::FetchResponse(parts) => {
            let follower = message.to.broker().is_some();
            parts.get(index).map(|p| response_ways(p, follower)).unwrap_or_default()
        }
        MessageKind::Produce(parts) => {
            let mut ways = Vec::new();
            if let Some((_, keys)) = parts.get(index) {
                with_keys(keys, &[], &mut ways);
                ways.push(text(keys.len().to_string()));
            }
            ways
        }
        MessageKind::ProduceResponse(parts) => match parts.get(index) {
            Some((_, _, _, Some(error))) => {
                vec![vec![Piece::Cross, Piece::Text(error.name().into())], vec![Piece::Cross]]
            }
            Some((_, base, count, None)) if *base >= 0 => {
                let last = base + i64::from((*count).max(1)) - 1;
                let tick = |t: String| vec![Piece::Tick, Piece::Text(t)];
                vec![
                    tick(crate::words::offsets(*base, last)),
                    tick(base.to_string()),
                    vec![Piece::Tick],
                ]
            }
            _ => vec![vec![Piece::Tick]],
        },
        MessageKind::Group { error: Some(_), .. }
        | MessageKind::Controller { error: Some(_), .. } => {
            vec![vec![Piece::Cross, Piece::Text(message.api.into())], vec![Piece::Cross]]
        }
        _ => vec![text(message.api.to_owned()), vec![]],
    }
}

fn piece_width(map: &Map<'_>, piece: &Piece, class: &str) -> Unit {
    let size = map.plan.look.text;
    match piece {
        Piece::Text(text) => width(text, size, class) + u(4),
        Piece::Chip(_) => chip(map).min(map.plan.look.slot - u(9)) + u(1),
        Piece::Tick | Piece::Cross => size * 3 / 4 + u(3),
    }
}

fn chip(map: &Map<'_>) -> Unit {
    map.plan.look.text * 5 / 4
}

/// The body for a direction (1 = to the right), at most `room` wide and `height` high.
pub(super) fn body(
    map: &Map<'_>,
    message: &MessageView,
    (part, key): (Part, &str),
    (direction, room, height): (i32, Unit, Unit),
    form: Form,
) -> Body {
    let selected = map.opts.selection.as_deref() == Some(&*format!("message {}", message.id));
    // Bold only where it fits: the selected one is filled anyway.
    let class = match (selected, message.response) {
        (true, _) => "text onaccent",
        (false, true) => "text on",
        (false, false) => "text",
    };
    let nose = if form == Form::Capsule { height * 45 / 100 } else { height / 2 };
    let frame = if form == Form::Capsule { nose + u(4) } else { height + u(2) };
    let fits = |way: &Vec<Piece>| {
        frame + way.iter().map(|p| piece_width(map, p, class)).sum::<Unit>() <= room
    };
    let all = match (form, part.sheaf) {
        (Form::Diamond, _) => vec![vec![]],
        (_, 0 | 1) => ways(message, part.index),
        (_, many) => vec![vec![Piece::Text(format!("+{many}"))]],
    };
    let way = all.iter().find(|w| fits(w)).or(all.last()).cloned().unwrap_or_default();
    let inner: Unit = way.iter().map(|p| piece_width(map, p, class)).sum();
    let width = if way.is_empty() { height + u(2) } else { frame + inner };
    let mut children =
        vec![outline(message, key, form, (direction, width, height, nose), selected)];
    let shift = if form == Form::Capsule { -direction * (nose - u(3)) / 2 } else { 0 };
    let mut x = shift - inner / 2;
    for (n, piece) in way.iter().enumerate() {
        let key = format!("{key} {n}");
        let look = &map.plan.look;
        match piece {
            Piece::Text(text) => {
                let shape =
                    text_at(x + u(2), centred(0, look.text), Anchor::Start, look.text, &**text);
                children.push(Item::new(key, class, shape));
            }
            Piece::Chip(view) => {
                let w = chip(map).min(look.slot - u(9)).min(height - u(3));
                let state = RecordState::Known;
                children.push(Item::new(
                    format!("{key} chip"),
                    state.chip(view.hue),
                    rect(x, -w / 2, w, w, u(1)),
                ));
                let at = text_at(
                    x + w / 2,
                    centred(0, look.text),
                    Anchor::Middle,
                    look.text,
                    view.letter.to_string(),
                );
                children.push(Item::new(key, state.letter(), at));
            }
            Piece::Tick | Piece::Cross => children.extend(sign(piece, key, x, look.text, class)),
        }
        x += piece_width(map, piece, class);
    }
    let bare = matches!(message.what, MessageKind::Fetch(_)) && way.len() == 1 && {
        matches!(&way[0], Piece::Text(t) if t.bytes().all(|b| b.is_ascii_digit()))
    };
    Body { children, width, bare }
}

fn sign(piece: &Piece, key: String, x: Unit, size: Unit, class: &str) -> Vec<Item> {
    let w = size * 2 / 3;
    let ink = match class {
        "text on" => "inkline on",
        "text onaccent" => "inkline onaccent",
        _ => "inkline",
    };
    if matches!(piece, Piece::Tick) {
        let points = [(x, 0), (x + w * 2 / 5, w * 2 / 5), (x + w, -w / 2)];
        return vec![Item::new(key, ink, path(&points, false))];
    }
    let h = w * 2 / 5;
    let points = [(x, -h), (x + 2 * h, h), (x + h, 0), (x + 2 * h, -h), (x, h)];
    vec![Item::new(key, ink, path(&points, false))]
}

fn outline(
    message: &MessageView,
    key: &str,
    form: Form,
    (direction, w, h, nose): (i32, Unit, Unit, Unit),
    selected: bool,
) -> Item {
    let class = match (selected, message.response) {
        (true, _) => "selected",
        (false, true) => "response",
        (false, false) => "request",
    };
    let (l, r, t, b) = (-w / 2, w / 2, -h / 2, h / 2);
    let shape = match form {
        Form::Capsule if direction > 0 => {
            path(&[(l, t), (r - nose, t), (r, 0), (r - nose, b), (l, b)], true)
        }
        Form::Capsule => path(&[(r, t), (l + nose, t), (l, 0), (l + nose, b), (r, b)], true),
        Form::Diamond => path(&[(l, 0), (0, t), (r, 0), (0, b)], true),
        Form::Hexagon => Shape::Poly { points: hexagon(0, 0, w, h), closed: true },
    };
    Item::new(format!("{key} body"), class, shape)
}

/// Head of a thread at the edge of its target.
pub(super) fn arrow(key: String, at: Point, direction: i32) -> Item {
    let back = at.x - direction * u(5);
    let points = [(at.x, at.y), (back, at.y - 350), (back, at.y + 350)];
    Item::new(key, "solid", path(&points, true))
}

/// A thread on a piece of wire.
pub(super) fn thread(key: String, from: Unit, to: Unit, y: Unit) -> Item {
    Item::new(key, "thread", level(from, to, y))
}
