//! What a picture, a lesson or a script may see of the world: plain data, made from it on demand by
//! `World::view()`. Nothing here points back into the engine, and nothing decides what Kafka does.

use highwater_cluster::{
    BrokerId, Command, Correlation, GroupState, KafkaError, Name, NodeId, Time, TopicPartition,
};
use highwater_log::{LeaderEpoch, Offset, Timestamp};

mod messages;

pub use messages::*;

/// The whole world at one moment, after `event` events.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WorldView {
    /// Number of events handled so far.
    pub event: u64,
    /// Virtual time of the last event.
    pub now: Time,
    /// Virtual time of the next scheduled event.
    pub next_event_at: Option<Time>,
    /// Seed of the run.
    pub seed: u64,
    /// In id order.
    pub brokers: Vec<BrokerView>,
    /// The controller.
    pub controller: ControllerView,
    /// Topics a person made, in id order; internal ones carry `internal`.
    pub topics: Vec<TopicView>,
    /// In order of number.
    pub producers: Vec<ProducerView>,
    /// In order of number.
    pub consumers: Vec<ConsumerView>,
    /// Groups known to any coordinator.
    pub groups: Vec<GroupView>,
    /// In flight now, in order of sending.
    pub messages: Vec<MessageView>,
    /// Links that are cut or slowed.
    pub links: Vec<LinkView>,
    /// Acknowledged records that are gone.
    pub lost: Vec<LostRecordView>,
    /// Broken promises so far (`InvariantBroken`).
    pub broken: Vec<(Name, String)>,
}

/// Whether a process runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ProcessState {
    /// Up.
    #[default]
    Running,
    /// Stopped as by SIGSTOP: inputs wait.
    Paused,
    /// Process gone, disk and page cache kept.
    Crashed,
    /// Power gone: unsynced bytes were lost.
    PoweredOff,
    /// Ended in order.
    ShutDown,
}

/// A broker.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct BrokerView {
    /// `node.id`.
    pub id: BrokerId,
    /// `broker.rack`.
    pub rack: Option<Name>,
    /// Whether it runs.
    pub state: ProcessState,
    /// When it stopped running, if it does not.
    pub down_since: Option<Time>,
    /// Fenced as far as the controller knows.
    pub fenced: bool,
    /// Broker epoch; -1 = not registered.
    pub broker_epoch: i64,
    /// Next offset of the metadata log it will apply.
    pub metadata_offset: i64,
    /// Waiting requests.
    pub purgatory: Vec<ParkedView>,
    /// Groups' offsets partitions it coordinates (numbers).
    pub coordinates: Vec<i32>,
    /// Latency added to its disk, microseconds (0 = none). Reserved.
    pub slow_disk_us: u64,
}

/// A request in purgatory.
#[derive(Clone, PartialEq, Debug)]
pub struct ParkedView {
    /// Number of the waiting entry.
    pub id: u64,
    /// Who waits.
    pub from: NodeId,
    /// Its request number.
    pub correlation: Correlation,
    /// The partition waited for (the first, when several).
    pub tp: TopicPartition,
    /// What it is.
    pub what: ParkedKind,
    /// Waiting since.
    pub since: Time,
    /// Answered at the latest.
    pub deadline: Time,
}

/// Kind of waiting request.
#[derive(Clone, PartialEq, Debug)]
pub enum ParkedKind {
    /// acks=all: waits until the high watermark reaches `required_offset`.
    Produce { base_offset: Offset, required_offset: Offset, keys: Vec<KeyView> },
    /// Waits for `min_bytes` at `fetch_offset`.
    Fetch { fetch_offset: Offset, min_bytes: i32, follower: bool },
}

/// The controller.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ControllerView {
    /// Whether it runs.
    pub state: ProcessState,
    /// End of the metadata log.
    pub metadata_end_offset: i64,
    /// `(broker, last heartbeat, session ends)`.
    pub sessions: Vec<(BrokerId, Time, Time)>,
    /// The last change it wrote, in the form of a trace event's text: "ISR of orders-0 is {1, 2}, was {1, 2, 3}".
    pub last_change: Option<(Time, String)>,
}

/// A topic.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TopicView {
    /// Id number.
    pub id: u32,
    /// Name.
    pub name: String,
    /// `__consumer_offsets` and the like.
    pub internal: bool,
    /// Settings that differ from the defaults, by Kafka's names.
    pub configs: Vec<(Name, Name)>,
    /// Effective `min.insync.replicas`.
    pub min_insync_replicas: i32,
    /// Effective `segment.bytes` (or `internal.segment.bytes`).
    pub segment_bytes: i64,
    /// Effective `retention.ms`; -1 = unlimited.
    pub retention_ms: i64,
    /// Effective `retention.bytes`; -1 = unlimited.
    pub retention_bytes: i64,
    /// By number.
    pub partitions: Vec<PartitionView>,
}

