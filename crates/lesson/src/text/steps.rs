//! `[[step]]` and `[[task]]`.

use super::markdown::{MARKDOWN_ALLOWED, blocks};
use super::marks::marks;
use super::reader::{Reader, Text};
use super::scenario::action;
use crate::{Block, Question, Step, Task, grammar};
use highwater_sim::Scenario;

/// Views a step may ask for.
pub const VIEWS: &[&str] = &["cluster", "log", "replicas", "group", "spacetime"];

/// Reads the steps.
pub fn steps(reader: &Reader<'_>, scenario: &Scenario) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (number, mut table) in (1..).zip(reader.tables("step", "step")) {
        let id = table.text("id").map(|t| t.text).unwrap_or_default();
        if !id.is_empty() {
            table.name = format!("step {number} \"{id}\"");
            if steps.iter().any(|s: &Step| s.id == id) {
                let found = format!("found \"{id}\" a second time");
                table.source.error(table.at, &table.path("id"), found, "each step has its own id");
            }
        }
        steps.push(Step {
            id,
            title: table.required("title").text,
            say: markdown(&table, "say"),
            line: optional(&table, "line"),
            view: view(&table),
            focus: marks(&table, "focus", scenario),
            hide: marks(&table, "hide", scenario),
            actions: table.texts("do").iter().filter_map(|t| action(&table, "do", t)).collect(),
            until: condition(&table, "until"),
            ask: table.table("ask", &table.path("ask")).map(question),
            notes: optional(&table, "notes"),
        });
        table.finish();
    }
    steps
}

/// Reads the tasks.
pub fn tasks(reader: &Reader<'_>) -> Vec<Task> {
    let mut tasks = Vec::new();
    for table in reader.tables("task", "task") {
        let done = condition(&table, "done");
        if done.is_empty() {
            table.source.error(table.at, &table.path("done"), "missing", "a condition is needed");
        }
        tasks.push(Task { text: table.required("text").text, done });
        table.finish();
    }
    tasks
}

fn question(table: Reader<'_>) -> Question {
    let value = table.required("value");
    if !value.text.is_empty()
        && let Err(message) = grammar::check_path(&value.text)
    {
        let found = format!("found \"{}\"", value.text);
        table.source.error(value.at, &table.path("value"), found, message);
    }
    let mut choices = Vec::new();
    for choice in table.tables("choices", &format!("{}, choice", table.name)) {
        choices.push((choice.required("answer").text, optional(&choice, "comment")));
        choice.finish();
    }
    if choices.len() < 2 {
        let found = format!("found {}", choices.len());
        let allowed = "at least two choices are needed, each { answer = \"7\", comment = \"...\" }";
        table.source.error(table.at, &table.path("choices"), found, allowed);
    }
    let question = Question {
        text: table.required("text").text,
        value: value.text,
        actions: table.texts("do").iter().filter_map(|t| action(&table, "do", t)).collect(),
        reveal: condition(&table, "reveal"),
        choices,
        why: markdown(&table, "why"),
    };
    if question.reveal.is_empty() {
        let allowed = "a condition is needed: the answer is read when it holds";
        table.source.error(table.at, &table.path("reveal"), "missing", allowed);
    }
    table.finish();
    question
}

fn optional(table: &Reader<'_>, key: &'static str) -> String {
    table.text(key).map(|t| t.text).unwrap_or_default()
}

fn view(table: &Reader<'_>) -> String {
    let Some(Text { text, at }) = table.text("view") else { return String::new() };
    if !VIEWS.contains(&text.as_str()) {
        let allowed = format!("allowed: {}", VIEWS.join(", "));
        table.source.error(at, &table.path("view"), format!("found \"{text}\""), allowed);
    }
    text
}

fn markdown(table: &Reader<'_>, key: &'static str) -> Vec<Block> {
    let Some(Text { text, at }) = table.text(key) else { return Vec::new() };
    match blocks(&text) {
        Ok(blocks) => blocks,
        Err(error) => {
            let at = table.source.inside(at) + error.at;
            table.source.error(at, &table.path(key), error.found, MARKDOWN_ALLOWED);
            Vec::new()
        }
    }
}

/// A condition, checked; empty when the key is missing.
pub fn condition(table: &Reader<'_>, key: &'static str) -> String {
    let Some(Text { text, at }) = table.text(key) else { return String::new() };
    if let Err(message) = grammar::check_condition(&text) {
        let found = format!("found \"{text}\"");
        table.source.error(at, &table.path(key), found, message);
    }
    text
}
