//! Shared helpers of the cross-crate tests.

pub mod chaos;
pub mod cluster;
pub mod fixture;
pub mod suite;
