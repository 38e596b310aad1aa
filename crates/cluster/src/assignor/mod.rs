//! How a consumer group's leader divides partitions among members, and the bytes in which
//! subscriptions and assignments travel.

mod protocol;
mod strategy;
#[cfg(test)]
mod tests;
pub(crate) mod wire;

pub use protocol::{Assignment, HIGHEST_VERSION, PROTOCOL_TYPE, Subscription, TopicPartitions};
pub use strategy::{Assignor, GroupAssignment, MemberSubscription};
pub use wire::Malformed;
