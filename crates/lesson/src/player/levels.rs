//! Where log end offsets and high watermarks of leaders changed, for the timeline.

use highwater_cluster::{TopicPartition, TraceEvent};
use highwater_sim::World;

/// A change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Level {
    /// Event it belongs to.
    pub event: u64,
    /// Partition.
    pub tp: TopicPartition,
    /// Leader's log end offset.
    pub log_end_offset: i64,
    /// Leader's high watermark.
    pub high_watermark: i64,
}

/// All changes in order.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    all: Vec<Level>,
}

impl Levels {
    /// The levels at the beginning.
    pub fn start(&mut self, world: &World) {
        for topic in world.view().topics.iter().filter(|t| !t.internal) {
            for partition in &topic.partitions {
                let leader = partition.logs.iter().find(|l| l.broker == partition.leader);
                self.all.push(Level {
                    event: world.event(),
                    tp: partition.tp,
                    log_end_offset: leader.map_or(0, |l| l.log_end_offset),
                    high_watermark: leader.map_or(0, |l| l.high_watermark),
                });
            }
        }
    }

    /// What the last step changed.
    pub fn take(&mut self, world: &World) {
        for record in world.records() {
            let (tp, leo, hw) = match record.event() {
                Some(TraceEvent::BatchAppended { tp, last_offset, as_leader: true, .. }) => {
                    (*tp, Some(last_offset + 1), None)
                }
                Some(TraceEvent::HighWatermarkMoved { tp, to, as_leader: true, .. }) => {
                    (*tp, None, Some(*to))
                }
                Some(TraceEvent::BecameLeader { tp, log_end_offset, .. }) => {
                    (*tp, Some(*log_end_offset), None)
                }
                _ => continue,
            };
            let before = self.all.iter().rev().find(|l| l.tp == tp).copied();
            let before = before.map_or((0, 0), |l| (l.log_end_offset, l.high_watermark));
            self.all.push(Level {
                event: world.event(),
                tp,
                log_end_offset: leo.unwrap_or(before.0),
                high_watermark: hw.unwrap_or(before.1),
            });
        }
    }

    /// Forgets what came after an event.
    pub fn cut(&mut self, event: u64) {
        self.all.retain(|l| l.event <= event);
    }

    /// Changes of one partition.
    pub fn of(&self, tp: TopicPartition) -> impl Iterator<Item = &Level> {
        self.all.iter().filter(move |l| l.tp == tp)
    }
}
