//! Clients that stand in until the real ones are there.

use highwater_cluster::*;

macro_rules! idle {
    ($name:ident, ($($arg:ident: $ty:ty),*)) => {
        #[derive(Clone, Debug, Default)]
        pub struct $name;
        impl $name {
            pub fn new($(_: $ty),*) -> Self { Self }
        }
        impl Actor for $name {
            fn handle(&mut self, _: Input, _: &mut Context<'_>) {}
        }
    };
}
idle!(Producer, (number: u32, config: ProducerConfig, workload: Workload));
idle!(Consumer, (number: u32, group: Name, topics: Vec<Name>, config: ConsumerConfig, processing: Option<Span>));

#[derive(Clone, Debug, Default)]
pub struct AdminClient {
    last: Correlation,
}
impl AdminClient {
    pub fn new() -> Self {
        Self::default()
    }
}
impl Actor for AdminClient {
    fn handle(&mut self, input: Input, ctx: &mut Context<'_>) {
        self.last += 1;
        match input {
            Input::Command(Command::CreateTopic(r)) => ctx.send(NodeId::Controller, self.last, Request::CreateTopics(r)),
            Input::Command(Command::CreatePartitions(r)) => ctx.send(NodeId::Controller, self.last, Request::CreatePartitions(r)),
            Input::Command(Command::AlterConfigs(r)) => ctx.send(NodeId::Controller, self.last, Request::IncrementalAlterConfigs(r)),
            _ => {}
        }
    }
}
