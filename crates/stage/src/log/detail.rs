//! What of a log is opened in the log microscope.

use crate::focus;
use crate::options::StageOptions;
use highwater_cluster::{BrokerId, TopicPartition};
use highwater_log::{Bytes, KeptFacts, Offset, Timestamp};
use highwater_sim::{BatchView, PartitionView, ReplicaView, SegmentView, World, WorldView};

/// What of a log is opened, and what of it is too much for every view.
#[derive(Clone, PartialEq, Debug)]
pub struct LogDetail {
    /// Partition.
    pub tp: TopicPartition,
    /// Whose replica.
    pub broker: BrokerId,
    /// Base offset of the segment opened; `None` = the one of `find` or `batch`, else the newest with records.
    pub segment: Option<Offset>,
    /// Any offset of the batch opened; `None` = the one of `find`, else the newest of the segment.
    pub batch: Option<Offset>,
    /// The byte of the batch that is selected.
    pub byte: Option<u32>,
    /// The byte of the batch whose lowest bit is turned over, to see what the CRC says.
    pub flip: Option<u32>,
    /// An offset to look up, step by step.
    pub find: Option<Offset>,
    /// Batches of the opened segment (`World::segment_batches`); empty = those that the view has.
    pub batches: Vec<BatchView>,
    /// Bytes of the opened batch (`World::batch_bytes`).
    pub bytes: Option<Bytes>,
    /// Why each segment is kept or goes (`World::why_kept`).
    pub kept: Vec<KeptFacts>,
    /// Files that are `.deleted`, and when they go (`World::deleted_files`).
    pub deleted: Vec<(Offset, Timestamp)>,
}

/// The replica a detail is about.
pub(super) struct Found<'a> {
    pub part: &'a PartitionView,
    pub log: &'a ReplicaView,
    pub topic: &'a highwater_sim::TopicView,
}

impl LogDetail {
    /// A replica with nothing chosen.
    pub fn new(tp: TopicPartition, broker: BrokerId) -> Self {
        Self {
            tp,
            broker,
            segment: None,
            batch: None,
            byte: None,
            flip: None,
            find: None,
            batches: Vec::new(),
            bytes: None,
            kept: Vec::new(),
            deleted: Vec::new(),
        }
    }

    /// The leader's replica of the partition in focus, or any that there is.
    pub fn in_focus(view: &WorldView, opts: &StageOptions) -> Option<Self> {
        let (_, part) = focus::partition(view, opts)?;
        let leads = part.logs.iter().find(|l| l.broker == part.leader);
        let log = leads.or(part.logs.first())?;
        Some(Self::new(part.tp, log.broker))
    }

    /// From a pick: `orders-0@2`, `segment orders-0@2:5`, `batch orders-0@2:5`, `record orders-0@2:5`,
    /// `byte orders-0@2:5/17`.
    pub fn of_pick(view: &WorldView, pick: &str) -> Option<Self> {
        let (kind, place) = pick.split_once(' ').unwrap_or(("replica", pick));
        let (name, rest) = place.rsplit_once('@')?;
        let mut all = view.topics.iter().flat_map(|t| &t.partitions);
        let part = all.find(|p| p.name == name)?;
        let (broker, offset) = rest.split_once(':').map_or((rest, None), |(b, o)| (b, Some(o)));
        let mut detail = Self::new(part.tp, broker.parse().ok()?);
        let (offset, byte) = offset.map_or((None, None), |o| {
            o.split_once('/').map_or((Some(o), None), |(o, b)| (Some(o), Some(b)))
        });
        let offset = offset.and_then(|o| o.parse().ok());
        match kind {
            "replica" => {}
            "segment" => detail.segment = offset,
            "batch" | "record" | "byte" => detail.batch = offset,
            _ => return None,
        }
        detail.byte = byte.and_then(|b| b.parse().ok());
        Some(detail)
    }

    /// Fetches from the world what the choice needs.
    pub fn load(&mut self, view: &WorldView, world: &World) {
        self.kept = world.why_kept(self.tp, self.broker);
        self.deleted = world.deleted_files(self.tp, self.broker);
        self.batches.clear();
        self.bytes = None;
        let Some(found) = self.find_in(view) else { return };
        let Some(segment) = self.segment_of(found.log) else { return };
        self.batches = world.segment_batches(self.tp, self.broker, segment.base_offset);
        let base = self.batch_of(found.log, segment).map(|b| b.base_offset);
        self.bytes = base.and_then(|b| world.batch_bytes(self.tp, self.broker, b));
    }

    pub(super) fn find_in<'a>(&self, view: &'a WorldView) -> Option<Found<'a>> {
        view.topics.iter().find_map(|topic| {
            let part = topic.partitions.iter().find(|p| p.tp == self.tp)?;
            let log = part.logs.iter().find(|l| l.broker == self.broker)?;
            Some(Found { part, log, topic })
        })
    }

    pub(super) fn segment_of<'a>(&self, log: &'a ReplicaView) -> Option<&'a SegmentView> {
        let at = |offset: Offset| log.segments.iter().rfind(|s| s.base_offset <= offset);
        if let Some(base) = self.segment {
            let exact = log.segments.iter().find(|s| s.base_offset == base);
            return exact.or_else(|| at(base)).or(log.segments.first());
        }
        let wanted = self.batch.or(self.find).and_then(at);
        let newest = || log.segments.iter().rfind(|s| s.size_bytes > 0);
        wanted.or_else(newest).or(log.segments.last())
    }

    /// Batches of a segment, oldest first.
    pub(super) fn batches_of<'a>(
        &'a self,
        log: &'a ReplicaView,
        segment: &SegmentView,
    ) -> Vec<&'a BatchView> {
        let inside = |b: &&BatchView| b.segment == segment.base_offset;
        let given: Vec<&BatchView> = self.batches.iter().filter(inside).collect();
        if given.is_empty() { log.batches.iter().filter(inside).collect() } else { given }
    }

    pub(super) fn batch_of<'a>(
        &'a self,
        log: &'a ReplicaView,
        segment: &SegmentView,
    ) -> Option<&'a BatchView> {
        let all = self.batches_of(log, segment);
        let holding = |offset: Offset| all.iter().find(|b| b.last_offset >= offset);
        let chosen = self.batch.or(self.find).and_then(holding);
        chosen.or(all.last()).copied()
    }
}
