//! Fetching and handing out (Kafka: `AbstractFetch`, `FetchCollector`, `CompletedFetch`).

use super::Consumer;
use super::positions::Position;
use super::requests::Kind;
use crate::{
    AutoOffsetReset, BrokerId, Context, FetchPartition, FetchPartitionResult, FetchRequest,
    FetchResponse, KafkaError, Request, Span, Timer, TopicPartition,
};
use highwater_log::{Batches, LeaderEpoch, Offset};
use highwater_sorted::SortedMap;
use std::collections::VecDeque;

/// Records of one partition that wait to be polled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fetched {
    pub tp: TopicPartition,
    /// The broker they came from.
    pub broker: BrokerId,
    /// Offset and leader epoch of each.
    pub records: VecDeque<(Offset, LeaderEpoch)>,
    /// Position once all are taken: past gaps and control records too.
    pub next_offset: Offset,
    pub last_epoch: LeaderEpoch,
    /// What the position has to be for them to be of use.
    pub expected: Offset,
}

/// What one poll takes from one partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Taken {
    pub tp: TopicPartition,
    pub first: Offset,
    pub last: Offset,
    pub count: u32,
}

impl Consumer {
    /// One Fetch to every leader that has none under way and nothing buffered here.
    pub(super) fn send_fetches(&mut self, ctx: &mut Context<'_>) {
        let mut by_leader: SortedMap<BrokerId, Vec<(u64, FetchPartition)>> = SortedMap::new();
        let mut leaderless = false;
        for (tp, owned) in &self.owned {
            let Position::At(fetch_offset, _) = owned.position else { continue };
            let Some((leader, epoch)) = self.metadata.leader(*tp) else {
                leaderless = true;
                continue;
            };
            if owned.retry_at.is_some_and(|at| at > ctx.now) {
                continue;
            }
            let partition = FetchPartition {
                tp: *tp,
                current_leader_epoch: epoch,
                fetch_offset,
                last_fetched_epoch: -1,
                log_start_offset: -1,
                partition_max_bytes: self.config.max_partition_fetch_bytes,
            };
            by_leader.entry(leader).or_default().push((owned.turn, partition));
        }
        if leaderless {
            self.want_metadata(ctx);
        }
        for (leader, mut list) in by_leader {
            let busy =
                self.in_flight.values().any(|r| r.to == leader && matches!(r.kind, Kind::Fetch(_)));
            let buffered = self.fetched.iter().any(|f| list.iter().any(|(_, p)| p.tp == f.tp));
            if busy || buffered {
                continue;
            }
            if let Some(trouble) = self.troubles.get(&leader).filter(|t| t.until > ctx.now) {
                ctx.set_timer(Timer::FetchRetry, trouble.until);
                continue;
            }
            highwater_sorted::sort_by_key(&mut list, |(turn, p)| (*turn, p.tp));
            self.fetch(leader, list.into_iter().map(|(_, p)| p).collect(), ctx);
        }
    }

    fn fetch(&mut self, leader: BrokerId, partitions: Vec<FetchPartition>, ctx: &mut Context<'_>) {
        let kind = Kind::Fetch(partitions.iter().map(|p| (p.tp, p.fetch_offset)).collect());
        let request = FetchRequest {
            replica_id: -1,
            replica_epoch: -1,
            max_wait_ms: self.config.fetch_max_wait_ms,
            min_bytes: self.config.fetch_min_bytes,
            max_bytes: self.config.fetch_max_bytes,
            isolation_level: 0,
            partitions,
        };
        self.send(leader, kind, Request::Fetch(request), self.config.request_timeout_ms, ctx);
    }

    pub(super) fn fetch_came(
        &mut self,
        asked: &[(TopicPartition, Offset)],
        response: &FetchResponse,
        ctx: &mut Context<'_>,
    ) {
        if response.error.is_some() {
            let list: Vec<TopicPartition> = asked.iter().map(|(tp, _)| *tp).collect();
            self.delay_partitions(&list, ctx);
            return self.want_metadata(ctx);
        }
        for result in &response.partitions {
            let Some((tp, offset)) = asked.iter().find(|(tp, _)| *tp == result.tp) else {
                continue;
            };
            // The position may have moved while the request was under way: then this is stale.
            let position = self.owned.get(tp).map(|o| o.position);
            if !matches!(position, Some(Position::At(at, _)) if at == *offset) {
                continue;
            }
            match result.error {
                None => self.take_in(*offset, result, ctx),
                Some(error) => self.fetch_refused(*offset, error, result, ctx),
            }
        }
    }

