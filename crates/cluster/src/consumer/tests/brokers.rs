//! What the brokers of the small cluster answer by themselves.

use super::world::{Event, World};
use crate::group::CoordinatorHost;
use crate::*;
use highwater_log::{Batches, Bytes, Offset};
use highwater_sorted::SortedMap;

/// One partition, the same on every broker.
pub struct Partition {
    pub leader: BrokerId,
    pub epoch: i32,
    pub log_start: Offset,
    pub end: Offset,
    pub high_watermark: Offset,
    /// `(base, end, bytes)`.
    pub batches: Vec<(Offset, Offset, Bytes)>,
}

pub struct Topics {
    pub partitions: SortedMap<TopicPartition, Partition>,
    pub names: Vec<Name>,
    pub coordinator: BrokerId,
    pub offsets: Vec<(Bytes, Option<Bytes>)>,
    pub config: BrokerConfig,
    /// What the coordinator's broker is, while it acts.
    pub acting: BrokerId,
}

impl Topics {
    fn count(&self, topic: usize) -> i32 {
        let id = TopicId(u32::try_from(topic).unwrap());
        i32::try_from(self.partitions.keys().filter(|tp| tp.topic == id).count()).unwrap()
    }
}

impl CoordinatorHost for Topics {
    fn partition_for(&self, _: &str) -> i32 {
        0
    }
    fn leads(&self, _: i32) -> bool {
        self.acting == self.coordinator
    }
    fn append(
        &mut self,
        _: i32,
        records: &[(Bytes, Option<Bytes>)],
        _: &mut Context<'_>,
    ) -> Result<Offset, KafkaError> {
        self.offsets.extend_from_slice(records);
        Ok(i64::try_from(self.offsets.len()).unwrap())
    }
    fn topic_exists(&self, tp: TopicPartition) -> bool {
        self.partitions.contains_key(&tp)
    }
    fn topic_name(&self, id: TopicId) -> Option<Name> {
        self.names.get(usize::try_from(id.0).unwrap()).cloned()
    }
    fn topic_id(&self, name: &str) -> Option<TopicId> {
        let at = self.names.iter().position(|n| &**n == name)?;
        Some(TopicId(u32::try_from(at).unwrap()))
    }
    fn config(&self) -> &BrokerConfig {
        &self.config
    }
}

/// A fetch that waits for records.
pub struct Parked {
    pub id: u64,
    pub broker: BrokerId,
    pub from: NodeId,
    pub correlation: Correlation,
    pub request: FetchRequest,
}

impl World {
    pub(super) fn broker(
        &mut self,
        broker: BrokerId,
        from: NodeId,
        correlation: Correlation,
        request: Request,
    ) {
        let response = match &request {
            Request::Metadata(r) => Response::Metadata(self.metadata(r)),
            Request::FindCoordinator(_) => {
                let node = self.topics.coordinator;
                let error =
                    self.dead.contains(&node).then_some(KafkaError::CoordinatorNotAvailable);
                Response::FindCoordinator(FindCoordinatorResponse { error, node })
            }
            Request::ListOffsets(r) => Response::ListOffsets(self.list_offsets(broker, r)),
            Request::OffsetForLeaderEpoch(r) => {
                Response::OffsetForLeaderEpoch(self.offset_for_leader_epoch(broker, r))
            }
            Request::Fetch(r) => return self.fetch(broker, from, correlation, r.clone()),
            other => {
                return self.coordinate(broker, |c, ctx, host| {
                    c.handle(from, correlation, other, ctx, host)
                });
            }
        };
        self.reply(broker, from, correlation, response);
    }

    fn metadata(&self, request: &MetadataRequest) -> MetadataResponse {
        let alive = [1, 2].into_iter().filter(|b| !self.dead.contains(b));
        let topic = |name: &Name| match self.topics.topic_id(name) {
            None => MetadataTopic {
                error: Some(KafkaError::UnknownTopicOrPartition),
                name: name.clone(),
                id: TopicId(0),
                partitions: Vec::new(),
            },
            Some(id) => {
                let count = self.topics.count(usize::try_from(id.0).unwrap());
                let partition = |number: i32| {
                    let p = &self.topics.partitions[&TopicPartition::new(id, number)];
                    let error = (p.leader < 0).then_some(KafkaError::LeaderNotAvailable);
                    let (leader, leader_epoch) = (p.leader, p.epoch);
                    let (replicas, isr) = (vec![1, 2], vec![1, 2]);
                    MetadataPartition {
                        error,
                        partition: number,
                        leader,
                        leader_epoch,
                        replicas,
                        isr,
                    }
                };
                let partitions = (0..count).map(partition).collect();
                MetadataTopic { error: None, name: name.clone(), id, partitions }
            }
        };
        let topics = request.topics.iter().flatten().map(topic).collect();
        MetadataResponse { brokers: alive.map(|b| (b, None)).collect(), topics }
    }

