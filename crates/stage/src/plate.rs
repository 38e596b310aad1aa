//! Plates: small bodies with chips and words on them, for messages and other things that are said.

use crate::cluster::machines::hexagon;
use crate::options::Look;
use crate::pen::{centred, path, rect, text_at, width};
use crate::style::RecordState;
use highwater_scene::{Anchor, Item, Shape, Unit, u};
use highwater_sim::KeyView;

/// A piece of what is written on a plate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Piece {
    Text(String),
    Chip(KeyView),
}

/// Outline of a plate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    /// A box.
    Tag,
    /// With a nose to the right (1) or left (-1).
    Capsule(i32),
    Hexagon,
}

/// Fill of a plate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fill {
    Hollow,
    Full,
    Selected,
    /// Bad news.
    Error,
}

impl Fill {
    /// Of a message.
    pub fn of(selected: bool, response: bool) -> Self {
        match (selected, response) {
            (true, _) => Self::Selected,
            (false, true) => Self::Full,
            (false, false) => Self::Hollow,
        }
    }
    fn body(self) -> &'static str {
        match self {
            Self::Hollow => "request",
            Self::Full => "response",
            Self::Selected => "selected",
            Self::Error => "request wrong",
        }
    }
    fn text(self) -> &'static str {
        match self {
            Self::Hollow => "text",
            Self::Full => "text on",
            Self::Selected => "text b onaccent",
            Self::Error => "text b danger",
        }
    }
}

fn piece_width(piece: &Piece, look: &Look, class: &str) -> Unit {
    match piece {
        Piece::Text(text) => width(text, look.text, class) + u(4),
        Piece::Chip(_) => look.text * 5 / 4 + u(1),
    }
}

fn frame(form: Form, height: Unit) -> Unit {
    match form {
        Form::Tag => u(9),
        Form::Capsule(_) => height * 45 / 100 + u(8),
        Form::Hexagon => height + u(6),
    }
}

fn whole(way: &[Piece], form: Form, height: Unit, fill: Fill, look: &Look) -> Unit {
    let inner: Unit = way.iter().map(|p| piece_width(p, look, fill.text())).sum();
    inner + frame(form, height)
}

/// Keys with a tail in all the ways of writing them, longest first.
pub(crate) fn with_keys(keys: &[KeyView], tail: &str) -> Vec<Vec<Piece>> {
    let tail = |way: &mut Vec<Piece>| {
        if !tail.is_empty() {
            way.push(Piece::Text(tail.to_owned()));
        }
    };
    let mut ways = Vec::new();
    for most in (1..=keys.len().min(4)).rev() {
        let mut way: Vec<Piece> = keys.iter().take(most).cloned().map(Piece::Chip).collect();
        if keys.len() > most {
            way.push(Piece::Text(format!("+{}", keys.len() - most)));
        }
        tail(&mut way);
        ways.push(way);
    }
    let mut way = Vec::new();
    tail(&mut way);
    if !way.is_empty() {
        ways.push(way);
    }
    ways
}

/// One piece of words.
pub(crate) fn words(text: impl Into<String>) -> Vec<Piece> {
    vec![Piece::Text(text.into())]
}

/// A plate round the origin with the first of these ways that fits, and its width; the last one
/// where none does.
pub(crate) fn plate(
    key: &str,
    ways: &[Vec<Piece>],
    (room, height): (Unit, Unit),
    form: Form,
    fill: Fill,
    look: &Look,
) -> (Vec<Item>, Unit) {
    let fitting = ways.iter().find(|w| whole(w, form, height, fill, look) <= room);
    let way: &[Piece] = fitting.or(ways.last()).map_or(&[], Vec::as_slice);
    let w = whole(way, form, height, fill, look);
    let mut out = vec![Item::new(format!("{key} body"), fill.body(), outline(form, w, height))];
    let shift = match form {
        Form::Capsule(direction) => -direction * (height * 45 / 100 - u(3)) / 2,
        _ => 0,
    };
    let mut x = shift - (w - frame(form, height)) / 2 + u(1);
    for (n, piece) in way.iter().enumerate() {
        let key = format!("{key} {n}");
        match piece {
            Piece::Text(text) => {
                let at = x + u(2);
                let shape =
                    text_at(at, centred(0, look.text), Anchor::Start, look.text, text.as_str());
                out.push(Item::new(key, fill.text(), shape));
            }
            Piece::Chip(view) => out.extend(chip(&key, view, x, height, look)),
        }
        x += piece_width(piece, look, fill.text());
    }
    (out, w)
}

fn chip(key: &str, view: &KeyView, x: Unit, height: Unit, look: &Look) -> [Item; 2] {
    let w = (look.text * 5 / 4).min(height - u(3));
    let state = RecordState::Known;
    let body = rect(x, -w / 2, w, w, u(1));
    let letter = view.letter.to_string();
    let at = text_at(x + w / 2, centred(0, look.text), Anchor::Middle, look.text, letter);
    [
        Item::new(format!("{key} chip"), state.chip(view.hue), body),
        Item::new(key, state.letter(), at),
    ]
}

fn outline(form: Form, w: Unit, h: Unit) -> Shape {
    let (l, r, t, b) = (-w / 2, w / 2, -h / 2, h / 2);
    let nose = h * 45 / 100;
    match form {
        Form::Tag => rect(l, t, w, h, u(2)),
        Form::Capsule(direction) if direction > 0 => {
            path(&[(l, t), (r - nose, t), (r, 0), (r - nose, b), (l, b)], true)
        }
        Form::Capsule(_) => path(&[(r, t), (l + nose, t), (l, 0), (l + nose, b), (r, b)], true),
        Form::Hexagon => Shape::Poly { points: hexagon(0, 0, w, h), closed: true },
    }
}
