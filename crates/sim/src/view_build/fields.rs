//! Every field of a message by the names of Kafka's schemas: logs, metadata and controller.

use super::Builder;
use super::messages::error_name;
use highwater_cluster::{
    AlterPartitionRequest, CreateTopicsRequest, FetchRequest, FetchResponse, MetadataResponse,
    ProduceRequest, Request, Response, TopicPartition,
};
use highwater_log::{BatchHeader, Batches, Offset};

pub(super) type Fields = Vec<(&'static str, String)>;

fn push(fields: &mut Fields, name: &'static str, value: impl ToString) {
    fields.push((name, value.to_string()));
}

fn header(api: i16, name: &str, version: i16) -> Fields {
    vec![("ApiKey", format!("{api} ({name})")), ("ApiVersion", version.to_string())]
}

impl Builder<'_> {
    pub(super) fn topic_name(&self, tp: TopicPartition) -> String {
        let name = self.name(tp);
        name.rsplit_once('-').map_or(name.clone(), |(topic, _)| topic.to_owned())
    }

    pub(super) fn push_tp(&self, fields: &mut Fields, tp: TopicPartition, number: &'static str) {
        push(fields, "TopicId", format!("{} ({})", tp.topic.0, self.topic_name(tp)));
        push(fields, number, tp.partition);
    }

    pub fn request_fields(&self, request: &Request) -> Fields {
        match request {
            Request::Produce(r) => self.produce(r),
            Request::Fetch(r) => self.fetch(r),
            Request::ListOffsets(r) => {
                let mut f = header(2, "ListOffsets", 11);
                push(&mut f, "ReplicaId", r.replica_id);
                for (tp, epoch, timestamp) in &r.partitions {
                    push(&mut f, "Name", self.topic_name(*tp));
                    push(&mut f, "PartitionIndex", tp.partition);
                    push(&mut f, "CurrentLeaderEpoch", epoch);
                    push(&mut f, "Timestamp", timestamp);
                }
                f
            }
            Request::OffsetForLeaderEpoch(r) => {
                let mut f = header(23, "OffsetForLeaderEpoch", 4);
                push(&mut f, "ReplicaId", r.replica_id);
                for (tp, current, epoch) in &r.partitions {
                    push(&mut f, "Topic", self.topic_name(*tp));
                    push(&mut f, "Partition", tp.partition);
                    push(&mut f, "CurrentLeaderEpoch", current);
                    push(&mut f, "LeaderEpoch", epoch);
                }
                f
            }
            Request::Metadata(r) => {
                let mut f = header(3, "Metadata", 13);
                let topics = r.topics.as_ref().map_or("null (all)".to_owned(), |t| t.join(", "));
                push(&mut f, "Topics", topics);
                f
            }
            Request::CreateTopics(r) => create_topics(r),
            Request::CreatePartitions(r) => {
                let mut f = header(37, "CreatePartitions", 3);
                push(&mut f, "Name", &r.name);
                push(&mut f, "Count", r.count);
                f
            }
            Request::ElectLeaders(r) => {
                let mut f = header(43, "ElectLeaders", 2);
                push(&mut f, "ElectionType", format!("{:?}", r.election).to_ascii_uppercase());
                let all: Option<Vec<_>> =
                    r.partitions.as_ref().map(|l| l.iter().map(|tp| self.name(*tp)).collect());
                push(
                    &mut f,
                    "TopicPartitions",
                    all.map_or("null (all)".to_owned(), |l| l.join(", ")),
                );
                f
            }
            Request::IncrementalAlterConfigs(r) => {
                let mut f = header(44, "IncrementalAlterConfigs", 1);
                push(
                    &mut f,
                    "ResourceType",
                    if r.topic.is_some() { "2 (TOPIC)" } else { "4 (BROKER)" },
                );
                push(&mut f, "ResourceName", r.topic.as_deref().unwrap_or(""));
                for (name, value) in &r.configs {
                    push(&mut f, "Name", name);
                    push(&mut f, "ConfigOperation", "0 (SET)");
                    push(&mut f, "Value", value);
                }
                f
            }
            Request::AlterPartition(r) => self.alter_partition(r),
            Request::BrokerRegistration(r) => {
                let mut f = header(62, "BrokerRegistration", 4);
                push(&mut f, "BrokerId", r.broker_id);
                push(&mut f, "IncarnationId", r.incarnation);
                push(&mut f, "Rack", r.rack.as_deref().unwrap_or("null"));
                push(&mut f, "PreviousBrokerEpoch", r.previous_broker_epoch);
                f
            }
            Request::BrokerHeartbeat(r) => {
                let mut f = header(63, "BrokerHeartbeat", 2);
                push(&mut f, "BrokerId", r.broker_id);
                push(&mut f, "BrokerEpoch", r.broker_epoch);
                push(&mut f, "CurrentMetadataOffset", r.current_metadata_offset);
                push(&mut f, "WantFence", r.want_fence);
                push(&mut f, "WantShutDown", r.want_shut_down);
                f
            }
            Request::FetchMetadataLog(r) => {
                let mut f = header(1, "Fetch", 18);
                push(&mut f, "ReplicaState.ReplicaId", r.broker_id);
                push(&mut f, "MaxWaitMs", r.max_wait_ms);
                push(&mut f, "Topic", "__cluster_metadata");
                push(&mut f, "Partition", 0);
                push(&mut f, "FetchOffset", r.fetch_offset);
                f
            }
            _ => self.group_request_fields(request),
        }
    }

    pub fn response_fields(&self, response: &Response) -> Fields {
        match response {
            Response::Produce(r) => {
                let mut f = header(0, "Produce", 13);
                for p in &r.partitions {
                    self.push_tp(&mut f, p.tp, "Index");
                    push(&mut f, "ErrorCode", error_name(p.error));
                    push(&mut f, "BaseOffset", p.base_offset);
                    push(&mut f, "LogStartOffset", p.log_start_offset);
                    push_leader(&mut f, p.current_leader);
                }
                f
            }
            Response::Fetch(r) => self.fetch_response(r),
            Response::ListOffsets(r) => {
                let mut f = header(2, "ListOffsets", 11);
                for p in &r.partitions {
                    push(&mut f, "Name", self.topic_name(p.tp));
                    push(&mut f, "PartitionIndex", p.tp.partition);
                    push(&mut f, "ErrorCode", error_name(p.error));
                    push(&mut f, "Timestamp", p.timestamp);
                    push(&mut f, "Offset", p.offset);
                    push(&mut f, "LeaderEpoch", p.leader_epoch);
                }
                f
            }
            Response::OffsetForLeaderEpoch(r) => {
                let mut f = header(23, "OffsetForLeaderEpoch", 4);
                for p in &r.partitions {
                    push(&mut f, "Topic", self.topic_name(p.tp));
                    push(&mut f, "Partition", p.tp.partition);
                    push(&mut f, "ErrorCode", error_name(p.error));
                    push(&mut f, "LeaderEpoch", p.leader_epoch);
                    push(&mut f, "EndOffset", p.end_offset);
                }
                f
            }
            Response::Metadata(r) => metadata(r),
            Response::CreateTopics(r) => {
                let mut f = header(19, "CreateTopics", 7);
                push(&mut f, "ErrorCode", error_name(r.error));
                push(&mut f, "ErrorMessage", r.message.as_deref().unwrap_or("null"));
                f
            }
            Response::CreatePartitions(r) => {
                let mut f = header(37, "CreatePartitions", 3);
                push(&mut f, "ErrorCode", error_name(r.error));
                push(&mut f, "ErrorMessage", r.message.as_deref().unwrap_or("null"));
                f
            }
            Response::ElectLeaders(r) => {
                let mut f = header(43, "ElectLeaders", 2);
                for (tp, error) in &r.partitions {
                    push(&mut f, "Topic", self.topic_name(*tp));
                    push(&mut f, "PartitionId", tp.partition);
                    push(&mut f, "ErrorCode", error_name(*error));
                }
                f
            }
            Response::IncrementalAlterConfigs(r) => {
                let mut f = header(44, "IncrementalAlterConfigs", 1);
                push(&mut f, "ErrorCode", error_name(r.error));
                push(&mut f, "ErrorMessage", r.message.as_deref().unwrap_or("null"));
                f
            }
            Response::AlterPartition(r) => {
                let mut f = header(56, "AlterPartition", 3);
                push(&mut f, "ErrorCode", error_name(r.error));
                for p in &r.partitions {
                    self.push_tp(&mut f, p.tp, "PartitionIndex");
                    push(&mut f, "ErrorCode", error_name(p.error));
                    push(&mut f, "LeaderId", p.leader);
                    push(&mut f, "LeaderEpoch", p.leader_epoch);
                    push(&mut f, "Isr", super::messages::set(&p.isr));
                    push(&mut f, "PartitionEpoch", p.partition_epoch);
                }
                f
            }
            Response::BrokerRegistration(r) => {
                let mut f = header(62, "BrokerRegistration", 4);
                push(&mut f, "ErrorCode", error_name(r.error));
                push(&mut f, "BrokerEpoch", r.broker_epoch);
                f
            }
            Response::BrokerHeartbeat(r) => {
                let mut f = header(63, "BrokerHeartbeat", 2);
                push(&mut f, "ErrorCode", error_name(r.error));
                push(&mut f, "IsFenced", r.is_fenced);
                push(&mut f, "ShouldShutDown", r.should_shut_down);
                f
            }
            Response::FetchMetadataLog(r) => {
                let mut f = header(1, "Fetch", 18);
                push(&mut f, "HighWatermark", r.high_watermark);
                for (offset, record) in &r.records {
                    push(&mut f, "Record", format!("{offset}: {record:?}"));
                }
                f
            }
            _ => self.group_response_fields(response),
        }
    }

    fn produce(&self, r: &ProduceRequest) -> Fields {
        let mut f = header(0, "Produce", 13);
        push(&mut f, "TransactionalId", "null");
        push(&mut f, "Acks", r.acks);
        push(&mut f, "TimeoutMs", r.timeout_ms);
        for p in &r.partitions {
            self.push_tp(&mut f, p.tp, "Index");
            self.push_records(&mut f, &p.records);
        }
        f
    }

    fn push_records(&self, fields: &mut Fields, records: &[u8]) {
        let batches: Vec<BatchHeader> = Batches::new(records).flatten().map(|b| b.header).collect();
        let count: i32 = batches.iter().map(|h| h.records_count).sum();
        let (n, many) = (batches.len(), if batches.len() == 1 { "batch" } else { "batches" });
        let text = match (batches.first(), batches.last()) {
            (Some(first), Some(last)) if first.partition_leader_epoch >= 0 => {
                format!(
                    "offsets {}-{}, {count} records in {n} {many}, {} bytes",
                    first.base_offset,
                    last.last_offset(),
                    records.len()
                )
            }
            (Some(_), _) => format!("{count} records in {n} {many}, {} bytes", records.len()),
            _ => "none".to_owned(),
        };
        push(fields, "Records", text);
    }

    /// Without fetch sessions (KIP-227): each request names everything.
    fn fetch(&self, r: &FetchRequest) -> Fields {
        let mut f = header(1, "Fetch", 18);
        if r.replica_id >= 0 {
            push(&mut f, "ReplicaState.ReplicaId", r.replica_id);
            push(&mut f, "ReplicaState.ReplicaEpoch", r.replica_epoch);
        }
        push(&mut f, "MaxWaitMs", r.max_wait_ms);
        push(&mut f, "MinBytes", r.min_bytes);
        push(&mut f, "MaxBytes", r.max_bytes);
        push(&mut f, "IsolationLevel", r.isolation_level);
        push(&mut f, "SessionId", 0);
        push(&mut f, "SessionEpoch", -1);
        for p in &r.partitions {
            self.push_tp(&mut f, p.tp, "Partition");
            push(&mut f, "CurrentLeaderEpoch", p.current_leader_epoch);
            push(&mut f, "FetchOffset", p.fetch_offset);
            push(&mut f, "LastFetchedEpoch", p.last_fetched_epoch);
            push(&mut f, "LogStartOffset", p.log_start_offset);
            push(&mut f, "PartitionMaxBytes", p.partition_max_bytes);
        }
        f
    }

    fn fetch_response(&self, r: &FetchResponse) -> Fields {
        let mut f = header(1, "Fetch", 18);
        push(&mut f, "ErrorCode", error_name(r.error));
        push(&mut f, "SessionId", 0);
        for p in &r.partitions {
            self.push_tp(&mut f, p.tp, "PartitionIndex");
            push(&mut f, "ErrorCode", error_name(p.error));
            push(&mut f, "HighWatermark", p.high_watermark);
            push(&mut f, "LastStableOffset", p.last_stable_offset);
            push(&mut f, "LogStartOffset", p.log_start_offset);
            if let Some((epoch, end)) = p.diverging_epoch {
                push(&mut f, "DivergingEpoch.Epoch", epoch);
                push(&mut f, "DivergingEpoch.EndOffset", end);
            }
            push_leader(&mut f, p.current_leader);
            self.push_records(&mut f, &p.records);
        }
        f
    }

    fn alter_partition(&self, r: &AlterPartitionRequest) -> Fields {
        let mut f = header(56, "AlterPartition", 3);
        push(&mut f, "BrokerId", r.broker_id);
        push(&mut f, "BrokerEpoch", r.broker_epoch);
        for p in &r.partitions {
            self.push_tp(&mut f, p.tp, "PartitionIndex");
            push(&mut f, "LeaderEpoch", p.leader_epoch);
            let isr: Vec<_> = p
                .new_isr
                .iter()
                .map(|(id, epoch)| format!("{id} (broker epoch {epoch})"))
                .collect();
            push(&mut f, "NewIsrWithEpochs", isr.join(", "));
            push(&mut f, "LeaderRecoveryState", p.leader_recovery_state);
            push(&mut f, "PartitionEpoch", p.partition_epoch);
        }
        f
    }
}

