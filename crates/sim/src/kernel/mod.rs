//! The scheduler: an event queue ordered by `(time, sequence)`, processes with their disks and timers,
//! and the messages between them. Handles exactly one event at a time and knows no Kafka.

use crate::disk::SimDisk;
use crate::hash::TraceHasher;
use crate::network::{Channel, InFlight, Network};
use crate::prng::SeededChooser;
use crate::{NEVER, NetworkSpec, ProcessState, TraceKind, TraceRecord};
use highwater_cluster::{
    Actor, Body, Command, Context, Correlation, Effect, Input, Message, NodeId, Request, Time,
    Timer, TraceEvent,
};
use highwater_sorted::SortedMap;
use std::sync::Arc;

mod faults;
mod queue;
#[cfg(test)]
mod tests;

use queue::Queue;

/// The incarnation of a requester sits above this bit of a correlation on the wire, so that an answer
/// to a process that is gone never reaches its successor.
const INCARNATION_SHIFT: u32 = 52;

/// The requester's own number of a request.
pub fn local_correlation(wire: Correlation) -> Correlation {
    wire & ((1 << INCARNATION_SHIFT) - 1)
}

/// What is due at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Due {
    Deliver(u64),
    Timer(NodeId, Timer),
    Disconnected {
        to: NodeId,
        peer: NodeId,
        correlation: Correlation,
    },
    Start(NodeId),
    Command(NodeId, Command),
    /// Not for a process: the world itself acts (a scenario's script).
    World(u32),
}

/// A process with what belongs to it.
#[derive(Clone, Debug)]
pub struct Node<A> {
    /// The process. After a crash the last state of it: only its disk is real then.
    pub actor: A,
    /// Its disk.
    pub disk: SimDisk,
    /// Whether it runs.
    pub state: ProcessState,
    /// Since when it is in that state.
    pub since: Time,
    /// Number of its start, from 0.
    pub incarnation: u64,
    pub(crate) timers: SortedMap<Timer, (Time, u64)>,
    inbox: Vec<Due>,
    chooser: SeededChooser,
}

impl<A> Node<A> {
    /// Inputs that wait because the process is paused.
    pub fn waiting_inputs(&self) -> u32 {
        u32::try_from(self.inbox.len()).unwrap_or(u32::MAX)
    }

    /// Timers that are set, with the moment each goes off.
    pub fn timers(&self) -> impl Iterator<Item = (Timer, Time)> {
        self.timers.iter().map(|(&timer, &(at, _))| (timer, at))
    }
}

/// A request whose sender waits on it, or would hear that its connection broke.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Outstanding {
    server: NodeId,
    channel: Channel,
    answered: bool,
}

/// The scheduler.
#[derive(Clone, Debug)]
pub struct Kernel<A> {
    pub(crate) seed: u64,
    pub(crate) now: Time,
    /// Events handled so far.
    pub(crate) handled: u64,
    sequence: u64,
    next_message: u64,
    queue: Queue,
    pub(crate) nodes: SortedMap<NodeId, Arc<Node<A>>>,
    pub(crate) network: Network,
    outstanding: SortedMap<(NodeId, Correlation), Outstanding>,
    hash: TraceHasher,
    /// What the current step or action has told so far.
    pub(crate) records: Vec<TraceRecord>,
    /// An action is being applied, between two events.
    pub(crate) acting: bool,
    /// Whether anything is told and hashed. Off only to measure what that costs.
    pub(crate) tells: bool,
    effects: Vec<Effect>,
}

/// What one event was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Handled {
    /// A process handled an input.
    Process(NodeId),
    /// Nobody was there to handle it (a message that is lost, an input that waits).
    Nobody,
    /// The world itself must act.
    World(u32),
}

impl<A: Actor + Clone> Kernel<A> {
    pub(crate) fn new(spec: NetworkSpec, seed: u64) -> Self {
        Self {
            seed,
            now: Time(0),
            handled: 0,
            sequence: 0,
            next_message: 1,
            queue: Queue::default(),
            nodes: SortedMap::new(),
            network: Network::new(spec, seed),
            outstanding: SortedMap::new(),
            hash: TraceHasher::new(seed),
            records: Vec::new(),
            acting: false,
            tells: true,
            effects: Vec::new(),
        }
    }

