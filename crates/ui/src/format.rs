//! Numbers and times as people read them.

use highwater_cluster::{NodeId, Time};

/// `20.057 s`, `3 min 12.4 s`, `2 h 3 min`, `7 d 4 h`.
pub fn clock(time: Time) -> String {
    let us = time.0;
    let s = us / 1_000_000;
    match s {
        0..60 => format!("{s}.{:03} s", us / 1000 % 1000),
        60..3600 => format!("{} min {}.{} s", s / 60, s % 60, us / 100_000 % 10),
        3600..86_400 => format!("{} h {} min", s / 3600, s / 60 % 60),
        _ => format!("{} d {} h", s / 86_400, s / 3600 % 24),
    }
}

/// The same for a column of times: seconds without their unit, `20.057`, or the whole text.
pub fn clock_short(time: Time) -> String {
    let text = clock(time);
    match text.strip_suffix(" s") {
        Some(seconds) if time.0 < 60_000_000 => seconds.to_owned(),
        _ => text,
    }
}

/// A length of time in microseconds: `350 µs`, `2.2 ms`, `5.9 s`, `3 min`, `4 h`, `7 d`.
pub fn span(us: u64) -> String {
    let tenth = |unit: u64| {
        let (whole, part) = (us / unit, us % unit * 10 / unit);
        if part == 0 { format!("{whole}") } else { format!("{whole}.{part}") }
    };
    match us {
        0..1000 => format!("{us} µs"),
        1000..1_000_000 => format!("{} ms", tenth(1000)),
        1_000_000..60_000_000 => format!("{} s", tenth(1_000_000)),
        60_000_000..3_600_000_000 => format!("{} min", tenth(60_000_000)),
        3_600_000_000..86_400_000_000 => format!("{} h", tenth(3_600_000_000)),
        _ => format!("{} d", tenth(86_400_000_000)),
    }
}

/// `{1, 2}`.
pub fn set(ids: &[i32]) -> String {
    let list: Vec<String> = ids.iter().map(ToString::to_string).collect();
    format!("{{{}}}", list.join(", "))
}

/// `1,234 bytes`.
pub fn bytes(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    format!("{out} bytes")
}

/// A process in the grammar of selections and actions: `broker 2`, `p1`.
pub fn node(text: &str) -> Option<NodeId> {
    let text = text.trim();
    if let Some(id) = text.strip_prefix("broker ") {
        return id.parse().ok().map(NodeId::Broker);
    }
    if text == "controller" {
        return Some(NodeId::Controller);
    }
    let number = |rest: &str| rest.parse::<u32>().ok().filter(|n| *n > 0);
    match text.split_at_checked(1)? {
        ("p", rest) => number(rest).map(NodeId::Producer),
        ("c", rest) => number(rest).map(NodeId::Consumer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(clock(Time(20_057_000)), "20.057 s");
        assert_eq!(clock(Time(192_400_000)), "3 min 12.4 s");
        assert_eq!(clock(Time(3600 * 1_000_000)), "1 h 0 min");
        assert_eq!(clock_short(Time(20_057_000)), "20.057");
        assert_eq!(
            clock_short(Time(300_000_000)),
            "5 min 0.0 s",
            "never minutes with a bare number"
        );
        assert_eq!(span(2_200), "2.2 ms");
        assert_eq!(span(604_800_000_000), "7 d");
        assert_eq!(span(350), "350 µs");
    }

    #[test]
    fn names() {
        assert_eq!(node("broker 2"), Some(NodeId::Broker(2)));
        assert_eq!(node("p1"), Some(NodeId::Producer(1)));
        assert_eq!(node("c0"), None);
        assert_eq!(node("orders-0"), None);
        assert_eq!(bytes(1234567), "1,234,567 bytes");
        assert_eq!(set(&[1, 2]), "{1, 2}");
    }
}