/// A partition as the controller has it, with all its replicas.
#[derive(Clone, PartialEq, Debug)]
pub struct PartitionView {
    /// Which.
    pub tp: TopicPartition,
    /// `orders-0`.
    pub name: String,
    /// Leader by the controller; -1 = none.
    pub leader: BrokerId,
    /// Its epoch.
    pub leader_epoch: LeaderEpoch,
    /// Partition epoch.
    pub partition_epoch: i32,
    /// Assigned replicas, preferred first.
    pub replicas: Vec<BrokerId>,
    /// In-sync replicas by the controller.
    pub isr: Vec<BrokerId>,
    /// One per assigned replica, in broker id order; absent when the broker has no such log yet.
    pub logs: Vec<ReplicaView>,
}

/// Role of a replica as its own broker believes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub enum Role {
    Leader,
    #[default]
    Follower,
    /// Broker down: what is drawn is what its disk has.
    Offline,
}

/// One replica.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ReplicaView {
    /// Where.
    pub broker: BrokerId,
    /// As its broker believes.
    pub role: Role,
    /// Leader epoch its broker believes in; -1 = none.
    pub leader_epoch: LeaderEpoch,
    /// Leader its broker believes in; -1 = none.
    pub leader: BrokerId,
    /// First readable offset.
    pub log_start_offset: Offset,
    /// Next offset to be written.
    pub log_end_offset: Offset,
    /// High watermark as this replica knows it.
    pub high_watermark: Offset,
    /// Last stable offset (equals the high watermark without transactions).
    pub last_stable_offset: Offset,
    /// Offsets below are flushed (recovery point).
    pub recovery_point: Offset,
    /// In the ISR by the controller.
    pub in_isr: bool,
    /// Why it is out of the ISR, in three short lines at most: what, setting, value.
    pub out_reason: Vec<String>,
    /// Whole log in bytes.
    pub size_bytes: u64,
    /// Oldest first; the last is active.
    pub segments: Vec<SegmentView>,
    /// Batches of the visible end of the log (up to 64 newest), oldest first.
    pub batches: Vec<BatchView>,
    /// `(epoch, start offset)`.
    pub epoch_cache: Vec<(LeaderEpoch, Offset)>,
    /// On the leader: what it knows of each follower.
    pub followers: Vec<FollowerView>,
    /// On the leader: members that count for the high watermark and acks.
    pub maximal_isr: Vec<BrokerId>,
    /// On the leader: an AlterPartition is in flight with this ISR.
    pub pending_isr: Option<Vec<BrokerId>>,
    /// On a follower: offset of its next or current fetch, and whether one is in flight.
    pub fetching: Option<(Offset, bool)>,
}

/// A follower as the leader knows it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FollowerView {
    /// Who.
    pub broker: BrokerId,
    /// Log end offset from its last fetch; -1 = unknown.
    pub log_end_offset: Offset,
    /// Counts for the ISR by the leader (committed).
    pub in_isr: bool,
    /// Last time it had everything.
    pub last_caught_up: Time,
    /// Last fetch.
    pub last_fetch: Option<Time>,
    /// Out of the ISR when it has not caught up by then (`replica.lag.time.max.ms`); `None` when it has everything.
    pub lag_deadline: Option<Time>,
}

/// A segment.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SegmentView {
    /// First offset, as in its file name.
    pub base_offset: Offset,
    /// First offset after it.
    pub next_offset: Offset,
    /// Bytes of its `.log`.
    pub size_bytes: u64,
    /// The one written to.
    pub active: bool,
    /// Everything in it is flushed.
    pub flushed: bool,
    /// Largest timestamp; -1 = none.
    pub largest_timestamp: Timestamp,
    /// When it was made.
    pub created: Timestamp,
    /// Offset index: `(offset, position)`.
    pub offset_index: Vec<(Offset, u32)>,
    /// Time index: `(timestamp, offset)`.
    pub time_index: Vec<(Timestamp, Offset)>,
}

/// A record batch.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct BatchView {
    /// First offset.
    pub base_offset: Offset,
    /// Last offset.
    pub last_offset: Offset,
    /// Leader epoch stamped on it.
    pub leader_epoch: LeaderEpoch,
    /// Size in bytes, header included.
    pub size_bytes: u32,
    /// Position in its segment file.
    pub position: u32,
    /// Base offset of its segment.
    pub segment: Offset,
    /// Largest timestamp.
    pub max_timestamp: Timestamp,
    /// Records.
    pub records: Vec<RecordView>,
}

/// A record.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RecordView {
    /// Offset.
    pub offset: Offset,
    /// Timestamp.
    pub timestamp: Timestamp,
    /// Key as shown.
    pub key: KeyView,
    /// Value as text (lossy, at most 64 characters); `None` = null.
    pub value: Option<String>,
    /// Which producer wrote it (1 = p1), when known.
    pub producer: Option<u32>,
    /// Acknowledged to its producer (acks 1 or all).
    pub acknowledged: bool,
}

/// A key as a picture shows it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeyView {
    /// Whole key as text; `None` = null key.
    pub text: Option<String>,
    /// Stable letter ('A'..='Z', then lower case); '·' for a null key.
    pub letter: char,
    /// Hue 0..8.
    pub hue: u8,
}

