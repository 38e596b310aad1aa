//! Actions: what people and scripts do to the world.

use super::World;
use crate::cast::{ConsumerPart, ProducerPart};
use crate::disk_logs::partition_name;
use crate::kernel::Due;
use crate::process::Process;
use crate::{Action, ActionError, NEVER, ProcessState};
use highwater_cluster::{Command, KafkaError, NodeId, TraceEvent};
use std::sync::Arc;

impl World {
    pub(super) fn script(&mut self, number: u32) {
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
                    return Err(format!(
                        "message {message} waits at a cut link; heal the link, or drop the message"
                    ));
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

    pub(super) fn command(&mut self, node: NodeId, command: Command) {
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
        match client {
            _ if !fits => Err(format!("{client} cannot do that")),
            NodeId::Consumer(number) => self.check_consumer(number, command),
            _ => Ok(()),
        }
    }

    /// An application that has failed does nothing more, and only what is owned can be sought in (Kafka: `seek` throws
    /// IllegalStateException).
    fn check_consumer(&self, number: u32, command: &Command) -> Result<(), String> {
        let Some(consumer) = self.consumer(number) else { return Ok(()) };
        let closes = matches!(command, Command::Close { .. });
        if let Some(reason) = consumer.failure().filter(|_| !closes) {
            return Err(format!(
                "c{number} has failed ({reason}); what can be done now: crash and restart it, remove it"
            ));
        }
        if let Command::Commit(offsets) = command {
            return consumer.check_commit(offsets.as_deref());
        }
        let Command::Seek { topic, partition, .. } = command else { return Ok(()) };
        let named = |tp| partition_name(self, tp);
        let owned: Vec<String> = consumer.owned().iter().map(|o| named(o.tp)).collect();
        let wanted = format!("{topic}-{partition}");
        if owned.contains(&wanted) {
            return Ok(());
        }
        let has = if owned.is_empty() { "nothing now".to_owned() } else { owned.join(", ") };
        Err(format!("c{number} does not own {wanted}; it owns {has}"))
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
    pub(super) fn take_leave(&mut self) {
        let kernel = &self.kernel;
        let gone = |id: &NodeId| kernel.node(*id).is_none_or(|n| n.state != ProcessState::Running);
        let Some(index) = self.leaving.iter().position(gone) else { return };
        let node = self.leaving.remove(index);
        if self.kernel.node(node).is_some_and(|n| n.state == ProcessState::ShutDown) {
            self.kernel.tell(node, TraceEvent::ProcessRemoved);
            self.kernel.remove(node);
        }
    }
}
