//! Whether a broker counts as alive, what it leads and where it is out of sync.

use super::{Answer, Headline};
use crate::explain::facts::ProcessFact;
use highwater_cluster::{BrokerId, NodeId, PartitionRegistration};

impl Answer<'_> {
    pub(super) fn broker(&mut self, id: BrokerId) -> Headline {
        self.process(id)?;
        self.pick(format!("broker {id}"));
        let node = NodeId::Broker(id);
        if self.tell_process(node) {
            self.fact(ProcessFact::Running { node });
            self.tell_session(id);
        }
        self.tell_links(node, NodeId::Controller);
        let image = self.world.image();
        let of = |wanted: &dyn Fn(&PartitionRegistration) -> bool| {
            let found = image.partitions().filter(|(_, p)| wanted(p)).map(|(tp, _)| tp);
            let names = self.names(found);
            names.into_iter().filter(|n| !n.starts_with("__")).collect::<Vec<_>>()
        };
        let leads = of(&|p| p.leader == id);
        let out = of(&|p| p.replicas.contains(&id) && !p.isr.contains(&id));
        let headline = match (self.runs(node), image.is_active(id)) {
            (true, true) => format!("Broker {id} runs and the controller counts it as alive"),
            (true, false) => {
                format!("Broker {id} runs, but the controller does not count it as alive")
            }
            (false, true) => {
                format!("Broker {id} does not run, but the controller still counts it as alive")
            }
            (false, false) => format!("Broker {id} does not run, and the controller knows"),
        };
        self.fact(ProcessFact::Leads { broker: id, partitions: leads });
        self.fact(ProcessFact::OutOfIsrOf { broker: id, partitions: out });
        Ok(headline)
    }
}
