//! The log of one partition (Kafka: `UnifiedLog`, `LocalLog`).

use crate::{
    LeaderEpoch, LeaderEpochCache, LogConfig, LogError, Offset, Segment, Storage, Timestamp,
    format_epoch_checkpoint,
};
use std::sync::Arc;

/// Name of the epoch cache's file.
pub(crate) const EPOCH_CHECKPOINT: &str = "leader-epoch-checkpoint";

/// What is known from outside when a log is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OpenOptions {
    /// The broker was shut down cleanly: nothing is walked.
    pub clean_shutdown: bool,
    /// From `recovery-point-offset-checkpoint`: all below is flushed.
    pub recovery_point: Offset,
    /// From `log-start-offset-checkpoint`.
    pub log_start_offset: Offset,
    /// From `replication-offset-checkpoint`.
    pub high_watermark: Offset,
    /// The wall clock, milliseconds.
    pub now_ms: Timestamp,
}

/// A segment that was renamed to `.deleted`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PendingUnlink {
    pub base_offset: Offset,
    pub at_ms: Timestamp,
}

/// A partition's log. The files are in the [`Storage`] that every call is given; cloning shares
/// all segments but copies on write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Log {
    pub(crate) dir: Arc<str>,
    pub(crate) config: LogConfig,
    /// By base offset; never empty, the last one is active.
    pub(crate) segments: Vec<Arc<Segment>>,
    pub(crate) log_start_offset: Offset,
    pub(crate) log_end_offset: Offset,
    pub(crate) high_watermark: Offset,
    pub(crate) recovery_point: Offset,
    pub(crate) epochs: LeaderEpochCache,
    pub(crate) pending_unlinks: Vec<PendingUnlink>,
}

impl Log {
    /// The directory, `<topic>-<partition>`.
    pub fn dir(&self) -> &str {
        &self.dir
    }

    /// Its settings.
    pub fn config(&self) -> &LogConfig {
        &self.config
    }

    /// Changes its settings, as an altered topic configuration does.
    pub fn set_config(&mut self, config: LogConfig) {
        self.config = config;
    }

    /// First offset that can be read.
    pub fn log_start_offset(&self) -> Offset {
        self.log_start_offset
    }

    /// Offset that the next record gets.
    pub fn log_end_offset(&self) -> Offset {
        self.log_end_offset
    }

    /// Offset below which records are committed, as far as this replica knows.
    pub fn high_watermark(&self) -> Offset {
        self.high_watermark
    }

    /// Offset below which everything is flushed.
    pub fn recovery_point(&self) -> Offset {
        self.recovery_point
    }

    /// Sets the high watermark, clamped to log start..=log end; it may go back. Returns the new one.
    pub fn set_high_watermark(&mut self, offset: Offset) -> Offset {
        self.high_watermark = offset.clamp(self.log_start_offset, self.log_end_offset);
        self.high_watermark
    }

    /// Moves the log start offset forward (DeleteRecords, or a follower learning the leader's).
    /// Segments below it go at the next retention pass. Returns whether it moved.
    ///
    /// # Errors
    /// `OffsetOutOfRange` above the high watermark; a failed write of the epoch checkpoint.
    pub fn increment_log_start_offset(
        &mut self,
        offset: Offset,
        storage: &mut dyn Storage,
    ) -> Result<bool, LogError> {
        if offset > self.high_watermark {
            let (start, end) = (self.log_start_offset, self.high_watermark);
            return Err(LogError::OffsetOutOfRange { offset, start, end });
        }
        if offset <= self.log_start_offset {
            return Ok(false);
        }
        self.log_start_offset = offset;
        if self.epochs.truncate_from_start(offset) {
            self.write_epochs(storage)?;
        }
        Ok(true)
    }

    /// The leader epoch cache.
    pub fn epochs(&self) -> &LeaderEpochCache {
        &self.epochs
    }

    /// The newest leader epoch in the log.
    pub fn latest_epoch(&self) -> Option<LeaderEpoch> {
        self.epochs.latest().map(|entry| entry.epoch)
    }

