//! Messages on their way: gist, fields, and whether anything will change when they land.

use super::Builder;
use crate::network::InFlight;
use crate::{FetchResponseView, MessageKind, MessageView};
use highwater_cluster::{
    Body, BrokerId, FetchRequest, FetchResponse, KafkaError, NodeId, Request, Response,
    TopicPartition,
};

impl Builder<'_> {
    pub fn messages(&self) -> Vec<MessageView> {
        self.world.kernel.network.in_flight().map(|f| self.message(f)).collect()
    }

    fn message(&self, flight: &InFlight) -> MessageView {
        let (from, to) = (flight.message.from, flight.message.to);
        let body = &flight.message.body;
        let (api, what, fields) = match body {
            Body::Request(r) => (r.api_name(), self.request(r), self.request_fields(r)),
            Body::Response(r) => (r.api_name(), self.response(to, r), self.response_fields(r)),
        };
        MessageView {
            id: flight.id,
            from,
            to,
            correlation: crate::local_correlation(flight.message.correlation),
            sent_at: flight.sent_at,
            arrives_at: flight.arrives_at,
            response: flight.is_response(),
            api,
            what,
            fields,
            routine: flight.doomed || self.routine(from, to, body),
            fault: match flight.doomed {
                true => Some(crate::view_build::CLOSED.to_owned()),
                false => flight.fault.clone(),
            },
        }
    }

    fn request(&self, request: &Request) -> MessageKind {
        let other = |summary: String| MessageKind::Other { summary, error: None };
        let group = |summary: String| MessageKind::Group { summary, error: None };
        let controller = |summary: String| MessageKind::Controller { summary, error: None };
        match request {
            Request::Produce(p) => MessageKind::Produce(
                p.partitions.iter().map(|p| (p.tp, self.keys_in(&p.records))).collect(),
            ),
            Request::Fetch(f) => {
                MessageKind::Fetch(f.partitions.iter().map(|p| (p.tp, p.fetch_offset)).collect())
            }
            Request::ListOffsets(l) => other(match l.partitions.first() {
                Some((tp, _, -1)) => format!("latest offset of {}", self.name(*tp)),
                Some((tp, _, -2)) => format!("earliest offset of {}", self.name(*tp)),
                Some((tp, _, time)) => format!("offset of {} at {time}", self.name(*tp)),
                None => "no partition".to_owned(),
            }),
            Request::OffsetForLeaderEpoch(e) => other(match e.partitions.first() {
                Some((tp, _, epoch)) => format!("end of epoch {epoch} in {}", self.name(*tp)),
                None => "no partition".to_owned(),
            }),
            Request::Metadata(m) => other(match &m.topics {
                None => "who leads what, all topics".to_owned(),
                Some(topics) => format!("who leads what in {}", topics.join(", ")),
            }),
            Request::FindCoordinator(f) => group(format!("who coordinates {}", f.group)),
            Request::JoinGroup(j) if j.member_id.is_empty() => group(format!("join {}", j.group)),
            Request::JoinGroup(j) => {
                group(format!("join {} as {}", j.group, short_member(&j.member_id)))
            }
            Request::SyncGroup(s) if s.assignments.is_empty() => {
                group(format!("assignment of generation {}?", s.generation_id))
            }
            Request::SyncGroup(s) => {
                group(format!("assignment for generation {}", s.generation_id))
            }
            Request::Heartbeat(h) => group(format!("heartbeat, generation {}", h.generation_id)),
            Request::LeaveGroup(l) => group(format!("leave {}", l.group)),
            Request::OffsetCommit(c) => {
                group(format!("commit {}", self.offsets(c.offsets.iter().map(|o| (o.0, o.1)))))
            }
            Request::OffsetFetch(f) => group(format!("committed offsets of {}", f.group)),
            Request::CreateTopics(c) => other(format!("create topic {}", c.name)),
            Request::CreatePartitions(c) => other(format!("{} partitions for {}", c.count, c.name)),
            Request::ElectLeaders(e) => {
                other(format!("elect {:?} leaders", e.election).to_ascii_lowercase())
            }
            Request::IncrementalAlterConfigs(a) => {
                let pairs: Vec<_> = a.configs.iter().map(|(n, v)| format!("{n}={v}")).collect();
                other(format!("set {}", pairs.join(", ")))
            }
            Request::AlterPartition(a) => controller(match a.partitions.first() {
                Some(p) => {
                    let isr: Vec<BrokerId> = p.new_isr.iter().map(|(id, _)| *id).collect();
                    format!("ISR of {} to be {}", self.name(p.tp), set(&isr))
                }
                None => "no partition".to_owned(),
            }),
            Request::BrokerRegistration(r) => {
                controller(format!("register broker {}", r.broker_id))
            }
            Request::BrokerHeartbeat(h) if h.want_shut_down => controller("may I stop?".to_owned()),
            Request::BrokerHeartbeat(_) => controller("heartbeat".to_owned()),
            Request::FetchMetadataLog(f) => {
                controller(format!("metadata log from {}", f.fetch_offset))
            }
        }
    }

    fn response(&self, to: NodeId, response: &Response) -> MessageKind {
        let other = |summary: String, error| MessageKind::Other { summary, error };
        let group = |summary: String, error| MessageKind::Group { summary, error };
        let controller = |summary: String, error| MessageKind::Controller { summary, error };
        match response {
            Response::Produce(p) => MessageKind::ProduceResponse(
                p.partitions
                    .iter()
                    .map(|r| (r.tp, r.base_offset, self.acked_records(r), r.error))
                    .collect(),
            ),
            Response::Fetch(f) => MessageKind::FetchResponse(
                f.partitions.iter().map(|p| self.fetch_result(to, p)).collect(),
            ),
            Response::ListOffsets(l) => match l.partitions.first() {
                Some(p) => other(format!("offset {}", p.offset), p.error),
                None => other("no partition".to_owned(), None),
            },
            Response::OffsetForLeaderEpoch(e) => match e.partitions.first() {
                Some(p) => {
                    other(format!("epoch {} ends at {}", p.leader_epoch, p.end_offset), p.error)
                }
                None => other("no partition".to_owned(), None),
            },
            Response::Metadata(m) => {
                let error = m.topics.iter().find_map(|t| t.error);
                other(
                    format!(
                        "{}, {}",
                        counted(m.brokers.len(), "broker"),
                        counted(m.topics.len(), "topic")
                    ),
                    error,
                )
            }
            Response::FindCoordinator(f) if f.error.is_some() => {
                group("no coordinator".to_owned(), f.error)
            }
            Response::FindCoordinator(f) => group(format!("broker {}", f.node), f.error),
            Response::JoinGroup(j) if j.error.is_some() => group("not joined".to_owned(), j.error),
            Response::JoinGroup(j) if j.members.is_empty() => {
                group(format!("generation {}", j.generation_id), None)
            }
            Response::JoinGroup(j) => group(
                format!("generation {}, you lead {} members", j.generation_id, j.members.len()),
                None,
            ),
            Response::SyncGroup(s) => group("assignment".to_owned(), s.error),
            Response::Heartbeat(h) => group("heartbeat".to_owned(), h.error),
            Response::LeaveGroup(l) => group("left".to_owned(), l.error),
            Response::OffsetCommit(c) => {
                let error = c.partitions.iter().find_map(|p| p.1);
                group(if error.is_some() { "not committed" } else { "committed" }.to_owned(), error)
            }
            Response::OffsetFetch(f) => {
                let known = f.offsets.iter().filter(|o| o.1 >= 0).map(|o| (o.0, o.1));
                group(format!("committed {}", self.offsets(known)), f.error)
            }
            Response::CreateTopics(c) => other("topic".to_owned(), c.error),
            Response::CreatePartitions(c) => other("partitions".to_owned(), c.error),
            Response::ElectLeaders(e) => {
                other("election".to_owned(), e.partitions.iter().find_map(|p| p.1))
            }
            Response::IncrementalAlterConfigs(a) => other("settings".to_owned(), a.error),
            Response::AlterPartition(a) => {
                let first = a.partitions.first();
                let error = a.error.or(first.and_then(|p| p.error));
                let isr = first.map_or(String::new(), |p| format!("ISR is {}", set(&p.isr)));
                controller(isr, error)
            }
            Response::BrokerRegistration(r) => {
                controller(format!("broker epoch {}", r.broker_epoch), r.error)
            }
            Response::BrokerHeartbeat(h) if h.should_shut_down => {
                controller("you may stop".to_owned(), h.error)
            }
            Response::BrokerHeartbeat(h) => controller(
                if h.is_fenced { "you are fenced" } else { "you are alive" }.to_owned(),
                h.error,
            ),
            Response::FetchMetadataLog(f) => {
                let (count, s) = (f.records.len(), if f.records.len() == 1 { "" } else { "s" });
                controller(format!("{count} metadata record{s}"), None)
            }
        }
    }

    /// Records that a positive answer to a produce is about.
    fn acked_records(&self, result: &highwater_cluster::ProducePartitionResult) -> i32 {
        match result.error {
            None => self.world.oracle.records_at(result.tp, result.base_offset),
            Some(_) => 0,
        }
    }

    /// Where the receiver of an empty fetch response will ask again; -1 when it no longer asks.
    fn fetch_offset_of(&self, node: NodeId, tp: TopicPartition) -> i64 {
        let offset = match node {
            NodeId::Broker(id) => {
                self.world.broker(id).and_then(|b| b.fetching(tp)).map(|(_, s)| s.fetch_offset)
            }
            NodeId::Consumer(n) => self
                .world
                .consumer(n)
                .and_then(|c| c.owned().into_iter().find(|o| o.tp == tp).and_then(|o| o.position)),
            _ => None,
        };
        offset.unwrap_or(-1)
    }

    fn fetch_result(
        &self,
        to: NodeId,
        result: &highwater_cluster::FetchPartitionResult,
    ) -> FetchResponseView {
        let first = highwater_log::Batches::new(&result.records).flatten().next();
        let first = first.map(|b| b.header.base_offset);
        FetchResponseView {
            tp: result.tp,
            first_offset: first.unwrap_or_else(|| self.fetch_offset_of(to, result.tp)),
            keys: self.keys_in(&result.records),
            high_watermark: result.high_watermark,
            diverging: result.diverging_epoch,
            error: result.error,
        }
    }

    fn offsets(&self, offsets: impl Iterator<Item = (TopicPartition, i64)>) -> String {
        let list: Vec<_> =
            offsets.map(|(tp, offset)| format!("{} = {offset}", self.name(tp))).collect();
        if list.is_empty() { "nothing".to_owned() } else { list.join(", ") }
    }

    /// Whether nothing that a picture shows will change when it lands.
    pub(crate) fn routine(&self, from: NodeId, to: NodeId, body: &Body) -> bool {
        match body {
            Body::Request(r) => match &**r {
                Request::Heartbeat(_) | Request::FetchMetadataLog(_) => true,
                Request::BrokerHeartbeat(h) => !h.want_shut_down && self.unfenced(from),
                Request::Fetch(f) => self.fetch_parks(to, f),
                _ => false,
            },
            Body::Response(r) => match &**r {
                Response::Heartbeat(h) => h.error.is_none(),
                Response::BrokerHeartbeat(h) => {
                    h.error.is_none() && !h.should_shut_down && !h.is_fenced
                }
                Response::FetchMetadataLog(f) => f.records.is_empty(),
                Response::Fetch(f) => self.no_news(to, f),
                _ => false,
            },
        }
    }

    fn unfenced(&self, node: NodeId) -> bool {
        node.broker().is_some_and(|id| self.world.image().is_active(id))
    }

    /// The leader knows this offset already, and has nothing at it.
    fn fetch_parks(&self, leader: NodeId, fetch: &FetchRequest) -> bool {
        let Some(broker) = leader.broker().and_then(|id| self.world.broker(id)) else {
            return false;
        };
        fetch.partitions.iter().all(|asked| {
            let Some(partition) = broker.partition(asked.tp).filter(|p| p.is_leader()) else {
                return false;
            };
            let end = match fetch.replica_id {
                -1 => partition.high_watermark(),
                _ => partition.log().log_end_offset(),
            };
            let known = fetch.replica_id == -1
                || partition.follower(fetch.replica_id).is_some_and(|f| {
                    f.log_end_offset == asked.fetch_offset
                        && partition.isr().maximal_contains(fetch.replica_id)
                });
            known
                && end == asked.fetch_offset
                && asked.current_leader_epoch == partition.leader_epoch()
        })
    }

    /// An empty answer whose high watermark its receiver knows already.
    fn no_news(&self, to: NodeId, response: &FetchResponse) -> bool {
        response.error.is_none()
            && response.partitions.iter().all(|p| {
                let known = match to.broker().and_then(|id| self.world.broker(id)) {
                    Some(broker) => broker
                        .partition(p.tp)
                        .is_some_and(|r| r.high_watermark() >= p.high_watermark),
                    None => true,
                };
                p.error.is_none() && p.diverging_epoch.is_none() && p.records.is_empty() && known
            })
    }
}

/// `{1, 2, 3}`
pub(crate) fn set(ids: &[BrokerId]) -> String {
    let mut ids = ids.to_vec();
    highwater_sorted::sort(&mut ids);
    let list: Vec<_> = ids.iter().map(ToString::to_string).collect();
    format!("{{{}}}", list.join(", "))
}

/// A member id without its random part: `c1`.
fn short_member(member: &str) -> &str {
    match member.split_once('-') {
        Some((client, _)) => client,
        None => member,
    }
}

/// The error's name, or NONE as Kafka writes it.
pub(crate) fn error_name(error: Option<KafkaError>) -> String {
    error.map_or("0 (NONE)".to_owned(), |e| format!("{} ({})", e.code(), e.name()))
}

/// `1 topic`, `3 brokers`.
fn counted(count: usize, word: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {word}{s}")
}
