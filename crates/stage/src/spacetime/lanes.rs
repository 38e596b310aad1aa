//! A lane for every node: who leads, who is down, what waits, and under each broker its tide.

use super::Plan;
use crate::cluster::machines::cross;
use crate::pen::{Pen, level, path, rect, text_at, width};
use highwater_cluster::{NodeId, Time, TopicPartition, TraceEvent};
use highwater_log::Offset;
use highwater_scene::{Anchor, Bounds, Unit, bounds, u};
use highwater_scene::{Item, metrics::shorten};
use highwater_sim::{ProcessState, Role, TraceRecord, WorldView};
use highwater_sorted::SortedMap;

/// A lane.
pub(super) struct Lane {
    pub node: NodeId,
    pub y: Unit,
    /// Height of the tide below it; 0 = none.
    pub tide: Unit,
    /// Changes of state, oldest first; the first holds from the beginning.
    pub states: Vec<(Time, State)>,
    pub marks: Vec<(Time, &'static str)>,
    /// High watermark as this node knows it.
    pub water: Vec<(Time, Offset)>,
    /// Waits in its purgatory: `(since, until, what)`.
    pub waits: Vec<(Time, Option<Time>, String)>,
}

/// How a lane is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    Usual,
    Leads,
    Out,
    Paused,
    Down,
}

/// What of the trace makes the lanes: one pass for all of them.
pub(super) struct Facts {
    lanes: SortedMap<NodeId, Lane>,
}

impl Facts {
    pub fn new(
        nodes: impl Iterator<Item = NodeId>,
        records: &[TraceRecord],
        view: &WorldView,
        tp: Option<TopicPartition>,
    ) -> Self {
        let lane = |node| Lane {
            node,
            y: 0,
            tide: 0,
            states: Vec::new(),
            marks: Vec::new(),
            water: Vec::new(),
            waits: Vec::new(),
        };
        let mut facts = Self { lanes: nodes.map(|n| (n, lane(n))).collect() };
        let mut believes: SortedMap<NodeId, State> = SortedMap::new();
        let mut parked: SortedMap<(NodeId, u64), usize> = SortedMap::new();
        for record in records {
            let Some(event) = record.event() else { continue };
            facts.event(record, event, tp, &mut believes);
            facts.wait(record, event, tp, &mut parked);
        }
        facts.fill(view, tp);
        facts
    }

    pub fn take(self) -> Vec<Lane> {
        self.lanes.into_values().collect()
    }

    fn event(
        &mut self,
        record: &TraceRecord,
        event: &TraceEvent,
        tp: Option<TopicPartition>,
        believes: &mut SortedMap<NodeId, State>,
    ) {
        let (node, now) = (record.node, record.time);
        self.told(record, event, tp, believes);
        let Some(lane) = self.lanes.get_mut(&node) else { return };
        match event {
            TraceEvent::HighWatermarkMoved { tp: about, from, to, .. } if Some(*about) == tp => {
                if lane.water.is_empty() {
                    lane.water.push((Time(0), *from));
                }
                lane.water.push((now, *to));
            }
            TraceEvent::BecameLeader { tp: about, .. } if Some(*about) == tp => {
                believes.insert(node, State::Leads);
                self.becomes(node, State::Leads, now);
            }
            TraceEvent::BecameFollower { tp: about, .. } if Some(*about) == tp => {
                let same = believes.insert(node, State::Usual) == Some(State::Usual);
                let out = matches!(lane.states.last(), Some((_, State::Out)));
                if !same && !out {
                    self.becomes(node, State::Usual, now);
                }
            }
            TraceEvent::Crashed { power_loss } => {
                lane.marks.push((now, if *power_loss { "power off" } else { "crash" }));
                self.becomes(node, State::Down, now);
            }
            TraceEvent::ShutDown => {
                lane.marks.push((now, "shut down"));
                self.becomes(node, State::Down, now);
            }
            TraceEvent::Restarted => {
                lane.marks.push((now, "restart"));
                self.becomes(node, State::Usual, now);
            }
            TraceEvent::Paused => {
                lane.marks.push((now, "pause"));
                self.becomes(node, State::Paused, now);
            }
            TraceEvent::Resumed => {
                lane.marks.push((now, "resume"));
                let state = believes.get(&node).copied().unwrap_or(State::Usual);
                self.becomes(node, state, now);
            }
            _ => {}
        }
    }

