//! The text form of actions: `crash broker 2`, `produce p1 key=A`, `cut 1>2`. What people type, what
//! scripts and lessons contain, what buttons send.

use crate::text_parts::{parse_node, parse_partition, parse_span, split};
use crate::{Action, ActionError};
use highwater_cluster::{
    AlterConfigsRequest, BrokerId, Command, CreatePartitionsRequest, CreateTopicsRequest,
    ElectionType, Name, NodeId, Workload,
};
use std::str::FromStr;

mod format;

/// Every form, for messages and help.
pub const ACTION_FORMS: &[&str] = &[
    "crash broker 2",
    "power off broker 1",
    "restart broker 2",
    "pause broker 3",
    "resume broker 3",
    "shutdown broker 1",
    "cut 1-2",
    "cut 1>2",
    "heal 1-2",
    "slow 1>3 6 s",
    "drop message 17",
    "delay message 17 5 s",
    "produce p1 [key=A] [value=hello] [topic=t] [partition=0] [x5]",
    "rate p1 100ms",
    "stop p1",
    "flush p1",
    "commit c1 [orders-0=3]",
    "seek c1 orders-0=0",
    "poll c1",
    "slow c1 500ms",
    "by hand c1",
    "leave c1",
    "close c1",
    "add broker 4 [rack=d]",
    "add producer topic=orders [every=200ms] [keys=A,B,C] [size=10] [count=5] [acks=1]",
    "add consumer group=billing topic=orders [processing=1ms]",
    "remove p1",
    "create topic t partitions=2 rf=2",
    "create partitions orders 4",
    "elect preferred orders-0",
    "elect unclean orders-0",
    "set orders retention.ms=1000",
    "set cluster min.insync.replicas=2",
];

impl FromStr for Action {
    type Err = ActionError;

    fn from_str(text: &str) -> Result<Self, ActionError> {
        parse(text).map_err(|message| ActionError { action: text.to_owned(), message })
    }
}

fn parse(text: &str) -> Result<Action, String> {
    let words = split(text)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["power", "off", rest @ ..] => Ok(Action::PowerOff(process(rest)?)),
        ["crash", rest @ ..] => Ok(Action::Crash(process(rest)?)),
        ["restart", rest @ ..] => Ok(Action::Restart(process(rest)?)),
        ["pause", rest @ ..] => Ok(Action::Pause(process(rest)?)),
        ["resume", rest @ ..] => Ok(Action::Resume(process(rest)?)),
        ["remove", rest @ ..] => Ok(Action::RemoveClient(process(rest)?)),
        ["shutdown" | "shut", rest @ ..] => {
            let rest = rest.strip_prefix(&["down"]).unwrap_or(rest);
            client(process(rest)?, Command::ShutDown)
        }
        ["cut", rest @ ..] => {
            let (a, b, one_way) = link(rest)?;
            Ok(Action::CutLink { a, b, one_way })
        }
        ["heal", rest @ ..] => {
            let (a, b, _) = link(rest)?;
            Ok(Action::HealLink { a, b })
        }
        ["drop", "message", id] => Ok(Action::DropMessage(number(id, "a message")?)),
        ["delay", "message", id, rest @ ..] => Ok(Action::DelayMessage {
            message: number(id, "a message")?,
            by_us: parse_span(&rest.join(" "))?,
        }),
        ["slow", what, rest @ ..] => slow(what, rest),
        ["produce", who, rest @ ..] => produce(producer(who)?, rest),
        ["rate", who, rest @ ..] => {
            Ok(Action::Rate { producer: producer(who)?, every_us: parse_span(&rest.join(" "))? })
        }
        ["stop", who] => Ok(Action::Rate { producer: producer(who)?, every_us: 0 }),
        ["flush", who] => client(NodeId::Producer(producer(who)?), Command::Flush),
        ["commit", who, rest @ ..] => {
            let offsets = rest.iter().map(|w| offset(w)).collect::<Result<Vec<_>, _>>()?;
            client(consumer(who)?, Command::Commit((!offsets.is_empty()).then_some(offsets)))
        }
        ["seek", who, at] => {
            let (topic, partition, offset) = offset(at)?;
            client(consumer(who)?, Command::Seek { topic, partition, offset })
        }
        ["poll", who] => client(consumer(who)?, Command::Poll),
        ["by", "hand", who] => client(consumer(who)?, Command::SetProcessing(None)),
        ["leave", who] => client(consumer(who)?, Command::Close { leave: true }),
        ["close", who] => client(consumer(who)?, Command::Close { leave: false }),
        ["add", "broker", id, rest @ ..] => add_broker(id, rest),
        ["add", "producer", rest @ ..] => add_producer(rest),
        ["add", "consumer", rest @ ..] => add_consumer(rest),
        ["create", "topic", name, rest @ ..] => create_topic(name, rest),
        ["create", "partitions", name, count] => {
            let count = i32::try_from(number(count, "a count of partitions")?)
                .map_err(|_| format!("{count} partitions are too many"))?;
            let request =
                CreatePartitionsRequest { name: (*name).into(), count, assignments: Vec::new() };
            client(NodeId::Admin, Command::CreatePartitions(request))
        }
        ["elect", kind, rest @ ..] => elect(kind, rest),
        ["set", topic, rest @ ..] if !rest.is_empty() => {
            let configs = rest.iter().map(|w| pair(w)).collect::<Result<Vec<_>, _>>()?;
            let topic = (*topic != "cluster").then(|| Name::from(*topic));
            client(NodeId::Admin, Command::AlterConfigs(AlterConfigsRequest { topic, configs }))
        }
        _ => Err(format!("is not an action; allowed are: {}", ACTION_FORMS.join("; "))),
    }
}

