//! Reads a TOML table key by key, remembers where each stood, and collects every mistake.

use super::error::TextError;
use crate::nearest;
use highwater_sim::parse_span;
use std::cell::RefCell;
use std::ops::Range;
use toml::de::{DeArray, DeTable, DeValue};

/// Where mistakes go, and what turns a place in the text into a line.
pub struct Source<'a> {
    file: &'a str,
    text: &'a str,
    errors: RefCell<Vec<TextError>>,
}

impl<'a> Source<'a> {
    /// A source with its name for messages.
    pub fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, errors: RefCell::default() }
    }

    /// Line (from 1) of a byte position.
    fn line(&self, position: usize) -> u32 {
        let before = self.text.as_bytes().iter().take(position).filter(|b| **b == b'\n').count();
        u32::try_from(before).unwrap_or(u32::MAX - 1) + 1
    }

    /// First byte of what a text value holds, after its opening quotes.
    pub fn inside(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or_default();
        let quotes = if rest.starts_with("\"\"\"") || rest.starts_with("'''") { 3 } else { 1 };
        at + quotes + usize::from(quotes == 3 && rest[quotes..].starts_with('\n'))
    }

    /// Notes a mistake.
    pub fn error(
        &self,
        at: usize,
        key: &str,
        found: impl Into<String>,
        allowed: impl Into<String>,
    ) {
        self.near(at, key, found.into(), allowed.into(), None);
    }

    /// Notes a mistake, with the nearest known name.
    pub fn near(
        &self,
        at: usize,
        key: &str,
        found: String,
        allowed: String,
        nearest: Option<String>,
    ) {
        let error = TextError {
            file: self.file.to_owned(),
            line: self.line(at),
            key: key.to_owned(),
            found,
            allowed,
            nearest,
        };
        self.errors.borrow_mut().push(error);
    }

    /// Mistakes so far.
    pub fn mistakes(&self) -> usize {
        self.errors.borrow().len()
    }

    /// All mistakes in order of lines.
    pub fn into_errors(self) -> Vec<TextError> {
        let mut errors = self.errors.into_inner();
        highwater_sorted::sort_by_key(&mut errors, |e| e.line);
        errors
    }
}

/// A text value with its place.
#[derive(Clone, Debug)]
pub struct Text {
    /// The text.
    pub text: String,
    /// Byte position.
    pub at: usize,
}

/// One table being read. Keys that nobody asked for are mistakes, see [`Reader::finish`].
pub struct Reader<'a> {
    /// Where mistakes go.
    pub source: &'a Source<'a>,
    table: &'a DeTable<'a>,
    /// Names the table in messages.
    pub name: String,
    /// Byte position of the table.
    pub at: usize,
    asked: RefCell<Vec<&'static str>>,
}

type Spanned<'a> = (&'a DeValue<'a>, Range<usize>);

impl<'a> Reader<'a> {
    /// Starts reading a table called `name` in messages.
    pub fn new(source: &'a Source<'a>, table: &'a DeTable<'a>, name: &str, at: usize) -> Self {
        Self { source, table, name: name.to_owned(), at, asked: RefCell::default() }
    }

    /// Name of a key in messages.
    pub fn path(&self, key: &str) -> String {
        match self.name.as_str() {
            "" => key.to_owned(),
            name => format!("{name}, {key}"),
        }
    }

