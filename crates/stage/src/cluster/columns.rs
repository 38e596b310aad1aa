//! Columns from measured widths: what a label needs it gets, the wire gets the rest, and where
//! there is too little the next level of detail is taken instead of smaller type.

use super::matrix::Sums;
use crate::options::{Look, Profile, StageOptions};
use crate::pen::width as text_width;
use highwater_scene::{Unit, u};
use highwater_sim::{BrokerView, PartitionView, TopicView, WorldView};

/// A broker's column.
pub(crate) struct Band<'a> {
    pub broker: &'a BrokerView,
    pub x: Unit,
    pub w: Unit,
    /// Left rail and width of a stack in this band.
    pub stack: Unit,
    pub stack_w: Unit,
    /// Hosts none of the partitions shown: a narrow band.
    pub slim: bool,
}

impl Band<'_> {
    pub fn right(&self) -> Unit {
        self.x + self.w
    }
}

/// All columns of a plan.
pub(crate) struct Columns<'a> {
    /// Left edge of the column of names; its width.
    pub left: Unit,
    pub left_w: Unit,
    pub bands: Vec<Band<'a>>,
    /// Pieces of paper on which messages fly: left of the first band, between, right of the last.
    pub wires: Vec<(Unit, Unit)>,
    /// The consumers' scale and the end of its labels.
    pub scale: Option<Unit>,
    pub right_end: Unit,
    /// Segment brackets with names have room.
    pub segments: bool,
    /// No columns for clients (phone).
    pub tags_only: bool,
    /// Records have room for letters.
    pub letters: bool,
    /// The high watermark's number has room for "HW" before it.
    pub words: bool,
    /// Bands so narrow that only the matrix fits.
    pub matrix_only: bool,
}

/// What a capsule between two machines can say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wire {
    /// "fetch from 11".
    Long,
    /// "fetch 11".
    Medium,
    /// "11".
    Short,
}

/// What a level of detail asks for.
#[derive(Clone, Copy)]
struct Level {
    segments: bool,
    clients: bool,
    letters: bool,
    words: bool,
    slim: bool,
    wire: Wire,
    matrix: bool,
}

struct Needs {
    gauge: Unit,
    stack: Unit,
    band: Unit,
    right_of_stack: Unit,
    wire: Unit,
    left: Unit,
    left_wire: Unit,
    right: Unit,
    right_wire: Unit,
}

fn nines(parts: &[&PartitionView]) -> String {
    let ends = parts.iter().flat_map(|p| &p.logs).map(|l| l.log_end_offset);
    // Room for one digit more comes only when the number does: at least two.
    "8".repeat(ends.max().unwrap_or(0).max(10).to_string().len())
}

/// More rows than these are a matrix.
pub(crate) const MOST_ROWS: usize = 8;

/// Digits of an offset that a cell shows; more are cut to the last three.
pub(crate) const CELL_DIGITS: usize = 4;

fn needs(
    view: &WorldView,
    opts: &StageOptions,
    look: &Look,
    parts: &[&PartitionView],
    level: Level,
) -> Needs {
    let number = nines(parts);
    let wide = |text: &str, class: &str| text_width(text, look.text, class);
    let cell = if number.len() > CELL_DIGITS { "…888".to_owned() } else { number.clone() };
    let gauge = wide(&format!("HW {number}"), "b") + if level.segments { u(13) } else { u(9) };
    let gauge = if level.segments { gauge.max(wide("0…0088", "") + u(14)) } else { gauge };
    let gauge = if level.letters && level.words { gauge } else { wide(&number, "b") + u(8) };
    // Where few records are drawn large their text is, too.
    let large = look.cell_text(look.slot_max);
    let stack = u(4)
        + u(2)
        + look.cell_chip(look.slot_max)
        + u(5)
        + text_width(&cell, large, "")
        + u(6)
        + u(4);
    let stack = stack.max(wide(&format!("LEO {number}"), "") + u(6));
    let tight = opts.profile == Profile::Phone;
    let (gauge, stack) = if tight {
        let chip = look.cell_chip(look.slot_max);
        let cells = u(11) + chip + u(5) + text_width(&cell, large, "");
        (gauge - u(3), cells.max(wide(&format!("LEO {number}"), "") + u(4)))
    } else {
        (gauge, stack)
    };
    let stack = if level.letters { stack } else { u(28) };
    let right =
        if level.letters { if tight { u(12) } else { 2 * look.float + u(5) } } else { u(6) };
    let roles = if tight { 0 } else { wide("leader, epoch 8", "b") + u(13) };
    // The site's trays show what waits and for what.
    let tray = wide(&format!("waits: HW {number}"), "") + look.text * 7 / 3 + u(50);
    let roles = if level.segments { roles.max(tray) } else { roles };
    let head = text_width("broker 88", look.head, "b") + u(14);
    let band = if level.letters {
        (gauge + stack + right).max(roles).max(head)
    } else {
        gauge + stack + right
    };
    let nose = u(18);
    let wire = match (level.letters, level.wire) {
        (true, Wire::Long) => wide(&format!("fetch from {number}"), "") + nose + u(4),
        (true, Wire::Medium) => wide(&format!("fetch {number}"), "") + nose + u(4),
        (true, Wire::Short) => wide(&number, "") + u(17),
        _ => u(16),
    };
    let small = opts.profile != Profile::Default;
    let has_producers =
        level.clients && !view.producers.is_empty() && !small_hidden(opts, "producers");
    let has_consumers = level.clients
        && !(view.consumers.is_empty() && view.groups.is_empty())
        && !small_hidden(opts, "consumers");
    // A small picture names one or two partitions above the machines.
    let names = match (small, parts.len()) {
        (true, ..=2) => 0,
        (true, _) => parts.iter().map(|p| text_width(&p.name, look.text, "b")).max().unwrap_or(0),
        (false, _) => names_width(look, parts),
    };
    let tags = if has_producers {
        if look.small_print { wide("acks=all", "").max(wide("sent 88", "")) + u(8) } else { u(44) }
    } else {
        0
    };
    let controller = if small { 0 } else { u(26) + wide("controller", "b") };
    let left = names.max(tags).max(controller);
    // The matrix has its findings at the right: the ISR in words, two bars.
    let matrix = (!level.letters || parts.len() > MOST_ROWS) && !small;
    let summary = if matrix { Sums::new(view, look).width() } else { 0 };
    let labels = if look.small_print { "committed 88" } else { "88" };
    let labels = wide(labels.replace("88", &number).as_str(), "") + u(18);
    let tag_text = if look.small_print { u(46) + wide("orders-0", "") } else { u(40) };
    Needs {
        gauge,
        stack,
        band,
        right_of_stack: right,
        wire,
        left,
        left_wire: if has_producers || left > 0 { look.chip + u(22) } else { u(4) },
        right: if has_consumers { labels.max(tag_text).max(summary) } else { summary },
        right_wire: if has_consumers { wide("88", "") + nose + u(2) } else { u(4) },
    }
}

