//! Control records (Kafka: `ControlRecordType`, `EndTransactionMarker`).

use crate::{BatchBuilder, Bytes, Timestamp};

/// What a control record says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum ControlType {
    Abort,
    Commit,
    LeaderChange,
    SnapshotHeader,
    SnapshotFooter,
    KraftVersion,
    KraftVoters,
    /// A type that this version does not know; ignored.
    Unknown,
}

impl ControlType {
    /// From a control record's key: `version i16`, `type i16`. `None` for a key that is no such key.
    pub fn from_key(key: &[u8]) -> Option<Self> {
        let &[v0, v1, t0, t1, ..] = key else { return None };
        if i16::from_be_bytes([v0, v1]) < 0 {
            return None;
        }
        Some(match i16::from_be_bytes([t0, t1]) {
            0 => Self::Abort,
            1 => Self::Commit,
            2 => Self::LeaderChange,
            3 => Self::SnapshotHeader,
            4 => Self::SnapshotFooter,
            5 => Self::KraftVersion,
            6 => Self::KraftVoters,
            _ => Self::Unknown,
        })
    }

    /// Kafka's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Abort => "ABORT",
            Self::Commit => "COMMIT",
            Self::LeaderChange => "LEADER_CHANGE",
            Self::SnapshotHeader => "SNAPSHOT_HEADER",
            Self::SnapshotFooter => "SNAPSHOT_FOOTER",
            Self::KraftVersion => "KRAFT_VERSION",
            Self::KraftVoters => "KRAFT_VOTERS",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// The batch that ends a transaction in one partition, base offset 0.
pub fn end_transaction_marker(
    commit: bool,
    timestamp: Timestamp,
    producer_id: i64,
    producer_epoch: i16,
    coordinator_epoch: i32,
) -> Bytes {
    let key = [0, 0, 0, u8::from(commit)];
    let epoch = coordinator_epoch.to_be_bytes();
    let value = [0, 0, epoch[0], epoch[1], epoch[2], epoch[3]];
    let mut builder = BatchBuilder::with_capacity(crate::HEADER_SIZE + 17);
    builder.set_producer(producer_id, producer_epoch, -1);
    builder.set_transactional();
    builder.set_control();
    builder.append(timestamp, Some(&key), Some(&value), &[]);
    builder.build()
}
