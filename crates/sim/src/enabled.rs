//! What can be done now to the thing that somebody points at.

use crate::{
    ActionView, ConsumerView, MessageView, PartitionView, ProcessState, ProducerView, WorldView,
};
use highwater_cluster::{BrokerId, NodeId, TopicPartition};

/// What somebody points at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Selection {
    /// Nothing in particular: what concerns the whole world.
    World,
    /// A process.
    Node(NodeId),
    /// A message on its way.
    Message(u64),
    /// A partition.
    Partition(TopicPartition),
    /// The link between two processes.
    Link(NodeId, NodeId),
}

fn offer(list: &mut Vec<ActionView>, action: impl Into<String>, label: &str) {
    list.push(ActionView { action: action.into(), label: label.to_owned() });
}

/// Actions that `apply` would take now, most likely ones first.
pub fn enabled(view: &WorldView, selection: Selection) -> Vec<ActionView> {
    let mut list = Vec::new();
    match selection {
        Selection::World => world(view, &mut list),
        Selection::Node(NodeId::Broker(id)) => broker(view, id, &mut list),
        Selection::Node(NodeId::Controller) => {
            process(NodeId::Controller, view.controller.state, false, &mut list);
        }
        Selection::Node(NodeId::Producer(n)) => {
            if let Some(p) = view.producers.iter().find(|p| p.number == n) {
                producer(p, &mut list);
            }
        }
        Selection::Node(NodeId::Consumer(n)) => {
            if let Some(c) = view.consumers.iter().find(|c| c.number == n) {
                consumer(view, c, &mut list);
            }
        }
        Selection::Node(NodeId::Admin) => {}
        Selection::Message(id) => {
            if let Some(m) = view.messages.iter().find(|m| m.id == id) {
                message(view, m, &mut list);
            }
        }
        Selection::Partition(tp) => {
            let partitions = view.topics.iter().flat_map(|t| &t.partitions);
            if let Some(p) = partitions.into_iter().find(|p| p.tp == tp) {
                partition(view, p, &mut list);
            }
        }
        Selection::Link(a, b) => between(view, a, b, &mut list),
    }
    list
}

fn world(view: &WorldView, list: &mut Vec<ActionView>) {
    let topic = view.topics.iter().find(|t| !t.internal);
    if let Some(topic) = topic {
        let name = &topic.name;
        offer(list, format!("add producer topic={name} every=1s keys=A,B,C"), "add a producer");
        let group = view.consumers.first().map_or("group-1".to_owned(), |c| c.group.to_string());
        offer(list, format!("add consumer group={group} topic={name}"), "add a consumer");
        let more = topic.partitions.len() + 1;
        offer(list, format!("create partitions {name} {more}"), "one more partition");
    }
    let next = view.brokers.iter().map(|b| b.id).max().unwrap_or(0) + 1;
    offer(list, format!("add broker {next}"), "add a broker");
}

/// Power is a matter of machines: it takes the page cache of a broker.
fn process(node: NodeId, state: ProcessState, has_disk: bool, list: &mut Vec<ActionView>) {
    match state {
        ProcessState::Running | ProcessState::Paused => {
            offer(list, format!("crash {node}"), "crash");
            if has_disk {
                offer(list, format!("power off {node}"), "power off");
            }
            if state == ProcessState::Paused {
                offer(list, format!("resume {node}"), "resume");
            } else {
                offer(list, format!("pause {node}"), "pause");
            }
        }
        ProcessState::Crashed | ProcessState::PoweredOff | ProcessState::ShutDown => {
            offer(list, format!("restart {node}"), "start again");
        }
    }
}

fn broker(view: &WorldView, id: BrokerId, list: &mut Vec<ActionView>) {
    let Some(broker) = view.brokers.iter().find(|b| b.id == id) else { return };
    process(NodeId::Broker(id), broker.state, true, list);
    if broker.state == ProcessState::Running {
        offer(list, format!("shutdown broker {id}"), "shut down in order");
    }
    for other in view.brokers.iter().map(|b| b.id).filter(|o| *o != id) {
        link(view, NodeId::Broker(id), NodeId::Broker(other), list);
    }
    link(view, NodeId::Broker(id), NodeId::Controller, list);
}

fn end(node: NodeId) -> String {
    node.broker().map_or(node.to_string(), |id| id.to_string())
}

fn is_faulty(view: &WorldView, a: NodeId, b: NodeId) -> bool {
    view.links.iter().any(|l| (l.from, l.to) == (a, b) || (l.from, l.to) == (b, a))
}

