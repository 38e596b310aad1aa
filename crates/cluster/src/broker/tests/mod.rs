//! Brokers without a world: messages are delivered by hand, the controller is a script.

mod bench;
mod timed;

mod cluster;
mod conditions;
mod divergence;
mod fencing;
mod high_watermark;
mod isr;
mod lifecycle;
mod offsets;
mod produce;
mod replication;
mod truncation;
