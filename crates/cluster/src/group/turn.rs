//! One group's turn: the group with everything it acts through, and the rebalance itself
//! (Kafka: `GroupMetadataManager.prepareRebalance`, `completeClassicGroupJoin` and around).

use super::answers;
use super::classic::{ClassicGroup, Phase, PhaseKind};
use super::host::CoordinatorHost;
use super::member::{GroupMember, Waiting};
use super::records::Key;
use super::writes::{OFFSETS_COMMIT_TIMEOUT_MS, PendingWrite, Then, Writes, client_error};
use crate::{
    Context, GroupState, JoinGroupResponse, KafkaError, Name, Response, Span, Timer, TraceEvent,
};
use highwater_log::Bytes;
use highwater_sorted::SortedMap;

/// A member that never joins again after its first JoinGroup is given up after five minutes
/// (Kafka: `classicGroupNewMemberJoinTimeoutMs`).
pub(super) const NEW_MEMBER_JOIN_TIMEOUT_MS: i64 = 300_000;

/// A group and what it acts through.
pub(super) struct Turn<'a, 'c> {
    pub group: &'a mut ClassicGroup,
    pub writes: &'a mut Writes,
    pub ctx: &'a mut Context<'c>,
    pub host: &'a mut dyn CoordinatorHost,
}

impl Turn<'_, '_> {
    pub fn answer(&mut self, waiting: Waiting, response: impl Into<Response>) {
        self.ctx.send(waiting.to, waiting.correlation, response.into());
    }

    /// Changes the state; only along the arrows of `ClassicGroupState`.
    pub fn transition(&mut self, to: GroupState) {
        use GroupState::{CompletingRebalance, Dead, Empty, PreparingRebalance, Stable};
        let from = self.group.state;
        let legal = match to {
            Empty => from == PreparingRebalance,
            PreparingRebalance => matches!(from, Empty | CompletingRebalance | Stable),
            CompletingRebalance => from == PreparingRebalance,
            Stable => from == CompletingRebalance,
            Dead => from != Dead,
        };
        assert!(legal, "a group does not go from {} to {}", from.name(), to.name());
        self.group.previous_state = from;
        self.group.state = to;
        self.group.state_since_ms = self.ctx.now.wall_ms();
        let (group, generation) = (self.group.id.clone(), self.group.generation);
        self.ctx.trace(TraceEvent::GroupStateChanged { group, from, to, generation });
    }

    /// Appends records of this group and remembers what follows their commit.
    pub fn write(
        &mut self,
        records: &[(Bytes, Option<Bytes>)],
        then: Then,
    ) -> Result<(), KafkaError> {
        let partition = self.group.offsets_partition;
        let end_offset = self.host.append(partition, records, self.ctx).map_err(client_error)?;
        let id = self.writes.next_id;
        self.writes.next_id += 1;
        let at = self.ctx.now + Span::from_ms(OFFSETS_COMMIT_TIMEOUT_MS);
        self.ctx.set_timer(Timer::OffsetsWrite(id), at);
        let group = self.group.id.clone();
        self.writes.list.push(PendingWrite { id, partition, group, end_offset, then });
        Ok(())
    }

    /// Appends the group's own record.
    pub fn write_group(
        &mut self,
        assignments: SortedMap<Name, Bytes>,
        then: Then,
    ) -> Result<(), KafkaError> {
        let value = self.group.to_value(&assignments, self.ctx.now);
        let key = Key::Group(self.group.id.clone());
        self.write(&[(key.encode(), Some(value.encode()))], then)
    }

    /// Starts a member's timer again: its session, or the longer wait of a new member.
    pub fn restart_timer(&mut self, member_id: &str, timeout_ms: i64) {
        let group = self.group.number;
        let at = self.ctx.now + Span::from_ms(timeout_ms);
        if let Some(member) = self.group.member_mut(member_id) {
            member.timer_at = Some(at);
            let timer = Timer::MemberSession(group, member.number);
            self.ctx.set_timer(timer, at);
        }
    }

