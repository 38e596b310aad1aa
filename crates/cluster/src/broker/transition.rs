//! What new metadata does to the replicas hosted here (Kafka: `ReplicaManager.applyDelta`).

use super::core::{Core, OffsetsNews};
use super::metadata_log::Delta;
use super::partition::Partition;
use crate::settings::effective_topic_config;
use crate::{
    Context, Name, PartitionRegistration, TopicConfig, TopicId, TopicPartition, TraceEvent,
};
use highwater_log::{Log, LogConfig, OpenOptions};
use std::sync::Arc;

/// A partition that is followed from now on, or whose leadership was lost.
struct Followed {
    tp: TopicPartition,
    new_epoch: bool,
}

impl Core {
    /// Makes new metadata take effect.
    pub(super) fn publish(&mut self, delta: &Delta, ctx: &mut Context<'_>) {
        self.apply_configs(delta);
        let mut leaders = Vec::new();
        let mut followers = Vec::new();
        for &tp in &delta.partitions {
            let Some(registration) = self.image.partition(tp).cloned() else { continue };
            if !registration.replicas.contains(&self.id) {
                self.stop_replica(tp, ctx);
            } else if registration.leader == self.id {
                leaders.push((tp, registration));
            } else {
                followers.push((tp, registration));
            }
        }
        for (tp, registration) in leaders {
            self.lead(tp, &registration, ctx);
        }
        let mut followed = Vec::new();
        for (tp, registration) in followers {
            followed.extend(self.follow(tp, &registration, ctx));
        }
        self.restart_fetchers(&followed);
        self.drop_idle_fetchers(ctx);
        for followed in followed {
            self.complete_delayed(followed.tp, true, ctx);
        }
        self.send_alter_partitions(ctx);
        self.run_fetchers(ctx);
    }

    fn lead(
        &mut self,
        tp: TopicPartition,
        registration: &PartitionRegistration,
        ctx: &mut Context<'_>,
    ) {
        if !self.host(tp, ctx) {
            return;
        }
        self.remove_from_fetchers(tp);
        let Some((partition, around, _)) = self.partition_mut(tp, ctx.now) else { return };
        let done = partition.make_leader(registration, around, ctx);
        if done.ignored {
            return;
        }
        if done.new_epoch && self.is_offsets_partition(tp) {
            self.offsets_news.push_back(OffsetsNews::Elected(tp.partition));
        }
        if done.high_watermark_moved {
            self.complete_delayed(tp, true, ctx);
        }
    }

    fn follow(
        &mut self,
        tp: TopicPartition,
        registration: &PartitionRegistration,
        ctx: &mut Context<'_>,
    ) -> Option<Followed> {
        if !self.host(tp, ctx) {
            return None;
        }
        let (partition, ..) = self.partition_mut(tp, ctx.now)?;
        let led = partition.is_leader();
        let done = partition.make_follower(registration, ctx);
        if done.ignored {
            return None;
        }
        if led && self.is_offsets_partition(tp) {
            self.offsets_news.push_back(OffsetsNews::Resigned(tp.partition));
        }
        Some(Followed { tp, new_epoch: done.new_epoch })
    }

    fn restart_fetchers(&mut self, followed: &[Followed]) {
        for Followed { tp, new_epoch } in followed {
            let Some(partition) = self.partitions.get(tp) else { continue };
            let (leader, offline) = (partition.leader, partition.offline);
            let in_isr = self.image.partition(*tp).is_some_and(|p| p.isr.contains(&self.id));
            if self.is_shutting_down() && (leader == -1 || !in_isr) {
                // It was put out in order; fetching on would bring it back in.
                self.remove_from_fetchers(*tp);
            } else if *new_epoch {
                self.remove_from_fetchers(*tp);
                if !offline && self.image.brokers.contains_key(&leader) {
                    self.add_to_fetcher(*tp, leader);
                }
            }
        }
    }

    /// This broker is no replica any more: the log goes.
    fn stop_replica(&mut self, tp: TopicPartition, ctx: &mut Context<'_>) {
        self.remove_from_fetchers(tp);
        let Some(partition) = self.partitions.remove(&tp) else { return };
        let dir = partition.log.dir().to_owned();
        for name in ctx.disk.list(&dir) {
            // What cannot be removed is a stray: nothing reads it again unless the replica comes back.
            let _ = ctx.disk.remove(&format!("{dir}/{name}"));
        }
        if partition.is_leader() && self.is_offsets_partition(tp) {
            self.offsets_news.push_back(OffsetsNews::Resigned(tp.partition));
        }
        self.complete_delayed(tp, true, ctx);
    }

