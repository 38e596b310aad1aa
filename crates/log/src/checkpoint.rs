//! Checkpoint files: text, version 0 (Kafka: `OffsetCheckpointFile`, `LeaderEpochCheckpointFile`).
//! Callers write them with [`Storage::replace`](crate::Storage::replace).

use crate::{EpochEntry, Offset};
use std::fmt::Write;

/// The lines of a checkpoint after its version and count, both checked.
fn entries(text: &[u8]) -> Result<Vec<&str>, String> {
    let text = std::str::from_utf8(text).map_err(|_| "not UTF-8".to_owned())?;
    let mut lines = text.lines();
    match lines.next().map(str::trim) {
        Some("0") => {}
        Some(other) => return Err(format!("line 1: version {other:?}, only 0 is known")),
        None => return Err("line 1: the version is missing".to_owned()),
    }
    let count = lines.next().unwrap_or_default().trim();
    let expected: u64 =
        count.parse().map_err(|_| format!("line 2: {count:?} is not a number of entries"))?;
    let entries: Vec<&str> = lines.filter(|line| !line.trim().is_empty()).collect();
    if entries.len() as u64 != expected {
        return Err(format!("line 2: {expected} entries announced, {} found", entries.len()));
    }
    Ok(entries)
}

fn number<T: std::str::FromStr>(line: &str, field: Option<&str>, name: &str) -> Result<T, String> {
    let field = field.unwrap_or_default();
    field.parse().map_err(|_| format!("{line:?}: {field:?} is not {name}"))
}

/// A `recovery-point-offset-checkpoint`, `log-start-offset-checkpoint` or
/// `replication-offset-checkpoint`: lines `topic partition offset`.
pub fn format_offset_checkpoint<'a>(
    entries: impl IntoIterator<Item = (&'a str, i32, Offset)>,
) -> Vec<u8> {
    let (mut body, mut count) = (String::new(), 0u32);
    for (topic, partition, offset) in entries {
        // Writing to a string cannot fail.
        let _ = writeln!(body, "{topic} {partition} {offset}");
        count += 1;
    }
    format!("0\n{count}\n{body}").into_bytes()
}

/// Reads what [`format_offset_checkpoint`] writes.
///
/// # Errors
/// Says which line is wrong and why.
pub fn parse_offset_checkpoint(text: &[u8]) -> Result<Vec<(String, i32, Offset)>, String> {
    let parse = |line: &str| {
        let mut fields = line.split_whitespace();
        let topic = fields.next().unwrap_or_default().to_owned();
        let partition = number(line, fields.next(), "a partition number")?;
        let offset = number(line, fields.next(), "an offset")?;
        match fields.next() {
            None => Ok((topic, partition, offset)),
            Some(_) => Err(format!("{line:?}: more than topic, partition and offset")),
        }
    };
    entries(text)?.into_iter().map(parse).collect()
}

/// A `leader-epoch-checkpoint`: lines `epoch startOffset`.
pub fn format_epoch_checkpoint(entries: &[EpochEntry]) -> Vec<u8> {
    let mut text = format!("0\n{}\n", entries.len());
    for entry in entries {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{} {}", entry.epoch, entry.start_offset);
    }
    text.into_bytes()
}

/// Reads what [`format_epoch_checkpoint`] writes.
///
/// # Errors
/// Says which line is wrong and why.
pub fn parse_epoch_checkpoint(text: &[u8]) -> Result<Vec<EpochEntry>, String> {
    let parse = |line: &str| {
        let mut fields = line.split_whitespace();
        let epoch = number(line, fields.next(), "a leader epoch")?;
        let start_offset = number(line, fields.next(), "an offset")?;
        match fields.next() {
            None => Ok(EpochEntry { epoch, start_offset }),
            Some(_) => Err(format!("{line:?}: more than epoch and start offset")),
        }
    };
    entries(text)?.into_iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offset_checkpoint_as_kafka_writes_it() {
        let text = format_offset_checkpoint([("orders", 0, 12), ("my.topic", 10, 0)]);
        assert_eq!(text, b"0\n2\norders 0 12\nmy.topic 10 0\n");
        let read = parse_offset_checkpoint(&text).unwrap();
        assert_eq!(read, [("orders".to_owned(), 0, 12), ("my.topic".to_owned(), 10, 0)]);
    }

    #[test]
    fn epoch_checkpoint_as_kafka_writes_it() {
        let entries =
            [EpochEntry { epoch: 0, start_offset: 0 }, EpochEntry { epoch: 2, start_offset: 20 }];
        let text = format_epoch_checkpoint(&entries);
        assert_eq!(text, b"0\n2\n0 0\n2 20\n");
        assert_eq!(parse_epoch_checkpoint(&text).unwrap(), entries);
    }

    #[test]
    fn broken_files_are_refused_with_a_reason() {
        for (text, word) in [
            ("", "version"),
            ("1\n0\n", "version"),
            ("0\nx\n", "number"),
            ("0\n2\na 0 1\n", "announced"),
            ("0\n1\na b 1\n", "partition"),
            ("0\n1\na 1 1 1\n", "more than"),
        ] {
            let error = parse_offset_checkpoint(text.as_bytes()).unwrap_err();
            assert!(error.contains(word), "{text:?}: {error}");
        }
        assert!(parse_epoch_checkpoint(b"0\n1\n0 x\n").unwrap_err().contains("offset"));
    }
}
