//! A drawing as data: keyed items with style classes, layout helpers, text measures, tween, hit
//! test and an SVG text backend. Knows no Kafka word and no browser.

mod item;

pub use item::*;
