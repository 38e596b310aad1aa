//! Responses of the group APIs that carry an error.

use crate::{
    HeartbeatResponse, JoinGroupResponse, KafkaError, LeaveGroupResponse, Name,
    OffsetCommitResponse, OffsetFetchResponse, Request, Response, SyncGroupResponse,
};
use highwater_log::Bytes;

pub(super) fn join_error(error: KafkaError, member_id: &Name) -> JoinGroupResponse {
    JoinGroupResponse {
        error: Some(error),
        generation_id: -1,
        protocol_name: Name::from(""),
        leader: Name::from(""),
        member_id: member_id.clone(),
        members: Vec::new(),
    }
}

pub(super) fn sync_error(error: KafkaError) -> SyncGroupResponse {
    SyncGroupResponse { error: Some(error), assignment: Bytes::empty() }
}

/// The answer to a group request that fails as a whole; `None` when it is not a group request.
pub(super) fn refuse(request: &Request, error: KafkaError) -> Option<Response> {
    let failed = Some(error);
    Some(match request {
        Request::JoinGroup(r) => join_error(error, &r.member_id).into(),
        Request::SyncGroup(_) => sync_error(error).into(),
        Request::Heartbeat(_) => HeartbeatResponse { error: failed }.into(),
        Request::LeaveGroup(_) => LeaveGroupResponse { error: failed }.into(),
        Request::OffsetCommit(r) => OffsetCommitResponse {
            partitions: r.offsets.iter().map(|(tp, _, _)| (*tp, failed)).collect(),
        }
        .into(),
        Request::OffsetFetch(_) => {
            OffsetFetchResponse { error: failed, offsets: Vec::new() }.into()
        }
        _ => return None,
    })
}

macro_rules! into_response {
    ($($response:ident $variant:ident;)*) => {
        $(impl From<$response> for Response {
            fn from(response: $response) -> Self {
                Self::$variant(response)
            }
        })*
    };
}

into_response! {
    JoinGroupResponse JoinGroup;
    SyncGroupResponse SyncGroup;
    HeartbeatResponse Heartbeat;
    LeaveGroupResponse LeaveGroup;
    OffsetCommitResponse OffsetCommit;
    OffsetFetchResponse OffsetFetch;
}
