//! The world: virtual time, network, disks, faults, trace, invariants, explanations and time travel.
//! The only scheduler there is; knows no browser.

mod action_text;
mod cast;
#[cfg(test)]
mod chaos_tests;
#[cfg(test)]
mod claims_tests;
pub mod disk;
mod disk_logs;
mod enabled;
pub mod explain;
mod flights;
pub mod hash;
mod input;
mod kernel;
mod keys;
pub mod markers;
pub mod network;
mod oracle;
pub mod prng;
mod process;
pub mod query;
mod scenario;
mod text_parts;
pub mod timeline;
pub mod token;
mod trace;
mod view;
mod view_build;
pub mod words;
mod world;

pub use action_text::ACTION_FORMS;
pub use enabled::{Selection, enabled};
pub use explain::{ExplainError, Explanation, Fact, Question};
pub use flights::Flight;
pub use input::*;
pub use kernel::{Kernel, Node, local_correlation};
pub use keys::KeyBook;
pub use markers::{
    MARKER_KINDS, Marker, event_text, is_moment, is_moment_of, lost_message, marker,
};
pub use oracle::{BatchId, INVARIANTS, Oracle, Written};
pub use process::Process;
pub use scenario::*;
pub use text_parts::{parse_node, parse_partition, parse_span, quote};
pub use timeline::{BranchId, BranchInfo, LoggedInput, Place, Timeline};
pub use token::{Share, TOKEN_VERSION, TokenError, scenario_hash};
pub use trace::*;
pub use view::*;
pub use world::{StepResult, World};
