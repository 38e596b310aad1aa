//! The director: how long each interval between two events takes on the screen.
//!
//! Kafka's times span 2 ms to 7 days, so a linear clock is a blur or a bore. The mapping here is a pure
//! function of what the engine is known to do: a message that changes something flies for half a
//! second to a bit more than one, what passes without change shrinks to 0.8 s at most, and things that
//! happen at once come one after the other. No floats, no clock, no state.

use highwater_cluster::{Span, Time};
use highwater_sim::NetworkSpec;

/// Longest and shortest flight on the screen, and that of a message of usual latency.
const FLIGHT_MIN_US: u64 = 500_000;
const FLIGHT_USUAL_US: u64 = 900_000;
const FLIGHT_MAX_US: u64 = 1_200_000;
/// A quiet span takes at most this long, so that it is over within 800 ms with the change that ends it.
const QUIET_MAX_US: u64 = 800_000 - CHANGED_MIN_US;
/// Least time for an event that can be seen, and for one that changes what is drawn.
const SEEN_MIN_US: u64 = 80_000;
const CHANGED_MIN_US: u64 = 160_000;
/// A quiet span shorter than this is no news.
const QUIET_REPORTED_US: u64 = 100_000;

/// What can be seen of an event.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Effect {
    /// Nothing: a heartbeat, a timer, a fetch that finds nothing new.
    #[default]
    Hidden,
    /// A message that matters was sent or landed.
    Seen,
    /// What is drawn of logs, brokers, clients or groups changed.
    Changed,
}

/// An event as the director needs it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Beat {
    /// Its number.
    pub event: u64,
    /// When.
    pub time: Time,
    /// What can be seen of it.
    pub effect: Effect,
    /// Shortest latency, in microseconds, among the messages that matter and are in flight after it.
    pub shortest_flight_us: Option<u64>,
}

/// A span in which nothing happens that can be seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quiet {
    /// Its first moment: the last event that could be seen, or the landing of the last message.
    pub from: Time,
    /// The next event that can be seen.
    pub to: Time,
}

/// The mapping of one scenario.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Director {
    usual_latency_us: u64,
    /// One second is one second.
    pub linear: bool,
}

impl Director {
    /// The director for a network: its usual latency is what flies for 900 ms.
    pub fn new(network: &NetworkSpec) -> Self {
        let usual_latency_us = (network.latency.0 + network.jitter.0 / 2).max(1);
        Self { usual_latency_us, linear: false }
    }

    /// Screen microseconds, at speed 1, of a flight of this latency when no shorter one is in the air.
    pub fn flight_us(&self, latency_us: u64) -> u64 {
        scale(latency_us, FLIGHT_USUAL_US, self.usual_latency_us)
            .clamp(FLIGHT_MIN_US, FLIGHT_MAX_US)
    }

    /// Screen microseconds, at speed 1, between two neighbouring events. `quiet` is the quiet span the
    /// interval lies in; it counts only while nothing that matters is in flight.
    pub fn interval_us(&self, from: &Beat, to: &Beat, quiet: Option<Quiet>) -> u64 {
        let passed = to.time.since(from.time).0;
        if self.linear {
            return passed;
        }
        let natural = match (from.shortest_flight_us, quiet) {
            (Some(latency), _) => scale(passed, self.flight_us(latency), latency.max(1)),
            (None, Some(quiet)) => self.quiet_part_us(quiet, from.time, to.time),
            (None, None) => scale(passed, FLIGHT_USUAL_US, self.usual_latency_us).min(QUIET_MAX_US),
        };
        match to.effect {
            Effect::Hidden => natural,
            Effect::Seen => natural.max(SEEN_MIN_US),
            Effect::Changed => natural.max(CHANGED_MIN_US),
        }
    }

    /// Screen microseconds of a whole quiet span.
    pub fn quiet_us(&self, quiet: Quiet) -> u64 {
        let length = quiet.to.since(quiet.from).0;
        scale(length, FLIGHT_USUAL_US, self.usual_latency_us).min(QUIET_MAX_US)
    }

    /// The share of a part of it. Differences of one running sum, so that the parts add up exactly.
    fn quiet_part_us(&self, quiet: Quiet, from: Time, to: Time) -> u64 {
        let length = quiet.to.since(quiet.from).0.max(1);
        let total = self.quiet_us(quiet);
        let upto = |t: Time| scale(t.since(quiet.from).0.min(length), total, length);
        upto(to) - upto(from)
    }

    /// What to say about a quiet span ("27.3 s pass"): its length, when it was shortened enough to
    /// need saying.
    pub fn report(&self, quiet: Quiet) -> Option<Span> {
        let length = quiet.to.since(quiet.from);
        (!self.linear && length.0 >= QUIET_REPORTED_US).then_some(length)
    }
}

/// Simulated nanoseconds per second of screen time, for the gauge.
pub fn gauge_ns(passed: Span, screen_us: u64) -> u64 {
    scale(passed.0, 1_000_000_000, screen_us.max(1))
}

/// `value * numerator / denominator` without overflow, rounded down, saturating.
fn scale(value: u64, numerator: u64, denominator: u64) -> u64 {
    let wide = u128::from(value) * u128::from(numerator) / u128::from(denominator.max(1));
    u64::try_from(wide).unwrap_or(u64::MAX)
}

/// A speed: a power of two in sixteenths, from 1/16 to 16.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Speed(i32);

