//! The hash that spreads keys over partitions (Kafka: `Utils.murmur2`), bit for bit.

const SEED: u32 = 0x9747_b28c;
const M: u32 = 0x5bd1_e995;
const R: u32 = 24;

/// 32-bit murmur2 with Kafka's seed.
pub fn murmur2(data: &[u8]) -> u32 {
    let len = u32::try_from(data.len()).expect("a key below 4 GiB");
    let mut h = SEED ^ len;
    let mut words = data.chunks_exact(4);
    for word in &mut words {
        let mut k = u32::from_le_bytes(word.try_into().expect("four bytes"));
        k = k.wrapping_mul(M);
        k ^= k >> R;
        k = k.wrapping_mul(M);
        h = h.wrapping_mul(M) ^ k;
    }
    let tail = words.remainder();
    if !tail.is_empty() {
        let low = tail.iter().rev().fold(0u32, |value, byte| value << 8 | u32::from(*byte));
        h = (h ^ low).wrapping_mul(M);
    }
    h ^= h >> 13;
    h = h.wrapping_mul(M);
    h ^ (h >> 15)
}

/// The partition of a record with this key among `partitions` (at least 1), available or not
/// (Kafka: `BuiltInPartitioner.partitionForKey`).
pub fn partition_for_key(key: &[u8], partitions: i32) -> i32 {
    assert!(partitions >= 1, "a topic has partitions");
    let positive = i32::try_from(murmur2(key) & 0x7fff_ffff).expect("31 bits");
    positive % partitions
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Key, hash as Java prints it, partition of 3, 6, 10, 12 and 50.
    const VECTORS: &[(&[u8], i32, [i32; 5])] = &[
        (b"", 275646681, [0, 3, 1, 9, 31]),
        (b"a", -1563381124, [1, 4, 4, 4, 24]),
        (b"ab", 316155434, [2, 2, 4, 2, 34]),
        (b"abc", 479470107, [0, 3, 7, 3, 7]),
        (b"21", -973932308, [0, 0, 0, 0, 40]),
        (b"foobar", -790332482, [0, 0, 6, 6, 16]),
        (b"a-little-bit-long-string", -985981536, [2, 2, 2, 8, 12]),
        (b"a-little-bit-longer-string", -1486304829, [2, 5, 9, 11, 19]),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971, [2, 5, 7, 5, 27]),
        (b"0", 971027396, [2, 2, 6, 8, 46]),
        (b"2", 648968168, [2, 2, 8, 8, 18]),
        (b"user-1", 1404122828, [2, 2, 8, 8, 28]),
        (b"kafka", -798503068, [1, 4, 0, 4, 30]),
        (&[0], 375494588, [2, 2, 8, 8, 38]),
    ];

    #[test]
    fn hashes_of_kafka() {
        for (key, hash, partitions) in VECTORS {
            assert_eq!(murmur2(key).cast_signed(), *hash, "{key:?}");
            let ours = [3, 6, 10, 12, 50].map(|n| partition_for_key(key, n));
            assert_eq!(ours, *partitions, "{key:?}");
        }
    }
}
