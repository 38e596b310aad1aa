//! The coordinator: which groups it has, and who gets which request, timer or committed record
//! (Kafka: `GroupCoordinatorService`, `GroupCoordinatorShard`, `CoordinatorRuntime`).

use super::answers;
use super::classic::{ClassicGroup, CommittedOffset};
use super::host::CoordinatorHost;
use super::member::Waiting;
use super::records::{GroupValue, Key, OffsetValue};
use super::turn::Turn;
use super::writes::{Then, Writes};
use crate::{
    Context, Correlation, GroupState, HeartbeatResponse, JoinGroupRequest, KafkaError, Name,
    NodeId, OffsetCommitRequest, OffsetCommitResponse, OffsetFetchRequest, OffsetFetchResponse,
    Request, Response, Span, Timer, TopicPartition, TraceEvent,
};
use highwater_log::{Bytes, Offset};
use highwater_sorted::{SortedMap, SortedSet};

/// Coordinates the groups of every partition of `__consumer_offsets` that its broker leads.
///
/// State that survives is in the records it appends through its host; what it holds in memory goes
/// with [`GroupCoordinator::on_resigned`] and comes back with [`GroupCoordinator::on_leader_elected`].
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct GroupCoordinator {
    loaded: SortedSet<i32>,
    groups: SortedMap<Name, ClassicGroup>,
    writes: Writes,
    last_number: u32,
    expiration_runs: bool,
}

impl GroupCoordinator {
    /// Without any partition.
    pub fn new() -> Self {
        Self::default()
    }

    /// Groups it coordinates now, by id.
    pub fn groups(&self) -> impl Iterator<Item = &ClassicGroup> {
        self.groups.values()
    }

    /// The group with this id.
    pub fn group(&self, id: &str) -> Option<&ClassicGroup> {
        self.groups.get(id)
    }

