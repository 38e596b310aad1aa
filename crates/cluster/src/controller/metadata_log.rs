//! The metadata log, the image replayed from it, and the brokers that wait for its next record.

use super::Controller;
use crate::{
    BrokerId, Context, Correlation, FetchMetadataLogRequest, FetchMetadataLogResponse,
    MetadataImage, MetadataRecord, NodeId, Response, Span, Timer, TraceEvent,
};
use highwater_log::Offset;
use std::sync::Arc;

/// Records and what they add up to. Shared parts, so that a snapshot of the world copies pointers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct MetadataLog {
    records: Arc<Vec<Arc<MetadataRecord>>>,
    image: Arc<MetadataImage>,
}

impl MetadataLog {
    pub(super) fn image(&self) -> &MetadataImage {
        &self.image
    }

    pub(super) fn shared_image(&self) -> &Arc<MetadataImage> {
        &self.image
    }

    pub(super) fn end_offset(&self) -> Offset {
        self.image.next_offset
    }

    /// Appends one record and applies it; returns its offset.
    pub(super) fn append(&mut self, record: MetadataRecord) -> Offset {
        let offset = self.image.next_offset;
        Arc::make_mut(&mut self.image).replay(offset, &record);
        Arc::make_mut(&mut self.records).push(Arc::new(record));
        offset
    }

    pub(super) fn records_from(
        &self,
        offset: Offset,
    ) -> impl Iterator<Item = (Offset, &MetadataRecord)> {
        let first = usize::try_from(offset).unwrap_or(0);
        (offset.max(0)..).zip(self.records.iter().skip(first).map(|r| &**r))
    }
}

/// A broker's fetch with nothing to give it yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ParkedFetch {
    from: NodeId,
    correlation: Correlation,
    fetch_offset: Offset,
}

impl Controller {
    /// Appends records as one batch: all were decided on the state before the first.
    pub(super) fn append(&mut self, records: Vec<MetadataRecord>, ctx: &mut Context<'_>) {
        for record in records {
            let events = self.events_of(&record);
            self.log.append(record);
            for event in events {
                ctx.trace(event);
            }
        }
    }

    /// What a record means for those who watch, by the state before it.
    fn events_of(&self, record: &MetadataRecord) -> Vec<TraceEvent> {
        let image = self.image();
        match record {
            MetadataRecord::BrokerRegistrationChange { broker, fenced: Some(fenced), .. } => {
                let changes = image.brokers.get(broker).is_some_and(|b| b.fenced != *fenced);
                match (changes, fenced) {
                    (false, _) => vec![],
                    (true, true) => vec![TraceEvent::BrokerFenced { broker: *broker }],
                    (true, false) => vec![TraceEvent::BrokerUnfenced { broker: *broker }],
                }
            }
            MetadataRecord::RegisterBroker { broker, .. } => vec![TraceEvent::BrokerRegistered {
                broker: *broker,
                broker_epoch: self.log.end_offset(),
            }],
            MetadataRecord::Config { topic, name, value } => {
                let topic = topic.and_then(|id| image.topics.get(&id)).map(|t| t.name.clone());
                vec![TraceEvent::ConfigChanged { topic, name: name.clone(), value: value.clone() }]
            }
            MetadataRecord::PartitionChange { tp, isr, leader, .. } => {
                let Some(before) = image.partition(*tp) else { return vec![] };
                let mut events = Vec::new();
                if let Some(isr) = isr
                    && *isr != before.isr
                {
                    events.push(TraceEvent::IsrChanged {
                        tp: *tp,
                        from: before.isr.clone(),
                        to: isr.clone(),
                        partition_epoch: before.partition_epoch + 1,
                    });
                }
                if let Some(leader) = *leader {
                    let epoch = before.leader_epoch + 1;
                    // Not by the recovery state: it does not change with a second unclean election in a row.
                    let unclean = !before.isr.contains(&leader);
                    events.push(match leader {
                        -1 => TraceEvent::LeaderLost { tp: *tp, epoch },
                        _ => TraceEvent::LeaderElected { tp: *tp, leader, epoch, unclean },
                    });
                }
                events
            }
            MetadataRecord::BrokerRegistrationChange { .. }
            | MetadataRecord::Topic { .. }
            | MetadataRecord::Partition { .. } => vec![],
        }
    }

    /// Answers at once when there is something new or no time to wait, else holds the fetch back.
    pub(super) fn fetch_metadata(
        &mut self,
        from: NodeId,
        correlation: Correlation,
        request: &FetchMetadataLogRequest,
        ctx: &mut Context<'_>,
    ) {
        let fetch_offset = request.fetch_offset;
        let parked = ParkedFetch { from, correlation, fetch_offset };
        if fetch_offset < self.log.end_offset() || request.max_wait_ms <= 0 {
            self.answer_fetch(&parked, ctx);
            return;
        }
        // A broker has one fetch of this log at a time; an older one was given up with its connection.
        self.parked.insert(request.broker_id, parked);
        let wait = Span::from_ms(i64::from(request.max_wait_ms));
        ctx.set_timer(Timer::MetadataFetchWait(request.broker_id), ctx.now + wait);
    }

    fn answer_fetch(&self, fetch: &ParkedFetch, ctx: &mut Context<'_>) {
        let records =
            self.log.records_from(fetch.fetch_offset).map(|(o, r)| (o, r.clone())).collect();
        let high_watermark = self.log.end_offset();
        let response = FetchMetadataLogResponse { records, high_watermark };
        ctx.send(fetch.from, fetch.correlation, Response::FetchMetadataLog(response));
    }

    /// Answers the fetches that have something to read now.
    pub(super) fn answer_parked(&mut self, ctx: &mut Context<'_>) {
        let end = self.log.end_offset();
        let ready: Vec<BrokerId> =
            self.parked.iter().filter(|(_, f)| f.fetch_offset < end).map(|(b, _)| *b).collect();
        for broker in ready {
            if let Some(fetch) = self.parked.remove(&broker) {
                ctx.cancel_timer(Timer::MetadataFetchWait(broker));
                self.answer_fetch(&fetch, ctx);
            }
        }
    }

    pub(super) fn metadata_fetch_wait_over(&mut self, broker: BrokerId, ctx: &mut Context<'_>) {
        if let Some(fetch) = self.parked.remove(&broker) {
            self.answer_fetch(&fetch, ctx);
        }
    }
}
