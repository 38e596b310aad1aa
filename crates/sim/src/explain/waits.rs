//! Reasons for waiting: produces, fetches, producers, consumers.

use super::Fact;
use crate::disk_logs::partition_name;
use crate::{ProcessState, World};
use highwater_cluster::{BrokerId, GroupState, NodeId, ParkedProduce};

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn runs(world: &World, node: NodeId) -> bool {
    world.node(node).is_some_and(|n| n.state == ProcessState::Running)
}

pub(super) fn waiting(world: &World, broker: BrokerId, number: u64) -> Vec<Fact> {
    let Some(found) = world.broker(broker).filter(|_| runs(world, NodeId::Broker(broker))) else {
        return vec![Fact::NotRunning { node: NodeId::Broker(broker) }];
    };
    if let Some(produce) = found.purgatory().produces.get(&number) {
        return parked_produce(world, broker, produce);
    }
    let Some(parked) = found.purgatory().fetches.get(&number) else { return Vec::new() };
    let fetch = parked.fetch();
    let follower = fetch.replica_id >= 0;
    let setting = if follower { "replica.fetch.min.bytes" } else { "fetch.min.bytes" };
    let mut facts = Vec::new();
    for asked in &fetch.partitions {
        let Some(partition) = found.partition(asked.tp) else { continue };
        let end = if follower { partition.log().log_end_offset() } else { partition.high_watermark() };
        facts.push(Fact::WaitsForBytes {
            from: parked.from,
            fetch_offset: asked.fetch_offset,
            end,
            min_bytes: fetch.min_bytes,
            setting,
        });
    }
    let setting = if follower { "replica.fetch.wait.max.ms" } else { "fetch.max.wait.ms" };
    facts.push(Fact::Until { deadline: parked.deadline, setting });
    facts
}

fn parked_produce(world: &World, broker: BrokerId, parked: &ParkedProduce) -> Vec<Fact> {
    let mut facts = Vec::new();
    for status in parked.partitions.iter().filter(|s| s.pending) {
        let partition = world.broker(broker).and_then(|b| b.partition(status.tp));
        let high_watermark = partition.map_or(0, |p| p.high_watermark());
        facts.push(Fact::WaitsForHighWatermark {
            required: status.required_offset,
            high_watermark,
            missing: status.required_offset - high_watermark,
        });
        // Then why the high watermark is no higher.
        facts.extend(super::logs::high_watermark(world, status.tp, None).into_iter().skip(1));
    }
    facts.push(Fact::Until { deadline: parked.deadline, setting: "request.timeout.ms" });
    facts
}

pub(super) fn producer(world: &World, number: u32) -> Vec<Fact> {
    let Some(producer) = world.producer(number) else { return Vec::new() };
    let node = NodeId::Producer(number);
    if !runs(world, node) {
        return vec![Fact::NotRunning { node }];
    }
    let mut facts = Vec::new();
    for (leader, _, batch) in producer.in_flight() {
        facts.push(Fact::InFlight { records: batch.count().into(), leader });
    }
    let brokers = world.nodes().filter_map(|(id, _)| id.broker()).collect::<Vec<_>>();
    for broker in brokers {
        let parked = world.broker(broker).into_iter().flat_map(|b| b.purgatory().produces.values());
        for produce in parked.filter(|p| p.from == node && runs(world, NodeId::Broker(broker))) {
            facts.extend(parked_produce(world, broker, produce));
        }
    }
    let records: i64 = producer.waiting().map(|b| i64::from(b.count())).sum();
    if records > 0 {
        facts.push(Fact::InBatch { records, linger_ms: producer.config().linger_ms });
    }
    let calls = producer.blocked().count();
    if calls > 0 {
        facts.push(Fact::Blocked { calls: count(calls) });
    }
    if facts.is_empty() {
        facts.push(Fact::NothingWaits);
    }
    if let Some((error, at)) = producer.last_error() {
        facts.push(Fact::LastError { error, at });
    }
    facts
}

pub(super) fn consumer(world: &World, number: u32) -> Vec<Fact> {
    let Some(consumer) = world.consumer(number) else { return Vec::new() };
    let node = NodeId::Consumer(number);
    if !runs(world, node) {
        return vec![Fact::NotRunning { node }];
    }
    let Some(group) = world.group(consumer.group()) else {
        return vec![Fact::NoCoordinator { group: consumer.group().to_string() }];
    };
    if group.state() != GroupState::Stable {
        let until = group.phase().map(|p| p.deadline);
        return vec![Fact::Rebalance { state: group.state().name(), until }];
    }
    let mut facts = Vec::new();
    if consumer.is_idle_member() {
        let image = world.image();
        let topics = consumer.topics().iter().filter_map(|t| image.topic_by_name(t));
        let partitions = count(topics.map(|(_, t)| t.partitions.len()).sum());
        let members = count(group.members().len());
        facts.push(Fact::MoreMembersThanPartitions { members, partitions });
        return facts;
    }
    for owned in consumer.owned() {
        let Some(position) = owned.position else { continue };
        let leader = world.image().partition(owned.tp).map_or(-1, |p| p.leader);
        let at_leader = world.broker(leader).and_then(|b| b.partition(owned.tp)).map(|p| p.high_watermark());
        let high_watermark = at_leader.or(owned.high_watermark).unwrap_or(position);
        let partition = partition_name(world, owned.tp);
        facts.push(if position >= high_watermark {
            Fact::ReadEverything { partition, position, high_watermark }
        } else {
            Fact::Behind { partition, position, high_watermark }
        });
    }
    if !matches!(consumer.doing(), "fetching" | "idle") {
        facts.push(Fact::NotPolling { doing: consumer.doing().to_owned() });
    }
    facts
}
