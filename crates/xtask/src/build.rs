//! Building and serving the page with Trunk.

use crate::run::{command, run, say, stage};
use crate::setup;
use anyhow::Result;

/// `cargo xtask serve`.
pub fn serve(args: &[String]) -> Result<()> {
    let release = args.iter().any(|a| a == "--release");
    let port = value(args, "--port").unwrap_or_else(|| "8080".into());
    say(
        "Highwater: set up, build, serve. The first time takes some minutes; later starts take seconds",
    );
    setup::for_build(release)?;
    let mut trunk = trunk("serve");
    trunk.args(["--port", &port]);
    if !args.iter().any(|a| a == "--no-open") && has_display() {
        trunk.arg("--open");
    }
    if release {
        trunk.arg("--release");
    }
    say(&format!("the page will be at http://127.0.0.1:{port}/"));
    run(&mut trunk)
}

/// `cargo xtask build`: the static site in `dist/`.
pub fn release() -> Result<()> {
    setup::for_build(true)?;
    stage("release build of the page (Trunk, wasm-opt)", || run(trunk("build").arg("--release")))?;
    crate::size::report()
}

/// Compiles what Trunk will ask for, while something else is being set up. A mistake is shown when Trunk
/// meets it.
pub fn ahead(release: bool) {
    say("compiling the page meanwhile");
    let mut packer = command("cargo");
    let packer = run(packer.args(["build", "--quiet", "--package", "highwater-cli"]));
    let mut page = command("cargo");
    page.args(["build", "--quiet", "--locked", "--target=wasm32-unknown-unknown"]);
    page.args(["--package", "highwater-web"]);
    if release {
        page.arg("--release");
    }
    drop((packer, run(&mut page)));
}

/// Trunk, never downloading: a wrong tool version is an error and not a hang.
fn trunk(what: &str) -> std::process::Command {
    let mut trunk = command("trunk");
    trunk.arg(what);
    trunk.env("TRUNK_SKIP_VERSION_CHECK", "true");
    trunk.env_remove("NO_COLOR");
    trunk
}

fn has_display() -> bool {
    cfg!(any(target_os = "macos", windows))
        || std::env::var_os("DISPLAY").is_some()
        || std::env::var_os("WAYLAND_DISPLAY").is_some()
}

fn value(args: &[String], flag: &str) -> Option<String> {
    args.iter().position(|a| a == flag).and_then(|i| args.get(i + 1)).cloned()
}
