//! The world: a scenario's cast on the scheduler, started, driven by a script and by actions.

use crate::cast::{Cast, ConsumerPart, ProducerPart};
use crate::kernel::{Due, Handled, Kernel};
use crate::keys::KeyBook;
use crate::oracle::Oracle;
use crate::process::Process;
use crate::{
    Action, ActionError, NEVER, NetworkSpec, Node, ProcessState, Scenario, ScenarioError,
    TraceRecord,
};
use highwater_cluster::{Command, CreateTopicsRequest, KafkaError, NodeId, Span, Time, TraceEvent};
use std::sync::Arc;

/// Virtual time and events that starting up may take before it counts as stuck.
const BOOT_LIMIT: (Time, u64) = (Time(120_000_000), 200_000);

/// How far the start of the cluster has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// Brokers register and are unfenced.
    Brokers,
    /// The scenario's topics are made; this many so far.
    Topics(u32),
    /// Clients and script are under way.
    Running,
}

/// What [`World::step`] did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepResult {
    /// One event was handled.
    Handled {
        /// Its number.
        event: u64,
        /// When.
        time: Time,
        /// The process that handled it; `None` when nobody did (a message that is lost, the script).
        node: Option<NodeId>,
    },
    /// Nothing is scheduled: the world stands still until somebody acts.
    Nothing,
}

/// A whole cluster with its clients, network and disks. Cloning is cheap: processes are shared until they change.
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) kernel: Kernel<Process>,
    pub(crate) cast: Arc<Cast>,
    pub(crate) keys: Arc<KeyBook>,
    pub(crate) oracle: Arc<Oracle>,
    /// Last change that the controller wrote, in words.
    pub(crate) last_change: Option<(Time, String)>,
    phase: Phase,
    start: Time,
    leaving: Vec<NodeId>,
    checks: bool,
}

impl World {
    /// The world of a scenario before its first event: controller and brokers start at time 0.
    ///
    /// # Errors
    /// Every setting, name or number of the scenario that cannot be, with what is allowed.
    pub fn new(scenario: &Scenario, seed: u64) -> Result<Self, ScenarioError> {
        let cast = Cast::new(scenario)?;
        // No latency while the cluster starts, so that scenario time begins at (nearly) 0.
        let spec = NetworkSpec { latency: Span(0), jitter: Span(0) };
        let mut kernel = Kernel::new(spec, seed);
        kernel.add(NodeId::Controller, cast.controller(), Time(0));
        for broker in &scenario.brokers {
            kernel.add(NodeId::Broker(broker.id), cast.broker(broker.id, 0), Time(0));
        }
        kernel.add(NodeId::Admin, cast.admin(), Time(0));
        let (keys, oracle) = Default::default();
        Ok(Self {
            scenario: Arc::new(scenario.clone()),
            kernel,
            cast: Arc::new(cast),
            keys,
            oracle,
            last_change: None,
            phase: Phase::Brokers,
            start: Time(0),
            leaving: Vec::new(),
            checks: true,
        })
    }

    /// The world of a scenario at its beginning: brokers are unfenced, the scenario's topics exist and are
    /// led, clients are about to start. Event numbers and the script's times count from here. The network has
    /// no latency until here, so that virtual time is still 0 or close to it ([`World::start`]).
    ///
    /// # Errors
    /// As [`World::new`], and when the cluster does not come up.
    pub fn booted(scenario: &Scenario, seed: u64) -> Result<Self, ScenarioError> {
        let mut world = Self::new(scenario, seed)?;
        while world.phase != Phase::Running {
            if let Some(problem) = world.boot_problem() {
                return Err(ScenarioError::one("start of the cluster", &problem));
            }
            world.step();
        }
        Ok(world)
    }

    fn boot_problem(&self) -> Option<String> {
        let refused = self.kernel.records.iter().find_map(|r| match r.event() {
            Some(TraceEvent::AdminRefused { what, error, message }) => {
                Some(format!("{what}: {error}: {message}"))
            }
            _ => None,
        });
        let stuck = self.kernel.now > BOOT_LIMIT.0
            || self.kernel.handled > BOOT_LIMIT.1
            || self.kernel.next_at().is_none();
        refused.or_else(|| {
            stuck.then(|| format!("brokers or topics are not ready at {}", self.kernel.now))
        })
    }

