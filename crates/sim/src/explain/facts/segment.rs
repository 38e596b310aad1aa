//! Segments and retention.

use super::count;
use crate::words::span_ms;
use highwater_cluster::Time;
use highwater_log::{DeletionReason, Offset};

/// A fact about a segment.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum SegmentFact {
    /// Which offsets it has.
    Holds { base_offset: Offset, next_offset: Offset, bytes: u32 },
    /// The one written to. Being active does not protect it, but all of it must be committed.
    Active,
    /// The active one and empty: never deleted.
    ActiveAndEmpty,
    /// Not all of it is committed.
    AboveHighWatermark { next_offset: Offset, high_watermark: Offset },
    /// Not old enough.
    YoungerThanRetentionMs { age_ms: i64, retention_ms: i64, due_at: Time },
    /// Old enough.
    OlderThanRetentionMs { age_ms: i64, retention_ms: i64 },
    /// Its records are stamped later than now.
    StampedInTheFuture { age_ms: i64, retention_ms: i64 },
    /// No limit of age.
    NoRetentionMs,
    /// The log without it would be smaller than the limit, or is not larger.
    WithinRetentionBytes {
        total_bytes: u64,
        retention_bytes: i64,
        segment_bytes: u32,
        excess_bytes: i64,
    },
    /// The log is larger than the limit by at least this segment.
    OverRetentionBytes { total_bytes: u64, retention_bytes: i64, excess_bytes: i64 },
    /// No limit of size.
    NoRetentionBytes,
    /// All of it is below the log start offset.
    BelowLogStart { next_offset: Offset, log_start_offset: Offset },
    /// Retention works from the oldest on, and this one stays.
    BehindOlderSegment { base_offset: Offset },
    /// `cleanup.policy` has no `delete`.
    PolicyWithoutDelete,
    /// The next check takes it.
    NextCheckDeletesIt { reason: DeletionReason },
    /// When that is.
    NextRetentionCheck { at: Time, interval_ms: i64 },
    /// It left the log; its files go then.
    AlreadyDeleted { base_offset: Offset, unlink_at: Time },
}

impl SegmentFact {
    pub(super) fn rule(&self) -> Option<&'static str> {
        Some(match self {
            Self::Holds { .. } => return None,
            Self::Active
            | Self::ActiveAndEmpty
            | Self::AboveHighWatermark { .. }
            | Self::BehindOlderSegment { .. } => "UnifiedLog.deleteOldSegments",
            Self::YoungerThanRetentionMs { .. }
            | Self::OlderThanRetentionMs { .. }
            | Self::StampedInTheFuture { .. }
            | Self::NoRetentionMs => "retention.ms",
            Self::WithinRetentionBytes { .. }
            | Self::OverRetentionBytes { .. }
            | Self::NoRetentionBytes => "retention.bytes",
            Self::BelowLogStart { .. } => "log start offset",
            Self::PolicyWithoutDelete => "cleanup.policy",
            Self::NextCheckDeletesIt { reason } => match reason {
                DeletionReason::LogStartOffset => "log start offset",
                DeletionReason::RetentionBytes => "retention.bytes",
                DeletionReason::RetentionMs => "retention.ms",
            },
            Self::NextRetentionCheck { .. } => "log.retention.check.interval.ms",
            Self::AlreadyDeleted { .. } => "file.delete.delay.ms",
        })
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Holds { base_offset, next_offset, bytes } if base_offset == next_offset => {
                format!("it begins at offset {base_offset} and is empty ({bytes} bytes)")
            }
            Self::Holds { base_offset, next_offset, bytes } => {
                format!("it holds offsets {base_offset} to {}, {bytes} bytes", next_offset - 1)
            }
            Self::Active => {
                "it is the active segment: records are appended to it until it is rolled".to_owned()
            }
            Self::ActiveAndEmpty => {
                "it is the active segment and empty: there is nothing to delete".to_owned()
            }
            Self::AboveHighWatermark { next_offset, high_watermark } => format!(
                "it ends at {next_offset} and the high watermark is {high_watermark}: only a segment that is committed as a whole is deleted"
            ),
            Self::BelowLogStart { next_offset, log_start_offset } => {
                format!(
                    "it ends at {next_offset}, and the log starts at {log_start_offset}: nobody can read it"
                )
            }
            Self::BehindOlderSegment { base_offset } => format!(
                "segments go from the oldest on, and the one that begins at {base_offset} stays"
            ),
            Self::PolicyWithoutDelete => {
                "the topic's cleanup.policy does not say delete: neither age nor size counts"
                    .to_owned()
            }
            Self::NextCheckDeletesIt { reason } => {
                let limit = match reason {
                    DeletionReason::LogStartOffset => "it is below the log start offset",
                    DeletionReason::RetentionBytes => "of retention.bytes",
                    DeletionReason::RetentionMs => "of retention.ms",
                };
                format!("the next check deletes it, because {limit}")
            }
            Self::NextRetentionCheck { at, interval_ms } => {
                format!("the broker looks next at {at}, and every {}", span_ms(*interval_ms))
            }
            Self::AlreadyDeleted { base_offset, unlink_at } => format!(
                "the segment that began at {base_offset} has left the log; its files are renamed .deleted and go at {unlink_at}"
            ),
            _ => self.limit_text(),
        }
    }

    /// Age and size against their limits.
    fn limit_text(&self) -> String {
        match self {
            Self::YoungerThanRetentionMs { age_ms, retention_ms, due_at } => format!(
                "its newest record is {} old, not older than {}: it is due after {due_at}",
                span_ms(*age_ms),
                span_ms(*retention_ms)
            ),
            Self::OlderThanRetentionMs { age_ms, retention_ms } => {
                format!(
                    "its newest record is {} old, older than {}",
                    span_ms(*age_ms),
                    span_ms(*retention_ms)
                )
            }
            Self::StampedInTheFuture { age_ms, .. } => format!(
                "its newest record is stamped {} in the future: it cannot grow old before that, nor can later segments",
                span_ms(age_ms.saturating_neg())
            ),
            Self::NoRetentionMs => "there is no limit of age".to_owned(),
            Self::WithinRetentionBytes {
                total_bytes,
                retention_bytes,
                segment_bytes,
                excess_bytes,
            } => match excess_bytes {
                ..=0 => format!(
                    "the log from here on is within its limit: {total_bytes} bytes in all, limit {retention_bytes}"
                ),
                n => format!(
                    "the log has {total_bytes} bytes, at this segment {} over the limit of {retention_bytes}: without its {segment_bytes} bytes the log would be below the limit",
                    count(u64::try_from(*n).unwrap_or(0), "byte")
                ),
            },
            Self::OverRetentionBytes { total_bytes, retention_bytes, excess_bytes } => format!(
                "the log has {total_bytes} bytes; at this segment it is {excess_bytes} over the limit of {retention_bytes}"
            ),
            Self::NoRetentionBytes => "there is no limit of size".to_owned(),
            _ => String::new(),
        }
    }
}
