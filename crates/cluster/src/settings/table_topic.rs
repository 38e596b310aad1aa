//! Settings of a topic, with the names of their cluster-wide defaults.

use super::{Kind, Scope, Setting};

const INT: i64 = i32::MAX as i64;
const LONG: i64 = i64::MAX;

/// Smallest `segment.bytes` (Kafka 4.1 and later).
pub(super) const MIN_SEGMENT_BYTES: i64 = 1_048_576;

const fn int(
    name: &'static str,
    default: &'static str,
    range: (i64, i64),
    unit: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting::int(Scope::Topic, name, default, range, unit, meaning)
}

const fn words(
    name: &'static str,
    default: &'static str,
    kind: Kind,
    meaning: &'static str,
) -> Setting {
    Setting::words(Scope::Topic, name, default, kind, meaning)
}

/// Settings of a topic.
pub(super) const TOPIC: &[Setting] = &[
    int(
        "min.insync.replicas",
        "1",
        (1, INT),
        "",
        "With acks=all a write needs an ISR of this size; below it the high watermark stands still.",
    )
    .kip(966)
    .cluster("min.insync.replicas"),
    words(
        "unclean.leader.election.enable",
        "false",
        Kind::Bool,
        "A replica outside the ISR may become leader when no other can, losing what it lacks.",
    )
    .kip(106)
    .cluster("unclean.leader.election.enable"),
    words(
        "cleanup.policy",
        "delete",
        Kind::ListOf(&["delete", "compact"]),
        "delete: old segments go by age and size. compact: records need keys, and none goes by age or size; the compaction itself comes later.",
    )
    .kip(71)
    .cluster("log.cleanup.policy"),
    words(
        "compression.type",
        "producer",
        Kind::OneOf(&["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]),
        "How the leader stores batches; producer = as they come.",
    )
    .only(&["producer"], "batches are kept as they come; recompression comes later")
    .cluster("compression.type"),
    int(
        "max.message.bytes",
        "1048588",
        (0, INT),
        "bytes",
        "Largest record batch the leader takes, header included.",
    )
    .cluster("message.max.bytes"),
    int(
        "segment.bytes",
        "1073741824",
        (MIN_SEGMENT_BYTES, INT),
        "bytes",
        "A segment that would grow beyond this is closed and a new one begins.",
    )
    .cluster("log.segment.bytes"),
    int(
        "internal.segment.bytes",
        "1073741824",
        (1, INT),
        "bytes",
        "segment.bytes without its lower limit, for tests and small models; wins over it.",
    )
    .cluster("internal.segment.bytes"),
    int(
        "segment.ms",
        "604800000",
        (1, LONG),
        "ms",
        "A segment whose first record is older than this is closed at the next append.",
    )
    .cluster("log.roll.ms"),
    int("segment.jitter.ms", "0", (0, LONG), "ms", "Random part taken off segment.ms.")
        .only(&["0"], "rolling without jitter only; jitter comes later")
        .cluster("log.roll.jitter.ms"),
    int(
        "segment.index.bytes",
        "10485760",
        (4, INT),
        "bytes",
        "Size of a segment's index; a full index closes the segment.",
    )
    .cluster("log.index.size.max.bytes"),
    int(
        "index.interval.bytes",
        "4096",
        (0, INT),
        "bytes",
        "An index entry is added after so many bytes of batches.",
    )
    .cluster("log.index.interval.bytes"),
    int(
        "retention.ms",
        "604800000",
        (-1, LONG),
        "ms",
        "A closed segment whose newest record is older than this is deleted; -1 = never.",
    )
    .cluster("log.retention.ms"),
    int(
        "retention.bytes",
        "-1",
        (-1, LONG),
        "bytes",
        "Oldest segments are deleted while the partition stays at least this large; -1 = no limit.",
    )
    .cluster("log.retention.bytes"),
    int(
        "file.delete.delay.ms",
        "60000",
        (0, LONG),
        "ms",
        "A deleted segment's files stay, renamed to .deleted, for this long.",
    )
    .cluster("log.segment.delete.delay.ms"),
    int(
        "flush.messages",
        "9223372036854775807",
        (1, LONG),
        "",
        "fsync after so many records; by default the operating system decides.",
    )
    .cluster("log.flush.interval.messages"),
    words(
        "message.timestamp.type",
        "CreateTime",
        Kind::OneOf(&["CreateTime", "LogAppendTime"]),
        "Whose clock is in the records: the producer's or the leader's.",
    )
    .kip(32)
    .cluster("log.message.timestamp.type"),
    int(
        "message.timestamp.before.max.ms",
        "9223372036854775807",
        (0, LONG),
        "ms",
        "How far behind the leader's clock a record's timestamp may be.",
    )
    .kip(937)
    .cluster("log.message.timestamp.before.max.ms"),
    int(
        "message.timestamp.after.max.ms",
        "3600000",
        (0, LONG),
        "ms",
        "How far ahead of the leader's clock a record's timestamp may be.",
    )
    .kip(937)
    .cluster("log.message.timestamp.after.max.ms"),
];
