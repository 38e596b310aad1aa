//! Where a batch is.

use super::{BatchPosition, Segment};
use crate::{BatchError, BatchHeader, Bytes, HEADER_SIZE, LogError, Offset, Storage};

/// Read at once while a batch is looked for: `index.interval.bytes` by default.
const SCAN_BYTES: u32 = 4096;

impl Segment {
    /// The header at `position`; `None` at the end, also at a partial batch.
    pub(crate) fn header_at(
        &self,
        position: u32,
        storage: &dyn Storage,
    ) -> Result<Option<BatchHeader>, LogError> {
        let left = self.bytes.saturating_sub(position);
        if left < HEADER_SIZE {
            return Ok(None);
        }
        let bytes = storage.read(self.log_path(), u64::from(position), HEADER_SIZE)?;
        self.header_in(&bytes, position)
    }

    /// The header at the front of `bytes`, which were read from `position`.
    fn header_in(&self, bytes: &[u8], position: u32) -> Result<Option<BatchHeader>, LogError> {
        let header = BatchHeader::parse(bytes).and_then(|header| self.possible(header));
        match header {
            Ok(header) if header.size() > self.bytes.saturating_sub(position) => Ok(None),
            Ok(header) => Ok(Some(header)),
            Err(error) => {
                Err(LogError::Corrupt { path: self.log_path().to_owned(), position, error })
            }
        }
    }

    /// A header whose offsets this segment can hold; they are not under the CRC.
    pub(super) fn possible(&self, header: BatchHeader) -> Result<BatchHeader, BatchError> {
        let (base_offset, expected) = (header.base_offset, self.base_offset);
        if base_offset < expected || header.last_offset() - expected > i64::from(i32::MAX) {
            return Err(BatchError::OutOfOrder { base_offset, expected });
        }
        if header.last_offset_delta < 0 {
            let (last_offset_delta, records_count) =
                (header.last_offset_delta, header.records_count);
            return Err(BatchError::Count { last_offset_delta, records_count });
        }
        Ok(header)
    }

    /// The first batch at or after the file position of the index floor of `offset` whose last
    /// offset is at least `offset`.
    pub(crate) fn find(
        &self,
        offset: Offset,
        storage: &dyn Storage,
    ) -> Result<Option<BatchPosition>, LogError> {
        let mut position = self.position_before(offset);
        // Between two index entries there are some fifty small batches: they are read at once.
        let (mut bytes, mut start, mut room) = (Bytes::empty(), position, HEADER_SIZE);
        while self.bytes.saturating_sub(position) >= HEADER_SIZE {
            if bytes.size() < position - start + HEADER_SIZE {
                bytes = storage.read(self.log_path(), u64::from(position), room)?;
                (start, room) = (position, SCAN_BYTES);
            }
            let here = &bytes[(position - start) as usize..];
            let passed = BatchHeader::passed_by(here, self.base_offset, offset);
            if let Some(size) = passed.filter(|size| *size <= self.bytes - position) {
                position += size;
                continue;
            }
            let Some(header) = self.header_in(here, position)? else { break };
            if header.last_offset() >= offset {
                return Ok(Some(BatchPosition { header, position }));
            }
            position += header.size();
        }
        Ok(None)
    }

    /// The position to look for `offset` from: the newest batch when it cannot be before it, otherwise
    /// that of the index floor.
    fn position_before(&self, offset: Offset) -> u32 {
        if let Some((_, position)) = self.newest.filter(|(base, _)| *base <= offset) {
            return position;
        }
        let after = self.offset_index.partition_point(|entry| entry.offset <= offset);
        after.checked_sub(1).map_or(0, |n| self.offset_index[n].position)
    }
}