    /// Notes that `epoch` starts at `start_offset`: a new leader does so at its log end offset.
    ///
    /// # Errors
    /// A failed write of the checkpoint.
    pub fn assign_epoch(
        &mut self,
        epoch: LeaderEpoch,
        start_offset: Offset,
        storage: &mut dyn Storage,
    ) -> Result<(), LogError> {
        if self.epochs.assign(epoch, start_offset) {
            self.write_epochs(storage)?;
        }
        Ok(())
    }

    /// The largest epoch here not above `epoch` and where it ends; (-1, -1) = unknown.
    pub fn end_offset_for(&self, epoch: LeaderEpoch) -> (LeaderEpoch, Offset) {
        self.epochs.end_offset_for(epoch, self.log_end_offset)
    }

    pub(crate) fn write_epochs(&self, storage: &mut dyn Storage) -> Result<(), LogError> {
        let path = format!("{}/{EPOCH_CHECKPOINT}", self.dir);
        Ok(storage.replace(&path, &format_epoch_checkpoint(self.epochs.entries()))?)
    }

    pub(crate) fn active(&self) -> &Segment {
        self.segments.last().expect("a log has an active segment")
    }

    pub(crate) fn active_mut(&mut self) -> &mut Segment {
        Arc::make_mut(self.segments.last_mut().expect("a log has an active segment"))
    }

    /// Bytes of all segments.
    pub fn size(&self) -> u64 {
        self.segments.iter().map(|segment| u64::from(segment.bytes())).sum()
    }

    /// Closes the active segment and starts one at `base_offset`. Flushes what is below.
    pub(crate) fn roll(
        &mut self,
        base_offset: Offset,
        now_ms: Timestamp,
        storage: &mut dyn Storage,
    ) -> Result<(), LogError> {
        if self.active().base_offset() == base_offset {
            assert!(self.active().bytes() == 0, "a segment with the same base holds data");
            // Its index was full or its time was up; it starts again.
            self.segments.pop();
        } else {
            self.active_mut().add_last_time_entry(Some(storage))?;
        }
        let segment = Segment::create(&self.dir, base_offset, now_ms, storage)?;
        self.segments.push(Arc::new(segment));
        self.flush_until(base_offset, storage)
    }

    /// fsyncs everything: the recovery point becomes the log end offset.
    ///
    /// # Errors
    /// A failed fsync.
    pub fn flush(&mut self, storage: &mut dyn Storage) -> Result<(), LogError> {
        self.flush_until(self.log_end_offset, storage)
    }

    pub(crate) fn flush_until(
        &mut self,
        offset: Offset,
        storage: &mut dyn Storage,
    ) -> Result<(), LogError> {
        if offset <= self.recovery_point {
            return Ok(());
        }
        let from = self.segment_index(self.recovery_point);
        for segment in self.segments[from..].iter().filter(|s| s.base_offset() < offset) {
            segment.sync(storage)?;
        }
        self.recovery_point = offset;
        Ok(())
    }

    /// A clean shutdown: last time index entries, then fsync. The log can be opened again with
    /// `clean_shutdown`.
    ///
    /// # Errors
    /// A failed write or fsync.
    pub fn close(&mut self, storage: &mut dyn Storage) -> Result<(), LogError> {
        self.active_mut().add_last_time_entry(Some(storage))?;
        self.flush(storage)
    }

    /// Index of the segment with the largest base not above `offset`; 0 when all are above.
    pub(crate) fn segment_index(&self, offset: Offset) -> usize {
        self.segments.partition_point(|s| s.base_offset() <= offset).saturating_sub(1)
    }

    /// The segments from the oldest to the active one.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = SegmentView<'_>> {
        (0..self.segments.len()).map(|index| self.segment_view(index))
    }

    pub(crate) fn segment_view(&self, index: usize) -> SegmentView<'_> {
        let next = self.segments.get(index + 1);
        let upper_bound = next.map_or(self.log_end_offset, |segment| segment.base_offset());
        SegmentView {
            segment: &self.segments[index],
            active: next.is_none(),
            upper_bound,
            flushed: upper_bound <= self.recovery_point,
        }
    }
}

/// A segment and its place in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SegmentView<'a> {
    /// The segment.
    pub segment: &'a Segment,
    /// The one that is appended to.
    pub active: bool,
    /// Base offset of the next segment, or the log end offset.
    pub upper_bound: Offset,
    /// Whether all of it is below the recovery point.
    pub flushed: bool,
}
