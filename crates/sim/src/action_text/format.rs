//! Actions written as text.

use crate::text_parts::{quote, short_span};
use crate::{Action, words};
use highwater_cluster::{
    BrokerId, Command, CreateTopicsRequest, ElectionType, Name, NodeId, Workload,
};
use std::fmt::Write;

impl std::fmt::Display for Action {
    /// The text form; [`Action::from_str`] reads it back.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Crash(node) => write!(f, "crash {node}"),
            Self::PowerOff(node) => write!(f, "power off {node}"),
            Self::Restart(node) => write!(f, "restart {node}"),
            Self::Pause(node) => write!(f, "pause {node}"),
            Self::Resume(node) => write!(f, "resume {node}"),
            Self::CutLink { a, b, one_way } => {
                write!(f, "cut {}{}{}", end(*a), if *one_way { '>' } else { '-' }, end(*b))
            }
            Self::HealLink { a, b } => write!(f, "heal {}-{}", end(*a), end(*b)),
            Self::SlowLink { a, b, latency_us } => {
                write!(f, "slow {}>{} {}", end(*a), end(*b), words::span(*latency_us))
            }
            Self::DropMessage(id) => write!(f, "drop message {id}"),
            Self::DelayMessage { message, by_us } => {
                write!(f, "delay message {message} {}", words::span(*by_us))
            }
            Self::Produce { producer, times, topic, partition, key, value } => {
                let mut text = format!("produce p{producer}");
                push_pair(&mut text, "key", key.as_deref());
                push_pair(&mut text, "value", value.as_deref());
                push_pair(&mut text, "topic", topic.as_deref());
                push_pair(&mut text, "partition", partition.map(|p| p.to_string()).as_deref());
                if *times != 1 {
                    write!(text, " x{times}")?;
                }
                f.write_str(&text)
            }
            Self::Rate { producer, every_us: 0 } => write!(f, "stop p{producer}"),
            Self::Rate { producer, every_us } => {
                write!(f, "rate p{producer} {}", short_span(*every_us))
            }
            Self::Client { client, command } => f.write_str(&command_text(*client, command)),
            Self::AddBroker { id, rack } => {
                let mut text = format!("add broker {id}");
                push_pair(&mut text, "rack", rack.as_deref());
                f.write_str(&text)
            }
            Self::AddProducer { settings, workload } => {
                f.write_str(&producer_text(settings, workload))
            }
            Self::AddConsumer { group, topics, settings, processing_us } => {
                let mut text = format!("add consumer group={}", quote(group));
                push_pair(&mut text, "topic", Some(&topics.join(",")));
                push_pair(
                    &mut text,
                    "processing",
                    Some(&processing_us.map_or("hand".to_owned(), short_span)),
                );
                push_settings(&mut text, settings);
                f.write_str(&text)
            }
            Self::RemoveClient(node) => write!(f, "remove {node}"),
        }
    }
}

fn end(node: NodeId) -> String {
    match node {
        NodeId::Broker(id) => id.to_string(),
        other => other.to_string(),
    }
}

fn push_pair(text: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        text.push(' ');
        text.push_str(&quote(&format!("{name}={value}")));
    }
}

fn push_settings(text: &mut String, settings: &[(Name, Name)]) {
    for (name, value) in settings {
        push_pair(text, name, Some(value));
    }
}

fn producer_text(settings: &[(Name, Name)], workload: &Workload) -> String {
    let mut text = "add producer".to_owned();
    push_pair(&mut text, "topic", workload.topic.as_deref());
    if workload.every_us > 0 {
        push_pair(&mut text, "every", Some(&short_span(workload.every_us)));
    }
    if !workload.keys.is_empty() {
        push_pair(&mut text, "keys", Some(&workload.keys.join(",")));
    }
    push_pair(&mut text, "size", Some(&workload.value_size.to_string()));
    push_pair(&mut text, "count", workload.count.map(|n| n.to_string()).as_deref());
    if workload.random_keys {
        text.push_str(" random");
    }
    push_settings(&mut text, settings);
    text
}

fn command_text(client: NodeId, command: &Command) -> String {
    match command {
        Command::Send { topic, partition, key, value, .. } => {
            let show = |b: &Option<highwater_log::Bytes>| {
                b.as_ref().map(|b| String::from_utf8_lossy(b).into_owned())
            };
            let mut text = format!("produce {client}");
            push_pair(&mut text, "key", show(key).as_deref());
            push_pair(&mut text, "value", show(value).as_deref());
            push_pair(&mut text, "topic", Some(topic));
            push_pair(&mut text, "partition", partition.map(|p| p.to_string()).as_deref());
            text
        }
        Command::Flush => format!("flush {client}"),
        Command::SetWorkload(w) => format!("rate {client} {}", short_span(w.every_us)),
        Command::Commit(None) => format!("commit {client}"),
        Command::Commit(Some(offsets)) => {
            let list =
                offsets.iter().map(|(t, p, o)| quote(&format!("{t}-{p}={o}"))).collect::<Vec<_>>();
            format!("commit {client} {}", list.join(" "))
        }
        Command::Seek { topic, partition, offset } => {
            format!("seek {client} {}", quote(&format!("{topic}-{partition}={offset}")))
        }
        Command::Poll => format!("poll {client}"),
        Command::SetProcessing(None) => format!("by hand {client}"),
        Command::SetProcessing(Some(us)) => format!("slow {client} {}", short_span(*us)),
        Command::Close { leave: true } => format!("leave {client}"),
        Command::Close { leave: false } => format!("close {client}"),
        Command::CreateTopic(t) => topic_text(t),
        Command::CreatePartitions(c) => format!("create partitions {} {}", quote(&c.name), c.count),
        Command::ElectLeaders { election, partitions } => {
            let kind = match election {
                ElectionType::Preferred => "preferred",
                ElectionType::Unclean => "unclean",
            };
            let names = partitions.as_ref().map_or("all".to_owned(), |list| {
                list.iter().map(|(t, p)| quote(&format!("{t}-{p}"))).collect::<Vec<_>>().join(" ")
            });
            format!("elect {kind} {names}")
        }
        Command::AlterConfigs(a) => {
            let mut text =
                format!("set {}", a.topic.as_deref().map_or("cluster".to_owned(), quote));
            push_settings(&mut text, &a.configs);
            text
        }
        Command::ShutDown => format!("shutdown {client}"),
    }
}

fn topic_text(request: &CreateTopicsRequest) -> String {
    let mut text = format!("create topic {}", quote(&request.name));
    if request.num_partitions >= 0 {
        push_pair(&mut text, "partitions", Some(&request.num_partitions.to_string()));
    }
    if request.replication_factor >= 0 {
        push_pair(&mut text, "rf", Some(&request.replication_factor.to_string()));
    }
    if !request.assignments.is_empty() {
        let one =
            |ids: &Vec<BrokerId>| ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let list = request.assignments.iter().map(one).collect::<Vec<_>>().join(";");
        push_pair(&mut text, "replicas", Some(&list));
    }
    push_settings(&mut text, &request.configs);
    text
}
