//! Shared helpers of the cross-crate tests.

pub mod cluster;
pub mod fixture;
