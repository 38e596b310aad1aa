//! Committing offsets (Kafka: `ConsumerCoordinator`: `commitOffsetsAsync`, `commitOffsetsSync`,
//! `maybeAutoCommitOffsetsAsync`).

use super::Consumer;
use super::membership::JoinState;
use super::requests::Kind;
use crate::{
    BrokerId, Context, KafkaError, Name, OffsetCommitRequest, OffsetCommitResponse, Request, Span,
    Time, Timer, TopicPartition, TraceEvent,
};
use highwater_log::{LeaderEpoch, Offset};

/// Why a commit is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purpose {
    /// `auto.commit.interval.ms` was over when the application polled.
    Interval,
    /// Before the partitions are given back.
    Rejoin,
    /// On close.
    Close,
    /// The application asked (`commitSync`): tried again until it succeeds or cannot succeed.
    Manual,
}

/// Offsets to commit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Commit {
    pub purpose: Purpose,
    pub generation: i32,
    pub offsets: Vec<(TopicPartition, Offset, LeaderEpoch)>,
}

impl Consumer {
    /// `auto.commit.interval.ms`. With 0 every poll commits and waits for nothing, as fast as the machine can: here, where
    /// handling takes no time, once in a millisecond, the step of Kafka's clock.
    pub(super) fn auto_commit_interval(&self) -> Span {
        Span::from_ms(self.config.auto_commit_interval_ms.max(1))
    }

    pub(super) fn schedule_auto_commit(&mut self, at: Time, ctx: &mut Context<'_>) {
        self.next_auto_commit = at;
        if self.config.enable_auto_commit {
            ctx.set_timer(Timer::AutoCommit, at);
        }
    }

    /// Part of every poll: commits what earlier polls returned, once the interval has passed.
    pub(super) fn auto_commit(&mut self, ctx: &mut Context<'_>) {
        if !self.config.enable_auto_commit || ctx.now < self.next_auto_commit {
            return;
        }
        self.schedule_auto_commit(ctx.now + self.auto_commit_interval(), ctx);
        self.commit_consumed(Purpose::Interval, ctx);
    }

    /// Commits before a rebalance takes the partitions; false when there is nothing to wait for.
    pub(super) fn commit_before_rejoin(&mut self, ctx: &mut Context<'_>) -> bool {
        self.commit_consumed(Purpose::Rejoin, ctx)
    }

    /// Commits all positions; false when nothing could be sent.
    pub(super) fn commit_consumed(&mut self, purpose: Purpose, ctx: &mut Context<'_>) -> bool {
        let commit = Commit { purpose, generation: self.generation, offsets: self.consumed() };
        self.send_commit(commit, ctx)
    }

    /// Only a member of a settled generation may commit (Kafka: `generationIfStable`).
    fn send_commit(&mut self, commit: Commit, ctx: &mut Context<'_>) -> bool {
        let valid = self.join_state == JoinState::Stable && commit.generation == self.generation;
        let Some(coordinator) = self.coordinator.filter(|_| valid && !commit.offsets.is_empty())
        else {
            return false;
        };
        let event = TraceEvent::CommitSent {
            group: self.group.clone(),
            offsets: commit.offsets.iter().map(|(tp, offset, _)| (*tp, *offset)).collect(),
            automatic: commit.purpose != Purpose::Manual,
        };
        ctx.trace(event);
        let request = OffsetCommitRequest {
            group: self.group.clone(),
            generation_id: self.generation,
            member_id: self.member_id.clone(),
            offsets: commit.offsets.clone(),
        };
        let timeout_ms = self.config.request_timeout_ms;
        let request = Request::OffsetCommit(request);
        self.send(coordinator, Kind::Commit(commit), request, timeout_ms, ctx);
        true
    }

    /// Why the application's commit, of its positions or of these offsets, would come to nothing now; `Ok` when it
    /// would be sent. Simplified: Kafka also commits for topics that are not subscribed.
    pub fn check_commit(&self, offsets: Option<&[(Name, i32, Offset)]>) -> Result<(), String> {
        let who = format!("c{}", self.number);
        if self.join_state != JoinState::Stable {
            return Err(format!(
                "{who} is not a settled member of group {} now (it is {}): Kafka's commitSync throws RebalanceInProgressException or CommitFailedException",
                self.group,
                self.doing()
            ));
        }
        let Some(list) = offsets else {
            return match self.consumed().is_empty() {
                true => Err(format!("{who} has no position yet: there is nothing to commit")),
                false => Ok(()),
            };
        };
        for (topic, partition, offset) in list {
            if *offset < 0 {
                return Err(format!(
                    "offset {offset} of {topic}-{partition}: allowed are 0 and more"
                ));
            }
            let Some(known) = self.metadata.topics.get(topic) else {
                let topics = self.topics.join(", ");
                return Err(format!(
                    "{who} commits for the topics it is subscribed to: {topics}, not {topic}"
                ));
            };
            let count = known.leaders.len();
            if usize::try_from(*partition).map_or(true, |p| p >= count) {
                return Err(format!(
                    "there is no {topic}-{partition}: {topic} has {count} partitions"
                ));
            }
        }
        Ok(())
    }