/// Width of the partitions' names and their in-sync replicas.
fn names_width(look: &Look, parts: &[&PartitionView]) -> Unit {
    let one = |p: &&PartitionView| {
        let name = text_width(&p.name, look.head, "b").min(u(132));
        let count = p.replicas.len().max(p.isr.len());
        let isr = format!("ISR {{{}}}", vec!["8"; count].join(", "));
        name.max(text_width(&isr, look.text, ""))
    };
    parts.iter().map(one).max().unwrap_or(0) + u(10)
}

fn small_hidden(opts: &StageOptions, word: &str) -> bool {
    opts.hide.iter().any(|h| h == word)
}

fn slim_width(look: &Look) -> Unit {
    text_width("broker 8", look.text, "b") + u(8)
}

fn hosts(broker: &BrokerView, parts: &[&PartitionView]) -> bool {
    parts
        .iter()
        .any(|p| p.replicas.contains(&broker.id) || p.logs.iter().any(|l| l.broker == broker.id))
}

fn total(view: &WorldView, look: &Look, parts: &[&PartitionView], n: &Needs, level: Level) -> Unit {
    let bands: Unit = view
        .brokers
        .iter()
        .map(|b| if level.slim && !hosts(b, parts) { slim_width(look) } else { n.band })
        .sum();
    let gaps = i32::try_from(view.brokers.len()).unwrap_or(1) - 1;
    n.left + n.left_wire + bands + gaps.max(0) * n.wire + n.right_wire + n.right
}

const RICH: Level = Level {
    segments: true,
    clients: true,
    letters: true,
    words: true,
    slim: false,
    wire: Wire::Long,
    matrix: false,
};

/// Width at which everything has room, in units.
pub(crate) fn natural_width(
    view: &WorldView,
    opts: &StageOptions,
    look: &Look,
    parts: &[&PartitionView],
) -> Unit {
    let level = if segmented(view, parts) { RICH } else { Level { segments: false, ..RICH } };
    let n = needs(view, opts, look, parts, level);
    total(view, look, parts, &n, level).max(u(480))
}

/// Files are part of the story: a topic sets when they are rolled, or a log has more than one. Else
/// a bracket round all of a log says nothing.
fn segmented(view: &WorldView, parts: &[&PartitionView]) -> bool {
    let set = |t: &TopicView| t.configs.iter().any(|(name, _)| name.contains("segment"));
    view.topics.iter().any(|t| !t.internal && set(t))
        || parts.iter().flat_map(|p| &p.logs).any(|l| l.segments.len() > 1)
}

