//! What can be said on the command line.

use crate::dump;
use clap::{Args, Parser, Subcommand};
use highwater_lesson::At;
use std::ops::Range;
use std::path::PathBuf;

/// A Kafka-style log and replication engine, and the tools around it.
#[derive(Parser)]
#[command(
    name = "highwater",
    version,
    after_help = "\
Exit codes: 0 done; 1 a promise was broken or a run failed; 2 bad usage or input.
SCENARIO is a built-in id (see `highwater list`) or a TOML file."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Commands.
#[derive(Subcommand)]
pub enum Command {
    /// Lists the built-in scenarios and lessons.
    List {
        /// As JSON, one object.
        #[arg(long)]
        json: bool,
    },
    /// Runs a scenario and prints the hash of everything that happened.
    Run(RunArguments),
    /// Runs again what a share link or a sweep found, to the shared moment.
    Replay(ReplayArguments),
    /// Draws a moment of a run as an SVG file.
    Render(RenderArguments),
    /// Says why something is as it is at a moment of a run.
    Explain(ExplainArguments),
    /// Packs scenarios and lessons for the page.
    Pack(PackArguments),
    /// Shows a lesson of yours in the page while you write it.
    Preview(PreviewArguments),
    /// Serves a built page on this machine: a classroom needs no network.
    Present(PresentArguments),
    /// Runs a scenario with many seeds and stops at the first broken promise.
    Sweep(SweepArguments),
    /// Segment files.
    Log {
        /// What about them.
        #[command(subcommand)]
        command: LogCommand,
    },
}

/// `highwater log`.
#[derive(Subcommand)]
pub enum LogCommand {
    /// Shows what is in the files of a partition directory; exit code 1 when some of it cannot be read.
    Dump {
        /// A directory `<topic>-<partition>`.
        dir: PathBuf,
        /// How to write it.
        #[arg(long, value_enum, default_value = "text")]
        format: dump::Format,
    },
}

/// Which scenario, and how it differs from what its file says.
#[derive(Args)]
pub struct Source {
    /// Built-in id or TOML file.
    pub scenario: String,
    /// Seed; without it the scenario's own.
    #[arg(long, value_parser = seed, allow_hyphen_values = true)]
    pub seed: Option<u64>,
    /// A setting over the scenario's, by Kafka's name: `--set min.insync.replicas=1`.
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
}

/// `highwater run`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  highwater run steady
  highwater run leader-killed --seed 7 --until 40s --trace run.jsonl
  highwater run my-scenario.toml --set min.insync.replicas=1

The last line is `trace-hash <16 hex digits> steps <events>`: equal for equal scenario, seed and inputs on every machine.")]
pub struct RunArguments {
    /// What to run.
    #[command(flatten)]
    pub source: Source,
    /// Where to stop: 12.5s, event:312, moment:40, step:4, marker:ID, end.
    #[arg(long, value_parser = str::parse::<At>, allow_hyphen_values = true)]
    pub until: Option<At>,
    /// Write everything that happens to this file, one JSON object a line (`-` = standard output).
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
}

/// `highwater replay`.
#[derive(Args)]
#[command(after_help = "\
Example:
  highwater replay AXJlcGxpY2F0aW9u... --trace run.jsonl")]
pub struct ReplayArguments {
    /// The token: what stands after `run=` in a share link.
    pub token: String,
    /// The scenario's file, when it is not built in.
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<String>,
    /// A setting that was changed in that run.
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
    /// Write everything that happens to this file, one JSON object a line (`-` = standard output).
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
}

/// `highwater render`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  highwater render steady --at 12.5s -o steady.svg
  highwater render slow-follower --at marker:isr-changes --view replicas --theme dark -o isr.svg
  highwater render groups --at end --view group --pick 'group billing' -o group.svg
  highwater render steady --at 3s --view spacetime -o messages.svg
  highwater render replication --at step:high-watermark --profile projector -o slide.svg")]
pub struct RenderArguments {
    /// What to draw.
    #[command(flatten)]
    pub source: Source,
    /// The moment: 12.5s, event:312, moment:40, step:4, marker:hw-moves, end.
    #[arg(long, default_value = "0", value_parser = str::parse::<At>, allow_hyphen_values = true)]
    pub at: At,
    /// The view; without it the lesson's own.
    #[arg(long, value_enum)]
    pub view: Option<View>,
    /// What is selected or opened: `orders-0@2`, `segment orders-0@1:3`, `batch orders-0@1:5`, `group billing`, ...
    #[arg(long)]
    pub pick: Option<String>,
    /// Colours; `auto` follows the reader's system.
    #[arg(long, value_enum, default_value = "auto")]
    pub theme: Theme,
    /// For whom it is drawn.
    #[arg(long, value_enum, default_value = "figure")]
    pub profile: Profile,
    /// Width in pixels; without it as the profile says.
    #[arg(long, value_parser = clap::value_parser!(i32).range(200..=8000), allow_negative_numbers = true)]
    pub width: Option<i32>,
    /// Height in pixels; without it as the profile says.
    #[arg(long, value_parser = clap::value_parser!(i32).range(200..=8000), allow_negative_numbers = true)]
    pub height: Option<i32>,
    /// The file (`-` = standard output).
    #[arg(short, long, default_value = "-")]
    pub output: PathBuf,
}

