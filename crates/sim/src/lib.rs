//! The world: virtual time, network, disks, faults, trace, invariants, explanations and time travel.
//! The only scheduler there is; knows no browser.

pub mod disk;
pub mod hash;
mod input;
mod kernel;
pub mod network;
pub mod prng;
mod scenario;
mod trace;
mod view;
pub mod words;

pub use input::*;
pub use kernel::{Kernel, Node, local_correlation};
pub use scenario::*;
pub use trace::*;
pub use view::*;
