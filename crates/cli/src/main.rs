//! The `highwater` command: runs, replays, sweeps and draws scenarios, packs lessons, looks into
//! segment files.

mod args;
mod content;
pub mod dump;
mod explain;
mod list;
mod outcome;
mod pack;
mod played;
mod present;
mod preview;
mod progress;
mod render;
mod run;
mod serve;
pub mod store;
mod sweep;

use args::{Arguments, Command, LogCommand};
use clap::Parser;
use outcome::Failure;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::List { json } => list::list(json),
        Command::Run(arguments) => run::run(&arguments),
        Command::Replay(arguments) => played::replay(&arguments),
        Command::Render(arguments) => render::render(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Pack(arguments) => pack::pack(&arguments),
        Command::Preview(arguments) => preview::preview(&arguments),
        Command::Present(arguments) => present::present(&arguments),
        Command::Sweep(arguments) => sweep::sweep(&arguments),
        Command::Log { command: LogCommand::Dump { dir, format } } => log_dump(&dir, format),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            progress::clear();
            eprintln!("highwater: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn log_dump(dir: &std::path::Path, format: dump::Format) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let wrong = dump::dump(dir, format, &mut out).map_err(|e| Failure::input(format!("{e:#}")))?;
    out.flush().map_err(Failure::output)?;
    if wrong.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = wrong.iter().map(|w| format!("{}: {w}", dir.display())).collect();
    Err(Failure::Broken(lines.join("\nhighwater: ")))
}
