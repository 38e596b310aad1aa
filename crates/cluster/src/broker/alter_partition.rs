//! Proposing ISR changes to the controller and taking its answers in
//! (Kafka: `AlterPartitionManager`, `Partition.submitAlterPartition`).

use super::core::Core;
use super::isr::{InFlightAlter, IsrState, ProposalId};
use crate::{
    AlterPartitionItem, AlterPartitionRequest, AlterPartitionResponse, AlterPartitionResult,
    Context, Correlation, KafkaError, NodeId, Request, Span, Timer, TopicPartition, TraceEvent,
};
use std::sync::Arc;

/// After an error of the whole request, as in Kafka.
const RETRY: Span = Span(50_000);

impl Core {
    /// Sends what is proposed, unless a request is under way.
    pub(super) fn send_alter_partitions(&mut self, ctx: &mut Context<'_>) {
        if self.alter.in_flight.is_some() || self.alter.backing_off || self.alter.waiting.is_empty()
        {
            return;
        }
        let mut items = Vec::new();
        let mut partitions = Vec::new();
        for (tp, proposal) in std::mem::take(&mut self.alter.waiting) {
            if let Some(item) = self.alter_partition_item(tp, proposal) {
                partitions.push(item);
                items.push((tp, proposal));
            }
        }
        if partitions.is_empty() {
            return;
        }
        let correlation = self.next_correlation();
        self.alter.in_flight = Some(InFlightAlter { correlation, items });
        let broker_epoch = self.lifecycle.broker_epoch;
        let request = AlterPartitionRequest { broker_id: self.id, broker_epoch, partitions };
        ctx.send(NodeId::Controller, correlation, Request::AlterPartition(request));
        let timeout = Span::from_ms(self.config.request_timeout_ms);
        ctx.set_timer(Timer::AlterPartitionRetry, ctx.now + timeout);
    }

    /// The proposal as it stands; `None` when it has been overtaken.
    fn alter_partition_item(
        &self,
        tp: TopicPartition,
        proposal: ProposalId,
    ) -> Option<AlterPartitionItem> {
        let partition = self.partitions.get(&tp)?;
        if !partition.is_leader() || partition.isr.proposal() != Some(proposal) {
            return None;
        }
        Some(AlterPartitionItem {
            tp,
            leader_epoch: partition.leader_epoch,
            new_isr: partition.proposed_isr(self.lifecycle.broker_epoch)?,
            leader_recovery_state: 0,
            partition_epoch: partition.partition_epoch,
        })
    }

    pub(super) fn handle_alter_partition_response(
        &mut self,
        correlation: Correlation,
        response: &AlterPartitionResponse,
        ctx: &mut Context<'_>,
    ) {
        let Some(sent) = self.take_alter(correlation) else { return };
        ctx.cancel_timer(Timer::AlterPartitionRetry);
        if let Some(error) = response.error {
            for (tp, _) in &sent.items {
                ctx.trace(TraceEvent::AlterPartitionRefused { tp: *tp, error });
            }
            self.propose_again_later(sent, ctx);
            return;
        }
        for (tp, proposal) in sent.items {
            match response.partitions.iter().find(|p| p.tp == tp) {
                Some(result) => self.alter_partition_result(proposal, result, ctx),
                None => self.propose_again(tp, proposal),
            }
        }
        self.send_alter_partitions(ctx);
    }

    fn take_alter(&mut self, correlation: Correlation) -> Option<InFlightAlter> {
        self.alter.in_flight.take_if(|sent| sent.correlation == correlation)
    }

    fn propose_again(&mut self, tp: TopicPartition, proposal: ProposalId) {
        self.alter.waiting.entry(tp).or_insert(proposal);
    }

    fn propose_again_later(&mut self, sent: InFlightAlter, ctx: &mut Context<'_>) {
        for (tp, proposal) in sent.items {
            self.propose_again(tp, proposal);
        }
        self.alter.backing_off = true;
        ctx.set_timer(Timer::AlterPartitionRetry, ctx.now + RETRY);
    }

    fn alter_partition_result(
        &mut self,
        proposal: ProposalId,
        result: &AlterPartitionResult,
        ctx: &mut Context<'_>,
    ) {
        let tp = result.tp;
        let Some((partition, around, _)) = self.partition_mut(tp, ctx.now) else { return };
        if partition.isr.proposal() != Some(proposal) {
            return; // A metadata change has replaced the proposal; the answer is out of date.
        }
        let Some(error) = result.error else {
            if result.leader_epoch != partition.leader_epoch
                || result.partition_epoch < partition.partition_epoch
            {
                return;
            }
            partition.isr = IsrState::Committed { isr: result.isr.clone() };
            partition.partition_epoch = result.partition_epoch;
            let moved = partition.maybe_increment_high_watermark(around, ctx);
            if moved {
                self.complete_delayed(tp, true, ctx);
            }
            return;
        };
        ctx.trace(TraceEvent::AlterPartitionRefused { tp, error });
        match error {
            KafkaError::IneligibleReplica => partition.isr.roll_back(),
            // Nothing to do but wait for the metadata that tells why.
            KafkaError::UnknownTopicOrPartition
            | KafkaError::UnknownTopicId
            | KafkaError::FencedLeaderEpoch
            | KafkaError::InvalidUpdateVersion
            | KafkaError::InvalidRequest
            | KafkaError::NewLeaderElected => {}
            _ => self.propose_again(tp, proposal),
        }
    }

    pub(super) fn alter_partition_failed(
        &mut self,
        correlation: Correlation,
        ctx: &mut Context<'_>,
    ) {
        if let Some(sent) = self.take_alter(correlation) {
            self.propose_again_later(sent, ctx);
        }
    }

    /// The back-off is over, or the answer is overdue.
    pub(super) fn alter_partition_due(&mut self, ctx: &mut Context<'_>) {
        self.alter.backing_off = false;
        if let Some(sent) = self.alter.in_flight.take() {
            for (tp, proposal) in sent.items {
                self.propose_again(tp, proposal);
            }
        }
        self.send_alter_partitions(ctx);
    }

    /// Looks for followers that lag too long, every half of `replica.lag.time.max.ms`.
    pub(super) fn isr_expiration_due(&mut self, ctx: &mut Context<'_>) {
        let max_lag_ms = self.config.replica_lag_time_max_ms;
        for partition in self.partitions.values_mut() {
            let out = partition.out_of_sync(ctx.now, max_lag_ms);
            if !out.is_empty() {
                Arc::make_mut(partition).propose_shrink(out, &mut self.alter, ctx);
            }
        }
        self.send_alter_partitions(ctx);
        self.set_isr_expiration(ctx);
    }

    pub(super) fn isr_check_interval(&self) -> Span {
        Span::from_ms(self.config.replica_lag_time_max_ms / 2).max(Span(1000))
    }

    pub(super) fn set_isr_expiration(&self, ctx: &mut Context<'_>) {
        ctx.set_timer(Timer::IsrExpiration, ctx.now + self.isr_check_interval());
    }
}
