//! Every field of a batch with its place and its value in words: the byte microscope.

use super::records::Cursor;
use super::{Batch, BatchHeader, Codec, HEADER_SIZE};
use crate::ControlType;
use crate::varint::{read_varint, read_varlong};

/// A field of a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    /// First byte, from the start of the batch.
    pub position: u32,
    /// Number of bytes.
    pub length: u32,
    /// Number of the record it belongs to; `None` for the batch header.
    pub record: Option<i32>,
    /// Kafka's name.
    pub name: &'static str,
    /// The value in words.
    pub value: String,
}

/// The fields of a batch in order; together they cover every byte of it. What cannot be decoded
/// (compressed or malformed records) is one last field.
pub fn fields(batch: &Batch<'_>) -> Vec<Field> {
    let mut fields = header_fields(&batch.header);
    let mut position = HEADER_SIZE;
    if !matches!(batch.header.codec(), Ok(Codec::None)) {
        push_rest(&mut fields, position, batch, "compressed records");
        return fields;
    }
    for index in 0..batch.header.records_count {
        let rest = batch.bytes.get(position as usize..).unwrap_or(&[]);
        let mut walk =
            Walk { fields: &mut fields, cursor: Cursor { bytes: rest, at: 0 }, position, index };
        let Some(size) = walk.record(&batch.header) else {
            fields.retain(|field| field.record != Some(index));
            push_rest(&mut fields, position, batch, "malformed records");
            return fields;
        };
        position += size;
    }
    push_rest(&mut fields, position, batch, "leftover bytes");
    fields
}

fn push_rest(fields: &mut Vec<Field>, position: u32, batch: &Batch<'_>, name: &'static str) {
    let length = (batch.bytes.len() as u32).saturating_sub(position);
    if length > 0 {
        let value = format!("{length} bytes");
        fields.push(Field { position, length, record: None, name, value });
    }
}

fn header_fields(header: &BatchHeader) -> Vec<Field> {
    let values: [(u32, &'static str, String); 13] = [
        (8, "baseOffset", header.base_offset.to_string()),
        (4, "batchLength", header.batch_length.to_string()),
        (4, "partitionLeaderEpoch", header.partition_leader_epoch.to_string()),
        (1, "magic", header.magic.to_string()),
        (4, "crc", format!("{:08x}", header.crc)),
        (2, "attributes", attributes(header)),
        (4, "lastOffsetDelta", header.last_offset_delta.to_string()),
        (8, "baseTimestamp", header.base_timestamp.to_string()),
        (8, "maxTimestamp", header.max_timestamp.to_string()),
        (8, "producerId", header.producer_id.to_string()),
        (2, "producerEpoch", header.producer_epoch.to_string()),
        (4, "baseSequence", header.base_sequence.to_string()),
        (4, "recordsCount", header.records_count.to_string()),
    ];
    let mut position = 0;
    let mut place = |(length, name, value)| {
        let field = Field { position, length, record: None, name, value };
        position += length;
        field
    };
    values.into_iter().map(&mut place).collect()
}

fn attributes(header: &BatchHeader) -> String {
    let codec = header.codec().map_or("unknown codec", Codec::name);
    let mut text = format!("{codec}, {}", header.timestamp_type().name());
    for (set, word) in [
        (header.is_transactional(), ", transactional"),
        (header.is_control(), ", control"),
        (header.delete_horizon_ms().is_some(), ", delete horizon"),
    ] {
        if set {
            text.push_str(word);
        }
    }
    text
}

/// Goes through one record.
struct Walk<'a, 'b> {
    fields: &'b mut Vec<Field>,
    cursor: Cursor<'a>,
    position: u32,
    index: i32,
}

impl<'a> Walk<'a, '_> {
    fn push(&mut self, from: u32, name: &'static str, value: String) {
        let length = self.cursor.at - from;
        let position = self.position + from;
        self.fields.push(Field { position, length, record: Some(self.index), name, value });
    }

    fn varint(&mut self, name: &'static str, add: i64) -> Option<i32> {
        let from = self.cursor.at;
        let (value, size) = read_varint(self.cursor.rest())?;
        self.cursor.at += size;
        self.push(from, name, explain(i64::from(value), add));
        Some(value)
    }

    /// A length and as many bytes; a null has no bytes.
    fn bytes(&mut self, names: [&'static str; 2], text: impl Fn(&[u8]) -> String) -> Option<()> {
        let length = self.varint(names[0], 0)?;
        if length == -1 {
            if let Some(field) = self.fields.last_mut() {
                field.value = "-1 (null)".to_owned();
            }
            return Some(());
        }
        let from = self.cursor.at;
        let length = u32::try_from(length).ok()?;
        let bytes: &'a [u8] = self.cursor.rest().get(..length as usize)?;
        self.cursor.at += length;
        if length > 0 {
            self.push(from, names[1], text(bytes));
        }
        Some(())
    }

    /// Size of the record; `None` when it is malformed.
    fn record(&mut self, header: &BatchHeader) -> Option<u32> {
        let length = u32::try_from(self.varint("length", 0)?).ok()?;
        let end = self.cursor.at.checked_add(length)?;
        self.cursor.bytes = self.cursor.bytes.get(..end as usize)?;
        let from = self.cursor.at;
        let attributes = *self.cursor.rest().first()?;
        self.cursor.at += 1;
        self.push(from, "attributes", attributes.to_string());
        let from = self.cursor.at;
        let (delta, size) = read_varlong(self.cursor.rest())?;
        self.cursor.at += size;
        self.push(from, "timestampDelta", explain(delta, header.base_timestamp));
        self.varint("offsetDelta", header.base_offset)?;
        let control = header.is_control();
        self.bytes(["keyLength", "key"], |key| match ControlType::from_key(key) {
            Some(control_type) if control => control_type.name().to_owned(),
            _ => text(key),
        })?;
        self.bytes(["valueLength", "value"], text)?;
        let headers = self.varint("headersCount", 0)?;
        if headers < 0 || headers as usize > self.cursor.rest().len() {
            return None;
        }
        for _ in 0..headers {
            self.bytes(["headerKeyLength", "headerKey"], text)?;
            self.bytes(["headerValueLength", "headerValue"], text)?;
        }
        (self.cursor.at == end).then_some(end)
    }
}

/// A delta with what it comes to.
fn explain(value: i64, add: i64) -> String {
    match add {
        0 => value.to_string(),
        add => format!("{value:+} = {}", value.wrapping_add(add)),
    }
}

/// Printable UTF-8 in quotes, else hexadecimal.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.chars().any(char::is_control) => format!("{text:?}"),
        _ => {
            let mut hex = String::from("0x");
            for byte in bytes {
                hex.push_str(&format!("{byte:02x}"));
            }
            hex
        }
    }
}
