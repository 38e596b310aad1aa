//! An account of its own, apart from the world's oracle: what producers were told, what consumers were given.

use super::{Plan, rest::history};
use highwater_cluster::{Body, BrokerId, Name, NodeId, Response, Time, TopicPartition, TraceEvent};
use highwater_sim::{BatchId, TraceKind, World};
use std::collections::{BTreeMap, BTreeSet};

/// What was promised and shown so far.
#[derive(Default)]
pub struct Account {
    /// Batches acknowledged with acks=all, as they stood at the broker that answered.
    acknowledged: Vec<(TopicPartition, BatchId, Time)>,
    /// What answering brokers had at their base offset when they sent a positive answer.
    answered: BTreeMap<(NodeId, u64, TopicPartition), Option<BatchId>>,
    /// Offsets given to the applications of each group.
    given: BTreeMap<(Name, TopicPartition), BTreeSet<i64>>,
    /// The highest that any leader's high watermark has been.
    committed: BTreeMap<TopicPartition, i64>,
    lost: BTreeSet<(TopicPartition, i64)>,
    lost_all: u64,
    power_losses: bool,
    unclean: bool,
}

impl Account {
    /// Number of acknowledged records that are gone.
    pub fn lost(&self) -> u64 {
        u64::try_from(self.lost.len()).unwrap_or(u64::MAX)
    }

    /// Takes in what the last step told.
    pub fn take(&mut self, world: &World) -> Result<(), String> {
        let mut delivered = None;
        for record in world.records() {
            match &record.what {
                TraceKind::Sent { to, correlation, body: Body::Response(response), .. } => {
                    if let (Response::Produce(answer), NodeId::Broker(broker)) =
                        (&**response, record.node)
                    {
                        for ok in answer
                            .partitions
                            .iter()
                            .filter(|p| p.error.is_none() && p.base_offset >= 0)
                        {
                            // None: retention has taken it already.
                            let batch = batch_at(world, broker, ok.tp, ok.base_offset);
                            self.answered.insert((*to, *correlation, ok.tp), batch);
                        }
                    }
                }
                TraceKind::Delivered { correlation, .. } => delivered = Some(*correlation),
                TraceKind::Event(event) => {
                    self.event(world, record.node, record.time, delivered, event)?
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn event(
        &mut self,
        world: &World,
        node: NodeId,
        time: Time,
        delivered: Option<u64>,
        event: &TraceEvent,
    ) -> Result<(), String> {
        match event {
            TraceEvent::Acknowledged { tp, base_offset, acks: -1, .. } => {
                let key = delivered.map(|c| (node, c, *tp));
                let answered = key.and_then(|k| self.answered.remove(&k));
                let Some(batch) = answered else {
                    return Err(format!(
                        "{node} counts {base_offset} of {tp:?} as acknowledged, but no broker said so"
                    ));
                };
                if let Some(batch) = batch {
                    if batch.base != *base_offset {
                        return Err(format!(
                            "{node} was told {base_offset}, the batch is at {}",
                            batch.base
                        ));
                    }
                    self.acknowledged.push((*tp, batch, time));
                }
            }
            TraceEvent::RecordsPolled { tp, first, last, .. } => {
                let NodeId::Consumer(number) = node else { return Ok(()) };
                let group =
                    world.consumer(number).map(|c| c.group().clone()).unwrap_or_else(|| "".into());
                self.given.entry((group, *tp)).or_default().extend(*first..=*last);
                let bound = self.committed.get(tp).copied().unwrap_or(0);
                if *last >= bound && !self.power_losses && !self.unclean {
                    return Err(format!(
                        "{node} was given offset {last} of {tp:?}; only those below {bound} are committed"
                    ));
                }
            }
            TraceEvent::AcknowledgedRecordLost { tp, offset, acks, .. } => {
                self.lost.insert((*tp, *offset));
                if *acks == -1 {
                    self.lost_all += 1;
                }
            }
            TraceEvent::HighWatermarkMoved { tp, to, as_leader: true, .. } => {
                let end = self.committed.entry(*tp).or_default();
                *end = (*end).max(*to);
            }
            TraceEvent::UnsyncedBytesLost { .. } => self.power_losses = true,
            TraceEvent::LeaderElected { unclean: true, .. } => self.unclean = true,
            _ => {}
        }
        Ok(())
    }

    /// At rest: acknowledged with acks=all means there, unless its loss was told and allowed; and every
    /// committed record was given to every group that reads the topic.
    pub fn check(&self, world: &World, plan: &Plan) -> Result<(), String> {
        if self.lost_all > 0 && !self.power_losses && !self.unclean {
            return Err(format!(
                "{} records acknowledged with acks=all are lost without power loss or unclean election",
                self.lost_all
            ));
        }
        let view = world.view();
        for partition in view.topics.iter().flat_map(|t| &t.partitions) {
            let has = history(world, partition.leader, partition.tp);
            let start = partition.logs.iter().map(|l| l.log_start_offset).max().unwrap_or(0);
            for (_, batch, at) in self.acknowledged.iter().filter(|(tp, ..)| *tp == partition.tp) {
                let gone = batch.last >= start && !has.contains(batch);
                if gone && !self.lost.contains(&(partition.tp, batch.base)) {
                    return Err(format!(
                        "{}: {batch:?}, acknowledged with acks=all at {at}, is not in the log and its loss was not told",
                        partition.name
                    ));
                }
            }
            self.all_given(world, plan, partition)?;
        }
        Ok(())
    }

    /// With `auto.offset.reset=earliest`, commits only of what was processed, and nothing taken away, every
    /// record was given at least once.
    fn all_given(
        &self,
        world: &World,
        plan: &Plan,
        partition: &highwater_sim::PartitionView,
    ) -> Result<(), String> {
        if plan.retention || self.power_losses || self.unclean {
            return Ok(());
        }
        for ((group, tp), given) in self.given.iter().filter(|((_, tp), _)| *tp == partition.tp) {
            let topic = partition.name.rsplit_once('-').map_or("", |(topic, _)| topic);
            let alive = world.view().consumers.iter().any(|c| {
                c.group == *group
                    && super::reads(world, c)
                    && c.topics.iter().any(|t| **t == *topic)
            });
            let end = partition.logs.iter().map(|l| l.high_watermark).max().unwrap_or(0);
            let missing = (0..end).find(|o| !given.contains(o));
            if let Some(missing) = missing.filter(|_| alive) {
                return Err(format!(
                    "offset {missing} of {tp:?} was never given to group {group}, which is at the end"
                ));
            }
        }
        Ok(())
    }
}

fn batch_at(world: &World, broker: BrokerId, tp: TopicPartition, base: i64) -> Option<BatchId> {
    let disk = &world.node(NodeId::Broker(broker))?.disk;
    let partition = world.broker(broker)?.partition(tp)?;
    let batch = partition.log().batches_from(base, disk).next()?.ok()?;
    Some(BatchId::of(&batch.header)).filter(|b| b.base == base)
}
