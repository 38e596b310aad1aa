//! Many partitions: one line each. Ink goes to what differs; a sick broker shows as a column of dips
//! before anything is read.

use super::Map;
use super::columns::{Band, MOST_ROWS};
use super::layout::{Detail, Row};
use crate::options::Look;
use crate::pen::{Pen, centred, path, rect, width};
use highwater_log::Offset;
use highwater_scene::{Anchor, Bounds, Shape, Unit, bounds, metrics::shorten, u};
use highwater_sim::{ReplicaView, Role, WorldView};

/// Depth of a dip for a lag in records, in hundredths: 1.6 + log2(1 + lag), at most 8.5.
fn dip(lag: Offset) -> Unit {
    let lag = u64::try_from(lag.max(0)).unwrap_or(0) + 1;
    // Binary logarithm in hundredths: the whole part, then linear between powers.
    let whole = lag.ilog2();
    let rest = (lag - (1 << whole)) * 100 / (1 << whole);
    let log = i32::try_from(u64::from(whole) * 100 + rest).unwrap_or(900);
    (160 + log).min(850)
}

fn below_min(row: &Row<'_>) -> bool {
    i32::try_from(row.part.isr.len()).unwrap_or(0) < row.topic.min_insync_replicas
}

fn wrong(row: &Row<'_>) -> bool {
    below_min(row) || row.part.isr.len() < row.part.replicas.len() || row.part.leader < 0
}

fn is_first(map: &Map<'_>, row: &Row<'_>) -> bool {
    map.plan.rows.iter().find(|r| r.topic.id == row.topic.id).is_some_and(|r| r.tp() == row.tp())
}

/// Rows that are named: those with something wrong and the first of a topic, then every fifth, then
/// the others, as long as lines of text keep their distance.
pub(super) fn named(map: &Map<'_>) -> Vec<Unit> {
    let matrix = map.plan.rows.iter().filter(|r| r.detail == Detail::Matrix);
    let mut ranked: Vec<(i32, Unit)> = matrix
        .map(|r| {
            let rank = match () {
                () if is_first(map, r) || below_min(r) => 0,
                () if wrong(r) => 1,
                () if r.part.tp.partition % 5 == 0 => 2,
                () => 3,
            };
            (rank, r.top)
        })
        .collect();
    highwater_sorted::sort(&mut ranked);
    let mut out: Vec<Unit> = Vec::new();
    for (_, top) in ranked {
        if out.iter().all(|t| (t - top).abs() >= map.plan.look.text) {
            out.push(top);
        }
    }
    out
}

pub(super) fn row(map: &Map<'_>, row: &Row<'_>, pen: &mut Pen<'_>, named: bool) {
    let look = &map.plan.look;
    let name = &row.part.name;
    let base = row.top + u(3);
    let below = below_min(row);
    let wrong = wrong(row);
    pen.about(&[name]).picks(Some(name));
    let columns = &map.plan.columns;
    let number = row.part.tp.partition;
    let first = is_first(map, row);
    if named {
        let class = if below {
            "text b danger"
        } else if wrong {
            "text"
        } else {
            "text muted"
        };
        let right = columns.left + columns.left_w;
        let room = columns.left_w;
        let full = shorten(name, look.text, below, room);
        let few = map.plan.rows.len() <= MOST_ROWS;
        let text = if first || few || room < u(60) { full } else { number.to_string() };
        if width(&text, look.text, class) <= room + u(4) {
            let y = centred(middle(row, base), look.text);
            pen.text(format!("row {name}"), class, right, y, Anchor::End, look.text, text);
        }
    }
    replicas(map, row, base, below, pen);
    summary(map, row, base, (below, wrong && named), pen);
}

/// A replica's square: high rows have large ones.
fn square(row: &Row<'_>, base: Unit) -> (Unit, Unit) {
    let room = row.bottom - base - u(1);
    if room >= u(14) { (u(22), room.min(u(17))) } else { (u(10), room.clamp(u(3), 850)) }
}

/// Where the words of a row stand.
fn middle(row: &Row<'_>, base: Unit) -> Unit {
    let (_, h) = square(row, base);
    if h > 850 { base + h / 2 + u(1) } else { base + u(4) }
}

