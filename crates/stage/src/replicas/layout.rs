//! Columns and scale of the replica compare: one band per replica, one offset scale for all.

use super::cut::{Cut, cut};
use super::notes::{Head, Note, heads, notes, whole};
use crate::cluster::window::{Window, window};
use crate::options::{Look, Profile, StageOptions};
use crate::pen::width;
use highwater_log::Offset;
use highwater_scene::{Unit, u};
use highwater_sim::{BrokerView, PartitionView, ReplicaView, Role, TopicView, WorldView};

/// A replica's column.
pub(super) struct Column<'a> {
    pub log: &'a ReplicaView,
    pub broker: Option<&'a BrokerView>,
    pub cut: Option<Cut>,
    pub x: Unit,
    pub w: Unit,
    pub stack: Unit,
    pub stack_w: Unit,
    pub epoch: Unit,
    pub epoch_w: Unit,
    /// Role, reasons: below the name.
    pub heads: Vec<Head>,
    /// Where the numbers come from: below the stack.
    pub notes: Vec<Note>,
}

impl Column<'_> {
    pub fn right(&self) -> Unit {
        self.x + self.w
    }
    /// First offset that is cut, or one past the end.
    pub fn kept(&self) -> Offset {
        self.cut.map_or(Offset::MAX, |c| c.offset)
    }
}

/// Everything the parts of the view need.
pub(super) struct Plan<'a> {
    pub view: &'a WorldView,
    pub opts: &'a StageOptions,
    pub look: Look,
    pub part: &'a PartitionView,
    pub topic: &'a TopicView,
    pub width: Unit,
    pub height: Unit,
    pub columns: Vec<Column<'a>>,
    /// Replicas that have no room, by broker.
    pub left_out: Vec<i32>,
    /// The axis of offsets; its numbers end 10 left of it.
    pub ruler: Unit,
    pub bands: (Unit, Unit),
    pub window: Window,
    pub slot: Unit,
    pub floor: Unit,
    /// The leader's high watermark.
    pub level: Offset,
    pub detail: Detail,
}

/// What there is room for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Detail {
    /// LEO and HW stand left of the stack; else among the words at the head.
    pub gauge: bool,
    /// Producers on records.
    pub producers: bool,
    /// "epoch 3" and not only "3".
    pub epoch_words: bool,
    /// The common scale is drawn; else the records carry their offsets alone.
    pub ruler: bool,
    gap: Unit,
}

const DETAILS: [Detail; 6] = [
    Detail { gauge: true, producers: true, epoch_words: true, ruler: true, gap: u(84) },
    Detail { gauge: true, producers: true, epoch_words: true, ruler: true, gap: u(16) },
    Detail { gauge: true, producers: true, epoch_words: false, ruler: true, gap: u(8) },
    Detail { gauge: true, producers: false, epoch_words: false, ruler: true, gap: u(6) },
    Detail { gauge: false, producers: false, epoch_words: false, ruler: true, gap: u(6) },
    Detail { gauge: false, producers: false, epoch_words: false, ruler: false, gap: u(6) },
];

/// Digits that a cell shows before it is cut to the last three.
const CELL_DIGITS: usize = 5;

/// An offset as a cell shows it; the whole number stands at the end of the log.
pub(super) fn cell_number(offset: Offset) -> String {
    let full = offset.to_string();
    if full.len() <= CELL_DIGITS { full } else { format!("…{}", &full[full.len() - 3..]) }
}

impl<'a> Plan<'a> {
    /// Height of an offset, kept within the scale.
    pub fn y(&self, offset: Offset) -> Unit {
        let above = (offset - self.window.lo).clamp(0, self.window.slots + 4);
        self.floor - i32::try_from(above).unwrap_or(0) * self.slot
    }
    pub fn middle(&self, offset: Offset) -> Unit {
        self.y(offset) - self.slot / 2
    }
    pub fn column(&self, broker: i32) -> Option<&Column<'a>> {
        self.columns.iter().find(|c| c.log.broker == broker)
    }
    /// Where the slots are: two plans with the same numbers have every record at the same place.
    pub fn layout(&self) -> Vec<Unit> {
        let lo = Unit::try_from(self.window.lo).unwrap_or(Unit::MAX);
        let columns = self.columns.iter().flat_map(|c| [c.x, c.stack, c.stack_w]);
        columns.chain([self.floor, self.slot, lo]).collect()
    }
    pub fn pick(&self, broker: i32) -> String {
        format!("{}@{broker}", self.part.name)
    }
}

