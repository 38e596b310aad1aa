//! New topics and partitions (Kafka: `ReplicationControlManager.createTopic`, `createPartitions`).

use super::Controller;
use super::configs::join;
use super::partition_change::RECOVERED;
use crate::{
    BrokerId, ChosenPlacement, Context, CreatePartitionsRequest, CreatePartitionsResponse,
    CreateTopicsRequest, CreateTopicsResponse, KafkaError, MetadataPartition, MetadataRecord,
    MetadataRequest, MetadataResponse, MetadataTopic, Name, PartitionRegistration, TopicId,
    TopicPartition, TraceEvent, UsableBroker, place_replicas, settings,
};

/// Most partitions of one request.
const MAX_PARTITIONS_PER_REQUEST: usize = 10_000;
/// Longest topic name.
const MAX_NAME_LENGTH: usize = 249;

type Refusal = (KafkaError, String);

fn number(n: usize) -> i32 {
    i32::try_from(n).expect("partitions are counted in 32 bits")
}

/// Kafka: `Topic.validate`.
pub(crate) fn check_name(name: &str) -> Result<(), Refusal> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let wrong = if name.is_empty() {
        "the name is empty".to_owned()
    } else if name == "." || name == ".." {
        format!("{name:?} is not a name")
    } else if name.len() > MAX_NAME_LENGTH {
        format!("the name has {} characters; allowed: at most {MAX_NAME_LENGTH}", name.len())
    } else if let Some(c) = name.chars().find(|c| !legal(*c)) {
        format!("{name:?} contains {c:?}; allowed: letters, digits, '.', '_' and '-'")
    } else {
        return Ok(());
    };
    Err((KafkaError::InvalidTopicException, wrong))
}

/// What is wrong with a topic's name, as the controller would say it.
///
/// # Errors
/// That.
pub fn check_topic_name(name: &str) -> Result<(), String> {
    check_name(name).map_err(|(_, message)| message)
}

impl Controller {
    /// Makes a topic, or says why not.
    pub(super) fn create_topic(
        &mut self,
        request: &CreateTopicsRequest,
        ctx: &mut Context<'_>,
    ) -> CreateTopicsResponse {
        match self.new_topic(request, ctx) {
            Ok((id, assignments)) => {
                let mut records = vec![MetadataRecord::Topic { id, name: request.name.clone() }];
                records.extend(request.configs.iter().map(|(name, value)| {
                    MetadataRecord::Config {
                        topic: Some(id),
                        name: name.clone(),
                        value: value.clone(),
                    }
                }));
                records.extend(self.partition_records(id, 0, &assignments));
                let event = TraceEvent::TopicCreated {
                    name: request.name.clone(),
                    partitions: number(assignments.len()),
                    replication_factor: number(assignments.first().map_or(0, Vec::len)),
                };
                self.append(records, ctx);
                ctx.trace(event);
                CreateTopicsResponse { error: None, message: None, id: Some(id) }
            }
            Err((error, message)) => {
                CreateTopicsResponse { error: Some(error), message: Some(message), id: None }
            }
        }
    }

    fn new_topic(
        &self,
        request: &CreateTopicsRequest,
        ctx: &mut Context<'_>,
    ) -> Result<(TopicId, Vec<Vec<BrokerId>>), Refusal> {
        let name = &*request.name;
        check_name(name)?;
        if self.image().topic_by_name(name).is_some() {
            let message = format!("topic {name} already exists");
            return Err((KafkaError::TopicAlreadyExists, message));
        }
        let unified = name.replace('.', "_");
        if let Some(other) =
            self.image().topics.values().find(|t| t.name.replace('.', "_") == unified)
        {
            let message =
                format!("{name:?} collides with {:?}: '.' and '_' count as one", other.name);
            return Err((KafkaError::InvalidTopicException, message));
        }
        let defaults: &[(&str, &str)] = &[];
        if let Err(errors) = settings::resolve_topic(&request.configs, defaults) {
            return Err((KafkaError::InvalidConfig, join(&errors)));
        }
        let assignments = match request.assignments.is_empty() {
            true => self.place_new_topic(request, ctx)?,
            false => self.explicit_assignments(request)?,
        };
        let id = self.image().topics.keys().next_back().map_or(TopicId(0), |t| TopicId(t.0 + 1));
        Ok((id, assignments))
    }

