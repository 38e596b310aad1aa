//! Reasons about logs: high watermark, ISR, segments.

use super::Fact;
use crate::{ProcessState, World};
use highwater_cluster::{BrokerId, NodeId, Partition, PartitionRegistration, Timer, TopicPartition};
use highwater_log::Offset;

fn up(world: &World, broker: BrokerId) -> bool {
    world
        .node(NodeId::Broker(broker))
        .is_some_and(|n| matches!(n.state, ProcessState::Running | ProcessState::Paused))
}

/// The leader's replica, when its broker is up and knows that it leads.
fn leader<'a>(world: &'a World, tp: TopicPartition, registered: &PartitionRegistration) -> Option<&'a Partition> {
    let partition = world.broker(registered.leader)?.partition(tp)?;
    (up(world, registered.leader) && partition.is_leader()).then_some(partition)
}

pub(super) fn high_watermark(world: &World, tp: TopicPartition, broker: Option<BrokerId>) -> Vec<Fact> {
    let Some(registered) = world.image().partition(tp) else { return Vec::new() };
    let leading = leader(world, tp, registered);
    match broker.filter(|b| *b != registered.leader) {
        None => match leading {
            Some(partition) => at_leader(partition, registered.leader),
            None => vec![Fact::NoLeader { isr: registered.isr.clone() }],
        },
        Some(follower) if !up(world, follower) => {
            let on_disk = world.recovered(follower, tp);
            on_disk.map(|(log, _)| Fact::FromCheckpoint { offset: log.high_watermark() }).into_iter().collect()
        }
        Some(follower) => {
            let Some(here) = world.broker(follower).and_then(|b| b.partition(tp)) else { return Vec::new() };
            let own = Fact::HighWatermark {
                offset: here.high_watermark(),
                log_end_offset: here.log().log_end_offset(),
            };
            let from = leading.map(|partition| Fact::KnownFrom {
                leader: registered.leader,
                here: here.high_watermark(),
                at_leader: partition.high_watermark(),
            });
            let nobody = Fact::NoLeader { isr: registered.isr.clone() };
            vec![own, from.unwrap_or(nobody)]
        }
    }
}

fn at_leader(partition: &Partition, me: BrokerId) -> Vec<Fact> {
    let end = partition.log().log_end_offset();
    let offset = partition.high_watermark();
    let mut facts = vec![Fact::HighWatermark { offset, log_end_offset: end }];
    if partition.is_under_min_isr() {
        facts.push(Fact::Frozen {
            isr: partition.isr().committed().to_vec(),
            needed: partition.effective_min_isr(),
            min_insync_replicas: partition.config().min_insync_replicas,
            replicas: i32::try_from(partition.replicas().len()).unwrap_or(i32::MAX),
        });
    }
    let mut ends = vec![(me, end)];
    for (broker, state) in partition.followers() {
        if partition.isr().maximal_contains(broker) {
            ends.push((broker, state.log_end_offset));
        }
    }
    ends.sort_unstable();
    for (broker, _) in partition.followers() {
        if partition.isr().maximal_contains(broker) && !partition.isr().committed().contains(&broker) {
            facts.push(Fact::CountsAlready { broker });
        }
    }
    let slowest = partition
        .followers()
        .filter(|(broker, state)| partition.isr().maximal_contains(*broker) && state.log_end_offset < end)
        .min_by_key(|(_, state)| state.log_end_offset);
    facts.push(Fact::LeastOf { ends });
    facts.push(match slowest {
        Some((broker, state)) => Fact::HeldBy {
            broker,
            log_end_offset: state.log_end_offset.max(0),
            last_fetch: state.last_fetch_time,
        },
        None => Fact::NothingHolds { log_end_offset: end },
    });
    facts
}

pub(super) fn isr(world: &World, tp: TopicPartition, broker: BrokerId) -> Vec<Fact> {
    let Some(registered) = world.image().partition(tp) else { return Vec::new() };
    if !registered.replicas.contains(&broker) {
        return Vec::new();
    }
    let mut facts = Vec::new();
    if !world.image().is_active(broker) {
        let session = world.controller().sessions().get(&broker);
        facts.push(Fact::Fenced {
            broker,
            last_heartbeat: session.map(|s| s.last_heartbeat),
            session_timeout_ms: world.controller().config().broker_session_timeout_ms,
        });
    }
    if !up(world, broker) {
        facts.push(Fact::NotRunning { node: NodeId::Broker(broker) });
    }
    let Some(partition) = leader(world, tp, registered) else {
        facts.push(Fact::NoLeader { isr: registered.isr.clone() });
        return facts;
    };
    if registered.leader == broker {
        facts.push(Fact::Leads { epoch: registered.leader_epoch });
        return facts;
    }
    let limit_ms = world.broker(registered.leader).map_or(0, |b| b.config().replica_lag_time_max_ms);
    let Some(state) = partition.follower(broker) else { return facts };
    let end = partition.log().log_end_offset();
    let log_end_offset = state.log_end_offset;
    let needs = partition.high_watermark().max(partition.leader_epoch_start_offset().unwrap_or(0));
    if registered.isr.contains(&broker) {
        facts.push(match partition.lag_deadline(broker, limit_ms) {
            Some(deadline) => Fact::WillLag { log_end_offset, needs: end, deadline, limit_ms },
            None => Fact::InSync { last_caught_up: state.last_caught_up_time.unwrap_or_default(), limit_ms },
        });
    } else if log_end_offset >= needs && facts.is_empty() {
        facts.push(Fact::Rejoining { log_end_offset });
    } else {
        let last_caught_up = state.last_caught_up_time;
        facts.push(Fact::Lagging { log_end_offset, needs, last_caught_up, limit_ms });
    }
    facts
}

pub(super) fn segment(world: &World, tp: TopicPartition, broker: BrokerId, base: Offset) -> Vec<Fact> {
    let kept = world.why_kept(tp, broker).into_iter().find(|k| k.base_offset == base);
    let Some(kept) = kept else { return Vec::new() };
    let node = world.node(NodeId::Broker(broker));
    let at = node.and_then(|n| n.timers().find(|(timer, _)| *timer == Timer::RetentionCheck)).map(|(_, at)| at);
    let interval_ms = world.broker(broker).map_or(0, |b| b.config().log_retention_check_interval_ms);
    vec![Fact::Kept(Box::new(kept)), Fact::NextCheck { at, interval_ms }]
}
