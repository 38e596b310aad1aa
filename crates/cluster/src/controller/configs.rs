//! Changes of settings while the cluster runs (Kafka: `ConfigurationControlManager`).

use super::Controller;
use crate::settings::{self, Scope, SettingError};
use crate::{
    AlterConfigsRequest, AlterConfigsResponse, Context, KafkaError, MetadataRecord, Name, TopicId,
};

/// Errors as one text.
pub(super) fn join(errors: &[SettingError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

impl Controller {
    /// All of the request or nothing. Setting what is set already writes no record.
    pub(super) fn alter_configs(
        &mut self,
        request: &AlterConfigsRequest,
        ctx: &mut Context<'_>,
    ) -> AlterConfigsResponse {
        let topic = match &request.topic {
            None => None,
            Some(name) => match self.image().topic_by_name(name) {
                Some((id, _)) => Some(id),
                None => {
                    let message = Some(format!("no topic {name}"));
                    let error = Some(KafkaError::UnknownTopicOrPartition);
                    return AlterConfigsResponse { error, message };
                }
            },
        };
        if let Err((error, message)) = self.check_configs(topic, &request.configs) {
            return AlterConfigsResponse { error: Some(error), message: Some(message) };
        }
        let image = self.image();
        let old = match topic {
            Some(id) => image.topics.get(&id).map(|t| &t.configs),
            None => Some(&image.configs),
        };
        let changed = |(name, value): &&(Name, Name)| old.and_then(|c| c.get(name)) != Some(value);
        let records = request
            .configs
            .iter()
            .filter(changed)
            .map(|(name, value)| MetadataRecord::Config {
                topic,
                name: name.clone(),
                value: value.clone(),
            })
            .collect();
        self.append(records, ctx);
        AlterConfigsResponse { error: None, message: None }
    }

    fn check_configs(
        &self,
        topic: Option<TopicId>,
        configs: &[(Name, Name)],
    ) -> Result<(), (KafkaError, String)> {
        if topic.is_some() {
            let none: &[(&str, &str)] = &[];
            return match settings::resolve_topic(configs, none) {
                Ok(_) => Ok(()),
                Err(errors) => Err((KafkaError::InvalidConfig, join(&errors))),
            };
        }
        for (name, value) in configs {
            let fixed = settings::describe(name).into_iter().find(|s| {
                matches!(s.scope, Scope::Broker | Scope::Controller)
                    && s.cluster_name.is_none()
                    && s.name == &**name
            });
            if let Some(setting) = fixed {
                let message = format!("{} cannot change while the cluster runs", setting.name);
                return Err((KafkaError::InvalidRequest, message));
            }
            if let Err(error) = settings::check_cluster_default(name, value) {
                return Err((KafkaError::InvalidConfig, error.to_string()));
            }
        }
        Ok(())
    }
}
