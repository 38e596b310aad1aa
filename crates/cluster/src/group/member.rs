//! Members of a classic group (Kafka: `ClassicGroupMember`).

use super::records::MemberValue;
use crate::{Correlation, Name, NodeId, Time};
use highwater_log::Bytes;

/// A request whose answer is held back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Waiting {
    /// Who asked.
    pub to: NodeId,
    /// The number of its request.
    pub correlation: Correlation,
}

/// A member.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct GroupMember {
    /// Number within the group, for timers.
    pub number: u32,
    /// Member id.
    pub member_id: Name,
    /// `client.id`: the client's short name.
    pub client_id: Name,
    /// Address of the client.
    pub client_host: Name,
    /// `session.timeout.ms` of the client.
    pub session_timeout_ms: i32,
    /// `max.poll.interval.ms` of the client.
    pub rebalance_timeout_ms: i32,
    /// `(assignor, subscription bytes)`, preferred first.
    pub protocols: Vec<(Name, Bytes)>,
    /// Its partitions as the leader gave them out; empty while a generation is being formed.
    pub assignment: Bytes,
    /// Its parked JoinGroup.
    pub awaiting_join: Option<Waiting>,
    /// Its parked SyncGroup.
    pub awaiting_sync: Option<Waiting>,
    /// When its timer goes off.
    pub timer_at: Option<Time>,
    /// Has not yet been part of a generation.
    pub is_new: bool,
}

impl GroupMember {
    /// The client process; none when the client's name says nothing (a log from elsewhere).
    pub fn node(&self) -> Option<NodeId> {
        client_node(&self.client_id)
    }

    /// Its JoinGroup is parked.
    pub fn is_awaiting_join(&self) -> bool {
        self.awaiting_join.is_some()
    }

    /// Its SyncGroup is parked.
    pub fn is_awaiting_sync(&self) -> bool {
        self.awaiting_sync.is_some()
    }

    /// When it is removed if it stays silent. A member whose request is parked cannot be late,
    /// except a new one, which is given up after five minutes.
    pub fn session_deadline(&self) -> Option<Time> {
        let parked = self.is_awaiting_join() || self.is_awaiting_sync();
        self.timer_at.filter(|_| self.is_new || !parked)
    }

    /// Subscription bytes for this assignor; empty when it does not support it.
    pub fn metadata(&self, protocol: &str) -> Bytes {
        let found = self.protocols.iter().find(|(name, _)| &**name == protocol);
        found.map_or_else(Bytes::empty, |(_, bytes)| bytes.clone())
    }

    /// The first of these assignors in its own order.
    pub fn vote<'a>(&'a self, candidates: &[Name]) -> Option<&'a Name> {
        self.protocols.iter().map(|(name, _)| name).find(|name| candidates.contains(name))
    }

    /// As a record keeps it.
    pub fn to_value(&self, protocol: &str, assignment: Bytes) -> MemberValue {
        MemberValue {
            member_id: self.member_id.clone(),
            group_instance_id: None,
            client_id: self.client_id.clone(),
            client_host: self.client_host.clone(),
            rebalance_timeout: self.rebalance_timeout_ms,
            session_timeout: self.session_timeout_ms,
            subscription: self.metadata(protocol),
            assignment,
        }
    }

    /// From a record; `protocol` is the assignor of the generation.
    pub fn from_value(number: u32, value: &MemberValue, protocol: &Name) -> Self {
        let rebalance = value.rebalance_timeout;
        Self {
            number,
            member_id: value.member_id.clone(),
            client_id: value.client_id.clone(),
            client_host: value.client_host.clone(),
            session_timeout_ms: value.session_timeout,
            rebalance_timeout_ms: if rebalance == -1 { value.session_timeout } else { rebalance },
            protocols: vec![(protocol.clone(), value.subscription.clone())],
            assignment: value.assignment.clone(),
            awaiting_join: None,
            awaiting_sync: None,
            timer_at: None,
            is_new: false,
        }
    }
}

fn client_node(client_id: &str) -> Option<NodeId> {
    client_id.strip_prefix('c')?.parse().ok().map(NodeId::Consumer)
}
