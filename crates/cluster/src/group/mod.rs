//! The group coordinator: classic consumer groups and their committed offsets.
//!
//! States and requests are those of `08-groups` 8.1, 8.2 and 8.5. Left out: static members
//! (KIP-345), the KIP-848 protocol, transactional offsets and share groups.

mod answers;
mod classic;
mod commits;
mod coordinator;
mod host;
mod join;
mod member;
mod membership;
mod records;
mod sync;
#[cfg(test)]
pub(crate) mod tests;
mod turn;
mod writes;

pub use classic::{ClassicGroup, CommittedOffset, PendingMember, Phase, PhaseKind};
pub use coordinator::GroupCoordinator;
pub use host::CoordinatorHost;
pub use member::{GroupMember, Waiting};
pub use records::{GroupValue, Key, MemberValue, OffsetValue, topic_uuid};
pub use writes::OFFSETS_COMMIT_TIMEOUT_MS;
