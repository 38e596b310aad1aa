//! How an offset is found: segment by base offset, position by the sparse index, then reading on.

use super::detail::LogDetail;
use crate::options::Look;
use crate::words;
use highwater_log::Offset;
use highwater_scene::{Unit, metrics::wrap, u};
use highwater_sim::{BatchView, ReplicaView, SegmentView};

/// A lookup and what it found.
pub(super) struct Lookup {
    pub offset: Offset,
    /// The index entry used: `(offset, position)`.
    pub entry: Option<(Offset, u32)>,
    /// Where reading starts.
    pub start: u32,
    /// Base offset of the batch that has it.
    pub batch: Option<Offset>,
    sentences: Vec<(Option<i32>, String)>,
}

/// Looks `detail.find` up.
pub(super) fn lookup(
    detail: &LogDetail,
    log: &ReplicaView,
    segment: Option<&SegmentView>,
    batches: &[&BatchView],
) -> Option<Lookup> {
    let offset = detail.find?;
    let mut out = Lookup { offset, entry: None, start: 0, batch: None, sentences: Vec::new() };
    let outside = if offset >= log.log_end_offset {
        Some(format!("the log ends at {}", log.log_end_offset))
    } else if offset < log.log_start_offset {
        Some(format!("the log starts at {}", log.log_start_offset))
    } else {
        None
    };
    if let Some(why) = outside {
        // A fetch at the log end itself waits; only what is beyond is an error.
        let what = if offset == log.log_end_offset {
            format!("Not written yet: {why}. A fetch from {offset} waits for it.")
        } else {
            format!("Not in this log: {why}. A fetch gets OFFSET_OUT_OF_RANGE.")
        };
        out.sentences.push((None, what));
        return Some(out);
    }
    let segment = segment?;
    let base = segment.base_offset;
    out.sentences.push((Some(1), format!("largest base offset ≤ {offset}: segment {base}")));
    out.entry = segment.offset_index.iter().rfind(|(o, _)| *o <= offset).copied();
    match out.entry {
        Some((o, position)) => {
            out.start = position;
            let text =
                format!("largest index entry ≤ {offset}: +{} = {o}, at {position}", o - base);
            out.sentences.push((Some(2), text));
        }
        None => {
            out.sentences.push((Some(2), format!("no index entry ≤ {offset}: from position 0")));
        }
    }
    let mut passed: Vec<String> = Vec::new();
    for batch in batches.iter().filter(|b| b.position >= out.start) {
        let range = words::offsets(batch.base_offset, batch.last_offset);
        if batch.last_offset >= offset {
            out.batch = Some(batch.base_offset);
            let start = out.start;
            let text = match passed.len() {
                0 => format!("read from {start}: {range} has it"),
                1 | 2 => format!("read from {start}: {}, then {range} has it", passed.join(", ")),
                n => format!("read from {start}: past {n} batches, then {range} has it"),
            };
            out.sentences.push((Some(3), text));
            break;
        }
        passed.push(range);
    }
    Some(out)
}

impl Lookup {
    /// Lines for a column, each sentence with its number at its first line.
    pub fn lines(&self, look: &Look, column: Unit) -> Vec<(Option<i32>, String)> {
        let room = (column - look.text * 2 - u(4)) * 96 / 100;
        let mut out = Vec::new();
        for (number, text) in &self.sentences {
            for (n, line) in wrap(text, look.text, false, room).into_iter().enumerate() {
                out.push((number.filter(|_| n == 0), line));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use highwater_cluster::{TopicId, TopicPartition};

    fn batch(base: Offset, last: Offset, position: u32) -> BatchView {
        BatchView { base_offset: base, last_offset: last, position, ..BatchView::default() }
    }

    #[test]
    fn the_largest_entry_at_or_below_is_where_reading_starts() {
        let all = [batch(14, 17, 0), batch(18, 18, 129), batch(19, 21, 207), batch(22, 23, 319)];
        let all: Vec<&BatchView> = all.iter().collect();
        let segment = SegmentView {
            base_offset: 14,
            next_offset: 24,
            offset_index: vec![(21, 207)],
            ..SegmentView::default()
        };
        let log = ReplicaView { log_end_offset: 24, ..ReplicaView::default() };
        let find = |offset| {
            let mut detail = LogDetail::new(TopicPartition::new(TopicId(1), 0), 1);
            detail.find = Some(offset);
            lookup(&detail, &log, Some(&segment), &all).map(|l| (l.entry, l.start, l.batch))
        };
        assert_eq!(find(23), Some((Some((21, 207)), 207, Some(22))));
        assert_eq!(find(21), Some((Some((21, 207)), 207, Some(19))));
        assert_eq!(find(20), Some((None, 0, Some(19))));
        assert_eq!(find(24), Some((None, 0, None)));
        assert_eq!(find(99), Some((None, 0, None)));
    }
}
