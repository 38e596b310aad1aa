//! Columns of the log microscope: the log, one segment of it, one batch of that. Where there is no
//! room for all, those that the reader has opened.

use super::detail::{Found, LogDetail};
use crate::options::{Look, Profile, StageOptions};
use crate::pen::width;
use highwater_log::Offset;
use highwater_scene::{Unit, u};
use highwater_sim::{BatchView, ReplicaView, SegmentView, TopicView, WorldView};

/// A column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub x: Unit,
    pub w: Unit,
}

/// Everything the parts need.
pub(super) struct Plan<'a> {
    pub view: &'a WorldView,
    pub look: Look,
    /// A question is open: nothing tells what comes.
    pub question_open: bool,
    pub detail: &'a LogDetail,
    pub topic: &'a TopicView,
    pub log: &'a ReplicaView,
    /// `orders-0@1`.
    pub pick: String,
    /// `orders-0`.
    pub name: &'a str,
    pub width: Unit,
    pub height: Unit,
    /// The whole log; with bars of size and age or without.
    pub whole: Option<(Area, bool)>,
    pub inside: Option<Area>,
    pub bytes: Option<Area>,
    pub segment: Option<&'a SegmentView>,
    pub batches: Vec<&'a BatchView>,
    pub batch: Option<&'a BatchView>,
    /// Below the titles; above the lower edge.
    pub top: Unit,
    pub bottom: Unit,
}

/// A file name without its zeros: `0…0014.log`, or all digits where there are more.
pub(super) fn file(base: Offset, suffix: &str) -> String {
    format!("0…{base:04}{suffix}")
}

/// Widths of the parts of the columns.
pub(super) struct Sizes {
    /// Left of the log's stack: offsets.
    pub gauge: Unit,
    pub stack: Unit,
    /// Page cache and disk.
    pub disk: Unit,
    /// Names, and bars under them.
    pub names: Unit,
    /// Left of the segment's stack: positions.
    pub positions: Unit,
    pub records: Unit,
    /// Arrows of the index and the boxes they come from.
    pub arrows: Unit,
    pub entry: Unit,
    /// Positions of fields, bytes of a row, names and values.
    pub field: Unit,
    pub row_bytes: Unit,
    pub values: Unit,
    /// One byte.
    pub pitch: Unit,
}

/// Bytes that a row shows before it is cut.
pub(super) const ROW_BYTES: usize = 8;

pub(super) fn sizes(log: &ReplicaView, segment: Option<&SegmentView>, look: &Look) -> Sizes {
    let wide = |text: &str, class: &str| width(text, look.text, class);
    let end = log.log_end_offset.max(10);
    let position = segment.map_or(1000, |s| s.size_bytes.max(100));
    let offsets = segment.map_or(10, |s| (s.next_offset - s.base_offset).max(10));
    let entry = wide(&format!("+{offsets} → {position}"), "b")
        .max(wide(if look.small_print { "0…0014.index" } else { "index" }, "b"));
    let last = log.segments.last().map_or(0, |s| s.base_offset);
    let name = wide(&file(last, ".log"), "b").max(wide("888.8 kB, active", ""));
    let pitch = look.text * 138 / 100;
    Sizes {
        gauge: wide(&format!("LEO {end}"), "b") + u(10),
        stack: u(64),
        disk: u(14),
        names: name + u(4),
        positions: wide(&position.to_string(), "b").max(if look.small_print {
            wide("position", "")
        } else {
            0
        }) + u(8),
        records: look.chip
            + wide(&end.to_string(), "b").max(wide("header 61 B", "") - u(20))
            + u(24),
        arrows: u(24),
        entry: entry + u(10),
        field: wide("888", "") + u(8),
        row_bytes: pitch * i32::try_from(ROW_BYTES).unwrap_or(8) + u(8),
        values: wide("attributes none, CreateTime", "") + u(10),
        pitch,
    }
}

