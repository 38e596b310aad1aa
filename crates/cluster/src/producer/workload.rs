//! The application on top of the producer: records one after another at a steady pace.

use super::{Payload, Producer};
use crate::{Choice, Context, Name, Span, Time, Timer, Workload};
use highwater_log::Bytes;

impl Producer {
    pub(super) fn start(&mut self, ctx: &mut Context<'_>) {
        if let Some(topic) = self.workload.topic.clone() {
            self.topics.insert(topic);
        }
        self.connections.want_metadata_now();
        self.schedule_next_record(ctx.now, ctx);
    }

    pub(super) fn set_workload(&mut self, workload: Workload, ctx: &mut Context<'_>) {
        if workload.topic.as_ref().is_some_and(|t| self.topics.insert(t.clone())) {
            self.connections.want_metadata_now();
        }
        if self.workload.keys != workload.keys {
            self.keys_taken = 0;
        }
        self.workload = workload;
        self.workload_waits = false;
        ctx.cancel_timer(Timer::NextRecord);
        self.schedule_next_record(ctx.now, ctx);
    }

    fn schedule_next_record(&mut self, from: Time, ctx: &mut Context<'_>) {
        let w = &self.workload;
        if w.topic.is_some() && w.every_us > 0 && w.count != Some(0) {
            ctx.set_timer(Timer::NextRecord, from + Span(w.every_us));
        }
    }

    /// One record, unless `send()` still waits for an earlier one: then the application stands still.
    pub(super) fn next_record(&mut self, ctx: &mut Context<'_>) {
        if !self.blocked.is_empty() {
            self.workload_waits = true;
            return;
        }
        if self.workload.count == Some(0) {
            return;
        }
        self.workload.count = self.workload.count.map(|n| n - 1);
        self.send_from_workload(ctx);
        self.schedule_next_record(ctx.now, ctx);
    }

    /// After `send()` has returned, a record that was due meanwhile follows at once.
    pub(super) fn resume_workload(&mut self, ctx: &mut Context<'_>) {
        if self.workload_waits && self.blocked.is_empty() {
            self.workload_waits = false;
            ctx.set_timer(Timer::NextRecord, ctx.now);
        }
    }

    fn send_from_workload(&mut self, ctx: &mut Context<'_>) {
        let Some(topic) = self.workload.topic.clone() else { return };
        let key = self.next_key(ctx).map(|k| Bytes::from(k.as_bytes()));
        let payload = Payload { key, value: Some(self.next_value()), headers: Vec::new() };
        self.send(topic, None, payload, ctx.now);
    }

    fn next_key(&mut self, ctx: &mut Context<'_>) -> Option<Name> {
        let count = u32::try_from(self.workload.keys.len()).expect("few keys");
        if count == 0 {
            return None;
        }
        let index = if self.workload.random_keys {
            ctx.chooser.choose(Choice::Workload, count)
        } else {
            let index = self.keys_taken % count;
            self.keys_taken = (index + 1) % count;
            index
        };
        Some(self.workload.keys[index as usize].clone())
    }

    /// `p1-42`, cut or filled with dots to the size wanted.
    fn next_value(&self) -> Bytes {
        let mut text = format!("p{}-{}", self.number, self.counters.sent).into_bytes();
        text.resize(self.workload.value_size as usize, b'.');
        Bytes::from(text)
    }
}
