//! How a command ends: 0 well, 1 a promise was broken or something failed, 2 bad usage or input.

use std::fmt;

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

    /// Output could not be written. A reader that went away is not worth a word.
    pub fn output(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            std::process::exit(0);
        }
        Self::Broken(format!("cannot write: {error}"))
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
