//! What is built in, and how a scenario is found.

use crate::outcome::Failure;
use highwater_lesson::text::parse_lesson;
use highwater_lesson::{Lesson, nearest};
use std::path::Path;

/// A text that is built in.
pub struct BuiltIn {
    /// Its file below `www/content`.
    pub file: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! built_in {
    ($($file:literal),* $(,)?) => {
        &[$(BuiltIn { file: $file, text: include_str!(concat!("../../../www/content/", $file)) }),*]
    };
}

/// Everything built in, in the order of lists: first the lessons as a course.
pub const BUILT_IN: &[BuiltIn] = built_in![
    "lessons/replication.toml",
    "lessons/placement.toml",
    "lessons/ordering.toml",
    "lessons/acks.toml",
    "lessons/retention.toml",
    "lessons/groups.toml",
    "scenarios/steady.toml",
    "scenarios/leader-killed.toml",
    "scenarios/slow-follower.toml",
    "scenarios/acks1-loss.toml",
    "scenarios/acks-all-safe.toml",
    "scenarios/unclean.toml",
    "scenarios/idle-consumer.toml",
    "scenarios/retention-size.toml",
    "scenarios/placement-a.toml",
    "scenarios/placement-b.toml",
    "scenarios/placement-c.toml",
];

impl BuiltIn {
    /// Its id: the file name without ending.
    pub fn id(&self) -> &'static str {
        let name = self.file.rsplit('/').next().unwrap_or(self.file);
        name.strip_suffix(".toml").unwrap_or(name)
    }

    /// Its lesson.
    pub fn lesson(&self) -> Result<Lesson, Failure> {
        parse_lesson(&format!("www/content/{}", self.file), self.text).map_err(Failure::input)
    }
}

/// A scenario or lesson by id or file.
pub fn load(source: &str) -> Result<Lesson, Failure> {
    if let Some(found) = BUILT_IN.iter().find(|b| b.id() == source) {
        return found.lesson();
    }
    let path = Path::new(source);
    if path.exists() || source.contains(['/', '\\']) || source.ends_with(".toml") {
        return read(path);
    }
    let ids: Vec<&str> = BUILT_IN.iter().map(BuiltIn::id).collect();
    let guess = nearest(source, ids.iter().copied())
        .map(|n| format!(" Did you mean {n}?"))
        .unwrap_or_default();
    Err(Failure::Input(format!(
        "no built-in scenario and no file \"{source}\"; built in are {}.{guess}",
        ids.join(", ")
    )))
}

/// A scenario or lesson from a text file.
pub fn read(path: &Path) -> Result<Lesson, Failure> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|e| Failure::input(format!("{name}: {e}")))?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let good = e.utf8_error().valid_up_to();
        let line = e.as_bytes()[..good].iter().filter(|b| **b == b'\n').count() + 1;
        let byte = e.as_bytes()[good];
        Failure::input(format!(
            "{name}:{line}: found byte 0x{byte:02x}, which is not UTF-8; save the file as UTF-8"
        ))
    })?;
    parse_lesson(&name, &text).map_err(Failure::input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed_and_good() {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../www/content"));
        let mut files: Vec<String> = Vec::new();
        for folder in ["lessons", "scenarios"] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                files.push(format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy()));
            }
        }
        files.sort();
        let mut listed: Vec<String> = BUILT_IN.iter().map(|b| b.file.to_owned()).collect();
        listed.sort();
        assert_eq!(files, listed);
        for b in BUILT_IN {
            let lesson = b.lesson().unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(lesson.id, b.id());
            assert!(!lesson.summary.is_empty(), "{}", b.file);
            assert!(!lesson.scenario.assumptions.is_empty(), "{} states no assumptions", b.file);
            assert_eq!(b.file.starts_with("lessons/"), !lesson.steps.is_empty(), "{}", b.file);
            assert_eq!(highwater_lesson::unpack(&highwater_lesson::pack(&lesson)), Ok(lesson));
        }
    }

    #[test]
    fn an_unknown_id_suggests_the_nearest() {
        let error = load("stedy").expect_err("unknown").to_string();
        assert!(error.contains("Did you mean steady?"), "{error}");
    }
}
