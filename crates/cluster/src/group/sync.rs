//! SyncGroup (Kafka: `GroupMetadataManager.classicGroupSync…`).

use super::answers;
use super::member::Waiting;
use super::turn::Turn;
use super::writes::Then;
use crate::{GroupState, KafkaError, Name, SyncGroupRequest, SyncGroupResponse};
use highwater_log::Bytes;
use highwater_sorted::SortedMap;

impl Turn<'_, '_> {
    /// Handles a SyncGroup: followers wait for the leader's, whose assignments are written first.
    pub fn sync(&mut self, waiting: Waiting, request: &SyncGroupRequest) {
        if let Err(error) = self.check_sync(request) {
            return self.answer(waiting, answers::sync_error(error));
        }
        let member_id = &request.member_id;
        self.synced(member_id);
        let stable = self.group.state == GroupState::Stable;
        let member = self.group.member_mut(member_id).expect("it was checked");
        if stable {
            let assignment = member.assignment.clone();
            return self.answer(waiting, SyncGroupResponse { error: None, assignment });
        }
        member.awaiting_sync = Some(waiting);
        if self.group.is_leader(member_id) {
            self.install(request);
        }
    }

    fn check_sync(&self, request: &SyncGroupRequest) -> Result<(), KafkaError> {
        self.group.check_member(&request.member_id, request.generation_id)?;
        match self.group.state {
            GroupState::PreparingRebalance => Err(KafkaError::RebalanceInProgress),
            GroupState::Empty => Err(KafkaError::UnknownMemberId),
            _ => Ok(()),
        }
    }

    fn synced(&mut self, member_id: &str) {
        self.group.pending_sync.remove(member_id);
        if self.group.pending_sync.is_empty() {
            self.end_sync_phase();
        }
    }

    fn install(&mut self, request: &SyncGroupRequest) {
        let mut assignments: SortedMap<Name, Bytes> = SortedMap::new();
        for member in &self.group.members {
            assignments.insert(member.member_id.clone(), Bytes::empty());
        }
        for (member_id, assignment) in &request.assignments {
            if let Some(slot) = assignments.get_mut(member_id) {
                *slot = assignment.clone();
            }
        }
        let generation = self.group.generation;
        let then = Then::Assignments { generation, assignments: assignments.clone() };
        if let Err(error) = self.write_group(assignments, then) {
            self.assignment_failed(generation, error);
        }
    }

    /// The assignments of this generation are committed.
    pub fn assignment_committed(&mut self, generation: i32, assignments: &SortedMap<Name, Bytes>) {
        if self.group.state != GroupState::CompletingRebalance
            || self.group.generation != generation
        {
            return;
        }
        self.transition(GroupState::Stable);
        let mut answers = Vec::new();
        for member in &mut self.group.members {
            let assignment = assignments.get(&member.member_id).cloned();
            member.assignment = assignment.unwrap_or_else(Bytes::empty);
            if let Some(waiting) = member.awaiting_sync.take() {
                answers.push((waiting, member.member_id.clone(), member.assignment.clone()));
            }
        }
        for (waiting, member_id, assignment) in answers {
            self.answer(waiting, SyncGroupResponse { error: None, assignment });
            self.restart_session(&member_id);
        }
    }

    /// The assignments of this generation could not be written or were not committed in time.
    pub fn assignment_failed(&mut self, generation: i32, error: KafkaError) {
        if self.group.state == GroupState::CompletingRebalance
            && self.group.generation == generation
        {
            self.reset_assignment(error);
            self.rebalance_or_complete_join();
        }
    }

    /// Members that did not send SyncGroup in time are removed.
    pub fn sync_phase_over(&mut self) {
        let missing: Vec<Name> = self.group.pending_sync.iter().cloned().collect();
        let waits =
            matches!(self.group.state, GroupState::CompletingRebalance | GroupState::Stable);
        if missing.is_empty() || !waits {
            return;
        }
        for member_id in missing {
            self.drop_member(&member_id, true);
        }
        self.prepare_rebalance();
    }
}