fn replicas(map: &Map<'_>, row: &Row<'_>, base: Unit, below: bool, pen: &mut Pen<'_>) {
    let name = &row.part.name;
    let bands = &map.plan.columns.bands;
    let hosts = |b: &&super::columns::Band<'_>| row.log(b.broker.id).is_some();
    let (Some(first), Some(last)) = (bands.iter().find(hosts), bands.iter().rfind(hosts)) else {
        return;
    };
    let mut heavy = Vec::new();
    let mut points: Vec<(Unit, Unit)> = vec![(first.x, base)];
    for band in bands.iter().filter(|b| b.x >= first.x && b.x <= last.x) {
        let id = band.broker.id;
        let Some(log) = row.log(id) else { continue };
        let pick = format!("{name}@{id}");
        let middle = band.x + band.w / 2;
        let (w, h) = square(row, base);
        let w = w.min(band.w - u(4));
        let lag = if log.role == Role::Offline { 0 } else { row.level - log.high_watermark };
        let depth = if lag > 0 { dip(lag) } else { 0 };
        points.extend([
            (band.x, base),
            (band.x, base + depth),
            (band.right(), base + depth),
            (band.right(), base),
        ]);
        if !log.in_isr && depth > 0 {
            let (y, low) = (base, base + depth);
            let dip = [(band.x, y), (band.x, low), (band.right(), low), (band.right(), y)];
            heavy.push((id, path(&dip, false)));
        }
        pen.about(&[name, &pick, &format!("broker {id}")]).picks(Some(&pick));
        let class = match (log.role, log.in_isr) {
            (Role::Leader, _) => "bar",
            (Role::Follower, true) => "bar pale",
            _ => "bar out",
        };
        let shape = rect(middle - w / 2, base + 100, w, h, 0);
        pen.named(format!("rails {pick}"), class, shape, label(row, log));
    }
    pen.about(&[name, "hw"]).picks(Some(name));
    let class = if below { "waterline thin danger" } else { "waterline thin" };
    pen.push(format!("hw {name} 0"), class, path(&points, false));
    let class = if below { "waterline danger" } else { "waterline" };
    for (id, dip) in heavy {
        pen.push(format!("dip {name}@{id}"), class, dip);
    }
}

fn label(row: &Row<'_>, log: &ReplicaView) -> String {
    let role = match log.role {
        Role::Leader => "leader",
        Role::Follower if log.in_isr => "follower",
        Role::Follower => "out of the ISR",
        Role::Offline => "offline",
    };
    format!(
        "{} on broker {}: {role}, high watermark {}",
        row.part.name, log.broker, log.high_watermark
    )
}

/// Columns of findings right of the machines.
pub(super) struct Sums {
    isr: Unit,
    behind: Unit,
    /// 0 = nobody reads.
    lag: Unit,
}

const SUMS_GAP: Unit = 1200;
const BAR: Unit = 4400;
const BEHIND_HEAD: &str = "HW behind";

impl Sums {
    pub(super) fn new(view: &WorldView, look: &Look) -> Self {
        let isr = width("no leader", look.text, "b");
        let behind = width(BEHIND_HEAD, look.text, "b").max(BAR);
        Self { isr, behind, lag: if view.groups.is_empty() { 0 } else { BAR } }
    }

    pub(super) fn width(&self) -> Unit {
        let lag = if self.lag > 0 { self.lag + SUMS_GAP } else { 0 };
        SUMS_GAP + self.isr + SUMS_GAP + self.behind + lag
    }

    /// Left edges of the three columns.
    fn columns(&self, map: &Map<'_>) -> [Unit; 3] {
        let columns = &map.plan.columns;
        let isr = columns.bands.last().map_or(columns.left, Band::right) + SUMS_GAP;
        let behind = isr + self.isr + SUMS_GAP;
        [isr, behind, behind + self.behind + SUMS_GAP]
    }
}

/// Length of a bar for a number of records: its binary logarithm, up to 128 and more.
fn bar(records: Offset) -> Unit {
    if records <= 0 { 0 } else { (300 + (dip(records) - 160) * 6).min(BAR) }
}

/// Records that the group furthest behind has still to commit below the line.
fn lag(map: &Map<'_>, row: &Row<'_>) -> Offset {
    let committed = map.view.groups.iter().flat_map(|g| &g.committed);
    let least = committed.filter(|(tp, _)| *tp == row.tp()).map(|(_, offset)| *offset).min();
    least.map_or(0, |offset| row.level - offset)
}

