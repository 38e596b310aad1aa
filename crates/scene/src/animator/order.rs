//! Order among siblings: what must be moved, and where leaving elements stand.

use crate::Key;
use highwater_sorted::{SortedMap, SortedSet};

/// The wanted order with the leaving elements kept after the neighbour they stood behind.
pub(super) fn with_leaving(
    now: &[Key],
    wanted: Vec<Key>,
    leaving: impl Fn(&Key) -> bool,
) -> Vec<Key> {
    if !now.iter().any(&leaving) {
        return wanted;
    }
    // For each leaving one, the nearest element before it that stays.
    let stays: SortedSet<&Key> = wanted.iter().collect();
    let mut behind: SortedMap<Option<&Key>, Vec<&Key>> = SortedMap::new();
    let mut anchor = None;
    for key in now {
        if stays.contains(key) {
            anchor = Some(key);
        } else if leaving(key) {
            behind.entry(anchor).or_default().push(key);
        }
    }
    let mut out = Vec::with_capacity(now.len() + wanted.len());
    out.extend(behind.get(&None).into_iter().flatten().map(|k| (*k).clone()));
    for key in &wanted {
        out.push(key.clone());
        out.extend(behind.get(&Some(key)).into_iter().flatten().map(|k| (*k).clone()));
    }
    out
}

/// Elements that may stay where they are: a longest rising subsequence of the old places.
pub(super) fn unmoved(now: &[Key], wanted: &[Key]) -> SortedSet<Key> {
    let places: SortedMap<&Key, usize> = now.iter().enumerate().map(|(i, k)| (k, i)).collect();
    let kept: Vec<(usize, &Key)> =
        wanted.iter().filter_map(|k| places.get(k).map(|i| (*i, k))).collect();
    if kept.windows(2).all(|w| w[0].0 < w[1].0) {
        return kept.into_iter().map(|(_, k)| k.clone()).collect();
    }
    // Patience sorting; `previous` links the chain back from its end.
    let mut tails: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = vec![None; kept.len()];
    for (index, (place, _)) in kept.iter().enumerate() {
        let at = tails.partition_point(|t| kept[*t].0 < *place);
        previous[index] = at.checked_sub(1).map(|i| tails[i]);
        if at == tails.len() {
            tails.push(index);
        } else {
            tails[at] = index;
        }
    }
    let mut out = SortedSet::new();
    let mut next = tails.last().copied();
    while let Some(index) = next {
        out.insert(kept[index].1.clone());
        next = previous[index];
    }
    out
}
