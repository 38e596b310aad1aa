//! The `highwater` command.

pub mod dump;
pub mod store;

use clap::{Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;

/// A Kafka-style log and replication engine, and the tools around it.
#[derive(Parser)]
#[command(name = "highwater", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Segment files.
    Log {
        #[command(subcommand)]
        command: LogCommand,
    },
}

#[derive(Subcommand)]
enum LogCommand {
    /// Shows what is in the files of a partition directory.
    Dump {
        /// A directory `<topic>-<partition>`.
        dir: PathBuf,
        /// How to write it.
        #[arg(long, value_enum, default_value = "text")]
        format: dump::Format,
    },
}

fn main() -> anyhow::Result<()> {
    let Arguments { command: Command::Log { command: LogCommand::Dump { dir, format } } } =
        Arguments::parse();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    dump::dump(&dir, format, &mut out)?;
    Ok(out.flush()?)
}
