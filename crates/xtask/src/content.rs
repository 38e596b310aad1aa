//! Content: lessons and scenarios packed for the page, and their poster figures, into `target/content`.

use crate::run::{command, run};
use anyhow::Result;
use std::fs;
use std::path::PathBuf;

/// Where packed content goes; `stamp` copies it into the site.
pub fn dir() -> PathBuf {
    crate::root().join("target/content")
}

/// `cargo xtask pack`: called by Trunk before each build.
pub fn pack() -> Result<()> {
    let out = dir();
    fs::create_dir_all(out.join("posters"))?;
    let mut highwater = command("cargo");
    highwater.args(["run", "--quiet", "--package", "highwater-cli", "--", "pack", "--all"]);
    run(highwater.arg("--output").arg(&out))
}
