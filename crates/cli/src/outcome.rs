//! How a command ends: 0 well, 1 a promise was broken or something failed, 2 bad usage or input.

use std::fmt;
use std::io::Write;
use std::path::Path;

/// A command that did not end well.
#[derive(Debug)]
pub enum Failure {
    /// A promise that the settings make was broken in the run, or the run could not be finished.
    Broken(String),
    /// What was given cannot be used.
    Input(String),
}

impl Failure {
    /// Bad input.
    pub fn input(message: impl fmt::Display) -> Self {
        Self::Input(message.to_string())
    }

    /// Standard output could not be written.
    pub fn output(error: std::io::Error) -> Self {
        Self::writing(Path::new("-"), &error)
    }

    /// This output (`-` = standard output) could not be written. A reader that went away is not worth a word.
    pub fn writing(path: &Path, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        let place = match path == Path::new("-") {
            true => "standard output".to_owned(),
            false => path.display().to_string(),
        };
        Self::Broken(format!("{place}: cannot be written: {error}"))
    }

    /// Exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Broken(_) => 1,
            Self::Input(_) => 2,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(message) | Self::Input(message) => f.write_str(message),
        }
    }
}

/// Prints a line. `println!` would panic when the reader has gone away.
pub fn say(line: impl fmt::Display) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{line}").map_err(Failure::output)
}
