//! The history of a group from the trace.

use super::history::{
    Doing, GroupHistory, Mark, MemberHistory, MemberSpan, PartitionHistory, Phase, Steps,
};
use highwater_cluster::{
    Body, GroupState, KafkaError, NodeId, Request, Response, Time, TopicPartition, TraceEvent,
};
use highwater_log::Offset;
use highwater_sim::{ProcessState, TraceKind, TraceRecord, WorldView};
use highwater_sorted::{SortedMap, SortedSet};

struct Builder<'a> {
    view: &'a WorldView,
    group: &'a str,
    from: Time,
    members: SortedMap<u32, Member>,
    partitions: SortedMap<TopicPartition, PartitionHistory>,
    phases: Vec<Phase>,
}

#[derive(Default)]
struct Member {
    spans: Vec<MemberSpan>,
    open: Option<(Doing, Time)>,
    marks: Vec<Mark>,
    /// Something of it is known.
    seen: bool,
    joined: bool,
}

impl Member {
    fn becomes(&mut self, what: Option<Doing>, now: Time) {
        self.seen = true;
        if self.open.as_ref().map(|o| &o.0) == what.as_ref() {
            return;
        }
        if let Some((what, from)) = self.open.take()
            && from < now
        {
            self.spans.push(MemberSpan { what, from, to: now });
        }
        self.open = what.map(|w| (w, now));
    }

    fn mark(&mut self, time: Time, request: bool, text: &str) {
        self.marks.push(Mark { time, request, text: text.to_owned() });
    }
}

impl GroupHistory {
    /// Builds the history of a group (the first one of the view when `group` is `None`) from records
    /// in order of time; what was there before the first of them is filled in from what they say
    /// about it, and from the view where they say nothing.
    pub fn from_trace(records: &[TraceRecord], view: &WorldView, group: Option<&str>) -> Self {
        let first = view.groups.first().map(|g| &*g.id);
        let Some(group) = group.or(first).or(view.consumers.first().map(|c| &*c.group)) else {
            return Self { to: view.now, ..Self::default() };
        };
        // A moment has no width: without records the last second is drawn.
        let second = Time(view.now.0.saturating_sub(1_000_000));
        let from = records.first().map_or(second, |r| r.time.min(second));
        let mut builder = Builder {
            view,
            group,
            from,
            members: SortedMap::new(),
            partitions: SortedMap::new(),
            phases: Vec::new(),
        };
        builder.cast();
        for record in records.iter().filter(|r| r.time <= view.now) {
            builder.take(record);
        }
        builder.finish()
    }
}

