//! Following the metadata log: fetch, replay, publish (Kafka: `MetadataLoader`, `BrokerMetadataPublisher`).

use super::core::Core;
use crate::{
    Context, Correlation, FetchMetadataLogRequest, FetchMetadataLogResponse, MetadataRecord,
    NodeId, Request, Span, Timer, TopicId, TopicPartition,
};
use highwater_sorted::SortedSet;

/// How long the controller may hold a fetch of the metadata log when there is nothing new, as raft observers do.
const MAX_WAIT_MS: i32 = 500;
/// `controller.quorum.request.timeout.ms`.
const REQUEST_TIMEOUT: Span = Span(2_000_000);
/// First back-off after a failed fetch; doubles (`reconnect.backoff.ms` and its maximum).
const BACKOFF_MS: i64 = 50;
const BACKOFF_MAX_MS: i64 = 1_000;

/// Where this broker stands in the metadata log, besides its image.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct MetadataLog {
    in_flight: Option<Correlation>,
    failures: u32,
    /// Read up to its end once; changes take effect from then on.
    published: bool,
    delta: Delta,
}

/// What records replayed since the last publication touched.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Delta {
    pub partitions: SortedSet<TopicPartition>,
    pub configs: SortedSet<TopicId>,
    pub cluster_configs: bool,
}

impl Delta {
    fn note(&mut self, record: &MetadataRecord) {
        match record {
            MetadataRecord::Partition { tp, .. } | MetadataRecord::PartitionChange { tp, .. } => {
                self.partitions.insert(*tp);
            }
            MetadataRecord::Config { topic: Some(topic), .. } => {
                self.configs.insert(*topic);
            }
            MetadataRecord::Config { topic: None, .. } => self.cluster_configs = true,
            _ => {}
        }
    }
}

impl Core {
    pub(super) fn fetch_metadata_log(&mut self, ctx: &mut Context<'_>) {
        let correlation = self.next_correlation();
        self.metadata_log.in_flight = Some(correlation);
        let request = FetchMetadataLogRequest {
            broker_id: self.id,
            fetch_offset: self.image.next_offset,
            max_wait_ms: MAX_WAIT_MS,
        };
        ctx.send(NodeId::Controller, correlation, Request::FetchMetadataLog(request));
        ctx.set_timer(Timer::MetadataFetchRetry, ctx.now + REQUEST_TIMEOUT);
    }

    pub(super) fn handle_metadata_log_response(
        &mut self,
        correlation: Correlation,
        response: &FetchMetadataLogResponse,
        ctx: &mut Context<'_>,
    ) {
        if self.metadata_log.in_flight != Some(correlation) {
            return;
        }
        self.metadata_log.failures = 0;
        for (offset, record) in &response.records {
            if *offset == self.image.next_offset {
                self.image.replay(*offset, record);
                self.metadata_log.delta.note(record);
            }
        }
        let caught_up = self.image.next_offset >= response.high_watermark;
        if caught_up || self.metadata_log.published {
            self.metadata_log.published = true;
            let delta = std::mem::take(&mut self.metadata_log.delta);
            self.publish(&delta, ctx);
            self.ready_to_unfence(ctx);
        }
        self.fetch_metadata_log(ctx);
    }

    /// The connection broke.
    pub(super) fn metadata_fetch_failed(
        &mut self,
        correlation: Correlation,
        ctx: &mut Context<'_>,
    ) {
        if self.metadata_log.in_flight != Some(correlation) {
            return;
        }
        self.metadata_log.in_flight = None;
        let wait = (BACKOFF_MS << self.metadata_log.failures.min(6)).min(BACKOFF_MAX_MS);
        self.metadata_log.failures += 1;
        ctx.set_timer(Timer::MetadataFetchRetry, ctx.now + Span::from_ms(wait));
    }

    /// The back-off is over, or an answer is overdue.
    pub(super) fn metadata_fetch_due(&mut self, ctx: &mut Context<'_>) {
        self.fetch_metadata_log(ctx);
    }
}
