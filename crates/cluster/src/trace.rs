//! Typed events of the trace: what happened, in the field's words, with numbers. The stage, lessons,
//! invariants and tests read these; nothing reads log text.

use crate::{BrokerId, KafkaError, Name, TopicPartition};
use highwater_log::{LeaderEpoch, Offset};

/// Why a segment went.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum DeletionReason {
    /// `retention.ms`.
    RetentionMs,
    /// `retention.bytes`.
    RetentionBytes,
    /// Below the log start offset.
    LogStartOffset,
}

/// States of a classic group (Kafka: `ClassicGroupState`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs)]
pub enum GroupState {
    Empty,
    PreparingRebalance,
    CompletingRebalance,
    Stable,
    Dead,
}

impl GroupState {
    /// Kafka's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
            Self::Dead => "Dead",
        }
    }
}

/// Something that happened inside a process. The process is known from the record around it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum TraceEvent {
    // --- replica logs (process: a broker)
    BatchAppended {
        tp: TopicPartition,
        base_offset: Offset,
        last_offset: Offset,
        epoch: LeaderEpoch,
        bytes: u32,
        as_leader: bool,
    },
    SegmentRolled {
        tp: TopicPartition,
        base_offset: Offset,
    },
    SegmentDeleted {
        tp: TopicPartition,
        base_offset: Offset,
        next_offset: Offset,
        bytes: u64,
        reason: DeletionReason,
    },
    /// A `.deleted` file was unlinked after `file.delete.delay.ms`.
    FileUnlinked {
        tp: TopicPartition,
        base_offset: Offset,
    },
    LogStartOffsetMoved {
        tp: TopicPartition,
        from: Offset,
        to: Offset,
    },
    LogTruncated {
        tp: TopicPartition,
        from: Offset,
        to: Offset,
    },
    LogRecovered {
        tp: TopicPartition,
        log_end_offset: Offset,
        cut_bytes: u64,
    },
    HighWatermarkMoved {
        tp: TopicPartition,
        from: Offset,
        to: Offset,
        as_leader: bool,
    },

    // --- replication
    /// The leader has taken a follower's fetch offset in.
    FollowerStateUpdated {
        tp: TopicPartition,
        follower: BrokerId,
        log_end_offset: Offset,
    },
    FetchParked {
        id: u64,
        from: crate::NodeId,
        tp: TopicPartition,
        offset: Offset,
    },
    FetchUnparked {
        id: u64,
        timed_out: bool,
    },
    /// A follower was told that its log differs.
    DivergenceFound {
        tp: TopicPartition,
        follower: BrokerId,
        epoch: LeaderEpoch,
        end_offset: Offset,
    },
    BecameLeader {
        tp: TopicPartition,
        epoch: LeaderEpoch,
        log_end_offset: Offset,
    },
    BecameFollower {
        tp: TopicPartition,
        epoch: LeaderEpoch,
        leader: BrokerId,
    },
    IsrShrinkProposed {
        tp: TopicPartition,
        out: Vec<BrokerId>,
        isr: Vec<BrokerId>,
    },
    IsrExpandProposed {
        tp: TopicPartition,
        added: BrokerId,
        isr: Vec<BrokerId>,
    },
    AlterPartitionRefused {
        tp: TopicPartition,
        error: KafkaError,
    },

    // --- produce at the broker
    ProduceParked {
        id: u64,
        tp: TopicPartition,
        base_offset: Offset,
        required_offset: Offset,
    },
    ProduceUnparked {
        id: u64,
        error: Option<KafkaError>,
    },
    ProduceRefused {
        tp: TopicPartition,
        error: KafkaError,
    },

    // --- controller
    BrokerRegistered {
        broker: BrokerId,
        broker_epoch: i64,
    },
    BrokerFenced {
        broker: BrokerId,
    },
    BrokerUnfenced {
        broker: BrokerId,
    },
    TopicCreated {
        name: Name,
        partitions: i32,
        replication_factor: i32,
    },
    PartitionsCreated {
        name: Name,
        total: i32,
    },
    IsrChanged {
        tp: TopicPartition,
        from: Vec<BrokerId>,
        to: Vec<BrokerId>,
        partition_epoch: i32,
    },
    LeaderElected {
        tp: TopicPartition,
        leader: BrokerId,
        epoch: LeaderEpoch,
        unclean: bool,
    },
    LeaderLost {
        tp: TopicPartition,
        epoch: LeaderEpoch,
    },
    ConfigChanged {
        topic: Option<Name>,
        name: Name,
        value: Name,
    },
    AdminRefused {
        what: Name,
        error: KafkaError,
        message: String,
    },
    /// Answer to the admin client's ElectLeaders.
    ElectionAnswered {
        tp: TopicPartition,
        error: Option<KafkaError>,
    },

    // --- group coordinator
    GroupStateChanged {
        group: Name,
        from: GroupState,
        to: GroupState,
        generation: i32,
    },
    MemberJoined {
        group: Name,
        member: Name,
    },
    MemberLeft {
        group: Name,
        member: Name,
        session_expired: bool,
    },
    GenerationFormed {
        group: Name,
        generation: i32,
        protocol: Name,
        leader: Name,
        members: Vec<Name>,
    },
    OffsetCommitted {
        group: Name,
        tp: TopicPartition,
        offset: Offset,
    },
    CommitRefused {
        group: Name,
        member: Name,
        error: KafkaError,
    },
    CoordinatorLoaded {
        partition: i32,
        groups: u32,
    },

    // --- producer
    RecordSent {
        topic: Name,
        partition: i32,
        sequence: u64,
    },
    /// The producer's own view: the batch's records are acknowledged (acks 1 or all).
    Acknowledged {
        tp: TopicPartition,
        base_offset: Offset,
        count: i32,
        acks: i16,
    },
    /// With acks=0: given to the network, nothing more will be heard.
    SentWithoutAck {
        tp: TopicPartition,
        count: i32,
    },
    /// `send()` gave up before the record got into a batch: too large for `max.request.size`, no
    /// metadata or no memory within `max.block.ms` (REQUEST_TIMED_OUT), no such topic name.
    RecordRefused {
        topic: Name,
        error: KafkaError,
    },
    SendFailed {
        tp: TopicPartition,
        count: i32,
        error: KafkaError,
    },
    SendRetried {
        tp: TopicPartition,
        count: i32,
        error: KafkaError,
        attempt: i32,
    },

    // --- consumer
    CoordinatorFound {
        group: Name,
        broker: BrokerId,
    },
    PartitionsRevoked {
        group: Name,
        partitions: Vec<TopicPartition>,
        lost: bool,
    },
    PartitionsAssigned {
        group: Name,
        partitions: Vec<TopicPartition>,
        generation: i32,
    },
    PositionReset {
        tp: TopicPartition,
        offset: Offset,
        to: Name,
    },
    /// The new leader's log does not have what this consumer had read: it goes back.
    TruncationDetected {
        tp: TopicPartition,
        from: Offset,
        offset: Offset,
    },
    PositionFromCommit {
        tp: TopicPartition,
        offset: Offset,
    },
    /// The application was handed these records (offsets first..=last) by one poll.
    RecordsPolled {
        tp: TopicPartition,
        first: Offset,
        last: Offset,
        count: i32,
    },
    CommitSent {
        group: Name,
        offsets: Vec<(TopicPartition, Offset)>,
        automatic: bool,
    },
    ConsumerFailed {
        reason: Name,
    },

    // --- the world
    Crashed {
        power_loss: bool,
    },
    Restarted,
    Paused,
    Resumed,
    ShutDown,
    LinkChanged {
        from: crate::NodeId,
        to: crate::NodeId,
        cut: bool,
        latency_us: u64,
    },
    MessageDropped {
        message: u64,
        reason: Name,
    },
    MessageDelayed {
        message: u64,
        until: crate::Time,
    },
    /// Bytes that a power loss took back.
    UnsyncedBytesLost {
        tp: TopicPartition,
        from: Offset,
        to: Offset,
    },
    /// An acknowledged record is on no electable replica's log any more, as the settings allow.
    AcknowledgedRecordLost {
        tp: TopicPartition,
        offset: Offset,
        acks: i16,
        acknowledged_at: crate::Time,
    },
    ProcessAdded,
    ProcessRemoved,
    InvariantBroken {
        id: Name,
        message: String,
    },
}

