//! A bar on standard error, only where a person is looking.

use std::io::{IsTerminal, Write};

const WIDTH: u64 = 30;

/// A bar for `total` units of work.
pub struct Progress {
    total: u64,
    shown: Option<u64>,
    active: bool,
}

impl Progress {
    /// A bar at nothing; silent where standard error is no terminal.
    pub fn new(total: u64) -> Self {
        Self { total: total.max(1), shown: None, active: std::io::stderr().is_terminal() }
    }

    /// Shows that `done` units are done.
    pub fn at(&mut self, done: u64, what: &str) {
        let percent = (done.min(self.total) * 100) / self.total;
        if !self.active || self.shown == Some(percent) {
            return;
        }
        self.shown = Some(percent);
        let full = percent * WIDTH / 100;
        let bar: String = (0..WIDTH).map(|i| if i < full { '#' } else { '.' }).collect();
        eprint!("\r[{bar}] {percent:>3} % {what}\x1b[K");
        std::io::stderr().flush().ok();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.active && self.shown.is_some() {
            clear();
        }
    }
}

/// Takes a bar away.
pub fn clear() {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K");
    }
}
