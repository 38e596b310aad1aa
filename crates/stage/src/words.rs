//! Numbers and names as the picture says them.

use highwater_cluster::{BrokerId, NodeId, Time};
use highwater_log::Offset;

/// `{1, 2}`.
pub fn set(brokers: &[BrokerId]) -> String {
    let mut sorted = brokers.to_vec();
    highwater_sorted::sort(&mut sorted);
    format!("{{{}}}", list(&sorted))
}

/// `1, 2`.
pub fn list<T: ToString>(things: &[T]) -> String {
    things.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Offsets from the first to the last one: `7`, `7–8`.
pub fn offsets(first: Offset, last: Offset) -> String {
    if last <= first { first.to_string() } else { format!("{first}–{last}") }
}

/// A length of time in microseconds as people say it: `2 ms`, `12.0 s`, `3 min`, `7 d`.
pub fn span(us: u64) -> String {
    const S: u64 = 1_000_000;
    match us {
        0..1000 => format!("{us} µs"),
        1000..S => format!("{} ms", us / 1000),
        _ if us < 120 * S => format!("{}.{} s", us / S, us / 100_000 % 10),
        _ if us < 120 * 60 * S => format!("{} min", us / (60 * S)),
        _ if us < 72 * 3600 * S => format!("{} h", us / (3600 * S)),
        _ => format!("{} d", us / (24 * 3600 * S)),
    }
}

/// A moment: `20.057 s`.
pub fn at(time: Time) -> String {
    time.to_string()
}

/// The short name on a tag: `1`, `p1`, `c1`.
pub fn tag(node: NodeId) -> String {
    match node {
        NodeId::Broker(id) => id.to_string(),
        other => other.to_string(),
    }
}

/// `1 record`, `2 records`.
pub fn count(n: usize, thing: &str) -> String {
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}

/// `partition names of one topic share their topic: orders-0, 1`.
pub fn partitions(names: &[&str]) -> String {
    let mut out = String::new();
    let mut topic = "";
    for name in names {
        let (head, number) = name.rsplit_once('-').unwrap_or((name, ""));
        if !out.is_empty() {
            out.push_str(", ");
        }
        if head == topic && !number.is_empty() {
            out.push_str(number);
        } else {
            out.push_str(name);
            topic = head;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_words() {
        assert_eq!(span(2000), "2 ms");
        assert_eq!(span(12_000_000), "12.0 s");
        assert_eq!(span(604_800_000_000), "7 d");
        assert_eq!(offsets(7, 8), "7–8");
        assert_eq!(offsets(7, 7), "7");
        assert_eq!(set(&[1, 2]), "{1, 2}");
        assert_eq!(partitions(&["orders-0", "orders-1", "bills-0"]), "orders-0, 1, bills-0");
    }
}
