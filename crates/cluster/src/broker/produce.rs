//! Produce: validation, append, and what acks=0, 1 and all wait for
//! (Kafka: `ReplicaManager.appendRecords`, `DelayedProduce`).

use super::core::{Core, OFFSETS_TOPIC};
use super::partition::Partition;
use super::purgatory::{ParkedProduce, ProduceStatus};
use crate::{
    Context, Correlation, Effect, KafkaError, NodeId, ProducePartition, ProducePartitionResult,
    ProduceRequest, ProduceResponse, Response, Span, Timer, TopicPartition, TraceEvent,
};
use highwater_log::{AppendError, AppendInfo, BatchErrorKind, Batches, Bytes, Offset};
const ALL: i16 = -1;

impl Core {
    pub(super) fn handle_produce(
        &mut self,
        from: NodeId,
        correlation: Correlation,
        request: &ProduceRequest,
        ctx: &mut Context<'_>,
    ) {
        let mut statuses = Vec::with_capacity(request.partitions.len());
        let mut touched = Vec::with_capacity(request.partitions.len());
        for item in &request.partitions {
            statuses.push(self.produce_one(request.acks, item, &mut touched, ctx));
        }
        match request.acks {
            // No answer whatever happened; after an error the connection is closed, so that the client, which waits for
            // nothing, refreshes its metadata (Kafka: `KafkaApis.handleProduceRequest`).
            0 if statuses.iter().any(|s| s.error.is_some()) => {
                ctx.out.push(Effect::CloseConnection { to: from, correlation });
            }
            0 => {}
            ALL if statuses.iter().any(|s| s.pending) => {
                let deadline = ctx.now + Span::from_ms(request.timeout_ms.into());
                let entry = ParkedProduce {
                    from,
                    correlation,
                    partitions: statuses,
                    since: ctx.now,
                    deadline,
                };
                self.park_produce(entry, ctx);
            }
            _ => self.answer_produce(from, correlation, &statuses, ctx),
        }
        for (tp, high_watermark_moved) in touched {
            self.complete_delayed(tp, high_watermark_moved, ctx);
        }
    }

    /// Appends for one partition. `touched` gets it together with whether the high watermark moved.
    fn produce_one(
        &mut self,
        acks: i16,
        item: &ProducePartition,
        touched: &mut Vec<(TopicPartition, bool)>,
        ctx: &mut Context<'_>,
    ) -> ProduceStatus {
        let tp = item.tp;
        match self.append_from_client(acks, item, ctx) {
            Ok((base_offset, end_offset, moved)) => {
                touched.push((tp, moved));
                ProduceStatus {
                    tp,
                    pending: acks == ALL,
                    required_offset: end_offset,
                    base_offset,
                    error: None,
                }
            }
            Err(error) => {
                ctx.trace(TraceEvent::ProduceRefused { tp, error });
                ProduceStatus {
                    tp,
                    pending: false,
                    required_offset: -1,
                    base_offset: -1,
                    error: Some(error),
                }
            }
        }
    }

    fn append_from_client(
        &mut self,
        acks: i16,
        item: &ProducePartition,
        ctx: &mut Context<'_>,
    ) -> Result<(Offset, Offset, bool), KafkaError> {
        if !(-1..=1).contains(&acks) {
            return Err(KafkaError::InvalidRequiredAcks);
        }
        let hosted = self.partition_or_error(item.tp)?;
        if *hosted.topic == *OFFSETS_TOPIC {
            return Err(KafkaError::InvalidTopicException);
        }
        self.append_as_leader(item.tp, acks, &item.records, ctx)
    }

    /// Appends a batch to a led partition. Gives base offset, end offset and whether the high watermark moved.
    pub(super) fn append_as_leader(
        &mut self,
        tp: TopicPartition,
        acks: i16,
        records: &Bytes,
        ctx: &mut Context<'_>,
    ) -> Result<(Offset, Offset, bool), KafkaError> {
        let hosted = self.partition_or_error(tp)?;
        if !hosted.is_leader() {
            return Err(KafkaError::NotLeaderOrFollower);
        }
        if acks == ALL && hosted.is_under_min_isr() {
            return Err(KafkaError::NotEnoughReplicas);
        }
        let (partition, around, _) =
            self.partition_mut(tp, ctx.now).ok_or(KafkaError::NotLeaderOrFollower)?;
        let info = partition.append_as_leader(records, ctx)?;
        let moved = partition.maybe_increment_high_watermark(around, ctx);
        Ok((info.first_offset, info.last_offset + 1, moved))
    }

    fn park_produce(&mut self, entry: ParkedProduce, ctx: &mut Context<'_>) {
        let id = self.purgatory.next_id();
        let deadline = entry.deadline;
        self.purgatory.produces.insert(id, entry);
        if self.check_produce(id, true, ctx) {
            return;
        }
        for status in self.purgatory.produces[&id].partitions.iter().filter(|s| s.pending) {
            ctx.trace(TraceEvent::ProduceParked {
                id,
                tp: status.tp,
                base_offset: status.base_offset,
                required_offset: status.required_offset,
            });
        }
        ctx.set_timer(Timer::ProduceTimeout(id), deadline);
    }

    /// Looks at a waiting produce again and answers it when all its partitions are done
    /// (Kafka: `DelayedProduce.tryComplete`). `new`: it has not been parked yet.
    pub(super) fn check_produce(&mut self, id: u64, new: bool, ctx: &mut Context<'_>) -> bool {
        let Some(mut entry) = self.purgatory.produces.remove(&id) else { return true };
        for status in entry.partitions.iter_mut().filter(|s| s.pending) {
            if let Some(outcome) = self.produce_outcome(status.tp, status.required_offset) {
                status.pending = false;
                status.error = outcome.err();
            }
        }
        if entry.partitions.iter().any(|s| s.pending) {
            self.purgatory.produces.insert(id, entry);
            return false;
        }
        self.finish_produce(id, &entry, new, ctx);
        true
    }

