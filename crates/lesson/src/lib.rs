//! Scenarios and lessons (text form for authors, packed form for the page) and the player that runs
//! them: intents in, positions out. Pure: time comes in as a number.

mod lesson;

pub use lesson::*;
