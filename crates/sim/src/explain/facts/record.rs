//! Single records.

use super::{brokers, count};
use highwater_cluster::{BrokerId, Time};
use highwater_log::{LeaderEpoch, Offset};

/// A fact about what became of a record.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum RecordFact {
    /// Who wrote it.
    WrittenBy {
        offset: Offset,
        producer: Option<u32>,
        acks: i16,
        epoch: LeaderEpoch,
        leader: Option<BrokerId>,
    },
    /// Its producer heard that it is safe, as far as its acks promise.
    AcknowledgedAt { at: Time, acks: i16 },
    /// Its producer has not heard.
    NotAcknowledged { acks: i16 },
    /// A new leader does not have it.
    LostAt { at: Time },
    /// Why: that leader's log ended before.
    NewLeaderLacked { leader: BrokerId, epoch: LeaderEpoch, log_end_offset: Offset, offset: Offset },
    /// That leader has another record at this offset now.
    Replaced { offset: Offset, epoch: LeaderEpoch, producer: Option<u32> },
    /// That election was outside the ISR.
    UncleanElection { epoch: LeaderEpoch },
    /// A power loss took it from a replica.
    PowerLossTook { broker: BrokerId, from: Offset, to: Offset },
    /// The leader alone had it.
    LeaderAloneAcknowledged,
    /// It is in these logs.
    IsOn { brokers: Vec<BrokerId> },
    /// Below the high watermark.
    Committed { high_watermark: Offset },
    /// At or above it.
    NotCommitted { high_watermark: Offset },
    /// No leader has written at this offset yet.
    NotWritten { log_end_offset: Offset },
    /// Retention has taken it.
    BelowLogStart { log_start_offset: Offset },
    /// How many acknowledged records of the partition are gone.
    LostInAll { records: u64 },
}

impl RecordFact {
    pub(super) fn rule(&self) -> Option<&'static str> {
        Some(match self {
            Self::AcknowledgedAt { .. }
            | Self::NotAcknowledged { .. }
            | Self::LeaderAloneAcknowledged => "acks",
            Self::UncleanElection { .. } => "unclean.leader.election.enable",
            Self::PowerLossTook { .. } => "flush.messages",
            Self::Committed { .. } | Self::NotCommitted { .. } => "high watermark",
            Self::NewLeaderLacked { .. } | Self::Replaced { .. } => "KIP-101",
            Self::BelowLogStart { .. } => "log start offset",
            _ => return None,
        })
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::WrittenBy { offset, producer, acks, epoch, leader } => {
                let who = producer.map_or("an internal writer".to_owned(), |n| format!("p{n}"));
                let acks = acks_word(*acks);
                let at = leader.map_or(String::new(), |id| format!(" to leader {id}"));
                format!("offset {offset} was written by {who} with acks={acks}{at} in leader epoch {epoch}")
            }
            Self::AcknowledgedAt { at, acks } => match acks {
                -1 => format!("it was acknowledged at {at}: every replica in sync had it"),
                _ => format!("it was acknowledged at {at}: the leader had it, and acks={acks} promises no more"),
            },
            Self::NotAcknowledged { acks: 0 } => "with acks=0 nothing was promised".to_owned(),
            Self::NotAcknowledged { .. } => "it has not been acknowledged to its producer: nothing is promised".to_owned(),
            Self::LostAt { at } => format!("it was lost at {at}"),
            Self::NewLeaderLacked { leader, epoch, log_end_offset, offset } if log_end_offset <= offset => format!(
                "broker {leader} became leader in epoch {epoch} with a log that ended at {log_end_offset}: offset {offset} was not in it, and followers cut theirs to match"
            ),
            Self::NewLeaderLacked { leader, epoch, offset, .. } => format!(
                "broker {leader} became leader in epoch {epoch} with a different record at offset {offset}, and followers cut their logs to match"
            ),
            Self::Replaced { offset, epoch, producer } => {
                let who = producer.map_or("another writer".to_owned(), |n| format!("p{n}"));
                format!("offset {offset} holds another record now, written by {who} in leader epoch {epoch}")
            }
            Self::UncleanElection { epoch } => {
                format!("the election of epoch {epoch} was unclean: a replica outside the ISR was taken")
            }
            Self::PowerLossTook { broker, from, to } => {
                format!("a power loss took offsets {from} to {} from broker {broker}, which had not flushed them", to - 1)
            }
            Self::LeaderAloneAcknowledged => {
                "acks=1 is answered before any follower has the record; with acks=all it would have been acknowledged only once all in sync had it".to_owned()
            }
            Self::IsOn { brokers: ids } if ids.is_empty() => "no replica has it".to_owned(),
            Self::IsOn { brokers: ids } => format!("it is in the log of {}", brokers(ids)),
            Self::Committed { high_watermark } => {
                format!("it is below the high watermark, {high_watermark}: it is committed and can be read")
            }
            Self::NotCommitted { high_watermark } => {
                format!("it is not below the high watermark, {high_watermark}: it is not committed, and a new leader may not have it")
            }
            Self::NotWritten { log_end_offset } => format!("nothing has been written there yet: the log ends at {log_end_offset}"),
            Self::BelowLogStart { log_start_offset } => {
                format!("the log starts at {log_start_offset}: what was below was deleted")
            }
            Self::LostInAll { records } => format!("{} of this partition lost after being acknowledged", count(*records, "record")),
        }
    }
}

fn acks_word(acks: i16) -> String {
    if acks == -1 { "all".to_owned() } else { acks.to_string() }
}