    /// Handles exactly one event.
    pub fn step(&mut self) -> StepResult {
        let Some(handled) = self.kernel.step() else { return StepResult::Nothing };
        let node = match handled {
            Handled::Process(node) => Some(node),
            Handled::Nobody => None,
            Handled::World(number) => {
                self.script(number);
                None
            }
        };
        if self.phase == Phase::Running {
            self.observe();
            self.take_leave();
        } else {
            self.boot();
            self.observe();
        }
        StepResult::Handled { event: self.kernel.handled, time: self.kernel.now, node }
    }

    /// Steps until the next event would be later than `time`, then lets the clock stand at `time`.
    pub fn run_until(&mut self, time: Time) {
        while self.kernel.next_at().is_some_and(|at| at <= time) {
            self.step();
        }
        self.kernel.now = self.kernel.now.max(time);
    }

    /// Steps until this many events have been handled.
    pub fn run_to_event(&mut self, event: u64) {
        while self.kernel.handled < event && self.step() != StepResult::Nothing {}
    }

    /// What the last step or action told.
    pub fn records(&self) -> &[TraceRecord] {
        &self.kernel.records
    }

    /// Events handled since the beginning ([`World::booted`]).
    pub fn event(&self) -> u64 {
        self.kernel.handled
    }

    /// Virtual time.
    pub fn now(&self) -> Time {
        self.kernel.now
    }

    /// Virtual time at which the scenario began.
    pub fn start(&self) -> Time {
        self.start
    }

    /// When the next event is due; `None` = nothing is scheduled.
    pub fn next_event_at(&self) -> Option<Time> {
        self.kernel.next_at()
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.kernel.seed
    }

    /// The scenario.
    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// 64 bits over every input and effect so far: equal for equal scenario, seed and inputs, everywhere.
    pub fn trace_hash(&self) -> u64 {
        self.kernel.hash()
    }

    /// A process with its disk.
    pub fn node(&self, id: NodeId) -> Option<&Node<Process>> {
        self.kernel.node(id)
    }