    /// `None` = keep waiting (Kafka: `Partition.checkEnoughReplicasReachOffset`).
    fn produce_outcome(
        &self,
        tp: TopicPartition,
        required: Offset,
    ) -> Option<Result<(), KafkaError>> {
        let partition = match self.partition_or_error(tp) {
            Ok(partition) => partition,
            Err(error) => return Some(Err(error)),
        };
        if !partition.is_leader() {
            return Some(Err(KafkaError::NotLeaderOrFollower));
        }
        if partition.log.high_watermark() < required {
            return None;
        }
        if partition.isr.maximal_size() < partition.effective_min_isr() {
            return Some(Err(KafkaError::NotEnoughReplicasAfterAppend));
        }
        Some(Ok(()))
    }

    /// The time is up: REQUEST_TIMED_OUT for what is unfinished; its records stay in the log.
    pub(super) fn expire_produce(&mut self, id: u64, ctx: &mut Context<'_>) {
        let Some(mut entry) = self.purgatory.produces.remove(&id) else { return };
        for status in entry.partitions.iter_mut().filter(|s| s.pending) {
            status.pending = false;
            status.error = Some(KafkaError::RequestTimedOut);
        }
        self.finish_produce(id, &entry, false, ctx);
    }

    fn finish_produce(&mut self, id: u64, entry: &ParkedProduce, new: bool, ctx: &mut Context<'_>) {
        if !new {
            let error = entry.partitions.iter().find_map(|s| s.error);
            ctx.trace(TraceEvent::ProduceUnparked { id, error });
            ctx.cancel_timer(Timer::ProduceTimeout(id));
        }
        self.answer_produce(entry.from, entry.correlation, &entry.partitions, ctx);
    }

    fn answer_produce(
        &self,
        from: NodeId,
        correlation: Correlation,
        statuses: &[ProduceStatus],
        ctx: &mut Context<'_>,
    ) {
        let result = |status: &ProduceStatus| {
            let log_start = || self.partitions.get(&status.tp).map(|p| p.log.log_start_offset());
            ProducePartitionResult {
                tp: status.tp,
                error: status.error,
                base_offset: if status.error.is_some() { -1 } else { status.base_offset },
                log_start_offset: if status.error.is_some() {
                    -1
                } else {
                    log_start().unwrap_or(-1)
                },
                current_leader: status
                    .error
                    .and_then(|error| self.current_leader(status.tp, error)),
            }
        };
        let partitions = statuses.iter().map(result).collect();
        ctx.send(from, correlation, Response::Produce(ProduceResponse { partitions }));
    }
}

impl Partition {
    fn append_as_leader(
        &mut self,
        records: &Bytes,
        ctx: &mut Context<'_>,
    ) -> Result<AppendInfo, KafkaError> {
        let now_ms = ctx.now.wall_ms();
        match self.log.append_as_leader(records, self.leader_epoch, now_ms, ctx.disk) {
            Ok(info) => {
                self.tell_roll(&info, ctx);
                self.tell_append(&info, true, ctx);
                Ok(info)
            }
            Err(error) => {
                self.offline |= matches!(error, AppendError::Log(_));
                Err(kafka_error(&error))
            }
        }
    }

    /// Tells the trace about a batch just appended.
    fn tell_append(&self, info: &AppendInfo, as_leader: bool, ctx: &mut Context<'_>) {
        ctx.trace(TraceEvent::BatchAppended {
            tp: self.tp,
            base_offset: info.first_offset,
            last_offset: info.last_offset,
            epoch: info.leader_epoch,
            bytes: info.bytes,
            as_leader,
        });
    }

    pub(super) fn tell_roll(&self, info: &AppendInfo, ctx: &mut Context<'_>) {
        if let Some(base_offset) = info.rolled {
            ctx.trace(TraceEvent::SegmentRolled { tp: self.tp, base_offset });
        }
    }

    /// Tells the trace about the batches of a leader just appended, one by one.
    pub(super) fn tell_replicated(
        &self,
        info: &AppendInfo,
        records: &Bytes,
        ctx: &mut Context<'_>,
    ) {
        self.tell_roll(info, ctx);
        if info.batches == 1 {
            return self.tell_append(info, false, ctx);
        }
        for batch in Batches::new(records).map_while(Result::ok) {
            let header = batch.header;
            if header.last_offset() > info.last_offset {
                break;
            }
            ctx.trace(TraceEvent::BatchAppended {
                tp: self.tp,
                base_offset: header.base_offset,
                last_offset: header.last_offset(),
                epoch: header.partition_leader_epoch,
                bytes: header.size(),
                as_leader: false,
            });
        }
    }
}

/// The error of the protocol for a refused append.
pub(super) fn kafka_error(error: &AppendError) -> KafkaError {
    match error {
        AppendError::Batch(batch) => match batch.kind() {
            BatchErrorKind::CorruptMessage => KafkaError::CorruptMessage,
            BatchErrorKind::MessageTooLarge => KafkaError::MessageTooLarge,
            BatchErrorKind::RecordListTooLarge => KafkaError::RecordListTooLarge,
            BatchErrorKind::InvalidTimestamp => KafkaError::InvalidTimestamp,
            BatchErrorKind::UnsupportedCompressionType | BatchErrorKind::InvalidRecord => {
                KafkaError::InvalidRecord
            }
        },
        AppendError::UnexpectedOffset { .. } => KafkaError::UnknownServerError,
        AppendError::Log(_) => KafkaError::KafkaStorageError,
    }
}
