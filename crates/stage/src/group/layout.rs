//! Rows and columns of the group board: time to the right, members and partitions below each other,
//! and at the right end of each row what it comes to now.

use super::history::{GroupHistory, MemberHistory, PartitionHistory};
use crate::options::{Look, Profile, StageOptions};
use crate::pen::width;
use highwater_cluster::Time;
use highwater_log::Offset;
use highwater_scene::{Unit, u};
use highwater_sim::{GroupView, WorldView};

/// A member's row.
pub(super) struct MemberRow<'a> {
    pub history: &'a MemberHistory,
    pub middle: Unit,
}

/// A partition's chart.
pub(super) struct Chart<'a> {
    pub history: &'a PartitionHistory,
    /// Baseline of its name.
    pub title: Unit,
    pub top: Unit,
    pub bottom: Unit,
    pub lo: Offset,
    pub hi: Offset,
}

impl Chart<'_> {
    pub fn y(&self, offset: Offset) -> Unit {
        let part = i64::from(self.bottom - self.top) * (offset.clamp(self.lo, self.hi) - self.lo);
        self.bottom - i32::try_from(part / (self.hi - self.lo).max(1)).unwrap_or(0)
    }
}

/// Everything the parts need.
pub(super) struct Plan<'a> {
    pub view: &'a WorldView,
    pub opts: &'a StageOptions,
    pub history: &'a GroupHistory,
    pub group: Option<&'a GroupView>,
    pub look: Look,
    pub width: Unit,
    pub height: Unit,
    /// Left edge of names; the time axis; what stands right of it.
    pub left: Unit,
    pub axis: (Unit, Unit),
    pub side: Option<(Unit, Unit)>,
    /// Baseline of the title; upper and lower edge of the bands of time.
    pub title: Unit,
    pub top: Unit,
    pub bottom: Unit,
    /// Height of a member's bar, and of the free room above it.
    pub bar: Unit,
    pub between: Unit,
    pub members: Vec<MemberRow<'a>>,
    pub charts: Vec<Chart<'a>>,
    pub hidden: (usize, usize),
}

impl Plan<'_> {
    /// Place of a moment.
    pub fn x(&self, time: Time) -> Unit {
        let (from, to) = (self.history.from, self.history.to);
        let whole = to.since(from).0.max(1);
        let done = time.since(from).0.min(whole);
        // A little room is left for what comes next.
        let (left, right) = self.axis;
        let room = i64::from(right - left) * 97 / 100;
        let done = i64::try_from(done).unwrap_or(i64::MAX / 100_000);
        left + i32::try_from(i128::from(room) * i128::from(done) / i128::from(whole)).unwrap_or(0)
    }
}

fn range(part: &PartitionHistory) -> (Offset, Offset) {
    let all = [&part.high_watermark, &part.position, &part.committed];
    let values = || all.iter().flat_map(|s| s.iter().filter_map(|v| v.1));
    let (lo, hi) = (values().min().unwrap_or(0), values().max().unwrap_or(0));
    (lo, hi.max(lo + 1))
}

