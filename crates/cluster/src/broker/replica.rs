//! What a leader knows of one follower.

use crate::{KafkaError, Time};
use highwater_log::Offset;
use std::cmp::max;

/// A leader's knowledge of one follower, learnt from its fetches only (Kafka: `ReplicaState`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplicaState {
    /// Offset of its last fetch: it has everything below. -1 = not known yet.
    pub log_end_offset: Offset,
    /// Its log start offset, as its last fetch said; -1 = not known yet.
    pub log_start_offset: Offset,
    /// The leader's log end offset when the follower last fetched; -1 or 0 before the first fetch.
    pub last_fetch_leader_log_end_offset: Offset,
    /// When it last fetched; `None` = never (Kafka: 0).
    pub last_fetch_time: Option<Time>,
    /// The last moment at which it is known to have had all there was; `None` = never (Kafka: 0).
    pub last_caught_up_time: Option<Time>,
    /// The broker epoch in its last fetch; `None` = not known yet, -1 = an asker that does not tell.
    pub broker_epoch: Option<i64>,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self {
            log_end_offset: -1,
            log_start_offset: -1,
            last_fetch_leader_log_end_offset: 0,
            last_fetch_time: None,
            last_caught_up_time: None,
            broker_epoch: None,
        }
    }
}

/// One fetch of a follower as its leader sees it.
#[derive(Clone, Copy, Debug)]
pub struct FollowerFetch {
    /// Fetch offset.
    pub fetch_offset: Offset,
    /// The follower's log start offset.
    pub log_start_offset: Offset,
    /// When the leader read its log for it.
    pub time: Time,
    /// The leader's log end offset at that moment.
    pub leader_log_end_offset: Offset,
    /// The follower's broker epoch; -1 = not told.
    pub broker_epoch: i64,
}

impl ReplicaState {
    /// Takes a fetch in. `registered_epoch` is the follower's broker epoch in the metadata, if it is registered.
    ///
    /// NOT_LEADER_OR_FOLLOWER when the fetch comes from an earlier life of the follower (KIP-903).
    pub fn update_fetch_state(
        &mut self,
        fetch: FollowerFetch,
        registered_epoch: Option<i64>,
    ) -> Result<(), KafkaError> {
        if fetch.broker_epoch != -1 {
            let newest = max(self.broker_epoch, registered_epoch);
            if newest.is_some_and(|epoch| epoch > fetch.broker_epoch) {
                return Err(KafkaError::NotLeaderOrFollower);
            }
        }
        if fetch.fetch_offset >= fetch.leader_log_end_offset {
            self.last_caught_up_time = max(self.last_caught_up_time, Some(fetch.time));
        } else if fetch.fetch_offset >= self.last_fetch_leader_log_end_offset {
            // It has by now read all that existed when it fetched the last time, so it was caught up then.
            self.last_caught_up_time = max(self.last_caught_up_time, self.last_fetch_time);
        }
        self.log_start_offset = fetch.log_start_offset;
        self.log_end_offset = fetch.fetch_offset;
        self.last_fetch_leader_log_end_offset =
            max(fetch.leader_log_end_offset, self.last_fetch_leader_log_end_offset);
        self.last_fetch_time = Some(fetch.time);
        self.broker_epoch = Some(fetch.broker_epoch);
        Ok(())
    }

    /// Starts over for a new leader epoch. `new_leader`: this broker did not lead before, so what it knew is void.
    pub fn reset(
        &mut self,
        now: Time,
        leader_log_end_offset: Offset,
        new_leader: bool,
        in_sync: bool,
    ) {
        let caught_up = if in_sync { Some(now) } else { None };
        if new_leader {
            *self = Self {
                last_fetch_leader_log_end_offset: -1,
                last_caught_up_time: caught_up,
                ..Self::default()
            };
        } else {
            self.last_fetch_leader_log_end_offset = leader_log_end_offset;
            self.last_fetch_time = caught_up;
            self.last_caught_up_time = caught_up;
        }
    }

