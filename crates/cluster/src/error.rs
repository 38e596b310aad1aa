//! Kafka's error codes, the ones this model can return (`org.apache.kafka.common.protocol.Errors`).

macro_rules! errors {
    ($($variant:ident $code:literal $name:literal $retriable:literal $refresh:literal;)*) => {
        /// An error of the protocol. `None` in a response means success.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[allow(missing_docs)]
        pub enum KafkaError { $($variant,)* }
        impl KafkaError {
            /// Kafka's numeric code.
            pub fn code(self) -> i16 { match self { $(Self::$variant => $code,)* } }
            /// Kafka's name, e.g. `NOT_ENOUGH_REPLICAS`.
            pub fn name(self) -> &'static str { match self { $(Self::$variant => $name,)* } }
            /// Whether a client may retry (Kafka: a `RetriableException`).
            pub fn retriable(self) -> bool { match self { $(Self::$variant => $retriable,)* } }
            /// Whether a client refreshes its metadata first (Kafka: `InvalidMetadataException`).
            pub fn refreshes_metadata(self) -> bool { match self { $(Self::$variant => $refresh,)* } }
            /// Every error, in order of definition.
            pub const ALL: &'static [KafkaError] = &[$(Self::$variant,)*];
        }
    };
}

errors! {
    UnknownServerError -1 "UNKNOWN_SERVER_ERROR" false false;
    OffsetOutOfRange 1 "OFFSET_OUT_OF_RANGE" false false;
    CorruptMessage 2 "CORRUPT_MESSAGE" true false;
    UnknownTopicOrPartition 3 "UNKNOWN_TOPIC_OR_PARTITION" true true;
    LeaderNotAvailable 5 "LEADER_NOT_AVAILABLE" true true;
    NotLeaderOrFollower 6 "NOT_LEADER_OR_FOLLOWER" true true;
    RequestTimedOut 7 "REQUEST_TIMED_OUT" true false;
    MessageTooLarge 10 "MESSAGE_TOO_LARGE" false false;
    OffsetMetadataTooLarge 12 "OFFSET_METADATA_TOO_LARGE" false false;
    NetworkException 13 "NETWORK_EXCEPTION" true true;
    CoordinatorLoadInProgress 14 "COORDINATOR_LOAD_IN_PROGRESS" true false;
    CoordinatorNotAvailable 15 "COORDINATOR_NOT_AVAILABLE" true false;
    NotCoordinator 16 "NOT_COORDINATOR" true false;
    InvalidTopicException 17 "INVALID_TOPIC_EXCEPTION" false false;
    RecordListTooLarge 18 "RECORD_LIST_TOO_LARGE" false false;
    NotEnoughReplicas 19 "NOT_ENOUGH_REPLICAS" true false;
    NotEnoughReplicasAfterAppend 20 "NOT_ENOUGH_REPLICAS_AFTER_APPEND" true false;
    InvalidRequiredAcks 21 "INVALID_REQUIRED_ACKS" false false;
    IllegalGeneration 22 "ILLEGAL_GENERATION" false false;
    InconsistentGroupProtocol 23 "INCONSISTENT_GROUP_PROTOCOL" false false;
    InvalidGroupId 24 "INVALID_GROUP_ID" false false;
    UnknownMemberId 25 "UNKNOWN_MEMBER_ID" false false;
    InvalidSessionTimeout 26 "INVALID_SESSION_TIMEOUT" false false;
    RebalanceInProgress 27 "REBALANCE_IN_PROGRESS" false false;
    InvalidTimestamp 32 "INVALID_TIMESTAMP" false false;
    TopicAlreadyExists 36 "TOPIC_ALREADY_EXISTS" false false;
    InvalidPartitions 37 "INVALID_PARTITIONS" false false;
    InvalidReplicationFactor 38 "INVALID_REPLICATION_FACTOR" false false;
    InvalidReplicaAssignment 39 "INVALID_REPLICA_ASSIGNMENT" false false;
    InvalidConfig 40 "INVALID_CONFIG" false false;
    NotController 41 "NOT_CONTROLLER" true false;
    InvalidRequest 42 "INVALID_REQUEST" false false;
    PolicyViolation 44 "POLICY_VIOLATION" false false;
    KafkaStorageError 56 "KAFKA_STORAGE_ERROR" true true;
    GroupIdNotFound 69 "GROUP_ID_NOT_FOUND" false false;
    FencedLeaderEpoch 74 "FENCED_LEADER_EPOCH" true true;
    UnknownLeaderEpoch 75 "UNKNOWN_LEADER_EPOCH" true false;
    StaleBrokerEpoch 77 "STALE_BROKER_EPOCH" false false;
    OffsetNotAvailable 78 "OFFSET_NOT_AVAILABLE" true false;
    MemberIdRequired 79 "MEMBER_ID_REQUIRED" false false;
    PreferredLeaderNotAvailable 80 "PREFERRED_LEADER_NOT_AVAILABLE" true true;
    GroupMaxSizeReached 81 "GROUP_MAX_SIZE_REACHED" false false;
    EligibleLeadersNotAvailable 83 "ELIGIBLE_LEADERS_NOT_AVAILABLE" true true;
    ElectionNotNeeded 84 "ELECTION_NOT_NEEDED" true true;
    InvalidRecord 87 "INVALID_RECORD" false false;
    InvalidUpdateVersion 95 "INVALID_UPDATE_VERSION" false false;
    UnknownTopicId 100 "UNKNOWN_TOPIC_ID" true true;
    DuplicateBrokerRegistration 101 "DUPLICATE_BROKER_REGISTRATION" false false;
    BrokerIdNotRegistered 102 "BROKER_ID_NOT_REGISTERED" false false;
    IneligibleReplica 107 "INELIGIBLE_REPLICA" false false;
    NewLeaderElected 108 "NEW_LEADER_ELECTED" false false;
}

impl std::fmt::Display for KafkaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
