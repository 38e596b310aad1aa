//! The binary side files of a segment: producer snapshots (Kafka: `ProducerStateManager`) and the
//! index of aborted transactions (Kafka: `TransactionIndex`, `AbortedTxn`). Read and written here for
//! inspection; the log itself keeps no producer state.

use crate::{Offset, Timestamp, crc32c};

/// One producer in a `.snapshot` file: its last batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct ProducerEntry {
    pub producer_id: i64,
    pub producer_epoch: i16,
    pub last_sequence: i32,
    pub last_offset: Offset,
    /// Last offset of the batch minus its first.
    pub offset_delta: i32,
    pub timestamp: Timestamp,
    /// -1 = none.
    pub coordinator_epoch: i32,
    /// First offset of the open transaction; -1 = none.
    pub current_txn_first_offset: Offset,
}

/// One entry of a `.txnindex` file: an aborted transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct AbortedTxn {
    pub version: i16,
    pub producer_id: i64,
    pub first_offset: Offset,
    /// Offset of the ABORT marker.
    pub last_offset: Offset,
    pub last_stable_offset: Offset,
}

const SNAPSHOT_HEADER: usize = 10;
const SNAPSHOT_ENTRY: usize = 46;
const TXN_ENTRY: usize = 34;

/// Takes big-endian integers from the front.
struct Ints<'a>(&'a [u8]);

impl Ints<'_> {
    /// The caller has checked the length.
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (front, rest) = self.0.split_at(N);
        self.0 = rest;
        front.try_into().expect("split at N")
    }
    fn i16(&mut self) -> i16 {
        i16::from_be_bytes(self.take())
    }
    fn i32(&mut self) -> i32 {
        i32::from_be_bytes(self.take())
    }
    fn i64(&mut self) -> i64 {
        i64::from_be_bytes(self.take())
    }
}

/// Reads a `.snapshot` file.
///
/// # Errors
/// Says what is wrong: size, version or CRC.
pub fn parse_producer_snapshot(bytes: &[u8]) -> Result<Vec<ProducerEntry>, String> {
    if bytes.len() < SNAPSHOT_HEADER {
        return Err(format!("{} bytes, a snapshot has at least {SNAPSHOT_HEADER}", bytes.len()));
    }
    let mut ints = Ints(bytes);
    let version = ints.i16();
    if version != 1 {
        return Err(format!("version {version}, only 1 is known"));
    }
    let (stored, computed) = (u32::from_be_bytes(ints.take()), crc32c(&bytes[6..]));
    if stored != computed {
        return Err(format!("the stored CRC is {stored:08x}, the bytes give {computed:08x}"));
    }
    let count = ints.i32();
    if i64::from(count) * SNAPSHOT_ENTRY as i64 != (bytes.len() - SNAPSHOT_HEADER) as i64 {
        return Err(format!("{count} producers do not fill {} bytes", bytes.len()));
    }
    let entry = |bytes| {
        let mut ints = Ints(bytes);
        ProducerEntry {
            producer_id: ints.i64(),
            producer_epoch: ints.i16(),
            last_sequence: ints.i32(),
            last_offset: ints.i64(),
            offset_delta: ints.i32(),
            timestamp: ints.i64(),
            coordinator_epoch: ints.i32(),
            current_txn_first_offset: ints.i64(),
        }
    };
    Ok(bytes[SNAPSHOT_HEADER..].chunks_exact(SNAPSHOT_ENTRY).map(entry).collect())
}

/// Writes a `.snapshot` file.
pub fn format_producer_snapshot(producers: &[ProducerEntry]) -> Vec<u8> {
    let mut out = vec![0, 1, 0, 0, 0, 0];
    out.extend_from_slice(&(producers.len() as i32).to_be_bytes());
    for p in producers {
        out.extend_from_slice(&p.producer_id.to_be_bytes());
        out.extend_from_slice(&p.producer_epoch.to_be_bytes());
        out.extend_from_slice(&p.last_sequence.to_be_bytes());
        out.extend_from_slice(&p.last_offset.to_be_bytes());
        out.extend_from_slice(&p.offset_delta.to_be_bytes());
        out.extend_from_slice(&p.timestamp.to_be_bytes());
        out.extend_from_slice(&p.coordinator_epoch.to_be_bytes());
        out.extend_from_slice(&p.current_txn_first_offset.to_be_bytes());
    }
    let crc = crc32c(&out[6..]);
    out[2..6].copy_from_slice(&crc.to_be_bytes());
    out
}

/// Reads a `.txnindex` file.
///
/// # Errors
/// The size is not that of whole entries, or a version is unknown.
pub fn parse_transaction_index(bytes: &[u8]) -> Result<Vec<AbortedTxn>, String> {
    if !bytes.len().is_multiple_of(TXN_ENTRY) {
        return Err(format!("{} bytes are no multiple of {TXN_ENTRY}", bytes.len()));
    }
    let entry = |bytes| {
        let mut ints = Ints(bytes);
        let version = ints.i16();
        if version != 0 {
            return Err(format!("version {version}, only 0 is known"));
        }
        Ok(AbortedTxn {
            version,
            producer_id: ints.i64(),
            first_offset: ints.i64(),
            last_offset: ints.i64(),
            last_stable_offset: ints.i64(),
        })
    };
    bytes.chunks_exact(TXN_ENTRY).map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        let digits = |i: usize| u8::from_str_radix(&text[i..i + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(digits).collect()
    }

    /// The vectors of 2.2.
    #[test]
    fn vectors() {
        let bytes = unhex(
            "0001ff132680000000010000000000000fa000030000000b0000000000000065000000010000018bcfe56801ffffffffffffffffffffffff",
        );
        let producer = ProducerEntry {
            producer_id: 4000,
            producer_epoch: 3,
            last_sequence: 11,
            last_offset: 101,
            offset_delta: 1,
            timestamp: 1_700_000_000_001,
            coordinator_epoch: -1,
            current_txn_first_offset: -1,
        };
        assert_eq!(parse_producer_snapshot(&bytes), Ok(vec![producer]));
        assert_eq!(format_producer_snapshot(&[producer]), bytes);
        let bytes = unhex("00000000000000000fa0000000000000006400000000000000670000000000000064");
        let txn = AbortedTxn {
            version: 0,
            producer_id: 4000,
            first_offset: 100,
            last_offset: 103,
            last_stable_offset: 100,
        };
        assert_eq!(parse_transaction_index(&bytes), Ok(vec![txn]));
    }

    #[test]
    fn damage_is_found() {
        let mut bytes = format_producer_snapshot(&[]);
        assert_eq!(parse_producer_snapshot(&bytes), Ok(vec![]));
        assert!(parse_producer_snapshot(&bytes[..9]).is_err());
        bytes[9] = 1;
        assert!(parse_producer_snapshot(&bytes).unwrap_err().contains("CRC"));
        bytes[1] = 2;
        assert!(parse_producer_snapshot(&bytes).unwrap_err().contains("version 2"));
        assert!(parse_transaction_index(&[0; 33]).is_err());
        assert!(parse_transaction_index(&[1; 34]).is_err());
    }
}
