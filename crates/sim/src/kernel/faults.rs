//! Faults: processes that end or stand still, links, single messages.

use super::{Due, Kernel};
use crate::network::InFlight;
use crate::{NEVER, ProcessState};
use highwater_cluster::{Actor, Correlation, NodeId, TraceEvent};

impl<A: Actor + Clone> Kernel<A> {
    pub(super) fn link_fault(&self, from: NodeId, to: NodeId) -> Option<String> {
        let link = self.network.link(from, to);
        match (link.cut, link.latency_us) {
            (true, _) => Some("link cut".to_owned()),
            (false, Some(us)) => Some(format!("slow link: {}", crate::words::span(us))),
            _ => None,
        }
    }

    /// Ends a process: its timers and waiting inputs go, its connections close.
    pub(crate) fn stop(&mut self, id: NodeId, state: ProcessState) {
        let now = self.now;
        let Some(node) = self.node_mut(id) else { return };
        node.state = state;
        node.since = now;
        let timers = std::mem::take(&mut node.timers);
        let inbox = std::mem::take(&mut node.inbox);
        for (_, due) in timers {
            self.queue.remove(&due);
        }
        for due in inbox {
            if let Due::Deliver(message) = due {
                self.network.in_flight.remove(&message);
            }
        }
        self.outstanding.retain(|(requester, _), _| *requester != id);
        for flight in self.network.in_flight.values_mut() {
            flight.doomed |= flight.message.to == id;
        }
        if state == ProcessState::PoweredOff {
            return self.lose_held(id);
        }
        let waiting: Vec<_> = self
            .outstanding
            .iter()
            .filter(|(_, o)| o.server == id && !o.answered)
            .map(|(&(requester, correlation), o)| (requester, correlation, o.channel))
            .collect();
        for (requester, correlation, channel) in waiting {
            self.outstanding.remove(&(requester, correlation));
            self.schedule_disconnect(requester, id, correlation, channel);
        }
    }

    /// What waits at a cut link is in the memory of the machine that sent it: TCP sends it again only while that has power.
    fn lose_held(&mut self, sender: NodeId) {
        let held = self.network.in_flight().filter(|f| f.held() && f.message.from == sender);
        for message in held.map(|f| f.id).collect::<Vec<_>>() {
            self.network.in_flight.remove(&message);
            let reason = "its sender lost power".into();
            self.tell(sender, TraceEvent::MessageDropped { message, reason });
        }
    }

    /// Takes a process away for good.
    pub(crate) fn remove(&mut self, id: NodeId) {
        self.stop(id, ProcessState::ShutDown);
        self.nodes.remove(&id);
    }

    pub(crate) fn pause(&mut self, id: NodeId) {
        let now = self.now;
        if let Some(node) = self.node_mut(id) {
            node.state = ProcessState::Paused;
            node.since = now;
        }
    }

    pub(crate) fn resume(&mut self, id: NodeId) {
        let now = self.now;
        let Some(node) = self.node_mut(id) else { return };
        node.state = ProcessState::Running;
        node.since = now;
        for due in std::mem::take(&mut node.inbox) {
            let timer = match &due {
                Due::Timer(_, timer) => Some(*timer),
                _ => None,
            };
            let sequence = self.schedule(now, due);
            if let (Some(timer), Some(node)) = (timer, self.node_mut(id)) {
                node.timers.insert(timer, (now, sequence));
            }
        }
    }

    /// Power loss of a node's disk: `(path, bytes before, bytes left)`.
    pub(crate) fn lose_unsynced(&mut self, id: NodeId) -> Vec<(String, u64, u64)> {
        self.node_mut(id).map(|n| n.disk.power_loss()).unwrap_or_default()
    }