    fn explicit_assignments(
        &self,
        request: &CreateTopicsRequest,
    ) -> Result<Vec<Vec<BrokerId>>, Refusal> {
        if request.replication_factor != -1 || request.num_partitions != -1 {
            let message = "with explicit assignments, the number of partitions and the \
                           replication factor must be -1";
            return Err((KafkaError::InvalidRequest, message.to_owned()));
        }
        self.check_assignments(&request.assignments, None)?;
        Ok(request.assignments.clone())
    }

    fn place_new_topic(
        &self,
        request: &CreateTopicsRequest,
        ctx: &mut Context<'_>,
    ) -> Result<Vec<Vec<BrokerId>>, Refusal> {
        let factor = match request.replication_factor {
            -1 => self.config.default_replication_factor,
            n if n <= 0 => {
                let message = format!("replication factor {n}; allowed: at least 1, or -1");
                return Err((KafkaError::InvalidReplicationFactor, message));
            }
            n => n,
        };
        let count = match request.num_partitions {
            -1 => self.config.num_partitions,
            n if n <= 0 => {
                let message = format!("{n} partitions; allowed: at least 1, or -1");
                return Err((KafkaError::InvalidPartitions, message));
            }
            n => n,
        };
        self.place(count, factor, ctx)
    }

    fn place(
        &self,
        count: i32,
        factor: i16,
        ctx: &mut Context<'_>,
    ) -> Result<Vec<Vec<BrokerId>>, Refusal> {
        check_count(usize::try_from(count).unwrap_or(0))?;
        let usable: Vec<UsableBroker> = self
            .image()
            .brokers
            .iter()
            .filter(|(_, b)| !b.in_controlled_shutdown)
            .map(|(id, b)| UsableBroker { id: *id, rack: b.rack.clone(), fenced: b.fenced })
            .collect();
        place_replicas(&usable, count, factor, &mut ChosenPlacement(ctx.chooser))
    }

    /// Explicit assignments: known brokers, none twice, equally many everywhere, one of them alive.
    fn check_assignments(
        &self,
        assignments: &[Vec<BrokerId>],
        factor: Option<usize>,
    ) -> Result<(), Refusal> {
        check_count(assignments.len())?;
        let factor = factor.or(assignments.first().map(Vec::len)).unwrap_or(0);
        for (n, replicas) in assignments.iter().enumerate() {
            let refuse = |what: String| {
                let message = format!("assignment {n} {replicas:?}: {what}");
                Err((KafkaError::InvalidReplicaAssignment, message))
            };
            let mut unique = replicas.clone();
            highwater_sorted::sort(&mut unique);
            unique.dedup();
            if replicas.is_empty() {
                return refuse("no replica".to_owned());
            } else if unique.len() != replicas.len() {
                return refuse("a broker comes twice".to_owned());
            } else if replicas.len() != factor {
                return refuse(format!("{} replicas where others have {factor}", replicas.len()));
            }
            let known = |b: &&BrokerId| !self.image().brokers.contains_key(*b);
            if let Some(broker) = replicas.iter().find(known) {
                return refuse(format!("broker {broker} is not registered"));
            }
            if !replicas.iter().any(|b| self.image().is_active(*b)) {
                return refuse("all its brokers are fenced or shutting down".to_owned());
            }
        }
        Ok(())
    }

    /// Records of new partitions from number `first` on: the ISR is whoever is active, its first member leads.
    fn partition_records(
        &self,
        topic: TopicId,
        first: i32,
        assignments: &[Vec<BrokerId>],
    ) -> Vec<MetadataRecord> {
        (first..)
            .zip(assignments)
            .map(|(partition, replicas)| {
                let active = |b: &BrokerId| self.image().is_active(*b);
                let isr: Vec<BrokerId> = replicas.iter().copied().filter(active).collect();
                let state = PartitionRegistration {
                    replicas: replicas.clone(),
                    leader: isr.first().copied().unwrap_or(-1),
                    isr,
                    leader_epoch: 0,
                    partition_epoch: 0,
                    leader_recovery_state: RECOVERED,
                };
                MetadataRecord::Partition { tp: TopicPartition::new(topic, partition), state }
            })
            .collect()
    }

