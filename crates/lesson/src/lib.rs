//! Scenarios and lessons (text form for authors, packed form for the page) and the player that runs
//! them: intents in, positions out. Pure: time comes in as a number.

pub mod director;
mod grammar;
mod lesson;
mod nearest;
mod overrides;
pub mod packed;
mod player;
#[cfg(feature = "text")]
pub mod text;

pub use director::{Beat, Director, Effect, Quiet, Speed};
pub use lesson::*;
pub use nearest::nearest;
pub use overrides::override_settings;
pub use packed::{PackError, pack, unpack};
pub use player::*;
