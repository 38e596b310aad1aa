//! The world: a scenario's cast on the scheduler, started, driven by a script and by actions.

use crate::cast::Cast;
use crate::kernel::{Handled, Kernel};
use crate::keys::KeyBook;
use crate::oracle::Oracle;
use crate::process::Process;
use crate::{NEVER, NetworkSpec, Node, Scenario, ScenarioError, TraceRecord};
use highwater_cluster::{NodeId, Span, Time, TraceEvent};
use std::sync::Arc;

mod act;
mod boot;
#[cfg(test)]
pub(crate) mod tests;

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

    /// Switches everything off that watches the run: the trace and its hash, the letters of keys,
    /// markers, invariants. For benchmarks of a booted world: the run itself stays the same, nothing can
    /// be drawn or explained of it.
    pub fn set_watched(&mut self, on: bool) {
        self.kernel.tells = on;
    }

    fn observe(&mut self) {
        if !self.kernel.tells {
            return;
        }
        crate::keys::observe(self);
        if let Some(change) = crate::markers::controller_change(self) {
            self.last_change = Some((self.kernel.now, change));
        }
        if self.checks {
            crate::oracle::observe(self);
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
