//! Why a producer's oldest batch is not acknowledged, and why it was refused something.

use super::{Answer, Headline, list};
use crate::explain::facts::ClientFact;
use highwater_cluster::{
    Body, BrokerId, KafkaError, NodeId, Producer, ProducerBatch, Request, Response, Span, Time,
    Timer, TopicPartition,
};

impl<'a> Answer<'a> {
    fn producer(&self, number: u32) -> Result<&'a Producer, String> {
        self.world.producer(number).ok_or_else(|| {
            let all = self.world.nodes().filter(|(id, _)| matches!(id, NodeId::Producer(_)));
            let all: Vec<String> = all.map(|(id, _)| id.to_string()).collect();
            format!("there is no p{number}; there are {}", list(&all))
        })
    }

    pub(super) fn produce(&mut self, number: u32) -> Headline {
        let producer = self.producer(number)?;
        let node = NodeId::Producer(number);
        self.pick(node.to_string());
        let runs = self.tell_process(node);
        let acks = producer.config().acks;
        let flying = producer.in_flight().min_by_key(|(_, at, b)| (b.created(), *at));
        let waiting = producer.waiting().min_by_key(|b| b.created());
        let in_flight_first = match (&flying, waiting) {
            (Some((.., a)), Some(b)) => a.created() <= b.created(),
            (flying, _) => flying.is_some(),
        };
        let headline = match (flying, waiting) {
            (Some((to, at, batch)), _) if in_flight_first => {
                self.tell_batch(batch, acks);
                let headline = self.sent(producer, to, at, batch);
                self.tell_limits(producer, batch, Some(at));
                headline
            }
            (_, Some(batch)) => {
                self.tell_batch(batch, acks);
                let headline = self.unsent(producer, batch);
                self.tell_limits(producer, batch, None);
                headline
            }
            _ => self.no_batch(producer),
        };
        if let Some((topic, since)) = producer.blocked().next() {
            let max_block_ms = producer.config().max_block_ms;
            self.fact(ClientFact::SendWaits { topic: topic.to_string(), since, max_block_ms });
        }
        Ok(if runs { headline } else { format!("p{number} is not running; {headline}") })
    }

    fn tell_batch(&mut self, batch: &ProducerBatch, acks: i16) {
        let records = u64::try_from(batch.count()).unwrap_or(0);
        let partition = self.name(batch.tp());
        self.fact(ClientFact::OldestBatch {
            partition,
            records,
            bytes: batch.size(),
            created: batch.created(),
        });
        self.fact(ClientFact::Acks { acks });
    }

    fn no_batch(&mut self, producer: &Producer) -> String {
        let counters = producer.counters();
        let number = producer.number();
        if producer.config().acks == 0 {
            self.fact(ClientFact::NeverAcknowledged { sent: counters.unacknowledged });
            return format!("p{number} sends with acks=0: nothing is ever acknowledged");
        }
        let (acknowledged, failed) = (counters.acknowledged, counters.failed);
        self.fact(ClientFact::NothingUnacknowledged { acknowledged, failed });
        match producer.blocked().next() {
            Some(_) => format!("p{number} has no batch yet: send() waits"),
            None => format!("p{number} has nothing that is not acknowledged"),
        }
    }

    /// A batch that was sent: on its way there, waiting at the broker, on its way back, or lost.
    fn sent(
        &mut self,
        producer: &Producer,
        to: BrokerId,
        at: Time,
        batch: &ProducerBatch,
    ) -> String {
        let (tp, me) = (batch.tp(), NodeId::Producer(producer.number()));
        let name = self.name(tp);
        self.fact(ClientFact::SentTo { broker: to, at });
        self.tell_leader_moved(tp, to);
        let broker = NodeId::Broker(to);
        if let Some(process) = self.world.broker(to).filter(|_| self.state(broker).is_some_and(up))
        {
            let parked = process.purgatory().produces.iter();
            let ours =
                parked.filter(|(_, p)| p.from == me && p.partitions.iter().any(|s| s.tp == tp));
            if let Some((id, parked)) = ours.min_by_key(|(id, _)| **id) {
                self.parked_produce(process, *id, parked);
                let required =
                    parked.partitions.iter().find(|s| s.tp == tp).map_or(-1, |s| s.required_offset);
                return format!(
                    "Leader {to} has the batch, and waits with its answer until the high watermark of {name} is {required}"
                );
            }
        }
        for flight in self.flights() {
            let between = flight.ends() == (me, broker);
            if between && carries_produce(&flight.message.body, tp) {
                self.tell_message(flight);
                self.tell_links(me, broker);
                let way = if flight.is_response() {
                    "The answer is on its way back"
                } else {
                    "The batch is on its way"
                };
                self.tell_process(broker);
                return format!("{way} from {} to {}", flight.message.from, flight.message.to);
            }
        }
        self.tell_process(broker);
        self.tell_links(me, broker);
        format!("The batch went to broker {to}, and no answer has come")
    }

    /// A batch that waits inside the producer.
    fn unsent(&mut self, producer: &Producer, batch: &ProducerBatch) -> String {
        let (tp, config, now) = (batch.tp(), producer.config(), self.world.now());
        let name = self.name(tp);
        let number = producer.number();
        if let Some(until) = batch.backoff_until().filter(|at| *at > now) {
            self.fact(ClientFact::BacksOff { attempts: batch.attempts(), until });
            self.tell_last_error(producer, tp);
            return format!("The batch failed and waits in p{number} for its next attempt");
        }
        let Some((leader, _)) = producer.known_leader(tp) else {
            self.fact(ClientFact::NoKnownLeader { partition: name.clone() });
            self.tell_led(tp);
            return format!("The batch waits in p{number}: it knows no leader of {name}");
        };
        let requests = i32::try_from(producer.in_flight().filter(|f| f.0 == leader).count())
            .unwrap_or(i32::MAX);
        let max = config.max_in_flight_requests_per_connection;
        if requests >= max {
            self.fact(ClientFact::TooManyInFlight { broker: leader, requests, max });
            return format!("The batch waits in p{number}: requests before it are unanswered");
        }
        let until = batch.linger_until(Span::from_ms(config.linger_ms));
        if until > now {
            self.fact(ClientFact::Lingers { until, linger_ms: config.linger_ms });
            return format!("The batch waits in p{number} for more records");
        }
        format!("The batch waits in p{number} and goes next")
    }

    fn tell_limits(&mut self, producer: &Producer, batch: &ProducerBatch, sent_at: Option<Time>) {
        let config = producer.config();
        if let Some(at) = sent_at {
            let request_timeout_ms = config.request_timeout_ms;
            let at = at + Span::from_ms(request_timeout_ms);
            self.fact(ClientFact::RequestTimeoutAt { at, request_timeout_ms });
        }
        let delivery_timeout_ms = config.delivery_timeout_ms;
        let at = batch.created() + Span::from_ms(delivery_timeout_ms);
        self.fact(ClientFact::DeliveryTimeoutAt { at, delivery_timeout_ms });
    }

    fn tell_leader_moved(&mut self, tp: TopicPartition, broker: BrokerId) {
        let Some(registered) = self.world.image().partition(tp) else { return };
        let leader = registered.leader;
        if leader != broker {
            self.fact(ClientFact::SendsToFormerLeader { broker, leader });
            self.tell_led(tp);
        }
    }

    fn tell_led(&mut self, tp: TopicPartition) {
        if self.world.image().partition(tp).is_some_and(|p| p.leader < 0) {
            self.why_no_leader(tp);
        }
    }

    pub(super) fn error(&mut self, number: u32) -> Headline {
        let producer = self.producer(number)?;
        self.pick(format!("p{number}"));
        let Some((error, _)) = producer.last_error() else {
            self.fact(ClientFact::NoError);
            return Ok(format!("p{number} was refused nothing so far"));
        };
        let oldest = producer.waiting().filter(|b| b.attempts() > 0).min_by_key(|b| b.created());
        self.fact(ClientFact::Acks { acks: producer.config().acks });
        match oldest {
            Some(batch) => self.tell_last_error(producer, batch.tp()),
            None => {
                let topic = producer.workload().topic.as_deref();
                let image = self.world.image();
                let id = topic.and_then(|t| image.topic_by_name(t)).map(|(id, _)| id);
                let tps: Vec<_> = image
                    .partitions()
                    .map(|(tp, _)| tp)
                    .filter(|tp| Some(tp.topic) == id)
                    .collect();
                self.tell_error(producer, error, tps);
            }
        }
        if let Some(batch) = oldest {
            let next =
                self.timer(NodeId::Producer(number), Timer::RetryBackoff).or(batch.backoff_until());
            self.fact(ClientFact::Retries { attempts: batch.attempts(), next });
            self.tell_limits(producer, batch, None);
        }
        let failed = producer.counters().failed;
        if failed > 0 {
            self.fact(ClientFact::GaveUp { records: failed });
        }
        Ok(format!("p{number} was refused with {}", error.name()))
    }

    fn tell_last_error(&mut self, producer: &Producer, tp: TopicPartition) {
        if let Some((error, _)) = producer.last_error() {
            self.tell_error(producer, error, vec![tp]);
        }
    }

    /// The error, what it means, and whether what led to it still holds for these partitions.
    fn tell_error(&mut self, producer: &Producer, error: KafkaError, tps: Vec<TopicPartition>) {
        if let Some((error, at)) = producer.last_error() {
            self.fact(ClientFact::LastError { error, at });
        }
        self.fact(ClientFact::ErrorMeans { error });
        match error {
            KafkaError::NotEnoughReplicas | KafkaError::NotEnoughReplicasAfterAppend => {
                self.tell_not_enough(tps)
            }
            KafkaError::RequestTimedOut => {
                self.tell_not_enough(tps.clone());
                tps.into_iter().for_each(|tp| self.tell_broker_of(producer, tp));
            }
            _ => tps.into_iter().for_each(|tp| self.tell_broker_of(producer, tp)),
        }
    }

    /// Whether the broker that the producer takes for the leader runs and leads.
    fn tell_broker_of(&mut self, producer: &Producer, tp: TopicPartition) {
        if let Some((leader, _)) = producer.known_leader(tp) {
            self.tell_process(NodeId::Broker(leader));
            self.tell_links(NodeId::Producer(producer.number()), NodeId::Broker(leader));
            self.tell_leader_moved(tp, leader);
        } else {
            self.tell_led(tp);
        }
    }
}

fn up(state: crate::ProcessState) -> bool {
    matches!(state, crate::ProcessState::Running | crate::ProcessState::Paused)
}

fn carries_produce(body: &Body, tp: TopicPartition) -> bool {
    match body {
        Body::Request(r) => {
            matches!(&**r, Request::Produce(p) if p.partitions.iter().any(|i| i.tp == tp))
        }
        Body::Response(r) => {
            matches!(&**r, Response::Produce(p) if p.partitions.iter().any(|i| i.tp == tp))
        }
    }
}
