//! What is given: the figure's header line, and the value a setting has in this run.

use crate::format::set;
use highwater_cluster::settings::{Scope, Setting};
use highwater_sim::{Scenario, WorldView};

/// Topic, replication factor, acks, min.insync.replicas and ISR of the first partition, or of this one.
pub fn facts(view: &WorldView, partition: Option<&str>) -> Vec<(String, String)> {
    let mut topics = view.topics.iter().filter(|t| !t.internal);
    let found = topics.find_map(|t| {
        let wanted = |name: &str| partition.is_none_or(|p| p == name);
        t.partitions.iter().find(|p| wanted(&p.name)).map(|p| (t, p))
    });
    let Some((topic, p)) = found else { return Vec::new() };
    let mut out = vec![("topic".to_owned(), topic.name.clone())];
    if topic.partitions.len() > 1 {
        out.push(("partition".to_owned(), p.tp.partition.to_string()));
    }
    out.push(("RF".to_owned(), p.replicas.len().to_string()));
    if let Some(producer) = view.producers.first() {
        out.push(("acks".to_owned(), producer.acks.to_string()));
    }
    out.push(("min.insync.replicas".to_owned(), topic.min_insync_replicas.to_string()));
    out.push(("ISR".to_owned(), set(&p.isr)));
    out
}

/// The value that the scenario gives a setting, if it gives one.
pub fn given(scenario: &Scenario, setting: &Setting) -> Option<String> {
    let look = |pairs: &[(highwater_cluster::Name, highwater_cluster::Name)], name: &str| {
        pairs.iter().find(|(n, _)| &**n == name).map(|(_, v)| v.to_string())
    };
    let cluster = || {
        let other = setting.cluster_name.and_then(|n| look(&scenario.settings, n));
        look(&scenario.settings, setting.name).or(other)
    };
    match setting.scope {
        Scope::Topic => {
            scenario.topics.iter().find_map(|t| look(&t.configs, setting.name)).or_else(cluster)
        }
        Scope::Producer => scenario.producers.iter().find_map(|p| look(&p.settings, setting.name)),
        Scope::Consumer => scenario.consumers.iter().find_map(|c| look(&c.settings, setting.name)),
        Scope::Broker | Scope::Controller => cluster(),
    }
}
