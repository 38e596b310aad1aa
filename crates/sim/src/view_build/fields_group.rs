//! Every field of a message by the names of Kafka's schemas: the group protocol.

use super::Builder;
use super::fields::Fields;
use super::messages::error_name;
use highwater_cluster::{Request, Response};

fn fields<const N: usize>(
    api: i16,
    name: &str,
    version: i16,
    rest: [(&'static str, String); N],
) -> Fields {
    let mut all = vec![("ApiKey", format!("{api} ({name})")), ("ApiVersion", version.to_string())];
    all.extend(rest);
    all
}

impl Builder<'_> {
    pub(super) fn group_request_fields(&self, request: &Request) -> Fields {
        match request {
            Request::FindCoordinator(r) => fields(
                10,
                "FindCoordinator",
                6,
                [("KeyType", "0 (GROUP)".to_owned()), ("CoordinatorKeys", r.group.to_string())],
            ),
            Request::JoinGroup(r) => {
                let names: Vec<&str> = r.protocols.iter().map(|(name, _)| &**name).collect();
                let rest = [
                    ("GroupId", r.group.to_string()),
                    ("SessionTimeoutMs", r.session_timeout_ms.to_string()),
                    ("RebalanceTimeoutMs", r.rebalance_timeout_ms.to_string()),
                    ("MemberId", r.member_id.to_string()),
                    ("ProtocolType", r.protocol_type.to_string()),
                    ("Protocols", names.join(", ")),
                ];
                fields(11, "JoinGroup", 9, rest)
            }
            Request::SyncGroup(r) => {
                let who: Vec<&str> = r.assignments.iter().map(|(member, _)| &**member).collect();
                let rest = [
                    ("GroupId", r.group.to_string()),
                    ("GenerationId", r.generation_id.to_string()),
                    ("MemberId", r.member_id.to_string()),
                    ("Assignments", who.join(", ")),
                ];
                fields(14, "SyncGroup", 5, rest)
            }
            Request::Heartbeat(r) => {
                let rest = [
                    ("GroupId", r.group.to_string()),
                    ("GenerationId", r.generation_id.to_string()),
                    ("MemberId", r.member_id.to_string()),
                ];
                fields(12, "Heartbeat", 4, rest)
            }
            Request::LeaveGroup(r) => {
                let rest =
                    [("GroupId", r.group.to_string()), ("MemberId", r.member_id.to_string())];
                fields(13, "LeaveGroup", 5, rest)
            }
            Request::OffsetCommit(r) => {
                let rest = [
                    ("GroupId", r.group.to_string()),
                    ("GenerationIdOrMemberEpoch", r.generation_id.to_string()),
                    ("MemberId", r.member_id.to_string()),
                ];
                let mut all = fields(8, "OffsetCommit", 10, rest);
                for (tp, offset, epoch) in &r.offsets {
                    self.push_tp(&mut all, *tp, "PartitionIndex");
                    all.push(("CommittedOffset", offset.to_string()));
                    all.push(("CommittedLeaderEpoch", epoch.to_string()));
                }
                all
            }
            Request::OffsetFetch(r) => {
                let mut all = fields(9, "OffsetFetch", 10, [("GroupId", r.group.to_string())]);
                for tp in &r.partitions {
                    self.push_tp(&mut all, *tp, "PartitionIndexes");
                }
                all
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn group_response_fields(&self, response: &Response) -> Fields {
        match response {
            Response::FindCoordinator(r) => fields(
                10,
                "FindCoordinator",
                6,
                [("ErrorCode", error_name(r.error)), ("NodeId", r.node.to_string())],
            ),
            Response::JoinGroup(r) => {
                let members: Vec<&str> = r.members.iter().map(|(member, _)| &**member).collect();
                let rest = [
                    ("ErrorCode", error_name(r.error)),
                    ("GenerationId", r.generation_id.to_string()),
                    ("ProtocolName", r.protocol_name.to_string()),
                    ("Leader", r.leader.to_string()),
                    ("MemberId", r.member_id.to_string()),
                    ("Members", members.join(", ")),
                ];
                fields(11, "JoinGroup", 9, rest)
            }
            Response::SyncGroup(r) => {
                let assignment =
                    highwater_cluster::assignor::Assignment::decode(&r.assignment).ok();
                let list: Vec<_> = assignment
                    .iter()
                    .flat_map(|a| a.iter().map(|(topic, partition)| format!("{topic}-{partition}")))
                    .collect();
                let rest = [("ErrorCode", error_name(r.error)), ("Assignment", list.join(", "))];
                fields(14, "SyncGroup", 5, rest)
            }
            Response::Heartbeat(r) => {
                fields(12, "Heartbeat", 4, [("ErrorCode", error_name(r.error))])
            }
            Response::LeaveGroup(r) => {
                fields(13, "LeaveGroup", 5, [("ErrorCode", error_name(r.error))])
            }
            Response::OffsetCommit(r) => {
                let mut all = fields(8, "OffsetCommit", 10, []);
                for (tp, error) in &r.partitions {
                    self.push_tp(&mut all, *tp, "PartitionIndex");
                    all.push(("ErrorCode", error_name(*error)));
                }
                all
            }
            Response::OffsetFetch(r) => {
                let mut all = fields(9, "OffsetFetch", 10, [("ErrorCode", error_name(r.error))]);
                for (tp, offset, epoch) in &r.offsets {
                    self.push_tp(&mut all, *tp, "PartitionIndexes");
                    all.push(("CommittedOffset", offset.to_string()));
                    all.push(("CommittedLeaderEpoch", epoch.to_string()));
                }
                all
            }
            _ => Vec::new(),
        }
    }
}
