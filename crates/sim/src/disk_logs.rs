//! What the disk of a broker holds, read from its files: what is left after a power loss, and what is
//! drawn of a broker that does not run.

use crate::World;
use crate::disk::SimDisk;
use highwater_cluster::settings::effective_topic_config;
use highwater_cluster::{NodeId, TopicPartition};
use highwater_log::{
    Batches, Log, LogConfig, Offset, OpenOptions, Storage, parse_offset_checkpoint,
};
use highwater_sorted::SortedMap;

/// Directory of a partition: `orders-0`.
pub(crate) fn partition_name(world: &World, tp: TopicPartition) -> String {
    match world.image().topics.get(&tp.topic) {
        Some(topic) => format!("{}-{}", topic.name, tp.partition),
        None => format!("topic {}-{}", tp.topic.0, tp.partition),
    }
}

/// Log end offset of every partition in a node's files: after the last whole batch.
pub(crate) fn end_offsets(world: &World, node: NodeId) -> SortedMap<TopicPartition, Offset> {
    let Some(found) = world.node(node) else { return SortedMap::new() };
    world
        .image()
        .partitions()
        .filter_map(|(tp, _)| Some((tp, end_offset(&found.disk, &partition_name(world, tp))?)))
        .collect()
}

fn end_offset(disk: &SimDisk, dir: &str) -> Option<Offset> {
    let names = disk.list(dir);
    let mut logs: Vec<(Offset, &String)> = names
        .iter()
        .filter_map(|name| Some((name.strip_suffix(".log")?.parse().ok()?, name)))
        .collect();
    highwater_sorted::sort(&mut logs);
    let (first, _) = logs.first()?;
    let mut end = *first;
    for (base, name) in &logs {
        // Segments after one that lost its end do not follow on: recovery deletes them.
        if *base != end {
            break;
        }
        let path = format!("{dir}/{name}");
        let size = u32::try_from(disk.len(&path)?).unwrap_or(u32::MAX);
        let bytes = disk.read(&path, 0, size).ok()?;
        for batch in Batches::new(&bytes).flatten() {
            end = batch.header.last_offset() + 1;
        }
    }
    Some(end)
}

/// The log of a partition as a restart would find it, with the (copied) disk it was recovered on.
pub(crate) fn recovered(world: &World, node: NodeId, tp: TopicPartition) -> Option<(Log, SimDisk)> {
    let mut disk = world.node(node)?.disk.clone();
    let dir = partition_name(world, tp);
    if disk.list(&dir).is_empty() {
        return None;
    }
    let checkpoint = |name: &str| -> Offset {
        let size = disk.len(name).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        let text = disk.read(name, 0, size).unwrap_or_else(|_| highwater_log::Bytes::empty());
        let entries = parse_offset_checkpoint(&text).unwrap_or_default();
        let (topic, partition) = dir.rsplit_once('-').unwrap_or((&dir, ""));
        let wanted = |e: &&(String, i32, Offset)| e.0 == topic && e.1.to_string() == partition;
        entries.iter().find(wanted).map_or(0, |e| e.2)
    };
    let options = OpenOptions {
        clean_shutdown: false,
        recovery_point: checkpoint("recovery-point-offset-checkpoint"),
        log_start_offset: checkpoint("log-start-offset-checkpoint"),
        high_watermark: checkpoint("replication-offset-checkpoint"),
        now_ms: world.now().wall_ms(),
    };
    let config = log_config(world, tp);
    let (log, _) = Log::open(&dir, config, options, &mut disk).ok()?;
    Some((log, disk))
}

fn log_config(world: &World, tp: TopicPartition) -> LogConfig {
    let topic = effective_topic_config(world.image(), tp.topic);
    LogConfig {
        segment_bytes: topic.segment_bytes,
        index_interval_bytes: topic.index_interval_bytes,
        segment_index_bytes: topic.segment_index_bytes,
        ..LogConfig::default()
    }
}