    fn list_offsets(&self, broker: BrokerId, request: &ListOffsetsRequest) -> ListOffsetsResponse {
        let result = |(tp, _, timestamp): &(TopicPartition, i32, i64)| {
            let p = &self.topics.partitions[tp];
            let wrong = (p.leader != broker).then_some(KafkaError::NotLeaderOrFollower);
            let offset = if *timestamp == -2 { p.log_start } else { p.high_watermark };
            ListOffsetsResult {
                tp: *tp,
                error: wrong,
                offset,
                timestamp: -1,
                leader_epoch: p.epoch,
            }
        };
        ListOffsetsResponse { partitions: request.partitions.iter().map(result).collect() }
    }

    /// As a leader epoch cache built from the batches would answer.
    fn offset_for_leader_epoch(
        &self,
        broker: BrokerId,
        request: &OffsetForLeaderEpochRequest,
    ) -> OffsetForLeaderEpochResponse {
        let result = |&(tp, _, asked): &(TopicPartition, i32, i32)| {
            let p = &self.topics.partitions[&tp];
            let wrong = (p.leader != broker).then_some(KafkaError::NotLeaderOrFollower);
            let epoch = |bytes: &Bytes| {
                Batches::new(bytes).next().unwrap().unwrap().header.partition_leader_epoch
            };
            let (older, newer): (Vec<_>, Vec<_>) =
                p.batches.iter().partition(|(_, _, bytes)| epoch(bytes) <= asked);
            OffsetForLeaderEpochResult {
                tp,
                error: wrong,
                leader_epoch: older.last().map_or(-1, |(_, _, bytes)| epoch(bytes)),
                end_offset: newer.first().map_or(p.end, |(base, _, _)| *base),
            }
        };
        OffsetForLeaderEpochResponse { partitions: request.partitions.iter().map(result).collect() }
    }

    pub(super) fn read(&self, broker: BrokerId, asked: &FetchPartition) -> FetchPartitionResult {
        let p = &self.topics.partitions[&asked.tp];
        let error = if p.leader != broker {
            Some(KafkaError::NotLeaderOrFollower)
        } else if asked.current_leader_epoch < p.epoch {
            Some(KafkaError::FencedLeaderEpoch)
        } else if !(p.log_start..=p.end).contains(&asked.fetch_offset) {
            Some(KafkaError::OffsetOutOfRange)
        } else {
            None
        };
        let wanted = |(base, end, _): &&(Offset, Offset, Bytes)| {
            *end > asked.fetch_offset && *base < p.high_watermark
        };
        let mut records = Vec::new();
        for (_, _, bytes) in p.batches.iter().filter(wanted).filter(|_| error.is_none()) {
            records.extend_from_slice(bytes);
        }
        FetchPartitionResult {
            tp: asked.tp,
            error,
            high_watermark: if error.is_some() { -1 } else { p.high_watermark },
            last_stable_offset: -1,
            log_start_offset: p.log_start,
            diverging_epoch: None,
            current_leader: None,
            records: records.into(),
        }
    }

    fn fetch(
        &mut self,
        broker: BrokerId,
        from: NodeId,
        correlation: Correlation,
        request: FetchRequest,
    ) {
        self.sequence += 1;
        let id = self.sequence;
        let wait = Span::from_ms(i64::from(request.max_wait_ms));
        self.parked.push(Parked { id, broker, from, correlation, request });
        self.at(self.now + wait, Event::FetchWait(id));
        self.wake();
    }

    /// Answers parked fetches that have something to say.
    pub fn wake(&mut self) {
        let parked = std::mem::take(&mut self.parked);
        for p in parked {
            let results: Vec<_> =
                p.request.partitions.iter().map(|a| self.read(p.broker, a)).collect();
            if results.iter().any(|r| r.error.is_some() || !r.records.is_empty()) {
                self.answer_fetch(&p, results);
            } else {
                self.parked.push(p);
            }
        }
    }

    pub(super) fn answer_fetch(&mut self, p: &Parked, partitions: Vec<FetchPartitionResult>) {
        let response = Response::Fetch(FetchResponse { error: None, partitions });
        self.reply(p.broker, p.from, p.correlation, response);
    }
}
