//! The patches, carried out on a model of the page, must always end at the scene that was shown.

use highwater_scene::*;
use std::collections::BTreeMap;

#[derive(Default)]
struct Page {
    elements: BTreeMap<Key, Element>,
    children: BTreeMap<Option<Key>, Vec<Key>>,
}

impl Page {
    fn apply(&mut self, patches: &[Patch]) {
        for patch in patches {
            match patch {
                Patch::Create { key, parent, before, element } => {
                    assert!(parent.as_ref().is_none_or(|p| self.elements.contains_key(p)));
                    assert!(self.elements.insert(key.clone(), element.clone()).is_none(), "{key}");
                    self.insert(key, parent, before);
                }
                Patch::Move { key, parent, before } => {
                    let siblings = self.children.get_mut(parent).expect("a parent with children");
                    let at = siblings.iter().position(|k| k == key).expect("moved from its parent");
                    siblings.remove(at);
                    self.insert(key, parent, before);
                }
                Patch::Set { key, name, value } => {
                    let element =
                        self.elements.get_mut(key).expect("set on an element that is there");
                    match element.attributes.iter_mut().find(|(n, _)| n == name) {
                        Some(slot) => slot.1.clone_from(value),
                        None => element.attributes.push((name, value.clone())),
                    }
                }
                Patch::Unset { key, name } => {
                    let element = self.elements.get_mut(key).expect("unset on an element");
                    element.attributes.retain(|(n, _)| n != name);
                }
                Patch::Text { key, text } => {
                    self.elements.get_mut(key).expect("text of an element").text =
                        Some(text.clone());
                }
                Patch::Remove { key } => self.remove(key),
            }
        }
    }
    fn insert(&mut self, key: &Key, parent: &Option<Key>, before: &Option<Key>) {
        let siblings = self.children.entry(parent.clone()).or_default();
        let at = match before {
            Some(b) => siblings.iter().position(|k| k == b).expect("before a sibling"),
            None => siblings.len(),
        };
        siblings.insert(at, key.clone());
    }
    fn remove(&mut self, key: &Key) {
        assert!(self.elements.remove(key).is_some(), "removed twice: {key}");
        self.children.values_mut().for_each(|c| c.retain(|k| k != key));
        for child in self.children.remove(&Some(key.clone())).unwrap_or_default() {
            self.remove(&child);
        }
    }
    fn matches(&self, items: &[Item], parent: Option<Key>) {
        let keys: Vec<Key> = items.iter().map(|i| i.key.clone()).collect();
        assert_eq!(self.children.get(&parent).cloned().unwrap_or_default(), keys);
        for item in items {
            let mut wanted = element(item);
            let mut found = self.elements[&item.key].clone();
            wanted.attributes.sort();
            found.attributes.sort();
            assert_eq!(found, wanted);
            if let Shape::Group { children, .. } = &item.shape {
                self.matches(children, Some(item.key.clone()));
            }
        }
    }
}

struct Random(u64);
impl Random {
    fn below(&mut self, n: u64) -> i32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i32::try_from((self.0 >> 33) % n).expect("small")
    }
}

fn item(random: &mut Random, key: String, depth: u32) -> Item {
    let p = |r: &mut Random| Point { x: r.below(50_000), y: r.below(50_000) };
    let shape = match random.below(if depth == 0 { 8 } else { 6 }) {
        0 | 1 => Shape::Rect { x: random.below(900), y: random.below(900), w: 500, h: 500, r: 0 },
        2 => Shape::Circle { center: p(random), r: 100 },
        3 => Shape::Text {
            at: p(random),
            text: format!("t{}", random.below(5)).into(),
            anchor: if random.below(2) == 0 { Anchor::Start } else { Anchor::End },
            size: 1200,
        },
        4 => Shape::Arc { center: p(random), r: 600, fraction: random.below(10_001) },
        5 => {
            let count = 2 + random.below(3);
            Shape::Poly { points: (0..count).map(|_| p(random)).collect(), closed: false }
        }
        _ => {
            let mut children = Vec::new();
            for n in 0..5 {
                if random.below(2) == 0 {
                    children.push(item(random, format!("{key}/{n}"), depth + 1));
                }
            }
            Shape::Group { at: p(random), children }
        }
    };
    let classes = ["a", "a b", "c"];
    let mut made = Item::new(key, classes[random.below(3) as usize], shape);
    made.dim = random.below(4) == 0;
    made.slotted = random.below(2) == 0;
    if random.below(3) == 0 {
        made = made.label(format!("label {}", random.below(3))).pick("p");
    }
    let enters = [Enter::Cut, Enter::Fade, Enter::GrowUp];
    let exits = [Exit::Cut, Exit::Fade, Exit::SlideLeft, Exit::Fall];
    made.timing(Timing {
        delay_ms: u16::try_from(random.below(3) * 100).expect("small"),
        duration_ms: u16::try_from(random.below(4) * 100).expect("small"),
        ease: Ease::Water,
        enter: enters[random.below(3) as usize],
        exit: exits[random.below(4) as usize],
    })
}

fn scene(random: &mut Random) -> Scene {
    let mut items = Vec::new();
    for n in 0..12 {
        if random.below(3) > 0 {
            items.push(item(random, format!("k{n}"), 0));
        }
    }
    for i in (1..items.len()).rev() {
        if random.below(3) == 0 {
            let j = random.below(i as u64 + 1) as usize;
            items.swap(i, j);
        }
    }
    let layout = vec![random.below(2)];
    Scene { items, layout, ..Scene::default() }
}

