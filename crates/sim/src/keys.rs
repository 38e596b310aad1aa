//! Letters and hues of keys, stable for a whole run.

use crate::{KeyView, TraceKind, World};
use highwater_cluster::{Body, Request};
use highwater_log::Batches;
use highwater_sorted::SortedMap;
use std::sync::Arc;

/// Which key has which letter. A key that is one letter has that letter; others get the first free one
/// in the order in which they are first produced. The hue follows from the letter.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KeyBook {
    letters: SortedMap<Vec<u8>, u8>,
    next: u8,
}

/// Letters there are: A to Z, then a to z.
const LETTERS: u8 = 52;

impl KeyBook {
    /// Gives the key a letter if it has none yet.
    pub fn meet(&mut self, key: &[u8]) {
        if !self.letters.contains_key(key) {
            let letter = self.letter_for(key);
            if own_letter(key).is_none() {
                self.next = (letter + 1) % LETTERS;
            }
            self.letters.insert(key.to_vec(), letter);
        }
    }

    /// Whether the key has been met.
    pub fn knows(&self, key: &[u8]) -> bool {
        self.letters.contains_key(key)
    }

    fn letter_for(&self, key: &[u8]) -> u8 {
        if let Some(letter) = own_letter(key) {
            return letter;
        }
        let taken = |n: u8| self.letters.values().any(|&l| l == n);
        (0..LETTERS).map(|n| (self.next + n) % LETTERS).find(|&n| !taken(n)).unwrap_or(self.next)
    }

    /// The key as a picture shows it.
    pub fn view(&self, key: Option<&[u8]>) -> KeyView {
        let Some(key) = key else { return KeyView { text: None, letter: '·', hue: 0 } };
        let letter = self.letters.get(key).copied().unwrap_or_else(|| self.letter_for(key));
        let text: String = String::from_utf8_lossy(key).chars().take(64).collect();
        KeyView { text: Some(text), letter: letter_char(letter), hue: letter % 8 }
    }
}

fn own_letter(key: &[u8]) -> Option<u8> {
    match key {
        [c @ b'A'..=b'Z'] => Some(c - b'A'),
        [c @ b'a'..=b'z'] => Some(c - b'a' + 26),
        _ => None,
    }
}

fn letter_char(letter: u8) -> char {
    char::from(if letter < 26 { b'A' + letter } else { b'a' + letter - 26 })
}

/// Meets the keys that a step has sent to brokers.
pub(crate) fn observe(world: &mut World) {
    for record in &world.kernel.records {
        let TraceKind::Sent { body: Body::Request(request), .. } = &record.what else { continue };
        let Request::Produce(produce) = &**request else { continue };
        for partition in &produce.partitions {
            for batch in Batches::new(&partition.records).flatten() {
                for record in batch.records().flatten() {
                    if let Some(key) = record.key
                        && !world.keys.knows(key)
                    {
                        Arc::make_mut(&mut world.keys).meet(key);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_stable_and_single_letters_are_themselves() {
        let mut book = KeyBook::default();
        for key in ["user-1", "C", "user-2", "a", "user-3", "user-1"] {
            book.meet(key.as_bytes());
        }
        let letter = |key: &str| book.view(Some(key.as_bytes())).letter;
        assert_eq!([letter("user-1"), letter("user-2"), letter("user-3")], ['A', 'B', 'D']);
        assert_eq!([letter("C"), letter("a"), letter("Z")], ['C', 'a', 'Z']);
        assert_eq!(book.view(None), KeyView { text: None, letter: '·', hue: 0 });
        assert_eq!(book.view(Some(b"C")).hue, 2);
    }

    #[test]
    fn more_keys_than_letters_are_no_problem() {
        let mut book = KeyBook::default();
        for n in 0..200 {
            book.meet(format!("key-{n}").as_bytes());
        }
        assert!(book.view(Some(b"key-199")).letter.is_ascii_alphabetic());
    }
}
