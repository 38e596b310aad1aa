//! One value: from text to a number, a truth value or words.

use super::{Kind, Setting, SettingError};
use highwater_sorted::SortedMap;

/// A checked value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Value {
    Int(i64),
    Bool(bool),
    Words(Vec<&'static str>),
}

/// Text of `name` as `setting` has it; `name` may be that of its cluster-wide default.
pub(super) fn parse(setting: &Setting, name: &str, text: &str) -> Result<Value, SettingError> {
    let text = text.trim();
    let refuse = |allowed: String| SettingError::new(name, text, allowed);
    if let Some(only) = setting.only
        && !only.values.contains(&text)
    {
        let values = only.values.join(" or ");
        return Err(refuse(format!("here {values}: {}", only.reason)));
    }
    match setting.kind {
        Kind::Int { min, max } => match text.parse::<i64>() {
            Ok(n) if (min..=max).contains(&n) => Ok(Value::Int(n)),
            _ => Err(refuse(format!("allowed: {}", setting.allowed()))),
        },
        Kind::Bool => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(refuse(format!("allowed: {}", setting.allowed()))),
        },
        Kind::OneOf(words) => match words.iter().find(|w| **w == text) {
            Some(word) => Ok(Value::Words(vec![word])),
            None => Err(refuse(format!("allowed: {}", setting.allowed()))),
        },
        Kind::ListOf(words) => {
            let mut list: Vec<&'static str> = Vec::new();
            for part in text.split(',').map(str::trim) {
                match words.iter().find(|w| **w == part) {
                    Some(word) if !list.contains(word) => list.push(word),
                    _ => return Err(refuse(format!("allowed: {}", setting.allowed()))),
                }
            }
            Ok(Value::Words(list))
        }
    }
}

/// Checked values by name; what was not given has its default.
pub(super) struct Values {
    settings: &'static [Setting],
    given: SortedMap<&'static str, Value>,
}

impl Values {
    /// Nothing given yet.
    pub(super) fn new(settings: &'static [Setting]) -> Self {
        Self { settings, given: SortedMap::new() }
    }

    /// Takes in a value for the setting called `name`.
    pub(super) fn set(&mut self, name: &'static str, value: Value) {
        self.given.insert(name, value);
    }

    /// Whether it was given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    fn get(&self, name: &str) -> Value {
        if let Some(value) = self.given.get(name) {
            return value.clone();
        }
        let setting = self.settings.iter().find(|s| s.name == name).expect("a name of the table");
        parse(setting, name, setting.default).expect("defaults are allowed values")
    }

    /// A number, 64 bits wide.
    pub(super) fn long(&self, name: &str) -> i64 {
        match self.get(name) {
            Value::Int(n) => n,
            other => panic!("{name} is a number, not {other:?}"),
        }
    }

    /// A number, 32 bits wide; the table's range keeps it inside.
    pub(super) fn int(&self, name: &str) -> i32 {
        i32::try_from(self.long(name)).expect("the range of the table fits")
    }

    /// A number, 16 bits wide; the table's range keeps it inside.
    pub(super) fn short(&self, name: &str) -> i16 {
        i16::try_from(self.long(name)).expect("the range of the table fits")
    }

    /// A truth value.
    pub(super) fn bool(&self, name: &str) -> bool {
        match self.get(name) {
            Value::Bool(b) => b,
            other => panic!("{name} is true or false, not {other:?}"),
        }
    }

    /// A list of words; one word for a setting that takes one.
    pub(super) fn words(&self, name: &str) -> Vec<&'static str> {
        match self.get(name) {
            Value::Words(words) => words,
            other => panic!("{name} is a word, not {other:?}"),
        }
    }
}
