//! Producers, and requests that wait.

use super::{brokers, set};
use crate::words::span_ms;
use highwater_cluster::{BrokerId, KafkaError, Time};
use highwater_log::Offset;

/// A fact about a produce or a waiting request.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum ClientFact {
    /// acks=all: answered when the high watermark is there. `missing` count and lack some of it.
    WaitsForOffset {
        partition: String,
        required: Offset,
        high_watermark: Offset,
        missing: Vec<BrokerId>,
    },
    /// acks=all is refused while so few are in sync.
    NotEnoughReplicas { partition: String, isr: Vec<BrokerId>, min: i32 },
    /// The records are in the leader's log whatever becomes of the answer.
    AlreadyAppended { partition: String, base_offset: Offset, leader: BrokerId },
    /// The broker answers at the latest then.
    TimesOutAt { at: Time, request_timeout_ms: i64 },
    /// A fetch that waits for data.
    FetchWaitsForBytes {
        partition: String,
        fetch_offset: Offset,
        readable_end: Offset,
        bytes: u64,
        min_bytes: i32,
        follower: bool,
    },
    /// Consumers read below the high watermark only.
    ReadsBelowHighWatermark { high_watermark: Offset, log_end_offset: Offset },
    /// The fetch is answered at the latest then, with nothing.
    FetchAnsweredBy { at: Time, follower: bool },
    /// What acks means.
    Acks { acks: i16 },
    /// Everything is acknowledged.
    NothingUnacknowledged { acknowledged: u64, failed: u64 },
    /// With acks=0 nothing ever is.
    NeverAcknowledged { sent: u64 },
    /// The batch asked about.
    OldestBatch { partition: String, records: u64, bytes: u32, created: Time },
    /// Waits for more records.
    Lingers { until: Time, linger_ms: i64 },
    /// Waits after a failed attempt.
    BacksOff { attempts: i32, until: Time },
    /// Does not know who leads.
    NoKnownLeader { partition: String },
    /// As many requests as may be are unanswered.
    TooManyInFlight { broker: BrokerId, requests: i32, max: i32 },
    /// Sent and not answered.
    SentTo { broker: BrokerId, at: Time },
    /// `send()` itself waits.
    SendWaits { topic: String, since: Time, max_block_ms: i64 },
    /// Given up then.
    DeliveryTimeoutAt { at: Time, delivery_timeout_ms: i64 },
    /// Not answered by then, the connection is given up and the batch retried.
    RequestTimeoutAt { at: Time, request_timeout_ms: i64 },
    /// The producer sends to a broker that does not lead.
    SendsToFormerLeader { broker: BrokerId, leader: BrokerId },
    /// The last error.
    LastError { error: KafkaError, at: Time },
    /// What it means.
    ErrorMeans { error: KafkaError },
    /// The producer tries again by itself.
    Retries { attempts: i32, next: Option<Time> },
    /// The producer has given records up.
    GaveUp { records: u64 },
    /// Nothing was refused.
    NoError,
}

