//! What the next retention check does, by the engine's own verdicts.

use super::layout::{Plan, file};
use highwater_log::{DeletionReason, Offset, Verdict};

/// Why the next retention check deletes a segment, if it does. That may be what is asked: nothing is said while a question is open.
pub(super) fn goes(plan: &Plan<'_>, base: Offset) -> Option<DeletionReason> {
    if plan.question_open {
        return None;
    }
    let facts = plan.detail.kept.iter().find(|k| k.base_offset == base)?;
    match facts.verdict {
        Verdict::Deletable(reason) => Some(reason),
        _ => None,
    }
}

/// What the next retention check will do, or why the oldest segment stays.
pub(super) fn notes(plan: &Plan<'_>) -> (Vec<String>, bool) {
    let going: Vec<_> =
        plan.log.segments.iter().filter(|s| goes(plan, s.base_offset).is_some()).collect();
    if let (Some(first), Some(last)) = (going.first(), going.last()) {
        let why = match goes(plan, first.base_offset) {
            Some(DeletionReason::RetentionMs) => "every record in it is older than retention.ms",
            Some(DeletionReason::RetentionBytes) => "without it the log has still retention.bytes",
            _ => "all of it is below the log start",
        };
        let name = file(first.base_offset, "");
        let what = match going.len() {
            1 => format!("{name} goes at the next check: {why}."),
            n => format!("{name} and {} more go at the next check: {why}.", n - 1),
        };
        return (vec![what, format!("Then log start is {}.", last.next_offset)], true);
    }
    let Some(oldest) = plan.detail.kept.first() else { return (Vec::new(), false) };
    let name = file(oldest.base_offset, "");
    let why = match oldest.verdict {
        Verdict::AboveHighWatermark => "stays: not all of it is below the high watermark.",
        Verdict::ActiveAndEmpty => return (Vec::new(), false),
        Verdict::PolicyWithoutDelete => "stays: cleanup.policy has no delete.",
        Verdict::WithinLimits if oldest.excess_bytes.is_some_and(|n| n > 0) => {
            "stays: without it the log would be below retention.bytes."
        }
        Verdict::WithinLimits => "stays: no limit is reached.",
        _ => return (Vec::new(), false),
    };
    (vec![format!("{name} {why}")], false)
}

/// A size in words.
pub(super) fn bytes(size: u64) -> String {
    const GIB: u64 = 1 << 30;
    match size {
        // Kafka's default of segment.bytes.
        GIB => "1 GiB".to_owned(),
        0..10_000 => format!("{size} B"),
        10_000..10_000_000 => format!("{}.{} kB", size / 1000, size / 100 % 10),
        _ => format!("{}.{} MB", size / 1_000_000, size / 100_000 % 10),
    }
}
