//! Decoding: batches from bytes, records from a batch.

use super::{BatchError, BatchHeader, Codec, HEADER_SIZE, TimestampType, increment_sequence};
use crate::varint::{read_varint, read_varlong};
use crate::{Offset, Timestamp};

/// A batch inside a buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Batch<'a> {
    /// Its header.
    pub header: BatchHeader,
    /// All its bytes.
    pub bytes: &'a [u8],
    /// Where it starts in the buffer.
    pub position: u32,
}

impl<'a> Batch<'a> {
    /// Compares the stored CRC.
    ///
    /// # Errors
    /// `CrcMismatch`.
    pub fn check_crc(&self) -> Result<(), BatchError> {
        self.header.check_crc(self.bytes)
    }

    /// The records of an uncompressed batch.
    pub fn records(&self) -> Records<'a> {
        Records::new(self.header, self.bytes)
    }
}

/// Goes through the batches of a buffer. A trailing partial batch ends it silently; an impossible
/// length or magic ends it with an error.
#[derive(Clone, Debug)]
pub struct Batches<'a> {
    bytes: &'a [u8],
    position: u32,
    failed: bool,
}

impl<'a> Batches<'a> {
    /// Batches back to back.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0, failed: false }
    }

    /// Where the next batch would start; after the last one, how many bytes whole batches took.
    pub fn position(&self) -> u32 {
        self.position
    }
}

impl<'a> Iterator for Batches<'a> {
    type Item = Result<Batch<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.bytes[self.position as usize..];
        if self.failed || rest.is_empty() {
            return None;
        }
        match BatchHeader::parse(rest) {
            Err(BatchError::TooShort { .. }) => None,
            Err(error) => {
                self.failed = true;
                Some(Err(error))
            }
            Ok(header) => {
                let bytes = rest.get(..header.size() as usize)?;
                let position = self.position;
                self.position += header.size();
                Some(Ok(Batch { header, bytes, position }))
            }
        }
    }
}

/// A record header: a name, which is UTF-8 by convention, and bytes or null.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header<'a> {
    /// Name.
    pub key: &'a [u8],
    /// Value; `None` = null.
    pub value: Option<&'a [u8]>,
}

impl<'a> Header<'a> {
    /// A header.
    pub fn new(key: &'a str, value: Option<&'a [u8]>) -> Self {
        Self { key: key.as_bytes(), value }
    }
}

/// A record inside a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record<'a> {
    /// Its offset.
    pub offset: Offset,
    /// Its timestamp in milliseconds: the append time in LogAppendTime batches.
    pub timestamp: Timestamp,
    /// Its sequence; -1 = none.
    pub sequence: i32,
    /// Attributes, 0 so far.
    pub attributes: i8,
    /// Key; `None` = null.
    pub key: Option<&'a [u8]>,
    /// Value; `None` = null, a tombstone.
    pub value: Option<&'a [u8]>,
    /// Headers in order.
    pub headers: Headers<'a>,
    /// Where it starts in the batch.
    pub position: u32,
    /// Its bytes with the length varint.
    pub size: u32,
}

/// The headers of a record, checked already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Headers<'a> {
    count: i32,
    bytes: &'a [u8],
}

impl Headers<'_> {
    /// How many there are left.
    pub fn count_left(&self) -> i32 {
        self.count
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = Header<'a>;

    fn next(&mut self) -> Option<Header<'a>> {
        if self.count == 0 {
            return None;
        }
        let mut cursor = Cursor { bytes: self.bytes, at: 0 };
        let key = cursor.nullable().ok()??;
        let value = cursor.nullable().ok()?;
        self.count -= 1;
        self.bytes = &self.bytes[cursor.at as usize..];
        Some(Header { key, value })
    }
}

/// Goes through the records of one uncompressed batch. Stops after the first error.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    header: BatchHeader,
    bytes: &'a [u8],
    position: u32,
    index: i32,
    failed: bool,
}

