//! The player: a run, the director's clock over it, and the lesson that waits for the engine.

mod at;
mod types;

pub use at::{AT_FORMS, At};
pub use types::*;
