//! Log microscope: one replica's log, one segment of it, one batch of that, each the inside of a
//! piece of the former.

mod bytes;
mod detail;
mod ghosts;
mod inside;
mod layout;
mod lookup;
mod retention;
mod whole;

pub use detail::LogDetail;

use crate::focus;
use crate::options::StageOptions;
use crate::pen::{Pen, path};
use crate::rings::rings;
use crate::words;
use highwater_scene::{Anchor, Scene, Timing, Unit, metrics::shorten, u};
use highwater_sim::{Role, WorldView};
use layout::{Area, Plan, file, plan};

/// Draws the log of one replica. `detail` says which, what of it is opened, and brings what
/// [`WorldView`] has not got (see [`LogDetail::load`]).
pub fn log(view: &WorldView, detail: &LogDetail, opts: &StageOptions) -> Scene {
    let Some(found) = detail.find_in(view) else {
        let what = format!("Broker {} has no log of this partition.", detail.broker);
        return focus::nothing(opts, "Log", &what, "Choose a replica in the cluster map.");
    };
    let plan = plan(view, opts, detail, &found);
    let mut pen = Pen::new(&opts.hide, &opts.dim);
    let lookup = lookup::lookup(detail, plan.log, plan.segment, &plan.batches);
    let whole = plan.whole.map(|(area, bars)| whole::lay(&plan, area, bars));
    let inside = plan.inside.and_then(|area| inside::lay(&plan, area, lookup.as_ref()));
    let sheet = plan.bytes.and_then(|area| bytes::lay(&plan, area));
    pen.about(&["joins"]);
    if let (Some(whole), Some(inside), Some(segment)) = (&whole, &inside, plan.segment)
        && let (Some((_, top, bottom)), Some((area, _))) =
            (whole.opened(segment.base_offset), plan.whole)
    {
        let (x, to_top, to_bottom) = inside.edges();
        let right = x - plan.inside.map_or(0, |i| (x - i.x) / 8);
        let left = area.x + area.w + u(2);
        join(
            &mut pen,
            "segment",
            left,
            (top, bottom),
            right.min(x),
            (to_top, to_bottom),
            plan.inside,
        );
    }
    if let (Some(inside), Some(sheet), Some(batch), Some(area)) =
        (&inside, &sheet, plan.batch, plan.inside)
        && let Some((_, top, bottom)) = inside.opened(batch.base_offset)
    {
        let (x, to_top, to_bottom) = sheet.edges();
        let left = area.x + area.w + u(2);
        join(&mut pen, "batch", left, (top, bottom), x - u(2), (to_top, to_bottom), None);
    }
    if let (Some(whole), Some((area, _))) = (&whole, plan.whole) {
        let about = subtitle(&plan);
        let title = format!("{} on broker {}", plan.name, plan.log.broker);
        titles(&plan, &mut pen, area, (title, about));
        whole::draw(&plan, whole, &mut pen);
        if let (Some(lookup), Some(segment)) = (&lookup, plan.segment)
            && lookup.batch.is_some()
            && inside.is_some()
            && let Some(at) = whole.step(segment.base_offset)
        {
            pen.about(&["lookup"]);
            inside::dot(&mut pen, "step 1", at, 1, plan.look.text);
        }
    }
    // Another segment or batch takes the place of the last one: the words of both would lie over each other.
    pen.usually(Timing::CUT);
    if let (Some(inside), Some(area), Some(segment)) = (&inside, plan.inside, plan.segment) {
        let size = words::count(plan.batches.len(), "batch").replace("batchs", "batches");
        let about = format!("{} bytes, {size}", segment.size_bytes);
        titles(&plan, &mut pen, area, (file(segment.base_offset, ".log"), about));
        inside::draw(&plan, inside, lookup.as_ref(), &mut pen);
    }
    if let (Some(sheet), Some(area), Some(batch)) = (&sheet, plan.bytes, plan.batch) {
        let range = words::offsets(batch.base_offset, batch.last_offset);
        let about =
            format!("{} bytes at position {}, one row per field", batch.size_bytes, batch.position);
        titles(&plan, &mut pen, area, (format!("batch {range}"), about));
        bytes::draw(&plan, sheet, &mut pen);
    }
    rings(opts, &mut pen);
    Scene {
        width: plan.width,
        height: plan.height,
        title: title(&plan),
        items: pen.finish(),
        layout: Vec::new(),
    }
}

fn subtitle(plan: &Plan<'_>) -> String {
    let log = plan.log;
    let role = match log.role {
        Role::Leader => format!("leader, epoch {}", log.leader_epoch),
        Role::Follower => "follower".to_owned(),
        Role::Offline => "offline: what its disk has".to_owned(),
    };
    if log.log_end_offset <= log.log_start_offset {
        return match log.log_end_offset {
            0 => format!("{role}, nothing written yet"),
            next => format!("{role}, all deleted, next offset {next}"),
        };
    }
    let offsets = words::offsets(log.log_start_offset, log.log_end_offset - 1);
    format!("{role}, offsets {offsets}")
}

fn titles(plan: &Plan<'_>, pen: &mut Pen<'_>, area: Area, (title, about): (String, String)) {
    let look = &plan.look;
    let y = u(8) + look.head;
    pen.about(&["titles"]).bright();
    let key = format!("title {}", area.x);
    let text = shorten(&title, look.head, true, area.w * 96 / 100);
    pen.text(&*key, "title b", area.x, y, Anchor::Start, look.head, text);
    let text = shorten(&about, look.text, false, area.w * 96 / 100);
    let y = y + look.line + u(2);
    pen.text(format!("{key} about"), "text muted", area.x, y, Anchor::Start, look.text, text);
}

/// Two hairlines from a piece to its inside.
fn join(
    pen: &mut Pen<'_>,
    name: &str,
    left: Unit,
    (top, bottom): (Unit, Unit),
    right: Unit,
    (to_top, to_bottom): (Unit, Unit),
    area: Option<Area>,
) {
    let right = area.map_or(right, |a| a.x.min(right)) - u(2);
    if right <= left {
        return;
    }
    pen.push(format!("join {name} top"), "hair", path(&[(left, top), (right, to_top)], false));
    let lower = path(&[(left, bottom), (right, to_bottom)], false);
    pen.push(format!("join {name} bottom"), "hair", lower);
}

fn title(plan: &Plan<'_>) -> String {
    let log = plan.log;
    let mut out = format!(
        "Log of {} on broker {} at {}: {}, log start {}, high watermark {}, log end {}",
        plan.name,
        log.broker,
        plan.view.now,
        words::count(log.segments.len(), "segment"),
        log.log_start_offset,
        log.high_watermark,
        log.log_end_offset
    );
    if let Some(batch) = plan.batch.filter(|_| plan.bytes.is_some()) {
        let range = words::offsets(batch.base_offset, batch.last_offset);
        out.push_str(&format!(". Batch {range} byte by byte"));
    }
    out
}
