//! Offset checkpoint files: one number per partition, as text (Kafka: `OffsetCheckpointFile`), and the
//! file that says that a broker stopped in an orderly way (`CleanShutdownFileHandler`).

use crate::Name;
use highwater_log::{
    Bytes, Offset, Storage, StorageError, format_offset_checkpoint, parse_offset_checkpoint,
};
use highwater_sorted::SortedMap;

/// High watermarks.
pub const HIGH_WATERMARK_FILE: &str = "replication-offset-checkpoint";
/// Flushed up to.
pub const RECOVERY_POINT_FILE: &str = "recovery-point-offset-checkpoint";
/// Log start offsets.
pub const LOG_START_FILE: &str = "log-start-offset-checkpoint";
/// Exists after an orderly stop.
pub const CLEAN_SHUTDOWN_FILE: &str = ".kafka_cleanshutdown";

/// What a checkpoint file holds, by topic name and partition.
pub type Offsets = SortedMap<(Name, i32), Offset>;

/// Reads a checkpoint file; a missing or damaged one counts as empty (Kafka takes 0 for what is missing).
pub fn read(disk: &dyn Storage, file: &str) -> Offsets {
    let entries = bytes(disk, file).and_then(|text| parse_offset_checkpoint(&text).ok());
    let entry =
        |(topic, partition, offset): (String, i32, Offset)| ((topic.into(), partition), offset);
    entries.unwrap_or_default().into_iter().map(entry).collect()
}

fn bytes(disk: &dyn Storage, file: &str) -> Option<Bytes> {
    disk.read(file, 0, u32::try_from(disk.len(file)?).ok()?).ok()
}

/// Writes a checkpoint file.
pub fn write(disk: &mut dyn Storage, file: &str, offsets: &Offsets) -> Result<(), StorageError> {
    let entries =
        offsets.iter().map(|((topic, partition), offset)| (&**topic, *partition, *offset));
    disk.replace(file, &format_offset_checkpoint(entries))
}

/// Broker epoch of the last life if that one ended in an orderly way, else `None`.
pub fn read_clean_shutdown(disk: &dyn Storage) -> Option<i64> {
    let text = bytes(disk, CLEAN_SHUTDOWN_FILE)?;
    let text = std::str::from_utf8(&text).ok()?;
    let (_, epoch) = text.trim().trim_end_matches('}').split_once("\"brokerEpoch\":")?;
    epoch.trim().parse().ok()
}

/// Says that the broker with this epoch stops in an orderly way.
pub fn write_clean_shutdown(disk: &mut dyn Storage, broker_epoch: i64) -> Result<(), StorageError> {
    let text = format!("{{\"version\":0,\"brokerEpoch\":{broker_epoch}}}");
    disk.replace(CLEAN_SHUTDOWN_FILE, text.as_bytes())
}
