//! Registration, heartbeats, fencing and controlled shutdown (Kafka: `ClusterControlManager`,
//! `BrokerHeartbeatManager`; KIP-631).

use super::{BrokerSession, Controller};
use crate::{
    BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerId, BrokerRegistrationRequest,
    BrokerRegistrationResponse, Context, KafkaError, MetadataRecord, Span, Timer,
};
use highwater_log::Offset;

/// Kafka: `BrokerControlState`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ControlState {
    Fenced,
    Unfenced,
    ControlledShutdown,
    ShutdownNow,
}

impl Controller {
    /// A broker (re)starts. It is fenced until it has caught up with its own registration. While the
    /// session of an earlier start lasts, another one is refused, unless that start said that it was
    /// leaving. The same start registering again (its answer was lost) gets the same answer; no second
    /// record is written for it, where Kafka writes an equal one.
    pub(super) fn register(
        &mut self,
        request: &BrokerRegistrationRequest,
        ctx: &mut Context<'_>,
    ) -> BrokerRegistrationResponse {
        let broker = request.broker_id;
        let mut records = Vec::new();
        if let Some(existing) = self.image().brokers.get(&broker) {
            if existing.incarnation == request.incarnation {
                let broker_epoch = existing.broker_epoch;
                self.touch(broker, broker_epoch, None, ctx);
                return BrokerRegistrationResponse { error: None, broker_epoch };
            }
            let session_lasts = self
                .sessions
                .get(&broker)
                .is_some_and(|s| s.broker_epoch == existing.broker_epoch && ctx.now < s.deadline);
            if session_lasts && !existing.in_controlled_shutdown {
                let error = Some(KafkaError::DuplicateBrokerRegistration);
                return BrokerRegistrationResponse { error, broker_epoch: -1 };
            }
            // Without eligible leader replicas a stop counts as a fence, clean or not.
            records = self.records_for_broker_gone(broker);
        }
        records.push(MetadataRecord::RegisterBroker {
            broker,
            incarnation: request.incarnation,
            rack: request.rack.clone(),
            fenced: true,
        });
        self.append(records, ctx);
        let broker_epoch = self.log_end_offset() - 1;
        self.sessions.remove(&broker);
        self.touch(broker, broker_epoch, None, ctx);
        BrokerRegistrationResponse { error: None, broker_epoch }
    }

    /// The broker was heard: its session begins anew.
    pub(super) fn touch(
        &mut self,
        broker: BrokerId,
        broker_epoch: i64,
        metadata_offset: Option<Offset>,
        ctx: &mut Context<'_>,
    ) {
        let deadline = ctx.now + Span::from_ms(self.config.broker_session_timeout_ms);
        let old = self.sessions.get(&broker);
        let session = BrokerSession {
            broker_epoch,
            last_heartbeat: ctx.now,
            deadline,
            metadata_offset: metadata_offset.or(old.map(|s| s.metadata_offset)).unwrap_or(-1),
            controlled_shutdown_offset: old.and_then(|s| s.controlled_shutdown_offset),
        };
        self.sessions.insert(broker, session);
        ctx.set_timer(Timer::BrokerSession(broker), deadline);
    }