/// The replica whose history counts: the controller's leader where it knows that it leads, else the
/// one that leads in the highest epoch.
pub(super) fn leader(part: &PartitionView) -> Option<&ReplicaView> {
    let leads = || part.logs.iter().filter(|l| l.role == Role::Leader);
    leads().find(|l| l.broker == part.leader).or_else(|| leads().max_by_key(|l| l.leader_epoch))
}

struct Widths {
    gauge: Unit,
    stack: Unit,
    epoch: Unit,
    band: Unit,
    ruler: Unit,
}

fn widths(part: &PartitionView, look: &Look, detail: Detail, profile: Profile) -> Widths {
    let end = part.logs.iter().map(|l| l.log_end_offset).max().unwrap_or(0).max(10);
    let number = "8".repeat(end.to_string().len());
    let wide = |text: &str, class: &str| width(text, look.text, class);
    let gauge = if detail.gauge { wide(&format!("LEO {number}"), "b") + u(20) } else { u(8) };
    let cell = if number.len() > CELL_DIGITS { "…888".to_owned() } else { number.clone() };
    let producer = if detail.producers { wide("p88", "") + u(8) } else { 0 };
    let stack = u(6) + look.chip + u(8) + wide(&cell, "") + producer + u(10);
    let epochs = part.logs.iter().map(|l| l.leader_epoch).max().unwrap_or(0).max(8).to_string();
    let epoch = if detail.epoch_words { format!("epoch {epochs}") } else { epochs };
    let epoch = wide(&epoch, "b") + u(8);
    let band = gauge + stack + u(10) + epoch + u(4);
    let words = if detail.gauge {
        width("leader, epoch 88", look.text, "b") + u(20)
    } else {
        width("broker 88", look.head, "b") + u(12)
    };
    let digits = if profile == Profile::Phone { &cell } else { &number };
    let ruler = wide(digits, "").max(wide("offset", "")) + u(14);
    let ruler = if detail.ruler { ruler } else { 0 };
    Widths { gauge, stack, epoch, band: band.max(words), ruler }
}

fn column<'a>(
    (view, opts): (&'a WorldView, &StageOptions),
    log: &'a ReplicaView,
    best: Option<&ReplicaView>,
    (x, band): (Unit, Unit),
    sizes: &Widths,
) -> Column<'a> {
    let cut = best.filter(|_| !opts.question_open).and_then(|leader| cut(log, leader));
    let slack = band - sizes.gauge - sizes.stack - u(14) - sizes.epoch;
    let stack = x + sizes.gauge + slack / 2;
    Column {
        log,
        broker: view.brokers.iter().find(|b| b.id == log.broker),
        cut,
        x,
        w: band,
        stack,
        stack_w: sizes.stack,
        epoch: stack + sizes.stack + u(10),
        epoch_w: sizes.epoch,
        heads: Vec::new(),
        notes: Vec::new(),
    }
}

/// Lays out the partition.
pub(super) fn plan<'a>(
    view: &'a WorldView,
    opts: &'a StageOptions,
    topic: &'a TopicView,
    part: &'a PartitionView,
) -> Plan<'a> {
    let mut look = opts.look();
    if opts.profile == Profile::Default {
        (look.slot, look.slot_max, look.chip) = (u(31), u(31), u(26));
    }
    let (width, height) = opts.drawing_size(780, 560);
    let margin = if opts.profile == Profile::Phone { u(6) } else { u(12) };
    let room = width - 2 * margin;
    let mut logs: Vec<&ReplicaView> = part.logs.iter().collect();
    let count = |n: usize| i32::try_from(n).unwrap_or(1).max(1);
    let needs = |w: &Widths, d: &Detail, n: i32| w.ruler + n * w.band + (n - 1) * d.gap;
    let (detail, sizes) = DETAILS
        .iter()
        .map(|d| (*d, widths(part, &look, *d, opts.profile)))
        .find(|(d, w)| needs(w, d, count(logs.len())) <= room)
        .unwrap_or_else(|| (DETAILS[5], widths(part, &look, DETAILS[5], opts.profile)));
    let mut left_out = Vec::new();
    while logs.len() > 1 && needs(&sizes, &detail, count(logs.len())) > room {
        let index = logs.iter().rposition(|l| l.broker != part.leader).unwrap_or(0);
        left_out.insert(0, logs.remove(index).broker);
    }
    let n = count(logs.len());
    let spare = (room - needs(&sizes, &detail, n)).max(0);
    let grow = (spare / n * 2 / 5).min(u(24));
    let gap = if n > 1 { (detail.gap + (spare - n * grow) / (n - 1)).min(u(150)) } else { 0 };
    let band = sizes.band + grow;
    let best = leader(part);
    let mut x = margin + sizes.ruler;
    let columns: Vec<Column<'a>> = logs
        .into_iter()
        .map(|log| {
            let column = column((view, opts), log, best, (x, band), &sizes);
            x += band + gap;
            column
        })
        .collect();
    let level = best.or_else(|| part.logs.iter().max_by_key(|l| l.high_watermark));
    let mut plan = Plan {
        view,
        opts,
        look,
        part,
        topic,
        width,
        height,
        columns,
        left_out,
        ruler: margin + sizes.ruler - u(6),
        bands: (u(8) + look.line + u(6), height - u(8)),
        window: Window { lo: 0, slots: 1, strata_height: 0 },
        slot: look.slot,
        floor: height,
        level: level.map_or(0, |l| l.high_watermark),
        detail,
    };
    for index in 0..plan.columns.len() {
        let words = heads(&plan, &plan.columns[index]);
        plan.columns[index].heads = words;
        let facts = notes(&plan, &plan.columns[index]);
        plan.columns[index].notes = facts;
    }
    scale(&mut plan);
    plan
}