    /// Partitions of `__consumer_offsets` it has loaded.
    pub fn partitions(&self) -> impl Iterator<Item = i32> + '_ {
        self.loaded.iter().copied()
    }

    /// Handles JoinGroup, SyncGroup, Heartbeat, LeaveGroup, OffsetCommit and OffsetFetch; the answer
    /// may come much later. Anything else is left alone.
    pub fn handle(
        &mut self,
        from: NodeId,
        correlation: Correlation,
        request: &Request,
        ctx: &mut Context<'_>,
        host: &mut dyn CoordinatorHost,
    ) {
        let waiting = Waiting { to: from, correlation };
        let Some(group) = group_of(request) else { return };
        if let Err(error) = self.check_owner(group, host) {
            // A member whose coordinator still loads is not to blame: its heartbeat succeeds.
            let loading = error == KafkaError::CoordinatorLoadInProgress;
            let response = match request {
                Request::Heartbeat(_) if loading => Some(HeartbeatResponse { error: None }.into()),
                _ => answers::refuse(request, error),
            };
            if let Some(response) = response {
                ctx.send(from, correlation, response);
            }
            return;
        }
        match request {
            Request::JoinGroup(r) => self.join(waiting, r, ctx, host),
            Request::OffsetCommit(r) => self.commit(waiting, r, ctx, host),
            Request::OffsetFetch(r) => ctx.send(from, correlation, self.fetch(r)),
            _ => match (self.turn(group, ctx, host), request) {
                (Some(mut turn), Request::SyncGroup(r)) => turn.sync(waiting, r),
                (Some(mut turn), Request::Heartbeat(r)) => turn.heartbeat(waiting, r),
                (Some(mut turn), Request::LeaveGroup(r)) => turn.leave(waiting, r),
                _ => {
                    let refused = answers::refuse(request, KafkaError::UnknownMemberId);
                    ctx.send(from, correlation, refused.expect("a group request"));
                }
            },
        }
    }

    fn check_owner(&self, group: &str, host: &dyn CoordinatorHost) -> Result<(), KafkaError> {
        if group.is_empty() {
            return Err(KafkaError::InvalidGroupId);
        }
        let partition = host.partition_for(group);
        if !host.leads(partition) {
            return Err(KafkaError::NotCoordinator);
        }
        if !self.loaded.contains(&partition) {
            return Err(KafkaError::CoordinatorLoadInProgress);
        }
        Ok(())
    }

    fn turn<'a, 'c>(
        &'a mut self,
        group: &str,
        ctx: &'a mut Context<'c>,
        host: &'a mut dyn CoordinatorHost,
    ) -> Option<Turn<'a, 'c>> {
        let group = self.groups.get_mut(group)?;
        Some(Turn { group, writes: &mut self.writes, ctx, host })
    }

    fn new_group(&mut self, id: &Name, partition: i32, ctx: &Context<'_>) -> &mut ClassicGroup {
        self.last_number += 1;
        let group = ClassicGroup::new(self.last_number, id.clone(), partition, ctx.now);
        self.groups.entry(id.clone()).or_insert(group)
    }

    fn join(
        &mut self,
        waiting: Waiting,
        request: &JoinGroupRequest,
        ctx: &mut Context<'_>,
        host: &mut dyn CoordinatorHost,
    ) {
        let id = &request.group;
        let fresh = !self.groups.contains_key(id);
        if let Err(error) = check_join_request(request, fresh, host) {
            let answer = answers::join_error(error, &request.member_id);
            return ctx.send(waiting.to, waiting.correlation, Response::JoinGroup(answer));
        }
        if fresh {
            self.new_group(id, host.partition_for(id), ctx);
        }
        let mut turn = self.turn(id, ctx, host).expect("it exists now");
        // A new group is written at once, so that it is known after a failover.
        let written =
            if fresh { turn.write_group(SortedMap::new(), Then::Nothing) } else { Ok(()) };
        match written {
            Ok(()) => turn.join(waiting, request),
            Err(error) => {
                turn.answer(waiting, answers::join_error(error, &request.member_id));
                self.groups.remove(id);
            }
        }
    }

    fn commit(
        &mut self,
        waiting: Waiting,
        request: &OffsetCommitRequest,
        ctx: &mut Context<'_>,
        host: &mut dyn CoordinatorHost,
    ) {
        let id = &request.group;
        if !self.groups.contains_key(id) {
            if request.generation_id >= 0 {
                let error = KafkaError::GroupIdNotFound;
                let (group, member) = (id.clone(), request.member_id.clone());
                ctx.trace(TraceEvent::CommitRefused { group, member, error });
                let failed = |(tp, _, _): &(TopicPartition, _, _)| (*tp, Some(error));
                let partitions = request.offsets.iter().map(failed).collect();
                let answer = OffsetCommitResponse { partitions };
                return ctx.send(waiting.to, waiting.correlation, Response::OffsetCommit(answer));
            }
            // Offsets without members make a "simple" group.
            self.new_group(id, host.partition_for(id), ctx);
        }
        self.turn(id, ctx, host).expect("it exists now").commit(waiting, request);
    }

    /// Committed offsets; -1 where there is none.
    fn fetch(&self, request: &OffsetFetchRequest) -> Response {
        let group = self.groups.get(&request.group);
        let find = |tp: &TopicPartition| match group.and_then(|g| g.offsets.get(tp)) {
            Some(committed) => (*tp, committed.offset, committed.leader_epoch),
            None => (*tp, -1, -1),
        };
        let offsets = request.partitions.iter().map(find).collect();
        OffsetFetchResponse { error: None, offsets }.into()
    }

    /// A timer of the coordinator went off; others are left alone.
    pub fn timer(&mut self, timer: Timer, ctx: &mut Context<'_>, host: &mut dyn CoordinatorHost) {
        match timer {
            Timer::MemberSession(g, member) => {
                self.with_number(g, ctx, host, |turn| turn.session_over(member));
            }
            Timer::PendingMember(g, member) => {
                self.with_number(g, ctx, host, |turn| turn.pending_member_over(member));
            }
            Timer::JoinPhase(g) => self.with_number(g, ctx, host, |turn| turn.join_phase_over()),
            Timer::PendingSync(g) => self.with_number(g, ctx, host, |turn| turn.sync_phase_over()),
            Timer::OffsetsWrite(id) => self.write_timed_out(id, ctx, host),
            Timer::OffsetExpiration => self.expire_offsets(ctx, host),
            _ => {}
        }
    }

    fn with_number(
        &mut self,
        number: u32,
        ctx: &mut Context<'_>,
        host: &mut dyn CoordinatorHost,
        act: impl FnOnce(&mut Turn<'_, '_>),
    ) {
        if let Some(group) = self.groups.values_mut().find(|g| g.number == number) {
            act(&mut Turn { group, writes: &mut self.writes, ctx, host });
        }
    }

    /// Records were not committed within `offsets.commit.timeout.ms`: the client is told, but the
    /// records stay and may still be committed.
    fn write_timed_out(&mut self, id: u64, ctx: &mut Context<'_>, host: &mut dyn CoordinatorHost) {
        let error = KafkaError::CoordinatorNotAvailable;
        let Some(write) = self.writes.list.iter_mut().find(|w| w.id == id) else { return };
        let group = write.group.clone();
        match &mut write.then {
            Then::Offsets { waiting, results, .. } => {
                if let Some(waiting) = waiting.take() {
                    let partitions = results.iter().map(|(tp, _)| (*tp, Some(error))).collect();
                    let answer = OffsetCommitResponse { partitions };
                    ctx.send(waiting.to, waiting.correlation, Response::OffsetCommit(answer));
                }
            }
            Then::Assignments { generation, .. } => {
                let generation = *generation;
                if let Some(mut turn) = self.turn(&group, ctx, host) {
                    turn.assignment_failed(generation, error);
                }
            }
            Then::Nothing => {}
        }
    }

    fn expire_offsets(&mut self, ctx: &mut Context<'_>, host: &mut dyn CoordinatorHost) {
        let ids: Vec<Name> = self.groups.keys().cloned().collect();
        for id in ids {
            let turn = self.turn(&id, ctx, host);
            if turn.is_some_and(|mut turn| turn.expire_offsets()) {
                self.groups.remove(&id);
            }
        }
        self.schedule_expiration(ctx, host);
    }

    fn schedule_expiration(&mut self, ctx: &mut Context<'_>, host: &dyn CoordinatorHost) {
        self.expiration_runs = true;
        let interval = Span::from_ms(host.config().offsets_retention_check_interval_ms);
        ctx.set_timer(Timer::OffsetExpiration, ctx.now + interval);
    }

    /// The broker leads this partition now; `log_records` is its whole log, oldest first. What is in
    /// the log counts as committed from here on (Kafka waits for the high watermark to pass it).
    /// Groups with members come back Stable, their sessions start again.
    pub fn on_leader_elected(
        &mut self,
        offsets_partition: i32,
        log_records: &[(Bytes, Option<Bytes>)],
        ctx: &mut Context<'_>,
        host: &mut dyn CoordinatorHost,
    ) {
        if self.loaded.contains(&offsets_partition) {
            self.on_resigned(offsets_partition, ctx, host);
        }
        self.loaded.insert(offsets_partition);
        for (key, value) in log_records {
            if let Ok(key) = Key::decode(key) {
                self.replay(offsets_partition, key, value.as_ref(), ctx, host);
            }
        }
        let here = self.groups.values().filter(|g| g.offsets_partition == offsets_partition);
        let ids: Vec<Name> = here.map(|g| g.id.clone()).collect();
        for id in &ids {
            let mut turn = self.turn(id, ctx, host).expect("it is in the list");
            let members: Vec<Name> =
                turn.group.members.iter().map(|m| m.member_id.clone()).collect();
            for member in members {
                turn.restart_session(&member);
            }
        }
        let groups = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        ctx.trace(TraceEvent::CoordinatorLoaded { partition: offsets_partition, groups });
        if !self.expiration_runs {
            self.schedule_expiration(ctx, host);
        }
    }

    /// Applies one record of the log. What cannot be read is skipped, as unknown types are.
    fn replay(
        &mut self,
        partition: i32,
        key: Key,
        value: Option<&Bytes>,
        ctx: &Context<'_>,
        host: &dyn CoordinatorHost,
    ) {
        match (key, value) {
            (Key::Offset { group, topic, partition: number }, value) => {
                let Some(topic) = host.topic_id(&topic) else { return };
                let tp = TopicPartition::new(topic, number);
                match value.map(OffsetValue::decode) {
                    Some(Ok(value)) => {
                        let committed = CommittedOffset {
                            offset: value.offset,
                            leader_epoch: value.leader_epoch,
                            commit_timestamp: value.commit_timestamp,
                            expire_timestamp: value.expire_timestamp,
                        };
                        self.new_group(&group, partition, ctx).offsets.insert(tp, committed);
                    }
                    Some(Err(_)) => {}
                    None => {
                        if let Some(group) = self.groups.get_mut(&group) {
                            group.offsets.remove(&tp);
                        }
                    }
                }
            }
            (Key::Group(id), Some(value)) => {
                if let Ok(value) = GroupValue::decode(value) {
                    self.new_group(&id, partition, ctx).replay(&value);
                }
            }
            (Key::Group(id), None) => {
                self.groups.remove(&id);
            }
            (Key::Unknown(_), _) => {}
        }
    }

    /// The broker does not lead this partition any more: who waits is told NOT_COORDINATOR, and its
    /// groups are forgotten.
    pub fn on_resigned(
        &mut self,
        offsets_partition: i32,
        ctx: &mut Context<'_>,
        host: &mut dyn CoordinatorHost,
    ) {
        self.loaded.remove(&offsets_partition);
        let error = KafkaError::NotCoordinator;
        for write in self.writes.of_partition(offsets_partition) {
            ctx.cancel_timer(Timer::OffsetsWrite(write.id));
            if let Then::Offsets { waiting: Some(waiting), results, .. } = write.then {
                let partitions = results.iter().map(|(tp, _)| (*tp, Some(error))).collect();
                let answer = OffsetCommitResponse { partitions };
                ctx.send(waiting.to, waiting.correlation, Response::OffsetCommit(answer));
            }
        }
        let here = self.groups.values().filter(|g| g.offsets_partition == offsets_partition);
        let ids: Vec<Name> = here.map(|g| g.id.clone()).collect();
        for id in ids {
            let mut group = self.groups.remove(&id).expect("it is in the list");
            Turn { group: &mut group, writes: &mut self.writes, ctx: &mut *ctx, host: &mut *host }
                .resign(error);
        }
    }

    /// The high watermark of this partition is here now: what was appended below it is committed.
    pub fn on_committed(
        &mut self,
        offsets_partition: i32,
        high_watermark: Offset,
        ctx: &mut Context<'_>,
        host: &mut dyn CoordinatorHost,
    ) {
        for write in self.writes.committed(offsets_partition, high_watermark) {
            ctx.cancel_timer(Timer::OffsetsWrite(write.id));
            let Some(mut turn) = self.turn(&write.group, ctx, host) else { continue };
            match write.then {
                Then::Assignments { generation, assignments } => {
                    turn.assignment_committed(generation, &assignments);
                }
                Then::Offsets { waiting, accepted, results } => {
                    turn.commit_done(waiting, accepted, results);
                }
                Then::Nothing => {}
            }
        }
    }
}