    fn get(&self, key: &'static str) -> Option<Spanned<'a>> {
        self.asked.borrow_mut().push(key);
        self.table
            .iter()
            .find(|(k, _)| k.get_ref().as_ref() == key)
            .map(|(_, value)| (value.get_ref(), value.span()))
    }

    fn value(&self, key: &str) -> Option<&'a DeValue<'a>> {
        let found = self.table.iter().find(|(k, _)| k.get_ref().as_ref() == key);
        found.map(|(_, value)| value.get_ref())
    }

    /// Byte position of a key's value; of the table, when the key is not there.
    pub fn place(&self, key: &str) -> usize {
        let found = self.table.iter().find(|(k, _)| k.get_ref().as_ref() == key);
        found.map_or(self.at, |(_, value)| value.span().start)
    }

    /// Whether the key is there, right or wrong.
    pub fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// Whether a list is there that has nothing in it.
    pub fn is_empty_list(&self, key: &str) -> bool {
        self.value(key).and_then(DeValue::as_array).is_some_and(|list| list.is_empty())
    }

    fn wrong(&self, at: usize, key: &str, found: &DeValue<'_>, allowed: &str) {
        self.source.error(at, &self.path(key), describe(found), allowed);
    }

    /// A text, when there is one.
    pub fn text(&self, key: &'static str) -> Option<Text> {
        let (value, span) = self.get(key)?;
        match value.as_str() {
            Some(text) => Some(Text { text: text.to_owned(), at: span.start }),
            None => {
                self.wrong(span.start, key, value, "allowed: a text in quotes");
                None
            }
        }
    }

    /// A text that has to be there and may not be empty.
    pub fn required(&self, key: &'static str) -> Text {
        match self.text(key) {
            Some(text) if !text.text.trim().is_empty() => text,
            Some(text) => {
                self.source.error(text.at, &self.path(key), "empty", "a text is needed");
                text
            }
            None => {
                if !self.has(key) {
                    self.source.error(self.at, &self.path(key), "missing", "a text is needed");
                }
                Text { text: String::new(), at: self.at }
            }
        }
    }

    /// A text or a list of texts.
    pub fn texts(&self, key: &'static str) -> Vec<Text> {
        let Some((value, span)) = self.get(key) else { return Vec::new() };
        if let Some(text) = value.as_str() {
            return vec![Text { text: text.to_owned(), at: span.start }];
        }
        let allowed = "allowed: a text in quotes or a list of them";
        let Some(list) = value.as_array() else {
            self.wrong(span.start, key, value, allowed);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in list.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push(Text { text: text.to_owned(), at: item.span().start }),
                None => self.wrong(item.span().start, key, item.get_ref(), allowed),
            }
        }
        texts
    }

    /// A text or a list of texts, of which there has to be one.
    pub fn some_texts(&self, key: &'static str, what: &str) -> Vec<Text> {
        let texts = self.texts(key);
        if !self.has(key) {
            let allowed = format!("{what} is needed, or a list of them");
            self.source.error(self.at, &self.path(key), "missing", allowed);
        } else if self.is_empty_list(key) {
            let allowed = format!("{what} is needed, or a list of them");
            self.source.error(self.place(key), &self.path(key), "found an empty list", allowed);
        }
        texts
    }

    /// A whole number within limits, both included.
    pub fn integer(&self, key: &'static str, min: i64, max: i64) -> Option<i64> {
        let (value, span) = self.get(key)?;
        let number = whole(value).filter(|n| (min..=max).contains(n));
        if number.is_none() {
            let allowed = format!("allowed: a whole number from {min} to {max}");
            self.wrong(span.start, key, value, &allowed);
        }
        number
    }

    /// Whether a flag is set.
    pub fn flag(&self, key: &'static str) -> bool {
        let Some((value, span)) = self.get(key) else { return false };
        if value.as_bool().is_none() {
            self.wrong(span.start, key, value, "allowed: true or false");
        }
        value.as_bool().unwrap_or(false)
    }

    /// A duration in microseconds.
    pub fn duration_us(&self, key: &'static str) -> Option<u64> {
        let (value, span) = self.get(key)?;
        let Some(text) = value.as_str() else {
            self.wrong(span.start, key, value, "allowed: a length of time, such as \"200 ms\"");
            return None;
        };
        parse_span(text)
            .map_err(|message| self.source.error(span.start, &self.path(key), message, ""))
            .ok()
    }

