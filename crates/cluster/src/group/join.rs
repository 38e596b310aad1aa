//! JoinGroup (Kafka: `GroupMetadataManager.classicGroupJoin…`).

use super::answers;
use super::classic::PendingMember;
use super::member::{GroupMember, Waiting};
use super::turn::{NEW_MEMBER_JOIN_TIMEOUT_MS, Turn};
use crate::{Choice, GroupState, JoinGroupRequest, KafkaError, Name, Span, Timer, TraceEvent};

impl Turn<'_, '_> {
    /// Handles a JoinGroup for a group that exists.
    pub fn join(&mut self, waiting: Waiting, request: &JoinGroupRequest) {
        if let Err(error) = self.check_join(request) {
            return self.answer(waiting, answers::join_error(error, &request.member_id));
        }
        if request.member_id.is_empty() {
            self.require_member_id(waiting, request);
        } else if self.group.pending_members.iter().any(|p| p.member_id == request.member_id) {
            self.add_member(waiting, request);
        } else {
            self.join_again(waiting, request);
        }
    }

    fn check_join(&self, request: &JoinGroupRequest) -> Result<(), KafkaError> {
        if self.group.state == GroupState::Dead {
            return Err(KafkaError::CoordinatorNotAvailable);
        }
        if self.is_full(&request.member_id) {
            return Err(KafkaError::GroupMaxSizeReached);
        }
        if !self.group.supports(&request.protocol_type, &request.protocols) {
            return Err(KafkaError::InconsistentGroupProtocol);
        }
        Ok(())
    }

    /// `group.max.size`: while a rebalance is prepared only those that have joined count.
    fn is_full(&self, member_id: &str) -> bool {
        let known = self.group.member(member_id);
        let count = match self.group.state {
            GroupState::Empty | GroupState::Dead => return false,
            GroupState::PreparingRebalance => {
                if known.is_some_and(GroupMember::is_awaiting_join) {
                    return false;
                }
                self.group.members.iter().filter(|m| m.is_awaiting_join()).count()
            }
            GroupState::CompletingRebalance | GroupState::Stable => {
                if known.is_some() {
                    return false;
                }
                self.group.members.len()
            }
        };
        i32::try_from(count).unwrap_or(i32::MAX) >= self.host.config().group_max_size
    }

    /// First contact: the client gets an id and has to come back with it (KIP-394), so that an
    /// answer that gets lost leaves no member behind.
    fn require_member_id(&mut self, waiting: Waiting, request: &JoinGroupRequest) {
        let member_id = self.new_member_id(&waiting.to.to_string());
        let number = self.group.next_number();
        self.group.pending_members.push(PendingMember { number, member_id: member_id.clone() });
        let at = self.ctx.now + Span::from_ms(i64::from(request.session_timeout_ms));
        self.ctx.set_timer(Timer::PendingMember(self.group.number, number), at);
        self.answer(waiting, answers::join_error(KafkaError::MemberIdRequired, &member_id));
    }

    /// `<client id>-<random uuid>`.
    fn new_member_id(&mut self, client_id: &str) -> Name {
        let mut draw = || self.ctx.chooser.choose(Choice::MemberId, 0x1_0000);
        let [a, b, c, d, e, f, g, h] = std::array::from_fn(|_| draw());
        let version = 0x4000 | d & 0x0fff;
        let variant = 0x8000 | e & 0x3fff;
        let id = format!(
            "{client_id}-{a:04x}{b:04x}-{c:04x}-{version:04x}-{variant:04x}-{f:04x}{g:04x}{h:04x}"
        );
        Name::from(id)
    }

    /// The client came back with the id it was given.
    fn add_member(&mut self, waiting: Waiting, request: &JoinGroupRequest) {
        let at = self.group.pending_members.iter().position(|p| p.member_id == request.member_id);
        let pending = self.group.pending_members.remove(at.expect("the caller found it"));
        self.ctx.cancel_timer(Timer::PendingMember(self.group.number, pending.number));
        if self.group.state == GroupState::PreparingRebalance
            && self.group.previous_state == GroupState::Empty
        {
            self.group.new_member_added = true;
        }
        if self.group.members.is_empty() {
            self.group.protocol_type = Some(request.protocol_type.clone());
        }
        let number = self.group.next_number();
        self.group.members.push(GroupMember {
            number,
            member_id: request.member_id.clone(),
            client_id: Name::from(waiting.to.to_string()),
            client_host: Name::from("/127.0.0.1"),
            session_timeout_ms: request.session_timeout_ms,
            rebalance_timeout_ms: request.rebalance_timeout_ms,
            protocols: request.protocols.clone(),
            assignment: highwater_log::Bytes::empty(),
            awaiting_join: Some(waiting),
            awaiting_sync: None,
            timer_at: None,
            is_new: true,
        });
        if self.group.leader.is_none() {
            self.group.leader = Some(request.member_id.clone());
        }
        let (group, member) = (self.group.id.clone(), request.member_id.clone());
        self.ctx.trace(TraceEvent::MemberJoined { group, member });
        self.restart_timer(&request.member_id, NEW_MEMBER_JOIN_TIMEOUT_MS);
        self.rebalance_or_complete_join();
    }

    /// A member joins again.
    fn join_again(&mut self, waiting: Waiting, request: &JoinGroupRequest) {
        let member_id = &request.member_id;
        let Some(member) = self.group.member(member_id) else {
            return self
                .answer(waiting, answers::join_error(KafkaError::UnknownMemberId, member_id));
        };
        let unchanged = member.protocols == request.protocols;
        let answer_now = match self.group.state {
            // It may have missed the answer: it gets the same one.
            GroupState::CompletingRebalance => unchanged,
            // The leader asks for a new assignment by joining.
            GroupState::Stable => unchanged && !self.group.is_leader(member_id),
            _ => false,
        };
        let member = self.group.member_mut(member_id).expect("it was found above");
        member.session_timeout_ms = request.session_timeout_ms;
        member.rebalance_timeout_ms = request.rebalance_timeout_ms;
        member.protocols.clone_from(&request.protocols);
        if answer_now {
            let answer = self.join_answer(member_id);
            return self.answer(waiting, answer);
        }
        member.awaiting_join = Some(waiting);
        self.rebalance_or_complete_join();
    }

    /// The id was not used in time.
    pub fn pending_member_over(&mut self, number: u32) {
        self.group.pending_members.retain(|p| p.number != number);
        self.complete_join_if_all_joined();
    }
}
