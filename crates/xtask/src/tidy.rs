//! Rules that no compiler checks: crate arrows point down, files stay short, nothing points outside.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Allowed dependencies among our crates (ARCHITECTURE.md).
const ARROWS: &[(&str, &[&str])] = &[
    ("sorted", &[]),
    ("log", &["sorted"]),
    ("cluster", &["sorted", "log"]),
    ("sim", &["sorted", "log", "cluster"]),
    ("lesson", &["sorted", "log", "cluster", "sim"]),
    ("scene", &["sorted"]),
    ("stage", &["sorted", "log", "cluster", "sim", "lesson", "scene"]),
    ("ui", &["sorted", "log", "cluster", "sim", "lesson", "scene", "stage"]),
    ("web", &["sorted", "log", "cluster", "sim", "lesson", "scene", "stage", "ui"]),
    ("cli", &["log", "cluster", "sim", "lesson", "scene", "stage"]),
    ("xtask", &[]),
    ("bench-wasm", &["log", "cluster", "sim", "lesson"]),
    ("bench", &["log", "cluster", "sim", "lesson", "scene", "stage"]),
    ("tests", &["log", "cluster", "sim", "lesson", "scene", "stage"]),
];

/// Longest file in lines; generated and lock files aside.
const FILE_LINES_MAX: usize = 500;

/// Runs every rule and lists what breaks one.
pub fn check() -> Result<()> {
    let mut found = Vec::new();
    arrows(&mut found)?;
    for path in tracked()? {
        let Ok(text) = fs::read_to_string(crate::root().join(&path)) else { continue };
        file(&path, &text, &mut found);
    }
    if found.is_empty() {
        return Ok(());
    }
    bail!("tidy found {}:\n  {}", found.len(), found.join("\n  "))
}

fn arrows(found: &mut Vec<String>) -> Result<()> {
    let out = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(crate::root())
        .output()
        .context("cargo metadata")?;
    let metadata: serde_json::Value = serde_json::from_slice(&out.stdout)?;
    for package in metadata["packages"].as_array().context("no packages")? {
        let Some(name) = package["name"].as_str().and_then(|n| n.strip_prefix("highwater-")) else {
            continue;
        };
        let allowed = ARROWS.iter().find(|(n, _)| *n == name).map_or(&[][..], |(_, to)| to);
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let to = dependency["name"].as_str().and_then(|n| n.strip_prefix("highwater-"));
            if let Some(to) = to.filter(|to| !allowed.contains(to)) {
                found.push(format!("crate {name} must not depend on {to}"));
            }
        }
    }
    Ok(())
}

fn tracked() -> Result<Vec<PathBuf>> {
    let out = Command::new("git").args(["ls-files"]).current_dir(crate::root()).output()?;
    Ok(String::from_utf8_lossy(&out.stdout).lines().map(PathBuf::from).collect())
}

fn file(path: &Path, text: &str, found: &mut Vec<String>) {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    let code = matches!(extension, "rs" | "js" | "mjs" | "css" | "ts");
    if code && text.lines().count() > FILE_LINES_MAX {
        found.push(format!("{}: more than {FILE_LINES_MAX} lines", path.display()));
    }
    // Spelled in pieces so that this file does not find itself.
    let unfinished = [concat!("to", "do!("), concat!("unimpl", "emented!("), concat!("FIX", "ME")];
    let outside = [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/")];
    for (number, line) in text.lines().enumerate() {
        let place = || format!("{}:{}", path.display(), number + 1);
        if code && unfinished.iter().any(|w| line.contains(w)) {
            found.push(format!("{}: unfinished work is not committed", place()));
        }
        if outside.iter().any(|w| line.contains(w)) && extension != "svg" {
            found.push(format!("{}: a path of one machine", place()));
        }
    }
    if path.starts_with("crates/sim/src")
        || path.starts_with("crates/cluster/src")
        || path.starts_with("crates/log/src")
    {
        engine(path, text, found);
    }
    let page = ["log", "cluster", "sim", "lesson", "scene", "stage", "ui", "web"];
    if page.iter().any(|name| path.starts_with(format!("crates/{name}/src"))) {
        compiled_per_type(path, text, found);
    }
}

/// What the standard library compiles anew for every type is kilobytes of the page's module each (docs/decisions/0005).
fn compiled_per_type(path: &Path, text: &str, found: &mut Vec<String>) {
    let heavy = ["BTreeMap", "BTreeSet", "BinaryHeap", ".sort()", ".sort_by", ".sort_unstable"];
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or("");
        if let Some(word) = heavy.iter().find(|word| code.contains(**word)) {
            let place = format!("{}:{}", path.display(), number + 1);
            found.push(format!("{place}: {word} in the page's module; use highwater_sorted"));
        }
    }
}

/// The engine is the same natively and in wasm: no floats in it.
fn engine(path: &Path, text: &str, found: &mut Vec<String>) {
    let body = text.split("#[cfg(test)]").next().unwrap_or(text);
    for (number, line) in body.lines().enumerate() {
        let code = line.split("//").next().unwrap_or("");
        if [": f64", ": f32", "as f64", "as f32", "<f64>", "<f32>"].iter().any(|w| code.contains(w))
        {
            found.push(format!("{}:{}: a float in the engine", path.display(), number + 1));
        }
    }
}