    /// Hash of everything that has happened.
    pub(crate) fn hash(&self) -> u64 {
        self.hash.value()
    }

    /// When the next event is due.
    pub(crate) fn next_at(&self) -> Option<Time> {
        self.queue.next_at()
    }

    pub(crate) fn schedule(&mut self, at: Time, due: Due) -> u64 {
        self.sequence += 1;
        self.queue.insert((at.max(self.now), self.sequence), due);
        self.sequence
    }

    pub(crate) fn note(&mut self, node: NodeId, what: TraceKind) {
        if !self.tells {
            return;
        }
        let record =
            TraceRecord { event: self.handled, by_input: self.acting, time: self.now, node, what };
        self.hash.add(&record);
        self.records.push(record);
    }

    pub(crate) fn tell(&mut self, node: NodeId, event: TraceEvent) {
        self.note(node, TraceKind::Event(event));
    }

    pub(crate) fn node(&self, id: NodeId) -> Option<&Node<A>> {
        self.nodes.get(&id).map(|n| &**n)
    }

    pub(super) fn node_mut(&mut self, id: NodeId) -> Option<&mut Node<A>> {
        self.nodes.get_mut(&id).map(Arc::make_mut)
    }

    /// Adds a process; it starts at `at`.
    pub(crate) fn add(&mut self, id: NodeId, actor: A, at: Time) {
        let node = Node {
            actor,
            disk: SimDisk::new(),
            state: ProcessState::Running,
            since: at,
            incarnation: 0,
            timers: SortedMap::new(),
            inbox: Vec::new(),
            chooser: SeededChooser::new(self.seed, id),
        };
        self.nodes.insert(id, Arc::new(node));
        self.schedule(at, Due::Start(id));
    }

    /// Starts a stopped process again as `actor`, on the same disk.
    pub(crate) fn restart(&mut self, id: NodeId, make: impl FnOnce(u64) -> A) {
        let now = self.now;
        if let Some(node) = self.node_mut(id) {
            node.incarnation += 1;
            node.actor = make(node.incarnation);
            node.state = ProcessState::Running;
            node.since = now;
            self.schedule(now, Due::Start(id));
        }
    }

    /// Handles exactly one event. `None` when nothing is scheduled.
    pub(crate) fn step(&mut self) -> Option<Handled> {
        self.records.clear();
        let ((at, sequence), due) = self.queue.pop_first()?;
        self.now = at;
        self.handled += 1;
        if self.tells {
            self.hash.add(&(self.handled, at.0));
        }
        Some(match due {
            Due::World(number) => Handled::World(number),
            Due::Deliver(id) => self.deliver(id),
            Due::Timer(node, timer) => self.timer(node, timer, sequence),
            Due::Disconnected { to, peer, correlation } => self.disconnected(to, peer, correlation),
            Due::Start(node) => match self.state(node) {
                Some(ProcessState::Running) => {
                    self.note(node, TraceKind::Started);
                    self.handle(node, Input::Start)
                }
                Some(ProcessState::Paused) => self.wait(node, Due::Start(node)),
                _ => Handled::Nobody,
            },
            Due::Command(node, command) => match self.state(node) {
                Some(ProcessState::Running) => {
                    self.note(node, TraceKind::Command(command.clone()));
                    self.handle(node, Input::Command(command))
                }
                Some(ProcessState::Paused) => self.wait(node, Due::Command(node, command)),
                _ => Handled::Nobody,
            },
        })
    }

    fn state(&self, id: NodeId) -> Option<ProcessState> {
        self.node(id).map(|n| n.state)
    }

    fn wait(&mut self, id: NodeId, due: Due) -> Handled {
        if let Some(node) = self.node_mut(id) {
            node.inbox.push(due);
        }
        Handled::Nobody
    }

