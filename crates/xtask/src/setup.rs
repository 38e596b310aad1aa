//! Set-up from nothing: only rustup, npm, apt and crates.io are used, everything is idempotent, and
//! tools live in a cache outside the checkout so that a fresh clone finds them again.

use crate::run::{command, on_path, output, run, say};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;

/// Newer ones declare a newer rustc (docs/decisions).
const TRUNK: &str = "0.21.14";
/// Without TLS: it serves on this machine and never downloads here.
const TRUNK_FEATURES: &[&str] = &["--no-default-features"];
/// Only what turns a module into a page; TLS is for test runners elsewhere.
const WASM_BINDGEN_FEATURES: &[&str] = &["--no-default-features", "--bin", "wasm-bindgen"];

/// Where tools are installed.
pub fn tools_dir() -> PathBuf {
    if let Some(dir) = std::env::var_os("HIGHWATER_TOOLS") {
        return PathBuf::from(dir);
    }
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
    PathBuf::from(home.unwrap_or_default()).join(".cache/highwater-tools")
}

/// The version of wasm-bindgen in the lock file: crate and command line tool must match exactly.
pub fn wasm_bindgen_version() -> Result<String> {
    let text = std::fs::read_to_string(crate::root().join("Cargo.lock"))?;
    let lock: toml::Value = toml::from_str(&text)?;
    let packages = lock["package"].as_array().context("Cargo.lock has no packages")?;
    packages
        .iter()
        .find(|p| p["name"].as_str() == Some("wasm-bindgen"))
        .and_then(|p| p["version"].as_str())
        .map(str::to_owned)
        .context("wasm-bindgen is not in Cargo.lock")
}

/// PATH with our tools first.
pub fn path_with_tools() -> OsString {
    let dir = tools_dir();
    let mut paths = vec![dir.join(format!("trunk-{TRUNK}/bin"))];
    if let Ok(version) = wasm_bindgen_version() {
        paths.push(dir.join(format!("wasm-bindgen-cli-{version}/bin")));
    }
    paths.push(crate::root().join("tests/e2e/node_modules/.bin"));
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    std::env::join_paths(paths).expect("no path holds a separator")
}

/// What a build of the page needs. The first time most of the wait is for Trunk's crates, in whose build
/// there are long stretches with one core at work: everything else is done beside it.
pub fn for_build(release: bool) -> Result<()> {
    let _mine = alone()?;
    wasm_target()?;
    if has_trunk() {
        return page_tools(release);
    }
    beside(
        || {
            page_tools(release)?;
            crate::build::ahead(release);
            Ok(())
        },
        || cargo_tool("trunk", TRUNK, TRUNK_FEATURES),
    )
}

/// What a page needs that is built without Trunk, and the page's crates compiled.
pub fn but_trunk(release: bool) -> Result<()> {
    let _mine = alone()?;
    wasm_target()?;
    beside(
        || {
            crate::build::ahead(release);
            Ok(())
        },
        || page_tools(release),
    )
}

/// Trunk alone.
pub fn trunk() -> Result<()> {
    let _mine = alone()?;
    cargo_tool("trunk", TRUNK, TRUNK_FEATURES)
}

/// Whether the Trunk that this repository wants is installed.
pub fn has_trunk() -> bool {
    is_there("trunk", TRUNK)
}

/// What turns a module into a page.
fn page_tools(release: bool) -> Result<()> {
    cargo_tool("wasm-bindgen-cli", &wasm_bindgen_version()?, WASM_BINDGEN_FEATURES)?;
    if release || !crate::root().join("tests/e2e/node_modules/reveal.js").is_dir() {
        npm_packages()?;
    }
    Ok(())
}

/// Both at once; what either does not manage is an error.
fn beside(
    one: impl FnOnce() -> Result<()> + Send,
    other: impl FnOnce() -> Result<()>,
) -> Result<()> {
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        other()?;
        one.join().unwrap_or_else(|_| bail!("setting up stopped"))
    })
}

/// Waits until no other xtask of this user sets up: rustup and cargo spoil each other's downloads. Held until
/// what is returned is dropped, and by the system no longer than this process lives.
fn alone() -> Result<File> {
    let dir = tools_dir();
    std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let path = dir.join("setup.lock");
    let opened = File::options().create(true).append(true).open(&path);
    let file = opened.with_context(|| format!("cannot open {}", path.display()))?;
    if file.try_lock().is_err() {
        say("another xtask is setting up; waiting for it");
        file.lock().with_context(|| format!("cannot lock {}", path.display()))?;
    }
    Ok(file)
}

/// Everything, Chromium too when asked.
pub fn everything(web: bool) -> Result<()> {
    for_build(true)?;
    let _mine = alone()?;
    if web {
        chromium()?;
    }
    Ok(())
}