    /// The application commits: its positions, or these offsets. What [`Self::check_commit`] refuses is left out.
    pub(super) fn commit_manually(&mut self, offsets: Option<Vec<(Name, i32, Offset)>>) {
        let offsets = match offsets {
            None => self.consumed(),
            Some(list) => {
                let valid = list.iter().filter(|(_, _, offset)| *offset >= 0);
                valid
                    .filter_map(|(topic, p, offset)| {
                        Some((self.metadata.find(topic, *p)?, *offset, -1))
                    })
                    .collect()
            }
        };
        let generation = self.generation;
        self.queued_commit = Some(Commit { purpose: Purpose::Manual, generation, offsets });
    }

    /// Sends the application's commit when it can be sent, gives it up when it never can.
    pub(super) fn pump_commit(&mut self, ctx: &mut Context<'_>) {
        let Some(commit) = &self.queued_commit else { return };
        let pointless = commit.offsets.is_empty()
            || commit.generation != self.generation
            || self.join_state != JoinState::Stable;
        if pointless {
            self.queued_commit = None;
        } else if self.group_retry_at.is_none() {
            if self.coordinator.is_none() {
                self.find_coordinator(ctx);
            } else if let Some(commit) = self.queued_commit.take() {
                self.send_commit(commit, ctx);
            }
        }
    }

    pub(super) fn commit_answered(
        &mut self,
        commit: Commit,
        from: BrokerId,
        response: &OffsetCommitResponse,
        ctx: &mut Context<'_>,
    ) {
        for (tp, error) in &response.partitions {
            let offset = commit.offsets.iter().find(|(other, _, _)| other == tp);
            if let (None, Some((_, offset, _)), Some(owned)) =
                (error, offset, self.owned.get_mut(tp))
            {
                owned.committed = Some(*offset);
            }
        }
        let error = response.partitions.iter().find_map(|(_, error)| *error);
        match error {
            None => {}
            Some(error @ (KafkaError::UnknownMemberId | KafkaError::IllegalGeneration)) => {
                self.out_of_generation(error, commit.generation);
            }
            Some(
                KafkaError::NotCoordinator
                | KafkaError::CoordinatorNotAvailable
                | KafkaError::RequestTimedOut,
            ) => {
                self.coordinator_lost(from);
                return self.commit_failed_for_now(commit, ctx);
            }
            // Retriable elsewhere, but not here (Kafka: "Topic or Partition ... does not exist", a KafkaException).
            Some(KafkaError::UnknownTopicOrPartition) => {}
            Some(error) if error.retriable() => return self.commit_failed_for_now(commit, ctx),
            Some(_) => {}
        }
        self.commit_over(commit.purpose, ctx);
    }

    /// The commit did not succeed but may when tried again.
    pub(super) fn commit_failed_for_now(&mut self, commit: Commit, ctx: &mut Context<'_>) {
        match commit.purpose {
            Purpose::Manual if self.queued_commit.is_none() => {
                self.queued_commit = Some(commit);
                self.back_off_group(ctx);
            }
            // A later commit of the application replaces it.
            Purpose::Manual => {}
            Purpose::Interval => {
                let soon = ctx.now + Span::from_ms(self.config.retry_backoff_ms);
                self.schedule_auto_commit(soon, ctx);
            }
            // Joining tries again after the back-off.
            Purpose::Rejoin => self.back_off_group(ctx),
            Purpose::Close => self.commit_over(Purpose::Close, ctx),
        }
    }

    fn commit_over(&mut self, purpose: Purpose, ctx: &mut Context<'_>) {
        match purpose {
            // Whatever came of it, it is not tried again.
            Purpose::Rejoin => self.prepare_until = Some(ctx.now),
            Purpose::Close => self.close_membership(ctx),
            Purpose::Interval | Purpose::Manual => {}
        }
    }
}
