//! The strip under the stage: the tide of one partition over the director's time, markers as pins,
//! quiet spans, branches, and where now is.

use crate::options::StageOptions;
use crate::pen::{Pen, centred, level, path, width};
use highwater_log::Offset;
use highwater_scene::{Anchor, Key, Point, Scene, Shape, Timing, Unit, u};

/// What the strip shows. Times are screen time in microseconds since the run began, as the director
/// maps it, so that a millisecond with a story is as wide as an hour without.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TimelineData {
    /// Length of the axis: what has been played, or what is known to come.
    pub whole_us: u64,
    /// Where now is.
    pub now_us: u64,
    /// Partition whose tide is drawn: `orders-0`.
    pub partition: String,
    /// Its numbers, each from its moment on, in order of time.
    pub tide: Vec<TidePoint>,
    /// Turning points and what is scheduled.
    pub markers: Vec<TimelineMarker>,
    /// Spans in which nothing is seen.
    pub quiet: Vec<QuietSpan>,
    /// Other branches that leave this run.
    pub branches: Vec<BranchLine>,
}

/// Numbers of the leader from a moment on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TidePoint {
    /// From here.
    pub at_us: u64,
    /// Log end offset.
    pub log_end_offset: Offset,
    /// High watermark.
    pub high_watermark: Offset,
}

/// A pin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TimelineMarker {
    /// When.
    pub at_us: u64,
    /// Short text: "HW 9", "ISR {1, 2}".
    pub text: String,
    /// Happened, or only scheduled.
    pub happened: bool,
    /// A loss or a broken promise.
    pub danger: bool,
    /// What a click selects, such as `event 212`; unique.
    pub pick: Key,
}

/// A span in which nothing is seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuietSpan {
    /// From.
    pub from_us: u64,
    /// To.
    pub to_us: u64,
    /// Its true length: "5.9 s pass".
    pub text: String,
}

/// Another branch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BranchLine {
    /// Leaves here.
    pub from_us: u64,
    /// Ends here.
    pub to_us: u64,
    /// What differs: "acks=1".
    pub name: String,
    /// How it ended: "acknowledged record 9 lost"; empty = nothing special.
    pub result: String,
    /// The result is a loss.
    pub danger: bool,
    /// What a click selects, such as `branch 2`; unique.
    pub pick: Key,
}

struct Strip<'a> {
    data: &'a TimelineData,
    opts: &'a StageOptions,
    left: Unit,
    right: Unit,
    axis: Unit,
    top: Unit,
    size: Unit,
    line: Unit,
}

impl Strip<'_> {
    fn x(&self, us: u64) -> Unit {
        let whole = self.data.whole_us.max(1);
        let way = i64::from(self.right - self.left);
        let at =
            i64::try_from(us.min(whole)).unwrap_or(0) * way / i64::try_from(whole).unwrap_or(1);
        self.left + i32::try_from(at).unwrap_or(0)
    }
    fn y(&self, offset: Offset) -> Unit {
        let offsets = || self.data.tide.iter().flat_map(|t| [t.log_end_offset, t.high_watermark]);
        let highest = offsets().max().unwrap_or(0).max(1);
        let lowest = offsets().min().unwrap_or(0).min(highest - 1).max(0);
        // A short log does not fill the strip; a long one shows where it grows.
        let lowest = if highest < 12 { 0 } else { lowest };
        let span = (highest - lowest).max(8);
        let way = i64::from(self.axis - self.top - u(2));
        let up = (offset - lowest).clamp(0, span) * way / span;
        self.axis - i32::try_from(up).unwrap_or(0)
    }
    /// Points of the tide as steps, up to now.
    fn steps(&self, value: impl Fn(&TidePoint) -> Offset) -> Vec<(Unit, Unit)> {
        let mut out: Vec<(Unit, Unit)> = Vec::new();
        for point in self.data.tide.iter().filter(|t| t.at_us <= self.data.now_us) {
            let (x, y) = (self.x(point.at_us), self.y(value(point)));
            if let Some((_, last)) = out.last().copied() {
                if last == y {
                    continue;
                }
                out.push((x, last));
            }
            out.push((x, y));
        }
        if let Some((_, last)) = out.last().copied() {
            out.push((self.x(self.data.now_us), last));
        }
        out
    }
}

/// Draws the strip. While a question is open what is to come is left out.
pub fn timeline_strip(data: &TimelineData, opts: &StageOptions) -> Scene {
    let look = opts.look();
    let (width, height) = (u(opts.width.max(200)), u(opts.height.max(40)));
    let rows = if data.branches.is_empty() { 1 } else { 2 };
    let strip = Strip {
        data,
        opts,
        left: u(8),
        right: width - u(8),
        axis: (height - u(20) - look.line * (rows - 1)).max(u(30)),
        top: u(14),
        size: look.text,
        line: look.line,
    };
    let mut pen = Pen::new(&opts.hide, &[]);
    tide(&strip, &mut pen);
    quiet(&strip, &mut pen);
    markers(&strip, &mut pen);
    branches(&strip, &mut pen);
    now(&strip, &mut pen);
    let title = format!("Timeline of {}", data.partition);
    Scene { width, height, title, items: pen.finish(), layout: Vec::new() }
}