    fn deliver(&mut self, id: u64) -> Handled {
        let Some(flight) = self.network.in_flight.get(&id) else { return Handled::Nobody };
        let (from, to) = (flight.message.from, flight.message.to);
        match self.state(to) {
            Some(ProcessState::Paused) if !flight.doomed => return self.wait(to, Due::Deliver(id)),
            Some(ProcessState::Running) if !flight.doomed && self.is_heard(id) => {}
            state => return self.lose(id, state),
        }
        let flight = self.network.in_flight.remove(&id).expect("looked up above");
        let mut message = flight.message;
        match &message.body {
            Body::Response(_) => {
                self.outstanding.remove(&(to, message.correlation));
                message.correlation = local_correlation(message.correlation);
            }
            // From here on nobody waits: the process may close the connection, no more.
            Body::Request(request) if !expects_answer(request) => {
                self.outstanding.remove(&(from, message.correlation));
            }
            Body::Request(_) => {}
        }
        if self.tells {
            let correlation = local_correlation(message.correlation);
            let body = message.body.clone();
            let sent_at = flight.sent_at;
            self.note(to, TraceKind::Delivered { message: id, from, correlation, body, sent_at });
        }
        self.handle(to, Input::Message(message))
    }

    /// A process that is still starting refuses requests.
    fn is_heard(&self, id: u64) -> bool {
        let flight = &self.network.in_flight[&id];
        flight.is_response() || self.node(flight.message.to).is_some_and(|n| n.actor.listens())
    }

    /// A message lands where nobody hears it. A machine that is up answers a request with a reset; one
    /// without power does not.
    fn lose(&mut self, id: u64, state: Option<ProcessState>) -> Handled {
        let flight = self.network.in_flight.remove(&id).expect("the caller looked it up");
        let Message { from, to, correlation, .. } = flight.message;
        let reason = match state {
            Some(ProcessState::PoweredOff) => "no power",
            Some(ProcessState::Running | ProcessState::Paused) if flight.doomed => {
                "connection closed"
            }
            Some(ProcessState::Running | ProcessState::Paused) => "not listening yet",
            _ => "no such process",
        };
        self.tell(to, TraceEvent::MessageDropped { message: id, reason: reason.into() });
        let awaited = !matches!(&flight.message.body, Body::Request(r) if !expects_answer(r));
        if state == Some(ProcessState::PoweredOff) && !awaited {
            self.outstanding.remove(&(from, correlation)); // Nobody will ever ask what became of it.
        }
        if state != Some(ProcessState::PoweredOff)
            && !flight.doomed
            && !flight.message.body_is_response()
            && self.outstanding.remove(&(from, correlation)).is_some()
        {
            self.schedule_disconnect(from, to, correlation, flight.channel);
        }
        Handled::Nobody
    }

    /// Tells `requester` one latency later that the connection on which this request waits is gone.
    pub(super) fn schedule_disconnect(
        &mut self,
        requester: NodeId,
        server: NodeId,
        correlation: Correlation,
        channel: Channel,
    ) {
        let at = self.network.arrival(server, requester, channel, self.now);
        if at != NEVER {
            self.schedule(at, Due::Disconnected { to: requester, peer: server, correlation });
        }
    }

    fn disconnected(&mut self, to: NodeId, peer: NodeId, correlation: Correlation) -> Handled {
        let Some(node) = self.node(to) else { return Handled::Nobody };
        if node.incarnation != correlation >> INCARNATION_SHIFT {
            return Handled::Nobody;
        }
        match node.state {
            ProcessState::Running => {
                let correlation = local_correlation(correlation);
                self.note(to, TraceKind::Disconnected { peer, correlation });
                self.handle(to, Input::Disconnected { peer, correlation })
            }
            ProcessState::Paused => self.wait(to, Due::Disconnected { to, peer, correlation }),
            _ => Handled::Nobody,
        }
    }

    fn timer(&mut self, id: NodeId, timer: Timer, sequence: u64) -> Handled {
        let Some(node) = self.node_mut(id) else { return Handled::Nobody };
        if node.timers.get(&timer).is_none_or(|&(_, set)| set != sequence) {
            return Handled::Nobody;
        }
        match node.state {
            ProcessState::Running => {
                node.timers.remove(&timer);
                self.note(id, TraceKind::Timer(timer));
                self.handle(id, Input::Timer(timer))
            }
            ProcessState::Paused => self.wait(id, Due::Timer(id, timer)),
            _ => Handled::Nobody,
        }
    }

