//! Building and serving the page with Trunk.

use crate::run::{command, run, say, stage};
use crate::{first, setup};
use anyhow::{Result, bail};

/// `cargo xtask serve`.
pub fn serve(args: &[String]) -> Result<()> {
    let (port, flags) = port(args)?;
    crate::known_flags("serve", &flags, &["--release", "--no-open", "--port N"])?;
    let release = flags.iter().any(|a| a == "--release");
    say(
        "Highwater: set up, build, serve. The first time takes some minutes; later starts take seconds",
    );
    let open = !flags.iter().any(|a| a == "--no-open") && has_display();
    let first = !release && !setup::has_trunk();
    if first {
        first::serve(port, open)?;
    } else {
        setup::for_build(release)?;
    }
    let mut trunk = trunk("serve");
    trunk.args(["--port", &port.to_string()]);
    if open && !first {
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
    drop((packer, run(&mut page_crate(release))));
}

/// The page's module, compiled as Trunk compiles it, so that neither has to do it again.
pub fn page_crate(release: bool) -> std::process::Command {
    let mut page = command("cargo");
    page.args(["build", "--quiet", "--locked", "--target=wasm32-unknown-unknown"]);
    page.args(["--package", "highwater-web"]);
    if release {
        page.arg("--release");
    }
    page
}

/// Trunk, never downloading: a wrong tool version is an error and not a hang.
pub fn trunk(what: &str) -> std::process::Command {
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

/// The port that is asked for (8080 when none is), and what else stands there.
fn port(args: &[String]) -> Result<(u16, Vec<String>)> {
    let mut others = args.to_vec();
    let Some(at) = others.iter().position(|a| a == "--port") else {
        return Ok((8080, others));
    };
    let given: Vec<String> = others.drain(at..others.len().min(at + 2)).collect();
    let text = given.get(1).map_or("", String::as_str);
    match text.parse() {
        Ok(port) if port > 0 => Ok((port, others)),
        _ => bail!("--port {text:?} is not a port; allowed: 1 to 65535"),
    }
}

#[cfg(test)]
mod tests {
    use super::port;

    fn of(text: &str) -> Result<(u16, Vec<String>), String> {
        let args: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        port(&args).map_err(|e| e.to_string())
    }

    #[test]
    fn a_port_is_taken_out_of_the_flags() {
        assert_eq!(of(""), Ok((8080, vec![])));
        assert_eq!(of("--port 9000 --release"), Ok((9000, vec!["--release".into()])));
        for bad in ["--port", "--port 0", "--port 70000", "--port x"] {
            assert!(of(bad).expect_err(bad).contains("1 to 65535"), "{bad}");
        }
    }
}
