//! What is wrong with a text form: where, what was found, what is allowed.

use std::fmt;

/// One mistake in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextError {
    /// File as the caller named it.
    pub file: String,
    /// Line from 1; 0 = the file as a whole.
    pub line: u32,
    /// Where in the file, in its own words: `step 3 "the-ack", until`.
    pub key: String,
    /// What was found.
    pub found: String,
    /// What is allowed there.
    pub allowed: String,
    /// The nearest known name, for a mistyped one.
    pub nearest: Option<String>,
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}", self.found)?;
        if !self.allowed.is_empty() {
            write!(f, "; {}", self.allowed)?;
        }
        match &self.nearest {
            Some(nearest) => write!(f, " (did you mean {nearest}?)"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with a file, in order of lines. Never empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextErrors(pub Vec<TextError>);

impl fmt::Display for TextErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for TextErrors {}
