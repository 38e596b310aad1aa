//! Ordered maps, ordered sets and sorting for everything that is compiled into the page.
//!
//! The standard library's B-tree and its stable sort are compiled anew for every type that uses them, four to nine kilobytes
//! of WebAssembly each; there were some eighty maps and fifty sorts here, a quarter of the module. The collections of this
//! crate are vectors kept in order: a few hundred bytes per type, and faster at the sizes we have (tens of entries). The order
//! of iteration is that of the keys, so what the engine computes is the same on every machine.
//! See `docs/decisions/0005-sorted-vectors.md`.

mod map;
mod set;
mod sort;

pub use map::{Entry, SortedMap};
pub use set::SortedSet;
pub use sort::{sort, sort_by, sort_by_key};

/// Where `found` would have to stand in a list in order: `Ok` when it is there. One search for all types would call
/// through a pointer at every step, which costs the engine more time than this costs bytes.
fn search(len: usize, mut order: impl FnMut(usize) -> std::cmp::Ordering) -> Result<usize, usize> {
    let (mut from, mut to) = (0, len);
    while from < to {
        let middle = from + (to - from) / 2;
        match order(middle) {
            std::cmp::Ordering::Less => from = middle + 1,
            std::cmp::Ordering::Equal => return Ok(middle),
            std::cmp::Ordering::Greater => to = middle,
        }
    }
    Err(from)
}
