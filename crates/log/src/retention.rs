//! Retention of whole segments (Kafka: `UnifiedLog.deleteOldSegments`).

use crate::log::PendingUnlink;
use crate::segment::{DELETED_SUFFIX, EXTENSIONS, file_path};
use crate::{Log, LogError, Offset, SegmentView, Storage, Timestamp};

/// Why a segment goes, in the order of the passes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeletionReason {
    /// All of it is below the log start offset.
    LogStartOffset,
    /// `retention.bytes`.
    RetentionBytes,
    /// `retention.ms`.
    RetentionMs,
}

/// The passes in Kafka's order.
const PASSES: [DeletionReason; 3] =
    [DeletionReason::LogStartOffset, DeletionReason::RetentionBytes, DeletionReason::RetentionMs];

/// A segment that retention took.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeletedSegment {
    /// Its base offset.
    pub base_offset: Offset,
    /// Base offset of what came after it.
    pub next_offset: Offset,
    /// Bytes of its log file.
    pub bytes: u64,
    /// Which pass took it.
    pub reason: DeletionReason,
    /// When its files are unlinked (`file.delete.delay.ms`), milliseconds.
    pub unlink_at_ms: Timestamp,
}

/// What decides about a segment, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The next check deletes it.
    Deletable(DeletionReason),
    /// No limit is reached.
    WithinLimits,
    /// A limit is reached, but not all of it is below the high watermark.
    AboveHighWatermark,
    /// A limit is reached, but this older segment stays, and retention works from the oldest on.
    BehindOlderSegment(Offset),
    /// The active segment, and empty.
    ActiveAndEmpty,
    /// A limit of time or size is reached, but `cleanup.policy` has no `delete`.
    PolicyWithoutDelete,
}

/// Why a segment is kept, or not: the facts and the limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeptFacts {
    /// Its base offset.
    pub base_offset: Offset,
    /// Base offset of the next segment, or the log end offset.
    pub upper_bound: Offset,
    /// Bytes of its log file.
    pub bytes: u32,
    /// Whether it is the active one.
    pub active: bool,
    /// Largest timestamp of its records, else when it was last written.
    pub largest_timestamp: Timestamp,
    /// The clock minus that; negative when records are stamped in the future.
    pub age_ms: i64,
    /// The limit of age; -1 = none.
    pub retention_ms: i64,
    /// Bytes of all segments.
    pub total_bytes: u64,
    /// The limit of size; -1 = none.
    pub retention_bytes: i64,
    /// Bytes over the limit when the walk from the oldest comes here; negative = under. A segment
    /// goes only when it is not larger than that.
    pub excess_bytes: Option<i64>,
    /// The log start offset.
    pub log_start_offset: Offset,
    /// The high watermark.
    pub high_watermark: Offset,
    /// What comes out of it.
    pub verdict: Verdict,
}

impl Log {
    /// One retention check: passes for the log start offset, size and time. What matches is renamed
    /// to `.deleted` and leaves the log; [`unlink_deleted`](Self::unlink_deleted) removes the files
    /// later. When everything matches, a new active segment is rolled first.
    ///
    /// # Errors
    /// A failed file operation.
    pub fn delete_old_segments(
        &mut self,
        now_ms: Timestamp,
        storage: &mut dyn Storage,
    ) -> Result<Vec<DeletedSegment>, LogError> {
        let mut deleted = Vec::new();
        for reason in PASSES {
            if reason != DeletionReason::LogStartOffset && !self.config.cleanup_delete {
                continue;
            }
            let count = self.matching(reason, now_ms);
            if count > 0 {
                self.delete_oldest(count, reason, now_ms, storage, &mut deleted)?;
            }
        }
        Ok(deleted)
    }

    /// How many segments from the oldest on a pass takes.
    fn matching(&self, reason: DeletionReason, now_ms: Timestamp) -> usize {
        let mut excess = self.excess_bytes();
        let mut count = 0;
        for view in self.segments() {
            if !self.breached(&view, reason, excess, now_ms) || !self.deletable(&view) {
                break;
            }
            excess = excess.map(|bytes| bytes - i64::from(view.segment.bytes()));
            count += 1;
        }
        count
    }

    /// Bytes over `retention.bytes`; `None` without a limit or below it.
    fn excess_bytes(&self) -> Option<i64> {
        let limit = self.config.retention_bytes;
        let total = i64::try_from(self.size()).unwrap_or(i64::MAX);
        (limit >= 0 && total >= limit).then_some(total - limit)
    }

    /// Whether the limit of a pass is reached by a segment.
    fn breached(
        &self,
        view: &SegmentView<'_>,
        reason: DeletionReason,
        excess: Option<i64>,
        now_ms: Timestamp,
    ) -> bool {
        match reason {
            DeletionReason::LogStartOffset => {
                !view.active && view.upper_bound <= self.log_start_offset
            }
            DeletionReason::RetentionBytes => {
                excess.is_some_and(|bytes| bytes >= i64::from(view.segment.bytes()))
            }
            DeletionReason::RetentionMs => {
                let age_ms = now_ms.saturating_sub(view.segment.largest_timestamp());
                self.config.retention_ms >= 0 && age_ms > self.config.retention_ms
            }
        }
    }

