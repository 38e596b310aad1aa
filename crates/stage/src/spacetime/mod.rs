//! Space-time diagram: a lane per node, an arrow per message, and under each broker the level of the
//! water as it knows it.

mod arrows;
mod flights;
mod lanes;
mod scale;

pub use scale::TimeAxis;

use crate::axis;
use crate::focus;
use crate::options::{Look, Profile, StageOptions};
use crate::pen::{Pen, path, rect, text_at, width};
use crate::rings::rings;
use crate::words;
use flights::{Flight, flights};
use highwater_cluster::{NodeId, Time, TopicPartition};
use highwater_log::Offset;
use highwater_scene::{Anchor, Bounds, Key, Point, Scene, Shape, Unit, u};
use highwater_sim::{PartitionView, TraceRecord, WorldView};
use highwater_sorted::SortedSet;
use lanes::{Facts, Lane};
use scale::{Scale, band_width};
use std::cell::RefCell;

/// Everything the parts need.
pub(crate) struct Plan<'a> {
    view: &'a WorldView,
    opts: &'a StageOptions,
    look: Look,
    part: Option<&'a PartitionView>,
    flights: Vec<Flight>,
    lanes: Vec<Lane>,
    scale: Scale,
    /// First and last moment in the picture.
    span: (Time, Time),
    left: Unit,
    axis: (Unit, Unit),
    width: Unit,
    height: Unit,
    top: Unit,
    bottom: Unit,
    /// Lanes are so near that they carry a name only.
    tight: bool,
    /// Places of words so far.
    taken: RefCell<Vec<Bounds>>,
}

impl Plan<'_> {
    fn lane(&self, node: NodeId) -> Option<&Lane> {
        self.lanes.iter().find(|l| l.node == node)
    }
    fn free(&self, b: &Bounds) -> bool {
        !self.taken.borrow().iter().any(|t| t.overlaps(b))
    }
    /// Whether an arrow goes through.
    fn crossed(&self, b: &Bounds) -> bool {
        self.flights.iter().filter_map(|f| arrows::ends(self, f)).any(|(from, to)| {
            // Where the arrow is at the height of the box.
            let (top, bottom) = if from.1 < to.1 { (from, to) } else { (to, from) };
            if bottom.1 < b.top || top.1 > b.bottom {
                return false;
            }
            let at = |y: Unit| {
                let whole = i64::from((bottom.1 - top.1).max(1));
                let part = i64::from(bottom.0 - top.0) * i64::from(y - top.1) / whole;
                top.0 + i32::try_from(part).unwrap_or(0)
            };
            let (a, z) = (at(b.top.max(top.1)), at(b.bottom.min(bottom.1)));
            a.max(z) >= b.left && a.min(z) <= b.right
        })
    }
    fn take(&self, b: Bounds) {
        self.taken.borrow_mut().push(b);
    }
    /// Writes something where it covers nothing and stays within the picture, or leaves it out.
    fn place(&self, pen: &mut Pen<'_>, key: impl Into<Key>, class: &'static str, shape: Shape) {
        let Some(b) = lanes::box_of(class, &shape) else { return };
        let inside = b.left >= self.left && b.right <= self.width && b.bottom <= self.height;
        // Two numbers without a gap read as one.
        let apart = highwater_scene::Bounds { left: b.left - u(4), right: b.right + u(4), ..b };
        if inside && self.free(&apart) {
            self.take(b);
            pen.push(key, class, shape);
        }
    }
}

