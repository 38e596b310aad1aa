//! The member's side of the group protocol (Kafka: `AbstractCoordinator`, `ConsumerCoordinator`).

use super::Consumer;
use super::app::App;
use super::commits::Purpose;
use super::requests::{Kind, backoff};
use crate::assignor::Subscription;
use crate::assignor::{Assignment, Assignor, HIGHEST_VERSION, MemberSubscription, PROTOCOL_TYPE};
use crate::{
    BrokerId, Context, Correlation, FindCoordinatorRequest, FindCoordinatorResponse,
    HeartbeatRequest, HeartbeatResponse, JoinGroupRequest, JoinGroupResponse, KafkaError,
    LeaveGroupRequest, MetadataResponse, Name, Request, Span, SyncGroupRequest, SyncGroupResponse,
    Timer, TraceEvent,
};
use highwater_log::Bytes;

/// A JoinGroup may take as long as a rebalance, and this much more.
const JOIN_GROUP_TIMEOUT_LAPSE_MS: i64 = 5000;

/// Where the member is in the protocol (Kafka: `MemberState`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum JoinState {
    /// Not in a generation, or out of it.
    Unjoined,
    /// JoinGroup is under way.
    Preparing,
    /// SyncGroup is under way.
    Completing,
    /// Has its assignment.
    Stable,
}

fn to_i32(ms: i64) -> i32 {
    i32::try_from(ms).unwrap_or(i32::MAX)
}

impl Consumer {
    /// Has a generation, so that heartbeats make sense.
    pub(super) fn has_joined(&self) -> bool {
        matches!(self.join_state, JoinState::Completing | JoinState::Stable)
    }

    pub(super) fn metadata_came(&mut self, response: &MetadataResponse, ctx: &mut Context<'_>) {
        let complete = self.metadata.update(response, ctx.now);
        let age = Span::from_ms(self.config.metadata_max_age_ms);
        ctx.set_timer(Timer::MetadataRefresh, ctx.now + age);
        if !complete || self.metadata_wanted_again {
            self.metadata_wanted_again = false;
            self.want_metadata(ctx);
        }
        self.rejoin_needed |= self.partitions_changed();
        if let Some(response) = self.leader_waits.take() {
            self.lead(&response, ctx);
        }
        if let Some(assignment) = self.unresolved.take() {
            self.take_assignment(assignment, ctx);
        }
    }

    /// The leader answers for the assignment: when partitions were added since it assigned, it asks for a new one
    /// (Kafka: `ConsumerCoordinator.rejoinNeededOrPending`).
    fn partitions_changed(&self) -> bool {
        self.assigned_by.as_ref().is_some_and(|by| *by != self.metadata.counts(&self.group_topics))
    }

    /// Looks for the coordinator, unless it is being looked for.
    pub(super) fn find_coordinator(&mut self, ctx: &mut Context<'_>) {
        if self.is_waiting_for(|k| *k == Kind::FindCoordinator) || self.group_retry_at.is_some() {
            return;
        }
        let Some(broker) = self.pick_broker(ctx) else { return self.back_off_group(ctx) };
        let request = FindCoordinatorRequest { group: self.group.clone() };
        let request = Request::FindCoordinator(request);
        self.send(broker, Kind::FindCoordinator, request, self.config.request_timeout_ms, ctx);
    }

    pub(super) fn coordinator_came(
        &mut self,
        response: &FindCoordinatorResponse,
        ctx: &mut Context<'_>,
    ) {
        if response.error.is_some() {
            return self.back_off_group(ctx);
        }
        self.group_attempts = 0;
        self.coordinator = Some(response.node);
        let (group, broker) = (self.group.clone(), response.node);
        ctx.trace(TraceEvent::CoordinatorFound { group, broker });
        if self.has_joined() {
            self.heard_at = ctx.now;
        }
    }

    pub(super) fn back_off_group(&mut self, ctx: &mut Context<'_>) {
        let at = ctx.now + backoff(self.config.retry_backoff_ms, self.group_attempts);
        self.group_attempts = self.group_attempts.saturating_add(1);
        self.group_retry_at = Some(at);
        ctx.set_timer(Timer::GroupRetry, at);
    }

    /// This broker is not the coordinator (any more), or cannot be reached.
    pub(super) fn coordinator_lost(&mut self, broker: BrokerId) {
        if self.coordinator == Some(broker) {
            self.coordinator = None;
        }
    }

