//! State of one classic group, without any sending (Kafka: `ClassicGroup`).

use super::member::GroupMember;
use super::records::{GroupValue, topic_uuid};
use crate::assignor::Subscription;
use crate::{GroupState, KafkaError, Name, Time, TopicPartition};
use highwater_log::{Bytes, LeaderEpoch, Offset, Timestamp};
use highwater_sorted::{SortedMap, SortedSet};

/// A committed offset.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CommittedOffset {
    /// Next offset to read.
    pub offset: Offset,
    /// As the client gave it; -1 = unknown.
    pub leader_epoch: LeaderEpoch,
    /// When it was taken, milliseconds since the Unix epoch.
    pub commit_timestamp: Timestamp,
    /// From old records; -1 = by `offsets.retention.minutes`.
    pub expire_timestamp: Timestamp,
}

/// What a group waits for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PhaseKind {
    /// First members: `group.initial.rebalance.delay.ms`, extended while more arrive.
    InitialDelay,
    /// Every member has to send JoinGroup again.
    Join,
    /// Every member has to send SyncGroup.
    Sync,
}

/// A part of a rebalance with its time limit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Phase {
    /// What is waited for.
    pub kind: PhaseKind,
    /// Since when.
    pub since: Time,
    /// End at the latest, as it stands.
    pub deadline: Time,
}

/// An id handed out with MEMBER_ID_REQUIRED that has not joined yet.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PendingMember {
    /// Number within the group, for its timer.
    pub number: u32,
    /// The id.
    pub member_id: Name,
}

/// A classic group.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ClassicGroup {
    /// Number within the coordinator, for timers.
    pub(super) number: u32,
    pub(super) id: Name,
    pub(super) offsets_partition: i32,
    pub(super) state: GroupState,
    pub(super) previous_state: GroupState,
    /// Milliseconds since the Unix epoch; -1 = unknown.
    pub(super) state_since_ms: Timestamp,
    pub(super) generation: i32,
    pub(super) protocol_type: Option<Name>,
    pub(super) protocol: Option<Name>,
    pub(super) leader: Option<Name>,
    /// In order of joining.
    pub(super) members: Vec<GroupMember>,
    pub(super) pending_members: Vec<PendingMember>,
    pub(super) pending_sync: SortedSet<Name>,
    /// Somebody joined during the initial delay.
    pub(super) new_member_added: bool,
    /// What is left of the longest initial delay, in ms.
    pub(super) initial_delay_left_ms: i64,
    pub(super) next_member_number: u32,
    pub(super) phase: Option<Phase>,
    pub(super) offsets: SortedMap<TopicPartition, CommittedOffset>,
}

impl ClassicGroup {
    pub(super) fn new(number: u32, id: Name, offsets_partition: i32, now: Time) -> Self {
        Self {
            number,
            id,
            offsets_partition,
            state: GroupState::Empty,
            previous_state: GroupState::Empty,
            state_since_ms: now.wall_ms(),
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: Vec::new(),
            pending_members: Vec::new(),
            pending_sync: SortedSet::new(),
            new_member_added: false,
            initial_delay_left_ms: 0,
            next_member_number: 0,
            phase: None,
            offsets: SortedMap::new(),
        }
    }

    /// Group id.
    pub fn id(&self) -> &Name {
        &self.id
    }
    /// Partition of `__consumer_offsets` that keeps it.
    pub fn offsets_partition(&self) -> i32 {
        self.offsets_partition
    }
    /// State.
    pub fn state(&self) -> GroupState {
        self.state
    }
    /// Generation; 0 before the first.
    pub fn generation(&self) -> i32 {
        self.generation
    }
    /// The assignor of this generation.
    pub fn protocol(&self) -> Option<&Name> {
        self.protocol.as_ref()
    }
    /// Member id of the leader.
    pub fn leader(&self) -> Option<&Name> {
        self.leader.as_ref()
    }
    /// Members, in order of joining.
    pub fn members(&self) -> &[GroupMember] {
        &self.members
    }
    /// Ids handed out and not used yet.
    pub fn pending_members(&self) -> &[PendingMember] {
        &self.pending_members
    }
    /// Committed offsets.
    pub fn offsets(&self) -> &SortedMap<TopicPartition, CommittedOffset> {
        &self.offsets
    }
    /// What it waits for, when it rebalances.
    pub fn phase(&self) -> Option<Phase> {
        self.phase
    }
    /// The member with this id.
    pub fn member(&self, member_id: &str) -> Option<&GroupMember> {
        self.members.iter().find(|m| &*m.member_id == member_id)
    }

    pub(super) fn member_mut(&mut self, member_id: &str) -> Option<&mut GroupMember> {
        self.members.iter_mut().find(|m| &*m.member_id == member_id)
    }

    pub(super) fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    pub(super) fn next_number(&mut self) -> u32 {
        self.next_member_number += 1;
        self.next_member_number
    }

    /// The longest rebalance timeout of its members, in ms.
    pub(super) fn rebalance_timeout_ms(&self) -> i64 {
        self.members.iter().map(|m| i64::from(m.rebalance_timeout_ms)).max().unwrap_or(0)
    }

    pub(super) fn has_all_members_joined(&self) -> bool {
        self.pending_members.is_empty() && self.members.iter().all(GroupMember::is_awaiting_join)
    }