/// Views that can be drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum View {
    /// Brokers side by side.
    Cluster,
    /// One replica opened: segments, batches, bytes.
    Log,
    /// All replicas of one partition on one offset scale.
    Replicas,
    /// Members of a consumer group over time: phases, partitions, positions, lag.
    Group,
    /// A lane for each process, an arrow for each message.
    Spacetime,
}

/// Colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Theme {
    /// As the reader's system says.
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// Readers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Profile {
    /// The site's stage.
    Default,
    /// A figure in an article.
    Figure,
    /// The back row of a lecture hall.
    Projector,
    /// A narrow screen.
    Phone,
}

/// `highwater explain`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  highwater explain slow-follower --at 16s hw orders-0
  highwater explain slow-follower --at 25s isr orders-0 broker 3
  highwater explain idle-consumer --at 20s idle c3
  highwater explain retention-size --at 10s segment orders-0@1:0

Questions: hw orders-0, hw orders-0@2, isr orders-0, isr orders-0 broker 3, leader orders-0, parked 5@1, produce p1,
error p1, idle c3, lag c1 orders-0, segment orders-0@2:5, lost orders-0:7, message 17, broker 2.")]
pub struct ExplainArguments {
    /// What to run.
    #[command(flatten)]
    pub source: Source,
    /// The moment: 12.5s, event:312, moment:40, step:4, marker:hw-moves, end.
    #[arg(long, default_value = "end", value_parser = str::parse::<At>, allow_hyphen_values = true)]
    pub at: At,
    /// What to ask.
    #[arg(required = true, value_name = "QUESTION")]
    pub question: Vec<String>,
}

/// `highwater pack`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  highwater pack my-lesson.toml
  highwater pack my-lesson.toml -o site/content/my-lesson.hwp
  highwater pack --all -o target/content")]
pub struct PackArguments {
    /// Text of a scenario or lesson.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub file: Option<PathBuf>,
    /// Everything that is built in, with the list the page reads.
    #[arg(long, requires = "output")]
    pub all: bool,
    /// Where to write: a file, or a folder with --all. Without it beside the text, as `.hwp`.
    #[arg(short, long)]
    pub output: Option<PathBuf>,
}

/// `highwater preview`.
#[derive(Args)]
#[command(after_help = "\
Example:
  highwater preview my-lesson.toml

The page must have been built (`cargo xtask build`). Reload it after saving; mistakes are printed here.")]
pub struct PreviewArguments {
    /// Text of a scenario or lesson.
    pub file: PathBuf,
    /// The built page.
    #[arg(long, default_value = "dist")]
    pub dist: PathBuf,
    /// Port on 127.0.0.1; 0 = any free one.
    #[arg(long, default_value_t = 8081)]
    pub port: u16,
}

/// `highwater present`.
#[derive(Args)]
#[command(after_help = "\
Examples:
  highwater present
  highwater present dist --port 9000

The page must have been built (`cargo xtask build`); its folder can be copied from another machine.")]
pub struct PresentArguments {
    /// The built page.
    #[arg(default_value = "dist")]
    pub folder: PathBuf,
    /// Port on 127.0.0.1; 0 = any free one.
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
}

/// `highwater sweep`.
#[derive(Args)]
#[command(after_help = "\
Example:
  highwater sweep leader-killed --seeds 0..1000")]
pub struct SweepArguments {
    /// Built-in id or TOML file.
    pub scenario: String,
    /// A setting over the scenario's, by Kafka's name: `--set min.insync.replicas=1`.
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
    /// Seeds from the first up to, not including, the last.
    #[arg(long, value_name = "A..B", default_value = "0..100", value_parser = seeds, allow_hyphen_values = true)]
    pub seeds: Range<u64>,
    /// Where each run stops: 12.5s, event:312, end.
    #[arg(long, value_parser = str::parse::<At>, allow_hyphen_values = true)]
    pub until: Option<At>,
    /// Threads; 0 = as many as there are processors.
    #[arg(long, default_value_t = 0)]
    pub threads: u32,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let allowed = "allowed: NAME=VALUE, such as min.insync.replicas=1";
    let (name, value) = text.split_once('=').ok_or(allowed)?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("allowed: a whole number from 0 to {}", u64::MAX))
}

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let allowed = || "allowed: A..B with A below B, such as 0..1000".to_owned();
    let (from, to) = text.split_once("..").ok_or_else(allowed)?;
    let range = from.parse().map_err(|_| allowed())?..to.parse().map_err(|_| allowed())?;
    if range.is_empty() { Err(allowed()) } else { Ok(range) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn ranges_of_seeds() {
        assert_eq!(seeds("3..5"), Ok(3..5));
        for wrong in ["", "3", "5..3", "3..3", "a..b", "-1..2"] {
            assert!(seeds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn settings_by_name() {
        assert_eq!(setting("acks=1"), Ok(("acks".into(), "1".into())));
        assert!(setting("acks").is_err());
    }
}
