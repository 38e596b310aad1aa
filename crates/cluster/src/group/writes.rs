//! Records that were appended and wait for the high watermark, with what follows when they are
//! committed (Kafka: the deferred events of `CoordinatorRuntime`).

use super::classic::CommittedOffset;
use super::member::Waiting;
use crate::{KafkaError, Name, TopicPartition};
use highwater_log::{Bytes, Offset};
use highwater_sorted::SortedMap;

/// `offsets.commit.timeout.ms`, Kafka's default: how long the coordinator waits for its records to be committed.
pub const OFFSETS_COMMIT_TIMEOUT_MS: i64 = 5000;

/// What to do once the records are committed.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Then {
    /// Assignments of this generation: the group becomes Stable, parked SyncGroups are answered.
    Assignments {
        /// Generation.
        generation: i32,
        /// By member id.
        assignments: SortedMap<Name, Bytes>,
    },
    /// Offsets become visible; then the request is answered, if it has not been given up.
    Offsets {
        /// The request.
        waiting: Option<Waiting>,
        /// What was accepted.
        accepted: Vec<(TopicPartition, CommittedOffset)>,
        /// Results for every partition, in the order of the request.
        results: Vec<(TopicPartition, Option<KafkaError>)>,
    },
    /// The group's end was written; nothing more is to do.
    Nothing,
}

/// Records of one append.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct PendingWrite {
    /// Number, for its timer.
    pub id: u64,
    /// Partition of `__consumer_offsets`.
    pub partition: i32,
    /// Group.
    pub group: Name,
    /// Committed when the high watermark is at or above this offset.
    pub end_offset: Offset,
    /// What then.
    pub then: Then,
}

/// All of them, oldest first.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Writes {
    pub list: Vec<PendingWrite>,
    pub next_id: u64,
}

impl Writes {
    /// Takes out those of a partition that are below this high watermark, oldest first.
    pub fn committed(&mut self, partition: i32, high_watermark: Offset) -> Vec<PendingWrite> {
        self.take(|w| w.partition == partition && w.end_offset <= high_watermark)
    }

    /// Takes out those of a partition.
    pub fn of_partition(&mut self, partition: i32) -> Vec<PendingWrite> {
        self.take(|w| w.partition == partition)
    }

    fn take(&mut self, wanted: impl Fn(&PendingWrite) -> bool) -> Vec<PendingWrite> {
        let (taken, left) = std::mem::take(&mut self.list).into_iter().partition(|w| wanted(w));
        self.list = left;
        taken
    }
}

/// What a client is told when the append or its replication failed
/// (`CoordinatorOperationExceptionHelper`).
pub(super) fn client_error(error: KafkaError) -> KafkaError {
    match error {
        KafkaError::UnknownTopicOrPartition
        | KafkaError::NotEnoughReplicas
        | KafkaError::RequestTimedOut => KafkaError::CoordinatorNotAvailable,
        KafkaError::NotLeaderOrFollower | KafkaError::KafkaStorageError => {
            KafkaError::NotCoordinator
        }
        KafkaError::MessageTooLarge | KafkaError::RecordListTooLarge => {
            KafkaError::UnknownServerError
        }
        other => other,
    }
}