/// Greatest number of lines and least heights of the parts.
pub(super) fn plan<'a>(
    view: &'a WorldView,
    opts: &'a StageOptions,
    history: &'a GroupHistory,
) -> Plan<'a> {
    let look = opts.look();
    let (width_all, height) = opts.drawing_size(900, 600);
    let margin = if opts.profile == Profile::Phone { u(6) } else { u(12) };
    let highest =
        history.partitions.iter().map(|p| range(p).1).max().unwrap_or(10).max(10).to_string();
    let left_w = width(&highest, look.text, "").max(u(38)) + u(12);
    let side_w = side_width(history, &look);
    let axis_left = margin + left_w;
    let wide = width_all - 2 * margin - left_w - side_w - u(20) >= u(300);
    let axis_right = if wide { width_all - margin - side_w - u(20) } else { width_all - margin };
    let side = wide.then(|| (axis_right + u(20), side_w));
    let title = u(8) + look.head;
    let top = title + look.line + u(2);
    let phases = 2 * look.line + u(8);
    let bottom = height - look.line - u(14);
    let room = bottom - top - phases - u(10);
    let count = |n: usize| i32::try_from(n).unwrap_or(1);
    let mut members: Vec<&MemberHistory> = history.members.iter().collect();
    let mut parts: Vec<&PartitionHistory> = history.partitions.iter().collect();
    // What a step is about stays.
    highwater_sorted::sort_by_key(&mut parts, |p| {
        (!opts.focus.is_empty() && !opts.focus.contains(&p.tp), p.tp)
    });
    let (least_member, least_chart) = (look.text + u(20), look.line * 2 + u(44));
    let needs = |m: usize, p: usize| count(m) * least_member + count(p) * least_chart;
    let mut hidden = (0, 0);
    while parts.len() > 1 && needs(members.len(), parts.len()) > room {
        parts.pop();
        hidden.1 += 1;
    }
    while members.len() > 1 && needs(members.len(), parts.len()) > room {
        members.pop();
        hidden.0 += 1;
    }
    highwater_sorted::sort_by_key(&mut parts, |p| p.tp);
    let spare = (room - needs(members.len(), parts.len())).max(0);
    let grow = (spare * 3 / 10 / count(members.len().max(1))).min(u(28));
    let member_h = least_member + grow;
    let used = member_h * count(members.len());
    let chart_h =
        if parts.is_empty() { 0 } else { ((room - used) / count(parts.len())).min(u(220)) };
    let (members, charts, y) = rows(members, parts, (top + phases, member_h, chart_h), &look);
    let bar = (look.text + u(14)).min(member_h - u(8));
    let bottom = charts.last().map_or(y + u(10), |c| c.bottom + u(8)).min(bottom);
    Plan {
        view,
        opts,
        history,
        group: view.groups.iter().find(|g| *g.id == *history.group),
        look,
        width: width_all,
        height,
        left: margin,
        axis: (axis_left, axis_right),
        side,
        title,
        top,
        bottom,
        bar,
        between: (member_h - bar) / 2,
        members,
        charts,
        hidden,
    }
}

/// Members, then partitions, from above; and where they end.
fn rows<'a>(
    members: Vec<&'a MemberHistory>,
    parts: Vec<&'a PartitionHistory>,
    (top, member_h, chart_h): (Unit, Unit, Unit),
    look: &Look,
) -> (Vec<MemberRow<'a>>, Vec<Chart<'a>>, Unit) {
    let mut y = top;
    let members: Vec<MemberRow<'a>> = members
        .into_iter()
        .map(|history| {
            y += member_h;
            MemberRow { history, middle: y - member_h / 2 }
        })
        .collect();
    y += u(6);
    let charts: Vec<Chart<'a>> = parts
        .into_iter()
        .map(|history| {
            let (lo, hi) = range(history);
            let top = y + look.line + u(10);
            let chart =
                Chart { history, title: y + look.line, top, bottom: y + chart_h - u(12), lo, hi };
            y += chart_h;
            chart
        })
        .collect();
    (members, charts, y)
}

/// Width of a column of the assignment.
pub(super) fn column(history: &GroupHistory, look: &Look) -> Unit {
    let longest = history.partitions.iter().map(|p| width(&p.name, look.text, "")).max();
    let most = u(140) / i32::try_from(history.partitions.len().max(1)).unwrap_or(1);
    let named = longest.unwrap_or(0) + u(10);
    if named <= most { named } else { most.max(u(24)) }
}

fn side_width(history: &GroupHistory, look: &Look) -> Unit {
    let count = i32::try_from(history.partitions.len().min(5)).unwrap_or(1);
    let matrix = width("c88", look.text, "b") + u(10) + column(history, look) * count;
    let session = width("session ends in", look.text, "") + u(8);
    (matrix + session).clamp(u(200), u(320))
}