impl ClientFact {
    pub(super) fn rule(&self) -> Option<&'static str> {
        Some(match self {
            Self::WaitsForOffset { .. } => "DelayedProduce",
            Self::Acks { .. } | Self::NeverAcknowledged { .. } | Self::AlreadyAppended { .. } => {
                "acks"
            }
            Self::NotEnoughReplicas { .. } => "min.insync.replicas",
            Self::TimesOutAt { .. } | Self::RequestTimeoutAt { .. } => "request.timeout.ms",
            Self::FetchWaitsForBytes { follower: true, .. } => "replica.fetch.min.bytes",
            Self::FetchWaitsForBytes { follower: false, .. } => "fetch.min.bytes",
            Self::ReadsBelowHighWatermark { .. } => "isolation.level",
            Self::FetchAnsweredBy { follower: true, .. } => "replica.fetch.wait.max.ms",
            Self::FetchAnsweredBy { follower: false, .. } => "fetch.max.wait.ms",
            Self::Lingers { .. } => "linger.ms",
            Self::BacksOff { .. } | Self::Retries { .. } => "retry.backoff.ms",
            Self::NoKnownLeader { .. } => "Metadata",
            Self::TooManyInFlight { .. } => "max.in.flight.requests.per.connection",
            Self::SendWaits { .. } => "max.block.ms",
            Self::DeliveryTimeoutAt { .. } | Self::GaveUp { .. } => "delivery.timeout.ms",
            Self::LastError { error, .. } | Self::ErrorMeans { error } => error.name(),
            Self::SendsToFormerLeader { .. } => "KIP-951",
            Self::NothingUnacknowledged { .. }
            | Self::OldestBatch { .. }
            | Self::SentTo { .. }
            | Self::NoError => {
                return None;
            }
        })
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::WaitsForOffset { partition, required, high_watermark, missing } => {
                let why = match missing.as_slice() {
                    [] => String::new(),
                    ids => format!("; {} must still fetch below {required}", brokers(ids)),
                };
                format!(
                    "it waits until the high watermark of {partition}, {high_watermark} now, is {required}{why}"
                )
            }
            Self::NotEnoughReplicas { partition, isr, min } => format!(
                "{partition} has {} in its ISR {}, fewer than the {min} that acks=all asks for",
                isr.len(),
                set(isr)
            ),
            Self::AlreadyAppended { partition, base_offset, leader } => format!(
                "its records are in the log of leader {leader}, from offset {base_offset} of {partition} on, whatever the answer will be"
            ),
            Self::TimesOutAt { at, request_timeout_ms } => format!(
                "after {}, at {at}, it is answered with REQUEST_TIMED_OUT; the records stay in the log",
                span_ms(*request_timeout_ms)
            ),
            Self::FetchWaitsForBytes { .. }
            | Self::ReadsBelowHighWatermark { .. }
            | Self::FetchAnsweredBy { .. } => self.fetch_text(),
            Self::LastError { .. }
            | Self::ErrorMeans { .. }
            | Self::Retries { .. }
            | Self::GaveUp { .. }
            | Self::NoError => self.error_text(),
            _ => self.producer_text(),
        }
    }

    fn fetch_text(&self) -> String {
        match self {
            Self::FetchWaitsForBytes {
                partition,
                fetch_offset,
                readable_end,
                bytes,
                min_bytes,
                ..
            } => format!(
                "it asks {partition} from offset {fetch_offset} on; what it may read ends at {readable_end}: {} of at least {min_bytes} wanted",
                super::count(*bytes, "byte")
            ),
            Self::ReadsBelowHighWatermark { high_watermark, log_end_offset } => format!(
                "a consumer reads below the high watermark, {high_watermark}, though the log ends at {log_end_offset}"
            ),
            Self::FetchAnsweredBy { at, .. } => {
                format!("it is answered at {at} even when nothing comes")
            }
            _ => String::new(),
        }
    }

    fn producer_text(&self) -> String {
        match self {
            Self::Acks { acks } => match acks {
                -1 => "acks=all: acknowledged when every replica in sync has it".to_owned(),
                1 => "acks=1: acknowledged when the leader alone has it".to_owned(),
                _ => "acks=0: the broker does not answer".to_owned(),
            },
            Self::NothingUnacknowledged { acknowledged, failed } => {
                format!(
                    "nothing is unacknowledged: {} acknowledged, {failed} given up",
                    super::count(*acknowledged, "record")
                )
            }
            Self::NeverAcknowledged { sent } => {
                format!(
                    "with acks=0 nothing is ever acknowledged: {} went to the network",
                    super::count(*sent, "record")
                )
            }
            Self::OldestBatch { partition, records, bytes, created } => format!(
                "the oldest batch has {} for {partition}, {bytes} bytes, and was begun at {created}",
                super::count(*records, "record")
            ),
            Self::Lingers { until, linger_ms } => {
                format!("it waits up to {} for more records, until {until}", span_ms(*linger_ms))
            }
            Self::BacksOff { attempts, until } => {
                format!(
                    "it failed {}; the next attempt is at {until}",
                    super::count(u64::try_from(*attempts).unwrap_or(0), "time")
                )
            }
            Self::NoKnownLeader { partition } => {
                format!("the producer knows no leader of {partition} and asks for metadata again")
            }
            Self::TooManyInFlight { broker, requests, max } => {
                format!(
                    "{requests} of at most {max} requests to broker {broker} are unanswered: it waits for its turn"
                )
            }
            Self::SentTo { broker, at } => {
                format!("it went to broker {broker} at {at} and is not answered")
            }
            Self::SendWaits { topic, since, max_block_ms } => format!(
                "send() for {topic} waits since {since} for metadata or memory, at most {}",
                span_ms(*max_block_ms)
            ),
            Self::DeliveryTimeoutAt { at, delivery_timeout_ms } => {
                format!(
                    "unacknowledged {} after it was begun, at {at}, it is given up",
                    span_ms(*delivery_timeout_ms)
                )
            }
            Self::RequestTimeoutAt { at, request_timeout_ms } => format!(
                "without an answer within {}, by {at}, the producer gives the connection up and tries again",
                span_ms(*request_timeout_ms)
            ),
            Self::SendsToFormerLeader { broker, leader } => match leader {
                -1 => format!("it goes to broker {broker}, but nobody leads now"),
                _ => format!(
                    "it goes to broker {broker}, but broker {leader} leads now; the answer will say so"
                ),
            },
            _ => String::new(),
        }
    }

    fn error_text(&self) -> String {
        match self {
            Self::LastError { error, at } => {
                let retry = if error.retriable() {
                    "it may be tried again"
                } else {
                    "trying again is of no use"
                };
                format!("the last error was {} ({}) at {at}; {retry}", error.name(), error.code())
            }
            Self::ErrorMeans { error } => meaning(*error).to_owned(),
            Self::Retries { attempts, next } => {
                let next = next.map_or(String::new(), |at| format!(", next at {at}"));
                format!(
                    "the producer has tried {} and goes on by itself{next}",
                    super::count(u64::try_from(*attempts).unwrap_or(0), "time")
                )
            }
            Self::GaveUp { records } => {
                format!("the producer has given up {}", super::count(*records, "record"))
            }
            Self::NoError => "nothing was refused so far".to_owned(),
            _ => String::new(),
        }
    }
}