    /// Starts a member's session again: it was heard of.
    pub fn restart_session(&mut self, member_id: &str) {
        if let Some(member) = self.group.member(member_id) {
            self.restart_timer(member_id, i64::from(member.session_timeout_ms));
        }
    }

    /// Takes a member out of the group: timer, parked requests, place in the list.
    pub fn drop_member(&mut self, member_id: &str, session_expired: bool) {
        let Some(member) = self.group.remove(member_id) else { return };
        self.ctx.cancel_timer(Timer::MemberSession(self.group.number, member.number));
        if let Some(waiting) = member.awaiting_join {
            let answer = answers::join_error(KafkaError::UnknownMemberId, &member.member_id);
            self.answer(waiting, answer);
        }
        if let Some(waiting) = member.awaiting_sync {
            self.answer(waiting, answers::sync_error(KafkaError::UnknownMemberId));
        }
        let group = self.group.id.clone();
        let event = TraceEvent::MemberLeft { group, member: member.member_id, session_expired };
        self.ctx.trace(event);
    }

    /// After a member came, changed or went: a new rebalance if the state allows one, else the
    /// join phase may be complete now.
    pub fn rebalance_or_complete_join(&mut self) {
        match self.group.state {
            GroupState::Empty | GroupState::CompletingRebalance | GroupState::Stable => {
                self.prepare_rebalance();
            }
            GroupState::PreparingRebalance => self.complete_join_if_all_joined(),
            GroupState::Dead => {}
        }
    }

    /// Begins a rebalance.
    pub fn prepare_rebalance(&mut self) {
        if self.group.state == GroupState::CompletingRebalance {
            self.reset_assignment(KafkaError::RebalanceInProgress);
        }
        self.ctx.cancel_timer(Timer::PendingSync(self.group.number));
        let initial = self.group.state == GroupState::Empty;
        if initial {
            let delay_ms = self.host.config().group_initial_rebalance_delay_ms;
            self.group.initial_delay_left_ms =
                (self.group.rebalance_timeout_ms() - delay_ms).max(0);
            self.transition(GroupState::PreparingRebalance);
            self.start_phase(PhaseKind::InitialDelay, delay_ms);
        } else {
            self.transition(GroupState::PreparingRebalance);
            if self.group.has_all_members_joined() {
                self.complete_join();
            } else {
                self.start_phase(PhaseKind::Join, self.group.rebalance_timeout_ms());
            }
        }
    }

    /// Starts a phase with its timer; one that goes on keeps its beginning.
    fn start_phase(&mut self, kind: PhaseKind, length_ms: i64) {
        let now = self.ctx.now;
        let deadline = now + Span::from_ms(length_ms);
        let since = self.group.phase.filter(|p| p.kind == kind).map_or(now, |p| p.since);
        self.group.phase = Some(Phase { kind, since, deadline });
        let number = self.group.number;
        let timer = match kind {
            PhaseKind::InitialDelay | PhaseKind::Join => Timer::JoinPhase(number),
            PhaseKind::Sync => Timer::PendingSync(number),
        };
        self.ctx.set_timer(timer, deadline);
    }

    /// The join timer went off: the initial delay is extended when somebody came meanwhile, else
    /// whoever has joined makes the generation.
    pub fn join_phase_over(&mut self) {
        if self.group.state != GroupState::PreparingRebalance {
            return;
        }
        let initial = self.group.phase.is_some_and(|p| p.kind == PhaseKind::InitialDelay);
        let left_ms = self.group.initial_delay_left_ms;
        if initial && self.group.new_member_added && left_ms > 0 {
            self.group.new_member_added = false;
            let delay_ms = self.host.config().group_initial_rebalance_delay_ms.min(left_ms);
            self.group.initial_delay_left_ms = left_ms - delay_ms;
            self.start_phase(PhaseKind::InitialDelay, delay_ms);
        } else {
            self.complete_join();
        }
    }