/// The link itself, where both its ends are in sight.
fn between(view: &WorldView, a: NodeId, b: NodeId, list: &mut Vec<ActionView>) {
    let (a_end, b_end) = (end(a), end(b));
    if is_faulty(view, a, b) {
        offer(list, format!("heal {a_end}-{b_end}"), "mend");
        return;
    }
    offer(list, format!("cut {a_end}-{b_end}"), "cut");
    for (what, how) in [("cut", ""), ("slow", " 6 s")] {
        for (from, to) in [(&a_end, &b_end), (&b_end, &a_end)] {
            offer(list, format!("{what} {from}>{to}{how}"), &format!("{what} {from} to {to}"));
        }
    }
}

/// A link as one of its ends has it.
fn link(view: &WorldView, a: NodeId, b: NodeId, list: &mut Vec<ActionView>) {
    let (from, to) = (end(a), end(b));
    if is_faulty(view, a, b) {
        offer(list, format!("heal {from}-{to}"), &format!("mend the link to {b}"));
        return;
    }
    offer(list, format!("cut {from}-{to}"), &format!("cut the link to {b}"));
    offer(list, format!("cut {from}>{to}"), &format!("cut one way, to {b}"));
    offer(list, format!("slow {from}>{to} 6 s"), &format!("slow one way, to {b}"));
}

fn producer(producer: &ProducerView, list: &mut Vec<ActionView>) {
    let n = producer.number;
    if matches!(producer.state, ProcessState::Running | ProcessState::Paused) {
        if producer.topic.is_some() {
            offer(list, format!("produce p{n}"), "send a record");
            offer(list, format!("produce p{n} x5"), "send five");
            match producer.every_us {
                0 => offer(list, format!("rate p{n} 500ms"), "send by itself"),
                _ => offer(list, format!("stop p{n}"), "stop sending"),
            }
        }
        offer(list, format!("flush p{n}"), "send what waits");
    }
    process(NodeId::Producer(n), producer.state, false, list);
    offer(list, format!("remove p{n}"), "remove");
}

fn consumer(view: &WorldView, consumer: &ConsumerView, list: &mut Vec<ActionView>) {
    let n = consumer.number;
    // An application that has failed does nothing more.
    let failed = consumer.doing == "failed";
    if !failed && matches!(consumer.state, ProcessState::Running | ProcessState::Paused) {
        offer(list, format!("poll c{n}"), "poll once");
        if consumer.can_commit {
            offer(list, format!("commit c{n}"), "commit");
        }
        offer(list, format!("slow c{n} 500ms"), "process slowly");
        offer(list, format!("by hand c{n}"), "poll by hand only");
        for owned in &consumer.owned {
            let partitions = view.topics.iter().flat_map(|t| &t.partitions);
            let name = partitions.into_iter().find(|p| p.tp == owned.tp).map(|p| p.name.clone());
            if let Some(name) = name {
                offer(
                    list,
                    format!("seek c{n} {name}=0"),
                    &format!("back to the beginning of {name}"),
                );
            }
        }
        offer(list, format!("leave c{n}"), "leave the group");
        offer(list, format!("close c{n}"), "close without leaving");
    }
    process(NodeId::Consumer(n), consumer.state, false, list);
    offer(list, format!("remove c{n}"), "remove");
}

fn message(view: &WorldView, message: &MessageView, list: &mut Vec<ActionView>) {
    if message.arrives_at < view.now || message.fault.as_deref() == Some(crate::view_build::CLOSED)
    {
        return;
    }
    let id = message.id;
    offer(list, format!("drop message {id}"), "lose it");
    if message.arrives_at != crate::NEVER {
        offer(list, format!("delay message {id} 5 s"), "delay it by 5 s");
    }
    link(view, message.from, message.to, list);
}

fn partition(view: &WorldView, partition: &PartitionView, list: &mut Vec<ActionView>) {
    let name = &partition.name;
    for producer in view.producers.iter().filter(|p| p.state == ProcessState::Running) {
        let (topic, number) = name.rsplit_once('-').unwrap_or((name, "0"));
        let action = format!("produce p{} topic={topic} partition={number}", producer.number);
        offer(list, action, &format!("p{} sends a record here", producer.number));
    }
    let preferred = partition.replicas.first();
    if partition.leader >= 0 && preferred.is_some_and(|p| *p != partition.leader) {
        offer(list, format!("elect preferred {name}"), "elect the preferred leader");
    }
    if partition.leader < 0 {
        offer(list, format!("elect unclean {name}"), "elect any replica (may lose records)");
    }
    if view.brokers.iter().any(|b| b.id == partition.leader && b.state == ProcessState::Running) {
        offer(list, format!("crash broker {}", partition.leader), "crash the leader");
    }
}
