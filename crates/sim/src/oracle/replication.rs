//! The account of logs: written, committed, acknowledged, lost.

use super::observe::Findings;
use super::{BatchId, Lost, Oracle, Written};
use crate::World;
use crate::disk_logs::partition_name;
use highwater_cluster::{
    Actor, Body, BrokerId, Correlation, NodeId, Partition, ProducePartitionResult, Request, Time,
    TopicPartition, TraceEvent,
};
use highwater_log::{Batches, LeaderEpoch, Offset};

/// The replica of a partition at a broker, running or as it last was.
fn replica(world: &World, broker: BrokerId, tp: TopicPartition) -> Option<&Partition> {
    world.broker(broker)?.partition(tp)
}

/// The partition of `__consumer_offsets` with what is known of a group.
pub(super) fn offsets_partition(world: &World, group: &str) -> Option<TopicPartition> {
    let (topic, _) = world.image().topic_by_name("__consumer_offsets")?;
    let any = world.nodes().find_map(|(node, _)| world.broker(node.broker()?))?;
    Some(TopicPartition::new(topic, any.offsets_partition(group)))
}

/// A broker that restarts may believe for a moment what its earlier life knew: it serves nobody then, and
/// promises nothing.
fn serves(world: &World, broker: BrokerId) -> bool {
    world.broker(broker).is_some_and(Actor::listens)
}

/// Batches of a replica from the one that holds `from` on, below `to`.
fn batches(
    world: &World,
    broker: BrokerId,
    tp: TopicPartition,
    from: Offset,
    to: Offset,
) -> Vec<BatchId> {
    let (Some(node), Some(partition)) =
        (world.node(NodeId::Broker(broker)), replica(world, broker, tp))
    else {
        return Vec::new();
    };
    let from = from.max(partition.log().log_start_offset());
    if from >= to {
        return Vec::new();
    }
    partition
        .log()
        .batches_from(from, &node.disk)
        .flatten()
        .map(|at| BatchId::of(&at.header))
        .take_while(|id| id.base < to)
        .collect()
}

impl Oracle {
    pub(super) fn event_at_broker(
        &mut self,
        node: NodeId,
        event: &TraceEvent,
        findings: &mut Findings<'_>,
    ) {
        let NodeId::Broker(broker) = node else { return };
        match event {
            TraceEvent::BatchAppended { tp, base_offset, as_leader, .. } => {
                self.check_shape(broker, *tp, findings);
                if *as_leader {
                    self.appended(broker, *tp, *base_offset, findings);
                }
            }
            TraceEvent::HighWatermarkMoved { tp, from, to, as_leader } => {
                self.check_shape(broker, *tp, findings);
                if to > from && (!as_leader || serves(findings.world, broker)) {
                    self.high_watermark_moved(broker, *tp, (*from, *to), *as_leader, findings);
                }
            }
            TraceEvent::LogTruncated { tp, .. } | TraceEvent::LogStartOffsetMoved { tp, .. } => {
                self.check_shape(broker, *tp, findings);
            }
            TraceEvent::BecameLeader { tp, epoch, .. } => {
                self.check_epoch(node, *tp, *epoch, findings);
                self.became_leader(broker, *tp, *epoch, findings);
            }
            TraceEvent::BecameFollower { tp, epoch, .. } => {
                self.check_epoch(node, *tp, *epoch, findings)
            }
            TraceEvent::UnsyncedBytesLost { tp, from, to } => {
                self.partition_mut(*tp).lossy.push((broker, *from, *to));
            }
            TraceEvent::Restarted => self.epochs.retain(|(n, _), _| *n != node),
            _ => {}
        }
    }

    /// R01: log start <= high watermark <= log end.
    fn check_shape(&self, broker: BrokerId, tp: TopicPartition, findings: &mut Findings<'_>) {
        let Some(partition) = replica(findings.world, broker, tp) else { return };
        let log = partition.log();
        let (start, high_watermark, end) =
            (log.log_start_offset(), log.high_watermark(), log.log_end_offset());
        if !(start <= high_watermark && high_watermark <= end) {
            let name = partition_name(findings.world, tp);
            let message = format!(
                "{name} at broker {broker}: log start {start}, high watermark {high_watermark}, log end {end} are not in order"
            );
            findings.broken(NodeId::Broker(broker), "R01 LogShape", message);
        }
    }

