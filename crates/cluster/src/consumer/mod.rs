//! A consumer client as `KafkaConsumer` with the classic group protocol behaves: one application
//! thread that polls and processes, and a background that keeps the membership alive.
//!
//! Left out: static membership, cooperative rebalancing, fetch sessions, position validation with
//! OffsetsForLeaderEpoch (KIP-320), read_committed, follower fetching.

mod app;
mod commits;
mod fetcher;
mod membership;
mod metadata;
mod picture;
mod positions;
mod requests;
#[cfg(test)]
mod tests;
mod validation;

pub use app::Delivered;
pub use picture::OwnedPartition;

use crate::assignor::Assignment;
use crate::{
    Actor, Body, BrokerId, ConsumerConfig, Context, Correlation, Input, JoinGroupResponse, Name,
    NodeId, Response, Time, Timer, TopicPartition,
};
use app::App;
use commits::Commit;
use fetcher::Fetched;
use highwater_log::Offset;
use highwater_sorted::{SortedMap, SortedSet};
use membership::JoinState;
use metadata::Metadata;
use positions::Owned;
use requests::{InFlight, Kind, Trouble};
use std::collections::VecDeque;

/// A consumer process.
#[derive(Clone, Debug)]
pub struct Consumer {
    number: u32,
    group: Name,
    /// Sorted.
    topics: Vec<Name>,
    config: ConsumerConfig,
    bootstrap: Vec<BrokerId>,
    /// Time the application takes per record; `None` = it polls by hand.
    processing_us: Option<u64>,

    last_correlation: Correlation,
    in_flight: SortedMap<Correlation, InFlight>,
    troubles: SortedMap<BrokerId, Trouble>,
    metadata: Metadata,
    metadata_asked_at: Option<Time>,
    metadata_wanted_again: bool,

    coordinator: Option<BrokerId>,
    group_attempts: u32,
    group_retry_at: Option<Time>,
    member_id: Name,
    /// -1 = none.
    generation: i32,
    join_state: JoinState,
    join_request: Option<Correlation>,
    rejoin_needed: bool,
    /// Partitions were given back; JoinGroup may go out.
    prepared: bool,
    prepare_until: Option<Time>,
    /// The leader waits for metadata of topics that only other members subscribe to.
    leader_waits: Option<JoinGroupResponse>,
    /// Topics of the whole group, known to its leader only.
    group_topics: SortedSet<Name>,
    /// Partition counts the leader assigned by; a change asks for a rebalance.
    assigned_by: Option<SortedMap<Name, i32>>,
    /// An assignment naming topics the metadata does not know yet.
    unresolved: Option<Assignment>,
    /// When the coordinator was last heard of as a member.
    heard_at: Time,

    owned: SortedMap<TopicPartition, Owned>,
    fetched: VecDeque<Fetched>,
    fetch_turn: u64,

    app: App,
    close_requested: Option<bool>,
    next_auto_commit: Time,
    queued_commit: Option<Commit>,
    processed: u64,
    handed_out: u64,
    duplicates: u64,
    highest_seen: SortedMap<TopicPartition, Offset>,
    delivered: VecDeque<Delivered>,
}