    /// Opens the log, making it when there is none. False when the disk fails.
    fn host(&mut self, tp: TopicPartition, ctx: &mut Context<'_>) -> bool {
        if self.partitions.contains_key(&tp) {
            return true;
        }
        let Some(topic) = self.image.topics.get(&tp.topic).map(|t| t.name.clone()) else {
            return false;
        };
        let config = self.topic_config(tp.topic);
        let Some(log) = self.open_log(tp, &topic, &config, ctx) else { return false };
        let partition = Partition::new(self.id, tp, topic, log, config);
        self.partitions.insert(tp, Arc::new(partition));
        true
    }

    fn open_log(
        &mut self,
        tp: TopicPartition,
        topic: &Name,
        config: &TopicConfig,
        ctx: &mut Context<'_>,
    ) -> Option<Log> {
        let dir = format!("{topic}-{}", tp.partition);
        let key = (topic.clone(), tp.partition);
        let metadata = format!("{dir}/partition.metadata");
        let found = ctx.disk.len(&metadata).is_some();
        let options = OpenOptions {
            // A log made after the start is new, not left behind by a crash.
            clean_shutdown: self.found.clean_shutdown || !found,
            recovery_point: self.found.recovery_points.get(&key).copied().unwrap_or(0),
            log_start_offset: self.found.log_starts.get(&key).copied().unwrap_or(0),
            high_watermark: self.found.high_watermarks.get(&key).copied().unwrap_or(0),
            now_ms: ctx.now.wall_ms(),
        };
        if !found {
            ctx.disk.replace(&metadata, partition_metadata(tp.topic).as_bytes()).ok()?;
        }
        let (log, recovery) = Log::open(&dir, log_config(config), options, ctx.disk).ok()?;
        if recovery.unclean {
            let (log_end_offset, cut_bytes) = (log.log_end_offset(), recovery.cut_bytes);
            ctx.trace(TraceEvent::LogRecovered { tp, log_end_offset, cut_bytes });
        }
        Some(log)
    }

    /// A topic's settings, shared between its partitions here.
    fn topic_config(&self, topic: TopicId) -> Arc<TopicConfig> {
        let range = TopicPartition::new(topic, 0)..=TopicPartition::new(topic, i32::MAX);
        match self.partitions.range(range).next() {
            Some((_, sibling)) => sibling.config.clone(),
            None => Arc::new(effective_topic_config(&self.image, topic)),
        }
    }

    fn apply_configs(&mut self, delta: &Delta) {
        let mut last: Option<(TopicId, Arc<TopicConfig>)> = None;
        for (tp, partition) in &mut self.partitions {
            if !delta.cluster_configs && !delta.configs.contains(&tp.topic) {
                continue;
            }
            let config = match &last {
                Some((topic, config)) if *topic == tp.topic => config.clone(),
                _ => Arc::new(effective_topic_config(&self.image, tp.topic)),
            };
            last = Some((tp.topic, config.clone()));
            if *partition.config != *config {
                let partition = Arc::make_mut(partition);
                partition.log.set_config(log_config(&config));
                partition.config = config;
            }
        }
    }
}

/// Kafka's `partition.metadata`, with the topic's number as its uuid.
fn partition_metadata(topic: TopicId) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // 16 bytes are 21 digits of 6 bits and one of 2, which stands for its upper bits.
    let value = u128::from(topic.0);
    let digit = |n: u32| {
        let six = if n == 21 { (value << 4) & 63 } else { (value >> (122 - 6 * n)) & 63 };
        char::from(DIGITS[usize::try_from(six).expect("below 64")])
    };
    let id: String = (0..22).map(digit).collect();
    format!("version: 0\ntopic_id: {id}")
}

fn log_config(config: &TopicConfig) -> LogConfig {
    LogConfig {
        segment_bytes: config.segment_bytes,
        segment_ms: config.segment_ms,
        segment_index_bytes: config.segment_index_bytes,
        index_interval_bytes: config.index_interval_bytes,
        retention_ms: config.retention_ms,
        retention_bytes: config.retention_bytes,
        file_delete_delay_ms: config.file_delete_delay_ms,
        max_message_bytes: config.max_message_bytes,
        flush_messages: config.flush_messages,
        log_append_time: config.log_append_time,
        message_timestamp_before_max_ms: config.message_timestamp_before_max_ms,
        message_timestamp_after_max_ms: config.message_timestamp_after_max_ms,
        cleanup_delete: config.cleanup_policy_delete,
        cleanup_compact: config.cleanup_policy_compact,
    }
}
