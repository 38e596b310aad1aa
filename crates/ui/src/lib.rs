//! The page around the engine: Yew components for what people read and press, live SVG for the stage,
//! one frame loop per figure. Changes the world only through [`port`]'s wishes.

pub mod chrome;
pub mod facts;
pub mod format;
pub mod inspect;
pub mod keys;
pub mod link;
pub mod mount;
pub mod notice;
pub mod options;
pub mod parts;
pub mod picture;
pub mod port;
pub mod same;
pub mod speed;
pub mod svg;

pub use mount::Mount;
pub use notice::{Kept, Notice};
pub use options::Options;
