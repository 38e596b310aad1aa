//! Questions about the state as text: `orders-0.hw >= 3 and group billing.members == 2`. What lessons wait
//! for, what the command line and the embed's `state(path)` read.
//!
//! ```text
//! condition  any of `and`, `or`, `not`, parentheses around terms
//! term       PATH == VALUE   (also != < <= > >=)
//!            event NAME [where FIELD=VALUE ...] [>= COUNT]    counted since a given event
//! value      a number, a word, {1, 2}, "quoted text", none (or -1, as Kafka writes it)
//! ```

mod condition;
mod evaluate;
mod path;
#[cfg(test)]
mod tests;

pub use condition::{Condition, EventCondition};
pub use path::{PATH_FORMS, Path};

use std::fmt;

/// A mistake in a text: where (characters from its beginning), and what is allowed there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueryError {
    /// Characters before the mistake.
    pub position: u32,
    /// What was found and what is allowed.
    pub message: String,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at character {}: {}", self.position + 1, self.message)
    }
}

impl std::error::Error for QueryError {}

/// A value of the state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// A whole number.
    Number(i64),
    /// A word or a set: `{1, 2}`.
    Text(String),
    /// There is none (now).
    None,
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(n) => write!(f, "{n}"),
            Self::Text(text) => f.write_str(text),
            Self::None => f.write_str("none"),
        }
    }
}

/// A word of a text and where it begins.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Token {
    text: String,
    position: u32,
    quoted: bool,
}

const OPERATORS: &[&str] = &["==", "!=", "<=", ">=", "<", ">"];

/// Splits into words, operators, parentheses, sets and quoted texts.
fn tokens(text: &str) -> Result<Vec<Token>, QueryError> {
    let characters: Vec<char> = text.chars().collect();
    let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&c) = characters.get(at) {
        let begin = at;
        let until = |end: char| {
            characters[begin + 1..].iter().position(|&c| c == end).map(|n| begin + 1 + n)
        };
        let mut quoted = false;
        let word: String = if c.is_whitespace() {
            at += 1;
            continue;
        } else if c == '"' || c == '{' {
            let end = if c == '"' { '"' } else { '}' };
            let Some(last) = until(end) else {
                let message = format!("{c} is not closed by {end}");
                return Err(QueryError { position: place(begin), message });
            };
            at = last + 1;
            quoted = c == '"';
            if quoted {
                characters[begin + 1..last].iter().collect()
            } else {
                set_text(&characters[begin + 1..last])
            }
        } else if c == '(' || c == ')' {
            at += 1;
            c.to_string()
        } else if let Some(operator) = operator_at(&characters[at..]) {
            at += operator.len();
            operator.to_owned()
        } else {
            while let Some(&c) = characters.get(at) {
                if c.is_whitespace()
                    || c == '('
                    || c == ')'
                    || operator_at(&characters[at..]).is_some()
                {
                    break;
                }
                at += 1;
            }
            characters[begin..at].iter().collect()
        };
        found.push(Token { text: word, position: place(begin), quoted });
    }
    Ok(found)
}

fn operator_at(rest: &[char]) -> Option<&'static str> {
    OPERATORS.iter().copied().find(|o| rest.iter().copied().take(o.len()).eq(o.chars()))
}

/// A set as the engine writes it: sorted, `{1, 2}`.
fn set_text(inner: &[char]) -> String {
    let text: String = inner.iter().collect();
    let mut members: Vec<&str> = text.split(',').map(str::trim).filter(|m| !m.is_empty()).collect();
    highwater_sorted::sort_by_key(&mut members, |m| (m.parse::<i64>().unwrap_or(i64::MAX), *m));
    format!("{{{}}}", members.join(", "))
}
