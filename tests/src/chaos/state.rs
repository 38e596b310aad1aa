//! What must hold of the state at any moment (correctness.md 1.1, 1.2), looked at now and then during a run.

use super::rest::history;
use highwater_cluster::{Actor, NodeId};
use highwater_sim::{PartitionView, ProcessState, ReplicaView, Role, World};

/// Looks at every partition.
pub fn check(world: &World) -> Result<(), String> {
    let view = world.view();
    let fenced: Vec<i32> = view.brokers.iter().filter(|b| b.fenced).map(|b| b.id).collect();
    for partition in view.topics.iter().flat_map(|t| &t.partitions) {
        registration(partition, &fenced)?;
        for log in &partition.logs {
            shape(world, partition, log)?;
            maximal_isr(world, partition, log)?;
        }
    }
    Ok(())
}

/// R06, R22: the ISR is among the replicas, it is never empty, the leader is in it, and nobody in an ISR of more
/// than one is fenced.
fn registration(partition: &PartitionView, fenced: &[i32]) -> Result<(), String> {
    let (name, isr) = (&partition.name, &partition.isr);
    if isr.is_empty() || isr.iter().any(|b| !partition.replicas.contains(b)) {
        return Err(format!("R22: {name} has ISR {isr:?} of replicas {:?}", partition.replicas));
    }
    if partition.leader >= 0 && !isr.contains(&partition.leader) {
        return Err(format!("R06: {name}: leader {} is not in ISR {isr:?}", partition.leader));
    }
    if isr.len() > 1
        && let Some(broker) = isr.iter().find(|b| fenced.contains(b))
    {
        return Err(format!("R22: {name}: fenced broker {broker} is in ISR {isr:?}"));
    }
    if fenced.contains(&partition.leader) {
        return Err(format!("R22: {name} is led by fenced broker {}", partition.leader));
    }
    Ok(())
}

/// R01: offsets without gaps, leader epochs that never fall, log start <= high watermark <= log end; and the leader
/// epoch cache says of each epoch where it begins.
fn shape(world: &World, partition: &PartitionView, log: &ReplicaView) -> Result<(), String> {
    let place = format!("{} at broker {}", partition.name, log.broker);
    if log.role == Role::Offline {
        return Ok(());
    }
    let (start, hw, end) = (log.log_start_offset, log.high_watermark, log.log_end_offset);
    if !(start <= hw && hw <= end) {
        return Err(format!("R01: {place}: log start {start}, high watermark {hw}, log end {end}"));
    }
    let batches = history(world, log.broker, partition.tp);
    let mut cache = log.epoch_cache.clone();
    cache.retain(|(_, offset)| *offset < end);
    // A cut in the middle of a batch takes all of it (as in Kafka), where a leader's log begins there: what is
    // missing is below every reader's beginning.
    let leaders_start = partition.logs.iter().map(|l| l.log_start_offset).max().unwrap_or(0);
    let gap = |from: i64, to: i64| to != from && to > leaders_start;
    for pair in batches.windows(2) {
        if gap(pair[0].last + 1, pair[1].base) || pair[1].epoch < pair[0].epoch {
            return Err(format!("R01: {place}: {:?} follows {:?}", pair[1], pair[0]));
        }
        // A log start that was not checkpointed before a crash goes back to its segment; the cache does not.
        let forgotten = cache.first().is_none_or(|(_, start)| pair[1].base < *start);
        // As in Kafka an entry may begin too late: a broker that restarts after a power loss leads for a moment in
        // its old epoch, which is entered at the shortened end; older records fetched after it then push it out.
        let noted = |(epoch, start): &(i32, i64)| *epoch == pair[1].epoch && *start >= pair[1].base;
        let known = forgotten || cache.iter().any(noted);
        if pair[1].epoch > pair[0].epoch && !known {
            return Err(format!(
                "D02: {place}: epoch {} begins at {}, the cache is {cache:?}",
                pair[1].epoch, pair[1].base
            ));
        }
    }
    if batches.last().is_some_and(|b| gap(b.last + 1, end)) {
        return Err(format!("R01: {place} ends at {end}, its last batch is {:?}", batches.last()));
    }
    Ok(())
}

/// R10: a leader that the controller agrees on counts with every member of the controller's ISR.
fn maximal_isr(world: &World, partition: &PartitionView, log: &ReplicaView) -> Result<(), String> {
    let broker = log.broker;
    let up = world.node(NodeId::Broker(broker)).is_some_and(|n| n.state == ProcessState::Running);
    let current = log.role == Role::Leader
        && partition.leader == broker
        && partition.leader_epoch == log.leader_epoch;
    if !up || !current || !world.broker(broker).is_some_and(Actor::listens) {
        return Ok(());
    }
    // News of its own last change from the metadata log makes a leader forget a proposal that it has sent since
    // (Kafka: Partition.makeLeader takes an equal partition epoch): the controller may then be ahead for a moment.
    let known = world.broker(broker).and_then(|b| b.partition(partition.tp));
    let behind = known.is_some_and(|p| p.partition_epoch() < partition.partition_epoch);
    if behind && log.pending_isr.as_ref().is_none_or(|isr| !same(isr, &partition.isr)) {
        return Ok(());
    }
    match partition.isr.iter().find(|b| !log.maximal_isr.contains(b)) {
        None => Ok(()),
        Some(missing) => Err(format!(
            "R10: {}: broker {missing} is in the controller's ISR {:?} but leader {broker} counts {:?}",
            partition.name, partition.isr, log.maximal_isr
        )),
    }
}

fn same(a: &[i32], b: &[i32]) -> bool {
    a.len() == b.len() && a.iter().all(|id| b.contains(id))
}