    /// What an event says about what a node was before it, and about others.
    fn told(
        &mut self,
        record: &TraceRecord,
        event: &TraceEvent,
        tp: Option<TopicPartition>,
        believes: &mut SortedMap<NodeId, State>,
    ) {
        let (node, now) = (record.node, record.time);
        if let TraceEvent::IsrChanged { tp: about, from, to, .. } = event
            && Some(*about) == tp
        {
            for id in from.iter().filter(|id| !to.contains(id)) {
                self.becomes(NodeId::Broker(*id), State::Out, now);
            }
            for id in to.iter().filter(|id| !from.contains(id)) {
                self.was(NodeId::Broker(*id), State::Out);
                self.becomes(NodeId::Broker(*id), State::Usual, now);
            }
        }
        match event {
            TraceEvent::HighWatermarkMoved { tp: about, as_leader: true, .. }
            | TraceEvent::BatchAppended { tp: about, as_leader: true, .. }
                if Some(*about) == tp =>
            {
                self.was(node, State::Leads);
                believes.entry(node).or_insert(State::Leads);
            }
            TraceEvent::Restarted => self.was(node, State::Down),
            TraceEvent::Resumed => self.was(node, State::Paused),
            TraceEvent::BecameLeader { tp: about, .. }
            | TraceEvent::BecameFollower { tp: about, .. }
                if Some(*about) == tp =>
            {
                self.was(node, State::Usual);
            }
            TraceEvent::Crashed { .. } | TraceEvent::ShutDown | TraceEvent::Paused => {
                self.was(node, State::Usual);
            }
            _ => {}
        }
    }

    /// What a node was before the first thing that is told of it.
    fn was(&mut self, node: NodeId, state: State) {
        if let Some(lane) = self.lanes.get_mut(&node).filter(|l| l.states.is_empty()) {
            lane.states.push((Time(0), state));
        }
    }

    fn becomes(&mut self, node: NodeId, state: State, now: Time) {
        self.was(node, State::Usual);
        if let Some(lane) = self.lanes.get_mut(&node) {
            let down = matches!(lane.states.last(), Some((_, State::Down)));
            // Out of the ISR is what a dead one is anyway.
            if !(down && state == State::Out) {
                lane.states.push((now, state));
            }
        }
    }

    fn wait(
        &mut self,
        record: &TraceRecord,
        event: &TraceEvent,
        tp: Option<TopicPartition>,
        parked: &mut SortedMap<(NodeId, u64), usize>,
    ) {
        let Some(lane) = self.lanes.get_mut(&record.node) else { return };
        match event {
            TraceEvent::ProduceParked { id, tp: about, required_offset, .. }
                if Some(*about) == tp =>
            {
                parked.insert((record.node, *id), lane.waits.len());
                lane.waits.push((record.time, None, format!("waits for HW {required_offset}")));
            }
            TraceEvent::ProduceUnparked { id, .. } => {
                if let Some(wait) =
                    parked.remove(&(record.node, *id)).and_then(|i| lane.waits.get_mut(i))
                {
                    wait.1 = Some(record.time);
                }
            }
            TraceEvent::Crashed { .. } => {
                for wait in lane.waits.iter_mut().filter(|w| w.1.is_none()) {
                    wait.1 = Some(record.time);
                }
            }
            _ => {}
        }
    }

    /// What held before the first change, from the view where nothing changed.
    fn fill(&mut self, view: &WorldView, tp: Option<TopicPartition>) {
        let part = view.topics.iter().flat_map(|t| &t.partitions).find(|p| Some(p.tp) == tp);
        for lane in self.lanes.values_mut() {
            let Some(id) = lane.node.broker() else {
                let running = |state| match state {
                    ProcessState::Running => State::Usual,
                    ProcessState::Paused => State::Paused,
                    _ => State::Down,
                };
                let state = match lane.node {
                    NodeId::Producer(n) => {
                        view.producers.iter().find(|p| p.number == n).map(|p| p.state)
                    }
                    NodeId::Consumer(n) => {
                        view.consumers.iter().find(|c| c.number == n).map(|c| c.state)
                    }
                    _ => None,
                };
                if lane.states.is_empty() {
                    lane.states.push((Time(0), running(state.unwrap_or_default())));
                }
                continue;
            };
            let log = part.and_then(|p| p.logs.iter().find(|l| l.broker == id));
            if lane.water.is_empty()
                && let Some(log) = log
            {
                lane.water.push((Time(0), log.high_watermark));
            }
            let now = match log {
                Some(log) if log.role == Role::Leader => State::Leads,
                Some(log) if log.role == Role::Offline => State::Down,
                Some(log) if !log.in_isr => State::Out,
                _ => State::Usual,
            };
            if lane.states.is_empty() {
                lane.states.push((Time(0), now));
            }
        }
    }
}

impl Lane {
    fn state(&self, time: Time) -> State {
        self.states.iter().rfind(|s| s.0 <= time).map_or(State::Usual, |s| s.1)
    }
}

