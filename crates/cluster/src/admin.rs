//! The admin client: what people ask of the cluster, as requests to the controller (Kafka:
//! `KafkaAdminClient`; it may talk to the controller directly since KIP-919).

use crate::{
    Actor, AlterConfigsRequest, Body, Command, Context, Correlation, CreatePartitionsRequest,
    CreateTopicsRequest, ElectLeadersRequest, ElectionType, Input, KafkaError, MetadataRequest,
    MetadataResponse, Name, NodeId, Request, Response, Span, Time, Timer, TopicPartition,
    TraceEvent,
};
use highwater_sorted::SortedMap;

/// `request.timeout.ms` of the admin client.
const REQUEST_TIMEOUT_MS: i64 = 30_000;
/// `default.api.timeout.ms`: how long a call is tried again.
const API_TIMEOUT_MS: i64 = 60_000;
/// Longest `retry.backoff.ms` before the next try; the first is 100 ms.
const RETRY_BACKOFF_MS: (i64, i64) = (100, 1000);

/// A call of the user.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Call {
    CreateTopic(CreateTopicsRequest),
    CreatePartitions(CreatePartitionsRequest),
    /// Names, to be turned into ids by the controller's metadata first.
    ElectLeaders(ElectionType, Option<Vec<(Name, i32)>>),
    /// The same with ids.
    ElectLeadersById(ElectLeadersRequest),
    AlterConfigs(AlterConfigsRequest),
}

/// A call that is under way.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Pending {
    call: Call,
    since: Time,
    attempts: u32,
    /// Sent with this number; `None` = waits for its next try.
    correlation: Option<Correlation>,
    retry_at: Time,
}

/// The admin client's state.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AdminClient {
    next_correlation: Correlation,
    next_call: u64,
    calls: SortedMap<u64, Pending>,
    /// The last refusal: what, error, words, when.
    last_refusal: Option<(Name, KafkaError, String, Time)>,
}

impl Call {
    /// What it is about, in a trace: `CreateTopics orders`.
    fn what(&self) -> Name {
        match self {
            Self::CreateTopic(r) => format!("CreateTopics {}", r.name),
            Self::CreatePartitions(r) => format!("CreatePartitions {}", r.name),
            Self::ElectLeaders(election, _) => format!("ElectLeaders {}", election_name(*election)),
            Self::ElectLeadersById(r) => format!("ElectLeaders {}", election_name(r.election)),
            Self::AlterConfigs(r) => {
                let of = r.topic.as_deref().unwrap_or("the cluster");
                format!("IncrementalAlterConfigs {of}")
            }
        }
        .into()
    }

    fn request(&self) -> Request {
        match self {
            Self::CreateTopic(r) => Request::CreateTopics(r.clone()),
            Self::CreatePartitions(r) => Request::CreatePartitions(r.clone()),
            Self::ElectLeaders(_, partitions) => {
                let mut topics: Vec<Name> =
                    partitions.iter().flatten().map(|(name, _)| name.clone()).collect();
                highwater_sorted::sort(&mut topics);
                topics.dedup();
                Request::Metadata(MetadataRequest { topics: Some(topics) })
            }
            Self::ElectLeadersById(r) => Request::ElectLeaders(r.clone()),
            Self::AlterConfigs(r) => Request::IncrementalAlterConfigs(r.clone()),
        }
    }
}

fn election_name(election: ElectionType) -> &'static str {
    match election {
        ElectionType::Preferred => "PREFERRED",
        ElectionType::Unclean => "UNCLEAN",
    }
}

impl AdminClient {
    /// An admin client without calls.
    pub fn new() -> Self {
        Self { next_correlation: 1, ..Self::default() }
    }

    /// Calls that are not answered yet: what and since when.
    pub fn pending(&self) -> impl Iterator<Item = (Name, Time)> {
        self.calls.values().map(|p| (p.call.what(), p.since))
    }

    /// The last call that was refused: what, error, words, when.
    pub fn last_refusal(&self) -> Option<&(Name, KafkaError, String, Time)> {
        self.last_refusal.as_ref()
    }

    fn begin(&mut self, call: Call, ctx: &mut Context<'_>) {
        // All partitions need no names.
        let call = match call {
            Call::ElectLeaders(election, None) => {
                Call::ElectLeadersById(ElectLeadersRequest { election, partitions: None })
            }
            other => other,
        };
        let id = self.next_call;
        self.next_call += 1;
        let pending =
            Pending { call, since: ctx.now, attempts: 0, correlation: None, retry_at: ctx.now };
        self.calls.insert(id, pending);
        self.send(id, ctx);
    }