    fn appended(
        &mut self,
        broker: BrokerId,
        tp: TopicPartition,
        base: Offset,
        findings: &mut Findings<'_>,
    ) {
        let world = findings.world;
        let (Some(node), Some(partition)) =
            (world.node(NodeId::Broker(broker)), replica(world, broker, tp))
        else {
            return;
        };
        let Some(Ok(at)) = partition.log().batches_from(base, &node.disk).next() else { return };
        let (mut producer, mut acks, mut keys) = (None, -1, Vec::new());
        if let Some(delivered) = findings.delivered
            && let (NodeId::Producer(number), Body::Request(request)) =
                (delivered.from, delivered.body)
            && let Request::Produce(produce) = &**request
        {
            (producer, acks) = (Some(number), produce.acks);
            if let Ok(bytes) = partition.log().batch_bytes(&at, &node.disk) {
                for batch in Batches::new(&bytes).flatten() {
                    keys.extend(
                        batch.records().flatten().map(|r| r.key.map(highwater_log::Bytes::from)),
                    );
                }
            }
        }
        let id = BatchId::of(&at.header);
        let account = self.partition_mut(tp);
        // A leader that does not know yet that another has followed it: what it takes now will be cut.
        let gone_by = account.leaders.last_key_value().filter(|(epoch, _)| **epoch > id.epoch).map(
            |(epoch, by)| {
                let start = replica(world, *by, tp).and_then(Partition::leader_epoch_start_offset);
                (*by, *epoch, start.unwrap_or(0))
            },
        );
        let gone_at = gone_by.map(|_| world.now());
        account.write(Written {
            id,
            producer,
            acks,
            acknowledged_at: None,
            gone_at,
            gone_by,
            keys,
        });
    }

    /// A replica says that records are committed: they must be the ones that already are (R07, R13), or become
    /// so; a leader may say so only with enough members in sync (R16) that all have them (R04, R05).
    fn high_watermark_moved(
        &mut self,
        broker: BrokerId,
        tp: TopicPartition,
        (from, to): (Offset, Offset),
        as_leader: bool,
        findings: &mut Findings<'_>,
    ) {
        let world = findings.world;
        let account = self.partition_mut(tp);
        // A replica that has not heard yet of an allowed loss shows the history before it.
        if replica(world, broker, tp).is_none_or(|p| p.leader_epoch() < account.history_epoch) {
            return;
        }
        // After an allowed loss a leader's own history below its high watermark begins to count with this.
        let from = if as_leader { from.min(account.committed_end()) } else { from };
        let here = batches(world, broker, tp, from, to);
        for &id in &here {
            if id.base >= account.committed_end() {
                if as_leader {
                    account.commit(id);
                }
                continue;
            }
            if let Some(before) = account.committed_from(id.base).next()
                && before.base <= id.last
                && *before != id
                && !account.lost_power_over(&id)
            {
                let name = partition_name(world, tp);
                let message = format!(
                    "{name}: offsets {}-{} were committed in epoch {}; broker {broker} now shows epoch {} there as committed",
                    before.base, before.last, before.epoch, id.epoch
                );
                findings.broken(NodeId::Broker(broker), "R07 LogMatching", message);
                return;
            }
        }
        if as_leader {
            self.check_leader(broker, tp, (&here, to), findings);
        }
    }

    fn check_leader(
        &self,
        broker: BrokerId,
        tp: TopicPartition,
        (mine, to): (&[BatchId], Offset),
        findings: &mut Findings<'_>,
    ) {
        let world = findings.world;
        let Some(partition) = replica(world, broker, tp) else { return };
        let isr = partition.isr().committed();
        if partition.is_under_min_isr() {
            let name = partition_name(world, tp);
            let need = partition.effective_min_isr();
            let message = format!(
                "{name}: the high watermark moved to {to} with ISR {isr:?}, below min.insync.replicas ({need} count)"
            );
            findings.broken(NodeId::Broker(broker), "R16 StrictMinIsrHw", message);
        }
        for member in isr.iter().copied().filter(|m| *m != broker) {
            self.check_member(broker, member, tp, mine, findings);
        }
    }

    /// R04, R05: an in-sync replica has these records of the leader.
    fn check_member(
        &self,
        leader: BrokerId,
        member: BrokerId,
        tp: TopicPartition,
        leaders: &[BatchId],
        findings: &mut Findings<'_>,
    ) {
        let world = findings.world;
        let (Some(first), Some(last)) = (leaders.first(), leaders.last()) else { return };
        // What a power loss took from a member is not the leader's promise.
        let lost_here = |from: Offset| {
            self.partitions
                .get(&tp)
                .is_some_and(|p| p.lossy.iter().any(|l| l.0 == member && l.2 > from))
        };
        let Some(theirs) = replica(world, member, tp) else { return };
        let start = theirs.log().log_start_offset();
        let theirs = batches(world, member, tp, first.base, last.last + 1);
        let missing = leaders.iter().filter(|id| id.base >= start).find(|id| !theirs.contains(id));
        if let Some(id) = missing
            && !lost_here(id.base)
        {
            let name = partition_name(world, tp);
            let message = format!(
                "{name}: broker {member} is in the ISR of leader {leader} but does not have offsets {}-{} of epoch {}, which are below the high watermark",
                id.base, id.last, id.epoch
            );
            findings.broken(NodeId::Broker(leader), "R05 StrongIsr", message);
        }
    }

