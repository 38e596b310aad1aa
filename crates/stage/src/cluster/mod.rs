//! The cluster map: across is place, up is offset, and the high watermark is the level of the water.

mod capsule;
mod clients;
mod columns;
mod flight;
mod layout;
pub(crate) mod machines;
mod matrix;
mod messages;
mod notes;
mod scale;
mod stack;
mod tray;
mod water;
pub(crate) mod window;

use crate::options::StageOptions;
use crate::pen::Pen;
use crate::rings::rings;
use highwater_cluster::Time;
use highwater_scene::Scene;
use highwater_sim::WorldView;
use layout::{Detail, Plan, plan};

/// Everything the parts of the map need to draw.
pub(crate) struct Map<'a> {
    pub view: &'a WorldView,
    pub opts: &'a StageOptions,
    pub plan: Plan<'a>,
    /// End of the current interval, for movement; `None` = nothing moves.
    pub next: Option<Time>,
}

/// Draws the cluster map of one moment. `next_event_at` is the end of the interval that begins at
/// `view.now`: what is in flight carries a motion from its place now to its place then. With
/// `None` nothing moves.
pub fn cluster(view: &WorldView, next_event_at: Option<Time>, opts: &StageOptions) -> Scene {
    let next = if opts.reduced_motion { None } else { next_event_at.filter(|t| *t > view.now) };
    let map = Map { view, opts, plan: plan(view, opts), next };
    let mut pen = Pen::new(&opts.hide, &opts.dim);
    // Paper, then what flies above it and behind the machines, then the machines, then what they hold.
    water::paper(&map, &mut pen);
    messages::draw(&map, &mut pen);
    machines::bands(&map, &mut pen);
    machines::header(&map, &mut pen);
    water::wash(&map, &mut pen);
    let named = matrix::named(&map);
    for row in &map.plan.rows {
        match row.detail {
            Detail::Matrix => matrix::row(&map, row, &mut pen, named.contains(&row.top)),
            _ => {
                machines::roles(&map, row, &mut pen);
                stack::stacks(&map, row, &mut pen);
                water::line(&map, row, &mut pen);
                tray::floats(&map, row, &mut pen);
                tray::trays(&map, row, &mut pen);
            }
        }
    }
    matrix::legend(&map, &mut pen);
    clients::producers(&map, &mut pen);
    clients::consumers(&map, &mut pen);
    clients::group_lane(&map, &mut pen);
    // They take what room the names of the groups leave.
    matrix::heads(&map, &mut pen);
    notes::note(&map, &mut pen);
    rings(opts, &mut pen);
    Scene {
        width: map.plan.width,
        height: map.plan.height,
        title: title(view),
        items: pen.finish(),
        layout: map.plan.layout(),
    }
}

fn title(view: &WorldView) -> String {
    let mut out = format!(
        "Cluster map at {}: {}",
        view.now,
        crate::words::count(view.brokers.len(), "broker")
    );
    for part in view.topics.iter().filter(|t| !t.internal).flat_map(|t| &t.partitions).take(6) {
        let marks: Vec<String> = part
            .logs
            .iter()
            .map(|l| format!("{} on broker {}", l.high_watermark, l.broker))
            .collect();
        out.push_str(&format!(". High watermark of {}: {}", part.name, marks.join(", ")));
    }
    out
}
