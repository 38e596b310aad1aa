//! Time to the right: linear as long as something flies, and what is quiet shrunk to a band that says
//! how long it was.

use highwater_cluster::Time;
use highwater_scene::{Unit, u};

/// How time is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TimeAxis {
    /// Quiet spans are shrunk and say so.
    #[default]
    Shrunk,
    /// The same length for the same time.
    Linear,
}

/// A stretch between two moments at which something happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stretch {
    pub from: Time,
    pub to: Time,
    pub left: Unit,
    pub right: Unit,
    pub quiet: bool,
}

/// The mapping.
pub(super) struct Scale {
    pub stretches: Vec<Stretch>,
    left: Unit,
    right: Unit,
}

impl Scale {
    /// Lays the moments (any order) out between two edges; `band` is the width of a quiet span.
    pub fn new(
        mut moments: Vec<Time>,
        (left, right): (Unit, Unit),
        band: Unit,
        axis: TimeAxis,
    ) -> Self {
        highwater_sorted::sort(&mut moments);
        moments.dedup();
        let gaps: Vec<u64> = moments.windows(2).map(|p| p[1].since(p[0]).0).collect();
        let whole: u64 = gaps.iter().sum();
        let quiet = quiet_from(&gaps, axis);
        let bands = gaps.iter().filter(|g| **g >= quiet).count();
        // Bands never take more than half.
        let most = (right - left) / 2 / i32::try_from(bands.max(1)).unwrap_or(1);
        let band = band.min(most);
        let room = i64::from(right - left - band * i32::try_from(bands).unwrap_or(0));
        let moving = gaps.iter().filter(|g| **g < quiet).sum::<u64>();
        // From the beginning each time, so that nothing is lost by rounding.
        let all = if moving > 0 { moving } else { whole };
        let place = |passed: u64, bands: i32| -> Unit {
            let part = i128::from(room) * i128::from(passed) / i128::from(all.max(1));
            left + band * bands + i32::try_from(part).unwrap_or(0)
        };
        let (mut passed, mut behind) = (0u64, 0);
        let mut stretches: Vec<Stretch> = Vec::new();
        for (index, gap) in gaps.iter().enumerate() {
            let from = place(passed, behind);
            let is_quiet = *gap >= quiet && moving > 0;
            if is_quiet {
                behind += 1;
            } else {
                passed += gap;
            }
            let stretch = Stretch {
                from: moments[index],
                to: moments[index + 1],
                left: from,
                right: place(passed, behind),
                quiet: is_quiet,
            };
            match stretches.last_mut() {
                Some(last) if !last.quiet && !is_quiet => {
                    last.to = stretch.to;
                    last.right = stretch.right;
                }
                _ => stretches.push(stretch),
            }
        }
        Self { stretches, left, right }
    }

    /// Place of a moment, kept between the edges.
    pub fn x(&self, time: Time) -> Unit {
        let Some(first) = self.stretches.first() else {
            return i32::midpoint(self.left, self.right);
        };
        if time <= first.from {
            return first.left;
        }
        for stretch in &self.stretches {
            if time <= stretch.to {
                let whole = stretch.to.since(stretch.from).0.max(1);
                let done = time.since(stretch.from).0;
                let wide = i128::from(stretch.right - stretch.left);
                let part = wide * i128::from(done) / i128::from(whole);
                return stretch.left + i32::try_from(part).unwrap_or(0);
            }
        }
        self.stretches.last().map_or(self.right, |s| s.right)
    }
}

/// Gaps at least this long are quiet: much longer than what usually lies between two moments.
fn quiet_from(gaps: &[u64], axis: TimeAxis) -> u64 {
    if axis == TimeAxis::Linear || gaps.len() < 3 {
        return u64::MAX;
    }
    let mut sorted = gaps.to_vec();
    highwater_sorted::sort(&mut sorted);
    let usual = sorted[sorted.len() / 2].max(200);
    let whole: u64 = gaps.iter().sum();
    // A span that takes less than an eighth of the picture hurts nobody.
    usual.saturating_mul(6).max(2000).max(if whole < 40_000 { whole / 4 } else { 0 })
}

/// Width that a band needs for its words.
pub(super) fn band_width(text: Unit) -> Unit {
    text * 3 + u(6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_spans_shrink_and_order_stays() {
        let ms = |v: u64| Time::from_ms(v);
        let moments: Vec<Time> =
            [0, 2, 4, 6, 8, 9008, 9010, 9012, 9014].iter().map(|v| ms(*v)).collect();
        let scale = Scale::new(moments.clone(), (0, 100_000), 4000, TimeAxis::Shrunk);
        let quiet: Vec<&Stretch> = scale.stretches.iter().filter(|s| s.quiet).collect();
        assert_eq!(quiet.len(), 1);
        assert_eq!((quiet[0].from, quiet[0].to), (ms(8), ms(9008)));
        assert_eq!(quiet[0].right - quiet[0].left, 4000);
        assert!(moments.windows(2).all(|p| scale.x(p[0]) < scale.x(p[1])));
        let linear = Scale::new(moments, (0, 100_000), 4000, TimeAxis::Linear);
        assert_eq!(linear.stretches.len(), 1);
        assert_eq!(linear.x(ms(4507)), 50_000);
    }

    #[test]
    fn nothing_and_one_moment() {
        assert_eq!(Scale::new(Vec::new(), (0, 100), 10, TimeAxis::Shrunk).x(Time(5)), 50);
        assert_eq!(Scale::new(vec![Time(5)], (0, 100), 10, TimeAxis::Shrunk).x(Time(5)), 50);
    }
}