/// A producer.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ProducerView {
    /// 1 = p1.
    pub number: u32,
    /// Whether it runs.
    pub state: ProcessState,
    /// "all", "1", "0".
    pub acks: Name,
    /// Settings that differ from the defaults.
    pub configs: Vec<(Name, Name)>,
    /// Topic it sends to.
    pub topic: Option<Name>,
    /// Records per batch waiting: `(partition, keys, bytes)`.
    pub waiting: Vec<(TopicPartition, Vec<KeyView>, u32)>,
    /// Batches sent and not answered: `(partition, keys, base offset once known, attempt)`.
    pub in_flight: Vec<(TopicPartition, Vec<KeyView>, Option<Offset>, i32)>,
    /// Records acknowledged, failed, sent without acknowledgement.
    pub acknowledged: u64,
    /// Records given up.
    pub failed: u64,
    /// acks=0 records handed to the network.
    pub unacknowledged: u64,
    /// The last error and when.
    pub last_error: Option<(KafkaErrorView, Time)>,
    /// Microseconds between records; 0 = by hand.
    pub every_us: u64,
}

/// An error with its time-independent text.
pub type KafkaErrorView = KafkaError;

/// A consumer.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ConsumerView {
    /// 1 = c1.
    pub number: u32,
    /// Whether it runs.
    pub state: ProcessState,
    /// Group id.
    pub group: Name,
    /// Topics subscribed.
    pub topics: Vec<Name>,
    /// What it is doing, in words: "joining", "waiting for the group", "fetching", "idle".
    pub doing: String,
    /// Why it is idle, when it is: "3 members, 2 partitions".
    pub idle_reason: Option<String>,
    /// Member id; empty = none yet.
    pub member_id: Name,
    /// Generation; -1 = none.
    pub generation: i32,
    /// What it owns and where it is.
    pub owned: Vec<OwnedView>,
    /// Its application's commit would be sent now: the member is settled and has a position.
    pub can_commit: bool,
    /// Settings that differ from the defaults.
    pub configs: Vec<(Name, Name)>,
    /// Records handed to the application.
    pub processed: u64,
    /// Handed out a second time or more.
    pub duplicates: u64,
}

/// A partition in a consumer's hands.
#[derive(Clone, PartialEq, Debug)]
pub struct OwnedView {
    /// Which.
    pub tp: TopicPartition,
    /// Next offset to read; `None` = not known yet.
    pub position: Option<Offset>,
    /// Last commit it knows of.
    pub committed: Option<Offset>,
    /// Fetched and not yet polled.
    pub buffered: u32,
}

/// A group at its coordinator.
#[derive(Clone, PartialEq, Debug)]
pub struct GroupView {
    /// Group id.
    pub id: Name,
    /// Coordinator; -1 = none now.
    pub coordinator: BrokerId,
    /// Partition of `__consumer_offsets`.
    pub offsets_partition: i32,
    /// State.
    pub state: GroupState,
    /// Generation.
    pub generation: i32,
    /// Chosen assignor.
    pub protocol: Option<Name>,
    /// Members in order of joining.
    pub members: Vec<MemberView>,
    /// Committed offsets.
    pub committed: Vec<(TopicPartition, Offset)>,
    /// A rebalance phase under way: `(since, ends at the latest)`.
    pub phase: Option<(Time, Time)>,
}

/// A member.
#[derive(Clone, PartialEq, Debug)]
pub struct MemberView {
    /// Member id.
    pub member_id: Name,
    /// The client, when it is one of ours.
    pub client: Option<NodeId>,
    /// Leads the group (computes the assignment).
    pub leader: bool,
    /// Its JoinGroup is parked.
    pub joined: bool,
    /// Removed when silent until then.
    pub session_deadline: Option<Time>,
    /// Assigned partitions.
    pub assignment: Vec<TopicPartition>,
}

/// A link with a fault on it.
#[derive(Clone, PartialEq, Debug)]
pub struct LinkView {
    /// One direction: from.
    pub from: NodeId,
    /// To.
    pub to: NodeId,
    /// Nothing passes.
    pub cut: bool,
    /// Latency in microseconds when it is set by a fault.
    pub latency_us: Option<u64>,
}

/// A record that was acknowledged and is gone.
#[derive(Clone, PartialEq, Debug)]
pub struct LostRecordView {
    /// Where it was.
    pub tp: TopicPartition,
    /// Its offset then.
    pub offset: Offset,
    /// Key.
    pub key: KeyView,
    /// acks it was sent with (-1 = all).
    pub acks: i16,
    /// When it was acknowledged.
    pub acknowledged_at: Time,
    /// When it was lost.
    pub lost_at: Time,
}

/// What could be done now to the selected thing: the action's text form and a short label.
#[derive(Clone, PartialEq, Debug)]
pub struct ActionView {
    /// In the grammar of `Action`'s text form.
    pub action: String,
    /// Button text.
    pub label: String,
}

/// Re-exported for the convenience of those who build views by hand.
pub type UserCommand = Command;
