//! The client-side assignors: pure functions from subscriptions and partition counts to an
//! assignment (`RangeAssignor`, `RoundRobinAssignor` of `org.apache.kafka.clients.consumer`).
//! The rack-aware part of the range assignor (KIP-881) is left out.

use crate::Name;
use highwater_sorted::SortedMap;
use std::cmp::Ordering;

/// A member as the leader sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberSubscription {
    /// Member id.
    pub member_id: Name,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Name>,
    /// Topics it subscribes to.
    pub topics: Vec<Name>,
}

/// Member id to its partitions; a member without any has an empty list.
pub type GroupAssignment = SortedMap<Name, Vec<(Name, i32)>>;

/// `partition.assignment.strategy`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Assignor {
    /// "range": per topic, consecutive partitions; the extra ones go to the first members.
    Range,
    /// "roundrobin": all partitions of all topics dealt out in turn.
    RoundRobin,
}

impl Assignor {
    /// Both, in no order of preference.
    pub const ALL: [Self; 2] = [Self::Range, Self::RoundRobin];

    /// The name members send in JoinGroup.
    pub fn name(self) -> &'static str {
        match self {
            Self::Range => "range",
            Self::RoundRobin => "roundrobin",
        }
    }

    /// The assignor with this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }

    /// Members in the order in which both strategies serve them.
    pub fn in_order(members: &[MemberSubscription]) -> Vec<&MemberSubscription> {
        let mut sorted: Vec<&MemberSubscription> = members.iter().collect();
        highwater_sorted::sort_by(&mut sorted, |a, b| member_order(a, b));
        sorted
    }

    /// Assigns every partition of every subscribed topic that exists (has a count) to one member.
    pub fn assign(
        self,
        partition_counts: &SortedMap<Name, i32>,
        members: &[MemberSubscription],
    ) -> GroupAssignment {
        let sorted = Self::in_order(members);
        let mut assignment: GroupAssignment =
            sorted.iter().map(|m| (m.member_id.clone(), Vec::new())).collect();
        match self {
            Self::Range => range(partition_counts, &sorted, &mut assignment),
            Self::RoundRobin => round_robin(partition_counts, &sorted, &mut assignment),
        }
        assignment
    }
}

/// Static members first, by instance id; then dynamic ones by member id (`MemberInfo.compareTo`).
fn member_order(a: &MemberSubscription, b: &MemberSubscription) -> Ordering {
    match (&a.instance_id, &b.instance_id) {
        (Some(a), Some(b)) => java_order(a, b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => java_order(&a.member_id, &b.member_id),
    }
}

/// Java compares strings by UTF-16 units.
fn java_order(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

/// Subscribed topics that exist, in order of their names, each with its number of partitions.
fn subscribed(counts: &SortedMap<Name, i32>, members: &[&MemberSubscription]) -> Vec<(Name, i32)> {
    let mut topics: Vec<Name> = members.iter().flat_map(|m| m.topics.iter().cloned()).collect();
    highwater_sorted::sort_by(&mut topics, |a, b| java_order(a, b));
    topics.dedup();
    topics.into_iter().filter_map(|t| counts.get(&t).map(|n| (t.clone(), *n))).collect()
}

fn give(
    assignment: &mut GroupAssignment,
    member: &MemberSubscription,
    topic: &Name,
    partition: i32,
) {
    let list = assignment.get_mut(&member.member_id).expect("every member has a list");
    list.push((topic.clone(), partition));
}

fn range(
    counts: &SortedMap<Name, i32>,
    members: &[&MemberSubscription],
    assignment: &mut GroupAssignment,
) {
    for (topic, partitions) in subscribed(counts, members) {
        let takers: Vec<_> = members.iter().filter(|m| m.topics.contains(&topic)).collect();
        let count = i32::try_from(takers.len()).expect("fewer than 2^31 members");
        let quota = partitions / count;
        let extras = partitions % count;
        let mut next = 0;
        for (taker, index) in takers.into_iter().zip(0..) {
            let share = quota + i32::from(index < extras);
            for partition in next..next + share {
                give(assignment, taker, &topic, partition);
            }
            next += share;
        }
    }
}

fn round_robin(
    counts: &SortedMap<Name, i32>,
    members: &[&MemberSubscription],
    assignment: &mut GroupAssignment,
) {
    let mut turn = members.iter().cycle();
    for (topic, partitions) in subscribed(counts, members) {
        for partition in 0..partitions {
            let taker = turn.find(|m| m.topics.contains(&topic));
            give(assignment, taker.expect("somebody subscribes to the topic"), &topic, partition);
        }
    }
}