/// Chooses the richest level that fits and hands out what is left over.
pub(crate) fn columns<'a>(
    view: &'a WorldView,
    opts: &StageOptions,
    look: &Look,
    parts: &[&PartitionView],
    width: Unit,
) -> Columns<'a> {
    let margin = if opts.profile == Profile::Phone { u(2) } else { u(4) };
    let room = width - 2 * margin;
    let plain = Level { segments: false, ..RICH };
    let short = Level { wire: Wire::Short, ..plain };
    let bare = Level { clients: false, ..plain };
    let levels = [
        RICH,
        plain,
        Level { slim: true, ..plain },
        Level { wire: Wire::Medium, ..plain },
        Level { wire: Wire::Medium, slim: true, ..plain },
        short,
        Level { slim: true, ..short },
        Level { wire: Wire::Medium, ..bare },
        Level { slim: true, wire: Wire::Short, ..bare },
        Level { slim: true, wire: Wire::Short, words: false, ..bare },
        Level { letters: false, slim: true, wire: Wire::Short, ..bare },
    ];
    let allowed = |l: &Level| match opts.profile {
        Profile::Default => !l.segments || segmented(view, parts),
        Profile::Figure | Profile::Projector => !l.segments,
        Profile::Phone => !l.clients,
    };
    let found = levels.into_iter().filter(allowed).find_map(|level| {
        let n = needs(view, opts, look, parts, level);
        (total(view, look, parts, &n, level) <= room).then_some((level, n))
    });
    let (level, n) = found.unwrap_or_else(|| {
        let level = Level { letters: false, matrix: true, wire: Wire::Short, ..bare };
        let mut n = needs(view, opts, look, parts, level);
        // Whatever the width, the bands share it.
        let count = i32::try_from(view.brokers.len()).unwrap_or(1).max(1);
        let share =
            |n: &Needs| (room - n.left - n.right - n.left_wire - n.right_wire).max(u(20)) / count;
        if share(&n) < u(40) {
            n.right = wide_sum(look);
        }
        let share = share(&n);
        n.band = share * 7 / 10;
        n.wire = share * 3 / 10;
        n.stack = n.stack.min(n.band / 2);
        (level, n)
    });
    place(view, look, parts, (margin, width - margin), level, n)
}

/// Where the bars of the matrix have no room: the ISR in words.
fn wide_sum(look: &Look) -> Unit {
    text_width("no leader", look.text, "") + u(10)
}

/// Without columns of clients their messages still come in from the edge, where the wires have length
/// to spare and keep most of it.
fn edges(view: &WorldView, look: &Look, mut spare: Unit, n: &mut Needs) {
    let edge = look.chip + u(22);
    let sides = [
        (&mut n.left_wire, !view.producers.is_empty()),
        (&mut n.right_wire, !view.consumers.is_empty()),
    ];
    for (wire, clients) in sides {
        if clients && *wire < edge && spare >= 3 * edge {
            spare -= edge - *wire;
            *wire = edge;
        }
    }
}

fn place<'a>(
    view: &'a WorldView,
    look: &Look,
    parts: &[&PartitionView],
    (start, end): (Unit, Unit),
    level: Level,
    mut n: Needs,
) -> Columns<'a> {
    let count = i32::try_from(view.brokers.len()).unwrap_or(0);
    let (left, right) = (n.left_wire > u(8), n.right_wire > u(8));
    if !level.clients {
        edges(view, look, end - start - total(view, look, parts, &n, level), &mut n);
    }
    let spare = (end - start - total(view, look, parts, &n, level)).max(0);
    // Bands get a little air, the wires most; what is too much for a wire stays at the right.
    let air = (spare / 5 / count.max(1)).min(u(18));
    n.band += air;
    let mut spare = (end - start - total(view, look, parts, &n, level)).max(0);
    let pieces = (count - 1).max(0) + i32::from(left) + i32::from(right);
    let longer = if pieces == 0 { 0 } else { (spare / pieces).min(u(110)) };
    n.wire += longer;
    spare -= longer * (count - 1).max(0);
    for (side, _) in
        [(&mut n.left_wire, left), (&mut n.right_wire, right)].into_iter().filter(|s| s.1)
    {
        *side += longer;
        spare -= longer;
    }
    let start = start + spare / 2;
    let mut x = start + n.left;
    let mut wires = vec![(x, x + n.left_wire)];
    x += n.left_wire;
    let mut bands = Vec::new();
    for (index, broker) in view.brokers.iter().enumerate() {
        if index > 0 {
            wires.push((x, x + n.wire));
            x += n.wire;
        }
        let slim = level.slim && !hosts(broker, parts);
        let w = if slim { slim_width(look) } else { n.band };
        // What the band has more than it needs goes left and right of the stack alike.
        let more = (n.band - n.gauge - n.stack - n.right_of_stack).max(0) / 3;
        let stack = if level.letters {
            x + n.gauge + more
        } else {
            (x + n.gauge).max(x + (w - n.stack) / 2)
        };
        bands.push(Band { broker, x, w, stack, stack_w: n.stack, slim });
        x += w;
    }
    wires.push((x, x + n.right_wire));
    x += n.right_wire;
    Columns {
        left: start,
        left_w: n.left,
        bands,
        wires,
        scale: (n.right > 0 && level.clients && level.letters).then_some(x),
        right_end: x + n.right,
        segments: level.segments,
        tags_only: !level.clients,
        letters: level.letters && !level.matrix,
        words: level.words,
        matrix_only: level.matrix,
    }
}