/// Draws the last messages before now (about 24; fewer where there is less room) of the partition in
/// focus, with the groups' and the controller's that belong to it. `records` are those of a stretch
/// that ends now, in order; some thousands are enough.
pub fn spacetime(
    records: &[TraceRecord],
    view: &WorldView,
    axis: TimeAxis,
    opts: &StageOptions,
) -> Scene {
    let found = focus::partition(view, opts);
    let tps: Vec<TopicPartition> = match found {
        _ if !opts.focus.is_empty() => opts.focus.clone(),
        Some((_, part)) => vec![part.tp],
        None => Vec::new(),
    };
    let mut all = flights(records, view, &tps);
    let most = most(opts);
    if all.len() > most {
        all.drain(..all.len() - most);
    }
    if all.is_empty() {
        let advice = "Send a record, or run on: every message becomes an arrow.";
        return focus::nothing(opts, "Space-time", "No message to show yet.", advice);
    }
    let plan = plan(records, view, axis, opts, found.map(|f| f.1), all);
    let mut pen = Pen::new(&opts.hide, &opts.dim);
    time(&plan, &mut pen);
    lanes::tides(&plan, &mut pen);
    lanes::draw(&plan, &mut pen);
    now(&plan, &mut pen);
    arrows::draw(&plan, &mut pen);
    rings(opts, &mut pen);
    Scene {
        width: plan.width,
        height: plan.height,
        title: title(&plan),
        items: pen.finish(),
        layout: Vec::new(),
    }
}

/// So many messages have room.
fn most(opts: &StageOptions) -> usize {
    match opts.profile {
        Profile::Default if opts.width >= 860 => 24,
        Profile::Default => 16,
        Profile::Figure => 16,
        Profile::Projector => 12,
        Profile::Phone => 8,
    }
}

/// Order of the lanes from above: producers, brokers, controller, consumers.
fn rank(node: NodeId) -> (u8, i64) {
    match node {
        NodeId::Admin => (0, 0),
        NodeId::Producer(n) => (1, i64::from(n)),
        NodeId::Broker(id) => (2, i64::from(id)),
        NodeId::Controller => (3, 0),
        NodeId::Consumer(n) => (4, i64::from(n)),
    }
}

fn plan<'a>(
    records: &[TraceRecord],
    view: &'a WorldView,
    axis: TimeAxis,
    opts: &'a StageOptions,
    part: Option<&'a PartitionView>,
    flights: Vec<Flight>,
) -> Plan<'a> {
    let look = opts.look();
    let (width_all, height) = opts.drawing_size(860, 520);
    let left = if opts.profile == Profile::Phone { u(6) } else { u(12) };
    let start = flights.iter().map(|f| f.sent).min().unwrap_or(view.now);
    let mut nodes: SortedSet<NodeId> = flights.iter().flat_map(|f| [f.from, f.to]).collect();
    nodes.extend(part.iter().flat_map(|p| &p.replicas).map(|id| NodeId::Broker(*id)));
    let mut lanes = Facts::new(nodes.into_iter(), records, view, part.map(|p| p.tp)).take();
    highwater_sorted::sort_by_key(&mut lanes, |l| rank(l.node));
    let mut moments = vec![start, view.now];
    for flight in &flights {
        moments.push(flight.sent);
        moments.extend(flight.lost.or(flight.lands));
    }
    let mut changes: Vec<Time> = Vec::new();
    for lane in &lanes {
        changes.extend(lane.marks.iter().map(|m| m.0));
        changes.extend(lane.water.iter().map(|w| w.0));
        changes.extend(lane.states.iter().map(|s| s.0));
    }
    moments.extend(changes.into_iter().filter(|t| *t >= start));
    let end = moments.iter().max().copied().unwrap_or(view.now);
    let names = lanes.iter().map(|l| width(&l.node.to_string(), look.text, "b")).max().unwrap_or(0);
    let roles = if look.small_print && opts.profile != Profile::Phone {
        width("leader, epoch 88", look.text, "")
    } else {
        0
    };
    let axis_left = left + names.max(roles) + u(12);
    let axis_right = width_all - u(10);
    let top = u(8) + look.line + u(4);
    let bottom = height - u(10);
    space(&mut lanes, (top, bottom), &look);
    let tight = lanes.windows(2).any(|p| p[1].y - p[0].y < look.line * 2 + u(6));
    let scale =
        Scale::new(moments, (axis_left + u(14), axis_right - u(14)), band_width(look.text), axis);
    Plan {
        view,
        opts,
        look,
        part,
        flights,
        lanes,
        scale,
        span: (start, end),
        left,
        axis: (axis_left, axis_right),
        width: width_all,
        height,
        top,
        bottom,
        tight,
        taken: RefCell::new(Vec::new()),
    }
}

