//! The broker: replicas as leader and follower, and the requests of clients (Kafka: `BrokerServer`,
//! `ReplicaManager`, `KafkaApis`).
//!
//! Every handler runs to its end at one moment; what Kafka does in other threads (fetchers, the
//! expiration of waiting requests, log maintenance) are timers and messages here.

mod admin;
mod alter_partition;
mod checkpoint;
mod core;
mod delayed;
mod fetch;
mod fetcher;
mod fetcher_answer;
mod fetcher_run;
mod host;
mod isr;
mod lifecycle;
mod list_offsets;
mod log_manager;
mod metadata_log;
mod partition;
mod produce;
mod purgatory;
mod read;
mod replica;
mod rules;
mod transition;
mod view;

#[cfg(test)]
mod tests;

pub use fetcher::{FetchPhase, FetchState, Fetcher, InFlightFetch};
pub use isr::{IsrState, ProposalId};
pub use partition::Partition;
pub use purgatory::{ParkedFetch, ParkedProduce, ProduceStatus, Purgatory};
pub use replica::ReplicaState;
pub use rules::{Holds, Ineligible, IsrObstacle};

use self::core::Core;
use crate::group::GroupCoordinator;
use crate::{
    Actor, Body, BrokerConfig, BrokerId, Command, Context, Input, Message, Name, NodeId, Request,
    Response, Timer,
};
use std::sync::Arc;

/// A broker process: a plain value, made anew at each start from what is on its disk.
#[derive(Clone, Debug)]
pub struct Broker {
    core: Core,
    coordinator: GroupCoordinator,
}

impl Broker {
    /// The process of broker `id` before [`Input::Start`]. `incarnation` numbers its starts: 1, 2, ...
    pub fn new(id: BrokerId, rack: Option<Name>, incarnation: u64, config: BrokerConfig) -> Self {
        Self {
            core: Core::new(id, rack, incarnation, config),
            coordinator: GroupCoordinator::new(),
        }
    }

    fn message(&mut self, message: Message, ctx: &mut Context<'_>) {
        let Message { from, correlation, body, .. } = message;
        match body {
            Body::Request(request) => self.request(from, correlation, &request, ctx),
            Body::Response(response) => self.core.response(from, correlation, &response, ctx),
        }
    }

    fn request(
        &mut self,
        from: NodeId,
        correlation: u64,
        request: &Arc<Request>,
        ctx: &mut Context<'_>,
    ) {
        let core = &mut self.core;
        match &**request {
            Request::Produce(produce) => core.handle_produce(from, correlation, produce, ctx),
            Request::Fetch(_) => core.handle_fetch(from, correlation, request, ctx),
            Request::ListOffsets(list) => core.handle_list_offsets(from, correlation, list, ctx),
            Request::OffsetForLeaderEpoch(epochs) => {
                core.handle_offset_for_leader_epoch(from, correlation, epochs, ctx)
            }
            Request::Metadata(metadata) => core.handle_metadata(from, correlation, metadata, ctx),
            Request::FindCoordinator(find) => {
                core.handle_find_coordinator(from, correlation, find, ctx)
            }
            Request::JoinGroup(_)
            | Request::SyncGroup(_)
            | Request::Heartbeat(_)
            | Request::LeaveGroup(_)
            | Request::OffsetCommit(_)
            | Request::OffsetFetch(_) => {
                self.coordinator.handle(from, correlation, request, ctx, core);
            }
            // For the controller only: a client that sends them here gets no answer and times out.
            Request::CreateTopics(_)
            | Request::CreatePartitions(_)
            | Request::ElectLeaders(_)
            | Request::IncrementalAlterConfigs(_)
            | Request::AlterPartition(_)
            | Request::BrokerRegistration(_)
            | Request::BrokerHeartbeat(_)
            | Request::FetchMetadataLog(_) => {}
        }
    }

