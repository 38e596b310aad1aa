//! Rings round what is selected or has changed.

use crate::options::StageOptions;
use crate::pen::Pen;
use highwater_scene::{Bounds, Item, Key, Shape, bounds, u};

/// Rings every mark whose pick is selected or listed as changed. Called last, for it looks at what
/// has been drawn. A selected message is filled with the accent instead.
pub(crate) fn rings(opts: &StageOptions, pen: &mut Pen<'_>) {
    let mut wanted: Vec<Key> = opts.outline.iter().map(|o| Key::from(o.as_str())).collect();
    if let Some(selection) = &opts.selection
        && !selection.starts_with("message ")
    {
        wanted.push(selection.clone());
    }
    wanted.dedup();
    let rings: Vec<(Key, Shape)> = wanted
        .into_iter()
        .filter_map(|pick| {
            // The thing itself where it has one mark, else all marks that stand for it.
            let own = [format!("rails {pick}"), pick.replace("broker ", "band "), pick.to_string()];
            let main = pen.items().iter().find(|i| own.iter().any(|k| **k == *i.key));
            let named = pen.items().iter().filter(|i| i.pick.as_ref() == Some(&pick));
            let marks: Vec<&Item> = main.map_or_else(|| named.collect(), |m| vec![m]);
            let all = marks.into_iter().filter_map(bounds).reduce(|a, b| Bounds {
                left: a.left.min(b.left),
                right: a.right.max(b.right),
                top: a.top.min(b.top),
                bottom: a.bottom.max(b.bottom),
            })?;
            let shape = Shape::Rect {
                x: all.left - u(3),
                y: all.top - u(3),
                w: all.right - all.left + u(6),
                h: all.bottom - all.top + u(6),
                r: u(3),
            };
            Some((pick, shape))
        })
        .collect();
    pen.about(&[]);
    for (pick, shape) in rings {
        pen.item(Item::new(format!("ring {pick}"), "ring", shape.clone()));
        pen.item(Item::new(format!("ring ink {pick}"), "ringink", shape));
    }
}