    fn handle(&mut self, id: NodeId, input: Input) -> Handled {
        let now = self.now;
        let mut effects = std::mem::take(&mut self.effects);
        if let Some(node) = self.node_mut(id) {
            let mut ctx = Context {
                me: id,
                now,
                disk: &mut node.disk,
                chooser: &mut node.chooser,
                out: &mut effects,
            };
            node.actor.handle(input, &mut ctx);
        }
        for effect in effects.drain(..) {
            self.effect(id, effect);
        }
        self.effects = effects;
        Handled::Process(id)
    }

    fn effect(&mut self, id: NodeId, effect: Effect) {
        match effect {
            Effect::Send { to, correlation, body } => self.send(id, to, correlation, body),
            Effect::SetTimer { timer, at } => {
                self.cancel_timer(id, timer);
                let at = at.max(self.now);
                let sequence = self.schedule(at, Due::Timer(id, timer));
                if let Some(node) = self.node_mut(id) {
                    node.timers.insert(timer, (at, sequence));
                }
            }
            Effect::CancelTimer { timer } => self.cancel_timer(id, timer),
            Effect::CloseConnection { to, correlation } => {
                self.schedule_disconnect(to, id, correlation, Channel::Produce);
            }
            Effect::Trace(event) => self.tell(id, event),
            Effect::Stop => {
                self.tell(id, TraceEvent::ShutDown);
                self.stop(id, ProcessState::ShutDown);
            }
        }
    }

    fn cancel_timer(&mut self, id: NodeId, timer: Timer) {
        if let Some(old) = self.node_mut(id).and_then(|n| n.timers.remove(&timer)) {
            self.queue.remove(&old);
        }
    }

    fn send(&mut self, from: NodeId, to: NodeId, correlation: Correlation, body: Body) {
        let channel = Channel::of(&body);
        let mut wire = correlation;
        match &body {
            Body::Request(_) => {
                assert!(
                    correlation >> INCARNATION_SHIFT == 0,
                    "correlation numbers stay below 2^52"
                );
                let incarnation = self.node(from).map_or(0, |n| n.incarnation);
                wire = incarnation << INCARNATION_SHIFT | correlation;
                let entry = Outstanding { server: to, channel, answered: false };
                let before = self.outstanding.insert((from, wire), entry);
                assert!(before.is_none(), "{from} used request number {correlation} twice");
            }
            Body::Response(_) => match self.outstanding.get_mut(&(to, correlation)) {
                Some(waiting) if waiting.server == from && !waiting.answered => {
                    waiting.answered = true
                }
                // The requester is gone, or its connection broke: the answer has nowhere to go.
                _ => return,
            },
        }
        let id = self.next_message;
        self.next_message += 1;
        let arrives_at = self.network.arrival(from, to, channel, self.now);
        let sequence =
            if arrives_at == NEVER { 0 } else { self.schedule(arrives_at, Due::Deliver(id)) };
        if self.tells {
            let correlation = local_correlation(wire);
            let body = body.clone();
            self.note(from, TraceKind::Sent { message: id, to, correlation, body, arrives_at });
        }
        let fault = self.link_fault(from, to);
        let message = Message { from, to, correlation: wire, body };
        let flight = InFlight {
            id,
            message,
            channel,
            sent_at: self.now,
            arrives_at,
            sequence,
            doomed: false,
            fault,
        };
        self.network.in_flight.insert(id, flight);
    }
}

/// A produce with acks=0 is the one request that nobody answers.
fn expects_answer(request: &Request) -> bool {
    !matches!(request, Request::Produce(p) if p.acks == 0)
}

trait BodyKind {
    fn body_is_response(&self) -> bool;
}

impl BodyKind for Message {
    fn body_is_response(&self) -> bool {
        matches!(self.body, Body::Response(_))
    }
}
