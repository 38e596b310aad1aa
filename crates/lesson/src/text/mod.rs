//! The text form: TOML that authors write, one format for scenarios and lessons. A file without
//! `[[step]]` is a plain scenario.

mod error;
mod markdown;
mod marks;
mod reader;
mod scenario;
mod steps;
#[cfg(test)]
mod tests;

pub use error::{TextError, TextErrors};
pub use markdown::{MARKDOWN_ALLOWED, MarkdownError, blocks};
pub use marks::MARKS;

use crate::Lesson;
use reader::{Reader, Source};
use toml::de::DeTable;

/// Reads a scenario or lesson. `file` is the name for messages; its stem is the id where the text
/// gives none.
///
/// # Errors
/// Every mistake with its line, what was found and what is allowed. Actions and conditions are
/// checked too, so that what is packed can be played.
pub fn parse_lesson(file: &str, text: &str) -> Result<Lesson, TextErrors> {
    let source = Source::new(file, text);
    let mut lesson = Lesson::default();
    match DeTable::parse(text) {
        Ok(table) => {
            let reader = Reader::new(&source, table.get_ref(), "", 0);
            lesson = read(reader, stem(file));
        }
        Err(error) => {
            let at = error.span().map_or(0, |s| s.start);
            source.error(at, "", format!("not TOML: {}", error.message()), "");
        }
    }
    let errors = source.into_errors();
    if errors.is_empty() { Ok(lesson) } else { Err(TextErrors(errors)) }
}

/// File name without folder and ending.
fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.strip_suffix(".toml").unwrap_or(name)
}

fn read(reader: Reader<'_>, stem: &str) -> Lesson {
    let id = reader.text("id").map_or_else(|| stem.to_owned(), |t| t.text);
    if id.is_empty()
        || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    {
        let found = format!("found \"{id}\"");
        reader.source.error(reader.at, "id", found, "allowed: a-z, 0-9 and -");
    }
    let title = reader.required("title").text;
    let mut lesson = Lesson {
        summary: reader.text("summary").map(|t| t.text).unwrap_or_default(),
        begin: steps::condition(&reader, "begin"),
        id,
        ..Lesson::default()
    };
    match reader.table("scenario", "scenario") {
        Some(table) => lesson.scenario = scenario::read(table),
        None => {
            reader.source.error(reader.at, "scenario", "missing", "a table [scenario] is needed")
        }
    }
    lesson.scenario.id = lesson.id.clone();
    lesson.scenario.title = title.clone();
    lesson.title = title;
    lesson.steps = steps::steps(&reader, &lesson.scenario);
    lesson.tasks = steps::tasks(&reader);
    reader.finish();
    lesson
}
