//! Settings given from outside (`set` of the page, `--set` of the command line) over a scenario's.

use crate::nearest;
use highwater_cluster::Name;
use highwater_cluster::settings::{self, Scope};
use highwater_sim::Scenario;

/// Puts settings over those of a scenario. A broker's, controller's or cluster-wide name goes to the
/// cluster; a topic's, producer's or consumer's name to every one of them. Values are checked when the
/// world is made.
///
/// # Errors
/// A name that no process has, with the nearest one.
pub fn override_settings(
    scenario: &mut Scenario,
    pairs: &[(String, String)],
) -> Result<(), String> {
    for (name, value) in pairs {
        let known = settings::all();
        let mut scopes: Vec<Scope> =
            known.filter(|s| s.name == name.as_str()).map(|s| s.scope).collect();
        if settings::check_cluster_default(name, value).is_ok()
            || settings::all().any(|s| s.cluster_name == Some(name.as_str()))
        {
            scopes.push(Scope::Broker);
        }
        if scopes.is_empty() {
            let names = settings::all().flat_map(|s| [Some(s.name), s.cluster_name]).flatten();
            let guess =
                nearest(name, names).map(|n| format!("; did you mean {n}?")).unwrap_or_default();
            return Err(format!("no process has a setting {name}{guess}"));
        }
        for scope in scopes {
            apply(scenario, scope, name, value);
        }
    }
    Ok(())
}

fn apply(scenario: &mut Scenario, scope: Scope, name: &str, value: &str) {
    match scope {
        Scope::Broker | Scope::Controller => put(&mut scenario.settings, name, value),
        Scope::Topic => {
            scenario.topics.iter_mut().for_each(|t| put(&mut t.configs, name, value));
        }
        Scope::Producer => {
            scenario.producers.iter_mut().for_each(|p| put(&mut p.settings, name, value));
        }
        Scope::Consumer => {
            scenario.consumers.iter_mut().for_each(|c| put(&mut c.settings, name, value));
        }
    }
}

fn put(pairs: &mut Vec<(Name, Name)>, name: &str, value: &str) {
    match pairs.iter_mut().find(|(n, _)| &**n == name) {
        Some((_, old)) => *old = value.into(),
        None => pairs.push((name.into(), value.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use highwater_sim::{ProducerSpec, TopicSpec};

    fn pairs(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.into(), value.into())]
    }

    #[test]
    fn each_name_goes_where_it_is_read() {
        let mut scenario = Scenario {
            topics: vec![TopicSpec {
                configs: vec![("min.insync.replicas".into(), "2".into())],
                ..TopicSpec::default()
            }],
            producers: vec![ProducerSpec::default()],
            ..Scenario::default()
        };
        for (name, value) in
            [("acks", "1"), ("min.insync.replicas", "1"), ("broker.session.timeout.ms", "3000")]
        {
            override_settings(&mut scenario, &pairs(name, value)).expect(name);
        }
        assert_eq!(scenario.producers[0].settings, vec![("acks".into(), "1".into())]);
        assert_eq!(scenario.topics[0].configs, vec![("min.insync.replicas".into(), "1".into())]);
        assert!(scenario.settings.contains(&("broker.session.timeout.ms".into(), "3000".into())));
    }

    #[test]
    fn an_unknown_name_suggests_the_nearest() {
        let error =
            override_settings(&mut Scenario::default(), &pairs("ack", "1")).expect_err("unknown");
        assert!(error.contains("did you mean acks?"), "{error}");
    }
}
