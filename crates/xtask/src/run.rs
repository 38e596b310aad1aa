//! Running commands: said before, timed after, with an error that repeats what was run.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant as Clock;

/// Says what is about to happen.
pub fn say(text: &str) {
    eprintln!("\x1b[1m==> {text}\x1b[0m");
}

/// A command in the checkout's root, with our tools first on PATH.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::root());
    command.env("PATH", crate::setup::path_with_tools());
    command
}

/// Runs it, inheriting the terminal.
pub fn run(command: &mut Command) -> Result<()> {
    let text = shown(command);
    let status = command.status().with_context(|| format!("cannot start: {text}"))?;
    if !status.success() {
        bail!("failed ({status}): {text}");
    }
    Ok(())
}

/// Runs it and gives each line that it prints, as it comes, to `each`.
pub fn lines_of(command: &mut Command, mut each: impl FnMut(&str)) -> Result<()> {
    let text = shown(command);
    let start = || format!("cannot start: {text}");
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(start)?;
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines() {
            each(&line?);
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("failed ({status}): {text}");
    }
    Ok(())
}

/// Runs a named stage and says how long it took.
pub fn stage(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    say(name);
    let start = Clock::now();
    work().with_context(|| format!("stage: {name}"))?;
    eprintln!("    {name}: {:.1} s", start.elapsed().as_secs_f32());
    Ok(())
}

/// What a command prints, trimmed; `None` when it cannot be run or fails.
pub fn output(program: &str, args: &[&str]) -> Option<String> {
    let out = command(program).args(args).stderr(Stdio::null()).output().ok()?;
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// Whether a program by this name is on PATH.
pub fn on_path(program: &str) -> bool {
    std::env::split_paths(&crate::setup::path_with_tools()).any(|dir| is_file(&dir.join(program)))
}

fn is_file(path: &Path) -> bool {
    path.is_file()
}

fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        text.push(' ');
        text.push_str(&arg.to_string_lossy());
    }
    text
}
