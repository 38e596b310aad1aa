//! Small parts of the text forms of actions and queries: words with quotes, spans, names of processes
//! and partitions.

use crate::words;
use highwater_cluster::NodeId;

/// Splits at blanks; double quotes keep blanks, `\"` and `\\` stand for themselves inside.
pub(crate) fn split(text: &str) -> Result<Vec<String>, String> {
    let mut parts = Vec::new();
    let mut current = String::new();
    let (mut quoted, mut any) = (false, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => (quoted, any) = (!quoted, true),
            '\\' if quoted => current.push(chars.next().ok_or("ends in the middle of an escape")?),
            c if c.is_whitespace() && !quoted => {
                if any {
                    parts.push(std::mem::take(&mut current));
                }
                any = false;
            }
            c => {
                current.push(c);
                any = true;
            }
        }
    }
    if quoted {
        return Err("a quote is not closed".to_owned());
    }
    if any {
        parts.push(current);
    }
    Ok(parts)
}

/// A word of an action, in quotes where it needs them.
pub fn quote(word: &str) -> String {
    let plain =
        !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || c == '"' || c == '\\');
    if plain {
        return word.to_owned();
    }
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}

/// `6 s`, `6s`, `1.5 s`, `250ms`, `40 us`, `2 min`, in microseconds.
pub fn parse_span(text: &str) -> Result<u64, String> {
    let allowed = || {
        format!("{text:?} is not a length of time: write it as 250 ms, 6 s, 1.5 s, 40 us or 2 min")
    };
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(allowed)?;
    let unit: u64 = match text[end..].trim() {
        "us" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "min" => 60_000_000,
        "h" => 3_600_000_000,
        _ => return Err(allowed()),
    };
    let (whole, fraction) = text[..end].split_once('.').unwrap_or((&text[..end], ""));
    let whole: u64 = whole.parse().map_err(|_| allowed())?;
    let mut us = whole.checked_mul(unit).ok_or_else(allowed)?;
    let mut digit = unit;
    for c in fraction.chars() {
        digit /= 10;
        let value = c.to_digit(10).ok_or_else(allowed)?;
        us = us.checked_add(digit * u64::from(value)).ok_or_else(allowed)?;
    }
    Ok(us)
}

/// A span without a blank: `6s`.
pub(crate) fn short_span(us: u64) -> String {
    words::span(us).replace(' ', "")
}

/// `controller`, `broker 2` (or `2` where only a process fits), `p1`, `c1`, `admin`.
pub fn parse_node(text: &str) -> Result<NodeId, String> {
    let text = text.trim();
    let number = |rest: &str| rest.trim().parse::<u32>().ok();
    let node = match text {
        "controller" => Some(NodeId::Controller),
        "admin" => Some(NodeId::Admin),
        _ => {
            let broker = text.strip_prefix("broker").or(text.strip_prefix('b')).unwrap_or(text);
            if let Some(id) = number(broker) {
                i32::try_from(id).ok().map(NodeId::Broker)
            } else if let Some(n) = text.strip_prefix('p').and_then(number) {
                Some(NodeId::Producer(n))
            } else {
                text.strip_prefix('c').and_then(number).map(NodeId::Consumer)
            }
        }
    };
    node.ok_or_else(|| {
        format!("{text:?} is not a process: write controller, broker 1, p1 (a producer) or c1 (a consumer)")
    })
}

/// `orders-0` into name and number.
pub fn parse_partition(text: &str) -> Result<(String, i32), String> {
    let parts = text.rsplit_once('-').filter(|(name, _)| !name.is_empty());
    parts
        .and_then(|(name, number)| Some((name.to_owned(), number.parse::<i32>().ok()?)))
        .filter(|(_, n)| *n >= 0)
        .ok_or_else(|| {
            format!(
                "{text:?} is not a partition: write the topic's name and the number, as in orders-0"
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_quotes() {
        assert_eq!(split("a  b=\"c d\" \"\"").unwrap(), ["a", "b=c d", ""]);
        assert_eq!(split(&format!("x {}", quote("a \"b\" \\"))).unwrap(), ["x", "a \"b\" \\"]);
        assert!(split("a \"b").is_err());
    }

    #[test]
    fn spans() {
        for (text, us) in [
            ("6 s", 6_000_000),
            ("6s", 6_000_000),
            ("1.5 s", 1_500_000),
            ("250ms", 250_000),
            ("40 us", 40),
            ("2 min", 120_000_000),
        ] {
            assert_eq!(parse_span(text), Ok(us));
        }
        for bad in ["", "6", "s", "6 parsecs", "1.x s", "-1 s"] {
            assert!(parse_span(bad).unwrap_err().contains("250 ms"), "{bad}");
        }
    }

    #[test]
    fn processes_and_partitions() {
        assert_eq!(parse_node("broker 2"), Ok(NodeId::Broker(2)));
        assert_eq!(parse_node("2"), Ok(NodeId::Broker(2)));
        assert_eq!(parse_node("p1"), Ok(NodeId::Producer(1)));
        assert_eq!(parse_node("c12"), Ok(NodeId::Consumer(12)));
        assert_eq!(parse_node("controller"), Ok(NodeId::Controller));
        assert!(parse_node("x").is_err() && parse_node("").is_err());
        assert_eq!(parse_partition("my-topic-3"), Ok(("my-topic".into(), 3)));
        assert!(parse_partition("orders").is_err() && parse_partition("-1").is_err());
    }
}