    fn fetch_refused(
        &mut self,
        offset: Offset,
        error: KafkaError,
        result: &FetchPartitionResult,
        ctx: &mut Context<'_>,
    ) {
        let tp = result.tp;
        if error == KafkaError::OffsetOutOfRange {
            if self.config.auto_offset_reset == AutoOffsetReset::None {
                let label = self.metadata.label(tp);
                let reason = format!(
                    "OffsetOutOfRangeException: fetch position {offset} is out of range for partition {label}"
                );
                return self.fail(reason, ctx);
            }
            let owned = self.owned.get_mut(&tp).expect("its position was looked at");
            owned.position = Position::ToReset;
            return;
        }
        let learned = result.current_leader.is_some_and(|l| self.metadata.learn_leader(tp, l));
        if error.refreshes_metadata() || error == KafkaError::OffsetNotAvailable {
            self.want_metadata(ctx);
        }
        if error.retriable() {
            if !learned {
                self.delay_partitions(&[tp], ctx);
            }
        } else {
            let label = self.metadata.label(tp);
            self.fail(format!("Fetch of {label} was refused with {error}"), ctx);
        }
    }

    /// Buffers the records from the position on. A response may begin with earlier records of the
    /// same batch, and it never counts beyond the high watermark it carries.
    fn take_in(&mut self, from: Offset, result: &FetchPartitionResult, ctx: &mut Context<'_>) {
        let tp = result.tp;
        let broker = self.metadata.leader(tp).map_or(-1, |(leader, _)| leader);
        let owned = self.owned.get_mut(&tp).expect("its position was looked at");
        owned.high_watermark = Some(result.high_watermark);
        owned.log_start_offset = Some(result.log_start_offset);
        let Position::At(_, epoch) = owned.position else { return };
        let mut fetched = Fetched {
            tp,
            broker,
            records: VecDeque::new(),
            next_offset: from,
            last_epoch: epoch,
            expected: from,
        };
        if let Err(reason) = read_batches(&result.records, result.high_watermark, &mut fetched) {
            let label = self.metadata.label(tp);
            return self.fail(format!("{label} at offset {}: {reason}", fetched.next_offset), ctx);
        }
        if fetched.next_offset == from {
            return;
        }
        self.fetch_turn += 1;
        owned.turn = self.fetch_turn;
        if fetched.records.is_empty() {
            owned.position = Position::At(fetched.next_offset, fetched.last_epoch);
        } else {
            self.fetched.push_back(fetched);
        }
    }

    /// Takes at most `max.poll.records` out of the buffer and moves the positions.
    pub(super) fn collect(&mut self) -> Vec<Taken> {
        let mut left = u32::try_from(self.config.max_poll_records).unwrap_or(0).max(1);
        let mut taken = Vec::new();
        while left > 0
            && let Some(front) = self.fetched.front_mut()
        {
            let owned = self.owned.get_mut(&front.tp);
            let valid =
                owned.filter(|o| matches!(o.position, Position::At(at, _) if at == front.expected));
            let Some(owned) = valid else {
                self.fetched.pop_front();
                continue;
            };
            let mut share: Option<Taken> = None;
            while left > 0
                && let Some((offset, epoch)) = front.records.pop_front()
            {
                left -= 1;
                let share = share.get_or_insert(Taken {
                    tp: front.tp,
                    first: offset,
                    last: offset,
                    count: 0,
                });
                share.last = offset;
                share.count += 1;
                owned.position = Position::At(offset + 1, epoch);
            }
            if front.records.is_empty() {
                owned.position = Position::At(front.next_offset, front.last_epoch);
                self.fetched.pop_front();
            } else if let Position::At(at, _) = owned.position {
                front.expected = at;
            }
            taken.extend(share);
        }
        taken
    }

    /// Looks again when the first delayed partition may be asked.
    pub(super) fn schedule_fetch_retry(&mut self, ctx: &mut Context<'_>) {
        let waits = self.owned.values().filter_map(|o| o.retry_at).filter(|at| *at > ctx.now);
        if let Some(at) = waits.min() {
            ctx.set_timer(Timer::FetchRetry, at.max(ctx.now + Span(1)));
        }
    }
}

fn read_batches(bytes: &[u8], high_watermark: Offset, fetched: &mut Fetched) -> Result<(), String> {
    let from = fetched.next_offset;
    for batch in Batches::new(bytes) {
        let batch = batch.map_err(|e| e.to_string())?;
        batch.check_crc().map_err(|e| e.to_string())?;
        let epoch = batch.header.partition_leader_epoch;
        if !batch.header.is_control() {
            for record in batch.records() {
                let offset = record.map_err(|e| e.to_string())?.offset;
                if offset >= high_watermark {
                    return Ok(());
                }
                if offset >= from {
                    fetched.records.push_back((offset, epoch));
                    fetched.next_offset = offset + 1;
                    fetched.last_epoch = epoch;
                }
            }
        }
        let next = batch.header.next_offset().min(high_watermark);
        if next > fetched.next_offset {
            fetched.next_offset = next;
            fetched.last_epoch = epoch;
        }
    }
    Ok(())
}
