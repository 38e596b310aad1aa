//! Periodic work on the logs: retention, unlinking, checkpoints, and closing (Kafka: `LogManager`,
//! `ReplicaManager.checkpointHighWatermarks`).

use super::checkpoint::{self, Offsets};
use super::core::Core;
use super::partition::Partition;
use crate::{
    Context, DeletionReason, Span, Time, Timer, TopicPartition, TraceEvent, WALL_CLOCK_START_MS,
};
use highwater_log::Offset;
use std::sync::Arc;

impl Core {
    pub(super) fn set_log_timers(&self, ctx: &mut Context<'_>) {
        let initial = ctx.now + Span::from_ms(self.config.log_initial_task_delay_ms);
        ctx.set_timer(Timer::RetentionCheck, initial);
        ctx.set_timer(Timer::RecoveryPointCheckpoint, initial);
        self.set_every(
            Timer::HighWatermarkCheckpoint,
            self.config.replica_high_watermark_checkpoint_interval_ms,
            ctx,
        );
    }

    fn set_every(&self, timer: Timer, interval_ms: i64, ctx: &mut Context<'_>) {
        ctx.set_timer(timer, ctx.now + Span::from_ms(interval_ms).max(Span(1000)));
    }

    fn hosted(&self) -> Vec<TopicPartition> {
        self.partitions.iter().filter(|(_, p)| !p.offline).map(|(tp, _)| *tp).collect()
    }

    pub(super) fn retention_due(&mut self, ctx: &mut Context<'_>) {
        for tp in self.hosted() {
            self.check_retention(tp, ctx);
        }
        self.set_file_delete(ctx);
        self.set_every(Timer::RetentionCheck, self.config.log_retention_check_interval_ms, ctx);
    }

    fn check_retention(&mut self, tp: TopicPartition, ctx: &mut Context<'_>) {
        let Some(partition) = self.partitions.get_mut(&tp) else { return };
        let partition = Arc::make_mut(partition);
        let start = partition.log.log_start_offset();
        match partition.log.delete_old_segments(ctx.now.wall_ms(), ctx.disk) {
            Ok(deleted) => {
                for segment in deleted {
                    let reason = match segment.reason {
                        highwater_log::DeletionReason::LogStartOffset => {
                            DeletionReason::LogStartOffset
                        }
                        highwater_log::DeletionReason::RetentionBytes => {
                            DeletionReason::RetentionBytes
                        }
                        highwater_log::DeletionReason::RetentionMs => DeletionReason::RetentionMs,
                    };
                    ctx.trace(TraceEvent::SegmentDeleted {
                        tp,
                        base_offset: segment.base_offset,
                        next_offset: segment.next_offset,
                        bytes: segment.bytes,
                        reason,
                    });
                }
            }
            Err(_) => partition.offline = true,
        }
        let to = partition.log.log_start_offset();
        if to != start {
            ctx.trace(TraceEvent::LogStartOffsetMoved { tp, from: start, to });
            self.log_start_told_to_leader(tp);
        }
    }

    /// The next fetch tells the new log start offset.
    fn log_start_told_to_leader(&mut self, tp: TopicPartition) {
        for fetcher in self.fetchers.values_mut().filter(|f| f.partitions.contains_key(&tp)) {
            fetcher.changed();
        }
    }

    fn set_file_delete(&self, ctx: &mut Context<'_>) {
        let next = self.partitions.values().filter_map(|p| p.log.next_unlink_ms()).min();
        if let Some(at_ms) = next {
            let since_start = u64::try_from(at_ms - WALL_CLOCK_START_MS).unwrap_or(0);
            ctx.set_timer(Timer::FileDelete, Time::from_ms(since_start).max(ctx.now));
        }
    }

    pub(super) fn file_delete_due(&mut self, ctx: &mut Context<'_>) {
        let now_ms = ctx.now.wall_ms();
        for tp in self.hosted() {
            let Some(partition) = self.partitions.get_mut(&tp) else { continue };
            if partition.log.next_unlink_ms().is_none_or(|at| at > now_ms) {
                continue;
            }
            let partition = Arc::make_mut(partition);
            match partition.log.unlink_deleted(now_ms, ctx.disk) {
                Ok(unlinked) => {
                    for base_offset in unlinked {
                        ctx.trace(TraceEvent::FileUnlinked { tp, base_offset });
                    }
                }
                Err(_) => partition.offline = true,
            }
        }
        self.set_file_delete(ctx);
    }

    fn offsets_by(&self, offset: impl Fn(&Partition) -> Offset) -> Offsets {
        let entry = |p: &Arc<Partition>| ((p.topic.clone(), p.tp.partition), offset(p));
        self.partitions.values().map(entry).collect()
    }

    fn write_checkpoint(
        &self,
        file: &str,
        offset: impl Fn(&Partition) -> Offset,
        ctx: &mut Context<'_>,
    ) {
        // A checkpoint that cannot be written leaves the older one, which is only less far.
        let _ = checkpoint::write(ctx.disk, file, &self.offsets_by(offset));
    }

    pub(super) fn high_watermark_checkpoint_due(&mut self, ctx: &mut Context<'_>) {
        self.write_checkpoint(checkpoint::HIGH_WATERMARK_FILE, |p| p.log.high_watermark(), ctx);
        let interval = self.config.replica_high_watermark_checkpoint_interval_ms;
        self.set_every(Timer::HighWatermarkCheckpoint, interval, ctx);
    }

    /// After a truncation at once: a checkpoint above the cut would count records as flushed that are written
    /// there later (Kafka: `LogManager.truncateTo`).
    pub(super) fn checkpoint_recovery_points(&self, ctx: &mut Context<'_>) {
        self.write_checkpoint(checkpoint::RECOVERY_POINT_FILE, |p| p.log.recovery_point(), ctx);
    }

    pub(super) fn recovery_point_checkpoint_due(&mut self, ctx: &mut Context<'_>) {
        self.checkpoint_recovery_points(ctx);
        self.write_checkpoint(checkpoint::LOG_START_FILE, |p| p.log.log_start_offset(), ctx);
        let interval = self.config.log_flush_offset_checkpoint_interval_ms;
        self.set_every(Timer::RecoveryPointCheckpoint, interval, ctx);
    }

    /// An orderly stop: everything flushed and checkpointed, and a file that says so.
    pub(super) fn close_logs(&mut self, ctx: &mut Context<'_>) {
        let mut clean = true;
        for tp in self.hosted() {
            let Some(partition) = self.partitions.get_mut(&tp) else { continue };
            clean &= Arc::make_mut(partition).log.close(ctx.disk).is_ok();
        }
        self.write_checkpoint(checkpoint::HIGH_WATERMARK_FILE, |p| p.log.high_watermark(), ctx);
        self.write_checkpoint(checkpoint::RECOVERY_POINT_FILE, |p| p.log.recovery_point(), ctx);
        self.write_checkpoint(checkpoint::LOG_START_FILE, |p| p.log.log_start_offset(), ctx);
        if clean && self.partitions.values().all(|p| !p.offline) {
            // Without it the next start looks through the logs, which is slower and safe.
            let _ = checkpoint::write_clean_shutdown(ctx.disk, self.lifecycle.broker_epoch);
        }
    }
}
