//! `highwater log dump`: what is in the files of a partition, Kafka's or ours.

use anyhow::{Context, Result};
use highwater_log::{
    Batch, Batches, Codec, ControlType, Offset, Record, fields, parse_offset_index,
    parse_producer_snapshot, parse_time_index, parse_transaction_index,
};
use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

/// How it is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Jsonl,
    /// Every field of every batch with its position.
    Bytes,
}

/// Writes what is in the files of the partition directory `dir`, in the order of their names.
///
/// Bytes that cannot be decoded are part of the answer; what is returned says in which files they are.
///
/// # Errors
/// A file that cannot be read.
pub fn dump(dir: &Path, format: Format, out: &mut dyn Write) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let entries = std::fs::read_dir(dir).with_context(|| format!("{}", dir.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("{}", dir.display()))?;
        if entry.file_type()?.is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    anyhow::ensure!(!names.is_empty(), "{}: no files in this directory", dir.display());
    let metadata_log = dir.file_name().is_some_and(|name| name == "__cluster_metadata-0");
    let mut wrong = Vec::new();
    if !names.iter().any(|name| extension(name) == "log") {
        wrong.push(
            "no segment file (*.log) here; give the directory of a partition, such as orders-0"
                .to_owned(),
        );
    }
    for name in names {
        let path = dir.join(&name);
        let bytes = std::fs::read(&path).with_context(|| format!("{}", path.display()))?;
        let file = File { name: &name, bytes: &bytes, format, wrong: RefCell::default() };
        file.line(
            out,
            &format!("{{\"file\":{},\"bytes\":{}}}", quote(&name), bytes.len()),
            || format!("{name}  {} bytes", bytes.len()),
        )?;
        match extension(&name) {
            "log" => file.log(out)?,
            "index" => file.offset_index(out)?,
            "timeindex" => file.time_index(out)?,
            "txnindex" => file.transaction_index(out)?,
            "snapshot" if !metadata_log => file.snapshot(out)?,
            _ if name == "leader-epoch-checkpoint" || name == "partition.metadata" => {
                file.text(out)?;
            }
            _ => {}
        }
        wrong.extend(file.wrong.into_inner().into_iter().map(|w| format!("{name}: {w}")));
    }
    Ok(wrong)
}

fn extension(name: &str) -> &str {
    name.split_once('.').map_or("", |(_, extension)| extension)
}

fn base_offset(name: &str) -> Offset {
    name.split('.').next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// A JSON string.
fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn hex_or_null(bytes: Option<&[u8]>) -> String {
    bytes.map_or_else(|| "null".to_owned(), |bytes| format!("\"{}\"", hex(bytes)))
}

/// Bytes for people: quoted when they are printable.
fn show(bytes: Option<&[u8]>) -> String {
    match bytes.map(|bytes| (bytes, std::str::from_utf8(bytes))) {
        None => "null".to_owned(),
        Some((_, Ok(text))) if !text.chars().any(char::is_control) => format!("{text:?}"),
        Some((bytes, _)) => format!("0x{}", hex(bytes)),
    }
}

struct File<'a> {
    name: &'a str,
    bytes: &'a [u8],
    format: Format,
    /// What cannot be read as what it should be.
    wrong: RefCell<Vec<String>>,
}