fn summary(
    map: &Map<'_>,
    row: &Row<'_>,
    base: Unit,
    (below, said): (bool, bool),
    pen: &mut Pen<'_>,
) {
    let look = &map.plan.look;
    let name = &row.part.name;
    let [isr, behind_x, lag_x] = Sums::new(map.view, look).columns(map);
    let end = map.plan.width - u(2);
    let text = if row.part.leader < 0 {
        "no leader".to_owned()
    } else {
        format!("{} of {}", row.part.isr.len(), row.part.replicas.len())
    };
    let class = if below { "text b danger" } else { "text" };
    if said && isr + width(&text, look.text, class) <= end {
        let y = centred(middle(row, base), look.text);
        pen.about(&[name, "isr"]).picks(Some(name));
        pen.text(format!("isr {name}"), class, isr, y, Anchor::Start, look.text, text);
    }
    if behind_x + BAR > end {
        return;
    }
    let behind = row.leader().map_or(0, |l| l.log_end_offset - l.high_watermark);
    if behind > 0 {
        pen.about(&[name, "hw", "leo"]).picks(Some(name));
        let shape = rect(behind_x, base + u(2), bar(behind), u(5), 0);
        let label = format!("{name}: high watermark {behind} behind the log end offset");
        pen.named(format!("behind {name}"), "tick", shape, label);
    }
    let lag = lag(map, row);
    if lag > 0 && lag_x + BAR <= end {
        pen.about(&[name, "lag", "consumers"]).picks(Some(name));
        let shape = rect(lag_x, base + u(2), bar(lag), u(5), 0);
        pen.named(format!("lag {name}"), "lagbar", shape, format!("{name}: lag {lag}"));
    }
}

/// Heads of the findings, at the brokers' names.
pub(super) fn heads(map: &Map<'_>, pen: &mut Pen<'_>) {
    if !map.plan.rows.iter().any(|r| r.detail == Detail::Matrix) {
        return;
    }
    let look = &map.plan.look;
    let xs = Sums::new(map.view, look).columns(map);
    let lag = if map.view.groups.is_empty() { "" } else { "lag" };
    let free = |x: Unit, w: Unit| {
        let text = pen.items().iter().filter(|i| matches!(i.shape, Shape::Text { .. }));
        let place = Bounds {
            left: x,
            right: x + w,
            top: map.plan.names - look.text,
            bottom: map.plan.names,
        };
        x + w <= map.plan.width && !text.filter_map(bounds).any(|b| b.overlaps(&place))
    };
    let heads: Vec<(Unit, &str)> = xs
        .into_iter()
        .zip(["ISR", BEHIND_HEAD, lag])
        .filter(|(x, text)| !text.is_empty() && free(*x, width(text, look.text, "b")))
        .collect();
    pen.about(&[]);
    for (x, text) in heads {
        let (key, y) = (format!("head {text}"), map.plan.names);
        pen.text(key, "text b", x, y, Anchor::Start, look.text, text);
    }
}

/// What the forms of the matrix mean, once, below the last row when there is room.
pub(super) fn legend(map: &Map<'_>, pen: &mut Pen<'_>) {
    let look = &map.plan.look;
    let Some(last) = map.plan.rows.last().filter(|r| r.detail == Detail::Matrix) else { return };
    let y = map.plan.bands.1 - u(6);
    let full = "square: leader; pale: follower; dip: HW lags the leader's; dashed: out of ISR";
    let alone = map.plan.rows.iter().all(|r| r.part.replicas.len() < 2);
    let text = if alone { "square: leader, the only replica" } else { full };
    let x = map.plan.columns.bands.first().map_or(0, |b| b.x) + u(4);
    if y - look.line > last.bottom
        && x + width(text, look.text, "") <= map.plan.width - u(4)
        && map.plan.group_lane.is_none()
    {
        pen.about(&[]);
        pen.text("legend", "text muted", x, y, Anchor::Start, look.text, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dips_grow_with_the_logarithm_of_the_lag() {
        assert_eq!(dip(1), 260);
        assert_eq!(dip(3), 360);
        assert_eq!(dip(1_000_000), 850);
        assert!(dip(2) > dip(1) && dip(2) < dip(3));
    }
}
