//! Start, registration, heartbeats and controlled shutdown (Kafka: `BrokerLifecycleManager`; KIP-631).

use super::checkpoint;
use super::core::{Core, FoundOnDisk};
use crate::{
    BrokerHeartbeatRequest, BrokerHeartbeatResponse, BrokerRegistrationRequest,
    BrokerRegistrationResponse, Context, Correlation, Effect, KafkaError, NodeId, Request, Span,
    Time, Timer,
};

/// First back-off after a failed registration; doubles.
const REGISTRATION_BACKOFF_MS: i64 = 100;
/// Longest back-off between registrations.
const REGISTRATION_BACKOFF_MAX_MS: i64 = 9_000;
/// A controlled shutdown that the controller does not grant ends after this time all the same.
const SHUT_DOWN_TIMEOUT: Span = Span(300_000_000);

/// Where a broker stands with the controller.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Lifecycle {
    pub state: State,
    /// -1 = not registered.
    pub broker_epoch: i64,
    /// Fenced, as the last heartbeat's answer said.
    pub fenced: bool,
    /// The metadata log has been read up to its end once.
    pub ready_to_unfence: bool,
    /// Requests are taken (Kafka: `SocketServer.enableRequestProcessing`).
    pub listens: bool,
    /// From `.kafka_cleanshutdown`; -1 after an unclean stop.
    pub previous_broker_epoch: i64,
    registration: Option<Correlation>,
    registration_failures: u32,
    heartbeat: Option<Correlation>,
}

/// States of the process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// Not registered yet, or not yet unfenced.
    Starting,
    /// At work.
    Running,
    /// Asked the controller for leave at this moment.
    ShuttingDown(Time),
    /// Ended.
    Stopped,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            state: State::Starting,
            broker_epoch: -1,
            fenced: true,
            ready_to_unfence: false,
            listens: false,
            previous_broker_epoch: -1,
            registration: None,
            registration_failures: 0,
            heartbeat: None,
        }
    }
}

impl Core {
    pub(super) fn is_stopped(&self) -> bool {
        self.lifecycle.state == State::Stopped
    }

    pub(super) fn is_shutting_down(&self) -> bool {
        matches!(self.lifecycle.state, State::ShuttingDown(_))
    }

    pub(super) fn start(&mut self, ctx: &mut Context<'_>) {
        let previous = checkpoint::read_clean_shutdown(ctx.disk);
        self.found = FoundOnDisk {
            recovery_points: checkpoint::read(ctx.disk, checkpoint::RECOVERY_POINT_FILE),
            log_starts: checkpoint::read(ctx.disk, checkpoint::LOG_START_FILE),
            high_watermarks: checkpoint::read(ctx.disk, checkpoint::HIGH_WATERMARK_FILE),
            clean_shutdown: ctx.disk.len(checkpoint::CLEAN_SHUTDOWN_FILE).is_some(),
        };
        self.lifecycle.previous_broker_epoch = previous.unwrap_or(-1);
        // From here on a crash is a crash. A file that cannot be removed would make it look orderly; then the
        // logs are looked through at the next start only where checkpoints say so.
        let _ = ctx.disk.remove(checkpoint::CLEAN_SHUTDOWN_FILE);
        self.register(ctx);
        self.fetch_metadata_log(ctx);
        self.set_log_timers(ctx);
        self.set_isr_expiration(ctx);
    }

    pub(super) fn register(&mut self, ctx: &mut Context<'_>) {
        let correlation = self.next_correlation();
        self.lifecycle.registration = Some(correlation);
        let request = BrokerRegistrationRequest {
            broker_id: self.id,
            incarnation: self.incarnation,
            rack: self.rack.clone(),
            previous_broker_epoch: self.lifecycle.previous_broker_epoch,
        };
        ctx.send(NodeId::Controller, correlation, Request::BrokerRegistration(request));
        ctx.set_timer(
            Timer::RegistrationRetry,
            ctx.now + Span::from_ms(self.config.request_timeout_ms),
        );
    }

    pub(super) fn handle_registration_response(
        &mut self,
        correlation: Correlation,
        response: &BrokerRegistrationResponse,
        ctx: &mut Context<'_>,
    ) {
        if self.lifecycle.registration != Some(correlation) {
            return;
        }
        if response.error.is_some() {
            return self.registration_failed(correlation, ctx);
        }
        self.lifecycle.registration = None;
        self.lifecycle.registration_failures = 0;
        ctx.cancel_timer(Timer::RegistrationRetry);
        self.lifecycle.broker_epoch = response.broker_epoch;
        for fetcher in self.fetchers.values_mut() {
            fetcher.changed();
        }
        self.heartbeat_due(ctx);
    }

