//! Where everything stands: columns from measured widths, rows from the height, windows from the
//! logs. Columns and rows depend on the cluster and the box only, so that no event moves what it
//! does not change.

use super::columns::{Columns, MOST_ROWS, columns};
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
    /// Height of the free slot above the end of the log.
    pub free: Unit,
    /// Records have room for letters and numbers.
    pub letters: bool,
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
    /// Middle of the lane, at the brokers' names, in which the controller's messages fly.
    pub lane: Unit,
    /// Upper and lower end of the bands.
    pub bands: (Unit, Unit),
    /// Baseline of the brokers' names.
    pub names: Unit,
    /// Middle of the lane for the groups' messages; `None` = there is none.
    pub group_lane: Option<Unit>,
    /// What stands in that lane is one line high.
    pub one_line: bool,
}

impl Plan<'_> {
    /// Where the slots are: two plans with the same numbers have every record at the same place.
    pub fn layout(&self) -> Vec<Unit> {
        let number = |offset: Offset| Unit::try_from(offset).unwrap_or(Unit::MAX);
        let bands = self.columns.bands.iter().flat_map(|b| [b.x, b.stack, b.stack_w]);
        let rows = self.rows.iter().flat_map(|r| {
            [r.top, r.bottom, r.floor, r.slot, number(r.window.lo), Unit::from(r.letters)]
        });
        bands.chain(rows).collect()
    }
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
        // Copies of one partition need the room; two that have none are seen together.
        _ if all.len() == 2 && all.iter().all(|(_, p)| p.replicas.len() < 2) => {
            all.into_iter().map(|(t, p)| (t, p, true)).collect()
        }
        // Many without copies: what is to be seen is which machine has which of them.
        _ if all.len() > 3 && all.iter().all(|(_, p)| p.replicas.len() < 2) => {
            all.into_iter().map(|(t, p)| (t, p, false)).collect()
        }
        _ if any => {
            all.into_iter().filter(|(_, p)| focused(p)).map(|(t, p)| (t, p, true)).collect()
        }
        _ => all.into_iter().take(1).map(|(t, p)| (t, p, true)).collect(),
    }
}

/// Below this height the records need the room that a group's messages have otherwise.
const LOW: Unit = u(400);

/// Makes the plan.
pub(crate) fn plan<'a>(view: &'a WorldView, opts: &StageOptions) -> Plan<'a> {
    let look = opts.look();
    let chosen = chosen(view, opts);
    let parts: Vec<&PartitionView> = chosen.iter().map(|(_, p, _)| *p).collect();
    let natural = super::columns::natural_width(view, opts, &look, &parts);
    let (width, height) =
        opts.drawing_size(natural / 100, natural_height(parts.len(), &look) / 100);
    let columns = columns(view, opts, &look, &parts, width);
    let (header, top, names) = match opts.profile {
        Profile::Default => (u(20), u(32), u(54)),
        Profile::Projector => (u(19), u(28), u(48)),
        _ => (u(15), u(22), u(40)),
    };
    let lane = names - look.text * 36 / 100;
    let groups = opts.profile != Profile::Phone
        && !columns.tags_only
        && !(view.consumers.is_empty() && view.groups.is_empty());
    let one_line = opts.profile != Profile::Default || height < LOW;
    let lines = if one_line { 1 } else { 3 };
    let lane_height = if groups { look.line * lines + u(10) } else { 0 };
    let bottom = height - if opts.profile == Profile::Default { u(8) } else { u(4) };
    let rows_top = names + if opts.profile == Profile::Default { u(14) } else { u(6) };
    let rows_bottom = bottom - lane_height;
    let rows = rows(&chosen, &look, &columns, (rows_top, rows_bottom));
    let group_lane = groups.then_some(rows_bottom + lane_height / 2 - u(2));
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
        one_line,
    }
}

/// Smallest number of slots worth drawing in full.
const FULL_SLOTS: i32 = 5;
const MATRIX_ROW: Unit = 1300;

fn rows<'a>(
    chosen: &[(&'a TopicView, &'a PartitionView, bool)],
    look: &Look,
    columns: &Columns<'_>,
    (top, bottom): (Unit, Unit),
) -> Vec<Row<'a>> {
    let head = row_head(look);
    let room = bottom - top;
    let count = i32::try_from(chosen.len()).unwrap_or(i32::MAX).max(1);
    let least_slots = if chosen.len() <= 3 { FULL_SLOTS - 2 } else { FULL_SLOTS };
    let full_height = head.role + head.tray + look.slot_min * (least_slots + 1) + u(14);
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
        .filter(|(_, rest)| chosen.len() <= MOST_ROWS || *rest == Detail::Matrix)
        .find(|(main, rest)| focused * least(*main) + others * least(*rest) <= room)
        .unwrap_or((Detail::Matrix, Detail::Matrix));
    main = main.min(widest);
    rest = rest.min(widest);
    if columns.matrix_only {
        (main, rest) = (Detail::Matrix, Detail::Matrix);
    }
    let details: Vec<Detail> =
        chosen.iter().map(|(_, _, f)| if *f { main } else { rest }).collect();
    let fixed: Unit = details.iter().filter(|d| **d != Detail::Full).map(|d| least(*d)).sum();
    let full: Vec<&PartitionView> = chosen
        .iter()
        .zip(&details)
        .filter(|(_, d)| **d == Detail::Full)
        .map(|((_, p, _), _)| *p)
        .collect();
    let (slot, mut heights) = share(&full, look, room - fixed);
    // Without full rows the others take the room, up to half as much again.
    let stretch =
        if full.is_empty() { (room / (fixed.max(1) / 100).max(1)).clamp(10, 250) } else { 100 };
    let mut y = top;
    heights.reverse();
    chosen
        .iter()
        .zip(details)
        .map(|((topic, part, _), d)| {
            let (height, slot) = match d {
                Detail::Full => (heights.pop().unwrap_or(full_height), slot),
                Detail::Compact => {
                    let height = least(d) * stretch / 100;
                    (height, ((height - look.line - u(14)) / 7).clamp(u(8), u(17)))
                }
                Detail::Matrix => {
                    let most = if chosen.len() <= MOST_ROWS { u(34) } else { u(24) };
                    ((least(d) * stretch / 100).min(most), u(9))
                }
            };
            let row = row(topic, part, d, (y, y + height), slot, (look, columns));
            y += height;
            row
        })
        .collect()
}

