//! Group board: members and partitions over one time axis, so that it is seen that logs grow while a
//! group rebalances, and what that costs.

mod charts;
mod from_trace;
mod history;
mod layout;
mod members;
mod side;

pub use history::{
    Doing, GroupHistory, Mark, MemberHistory, MemberSpan, PartitionHistory, Phase, Steps,
};

use crate::axis;
use crate::focus;
use crate::options::StageOptions;
use crate::pen::{Pen, level, width};
use crate::rings::rings;
use highwater_scene::{Anchor, Point, Scene, Shape, metrics::shorten, u};
use highwater_sim::WorldView;
use layout::{Plan, plan};

/// Draws a group: what its members did in the stretch of time of `history`, and what they have and
/// have read now.
pub fn group(view: &WorldView, history: &GroupHistory, opts: &StageOptions) -> Scene {
    if history.group.is_empty() {
        let advice = "Add a consumer: it finds its coordinator, joins and is given partitions.";
        return focus::nothing(opts, "Group", "There is no consumer group.", advice);
    }
    let plan = plan(view, opts, history);
    let mut pen = Pen::new(&opts.hide, &opts.dim);
    members::phases(&plan, &mut pen);
    header(&plan, &mut pen);
    members::rows(&plan, &mut pen);
    charts::draw(&plan, &mut pen);
    time(&plan, &mut pen);
    side::now(&plan, &mut pen);
    side::draw(&plan, &mut pen);
    rings(opts, &mut pen);
    Scene {
        width: plan.width,
        height: plan.height,
        title: title(&plan),
        items: pen.finish(),
        layout: Vec::new(),
    }
}

fn header(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let name = format!("group {}", plan.history.group);
    pen.about(&[&name, "header"]).bright().picks(Some(&name));
    let text = shorten(&name, look.head, true, plan.width / 2);
    let used = width(&text, look.head, "b");
    let (x, y) = (plan.left, plan.title);
    pen.text("title", "title b", x, y, Anchor::Start, look.head, text);
    let mut facts = Vec::new();
    match plan.group {
        Some(group) => {
            if look.small_print {
                facts.push("classic protocol".to_owned());
            }
            if let Some(assignor) = &group.protocol {
                facts.push(format!("assignor {assignor}"));
            }
            if group.coordinator >= 0 {
                facts.push(format!("coordinator broker {}", group.coordinator));
            }
            facts.push(group.state.name().to_owned());
        }
        None => facts.push("no coordinator has it yet".to_owned()),
    }
    let room = plan.width - x - used - u(24);
    let room = if plan.hidden.0 > 0 { room - u(110) } else { room };
    // The state is last and most wanted.
    while facts.len() > 1 && width(&facts.join(", "), look.text, "") > room {
        facts.remove(0);
    }
    let text = facts.join(", ");
    if width(&text, look.text, "") <= room {
        let x = x + used + u(14);
        pen.text("about", "text muted", x, y, Anchor::Start, look.text, text);
    }
}

fn time(plan: &Plan<'_>, pen: &mut Pen<'_>) {
    let look = &plan.look;
    let y = plan.bottom;
    pen.about(&["time"]);
    pen.push("time", "tick", level(plan.axis.0, plan.axis.1, y));
    let room = plan.axis.1 - plan.axis.0;
    let most = u64::try_from(room / (look.text * 6)).unwrap_or(2).max(1);
    let mut free = 0;
    for (at, text) in axis::moments(plan.history.from, plan.history.to, most) {
        let x = plan.x(at);
        let tick = Shape::Line { from: Point { x, y }, to: Point { x, y: y + u(5) } };
        pen.push(format!("time {}", at.0), "tick", tick);
        let half = width(&text, look.text, "") / 2;
        if x - half >= free && x + half <= plan.width {
            free = x + half + u(6);
            let key = format!("time {} name", at.0);
            let base = y + look.line + u(2);
            pen.text(key, "text muted", x, base, Anchor::Middle, look.text, text);
        }
    }
}

fn title(plan: &Plan<'_>) -> String {
    let mut out = format!("Group {} at {}", plan.history.group, plan.view.now);
    if let Some(group) = plan.group {
        out.push_str(&format!(": {}, generation {}", group.state.name(), group.generation));
    }
    for consumer in plan.view.consumers.iter().filter(|c| *c.group == *plan.history.group) {
        out.push_str(&format!(". c{}: {}", consumer.number, consumer.doing));
    }
    out
}