fn tide(strip: &Strip<'_>, pen: &mut Pen<'_>) {
    let axis = strip.axis;
    pen.about(&[]).timed(Timing::CUT);
    pen.push("axis", "hair", level(strip.left, strip.right, axis));
    let water = strip.steps(|t| t.high_watermark);
    if let (Some(first), Some(last)) = (water.first(), water.last()) {
        let mut wash = vec![(first.0, axis)];
        wash.extend(&water);
        wash.push((last.0, axis));
        pen.push("tide wash", "wash", path(&wash, true));
        pen.push("tide leo", "tick", path(&strip.steps(|t| t.log_end_offset), false));
        pen.push("tide hw", "waterline thin", path(&water, false));
    }
    let Some(last) = strip.data.tide.iter().rfind(|t| t.at_us <= strip.data.now_us) else { return };
    let texts = [
        ("text", end_text(strip, last), last.log_end_offset),
        ("text b water", format!("HW {}", last.high_watermark), last.high_watermark),
    ];
    // Beside now, right of it where there is room.
    let x = strip.x(strip.data.now_us);
    let right = numbers_right(strip);
    if !right && x - numbers_width(strip) < strip.left {
        return;
    }
    let (at, anchor) = if right { (x + u(10), Anchor::Start) } else { (x - u(10), Anchor::End) };
    if !right {
        // Left of now the tide runs: the end of the log stands above it.
        let [(class, text, offset), _] = texts;
        let y = (strip.y(offset) - strip.size / 2 - u(3)).max(strip.size / 2);
        pen.text("tide text 0", class, at, centred(y, strip.size), anchor, strip.size, text);
        return;
    }
    let mut above = Unit::MAX;
    for (n, (class, text, offset)) in texts.into_iter().enumerate().rev() {
        let y = strip
            .y(offset)
            .min(above - strip.line)
            .max(strip.top + strip.line * i32::try_from(n).unwrap_or(0));
        above = y;
        if y + strip.size / 2 <= axis {
            pen.text(
                format!("tide text {n}"),
                class,
                at,
                centred(y, strip.size),
                anchor,
                strip.size,
                text,
            );
        }
    }
}

fn end_text(strip: &Strip<'_>, last: &TidePoint) -> String {
    format!("LEO {} of {}", last.log_end_offset, strip.data.partition)
}

/// Width of the numbers beside now, with their distance to it.
fn numbers_width(strip: &Strip<'_>) -> Unit {
    let last = strip.data.tide.iter().rfind(|t| t.at_us <= strip.data.now_us);
    last.map_or(0, |last| {
        let water = width(&format!("HW {}", last.high_watermark), strip.size, "b");
        u(10) + width(&end_text(strip, last), strip.size, "").max(water)
    })
}

/// They stand right of now where there is room.
fn numbers_right(strip: &Strip<'_>) -> bool {
    strip.x(strip.data.now_us) + numbers_width(strip) <= strip.right
}

/// Least distance between the strokes of two quiet spans.
const STROKES_APART: Unit = 1000;

fn quiet(strip: &Strip<'_>, pen: &mut Pen<'_>) {
    let now = strip.x(strip.data.now_us);
    let mut free = strip.left;
    let mut stroked: Option<Unit> = None;
    for (n, span) in strip.data.quiet.iter().enumerate() {
        if strip.opts.question_open && span.to_us > strip.data.now_us {
            continue;
        }
        let x = i32::midpoint(strip.x(span.from_us), strip.x(span.to_us));
        pen.about(&[]).timed(Timing::CUT);
        // They end at the axis: below it are the pins' words. A row of them would be a hatching.
        if stroked.is_none_or(|last| x - last >= STROKES_APART) {
            stroked = Some(x);
            for (side, shift) in [("a", -u(2)), ("b", u(2))] {
                let from = Point { x: x + shift - u(2), y: strip.axis + u(2) };
                let to = Point { x: x + shift + u(2), y: strip.axis - u(6) };
                pen.push(format!("quiet {n} {side}"), "tick", Shape::Line { from, to });
            }
        }
        let w = width(&span.text, strip.size, "");
        let (left, right) = (x - w / 2, x + w / 2);
        // The numbers of now stand on one side of it.
        let (from, to) = if numbers_right(strip) {
            (now, now + numbers_width(strip))
        } else {
            (now - numbers_width(strip), now)
        };
        let beside_now = right + u(8) < from || left > to + u(8);
        if left >= free && right <= strip.right && beside_now {
            // Above what the tide shows there.
            let high = strip
                .data
                .tide
                .iter()
                .filter(|t| t.at_us <= span.to_us)
                .map(|t| strip.y(t.log_end_offset))
                .min();
            let y = (high.unwrap_or(strip.axis) - u(5)).max(strip.size);
            pen.text(
                format!("quiet text {n}"),
                "text muted",
                x,
                y,
                Anchor::Middle,
                strip.size,
                &*span.text,
            );
            free = right + u(8);
        }
    }
}