impl TraceEvent {
    /// The variant's name, as lessons and `--trace` files write it.
    pub fn name(&self) -> &'static str {
        trace_name(self)
    }
}

macro_rules! names {
    ($($v:ident),* $(,)?) => {
        fn trace_name(e: &TraceEvent) -> &'static str {
            match e { $(TraceEvent::$v { .. } => stringify!($v),)* }
        }
        /// Every event name, for messages that list what is allowed.
        pub const TRACE_NAMES: &[&str] = &[$(stringify!($v),)*];
    };
}

names!(
    BatchAppended,
    SegmentRolled,
    SegmentDeleted,
    FileUnlinked,
    LogStartOffsetMoved,
    LogTruncated,
    LogRecovered,
    HighWatermarkMoved,
    FollowerStateUpdated,
    FetchParked,
    FetchUnparked,
    DivergenceFound,
    BecameLeader,
    BecameFollower,
    IsrShrinkProposed,
    IsrExpandProposed,
    AlterPartitionRefused,
    ProduceParked,
    ProduceUnparked,
    ProduceRefused,
    BrokerRegistered,
    BrokerFenced,
    BrokerUnfenced,
    TopicCreated,
    PartitionsCreated,
    IsrChanged,
    LeaderElected,
    LeaderLost,
    ConfigChanged,
    AdminRefused,
    ElectionAnswered,
    GroupStateChanged,
    MemberJoined,
    MemberLeft,
    GenerationFormed,
    OffsetCommitted,
    CommitRefused,
    CoordinatorLoaded,
    RecordSent,
    Acknowledged,
    SentWithoutAck,
    RecordRefused,
    SendFailed,
    SendRetried,
    CoordinatorFound,
    PartitionsRevoked,
    PartitionsAssigned,
    PositionReset,
    TruncationDetected,
    PositionFromCommit,
    RecordsPolled,
    CommitSent,
    ConsumerFailed,
    Crashed,
    Restarted,
    Paused,
    Resumed,
    ShutDown,
    LinkChanged,
    MessageDropped,
    MessageDelayed,
    UnsyncedBytesLost,
    AcknowledgedRecordLost,
    ProcessAdded,
    ProcessRemoved,
    InvariantBroken,
);
