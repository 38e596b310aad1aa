//! The processes a world runs, as one type.

use crate::World;
use highwater_cluster::consumer::Consumer;
use highwater_cluster::{
    Actor, AdminClient, Broker, BrokerId, Context, Controller, Input, MetadataImage, NodeId,
    Producer, TopicPartition,
};

/// A process.
#[derive(Clone, Debug)]
pub enum Process {
    /// A broker.
    Broker(Broker),
    /// The controller.
    Controller(Controller),
    /// A producer client.
    Producer(Producer),
    /// A consumer client.
    Consumer(Consumer),
    /// The admin client.
    Admin(AdminClient),
}

impl Actor for Process {
    fn handle(&mut self, input: Input, ctx: &mut Context<'_>) {
        match self {
            Self::Broker(a) => a.handle(input, ctx),
            Self::Controller(a) => a.handle(input, ctx),
            Self::Producer(a) => a.handle(input, ctx),
            Self::Consumer(a) => a.handle(input, ctx),
            Self::Admin(a) => a.handle(input, ctx),
        }
    }

    fn listens(&self) -> bool {
        match self {
            Self::Broker(a) => a.listens(),
            Self::Controller(a) => a.listens(),
            Self::Producer(_) | Self::Consumer(_) | Self::Admin(_) => true,
        }
    }
}

impl World {
    /// A broker, running or as it last was.
    pub fn broker(&self, id: BrokerId) -> Option<&Broker> {
        match &self.node(NodeId::Broker(id))?.actor {
            Process::Broker(broker) => Some(broker),
            _ => None,
        }
    }

    /// The controller.
    pub fn controller(&self) -> &Controller {
        match self.node(NodeId::Controller).map(|n| &n.actor) {
            Some(Process::Controller(controller)) => controller,
            _ => panic!("a world has a controller"),
        }
    }

    /// What the metadata log says, as the controller has it.
    pub fn image(&self) -> &MetadataImage {
        self.controller().image()
    }

    /// A producer.
    pub fn producer(&self, number: u32) -> Option<&Producer> {
        match &self.node(NodeId::Producer(number))?.actor {
            Process::Producer(producer) => Some(producer),
            _ => None,
        }
    }

    /// A consumer.
    pub fn consumer(&self, number: u32) -> Option<&Consumer> {
        match &self.node(NodeId::Consumer(number))?.actor {
            Process::Consumer(consumer) => Some(consumer),
            _ => None,
        }
    }

    /// A group at the broker that coordinates it now: the running leader of its offsets partition.
    pub fn group(&self, id: &str) -> Option<&highwater_cluster::group::ClassicGroup> {
        let (topic, _) = self.image().topic_by_name("__consumer_offsets")?;
        let any = self.nodes().find_map(|(node, _)| self.broker(node.broker()?))?;
        let tp = TopicPartition::new(topic, any.offsets_partition(id));
        let leader = self.image().partition(tp)?.leader;
        let running = self.node(NodeId::Broker(leader))?.state == crate::ProcessState::Running;
        self.broker(leader).filter(|_| running)?.coordinator().group(id)
    }
}
