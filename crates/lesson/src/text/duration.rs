//! Lengths of time as authors write them: `200 ms`, `1.5 s`, `2 min`, `7 d`.

/// What a duration looks like, for messages.
pub const DURATION_ALLOWED: &str =
    "allowed: a number and a unit (us, ms, s, min, h, d), such as \"200 ms\" or \"1.5 s\"";

const UNITS: &[(&str, u64)] = &[
    ("us", 1),
    ("ms", 1_000),
    ("s", 1_000_000),
    ("min", 60_000_000),
    ("h", 3_600_000_000),
    ("d", 86_400_000_000),
];

/// Microseconds of a duration with its unit; at most six digits after the point. `None` when it is
/// not one or does not fit.
pub fn duration_us(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_')?;
    let (number, unit) = text.split_at(split);
    let (_, unit_us) = UNITS.iter().find(|(name, _)| *name == unit.trim())?;
    decimal(number, *unit_us)
}

/// `number * unit` for a decimal number, rounded down to whole microseconds.
pub fn decimal(number: &str, unit_us: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = u32::try_from(fraction.len()).ok().filter(|n| (1..=6).contains(n))?;
    let whole: u64 = whole.replace('_', "").parse().ok()?;
    let fraction: u64 = fraction.parse().ok()?;
    let part = fraction.checked_mul(unit_us)? / 10u64.pow(digits);
    whole.checked_mul(unit_us)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_with_units() {
        for (text, us) in [
            ("6 s", Some(6_000_000)),
            ("200 ms", Some(200_000)),
            ("200ms", Some(200_000)),
            ("1.5 s", Some(1_500_000)),
            ("0 us", Some(0)),
            ("7 d", Some(604_800_000_000)),
            ("2 min", Some(120_000_000)),
            ("6", None),
            ("s", None),
            ("-1 s", None),
            ("1 fortnight", None),
            ("99999999999999 d", None),
            ("1.2.3 s", None),
            ("", None),
        ] {
            assert_eq!(duration_us(text), us, "{text}");
        }
    }
}
