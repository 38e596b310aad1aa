//! When waiting fetches are looked at again and answered (Kafka: `DelayedFetch`, `DelayedOperations`).

use super::core::{Core, OFFSETS_TOPIC, OffsetsNews};
use super::fetch::reader_of;
use super::partition::Partition;
use super::purgatory::ParkedFetch;
use super::read::Reader;
use crate::{Context, FetchPartition, FetchRequest, Timer, TopicPartition, TraceEvent};
use highwater_log::Offset;
use std::cmp::Ordering;

/// How one partition of a waiting fetch stands.
enum Ready {
    /// The fetch is answered now whatever the other partitions have.
    Now,
    /// So many bytes are there.
    Bytes(u64),
}

impl Core {
    pub(super) fn park_fetch(&mut self, entry: ParkedFetch, ctx: &mut Context<'_>) {
        // What was handled between reading and parking (high watermark moves by this very fetch)
        // may have made it ready.
        if self.is_fetch_ready(entry.fetch(), None, ctx) {
            let read = self.read_fetch(entry.fetch(), None, ctx);
            Self::answer_fetch(entry.from, entry.correlation, read.results, ctx);
            return;
        }
        let id = self.purgatory.next_id();
        if let Some(first) = entry.fetch().partitions.first() {
            let (tp, offset) = (first.tp, first.fetch_offset);
            ctx.trace(TraceEvent::FetchParked { id, from: entry.from, tp, offset });
        }
        ctx.set_timer(Timer::FetchWait(id), entry.deadline);
        self.purgatory.fetches.insert(id, entry);
    }

    /// Something happened to a partition: its log grew, or (`all`) also its high watermark, role or epoch
    /// changed. Answers the waiting requests that are ready by it.
    pub(super) fn complete_delayed(
        &mut self,
        tp: TopicPartition,
        all: bool,
        ctx: &mut Context<'_>,
    ) {
        if !self.purgatory.fetches.is_empty() {
            for id in self.purgatory.fetches_of(tp) {
                let ready = match self.purgatory.fetches.get(&id) {
                    Some(entry) => self.is_fetch_ready(entry.fetch(), Some(tp), ctx),
                    None => false,
                };
                if ready {
                    self.answer_parked_fetch(id, false, ctx);
                }
            }
        }
        if !all {
            return;
        }
        if !self.purgatory.produces.is_empty() {
            for id in self.purgatory.produces_of(tp) {
                self.check_produce(id, false, ctx);
            }
        }
        if let Some(partition) = self.partitions.get(&tp)
            && partition.is_leader()
            && *partition.topic == *OFFSETS_TOPIC
        {
            let high_watermark = partition.log.high_watermark();
            self.offsets_news.push_back(OffsetsNews::Committed(tp.partition, high_watermark));
        }
    }

    /// Whether a waiting fetch can be answered. `changed`: only this partition has changed since it was parked,
    /// which is enough to look at when one byte is enough.
    fn is_fetch_ready(
        &self,
        request: &FetchRequest,
        changed: Option<TopicPartition>,
        ctx: &Context<'_>,
    ) -> bool {
        let reader = reader_of(request);
        let min_bytes = u64::try_from(request.min_bytes).unwrap_or(0);
        let one = if min_bytes <= 1 { changed } else { None };
        let mut bytes = 0;
        for item in request.partitions.iter().filter(|item| one.is_none_or(|tp| item.tp == tp)) {
            let ready = match self.partition_or_error(item.tp) {
                Ok(partition) => partition.ready(reader, item, min_bytes, ctx),
                Err(_) => Ready::Now,
            };
            match ready {
                Ready::Now => return true,
                Ready::Bytes(more) => bytes += more,
            }
        }
        bytes >= min_bytes
    }

    /// Reads again and answers; the fetch's acknowledgement was taken in when it came.
    pub(super) fn answer_parked_fetch(&mut self, id: u64, timed_out: bool, ctx: &mut Context<'_>) {
        let Some(entry) = self.purgatory.fetches.remove(&id) else { return };
        ctx.trace(TraceEvent::FetchUnparked { id, timed_out });
        if !timed_out {
            ctx.cancel_timer(Timer::FetchWait(id));
        }
        let read = self.read_fetch(entry.fetch(), None, ctx);
        Self::answer_fetch(entry.from, entry.correlation, read.results, ctx);
    }
}

impl Partition {
    fn ready(
        &self,
        reader: Reader,
        item: &FetchPartition,
        min_bytes: u64,
        ctx: &Context<'_>,
    ) -> Ready {
        if self.check_reader(reader, item).is_err() || !matches!(self.divergence(item), Ok(None)) {
            return Ready::Now;
        }
        let end = self.read_bound(reader);
        match item.fetch_offset.cmp(&end) {
            Ordering::Equal => Ready::Bytes(0),
            // The log was cut, or a consumer is ahead of a new leader's high watermark: answered, with nothing.
            Ordering::Greater => Ready::Now,
            Ordering::Less => self.bytes_waiting(item, end, min_bytes, ctx),
        }
    }

    fn bytes_waiting(
        &self,
        item: &FetchPartition,
        end: Offset,
        min_bytes: u64,
        ctx: &Context<'_>,
    ) -> Ready {
        let max = u64::try_from(item.partition_max_bytes).unwrap_or(0);
        if min_bytes <= 1 {
            return Ready::Bytes(max.min(1));
        }
        let from = item.fetch_offset;
        let begins_between = |base: Offset| from < base && base <= end;
        if self.log.segments().rev().any(|s| begins_between(s.segment.base_offset())) {
            return Ready::Now; // It lags by a whole segment: no reason to wait for more.
        }
        match self.log.bytes_between(from, end, &*ctx.disk) {
            Ok(bytes) => Ready::Bytes(bytes.min(max)),
            Err(_) => Ready::Now,
        }
    }
}
