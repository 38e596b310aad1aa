//! Truncation (Kafka: `UnifiedLog.truncateTo`, `truncateFullyAndStartAt`).

use crate::segment::EXTENSIONS;
use crate::{Log, LogError, Offset, Segment, Storage, StorageError, Timestamp};
use std::sync::Arc;

impl Log {
    /// Removes everything from `target` on. A batch that straddles it goes whole, and the log still
    /// ends at `target` exactly. At or above the log end only the epoch cache changes. Returns the
    /// bytes removed.
    ///
    /// # Errors
    /// `OffsetOutOfRange` for a negative target; a failed file operation.
    pub fn truncate_to(
        &mut self,
        target: Offset,
        now_ms: Timestamp,
        storage: &mut dyn Storage,
    ) -> Result<u64, LogError> {
        if target < 0 {
            let (start, end) = (self.log_start_offset, self.log_end_offset);
            return Err(LogError::OffsetOutOfRange { offset: target, start, end });
        }
        if target >= self.log_end_offset {
            if self.epochs.truncate_from_end(self.log_end_offset) {
                self.write_epochs(storage)?;
            }
            return Ok(0);
        }
        if self.segments[0].base_offset() > target {
            return self.truncate_fully_and_start_at(target, None, now_ms, storage);
        }
        let size = self.size();
        let keep = self.segments.partition_point(|s| s.base_offset() <= target);
        for segment in self.segments.split_off(keep) {
            remove_files(&segment, storage)?;
        }
        self.active_mut().truncate(target, now_ms, storage)?;
        if self.epochs.truncate_from_end(target) {
            self.write_epochs(storage)?;
        }
        self.recovery_point = self.recovery_point.min(target);
        self.log_start_offset = self.log_start_offset.min(target);
        self.set_log_end(target);
        Ok(size - self.size())
    }

    /// Removes everything and starts a new segment at `offset`; the log starts at
    /// `log_start_offset` or there. Returns the bytes removed.
    ///
    /// # Errors
    /// A failed file operation.
    pub fn truncate_fully_and_start_at(
        &mut self,
        offset: Offset,
        log_start_offset: Option<Offset>,
        now_ms: Timestamp,
        storage: &mut dyn Storage,
    ) -> Result<u64, LogError> {
        let size = self.size();
        for segment in self.segments.drain(..) {
            remove_files(&segment, storage)?;
        }
        let segment = Segment::create(&self.dir, offset, now_ms, storage)?;
        self.segments.push(Arc::new(segment));
        if self.epochs.clear() {
            self.write_epochs(storage)?;
        }
        self.recovery_point = self.recovery_point.min(offset);
        self.log_start_offset = log_start_offset.unwrap_or(offset);
        self.high_watermark = offset;
        self.set_log_end(offset);
        Ok(size)
    }

    fn set_log_end(&mut self, offset: Offset) {
        self.log_end_offset = offset;
        self.set_high_watermark(self.high_watermark);
    }
}

/// Unlinks a segment's files at once.
pub(crate) fn remove_files(
    segment: &Segment,
    storage: &mut dyn Storage,
) -> Result<(), StorageError> {
    debug_assert_eq!(segment.paths().len(), EXTENSIONS.len());
    segment.paths().iter().try_for_each(|path| storage.remove(path))
}