/// `2^(n/16) * 65536` for n in 0..16, rounded to nearest.
const SIXTEENTHS: [u64; 16] = [
    65536, 68438, 71468, 74632, 77936, 81386, 84990, 88752, 92682, 96785, 101_070, 105_545,
    110_218, 115_098, 120_194, 125_515,
];

impl Speed {
    /// Slowest and fastest, in sixteenths of a doubling.
    pub const RANGE: std::ops::RangeInclusive<i32> = -64..=64;

    /// The speed `2^(sixteenths/16)`, brought within the range.
    pub fn new(sixteenths: i32) -> Self {
        Self(sixteenths.clamp(*Self::RANGE.start(), *Self::RANGE.end()))
    }

    /// The exponent in sixteenths.
    pub fn sixteenths(self) -> i32 {
        self.0
    }

    /// Screen time at speed 1 for `us` of screen time at this speed.
    pub fn apply(self, us: u64) -> u64 {
        let fraction = SIXTEENTHS[self.0.rem_euclid(16).unsigned_abs() as usize];
        let scaled = scale(us, fraction, 65536);
        match self.0.div_euclid(16) {
            octave @ 0.. => scaled.saturating_mul(1 << octave),
            octave => scaled >> octave.unsigned_abs(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn director() -> Director {
        Director::new(&NetworkSpec { latency: Span(1_000), jitter: Span(400) })
    }

    fn beat(time_us: u64, effect: Effect, flight: Option<u64>) -> Beat {
        Beat { event: 0, time: Time(time_us), effect, shortest_flight_us: flight }
    }

    #[test]
    fn every_latency_flies_between_500_and_1200_ms_in_order_of_rank() {
        let d = director();
        let mut last = 0;
        for latency in [1, 100, 900, 1_000, 1_200, 1_400, 5_000, 1_000_000, 6_000_000, u64::MAX] {
            let us = d.flight_us(latency);
            assert!((500_000..=1_200_000).contains(&us), "{latency}: {us}");
            assert!(us >= last, "{latency}");
            last = us;
        }
        assert_eq!(d.flight_us(1_200), 900_000);
    }

    #[test]
    fn the_shortest_flight_in_the_air_sets_the_rate() {
        let d = director();
        // 600 of 1200 us are half of 900 ms, whatever slower message is also in the air.
        let part = d.interval_us(
            &beat(0, Effect::Seen, Some(1_200)),
            &beat(600, Effect::Hidden, None),
            None,
        );
        assert_eq!(part, 450_000);
    }

    #[test]
    fn what_happens_at_once_comes_one_after_the_other() {
        let d = director();
        let now = beat(5, Effect::Seen, Some(1_200));
        assert_eq!(d.interval_us(&now, &beat(5, Effect::Hidden, None), None), 0);
        assert_eq!(d.interval_us(&now, &beat(5, Effect::Seen, None), None), 80_000);
        assert_eq!(d.interval_us(&now, &beat(5, Effect::Changed, None), None), 160_000);
    }

    #[test]
    fn a_quiet_span_takes_at_most_800_ms_in_total_and_is_reported() {
        let d = director();
        let quiet = Quiet { from: Time(1_000), to: Time(27_301_000) };
        let mut total = 0;
        let mut at = 1_000;
        while at < 27_301_000 {
            let next = (at + 700_001).min(27_301_000);
            total += d.interval_us(
                &beat(at, Effect::Hidden, None),
                &beat(next, Effect::Hidden, None),
                Some(quiet),
            );
            at = next;
        }
        assert_eq!(total, 640_000, "with the change that ends it 800 ms at most");
        assert_eq!(d.report(quiet), Some(Span(27_300_000)));
        assert_eq!(d.report(Quiet { from: Time(0), to: Time(900) }), None);
    }

    #[test]
    fn a_short_quiet_span_is_not_stretched() {
        // A sixth of the usual latency takes a sixth of the usual flight.
        assert_eq!(director().quiet_us(Quiet { from: Time(0), to: Time(200) }), 150_000);
    }

    #[test]
    fn linear_is_linear() {
        let d = Director { linear: true, ..director() };
        let us = d.interval_us(
            &beat(0, Effect::Seen, Some(10)),
            &beat(123_456, Effect::Changed, None),
            None,
        );
        assert_eq!(us, 123_456);
    }

    #[test]
    fn speeds_are_powers_of_two_in_sixteenths() {
        for (sixteenths, expected) in
            [(0, 1_000_000), (16, 2_000_000), (64, 16_000_000), (-64, 62_500), (8, 1_414_213)]
        {
            let found = Speed::new(sixteenths).apply(1_000_000);
            assert!(found.abs_diff(expected) <= 15, "{sixteenths}: {found}");
        }
        assert_eq!(Speed::new(1000).sixteenths(), 64);
        // Table against an independent computation: 16 steps multiply to exactly one doubling.
        for pair in SIXTEENTHS.windows(2) {
            let ratio = pair[1] * 1_000_000 / pair[0];
            assert!((1_044_250..=1_044_300).contains(&ratio), "{ratio}");
        }
    }

    #[test]
    fn the_gauge_is_simulated_time_per_second_of_screen() {
        assert_eq!(gauge_ns(Span(1_200), 900_000), 1_333_333);
        assert_eq!(gauge_ns(Span(1_000_000), 1_000_000), 1_000_000_000);
    }
}
