//! Numbers in words, for texts that people read.

/// A length of time: `6 s`, `1.5 s`, `250 ms`, `40 us`, `2 min`, `168 h`.
pub fn span(us: u64) -> String {
    if us >= 3_600_000_000 && us.is_multiple_of(3_600_000_000) {
        format!("{} h", us / 3_600_000_000)
    } else if us >= 60_000_000 && us.is_multiple_of(60_000_000) {
        format!("{} min", us / 60_000_000)
    } else if us >= 1_000_000 {
        decimal(us, 1_000_000, "s")
    } else if us >= 1_000 {
        decimal(us, 1_000, "ms")
    } else {
        format!("{us} us")
    }
}

/// Milliseconds of a setting, in words; negative = no limit.
pub fn span_ms(ms: i64) -> String {
    u64::try_from(ms).map_or("no limit".to_owned(), |ms| span(ms.saturating_mul(1000)))
}

fn decimal(us: u64, unit: u64, name: &str) -> String {
    let thousandths = us % unit * 1000 / unit;
    if thousandths == 0 {
        return format!("{} {name}", us / unit);
    }
    let fraction = format!("{thousandths:03}");
    format!("{}.{} {name}", us / unit, fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_read_well() {
        let cases = [
            (0, "0 us"),
            (999, "999 us"),
            (1_000, "1 ms"),
            (1_400, "1.4 ms"),
            (250_000, "250 ms"),
            (1_000_000, "1 s"),
            (6_050_000, "6.05 s"),
            (30_000_000, "30 s"),
            (60_000_000, "1 min"),
            (90_000_000, "90 s"),
            (7_200_000_000, "2 h"),
            (604_800_000_000, "168 h"),
        ];
        for (us, text) in cases {
            assert_eq!(span(us), text);
        }
    }
}
