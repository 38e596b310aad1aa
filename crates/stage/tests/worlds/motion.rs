//! Records of one log never pass through one another, whatever happens to the layout of their row:
//! the patches are carried out on a model of the page and looked at every few milliseconds.

use super::trouble;
use highwater_cluster::Workload;
use highwater_scene::{Animator, Key, Patch, Scene};
use highwater_sim::{ProducerSpec, Scenario, World, WorldView};
use highwater_stage::{Profile, StageOptions, cluster, replicas};
use std::collections::BTreeMap;

/// Attributes of the chips that are on the page.
type Chips = BTreeMap<Key, BTreeMap<&'static str, String>>;

fn carry_out(chips: &mut Chips, patches: Vec<Patch>) {
    for patch in patches {
        match patch {
            Patch::Create { key, element, .. } if key.starts_with("chip ") => {
                chips.insert(key, element.attributes.into_iter().collect());
            }
            Patch::Set { key, name, value } => {
                if let Some(chip) = chips.get_mut(&key) {
                    chip.insert(name, value);
                }
            }
            Patch::Unset { key, name } => {
                if let Some(chip) = chips.get_mut(&key) {
                    chip.remove(name);
                }
            }
            Patch::Remove { key } => {
                chips.remove(&key);
            }
            _ => {}
        }
    }
}

/// Chips over each other: of one log, both to be seen, sharing more than a hair of height. What
/// falls away or slides out is on its way out of the stack and is not counted.
fn crossings(chips: &Chips) -> Vec<String> {
    let number = |chip: &BTreeMap<&str, String>, name| -> f64 {
        chip.get(name).map_or(1.0, |v: &String| v.parse().expect("a number"))
    };
    let mut logs: BTreeMap<&str, Vec<(i64, f64, f64)>> = BTreeMap::new();
    for (key, chip) in chips {
        let seen = number(chip, "opacity") > 0.05 && number(chip, "height") > 1.0;
        if !seen || chip.contains_key("transform") {
            continue;
        }
        let (log, record) = key["chip ".len()..].rsplit_once(':').expect("a log");
        let offset = record.split('/').next().expect("an offset").parse().expect("a number");
        let top = number(chip, "y");
        logs.entry(log).or_default().push((offset, top, top + number(chip, "height")));
    }
    let mut out = Vec::new();
    for (log, mut records) in logs {
        records.sort_by_key(|r| r.0);
        for pair in records.windows(2) {
            // The later record stands above the earlier one.
            if pair[1].2 > pair[0].1 + 0.5 {
                out.push(format!("{log}: {:?} over {:?}", pair[1], pair[0]));
            }
        }
    }
    out
}

/// Plays `events` events, `gap_ms` of real time each, and looks every 16 ms.
fn watch(
    scenario: &Scenario,
    events: u64,
    gap_ms: u32,
    draw: impl Fn(&WorldView) -> Scene,
) -> (usize, usize) {
    let mut world = World::new(scenario, 7).expect("a valid scenario");
    let (mut animator, mut chips, mut now) = (Animator::new(), Chips::new(), 0);
    let (mut layouts, mut most) = (Vec::new(), 0);
    for event in 0..events {
        world.step();
        let scene = draw(&world.view());
        if layouts.last() != Some(&scene.layout) {
            layouts.push(scene.layout.clone());
        }
        animator.show(&scene, now, false);
        let until = now + gap_ms;
        while now < until {
            now += 16.min(until - now);
            carry_out(&mut chips, animator.frame(now, 5000, 100));
            let found = crossings(&chips);
            assert!(found.is_empty(), "event {event}, {now} ms: {found:#?}");
            most = most.max(chips.len());
        }
    }
    (layouts.len(), most)
}

fn busy() -> Scenario {
    let every = |every_us: u64| ProducerSpec {
        workload: Workload { every_us, ..trouble().producers[0].workload.clone() },
        ..trouble().producers[0].clone()
    };
    Scenario { producers: vec![every(60_000), every(110_000)], ..trouble() }
}

#[test]
fn records_keep_their_order_while_the_layout_of_the_map_changes() {
    for (width, height, profile) in
        [(964, 742, Profile::Default), (800, 392, Profile::Figure), (390, 430, Profile::Phone)]
    {
        let opts = StageOptions { width, height, profile, ..StageOptions::default() };
        for gap_ms in [9, 80] {
            let (layouts, chips) =
                watch(&busy(), 600, gap_ms, |view| cluster(view, view.next_event_at, &opts));
            assert!(
                layouts > 5 && chips > 20,
                "{layouts} layouts, {chips} chips: nothing was tested"
            );
        }
    }
}

#[test]
fn records_keep_their_order_while_the_replicas_window_slides() {
    let opts = StageOptions { width: 964, height: 742, ..StageOptions::default() };
    for gap_ms in [7, 60] {
        let (layouts, chips) =
            watch(&busy(), 600, gap_ms, |view| replicas(view, view.next_event_at, &opts));
        assert!(layouts > 3 && chips > 10, "{layouts} layouts, {chips} chips: nothing was tested");
    }
}
