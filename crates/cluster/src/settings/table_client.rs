//! Settings of producers and consumers.

use super::{Kind, Scope, Setting};

const INT: i64 = i32::MAX as i64;
const LONG: i64 = i64::MAX;

const fn producer(
    name: &'static str,
    default: &'static str,
    range: (i64, i64),
    unit: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting::int(Scope::Producer, name, default, range, unit, meaning)
}

const fn consumer(
    name: &'static str,
    default: &'static str,
    range: (i64, i64),
    unit: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting::int(Scope::Consumer, name, default, range, unit, meaning)
}

/// Settings of a producer.
pub(super) const PRODUCER: &[Setting] = &[
    Setting::words(
        Scope::Producer,
        "acks",
        "all",
        Kind::OneOf(&["all", "-1", "0", "1"]),
        "When a send counts as done: 0 at once, 1 leader has it, all every in-sync replica has it.",
    ),
    producer("batch.size", "16384", (0, INT), "bytes", "Size at which a batch is full."),
    producer("linger.ms", "5", (0, INT), "ms", "How long a batch waits for more records.")
        .kip(1030),
    producer(
        "buffer.memory",
        "33554432",
        (0, LONG),
        "bytes",
        "Memory for waiting batches; send() blocks when it is used up.",
    ),
    producer(
        "max.request.size",
        "1048576",
        (0, INT),
        "bytes",
        "Largest record and largest request of this producer.",
    ),
    producer(
        "max.in.flight.requests.per.connection",
        "5",
        (1, INT),
        "",
        "Requests to one broker without an answer; above 1 a retry can change the order.",
    ),
    producer("retries", "2147483647", (0, INT), "", "How often a batch is sent again.").kip(91),
    producer(
        "delivery.timeout.ms",
        "120000",
        (0, INT),
        "ms",
        "A batch fails after this time, however many retries are left.",
    )
    .kip(91),
    producer("request.timeout.ms", "30000", (1, INT), "ms", "How long it waits for an answer."),
    producer(
        "retry.backoff.ms",
        "100",
        (0, INT),
        "ms",
        "Pause before the first retry; doubles with each further one.",
    )
    .kip(580),
    producer("retry.backoff.max.ms", "1000", (0, INT), "ms", "Longest pause before a retry.")
        .kip(580),
    producer(
        "max.block.ms",
        "60000",
        (0, INT),
        "ms",
        "How long send() waits for metadata or memory.",
    ),
    producer(
        "metadata.max.age.ms",
        "300000",
        (1, INT),
        "ms",
        "Metadata is asked for again after this time.",
    ),
    Setting::words(
        Scope::Producer,
        "partitioner.ignore.keys",
        "false",
        Kind::Bool,
        "Records with a key are spread like records without one.",
    )
    .kip(794),
    Setting::words(
        Scope::Producer,
        "partitioner.adaptive.partitioning.enable",
        "false",
        Kind::Bool,
        "The sticky partitioner prefers partitions with short queues.",
    )
    .kip(794)
    .only(&["false"], "partitions are drawn evenly; Kafka's default is true, which comes later"),
    Setting::words(
        Scope::Producer,
        "enable.idempotence",
        "false",
        Kind::Bool,
        "The broker drops duplicates by producer id and sequence number.",
    )
    .kip(98)
    .only(&["false"], "idempotence comes later; Kafka's default is true"),
    Setting::words(
        Scope::Producer,
        "compression.type",
        "none",
        Kind::OneOf(&["none", "gzip", "snappy", "lz4", "zstd"]),
        "How batches are compressed.",
    )
    .only(&["none"], "compression comes later"),
];

/// Settings of a consumer.
pub(super) const CONSUMER: &[Setting] = &[
    Setting::words(
        Scope::Consumer,
        "group.protocol",
        "classic",
        Kind::OneOf(&["classic", "consumer"]),
        "How the group shares partitions: by its own leader, or by the coordinator.",
    )
    .kip(848)
    .only(&["classic"], "the consumer protocol comes later"),
    Setting::words(
        Scope::Consumer,
        "partition.assignment.strategy",
        "range",
        Kind::ListOf(&["range", "roundrobin"]),
        "How partitions are shared out, preferred first. Kafka's default adds cooperative-sticky.",
    ),
    consumer(
        "session.timeout.ms",
        "45000",
        (1, INT),
        "ms",
        "A member that sends no heartbeat for this long is removed.",
    )
    .kip(735),
    consumer("heartbeat.interval.ms", "3000", (1, INT), "ms", "Time between heartbeats."),
    consumer(
        "max.poll.interval.ms",
        "300000",
        (1, INT),
        "ms",
        "A consumer that does not poll for this long leaves the group.",
    )
    .kip(62),
    consumer("max.poll.records", "500", (1, INT), "", "Most records of one poll.").kip(41),
    Setting::words(
        Scope::Consumer,
        "enable.auto.commit",
        "true",
        Kind::Bool,
        "Positions are committed from time to time by poll().",
    ),
    consumer("auto.commit.interval.ms", "5000", (0, INT), "ms", "Time between automatic commits."),
    Setting::words(
        Scope::Consumer,
        "auto.offset.reset",
        "latest",
        Kind::OneOf(&["latest", "earliest", "none"]),
        "Where to begin without a committed offset.",
    ),
    Setting::words(
        Scope::Consumer,
        "isolation.level",
        "read_uncommitted",
        Kind::OneOf(&["read_uncommitted", "read_committed"]),
        "Whether records of open and aborted transactions are read.",
    )
    .kip(98)
    .only(&["read_uncommitted"], "transactions come later"),
    consumer(
        "fetch.min.bytes",
        "1",
        (0, INT),
        "bytes",
        "A fetch is answered when so much is there.",
    ),
    consumer("fetch.max.wait.ms", "500", (0, INT), "ms", "Longest wait for fetch.min.bytes."),
    consumer("fetch.max.bytes", "52428800", (0, INT), "bytes", "Limit of an answer to a fetch.")
        .kip(74),
    consumer(
        "max.partition.fetch.bytes",
        "1048576",
        (0, INT),
        "bytes",
        "Limit per partition; the first batch comes whole in any case.",
    )
    .kip(74),
    consumer("request.timeout.ms", "30000", (1, INT), "ms", "How long it waits for an answer."),
    consumer("retry.backoff.ms", "100", (1, INT), "ms", "Pause before a retry."),
    consumer(
        "metadata.max.age.ms",
        "300000",
        (1, INT),
        "ms",
        "Metadata is asked for again after this time.",
    ),
];