    /// R03: the leader epoch that a process acts in never goes back.
    fn check_epoch(
        &mut self,
        node: NodeId,
        tp: TopicPartition,
        epoch: LeaderEpoch,
        findings: &mut Findings<'_>,
    ) {
        let before = self.epochs.insert((node, tp), epoch);
        if let Some(before) = before.filter(|b| *b > epoch) {
            let name = partition_name(findings.world, tp);
            let message = format!("{name}: {node} went from leader epoch {before} back to {epoch}");
            findings.broken(node, "R03 EpochMonotonic", message);
        }
    }

    /// R02, and what a new leader does not have: R08, R12, R14 or a loss that the settings allow.
    fn became_leader(
        &mut self,
        broker: BrokerId,
        tp: TopicPartition,
        epoch: LeaderEpoch,
        findings: &mut Findings<'_>,
    ) {
        let world = findings.world;
        let node = NodeId::Broker(broker);
        let account = self.partition_mut(tp);
        if let Some(other) = account.leaders.insert(epoch, broker).filter(|b| *b != broker) {
            let name = partition_name(world, tp);
            let message =
                format!("{name}: brokers {other} and {broker} both lead in epoch {epoch}");
            findings.broken(node, "R02 OneLeaderPerEpoch", message);
        }
        if !serves(world, broker)
            || world.image().partition(tp).is_none_or(|p| p.leader_epoch != epoch)
        {
            return;
        }
        let Some(partition) = replica(world, broker, tp) else { return };
        let start = partition.log().log_start_offset();
        let has = batches(world, broker, tp, start, Offset::MAX);
        let has_it = |id: &BatchId| {
            id.last < start
                || has.binary_search_by_key(&id.base, |b| b.base).is_ok_and(|n| has[n] == *id)
        };
        let missing = account.committed_from(start).find(|id| !has_it(id)).copied();
        if let Some(first) = missing {
            if !loss_allowed(world, account, broker, tp, epoch, first) {
                let name = partition_name(world, tp);
                let end = partition.log().log_end_offset();
                let message = format!(
                    "{name}: broker {broker} leads from epoch {epoch} with log end {end} and without committed offsets {}-{} of epoch {}",
                    first.base, first.last, first.epoch
                );
                findings.broken(node, "R08 LeaderCompleteness", message);
            }
            account.forget_committed(first.base);
            account.history_epoch = epoch;
        }
        if account.unclean.contains(&epoch) {
            account.history_epoch = epoch;
        }
        let now = world.now();
        let gone: Vec<BatchId> = account
            .written_from(start)
            .filter(|w| w.gone_at.is_none() && w.id.epoch < epoch && !has_it(&w.id))
            .map(|w| w.id)
            .collect();
        for id in gone {
            if let Some(written) = self.partition_mut(tp).written_mut(id.base, id.epoch) {
                written.gone_at = Some(now);
                written.gone_by = Some((broker, epoch, partition.log().log_end_offset()));
            }
            self.lose(node, tp, id, now, findings);
        }
    }

    /// Tells each record of a batch that was acknowledged and is gone.
    fn lose(
        &mut self,
        node: NodeId,
        tp: TopicPartition,
        id: BatchId,
        now: Time,
        findings: &mut Findings<'_>,
    ) {
        let Some(written) = self.written(tp, id.base, id.epoch).cloned() else { return };
        let Some(acknowledged_at) = written.acknowledged_at else { return };
        for (offset, key) in (id.base..=id.last).zip(written.keys) {
            let acks = written.acks;
            self.lost.push(Lost { tp, offset, key, acks, acknowledged_at, lost_at: now });
            let event = TraceEvent::AcknowledgedRecordLost { tp, offset, acks, acknowledged_at };
            findings.events.push((node, event));
        }
    }