/// Spreads the lanes: below a broker there is room for its tide.
fn space(lanes: &mut [Lane], (top, bottom): (Unit, Unit), look: &Look) {
    let weight = |lane: &Lane| if lane.node.broker().is_some() { 4 } else { 3 };
    let last = lanes.len().saturating_sub(1);
    // The last one needs only what is drawn below it.
    let whole: i32 = lanes.iter().take(last).map(weight).sum::<i32>().max(1);
    let tail = if lanes.last().is_some_and(|l| l.node.broker().is_some()) {
        look.text + u(36)
    } else {
        look.line
    };
    let from = top + look.line + u(6);
    let room = bottom - from - tail - u(4);
    let mut y = from;
    for (index, lane) in lanes.iter_mut().enumerate() {
        let share = if index < last { room * weight(lane) / whole } else { tail };
        lane.y = y;
        if lane.node.broker().is_some() && !lane.water.is_empty() {
            let tide = (share - u(14)).min(share * 2 / 5).min(look.text + u(36));
            let tide = if index < last { tide } else { share - u(10) };
            lane.tide = if tide >= look.text + u(12) { tide } else { 0 };
        }
        y += share;
    }
}

/// Times on top, hairlines below them, and the bands of what is quiet.
fn time(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let base = plan.top - u(4);
    pen.about(&["time"]);
    for (n, stretch) in plan.scale.stretches.iter().filter(|s| s.quiet).enumerate() {
        let wide = stretch.right - stretch.left;
        let shape =
            rect(stretch.left, plan.top - look.line, wide, plan.bottom - plan.top + look.line, 0);
        let text = words::span(stretch.to.since(stretch.from).0);
        pen.named(format!("quiet {n}"), "band", shape, format!("{text} pass"));
        let x = i32::midpoint(stretch.left, stretch.right);
        let shape = text_at(x, base, Anchor::Middle, look.text, text);
        plan.place(pen, format!("quiet {n} length"), "text b", shape);
    }
    for stretch in plan.scale.stretches.iter().filter(|s| !s.quiet) {
        let room = stretch.right - stretch.left;
        let most = u64::try_from(room / (look.text * 6)).unwrap_or(0);
        if most == 0 {
            continue;
        }
        for (at, text) in axis::moments(stretch.from, stretch.to, most) {
            let x = plan.scale.x(at);
            let line =
                Shape::Line { from: Point { x, y: plan.top }, to: Point { x, y: plan.bottom } };
            pen.push(format!("time {}", at.0), "hair", line);
            let half = width(&text, look.text, "") / 2;
            let x = x.clamp(plan.axis.0 + half, (plan.width - half - u(2)).max(plan.axis.0 + half));
            let shape = text_at(x, base, Anchor::Middle, look.text, text);
            plan.place(pen, format!("time {} name", at.0), "text muted", shape);
        }
    }
}

/// The line of now with its flag.
fn now(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    let x = plan.scale.x(plan.view.now);
    let y = plan.top + u(2);
    pen.about(&[]);
    let line = Shape::Line { from: Point { x, y }, to: Point { x, y: plan.bottom } };
    pen.push("now", "inkline", line);
    let flag =
        [(x - u(6), y), (x + u(6), y), (x + u(6), y + u(6)), (x, y + u(12)), (x - u(6), y + u(6))];
    pen.push("now flag", "flag", path(&flag, true));
    pen.named("now ink", "flagink", path(&flag, true), format!("now, {}", plan.view.now));
}

fn title(plan: &Plan<'_>) -> String {
    let name = plan.part.map(|p| format!(" of {}", p.name)).unwrap_or_default();
    let known = |w: &[(Time, Offset)]| w.last().map_or(0, |w| w.1);
    let mut out = format!(
        "Messages{name} from {} to {}: {}",
        plan.span.0,
        plan.view.now,
        words::count(plan.flights.len(), "arrow")
    );
    for lane in plan.lanes.iter().filter(|l| !l.water.is_empty()) {
        out.push_str(&format!(
            ". High watermark as {} knows it: {}",
            lane.node,
            known(&lane.water)
        ));
    }
    out
}