    /// Refused (an earlier life of this broker may still count as alive) or lost: tried again.
    pub(super) fn registration_failed(&mut self, correlation: Correlation, ctx: &mut Context<'_>) {
        if self.lifecycle.registration != Some(correlation) {
            return;
        }
        self.lifecycle.registration = None;
        let doubled = REGISTRATION_BACKOFF_MS << self.lifecycle.registration_failures.min(10);
        self.lifecycle.registration_failures += 1;
        let wait = Span::from_ms(doubled.min(REGISTRATION_BACKOFF_MAX_MS));
        ctx.set_timer(Timer::RegistrationRetry, ctx.now + wait);
    }

    /// The metadata is read up to its end: this broker may be unfenced.
    pub(super) fn ready_to_unfence(&mut self, ctx: &mut Context<'_>) {
        if !self.lifecycle.ready_to_unfence {
            self.lifecycle.ready_to_unfence = true;
            self.heartbeat_due(ctx);
        }
    }

    /// Once the metadata has been read up to this broker's own registration, it takes requests; before that it
    /// could answer with what its earlier life knew (Kafka: `BrokerServer.startup`, `initialCatchUpFuture`).
    pub(super) fn listen_when_caught_up(&mut self) {
        let lifecycle = &mut self.lifecycle;
        let registered =
            lifecycle.broker_epoch >= 0 && self.image.next_offset > lifecycle.broker_epoch;
        lifecycle.listens |= lifecycle.ready_to_unfence && registered;
    }

    /// Sends a heartbeat and sets the timer for the next.
    pub(super) fn heartbeat_due(&mut self, ctx: &mut Context<'_>) {
        if let State::ShuttingDown(since) = self.lifecycle.state
            && ctx.now.since(since) >= SHUT_DOWN_TIMEOUT
        {
            return self.finish_shut_down(ctx);
        }
        if self.lifecycle.broker_epoch == -1 {
            return; // The answer to the registration comes first.
        }
        let correlation = self.next_correlation();
        self.lifecycle.heartbeat = Some(correlation);
        let request = BrokerHeartbeatRequest {
            broker_id: self.id,
            broker_epoch: self.lifecycle.broker_epoch,
            current_metadata_offset: self.image.next_offset,
            want_fence: !self.lifecycle.ready_to_unfence,
            want_shut_down: self.is_shutting_down(),
        };
        ctx.send(NodeId::Controller, correlation, Request::BrokerHeartbeat(request));
        let interval = Span::from_ms(self.config.broker_heartbeat_interval_ms).max(Span(1000));
        ctx.set_timer(Timer::BrokerHeartbeat, ctx.now + interval);
    }

    pub(super) fn handle_heartbeat_response(
        &mut self,
        correlation: Correlation,
        response: &BrokerHeartbeatResponse,
        ctx: &mut Context<'_>,
    ) {
        if self.lifecycle.heartbeat != Some(correlation) {
            return;
        }
        self.lifecycle.heartbeat = None;
        match response.error {
            None => {}
            Some(KafkaError::StaleBrokerEpoch | KafkaError::BrokerIdNotRegistered) => {
                if self.lifecycle.registration.is_none() {
                    self.register(ctx);
                }
                return;
            }
            Some(_) => return, // The next heartbeat tries again.
        }
        self.lifecycle.fenced = response.is_fenced;
        match self.lifecycle.state {
            State::Starting if !response.is_fenced => self.lifecycle.state = State::Running,
            State::ShuttingDown(_) if response.should_shut_down => self.finish_shut_down(ctx),
            _ => {}
        }
    }

    /// Controlled shutdown: asks the controller to move leaderships away and waits for its leave.
    pub(super) fn begin_shut_down(&mut self, ctx: &mut Context<'_>) {
        if self.is_shutting_down() {
            return;
        }
        self.lifecycle.state = State::ShuttingDown(ctx.now);
        if self.lifecycle.broker_epoch == -1 {
            return self.finish_shut_down(ctx);
        }
        self.heartbeat_due(ctx);
    }

    fn finish_shut_down(&mut self, ctx: &mut Context<'_>) {
        self.stop_fetchers(ctx);
        self.close_logs(ctx);
        self.lifecycle.state = State::Stopped;
        ctx.out.push(Effect::Stop);
    }
}
