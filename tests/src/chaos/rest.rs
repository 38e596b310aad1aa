//! When a mended cluster is at rest: the predicates of liveness.

use super::Plan;
use highwater_cluster::{Actor, BrokerId, GroupState, NodeId, TopicPartition};
use highwater_sim::{BatchId, ProcessState, World, WorldView};

/// Records of the offsets topic that may be on their way at any time.
const COMMITS_UNDER_WAY: i64 = 100;

/// Everything has converged, or why not.
pub fn at_rest(world: &World, plan: &Plan) -> Result<(), String> {
    let view = world.view();
    for broker in &view.brokers {
        if !world.broker(broker.id).is_some_and(Actor::listens) {
            return Err(format!("broker {} has not registered again", broker.id));
        }
        if broker.fenced || broker.state != ProcessState::Running {
            return Err(format!(
                "broker {} is {:?}, fenced: {}",
                broker.id, broker.state, broker.fenced
            ));
        }
    }
    let partitions = view.topics.iter().flat_map(|t| t.partitions.iter().map(|p| (t.internal, p)));
    for (internal, partition) in partitions {
        let (name, leader) = (&partition.name, partition.leader);
        if leader < 0 {
            return Err(format!("{name} has no leader, ISR {:?}", partition.isr));
        }
        let mut missing = partition.replicas.iter().filter(|r| !partition.isr.contains(r));
        if let Some(out) = missing.next() {
            return Err(format!("{name}: broker {out} is not in ISR {:?}", partition.isr));
        }
        let wanted = history(world, leader, partition.tp);
        let ends = |b: BrokerId| {
            let p = world.broker(b)?.partition(partition.tp)?;
            Some((p.log().log_end_offset(), p.high_watermark()))
        };
        let end = ends(leader).map(|e| e.0);
        for replica in &partition.replicas {
            let epoch = world
                .broker(*replica)
                .and_then(|b| b.partition(partition.tp))
                .map(|p| p.leader_epoch());
            if epoch != Some(partition.leader_epoch) {
                return Err(format!("{name}: broker {replica} is in leader epoch {epoch:?}"));
            }
            let theirs = ends(*replica);
            // Consumers go on committing what they have, so that the offsets topic is never quite at rest.
            let slack = if internal { COMMITS_UNDER_WAY } else { 0 };
            let near = |a: Option<i64>| {
                a.zip(end).is_some_and(|(a, end)| (end - slack..=end + slack).contains(&a))
            };
            if !near(theirs.map(|t| t.0)) || !near(theirs.map(|t| t.1)) {
                return Err(format!(
                    "{name}: leader {leader} ends at {end:?}, broker {replica} has (end, high watermark) {theirs:?}"
                ));
            }
            let theirs = history(world, *replica, partition.tp);
            let start = log_start(world, leader, partition.tp).max(log_start(
                world,
                *replica,
                partition.tp,
            ));
            let from =
                |h: &[BatchId]| h.iter().filter(|b| b.base >= start).copied().collect::<Vec<_>>();
            let (ours, theirs) = (from(&wanted), from(&theirs));
            if ours.iter().zip(&theirs).any(|(a, b)| a != b)
                || (!internal && ours.len() != theirs.len())
            {
                return Err(format!("{name}: the logs of brokers {leader} and {replica} differ"));
            }
        }
    }
    groups(world, &view, plan)
}

fn log_start(world: &World, broker: BrokerId, tp: TopicPartition) -> i64 {
    world.broker(broker).and_then(|b| b.partition(tp)).map_or(0, |p| p.log().log_start_offset())
}

/// Every batch of a replica's log.
pub fn history(world: &World, broker: BrokerId, tp: TopicPartition) -> Vec<BatchId> {
    let (Some(node), Some(partition)) =
        (world.node(NodeId::Broker(broker)), world.broker(broker).and_then(|b| b.partition(tp)))
    else {
        return Vec::new();
    };
    let log = partition.log();
    let batches = log.batches_from(log.log_start_offset(), &node.disk);
    batches.map(|b| BatchId::of(&b.expect("a readable log").header)).collect()
}

fn groups(world: &World, view: &WorldView, plan: &Plan) -> Result<(), String> {
    let _ = plan;
    let alive: Vec<_> = view.consumers.iter().filter(|c| super::reads(world, c)).collect();
    let mut names: Vec<_> = alive.iter().map(|c| c.group.clone()).collect();
    names.sort_unstable();
    names.dedup();
    for group in &view.groups {
        let wanted = if names.contains(&group.id) { GroupState::Stable } else { GroupState::Empty };
        if group.state != wanted
            && !(wanted == GroupState::Empty && group.state == GroupState::Dead)
        {
            return Err(format!("group {} is {:?}, not {wanted:?}", group.id, group.state));
        }
    }
    for name in names {
        if !view.groups.iter().any(|g| g.id == name) {
            return Err(format!("group {name} with members alive is not known to a coordinator"));
        }
        let members: Vec<_> = alive.iter().filter(|c| c.group == name).collect();
        let topics: Vec<_> = view
            .topics
            .iter()
            .filter(|t| members.iter().any(|m| m.topics.contains(&t.name.as_str().into())))
            .collect();
        for partition in topics.iter().flat_map(|t| &t.partitions) {
            let owned: Vec<_> = members
                .iter()
                .flat_map(|m| m.owned.iter().map(move |o| (m.number, o)))
                .filter(|(_, o)| o.tp == partition.tp)
                .collect();
            let [(number, owned)] = owned.as_slice() else {
                return Err(format!(
                    "{} has {} owners in group {name}",
                    partition.name,
                    owned.len()
                ));
            };
            let end = partition
                .logs
                .iter()
                .find(|l| l.broker == partition.leader)
                .map(|l| l.high_watermark);
            if owned.position != end {
                return Err(format!(
                    "c{number} is at {:?} of {}, whose high watermark is {end:?}",
                    owned.position, partition.name
                ));
            }
            let committed = world.view().groups.iter().find(|g| g.id == name).and_then(|g| {
                g.committed.iter().find(|(tp, _)| *tp == partition.tp).map(|(_, offset)| *offset)
            });
            if end > Some(0) && committed != end {
                return Err(format!(
                    "{name} has committed {committed:?} of {}, not {end:?}",
                    partition.name
                ));
            }
        }
    }
    Ok(())
}