    /// Cuts or slows one direction.
    pub(crate) fn set_link(&mut self, from: NodeId, to: NodeId, link: crate::network::Link) {
        let before = self.network.link(from, to);
        self.network.set_link(from, to, link);
        if link.cut && !before.cut {
            for id in self.on_direction(from, to) {
                let flight = self.network.in_flight.get_mut(&id).expect("listed above");
                let due = (flight.arrives_at, flight.sequence);
                flight.arrives_at = NEVER;
                flight.fault = Some("link cut".to_owned());
                self.queue.remove(&due);
            }
        }
        if before.cut && !link.cut {
            // TCP sends again what was never confirmed.
            for id in self.on_direction(from, to) {
                let flight = &self.network.in_flight[&id];
                if !flight.held() {
                    continue;
                }
                let channel = flight.channel;
                let at = self.network.arrival(from, to, channel, self.now);
                let sequence = self.schedule(at, Due::Deliver(id));
                let fault = self.link_fault(from, to);
                let flight = self.network.in_flight.get_mut(&id).expect("listed above");
                (flight.arrives_at, flight.sequence, flight.fault) = (at, sequence, fault);
            }
        }
    }

    /// Messages from one process to another that have not landed, in order of sending.
    fn on_direction(&self, from: NodeId, to: NodeId) -> Vec<u64> {
        let landed =
            |f: &InFlight| !f.held() && !self.queue.contains_key(&(f.arrives_at, f.sequence));
        self.network
            .in_flight()
            .filter(|f| f.message.from == from && f.message.to == to && !landed(f))
            .map(|f| f.id)
            .collect()
    }

    /// Loses a message: its connection breaks, with everything on it and everything that waits on it.
    pub(crate) fn drop_message(&mut self, id: u64) {
        let Some(flight) = self.network.in_flight.get(&id) else { return };
        let (requester, server) = flight.ends();
        let channel = flight.channel;
        let on_it: Vec<u64> = self
            .network
            .in_flight()
            .filter(|f| f.channel == channel && f.ends() == (requester, server))
            .map(|f| f.id)
            .filter(|&other| other >= id)
            .collect();
        for lost in on_it {
            let flight = self.network.in_flight.remove(&lost).expect("listed above");
            self.queue.remove(&(flight.arrives_at, flight.sequence));
            let reason = if lost == id { "lost on the way" } else { "its connection broke" };
            let event = TraceEvent::MessageDropped { message: lost, reason: reason.into() };
            self.tell(flight.message.from, event);
        }
        let waiting: Vec<Correlation> =
            self.outstanding
                .iter()
                .filter(|((r, _), o)| *r == requester && o.server == server && o.channel == channel)
                .filter(|((r, c), _)| {
                    // An answer sent before the lost message still arrives.
                    !self.network.in_flight().any(|f| {
                        f.is_response() && f.message.to == *r && f.message.correlation == *c
                    })
                })
                .map(|((_, c), _)| *c)
                .collect();
        self.network.reconnect(requester, server, channel);
        self.network.reconnect(server, requester, channel);
        for correlation in waiting {
            self.outstanding.remove(&(requester, correlation));
            self.schedule_disconnect(requester, server, correlation, channel);
        }
    }

    /// Lets a message land later by `by_us`, and what is behind it on its connection no earlier.
    pub(crate) fn delay_message(&mut self, id: u64, by_us: u64) {
        let Some(flight) = self.network.in_flight.get(&id) else { return };
        let (from, to, channel) = (flight.message.from, flight.message.to, flight.channel);
        let mut floor = flight.arrives_at + highwater_cluster::Span(by_us);
        let behind: Vec<u64> = self
            .network
            .in_flight()
            .filter(|f| {
                f.id >= id && f.channel == channel && (f.message.from, f.message.to) == (from, to)
            })
            .map(|f| f.id)
            .collect();
        for other in behind {
            let flight = self.network.in_flight.get_mut(&other).expect("listed above");
            if other != id && flight.arrives_at >= floor {
                floor = flight.arrives_at;
                continue;
            }
            let due = (flight.arrives_at, flight.sequence);
            flight.arrives_at = floor;
            flight.fault = Some(if other == id {
                format!("delayed {}", crate::words::span(by_us))
            } else {
                "behind a delayed message".to_owned()
            });
            self.queue.remove(&due);
            let sequence = self.schedule(floor, Due::Deliver(other));
            self.network.in_flight.get_mut(&other).expect("listed above").sequence = sequence;
        }
        self.network.not_before(from, to, channel, floor);
        let until = self.network.in_flight[&id].arrives_at;
        self.tell(from, TraceEvent::MessageDelayed { message: id, until });
    }
}