impl Sizes {
    fn whole(&self, bars: bool) -> Unit {
        let names = if bars { self.names.max(u(108)) } else { self.names };
        self.gauge + self.stack + self.disk + names
    }
    fn inside(&self) -> Unit {
        self.positions + self.records + self.arrows + self.entry
    }
    fn bytes(&self) -> Unit {
        u(12) + self.field + self.row_bytes + self.values
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole { bars: bool },
    Inside,
    Bytes,
}

/// Sets of columns in the order of wishes.
fn wishes(detail: &LogDetail, has_bytes: bool) -> Vec<Vec<Part>> {
    use Part::{Bytes, Inside};
    let (full, slim) = (Part::Whole { bars: true }, Part::Whole { bars: false });
    let mut out = Vec::new();
    if has_bytes {
        out.push(vec![full, Inside, Bytes]);
        // Sizes and ages say why a file goes: only a batch that somebody opened takes their room.
        if detail.batch.is_some() || detail.byte.is_some() || detail.flip.is_some() {
            out.push(vec![slim, Inside, Bytes]);
            out.push(vec![Inside, Bytes]);
            out.push(vec![Bytes]);
        }
    }
    out.push(vec![full, Inside]);
    out.push(vec![slim, Inside]);
    if detail.segment.is_some() || detail.find.is_some() {
        out.push(vec![Inside]);
    }
    out.push(vec![full]);
    out.push(vec![slim]);
    out
}

/// Lays out a replica's log.
pub(super) fn plan<'a>(
    view: &'a WorldView,
    opts: &'a StageOptions,
    detail: &'a LogDetail,
    found: &Found<'a>,
) -> Plan<'a> {
    let look = opts.look();
    let (width, height) = opts.drawing_size(960, 560);
    let log = found.log;
    let segment = detail.segment_of(log);
    let batches = segment.map(|s| detail.batches_of(log, s)).unwrap_or_default();
    let batch = segment.and_then(|s| detail.batch_of(log, s));
    let sizes = sizes(log, segment, &look);
    let margin = if opts.profile == Profile::Phone { u(6) } else { u(12) };
    let room = width - 2 * margin;
    let need = |part: &Part| match part {
        Part::Whole { bars } => sizes.whole(*bars),
        Part::Inside => sizes.inside(),
        Part::Bytes => sizes.bytes(),
    };
    let gap = if opts.profile == Profile::Default { u(22) } else { u(12) };
    let gaps = |parts: &[Part]| gap * (i32::try_from(parts.len()).unwrap_or(1) - 1);
    let sets = wishes(detail, batch.is_some() && detail.bytes.is_some());
    let whole = |parts: &Vec<Part>| parts.iter().map(need).sum::<Unit>() + gaps(parts);
    let chosen = sets.iter().find(|set| whole(set) <= room).or(sets.last());
    let parts = chosen.cloned().unwrap_or_default();
    // What is left over: half to the gaps, half to the columns.
    let spare = (room - whole(&parts)).max(0);
    let count = i32::try_from(parts.len()).unwrap_or(1).max(1);
    let wider = (spare / 2 / count).min(u(70));
    let between = (gap + (spare - wider * count) / count.max(2)).min(u(64));
    let mut plan = Plan {
        view,
        look,
        question_open: opts.question_open,
        detail,
        topic: found.topic,
        log,
        pick: format!("{}@{}", found.part.name, log.broker),
        name: &found.part.name,
        width,
        height,
        whole: None,
        inside: None,
        bytes: None,
        segment,
        batches,
        batch,
        top: u(8) + look.head + look.line + u(10),
        bottom: height - u(10),
    };
    let mut x = margin;
    for part in &parts {
        let area = Area { x, w: need(part) + wider };
        match part {
            Part::Whole { bars } => plan.whole = Some((area, *bars)),
            Part::Inside => plan.inside = Some(area),
            Part::Bytes => plan.bytes = Some(area),
        }
        x += area.w + between;
    }
    plan
}
