//! Heartbeat, LeaveGroup and silence (Kafka: `classicGroupHeartbeat`, `classicGroupLeave`,
//! `expireClassicGroupMemberHeartbeat`).

use super::member::Waiting;
use super::turn::Turn;
use crate::{
    GroupState, HeartbeatRequest, HeartbeatResponse, KafkaError, LeaveGroupRequest,
    LeaveGroupResponse, Timer,
};

impl Turn<'_, '_> {
    /// Handles a Heartbeat.
    pub fn heartbeat(&mut self, waiting: Waiting, request: &HeartbeatRequest) {
        let error = match self.group.check_member(&request.member_id, request.generation_id) {
            Err(error) => Some(error),
            Ok(()) => {
                self.restart_session(&request.member_id);
                let preparing = self.group.state == GroupState::PreparingRebalance;
                preparing.then_some(KafkaError::RebalanceInProgress)
            }
        };
        self.answer(waiting, HeartbeatResponse { error });
    }

    /// Handles a LeaveGroup.
    pub fn leave(&mut self, waiting: Waiting, request: &LeaveGroupRequest) {
        let error = self.leave_now(&request.member_id).err();
        self.answer(waiting, LeaveGroupResponse { error });
    }

    fn leave_now(&mut self, member_id: &str) -> Result<(), KafkaError> {
        if self.group.state == GroupState::Dead {
            return Err(KafkaError::CoordinatorNotAvailable);
        }
        let pending = self.group.pending_members.iter().find(|p| &*p.member_id == member_id);
        if let Some(number) = pending.map(|p| p.number) {
            self.ctx.cancel_timer(Timer::PendingMember(self.group.number, number));
            self.pending_member_over(number);
            return Ok(());
        }
        if self.group.member(member_id).is_none() {
            return Err(KafkaError::UnknownMemberId);
        }
        self.drop_member(member_id, false);
        self.rebalance_or_complete_join();
        Ok(())
    }

    /// A member's timer went off.
    pub fn session_over(&mut self, number: u32) {
        let Some(member) = self.group.members.iter_mut().find(|m| m.number == number) else {
            return;
        };
        if member.timer_at.is_none_or(|at| at > self.ctx.now) {
            return;
        }
        member.timer_at = None;
        let excused = !member.is_new && (member.is_awaiting_join() || member.is_awaiting_sync());
        if excused {
            return;
        }
        let member_id = member.member_id.clone();
        self.drop_member(&member_id, true);
        self.rebalance_or_complete_join();
    }
}
