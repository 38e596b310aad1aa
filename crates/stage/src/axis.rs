//! Marks of a time axis.

use highwater_cluster::Time;

/// Round moments between two, at most `most` of them, with their words.
pub(crate) fn moments(from: Time, to: Time, most: u64) -> Vec<(Time, String)> {
    let whole = to.since(from).0;
    let mut unit: u64 = 1;
    let step = 'found: loop {
        for factor in [1, 2, 5] {
            let step = unit.saturating_mul(factor);
            if whole / step <= most.max(1) || step > u64::MAX / 20 {
                break 'found step;
            }
        }
        unit = unit.saturating_mul(10);
    };
    let mut out = Vec::new();
    let mut time = from.0.div_ceil(step) * step;
    while time <= to.0 {
        out.push((Time(time), name(time, step)));
        time += step;
    }
    out
}

/// As many decimals as the step needs.
fn name(us: u64, step: u64) -> String {
    let (s, rest) = (us / 1_000_000, us % 1_000_000);
    match step {
        1_000_000.. => format!("{s} s"),
        100_000.. => format!("{s}.{} s", rest / 100_000),
        10_000.. => format!("{s}.{:02} s", rest / 10_000),
        _ if us == 0 => "0 s".to_owned(),
        1000.. if s == 0 => format!("{} ms", rest / 1000),
        100.. if s == 0 => format!("{}.{} ms", rest / 1000, rest / 100 % 10),
        1000.. => format!("{s}.{:03} s", rest / 1000),
        _ => format!("{s}.{rest:06} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_round() {
        let names = |from, to, most| {
            moments(Time(from), Time(to), most).into_iter().map(|m| m.1).collect::<Vec<_>>()
        };
        assert_eq!(names(0, 20_057_000, 6), ["0 s", "5 s", "10 s", "15 s", "20 s"]);
        assert_eq!(names(20_047_000, 20_057_000, 3), ["20.050 s", "20.055 s"]);
        assert_eq!(names(0, 1160, 4), ["0 s", "0.5 ms", "1.0 ms"]);
        assert_eq!(names(0, 3000, 4), ["0 s", "1 ms", "2 ms", "3 ms"]);
        assert_eq!(names(0, 0, 3), ["0 s"]);
    }
}