impl Builder<'_> {
    /// Members and partitions as the view has them now.
    fn cast(&mut self) {
        let mut topics: SortedSet<&str> = SortedSet::new();
        for consumer in self.view.consumers.iter().filter(|c| &*c.group == self.group) {
            self.members.insert(consumer.number, Member::default());
            topics.extend(consumer.topics.iter().map(|t| &**t));
        }
        let group = self.view.groups.iter().find(|g| &*g.id == self.group);
        let committed: Vec<TopicPartition> =
            group.map(|g| g.committed.iter().map(|c| c.0).collect()).unwrap_or_default();
        for topic in self.view.topics.iter().filter(|t| !t.internal) {
            for part in &topic.partitions {
                if topics.contains(&*topic.name) || committed.contains(&part.tp) {
                    let history = PartitionHistory {
                        tp: part.tp,
                        name: part.name.clone(),
                        high_watermark: Vec::new(),
                        position: Vec::new(),
                        committed: Vec::new(),
                    };
                    self.partitions.insert(part.tp, history);
                }
            }
        }
    }

    fn take(&mut self, record: &TraceRecord) {
        let now = record.time;
        match &record.what {
            TraceKind::Event(event) => self.event(event, record.node, now),
            TraceKind::Sent { body: Body::Request(request), .. } => {
                self.sent(request, record.node, now);
            }
            TraceKind::Delivered { body: Body::Response(response), .. } => {
                self.answered(response, record.node, now);
            }
            _ => {}
        }
    }

    fn member(&mut self, node: NodeId) -> Option<&mut Member> {
        let NodeId::Consumer(number) = node else { return None };
        self.members.get_mut(&number)
    }

    fn sent(&mut self, request: &Request, node: NodeId, now: Time) {
        let NodeId::Consumer(number) = node else { return };
        match request {
            Request::JoinGroup(join) if &*join.group == self.group => {
                let member = self.members.entry(number).or_default();
                member.mark(now, true, "JoinGroup");
                member.becomes(Some(Doing::Joining), now);
                member.joined = true;
            }
            Request::SyncGroup(sync) if &*sync.group == self.group => {
                if let Some(member) = self.member(node) {
                    member.becomes(Some(Doing::Syncing), now);
                }
            }
            Request::LeaveGroup(leave) if &*leave.group == self.group => {
                if let Some(member) = self.member(node) {
                    member.mark(now, true, "LeaveGroup");
                    member.becomes(None, now);
                }
            }
            _ => {}
        }
    }

    fn answered(&mut self, response: &Response, node: NodeId, now: Time) {
        let (api, error) = match response {
            Response::Heartbeat(r) => ("Heartbeat", r.error),
            Response::SyncGroup(r) => ("SyncGroup", r.error),
            Response::JoinGroup(r) => {
                // Asked to come again with the id it was given: part of joining.
                ("JoinGroup", r.error.filter(|e| *e != KafkaError::MemberIdRequired))
            }
            Response::OffsetCommit(r) => {
                ("OffsetCommit", r.partitions.iter().find_map(|(_, error)| *error))
            }
            _ => return,
        };
        let Some(member) = self.member(node) else { return };
        if let Some(error) = error {
            member.mark(now, false, &format!("{api}: {}", error.name()));
        }
    }

    fn event(&mut self, event: &TraceEvent, node: NodeId, now: Time) {
        match event {
            TraceEvent::HighWatermarkMoved { tp, from, to, as_leader: true } => {
                let start = self.from;
                if let Some(part) = self.partitions.get_mut(tp) {
                    step(&mut part.high_watermark, start, Some(*from), now, *to);
                }
            }
            TraceEvent::OffsetCommitted { group, tp, offset } if **group == *self.group => {
                let start = self.from;
                if let Some(part) = self.partitions.get_mut(tp) {
                    step(&mut part.committed, start, None, now, *offset);
                }
            }
            TraceEvent::GroupStateChanged { group, from, to, generation }
                if **group == *self.group =>
            {
                self.phase(*from, *to, *generation, now);
            }
            _ => self.clients(event, node, now),
        }
    }

    fn clients(&mut self, event: &TraceEvent, node: NodeId, now: Time) {
        let start = self.from;
        let NodeId::Consumer(number) = node else { return };
        if !self.members.contains_key(&number) {
            return;
        }
        match event {
            TraceEvent::PositionReset { tp, offset, .. }
            | TraceEvent::TruncationDetected { tp, offset, .. }
            | TraceEvent::PositionFromCommit { tp, offset } => {
                if let Some(part) = self.partitions.get_mut(tp) {
                    step(&mut part.position, start, None, now, *offset);
                }
            }
            TraceEvent::RecordsPolled { tp, first, last, .. } => {
                if let Some(part) = self.partitions.get_mut(tp) {
                    step(&mut part.position, start, Some(*first), now, last + 1);
                }
            }
            TraceEvent::PartitionsAssigned { partitions, .. } => {
                let mut all = partitions.clone();
                highwater_sorted::sort(&mut all);
                let what = if all.is_empty() { Doing::Idle } else { Doing::Owning(all) };
                self.becomes(number, Some(what), now);
            }
            TraceEvent::PartitionsRevoked { partitions, .. } => {
                for tp in partitions {
                    if let Some(part) = self.partitions.get_mut(tp) {
                        part.position.push((now, None));
                    }
                }
                if let Some(member) = self.members.get_mut(&number) {
                    if !member.seen && !partitions.is_empty() {
                        member.open = Some((Doing::Owning(partitions.clone()), start));
                    }
                    member.becomes(None, now);
                }
            }
            TraceEvent::Crashed { .. } => {
                self.stops(number, ProcessState::Crashed, now);
            }
            TraceEvent::ShutDown => self.stops(number, ProcessState::ShutDown, now),
            TraceEvent::Paused => {
                self.becomes(number, Some(Doing::Down(ProcessState::Paused)), now);
            }
            TraceEvent::Restarted | TraceEvent::Resumed => self.resumes(number, now),
            _ => {}
        }
    }

    fn becomes(&mut self, number: u32, what: Option<Doing>, now: Time) {
        if let Some(member) = self.members.get_mut(&number) {
            member.becomes(what, now);
        }
    }

    fn stops(&mut self, number: u32, state: ProcessState, now: Time) {
        let open = self.members.get(&number).and_then(|m| m.open.as_ref()).map(|o| o.0.clone());
        if let Some(Doing::Owning(all)) = open {
            for tp in all {
                if let Some(part) = self.partitions.get_mut(&tp) {
                    part.position.push((now, None));
                }
            }
        }
        self.becomes(number, Some(Doing::Down(state)), now);
    }

    /// A paused process goes on with what it had before.
    fn resumes(&mut self, number: u32, now: Time) {
        let Some(member) = self.members.get_mut(&number) else { return };
        let paused = matches!(&member.open, Some((Doing::Down(ProcessState::Paused), _)));
        let before = member.spans.last().map(|s| s.what.clone()).filter(|_| paused);
        member.becomes(before, now);
    }

    fn phase(&mut self, from: GroupState, to: GroupState, generation: i32, now: Time) {
        match self.phases.last_mut() {
            Some(last) => last.to = now,
            None => {
                self.phases.push(Phase { state: Some(from), generation, from: self.from, to: now })
            }
        }
        self.phases.push(Phase { state: Some(to), generation, from: now, to: self.view.now });
    }

    /// Closes what is open and fills in what the records did not say.
    fn finish(mut self) -> GroupHistory {
        let (view, now, from) = (self.view, self.view.now, self.from);
        let group = view.groups.iter().find(|g| &*g.id == self.group);
        if self.phases.is_empty()
            && let Some(group) = group
        {
            let (state, generation) = (Some(group.state), group.generation);
            self.phases.push(Phase { state, generation, from, to: now });
        }
        for consumer in &view.consumers {
            let Some(member) = self.members.get_mut(&consumer.number) else { continue };
            if !member.seen {
                member.open = Some((known(consumer), from)).filter(|o| o.0 != Doing::Joining);
            }
        }
        for part in self.partitions.values_mut() {
            let replica = view.topics.iter().flat_map(|t| &t.partitions).find(|p| p.tp == part.tp);
            let leader = replica
                .and_then(|p| p.logs.iter().find(|l| l.broker == p.leader).or(p.logs.first()));
            if part.high_watermark.is_empty() {
                part.high_watermark.push((from, leader.map(|l| l.high_watermark)));
            }
            let owned = view
                .consumers
                .iter()
                .filter(|c| &*c.group == self.group)
                .find_map(|c| c.owned.iter().find(|o| o.tp == part.tp));
            if part.position.is_empty() {
                part.position.push((from, owned.and_then(|o| o.position)));
            }
            let committed = group.and_then(|g| g.committed.iter().find(|c| c.0 == part.tp));
            if part.committed.is_empty() {
                part.committed.push((from, committed.map(|c| c.1)));
            }
        }
        let members = self
            .members
            .into_iter()
            .map(|(number, mut member)| {
                member.becomes(None, now.max(Time(from.0 + 1)));
                MemberHistory { number, spans: member.spans, marks: member.marks }
            })
            .collect();
        GroupHistory {
            group: self.group.to_owned(),
            from,
            to: now,
            phases: self.phases,
            members,
            partitions: self.partitions.into_values().collect(),
        }
    }
}

