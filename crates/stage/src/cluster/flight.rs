//! Where a message is on its way: across the wires between two columns, quickly behind the machines
//! that stand between, so that 85 % of a flight is on paper.

use super::columns::Columns;
use highwater_cluster::{NodeId, Time};
use highwater_scene::{Ease, Unit, WHOLE, ease};

/// A way from column to column: pieces of wire in the direction of flight.
pub(super) struct Way {
    /// 1 = to the right, -1 = to the left.
    pub direction: i32,
    /// Wires from start to end, each from where the flight enters it.
    pub wires: Vec<(Unit, Unit)>,
}

/// Column number of a node: producers and the controller 0, brokers from 1, consumers last.
fn column(columns: &Columns<'_>, node: NodeId) -> Option<usize> {
    match node {
        NodeId::Producer(_) | NodeId::Controller | NodeId::Admin => Some(0),
        NodeId::Consumer(_) => Some(columns.bands.len() + 1),
        NodeId::Broker(id) => {
            columns.bands.iter().position(|b| b.broker.id == id).map(|index| index + 1)
        }
    }
}

/// Narrower than this an outer wire is only the margin beside the machines: what flies there would
/// be seen as a splinter.
const LEAST_OUTER: Unit = 1200;

/// The way between two nodes; `None` when one has no column, both have the same or no paper lies
/// between.
pub(super) fn way(columns: &Columns<'_>, from: NodeId, to: NodeId) -> Option<Way> {
    let (a, b) = (column(columns, from)?, column(columns, to)?);
    let last = columns.wires.len() - 1;
    let whole =
        |n: usize| n > 0 && n < last || columns.wires[n].1 - columns.wires[n].0 >= LEAST_OUTER;
    let between = (a.min(b)..a.max(b)).filter(|n| whole(*n)).map(|n| columns.wires[n]);
    let way = if a < b {
        Way { direction: 1, wires: between.collect() }
    } else {
        Way { direction: -1, wires: between.rev().map(|(l, r)| (r, l)).collect() }
    };
    (!way.wires.is_empty()).then_some(way)
}

/// How far a flight is at a time, of 10000.
pub(super) fn fraction(sent: Time, lands: Time, now: Time) -> i32 {
    let whole = lands.since(sent).0.max(1);
    let done = now.since(sent).0.min(whole);
    i32::try_from(done.saturating_mul(10_000) / whole).unwrap_or(WHOLE)
}

impl Way {
    /// The widest piece of paper on the way.
    pub fn widest(&self) -> (Unit, Unit) {
        self.wires.iter().copied().max_by_key(|(a, b)| (b - a).abs()).unwrap_or((0, 0))
    }

    /// Where the middle of a body of this width is at a fraction of the flight.
    pub fn at(&self, fraction: i32, width: Unit) -> Unit {
        let eased = i64::from(ease(Ease::Wire, fraction));
        let half = self.direction * (width / 2 + 150);
        let (Some(first), Some(last)) = (self.wires.first(), self.wires.last()) else { return 0 };
        let (start, end) = (first.0 + half, last.1 - half);
        // Stretches in order: paper, machine, paper, ... with their shares of the time.
        let mut points = vec![start];
        for pair in self.wires.windows(2) {
            points.extend([pair[0].1, pair[1].0]);
        }
        points.push(end);
        let lengths: Vec<i64> =
            points.windows(2).map(|p| i64::from((p[1] - p[0]) * self.direction).max(0)).collect();
        let paper: i64 = lengths.iter().step_by(2).sum::<i64>().max(1);
        let behind: i64 = lengths.iter().skip(1).step_by(2).sum();
        let whole = i64::from(WHOLE);
        let mut left = eased;
        for (index, length) in lengths.iter().enumerate() {
            let share = match (index % 2, behind) {
                (0, 0) => length * whole / paper,
                (0, _) => length * whole * 85 / 100 / paper,
                _ => length * whole * 15 / 100 / behind,
            };
            if left <= share || index + 1 == lengths.len() {
                let done = if share == 0 { 0 } else { length * left.min(share) / share };
                return points[index] + self.direction * i32::try_from(done).unwrap_or(0);
            }
            left -= share;
        }
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flight_starts_at_its_sender_ends_at_its_target_and_hurries_behind_machines() {
        // Two wires of 10000 with a machine of 15000 between.
        let way = Way { direction: 1, wires: vec![(0, 10_000), (25_000, 35_000)] };
        assert_eq!(way.at(0, 2000), 1150);
        assert_eq!(way.at(10_000, 2000), 35_000 - 1150);
        let hidden = (0..=100)
            .map(|p| way.at(p * 100, 2000))
            .filter(|x| (10_000..25_000).contains(x))
            .count();
        assert!((8..=22).contains(&hidden), "behind the machine for {hidden} %");
        let back = Way { direction: -1, wires: vec![(35_000, 25_000), (10_000, 0)] };
        assert_eq!(back.at(0, 2000), 35_000 - 1150);
        assert_eq!(back.at(10_000, 2000), 1150);
        let mut last = i32::MAX;
        for p in 0..=1000 {
            let x = back.at(p * 10, 2000);
            assert!(x <= last, "went back at {p}");
            last = x;
        }
    }

    #[test]
    fn fractions() {
        assert_eq!(fraction(Time(100), Time(300), Time(100)), 0);
        assert_eq!(fraction(Time(100), Time(300), Time(250)), 7500);
        assert_eq!(fraction(Time(100), Time(300), Time(900)), 10_000);
        assert_eq!(fraction(Time(100), Time(100), Time(100)), 0);
    }
}