/// Names, lines, waits, marks; not the tide.
pub(super) fn draw(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    for lane in &plan.lanes {
        let pick = lane.node.to_string();
        pen.about(&[&pick, "lanes"]).picks(Some(&pick));
        line(plan, lane, &pick, pen);
        waits(plan, lane, &pick, pen);
        marks(plan, lane, &pick, pen);
        name(plan, lane, &pick, pen);
    }
}

fn line(plan: &Plan<'_>, lane: &Lane, pick: &str, pen: &mut Pen<'_>) {
    let (start, end) = plan.span;
    let mut cuts: Vec<Time> =
        lane.states.iter().map(|s| s.0).filter(|t| *t > start && *t < end).collect();
    cuts.insert(0, start);
    cuts.push(end);
    for (n, pair) in cuts.windows(2).enumerate() {
        let left = if n == 0 { plan.axis.0 } else { plan.scale.x(pair[0]) };
        let last = n + 2 == cuts.len();
        let right = if last { plan.axis.1 } else { plan.scale.x(pair[1]) };
        if right <= left {
            continue;
        }
        let (class, words) = match lane.state(pair[0]) {
            State::Usual => ("lane", ""),
            State::Leads => ("lane leader", ", leads"),
            State::Out => ("lane out", ", out of the ISR"),
            State::Paused => ("lane warn", ", paused"),
            State::Down => ("ghost", ", down"),
        };
        let label = format!("{}{words} from {}", lane.node, pair[0]);
        pen.named(format!("lane {pick} {n}"), class, level(left, right, lane.y), label);
    }
}

fn waits(plan: &Plan<'_>, lane: &Lane, pick: &str, pen: &mut Pen<'_>) {
    for (n, (from, to, what)) in lane.waits.iter().enumerate() {
        let end = to.unwrap_or(plan.view.now);
        if end < plan.span.0 {
            continue;
        }
        let (left, right) = (plan.scale.x((*from).max(plan.span.0)), plan.scale.x(end));
        let shape = rect(left, lane.y - u(6), (right - left).max(u(2)), u(4), 0);
        let label = format!("a produce {what}, from {from} to {end}");
        pen.named(format!("wait {pick} {n}"), "waitbar", shape, label);
        let size = plan.look.text;
        if width(what, size, "") <= right - left {
            let shape = text_at(left, lane.y - u(9), Anchor::Start, size, what.as_str());
            plan.place(pen, format!("wait {pick} {n} name"), "text muted", shape);
        }
    }
}

fn marks(plan: &Plan<'_>, lane: &Lane, pick: &str, pen: &mut Pen<'_>) {
    for (n, (time, word)) in lane.marks.iter().enumerate() {
        if *time < plan.span.0 {
            continue;
        }
        let x = plan.scale.x(*time);
        let class = match *word {
            "crash" | "power off" => {
                cross(pen, format!("mark {pick} {n}"), x, lane.y, u(7));
                "text b danger"
            }
            "pause" => "text b warn",
            _ => "text",
        };
        if class != "text b danger" {
            let line = path(&[(x, lane.y - u(6)), (x, lane.y + u(6))], false);
            pen.push(format!("mark {pick} {n}"), "inkline", line);
        }
        let size = plan.look.text;
        let wide = width(word, size, class);
        let (x, anchor) = if x + u(12) + wide > plan.axis.1 {
            (x - u(12), Anchor::End)
        } else {
            (x + u(12), Anchor::Start)
        };
        let shape = text_at(x, lane.y - u(9), anchor, size, *word);
        plan.place(pen, format!("mark {pick} {n} name"), class, shape);
    }
}

fn name(plan: &Plan<'_>, lane: &Lane, pick: &str, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let room = plan.axis.0 - plan.left - u(6);
    let text = shorten(&lane.node.to_string(), look.text, true, room);
    let two = !plan.tight;
    let y = if two { lane.y - u(1) } else { lane.y + look.text * 36 / 100 };
    pen.text(format!("lane {pick} name"), "text b", plan.left, y, Anchor::Start, look.text, text);
    if !two {
        return;
    }
    let end = lane.state(plan.view.now);
    let part = plan.part;
    let epoch = part.and_then(|p| {
        p.logs.iter().find(|l| Some(l.broker) == lane.node.broker()).map(|l| l.leader_epoch)
    });
    let role = match (lane.node, end) {
        (_, State::Down) => "down".to_owned(),
        (_, State::Paused) => "paused".to_owned(),
        (NodeId::Broker(_), State::Leads) => match epoch {
            Some(epoch) => format!("leader, epoch {epoch}"),
            None => "leader".to_owned(),
        },
        (NodeId::Broker(_), State::Out) => "out of ISR".to_owned(),
        (NodeId::Broker(_), _) if epoch.is_some() => "follower".to_owned(),
        (NodeId::Producer(n), _) => plan
            .view
            .producers
            .iter()
            .find(|p| p.number == n)
            .map(|p| format!("acks={}", p.acks))
            .unwrap_or_default(),
        (NodeId::Consumer(n), _) => {
            let found = plan.view.consumers.iter().find(|c| c.number == n);
            found.map(|c| c.group.to_string()).unwrap_or_default()
        }
        _ => String::new(),
    };
    let role = if width(&role, look.text, "") <= room {
        role
    } else {
        role.split(',').next().unwrap_or("").to_owned()
    };
    let role = shorten(&role, look.text, false, room);
    let y = y + look.line;
    pen.text(
        format!("lane {pick} role"),
        "text muted",
        plan.left,
        y,
        Anchor::Start,
        look.text,
        role,
    );
}