    /// A heartbeat can unfence, fence, begin a controlled shutdown or end it.
    pub(super) fn heartbeat(
        &mut self,
        request: &BrokerHeartbeatRequest,
        ctx: &mut Context<'_>,
    ) -> BrokerHeartbeatResponse {
        let broker = request.broker_id;
        let refuse = |error| BrokerHeartbeatResponse {
            error: Some(error),
            is_fenced: true,
            should_shut_down: false,
        };
        let Some(registration) = self.image().brokers.get(&broker) else {
            return refuse(KafkaError::BrokerIdNotRegistered);
        };
        if registration.broker_epoch != request.broker_epoch {
            return refuse(KafkaError::StaleBrokerEpoch);
        }
        let current = self.control_state(broker);
        let next = self.next_state(current, request);
        if next != current {
            let records = match next {
                ControlState::Fenced | ControlState::ShutdownNow => {
                    self.records_for_broker_fenced(broker)
                }
                ControlState::Unfenced => self.records_for_broker_unfenced(broker),
                ControlState::ControlledShutdown => self.records_for_controlled_shutdown(broker),
            };
            self.append(records, ctx);
        }
        self.touch(broker, request.broker_epoch, Some(request.current_metadata_offset), ctx);
        let end = self.log_end_offset();
        if let Some(session) = self.sessions.get_mut(&broker) {
            session.controlled_shutdown_offset = match next {
                ControlState::ControlledShutdown => {
                    session.controlled_shutdown_offset.or(Some(end))
                }
                _ => None,
            };
        }
        BrokerHeartbeatResponse {
            error: None,
            is_fenced: matches!(next, ControlState::Fenced | ControlState::ShutdownNow),
            should_shut_down: next == ControlState::ShutdownNow,
        }
    }

    fn control_state(&self, broker: BrokerId) -> ControlState {
        match self.image().brokers.get(&broker) {
            Some(b) if !b.fenced && b.in_controlled_shutdown => ControlState::ControlledShutdown,
            Some(b) if !b.fenced => ControlState::Unfenced,
            _ => ControlState::Fenced,
        }
    }

    /// Kafka: `BrokerHeartbeatManager.calculateNextBrokerState`.
    fn next_state(&self, current: ControlState, request: &BrokerHeartbeatRequest) -> ControlState {
        let broker = request.broker_id;
        let leads = || self.image().partitions().any(|(_, p)| p.leader == broker);
        match current {
            ControlState::Fenced if request.want_shut_down => ControlState::ShutdownNow,
            // The epoch is the offset of the registration; the heartbeat carries a next offset.
            ControlState::Fenced
                if !request.want_fence
                    && request.current_metadata_offset > request.broker_epoch =>
            {
                ControlState::Unfenced
            }
            ControlState::Fenced => ControlState::Fenced,
            ControlState::Unfenced if request.want_fence => match request.want_shut_down {
                true => ControlState::ShutdownNow,
                false => ControlState::Fenced,
            },
            ControlState::Unfenced if request.want_shut_down => match leads() {
                true => ControlState::ControlledShutdown,
                false => ControlState::ShutdownNow,
            },
            ControlState::Unfenced => ControlState::Unfenced,
            ControlState::ControlledShutdown | ControlState::ShutdownNow => {
                let wanted = self.sessions.get(&broker).and_then(|s| s.controlled_shutdown_offset);
                match !leads() && wanted.is_none_or(|o| o <= self.lowest_active_offset()) {
                    true => ControlState::ShutdownNow,
                    false => ControlState::ControlledShutdown,
                }
            }
        }
    }

    /// How far the slowest active broker has applied the metadata log.
    fn lowest_active_offset(&self) -> Offset {
        self.sessions
            .iter()
            .filter(|(broker, _)| self.image().is_active(**broker))
            .map(|(_, s)| s.metadata_offset)
            .min()
            .unwrap_or(Offset::MAX)
    }

    /// No heartbeat for `broker.session.timeout.ms`. A broker that is fenced already gets a second,
    /// redundant record, as has been seen in Kafka after a controlled shutdown.
    pub(super) fn session_timer(&mut self, broker: BrokerId, ctx: &mut Context<'_>) {
        let Some(session) = self.sessions.get(&broker) else { return };
        if ctx.now < session.deadline {
            return;
        }
        let epoch = session.broker_epoch;
        self.sessions.remove(&broker);
        if self.image().brokers.get(&broker).is_some_and(|b| b.broker_epoch == epoch) {
            let records = self.records_for_broker_fenced(broker);
            self.append(records, ctx);
        }
    }
}