impl File<'_> {
    /// One line in the wanted format.
    fn line(&self, out: &mut dyn Write, json: &str, text: impl Fn() -> String) -> Result<()> {
        match self.format {
            Format::Jsonl => writeln!(out, "{json}")?,
            Format::Text | Format::Bytes => match text() {
                text if text.is_empty() => {}
                text => writeln!(out, "{text}")?,
            },
        }
        Ok(())
    }

    /// Where reading had to stop.
    fn stops(&self, out: &mut dyn Write, error: &str) -> Result<()> {
        self.wrong.borrow_mut().push(error.to_owned());
        let json = format!("{{\"stops\":{},\"error\":{}}}", quote(self.name), quote(error));
        self.line(out, &json, || format!("  stops: {error}"))
    }

    fn log(&self, out: &mut dyn Write) -> Result<()> {
        let mut batches = Batches::new(self.bytes);
        for batch in &mut batches {
            match batch {
                Ok(batch) => self.batch(&batch, out)?,
                Err(error) => {
                    return self.stops(out, &format!("at {}: {error}", batches.position()));
                }
            }
        }
        match self.bytes.len() as u64 - u64::from(batches.position()) {
            0 => Ok(()),
            // Kafka's reader ends without a word before a partial batch.
            left if self.format == Format::Jsonl => {
                self.wrong.borrow_mut().push(self.partial(batches.position(), left));
                Ok(())
            }
            left => self.stops(out, &self.partial(batches.position(), left)),
        }
    }

    fn partial(&self, position: u32, left: u64) -> String {
        format!("at {position}: {left} bytes are no whole batch")
    }

    fn batch(&self, batch: &Batch<'_>, out: &mut dyn Write) -> Result<()> {
        let valid = batch.check_crc();
        let readable = valid.is_ok() && batch.header.codec() == Ok(Codec::None);
        let mut records = Vec::new();
        let mut error = valid.as_ref().err().map(ToString::to_string);
        if readable {
            for record in batch.records() {
                match record {
                    Ok(record) => records.push(record),
                    Err(wrong) => error = Some(wrong.to_string()),
                }
            }
        }
        match self.format {
            Format::Jsonl => {
                writeln!(out, "{}", self.batch_json(batch, valid.is_ok(), &records))?;
                match error {
                    Some(error) if valid.is_ok() => self.stops(out, &error)?,
                    Some(error) => {
                        self.wrong.borrow_mut().push(format!("at {}: {error}", batch.position));
                    }
                    None => {}
                }
                return Ok(());
            }
            Format::Bytes => {
                writeln!(out, "  batch at {}", batch.position)?;
                for field in fields(batch) {
                    let record = field.record.map_or(String::new(), |i| format!("record {i} "));
                    let (at, length) = (field.position, field.length);
                    let name = format!("{record}{}", field.name);
                    writeln!(out, "  {at:>8} {length:>6}  {name:<32} {}", field.value)?;
                }
            }
            Format::Text => {
                writeln!(out, "{}", batch_text(batch))?;
                for record in &records {
                    writeln!(out, "{}", record_text(batch, record))?;
                }
                if valid.is_ok() && !readable {
                    writeln!(out, "    (compressed records are not decoded)")?;
                }
            }
        }
        if let Some(error) = error {
            writeln!(out, "    invalid: {error}")?;
            self.wrong.borrow_mut().push(format!("at {}: {error}", batch.position));
        }
        Ok(())
    }

    fn batch_json(&self, batch: &Batch<'_>, valid: bool, records: &[Record<'_>]) -> String {
        let h = &batch.header;
        let horizon = h.delete_horizon_ms().map_or("null".to_owned(), |ms| ms.to_string());
        let records: Vec<String> = records.iter().map(|r| record_json(batch, r)).collect();
        format!(
            "{{\"batch\":{},\"position\":{},\"base_offset\":{},\"last_offset\":{},\"size\":{},\
             \"magic\":{},\"partition_leader_epoch\":{},\"crc\":\"{:08x}\",\"valid\":{valid},\
             \"compression\":\"{}\",\"timestamp_type\":\"{}\",\"max_timestamp\":{},\
             \"delete_horizon_ms\":{horizon},\"producer_id\":{},\"producer_epoch\":{},\
             \"base_sequence\":{},\"last_sequence\":{},\"transactional\":{},\"control\":{},\
             \"count\":{},\"records\":[{}]}}",
            quote(self.name),
            batch.position,
            h.base_offset,
            h.last_offset(),
            h.size(),
            h.magic,
            h.partition_leader_epoch,
            h.crc,
            codec_name(batch),
            h.timestamp_type().name(),
            h.max_timestamp,
            h.producer_id,
            h.producer_epoch,
            h.base_sequence,
            h.last_sequence(),
            h.is_transactional(),
            h.is_control(),
            h.records_count,
            records.join(","),
        )
    }

    fn entries(&self, out: &mut dyn Write, entries: Option<Vec<(i64, i64)>>) -> Result<()> {
        let Some(entries) = entries else {
            return self.stops(out, "not an index: wrong length or entries out of order");
        };
        let pairs: Vec<String> = entries.iter().map(|(a, b)| format!("[{a},{b}]")).collect();
        let name = quote(self.name);
        let json = format!("{{\"index\":{name},\"entries\":[{}]}}", pairs.join(","));
        self.line(out, &json, || {
            let lines: Vec<String> = entries.iter().map(|(a, b)| format!("  {a} -> {b}")).collect();
            lines.join("\n")
        })
    }

    fn offset_index(&self, out: &mut dyn Write) -> Result<()> {
        let entries = parse_offset_index(base_offset(self.name), self.bytes);
        let pair = |e: highwater_log::OffsetEntry| (e.offset, i64::from(e.position));
        self.entries(out, entries.map(|entries| entries.into_iter().map(pair).collect()))
    }

    fn time_index(&self, out: &mut dyn Write) -> Result<()> {
        let entries = parse_time_index(base_offset(self.name), self.bytes);
        let pair = |e: highwater_log::TimeEntry| (e.timestamp, e.offset);
        self.entries(out, entries.map(|entries| entries.into_iter().map(pair).collect()))
    }

    fn transaction_index(&self, out: &mut dyn Write) -> Result<()> {
        let aborted = match parse_transaction_index(self.bytes) {
            Ok(aborted) => aborted,
            Err(error) => return self.stops(out, &error),
        };
        let objects: Vec<String> = aborted
            .iter()
            .map(|a| {
                format!(
                    "{{\"version\":{},\"producer_id\":{},\"first_offset\":{},\"last_offset\":{},\
                     \"last_stable_offset\":{}}}",
                    a.version, a.producer_id, a.first_offset, a.last_offset, a.last_stable_offset
                )
            })
            .collect();
        let name = quote(self.name);
        let json = format!("{{\"txnindex\":{name},\"aborted\":[{}]}}", objects.join(","));
        self.line(out, &json, || {
            let line = |a: &highwater_log::AbortedTxn| {
                let (id, first, last) = (a.producer_id, a.first_offset, a.last_offset);
                let stable = a.last_stable_offset;
                format!("  producer {id} aborted {first}..={last}, last stable offset {stable}")
            };
            aborted.iter().map(line).collect::<Vec<_>>().join("\n")
        })
    }

    fn snapshot(&self, out: &mut dyn Write) -> Result<()> {
        let producers = match parse_producer_snapshot(self.bytes) {
            Ok(producers) => producers,
            Err(error) => return self.stops(out, &error),
        };
        let objects: Vec<String> = producers
            .iter()
            .map(|p| {
                let first = match p.current_txn_first_offset {
                    -1 => "null".to_owned(),
                    offset => offset.to_string(),
                };
                format!(
                    "{{\"producer_id\":{},\"producer_epoch\":{},\"last_sequence\":{},\
                     \"last_offset\":{},\"last_timestamp\":{},\"coordinator_epoch\":{},\
                     \"current_txn_first_offset\":{first}}}",
                    p.producer_id,
                    p.producer_epoch,
                    p.last_sequence,
                    p.last_offset,
                    p.timestamp,
                    p.coordinator_epoch,
                )
            })
            .collect();
        let name = quote(self.name);
        let json = format!("{{\"snapshot\":{name},\"producers\":[{}]}}", objects.join(","));
        self.line(out, &json, || {
            let line = |p: &highwater_log::ProducerEntry| {
                let (id, epoch, sequence) = (p.producer_id, p.producer_epoch, p.last_sequence);
                let offset = p.last_offset;
                format!("  producer {id} epoch {epoch}: last sequence {sequence} at {offset}")
            };
            producers.iter().map(line).collect::<Vec<_>>().join("\n")
        })
    }

    fn text(&self, out: &mut dyn Write) -> Result<()> {
        let content = String::from_utf8_lossy(self.bytes);
        let (name, quoted) = (quote(self.name), quote(&content));
        let json = format!("{{\"text\":{name},\"content\":{quoted}}}");
        self.line(out, &json, || {
            content.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
        })
    }
}