    /// Out of the generation; a member id that the coordinator does not know goes too.
    pub(super) fn reset_generation(&mut self, forget_member_id: bool) {
        self.generation = -1;
        if forget_member_id {
            self.member_id = Name::from("");
        }
        self.join_failed();
    }

    /// The round of JoinGroup and SyncGroup has to be started again.
    pub(super) fn join_failed(&mut self) {
        self.join_state = JoinState::Unjoined;
        self.join_request = None;
        self.leader_waits = None;
        self.unresolved = None;
        self.rejoin_needed = true;
    }

    /// One step towards being a member of a generation. Eager protocol: commit, give everything
    /// back, then join.
    pub(super) fn join(&mut self, coordinator: BrokerId, ctx: &mut Context<'_>) {
        if matches!(self.join_state, JoinState::Preparing | JoinState::Completing) {
            return;
        }
        if !self.prepared {
            let limit = Span::from_ms(self.config.max_poll_interval_ms);
            let until = *self.prepare_until.get_or_insert(ctx.now + limit);
            let committing = self
                .is_waiting_for(|k| matches!(k, Kind::Commit(c) if c.purpose == Purpose::Rejoin));
            if committing && ctx.now < until {
                return;
            }
            if self.config.enable_auto_commit
                && !committing
                && ctx.now < until
                && self.commit_before_rejoin(ctx)
            {
                return;
            }
            self.give_back(ctx);
        }
        self.join_state = JoinState::Preparing;
        let subscription = Subscription::new(self.topics.clone()).encode(HIGHEST_VERSION);
        let strategies = &self.config.partition_assignment_strategy;
        let protocols = strategies.iter().map(|s| (Name::from(*s), subscription.clone())).collect();
        let request = JoinGroupRequest {
            group: self.group.clone(),
            session_timeout_ms: to_i32(self.config.session_timeout_ms),
            rebalance_timeout_ms: to_i32(self.config.max_poll_interval_ms),
            member_id: self.member_id.clone(),
            protocol_type: Name::from(PROTOCOL_TYPE),
            protocols,
        };
        let rebalance_ms = self.config.max_poll_interval_ms + JOIN_GROUP_TIMEOUT_LAPSE_MS;
        let timeout_ms = self.config.request_timeout_ms.max(rebalance_ms);
        let request = Request::JoinGroup(request);
        let number = self.send(coordinator, Kind::Join, request, timeout_ms, ctx);
        self.join_request = Some(number);
    }

    /// Gives all partitions back before joining again; lost when the member is out of its generation.
    fn give_back(&mut self, ctx: &mut Context<'_>) {
        self.prepared = true;
        self.prepare_until = None;
        self.assigned_by = None;
        // An assignment that still waits for metadata is given back with the others.
        self.unresolved = None;
        self.group_topics.clear();
        let lost = self.generation < 0;
        self.revoke_all(lost, ctx);
    }

    pub(super) fn revoke_all(&mut self, lost: bool, ctx: &mut Context<'_>) {
        let partitions: Vec<_> = self.owned.keys().copied().collect();
        self.owned.clear();
        self.fetched.clear();
        if !partitions.is_empty() {
            let group = self.group.clone();
            ctx.trace(TraceEvent::PartitionsRevoked { group, partitions, lost });
        }
    }

    pub(super) fn joined(
        &mut self,
        correlation: Correlation,
        from: BrokerId,
        response: &JoinGroupResponse,
        ctx: &mut Context<'_>,
    ) {
        if self.join_request != Some(correlation) {
            return;
        }
        self.join_request = None;
        match response.error {
            None => {
                self.group_attempts = 0;
                self.join_state = JoinState::Completing;
                self.generation = response.generation_id;
                self.member_id = response.member_id.clone();
                self.heard_at = ctx.now;
                let interval = Span::from_ms(self.config.heartbeat_interval_ms);
                ctx.set_timer(Timer::Heartbeat, ctx.now + interval);
                if response.leader == response.member_id {
                    self.lead(response, ctx);
                } else {
                    self.assigned_by = None;
                    self.sync(Vec::new(), ctx);
                }
            }
            Some(KafkaError::MemberIdRequired) => {
                self.join_failed();
                self.member_id = response.member_id.clone();
            }
            Some(error) => self.join_refused("JoinGroup", error, from, ctx),
        }
    }