fn client(client: NodeId, command: Command) -> Result<Action, String> {
    Ok(Action::Client { client, command })
}

fn process(words: &[&str]) -> Result<NodeId, String> {
    parse_node(&words.join(" "))
}

fn producer(word: &str) -> Result<u32, String> {
    match parse_node(word) {
        Ok(NodeId::Producer(n)) => Ok(n),
        _ => Err(format!("{word:?} is not a producer: write p1, p2, ...")),
    }
}

fn consumer(word: &str) -> Result<NodeId, String> {
    match parse_node(word) {
        Ok(c @ NodeId::Consumer(_)) => Ok(c),
        _ => Err(format!("{word:?} is not a consumer: write c1, c2, ...")),
    }
}

fn number(word: &str, what: &str) -> Result<u64, String> {
    word.parse().map_err(|_| format!("{word:?} is not {what}: write a whole number"))
}

/// `1-2`, `1>2`, `controller-1`, `c1>2`.
fn link(words: &[&str]) -> Result<(NodeId, NodeId, bool), String> {
    let text = words.join(" ");
    let (parts, one_way) = match (text.split_once('>'), text.split_once('-')) {
        (Some(parts), _) => (parts, true),
        (None, Some(parts)) => (parts, false),
        _ => {
            return Err(format!(
                "{text:?} is not a link: write 1-2 (both ways), 1>2 (one way) or controller-1"
            ));
        }
    };
    let (a, b) = (parse_node(parts.0)?, parse_node(parts.1)?);
    if a == b {
        return Err("a link needs two ends".to_owned());
    }
    Ok((a, b, one_way))
}

fn slow(what: &str, rest: &[&str]) -> Result<Action, String> {
    if let Ok(c @ NodeId::Consumer(_)) = parse_node(what) {
        return client(c, Command::SetProcessing(Some(parse_span(&rest.join(" "))?)));
    }
    if !what.contains('>') {
        return Err(format!(
            "{what:?}: write the direction that is slow, as in slow 1>3 6 s, or a consumer, as in slow c1 500ms"
        ));
    }
    let (a, b, _) = link(&[what])?;
    Ok(Action::SlowLink { a, b, latency_us: parse_span(&rest.join(" "))? })
}

fn produce(producer: u32, rest: &[&str]) -> Result<Action, String> {
    let (mut topic, mut partition, mut key, mut value, mut times) = (None, None, None, None, 1);
    for word in rest {
        if let Some(count) = word.strip_prefix('x').and_then(|n| n.parse::<u32>().ok()) {
            if !(1..=1000).contains(&count) {
                return Err(format!("x{count}: from x1 to x1000 records at once"));
            }
            times = count;
            continue;
        }
        let (name, text) = pair(word)?;
        match &*name {
            "topic" => topic = Some(text),
            "partition" => {
                let n = number(&text, "a partition number")?;
                partition =
                    Some(i32::try_from(n).map_err(|_| format!("partition {n} is too large"))?);
            }
            "key" => key = Some(text),
            "value" => value = Some(text),
            _ => {
                return Err(format!(
                    "{name:?} is not known here: key, value, topic, partition, or x5 for five records"
                ));
            }
        }
    }
    Ok(Action::Produce { producer, times, topic, partition, key, value })
}

