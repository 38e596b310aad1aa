//! A coordinator with a host that keeps records in a list, and a clock that runs its timers.

use super::doubles::{Counting, NoDisk};
use crate::assignor::{Assignment, Subscription};
use crate::group::{CoordinatorHost, GroupCoordinator};
use crate::{
    Body, BrokerConfig, Context, Effect, GroupState, HeartbeatRequest, JoinGroupRequest,
    JoinGroupResponse, KafkaError, LeaveGroupRequest, Name, NodeId, OffsetCommitRequest,
    OffsetFetchRequest, Request, Response, Span, SyncGroupRequest, Time, Timer, TopicId,
    TopicPartition, TraceEvent,
};
use highwater_log::{Bytes, Offset};
use highwater_sorted::SortedMap;

pub const PARTITION: i32 = 12;
pub const GROUP: &str = "my-group";

/// One topic "t" (id 1) with three partitions.
pub struct Host {
    pub leads: bool,
    pub fails: Option<KafkaError>,
    pub records: Vec<(Bytes, Option<Bytes>)>,
    pub config: BrokerConfig,
}

impl CoordinatorHost for Host {
    fn partition_for(&self, _: &str) -> i32 {
        PARTITION
    }
    fn leads(&self, _: i32) -> bool {
        self.leads
    }
    fn append(
        &mut self,
        _: i32,
        records: &[(Bytes, Option<Bytes>)],
        _: &mut Context<'_>,
    ) -> Result<Offset, KafkaError> {
        if let Some(error) = self.fails {
            return Err(error);
        }
        self.records.extend_from_slice(records);
        Ok(i64::try_from(self.records.len()).unwrap())
    }
    fn topic_exists(&self, tp: TopicPartition) -> bool {
        tp.topic == TopicId(1) && (0..3).contains(&tp.partition)
    }
    fn topic_name(&self, id: TopicId) -> Option<Name> {
        (id == TopicId(1)).then(|| "t".into())
    }
    fn topic_id(&self, name: &str) -> Option<TopicId> {
        (name == "t").then_some(TopicId(1))
    }
    fn config(&self) -> &BrokerConfig {
        &self.config
    }
}

pub struct Bench {
    pub coordinator: GroupCoordinator,
    pub host: Host,
    pub now: Time,
    /// Whether appended records are committed at once.
    pub replicated: bool,
    pub timers: SortedMap<Timer, Time>,
    pub answers: SortedMap<u64, Response>,
    pub trace: Vec<(Time, TraceEvent)>,
    chooser: Counting,
    next: u64,
}

impl Bench {
    /// Kafka's defaults, but the initial rebalance delay is 0 as in the recordings.
    pub fn new() -> Self {
        let mut bench = Self::unloaded();
        bench.host.config.group_initial_rebalance_delay_ms = 0;
        bench.elect(&[]);
        bench
    }

    pub fn unloaded() -> Self {
        let config =
            crate::settings::resolve_broker::<&str, &str>(&[]).expect("defaults are valid");
        Self {
            coordinator: GroupCoordinator::new(),
            host: Host { leads: true, fails: None, records: Vec::new(), config },
            now: Time(0),
            replicated: true,
            timers: SortedMap::new(),
            answers: SortedMap::new(),
            trace: Vec::new(),
            chooser: Counting::default(),
            next: 0,
        }
    }

