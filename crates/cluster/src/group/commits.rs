//! Committed offsets (Kafka: `OffsetMetadataManager`).

use super::classic::{CommittedOffset, offset_value};
use super::member::Waiting;
use super::records::Key;
use super::turn::Turn;
use super::writes::Then;
use crate::{
    GroupState, KafkaError, OffsetCommitRequest, OffsetCommitResponse, TopicPartition, TraceEvent,
};
use highwater_log::Bytes;

/// A key and its value or tombstone.
type Record = (Bytes, Option<Bytes>);

impl Turn<'_, '_> {
    /// Handles an OffsetCommit: answered when its records are committed. An offset may go backwards.
    pub fn commit(&mut self, waiting: Waiting, request: &OffsetCommitRequest) {
        if let Err(error) = self.check_commit(request) {
            return self.refuse_commit(waiting, request, error);
        }
        if matches!(self.group.state, GroupState::Stable | GroupState::PreparingRebalance) {
            self.restart_session(&request.member_id);
        }
        let (mut records, mut accepted, mut results) = (Vec::new(), Vec::new(), Vec::new());
        for (tp, offset, leader_epoch) in &request.offsets {
            let Some(key) = self.offset_key(*tp) else {
                results.push((*tp, Some(KafkaError::UnknownTopicOrPartition)));
                continue;
            };
            let committed = CommittedOffset {
                offset: *offset,
                leader_epoch: *leader_epoch,
                commit_timestamp: self.ctx.now.wall_ms(),
                expire_timestamp: -1,
            };
            records.push((key, Some(offset_value(*tp, &committed).encode())));
            accepted.push((*tp, committed));
            results.push((*tp, None));
        }
        if records.is_empty() {
            return self.answer(waiting, OffsetCommitResponse { partitions: results });
        }
        let then = Then::Offsets { waiting: Some(waiting), accepted, results };
        if let Err(error) = self.write(&records, then) {
            self.refuse_commit(waiting, request, error);
        }
    }

    fn offset_key(&self, tp: TopicPartition) -> Option<Bytes> {
        let topic = self.host.topic_name(tp.topic).filter(|_| self.host.topic_exists(tp))?;
        let (group, partition) = (self.group.id.clone(), tp.partition);
        Some(Key::Offset { group, topic, partition }.encode())
    }

    fn check_commit(&self, request: &OffsetCommitRequest) -> Result<(), KafkaError> {
        if self.group.state == GroupState::Dead {
            return Err(KafkaError::CoordinatorNotAvailable);
        }
        let empty = self.group.state == GroupState::Empty;
        if request.generation_id < 0 && empty {
            return Ok(());
        }
        if request.generation_id < 0 && request.member_id.is_empty() {
            return Err(KafkaError::UnknownMemberId);
        }
        self.group.check_member(&request.member_id, request.generation_id)?;
        if self.group.state == GroupState::CompletingRebalance {
            return Err(KafkaError::RebalanceInProgress);
        }
        Ok(())
    }

    fn refuse_commit(
        &mut self,
        waiting: Waiting,
        request: &OffsetCommitRequest,
        error: KafkaError,
    ) {
        let (group, member) = (self.group.id.clone(), request.member_id.clone());
        self.ctx.trace(TraceEvent::CommitRefused { group, member, error });
        let partitions = request.offsets.iter().map(|(tp, _, _)| (*tp, Some(error))).collect();
        self.answer(waiting, OffsetCommitResponse { partitions });
    }

    /// The records of a commit are committed: from now on OffsetFetch sees them.
    pub fn commit_done(
        &mut self,
        waiting: Option<Waiting>,
        accepted: Vec<(TopicPartition, CommittedOffset)>,
        results: Vec<(TopicPartition, Option<KafkaError>)>,
    ) {
        for (tp, committed) in accepted {
            self.group.offsets.insert(tp, committed);
            let (group, offset) = (self.group.id.clone(), committed.offset);
            self.ctx.trace(TraceEvent::OffsetCommitted { group, tp, offset });
        }
        if let Some(waiting) = waiting {
            self.answer(waiting, OffsetCommitResponse { partitions: results });
        }
    }

    /// Writes tombstones for offsets that are too old. True when nothing is left of the group: no
    /// member, no offset, and its own tombstone written.
    pub fn expire_offsets(&mut self) -> bool {
        let expired: Vec<TopicPartition> = self
            .group
            .offsets
            .iter()
            .filter(|(tp, o)| self.is_expired(**tp, o))
            .map(|(tp, _)| *tp)
            .collect();
        let mut records: Vec<Record> =
            expired.iter().filter_map(|tp| Some((self.offset_key(*tp)?, None))).collect();
        let gone = self.group.state == GroupState::Empty
            && self.group.pending_members.is_empty()
            && expired.len() == self.group.offsets.len()
            && !self.writes.list.iter().any(|w| w.group == self.group.id);
        if gone {
            records.push((Key::Group(self.group.id.clone()).encode(), None));
        }
        if records.is_empty() || self.write(&records, Then::Nothing).is_err() {
            return false;
        }
        for tp in expired {
            self.group.offsets.remove(&tp);
        }
        gone
    }

    /// Offsets age while the group is Empty, or while it is Stable and nobody subscribes to the topic.
    fn is_expired(&self, tp: TopicPartition, committed: &CommittedOffset) -> bool {
        let now_ms = self.ctx.now.wall_ms();
        let group = &*self.group;
        let base_ms = match (&group.protocol_type, group.state) {
            (Some(_), GroupState::Empty) if group.state_since_ms >= 0 => group.state_since_ms,
            (Some(_), GroupState::Empty) | (None, _) => committed.commit_timestamp,
            (Some(_), GroupState::Stable) => {
                let topic = self.host.topic_name(tp.topic);
                match (group.subscribed_topics(), topic) {
                    (Some(topics), Some(topic)) if !topics.contains(&topic) => {
                        committed.commit_timestamp
                    }
                    _ => return false,
                }
            }
            _ => return false,
        };
        if committed.expire_timestamp >= 0 {
            return now_ms >= committed.expire_timestamp;
        }
        let retention_ms = self.host.config().offsets_retention_minutes.saturating_mul(60_000);
        now_ms.saturating_sub(base_ms) >= retention_ms
    }
}
