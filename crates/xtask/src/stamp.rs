//! After Trunk's build: the rest of the site is put beside it and the hashed names are written down.

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// `cargo xtask stamp`, called by Trunk with `TRUNK_STAGING_DIR`.
pub fn stamp() -> Result<()> {
    let dist = std::env::var_os("TRUNK_STAGING_DIR")
        .map_or_else(|| crate::root().join("dist"), PathBuf::from);
    into(&dist)
}

/// Makes a page of a folder with `index.html` and what wasm-bindgen made.
pub fn into(dist: &Path) -> Result<()> {
    let root = crate::root();
    copy_tree(&root.join("www"), dist, &["content"])?;
    let shell = dist.join("embed.js");
    fs::write(&shell, without_comments(&fs::read_to_string(&shell)?))?;
    copy_tree(&crate::content::dir(), &dist.join("content"), &[])?;
    move_dir(&dist.join("content/posters"), &dist.join("posters"))?;
    reveal(&root, dist)?;
    let (js, wasm) = bundle_names(dist)?;
    let assets = format!("export default {{ js: \"./{js}\", wasm: \"./{wasm}\" }};\n");
    fs::write(dist.join("assets.js"), assets)?;
    strip_rust_link(&dist.join("index.html"))
}

/// JavaScript without the lines that hold nothing but a comment: readers of a page with a figure load embed.js
/// before they want anything (at most 6 KB), readers of its source have the repository.
fn without_comments(script: &str) -> String {
    let comment = |line: &str| {
        let line = line.trim();
        line.starts_with("//") || (line.starts_with("/*") && line.ends_with("*/"))
    };
    script.lines().filter(|line| !comment(line)).map(|line| format!("{line}\n")).collect()
}

/// reveal.js for the slides demo, with its licence, outside the budget.
fn reveal(root: &Path, dist: &Path) -> Result<()> {
    let from = root.join("tests/e2e/node_modules/reveal.js");
    if !from.is_dir() {
        bail!("reveal.js is missing: run `cargo xtask setup`");
    }
    let to = dist.join("vendor/reveal");
    fs::create_dir_all(&to)?;
    for name in ["dist/reveal.js", "dist/reveal.css", "dist/reset.css", "LICENSE"] {
        let file = Path::new(name).file_name().expect("a file name");
        fs::copy(from.join(name), to.join(file)).with_context(|| format!("reveal.js: {name}"))?;
    }
    Ok(())
}

/// Names of the JavaScript and wasm that wasm-bindgen made.
fn bundle_names(dist: &Path) -> Result<(String, String)> {
    let mut js = None;
    let mut wasm = None;
    for entry in fs::read_dir(dist)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("highwater") && name.ends_with("_bg.wasm") {
            wasm = Some(name);
        } else if name.starts_with("highwater") && name.ends_with(".js") {
            js = Some(name);
        }
    }
    match (js, wasm) {
        (Some(js), Some(wasm)) => Ok((js, wasm)),
        found => bail!("no wasm-bindgen output in {}: {found:?}", dist.display()),
    }
}

/// Trunk leaves its own `<link data-trunk rel="rust">` behind when it injects no script.
fn strip_rust_link(index: &Path) -> Result<()> {
    let text = fs::read_to_string(index)?;
    let kept: Vec<&str> =
        text.lines().filter(|l| !(l.contains("rel=\"rust\"") && l.contains("<link"))).collect();
    fs::write(index, kept.join("\n") + "\n")?;
    Ok(())
}

fn copy_tree(from: &Path, to: &Path, without: &[&str]) -> Result<()> {
    if !from.is_dir() {
        bail!("{} is missing: run `cargo xtask pack`", from.display());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if without.iter().any(|w| name.to_string_lossy() == *w) {
            continue;
        }
        let target = to.join(&name);
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target, &[])?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

fn move_dir(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        copy_tree(from, to, &[])?;
        fs::remove_dir_all(from)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn only_lines_that_are_nothing_but_a_comment_go() {
        let script = "// why\n  /** what */\nconst a = '//'; // kept\nf(/* kept */ a);\n";
        assert_eq!(without_comments(script), "const a = '//'; // kept\nf(/* kept */ a);\n");
    }
}
