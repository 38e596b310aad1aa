//! The application thread: poll, process, poll again; commands; the end (Kafka:
//! `ClassicKafkaConsumer.poll`, `close`).

use super::Consumer;
use super::commits::Purpose;
use super::fetcher::Taken;
use crate::{Command, Context, Effect, Name, Span, Time, Timer, TopicPartition, TraceEvent};
use highwater_log::Offset;

/// How many polls the log of deliveries remembers.
const DELIVERIES_KEPT: usize = 256;

/// What the application is doing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum App {
    /// Has not called poll, or polls by hand and is elsewhere.
    Away,
    /// Inside poll, waiting for records.
    InPoll { since: Time },
    /// Processes what the last poll returned.
    Busy { since: Time, until: Time, count: u32 },
    /// Inside close.
    Closing { leave: bool, leaving: bool },
    /// Closed.
    Closed,
    /// An exception reached the application and ended it.
    Failed { reason: Name },
}

/// Records handed to the application by one poll from one partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Delivered {
    /// Which partition.
    pub tp: TopicPartition,
    /// First offset.
    pub first: Offset,
    /// Last offset.
    pub last: Offset,
    /// How many.
    pub count: u32,
    /// When.
    pub at: Time,
}

impl Consumer {
    pub(super) fn start(&mut self, ctx: &mut Context<'_>) {
        self.schedule_auto_commit(ctx.now + self.auto_commit_interval(), ctx);
        if self.processing_us.is_some() {
            self.start_poll(ctx);
        }
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.app, App::Closed | App::Failed { .. })
    }

    fn start_poll(&mut self, ctx: &mut Context<'_>) {
        self.app = App::InPoll { since: ctx.now };
        self.restart_poll_interval(ctx);
    }

    pub(super) fn restart_poll_interval(&mut self, ctx: &mut Context<'_>) {
        let interval = Span::from_ms(self.config.max_poll_interval_ms);
        ctx.set_timer(Timer::MaxPollInterval, ctx.now + interval);
    }

    /// After every input: whatever can be done now is done.
    pub(super) fn go_on(&mut self, ctx: &mut Context<'_>) {
        self.pump_commit(ctx);
        if !matches!(self.app, App::InPoll { .. }) {
            return;
        }
        if self.metadata.updated_at.is_none() {
            self.want_metadata(ctx);
        }
        if self.coordinator.is_none() {
            self.find_coordinator(ctx);
        }
        match self.coordinator {
            Some(coordinator) if self.rejoin_needed => {
                if self.group_retry_at.is_none() {
                    self.join(coordinator, ctx);
                }
                return;
            }
            Some(_) => self.auto_commit(ctx),
            None => {}
        }
        self.update_positions(self.coordinator, ctx);
        if !matches!(self.app, App::InPoll { .. }) {
            return;
        }
        let taken = self.collect();
        // Fetching goes on before the records are handed out, so that the next ones are on their way.
        self.send_fetches(ctx);
        self.schedule_fetch_retry(ctx);
        if !taken.is_empty() {
            self.hand_out(&taken, ctx);
        }
    }

    /// poll returns with records.
    fn hand_out(&mut self, taken: &[Taken], ctx: &mut Context<'_>) {
        let mut count = 0u32;
        for share in taken {
            let Taken { tp, first, last, count: records } = *share;
            count = count.saturating_add(records);
            let seen = self.highest_seen.entry(tp).or_insert(-1);
            let again = (last.min(*seen) - first + 1).clamp(0, i64::from(records));
            self.duplicates += u64::try_from(again).unwrap_or(0);
            *seen = last.max(*seen);
            self.delivered.push_back(Delivered { tp, first, last, count: records, at: ctx.now });
            let records = i32::try_from(records).unwrap_or(i32::MAX);
            ctx.trace(TraceEvent::RecordsPolled { tp, first, last, count: records });
        }
        while self.delivered.len() > DELIVERIES_KEPT {
            self.delivered.pop_front();
        }
        self.handed_out += u64::from(count);
        match self.processing_us {
            Some(each_us) => {
                let until = ctx.now + Span(each_us.saturating_mul(u64::from(count)));
                self.app = App::Busy { since: ctx.now, until, count };
                ctx.set_timer(Timer::NextPoll, until);
            }
            None => {
                self.processed += u64::from(count);
                self.app = App::Away;
            }
        }
    }

    /// The application is through with what the last poll returned.
    pub(super) fn processing_done(&mut self, ctx: &mut Context<'_>) {
        let App::Busy { count, .. } = self.app else { return };
        self.processed += u64::from(count);
        self.app = App::Away;
        if let Some(leave) = self.close_requested.take() {
            self.close(leave, ctx);
        } else if self.processing_us.is_some() {
            self.start_poll(ctx);
        }
    }

    pub(super) fn command(&mut self, command: Command, ctx: &mut Context<'_>) {
        match command {
            Command::Commit(offsets) => self.commit_manually(offsets),
            Command::Seek { topic, partition, offset } => self.seek(&topic, partition, offset),
            Command::Poll if self.app == App::Away => self.start_poll(ctx),
            Command::SetProcessing(each_us) => {
                self.processing_us = each_us;
                if each_us.is_some() && self.app == App::Away {
                    self.start_poll(ctx);
                }
            }
            // The application's only thread closes when it is done with its records.
            Command::Close { leave } if matches!(self.app, App::Busy { .. }) => {
                self.close_requested = Some(leave);
            }
            Command::Close { leave } => self.close(leave, ctx),
            // Commands of other clients, and a poll while it is in poll already.
            _ => {}
        }
    }

    fn close(&mut self, leave: bool, ctx: &mut Context<'_>) {
        if matches!(self.app, App::Closing { .. }) {
            return;
        }
        self.app = App::Closing { leave, leaving: false };
        let committing =
            self.config.enable_auto_commit && self.commit_consumed(Purpose::Close, ctx);
        if !committing {
            self.close_membership(ctx);
        }
    }

    /// Gives the partitions back, then leaves the group if it is to.
    pub(super) fn close_membership(&mut self, ctx: &mut Context<'_>) {
        let App::Closing { leave, .. } = self.app else { return };
        self.revoke_all(self.generation < 0, ctx);
        self.app = App::Closing { leave, leaving: true };
        if !(leave && self.leave(ctx)) {
            self.left(ctx);
        }
    }

    /// LeaveGroup is answered, or will not be.
    pub(super) fn left(&mut self, ctx: &mut Context<'_>) {
        if matches!(self.app, App::Closing { leaving: true, .. }) {
            self.app = App::Closed;
            self.stop_timers(ctx);
            ctx.out.push(Effect::Stop);
        }
    }

    /// An exception reaches the application: it closes the consumer without committing and ends.
    pub(super) fn fail(&mut self, reason: String, ctx: &mut Context<'_>) {
        if self.is_over() {
            return;
        }
        let reason = Name::from(reason);
        ctx.trace(TraceEvent::ConsumerFailed { reason: reason.clone() });
        self.revoke_all(self.generation < 0, ctx);
        self.leave(ctx);
        self.app = App::Failed { reason };
        self.stop_timers(ctx);
    }

    fn stop_timers(&mut self, ctx: &mut Context<'_>) {
        for timer in [
            Timer::MetadataRefresh,
            Timer::Heartbeat,
            Timer::AutoCommit,
            Timer::NextPoll,
            Timer::MaxPollInterval,
            Timer::GroupRetry,
            Timer::FetchRetry,
        ] {
            ctx.cancel_timer(timer);
        }
        for correlation in std::mem::take(&mut self.in_flight).into_keys() {
            ctx.cancel_timer(Timer::RequestTimeout(correlation));
        }
    }
}
