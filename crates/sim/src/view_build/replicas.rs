//! Replicas: the log as its broker has it, or as its disk has it.

use super::Builder;
use crate::disk::SimDisk;
use crate::words;
use crate::{BatchView, FollowerView, ProcessState, RecordView, ReplicaView, Role, SegmentView};
use highwater_cluster::{BrokerId, NodeId, Partition, PartitionRegistration, TopicPartition};
use highwater_log::{BatchAt, Batches, Log, Offset};

/// Batches that a replica's view shows, from the end; of internal topics an eighth of it.
const SHOWN_BATCHES: usize = 64;
/// Characters of a value that a view shows.
const SHOWN_CHARACTERS: usize = 64;

impl Builder<'_> {
    pub fn replica(
        &self,
        broker: BrokerId,
        tp: TopicPartition,
        registered: &PartitionRegistration,
    ) -> Option<ReplicaView> {
        let node = self.world.node(NodeId::Broker(broker))?;
        let hosted = self.world.broker(broker)?.partition(tp);
        let up = matches!(node.state, ProcessState::Running | ProcessState::Paused);
        let mut view = match (up, hosted) {
            (true, Some(partition)) => {
                let mut view = self.log(tp, partition.log(), &node.disk);
                self.beliefs(&mut view, partition);
                view
            }
            // Before a restarted broker has opened its logs, and while it is down: what the disk has.
            _ => {
                let (log, disk) = self.world.recovered(broker, tp)?;
                let mut view = self.log(tp, &log, &disk);
                (view.role, view.leader, view.leader_epoch) = (Role::Offline, -1, -1);
                view
            }
        };
        view.broker = broker;
        view.in_isr = registered.isr.contains(&broker);
        view.out_reason =
            if view.in_isr { Vec::new() } else { self.out_reason(broker, tp, registered) };
        view.fetching = self.fetching(broker, tp).filter(|_| up);
        Some(view)
    }

    fn log(&self, tp: TopicPartition, log: &Log, disk: &SimDisk) -> ReplicaView {
        ReplicaView {
            log_start_offset: log.log_start_offset(),
            log_end_offset: log.log_end_offset(),
            high_watermark: log.high_watermark(),
            last_stable_offset: log.high_watermark(),
            recovery_point: log.recovery_point(),
            size_bytes: log.size(),
            segments: segments(log),
            batches: self.batches(tp, log, disk),
            epoch_cache: log.epochs().entries().iter().map(|e| (e.epoch, e.start_offset)).collect(),
            ..ReplicaView::default()
        }
    }

    fn beliefs(&self, view: &mut ReplicaView, partition: &Partition) {
        view.role = if partition.is_leader() { Role::Leader } else { Role::Follower };
        view.leader = partition.leader();
        view.leader_epoch = partition.leader_epoch();
        if !partition.is_leader() {
            return;
        }
        let lag_ms = self.world.cast.broker_config().replica_lag_time_max_ms;
        view.maximal_isr = partition.isr().maximal();
        view.pending_isr = partition.isr().proposed();
        let committed = partition.isr().committed();
        view.followers = partition
            .followers()
            .map(|(broker, state)| FollowerView {
                broker,
                log_end_offset: state.log_end_offset,
                in_isr: committed.contains(&broker),
                last_caught_up: state.last_caught_up_time.unwrap_or_default(),
                last_fetch: state.last_fetch_time,
                lag_deadline: partition.lag_deadline(broker, lag_ms),
            })
            .collect();
    }

    fn fetching(&self, broker: BrokerId, tp: TopicPartition) -> Option<(Offset, bool)> {
        let (fetcher, state) = self.world.broker(broker)?.fetching(tp)?;
        Some((state.fetch_offset, fetcher.in_flight.is_some()))
    }

    fn batches(&self, tp: TopicPartition, log: &Log, disk: &SimDisk) -> Vec<BatchView> {
        let shown = if self.is_internal(tp) { SHOWN_BATCHES / 8 } else { SHOWN_BATCHES };
        let (start, end) = (log.log_start_offset(), log.log_end_offset());
        // From the end backwards: so many batches have at least so many records.
        let mut back = i64::try_from(shown).unwrap_or(i64::MAX);
        let mut all: Vec<BatchAt>;
        loop {
            let from = end.saturating_sub(back).max(start);
            all = log.batches_from(from, disk).flatten().collect();
            if all.len() >= shown || from == start {
                break;
            }
            back = back.saturating_mul(4);
        }
        if all.len() > shown {
            all.drain(..all.len() - shown);
        }
        all.iter().map(|at| self.batch(tp, log, disk, at)).collect()
    }

    pub fn batch(&self, tp: TopicPartition, log: &Log, disk: &SimDisk, at: &BatchAt) -> BatchView {
        let header = &at.header;
        let written =
            self.world.oracle.written(tp, header.base_offset, header.partition_leader_epoch);
        let written = written.filter(|w| w.id.crc == header.crc);
        let mut records = Vec::new();
        if let Ok(bytes) = log.batch_bytes(at, disk) {
            for batch in Batches::new(&bytes).flatten() {
                records.extend(batch.records().flatten().map(|r| RecordView {
                    offset: r.offset,
                    timestamp: r.timestamp,
                    key: self.key(r.key),
                    value: r.value.map(shown),
                    producer: written.and_then(|w| w.producer),
                    acknowledged: written.is_some_and(|w| w.acknowledged_at.is_some()),
                }));
            }
        }
        BatchView {
            base_offset: header.base_offset,
            last_offset: header.last_offset(),
            leader_epoch: header.partition_leader_epoch,
            size_bytes: header.size(),
            position: at.position,
            segment: at.segment_base_offset,
            max_timestamp: header.max_timestamp,
            records,
        }
    }

    /// Why a replica is out of the ISR: what, setting, value.
    fn out_reason(
        &self,
        broker: BrokerId,
        tp: TopicPartition,
        registered: &PartitionRegistration,
    ) -> Vec<String> {
        let world = self.world;
        let (broker_config, controller_config) =
            (world.cast.broker_config(), world.cast.controller_config());
        if !world.image().is_active(broker) {
            let what = match world.node(NodeId::Broker(broker)).map(|n| n.state) {
                Some(ProcessState::Running) => format!("broker {broker} is fenced"),
                Some(ProcessState::Paused) => format!("broker {broker} is paused"),
                _ => format!("broker {broker} is down"),
            };
            let timeout = words::span_ms(controller_config.broker_session_timeout_ms);
            return vec![what, "broker.session.timeout.ms".to_owned(), timeout];
        }
        let leader = world.broker(registered.leader).and_then(|b| b.partition(tp));
        let Some(leader) = leader.filter(|l| l.is_leader()) else {
            return vec!["no leader to fetch from".to_owned()];
        };
        let follower = leader.follower(broker);
        let has = follower.map_or(-1, |f| f.log_end_offset);
        let enough = leader.high_watermark().max(leader.leader_epoch_start_offset().unwrap_or(0));
        // A leader that has not heard of the shrink yet still holds its line at the offset of whom it took out.
        let leaves = leader.isr().committed().contains(&broker);
        if has >= enough && !leaves {
            return vec![
                "has caught up".to_owned(),
                "AlterPartition".to_owned(),
                "under way".to_owned(),
            ];
        }
        let needs = if leaves { leader.log().log_end_offset() } else { enough };
        let what = match has {
            -1 => "not fetched yet".to_owned(),
            _ => format!("has up to {has} of {needs}"),
        };
        let limit = words::span_ms(broker_config.replica_lag_time_max_ms);
        vec![what, "replica.lag.time.max.ms".to_owned(), limit]
    }
}

fn segments(log: &Log) -> Vec<SegmentView> {
    log.segments()
        .map(|s| SegmentView {
            base_offset: s.segment.base_offset(),
            next_offset: s.upper_bound,
            size_bytes: u64::from(s.segment.bytes()),
            active: s.active,
            flushed: s.flushed,
            largest_timestamp: s.segment.largest_record_timestamp(),
            created: s.segment.created_ms(),
            offset_index: s.segment.offset_index().iter().map(|e| (e.offset, e.position)).collect(),
            time_index: s.segment.time_index().iter().map(|e| (e.timestamp, e.offset)).collect(),
        })
        .collect()
}

fn shown(value: &[u8]) -> String {
    String::from_utf8_lossy(value).chars().take(SHOWN_CHARACTERS).collect()
}
