//! Resolved settings, one struct per role, in Kafka's names (dots become underscores) and units.
//! The registry that parses, checks and documents them by name is in `settings`.

/// Broker settings (`B` in `09-config-defaults`), those the model uses.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct BrokerConfig {
    pub replica_lag_time_max_ms: i64,
    pub replica_fetch_wait_max_ms: i32,
    pub replica_fetch_min_bytes: i32,
    pub replica_fetch_max_bytes: i32,
    pub replica_fetch_response_max_bytes: i32,
    pub replica_fetch_backoff_ms: i64,
    pub replica_high_watermark_checkpoint_interval_ms: i64,
    pub fetch_max_bytes: i32,
    pub broker_heartbeat_interval_ms: i64,
    pub log_retention_check_interval_ms: i64,
    pub log_initial_task_delay_ms: i64,
    pub log_flush_offset_checkpoint_interval_ms: i64,
    pub group_initial_rebalance_delay_ms: i64,
    pub group_min_session_timeout_ms: i64,
    pub group_max_session_timeout_ms: i64,
    pub group_max_size: i32,
    pub offsets_topic_num_partitions: i32,
    pub offsets_topic_replication_factor: i16,
    pub offset_metadata_max_bytes: i32,
    pub offsets_retention_minutes: i64,
    pub offsets_retention_check_interval_ms: i64,
    pub request_timeout_ms: i64,
    pub auto_create_topics_enable: bool,
}

/// Controller settings (`C`).
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct ControllerConfig {
    pub broker_session_timeout_ms: i64,
    pub num_partitions: i32,
    pub default_replication_factor: i16,
    pub auto_leader_rebalance_enable: bool,
    pub leader_imbalance_check_interval_seconds: i64,
    pub unclean_leader_election_interval_ms: i64,
}

/// Topic settings (`T`).
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct TopicConfig {
    pub min_insync_replicas: i32,
    pub unclean_leader_election_enable: bool,
    pub cleanup_policy_delete: bool,
    pub cleanup_policy_compact: bool,
    pub max_message_bytes: i32,
    /// `segment.bytes`, or `internal.segment.bytes` when given.
    pub segment_bytes: i32,
    pub segment_ms: i64,
    pub segment_index_bytes: i32,
    pub index_interval_bytes: i32,
    pub retention_ms: i64,
    pub retention_bytes: i64,
    pub file_delete_delay_ms: i64,
    pub flush_messages: i64,
    /// `message.timestamp.type` = LogAppendTime.
    pub log_append_time: bool,
    pub message_timestamp_before_max_ms: i64,
    pub message_timestamp_after_max_ms: i64,
}

/// Producer settings (`P`).
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct ProducerConfig {
    /// -1 = all, 0, 1.
    pub acks: i16,
    pub batch_size: i32,
    pub linger_ms: i64,
    pub buffer_memory: i64,
    pub max_request_size: i32,
    pub max_in_flight_requests_per_connection: i32,
    pub retries: i32,
    pub delivery_timeout_ms: i64,
    pub request_timeout_ms: i64,
    pub retry_backoff_ms: i64,
    pub retry_backoff_max_ms: i64,
    pub max_block_ms: i64,
    pub metadata_max_age_ms: i64,
    pub partitioner_ignore_keys: bool,
}

/// Where a consumer starts without a committed offset.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AutoOffsetReset {
    /// The end.
    Latest,
    /// The beginning.
    Earliest,
    /// An error.
    None,
}

/// Consumer settings (`R`).
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub struct ConsumerConfig {
    /// `partition.assignment.strategy`: "range" and/or "roundrobin", preferred first.
    pub partition_assignment_strategy: Vec<&'static str>,
    pub session_timeout_ms: i64,
    pub heartbeat_interval_ms: i64,
    pub max_poll_interval_ms: i64,
    pub max_poll_records: i32,
    pub enable_auto_commit: bool,
    pub auto_commit_interval_ms: i64,
    pub auto_offset_reset: AutoOffsetReset,
    pub fetch_min_bytes: i32,
    pub fetch_max_wait_ms: i32,
    pub fetch_max_bytes: i32,
    pub max_partition_fetch_bytes: i32,
    pub request_timeout_ms: i64,
    pub retry_backoff_ms: i64,
    pub metadata_max_age_ms: i64,
}