    fn run(
        &mut self,
        act: impl FnOnce(&mut GroupCoordinator, &mut Context<'_>, &mut dyn CoordinatorHost),
    ) {
        let mut out = Vec::new();
        let mut ctx = Context {
            me: NodeId::Broker(1),
            now: self.now,
            disk: &mut NoDisk,
            chooser: &mut self.chooser,
            out: &mut out,
        };
        act(&mut self.coordinator, &mut ctx, &mut self.host);
        for effect in out {
            match effect {
                Effect::Send { correlation, body: Body::Response(response), .. } => {
                    let earlier = self.answers.insert(correlation, (*response).clone());
                    assert!(earlier.is_none(), "request {correlation} is answered twice");
                }
                Effect::SetTimer { timer, at } => {
                    self.timers.insert(timer, at);
                }
                Effect::CancelTimer { timer } => {
                    self.timers.remove(&timer);
                }
                Effect::Trace(event) => self.trace.push((self.now, event)),
                other => panic!("unexpected {other:?}"),
            }
        }
    }

    fn act(
        &mut self,
        act: impl FnOnce(&mut GroupCoordinator, &mut Context<'_>, &mut dyn CoordinatorHost),
    ) {
        self.run(act);
        if self.replicated {
            self.commit_all();
        }
    }

    pub fn commit_all(&mut self) {
        let end = i64::try_from(self.host.records.len()).unwrap();
        self.run(|c, ctx, host| c.on_committed(PARTITION, end, ctx, host));
    }

    pub fn elect(&mut self, records: &[(Bytes, Option<Bytes>)]) {
        self.act(|c, ctx, host| c.on_leader_elected(PARTITION, records, ctx, host));
    }

    pub fn resign(&mut self) {
        self.act(|c, ctx, host| c.on_resigned(PARTITION, ctx, host));
    }

    /// Runs every timer that is due within these milliseconds.
    pub fn advance(&mut self, ms: i64) {
        let end = self.now + Span::from_ms(ms);
        while let Some((timer, at)) = self
            .timers
            .iter()
            .map(|(t, at)| (*t, *at))
            .filter(|(_, at)| *at <= end)
            .min_by_key(|(t, at)| (*at, *t))
        {
            self.timers.remove(&timer);
            self.now = self.now.max(at);
            self.act(|c, ctx, host| c.timer(timer, ctx, host));
        }
        self.now = end;
    }

    /// Sends a request of client cN; returns its number.
    pub fn send(&mut self, client: u32, request: Request) -> u64 {
        self.next += 1;
        let number = self.next;
        let from = NodeId::Consumer(client);
        self.act(|c, ctx, host| c.handle(from, number, &request, ctx, host));
        number
    }

    pub fn answer(&self, number: u64) -> &Response {
        self.answers.get(&number).expect("it is answered")
    }

    pub fn is_parked(&self, number: u64) -> bool {
        !self.answers.contains_key(&number)
    }

    pub fn send_join(&mut self, client: u32, member_id: &str) -> u64 {
        self.send_join_with(client, member_id, &["range"], 45_000)
    }

    pub fn send_join_with(
        &mut self,
        client: u32,
        member_id: &str,
        protocols: &[&str],
        session_timeout_ms: i32,
    ) -> u64 {
        self.send_join_within(client, member_id, protocols, session_timeout_ms, 60_000)
    }

    /// With a rebalance timeout other than a minute.
    pub fn send_join_within(
        &mut self,
        client: u32,
        member_id: &str,
        protocols: &[&str],
        session_timeout_ms: i32,
        rebalance_timeout_ms: i32,
    ) -> u64 {
        let subscription = Subscription::new(vec!["t".into()]).encode(3);
        let request = JoinGroupRequest {
            group: GROUP.into(),
            session_timeout_ms,
            rebalance_timeout_ms,
            member_id: member_id.into(),
            protocol_type: "consumer".into(),
            protocols: protocols.iter().map(|p| (Name::from(*p), subscription.clone())).collect(),
        };
        self.send(client, Request::JoinGroup(request))
    }

    pub fn joined(&self, number: u64) -> JoinGroupResponse {
        match self.answer(number) {
            Response::JoinGroup(r) => r.clone(),
            other => panic!("not a JoinGroup answer: {other:?}"),
        }
    }

    /// First contact; the member id that MEMBER_ID_REQUIRED brings.
    pub fn ask_id(&mut self, client: u32) -> Name {
        let number = self.send_join(client, "");
        let answer = self.joined(number);
        assert_eq!(answer.error, Some(KafkaError::MemberIdRequired));
        answer.member_id
    }

    /// Both joins of a new member; the second one's number.
    pub fn enter(&mut self, client: u32) -> (Name, u64) {
        let id = self.ask_id(client);
        let number = self.send_join(client, &id);
        (id, number)
    }

    pub fn send_sync(
        &mut self,
        client: u32,
        member_id: &str,
        generation: i32,
        assignments: &[(&Name, &[i32])],
    ) -> u64 {
        let encode = |(id, partitions): &(&Name, &[i32])| {
            let list: Vec<(Name, i32)> = partitions.iter().map(|p| ("t".into(), *p)).collect();
            ((*id).clone(), Assignment::of(&list).encode(3))
        };
        let request = SyncGroupRequest {
            group: GROUP.into(),
            generation_id: generation,
            member_id: member_id.into(),
            assignments: assignments.iter().map(encode).collect(),
        };
        self.send(client, Request::SyncGroup(request))
    }

    /// Error, or the partitions of t.
    pub fn synced(&self, number: u64) -> Result<Vec<i32>, KafkaError> {
        let Response::SyncGroup(r) = self.answer(number) else { panic!("not a SyncGroup answer") };
        match r.error {
            Some(error) => Err(error),
            None => {
                let assignment = Assignment::decode(&r.assignment).expect("well formed");
                Ok(assignment.iter().map(|(_, p)| p).collect())
            }
        }
    }

    pub fn heartbeat(
        &mut self,
        client: u32,
        member_id: &str,
        generation: i32,
    ) -> Option<KafkaError> {
        let member_id = member_id.into();
        let request =
            HeartbeatRequest { group: GROUP.into(), generation_id: generation, member_id };
        let number = self.send(client, Request::Heartbeat(request));
        match self.answer(number) {
            Response::Heartbeat(r) => r.error,
            other => panic!("not a Heartbeat answer: {other:?}"),
        }
    }

    pub fn leave(&mut self, client: u32, member_id: &str) -> Option<KafkaError> {
        let request = LeaveGroupRequest { group: GROUP.into(), member_id: member_id.into() };
        let number = self.send(client, Request::LeaveGroup(request));
        match self.answer(number) {
            Response::LeaveGroup(r) => r.error,
            other => panic!("not a LeaveGroup answer: {other:?}"),
        }
    }

    pub fn send_commit(&mut self, member_id: &str, generation: i32, offset: Offset) -> u64 {
        let request = OffsetCommitRequest {
            group: GROUP.into(),
            generation_id: generation,
            member_id: member_id.into(),
            offsets: vec![(tp(0), offset, -1)],
        };
        self.send(1, Request::OffsetCommit(request))
    }

    pub fn commit(
        &mut self,
        member_id: &str,
        generation: i32,
        offset: Offset,
    ) -> Option<KafkaError> {
        let number = self.send_commit(member_id, generation, offset);
        match self.answer(number) {
            Response::OffsetCommit(r) => r.partitions[0].1,
            other => panic!("not an OffsetCommit answer: {other:?}"),
        }
    }

    pub fn committed(&mut self) -> Offset {
        let request = OffsetFetchRequest { group: GROUP.into(), partitions: vec![tp(0)] };
        let number = self.send(9, Request::OffsetFetch(request));
        match self.answer(number) {
            Response::OffsetFetch(r) => r.offsets[0].1,
            other => panic!("not an OffsetFetch answer: {other:?}"),
        }
    }

    pub fn state(&self) -> GroupState {
        self.coordinator.group(GROUP).expect("the group is there").state()
    }

    pub fn generation(&self) -> i32 {
        self.coordinator.group(GROUP).expect("the group is there").generation()
    }

    /// A Stable group with one member that owns everything: its id and generation.
    pub fn one_member(&mut self) -> (Name, i32) {
        let (id, number) = self.enter(1);
        self.advance(0);
        let generation = self.joined(number).generation_id;
        let number = self.send_sync(1, &id, generation, &[(&id, &[0, 1, 2])]);
        assert_eq!(self.synced(number), Ok(vec![0, 1, 2]));
        assert_eq!(self.state(), GroupState::Stable);
        (id, generation)
    }

    /// A Stable group with two members: c1 owns 0 and 1, c2 owns 2.
    pub fn two_members(&mut self) -> (Name, Name, i32) {
        let (first, generation) = self.one_member();
        let (second, join2) = self.enter(2);
        assert_eq!(self.heartbeat(1, &first, generation), Some(KafkaError::RebalanceInProgress));
        let join1 = self.send_join(1, &first);
        let generation = self.joined(join1).generation_id;
        assert_eq!(self.joined(join2).generation_id, generation);
        let sync2 = self.send_sync(2, &second, generation, &[]);
        let shares: [(&Name, &[i32]); 2] = [(&first, &[0, 1]), (&second, &[2])];
        let sync1 = self.send_sync(1, &first, generation, &shares);
        assert_eq!((self.synced(sync1), self.synced(sync2)), (Ok(vec![0, 1]), Ok(vec![2])));
        (first, second, generation)
    }
}

pub fn tp(partition: i32) -> TopicPartition {
    TopicPartition::new(TopicId(1), partition)
}
