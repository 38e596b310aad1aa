//! The trace hash: 64 bits over every input and effect, the same on every machine.

use std::hash::{Hash, Hasher};

/// A hasher in fixed-width arithmetic: lengths and discriminants count as 64 bits wherever it runs, so
/// that native and wasm agree. Not for hash tables and not for secrets: it is a fingerprint of a run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TraceHasher {
    state: u64,
}

const MULTIPLIER: u64 = 0x9fb2_1c65_1e98_df25;

impl TraceHasher {
    /// Starts from a seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed ^ 0x2545_f491_4f6c_dd1d }
    }

    /// Takes one value in.
    pub fn add(&mut self, value: &impl Hash) {
        value.hash(self);
    }

    /// The hash so far.
    pub fn value(&self) -> u64 {
        let mut z = self.state;
        z = (z ^ (z >> 32)).wrapping_mul(MULTIPLIER);
        z = (z ^ (z >> 29)).wrapping_mul(MULTIPLIER);
        z ^ (z >> 32)
    }

    fn mix(&mut self, word: u64) {
        self.state = (self.state.rotate_left(23) ^ word).wrapping_mul(MULTIPLIER);
    }
}

impl Hasher for TraceHasher {
    fn finish(&self) -> u64 {
        self.value()
    }
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        let mut last = [0u8; 8];
        last[..rest.len()].copy_from_slice(rest);
        last[7] = u8::try_from(rest.len()).expect("fewer than eight bytes are left over");
        self.mix(u64::from_le_bytes(last));
    }
    fn write_u8(&mut self, i: u8) {
        self.mix(u64::from(i));
    }
    fn write_u16(&mut self, i: u16) {
        self.mix(u64::from(i));
    }
    fn write_u32(&mut self, i: u32) {
        self.mix(u64::from(i));
    }
    fn write_u64(&mut self, i: u64) {
        self.mix(i);
    }
    fn write_u128(&mut self, i: u128) {
        self.write(&i.to_le_bytes());
    }
    fn write_usize(&mut self, i: usize) {
        self.mix(u64::try_from(i).unwrap_or(u64::MAX));
    }
    fn write_i8(&mut self, i: i8) {
        self.mix(i64::from(i).cast_unsigned());
    }
    fn write_i16(&mut self, i: i16) {
        self.mix(i64::from(i).cast_unsigned());
    }
    fn write_i32(&mut self, i: i32) {
        self.mix(i64::from(i).cast_unsigned());
    }
    fn write_i64(&mut self, i: i64) {
        self.mix(i.cast_unsigned());
    }
    fn write_i128(&mut self, i: i128) {
        self.write(&i.to_le_bytes());
    }
    fn write_isize(&mut self, i: isize) {
        self.mix(i64::try_from(i).unwrap_or(i64::MAX).cast_unsigned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(value: &impl Hash) -> u64 {
        let mut h = TraceHasher::new(1);
        h.add(value);
        h.value()
    }

    #[test]
    fn every_part_counts() {
        let values = [
            hash(&"a"),
            hash(&"b"),
            hash(&"aa"),
            hash(&("a", "a")),
            hash(&("aa", "")),
            hash(&1u8),
            hash(&vec![0u8]),
            hash(&vec![0u8, 0]),
            hash(&vec![0u8; 8]),
            hash(&vec![0u8; 7]),
            hash(&Some(0u8)),
            hash(&None::<u8>),
        ];
        for (i, a) in values.iter().enumerate() {
            assert!(values[i + 1..].iter().all(|b| a != b), "{i}");
        }
    }

    #[test]
    fn lengths_and_discriminants_have_one_width() {
        let mut by_usize = TraceHasher::new(1);
        by_usize.write_usize(5);
        let mut by_word = TraceHasher::new(1);
        by_word.write_u64(5);
        assert_eq!(by_usize, by_word);
        let mut signed = TraceHasher::new(1);
        signed.write_isize(5);
        assert_eq!(signed, by_word);
    }
}