    /// Completes the join phase if nobody is missing; the initial delay always runs to its end.
    pub fn complete_join_if_all_joined(&mut self) {
        if self.group.state == GroupState::PreparingRebalance
            && self.group.previous_state != GroupState::Empty
            && self.group.has_all_members_joined()
        {
            self.complete_join();
        }
    }

    /// Forms the next generation from the members that have joined; the others are removed.
    fn complete_join(&mut self) {
        self.ctx.cancel_timer(Timer::JoinPhase(self.group.number));
        self.group.phase = None;
        self.group.new_member_added = false;
        let absent = self.group.members.iter().filter(|m| !m.is_awaiting_join());
        let absent: Vec<Name> = absent.map(|m| m.member_id.clone()).collect();
        for member_id in absent {
            self.drop_member(&member_id, true);
        }
        self.group.elect_joined_leader();
        self.group.generation += 1;
        self.group.pending_sync.clear();
        if self.group.members.is_empty() {
            self.group.protocol = None;
            self.group.leader = None;
            self.transition(GroupState::Empty);
            // A failure is only written to the broker's log in Kafka: the next generation tries again.
            let _unwritten = self.write_group(SortedMap::new(), Then::Nothing);
            return;
        }
        self.group.protocol = self.group.select_protocol();
        self.transition(GroupState::CompletingRebalance);
        self.trace_generation();
        self.answer_joins();
        self.start_phase(PhaseKind::Sync, self.group.rebalance_timeout_ms());
    }

    fn trace_generation(&mut self) {
        let group = &*self.group;
        let none = || Name::from("");
        let event = TraceEvent::GenerationFormed {
            group: group.id.clone(),
            generation: group.generation,
            protocol: group.protocol.clone().unwrap_or_else(none),
            leader: group.leader.clone().unwrap_or_else(none),
            members: group.members.iter().map(|m| m.member_id.clone()).collect(),
        };
        self.ctx.trace(event);
    }

    fn answer_joins(&mut self) {
        let ids: Vec<Name> = self.group.members.iter().map(|m| m.member_id.clone()).collect();
        for member_id in ids {
            let answer = self.join_answer(&member_id);
            let member = self.group.member_mut(&member_id).expect("it is in the list");
            let waiting = member.awaiting_join.take();
            member.is_new = false;
            member.assignment = Bytes::empty();
            self.group.pending_sync.insert(member_id.clone());
            if let Some(waiting) = waiting {
                self.answer(waiting, answer);
            }
            self.restart_session(&member_id);
        }
    }

    /// The current generation as this member's JoinGroup is told; only the leader sees everybody.
    pub fn join_answer(&self, member_id: &Name) -> JoinGroupResponse {
        let protocol = self.group.protocol.clone().unwrap_or_else(|| Name::from(""));
        let with_metadata = |m: &GroupMember| (m.member_id.clone(), m.metadata(&protocol));
        let members = if self.group.is_leader(member_id) {
            self.group.members.iter().map(with_metadata).collect()
        } else {
            Vec::new()
        };
        JoinGroupResponse {
            error: None,
            generation_id: self.group.generation,
            protocol_name: protocol,
            leader: self.group.leader.clone().unwrap_or_else(|| Name::from("")),
            member_id: member_id.clone(),
            members,
        }
    }

    /// Forgets assignments in the making and answers the parked SyncGroups with this error.
    pub fn reset_assignment(&mut self, error: KafkaError) {
        let mut parked = Vec::new();
        for member in &mut self.group.members {
            member.assignment = Bytes::empty();
            parked.extend(member.awaiting_sync.take().map(|w| (w, member.member_id.clone())));
        }
        for (waiting, member_id) in parked {
            self.answer(waiting, answers::sync_error(error));
            self.restart_session(&member_id);
        }
        self.end_sync_phase();
    }

    /// No SyncGroup is waited for any more.
    pub fn end_sync_phase(&mut self) {
        self.ctx.cancel_timer(Timer::PendingSync(self.group.number));
        if self.group.phase.is_some_and(|p| p.kind == PhaseKind::Sync) {
            self.group.phase = None;
        }
    }
}
