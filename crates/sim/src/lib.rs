//! The world: virtual time, network, disks, faults, trace, invariants, explanations and time travel.
//! The only scheduler there is; knows no browser.

mod input;
mod scenario;
mod view;

pub use input::*;
pub use scenario::*;
pub use view::*;
