//! The group coordinator: classic consumer groups and their committed offsets.

mod host;

pub use host::CoordinatorHost;
