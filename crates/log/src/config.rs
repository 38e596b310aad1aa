//! The settings of a topic that its logs use.

/// In Kafka's names (dots become underscores), defaults and units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogConfig {
    /// `segment.bytes`: the most bytes of a segment, >= 1.
    pub segment_bytes: i32,
    /// `segment.ms`: a segment older than this is rolled, milliseconds.
    pub segment_ms: i64,
    /// `segment.index.bytes`: the most bytes of an index file.
    pub segment_index_bytes: i32,
    /// `index.interval.bytes`: bytes of log between two index entries.
    pub index_interval_bytes: i32,
    /// `retention.ms`; -1 = without limit.
    pub retention_ms: i64,
    /// `retention.bytes`; -1 = without limit.
    pub retention_bytes: i64,
    /// `file.delete.delay.ms`: how long a `.deleted` file stays.
    pub file_delete_delay_ms: i64,
    /// `max.message.bytes`: the most bytes of a batch, header included.
    pub max_message_bytes: i32,
    /// `flush.messages`: records between two fsyncs.
    pub flush_messages: i64,
    /// `message.timestamp.type` = LogAppendTime.
    pub log_append_time: bool,
    /// `message.timestamp.before.max.ms`.
    pub message_timestamp_before_max_ms: i64,
    /// `message.timestamp.after.max.ms`.
    pub message_timestamp_after_max_ms: i64,
    /// `cleanup.policy` contains `delete`.
    pub cleanup_delete: bool,
    /// `cleanup.policy` contains `compact`: records need keys.
    pub cleanup_compact: bool,
}

impl Default for LogConfig {
    /// Kafka 4.3's defaults.
    fn default() -> Self {
        Self {
            segment_bytes: 1_073_741_824,
            segment_ms: 604_800_000,
            segment_index_bytes: 10_485_760,
            index_interval_bytes: 4096,
            retention_ms: 604_800_000,
            retention_bytes: -1,
            file_delete_delay_ms: 60_000,
            max_message_bytes: 1_048_588,
            flush_messages: i64::MAX,
            log_append_time: false,
            message_timestamp_before_max_ms: i64::MAX,
            message_timestamp_after_max_ms: 3_600_000,
            cleanup_delete: true,
            cleanup_compact: false,
        }
    }
}
