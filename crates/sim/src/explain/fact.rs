//! One reason: numbers, and the sentence that says them.

use super::set;
use crate::words;
use highwater_cluster::{BrokerId, KafkaError, NodeId, Time};
use highwater_log::{KeptFacts, LeaderEpoch, Offset, Verdict};

/// A reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fact {
    /// Where the high watermark is and what that means.
    HighWatermark { offset: Offset, log_end_offset: Offset },
    /// It is the least of these log end offsets.
    LeastOf { ends: Vec<(BrokerId, Offset)> },
    /// The replica that holds it, and that the leader knows of its end by its last fetch only.
    HeldBy { broker: BrokerId, log_end_offset: Offset, last_fetch: Option<Time> },
    /// Everything that counts has everything.
    NothingHolds { log_end_offset: Offset },
    /// A replica outside the ISR that counts because it has just caught up (KIP-497's maximal ISR).
    CountsAlready { broker: BrokerId },
    /// Too few in sync: it stands still.
    Frozen { isr: Vec<BrokerId>, needed: i32, min_insync_replicas: i32, replicas: i32 },
    /// This replica knows it from its leader's last fetch response.
    KnownFrom { leader: BrokerId, here: Offset, at_leader: Offset },
    /// It came with the last checkpoint; the leader has not told a newer one.
    FromCheckpoint { offset: Offset },
    /// Nobody leads.
    NoLeader { isr: Vec<BrokerId> },
    /// This broker leads.
    Leads { epoch: LeaderEpoch },
    /// In the ISR: it had everything within the limit.
    InSync { last_caught_up: Time, limit_ms: i64 },
    /// In the ISR, but behind: it goes when it has not caught up by then, at the next check.
    WillLag { log_end_offset: Offset, needs: Offset, deadline: Time, limit_ms: i64 },
    /// Fenced: the controller has not heard a heartbeat for so long.
    Fenced { broker: BrokerId, last_heartbeat: Option<Time>, session_timeout_ms: i64 },
    /// Out of the ISR: did not catch up within the limit.
    Lagging { log_end_offset: Offset, needs: Offset, last_caught_up: Option<Time>, limit_ms: i64 },
    /// Out of the ISR, but has caught up: the leader asks the controller to take it in.
    Rejoining { log_end_offset: Offset },
    /// Waits for the high watermark.
    WaitsForHighWatermark { required: Offset, high_watermark: Offset, missing: i64 },
    /// Waits until this time at most.
    Until { deadline: Time, setting: &'static str },
    /// A fetch waits for bytes.
    WaitsForBytes { from: NodeId, fetch_offset: Offset, end: Offset, min_bytes: i32, setting: &'static str },
    /// Records wait in their batch.
    InBatch { records: i64, linger_ms: i64 },
    /// Records are on their way or with the leader.
    InFlight { records: i64, leader: BrokerId },
    /// Calls wait for metadata or memory.
    Blocked { calls: i64 },
    /// The last thing that went wrong.
    LastError { error: KafkaError, at: Time },
    /// Nothing waits.
    NothingWaits,
    /// The process does not run.
    NotRunning { node: NodeId },
    /// More members than partitions.
    MoreMembersThanPartitions { members: i64, partitions: i64 },
    /// The group is in the middle of a rebalance.
    Rebalance { state: &'static str, until: Option<Time> },
    /// The coordinator is not known.
    NoCoordinator { group: String },
    /// It owns partitions and has read everything that is committed.
    ReadEverything { partition: String, position: Offset, high_watermark: Offset },
    /// It owns a partition and has something to read.
    Behind { partition: String, position: Offset, high_watermark: Offset },
    /// It does not poll.
    NotPolling { doing: String },
    /// Why a segment is there.
    Kept(Box<KeptFacts>),
    /// When retention looks next.
    NextCheck { at: Option<Time>, interval_ms: i64 },
}

impl Fact {
    /// Kafka's name of the setting that decides, if one does.
    pub fn setting(&self) -> Option<&'static str> {
        Some(match self {
            Self::Frozen { .. } => "min.insync.replicas",
            Self::InSync { .. } | Self::WillLag { .. } | Self::Lagging { .. } => "replica.lag.time.max.ms",
            Self::Fenced { .. } => "broker.session.timeout.ms",
            Self::FromCheckpoint { .. } => "replica.high.watermark.checkpoint.interval.ms",
            Self::Until { setting, .. } | Self::WaitsForBytes { setting, .. } => setting,
            Self::InBatch { .. } => "linger.ms",
            Self::NextCheck { .. } => "log.retention.check.interval.ms",
            Self::Kept(k) if k.retention_bytes >= 0 && k.retention_ms < 0 => "retention.bytes",
            Self::Kept(_) => "retention.ms",
            _ => return None,
        })
    }

    /// In plain English.
    pub fn text(&self) -> String {
        match self {
            Self::HighWatermark { offset: 0, .. } => "the high watermark is 0: nothing is committed yet".to_owned(),
            Self::HighWatermark { offset, log_end_offset } => format!(
                "the high watermark is {offset}: offsets below it are committed and can be read; the log ends at {log_end_offset}"
            ),
            Self::LeastOf { ends } => {
                let list: Vec<_> = ends.iter().map(|(id, end)| format!("broker {id} {}", end_text(*end))).collect();
                format!("it is the least log end offset of the replicas that count: {}", list.join(", "))
            }
            Self::HeldBy { broker, log_end_offset, last_fetch } => {
                let when = last_fetch.map_or("it has not fetched yet".to_owned(), |t| format!("its last fetch came at {t}"));
                format!("broker {broker} holds it: it has confirmed everything below {log_end_offset}, {when}")
            }
            Self::NothingHolds { log_end_offset } => {
                format!("every replica that counts has everything below {log_end_offset}")
            }
            Self::CountsAlready { broker } => {
                format!("broker {broker} is not in the ISR yet but has caught up, so the high watermark waits for it too")
            }
            Self::Frozen { isr, needed, .. } => format!(
                "it stands still: ISR {} has fewer members than the {needed} that min.insync.replicas asks for",
                set(isr)
            ),
            Self::KnownFrom { leader, here, at_leader } if here < at_leader => format!(
                "a follower learns it from fetch responses: broker {leader}, the leader, is at {at_leader}, its last response here said {here}"
            ),
            Self::KnownFrom { leader, here, .. } => {
                format!("a follower learns it from fetch responses: the last one of broker {leader}, the leader, said {here}")
            }
            Self::FromCheckpoint { offset } => format!(
                "the broker does not run; {offset} is what its last checkpoint on disk says (replica.high.watermark.checkpoint.interval.ms)"
            ),
            Self::NoLeader { isr } => format!("the partition has no leader: no member of ISR {} is alive", set(isr)),
            Self::Leads { epoch } => format!("it leads the partition in epoch {epoch}; a leader is always in its ISR"),
            Self::InSync { last_caught_up, limit_ms } => format!(
                "it last had everything at {last_caught_up}, within replica.lag.time.max.ms ({})",
                words::span_ms(*limit_ms)
            ),
            Self::WillLag { log_end_offset, needs, deadline, .. } => format!(
                "it has {} of {needs}; if it has not caught up by {deadline}, the leader's next check takes it out (replica.lag.time.max.ms)",
                end_text(*log_end_offset)
            ),
            Self::Fenced { broker, last_heartbeat, session_timeout_ms } => {
                let heard = last_heartbeat.map_or(String::new(), |t| format!("; its last heartbeat came at {t}"));
                format!(
                    "broker {broker} is fenced: the controller hears no heartbeats from it (broker.session.timeout.ms = {}){heard}",
                    words::span_ms(*session_timeout_ms)
                )
            }
            Self::Lagging { log_end_offset, needs, last_caught_up, limit_ms } => {
                let when = last_caught_up.map_or(String::new(), |t| format!("; it last had everything at {t}"));
                format!(
                    "it has {} and needs {needs}; it did not catch up within replica.lag.time.max.ms ({}){when}",
                    end_text(*log_end_offset),
                    words::span_ms(*limit_ms)
                )
            }
            Self::Rejoining { log_end_offset } => format!(
                "it has caught up ({}): the leader asks the controller to take it in (AlterPartition)",
                end_text(*log_end_offset)
            ),
            _ => self.more_text(),
        }
    }

    fn more_text(&self) -> String {
        match self {
            Self::WaitsForHighWatermark { required, high_watermark, missing } => format!(
                "acks=all: the answer waits until the high watermark is {required}; it is {high_watermark}, {missing} short"
            ),
            Self::Until { deadline, setting } => format!("it is answered at {deadline} at the latest ({setting})"),
            Self::WaitsForBytes { from, fetch_offset, end, min_bytes, .. } => format!(
                "{from} asks for {min_bytes} bytes from offset {fetch_offset}; what it may read ends at {end}"
            ),
            Self::InBatch { records, linger_ms } => {
                format!("{records} records wait in batches for more of them (linger.ms = {})", words::span_ms(*linger_ms))
            }
            Self::InFlight { records, leader } => {
                format!("{records} records are sent to broker {leader} and not answered yet")
            }
            Self::Blocked { calls } => format!("{calls} sends wait for metadata or memory (max.block.ms)"),
            Self::LastError { error, at } => format!("the last error was {error} at {at}"),
            Self::NothingWaits => "nothing waits".to_owned(),
            Self::NotRunning { node } => format!("{node} does not run"),
            Self::MoreMembersThanPartitions { members, partitions } => format!(
                "the group has {members} members and {partitions} partitions; a partition has one owner, so {} members get none",
                members - partitions
            ),
            Self::Rebalance { state, until } => {
                let until = until.map_or(String::new(), |t| format!(", until {t} at the latest"));
                format!("the group is rebalancing ({state}){until}")
            }
            Self::NoCoordinator { group } => format!("nobody coordinates group {group} now"),
            Self::ReadEverything { partition, position, high_watermark } => format!(
                "{partition}: its position {position} is the high watermark {high_watermark}; what is above is not committed"
            ),
            Self::Behind { partition, position, high_watermark } => {
                format!("{partition}: it is at {position} of {high_watermark}, {} to read", high_watermark - position)
            }
            Self::NotPolling { doing } => format!("its application is not waiting for records: {doing}"),
            Self::Kept(kept) => kept_text(kept),
            Self::NextCheck { at, interval_ms } => {
                let next = at.map_or(String::new(), |t| format!(", next at {t}"));
                format!("retention looks every {} (log.retention.check.interval.ms){next}", words::span_ms(*interval_ms))
            }
            _ => String::new(),
        }
    }
}

fn end_text(end: Offset) -> String {
    if end < 0 { "nothing known yet".to_owned() } else { format!("everything below {end}") }
}

fn kept_text(kept: &KeptFacts) -> String {
    let KeptFacts { base_offset, upper_bound, bytes, age_ms, .. } = kept;
    let name = format!("segment {base_offset}-{} ({bytes} bytes)", upper_bound - 1);
    match kept.verdict {
        Verdict::ActiveAndEmpty => format!("segment {base_offset} is active and empty"),
        Verdict::PolicyWithoutDelete => format!("{name} is kept: cleanup.policy does not contain delete"),
        Verdict::AboveHighWatermark => {
            format!("{name} is kept: it reaches above the high watermark {}", kept.high_watermark)
        }
        Verdict::BehindOlderSegment(older) => {
            format!("{name} is kept: segment {older} is older and stays, and segments go from the old end only")
        }
        Verdict::Deletable(_) => format!("{name} goes at the next check"),
        Verdict::WithinLimits => {
            let age = format!("{} old of {} (retention.ms)", words::span_ms((*age_ms).max(0)), words::span_ms(kept.retention_ms));
            let size = match kept.excess_bytes {
                Some(excess) => format!(
                    "the log has {} of {} bytes (retention.bytes), {} too many to spare all of it",
                    kept.total_bytes,
                    kept.retention_bytes,
                    i64::from(*bytes) - excess.max(0)
                ),
                None => "retention.bytes has no limit".to_owned(),
            };
            format!("{name} is kept: {age}; {size}")
        }
    }
}
