//! The sparse indexes of a segment (Kafka: `OffsetIndex`, `TimeIndex`). Kafka preallocates the files
//! and trims them at roll and close; here they only grow, which leaves the same bytes.

use crate::{Bytes, Offset, Storage, StorageError, Timestamp};

/// An entry of an offset index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OffsetEntry {
    /// **Last** offset of a batch.
    pub offset: Offset,
    /// Where that batch **starts** in the log file.
    pub position: u32,
}

/// An entry of a time index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimeEntry {
    /// Largest timestamp in the segment so far.
    pub timestamp: Timestamp,
    /// Last offset of the batch that holds it.
    pub offset: Offset,
}

/// Entries of one index of a segment, as they are in its file.
pub(crate) trait Entry: Copy {
    /// Bytes of an entry.
    const SIZE: u32;
    fn write(self, base_offset: Offset, out: &mut Vec<u8>);
    fn parse(base_offset: Offset, bytes: &[u8]) -> Self;
    fn offset(self) -> Offset;
    /// Whether it may come after `before`.
    fn follows(self, before: Self) -> bool;
}

fn relative(offset: Offset, base_offset: Offset) -> i32 {
    i32::try_from(offset - base_offset).expect("a segment rolls before its offsets exceed 31 bits")
}

fn int(bytes: &[u8], at: usize) -> i32 {
    i32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

impl Entry for OffsetEntry {
    const SIZE: u32 = 8;

    fn write(self, base_offset: Offset, out: &mut Vec<u8>) {
        out.extend_from_slice(&relative(self.offset, base_offset).to_be_bytes());
        out.extend_from_slice(&self.position.to_be_bytes());
    }

    fn parse(base_offset: Offset, bytes: &[u8]) -> Self {
        let offset = base_offset.saturating_add(i64::from(int(bytes, 0)));
        Self { offset, position: int(bytes, 4) as u32 }
    }

    fn offset(self) -> Offset {
        self.offset
    }

    fn follows(self, before: Self) -> bool {
        self.offset > before.offset && self.position > before.position
    }
}

impl Entry for TimeEntry {
    const SIZE: u32 = 12;

    fn write(self, base_offset: Offset, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        out.extend_from_slice(&relative(self.offset, base_offset).to_be_bytes());
    }

    fn parse(base_offset: Offset, bytes: &[u8]) -> Self {
        let timestamp = i64::from(int(bytes, 0)) << 32 | i64::from(int(bytes, 4) as u32);
        Self { timestamp, offset: base_offset.saturating_add(i64::from(int(bytes, 8))) }
    }

    fn offset(self) -> Offset {
        self.offset
    }

    fn follows(self, before: Self) -> bool {
        self.timestamp > before.timestamp && self.offset >= before.offset
    }
}

/// Bytes of index entries, as they are in a file.
pub(crate) fn to_bytes<E: Entry>(base_offset: Offset, entries: &[E]) -> Bytes {
    let mut out = Vec::with_capacity(entries.len() * E::SIZE as usize);
    for entry in entries {
        entry.write(base_offset, &mut out);
    }
    Bytes::from(out.as_slice())
}

/// Entries of an index file. `None` when the file is not sound: its length is no multiple of the
/// entry size, or the entries are not in order, or below `base_offset`. The zero entries at the end
/// of a preallocated file are left out.
pub(crate) fn parse<E: Entry>(base_offset: Offset, bytes: &[u8]) -> Option<Vec<E>> {
    let size = E::SIZE as usize;
    if !bytes.len().is_multiple_of(size) {
        return None;
    }
    let used =
        bytes.chunks_exact(size).rposition(|e| e.iter().any(|&b| b != 0)).map_or(0, |i| i + 1);
    let entries: Vec<E> =
        bytes.chunks_exact(size).take(used).map(|e| E::parse(base_offset, e)).collect();
    let in_order = entries.windows(2).all(|pair| pair[1].follows(pair[0]));
    let sound = in_order && entries.first().is_none_or(|e| e.offset() >= base_offset);
    sound.then_some(entries)
}

/// Entries of a `.index` file, without the zeros of preallocation; `None` when it is not sound.
pub fn parse_offset_index(base_offset: Offset, bytes: &[u8]) -> Option<Vec<OffsetEntry>> {
    parse(base_offset, bytes)
}

/// Entries of a `.timeindex` file, without the zeros of preallocation; `None` when it is not sound.
pub fn parse_time_index(base_offset: Offset, bytes: &[u8]) -> Option<Vec<TimeEntry>> {
    parse(base_offset, bytes)
}

/// Appends one entry to the file.
pub(crate) fn append<E: Entry>(
    path: &str,
    base_offset: Offset,
    entry: E,
    storage: &mut dyn Storage,
) -> Result<(), StorageError> {
    storage.append(path, &to_bytes(base_offset, &[entry]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// The vectors of 2.2.
    #[test]
    fn entries_as_bytes() {
        let entry = OffsetEntry { offset: 57, position: 4242 };
        assert_eq!(hex(&to_bytes(0, &[entry])), "0000003900001092");
        let entry = OffsetEntry { offset: 1057, position: 4242 };
        assert_eq!(hex(&to_bytes(1000, &[entry])), "0000003900001092");
        assert_eq!(parse::<OffsetEntry>(1000, &to_bytes(1000, &[entry])), Some(vec![entry]));
        let entry = TimeEntry { timestamp: 1_700_000_000_005, offset: 44 };
        assert_eq!(hex(&to_bytes(0, &[entry])), "0000018bcfe568050000002c");
        assert_eq!(parse::<TimeEntry>(0, &to_bytes(0, &[entry])), Some(vec![entry]));
    }

    #[test]
    fn unsound_files() {
        assert_eq!(parse::<OffsetEntry>(0, &[0; 7]), None);
        assert_eq!(parse::<OffsetEntry>(0, &[0; 16]), Some(vec![]));
        let one = OffsetEntry { offset: 5, position: 10 };
        let two = OffsetEntry { offset: 4, position: 20 };
        assert_eq!(parse::<OffsetEntry>(0, &to_bytes(0, &[one, two])), None);
        assert_eq!(parse::<OffsetEntry>(0, &[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1]), None);
    }
}
