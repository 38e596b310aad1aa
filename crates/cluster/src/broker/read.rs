//! Reading a partition for a Fetch: epoch checks, divergence, bounds (Kafka: `Partition.readRecords`).

use super::partition::Partition;
use crate::{Context, FetchPartition, KafkaError};
use highwater_log::{Bytes, LeaderEpoch, LogError, Offset};

/// Who reads, and so how far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reader {
    /// A follower: up to the log end offset.
    Follower(crate::BrokerId),
    /// A consumer: up to the high watermark (which equals the last stable offset without transactions).
    Consumer,
}

/// What one read gave, with the leader's offsets as they were at that moment.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub records: Bytes,
    pub high_watermark: Offset,
    pub log_start_offset: Offset,
    pub log_end_offset: Offset,
    pub diverging_epoch: Option<(LeaderEpoch, Offset)>,
}

impl Partition {
    /// Whether this reader may read here at all, and with this leader epoch.
    pub(super) fn check_reader(
        &self,
        reader: Reader,
        item: &FetchPartition,
    ) -> Result<(), KafkaError> {
        self.check_epoch(item.current_leader_epoch)?;
        let Reader::Follower(id) = reader else { return Ok(()) };
        if !self.is_leader() {
            return Err(KafkaError::NotLeaderOrFollower);
        }
        match self.remote(id) {
            Some(_) => Ok(()),
            // The assignment may be on its way here: the follower is to try again.
            None if item.current_leader_epoch != -1 => Err(KafkaError::UnknownLeaderEpoch),
            None => Err(KafkaError::NotLeaderOrFollower),
        }
    }

    /// Where reading ends for this reader.
    pub(super) fn read_bound(&self, reader: Reader) -> Offset {
        match reader {
            Reader::Follower(_) => self.log.log_end_offset(),
            Reader::Consumer => self.log.high_watermark(),
        }
    }

    /// Where the asker's log leaves this one, if its last fetched epoch shows that it does (KIP-595).
    /// OFFSET_OUT_OF_RANGE when the epoch is unknown here or the offset is below the log start.
    pub(super) fn divergence(
        &self,
        item: &FetchPartition,
    ) -> Result<Option<(LeaderEpoch, Offset)>, KafkaError> {
        if item.last_fetched_epoch == -1 {
            return Ok(None);
        }
        let (epoch, end_offset) = self.log.end_offset_for(item.last_fetched_epoch);
        if epoch == -1 || end_offset == -1 || item.fetch_offset < self.log.log_start_offset() {
            return Err(KafkaError::OffsetOutOfRange);
        }
        let diverges = diverges((epoch, end_offset), item.last_fetched_epoch, item.fetch_offset);
        Ok(diverges.then_some((epoch, end_offset)))
    }

    /// Reads for one partition of a Fetch; the checks of [`Self::check_reader`] are done already.
    pub(super) fn read_records(
        &self,
        reader: Reader,
        item: &FetchPartition,
        max_bytes: u32,
        min_one_message: bool,
        ctx: &Context<'_>,
    ) -> Result<Read, KafkaError> {
        let mut read = Read {
            records: Bytes::empty(),
            high_watermark: self.log.high_watermark(),
            log_start_offset: self.log.log_start_offset(),
            log_end_offset: self.log.log_end_offset(),
            diverging_epoch: self.divergence(item)?,
        };
        let offset = item.fetch_offset;
        if read.diverging_epoch.is_some() {
            return Ok(read);
        }
        if offset < read.log_start_offset || offset > read.log_end_offset {
            return Err(KafkaError::OffsetOutOfRange);
        }
        let bound = self.read_bound(reader);
        if offset < bound {
            let found = self.log.read(offset, max_bytes, bound, min_one_message, &*ctx.disk);
            read.records = found.map_err(|error| read_error(&error))?.records;
        }
        Ok(read)
    }
}

/// Whether a log that ends at `fetch_offset` in `last_fetched_epoch` leaves one where that epoch, or the next older
/// one there is, ends as `found` says.
pub(super) fn diverges(
    found: (LeaderEpoch, Offset),
    last_fetched_epoch: LeaderEpoch,
    fetch_offset: Offset,
) -> bool {
    found.0 < last_fetched_epoch || found.1 < fetch_offset
}

fn read_error(error: &LogError) -> KafkaError {
    match error {
        LogError::OffsetOutOfRange { .. } => KafkaError::OffsetOutOfRange,
        LogError::Storage(_) | LogError::Corrupt { .. } | LogError::Checkpoint { .. } => {
            KafkaError::KafkaStorageError
        }
    }
}
