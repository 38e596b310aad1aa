//! Who plays: settings of every process, checked, so that a process can be made at its first start and
//! at every later one.

use crate::process::Process;
use crate::{Action, Scenario, ScenarioError};
use highwater_cluster::consumer::Consumer;
use highwater_cluster::settings::{
    SettingError, check_heartbeat_and_session, cluster_defaults, resolve_broker, resolve_consumer,
    resolve_controller, resolve_producer, resolve_topic,
};
use highwater_cluster::{
    AdminClient, Broker, BrokerConfig, BrokerId, Command, ConsumerConfig, Controller,
    ControllerConfig, Name, Producer, ProducerConfig, Workload,
};
use highwater_log::Bytes;
use highwater_sorted::SortedMap;

type Pairs = Vec<(Name, Name)>;

/// A producer's part.
#[derive(Clone, Debug)]
pub(crate) struct ProducerPart {
    pub settings: Pairs,
    pub workload: Workload,
    config: ProducerConfig,
    /// Records that people sent by hand so far: takes the keys in turn and numbers the values.
    by_hand: u64,
}

impl ProducerPart {
    pub fn new(settings: &[(Name, Name)], workload: &Workload) -> Result<Self, String> {
        let config = resolve_producer(settings).map_err(|e| join(&e))?;
        if workload.every_us > 0 && workload.topic.is_none() {
            return Err("a producer that sends by itself needs a topic".to_owned());
        }
        Ok(Self { settings: settings.to_vec(), workload: workload.clone(), config, by_hand: 0 })
    }

    /// The next record sent by hand; what is left out is the next key in turn and a numbered value.
    fn by_hand(
        &mut self,
        topic: &Name,
        partition: Option<i32>,
        key: &Option<Name>,
        value: &Option<Name>,
    ) -> Command {
        let keys = &self.workload.keys;
        let turn = u64::try_from(keys.len()).ok().and_then(|count| self.by_hand.checked_rem(count));
        let next = turn.and_then(|n| keys.get(usize::try_from(n).ok()?));
        let key = key.as_ref().or(next).map(|k| Bytes::from(k.as_bytes()));
        self.by_hand += 1;
        let value = value.clone().unwrap_or_else(|| format!("by hand {}", self.by_hand).into());
        let value = Some(Bytes::from(value.as_bytes()));
        Command::Send { topic: topic.clone(), partition, key, value, headers: Vec::new() }
    }
}

/// A consumer's part.
#[derive(Clone, Debug)]
pub(crate) struct ConsumerPart {
    pub group: Name,
    pub topics: Vec<Name>,
    pub settings: Pairs,
    processing_us: Option<u64>,
    config: ConsumerConfig,
}

impl ConsumerPart {
    pub fn new(
        group: &Name,
        topics: &[Name],
        settings: &[(Name, Name)],
        processing_us: Option<u64>,
    ) -> Result<Self, String> {
        let config = resolve_consumer(settings).map_err(|e| join(&e))?;
        if group.is_empty() || topics.is_empty() {
            return Err("a consumer needs a group and at least one topic".to_owned());
        }
        let (group, topics) = (group.clone(), topics.to_vec());
        Ok(Self { group, topics, settings: settings.to_vec(), processing_us, config })
    }
}

