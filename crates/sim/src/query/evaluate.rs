//! Values of paths, straight from the processes: cheap enough to be asked after every event.

use super::path::Subject;
use super::{Path, Value};
use crate::view_build::set;
use crate::{ProcessState, World, parse_partition};
use highwater_cluster::{NodeId, Partition, PartitionRegistration, TopicPartition};

/// The partition with this name.
pub(super) fn partition(world: &World, name: &str) -> Result<TopicPartition, String> {
    let (topic, number) = parse_partition(name)?;
    find(world, &topic, number)
}

fn find(world: &World, topic: &str, number: i32) -> Result<TopicPartition, String> {
    let image = world.image();
    let Some((id, found)) = image.topic_by_name(topic) else {
        let names: Vec<&str> = image.topics.values().map(|t| &*t.name).collect();
        return Err(format!("there is no topic {topic:?} now; there are {}", names.join(", ")));
    };
    let tp = TopicPartition::new(id, number);
    match image.partition(tp) {
        Some(_) => Ok(tp),
        None => Err(format!(
            "topic {topic} has partitions 0 to {}",
            found.partitions.len().saturating_sub(1)
        )),
    }
}

fn count(n: usize) -> Value {
    Value::Number(i64::try_from(n).unwrap_or(i64::MAX))
}

fn number(n: u64) -> Value {
    Value::Number(i64::try_from(n).unwrap_or(i64::MAX))
}

fn flag(b: bool) -> Value {
    Value::Text(b.to_string())
}

fn option(n: Option<i64>) -> Value {
    n.map_or(Value::None, Value::Number)
}

impl Path {
    /// Its value now.
    ///
    /// # Errors
    /// The topic, partition, broker or client does not exist; with what there is.
    pub fn value(&self, world: &World) -> Result<Value, String> {
        match &self.subject {
            Subject::World => Ok(match self.field {
                "lost" => number(world.oracle.lost_count()),
                "broken" => count(world.oracle.broken().len()),
                "messages" => count(world.kernel.network.in_flight().count()),
                "event" => number(world.event()),
                _ => number(world.now().0 / 1000),
            }),
            Subject::Controller => state(world, NodeId::Controller),
            Subject::Partition(topic, n) => self.partition_value(world, find(world, topic, *n)?),
            Subject::Replica(topic, n, broker) => {
                self.replica_value(world, find(world, topic, *n)?, *broker)
            }
            Subject::Broker(id) => self.broker_value(world, *id),
            Subject::Group(id) => self.group_value(world, id),
            Subject::Consumer(n) => self.consumer_value(world, *n),
            Subject::Producer(n) => self.producer_value(world, *n),
        }
    }

    fn partition_value(&self, world: &World, tp: TopicPartition) -> Result<Value, String> {
        let registered = world.image().partition(tp).expect("it was found");
        let leader = leader(world, tp, registered);
        let of_leader = |f: &dyn Fn(&Partition) -> i64| option(leader.map(f));
        Ok(match self.field {
            "leader" => option((registered.leader >= 0).then_some(registered.leader.into())),
            "epoch" => Value::Number(registered.leader_epoch.into()),
            "isr" => Value::Text(set(&registered.isr)),
            "isr_size" => count(registered.isr.len()),
            "replicas" => Value::Text(set(&registered.replicas)),
            "hw" => of_leader(&|p| p.high_watermark()),
            "leo" => of_leader(&|p| p.log().log_end_offset()),
            "log_start" => of_leader(&|p| p.log().log_start_offset()),
            "segments" => leader.map_or(Value::None, |p| count(p.log().segments().count())),
            _ => {
                let parked = world.broker(registered.leader).map(|b| b.purgatory());
                let waits = parked.map_or(0, |p| p.produces_of(tp).len());
                count(waits)
            }
        })
    }

    fn replica_value(
        &self,
        world: &World,
        tp: TopicPartition,
        broker: i32,
    ) -> Result<Value, String> {
        let registered = world.image().partition(tp).expect("it was found");
        if !registered.replicas.contains(&broker) {
            return Err(format!(
                "broker {broker} has no replica there; {} have",
                set(&registered.replicas)
            ));
        }
        if self.field == "in_isr" {
            return Ok(flag(registered.isr.contains(&broker)));
        }
        let up = is_up(world, NodeId::Broker(broker));
        let hosted = world.broker(broker).and_then(|b| b.partition(tp)).filter(|_| up);
        if let Some(partition) = hosted {
            return Ok(match self.field {
                "role" => Value::Text(
                    if partition.is_leader() { "leader" } else { "follower" }.to_owned(),
                ),
                "epoch" => Value::Number(partition.leader_epoch().into()),
                field => log_value(partition.log(), field),
            });
        }
        let on_disk = world.recovered(broker, tp);
        Ok(match (self.field, on_disk) {
            ("role", _) => Value::Text("offline".to_owned()),
            ("epoch", _) | (_, None) => Value::None,
            (field, Some((log, _))) => log_value(&log, field),
        })
    }