    /// A table within.
    pub fn table(&self, key: &'static str, name: &str) -> Option<Reader<'a>> {
        let (value, span) = self.get(key)?;
        match value.as_table() {
            Some(table) => Some(Reader::new(self.source, table, name, span.start)),
            None => {
                self.wrong(span.start, key, value, "allowed: a table");
                None
            }
        }
    }

    /// Tables of a list (`[[key]]`), named `name 1`, `name 2`, ...
    pub fn tables(&self, key: &'static str, name: &str) -> Vec<Reader<'a>> {
        let Some((value, span)) = self.get(key) else { return Vec::new() };
        let Some(list) = value.as_array() else {
            let allowed =
                format!("allowed: tables, each headed [[{}]]", self.path(key).replace(", ", "."));
            self.wrong(span.start, key, value, &allowed);
            return Vec::new();
        };
        let mut readers = Vec::new();
        for (i, item) in list.iter().enumerate() {
            match item.get_ref().as_table() {
                Some(table) => {
                    let name = format!("{name} {}", i + 1);
                    readers.push(Reader::new(self.source, table, &name, item.span().start));
                }
                None => self.wrong(item.span().start, key, item.get_ref(), "allowed: a table"),
            }
        }
        readers
    }

    /// Lists of broker ids: `[[1, 2], [2, 3]]`.
    pub fn id_lists(&self, key: &'static str) -> Vec<Vec<i32>> {
        let Some((value, span)) = self.get(key) else { return Vec::new() };
        let read = |list: &DeArray<'_>| -> Option<Vec<Vec<i32>>> {
            list.iter()
                .map(|inner| {
                    inner
                        .get_ref()
                        .as_array()?
                        .iter()
                        .map(|id| whole(id.get_ref()).and_then(|n| i32::try_from(n).ok()))
                        .collect()
                })
                .collect()
        };
        let lists = value.as_array().and_then(read);
        if lists.is_none() {
            let allowed =
                "allowed: a list of broker ids for each partition, such as [[1, 2], [2, 3]]";
            self.wrong(span.start, key, value, allowed);
        }
        lists.unwrap_or_default()
    }

    /// Settings by name, in order of the text. A name with dots may stand bare: TOML makes tables of
    /// it, which are read back as one name.
    pub fn settings(&self, key: &'static str) -> Vec<(Text, String)> {
        let Some((value, span)) = self.get(key) else { return Vec::new() };
        let Some(table) = value.as_table() else {
            self.wrong(span.start, key, value, "allowed: a table of settings by Kafka's names");
            return Vec::new();
        };
        let mut pairs = Vec::new();
        self.flatten(key, table, "", &mut pairs);
        highwater_sorted::sort_by_key(&mut pairs, |(name, _)| name.at);
        pairs
    }

    fn flatten(&self, key: &str, table: &DeTable<'_>, prefix: &str, out: &mut Vec<(Text, String)>) {
        for (name, value) in table.iter() {
            let full = match prefix {
                "" => name.get_ref().to_string(),
                _ => format!("{prefix}.{}", name.get_ref()),
            };
            let found = match value.get_ref() {
                DeValue::Table(inner) => {
                    self.flatten(key, inner, &full, out);
                    continue;
                }
                DeValue::String(text) => text.to_string(),
                DeValue::Boolean(flag) => flag.to_string(),
                DeValue::Integer(number) => match whole(value.get_ref()) {
                    Some(number) => number.to_string(),
                    None => number.as_str().to_owned(),
                },
                other => {
                    let at = value.span().start;
                    self.wrong(at, key, other, "allowed: a number, true, false or a text");
                    continue;
                }
            };
            out.push((Text { text: full, at: name.span().start }, found));
        }
    }

    /// Notes every key that nobody asked for.
    pub fn finish(self) {
        let asked = self.asked.borrow();
        for (key, _) in self.table.iter() {
            let name = key.get_ref().as_ref();
            if asked.contains(&name) {
                continue;
            }
            let mut known: Vec<&str> = asked.to_vec();
            highwater_sorted::sort(&mut known);
            known.dedup();
            let near = nearest(name, known.iter().copied());
            let place = if self.name.is_empty() { "the file" } else { &self.name };
            self.source.near(
                key.span().start,
                place,
                format!("unknown key \"{name}\""),
                format!("allowed: {}", known.join(", ")),
                near,
            );
        }
    }
}

/// A TOML integer that fits.
fn whole(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(&number.as_str().replace('_', ""), number.radix()).ok()
}

/// A value as found, for messages.
fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("found \"{text}\""),
        DeValue::Integer(number) => format!("found {}", number.as_str()),
        DeValue::Float(number) => format!("found {}", number.as_str()),
        DeValue::Boolean(flag) => format!("found {flag}"),
        DeValue::Datetime(_) => "found a date".to_owned(),
        DeValue::Array(_) => "found a list".to_owned(),
        DeValue::Table(_) => "found a table".to_owned(),
    }
}