    /// What a member does about an error of JoinGroup and SyncGroup (`JoinGroupResponseHandler`, `SyncGroupResponseHandler`).
    fn join_refused(
        &mut self,
        api: &str,
        error: KafkaError,
        from: BrokerId,
        ctx: &mut Context<'_>,
    ) {
        match error {
            KafkaError::UnknownMemberId => self.reset_generation(true),
            KafkaError::IllegalGeneration => self.reset_generation(false),
            KafkaError::RebalanceInProgress => self.join_failed(),
            KafkaError::NotCoordinator | KafkaError::CoordinatorNotAvailable => {
                self.join_failed();
                self.coordinator_lost(from);
                self.back_off_group(ctx);
            }
            error if error.retriable() => {
                self.join_failed();
                self.back_off_group(ctx);
            }
            error => self.fail(format!("{api} was refused with {error}"), ctx),
        }
    }

    /// The leader learns every topic of the group before it assigns.
    fn lead(&mut self, response: &JoinGroupResponse, ctx: &mut Context<'_>) {
        for (_, subscription) in &response.members {
            if let Ok(subscription) = Subscription::decode(subscription) {
                self.group_topics.extend(subscription.topics);
            }
        }
        if self.group_topics.iter().all(|t| self.metadata.answered.contains(t)) {
            self.assign(response, ctx);
        } else {
            self.leader_waits = Some(response.clone());
            self.ask_metadata(ctx);
        }
    }

    fn assign(&mut self, response: &JoinGroupResponse, ctx: &mut Context<'_>) {
        if self.join_state != JoinState::Completing {
            return;
        }
        let Some(assignor) = Assignor::by_name(&response.protocol_name) else {
            let name = response.protocol_name.clone();
            return self.fail(format!("the group chose the assignor {name:?}, unknown here"), ctx);
        };
        let member = |(member_id, bytes): &(Name, Bytes)| MemberSubscription {
            member_id: member_id.clone(),
            instance_id: None,
            topics: Subscription::decode(bytes).map(|s| s.topics).unwrap_or_default(),
        };
        let members: Vec<MemberSubscription> = response.members.iter().map(member).collect();
        let counts = self.metadata.counts(&self.group_topics);
        let assignment = assignor.assign(&counts, &members);
        self.assigned_by = Some(counts);
        let encode = |(id, list): (Name, Vec<(Name, i32)>)| {
            (id, Assignment::of(&list).encode(HIGHEST_VERSION))
        };
        self.sync(assignment.into_iter().map(encode).collect(), ctx);
    }

    fn sync(&mut self, assignments: Vec<(Name, Bytes)>, ctx: &mut Context<'_>) {
        let Some(coordinator) = self.coordinator else { return self.join_failed() };
        let generation = self.generation;
        let request = SyncGroupRequest {
            group: self.group.clone(),
            generation_id: generation,
            member_id: self.member_id.clone(),
            assignments,
        };
        let request = Request::SyncGroup(request);
        let rebalance_ms = self.config.max_poll_interval_ms + JOIN_GROUP_TIMEOUT_LAPSE_MS;
        let timeout_ms = self.config.request_timeout_ms.max(rebalance_ms);
        self.send(coordinator, Kind::Sync { generation }, request, timeout_ms, ctx);
    }

    pub(super) fn synced(
        &mut self,
        generation: i32,
        from: BrokerId,
        response: &SyncGroupResponse,
        ctx: &mut Context<'_>,
    ) {
        if self.join_state != JoinState::Completing || self.generation != generation {
            return;
        }
        match response.error {
            None => match Assignment::decode(&response.assignment) {
                Ok(assignment) => {
                    self.join_state = JoinState::Stable;
                    // News that came while the assignment was under way is not lost.
                    self.rejoin_needed = self.partitions_changed();
                    self.prepared = false;
                    self.take_assignment(assignment, ctx);
                }
                Err(error) => self.fail(format!("the assignment cannot be read: {error}"), ctx),
            },
            Some(error) => self.join_refused("SyncGroup", error, from, ctx),
        }
    }