    fn deletable(&self, view: &SegmentView<'_>) -> bool {
        let empty = view.active && view.segment.bytes() == 0;
        !empty && self.high_watermark >= view.upper_bound
    }

    fn delete_oldest(
        &mut self,
        count: usize,
        reason: DeletionReason,
        now_ms: Timestamp,
        storage: &mut dyn Storage,
        deleted: &mut Vec<DeletedSegment>,
    ) -> Result<(), LogError> {
        if count == self.segments.len() {
            self.roll(self.log_end_offset, now_ms, storage)?;
        }
        let unlink_at_ms = now_ms.saturating_add(self.config.file_delete_delay_ms.max(0));
        let segments: Vec<_> = self.segments.drain(..count).collect();
        for (index, segment) in segments.iter().enumerate() {
            for path in segment.paths() {
                storage.rename(path, &format!("{path}{DELETED_SUFFIX}"))?;
            }
            let base_offset = segment.base_offset();
            self.pending_unlinks.push(PendingUnlink { base_offset, at_ms: unlink_at_ms });
            let next = segments.get(index + 1).unwrap_or(&self.segments[0]);
            deleted.push(DeletedSegment {
                base_offset,
                next_offset: next.base_offset(),
                bytes: u64::from(segment.bytes()),
                reason,
                unlink_at_ms,
            });
        }
        let start = self.segments[0].base_offset();
        if start > self.log_start_offset {
            self.log_start_offset = start;
            if self.epochs.truncate_from_start(start) {
                self.write_epochs(storage)?;
            }
        }
        Ok(())
    }

    /// Unlinks `.deleted` files whose time has come; returns the base offsets of their segments.
    ///
    /// # Errors
    /// A failed file operation.
    pub fn unlink_deleted(
        &mut self,
        now_ms: Timestamp,
        storage: &mut dyn Storage,
    ) -> Result<Vec<Offset>, LogError> {
        let mut unlinked = Vec::new();
        for pending in &self.pending_unlinks {
            if pending.at_ms > now_ms {
                continue;
            }
            for extension in EXTENSIONS {
                let path = file_path(&self.dir, pending.base_offset, extension);
                storage.remove(&format!("{path}{DELETED_SUFFIX}"))?;
            }
            unlinked.push(pending.base_offset);
        }
        self.pending_unlinks.retain(|pending| pending.at_ms > now_ms);
        Ok(unlinked)
    }

    /// When the next `.deleted` files are to be unlinked, milliseconds.
    pub fn next_unlink_ms(&self) -> Option<Timestamp> {
        self.pending_unlinks.iter().map(|pending| pending.at_ms).min()
    }

    /// Segments whose files are `.deleted` and not unlinked yet: base offset and time of unlinking.
    pub fn pending_unlinks(&self) -> impl Iterator<Item = (Offset, Timestamp)> {
        self.pending_unlinks.iter().map(|pending| (pending.base_offset, pending.at_ms))
    }

    /// Why the segment at `base_offset` is still there; `None` when it is not.
    pub fn why_kept(&self, base_offset: Offset, now_ms: Timestamp) -> Option<KeptFacts> {
        let index = self.segments.iter().position(|s| s.base_offset() == base_offset)?;
        let view = self.segment_view(index);
        let before: u64 = self.segments[..index].iter().map(|s| u64::from(s.bytes())).sum();
        let over = |limit: i64| {
            let total = i64::try_from(self.size()).unwrap_or(i64::MAX);
            total - limit - i64::try_from(before).unwrap_or(i64::MAX)
        };
        let limit = self.config.retention_bytes;
        let excess_bytes = (limit >= 0).then(|| over(limit));
        let largest_timestamp = view.segment.largest_timestamp();
        Some(KeptFacts {
            base_offset,
            upper_bound: view.upper_bound,
            bytes: view.segment.bytes(),
            active: view.active,
            largest_timestamp,
            age_ms: now_ms.saturating_sub(largest_timestamp),
            retention_ms: self.config.retention_ms,
            total_bytes: self.size(),
            retention_bytes: limit,
            excess_bytes,
            log_start_offset: self.log_start_offset,
            high_watermark: self.high_watermark,
            verdict: self.verdict(index, excess_bytes, now_ms),
        })
    }

    fn verdict(&self, index: usize, excess: Option<i64>, now_ms: Timestamp) -> Verdict {
        let view = self.segment_view(index);
        if view.active && view.segment.bytes() == 0 {
            return Verdict::ActiveAndEmpty;
        }
        let mut verdict = Verdict::WithinLimits;
        for reason in PASSES {
            if !self.breached(&view, reason, excess, now_ms) {
                continue;
            }
            if reason != DeletionReason::LogStartOffset && !self.config.cleanup_delete {
                verdict = Verdict::PolicyWithoutDelete;
                continue;
            }
            let taken = self.matching(reason, now_ms);
            if index < taken {
                return Verdict::Deletable(reason);
            }
            verdict = match self.deletable(&view) {
                false => Verdict::AboveHighWatermark,
                true => Verdict::BehindOlderSegment(self.segments[taken].base_offset()),
            };
        }
        verdict
    }
}
