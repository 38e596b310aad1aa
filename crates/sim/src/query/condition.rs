//! Conditions: comparisons of paths and counts of events, joined by and, or, not.

use super::path::error;
use super::{OPERATORS, Path, QueryError, Token, Value, tokens};
use crate::markers::about;
use crate::{TraceRecord, World, parse_node, parse_partition};
use highwater_cluster::{TRACE_NAMES, TopicPartition};
use std::cmp::Ordering;

/// A condition that has been read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// A path compared with a value.
    Compare {
        /// What.
        path: Path,
        /// `==`, `!=`, `<`, `<=`, `>` or `>=`.
        operator: &'static str,
        /// With what.
        value: Value,
    },
    /// Events of a kind have happened.
    Event(EventCondition),
    /// Both hold.
    And(Box<Condition>, Box<Condition>),
    /// One holds.
    Or(Box<Condition>, Box<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
}

/// Events with this name, about this partition or at this process, at least so many times.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventCondition {
    /// As in [`TRACE_NAMES`].
    pub name: &'static str,
    /// `where FIELD=VALUE`: `tp=orders-0`, `node=broker 1` (or `at`), or any field of the event as its debug form
    /// writes it (`follower=2`, `unclean=true`).
    pub with: Vec<(String, String)>,
    /// Compared with the count.
    pub operator: &'static str,
    /// How many.
    pub count: i64,
}

/// Reading and evaluating go as deep as the text does: the stack of a browser is small.
const WORDS_MAX: usize = 400;

struct Parser<'a> {
    words: &'a [Token],
    at: usize,
    end: u32,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// The place, what was found and what is allowed.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let words = tokens(text)?;
        if let Some(word) = words.get(WORDS_MAX) {
            return Err(error(word, format!("a condition has at most {WORDS_MAX} words")));
        }
        let end = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let mut parser = Parser { words: &words, at: 0, end };
        let condition = parser.any()?;
        match parser.peek() {
            None => Ok(condition),
            Some(word) => Err(error(
                word,
                format!("{:?} after a condition; and, or or the end is allowed", word.text),
            )),
        }
    }

    /// Whether it holds in this world. Events are counted in `records`.
    ///
    /// # Errors
    /// A path names something that does not exist.
    pub fn holds(&self, world: &World, records: &[&TraceRecord]) -> Result<bool, String> {
        let counted = |event: &EventCondition| {
            let wanted = event.resolve(world)?;
            Ok(records.iter().filter(|r| event.matches(r, &wanted)).count())
        };
        self.holds_counted(world, &counted)
    }

    /// The same, where somebody has counted the events.
    ///
    /// # Errors
    /// As there, and what the count says.
    pub fn holds_counted(
        &self,
        world: &World,
        counted: &dyn Fn(&EventCondition) -> Result<usize, String>,
    ) -> Result<bool, String> {
        Ok(match self {
            Self::Compare { path, operator, value } => {
                compare(&path.value(world)?, operator, value).ok_or_else(|| {
                    format!("{path} is not a number: it can be compared with == and != only")
                })?
            }
            Self::Event(event) => {
                let count = Value::Number(i64::try_from(counted(event)?).unwrap_or(i64::MAX));
                compare(&count, event.operator, &Value::Number(event.count)).unwrap_or(false)
            }
            Self::And(a, b) => {
                a.holds_counted(world, counted)? && b.holds_counted(world, counted)?
            }
            Self::Or(a, b) => {
                a.holds_counted(world, counted)? || b.holds_counted(world, counted)?
            }
            Self::Not(a) => !a.holds_counted(world, counted)?,
        })
    }

    /// The events it looks at.
    pub fn events(&self) -> Vec<&EventCondition> {
        match self {
            Self::Compare { .. } => Vec::new(),
            Self::Event(event) => vec![event],
            Self::And(a, b) | Self::Or(a, b) => [a.events(), b.events()].concat(),
            Self::Not(a) => a.events(),
        }
    }
}

impl EventCondition {
    /// Whether this record counts. One about a partition that does not exist (yet) counts for nothing.
    pub fn counts(&self, world: &World, record: &TraceRecord) -> bool {
        record.event().is_some_and(|event| event.name() == self.name)
            && self.resolve(world).is_ok_and(|wanted| self.matches(record, &wanted))
    }

    /// What it names that does not exist, with what does.
    pub fn unknown(&self, world: &World) -> Option<String> {
        self.resolve(world).err()
    }

    fn resolve(&self, world: &World) -> Result<Option<TopicPartition>, String> {
        let Some((_, name)) = self.with.iter().find(|(field, _)| field == "tp") else {
            return Ok(None);
        };
        super::evaluate::partition(world, name).map(Some)
    }

    fn matches(&self, record: &TraceRecord, tp: &Option<TopicPartition>) -> bool {
        let Some(event) = record.event().filter(|e| e.name() == self.name) else { return false };
        self.with.iter().all(|(field, value)| match field.as_str() {
            "tp" => about(event) == *tp,
            "node" | "at" => parse_node(value).is_ok_and(|n| n == record.node),
            _ => has_field(&format!("{event:?}"), field, value),
        })
    }
}

/// Whether the debug form of an event has `field: value`.
fn has_field(debug: &str, field: &str, value: &str) -> bool {
    let Some((_, rest)) = debug.split_once(&format!(" {field}: ")) else { return false };
    let rest = rest.strip_prefix("Some(").unwrap_or(rest).trim_start_matches('"');
    rest.strip_prefix(value).is_some_and(|after| after.starts_with([',', ' ', '"', ')', '}']))
}

