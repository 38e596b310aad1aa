//! Facts: `08-groups` 8.2, 8.4 and 8.5, correctness.md B04 to B10 and CE-16, and recordings of
//! brokers and clients of 4.3.0 (`fixtures/behaviour/j_classic_*`, `k_commit_resume`).

mod brokers;
mod groups;
mod offsets;
mod reading;
mod trouble;
mod validation;
mod world;
