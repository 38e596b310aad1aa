//! The embedded protocol "consumer": what members tell the group leader (Subscription) and what it
//! tells them (Assignment), as bytes (`ConsumerProtocolSubscription`, `ConsumerProtocolAssignment`,
//! versions 0-3; `org.apache.kafka.clients.consumer.internals.ConsumerProtocol`).

use super::wire::{Malformed, Reader, Writer};
use crate::Name;
use highwater_log::Bytes;

/// The protocol type of consumer groups.
pub const PROTOCOL_TYPE: &str = "consumer";
/// Highest version of both structs.
pub const HIGHEST_VERSION: i16 = 3;

/// Partitions grouped by topic, as both structs carry them.
pub type TopicPartitions = Vec<(Name, Vec<i32>)>;

/// What a member subscribes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subscription {
    /// Topic names, sorted.
    pub topics: Vec<Name>,
    /// For the assignor; null with range and round robin.
    pub user_data: Option<Bytes>,
    /// v1+: what the member holds while it joins; empty under the eager protocol.
    pub owned_partitions: TopicPartitions,
    /// v2+: generation in which it held them; -1 = none.
    pub generation_id: i32,
    /// v3+: `client.rack`.
    pub rack_id: Option<Name>,
}

impl Subscription {
    /// Subscribes to `topics` and holds nothing.
    pub fn new(mut topics: Vec<Name>) -> Self {
        highwater_sorted::sort(&mut topics);
        topics.dedup();
        Self {
            topics,
            user_data: None,
            owned_partitions: Vec::new(),
            generation_id: -1,
            rack_id: None,
        }
    }

    /// Bytes of this version (0-3; above counts as 3).
    pub fn encode(&self, version: i16) -> Bytes {
        let version = version.clamp(0, HIGHEST_VERSION);
        let mut w = Writer::default();
        w.i16(version);
        w.count(self.topics.len());
        for topic in &self.topics {
            w.string(topic);
        }
        w.nullable_bytes(self.user_data.as_ref());
        if version >= 1 {
            write_partitions(&mut w, &self.owned_partitions);
        }
        if version >= 2 {
            w.i32(self.generation_id);
        }
        if version >= 3 {
            w.nullable_string(self.rack_id.as_deref());
        }
        w.finish()
    }

    /// Reads any version; a newer one is read as version 3 and what follows is left alone.
    pub fn decode(bytes: &Bytes) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        let version = r.i16()?;
        if version < 0 {
            return Err(r.malformed("a negative version"));
        }
        let count = r.count(false)?;
        let topics = (0..count).map(|_| r.string(false)).collect::<Result<_, _>>()?;
        let user_data = r.nullable_bytes(false)?;
        let owned_partitions = if version >= 1 { read_partitions(&mut r)? } else { Vec::new() };
        let generation_id = if version >= 2 { r.i32()? } else { -1 };
        let rack_id = if version >= 3 { r.nullable_string(false)? } else { None };
        Ok(Self { topics, user_data, owned_partitions, generation_id, rack_id })
    }
}

/// What a member gets.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Assignment {
    /// Its partitions.
    pub partitions: TopicPartitions,
    /// From the assignor; null with range and round robin.
    pub user_data: Option<Bytes>,
}

impl Assignment {
    /// From `(topic, partition)` in any order; each topic once, in order of first mention.
    pub fn of(partitions: &[(Name, i32)]) -> Self {
        let mut grouped: TopicPartitions = Vec::new();
        for (topic, partition) in partitions {
            match grouped.iter_mut().find(|(name, _)| name == topic) {
                Some((_, list)) => list.push(*partition),
                None => grouped.push((topic.clone(), vec![*partition])),
            }
        }
        Self { partitions: grouped, user_data: None }
    }

    /// Every `(topic, partition)`.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, i32)> {
        self.partitions.iter().flat_map(|(topic, list)| list.iter().map(move |p| (topic, *p)))
    }

    /// Bytes of this version (0-3; above counts as 3). The fields are the same in all.
    pub fn encode(&self, version: i16) -> Bytes {
        let mut w = Writer::default();
        w.i16(version.clamp(0, HIGHEST_VERSION));
        write_partitions(&mut w, &self.partitions);
        w.nullable_bytes(self.user_data.as_ref());
        w.finish()
    }

    /// Reads any version. No bytes at all are an empty assignment: that is what the coordinator
    /// hands to a member the leader left out.
    pub fn decode(bytes: &Bytes) -> Result<Self, Malformed> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let mut r = Reader::new(bytes);
        if r.i16()? < 0 {
            return Err(r.malformed("a negative version"));
        }
        let partitions = read_partitions(&mut r)?;
        Ok(Self { partitions, user_data: r.nullable_bytes(false)? })
    }
}

fn write_partitions(w: &mut Writer, topics: &TopicPartitions) {
    w.count(topics.len());
    for (topic, partitions) in topics {
        w.string(topic);
        w.count(partitions.len());
        for partition in partitions {
            w.i32(*partition);
        }
    }
}

fn read_partitions(r: &mut Reader<'_>) -> Result<TopicPartitions, Malformed> {
    let mut topics = Vec::new();
    for _ in 0..r.count(false)? {
        let topic = r.string(false)?;
        let count = r.count(false)?;
        let partitions = (0..count).map(|_| r.i32()).collect::<Result<_, _>>()?;
        topics.push((topic, partitions));
    }
    Ok(topics)
}