/// Records that a row should have room for before the whole is drawn larger.
const NATURAL_SLOTS: i32 = 8;

/// Height at which every row shows a log of some length, in units. It depends on the number of rows
/// only: what is appended never changes the scale of the whole.
fn natural_height(rows: usize, look: &Look) -> Unit {
    let head = row_head(look);
    let one = head.role + head.tray + u(14) + (NATURAL_SLOTS + 1) * look.slot;
    i32::try_from(rows).unwrap_or(i32::MAX).saturating_mul(one).saturating_add(u(130))
}

/// How many slots a partition wants: its records and a few more, so that it asks again only now
/// and then.
fn demand(part: &PartitionView) -> i32 {
    let start = part.logs.iter().find(|l| l.broker == part.leader).or(part.logs.first());
    let start = start.map_or(0, |l| l.log_start_offset);
    let end = part.logs.iter().map(|l| l.log_end_offset).max().unwrap_or(0);
    let records = i32::try_from((end - start).clamp(0, 1000)).unwrap_or(1000);
    ((records + 3) / 3 * 3).max(FULL_SLOTS)
}

/// Slot height and the heights of full rows: all that they want where it fits, else the largest
/// give first.
fn share(parts: &[&PartitionView], look: &Look, room: Unit) -> (Unit, Vec<Unit>) {
    let count = i32::try_from(parts.len()).unwrap_or(1);
    if parts.is_empty() {
        return (look.slot, Vec::new());
    }
    let head = row_head(look);
    let above = head.role + head.tray + u(14);
    let mut wanted: Vec<i32> = parts.iter().map(|p| demand(p)).collect();
    let slots = |slot: Unit| (room - above * count) / slot - count;
    let sum = |w: &[i32]| w.iter().sum::<i32>();
    // The largest of seven heights: few records are large, and not every record changes all of them.
    let step = (look.slot_max - look.slot_min) / 6;
    let slot = (0..=6)
        .map(|n| look.slot_max - step * n)
        .find(|s| sum(&wanted) <= slots(*s))
        .unwrap_or(look.slot_min);
    while sum(&wanted) > slots(slot).max(count) {
        let Some(most) = wanted.iter_mut().max() else { break };
        *most -= 1;
    }
    let used = sum(&wanted) * slot + count * (above + slot);
    let spare = (room - used).max(0) / count;
    (slot, wanted.into_iter().map(|w| w * slot + above + slot + spare).collect())
}

fn row<'a>(
    topic: &'a TopicView,
    part: &'a PartitionView,
    detail: Detail,
    (top, end): (Unit, Unit),
    slot: Unit,
    (look, columns): (&Look, &Columns<'_>),
) -> Row<'a> {
    let head = row_head(look);
    let bottom = end - if detail == Detail::Matrix { u(3) } else { u(14) };
    let above = match detail {
        Detail::Full => head.role + head.tray,
        Detail::Compact => look.line,
        Detail::Matrix => 0,
    };
    let keep: Vec<Offset> = visible_offsets(part);
    let needed = keep.iter().copied().min().unwrap_or(0);
    let least_free = if detail == Detail::Full { look.text + u(4) } else { 0 };
    // What lies between the high watermark and the end of the log must be in sight: where it has
    // grown long, letters and then height are given up before it is.
    let smaller = SMALL_SLOTS.into_iter().filter(|s| detail == Detail::Full && *s < slot);
    let mut found = None;
    for size in std::iter::once(slot).chain(smaller) {
        // One slot stays free above the end of the log.
        let free = size.max(least_free);
        let slots = ((bottom - top - above - free) / size).max(1);
        let window = window(part, i64::from(slots), size, &keep);
        let enough = window.lo <= needed || window.strata_height == 0;
        found = Some((size, free, window));
        if enough {
            break;
        }
    }
    let (slot, free, window) = found.expect("one size at least is tried");
    let floor = bottom - window.strata_height;
    let level = level(part);
    let letters = detail == Detail::Full && slot >= LETTERS && columns.letters;
    Row { topic, part, detail, top, floor, bottom, slot, free, letters, window, level }
}

/// Least height of a slot with letters in it.
const LETTERS: Unit = 1800;
/// Heights of slots that have none.
const SMALL_SLOTS: [Unit; 4] = [1600, 1200, 900, 600];

fn visible_offsets(part: &PartitionView) -> Vec<Offset> {
    let alive = |l: &&ReplicaView| l.role != Role::Offline;
    let in_sync = part.logs.iter().filter(|l| part.isr.contains(&l.broker)).filter(alive);
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
