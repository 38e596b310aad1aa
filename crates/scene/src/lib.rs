//! A drawing as data: keyed items with style classes, text measures, tween, hit test and an SVG
//! text backend. Knows no Kafka word and no browser.

mod animator;
mod ease;
mod element;
mod hit;
mod item;
pub mod metrics;
mod svg;

pub use animator::{Animator, Patch};
pub use ease::{WHOLE, between, ease, sine};
pub use element::{Element, element, number};
pub use hit::{Bounds, bounds, hit_test};
pub use item::*;
pub use metrics::text_width;
pub use svg::{SvgOptions, escape, root_attributes, to_svg};
