//! The one shape every process has: input in, effects out. No async, no clock, no randomness of its own.

use crate::{Body, Command, Correlation, Message, NodeId, Time, TopicPartition, TraceEvent};
use highwater_log::Storage;
use std::sync::Arc;

/// What happens to a process.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Input {
    /// The process has started (its struct was just made, for a broker from what is on its disk).
    Start,
    /// A message arrived.
    Message(Message),
    /// A timer it had set has gone off.
    Timer(Timer),
    /// A connection broke before the answer to this request came (peer dead or gone).
    Disconnected { peer: NodeId, correlation: Correlation },
    /// The user of this client asks for something.
    Command(Command),
}

/// Every timer of every process. Setting one again moves it. Kept here, closed, so that a picture can show them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Timer {
    /// Any client: no answer to this request within `request.timeout.ms`.
    RequestTimeout(Correlation),
    /// Any client: `metadata.max.age.ms`, or a retry of a metadata request.
    MetadataRefresh,

    /// Broker: `broker.heartbeat.interval.ms`.
    BrokerHeartbeat,
    /// Broker: retry of registration.
    RegistrationRetry,
    /// Broker: retry of the metadata log fetch.
    MetadataFetchRetry,
    /// Broker: a follower's fetcher for this leader backs off (`replica.fetch.backoff.ms`).
    FetchBackoff(i32),
    /// Broker: a parked fetch's `max_wait_ms` is over; number of the waiting entry.
    FetchWait(u64),
    /// Broker: a parked acks=all produce's timeout is over; number of the waiting entry.
    ProduceTimeout(u64),
    /// Broker: ISR check, every half of `replica.lag.time.max.ms`.
    IsrExpiration,
    /// Broker: `log.retention.check.interval.ms`.
    RetentionCheck,
    /// Broker: `.deleted` files to unlink (`file.delete.delay.ms`).
    FileDelete,
    /// Broker: `replica.high.watermark.checkpoint.interval.ms`.
    HighWatermarkCheckpoint,
    /// Broker: `log.flush.offset.checkpoint.interval.ms` (recovery point, log start offset).
    RecoveryPointCheckpoint,
    /// Broker: AlterPartition is tried again.
    AlterPartitionRetry,

    /// Controller: a broker's session (`broker.session.timeout.ms`).
    BrokerSession(i32),
    /// Controller: a broker's parked metadata fetch is answered.
    MetadataFetchWait(i32),
    /// Controller: `leader.imbalance.check.interval.seconds`.
    LeaderImbalanceCheck,
    /// Controller: `unclean.leader.election.interval.ms`.
    UncleanElectionCheck,

    /// Coordinator: a member's session; numbers of group and member in the coordinator.
    MemberSession(u32, u32),
    /// Coordinator: the join phase ends (`group.initial.rebalance.delay.ms` or the rebalance timeout).
    JoinPhase(u32),
    /// Coordinator: members that did not sync are removed.
    PendingSync(u32),
    /// Coordinator: an id handed out with MEMBER_ID_REQUIRED was not used.
    PendingMember(u32, u32),
    /// Coordinator: records it appended were not committed within `offsets.commit.timeout.ms`; their number.
    OffsetsWrite(u64),
    /// Coordinator: `offsets.retention.check.interval.ms`.
    OffsetExpiration,

    /// Producer: `linger.ms` of this partition's open batch is over.
    Linger(TopicPartition),
    /// Producer: `delivery.timeout.ms` of the oldest batch.
    DeliveryTimeout,
    /// Producer: `retry.backoff.ms`.
    RetryBackoff,
    /// Producer: the next record of its workload.
    NextRecord,

    /// Consumer: `heartbeat.interval.ms`.
    Heartbeat,
    /// Consumer: `auto.commit.interval.ms`.
    AutoCommit,
    /// Consumer: the application comes back for the next poll.
    NextPoll,
    /// Consumer: `max.poll.interval.ms` without a poll.
    MaxPollInterval,
    /// Consumer: join, coordinator look-up or fetch is tried again.
    GroupRetry,
    /// Consumer: fetch is tried again.
    FetchRetry,
}

/// What a process wants done, in order. Append-only.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Effect {
    /// Send to another process over the network.
    Send { to: NodeId, correlation: Correlation, body: Body },
    /// Set (or move) a timer.
    SetTimer { timer: Timer, at: Time },
    /// Cancel a timer; none set is fine.
    CancelTimer { timer: Timer },
    /// Something worth telling has happened.
    Trace(TraceEvent),
    /// Close the connection on which this request came, without an answer.
    CloseConnection {
        /// Who sent the request.
        to: NodeId,
        /// Its number.
        correlation: Correlation,
    },
    /// The process ends by itself (controlled shutdown is done).
    Stop,
}

/// A choice the world makes for a process: which streams it comes from and what it is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Choice {
    /// Sticky partitioner's next partition.
    StickyPartition,
    /// First offsets and shuffles of replica placement.
    Placement,
    /// Which broker a client asks first.
    Bootstrap,
    /// Random part of a member id.
    MemberId,
    /// Jitter of a back-off.
    Jitter,
    /// Key, value or spacing of generated records.
    Workload,
}

/// Hands out choices. The usual one draws from a named, seeded stream; replay and people are others.
pub trait Chooser {
    /// A number in `0..bound`; `bound` is at least 1.
    fn choose(&mut self, choice: Choice, bound: u32) -> u32;
}

/// What a process sees while it handles one input.
pub struct Context<'a> {
    /// This process.
    pub me: NodeId,
    /// Now.
    pub now: Time,
    /// Its disk (brokers only use it).
    pub disk: &'a mut dyn Storage,
    /// Choices.
    pub chooser: &'a mut dyn Chooser,
    /// What it wants done.
    pub out: &'a mut Vec<Effect>,
}

impl Context<'_> {
    /// Sends a request or response.
    pub fn send(&mut self, to: NodeId, correlation: Correlation, body: impl Into<Body>) {
        self.out.push(Effect::Send { to, correlation, body: body.into() });
    }
    /// Sets or moves a timer.
    pub fn set_timer(&mut self, timer: Timer, at: Time) {
        self.out.push(Effect::SetTimer { timer, at });
    }
    /// Cancels a timer.
    pub fn cancel_timer(&mut self, timer: Timer) {
        self.out.push(Effect::CancelTimer { timer });
    }
    /// Tells the trace.
    pub fn trace(&mut self, event: TraceEvent) {
        self.out.push(Effect::Trace(event));
    }
}

/// A process: a plain value with one entry point.
pub trait Actor {
    /// Handles one input at one moment.
    fn handle(&mut self, input: Input, ctx: &mut Context<'_>);

    /// Whether it takes requests. While it does not, they are refused as by a closed port.
    fn listens(&self) -> bool {
        true
    }
}

/// Shared text.
pub type Name = Arc<str>;