#[test]
fn any_sequence_of_scenes_ends_at_the_last() {
    for seed in 0..300 {
        let mut random = Random(seed);
        let (mut animator, mut page) = (Animator::new(), Page::default());
        let mut now = 0;
        for _ in 0..6 {
            let scene = scene(&mut random);
            let cut = random.below(4) == 0;
            animator.show(&scene, now, cut);
            for _ in 0..random.below(6) {
                now += u32::try_from(random.below(150)).expect("small");
                page.apply(&animator.frame(now, 0, 100));
            }
            if random.below(3) == 0 {
                animator.finish();
                page.apply(&animator.frame(now, 0, 100));
                page.matches(&scene.items, None);
                assert!(!animator.busy());
            }
        }
        let last = scene(&mut random);
        animator.show(&last, now, false);
        now += 5000;
        page.apply(&animator.frame(now, 0, 100));
        page.matches(&last.items, None);
        assert!(animator.frame(now + 5000, 0, 100).is_empty(), "at rest nothing is written");
    }
}

fn rect(key: &str, y: i32) -> Item {
    Item::new(key, "c", Shape::Rect { x: 0, y: u(y), w: u(10), h: u(10), r: 0 }).timing(Timing {
        ease: Ease::Linear,
        duration_ms: 100,
        ..Timing::default()
    })
}

fn one(item: Item) -> Scene {
    Scene { items: vec![item], ..Scene::default() }
}

#[test]
fn an_unchanged_item_yields_no_patch_and_a_moved_one_only_what_differs() {
    let mut animator = Animator::new();
    animator.show(&one(rect("r", 0)), 0, true);
    assert_eq!(animator.frame(0, 0, 100).len(), 1);
    animator.show(&one(rect("r", 0)), 0, false);
    assert!(animator.frame(10, 0, 100).is_empty());
    animator.show(&one(rect("r", 20)), 10, false);
    assert!(animator.frame(10, 0, 100).is_empty());
    let set = |value: &str| Patch::Set { key: "r".into(), name: "y", value: value.to_owned() };
    assert_eq!(animator.frame(60, 0, 100), [set("10")]);
    // Half the speed: 50 ms are 25 ms of the transition.
    assert_eq!(animator.frame(110, 0, 50), [set("15")]);
    assert_eq!(animator.frame(1000, 0, 100), [set("20")]);
    assert!(!animator.busy());
}

#[test]
fn looks_change_when_the_delay_is_over() {
    let slow = |class| {
        let mut item = rect("r", 0);
        item.class = class;
        item.timing.delay_ms = 200;
        one(item)
    };
    let mut animator = Animator::new();
    animator.show(&slow("dry"), 0, true);
    animator.frame(0, 0, 100);
    animator.show(&slow("solid"), 0, false);
    assert!(animator.frame(199, 0, 100).is_empty());
    let patch = Patch::Set { key: "r".into(), name: "class", value: "solid".into() };
    assert_eq!(animator.frame(200, 0, 100), [patch]);
}

#[test]
fn motion_follows_the_interval_and_evens_out_jumps() {
    let flight = |from: i32, to: i32| {
        let shape = Shape::Group { at: Point { x: u(from), y: 0 }, children: vec![] };
        one(Item::new("m", "c", shape)
            .motion(Point { x: u(from), y: 0 }, Point { x: u(to), y: 0 })
            .timing(Timing { duration_ms: 100, ease: Ease::Linear, ..Timing::default() }))
    };
    let place = |patches: Vec<Patch>| {
        patches.into_iter().find_map(|p| match p {
            Patch::Set { name: "transform", value, .. } => Some(value),
            _ => None,
        })
    };
    let mut animator = Animator::new();
    animator.show(&flight(0, 100), 0, true);
    animator.frame(0, 0, 100);
    assert_eq!(place(animator.frame(10, 5000, 100)).expect("small"), "translate(50 0)");
    assert_eq!(place(animator.frame(20, 10_000, 100)).expect("small"), "translate(100 0)");
    // The next interval begins where this one ended.
    animator.show(&flight(100, 140), 20, false);
    assert_eq!(place(animator.frame(20, 0, 100)), None);
    // A window slid: the place differs by 40 and is reached over the transition.
    animator.show(&flight(60, 100), 20, false);
    assert_eq!(place(animator.frame(20, 0, 100)), None);
    assert_eq!(place(animator.frame(70, 0, 100)).expect("small"), "translate(80 0)");
    assert_eq!(place(animator.frame(120, 0, 100)).expect("small"), "translate(60 0)");
    assert!(animator.has_motion() && !animator.busy());
}

#[test]
fn words_of_a_group_are_not_shown_where_it_is_behind_something() {
    let at = Point { x: 0, y: 0 };
    let shape = Shape::Group { at, children: vec![] };
    let item = Item::new("m", "c", shape)
        .motion(at, Point { x: u(100), y: 0 })
        .behind(vec![(u(40), u(60))]);
    let mut animator = Animator::new();
    animator.show(&one(item), 0, true);
    let mut seen = Vec::new();
    for position in [0, 3900, 4000, 5900, 6000, 10_000] {
        for patch in animator.frame(0, position, 100) {
            match patch {
                Patch::Set { name: "data-behind", .. } => seen.push((position, true)),
                Patch::Unset { name: "data-behind", .. } => seen.push((position, false)),
                _ => {}
            }
        }
    }
    assert_eq!(seen, [(4000, true), (6000, false)]);
}