    /// Takes the partitions it was given, once the metadata knows all their topics.
    fn take_assignment(&mut self, assignment: Assignment, ctx: &mut Context<'_>) {
        if self.join_state != JoinState::Stable {
            return;
        }
        let found = assignment.iter().map(|(topic, p)| self.metadata.find(topic, p));
        let Some(mut partitions) = found.collect::<Option<Vec<_>>>() else {
            self.unresolved = Some(assignment);
            return self.want_metadata(ctx);
        };
        highwater_sorted::sort(&mut partitions);
        self.own(&partitions);
        self.schedule_auto_commit(ctx.now + self.auto_commit_interval(), ctx);
        let (group, generation) = (self.group.clone(), self.generation);
        ctx.trace(TraceEvent::PartitionsAssigned { group, partitions, generation });
    }

    /// `heartbeat.interval.ms` is over, or a moment to look again.
    pub(super) fn heartbeat_due(&mut self, ctx: &mut Context<'_>) {
        if !self.has_joined() {
            return;
        }
        let session = Span::from_ms(self.config.session_timeout_ms);
        if ctx.now.since(self.heard_at) >= session
            && let Some(coordinator) = self.coordinator
        {
            // Silence for a whole session: better make sure who the coordinator is.
            self.coordinator_lost(coordinator);
        }
        let waiting = self.is_waiting_for(|k| matches!(k, Kind::Heartbeat { .. }));
        let next_ms = match self.coordinator {
            None => {
                self.find_coordinator(ctx);
                self.config.retry_backoff_ms
            }
            Some(_) if waiting => self.config.retry_backoff_ms,
            Some(coordinator) => {
                self.heartbeat(coordinator, ctx);
                self.config.heartbeat_interval_ms
            }
        };
        ctx.set_timer(Timer::Heartbeat, ctx.now + Span::from_ms(next_ms));
    }

    fn heartbeat(&mut self, coordinator: BrokerId, ctx: &mut Context<'_>) {
        let generation = self.generation;
        let request = HeartbeatRequest {
            group: self.group.clone(),
            generation_id: generation,
            member_id: self.member_id.clone(),
        };
        let timeout_ms = self.config.request_timeout_ms;
        let request = Request::Heartbeat(request);
        self.send(coordinator, Kind::Heartbeat { generation }, request, timeout_ms, ctx);
    }

    pub(super) fn heartbeat_answered(
        &mut self,
        generation: i32,
        from: BrokerId,
        response: &HeartbeatResponse,
        ctx: &mut Context<'_>,
    ) {
        match response.error {
            None => self.heard_at = ctx.now,
            Some(KafkaError::RebalanceInProgress) => {
                self.heard_at = ctx.now;
                if self.join_state == JoinState::Stable {
                    self.rejoin_needed = true;
                }
            }
            Some(KafkaError::NotCoordinator | KafkaError::CoordinatorNotAvailable) => {
                self.coordinator_lost(from);
            }
            Some(error) => self.out_of_generation(error, generation),
        }
    }

    /// The coordinator says that this member or generation is not valid. An answer to an earlier
    /// generation's request says nothing about this one.
    pub(super) fn out_of_generation(&mut self, error: KafkaError, generation: i32) {
        if self.generation == generation && self.has_joined() {
            match error {
                KafkaError::UnknownMemberId => self.reset_generation(true),
                KafkaError::IllegalGeneration => self.reset_generation(false),
                _ => {}
            }
        }
    }

    /// The application has not polled for `max.poll.interval.ms`: the background leaves the group.
    pub(super) fn poll_interval_over(&mut self, ctx: &mut Context<'_>) {
        match self.app {
            App::InPoll { .. } => self.restart_poll_interval(ctx),
            App::Busy { .. } | App::Away if self.has_joined() => {
                self.leave(ctx);
                ctx.cancel_timer(Timer::Heartbeat);
                self.reset_generation(true);
            }
            _ => {}
        }
    }

    /// Sends LeaveGroup; false when there is nobody to send it to.
    pub(super) fn leave(&mut self, ctx: &mut Context<'_>) -> bool {
        let Some(coordinator) = self.coordinator.filter(|_| !self.member_id.is_empty()) else {
            return false;
        };
        let member_id = self.member_id.clone();
        let request = LeaveGroupRequest { group: self.group.clone(), member_id };
        let timeout_ms = self.config.request_timeout_ms;
        self.send(coordinator, Kind::Leave, Request::LeaveGroup(request), timeout_ms, ctx);
        true
    }
}