/// Room that the words of a column take above its stack.
fn head_height(plan: &Plan<'_>, column: &Column<'_>) -> Unit {
    let lines = i32::try_from(column.heads.len()).unwrap_or(0);
    plan.look.head + u(8) + lines * plan.look.line + u(6)
}

/// Room above the end of a log: its free slot, or the two numbers beside it where they are at one
/// height.
fn reach(plan: &Plan<'_>, slot: Unit) -> Unit {
    if plan.detail.gauge { slot.max(2 * plan.look.line + u(2)) } else { slot }
}

/// Finds the slot and window in which every stack stays clear of its words. Where they would leave no
/// room for what lies between the levels, only the first of the notes stays.
fn scale(plan: &mut Plan<'_>) {
    let look = plan.look;
    let most = plan.columns.iter().map(|c| c.notes.len()).max().unwrap_or(0);
    let first = plan.columns.iter().map(|c| first_note(c)).max().unwrap_or(0);
    // The words never take more than the logs.
    let allowed = (plan.bands.1 - plan.bands.0) / 3 / look.line;
    let allowed = usize::try_from(allowed).unwrap_or(1).max(1);
    let (mut lines, first) = (most.min(allowed), first.min(allowed));
    if !place(plan, lines) && first < lines {
        lines = first;
        place(plan, lines);
    }
    for column in &mut plan.columns {
        column.notes.truncate(lines.max(1));
        while column.notes.len() > 1 && column.notes.last().is_some_and(|n| !n.last) {
            column.notes.pop();
        }
    }
    // At the least slot the words give way.
    for index in 0..plan.columns.len() {
        let column = &plan.columns[index];
        let end = plan.y(column.log.log_end_offset) - reach(plan, plan.slot);
        let free = end - plan.bands.0 - u(14) - look.head;
        let lines = usize::try_from(free / look.line).unwrap_or(0).max(1);
        whole(&mut plan.columns[index].heads, lines);
    }
}

/// Lines of the first note.
fn first_note(column: &Column<'_>) -> usize {
    column.notes.iter().position(|n| n.last).map_or(column.notes.len(), |n| n + 1)
}

/// With so many lines of notes; `true` when all levels are in sight.
fn place(plan: &mut Plan<'_>, lines: usize) -> bool {
    let look = plan.look;
    plan.floor = plan.bands.1 - i32::try_from(lines.max(1)).unwrap_or(0) * look.line - u(16);
    let keep: Vec<Offset> =
        plan.part.logs.iter().flat_map(|l| [l.high_watermark, l.log_end_offset]).collect();
    let (top, floor) = (plan.bands.0, plan.floor);
    let mut slot = look.slot_max.max(look.slot);
    loop {
        let least = plan.columns.iter().map(|c| head_height(plan, c)).min().unwrap_or(0);
        let reach = reach(plan, slot);
        let slots = i64::from(((floor - top - least - reach) / slot).max(1));
        let found = window(plan.part, slots, slot, &keep);
        let floor = floor - found.strata_height;
        let fits = plan.columns.iter().all(|c| {
            let end = (c.log.log_end_offset - found.lo).max(0);
            let up = i32::try_from(end).unwrap_or(i32::MAX / u(100)).saturating_mul(slot);
            floor.saturating_sub(up).saturating_sub(reach) >= top + head_height(plan, c)
        });
        let whole = found.strata_height == 0;
        if (fits && whole) || slot <= look.slot_min {
            let seen = keep.iter().all(|offset| *offset >= found.lo);
            plan.slot = slot;
            plan.window = found;
            plan.floor = floor;
            return seen;
        }
        slot -= u(1);
    }
}