/// The level of the water as each broker knows it, under its lane.
pub(super) fn tides(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    let values = || plan.lanes.iter().flat_map(|l| l.water.iter());
    let from = plan.span.0;
    let seen: Vec<Offset> = plan
        .lanes
        .iter()
        .flat_map(|l| {
            let before = l.water.iter().rfind(|w| w.0 <= from);
            before.into_iter().chain(l.water.iter().filter(|w| w.0 > from)).map(|w| w.1)
        })
        .collect();
    let (lo, hi) =
        (seen.iter().min().copied().unwrap_or(0), seen.iter().max().copied().unwrap_or(0));
    if values().next().is_none() {
        return;
    }
    for lane in plan.lanes.iter().filter(|l| l.tide > 0 && !l.water.is_empty()) {
        tide(plan, lane, (lo, hi.max(lo + 1)), pen);
    }
}

fn tide(plan: &Plan<'_>, lane: &Lane, (lo, hi): (Offset, Offset), pen: &mut Pen<'_>) {
    let pick = lane.node.to_string();
    pen.about(&[&pick, "hw", "tide"]).picks(Some(&pick));
    let floor = lane.y + u(8) + lane.tide;
    let y = |offset: Offset| {
        // The number of the highest level stands between it and the lane.
        let room = i64::from(lane.tide - u(8) - plan.look.text);
        floor - u(3) - i32::try_from(room.max(0) * (offset - lo) / (hi - lo)).unwrap_or(0)
    };
    let (start, end) = plan.span;
    let first = lane.water.iter().rfind(|w| w.0 <= start).or(lane.water.first());
    let Some(first) = first else { return };
    let mut points = vec![(plan.axis.0, y(first.1))];
    let mut labels = vec![(plan.axis.0, first.1)];
    let dead = lane.states.iter().rfind(|s| s.0 <= end).filter(|s| s.1 == State::Down);
    let stop = dead.map_or(plan.axis.1, |s| plan.scale.x(s.0.max(start)));
    for (time, value) in lane.water.iter().filter(|w| w.0 > start && w.0 <= end) {
        let x = plan.scale.x(*time);
        let level = points.last().map_or(0, |p| p.1);
        points.extend([(x, level), (x, y(*value))]);
        labels.push((x, *value));
    }
    let last = points.last().map_or(0, |p| p.1);
    points.push((stop.max(points.last().map_or(0, |p| p.0)), last));
    let right = points.last().map_or(plan.axis.1, |p| p.0);
    let mut area = points.clone();
    area.extend([(right, floor), (plan.axis.0, floor)]);
    pen.push(format!("tide {pick}"), "wash", path(&area, true));
    let label =
        format!("high watermark as {} knows it: {}", lane.node, labels.last().map_or(0, |l| l.1));
    pen.named(format!("tide line {pick}"), "waterline thin", path(&points, false), label);
    for (n, (x, value)) in labels.iter().enumerate() {
        let text = format!("HW {value}");
        let next = labels.get(n + 1).map_or(right, |l| l.0);
        let wide = width(&text, plan.look.text, "b");
        let y = y(*value) - u(3);
        // Beside the arrows where there is such a place before the next step.
        let shapes = [5, 12, 20, 30, 45, 60, 80]
            .map(|by| text_at(x + u(by), y, Anchor::Start, plan.look.text, text.as_str()));
        let fits = |shape: &&highwater_scene::Shape| {
            box_of("text b water", shape)
                .is_some_and(|b| b.left + wide <= next && !plan.crossed(&b) && plan.free(&b))
        };
        let found = shapes.iter().find(fits);
        // Where the next step follows at once only that one has its number.
        if found.is_none() && x + u(5) + wide > next && n + 1 < labels.len() {
            continue;
        }
        let shape = found.unwrap_or(&shapes[0]).clone();
        plan.place(pen, format!("tide {pick} {n}"), "text b water", shape);
    }
}

/// Box of a shape.
pub(super) fn box_of(class: &'static str, shape: &highwater_scene::Shape) -> Option<Bounds> {
    bounds(&Item::new("", class, shape.clone()))
}