    /// More partitions for a topic; there is no way to fewer.
    pub(super) fn create_partitions(
        &mut self,
        request: &CreatePartitionsRequest,
        ctx: &mut Context<'_>,
    ) -> CreatePartitionsResponse {
        match self.new_partitions(request, ctx) {
            Ok((id, first, assignments)) => {
                let records = self.partition_records(id, first, &assignments);
                self.append(records, ctx);
                let (name, total) = (request.name.clone(), request.count);
                ctx.trace(TraceEvent::PartitionsCreated { name, total });
                CreatePartitionsResponse { error: None, message: None }
            }
            Err((error, message)) => {
                CreatePartitionsResponse { error: Some(error), message: Some(message) }
            }
        }
    }

    fn new_partitions(
        &self,
        request: &CreatePartitionsRequest,
        ctx: &mut Context<'_>,
    ) -> Result<(TopicId, i32, Vec<Vec<BrokerId>>), Refusal> {
        let Some((id, topic)) = self.image().topic_by_name(&request.name) else {
            let message = format!("no topic {}", request.name);
            return Err((KafkaError::UnknownTopicOrPartition, message));
        };
        let existing = number(topic.partitions.len());
        let added = request.count.saturating_sub(existing);
        if added <= 0 {
            let (name, count) = (&request.name, request.count);
            let message = format!("{name} has {existing} partitions; {count} is not more");
            return Err((KafkaError::InvalidPartitions, message));
        }
        let factor = topic.partitions.first().map_or(1, |p| p.replicas.len());
        if request.assignments.is_empty() {
            let factor = i16::try_from(factor).expect("a replication factor");
            return Ok((id, existing, self.place(added, factor, ctx)?));
        }
        if number(request.assignments.len()) != added {
            let given = request.assignments.len();
            let message = format!("{added} partitions are added, but {given} assignments given");
            return Err((KafkaError::InvalidReplicaAssignment, message));
        }
        self.check_assignments(&request.assignments, Some(factor))?;
        Ok((id, existing, request.assignments.clone()))
    }

    /// Metadata by the controller's own image. The admin client asks for it to turn names into ids,
    /// since ElectLeaders here carries ids where Kafka's carries names.
    pub(super) fn describe_topics(&self, request: &MetadataRequest) -> MetadataResponse {
        let image = self.image();
        let names: Vec<Name> = match &request.topics {
            Some(names) => names.clone(),
            None => image.topics.values().map(|t| t.name.clone()).collect(),
        };
        let topics = names.into_iter().map(|name| match image.topic_by_name(&name) {
            None => MetadataTopic {
                error: Some(KafkaError::UnknownTopicOrPartition),
                name,
                id: TopicId(u32::MAX),
                partitions: Vec::new(),
            },
            Some((id, topic)) => MetadataTopic {
                error: None,
                name,
                id,
                partitions: (0..).zip(&topic.partitions).map(describe).collect(),
            },
        });
        let alive = image.brokers.iter().filter(|(_, b)| !b.fenced);
        MetadataResponse {
            brokers: alive.map(|(id, b)| (*id, b.rack.clone())).collect(),
            topics: topics.collect(),
        }
    }
}

fn describe((partition, state): (i32, &PartitionRegistration)) -> MetadataPartition {
    MetadataPartition {
        error: (state.leader == -1).then_some(KafkaError::LeaderNotAvailable),
        partition,
        leader: state.leader,
        leader_epoch: state.leader_epoch,
        replicas: state.replicas.clone(),
        isr: state.isr.clone(),
    }
}

fn check_count(count: usize) -> Result<(), Refusal> {
    if count <= MAX_PARTITIONS_PER_REQUEST {
        return Ok(());
    }
    let message = format!("{count} partitions; allowed: at most {MAX_PARTITIONS_PER_REQUEST}");
    Err((KafkaError::PolicyViolation, message))
}