    fn send(&mut self, id: u64, ctx: &mut Context<'_>) {
        let correlation = self.next_correlation;
        let Some(pending) = self.calls.get_mut(&id) else { return };
        self.next_correlation += 1;
        pending.correlation = Some(correlation);
        let timeout = Span::from_ms(REQUEST_TIMEOUT_MS);
        ctx.set_timer(Timer::RequestTimeout(correlation), ctx.now + timeout);
        ctx.send(NodeId::Controller, correlation, pending.call.request());
    }

    fn id_of(&self, correlation: Correlation) -> Option<u64> {
        self.calls.iter().find(|(_, p)| p.correlation == Some(correlation)).map(|(id, _)| *id)
    }

    fn answered(&mut self, correlation: Correlation, response: &Response, ctx: &mut Context<'_>) {
        let Some(id) = self.id_of(correlation) else { return };
        let Some(pending) = self.calls.remove(&id) else { return };
        ctx.cancel_timer(Timer::RequestTimeout(correlation));
        let refusal = match response {
            Response::CreateTopics(r) => r.error.map(|e| (e, r.message.clone())),
            Response::CreatePartitions(r) => r.error.map(|e| (e, r.message.clone())),
            Response::IncrementalAlterConfigs(r) => r.error.map(|e| (e, r.message.clone())),
            Response::ElectLeaders(r) => {
                for (tp, error) in &r.partitions {
                    ctx.trace(TraceEvent::ElectionAnswered { tp: *tp, error: *error });
                }
                None
            }
            Response::Metadata(r) => {
                self.with_ids(&pending.call, r, ctx);
                None
            }
            _ => None,
        };
        if let Some((error, message)) = refusal {
            self.refuse(pending.call.what(), error, message.unwrap_or_default(), ctx);
        }
    }

    /// The election by names goes on by ids; a name that nobody knows is refused.
    fn with_ids(&mut self, call: &Call, metadata: &MetadataResponse, ctx: &mut Context<'_>) {
        let Call::ElectLeaders(election, names) = call else { return };
        let mut partitions = Vec::new();
        for (name, partition) in names.iter().flatten() {
            let topic = metadata.topics.iter().find(|t| t.name == *name && t.error.is_none());
            match topic {
                Some(topic) => partitions.push(TopicPartition::new(topic.id, *partition)),
                None => {
                    let message = format!("no topic {name}");
                    let error = KafkaError::UnknownTopicOrPartition;
                    self.refuse(call.what(), error, message, ctx);
                }
            }
        }
        if !partitions.is_empty() {
            let (election, partitions) = (*election, Some(partitions));
            self.begin(Call::ElectLeadersById(ElectLeadersRequest { election, partitions }), ctx);
        }
    }

    fn refuse(&mut self, what: Name, error: KafkaError, message: String, ctx: &mut Context<'_>) {
        self.last_refusal = Some((what.clone(), error, message.clone(), ctx.now));
        ctx.trace(TraceEvent::AdminRefused { what, error, message });
    }

    /// The controller did not answer: tried again until `default.api.timeout.ms` is over.
    fn broken(&mut self, correlation: Correlation, ctx: &mut Context<'_>) {
        let Some(id) = self.id_of(correlation) else { return };
        ctx.cancel_timer(Timer::RequestTimeout(correlation));
        let Some(pending) = self.calls.get_mut(&id) else { return };
        let (first, most) = RETRY_BACKOFF_MS;
        let backoff = (first << pending.attempts.min(10)).min(most);
        pending.correlation = None;
        pending.attempts += 1;
        pending.retry_at = ctx.now + Span::from_ms(backoff);
        if pending.retry_at < pending.since + Span::from_ms(API_TIMEOUT_MS) {
            self.set_retry_timer(ctx);
            return;
        }
        let what = pending.call.what();
        self.calls.remove(&id);
        let message = format!("no answer from the controller within {API_TIMEOUT_MS} ms");
        self.refuse(what, KafkaError::RequestTimedOut, message, ctx);
    }

    fn set_retry_timer(&self, ctx: &mut Context<'_>) {
        let waiting = self.calls.values().filter(|p| p.correlation.is_none());
        if let Some(at) = waiting.map(|p| p.retry_at).min() {
            ctx.set_timer(Timer::RetryBackoff, at);
        }
    }

    fn retry(&mut self, ctx: &mut Context<'_>) {
        let due: Vec<u64> = self
            .calls
            .iter()
            .filter(|(_, p)| p.correlation.is_none() && p.retry_at <= ctx.now)
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            self.send(id, ctx);
        }
        self.set_retry_timer(ctx);
    }
}

