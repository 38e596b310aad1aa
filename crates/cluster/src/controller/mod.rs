//! The controller: the one process that decides who is alive, who leads and who is in sync, and
//! writes each decision to the metadata log (Kafka: `QuorumController` and its managers).
//!
//! One node stands for the quorum: a record takes effect when it is appended, because a majority of
//! one has it. Brokers learn of it as in Kafka, by fetching the metadata log.

mod alter_partition;
mod brokers;
mod configs;
mod elections;
mod leadership;
mod metadata_log;
mod partition_change;
mod session;
#[cfg(test)]
mod tests;
mod topics;
pub(crate) use topics::check_name;
pub use topics::check_topic_name;

pub use session::BrokerSession;

use crate::{
    Actor, Body, BrokerId, Context, ControllerConfig, Correlation, Input, MetadataImage, Name,
    NodeId, Request, Response, Span, Timer, TopicConfig, TopicId,
};
use highwater_log::Offset;
use highwater_sorted::SortedMap;
use metadata_log::{MetadataLog, ParkedFetch};
use std::sync::Arc;

/// The controller's state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Controller {
    config: ControllerConfig,
    log: MetadataLog,
    sessions: SortedMap<BrokerId, BrokerSession>,
    parked: SortedMap<BrokerId, ParkedFetch>,
}

impl Controller {
    /// A controller of an empty cluster. `cluster_defaults` are topic settings under brokers' names
    /// ([`crate::settings::cluster_defaults`]), already checked; they open the metadata log.
    pub fn new(config: ControllerConfig, cluster_defaults: &[(Name, Name)]) -> Self {
        let mut log = MetadataLog::default();
        for (name, value) in cluster_defaults {
            log.append(crate::MetadataRecord::Config {
                topic: None,
                name: name.clone(),
                value: value.clone(),
            });
        }
        Self { config, log, sessions: SortedMap::new(), parked: SortedMap::new() }
    }

    /// Its settings.
    pub fn config(&self) -> &ControllerConfig {
        &self.config
    }

    /// What its log says, all of it.
    pub fn image(&self) -> &MetadataImage {
        self.log.image()
    }

    /// The same image, shared.
    pub fn shared_image(&self) -> &Arc<MetadataImage> {
        self.log.shared_image()
    }

    /// Next offset of the metadata log; everything below is committed.
    pub fn log_end_offset(&self) -> Offset {
        self.log.end_offset()
    }

    /// Records of the metadata log from `offset` on.
    pub fn records_from(
        &self,
        offset: Offset,
    ) -> impl Iterator<Item = (Offset, &crate::MetadataRecord)> {
        self.log.records_from(offset)
    }

    /// Sessions of brokers: who has been heard when, and until when that holds.
    pub fn sessions(&self) -> &SortedMap<BrokerId, BrokerSession> {
        &self.sessions
    }

    /// Effective settings of a topic.
    pub fn topic_config(&self, topic: TopicId) -> TopicConfig {
        crate::settings::effective_topic_config(self.image(), topic)
    }

    fn request(
        &mut self,
        from: NodeId,
        correlation: Correlation,
        request: &Request,
        ctx: &mut Context<'_>,
    ) {
        let response = match request {
            Request::BrokerRegistration(r) => Response::BrokerRegistration(self.register(r, ctx)),
            Request::BrokerHeartbeat(r) => Response::BrokerHeartbeat(self.heartbeat(r, ctx)),
            Request::AlterPartition(r) => Response::AlterPartition(self.alter_partition(r, ctx)),
            Request::CreateTopics(r) => Response::CreateTopics(self.create_topic(r, ctx)),
            Request::CreatePartitions(r) => {
                Response::CreatePartitions(self.create_partitions(r, ctx))
            }
            Request::ElectLeaders(r) => Response::ElectLeaders(self.elect_leaders(r, ctx)),
            Request::IncrementalAlterConfigs(r) => {
                Response::IncrementalAlterConfigs(self.alter_configs(r, ctx))
            }
            Request::Metadata(r) => Response::Metadata(self.describe_topics(r)),
            Request::FetchMetadataLog(r) => {
                self.fetch_metadata(from, correlation, r, ctx);
                return;
            }
            // Nobody sends the others to the controller; a client that did would wait in vain.
            _ => return,
        };
        ctx.send(from, correlation, response);
    }

    /// After a restart all that is known is the log: waiting fetches are gone with their connections, and every
    /// registered broker has a whole session to be heard again (Kafka: `ClusterControlManager.activate`).
    fn start(&mut self, ctx: &mut Context<'_>) {
        self.parked.clear();
        self.sessions.clear();
        let registered: Vec<_> =
            self.image().brokers.iter().map(|(id, b)| (*id, b.broker_epoch)).collect();
        for (broker, broker_epoch) in registered {
            self.touch(broker, broker_epoch, None, ctx);
        }
        self.schedule_leader_imbalance_check(ctx);
        self.schedule_unclean_election_check(ctx);
    }

    fn schedule_leader_imbalance_check(&self, ctx: &mut Context<'_>) {
        if self.config.auto_leader_rebalance_enable {
            let ms = self.config.leader_imbalance_check_interval_seconds * 1000;
            ctx.set_timer(Timer::LeaderImbalanceCheck, ctx.now + Span::from_ms(ms));
        }
    }

    fn schedule_unclean_election_check(&self, ctx: &mut Context<'_>) {
        let interval = Span::from_ms(self.config.unclean_leader_election_interval_ms);
        ctx.set_timer(Timer::UncleanElectionCheck, ctx.now + interval);
    }

    fn timer(&mut self, timer: Timer, ctx: &mut Context<'_>) {
        match timer {
            Timer::BrokerSession(broker) => self.session_timer(broker, ctx),
            Timer::MetadataFetchWait(broker) => self.metadata_fetch_wait_over(broker, ctx),
            Timer::LeaderImbalanceCheck => {
                if self.balance_leaders(ctx) {
                    // More than one run may change is left: go on at once.
                    ctx.set_timer(Timer::LeaderImbalanceCheck, ctx.now);
                } else {
                    self.schedule_leader_imbalance_check(ctx);
                }
            }
            Timer::UncleanElectionCheck => {
                self.elect_unclean_leaders(ctx);
                self.schedule_unclean_election_check(ctx);
            }
            _ => {}
        }
    }
}

impl Actor for Controller {
    fn handle(&mut self, input: Input, ctx: &mut Context<'_>) {
        match input {
            Input::Start => self.start(ctx),
            Input::Message(message) => {
                if let Body::Request(request) = &message.body {
                    self.request(message.from, message.correlation, request, ctx);
                }
            }
            Input::Timer(timer) => self.timer(timer, ctx),
            Input::Disconnected { .. } | Input::Command(_) => {}
        }
        self.answer_parked(ctx);
    }
}
