//! From the world to a picture: the cluster map and the other views as scenes, and the stage in
//! words. Reads only plain views; decides nothing about Kafka.

mod axis;
mod cluster;
mod focus;
mod group;
mod keys;
mod log;
mod narration;
mod options;
mod outline;
pub mod pen;
mod plate;
mod replicas;
mod rings;
mod spacetime;
pub mod style;
mod timeline;
pub mod words;

pub use cluster::cluster;
pub use group::{
    Doing, GroupHistory, Mark, MemberHistory, MemberSpan, PartitionHistory, Phase, Steps, group,
};
pub use log::{LogDetail, log};
pub use narration::narration;
pub use options::{Profile, StageOptions};
pub use outline::{OutlineLine, outline};
pub use replicas::replicas;
pub use spacetime::{TimeAxis, spacetime};
pub use timeline::{
    BranchLine, QuietSpan, TidePoint, TimelineData, TimelineMarker, timeline_strip,
};
