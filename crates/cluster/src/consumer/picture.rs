//! What a picture of a consumer shows: read-only.

use super::Consumer;
use super::app::{App, Delivered};
use super::membership::JoinState;
use super::positions::Position;
use super::requests::Kind;
use crate::{BrokerId, ConsumerConfig, Name, NodeId, Time, TopicPartition};
use highwater_log::Offset;

/// A partition in a consumer's hands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnedPartition {
    /// Which.
    pub tp: TopicPartition,
    /// Next offset to read; `None` = not known yet.
    pub position: Option<Offset>,
    /// The last commit it knows of.
    pub committed: Option<Offset>,
    /// A Fetch that asks for it is under way.
    pub fetch_in_flight: bool,
    /// Records fetched and not yet polled.
    pub buffered: u32,
    /// High watermark the last fetch response told.
    pub high_watermark: Option<Offset>,
}

impl Consumer {
    /// 1 = c1.
    pub fn number(&self) -> u32 {
        self.number
    }
    /// Its place in the world.
    pub fn node(&self) -> NodeId {
        NodeId::Consumer(self.number)
    }
    /// `group.id`.
    pub fn group(&self) -> &Name {
        &self.group
    }
    /// Topics subscribed, sorted.
    pub fn topics(&self) -> &[Name] {
        &self.topics
    }
    /// Its settings.
    pub fn config(&self) -> &ConsumerConfig {
        &self.config
    }
    /// Microseconds the application takes per record; `None` = polls by hand.
    pub fn processing_us(&self) -> Option<u64> {
        self.processing_us
    }
    /// Member id; empty = none.
    pub fn member_id(&self) -> &Name {
        &self.member_id
    }
    /// Generation; -1 = none.
    pub fn generation(&self) -> i32 {
        self.generation
    }
    /// The coordinator it knows.
    pub fn coordinator(&self) -> Option<BrokerId> {
        self.coordinator
    }
    /// Whether it led the group's last assignment.
    pub fn is_group_leader(&self) -> bool {
        self.assigned_by.is_some()
    }
    /// Why it ended, if an exception ended it.
    pub fn failure(&self) -> Option<&Name> {
        match &self.app {
            App::Failed { reason } => Some(reason),
            _ => None,
        }
    }
    /// Closed in an orderly way.
    pub fn is_closed(&self) -> bool {
        self.app == App::Closed
    }
    /// Holds no partition though its generation is settled.
    pub fn is_idle_member(&self) -> bool {
        self.join_state == JoinState::Stable && self.owned.is_empty() && self.unresolved.is_none()
    }

    /// What it is doing, in a few words.
    pub fn doing(&self) -> &'static str {
        match &self.app {
            App::Closed => "closed",
            App::Failed { .. } => "failed",
            App::Closing { .. } => "closing",
            App::Busy { .. } => "processing",
            App::Away if self.join_state == JoinState::Stable => "between polls",
            App::Away => "not polling",
            App::InPoll { .. } if self.coordinator.is_none() => "finding the coordinator",
            App::InPoll { .. } => match self.join_state {
                JoinState::Unjoined if self.prepared || self.owned.is_empty() => "joining",
                JoinState::Unjoined => "giving partitions back",
                JoinState::Preparing => "waiting for the group",
                JoinState::Completing => "waiting for its assignment",
                JoinState::Stable if self.rejoin_needed => "giving partitions back",
                JoinState::Stable if self.is_idle_member() => "idle",
                JoinState::Stable
                    if !self.owned.values().all(|o| matches!(o.position, Position::At(..))) =>
                {
                    "finding its position"
                }
                JoinState::Stable => "fetching",
            },
        }
    }

    /// Its partitions, in order.
    pub fn owned(&self) -> Vec<OwnedPartition> {
        let show = |(tp, owned): (&TopicPartition, &super::positions::Owned)| OwnedPartition {
            tp: *tp,
            position: match owned.position {
                Position::At(offset, _) | Position::ToValidate(offset, _) => Some(offset),
                _ => None,
            },
            committed: owned.committed,
            fetch_in_flight: self
                .is_waiting_for(|k| matches!(k, Kind::Fetch(l) if l.iter().any(|(p, _)| p == tp))),
            buffered: self.buffered(*tp),
            high_watermark: owned.high_watermark,
        };
        self.owned.iter().map(show).collect()
    }

    fn buffered(&self, tp: TopicPartition) -> u32 {
        let records = self.fetched.iter().filter(|f| f.tp == tp).map(|f| f.records.len());
        u32::try_from(records.sum::<usize>()).unwrap_or(u32::MAX)
    }

    /// Records handed to the application.
    pub fn handed_out(&self) -> u64 {
        self.handed_out
    }
    /// Records handed out by this process a second time or more.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }
    /// Records the application is through with at `now`; those of a poll are processed one by one.
    pub fn processed(&self, now: Time) -> u64 {
        let current = match (&self.app, self.processing_us) {
            (App::Busy { since, count, .. }, Some(each_us)) if each_us > 0 => {
                (now.since(*since).0 / each_us).min(u64::from(*count))
            }
            _ => 0,
        };
        self.processed + current
    }
    /// The last few hundred deliveries, oldest first.
    pub fn delivered(&self) -> impl Iterator<Item = &Delivered> {
        self.delivered.iter()
    }
    /// When the application is done with its records and polls again, while it processes.
    pub fn next_poll(&self) -> Option<Time> {
        match self.app {
            App::Busy { until, .. } => Some(until),
            _ => None,
        }
    }
    /// When the next poll commits by itself.
    pub fn next_auto_commit(&self) -> Option<Time> {
        self.config.enable_auto_commit.then_some(self.next_auto_commit)
    }
}