fn wasm_target() -> Result<()> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let installed = output("rustup", &["target", "list", "--installed"]);
    if installed.as_deref().is_some_and(|t| t.lines().any(|l| l == TARGET)) {
        return Ok(());
    }
    if installed.is_none() {
        // A toolchain without rustup: cargo will say so itself if the target is missing.
        return Ok(());
    }
    say("adding the wasm32-unknown-unknown target (seconds)");
    run(command("rustup").args(["target", "add", TARGET]))
}

/// Whether a program of exactly this version is on PATH.
fn is_there(program: &str, version: &str) -> bool {
    output(program, &["--version"]).is_some_and(|v| v.split_whitespace().any(|w| w == version))
}

/// `cargo install` into the cache, without optimisation: what a newcomer waits for is the compiler.
fn cargo_tool(krate: &str, version: &str, extra: &[&str]) -> Result<()> {
    let program = if krate == "wasm-bindgen-cli" { "wasm-bindgen" } else { krate };
    if is_there(program, version) {
        return Ok(());
    }
    let root = tools_dir().join(format!("{krate}-{version}"));
    if on_path("cargo-binstall") {
        say(&format!("fetching {krate} {version} with cargo-binstall"));
        let mut fetch = command("cargo");
        fetch.args(["binstall", "--no-confirm", "--version", version, "--root"]).arg(&root);
        if run(fetch.arg(krate)).is_ok() {
            return Ok(());
        }
    }
    say(&format!("building {krate} {version} once, into {} (2-4 min on 2 cores)", root.display()));
    let mut install = command("cargo");
    install.args(["install", "--locked", "--version", version, "--root"]).arg(&root).arg(krate);
    install.args(extra);
    install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    install.env("CARGO_PROFILE_RELEASE_LTO", "off");
    install.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    install.env("CARGO_PROFILE_RELEASE_DEBUG", "0");
    install.env_remove("CARGO_TARGET_DIR");
    // Not in the checkout: its rust-toolchain and .cargo must not steer the tool's build.
    install.current_dir(std::env::temp_dir());
    run(&mut install)
}

/// `npm ci` for wasm-opt, reveal.js and the browser tests.
pub fn npm_packages() -> Result<()> {
    let dir = crate::root().join("tests/e2e");
    let stamp = dir.join("node_modules/.package-lock.json");
    let lock = dir.join("package-lock.json");
    let newer = |a: &PathBuf, b: &PathBuf| -> Option<bool> {
        Some(a.metadata().ok()?.modified().ok()? >= b.metadata().ok()?.modified().ok()?)
    };
    if newer(&stamp, &lock) == Some(true) {
        return Ok(());
    }
    if !on_path("npm") {
        bail!(
            "npm is missing: install Node.js 20 or newer (https://nodejs.org), then run this again"
        );
    }
    say("npm packages of tests/e2e (wasm-opt, reveal.js, playwright-core, axe-core; seconds)");
    run(command("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(dir))
}

/// The browser for the tests: found, or installed where root and apt allow.
pub fn chromium() -> Result<()> {
    if chromium_path().is_some() {
        return Ok(());
    }
    let root = output("id", &["-u"]).as_deref() == Some("0");
    if !(root && on_path("apt-get")) {
        bail!(
            "Chromium is missing and cannot be installed from here (needs root and apt).\n\
             Install Chromium or Chrome, or name it in the CHROMIUM variable, then run this again;\n\
             `cargo xtask test --native` runs everything that needs no browser."
        );
    }
    say("installing Chromium from Debian's packages (under a minute)");
    run(command("apt-get").args(["update", "-qq"]))?;
    let mut install = command("apt-get");
    install.args(["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-roboto"]);
    run(install.env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Path of a Chromium or Chrome.
pub fn chromium_path() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        return Some(PathBuf::from(path));
    }
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
        .iter()
        .flat_map(|name| {
            std::env::split_paths(&path_with_tools()).map(|d| d.join(name)).collect::<Vec<_>>()
        })
        .find(|p| p.is_file())
}

/// Says what is there.
pub fn doctor() -> Result<()> {
    let version = wasm_bindgen_version()?;
    let line = |name: &str, found: Option<String>, wanted: &str| {
        println!("{name:14} {:40} wanted: {wanted}", found.unwrap_or_else(|| "missing".into()));
    };
    line("rustc", output("rustc", &["--version"]), "as in rust-toolchain.toml");
    line("trunk", output("trunk", &["--version"]), TRUNK);
    line("wasm-bindgen", output("wasm-bindgen", &["--version"]), &version);
    line("node", output("node", &["--version"]), "20 or newer");
    line("npm", output("npm", &["--version"]), "10 or newer");
    line("chromium", chromium_path().map(|p| p.display().to_string()), "any (browser tests only)");
    println!("tools cache    {}", tools_dir().display());
    Ok(())
}