fn codec_name(batch: &Batch<'_>) -> &'static str {
    batch.header.codec().map_or("unknown", Codec::name)
}

fn control_type(batch: &Batch<'_>, record: &Record<'_>) -> Option<&'static str> {
    let key = record.key.filter(|_| batch.header.is_control())?;
    ControlType::from_key(key).map(ControlType::name)
}

fn record_json(batch: &Batch<'_>, record: &Record<'_>) -> String {
    let mut json = format!(
        "{{\"offset\":{},\"timestamp\":{},\"sequence\":{},\"size\":{},\"key\":{},\"value\":{}",
        record.offset,
        record.timestamp,
        record.sequence,
        record.size,
        hex_or_null(record.key),
        hex_or_null(record.value),
    );
    if let Some(name) = control_type(batch, record) {
        let _ = write!(json, ",\"control_type\":\"{name}\"");
    }
    let headers: Vec<String> = record
        .headers
        .map(|h| format!("[{},{}]", quote(&String::from_utf8_lossy(h.key)), hex_or_null(h.value)))
        .collect();
    if !headers.is_empty() {
        let _ = write!(json, ",\"headers\":[{}]", headers.join(","));
    }
    json.push('}');
    json
}

fn batch_text(batch: &Batch<'_>) -> String {
    let h = &batch.header;
    let mut text = format!(
        "  at {:>8}  offsets {}..={}  {} records  {} bytes  leader epoch {}  {}  {} max {}  crc {:08x}",
        batch.position,
        h.base_offset,
        h.last_offset(),
        h.records_count,
        h.size(),
        h.partition_leader_epoch,
        codec_name(batch),
        h.timestamp_type().name(),
        h.max_timestamp,
        h.crc,
    );
    if h.has_producer_id() {
        let (id, epoch) = (h.producer_id, h.producer_epoch);
        let (first, last) = (h.base_sequence, h.last_sequence());
        let _ = write!(text, "  producer {id} epoch {epoch} sequences {first}..={last}");
    }
    for (set, word) in [(h.is_transactional(), "transactional"), (h.is_control(), "control")] {
        if set {
            let _ = write!(text, "  {word}");
        }
    }
    if let Some(horizon) = h.delete_horizon_ms() {
        let _ = write!(text, "  delete horizon {horizon}");
    }
    text
}

fn record_text(batch: &Batch<'_>, record: &Record<'_>) -> String {
    if let Some(name) = control_type(batch, record) {
        return format!("    {}  {name}", record.offset);
    }
    let (key, value) = (show(record.key), show(record.value));
    let mut text = format!("    {}  {}  {key}: {value}", record.offset, record.timestamp);
    for header in record.headers {
        let name = String::from_utf8_lossy(header.key);
        let _ = write!(text, "  [{name}={}]", show(header.value));
    }
    text
}