/// The points of a pin hanging from the axis.
fn pin(x: Unit, y: Unit) -> Shape {
    path(
        &[(x - 450, y), (x + 450, y), (x + 450, y + u(6)), (x, y + 1050), (x - 450, y + u(6))],
        true,
    )
}

fn markers(strip: &Strip<'_>, pen: &mut Pen<'_>) {
    let y = strip.axis + u(4);
    let mut shown: Vec<&TimelineMarker> =
        strip.data.markers.iter().filter(|m| m.happened || !strip.opts.question_open).collect();
    highwater_sorted::sort_by_key(&mut shown, |m| m.at_us);
    // Labels from the last to the first: what is near now is read first. One that the line of now
    // would run through stands left of its pin.
    let now = strip.x(strip.data.now_us);
    let mut labelled: Vec<Option<Anchor>> = Vec::new();
    let mut end = strip.right + u(4);
    for marker in shown.iter().rev() {
        let x = strip.x(marker.at_us);
        let w = u(9) + width(&marker.text, strip.size, "");
        let struck = x <= now + u(2) && now < x + w + u(2);
        let (anchor, from, to) =
            if struck { (Anchor::End, x - w, x) } else { (Anchor::Start, x, x + w) };
        let pins = shown.iter().map(|m| strip.x(m.at_us));
        let clear = !struck || pins.filter(|p| *p != x).all(|p| p <= from - u(6) || p > x);
        let room = to + u(6) <= end && from >= strip.left && clear;
        labelled.push(room.then_some(anchor));
        end = end.min(if room { from } else { x } - u(6));
    }
    labelled.reverse();
    for (marker, labelled) in shown.iter().zip(labelled) {
        let x = strip.x(marker.at_us);
        pen.about(&[]).timed(Timing::CUT).picks(Some(&marker.pick));
        let class = match (marker.happened, marker.danger) {
            (true, true) => "solid danger pin",
            (true, false) => "solid pin",
            (false, _) => "hollow",
        };
        let label =
            if marker.happened { marker.text.clone() } else { format!("to come: {}", marker.text) };
        pen.named(format!("pin {}", marker.pick), class, pin(x, y), label);
        if let Some(anchor) = labelled {
            let class = match (marker.happened, marker.danger) {
                (_, true) => "text danger",
                (true, false) => "text",
                (false, false) => "text muted",
            };
            let key = format!("pin text {}", marker.pick);
            let base = centred(y + u(5), strip.size);
            let at = if anchor == Anchor::End { x - u(8) } else { x + u(8) };
            pen.text(key, class, at, base, anchor, strip.size, &*marker.text);
        }
    }
}

fn branches(strip: &Strip<'_>, pen: &mut Pen<'_>) {
    // One line below the axis: of several branches the last made.
    let Some(branch) = strip.data.branches.last() else { return };
    let (from, to) =
        (strip.x(branch.from_us), strip.x(branch.to_us).max(strip.x(branch.from_us) + u(20)));
    let y = strip.axis + u(20) + strip.line / 2;
    pen.about(&[]).timed(Timing::CUT).picks(Some(&branch.pick));
    let points = [(from, strip.axis), (from, y), (to, y)];
    pen.named("branch line", "tick", path(&points, false), format!("branch {}", branch.name));
    pen.push(
        "branch dot",
        "solid",
        Shape::Circle { center: Point { x: from, y: strip.axis }, r: u(3) },
    );
    let base = centred(y, strip.size);
    let name = format!("branch: {}", branch.name);
    let w = width(&name, strip.size, "");
    let mut right = to + u(4);
    if from - u(6) - w >= strip.left {
        pen.text("branch name", "text", from - u(6), base, Anchor::End, strip.size, name);
    } else if right + w <= strip.right {
        pen.text("branch name", "text", right, base, Anchor::Start, strip.size, name);
        right += w + u(10);
    }
    let w = width(&branch.result, strip.size, "");
    if !branch.result.is_empty() && !strip.opts.question_open && right + u(12) + w <= strip.right {
        let mut x = right;
        if branch.danger {
            let (c, r) = (x + u(5), u(4));
            let points = [(c - r, y - r), (c + r, y + r), (c, y), (c + r, y - r), (c - r, y + r)];
            pen.push("branch cross", "inkline danger", path(&points, false));
            x += u(14);
        }
        let class = if branch.danger { "text danger" } else { "text muted" };
        pen.text("branch result", class, x, base, Anchor::Start, strip.size, &*branch.result);
    }
}

fn now(strip: &Strip<'_>, pen: &mut Pen<'_>) {
    let x = strip.x(strip.data.now_us);
    pen.about(&[]).timed(Timing::CUT);
    let line = Shape::Line { from: Point { x, y: u(2) }, to: Point { x, y: strip.axis + u(8) } };
    pen.push("now line", "inkline", line);
    let (w, y) = (u(6), u(1));
    let flag =
        path(&[(x - w, y), (x + w, y), (x + w, y + u(6)), (x, y + u(12)), (x - w, y + u(6))], true);
    pen.named("now", "flag", flag.clone(), "now");
    pen.push("now ink", "flagink", flag);
}
