//! The first page of a fresh machine. Trunk is the largest thing that has to be compiled and the page does not
//! need it, so the page is built by hand and shown while Trunk is compiled (docs/decisions/0006).

use crate::run::{command, run, say};
use crate::{build, content, setup, stamp};
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command};

/// Shows the page at `port`, installs Trunk and lets it build; returns when Trunk can take over.
pub fn serve(port: u16, open: bool) -> Result<()> {
    setup::but_trunk(false)?;
    let mut page = present(port)?;
    let address = format!("http://127.0.0.1:{port}/");
    say(&format!(
        "the page is at {address}; Trunk is set up meanwhile (it rebuilds when you save)"
    ));
    if open {
        browse(&address);
    }
    let built = setup::trunk().and_then(|()| run(&mut build::trunk("build")));
    if let Err(error) = built {
        say(&format!("{error:#}; the page stays as it is until you stop this with Ctrl-C"));
        page.wait()?;
        return Err(error);
    }
    page.kill().context("the server of the first page cannot be stopped")?;
    page.wait()?;
    Ok(())
}

/// Builds what Trunk would and serves it.
fn present(port: u16) -> Result<Child> {
    let folder = build()?;
    let debug = crate::target_dir().join("debug");
    let mut server = Command::new(debug.join(format!("highwater{}", std::env::consts::EXE_SUFFIX)));
    server.arg("present").arg(&folder).args(["--port", &port.to_string()]);
    server.spawn().context("cannot start `highwater present`")
}

/// The page in a folder of its own.
fn build() -> Result<PathBuf> {
    let folder = crate::target_dir().join("first-page");
    if folder.is_dir() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    run(&mut build::page_crate(false))?;
    let module = crate::target_dir().join("wasm32-unknown-unknown/debug/highwater_web.wasm");
    let mut bind = command("wasm-bindgen");
    bind.args(["--target", "web", "--no-typescript", "--out-name", "highwater_web", "--out-dir"]);
    run(bind.arg(&folder).arg(&module))?;
    fs::copy(crate::root().join("index.html"), folder.join("index.html"))?;
    content::pack()?;
    stamp::into(&folder)?;
    Ok(folder)
}

/// Asks the system for its browser; the address is on the terminal if there is none.
fn browse(address: &str) {
    let mut open = if cfg!(windows) {
        let mut shell = Command::new("cmd");
        shell.args(["/c", "start"]);
        shell
    } else {
        Command::new(if cfg!(target_os = "macos") { "open" } else { "xdg-open" })
    };
    open.arg(address).status().ok();
}
