//! Where everything stands: columns from measured widths, rows from the height, windows from the
//! logs. Columns and rows depend on the cluster and the box only, so that no event moves what it
//! does not change.

use super::columns::{Columns, columns};
use super::window::{Window, window};
use crate::options::{Look, Profile, StageOptions};
use highwater_cluster::TopicPartition;
use highwater_log::Offset;
use highwater_scene::{Unit, u};
use highwater_sim::{PartitionView, ReplicaView, Role, TopicView, WorldView};

/// How much of a row is drawn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Detail {
    /// One line: squares and dips.
    Matrix,
    /// Cells without text.
    Compact,
    /// Everything.
    Full,
}

/// A partition's row.
pub(crate) struct Row<'a> {
    pub topic: &'a TopicView,
    pub part: &'a PartitionView,
    pub detail: Detail,
    pub top: Unit,
    /// Where offset `window.lo` stands.
    pub floor: Unit,
    /// Lower end, strata included.
    pub bottom: Unit,
    pub slot: Unit,
    pub window: Window,
    /// High watermark on the wire: the leader's, or the last that anybody knows.
    pub level: Offset,
}

impl<'a> Row<'a> {
    /// Edge below the record at this offset, within the row.
    pub fn y(&self, offset: Offset) -> Unit {
        let steps = (offset - self.window.lo).clamp(0, self.window.slots + 1);
        self.floor - i32::try_from(steps).unwrap_or(0) * self.slot
    }
    /// Middle of the slot of an offset, where messages fly.
    pub fn middle(&self, offset: Offset) -> Unit {
        let steps = (offset - self.window.lo).clamp(0, self.window.slots);
        self.floor - i32::try_from(steps).unwrap_or(0) * self.slot - self.slot / 2
    }
    pub fn leader(&self) -> Option<&'a ReplicaView> {
        self.part.logs.iter().find(|l| l.broker == self.part.leader)
    }
    pub fn log(&self, broker: i32) -> Option<&'a ReplicaView> {
        self.part.logs.iter().find(|l| l.broker == broker)
    }
    pub fn tp(&self) -> TopicPartition {
        self.part.tp
    }
}

/// The whole plan.
pub(crate) struct Plan<'a> {
    pub look: Look,
    pub width: Unit,
    pub height: Unit,
    pub columns: Columns<'a>,
    pub rows: Vec<Row<'a>>,
    /// Baseline of the line at the top.
    pub header: Unit,
    /// Middle of the lane in which the controller's messages fly.
    pub lane: Unit,
    /// Upper and lower end of the bands.
    pub bands: (Unit, Unit),
    /// Baseline of the brokers' names.
    pub names: Unit,
    /// Middle of the lane for the groups' messages; `None` = there is none.
    pub group_lane: Option<Unit>,
}

/// Heights of the parts of a row above its slots.
pub(crate) struct RowHead {
    pub role: Unit,
    pub tray: Unit,
}

pub(crate) fn row_head(look: &Look) -> RowHead {
    RowHead { role: look.line + u(4), tray: look.text * 5 / 3 + u(8) }
}

/// Partitions that get a row, in order of topic and number, with how much of them is drawn.
fn chosen<'a>(
    view: &'a WorldView,
    opts: &StageOptions,
) -> Vec<(&'a TopicView, &'a PartitionView, bool)> {
    let all: Vec<_> = view
        .topics
        .iter()
        .filter(|t| !t.internal)
        .flat_map(|t| t.partitions.iter().map(move |p| (t, p)))
        .collect();
    let focused = |p: &PartitionView| opts.focus.contains(&p.tp);
    let any = all.iter().any(|(_, p)| focused(p));
    match opts.profile {
        Profile::Default => all.into_iter().map(|(t, p)| (t, p, focused(p))).collect(),
        _ if any => {
            all.into_iter().filter(|(_, p)| focused(p)).map(|(t, p)| (t, p, true)).collect()
        }
        _ => all.into_iter().take(1).map(|(t, p)| (t, p, true)).collect(),
    }
}

/// Makes the plan.
pub(crate) fn plan<'a>(view: &'a WorldView, opts: &StageOptions) -> Plan<'a> {
    let look = opts.look();
    let chosen = chosen(view, opts);
    let parts: Vec<&PartitionView> = chosen.iter().map(|(_, p, _)| *p).collect();
    let natural = super::columns::natural_width(view, opts, &look, &parts);
    let (width, height) = opts.drawing_size(natural / 100, 560);
    let columns = columns(view, opts, &look, &parts, width);
    let (header, lane, top, names) = match opts.profile {
        Profile::Default => (u(22), u(38), u(48), u(70)),
        Profile::Projector => (u(22), u(36), u(46), u(68)),
        _ => (u(17), u(31), u(40), u(57)),
    };
    let groups = opts.profile != Profile::Phone
        && !columns.tags_only
        && !(view.consumers.is_empty() && view.groups.is_empty());
    let lane_height = if groups { look.line * 2 + u(12) } else { 0 };
    let bottom = height - u(8);
    let rows_top = names + u(12);
    let rows_bottom = bottom - u(8) - lane_height;
    let rows = rows(&chosen, opts, &look, &columns, (rows_top, rows_bottom));
    let group_lane = groups.then_some(rows_bottom + lane_height / 2 + u(4));
    Plan {
        look,
        width,
        height,
        columns,
        rows,
        header,
        lane,
        bands: (top, bottom),
        names,
        group_lane,
    }
}

