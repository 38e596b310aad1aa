//! Broker, controller, group coordinator, producer, consumer and admin client as sans-IO state
//! machines: an input and the time go in, effects come out. Schedules nothing, draws no random
//! number, opens no file by itself.

mod actor;
mod admin;
mod api;
pub mod assignor;
mod broker;
mod command;
mod config;
pub mod consumer;
mod controller;
mod error;
pub mod group;
mod ids;
mod metadata;
mod murmur2;
mod placement;
mod producer;
pub mod settings;
#[cfg(test)]
mod test_bench;
mod time;
mod trace;

pub use actor::*;
pub use admin::AdminClient;
pub use api::*;
pub use broker::*;
pub use command::*;
pub use config::*;
pub use controller::{BrokerSession, Controller, check_topic_name};
pub use error::*;
pub use ids::*;
pub use metadata::*;
pub use murmur2::{murmur2, partition_for_key};
pub use placement::{
    ChosenPlacement, PlacementError, PlacementRandom, UsableBroker, place as place_replicas,
};
pub use producer::{Acked, AckedList, Producer, ProducerBatch, ProducerCounters};
pub use time::*;
pub use trace::*;