    /// R17: a positive answer to acks=all means committed, with enough members in sync.
    pub(super) fn ack_sent(
        &mut self,
        node: NodeId,
        to: NodeId,
        correlation: Correlation,
        result: &ProducePartitionResult,
        findings: &mut Findings<'_>,
    ) {
        let (NodeId::Broker(broker), tp, base) = (node, result.tp, result.base_offset) else {
            return;
        };
        let world = findings.world;
        let Some(account) = self.partitions.get(&tp) else { return };
        // What the broker has at that offset, or (truncated since then) the newest that it appended there.
        let here =
            batches(world, broker, tp, base, base + 1).into_iter().find(|id| id.base == base);
        let written = match here {
            Some(id) => account.written(base, id.epoch),
            None => account.newest_of(broker, base),
        };
        let Some(written) = written else { return };
        let (id, acks) = (written.id, written.acks);
        self.pending_acks.insert((to, correlation, tp), (id.base, id.epoch));
        let Some(partition) = replica(world, broker, tp) else { return };
        let high_watermark = partition.high_watermark();
        if acks == -1 && high_watermark <= id.last && self.true_high_watermark(tp) <= id.last {
            let name = partition_name(world, tp);
            let message = format!(
                "{name}: acks=all is answered for offsets {}-{} while the high watermark is {high_watermark}",
                id.base, id.last
            );
            findings.broken(node, "R17 AckAllMeaning", message);
        }
    }

    pub(super) fn event_at_controller(&mut self, event: &TraceEvent, findings: &mut Findings<'_>) {
        match event {
            TraceEvent::LeaderElected { tp, leader, epoch, unclean } => {
                let account = self.partition_mut(*tp);
                if *unclean {
                    account.unclean.push(*epoch);
                }
                if *epoch < account.controller_epoch {
                    let message = format!(
                        "{}: the controller went back to leader epoch {epoch}",
                        partition_name(findings.world, *tp)
                    );
                    findings.broken(NodeId::Controller, "R03 EpochMonotonic", message);
                }
                self.partition_mut(*tp).controller_epoch = *epoch;
                leader_in_isr(*tp, Some(*leader), findings);
            }
            TraceEvent::IsrChanged { tp, from, to, .. } => {
                leader_in_isr(*tp, None, findings);
                let Some(registration) = findings.world.image().partition(*tp) else { return };
                let leader = registration.leader;
                let Some(partition) = replica(findings.world, leader, *tp) else { return };
                let (start, end) = (partition.log().log_start_offset(), partition.high_watermark());
                let leaders = batches(findings.world, leader, *tp, start, end);
                for member in to.iter().copied().filter(|m| !from.contains(m) && *m != leader) {
                    self.check_member(leader, member, *tp, &leaders, findings);
                }
            }
            _ => {}
        }
    }

    pub(super) fn acknowledged(
        &mut self,
        node: NodeId,
        time: Time,
        tp: TopicPartition,
        findings: &mut Findings<'_>,
    ) {
        let Some(delivered) = findings.delivered else { return };
        let Some((base, epoch)) = self.pending_acks.remove(&(node, delivered.correlation, tp))
        else {
            return;
        };
        let Some(written) = self.partition_mut(tp).written_mut(base, epoch) else { return };
        written.acknowledged_at = Some(time);
        let (id, gone) = (written.id, written.gone_at.is_some());
        if gone {
            self.lose(node, tp, id, time, findings);
        }
    }
}

/// R06: the leader, if there is one, is in the ISR.
fn leader_in_isr(tp: TopicPartition, leader: Option<BrokerId>, findings: &mut Findings<'_>) {
    let Some(registration) = findings.world.image().partition(tp) else { return };
    // The image is that of the end of this step; an event about an earlier state of it is not compared.
    if leader.is_some_and(|l| l != registration.leader) {
        return;
    }
    if registration.leader >= 0 && !registration.isr.contains(&registration.leader) {
        let name = partition_name(findings.world, tp);
        let message =
            format!("{name}: leader {} is not in ISR {:?}", registration.leader, registration.isr);
        findings.broken(NodeId::Controller, "R06 LeaderInIsr", message);
    }
}

/// Whether the settings promise nothing about this committed batch any more: an unclean election, power losses
/// of as many replicas as `min.insync.replicas` asks for, or of every replica that was left in the ISR (Kafka
/// without eligible leader replicas, KIP-966).
fn loss_allowed(
    world: &World,
    account: &super::partition::PartitionOracle,
    broker: BrokerId,
    tp: TopicPartition,
    epoch: LeaderEpoch,
    id: BatchId,
) -> bool {
    if account.unclean.iter().any(|e| *e > id.epoch && *e <= epoch) {
        return true;
    }
    let mut lost_at: Vec<BrokerId> = account
        .lossy
        .iter()
        .filter(|(_, from, to)| *from <= id.last && *to > id.base)
        .map(|l| l.0)
        .collect();
    highwater_sorted::sort(&mut lost_at);
    lost_at.dedup();
    let need = replica(world, broker, tp).map_or(1, Partition::effective_min_isr);
    let many = i32::try_from(lost_at.len()).unwrap_or(i32::MAX);
    let isr = world.image().partition(tp).map(|p| p.isr.clone()).unwrap_or_default();
    many >= need || (lost_at.contains(&broker) && isr.iter().all(|m| lost_at.contains(m)))
}