/// Smallest number of slots worth drawing in full.
const FULL_SLOTS: i32 = 5;
const MATRIX_ROW: Unit = 1600;

fn rows<'a>(
    chosen: &[(&'a TopicView, &'a PartitionView, bool)],
    opts: &StageOptions,
    look: &Look,
    columns: &Columns<'_>,
    (top, bottom): (Unit, Unit),
) -> Vec<Row<'a>> {
    let head = row_head(look);
    let room = bottom - top;
    let count = i32::try_from(chosen.len()).unwrap_or(i32::MAX).max(1);
    let full_height = head.role + head.tray + look.slot_min * (FULL_SLOTS + 1) + u(14);
    let compact_height = look.line + u(10) * 6 + u(10);
    let focused = i32::try_from(chosen.iter().filter(|(_, _, f)| *f).count()).unwrap_or(0);
    let others = count - focused;
    let widest = if columns.letters { Detail::Full } else { Detail::Compact };
    // What the focused rows get and what the others: the richest that fits.
    let plans = [
        (Detail::Full, Detail::Full),
        (Detail::Full, Detail::Compact),
        (Detail::Full, Detail::Matrix),
        (Detail::Compact, Detail::Compact),
        (Detail::Compact, Detail::Matrix),
    ];
    let least = |d: Detail| match d {
        Detail::Full => full_height,
        Detail::Compact => compact_height,
        Detail::Matrix => MATRIX_ROW,
    };
    let (mut main, mut rest) = plans
        .into_iter()
        .filter(|(_, rest)| count <= 6 || *rest == Detail::Matrix)
        .find(|(main, rest)| focused * least(*main) + others * least(*rest) <= room)
        .unwrap_or((Detail::Matrix, Detail::Matrix));
    main = main.min(widest);
    rest = rest.min(widest);
    if columns.matrix_only {
        (main, rest) = (Detail::Matrix, Detail::Matrix);
    }
    // Rows of the richest kind share what the others leave.
    let richest = if focused > 0 { main } else { rest };
    let detail = |f: bool| if f { main } else { rest };
    let rich = i32::try_from(chosen.iter().filter(|(_, _, f)| detail(*f) == richest).count())
        .unwrap_or(1)
        .max(1);
    let fixed: Unit = chosen
        .iter()
        .filter(|(_, _, f)| detail(*f) != richest)
        .map(|(_, _, f)| least(detail(*f)))
        .sum();
    let share = if richest == Detail::Matrix {
        ((room - fixed) / rich).min(MATRIX_ROW * 3 / 2)
    } else {
        (room - fixed) / rich
    };
    let mut y = top;
    chosen
        .iter()
        .map(|(topic, part, f)| {
            let d = detail(*f);
            let height = if d == richest { share } else { least(d) };
            let row = row(topic, part, d, (y, y + height), opts, look);
            y += height;
            row
        })
        .collect()
}

fn row<'a>(
    topic: &'a TopicView,
    part: &'a PartitionView,
    detail: Detail,
    (top, end): (Unit, Unit),
    opts: &StageOptions,
    look: &Look,
) -> Row<'a> {
    let head = row_head(look);
    let bottom = end - if detail == Detail::Matrix { u(3) } else { u(14) };
    let (above, slot_pref, slot_max) = match detail {
        Detail::Full => (head.role + head.tray, look.slot, look.slot_max),
        Detail::Compact => (look.line, u(10), u(14)),
        Detail::Matrix => (0, u(9), u(9)),
    };
    let room = bottom - top - above;
    // More than 16 slots in a row are rather higher than more.
    let mut slot = slot_pref;
    if room / slot > 17 {
        slot = (room / 17).min(slot_max);
    } else if detail == Detail::Full && room / slot < 7 {
        slot = look.slot_min;
    }
    // One slot stays free above the end of the log.
    let slots = (room / slot - 1).max(1);
    let keep: Vec<Offset> = visible_offsets(part, opts);
    let window = window(part, i64::from(slots), slot, &keep);
    let floor = bottom - window.strata_height;
    let level = level(part);
    Row { topic, part, detail, top, floor, bottom, slot, window, level }
}

fn visible_offsets(part: &PartitionView, _opts: &StageOptions) -> Vec<Offset> {
    let in_sync = part.logs.iter().filter(|l| part.isr.contains(&l.broker));
    in_sync.flat_map(|l| [l.log_end_offset, l.high_watermark]).collect()
}

/// The high watermark as the wire shows it.
fn level(part: &PartitionView) -> Offset {
    let leads = |l: &&ReplicaView| l.broker == part.leader && l.role == Role::Leader;
    match part.logs.iter().find(leads) {
        Some(leader) => leader.high_watermark,
        None => part.logs.iter().map(|l| l.high_watermark).max().unwrap_or(0),
    }
}
