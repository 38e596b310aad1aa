//! What holds for every picture.

use highwater_scene::{Bounds, Item, Scene, Shape, bounds};
use std::collections::BTreeSet;

/// Keys are unique, classes known, resting text lies inside the picture and on no other text.
pub fn check(name: &str, scene: &Scene) {
    let mut keys = BTreeSet::new();
    each(&scene.items, &mut |item| {
        assert!(keys.insert(item.key.clone()), "{name}: key {} twice", item.key);
        for class in item.class.split(' ') {
            assert!(highwater_stage::style::CLASSES.contains(&class), "{name}: class {class}");
        }
    });
    let texts: Vec<(&Item, &str, Bounds)> = scene
        .items
        .iter()
        .filter_map(|i| match &i.shape {
            Shape::Text { text, .. } => Some((i, &**text, bounds(i)?)),
            _ => None,
        })
        .collect();
    for (n, (a, at, ab)) in texts.iter().enumerate() {
        let inside =
            ab.left >= 0 && ab.top >= 0 && ab.right <= scene.width && ab.bottom <= scene.height;
        assert!(inside, "{name}: {at:?} ({}) leaves the picture: {ab:?}", a.key);
        for (b, bt, bb) in &texts[n + 1..] {
            // Two floats at one offset stand side by side and touch.
            let floats = a.key.starts_with("float") && b.key.starts_with("float");
            assert!(
                floats || !ab.overlaps(bb),
                "{name}: {at:?} ({}) lies on {bt:?} ({})",
                a.key,
                b.key
            );
        }
    }
}

fn each(items: &[Item], visit: &mut impl FnMut(&Item)) {
    for item in items {
        visit(item);
        if let Shape::Group { children, .. } = &item.shape {
            each(children, visit);
        }
    }
}
