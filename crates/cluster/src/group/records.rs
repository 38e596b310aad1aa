//! Keys and values of `__consumer_offsets` as bytes (`GroupCoordinatorRecordHelpers`,
//! `GroupCoordinatorRecordSerde`; schemas OffsetCommitKey/Value, GroupMetadataKey/Value).
//!
//! Written: OffsetCommitValue v4 (with the topic's id; v3 without), GroupMetadataValue v3, which is
//! what a broker of 4.3 writes. Read: every version. Unknown key types are skipped (KIP-915).

use crate::assignor::Malformed;
use crate::assignor::wire::{Reader, Writer};
use crate::{Name, TopicId};
use highwater_log::{Bytes, LeaderEpoch, Offset, Timestamp};

const OFFSET_COMMIT_KEY_V0: i16 = 0;
const OFFSET_COMMIT_KEY: i16 = 1;
const GROUP_METADATA_KEY: i16 = 2;
const GROUP_METADATA_VERSION: i16 = 3;

/// A record's key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Key {
    /// A committed offset.
    Offset {
        /// Group id.
        group: Name,
        /// Topic name.
        topic: Name,
        /// Partition number.
        partition: i32,
    },
    /// A classic group.
    Group(Name),
    /// Any other type: consumer, share and streams groups.
    Unknown(i16),
}

impl Key {
    /// Its bytes; nothing for a type the model does not write.
    pub fn encode(&self) -> Bytes {
        let mut w = Writer::default();
        match self {
            Self::Offset { group, topic, partition } => {
                w.i16(OFFSET_COMMIT_KEY);
                w.string(group);
                w.string(topic);
                w.i32(*partition);
            }
            Self::Group(group) => {
                w.i16(GROUP_METADATA_KEY);
                w.string(group);
            }
            Self::Unknown(_) => {}
        }
        w.finish()
    }

    /// Reads a key.
    pub fn decode(bytes: &Bytes) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        match r.i16()? {
            OFFSET_COMMIT_KEY_V0 | OFFSET_COMMIT_KEY => {
                let (group, topic) = (r.string(false)?, r.string(false)?);
                Ok(Self::Offset { group, topic, partition: r.i32()? })
            }
            GROUP_METADATA_KEY => Ok(Self::Group(r.string(false)?)),
            other => Ok(Self::Unknown(other)),
        }
    }
}

/// OffsetCommitValue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffsetValue {
    /// Next offset to read.
    pub offset: Offset,
    /// Epoch of the record before it; -1 = unknown.
    pub leader_epoch: LeaderEpoch,
    /// Text of the client.
    pub metadata: Name,
    /// When the coordinator took it, milliseconds since the Unix epoch.
    pub commit_timestamp: Timestamp,
    /// v1 only: when it expires; -1 = by retention.
    pub expire_timestamp: Timestamp,
    /// v4: the topic's id.
    pub topic_id: Option<[u8; 16]>,
}

/// The 16 bytes that stand for a topic id in records: shaped like a random (version 4) uuid.
pub fn topic_uuid(topic: TopicId) -> [u8; 16] {
    let mut uuid = [0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, 0];
    uuid[12..].copy_from_slice(&topic.0.to_be_bytes());
    uuid
}

impl OffsetValue {
    /// Its bytes: v4 with a topic id, v3 without.
    pub fn encode(&self) -> Bytes {
        let mut w = Writer::default();
        let flexible = self.topic_id.is_some();
        w.i16(if flexible { 4 } else { 3 });
        w.i64(self.offset);
        w.i32(self.leader_epoch);
        if flexible {
            w.compact_string(&self.metadata)
        } else {
            w.string(&self.metadata)
        }
        w.i64(self.commit_timestamp);
        if let Some(uuid) = &self.topic_id {
            // One tagged field: tag 0, 16 bytes.
            w.raw(&[1, 0, 16]);
            w.raw(uuid);
        }
        w.finish()
    }