fn pair(word: &str) -> Result<(Name, Name), String> {
    let (name, value) = word
        .split_once('=')
        .ok_or_else(|| format!("{word:?}: write name=value, without blanks around ="))?;
    Ok((name.into(), value.into()))
}

/// `orders-0=3`
fn offset(word: &str) -> Result<(Name, i32, i64), String> {
    let (name, value) = word
        .rsplit_once('=')
        .ok_or_else(|| format!("{word:?}: write partition=offset, as in orders-0=3"))?;
    let (topic, partition) = parse_partition(name)?;
    let offset =
        i64::try_from(number(value, "an offset")?).map_err(|_| format!("{value} is too large"))?;
    Ok((topic.into(), partition, offset))
}

fn add_broker(id: &str, rest: &[&str]) -> Result<Action, String> {
    let id =
        BrokerId::try_from(number(id, "a broker id")?).map_err(|_| format!("{id} is too large"))?;
    let mut rack = None;
    for word in rest {
        match pair(word)? {
            (name, value) if &*name == "rack" => rack = Some(value),
            (name, _) => return Err(format!("{name:?} is not known here: rack")),
        }
    }
    Ok(Action::AddBroker { id, rack })
}

fn add_producer(rest: &[&str]) -> Result<Action, String> {
    let (mut settings, mut workload) =
        (Vec::new(), Workload { value_size: 10, ..Workload::default() });
    for word in rest {
        if *word == "random" {
            workload.random_keys = true;
            continue;
        }
        let (name, text) = pair(word)?;
        let small =
            |what| u32::try_from(number(&text, what)?).map_err(|_| format!("{text} is too large"));
        match &*name {
            "topic" => workload.topic = Some(text),
            "every" => workload.every_us = parse_span(&text)?,
            "keys" => workload.keys = text.split(',').map(Name::from).collect(),
            "size" => workload.value_size = small("a size in bytes")?,
            "count" => workload.count = Some(small("a count")?),
            _ => settings.push((name, text)),
        }
    }
    check_workload(&workload)?;
    Ok(Action::AddProducer { settings, workload })
}

/// Words that would do nothing without another one.
fn check_workload(workload: &Workload) -> Result<(), String> {
    let wrong = if workload.random_keys && workload.keys.is_empty() {
        "random draws among keys: give those too, as in keys=A,B,C random"
    } else if workload.every_us > 0 && workload.topic.is_none() {
        "a producer that sends by itself needs a topic: topic=orders every=200ms"
    } else if workload.count.is_some() && workload.every_us == 0 {
        "count ends what the producer sends by itself: give that too, as in every=200ms count=5"
    } else {
        return Ok(());
    };
    Err(wrong.to_owned())
}

fn add_consumer(rest: &[&str]) -> Result<Action, String> {
    let (mut group, mut topics, mut settings, mut processing_us) =
        (None, Vec::new(), Vec::new(), Some(1_000));
    for word in rest {
        let (name, text) = pair(word)?;
        match &*name {
            "group" => group = Some(text),
            "topic" | "topics" => topics = text.split(',').map(Name::from).collect(),
            "processing" if &*text == "hand" => processing_us = None,
            "processing" => processing_us = Some(parse_span(&text)?),
            _ => settings.push((name, text)),
        }
    }
    let group = group.ok_or("say which group: add consumer group=billing topic=orders")?;
    if topics.is_empty() {
        return Err("say which topic: add consumer group=billing topic=orders".to_owned());
    }
    Ok(Action::AddConsumer { group, topics, settings, processing_us })
}

fn create_topic(name: &str, rest: &[&str]) -> Result<Action, String> {
    let (mut partitions, mut replication_factor) = (-1, -1);
    let (mut assignments, mut configs) = (Vec::new(), Vec::new());
    for word in rest {
        let (key, text) = pair(word)?;
        match &*key {
            "partitions" => {
                partitions = i32::try_from(number(&text, "a count of partitions")?)
                    .map_err(|_| format!("{text} partitions are too many"))?;
            }
            "rf" | "replication.factor" => {
                replication_factor = i16::try_from(number(&text, "a replication factor")?)
                    .map_err(|_| format!("{text} replicas are too many"))?;
            }
            "replicas" => assignments = replicas(&text)?,
            _ => configs.push((key, text)),
        }
    }
    let request = CreateTopicsRequest {
        name: name.into(),
        num_partitions: partitions,
        replication_factor,
        assignments,
        configs,
    };
    client(NodeId::Admin, Command::CreateTopic(request))
}

