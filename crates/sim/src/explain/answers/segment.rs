//! Why a segment is not deleted, or when it will be.

use super::{Answer, Headline, list};
use crate::explain::facts::{ProcessFact, RecordFact, SegmentFact};
use highwater_cluster::{BrokerId, NodeId, Partition, Time, Timer, WALL_CLOCK_START_MS};
use highwater_log::{DeletionReason, KeptFacts, Offset, Timestamp, Verdict};

impl Answer<'_> {
    pub(super) fn segment(
        &mut self,
        name: &str,
        broker: BrokerId,
        base_offset: Offset,
    ) -> Headline {
        let (tp, registered) = self.find(name)?;
        let Some(partition) = self.process(broker)?.partition(tp) else {
            let at = crate::explain::facts::brokers(&registered.replicas);
            return Err(format!("broker {broker} has no log of {name}; its replicas are at {at}"));
        };
        self.pick(format!("segment {name}@{broker}:{base_offset}"));
        let Some(kept) = partition.log().why_kept(base_offset, self.world.now().wall_ms()) else {
            return self.deleted(name, partition, base_offset);
        };
        self.limits(&kept);
        let headline = self.verdict(&kept);
        self.next_check(broker);
        Ok(headline)
    }

    fn deleted(&mut self, name: &str, partition: &Partition, base_offset: Offset) -> Headline {
        let pending = partition.log().pending_unlinks().find(|(base, _)| *base == base_offset);
        let Some((_, at_ms)) = pending else {
            let log_start_offset = partition.log().log_start_offset();
            if base_offset < log_start_offset {
                self.fact(RecordFact::BelowLogStart { log_start_offset });
                return Ok(format!(
                    "No segment begins at {base_offset} any more: {name} starts at {log_start_offset} there"
                ));
            }
            let all: Vec<String> =
                partition.log().segments().map(|s| s.segment.base_offset().to_string()).collect();
            return Err(format!(
                "no segment of {name} begins at {base_offset} there; these do: {}",
                list(&all)
            ));
        };
        self.fact(SegmentFact::AlreadyDeleted { base_offset, unlink_at: at(at_ms) });
        let log_start_offset = partition.log().log_start_offset();
        Ok(format!("The segment is deleted: {name} starts at {log_start_offset}"))
    }

    fn limits(&mut self, kept: &KeptFacts) {
        let &KeptFacts { base_offset, upper_bound, bytes, .. } = kept;
        self.fact(SegmentFact::Holds { base_offset, next_offset: upper_bound, bytes });
        if kept.active && kept.verdict != Verdict::ActiveAndEmpty {
            self.fact(SegmentFact::Active);
        }
        if upper_bound <= kept.log_start_offset && !kept.active {
            let log_start_offset = kept.log_start_offset;
            self.fact(SegmentFact::BelowLogStart { next_offset: upper_bound, log_start_offset });
        }
        let (age_ms, retention_ms) = (kept.age_ms, kept.retention_ms);
        if retention_ms < 0 {
            self.fact(SegmentFact::NoRetentionMs);
        } else if age_ms > retention_ms {
            self.fact(SegmentFact::OlderThanRetentionMs { age_ms, retention_ms });
        } else if age_ms < 0 {
            self.fact(SegmentFact::StampedInTheFuture { age_ms, retention_ms });
        } else {
            let due_at = at(kept.largest_timestamp.saturating_add(retention_ms));
            self.fact(SegmentFact::YoungerThanRetentionMs { age_ms, retention_ms, due_at });
        }
        let (total_bytes, retention_bytes) = (kept.total_bytes, kept.retention_bytes);
        match kept.excess_bytes {
            None => self.fact(SegmentFact::NoRetentionBytes),
            Some(excess_bytes) if excess_bytes >= i64::from(bytes) => {
                self.fact(SegmentFact::OverRetentionBytes {
                    total_bytes,
                    retention_bytes,
                    excess_bytes,
                });
            }
            Some(excess_bytes) => {
                let segment_bytes = bytes;
                self.fact(SegmentFact::WithinRetentionBytes {
                    total_bytes,
                    retention_bytes,
                    segment_bytes,
                    excess_bytes,
                });
            }
        }
    }

    /// What the log's own check comes to, put before the limits.
    fn verdict(&mut self, kept: &KeptFacts) -> String {
        let (fact, headline) = match kept.verdict {
            Verdict::Deletable(reason) => {
                let limit = match reason {
                    DeletionReason::LogStartOffset => "it is below the log start offset",
                    DeletionReason::RetentionBytes => "the log is larger than retention.bytes",
                    DeletionReason::RetentionMs => "it is older than retention.ms",
                };
                (
                    Some(SegmentFact::NextCheckDeletesIt { reason }),
                    format!("The next check deletes the segment: {limit}"),
                )
            }
            Verdict::WithinLimits if kept.excess_bytes.is_some_and(|n| n > 0) => (
                None,
                "The segment is kept: without it the log would be below retention.bytes".to_owned(),
            ),
            Verdict::WithinLimits => (None, "The segment is kept: no limit is reached".to_owned()),
            Verdict::AboveHighWatermark => {
                let (next_offset, high_watermark) = (kept.upper_bound, kept.high_watermark);
                let fact = SegmentFact::AboveHighWatermark { next_offset, high_watermark };
                (
                    Some(fact),
                    "The segment is kept though a limit is reached: not all of it is committed"
                        .to_owned(),
                )
            }
            Verdict::BehindOlderSegment(base_offset) => (
                Some(SegmentFact::BehindOlderSegment { base_offset }),
                "The segment is kept though a limit is reached: an older one stays".to_owned(),
            ),
            Verdict::ActiveAndEmpty => (
                Some(SegmentFact::ActiveAndEmpty),
                "The segment is kept: it is active and empty".to_owned(),
            ),
            Verdict::PolicyWithoutDelete => (
                Some(SegmentFact::PolicyWithoutDelete),
                "The segment is kept: cleanup.policy does not say delete".to_owned(),
            ),
        };
        if let Some(fact) = fact {
            self.facts.insert(0, fact.into());
        }
        headline
    }

    fn next_check(&mut self, broker: BrokerId) {
        let node = NodeId::Broker(broker);
        let Some(at) = self.timer(node, Timer::RetentionCheck) else {
            if let Some(found) = self.world.node(node) {
                self.fact(ProcessFact::NotRunning { node, state: found.state, since: found.since });
            }
            return;
        };
        if let Some(process) = self.world.broker(broker) {
            let interval_ms = process.config().log_retention_check_interval_ms;
            self.fact(SegmentFact::NextRetentionCheck { at, interval_ms });
        }
    }
}

/// The moment when every node's clock shows this.
fn at(wall_ms: Timestamp) -> Time {
    Time::from_ms(u64::try_from(wall_ms.saturating_sub(WALL_CLOCK_START_MS)).unwrap_or(0))
}