    /// Reads any version.
    pub fn decode(bytes: &Bytes) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        let version = r.i16()?;
        if !(0..=4).contains(&version) {
            return Err(r.malformed("an unknown version of OffsetCommitValue"));
        }
        let flexible = version >= 4;
        let offset = r.i64()?;
        let leader_epoch = if version >= 3 { r.i32()? } else { -1 };
        let metadata = r.string(flexible)?;
        let commit_timestamp = r.i64()?;
        let expire_timestamp = if version == 1 { r.i64()? } else { -1 };
        let mut topic_id = None;
        if flexible {
            for (tag, value) in r.tags()? {
                if tag == 0 {
                    topic_id = <[u8; 16]>::try_from(&value[..]).ok();
                }
            }
        }
        Ok(Self { offset, leader_epoch, metadata, commit_timestamp, expire_timestamp, topic_id })
    }
}

/// A member in GroupMetadataValue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberValue {
    /// Member id.
    pub member_id: Name,
    /// `group.instance.id` (v3+).
    pub group_instance_id: Option<Name>,
    /// `client.id`.
    pub client_id: Name,
    /// Address of the client.
    pub client_host: Name,
    /// Milliseconds (v1+; -1 = as the session).
    pub rebalance_timeout: i32,
    /// Milliseconds.
    pub session_timeout: i32,
    /// Subscription bytes.
    pub subscription: Bytes,
    /// Assignment bytes.
    pub assignment: Bytes,
}

/// GroupMetadataValue: a generation of a classic group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupValue {
    /// "consumer"; empty for a group nobody has joined yet.
    pub protocol_type: Name,
    /// Generation.
    pub generation: i32,
    /// The assignor; null without members.
    pub protocol: Option<Name>,
    /// Leader's member id; null without members.
    pub leader: Option<Name>,
    /// Since when the group is in its state (v2+); -1 = unknown.
    pub current_state_timestamp: Timestamp,
    /// Members.
    pub members: Vec<MemberValue>,
}

impl GroupValue {
    /// Its bytes, version 3.
    pub fn encode(&self) -> Bytes {
        let mut w = Writer::default();
        w.i16(GROUP_METADATA_VERSION);
        w.string(&self.protocol_type);
        w.i32(self.generation);
        w.nullable_string(self.protocol.as_deref());
        w.nullable_string(self.leader.as_deref());
        w.i64(self.current_state_timestamp);
        w.count(self.members.len());
        for member in &self.members {
            w.string(&member.member_id);
            w.nullable_string(member.group_instance_id.as_deref());
            w.string(&member.client_id);
            w.string(&member.client_host);
            w.i32(member.rebalance_timeout);
            w.i32(member.session_timeout);
            w.nullable_bytes(Some(&member.subscription));
            w.nullable_bytes(Some(&member.assignment));
        }
        w.finish()
    }

    /// Reads any version.
    pub fn decode(bytes: &Bytes) -> Result<Self, Malformed> {
        let mut r = Reader::new(bytes);
        let version = r.i16()?;
        if !(0..=4).contains(&version) {
            return Err(r.malformed("an unknown version of GroupMetadataValue"));
        }
        let flexible = version >= 4;
        let protocol_type = r.string(flexible)?;
        let generation = r.i32()?;
        let protocol = r.nullable_string(flexible)?;
        let leader = r.nullable_string(flexible)?;
        let current_state_timestamp = if version >= 2 { r.i64()? } else { -1 };
        let count = r.count(flexible)?;
        let members = (0..count).map(|_| read_member(&mut r, version)).collect::<Result<_, _>>()?;
        Ok(Self { protocol_type, generation, protocol, leader, current_state_timestamp, members })
    }
}

fn read_member(r: &mut Reader<'_>, version: i16) -> Result<MemberValue, Malformed> {
    let flexible = version >= 4;
    let member_id = r.string(flexible)?;
    let group_instance_id = if version >= 3 { r.nullable_string(flexible)? } else { None };
    let client_id = r.string(flexible)?;
    let client_host = r.string(flexible)?;
    let rebalance_timeout = if version >= 1 { r.i32()? } else { -1 };
    let session_timeout = r.i32()?;
    let subscription = r.nullable_bytes(flexible)?.unwrap_or_else(Bytes::empty);
    let assignment = r.nullable_bytes(flexible)?.unwrap_or_else(Bytes::empty);
    if flexible {
        r.tags()?;
    }
    Ok(MemberValue {
        member_id,
        group_instance_id,
        client_id,
        client_host,
        rebalance_timeout,
        session_timeout,
        subscription,
        assignment,
    })
}
