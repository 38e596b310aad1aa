//! Big-endian primitives of Kafka's non-flexible structs, as embedded protocols and coordinator
//! records use them (`org.apache.kafka.common.protocol.types.Type`).

use crate::Name;
use highwater_log::Bytes;
use std::fmt;

/// Why bytes are not the struct they should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Malformed {
    /// Position in the buffer where reading stopped.
    pub position: u32,
    /// What was wrong there.
    pub reason: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.reason, self.position)
    }
}

/// Reads fields one after the other.
pub struct Reader<'a> {
    bytes: &'a Bytes,
    position: u32,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub fn new(bytes: &'a Bytes) -> Self {
        Self { bytes, position: 0 }
    }

    /// An error at the current position.
    pub fn malformed(&self, reason: &'static str) -> Malformed {
        Malformed { position: self.position, reason }
    }

    fn take(&mut self, count: u32) -> Result<Bytes, Malformed> {
        let end = self.position.checked_add(count).filter(|end| *end <= self.bytes.size());
        let end = end.ok_or_else(|| self.malformed("the buffer ends too early"))?;
        let taken = self.bytes.slice(self.position, end);
        self.position = end;
        Ok(taken)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, Malformed> {
        Ok(self.take(1)?[0])
    }
    /// int16.
    pub fn i16(&mut self) -> Result<i16, Malformed> {
        let b = self.take(2)?;
        Ok(i16::from_be_bytes([b[0], b[1]]))
    }
    /// int32.
    pub fn i32(&mut self) -> Result<i32, Malformed> {
        let b = self.take(4)?;
        Ok(i32::from_be_bytes([b[0], b[1], b[2], b[3]]))
    }
    /// int64.
    pub fn i64(&mut self) -> Result<i64, Malformed> {
        let b = self.take(8)?;
        Ok(i64::from_be_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]))
    }
    /// Unsigned varint, as flexible versions use it.
    pub fn uvarint(&mut self) -> Result<u32, Malformed> {
        let mut value = 0u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.u8()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.malformed("a varint is longer than 5 bytes"))
    }

    fn text(&mut self, size: u32) -> Result<Name, Malformed> {
        let at = self.position;
        let bytes = self.take(size)?;
        let text = std::str::from_utf8(&bytes);
        text.map(Name::from)
            .map_err(|_| Malformed { position: at, reason: "a string is not UTF-8" })
    }
    /// Nullable string; `flexible` = compact form.
    pub fn nullable_string(&mut self, flexible: bool) -> Result<Option<Name>, Malformed> {
        let size = if flexible { i64::from(self.uvarint()?) - 1 } else { i64::from(self.i16()?) };
        match u32::try_from(size) {
            Ok(size) => self.text(size).map(Some),
            Err(_) => Ok(None),
        }
    }
    /// String; `flexible` = compact form.
    pub fn string(&mut self, flexible: bool) -> Result<Name, Malformed> {
        self.nullable_string(flexible)?.ok_or_else(|| self.malformed("a string is null"))
    }
    /// Nullable bytes; `flexible` = compact form.
    pub fn nullable_bytes(&mut self, flexible: bool) -> Result<Option<Bytes>, Malformed> {
        let size = if flexible { i64::from(self.uvarint()?) - 1 } else { i64::from(self.i32()?) };
        match u32::try_from(size) {
            Ok(size) => self.take(size).map(Some),
            Err(_) => Ok(None),
        }
    }
    /// Number of elements of an array; null counts as none. Each element takes at least one byte,
    /// so more elements than bytes left is malformed (and never reserves memory).
    pub fn count(&mut self, flexible: bool) -> Result<u32, Malformed> {
        let size = if flexible { i64::from(self.uvarint()?) - 1 } else { i64::from(self.i32()?) };
        let count = u32::try_from(size).unwrap_or(0);
        if count > self.bytes.size() - self.position {
            return Err(self.malformed("an array is longer than the buffer"));
        }
        Ok(count)
    }
    /// Tagged fields of a flexible struct: `(tag, value)`.
    pub fn tags(&mut self) -> Result<Vec<(u32, Bytes)>, Malformed> {
        let mut tags = Vec::new();
        for _ in 0..self.uvarint()? {
            let tag = self.uvarint()?;
            let size = self.uvarint()?;
            tags.push((tag, self.take(size)?));
        }
        Ok(tags)
    }
}

/// Writes fields one after the other, non-flexible forms where nothing else is said.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// int16.
    pub fn i16(&mut self, value: i16) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }
    /// int32.
    pub fn i32(&mut self, value: i32) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }
    /// int64.
    pub fn i64(&mut self, value: i64) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }
    /// String. Text longer than 32767 bytes is cut; names are far below that.
    pub fn string(&mut self, text: &str) {
        let size = i16::try_from(text.len()).unwrap_or(i16::MAX);
        self.i16(size);
        let size = usize::try_from(size).expect("a size is not negative");
        self.bytes.extend_from_slice(&text.as_bytes()[..size]);
    }
    /// String in the compact form of flexible versions; below 127 bytes, as all here are.
    pub fn compact_string(&mut self, text: &str) {
        let size = u8::try_from(text.len() + 1).ok().filter(|size| *size < 0x80);
        self.bytes.push(size.expect("a short string"));
        self.bytes.extend_from_slice(text.as_bytes());
    }
    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
    /// Nullable string.
    pub fn nullable_string(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.string(text),
            None => self.i16(-1),
        }
    }
    /// Nullable bytes.
    pub fn nullable_bytes(&mut self, bytes: Option<&Bytes>) {
        match bytes {
            Some(bytes) => {
                self.count(bytes.len());
                self.bytes.extend_from_slice(bytes);
            }
            None => self.i32(-1),
        }
    }
    /// Number of elements of an array, or of bytes.
    pub fn count(&mut self, count: usize) {
        self.i32(i32::try_from(count).expect("an array below 2 GiB"));
    }
    /// What was written.
    pub fn finish(self) -> Bytes {
        Bytes::from(self.bytes)
    }
}