    /// Takes a member out; the leader's place goes to the member who has been there longest.
    pub(super) fn remove(&mut self, member_id: &str) -> Option<GroupMember> {
        let at = self.members.iter().position(|m| &*m.member_id == member_id)?;
        let removed = self.members.remove(at);
        self.pending_sync.remove(member_id);
        if self.is_leader(member_id) {
            self.leader = self.members.first().map(|m| m.member_id.clone());
        }
        Some(removed)
    }

    /// Keeps the leader when it has rejoined, else takes the first member that has. False when
    /// nobody has.
    pub(super) fn elect_joined_leader(&mut self) -> bool {
        let leader = self.leader.as_ref().and_then(|id| self.member(id));
        if leader.is_some_and(GroupMember::is_awaiting_join) {
            return true;
        }
        let joined = self.members.iter().find(|m| m.is_awaiting_join());
        let joined = joined.map(|m| m.member_id.clone());
        if joined.is_some() {
            self.leader = joined;
            return true;
        }
        false
    }

    /// Assignors that every member supports, by name.
    pub(super) fn candidate_protocols(&self) -> Vec<Name> {
        let Some(first) = self.members.first() else { return Vec::new() };
        let common = |name: &Name| {
            self.members.iter().all(|m| m.protocols.iter().any(|(other, _)| other == name))
        };
        let mut names: Vec<Name> =
            first.protocols.iter().map(|(n, _)| n.clone()).filter(common).collect();
        highwater_sorted::sort(&mut names);
        names.dedup();
        names
    }

    /// Each member votes for its first candidate; most votes win, a tie goes to the first name.
    /// (Kafka breaks ties by the order of a hash map.)
    pub(super) fn select_protocol(&self) -> Option<Name> {
        let candidates = self.candidate_protocols();
        let mut winner: Option<(usize, &Name)> = None;
        for name in &candidates {
            let votes = self.members.iter().filter(|m| m.vote(&candidates) == Some(name)).count();
            if winner.is_none_or(|(most, _)| votes > most) {
                winner = Some((votes, name));
            }
        }
        winner.map(|(_, name)| name.clone())
    }

    /// Whether a member with these assignors fits in.
    pub(super) fn supports(&self, protocol_type: &str, protocols: &[(Name, Bytes)]) -> bool {
        if self.state == GroupState::Empty {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        let candidates = self.candidate_protocols();
        self.protocol_type.as_deref() == Some(protocol_type)
            // With nobody there any protocol is common to all.
            && protocols.iter().any(|(name, _)| self.members.is_empty() || candidates.contains(name))
    }

    /// Checks that a request comes from a member of this generation (all requests but JoinGroup).
    pub(super) fn check_member(&self, member_id: &str, generation: i32) -> Result<(), KafkaError> {
        if self.state == GroupState::Dead {
            Err(KafkaError::CoordinatorNotAvailable)
        } else if self.member(member_id).is_none() {
            Err(KafkaError::UnknownMemberId)
        } else if generation != self.generation {
            Err(KafkaError::IllegalGeneration)
        } else {
            Ok(())
        }
    }

    /// Topics that some member subscribes to; `None` when a subscription cannot be read.
    pub(super) fn subscribed_topics(&self) -> Option<SortedSet<Name>> {
        let protocol = self.protocol.as_deref()?;
        let mut topics = SortedSet::new();
        for member in &self.members {
            topics.extend(Subscription::decode(&member.metadata(protocol)).ok()?.topics);
        }
        Some(topics)
    }

    /// As a record keeps it, with these assignments; members not named get none.
    pub(super) fn to_value(&self, assignments: &SortedMap<Name, Bytes>, now: Time) -> GroupValue {
        let protocol = self.protocol.clone().unwrap_or_else(|| Name::from(""));
        let member = |m: &GroupMember| {
            let assignment = assignments.get(&m.member_id).cloned();
            m.to_value(&protocol, assignment.unwrap_or_else(Bytes::empty))
        };
        GroupValue {
            protocol_type: self.protocol_type.clone().unwrap_or_else(|| Name::from("")),
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            current_state_timestamp: now.wall_ms(),
            members: self.members.iter().map(member).collect(),
        }
    }

    /// Becomes what a record says: Stable with members, Empty without.
    pub(super) fn replay(&mut self, value: &GroupValue) {
        self.generation = value.generation;
        self.protocol_type = Some(value.protocol_type.clone()).filter(|t| !t.is_empty());
        self.protocol.clone_from(&value.protocol);
        self.leader.clone_from(&value.leader);
        self.state_since_ms = value.current_state_timestamp;
        self.state = if value.members.is_empty() { GroupState::Empty } else { GroupState::Stable };
        self.previous_state = self.state;
        let protocol = value.protocol.clone().unwrap_or_else(|| Name::from(""));
        self.members = Vec::new();
        for member in &value.members {
            let number = self.next_number();
            self.members.push(GroupMember::from_value(number, member, &protocol));
        }
    }
}

/// An offset as a record keeps it.
pub(super) fn offset_value(
    tp: TopicPartition,
    committed: &CommittedOffset,
) -> super::records::OffsetValue {
    super::records::OffsetValue {
        offset: committed.offset,
        leader_epoch: committed.leader_epoch,
        metadata: Name::from(""),
        commit_timestamp: committed.commit_timestamp,
        expire_timestamp: -1,
        topic_id: Some(topic_uuid(tp.topic)),
    }
}
