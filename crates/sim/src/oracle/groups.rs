//! The account of groups: who owns what, and which commits may count.

use super::observe::Findings;
use super::{Oracle, PendingCommit};
use crate::disk_logs::partition_name;
use highwater_cluster::{
    Correlation, Name, NodeId, OffsetCommitRequest, OffsetCommitResponse, Time, TopicPartition,
    TraceEvent,
};

impl Oracle {
    pub(super) fn event_at_client(
        &mut self,
        node: NodeId,
        time: Time,
        event: &TraceEvent,
        findings: &mut Findings<'_>,
    ) {
        match event {
            TraceEvent::Acknowledged { tp, .. } => self.acknowledged(node, time, *tp, findings),
            TraceEvent::GenerationFormed { group, generation, .. } => {
                self.generations.insert((node, group.clone()), *generation);
            }
            TraceEvent::CoordinatorLoaded { partition, .. } => {
                self.coordinator_loaded(node, *partition, findings)
            }
            TraceEvent::PartitionsAssigned { group, partitions, generation } => {
                for tp in partitions {
                    self.assigned(node, group, *tp, *generation, findings);
                }
            }
            TraceEvent::PartitionsRevoked { group, partitions, .. } => {
                for tp in partitions {
                    let key = (group.clone(), *tp);
                    if self.owners.get(&key).is_some_and(|(owner, _)| *owner == node) {
                        self.owners.remove(&key);
                    }
                }
            }
            TraceEvent::Crashed { .. } | TraceEvent::ShutDown | TraceEvent::ProcessRemoved => {
                self.owners.retain(|_, (owner, _)| *owner != node);
            }
            _ => {}
        }
    }

    /// What is in the offsets log counts: a generation that was formed and not written has never been, and after
    /// an allowed loss of the log its groups begin anew.
    fn coordinator_loaded(&mut self, node: NodeId, partition: i32, findings: &Findings<'_>) {
        let Some(broker) = node.broker().and_then(|id| findings.world.broker(id)) else { return };
        let known = |group: &Name| broker.coordinator().group(group).map(|g| g.generation());
        let here = |group: &Name| broker.offsets_partition(group) == partition;
        self.owners.retain(|(group, _), (_, theirs)| {
            !here(group) || known(group).is_some_and(|g| g >= *theirs)
        });
        self.generations.retain(|(at, group), generation| {
            let loaded = *at == node && here(group);
            *generation = known(group).filter(|_| loaded).unwrap_or(*generation);
            !loaded || known(group).is_some()
        });
    }

    /// G01: no two members of one generation own a partition.
    fn assigned(
        &mut self,
        node: NodeId,
        group: &Name,
        tp: TopicPartition,
        generation: i32,
        findings: &mut Findings<'_>,
    ) {
        let before = self.owners.insert((group.clone(), tp), (node, generation));
        // An unclean election gives the group two histories, and with them two coordinators for a while.
        let offsets = super::replication::offsets_partition(findings.world, group);
        let account = offsets.and_then(|tp| self.partitions.get(&tp));
        if account.is_some_and(|p| !p.unclean.is_empty()) {
            return;
        }
        if let Some((other, theirs)) = before
            && other != node
            && theirs == generation
        {
            let name = partition_name(findings.world, tp);
            let message = format!(
                "{name}: {other} and {node} both own it in generation {generation} of {group}"
            );
            findings.broken(node, "G01 NoDoubleOwnership", message);
        }
    }

    pub(super) fn commit_arrived(
        &mut self,
        node: NodeId,
        from: NodeId,
        correlation: Correlation,
        commit: &OffsetCommitRequest,
    ) {
        let pending = PendingCommit {
            group: commit.group.clone(),
            named: commit.generation_id,
            at_arrival: self.generations.get(&(node, commit.group.clone())).copied(),
        };
        self.pending_commits.insert((from, correlation), pending);
    }

    /// G07: a commit that names an old generation changes nothing.
    pub(super) fn commit_answered(
        &mut self,
        to: NodeId,
        correlation: Correlation,
        answer: &OffsetCommitResponse,
        findings: &mut Findings<'_>,
    ) {
        let Some(pending) = self.pending_commits.remove(&(to, correlation)) else { return };
        let accepted = answer.partitions.iter().any(|(_, error)| error.is_none());
        if accepted && pending.named >= 0 && pending.at_arrival.is_some_and(|g| g > pending.named) {
            let message = format!(
                "a commit of {to} for generation {} of {} was accepted in generation {}",
                pending.named,
                pending.group,
                pending.at_arrival.unwrap_or_default()
            );
            findings.broken(to, "G07 CommitFencing", message);
        }
    }
}
