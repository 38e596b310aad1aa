//! Fetch by followers and consumers (Kafka: `ReplicaManager.fetchMessages`).

use super::core::Core;
use super::purgatory::ParkedFetch;
use super::read::{Read, Reader};
use super::replica::FollowerFetch;
use crate::{
    Context, Correlation, FetchPartition, FetchPartitionResult, FetchRequest, FetchResponse,
    KafkaError, NodeId, Request, Response, Span, TopicPartition, TraceEvent,
};
use highwater_log::Bytes;
use std::sync::Arc;

/// What reading all partitions of a Fetch gave.
pub(super) struct FetchRead {
    pub results: Vec<FetchPartitionResult>,
    pub bytes: u64,
    /// An error or a divergence: answered at once.
    pub urgent: bool,
}

pub(super) fn reader_of(request: &FetchRequest) -> Reader {
    if request.replica_id >= 0 { Reader::Follower(request.replica_id) } else { Reader::Consumer }
}

impl Core {
    pub(super) fn handle_fetch(
        &mut self,
        from: NodeId,
        correlation: Correlation,
        request: &Arc<Request>,
        ctx: &mut Context<'_>,
    ) {
        let Request::Fetch(fetch) = &**request else { return };
        let mut moved = Vec::new();
        let read = self.read_fetch(fetch, Some(&mut moved), ctx);
        for tp in moved {
            self.complete_delayed(tp, true, ctx);
        }
        self.send_alter_partitions(ctx);
        let min_bytes = u64::try_from(fetch.min_bytes).unwrap_or(0);
        if fetch.max_wait_ms <= 0
            || fetch.partitions.is_empty()
            || read.bytes >= min_bytes
            || read.urgent
        {
            Self::answer_fetch(from, correlation, read.results, ctx);
            return;
        }
        let deadline = ctx.now + Span::from_ms(fetch.max_wait_ms.into());
        let request = request.clone();
        self.park_fetch(ParkedFetch { from, correlation, request, since: ctx.now, deadline }, ctx);
    }

    pub(super) fn answer_fetch(
        to: NodeId,
        correlation: Correlation,
        partitions: Vec<FetchPartitionResult>,
        ctx: &mut Context<'_>,
    ) {
        ctx.send(to, correlation, Response::Fetch(FetchResponse { error: None, partitions }));
    }

    /// Reads every partition, within the size limits: the first that has data gives at least one batch (KIP-74).
    /// With `moved`, a follower's fetch counts as its acknowledgement, and partitions whose high watermark
    /// moved by it are added there; without, this is the second read of a fetch that waited.
    pub(super) fn read_fetch(
        &mut self,
        request: &FetchRequest,
        mut moved: Option<&mut Vec<TopicPartition>>,
        ctx: &mut Context<'_>,
    ) -> FetchRead {
        let reader = reader_of(request);
        let limit = request.max_bytes.min(self.config.fetch_max_bytes);
        let mut left = u32::try_from(limit).unwrap_or(0);
        let mut min_one_message = true;
        let results = Vec::with_capacity(request.partitions.len());
        let mut fetched = FetchRead { results, bytes: 0, urgent: false };
        for item in &request.partitions {
            let max_bytes = left.min(u32::try_from(item.partition_max_bytes).unwrap_or(0));
            let outcome =
                self.read_one(reader, item, max_bytes, min_one_message, ctx).and_then(|read| {
                    if let Some(moved) = &mut moved {
                        self.acknowledge(request, item, &read, moved, ctx)?;
                    }
                    Ok(read)
                });
            let result = match outcome {
                Ok(read) => {
                    let size = read.records.size();
                    fetched.bytes += u64::from(size);
                    fetched.urgent |= read.diverging_epoch.is_some();
                    min_one_message &= size == 0;
                    left = left.saturating_sub(size);
                    fetch_result(item.tp, read)
                }
                Err(error) => {
                    fetched.urgent = true;
                    self.fetch_error(item.tp, error)
                }
            };
            fetched.results.push(result);
        }
        fetched
    }

    fn read_one(
        &self,
        reader: Reader,
        item: &FetchPartition,
        max_bytes: u32,
        min_one_message: bool,
        ctx: &mut Context<'_>,
    ) -> Result<Read, KafkaError> {
        let partition = self.partition_or_error(item.tp)?;
        partition.check_reader(reader, item)?;
        let read = partition.read_records(reader, item, max_bytes, min_one_message, ctx)?;
        if let (Reader::Follower(follower), Some((epoch, end_offset))) =
            (reader, read.diverging_epoch)
        {
            ctx.trace(TraceEvent::DivergenceFound { tp: item.tp, follower, epoch, end_offset });
        }
        Ok(read)
    }

    /// A follower's fetch says what it has. The answer holds the offsets from before this.
    fn acknowledge(
        &mut self,
        request: &FetchRequest,
        item: &FetchPartition,
        read: &Read,
        moved: &mut Vec<TopicPartition>,
        ctx: &mut Context<'_>,
    ) -> Result<(), KafkaError> {
        if request.replica_id < 0 || read.diverging_epoch.is_some() {
            return Ok(());
        }
        let fetch = FollowerFetch {
            fetch_offset: item.fetch_offset,
            log_start_offset: item.log_start_offset,
            time: ctx.now,
            leader_log_end_offset: read.log_end_offset,
            broker_epoch: request.replica_epoch,
        };
        let Some((partition, around, alter)) = self.partition_mut(item.tp, ctx.now) else {
            return Err(KafkaError::NotLeaderOrFollower);
        };
        if partition.update_follower(request.replica_id, fetch, around, alter, ctx)? {
            moved.push(item.tp);
        }
        Ok(())
    }

    fn fetch_error(&self, tp: TopicPartition, error: KafkaError) -> FetchPartitionResult {
        FetchPartitionResult {
            tp,
            error: Some(error),
            high_watermark: -1,
            last_stable_offset: -1,
            log_start_offset: -1,
            diverging_epoch: None,
            current_leader: self.current_leader(tp, error),
            records: Bytes::empty(),
        }
    }
}

fn fetch_result(tp: TopicPartition, read: Read) -> FetchPartitionResult {
    FetchPartitionResult {
        tp,
        error: None,
        high_watermark: read.high_watermark,
        last_stable_offset: read.high_watermark,
        log_start_offset: read.log_start_offset,
        diverging_epoch: read.diverging_epoch,
        current_leader: None,
        records: read.records,
    }
}