impl<'a> Records<'a> {
    /// Records of the batch `bytes`, whose header is `header`.
    pub fn new(header: BatchHeader, bytes: &'a [u8]) -> Self {
        Self { header, bytes, position: HEADER_SIZE, index: 0, failed: false }
    }

    fn decode(&mut self) -> Result<Option<Record<'a>>, BatchError> {
        match self.header.codec()? {
            Codec::None => {}
            codec => return Err(BatchError::Compressed { codec }),
        }
        let rest = self.bytes.get(self.position as usize..).unwrap_or(&[]);
        if self.index >= self.header.records_count {
            return match rest.len() as u32 {
                0 => Ok(None),
                bytes => Err(BatchError::LeftoverBytes { bytes }),
            };
        }
        let mut record = decode_record(&self.header, rest)
            .map_err(|reason| BatchError::MalformedRecord { index: self.index, reason })?;
        record.position = self.position;
        self.position += record.size;
        self.index += 1;
        Ok(Some(record))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let decoded = self.decode();
        self.failed = decoded.is_err();
        decoded.transpose()
    }
}

/// Decodes the record at the front of `bytes`; its `position` is left 0.
fn decode_record<'a>(header: &BatchHeader, bytes: &'a [u8]) -> Result<Record<'a>, &'static str> {
    let (length, prefix) = read_varint(bytes).ok_or("no length")?;
    let length = u32::try_from(length).map_err(|_| "a negative length")?;
    let body = bytes
        .get(prefix as usize..)
        .and_then(|rest| rest.get(..length as usize))
        .ok_or("longer than the batch")?;
    let mut cursor = Cursor { bytes: body, at: 0 };
    let attributes = cursor.byte()?;
    let timestamp_delta = cursor.varlong()?;
    let offset_delta = cursor.varint()?;
    let key = cursor.nullable()?;
    let value = cursor.nullable()?;
    let count = cursor.varint()?;
    let rest = &body[cursor.at as usize..];
    if count < 0 || count as u64 > rest.len() as u64 {
        return Err("an impossible number of headers");
    }
    for _ in 0..count {
        cursor.nullable()?.ok_or("a header without a name")?;
        cursor.nullable()?;
    }
    if cursor.at != length {
        return Err("its length is not that of its fields");
    }
    let timestamp = match header.timestamp_type() {
        TimestampType::CreateTime => header.base_timestamp.wrapping_add(timestamp_delta),
        TimestampType::LogAppendTime => header.max_timestamp,
    };
    let sequence = match header.base_sequence {
        base if base < 0 => -1,
        base => increment_sequence(base, offset_delta),
    };
    Ok(Record {
        offset: header.base_offset.wrapping_add(i64::from(offset_delta)),
        timestamp,
        sequence,
        attributes,
        key,
        value,
        headers: Headers { count, bytes: rest },
        position: 0,
        size: prefix + length,
    })
}

/// Reads fields from the front of a slice.
pub(super) struct Cursor<'a> {
    pub bytes: &'a [u8],
    pub at: u32,
}

impl<'a> Cursor<'a> {
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at as usize..]
    }

    fn byte(&mut self) -> Result<i8, &'static str> {
        let byte = *self.rest().first().ok_or("it ends too early")?;
        self.at += 1;
        Ok(byte as i8)
    }

    fn varint(&mut self) -> Result<i32, &'static str> {
        let (value, size) = read_varint(self.rest()).ok_or("a varint that does not end")?;
        self.at += size;
        Ok(value)
    }

    fn varlong(&mut self) -> Result<i64, &'static str> {
        let (value, size) = read_varlong(self.rest()).ok_or("a varlong that does not end")?;
        self.at += size;
        Ok(value)
    }

    fn nullable(&mut self) -> Result<Option<&'a [u8]>, &'static str> {
        let length = self.varint()?;
        if length == -1 {
            return Ok(None);
        }
        let length = u32::try_from(length).map_err(|_| "a negative length")?;
        let field = self.rest().get(..length as usize).ok_or("a field longer than the record")?;
        self.at += length;
        Ok(Some(field))
    }
}
