//! `highwater list`: what is built in.

use crate::content::BUILT_IN;
use crate::outcome::Failure;
use serde_json::{Value, json};
use std::io::Write;

/// Prints the list.
pub fn list(json: bool) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if json {
        return writeln!(out, "{:#}", index()?).map_err(Failure::output);
    }
    for b in BUILT_IN {
        let lesson = b.lesson()?;
        let kind = match lesson.steps.len() {
            0 => "scenario".to_owned(),
            n => format!("lesson, {n} steps"),
        };
        writeln!(out, "{:<16} {:<17} {}", lesson.id, kind, lesson.title)
            .map_err(Failure::output)?;
    }
    Ok(())
}

/// The list as the page reads it.
pub fn index() -> Result<Value, Failure> {
    let mut entries = Vec::new();
    for b in BUILT_IN {
        let lesson = b.lesson()?;
        entries.push(json!({
            "id": lesson.id,
            "title": lesson.title,
            "summary": lesson.summary,
            "steps": lesson.steps.len(),
        }));
    }
    Ok(json!({ "content": entries }))
}