    fn broker_value(&self, world: &World, id: i32) -> Result<Value, String> {
        let broker = world.broker(id).ok_or_else(|| missing(world, NodeId::Broker(id)))?;
        match self.field {
            "fenced" => Ok(flag(world.image().brokers.get(&id).is_none_or(|b| b.fenced))),
            "parked" => {
                let parked = broker.purgatory();
                Ok(count(if is_up(world, NodeId::Broker(id)) {
                    parked.fetches.len() + parked.produces.len()
                } else {
                    0
                }))
            }
            "replicas" => {
                let hosted =
                    |tp: TopicPartition| !world.image().topics[&tp.topic].name.starts_with("__");
                let all = world.image().partitions().filter(|(tp, _)| hosted(*tp));
                Ok(count(all.filter(|(_, registered)| registered.replicas.contains(&id)).count()))
            }
            _ => state(world, NodeId::Broker(id)),
        }
    }

    fn group_value(&self, world: &World, id: &str) -> Result<Value, String> {
        let Some(group) = world.group(id) else {
            return Ok(match self.field {
                "members" => Value::Number(0),
                _ => Value::None,
            });
        };
        Ok(match (self.field, &self.of) {
            ("state", _) => Value::Text(group.state().name().to_owned()),
            ("generation", _) => Value::Number(group.generation().into()),
            ("members", _) => count(group.members().len()),
            ("coordinator", _) => {
                let leads = |broker: &i32| {
                    world.broker(*broker).is_some_and(|b| b.coordinator().group(id).is_some())
                };
                option(world.image().brokers.keys().find(|b| leads(b)).map(|b| (*b).into()))
            }
            (field, Some((topic, n))) => {
                let tp = find(world, topic, *n)?;
                let committed = group.offsets().get(&tp).map(|c| c.offset);
                let registered = world.image().partition(tp).expect("it was found");
                match (field, committed) {
                    ("lag", committed) => {
                        let end = leader(world, tp, registered).map(Partition::high_watermark);
                        option(end.map(|end| end - committed.unwrap_or(0)))
                    }
                    (_, committed) => option(committed),
                }
            }
            _ => Value::None,
        })
    }

    fn consumer_value(&self, world: &World, n: u32) -> Result<Value, String> {
        let consumer = world.consumer(n).ok_or_else(|| missing(world, NodeId::Consumer(n)))?;
        Ok(match self.field {
            "state" => return state(world, NodeId::Consumer(n)),
            "owned" => count(consumer.owned().len()),
            "doing" => Value::Text(consumer.doing().to_owned()),
            "idle" => flag(consumer.is_idle_member()),
            "generation" => Value::Number(consumer.generation().into()),
            "processed" => number(consumer.processed(world.now())),
            "duplicates" => number(consumer.duplicates()),
            field => {
                let (topic, number) = self.of.as_ref().expect("the parser asks for a partition");
                let tp = find(world, topic, *number)?;
                let owned = consumer.owned().into_iter().find(|o| o.tp == tp);
                option(
                    owned.and_then(|o| if field == "position" { o.position } else { o.committed }),
                )
            }
        })
    }

    fn producer_value(&self, world: &World, n: u32) -> Result<Value, String> {
        let producer = world.producer(n).ok_or_else(|| missing(world, NodeId::Producer(n)))?;
        let records =
            |counts: &mut dyn Iterator<Item = i32>| Value::Number(counts.map(i64::from).sum());
        Ok(match self.field {
            "acked" => number(producer.counters().acknowledged),
            "failed" => number(producer.counters().failed),
            "unacknowledged" => number(producer.counters().unacknowledged),
            "waiting" => records(&mut producer.waiting().map(|b| b.count())),
            "in_flight" => records(&mut producer.in_flight().map(|(_, _, b)| b.count())),
            _ => return state(world, NodeId::Producer(n)),
        })
    }
}

fn log_value(log: &highwater_log::Log, field: &str) -> Value {
    match field {
        "hw" => Value::Number(log.high_watermark()),
        "leo" => Value::Number(log.log_end_offset()),
        "log_start" => Value::Number(log.log_start_offset()),
        "flushed" => Value::Number(log.recovery_point()),
        _ => count(log.segments().count()),
    }
}

/// The leader's replica, when that broker is up and knows that it leads.
fn leader<'a>(
    world: &'a World,
    tp: TopicPartition,
    registered: &PartitionRegistration,
) -> Option<&'a Partition> {
    let id = registered.leader;
    if !is_up(world, NodeId::Broker(id)) {
        return None;
    }
    world.broker(id)?.partition(tp).filter(|p| p.is_leader())
}

fn is_up(world: &World, node: NodeId) -> bool {
    world
        .node(node)
        .is_some_and(|n| matches!(n.state, ProcessState::Running | ProcessState::Paused))
}

fn missing(world: &World, node: NodeId) -> String {
    let known: Vec<_> = world.nodes().map(|(id, _)| id.to_string()).collect();
    format!("there is no {node}; there are {}", known.join(", "))
}

fn state(world: &World, node: NodeId) -> Result<Value, String> {
    let found = world.node(node).ok_or_else(|| missing(world, node))?;
    let text = match found.state {
        ProcessState::Running => "running",
        ProcessState::Paused => "paused",
        ProcessState::Crashed => "crashed",
        ProcessState::PoweredOff => "off",
        ProcessState::ShutDown => "stopped",
    };
    Ok(Value::Text(text.to_owned()))
}
