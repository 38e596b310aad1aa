//! Virtual time: integer microseconds since the run began.

use std::fmt;
use std::ops::{Add, Sub};

/// A moment of the run, in microseconds since its beginning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Time(pub u64);

/// A length of time in microseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span(pub u64);

impl Span {
    /// From milliseconds, the unit of Kafka's settings. Negative counts as 0, a huge one saturates.
    pub fn from_ms(ms: i64) -> Self {
        Self(u64::try_from(ms).unwrap_or(0).saturating_mul(1000))
    }
    /// Whole milliseconds, rounded down.
    pub fn ms(self) -> i64 {
        i64::try_from(self.0 / 1000).unwrap_or(i64::MAX)
    }
}

/// What the wall clock of every node shows at time 0: 2023-11-14T22:13:20Z, a fixed epoch so that
/// runs do not depend on the day.
pub const WALL_CLOCK_START_MS: i64 = 1_700_000_000_000;

impl Time {
    /// The wall clock of a node at this moment, in milliseconds since the Unix epoch.
    pub fn wall_ms(self) -> i64 {
        WALL_CLOCK_START_MS + i64::try_from(self.0 / 1000).unwrap_or(i64::MAX / 2)
    }
    /// From milliseconds since the run began.
    pub fn from_ms(ms: u64) -> Self {
        Self(ms.saturating_mul(1000))
    }
    /// Time passed since `earlier`; zero when it is later.
    pub fn since(self, earlier: Time) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl Sub<Time> for Time {
    type Output = Span;
    fn sub(self, other: Time) -> Span {
        self.since(other)
    }
}

impl fmt::Display for Time {
    /// Seconds with milliseconds: `20.057 s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} s", self.0 / 1_000_000, self.0 / 1000 % 1000)
    }
}
