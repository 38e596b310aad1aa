//! What a waiting request waits for.

use super::{Answer, Headline, list};
use crate::explain::facts::{ClientFact, LeaderFact};
use highwater_cluster::{
    Broker, BrokerId, FetchRequest, Holds, NodeId, ParkedFetch, ParkedProduce, Partition,
    ProduceStatus, TopicPartition,
};
use highwater_log::Offset;

impl Answer<'_> {
    pub(super) fn parked(&mut self, id: u64, at: BrokerId) -> Headline {
        let broker = self.process(at)?;
        let purgatory = broker.purgatory();
        if let Some(produce) = purgatory.produces.get(&id) {
            return Ok(self.parked_produce(broker, id, produce));
        }
        if let Some(fetch) = purgatory.fetches.get(&id) {
            return Ok(self.parked_fetch(broker, id, fetch));
        }
        let waiting: Vec<String> = purgatory
            .produces
            .keys()
            .chain(purgatory.fetches.keys())
            .map(|n| format!("{n}@{at}"))
            .collect();
        Err(format!("no request {id} waits at broker {at}; waiting there: {}", list(&waiting)))
    }

    pub(super) fn parked_produce(
        &mut self,
        broker: &Broker,
        id: u64,
        parked: &ParkedProduce,
    ) -> String {
        let at = broker.id();
        self.pick(format!("parked {id}@{at}"));
        let mut wants = Vec::new();
        for status in parked.partitions.iter().filter(|s| s.pending) {
            let name = self.name(status.tp);
            wants.push(format!("high watermark {} of {name}", status.required_offset));
            self.pending(broker, &name, status);
        }
        let limit = parked.deadline.since(parked.since);
        self.fact(ClientFact::TimesOutAt { at: parked.deadline, request_timeout_ms: limit.ms() });
        let from = parked.from;
        format!("The produce of {from} waits at broker {at} for {}", list(&wants))
    }

    fn pending(&mut self, broker: &Broker, name: &str, status: &ProduceStatus) {
        let (tp, required) = (status.tp, status.required_offset);
        let Some(partition) = broker.partition(tp) else { return };
        let missing = self.missing(broker, partition, required);
        self.fact(ClientFact::WaitsForOffset {
            partition: name.to_owned(),
            required,
            high_watermark: partition.high_watermark(),
            missing: missing.clone(),
        });
        if partition.is_under_min_isr() {
            self.tell_frozen(partition);
            let isr = partition.isr().committed();
            for id in partition.replicas().iter().copied().filter(|id| !isr.contains(id)) {
                self.tell_process(NodeId::Broker(id));
            }
        }
        for id in missing {
            self.pick(format!("{name}@{id}"));
            self.tell_progress(tp, id);
        }
        self.tell_pending(partition);
        let registered = self.world.image().partition(tp);
        if let Some(p) = registered.filter(|p| p.leader != broker.id()) {
            let (epoch, real_epoch) = (partition.leader_epoch(), p.leader_epoch);
            self.fact(LeaderFact::BelievesToLead { broker: broker.id(), epoch, real_epoch });
        }
        let base_offset = status.base_offset;
        self.fact(ClientFact::AlreadyAppended {
            partition: name.to_owned(),
            base_offset,
            leader: broker.id(),
        });
        self.tell_process(NodeId::Broker(broker.id()));
    }

    /// Followers that count and do not have everything below an offset.
    fn missing(&self, broker: &Broker, partition: &Partition, required: Offset) -> Vec<BrokerId> {
        let now = self.world.now();
        let counts = |id| {
            broker.holds_high_watermark(partition.tp(), id, now).is_some_and(|h| h != Holds::No)
        };
        let behind = partition.followers().filter(|(_, state)| state.log_end_offset < required);
        behind.map(|(id, _)| id).filter(|id| counts(*id)).collect()
    }

    pub(super) fn parked_fetch(
        &mut self,
        broker: &Broker,
        id: u64,
        parked: &ParkedFetch,
    ) -> String {
        let at = broker.id();
        self.pick(format!("parked {id}@{at}"));
        let fetch = parked.fetch();
        let follower = fetch.replica_id >= 0;
        let mut names = Vec::new();
        for asked in &fetch.partitions {
            let name = self.name(asked.tp);
            if !name.starts_with("__")
                || fetch.partitions.iter().all(|p| self.name(p.tp).starts_with("__"))
            {
                self.pick(format!("{name}@{at}"));
                self.waits_for_bytes(broker, asked.tp, asked.fetch_offset, fetch);
                names.push(name);
            }
        }
        self.fact(ClientFact::FetchAnsweredBy { at: parked.deadline, follower });
        self.tell_process(NodeId::Broker(at));
        let what = if follower { "new records" } else { "committed records" };
        format!("The fetch of {} waits at broker {at} for {what} of {}", parked.from, list(&names))
    }

    fn waits_for_bytes(
        &mut self,
        broker: &Broker,
        tp: TopicPartition,
        fetch_offset: Offset,
        fetch: &FetchRequest,
    ) {
        let (Some(partition), Some(node)) =
            (broker.partition(tp), self.world.node(NodeId::Broker(broker.id())))
        else {
            return;
        };
        let follower = fetch.replica_id >= 0;
        let readable_end = partition.readable_end(follower);
        let log_end_offset = partition.log().log_end_offset();
        self.fact(ClientFact::FetchWaitsForBytes {
            partition: self.name(tp),
            fetch_offset,
            readable_end,
            bytes: partition
                .log()
                .bytes_between(fetch_offset, readable_end, &node.disk)
                .unwrap_or(0),
            min_bytes: fetch.min_bytes,
            follower,
        });
        if !follower && readable_end < log_end_offset {
            self.fact(ClientFact::ReadsBelowHighWatermark {
                high_watermark: readable_end,
                log_end_offset,
            });
        }
    }

    /// Partitions whose ISR is too small for acks=all, among these.
    pub(super) fn tell_not_enough(&mut self, tps: impl IntoIterator<Item = TopicPartition>) {
        for tp in tps {
            let Some((_, partition)) = self.leading(tp) else { continue };
            if partition.is_under_min_isr() {
                let isr = partition.isr().committed().to_vec();
                let min = partition.effective_min_isr();
                let partition = self.name(tp);
                self.pick("isr");
                self.fact(ClientFact::NotEnoughReplicas { partition, isr, min });
            }
        }
    }
}
