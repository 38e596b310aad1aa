//! Groups at their coordinators.

use super::Builder;
use crate::{GroupView, MemberView};
use highwater_cluster::assignor::Assignment;
use highwater_cluster::group::{ClassicGroup, GroupMember};
use highwater_cluster::{BrokerId, NodeId, TopicPartition};

impl Builder<'_> {
    /// By id. Two brokers can believe that they coordinate a group; the one that leads its offsets partition
    /// by the controller is shown, else the one that says so.
    pub fn groups(&self) -> Vec<GroupView> {
        let mut all: Vec<GroupView> = Vec::new();
        for id in self.world.kernel.nodes.keys().filter_map(|n| n.broker()) {
            if !self.running(NodeId::Broker(id)) {
                continue;
            }
            let Some(broker) = self.world.broker(id) else { continue };
            for group in broker.coordinator().groups() {
                let view = self.group(id, group);
                match all.iter_mut().find(|g| g.id == view.id) {
                    Some(other) if self.leads_offsets(id, group) => *other = view,
                    Some(_) => {}
                    None => all.push(view),
                }
            }
        }
        highwater_sorted::sort_by(&mut all, |a, b| a.id.cmp(&b.id));
        all
    }

    fn leads_offsets(&self, broker: BrokerId, group: &ClassicGroup) -> bool {
        let image = self.world.image();
        image.topic_by_name("__consumer_offsets").is_some_and(|(id, _)| {
            let tp = TopicPartition::new(id, group.offsets_partition());
            image.partition(tp).is_some_and(|p| p.leader == broker)
        })
    }

    fn group(&self, coordinator: BrokerId, group: &ClassicGroup) -> GroupView {
        GroupView {
            id: group.id().clone(),
            coordinator,
            offsets_partition: group.offsets_partition(),
            state: group.state(),
            generation: group.generation(),
            protocol: group.protocol().cloned(),
            members: group.members().iter().map(|m| self.member(group, m)).collect(),
            committed: group.offsets().iter().map(|(tp, c)| (*tp, c.offset)).collect(),
            phase: group.phase().map(|p| (p.since, p.deadline)),
        }
    }

    fn member(&self, group: &ClassicGroup, member: &GroupMember) -> MemberView {
        let assignment = Assignment::decode(&member.assignment).ok();
        let image = self.world.image();
        let tps = assignment.iter().flat_map(|a| a.iter()).filter_map(|(topic, partition)| {
            Some(TopicPartition::new(image.topic_by_name(topic)?.0, partition))
        });
        MemberView {
            member_id: member.member_id.clone(),
            client: member.node(),
            leader: group.leader() == Some(&member.member_id),
            joined: member.is_awaiting_join(),
            session_deadline: member.session_deadline(),
            assignment: tps.collect(),
        }
    }
}
