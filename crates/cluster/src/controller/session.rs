//! A broker's session: the controller believes in it until a time without heartbeats has passed.

use crate::Time;
use highwater_log::Offset;

/// What the controller keeps in memory about a broker (Kafka: `BrokerHeartbeatManager`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BrokerSession {
    /// Registration this session belongs to.
    pub broker_epoch: i64,
    /// When the broker was heard last.
    pub last_heartbeat: Time,
    /// When it is fenced unless it is heard again: `last_heartbeat` + `broker.session.timeout.ms`.
    pub deadline: Time,
    /// How far it has applied the metadata log (next offset), by its last heartbeat.
    pub metadata_offset: Offset,
    /// In a controlled shutdown: what the other brokers must have applied before it may stop (next
    /// offset).
    pub controlled_shutdown_offset: Option<Offset>,
}
