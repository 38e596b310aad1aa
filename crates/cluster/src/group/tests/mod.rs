//! Facts: the tables of `08-groups` 8.1, 8.2 and 8.5, the vectors of `11-rpc` 11.2, a
//! `__consumer_offsets` log written by a broker of 4.3.0 and recordings of such brokers.

mod commits;
pub(crate) mod doubles;
mod failover;
mod fixture;
mod harness;
mod rebalance;
mod records;
mod states;