    /// Tells the coordinator what became of the offsets partitions, until nothing is left to tell.
    fn tell_coordinator(&mut self, ctx: &mut Context<'_>) {
        while let Some(news) = self.core.take_offsets_news() {
            match news {
                core::OffsetsNews::Elected(partition) => {
                    let records = self.core.offsets_records(partition, ctx);
                    self.coordinator.on_leader_elected(partition, &records, ctx, &mut self.core);
                }
                core::OffsetsNews::Resigned(partition) => {
                    self.coordinator.on_resigned(partition, ctx, &mut self.core);
                }
                core::OffsetsNews::Committed(partition, high_watermark) => {
                    self.coordinator.on_committed(partition, high_watermark, ctx, &mut self.core);
                }
            }
        }
    }
}

impl Core {
    fn response(
        &mut self,
        from: NodeId,
        correlation: u64,
        response: &Response,
        ctx: &mut Context<'_>,
    ) {
        match response {
            Response::Fetch(fetch) => self.handle_fetch_response(from, correlation, fetch, ctx),
            Response::ListOffsets(list) => {
                self.handle_list_offsets_response(correlation, list, ctx)
            }
            Response::FetchMetadataLog(log) => {
                self.handle_metadata_log_response(correlation, log, ctx)
            }
            Response::AlterPartition(alter) => {
                self.handle_alter_partition_response(correlation, alter, ctx)
            }
            Response::BrokerRegistration(r) => {
                self.handle_registration_response(correlation, r, ctx)
            }
            Response::BrokerHeartbeat(r) => self.handle_heartbeat_response(correlation, r, ctx),
            Response::CreateTopics(_) => self.handle_create_topics_response(correlation),
            _ => {}
        }
    }

    /// Whether a timer is the broker's own; the others are the coordinator's.
    fn owns(&self, timer: Timer) -> bool {
        matches!(
            timer,
            Timer::BrokerHeartbeat
                | Timer::RegistrationRetry
                | Timer::MetadataFetchRetry
                | Timer::FetchBackoff(_)
                | Timer::FetchWait(_)
                | Timer::ProduceTimeout(_)
                | Timer::IsrExpiration
                | Timer::RetentionCheck
                | Timer::FileDelete
                | Timer::HighWatermarkCheckpoint
                | Timer::RecoveryPointCheckpoint
                | Timer::AlterPartitionRetry
        )
    }

    fn timer(&mut self, timer: Timer, ctx: &mut Context<'_>) {
        match timer {
            Timer::BrokerHeartbeat => self.heartbeat_due(ctx),
            Timer::RegistrationRetry => self.register(ctx),
            Timer::MetadataFetchRetry => self.metadata_fetch_due(ctx),
            Timer::FetchBackoff(leader) => self.fetcher_due(leader, ctx),
            Timer::FetchWait(id) => self.answer_parked_fetch(id, true, ctx),
            Timer::ProduceTimeout(id) => self.expire_produce(id, ctx),
            Timer::IsrExpiration => self.isr_expiration_due(ctx),
            Timer::RetentionCheck => self.retention_due(ctx),
            Timer::FileDelete => self.file_delete_due(ctx),
            Timer::HighWatermarkCheckpoint => self.high_watermark_checkpoint_due(ctx),
            Timer::RecoveryPointCheckpoint => self.recovery_point_checkpoint_due(ctx),
            Timer::AlterPartitionRetry => self.alter_partition_due(ctx),
            _ => {}
        }
    }
}

impl Actor for Broker {
    fn handle(&mut self, input: Input, ctx: &mut Context<'_>) {
        if self.core.is_stopped() {
            return;
        }
        match input {
            Input::Start => self.core.start(ctx),
            Input::Message(message) => self.message(message, ctx),
            Input::Timer(timer) if self.core.owns(timer) => self.core.timer(timer, ctx),
            Input::Timer(timer) => self.coordinator.timer(timer, ctx, &mut self.core),
            Input::Disconnected { peer, correlation } => {
                self.core.disconnected(peer, correlation, ctx)
            }
            Input::Command(Command::ShutDown) => self.core.begin_shut_down(ctx),
            Input::Command(_) => {}
        }
        self.tell_coordinator(ctx);
        self.core.listen_when_caught_up();
    }

    fn listens(&self) -> bool {
        self.core.lifecycle.listens
    }
}
