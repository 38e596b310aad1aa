//! Why a consumer has nothing to do.

use super::{Answer, Headline, list};
use crate::explain::facts::GroupFact;
use highwater_cluster::assignor::{Assignment, Assignor, MemberSubscription, Subscription};
use highwater_cluster::consumer::Consumer;
use highwater_cluster::group::{ClassicGroup, GroupMember, PhaseKind};
use highwater_cluster::{BrokerId, GroupState, NodeId, TopicPartition};

impl<'a> Answer<'a> {
    pub(super) fn consumer(&self, number: u32) -> Result<&'a Consumer, String> {
        self.world.consumer(number).ok_or_else(|| {
            let all = self.world.nodes().filter(|(id, _)| matches!(id, NodeId::Consumer(_)));
            let all: Vec<String> = all.map(|(id, _)| id.to_string()).collect();
            format!("there is no c{number}; there are {}", list(&all))
        })
    }

    pub(super) fn idle(&mut self, number: u32) -> Headline {
        let consumer = self.consumer(number)?;
        let client = consumer.node().to_string();
        self.pick(client.clone());
        self.pick(format!("group {}", consumer.group()));
        if !self.tell_consumer(consumer) {
            return Ok(format!("{client} does not read: it is not running"));
        }
        let owned = consumer.owned();
        if !owned.is_empty() {
            let partitions = self.names(owned.iter().map(|o| o.tp));
            self.fact(GroupFact::Owns { client: client.clone(), partitions: partitions.clone() });
            self.fact(GroupFact::Doing {
                client: client.clone(),
                what: consumer.doing().to_owned(),
            });
            for owned in owned {
                self.tell_reading(consumer, owned.tp);
            }
            return Ok(format!("{client} is not idle: it reads {}", list(&partitions)));
        }
        let Some((coordinator, group)) = self.coordinated(consumer) else {
            return Ok(format!("{client} has nothing: no broker coordinates its group"));
        };
        let id = group.id().to_string();
        self.tell_group(coordinator, group);
        let Some(me) = group.member(consumer.member_id()) else {
            self.fact(GroupFact::NotAMember { client: client.clone(), group: id.clone() });
            self.fact(GroupFact::Doing {
                client: client.clone(),
                what: consumer.doing().to_owned(),
            });
            return Ok(format!("{client} has nothing: it is not in group {id} yet"));
        };
        if group.state() != GroupState::Stable {
            return Ok(format!("{client} has nothing while group {id} rebalances"));
        }
        let partitions = self.partition_count(consumer);
        if partitions == 0 {
            self.fact(GroupFact::NoPartitions {
                topics: consumer.topics().iter().map(ToString::to_string).collect(),
            });
            return Ok(format!("{client} has nothing: its topics have no partitions"));
        }
        let members = u32::try_from(group.members().len()).unwrap_or(u32::MAX);
        self.tell_assignment(group, me);
        if members > partitions {
            let fact =
                GroupFact::MoreMembersThanPartitions { group: id.clone(), members, partitions };
            self.facts.insert(0, fact.into());
            return Ok(format!(
                "{client} has nothing: group {id} has {members} members for {partitions} partitions"
            ));
        }
        Ok(format!("{client} has nothing in generation {} of group {id}", group.generation()))
    }

    /// Whether a consumer runs and has not ended, with why not.
    pub(super) fn tell_consumer(&mut self, consumer: &Consumer) -> bool {
        if let Some(reason) = consumer.failure() {
            self.fact(GroupFact::ConsumerFailed { reason: reason.to_string() });
            return false;
        }
        if consumer.is_closed() {
            self.fact(GroupFact::ConsumerClosed);
            return false;
        }
        let runs = self.tell_process(consumer.node());
        if !runs && let Some((_, group)) = self.found(consumer) {
            self.tell_member_session(group, consumer.member_id());
        }
        runs
    }

    fn found(&self, consumer: &Consumer) -> Option<(BrokerId, &'a ClassicGroup)> {
        let group = self.world.group(consumer.group())?;
        let (topic, _) = self.world.image().topic_by_name("__consumer_offsets")?;
        let leader = self
            .world
            .image()
            .partition(TopicPartition::new(topic, group.offsets_partition()))?
            .leader;
        Some((leader, group))
    }

    /// The group at its coordinator, or why there is none.
    pub(super) fn coordinated(
        &mut self,
        consumer: &Consumer,
    ) -> Option<(BrokerId, &'a ClassicGroup)> {
        let found = self.found(consumer);
        if found.is_none() {
            let any = self.world.nodes().find_map(|(n, _)| self.world.broker(n.broker()?));
            let offsets_partition = any.map_or(-1, |b| b.offsets_partition(consumer.group()));
            let group = consumer.group().to_string();
            let replication_factor = any.map_or(0, |b| b.config().offsets_topic_replication_factor);
            let image = self.world.image();
            let brokers = u32::try_from(image.brokers.len()).unwrap_or(u32::MAX);
            let made = image.topic_by_name("__consumer_offsets").is_some();
            self.fact(match !made && i64::from(replication_factor) > i64::from(brokers) {
                true => GroupFact::OffsetsTopicImpossible { group, replication_factor, brokers },
                false => GroupFact::NoCoordinator { group, offsets_partition },
            });
            let (client, what) = (consumer.node().to_string(), consumer.doing().to_owned());
            self.fact(GroupFact::Doing { client, what });
        }
        found
    }

    /// State of a group and, while it rebalances, whom it waits for.
    pub(super) fn tell_group(&mut self, coordinator: BrokerId, group: &ClassicGroup) {
        self.fact(GroupFact::GroupIs {
            group: group.id().to_string(),
            state: group.state().name(),
            generation: group.generation(),
            coordinator,
        });
        let Some(phase) = group.phase() else { return };
        let absent = |m: &&GroupMember| match phase.kind {
            PhaseKind::Sync => !m.is_awaiting_sync(),
            _ => !m.is_awaiting_join(),
        };
        let silent: Vec<&GroupMember> = group.members().iter().filter(absent).collect();
        let mut waiting_for: Vec<String> = silent.iter().map(|m| member_name(m)).collect();
        if phase.kind == PhaseKind::Join {
            waiting_for.extend(
                group.pending_members().iter().map(|p| format!("new member {}", p.member_id)),
            );
        }
        self.fact(GroupFact::RebalanceWaits {
            kind: phase.kind,
            waiting_for,
            until: phase.deadline,
        });
        for member in silent {
            if let Some(node) = member.node() {
                self.pick(node.to_string());
                if !self.tell_process(node) {
                    self.tell_member_session(group, &member.member_id);
                }
            }
        }
    }

    fn tell_member_session(&mut self, group: &ClassicGroup, member_id: &str) {
        let Some(member) = group.member(member_id) else { return };
        if let Some(at) = member.session_deadline() {
            let session_timeout_ms = member.session_timeout_ms;
            self.fact(GroupFact::MemberSessionExpiresAt {
                member: member_name(member),
                at,
                session_timeout_ms,
            });
        }
    }

    /// Partitions of the topics a consumer subscribes to.
    fn partition_count(&self, consumer: &Consumer) -> u32 {
        let image = self.world.image();
        let topics = consumer.topics().iter().filter_map(|t| image.topic_by_name(t));
        let counts = topics.map(|(_, t)| u32::try_from(t.partitions.len()).unwrap_or(u32::MAX));
        counts.fold(0, u32::saturating_add)
    }

    /// What every member has, and where this one stands in the assignor's order.
    fn tell_assignment(&mut self, group: &ClassicGroup, me: &GroupMember) {
        for member in group.members() {
            let assignment = Assignment::decode(&member.assignment).ok();
            let owned =
                assignment.iter().flat_map(|a| a.iter()).map(|(topic, n)| format!("{topic}-{n}"));
            self.fact(GroupFact::AssignmentOf {
                member: member_name(member),
                partitions: owned.collect(),
            });
        }
        let Some(assignor) = group.protocol().and_then(|p| Assignor::by_name(p)) else { return };
        let subscription = |m: &GroupMember| {
            let topics = Subscription::decode(&m.metadata(assignor.name())).ok()?.topics;
            Some(MemberSubscription { member_id: m.member_id.clone(), instance_id: None, topics })
        };
        let all: Vec<MemberSubscription> =
            group.members().iter().filter_map(subscription).collect();
        let order = Assignor::in_order(&all);
        let members = u32::try_from(order.len()).unwrap_or(u32::MAX);
        let place = (1u32..).zip(&order).find(|(_, m)| m.member_id == me.member_id).map(|(n, _)| n);
        if let Some(place) = place {
            let (assignor, client) = (assignor.name().to_owned(), member_name(me));
            self.fact(GroupFact::PlaceInAssignor { assignor, client, place, members });
        }
    }
}

/// `c1`, or the member id of a stranger.
pub(super) fn member_name(member: &GroupMember) -> String {
    member.node().map_or_else(|| member.member_id.to_string(), |n| n.to_string())
}
