//! Which partition a view of one partition is about, and what is said when there is none.

use crate::options::StageOptions;
use crate::pen::Pen;
use highwater_scene::{Anchor, Scene, metrics::wrap, u};
use highwater_sim::{PartitionView, TopicView, WorldView};

/// The first partition in focus, else the first one of a topic that a person made.
pub(crate) fn partition<'a>(
    view: &'a WorldView,
    opts: &StageOptions,
) -> Option<(&'a TopicView, &'a PartitionView)> {
    let all = || view.topics.iter().flat_map(|t| t.partitions.iter().map(move |p| (t, p)));
    let wanted = opts.focus.iter().find_map(|tp| all().find(|(_, p)| p.tp == *tp));
    wanted.or_else(|| all().find(|(t, _)| !t.internal))
}

/// A picture of nothing: what is missing, and what to do about it.
pub(crate) fn nothing(opts: &StageOptions, title: &str, what: &str, advice: &str) -> Scene {
    let look = opts.look();
    let (width, height) = opts.drawing_size(700, 500);
    let mut pen = Pen::new(&[], &[]);
    let room = (width - u(40)).min(u(520));
    let mut y = height * 2 / 5;
    for (index, (text, class, size)) in
        [(what, "title b", look.head), (advice, "text muted", look.text)].into_iter().enumerate()
    {
        let bold = index == 0;
        for (n, line) in wrap(text, size, bold, room).into_iter().enumerate() {
            let key = format!("nothing {index} {n}");
            pen.text(key, class, width / 2, y, Anchor::Middle, size, line);
            y += look.line + u(4);
        }
        y += u(4);
    }
    Scene {
        width,
        height,
        title: format!("{title}: {what}"),
        items: pen.finish(),
        layout: Vec::new(),
    }
}