fn push_leader(fields: &mut Fields, leader: Option<(i32, i32)>) {
    if let Some((id, epoch)) = leader {
        push(fields, "CurrentLeader.LeaderId", id);
        push(fields, "CurrentLeader.LeaderEpoch", epoch);
    }
}

fn create_topics(r: &CreateTopicsRequest) -> Fields {
    let mut f = header(19, "CreateTopics", 7);
    push(&mut f, "Name", &r.name);
    push(&mut f, "NumPartitions", r.num_partitions);
    push(&mut f, "ReplicationFactor", r.replication_factor);
    for (index, brokers) in (0..).zip(&r.assignments) {
        let index: Offset = index;
        push(&mut f, "PartitionIndex", index);
        push(&mut f, "BrokerIds", format!("{brokers:?}"));
    }
    for (name, value) in &r.configs {
        push(&mut f, "Name", name);
        push(&mut f, "Value", value);
    }
    f
}

fn metadata(r: &MetadataResponse) -> Fields {
    let mut f = header(3, "Metadata", 13);
    for (id, rack) in &r.brokers {
        push(&mut f, "NodeId", id);
        push(&mut f, "Rack", rack.as_deref().unwrap_or("null"));
    }
    for topic in &r.topics {
        push(&mut f, "ErrorCode", error_name(topic.error));
        push(&mut f, "Name", &topic.name);
        for p in &topic.partitions {
            push(&mut f, "ErrorCode", error_name(p.error));
            push(&mut f, "PartitionIndex", p.partition);
            push(&mut f, "LeaderId", p.leader);
            push(&mut f, "LeaderEpoch", p.leader_epoch);
            push(&mut f, "ReplicaNodes", format!("{:?}", p.replicas));
            push(&mut f, "IsrNodes", format!("{:?}", p.isr));
        }
    }
    f
}
