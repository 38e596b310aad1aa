//! ListOffsets (Kafka: `ReplicaManager.fetchOffset`, `Partition.fetchOffsetForTimestamp`) and OffsetForLeaderEpoch
//! (`Partition.lastOffsetForLeaderEpoch`).

use super::core::Core;
use super::partition::Partition;
use crate::{
    Context, Correlation, KafkaError, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsResult,
    NodeId, OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse, OffsetForLeaderEpochResult,
    Response,
};
use highwater_log::{LeaderEpoch, Offset, Timestamp};

/// ListOffsets timestamp for the end.
pub(super) const LATEST: Timestamp = -1;
/// ListOffsets timestamp for the beginning.
pub(super) const EARLIEST: Timestamp = -2;

/// Timestamp, offset and leader epoch; -1 where unknown.
type Found = (Timestamp, Offset, LeaderEpoch);
const NOTHING: Found = (-1, -1, -1);

impl Core {
    pub(super) fn handle_list_offsets(
        &mut self,
        from: NodeId,
        correlation: Correlation,
        request: &ListOffsetsRequest,
        ctx: &mut Context<'_>,
    ) {
        let consumer = request.replica_id < 0;
        let mut partitions = Vec::with_capacity(request.partitions.len());
        for &(tp, epoch, timestamp) in &request.partitions {
            let found = self.partition_or_error(tp).and_then(|partition| {
                partition.check_epoch(epoch)?;
                if !partition.is_leader() {
                    return Err(KafkaError::NotLeaderOrFollower);
                }
                partition.list_offset(timestamp, consumer, ctx)
            });
            let error = found.err();
            let (timestamp, offset, leader_epoch) = found.unwrap_or(NOTHING);
            partitions.push(ListOffsetsResult { tp, error, offset, timestamp, leader_epoch });
        }
        ctx.send(from, correlation, Response::ListOffsets(ListOffsetsResponse { partitions }));
    }

    /// Only the leader answers. An epoch that it cannot place is no error: the answer is -1.
    pub(super) fn handle_offset_for_leader_epoch(
        &mut self,
        from: NodeId,
        correlation: Correlation,
        request: &OffsetForLeaderEpochRequest,
        ctx: &mut Context<'_>,
    ) {
        let mut partitions = Vec::with_capacity(request.partitions.len());
        for &(tp, current, asked) in &request.partitions {
            let found = self.partition_or_error(tp).and_then(|partition| {
                partition.check_epoch(current)?;
                if !partition.is_leader() {
                    return Err(KafkaError::NotLeaderOrFollower);
                }
                Ok(partition.log.end_offset_for(asked))
            });
            let error = found.err();
            let (leader_epoch, end_offset) = found.unwrap_or((-1, -1));
            partitions.push(OffsetForLeaderEpochResult { tp, error, leader_epoch, end_offset });
        }
        let response = OffsetForLeaderEpochResponse { partitions };
        ctx.send(from, correlation, Response::OffsetForLeaderEpoch(response));
    }
}

impl Partition {
    fn list_offset(
        &self,
        timestamp: Timestamp,
        consumer: bool,
        ctx: &Context<'_>,
    ) -> Result<Found, KafkaError> {
        let log = &self.log;
        match timestamp {
            LATEST if consumer => {
                self.check_high_watermark_is_current()?;
                Ok((-1, log.high_watermark(), self.leader_epoch))
            }
            LATEST => Ok((-1, log.log_end_offset(), self.leader_epoch)),
            EARLIEST => {
                let start = log.log_start_offset();
                Ok((-1, start, log.epochs().epoch_for_offset(start).unwrap_or(-1)))
            }
            _ if timestamp < 0 => Err(KafkaError::InvalidRequest),
            _ => self.list_timestamp(timestamp, consumer, ctx),
        }
    }

    fn list_timestamp(
        &self,
        timestamp: Timestamp,
        consumer: bool,
        ctx: &Context<'_>,
    ) -> Result<Found, KafkaError> {
        let log = &self.log;
        let end = if consumer { log.high_watermark() } else { log.log_end_offset() };
        let found = log.find_offset_by_timestamp(timestamp, &*ctx.disk);
        match found.map_err(|_| KafkaError::KafkaStorageError)? {
            Some(at) if at.offset < end => Ok((at.timestamp, at.offset, at.leader_epoch)),
            _ if consumer => self.check_high_watermark_is_current().map(|()| NOTHING),
            _ => Ok(NOTHING),
        }
    }

    /// A new leader's high watermark may lie below what its predecessor had shown (KIP-207).
    fn check_high_watermark_is_current(&self) -> Result<(), KafkaError> {
        match self.leader_epoch_start_offset {
            Some(start) if self.log.high_watermark() < start => Err(KafkaError::OffsetNotAvailable),
            _ => Ok(()),
        }
    }
}