impl Actor for AdminClient {
    fn handle(&mut self, input: Input, ctx: &mut Context<'_>) {
        match input {
            Input::Command(Command::CreateTopic(r)) => self.begin(Call::CreateTopic(r), ctx),
            Input::Command(Command::CreatePartitions(r)) => {
                self.begin(Call::CreatePartitions(r), ctx);
            }
            Input::Command(Command::ElectLeaders { election, partitions }) => {
                self.begin(Call::ElectLeaders(election, partitions), ctx);
            }
            Input::Command(Command::AlterConfigs(r)) => self.begin(Call::AlterConfigs(r), ctx),
            Input::Message(message) => {
                if let Body::Response(response) = &message.body {
                    self.answered(message.correlation, response, ctx);
                }
            }
            Input::Disconnected { correlation, .. } => self.broken(correlation, ctx),
            Input::Timer(Timer::RequestTimeout(correlation)) => self.broken(correlation, ctx),
            Input::Timer(Timer::RetryBackoff) => self.retry(ctx),
            Input::Start | Input::Timer(_) | Input::Command(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_bench::{Scripted, events, feed, sent, timer_at};
    use crate::{Controller, ControllerConfig, CreateTopicsResponse, Effect, Message};

    fn input(admin: &mut AdminClient, ms: u64, input: Input) -> Vec<Effect> {
        feed(admin, NodeId::Admin, Time::from_ms(ms), &mut Scripted::default(), input)
    }

    fn create(admin: &mut AdminClient, name: &str) -> Vec<Effect> {
        let request = CreateTopicsRequest {
            name: name.into(),
            num_partitions: 1,
            replication_factor: 1,
            assignments: Vec::new(),
            configs: Vec::new(),
        };
        input(admin, 0, Input::Command(Command::CreateTopic(request)))
    }

    fn answer(admin: &mut AdminClient, correlation: u64, response: Response) -> Vec<Effect> {
        let (from, to) = (NodeId::Controller, NodeId::Admin);
        let message = Message { from, to, correlation, body: response.into() };
        input(admin, 10, Input::Message(message))
    }

    #[test]
    fn a_refusal_is_told_with_its_words() {
        let mut admin = AdminClient::new();
        let (to, correlation, _) = sent(&create(&mut admin, "a b")).remove(0);
        assert_eq!(to, NodeId::Controller);
        let error = KafkaError::InvalidTopicException;
        let response =
            CreateTopicsResponse { error: Some(error), message: Some("why".into()), id: None };
        let effects = answer(&mut admin, correlation, Response::CreateTopics(response));
        let what = "CreateTopics a b".into();
        let message = "why".to_owned();
        assert_eq!(events(&effects), [TraceEvent::AdminRefused { what, error, message }]);
        assert_eq!(admin.pending().count(), 0);
    }

    #[test]
    fn an_unreachable_controller_is_asked_again() {
        let mut admin = AdminClient::new();
        let (_, correlation, first) = sent(&create(&mut admin, "t")).remove(0);
        let broken = Input::Disconnected { peer: NodeId::Controller, correlation };
        let effects = input(&mut admin, 1, broken);
        assert_eq!(timer_at(&effects, Timer::RetryBackoff), Some(Time::from_ms(101)));
        let effects = input(&mut admin, 101, Input::Timer(Timer::RetryBackoff));
        let (_, again, body) = sent(&effects).remove(0);
        assert_eq!(body, first);
        let late = Input::Disconnected { peer: NodeId::Controller, correlation: again };
        let effects = input(&mut admin, 60_000, late);
        assert!(matches!(
            &events(&effects)[0],
            TraceEvent::AdminRefused { error: KafkaError::RequestTimedOut, .. }
        ));
    }

    #[test]
    fn elections_by_name_go_through_the_controllers_metadata() {
        let mut admin = AdminClient::new();
        let mut controller = Controller::new(ControllerConfig::default(), &[]);
        let partitions = Some(vec![("nope".into(), 0)]);
        let command = Command::ElectLeaders { election: ElectionType::Preferred, partitions };
        let effects = input(&mut admin, 0, Input::Command(command));
        let (to, correlation, body) = sent(&effects).remove(0);
        let message = Message { from: NodeId::Admin, to, correlation, body };
        let chooser = &mut Scripted::default();
        let now = Time(0);
        let effects = feed(&mut controller, to, now, chooser, Input::Message(message));
        let (_, correlation, body) = sent(&effects).remove(0);
        let Body::Response(response) = body else { panic!() };
        let effects = answer(&mut admin, correlation, (*response).clone());
        assert!(matches!(
            &events(&effects)[..],
            [TraceEvent::AdminRefused { error: KafkaError::UnknownTopicOrPartition, .. }]
        ));
    }
}
