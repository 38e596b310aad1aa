//! From the world to a picture: the cluster map and the other views as scenes, and the stage in
//! words. Reads only plain views; decides nothing about Kafka.

mod cluster;
mod focus;
mod options;
pub mod pen;
mod plate;
mod replicas;
mod rings;
pub mod style;
pub mod words;

pub use cluster::cluster;
pub use options::{Profile, StageOptions};
pub use replicas::replicas;