/// What a consumer does by the view alone.
fn known(consumer: &highwater_sim::ConsumerView) -> Doing {
    match consumer.state {
        ProcessState::Running if !consumer.owned.is_empty() => {
            let mut all: Vec<TopicPartition> = consumer.owned.iter().map(|o| o.tp).collect();
            highwater_sorted::sort(&mut all);
            Doing::Owning(all)
        }
        ProcessState::Running if consumer.idle_reason.is_some() => Doing::Idle,
        ProcessState::Running => Doing::Joining,
        state => Doing::Down(state),
    }
}

/// Adds a value; what held before the first one is known from the event itself, or not at all.
fn step(steps: &mut Steps, start: Time, before: Option<Offset>, now: Time, value: Offset) {
    if steps.is_empty() && start < now {
        steps.push((start, before));
    }
    steps.push((now, Some(value)));
}

#[cfg(test)]
mod tests {
    use super::super::history::at;
    use super::*;
    use highwater_cluster::{HeartbeatResponse, JoinGroupRequest, TopicId};
    use highwater_sim::ConsumerView;

    fn record(ms: u64, node: NodeId, what: TraceKind) -> TraceRecord {
        TraceRecord { event: ms, by_input: false, time: Time::from_ms(ms), node, what }
    }

    #[test]
    fn a_rebalance_as_the_member_lives_it() {
        let c1 = NodeId::Consumer(1);
        let tp = TopicPartition::new(TopicId(1), 0);
        let event = |ms, node, e| record(ms, node, TraceKind::Event(e));
        let group = || "billing".into();
        let error = Some(KafkaError::RebalanceInProgress);
        let heartbeat = TraceKind::Delivered {
            message: 1,
            from: NodeId::Broker(2),
            correlation: 1,
            body: Response::Heartbeat(HeartbeatResponse { error }).into(),
            sent_at: Time::from_ms(5998),
        };
        let join = TraceKind::Sent {
            message: 2,
            to: NodeId::Broker(2),
            correlation: 2,
            body: Request::JoinGroup(JoinGroupRequest {
                group: group(),
                session_timeout_ms: 45_000,
                rebalance_timeout_ms: 300_000,
                member_id: "c1-a".into(),
                protocol_type: "consumer".into(),
                protocols: Vec::new(),
            })
            .into(),
            arrives_at: Time::from_ms(6002),
        };
        let records = [
            event(
                1000,
                NodeId::Broker(2),
                TraceEvent::HighWatermarkMoved { tp, from: 0, to: 3, as_leader: true },
            ),
            event(
                4000,
                c1,
                TraceEvent::PartitionsAssigned {
                    group: group(),
                    partitions: vec![tp],
                    generation: 1,
                },
            ),
            event(4500, c1, TraceEvent::RecordsPolled { tp, first: 0, last: 2, count: 3 }),
            record(6000, c1, heartbeat),
            event(
                6000,
                c1,
                TraceEvent::PartitionsRevoked { group: group(), partitions: vec![tp], lost: false },
            ),
            record(6000, c1, join),
        ];
        let consumer = ConsumerView {
            number: 1,
            group: group(),
            topics: vec!["orders".into()],
            ..ConsumerView::default()
        };
        let part = highwater_sim::PartitionView {
            tp,
            name: "orders-0".into(),
            leader: 2,
            leader_epoch: 0,
            partition_epoch: 0,
            replicas: vec![2],
            isr: vec![2],
            logs: Vec::new(),
        };
        let topic = highwater_sim::TopicView {
            name: "orders".into(),
            partitions: vec![part],
            ..highwater_sim::TopicView::default()
        };
        let view = WorldView {
            now: Time::from_ms(7000),
            consumers: vec![consumer],
            topics: vec![topic],
            ..WorldView::default()
        };
        let history = GroupHistory::from_trace(&records, &view, Some("billing"));
        let ms = Time::from_ms;
        let spans = &history.members[0].spans;
        assert_eq!(spans.len(), 2);
        let owning = Doing::Owning(vec![tp]);
        assert_eq!(spans[0], MemberSpan { what: owning, from: ms(4000), to: ms(6000) });
        assert_eq!(spans[1], MemberSpan { what: Doing::Joining, from: ms(6000), to: ms(7000) });
        let marks: Vec<&str> = history.members[0].marks.iter().map(|m| &*m.text).collect();
        assert_eq!(marks, ["Heartbeat: REBALANCE_IN_PROGRESS", "JoinGroup"]);
        let orders = &history.partitions[0];
        assert_eq!(orders.high_watermark, [(ms(1000), Some(3))]);
        assert_eq!(at(&orders.position, ms(5000)), Some(3));
        assert_eq!(at(&orders.position, ms(6500)), None, "given back");
    }
}
