//! Opening a log and recovery after an unclean shutdown (Kafka: `LogLoader`).

use crate::log::{EPOCH_CHECKPOINT, OpenOptions};
use crate::segment::{DELETED_SUFFIX, file_path, parse_file_name};
use crate::truncate::remove_files;
use crate::{
    BatchHeader, LeaderEpochCache, Log, LogConfig, LogError, Offset, Segment, Storage,
    parse_epoch_checkpoint,
};
use std::sync::Arc;

/// What opening a log did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RecoveryInfo {
    /// Whether batches were walked and checked, because the shutdown was not clean.
    pub unclean: bool,
    /// Base offsets of the segments that were walked, their indexes rebuilt.
    pub recovered_segments: Vec<Offset>,
    /// Segment that was cut at its first invalid batch, and how many bytes went there.
    pub cut: Option<(Offset, u32)>,
    /// Base offsets of the segments that were deleted because they came after the cut.
    pub deleted_segments: Vec<Offset>,
    /// Bytes lost to the cut, with those of the deleted segments.
    pub cut_bytes: u64,
    /// Everything was deleted because the log ended below its checkpointed start.
    pub below_log_start: bool,
    /// Where the log ends now.
    pub log_end_offset: Offset,
}

impl Log {
    /// Opens the log in `dir`, making it when there is nothing. After an unclean shutdown the
    /// batches from the recovery point on are checked and the log is cut at the first bad one.
    ///
    /// # Errors
    /// A failed file operation, or bytes below the recovery point that are not batches.
    pub fn open(
        dir: &str,
        config: LogConfig,
        options: OpenOptions,
        storage: &mut dyn Storage,
    ) -> Result<(Self, RecoveryInfo), LogError> {
        let mut loader = Loader {
            dir,
            config,
            options,
            epochs: read_epochs(dir, storage)?,
            info: RecoveryInfo::default(),
        };
        loader.info.unclean = !options.clean_shutdown;
        let mut segments = loader.segments(storage)?;
        let mut log_end_offset = segments.last().map_or(0, |s| s.next_offset());
        if !segments.is_empty() && log_end_offset < options.log_start_offset {
            loader.info.below_log_start = true;
            for segment in segments.drain(..) {
                loader.info.cut_bytes += u64::from(segment.bytes());
                remove_files(&segment, storage)?;
            }
        }
        if segments.is_empty() {
            log_end_offset = options.log_start_offset.max(0);
            let segment = Segment::create(dir, log_end_offset, options.now_ms, storage)?;
            segments.push(Arc::new(segment));
        }
        loader.info.log_end_offset = log_end_offset;
        let log_start_offset = options.log_start_offset.max(segments[0].base_offset());
        let recovery_point = match options.clean_shutdown {
            true => log_end_offset,
            false => options.recovery_point.clamp(0, log_end_offset),
        };
        let mut epochs = loader.epochs;
        let cut = epochs.truncate_from_end(log_end_offset);
        let changed = epochs.truncate_from_start(log_start_offset) || cut;
        let mut log = Self {
            dir: Arc::from(dir),
            config,
            segments,
            log_start_offset,
            log_end_offset,
            high_watermark: 0,
            recovery_point,
            epochs,
            pending_unlinks: Vec::new(),
        };
        log.set_high_watermark(options.high_watermark);
        if changed || !loader.info.recovered_segments.is_empty() {
            log.write_epochs(storage)?;
        }
        Ok((log, loader.info))
    }
}

fn read_epochs(dir: &str, storage: &dyn Storage) -> Result<LeaderEpochCache, LogError> {
    let path = format!("{dir}/{EPOCH_CHECKPOINT}");
    let Some(len) = storage.len(&path) else { return Ok(LeaderEpochCache::default()) };
    let text = storage.read(&path, 0, u32::try_from(len).unwrap_or(u32::MAX))?;
    let entries =
        parse_epoch_checkpoint(&text).map_err(|reason| LogError::Checkpoint { path, reason })?;
    Ok(LeaderEpochCache::from_entries(entries))
}

struct Loader<'a> {
    dir: &'a str,
    config: LogConfig,
    options: OpenOptions,
    epochs: LeaderEpochCache,
    info: RecoveryInfo,
}

impl Loader<'_> {
    /// Opens or recovers every segment.
    fn segments(&mut self, storage: &mut dyn Storage) -> Result<Vec<Arc<Segment>>, LogError> {
        let bases = self.clean_up(storage)?;
        let mut segments: Vec<Arc<Segment>> = Vec::new();
        let mut cut = false;
        for (index, &base) in bases.iter().enumerate() {
            if cut {
                self.delete(base, storage)?;
                continue;
            }
            let next = bases.get(index + 1).copied();
            // A segment counts as below the recovery point when its successor does.
            let flushed = next.is_some_and(|next| next <= self.options.recovery_point);
            let mut opened = None;
            let trusted = self.options.clean_shutdown || flushed;
            if trusted {
                opened =
                    Segment::open(self.dir, base, self.options.now_ms, next.is_none(), storage)?;
            }
            let segment = match opened {
                Some(segment) => segment,
                None => {
                    let (segment, bytes) = self.recover(base, storage)?;
                    if bytes > 0 {
                        // Rebuilding an index below the recovery point says nothing about what
                        // comes later.
                        cut = !trusted;
                        self.info.cut = Some((base, bytes));
                        self.info.cut_bytes += u64::from(bytes);
                    }
                    segment
                }
            };
            segments.push(Arc::new(segment));
        }
        Ok(segments)
    }

    fn recover(
        &mut self,
        base: Offset,
        storage: &mut dyn Storage,
    ) -> Result<(Segment, u32), LogError> {
        self.info.recovered_segments.push(base);
        let epochs = &mut self.epochs;
        let mut visit = |header: &BatchHeader| {
            if epochs.latest().is_none_or(|latest| header.partition_leader_epoch > latest.epoch) {
                epochs.assign(header.partition_leader_epoch, header.base_offset);
            }
        };
        let (dir, now_ms) = (self.dir, self.options.now_ms);
        Segment::recover(dir, base, now_ms, &self.config, storage, &mut visit)
    }

    fn delete(&mut self, base: Offset, storage: &mut dyn Storage) -> Result<(), LogError> {
        self.info.deleted_segments.push(base);
        self.info.cut_bytes += storage.len(&file_path(self.dir, base, "log")).unwrap_or(0);
        for extension in crate::segment::EXTENSIONS {
            storage.remove(&file_path(self.dir, base, extension))?;
        }
        Ok(())
    }

    /// Removes what a crash left behind; returns the base offsets of the segments, sorted.
    fn clean_up(&self, storage: &mut dyn Storage) -> Result<Vec<Offset>, LogError> {
        let names = storage.list(self.dir);
        let mut bases = Vec::new();
        for name in &names {
            let Some((base, rest)) = parse_file_name(name) else { continue };
            let path = format!("{}/{name}", self.dir);
            if rest.ends_with(DELETED_SUFFIX) || rest.ends_with(".cleaned") {
                storage.remove(&path)?;
            } else if rest == "log" {
                bases.push(base);
            }
        }
        for name in &names {
            let Some((base, "index" | "timeindex" | "txnindex")) = parse_file_name(name) else {
                continue;
            };
            if bases.binary_search(&base).is_err() {
                storage.remove(&format!("{}/{name}", self.dir))?;
            }
        }
        Ok(bases)
    }
}
