//! A replica's log from within, on demand: too much for every view, needed by the log microscope.

use super::Builder;
use crate::disk::SimDisk;
use crate::{BatchView, World};
use highwater_cluster::{BrokerId, NodeId, TopicPartition};
use highwater_log::{Bytes, KeptFacts, Log, Offset, Timestamp};

impl World {
    /// The log of a replica with the disk it is on: the open one, or what its disk has while its
    /// broker is down.
    fn with_log<T>(
        &self,
        tp: TopicPartition,
        broker: BrokerId,
        see: impl FnOnce(&Log, &SimDisk) -> Option<T>,
    ) -> Option<T> {
        let node = self.node(NodeId::Broker(broker))?;
        let up = matches!(node.state, crate::ProcessState::Running | crate::ProcessState::Paused);
        match self.broker(broker)?.partition(tp) {
            Some(partition) if up => see(partition.log(), &node.disk),
            _ => {
                let (log, disk) = self.recovered(broker, tp)?;
                see(&log, &disk)
            }
        }
    }

    /// All bytes of the batch of a replica that begins at `base_offset`; `None` when it has no such batch.
    pub fn batch_bytes(
        &self,
        tp: TopicPartition,
        broker: BrokerId,
        base_offset: Offset,
    ) -> Option<Bytes> {
        self.with_log(tp, broker, |log, disk| {
            let at = log.batches_from(base_offset, disk).next()?.ok()?;
            (at.header.base_offset == base_offset).then(|| log.batch_bytes(&at, disk).ok())?
        })
    }

    /// All batches of one segment of a replica, oldest first. `World::view()` has only the newest of a log.
    pub fn segment_batches(
        &self,
        tp: TopicPartition,
        broker: BrokerId,
        segment: Offset,
    ) -> Vec<BatchView> {
        let all = self.with_log(tp, broker, |log, disk| {
            let builder = Builder { world: self };
            let at = log
                .batches_from(segment.max(log.segments().next()?.segment.base_offset()), disk)
                .flatten();
            let inside = at.take_while(|at| at.segment_base_offset == segment);
            Some(inside.map(|at| builder.batch(tp, log, disk, &at)).collect())
        });
        all.unwrap_or_default()
    }

    /// Why each segment of a replica is kept or goes at the next retention check, oldest first.
    pub fn why_kept(&self, tp: TopicPartition, broker: BrokerId) -> Vec<KeptFacts> {
        let now_ms = self.now().wall_ms();
        let all = self.with_log(tp, broker, |log, _| {
            Some(
                log.segments()
                    .filter_map(|s| log.why_kept(s.segment.base_offset(), now_ms))
                    .collect(),
            )
        });
        all.unwrap_or_default()
    }

    /// Segments that have left the log and whose files are still there, renamed to `.deleted`: base offset, and wall
    /// clock time in milliseconds at which the files go (`file.delete.delay.ms` after). Oldest first.
    pub fn deleted_files(&self, tp: TopicPartition, broker: BrokerId) -> Vec<(Offset, Timestamp)> {
        let all = self.with_log(tp, broker, |log, _| Some(log.pending_unlinks().collect()));
        all.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use crate::world::tests::{scenario, topic};
    use crate::{Action, ProducerSpec, World};
    use highwater_cluster::{NodeId, Time, TopicPartition, Workload};
    use highwater_log::Batches;

    #[test]
    fn the_batches_of_all_segments_are_the_log_also_when_the_broker_is_down() {
        let mut orders = topic("orders", 1, 1);
        orders.configs = vec![("segment.bytes".into(), "1048576".into())];
        let mut scenario = scenario(1, vec![orders]);
        let workload =
            Workload { topic: Some("orders".into()), every_us: 100_000, ..Workload::default() };
        scenario.producers = vec![ProducerSpec { workload, ..ProducerSpec::default() }];
        let mut world = World::booted(&scenario, 1).unwrap_or_else(|e| panic!("{e}"));
        world.run_until(Time::from_ms(8000));
        let tp = TopicPartition::new(world.image().topic_by_name("orders").unwrap().0, 0);
        for round in 0..2 {
            let mut next = 0;
            let view = world.view();
            let log =
                &view.topics.iter().find(|t| t.name == "orders").unwrap().partitions[0].logs[0];
            for segment in &log.segments {
                let batches = world.segment_batches(tp, 1, segment.base_offset);
                let size: u64 = batches.iter().map(|b| u64::from(b.size_bytes)).sum();
                assert_eq!(size, segment.size_bytes, "round {round}");
                for batch in batches {
                    assert_eq!(batch.base_offset, next);
                    next = batch.last_offset + 1;
                    let bytes = world.batch_bytes(tp, 1, batch.base_offset).unwrap();
                    assert_eq!(bytes.size(), batch.size_bytes);
                    let decoded = Batches::new(&bytes).next().unwrap().unwrap();
                    assert_eq!(decoded.header.base_offset, batch.base_offset);
                    assert!(decoded.check_crc().is_ok());
                }
            }
            assert!(next > 10, "{next}");
            assert_eq!(next, log.log_end_offset);
            assert_eq!(world.batch_bytes(tp, 1, next), None);
            assert_eq!(world.why_kept(tp, 1).len(), log.segments.len());
            if round == 0 {
                world.apply(&Action::Crash(NodeId::Broker(1))).unwrap();
            }
        }
    }
}