impl Consumer {
    /// A consumer cN that subscribes to `topics` in `group`, knows the brokers `bootstrap` and whose
    /// application takes `processing_us` microseconds per record (`None` = it polls by hand, with
    /// [`crate::Command::Poll`]).
    pub fn new(
        number: u32,
        group: Name,
        mut topics: Vec<Name>,
        config: ConsumerConfig,
        bootstrap: Vec<BrokerId>,
        processing_us: Option<u64>,
    ) -> Self {
        highwater_sorted::sort(&mut topics);
        topics.dedup();
        Self {
            number,
            group,
            topics,
            config,
            bootstrap,
            processing_us,
            last_correlation: 0,
            in_flight: SortedMap::new(),
            troubles: SortedMap::new(),
            metadata: Metadata::default(),
            metadata_asked_at: None,
            metadata_wanted_again: false,
            coordinator: None,
            group_attempts: 0,
            group_retry_at: None,
            member_id: Name::from(""),
            generation: -1,
            join_state: JoinState::Unjoined,
            join_request: None,
            rejoin_needed: true,
            prepared: false,
            prepare_until: None,
            leader_waits: None,
            group_topics: SortedSet::new(),
            assigned_by: None,
            unresolved: None,
            heard_at: Time::default(),
            owned: SortedMap::new(),
            fetched: VecDeque::new(),
            fetch_turn: 0,
            app: App::Away,
            close_requested: None,
            next_auto_commit: Time::default(),
            queued_commit: None,
            processed: 0,
            handed_out: 0,
            duplicates: 0,
            highest_seen: SortedMap::new(),
            delivered: VecDeque::new(),
        }
    }

    fn response(
        &mut self,
        from: NodeId,
        correlation: Correlation,
        response: &Response,
        ctx: &mut Context<'_>,
    ) {
        let Some(request) = self.answered(from, correlation, ctx) else { return };
        let to = request.to;
        match (request.kind, response) {
            (Kind::Metadata, Response::Metadata(r)) => self.metadata_came(r, ctx),
            (Kind::FindCoordinator, Response::FindCoordinator(r)) => {
                self.coordinator_came(r, ctx);
            }
            (Kind::Join, Response::JoinGroup(r)) => self.joined(correlation, to, r, ctx),
            (Kind::Sync { generation }, Response::SyncGroup(r)) => {
                self.synced(generation, to, r, ctx);
            }
            (Kind::Heartbeat { generation }, Response::Heartbeat(r)) => {
                self.heartbeat_answered(generation, to, r, ctx);
            }
            (Kind::Leave, Response::LeaveGroup(_)) => self.left(ctx),
            (Kind::Commit(commit), Response::OffsetCommit(r)) => {
                self.commit_answered(commit, to, r, ctx);
            }
            (Kind::OffsetFetch { generation }, Response::OffsetFetch(r)) => {
                self.committed_came(generation, to, r, ctx);
            }
            (Kind::ListOffsets(partitions), Response::ListOffsets(r)) => {
                self.offsets_came(&partitions, r, ctx);
            }
            (Kind::Validate(positions), Response::OffsetForLeaderEpoch(r)) => {
                self.epochs_came(&positions, r, ctx);
            }
            (Kind::Fetch(partitions), Response::Fetch(r)) => {
                self.fetch_came(&partitions, r, ctx);
            }
            // An answer of another kind than the request, meant for a process that had this name before.
            (kind, _) => self.request_failed(correlation, InFlight { to, kind }, ctx),
        }
    }

    fn timer(&mut self, timer: Timer, ctx: &mut Context<'_>) {
        match timer {
            Timer::RequestTimeout(correlation) => self.timed_out(correlation, ctx),
            Timer::MetadataRefresh => self.ask_metadata(ctx),
            Timer::Heartbeat => self.heartbeat_due(ctx),
            Timer::MaxPollInterval => self.poll_interval_over(ctx),
            Timer::NextPoll => self.processing_done(ctx),
            Timer::GroupRetry => self.group_retry_at = None,
            // Looked at again when the consumer goes on below.
            _ => {}
        }
    }
}

impl Actor for Consumer {
    fn handle(&mut self, input: Input, ctx: &mut Context<'_>) {
        if self.is_over() {
            return;
        }
        match input {
            Input::Start => self.start(ctx),
            Input::Message(message) => {
                if let Body::Response(response) = &message.body {
                    self.response(message.from, message.correlation, response, ctx);
                }
            }
            Input::Timer(timer) => self.timer(timer, ctx),
            Input::Disconnected { correlation, .. } => self.disconnected(correlation, ctx),
            Input::Command(command) => self.command(command, ctx),
        }
        self.go_on(ctx);
    }
}