    /// Whether it counts as in sync: it has all there is, or had within `max_lag_ms` (`replica.lag.time.max.ms`).
    pub fn is_caught_up(&self, leader_log_end_offset: Offset, now: Time, max_lag_ms: i64) -> bool {
        self.log_end_offset == leader_log_end_offset
            || self
                .last_caught_up_time
                .is_some_and(|at| now.since(at) <= crate::Span::from_ms(max_lag_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAG: i64 = 30_000;

    fn fetch(
        fetch_offset: Offset,
        log_start_offset: Offset,
        leader: Offset,
        ms: u64,
    ) -> FollowerFetch {
        FollowerFetch {
            fetch_offset,
            log_start_offset,
            time: Time::from_ms(ms),
            leader_log_end_offset: leader,
            broker_epoch: 1,
        }
    }

    /// The facts of Kafka's ReplicaTest.
    #[test]
    fn caught_up_time_follows_the_fetches() {
        let mut r = ReplicaState::default();
        assert!(!r.is_caught_up(0, Time::from_ms(0), LAG));
        r.update_fetch_state(fetch(5, 1, 10, 5_000), None).unwrap();
        assert_eq!((r.log_end_offset, r.last_caught_up_time), (5, None));
        assert_eq!(r.last_fetch_leader_log_end_offset, 10);
        r.update_fetch_state(fetch(10, 2, 15, 6_000), None).unwrap();
        assert_eq!(r.last_caught_up_time, Some(Time::from_ms(5_000)));
        assert!(r.is_caught_up(16, Time::from_ms(35_000), LAG));
        assert!(!r.is_caught_up(16, Time::from_ms(35_001), LAG));
        r.update_fetch_state(fetch(15, 3, 15, 7_000), None).unwrap();
        assert_eq!(r.last_caught_up_time, Some(Time::from_ms(7_000)));
        assert_eq!((r.log_start_offset, r.last_fetch_leader_log_end_offset), (3, 15));
        assert!(r.is_caught_up(15, Time::from_ms(9_000_000), LAG), "all there is, for ever");
    }

    /// A follower always one fetch behind a growing log stays in sync (06, 6.2, the worked case).
    #[test]
    fn one_fetch_behind_stays_in_sync() {
        let mut r = ReplicaState::default();
        r.update_fetch_state(fetch(100, 0, 100, 0), None).unwrap();
        assert_eq!(r.last_caught_up_time, Some(Time(0)));
        r.update_fetch_state(fetch(150, 0, 200, 11_000), None).unwrap();
        assert_eq!(r.last_caught_up_time, Some(Time(0)));
        r.update_fetch_state(fetch(200, 0, 300, 12_000), None).unwrap();
        assert_eq!(r.last_caught_up_time, Some(Time::from_ms(11_000)));
    }

    #[test]
    fn an_earlier_life_of_the_follower_is_refused() {
        let mut r = ReplicaState::default();
        let refused = r.update_fetch_state(fetch(5, 0, 10, 1), Some(2));
        assert_eq!(refused, Err(KafkaError::NotLeaderOrFollower));
        assert_eq!(r, ReplicaState::default());
        let silent = FollowerFetch { broker_epoch: -1, ..fetch(5, 0, 10, 1) };
        assert_eq!(r.update_fetch_state(silent, Some(2)), Ok(()));
        assert_eq!(r.broker_epoch, Some(-1));
        // The leader's metadata may be behind what the follower itself has said.
        let newer = FollowerFetch { broker_epoch: 3, ..fetch(6, 0, 10, 2) };
        assert_eq!(r.update_fetch_state(newer, Some(2)), Ok(()));
        let older = FollowerFetch { broker_epoch: 2, ..fetch(7, 0, 10, 3) };
        assert_eq!(r.update_fetch_state(older, Some(2)), Err(KafkaError::NotLeaderOrFollower));
        assert_eq!(r.log_end_offset, 6);
    }

    #[test]
    fn a_new_leader_forgets_and_a_leader_again_keeps() {
        let now = Time::from_ms(50);
        let mut r = ReplicaState::default();
        r.update_fetch_state(fetch(5, 1, 10, 1), None).unwrap();
        let mut kept = r.clone();
        kept.reset(now, 10, false, true);
        assert_eq!(
            (kept.log_end_offset, kept.log_start_offset, kept.broker_epoch),
            (5, 1, Some(1))
        );
        assert_eq!((kept.last_fetch_time, kept.last_caught_up_time), (Some(now), Some(now)));
        assert_eq!(kept.last_fetch_leader_log_end_offset, 10);
        r.reset(now, 10, true, false);
        assert_eq!((r.log_end_offset, r.log_start_offset, r.broker_epoch), (-1, -1, None));
        assert_eq!((r.last_fetch_leader_log_end_offset, r.last_fetch_time), (-1, None));
        assert_eq!(r.last_caught_up_time, None);
    }
}
