use std::cmp::Ordering;

/// Sorts by the items' own order; equal items keep their order.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts by a key; items with equal keys keep their order.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], mut key: impl FnMut(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts by `order`; items it finds equal keep their order.
pub fn sort_by<T>(items: &mut [T], mut order: impl FnMut(&T, &T) -> Ordering) {
    if items.len() < 2 {
        return;
    }
    let to = places(items.len(), &mut |a, b| order(&items[a], &items[b]));
    arrange(items, to);
}

/// For each index the place it has in order. The sort itself works on indexes, so that there is one of it.
fn places(len: usize, order: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut from: Vec<usize> = (0..len).collect();
    from.sort_by(|a, b| order(*a, *b));
    let mut to = vec![0; len];
    for (place, index) in from.into_iter().enumerate() {
        to[index] = place;
    }
    to
}

fn arrange<T>(items: &mut [T], mut to: Vec<usize>) {
    for index in 0..items.len() {
        while to[index] != index {
            let place = to[index];
            items.swap(index, place);
            to.swap(index, place);
        }
    }
}