impl Turn<'_, '_> {
    /// Ends the group in memory.
    fn resign(&mut self, error: KafkaError) {
        let number = self.group.number;
        for member in std::mem::take(&mut self.group.members) {
            self.ctx.cancel_timer(Timer::MemberSession(number, member.number));
            if let Some(waiting) = member.awaiting_join {
                self.answer(waiting, answers::join_error(error, &member.member_id));
            }
            if let Some(waiting) = member.awaiting_sync {
                self.answer(waiting, answers::sync_error(error));
            }
        }
        for pending in std::mem::take(&mut self.group.pending_members) {
            self.ctx.cancel_timer(Timer::PendingMember(number, pending.number));
        }
        self.ctx.cancel_timer(Timer::JoinPhase(number));
        self.ctx.cancel_timer(Timer::PendingSync(number));
        self.transition(GroupState::Dead);
    }
}

fn group_of(request: &Request) -> Option<&Name> {
    match request {
        Request::JoinGroup(r) => Some(&r.group),
        Request::SyncGroup(r) => Some(&r.group),
        Request::Heartbeat(r) => Some(&r.group),
        Request::LeaveGroup(r) => Some(&r.group),
        Request::OffsetCommit(r) => Some(&r.group),
        Request::OffsetFetch(r) => Some(&r.group),
        _ => None,
    }
}

/// What can be told from the request alone.
fn check_join_request(
    request: &JoinGroupRequest,
    fresh: bool,
    host: &dyn CoordinatorHost,
) -> Result<(), KafkaError> {
    let config = host.config();
    let session_ms = i64::from(request.session_timeout_ms);
    let allowed = config.group_min_session_timeout_ms..=config.group_max_session_timeout_ms;
    if !allowed.contains(&session_ms) {
        return Err(KafkaError::InvalidSessionTimeout);
    }
    let names: SortedSet<&Name> = request.protocols.iter().map(|(name, _)| name).collect();
    if names.is_empty()
        || names.len() != request.protocols.len()
        || request.protocol_type.is_empty()
    {
        return Err(KafkaError::InconsistentGroupProtocol);
    }
    if fresh && !request.member_id.is_empty() {
        return Err(KafkaError::UnknownMemberId);
    }
    Ok(())
}