    /// Every process, in order of id.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &Node<Process>)> {
        self.kernel.nodes.iter().map(|(id, node)| (*id, &**node))
    }

    /// Switches the invariants off (for benchmarks) or on. What is off is not caught up later.
    pub fn set_checks(&mut self, on: bool) {
        self.checks = on;
    }

    fn observe(&mut self) {
        crate::keys::observe(self);
        if let Some(change) = crate::markers::controller_change(self) {
            self.last_change = Some((self.kernel.now, change));
        }
        if self.checks {
            crate::oracle::observe(self);
        }
    }

    /// The scenario's start as a small program: each step waits for a state of the cluster.
    fn boot(&mut self) {
        match self.phase {
            Phase::Brokers if self.all_brokers_unfenced() => self.create_topics_from(0),
            Phase::Topics(made) if self.topic_ready(made) => self.create_topics_from(made + 1),
            _ => {}
        }
    }

    fn all_brokers_unfenced(&self) -> bool {
        let image = self.image();
        self.scenario.brokers.iter().all(|b| image.is_active(b.id))
    }

    fn create_topics_from(&mut self, number: u32) {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        match self.scenario.topics.get(index) {
            None => self.begin(),
            Some(topic) => {
                let explicit = !topic.assignments.is_empty();
                let request = CreateTopicsRequest {
                    name: topic.name.as_str().into(),
                    num_partitions: if explicit { -1 } else { topic.partitions },
                    replication_factor: if explicit { -1 } else { topic.replication_factor },
                    assignments: topic.assignments.clone(),
                    configs: topic.configs.clone(),
                };
                self.phase = Phase::Topics(number);
                self.command(NodeId::Admin, Command::CreateTopic(request));
            }
        }
    }

    /// Every partition of the topic is led by a broker that knows it.
    fn topic_ready(&self, number: u32) -> bool {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        let Some(spec) = self.scenario.topics.get(index) else { return true };
        let Some((id, topic)) = self.image().topic_by_name(&spec.name) else { return false };
        !topic.partitions.is_empty()
            && self.image().partitions().filter(|(tp, _)| tp.topic == id).all(|(tp, registered)| {
                registered.replicas.iter().all(|&broker| {
                    self.broker(broker)
                        .and_then(|b| b.partition(tp))
                        .is_some_and(|p| p.leader_epoch() == registered.leader_epoch)
                })
            })
    }

    /// Scenario time 0: clients and script are scheduled, the network gets its latency.
    fn begin(&mut self) {
        self.phase = Phase::Running;
        self.start = self.kernel.now;
        self.kernel.handled = 0;
        self.kernel.network.set_spec(self.scenario.network.clone());
        let scenario = self.scenario.clone();
        for (number, (at, _)) in (0u32..).zip(&scenario.script) {
            self.kernel.schedule(self.start + Span(at.0), Due::World(number));
        }
        for (number, spec) in (1u32..).zip(&scenario.producers) {
            let actor = self.cast.producer(number, 0);
            self.kernel.add(NodeId::Producer(number), actor, self.start + Span(spec.start.0));
        }
        for (number, spec) in (1u32..).zip(&scenario.consumers) {
            let actor = self.cast.consumer(number, 0);
            self.kernel.add(NodeId::Consumer(number), actor, self.start + Span(spec.start.0));
        }
    }

    fn script(&mut self, number: u32) {
        let scenario = self.scenario.clone();
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        if let Some((_, action)) = scenario.script.get(index)
            && let Err(error) = self.act(action)
        {
            let event = TraceEvent::AdminRefused {
                what: "script".into(),
                error: KafkaError::InvalidRequest,
                message: error.to_string(),
            };
            self.kernel.tell(NodeId::Admin, event);
        }
    }

    /// Does something to the world at this moment.
    ///
    /// # Errors
    /// When it cannot be done now: nothing has changed, and the error says what can.
    pub fn apply(&mut self, action: &Action) -> Result<(), ActionError> {
        self.kernel.records.clear();
        self.kernel.acting = true;
        let done = self.act(action);
        if done.is_ok() {
            self.observe();
        }
        self.kernel.acting = false;
        done
    }

    fn act(&mut self, action: &Action) -> Result<(), ActionError> {
        self.try_action(action)
            .map_err(|message| ActionError { action: action.to_string(), message })
    }

    fn try_action(&mut self, action: &Action) -> Result<(), String> {
        match action {
            Action::Crash(node) => self.take_down(*node, ProcessState::Crashed),
            Action::PowerOff(node) => self.take_down(*node, ProcessState::PoweredOff),
            Action::Restart(node) => self.restart(*node),
            Action::Pause(node) => {
                self.expect(*node, &[ProcessState::Running])?;
                self.kernel.pause(*node);
                self.kernel.tell(*node, TraceEvent::Paused);
                Ok(())
            }
            Action::Resume(node) => {
                self.expect(*node, &[ProcessState::Paused])?;
                self.kernel.resume(*node);
                self.kernel.tell(*node, TraceEvent::Resumed);
                Ok(())
            }
            Action::CutLink { a, b, one_way } => {
                self.link(*a, *b, |link| link.cut = true)?;
                if *one_way { Ok(()) } else { self.link(*b, *a, |link| link.cut = true) }
            }
            Action::HealLink { a, b } => {
                self.link(*a, *b, |link| *link = Default::default())?;
                self.link(*b, *a, |link| *link = Default::default())
            }
            Action::SlowLink { a, b, latency_us } => {
                self.link(*a, *b, |link| link.latency_us = Some(*latency_us))
            }
            Action::DropMessage(id) => {
                self.message(*id)?;
                self.kernel.drop_message(*id);
                Ok(())
            }
            Action::DelayMessage { message, by_us } => {
                self.message(*message)?;
                if self.arrival_of(*message) == Some(NEVER) {
                    return Err(format!("message {message} waits at a cut link; heal the link, or drop the message"));
                }
                self.kernel.delay_message(*message, *by_us);
                Ok(())
            }
            Action::Produce { .. } | Action::Rate { .. } => self.producer_action(action),
            Action::Client { client, command } => {
                self.expect(*client, &[ProcessState::Running, ProcessState::Paused])?;
                self.check_command(*client, command)?;
                self.command(*client, command.clone());
                Ok(())
            }
            Action::AddBroker { id, rack } => {
                if *id < 0 || self.kernel.nodes.contains_key(&NodeId::Broker(*id)) {
                    return Err(format!(
                        "id {id} is taken or negative; free is {}",
                        self.free_broker_id()
                    ));
                }
                Arc::make_mut(&mut self.cast).add_broker(*id, rack.clone());
                self.join(NodeId::Broker(*id), self.cast.broker(*id, 0))
            }
            Action::AddProducer { settings, workload } => {
                let part = ProducerPart::new(settings, workload)?;
                let number = Arc::make_mut(&mut self.cast).add_producer(part);
                self.join(NodeId::Producer(number), self.cast.producer(number, 0))
            }
            Action::AddConsumer { group, topics, settings, processing_us } => {
                let part = ConsumerPart::new(group, topics, settings, *processing_us)?;
                let number = Arc::make_mut(&mut self.cast).add_consumer(part);
                self.join(NodeId::Consumer(number), self.cast.consumer(number, 0))
            }
            Action::RemoveClient(node) => self.remove_client(*node),
        }
    }

    fn join(&mut self, node: NodeId, actor: Process) -> Result<(), String> {
        self.kernel.add(node, actor, self.kernel.now);
        self.kernel.tell(node, TraceEvent::ProcessAdded);
        Ok(())
    }

    fn free_broker_id(&self) -> i32 {
        let used = self.kernel.nodes.keys().filter_map(|n| n.broker()).max();
        used.unwrap_or(0).saturating_add(1)
    }

    fn command(&mut self, node: NodeId, command: Command) {
        self.kernel.schedule(self.kernel.now, Due::Command(node, command));
    }

    /// The process, when it is in one of these states.
    fn expect(&self, node: NodeId, states: &[ProcessState]) -> Result<(), String> {
        let Some(found) = self.kernel.node(node) else {
            let known: Vec<_> = self.kernel.nodes.keys().map(ToString::to_string).collect();
            return Err(format!("there is no {node}; there are {}", known.join(", ")));
        };
        if states.contains(&found.state) {
            return Ok(());
        }
        let (is, can) = match found.state {
            ProcessState::Running => ("is running", "crash, power off, pause"),
            ProcessState::Paused => ("is paused", "resume, crash, power off"),
            ProcessState::Crashed => ("has crashed", "restart"),
            ProcessState::PoweredOff => ("has no power", "restart"),
            ProcessState::ShutDown => ("is shut down", "restart"),
        };
        Err(format!("{node} {is}; what can be done now: {can}"))
    }

    fn take_down(&mut self, node: NodeId, state: ProcessState) -> Result<(), String> {
        self.expect(node, &[ProcessState::Running, ProcessState::Paused])?;
        let power_loss = state == ProcessState::PoweredOff;
        self.kernel.tell(node, TraceEvent::Crashed { power_loss });
        if power_loss {
            for event in self.power_loss(node) {
                self.kernel.tell(node, event);
            }
        }
        self.kernel.stop(node, state);
        Ok(())
    }

    /// Takes the unsynced bytes away, and says which records that were.
    fn power_loss(&mut self, node: NodeId) -> Vec<TraceEvent> {
        let before = crate::disk_logs::end_offsets(self, node);
        self.kernel.lose_unsynced(node);
        let after = crate::disk_logs::end_offsets(self, node);
        before
            .into_iter()
            .filter_map(|(tp, to)| {
                let from = after.get(&tp).copied().unwrap_or(0);
                (from < to).then_some(TraceEvent::UnsyncedBytesLost { tp, from, to })
            })
            .collect()
    }

    fn restart(&mut self, node: NodeId) -> Result<(), String> {
        self.expect(
            node,
            &[ProcessState::Crashed, ProcessState::PoweredOff, ProcessState::ShutDown],
        )?;
        let cast = self.cast.clone();
        let before = self.kernel.node(node).map(|n| n.actor.clone());
        self.kernel.restart(node, |incarnation| match node {
            NodeId::Broker(id) => cast.broker(id, incarnation),
            NodeId::Producer(number) => cast.producer(number, incarnation),
            NodeId::Consumer(number) => cast.consumer(number, incarnation),
            // Their state is on disk, synced before it counts: the metadata log, nothing.
            NodeId::Controller | NodeId::Admin => before.expect("the process is known"),
        });
        self.kernel.tell(node, TraceEvent::Restarted);
        Ok(())
    }

    fn link(
        &mut self,
        from: NodeId,
        to: NodeId,
        change: impl FnOnce(&mut crate::network::Link),
    ) -> Result<(), String> {
        for end in [from, to] {
            if !self.kernel.nodes.contains_key(&end) {
                return Err(format!("there is no {end}"));
            }
        }
        let mut link = self.kernel.network.link(from, to);
        change(&mut link);
        self.kernel.set_link(from, to, link);
        let latency_us = self.kernel.network.usual_latency(from, to).0;
        self.kernel.tell(from, TraceEvent::LinkChanged { from, to, cut: link.cut, latency_us });
        Ok(())
    }

    fn message(&self, id: u64) -> Result<(), String> {
        let network = &self.kernel.network;
        let flying = |f: &&crate::network::InFlight| f.arrives_at >= self.kernel.now && !f.doomed;
        if network.in_flight().filter(flying).any(|f| f.id == id) {
            return Ok(());
        }
        let some: Vec<_> =
            network.in_flight().filter(flying).take(12).map(|f| f.id.to_string()).collect();
        Err(match some.is_empty() {
            true => "no message is on its way now".to_owned(),
            false => format!("message {id} is not on its way now; these are: {}", some.join(", ")),
        })
    }

    fn producer_action(&mut self, action: &Action) -> Result<(), String> {
        let (Action::Produce { producer, .. } | Action::Rate { producer, .. }) = action else {
            return Ok(());
        };
        let node = NodeId::Producer(*producer);
        self.expect(node, &[ProcessState::Running, ProcessState::Paused])?;
        let commands = Arc::make_mut(&mut self.cast).producer_commands(*producer, action)?;
        for command in commands {
            self.command(node, command);
        }
        Ok(())
    }

    fn check_command(&self, client: NodeId, command: &Command) -> Result<(), String> {
        let fits = match command {
            Command::Send { .. } | Command::Flush | Command::SetWorkload(_) => {
                matches!(client, NodeId::Producer(_))
            }
            Command::Commit(_)
            | Command::Seek { .. }
            | Command::Poll
            | Command::SetProcessing(_)
            | Command::Close { .. } => matches!(client, NodeId::Consumer(_)),
            Command::CreateTopic(_)
            | Command::CreatePartitions(_)
            | Command::ElectLeaders { .. }
            | Command::AlterConfigs(_) => client == NodeId::Admin,
            Command::ShutDown => client.broker().is_some(),
        };
        if fits { Ok(()) } else { Err(format!("{client} cannot do that")) }
    }

    fn remove_client(&mut self, node: NodeId) -> Result<(), String> {
        match node {
            NodeId::Consumer(_) => {
                let state = self.kernel.node(node).map(|n| n.state);
                if state == Some(ProcessState::Running) {
                    self.command(node, Command::Close { leave: true });
                    self.leaving.push(node);
                    return Ok(());
                }
            }
            NodeId::Producer(_) => {}
            _ => return Err(format!("{node} is not a client; p1, c1, ... can be removed")),
        }
        self.expect(
            node,
            &[
                ProcessState::Running,
                ProcessState::Paused,
                ProcessState::Crashed,
                ProcessState::PoweredOff,
                ProcessState::ShutDown,
            ],
        )?;
        self.kernel.tell(node, TraceEvent::ProcessRemoved);
        self.kernel.remove(node);
        Ok(())
    }

    /// Consumers that were asked to leave go once they have closed.
    fn take_leave(&mut self) {
        let kernel = &self.kernel;
        let gone = |id: &NodeId| kernel.node(*id).is_none_or(|n| n.state != ProcessState::Running);
        let Some(index) = self.leaving.iter().position(gone) else { return };
        let node = self.leaving.remove(index);
        if self.kernel.node(node).is_some_and(|n| n.state == ProcessState::ShutDown) {
            self.kernel.tell(node, TraceEvent::ProcessRemoved);
            self.kernel.remove(node);
        }
    }

    /// A log as a restart of its broker would find it, with the (copied) disk it was recovered on.
    pub(crate) fn recovered(
        &self,
        broker: highwater_cluster::BrokerId,
        tp: highwater_cluster::TopicPartition,
    ) -> Option<(highwater_log::Log, crate::disk::SimDisk)> {
        crate::disk_logs::recovered(self, NodeId::Broker(broker), tp)
    }

    /// When a message that was sent lands: [`NEVER`] while a cut link holds it; `None` once it has landed.
    pub fn arrival_of(&self, message: u64) -> Option<Time> {
        self.kernel
            .network
            .in_flight
            .get(&message)
            .map(|f| if f.held() { NEVER } else { f.arrives_at })
    }
}
