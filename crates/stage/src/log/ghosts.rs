//! Files of segments that have left the log: renamed to `.deleted`, they lie below it until their delay is over.

use super::layout::{Plan, file};
use crate::pen::{Pen, centred, rect, width};
use crate::words;
use highwater_log::Timestamp;
use highwater_scene::{Anchor, Unit, u};

/// So many are drawn: the last to go.
pub(super) const GHOSTS_MAX: usize = 3;

/// Height of one with its distance to the next.
pub(super) fn ghost_height(plan: &Plan<'_>) -> Unit {
    plan.look.line + u(6)
}

/// Draws them upwards from the floor, the oldest lowest, as the log has them.
pub(super) fn draw(
    plan: &Plan<'_>,
    (stack, stack_width): (Unit, Unit),
    (names, right): (Unit, Unit),
    floor: Unit,
    pen: &mut Pen<'_>,
) {
    let all = &plan.detail.deleted;
    let mut bottom = floor;
    for &(base, at_ms) in &all[all.len().saturating_sub(GHOSTS_MAX)..] {
        let top = bottom - plan.look.line;
        let pick = format!("segment {}:{base}", plan.pick);
        pen.about(&[&pick, &plan.pick, "segments", "retention"]).picks(Some(&pick));
        let shape = rect(stack, top, stack_width, bottom - top, 0);
        let name = file(base, ".log.deleted");
        pen.named(
            format!("ghost {pick}"),
            "bar out",
            shape,
            format!("{name}, {}", goes(plan, at_ms)),
        );
        let size = plan.look.text;
        let y = centred(i32::midpoint(top, bottom), size);
        let full = format!("{name} {}", goes(plan, at_ms));
        let fits = |text: &&String| names + width(text, size, "") <= right - u(4);
        if let Some(text) = [full, name].iter().find(fits) {
            pen.text(
                format!("ghost name {pick}"),
                "text muted",
                names,
                y,
                Anchor::Start,
                size,
                text.as_str(),
            );
        }
        bottom = top - u(6);
    }
}

/// When the file goes.
fn goes(plan: &Plan<'_>, at_ms: Timestamp) -> String {
    let left = u64::try_from(at_ms - plan.view.now.wall_ms()).unwrap_or(0).saturating_mul(1000);
    format!("goes in {}", words::span(left))
}
