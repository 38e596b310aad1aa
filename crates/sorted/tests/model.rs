//! The collections beside those of the standard library, on random work.

use highwater_sorted::{SortedMap, SortedSet, sort, sort_by_key};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
enum Work {
    Insert(u8, u16),
    Remove(u8),
    Entry(u8, u16),
    PopFirst,
    PopLast,
    Retain(u8),
    Extend(Vec<(u8, u16)>),
}

fn work() -> impl Strategy<Value = Work> {
    prop_oneof![
        (any::<u8>(), any::<u16>()).prop_map(|(k, v)| Work::Insert(k % 32, v)),
        any::<u8>().prop_map(|k| Work::Remove(k % 32)),
        (any::<u8>(), any::<u16>()).prop_map(|(k, v)| Work::Entry(k % 32, v)),
        Just(Work::PopFirst),
        Just(Work::PopLast),
        (2..7u8).prop_map(Work::Retain),
        prop::collection::vec((0..32u8, any::<u16>()), 0..8).prop_map(Work::Extend),
    ]
}

fn map_step(ours: &mut SortedMap<u8, u16>, theirs: &mut BTreeMap<u8, u16>, work: Work) {
    match work {
        Work::Insert(k, v) => assert_eq!(ours.insert(k, v), theirs.insert(k, v)),
        Work::Remove(k) => assert_eq!(ours.remove(&k), theirs.remove(&k)),
        Work::Entry(k, v) => {
            assert_eq!(ours.contains_key(&k), theirs.contains_key(&k));
            *ours.entry(k).or_insert(1) ^= v;
            *theirs.entry(k).or_insert(1) ^= v;
        }
        Work::PopFirst => assert_eq!(ours.pop_first(), theirs.pop_first()),
        Work::PopLast => assert_eq!(ours.pop_last(), theirs.pop_last()),
        Work::Retain(n) => {
            ours.retain(|k, _| k % n != 0);
            theirs.retain(|k, _| k % n != 0);
        }
        Work::Extend(more) => {
            ours.extend(more.clone());
            theirs.extend(more);
        }
    }
}

proptest! {
    #[test]
    fn a_map_does_what_a_b_tree_does(list in prop::collection::vec(work(), 0..60), from in 0..34u8, to in 0..34u8) {
        let (mut ours, mut theirs) = (SortedMap::new(), BTreeMap::new());
        for work in list {
            map_step(&mut ours, &mut theirs, work);
            prop_assert!(ours.iter().eq(theirs.iter()));
            prop_assert_eq!(ours.len(), theirs.len());
        }
        prop_assert!(ours.keys().rev().eq(theirs.keys().rev()));
        prop_assert!(ours.values().eq(theirs.values()));
        prop_assert_eq!(ours.first_key_value(), theirs.first_key_value());
        prop_assert_eq!(ours.last_key_value(), theirs.last_key_value());
        prop_assert_eq!(ours.get(&from), theirs.get(&from));
        prop_assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
        if from <= to {
            prop_assert!(ours.range(from..to).eq(theirs.range(from..to)));
            prop_assert!(ours.range(from..=to).rev().eq(theirs.range(from..=to).rev()));
        }
        prop_assert!(ours.range(..=to).eq(theirs.range(..=to)));
        prop_assert!(ours.range(from..).eq(theirs.range(from..)));
    }

    #[test]
    fn a_set_does_what_a_b_tree_does(list in prop::collection::vec((any::<bool>(), 0..24u8), 0..60), more in prop::collection::vec(0..24u8, 0..9)) {
        let (mut ours, mut theirs) = (SortedSet::new(), BTreeSet::new());
        for (add, item) in list {
            if add {
                prop_assert_eq!(ours.insert(item), theirs.insert(item));
            } else {
                prop_assert_eq!(ours.remove(&item), theirs.remove(&item));
            }
            prop_assert_eq!(ours.contains(&item), theirs.contains(&item));
        }
        ours.extend(more.clone());
        theirs.extend(more);
        prop_assert!(ours.iter().eq(theirs.iter()));
        prop_assert_eq!((ours.first(), ours.last()), (theirs.first(), theirs.last()));
    }

    #[test]
    fn sorting_is_the_stable_sort(list in prop::collection::vec((0..6u8, any::<u16>()), 0..80)) {
        let (mut ours, mut theirs) = (list.clone(), list.clone());
        sort_by_key(&mut ours, |item| item.0);
        theirs.sort_by_key(|item| item.0);
        prop_assert_eq!(ours, theirs);
        let (mut ours, mut theirs) = (list.clone(), list);
        sort(&mut ours);
        theirs.sort();
        prop_assert_eq!(ours, theirs);
    }
}

#[test]
fn a_range_that_ends_before_it_starts_is_empty() {
    let map = SortedMap::from([(1, 'a'), (2, 'b')]);
    let (from, to) = (2, 1);
    assert_eq!(map.range(from..to).count(), 0);
}