fn compare(found: &Value, operator: &str, wanted: &Value) -> Option<bool> {
    // Kafka writes -1 where there is none: no leader, no coordinator, no committed offset, no generation.
    let nothing = |value: &Value| matches!(value, Value::None | Value::Number(-1));
    let equal = found == wanted || (nothing(found) && nothing(wanted));
    let order = match (found, wanted) {
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
        _ => None,
    };
    Some(match operator {
        "==" => equal,
        "!=" => !equal,
        // Nothing is neither more nor less than anything.
        _ if *found == Value::None => false,
        "<" => order? == Ordering::Less,
        "<=" => order? != Ordering::Greater,
        ">" => order? == Ordering::Greater,
        _ => order? != Ordering::Less,
    })
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.words.get(self.at)
    }

    fn is(&self, word: &str) -> bool {
        self.peek().is_some_and(|t| !t.quoted && t.text == word)
    }

    fn take(&mut self, word: &str) -> bool {
        let there = self.is(word);
        self.at += usize::from(there);
        there
    }

    fn missing(&self, what: &str) -> QueryError {
        match self.peek() {
            Some(token) => error(token, format!("found {:?}; {what} is expected here", token.text)),
            None => {
                QueryError { position: self.end, message: format!("{what} is missing at the end") }
            }
        }
    }

    fn any(&mut self) -> Result<Condition, QueryError> {
        let mut left = self.all()?;
        while self.take("or") {
            left = Condition::Or(Box::new(left), Box::new(self.all()?));
        }
        Ok(left)
    }

    fn all(&mut self) -> Result<Condition, QueryError> {
        let mut left = self.one()?;
        while self.take("and") {
            left = Condition::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Condition, QueryError> {
        if self.take("not") {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        if self.take("(") {
            let inner = self.any()?;
            return if self.take(")") {
                Ok(inner)
            } else {
                Err(self.missing("a closing parenthesis"))
            };
        }
        // `event` alone is a path: the number of the current event.
        let next_is_operator =
            self.words.get(self.at + 1).is_none_or(|t| OPERATORS.contains(&t.text.as_str()));
        if self.is("event") && !next_is_operator {
            self.at += 1;
            return self.event();
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Condition, QueryError> {
        if self.peek().is_none() {
            return Err(self.missing("a condition such as orders-0.hw >= 3 or event IsrChanged"));
        }
        let (path, used) = Path::from_tokens(&self.words[self.at..])?;
        self.at += used;
        let operator = self.operator().ok_or_else(|| self.missing("one of == != < <= > >="))?;
        let token = self.peek().ok_or_else(|| self.missing("a value"))?;
        self.at += 1;
        let below_0 = |n: i64| (operator == "<" && n <= 0) || (operator == "<=" && n < 0);
        if token.text.parse().is_ok_and(below_0) && !token.quoted {
            let message =
                format!("{path} is never below 0; where there is none yet, write {path} == none");
            return Err(error(token, message));
        }
        if let Some(words) = path.words().filter(|words| !words.contains(&token.text.as_str())) {
            let allowed = words.join(", ");
            let message = format!("{path} is never {:?}; allowed are {allowed}", token.text);
            return Err(error(token, message));
        }
        let value = match token.text.parse::<i64>() {
            Ok(number) if !token.quoted => Value::Number(number),
            _ if token.text == "none" && !token.quoted => Value::None,
            _ => Value::Text(token.text.clone()),
        };
        Ok(Condition::Compare { path, operator, value })
    }

    fn operator(&mut self) -> Option<&'static str> {
        let word = self.peek().filter(|t| !t.quoted)?;
        let found = OPERATORS.iter().copied().find(|o| *o == word.text)?;
        self.at += 1;
        Some(found)
    }

    fn event(&mut self) -> Result<Condition, QueryError> {
        let token = self.peek().ok_or_else(|| self.missing("an event's name"))?;
        let name = TRACE_NAMES.iter().copied().find(|n| *n == token.text).ok_or_else(|| {
            error(
                token,
                format!("{:?} is not an event; allowed are {}", token.text, TRACE_NAMES.join(", ")),
            )
        })?;
        self.at += 1;
        let mut with = Vec::new();
        if self.take("where") {
            while let Some(pair) = self.pair()? {
                with.push(pair);
            }
            if with.is_empty() {
                return Err(self.missing("a field and its value, as in tp=orders-0,"));
            }
        }
        let (mut operator, mut count) = (">=", 1);
        if let Some(found) = self.operator() {
            let number = self.peek().and_then(|t| t.text.parse().ok());
            count = number.ok_or_else(|| self.missing("a number"))?;
            operator = found;
            self.at += 1;
        }
        Ok(Condition::Event(EventCondition { name, with, operator, count }))
    }

    /// `tp=orders-0`; commas between pairs are allowed.
    fn pair(&mut self) -> Result<Option<(String, String)>, QueryError> {
        let Some(token) =
            self.peek().filter(|t| t.text.contains('=') && !OPERATORS.contains(&t.text.as_str()))
        else {
            return Ok(None);
        };
        let text = token.text.trim_end_matches(',');
        let (field, value) = text.split_once('=').unwrap_or((text, ""));
        if field == "tp" {
            parse_partition(value).map_err(|message| error(token, message))?;
        }
        if matches!(field, "node" | "at") {
            parse_node(value).map_err(|message| error(token, message))?;
        }
        if field.is_empty() || value.is_empty() {
            return Err(error(
                token,
                format!("{text:?}: write a field and its value, as in tp=orders-0"),
            ));
        }
        self.at += 1;
        Ok(Some((field.to_owned(), value.to_owned())))
    }
}
