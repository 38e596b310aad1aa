//! `highwater present`: a built page in the browser, from its folder.

use crate::args::PresentArguments;
use crate::outcome::{Failure, say};
use crate::serve;
use std::net::TcpListener;
use std::path::Path;

/// Serves the folder of a built page until the process ends.
pub fn present(arguments: &PresentArguments) -> Result<(), Failure> {
    built(&arguments.folder)?;
    let (listener, port) = listen(arguments.port)?;
    say(format_args!("http://127.0.0.1:{port}/"))?;
    serve::serve(&listener, &arguments.folder, &|_| None);
    Ok(())
}

/// That there is a page in this folder.
pub fn built(folder: &Path) -> Result<(), Failure> {
    let index = folder.join("index.html");
    if index.is_file() {
        return Ok(());
    }
    let message =
        format!("{} is missing: build the page with `cargo xtask build`", index.display());
    Err(Failure::Input(message))
}

/// This port of 127.0.0.1, or any free one for 0, and which one it is.
pub fn listen(port: u16) -> Result<(TcpListener, u16), Failure> {
    let listener = TcpListener::bind(("127.0.0.1", port))
        .map_err(|e| Failure::input(format!("port {port}: {e}")))?;
    let port = listener.local_addr().map_or(port, |a| a.port());
    Ok((listener, port))
}
