//! Settings of brokers and of the controller.

use super::{Kind, Scope, Setting};

const INT: i64 = i32::MAX as i64;
const LONG: i64 = i64::MAX;
const SHORT: i64 = i16::MAX as i64;

const fn int(
    name: &'static str,
    default: &'static str,
    range: (i64, i64),
    unit: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting::int(Scope::Broker, name, default, range, unit, meaning)
}

const fn controller(
    name: &'static str,
    default: &'static str,
    range: (i64, i64),
    unit: &'static str,
    meaning: &'static str,
) -> Setting {
    Setting::int(Scope::Controller, name, default, range, unit, meaning)
}

/// Settings of a broker.
pub(super) const BROKER: &[Setting] = &[
    int(
        "replica.lag.time.max.ms",
        "30000",
        (1, LONG),
        "ms",
        "How long a follower may go without catching up before the leader proposes an ISR without it.",
    )
    .kip(16),
    int(
        "replica.fetch.wait.max.ms",
        "500",
        (0, INT),
        "ms",
        "Longest wait of a follower's fetch at the leader when there is nothing new.",
    ),
    int(
        "replica.fetch.min.bytes",
        "1",
        (0, INT),
        "bytes",
        "A follower's fetch is answered as soon as so many bytes are there.",
    ),
    int(
        "replica.fetch.max.bytes",
        "1048576",
        (0, INT),
        "bytes",
        "Limit per partition in a follower's fetch; the first batch comes whole in any case.",
    )
    .kip(74),
    int(
        "replica.fetch.response.max.bytes",
        "10485760",
        (0, INT),
        "bytes",
        "Limit of a whole answer to a follower's fetch.",
    )
    .kip(74),
    int(
        "replica.fetch.backoff.ms",
        "1000",
        (1, INT),
        "ms",
        "Pause of a follower's fetch for a partition after an error.",
    ),
    int(
        "replica.high.watermark.checkpoint.interval.ms",
        "5000",
        (1, LONG),
        "ms",
        "How often the high watermarks are written to replication-offset-checkpoint.",
    ),
    int(
        "fetch.max.bytes",
        "57671680",
        (1024, INT),
        "bytes",
        "The broker's own limit of an answer to a fetch.",
    )
    .kip(541),
    int(
        "broker.heartbeat.interval.ms",
        "2000",
        (1, INT),
        "ms",
        "How often a broker tells the controller that it is alive.",
    )
    .kip(631),
    int(
        "log.retention.check.interval.ms",
        "300000",
        (1, LONG),
        "ms",
        "How often a broker looks for segments to delete.",
    ),
    int(
        "log.initial.task.delay.ms",
        "30000",
        (0, LONG),
        "ms",
        "When the periodic tasks of the logs run for the first time after the start.",
    )
    ,
    int(
        "log.flush.offset.checkpoint.interval.ms",
        "60000",
        (1, INT),
        "ms",
        "How often the recovery points are written.",
    ),
    int(
        "group.initial.rebalance.delay.ms",
        "3000",
        (0, INT),
        "ms",
        "How long the coordinator waits for more members of a new group.",
    )
    .kip(134),
    int(
        "group.min.session.timeout.ms",
        "6000",
        (1, INT),
        "ms",
        "Shortest session.timeout.ms a consumer may ask for.",
    ),
    int(
        "group.max.session.timeout.ms",
        "1800000",
        (1, INT),
        "ms",
        "Longest session.timeout.ms a consumer may ask for.",
    ),
    int("group.max.size", "2147483647", (1, INT), "", "Most members of a group.").kip(389),
    int(
        "offsets.topic.num.partitions",
        "50",
        (1, 1000),
        "",
        "Partitions of __consumer_offsets; a group's offsets live in one of them.",
    ),
    int(
        "offsets.topic.replication.factor",
        "3",
        (1, SHORT),
        "",
        "Replicas of __consumer_offsets; it is not made while there are fewer brokers.",
    )
    .kip(115),
    int(
        "offset.metadata.max.bytes",
        "4096",
        (0, INT),
        "bytes",
        "Longest text kept with a committed offset.",
    ),
    int(
        "offsets.retention.minutes",
        "10080",
        (1, INT),
        "minutes",
        "How long the offsets of a group without members are kept.",
    )
    .kip(211),
    int(
        "offsets.retention.check.interval.ms",
        "600000",
        (1, LONG),
        "ms",
        "How often the coordinator looks for offsets to drop.",
    ),
    int(
        "request.timeout.ms",
        "30000",
        (1, INT),
        "ms",
        "How long a broker waits for the controller's answer.",
    ),
    Setting::words(
        Scope::Broker,
        "auto.create.topics.enable",
        "true",
        Kind::Bool,
        "A topic that a client asks for is made with the defaults.",
    ),
];

/// Settings of the controller.
pub(super) const CONTROLLER: &[Setting] = &[
    controller(
        "broker.session.timeout.ms",
        "9000",
        (1, INT),
        "ms",
        "A broker is fenced when so much time has passed since its last heartbeat.",
    )
    .kip(631),
    controller("num.partitions", "1", (1, INT), "", "Partitions of a topic made without a number."),
    controller(
        "default.replication.factor",
        "1",
        (1, SHORT),
        "",
        "Replicas of a topic made without a number.",
    ),
    Setting::words(
        Scope::Controller,
        "auto.leader.rebalance.enable",
        "true",
        Kind::Bool,
        "The controller gives leadership back to preferred replicas from time to time.",
    ),
    controller(
        "leader.imbalance.check.interval.seconds",
        "300",
        (1, INT),
        "s",
        "How often it looks for partitions that their preferred replica does not lead.",
    ),
    controller(
        "unclean.leader.election.interval.ms",
        "300000",
        (1, LONG),
        "ms",
        "How often it looks for leaderless partitions whose topic allows an unclean election.",
    ),
];
