#![allow(
    clippy::disallowed_types,
    reason = "xtask is a tool of people, not the engine: it may look at the clock"
)]

//! `cargo xtask`: everything that is done to this repository, from a fresh machine on.

mod bench;
mod build;
mod content;
mod first;
mod run;
mod setup;
mod size;
mod stamp;
mod test;
mod tidy;

use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  serve [--release] [--port N] [--no-open]
                        set up what is missing, build, open the visualizer
  test [--fast|--native|--web|--e2e] [--update]
                        set up what is missing, run every tier (or the named one); --update rewrites golden files
  build                 the static site in dist/ (release)
  bench [--quick]       every number that is promised, measured, with its reach in a table
  tidy                  the rules that no compiler checks
  size                  bytes of the bundle: raw, gzip, brotli
  figures               poster SVGs of every lesson into target/content/posters
  setup [--web]         install what is missing (wasm target, Trunk, wasm-bindgen, npm packages, Chromium)
  doctor                say what is there and what is missing
  pack                  lessons and scenarios into target/content (called by Trunk)
  stamp                 copy content and name the assets in dist/ (called by Trunk)
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result<()> {
    let has = |flag: &str| args.iter().any(|a| a == flag);
    if has("--help") || has("-h") {
        print!("{HELP}");
        return Ok(());
    }
    let plain = ["build", "tidy", "size", "figures", "pack", "stamp", "doctor"];
    if let Some(name) = args.first().filter(|a| plain.contains(&a.as_str())) {
        known_flags(name, &args[1..], &[])?;
    }
    match args.first().map(String::as_str) {
        Some("serve") => build::serve(&args[1..]),
        Some("build") => build::release(),
        Some("test") => test::all(&args[1..]),
        Some("bench") => {
            known_flags("bench", &args[1..], &["--quick"])?;
            bench::all(has("--quick"))
        }
        Some("tidy") => tidy::check(),
        Some("size") => size::report(),
        Some("figures" | "pack") => content::pack(),
        Some("stamp") => stamp::stamp(),
        Some("setup") => {
            known_flags("setup", &args[1..], &["--web"])?;
            setup::everything(has("--web"))
        }
        Some("doctor") => setup::doctor(),
        Some("help") | None => {
            print!("{HELP}");
            Ok(())
        }
        Some(other) => bail!("no such command: {other}\n\n{HELP}"),
    }
}

/// Refuses what a command does not know: a misspelt flag must not be silently ignored.
pub fn known_flags(command: &str, args: &[String], known: &[&str]) -> Result<()> {
    if let Some(unknown) = args.iter().find(|a| !known.contains(&a.as_str())) {
        let allowed = if known.is_empty() { "none".to_owned() } else { known.join(" ") };
        bail!("`cargo xtask {command}` does not know {unknown:?}; allowed: {allowed}");
    }
    Ok(())
}

/// The checkout's root.
pub fn root() -> PathBuf {
    // What `cargo run` says now, not what the compiler saw: cargo does not rebuild a checkout that was moved.
    let here =
        std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let here = PathBuf::from(here);
    here.ancestors().nth(2).expect("crates/xtask lies two levels below the root").to_path_buf()
}

/// Where cargo puts what it builds.
pub fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |dir| root().join(dir))
}