/// `1,2,3;2,3,1`: the replicas of each partition.
fn replicas(text: &str) -> Result<Vec<Vec<BrokerId>>, String> {
    let one = |list: &str| {
        list.split(',')
            .map(|id| {
                id.trim()
                    .parse()
                    .map_err(|_| format!("{id:?} is not a broker id: write 1,2,3;2,3,1"))
            })
            .collect()
    };
    text.split(';').map(one).collect()
}

fn elect(kind: &str, rest: &[&str]) -> Result<Action, String> {
    let election = match kind {
        "preferred" => ElectionType::Preferred,
        "unclean" => ElectionType::Unclean,
        _ => return Err(format!("{kind:?} is not an election: preferred or unclean")),
    };
    let partitions = match rest {
        [] | ["all"] => None,
        names => {
            let one = |name: &&str| parse_partition(name).map(|(topic, n)| (Name::from(topic), n));
            Some(names.iter().map(one).collect::<Result<Vec<_>, _>>()?)
        }
    };
    client(NodeId::Admin, Command::ElectLeaders { election, partitions })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads_back() {
        let examples = [
            "crash broker 2",
            "power off broker 1",
            "restart broker 2",
            "pause broker 3",
            "resume c1",
            "shutdown broker 1",
            "cut 1-2",
            "cut 1>2",
            "cut controller-3",
            "cut c1>2",
            "heal 1-2",
            "slow 1>3 6 s",
            "slow 1>3 1.5 s",
            "drop message 17",
            "delay message 17 5 s",
            "produce p1 key=A value=hello",
            "produce p1",
            "produce p1 x5",
            "produce p2 key=A \"value=hello world\" topic=my-topic partition=1 x3",
            "rate p1 100ms",
            "stop p1",
            "flush p1",
            "commit c1",
            "commit c1 orders-0=3 orders-1=4",
            "seek c1 orders-0=0",
            "poll c1",
            "slow c1 500ms",
            "by hand c1",
            "leave c1",
            "close c1",
            "crash c1",
            "pause c1",
            "add broker 4 rack=d",
            "add broker 4",
            "add producer topic=orders every=200ms keys=A,B,C size=10 acks=1",
            "add producer topic=t every=1s keys=A,B size=5 count=3 random",
            "add consumer group=billing topic=orders processing=1ms",
            "add consumer group=g topic=a,b processing=hand max.poll.records=1",
            "remove p1",
            "create topic t partitions=2 rf=2 retention.ms=1000",
            "create topic t replicas=1,2;2,3",
            "create partitions orders 4",
            "elect preferred orders-0",
            "elect unclean orders-0 orders-1",
            "elect preferred all",
            "set orders retention.ms=1000",
            "set cluster min.insync.replicas=2 log.segment.bytes=500",
        ];
        for text in examples {
            let action: Action = text.parse().unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(action.to_string(), text);
        }
        for form in ACTION_FORMS {
            let text: String = form.chars().filter(|c| !"[]".contains(*c)).collect();
            assert!(text.parse::<Action>().is_ok(), "{form}");
        }
    }

    #[test]
    fn errors_say_what_is_allowed() {
        for (text, part) in [
            ("", "crash broker 2"),
            ("explode", "crash broker 2"),
            ("crash x", "broker 1"),
            ("cut 1", "1>2"),
            ("cut 1-1", "two ends"),
            ("slow 1-2 6 s", "slow 1>3 6 s"),
            ("slow 1>2 6", "250 ms"),
            ("drop message x", "whole number"),
            ("produce p1 colour=red", "key, value, topic"),
            ("produce c1", "p1"),
            ("produce p1 x0", "x1"),
            ("commit p1", "c1"),
            ("commit c1 orders=3", "orders-0"),
            ("seek c1 orders-0=-1", "whole number"),
            ("add producer topic=t random", "keys=A,B,C random"),
            ("add producer every=1s", "needs a topic"),
            ("add producer topic=t count=3", "every=200ms count=5"),
            ("add consumer topic=t", "group=billing"),
            ("add consumer group=g", "topic=orders"),
            ("elect best orders-0", "preferred or unclean"),
            ("set orders", "crash broker 2"),
            ("set orders x", "name=value"),
            ("create topic t partitions=x", "whole number"),
            ("produce p1 \"value=a", "quote"),
        ] {
            let error = text.parse::<Action>().expect_err(text);
            assert!(error.message.contains(part), "{text}: {error}");
            assert_eq!(error.action, text);
        }
    }
}
