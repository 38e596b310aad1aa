//! Every tier of tests, in one command.

use crate::run::{command, run, stage};
use crate::setup;
use anyhow::Result;

/// `cargo xtask test [--fast|--native|--web|--e2e] [--update]`.
pub fn all(args: &[String]) -> Result<()> {
    const KNOWN: &[&str] = &["--fast", "--native", "--web", "--e2e", "--all", "--update"];
    crate::known_flags("test", args, KNOWN)?;
    let has = |flag: &str| args.iter().any(|a| a == flag);
    let update = has("--update");
    let named = ["--fast", "--native", "--web", "--e2e"].iter().any(|f| has(f));
    let tier = |flag: &str| !named || has(flag);
    if tier("--native") || has("--fast") {
        stage("tidy", crate::tidy::check)?;
        stage("clippy", clippy)?;
        stage("native tests", || native(update))?;
    }
    if has("--fast") {
        return Ok(());
    }
    if tier("--web") || tier("--e2e") {
        setup::everything(true)?;
        stage("build of the page", crate::build::release)?;
    }
    if tier("--web") {
        stage("native = wasm parity of the trace hash", parity)?;
    }
    if tier("--e2e") {
        stage("end to end in Chromium", || end_to_end(update))?;
    }
    eprintln!("all tiers passed");
    Ok(())
}

/// Packages that only `cargo xtask bench` builds: rivals and their dependencies stay out of the tests.
const NOT_TESTED: &[&str] = &["--exclude", "highwater-bench", "--exclude", "highwater-bench-wasm"];

fn clippy() -> Result<()> {
    let mut clippy = command("cargo");
    clippy.args(["clippy", "--quiet", "--workspace"]).args(NOT_TESTED);
    run(clippy.args(["--all-targets", "--", "-D", "warnings"]))
}

fn native(update: bool) -> Result<()> {
    let mut test = command("cargo");
    test.args(["test", "--workspace", "--exclude", "highwater-web"]).args(NOT_TESTED);
    if update {
        test.env("UPDATE", "1");
    }
    run(&mut test)
}

fn parity() -> Result<()> {
    run(command("node").arg("tests/parity/parity.mjs"))
}

fn end_to_end(update: bool) -> Result<()> {
    let mut node = command("node");
    node.arg("tests/e2e/run.mjs");
    if let Some(chromium) = setup::chromium_path() {
        node.env("CHROMIUM", chromium);
    }
    if update {
        node.env("UPDATE", "1");
    }
    run(&mut node)
}