/// What an error says about a record that was sent.
fn meaning(error: KafkaError) -> &'static str {
    match error {
        KafkaError::NotEnoughReplicas => {
            "too few replicas were in sync for acks=all: nothing was appended"
        }
        KafkaError::NotEnoughReplicasAfterAppend => {
            "the records were appended, but then too few replicas were left in sync to acknowledge them"
        }
        KafkaError::RequestTimedOut => {
            "no answer came in time, or too few replicas fetched in time: the records may be in the log and may still be committed"
        }
        KafkaError::NotLeaderOrFollower => {
            "the broker asked does not lead the partition: nothing was appended, the producer looks for the leader"
        }
        KafkaError::NetworkException => {
            "the connection broke before the answer: the records may be in the log or not"
        }
        KafkaError::LeaderNotAvailable => "the partition has no leader now",
        KafkaError::UnknownTopicOrPartition | KafkaError::UnknownTopicId => {
            "the broker knows no such partition, or not yet"
        }
        KafkaError::MessageTooLarge => {
            "a record or batch is larger than max.message.bytes or max.request.size allow"
        }
        KafkaError::RecordListTooLarge => "the batch is larger than a segment can be",
        KafkaError::InvalidRequiredAcks => "acks can be 0, 1 or all only",
        KafkaError::InvalidTopicException => {
            "clients may not write to this topic, or its name is not allowed"
        }
        KafkaError::InvalidTimestamp => {
            "the timestamp is further from the broker's clock than the topic allows"
        }
        KafkaError::InvalidRecord => "the broker does not accept a record like this in this topic",
        KafkaError::CorruptMessage => {
            "the checksum does not fit: the bytes were damaged on the way"
        }
        KafkaError::KafkaStorageError => "the broker's disk failed",
        KafkaError::FencedLeaderEpoch => "the request names a leader epoch that is over",
        KafkaError::UnknownLeaderEpoch => {
            "the request names a leader epoch that the broker has not heard of yet"
        }
        _ => "the broker refused the request",
    }
}
