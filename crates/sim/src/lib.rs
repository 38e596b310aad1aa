//! The world: virtual time, network, disks, faults, trace, invariants, explanations and time travel.
//! The only scheduler there is; knows no browser.

mod action_text;
pub mod disk;
pub mod hash;
mod input;
mod kernel;
#[cfg(test)]
mod kernel_tests;
pub mod network;
pub mod prng;
mod scenario;
mod text_parts;
mod trace;
mod view;
pub mod words;

pub use action_text::ACTION_FORMS;
pub use input::*;
pub use kernel::{Kernel, Node, local_correlation};
pub use scenario::*;
pub use text_parts::{parse_node, parse_partition, parse_span};
pub use trace::*;
pub use view::*;