fn join(errors: &[SettingError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Everybody's part.
#[derive(Clone, Debug)]
pub(crate) struct Cast {
    broker_config: BrokerConfig,
    controller_config: ControllerConfig,
    cluster_defaults: Pairs,
    racks: SortedMap<BrokerId, Option<Name>>,
    pub producers: SortedMap<u32, ProducerPart>,
    pub consumers: SortedMap<u32, ConsumerPart>,
}

/// Collects what is wrong with a scenario.
struct Problems(Vec<(String, String)>);

impl Problems {
    fn add(&mut self, place: impl Into<String>, problem: impl Into<String>) {
        // A cluster-wide default that is wrong is found with every topic that sets the same again.
        let found = (place.into(), problem.into());
        if !self.0.contains(&found) {
            self.0.push(found);
        }
    }

    fn settings<T>(&mut self, place: &str, result: Result<T, Vec<SettingError>>) -> Option<T> {
        result.map_err(|errors| errors.iter().for_each(|e| self.add(place, e.to_string()))).ok()
    }
}

impl Cast {
    pub fn new(scenario: &Scenario) -> Result<Self, ScenarioError> {
        let mut problems = Problems(Vec::new());
        let broker_config = problems.settings("settings", resolve_broker(&scenario.settings));
        let controller_config = match &broker_config {
            Some(_) => problems.settings("settings", resolve_controller(&scenario.settings)),
            None => None,
        };
        if let (Some(broker), Some(controller)) = (&broker_config, &controller_config)
            && let Err(error) = check_heartbeat_and_session(broker, controller)
        {
            problems.add("settings", error.to_string());
        }
        let cluster_defaults = cluster_defaults(&scenario.settings);
        check_brokers(scenario, &mut problems);
        check_topics(scenario, &cluster_defaults, &mut problems);
        let mut producers = SortedMap::new();
        for (number, spec) in (1u32..).zip(&scenario.producers) {
            match ProducerPart::new(&spec.settings, &spec.workload) {
                Ok(part) => drop(producers.insert(number, part)),
                Err(problem) => problems.add(format!("producer p{number}"), problem),
            }
        }
        let mut consumers = SortedMap::new();
        for (number, spec) in (1u32..).zip(&scenario.consumers) {
            let processing_us = spec.processing.map(|s| s.0);
            match ConsumerPart::new(&spec.group, &spec.topics, &spec.settings, processing_us) {
                Ok(part) => drop(consumers.insert(number, part)),
                Err(problem) => problems.add(format!("consumer c{number}"), problem),
            }
        }
        let racks = scenario.brokers.iter().map(|b| (b.id, b.rack.clone())).collect();
        match (broker_config, controller_config) {
            (Some(broker_config), Some(controller_config)) if problems.0.is_empty() => Ok(Self {
                broker_config,
                controller_config,
                cluster_defaults,
                racks,
                producers,
                consumers,
            }),
            _ => Err(ScenarioError { problems: problems.0 }),
        }
    }

    pub fn controller(&self) -> Process {
        Process::Controller(Controller::new(self.controller_config.clone(), &self.cluster_defaults))
    }

    /// Incarnations of the scheduler count from 0, those of a broker from 1.
    pub fn broker(&self, id: BrokerId, incarnation: u64) -> Process {
        let rack = self.racks.get(&id).cloned().flatten();
        Process::Broker(Broker::new(id, rack, incarnation + 1, self.broker_config.clone()))
    }

    pub fn admin(&self) -> Process {
        Process::Admin(AdminClient::new())
    }

    pub fn producer(&self, number: u32, _incarnation: u64) -> Process {
        let part = &self.producers[&number];
        Process::Producer(Producer::new(
            number,
            part.config.clone(),
            part.workload.clone(),
            self.bootstrap(),
        ))
    }

    pub fn consumer(&self, number: u32, _incarnation: u64) -> Process {
        let part = &self.consumers[&number];
        let (group, topics) = (part.group.clone(), part.topics.clone());
        Process::Consumer(Consumer::new(
            number,
            group,
            topics,
            part.config.clone(),
            self.bootstrap(),
            part.processing_us,
        ))
    }

    /// `bootstrap.servers` of clients: every broker there is.
    fn bootstrap(&self) -> Vec<BrokerId> {
        self.racks.keys().copied().collect()
    }

    pub fn rack(&self, id: BrokerId) -> Option<Name> {
        self.racks.get(&id).cloned().flatten()
    }

    pub fn broker_config(&self) -> &BrokerConfig {
        &self.broker_config
    }

    pub fn controller_config(&self) -> &ControllerConfig {
        &self.controller_config
    }

    pub fn add_broker(&mut self, id: BrokerId, rack: Option<Name>) {
        self.racks.insert(id, rack);
    }

    pub fn add_producer(&mut self, part: ProducerPart) -> u32 {
        let number = self.producers.keys().next_back().map_or(1, |n| n + 1);
        self.producers.insert(number, part);
        number
    }

    pub fn add_consumer(&mut self, part: ConsumerPart) -> u32 {
        let number = self.consumers.keys().next_back().map_or(1, |n| n + 1);
        self.consumers.insert(number, part);
        number
    }

    /// What a producer is asked for when a person acts on it; fills in what the action leaves open.
    pub fn producer_commands(
        &mut self,
        number: u32,
        action: &Action,
    ) -> Result<Vec<Command>, String> {
        let part =
            self.producers.get_mut(&number).ok_or_else(|| format!("there is no p{number}"))?;
        match action {
            Action::Rate { every_us, .. } => {
                if *every_us > 0 && part.workload.topic.is_none() {
                    return Err(format!("p{number} has no topic to send to by itself"));
                }
                part.workload.every_us = *every_us;
                part.workload.count = None;
                Ok(vec![Command::SetWorkload(part.workload.clone())])
            }
            Action::Produce { times, topic, partition, key, value, .. } => {
                let topic = topic.clone().or(part.workload.topic.clone());
                let topic = topic
                    .ok_or_else(|| format!("p{number} has no topic of its own: add topic=..."))?;
                Ok((0..*times).map(|_| part.by_hand(&topic, *partition, key, value)).collect())
            }
            _ => Ok(Vec::new()),
        }
    }
}

fn check_brokers(scenario: &Scenario, problems: &mut Problems) {
    if scenario.brokers.is_empty() {
        problems.add("brokers", "a cluster needs at least one broker");
    }
    let mut seen = Vec::new();
    for broker in &scenario.brokers {
        if broker.id < 0 || seen.contains(&broker.id) {
            problems.add(
                "brokers",
                format!("id {} is negative or used twice; ids count from 1", broker.id),
            );
        }
        seen.push(broker.id);
    }
}

fn check_topics(scenario: &Scenario, defaults: &[(Name, Name)], problems: &mut Problems) {
    let brokers: Vec<BrokerId> = scenario.brokers.iter().map(|b| b.id).collect();
    for topic in &scenario.topics {
        let place = format!("topic {}", topic.name);
        problems.settings(&place, resolve_topic(&topic.configs, defaults));
        let unknown = topic.assignments.iter().flatten().find(|id| !brokers.contains(id));
        if let Some(id) = unknown {
            problems.add(&place, format!("there is no broker {id}; there are {brokers:?}"));
        }
        if topic.assignments.is_empty() && topic.partitions < 1 {
            problems.add(&place, "needs at least one partition");
        }
        let most = i16::try_from(brokers.len()).unwrap_or(i16::MAX);
        if topic.assignments.is_empty() && !(1..=most).contains(&topic.replication_factor) {
            let found = topic.replication_factor;
            problems.add(
                &place,
                format!("replication factor {found}: from 1 to {most}, the number of brokers"),
            );
        }
    }
}
