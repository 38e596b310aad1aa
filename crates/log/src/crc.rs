//! CRC-32C (Castagnoli), the checksum of record batches and producer snapshots.

/// CRC-32C of `bytes`: reflected polynomial 0x82F63B78, initial value and final xor 0xFFFFFFFF.
#[cfg(not(target_arch = "wasm32"))]
#[inline]
pub fn crc32c(bytes: &[u8]) -> u32 {
    crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, bytes) as u32
}

/// CRC-32C of `bytes`: reflected polynomial 0x82F63B78, initial value and final xor 0xFFFFFFFF.
#[cfg(target_arch = "wasm32")]
pub fn crc32c(bytes: &[u8]) -> u32 {
    slicing::crc32c(bytes)
}

/// Slicing-by-16 for wasm, which has no carry-less multiplication. Only the first 4 of 16 lookups wait
/// for the round before, which is what makes it faster than slicing-by-8.
#[cfg(any(target_arch = "wasm32", test))]
mod slicing {
    use std::sync::OnceLock;

    const WIDTH: usize = 16;
    type Tables = [[u32; 256]; WIDTH];

    fn tables() -> &'static Tables {
        static TABLES: OnceLock<Box<Tables>> = OnceLock::new();
        TABLES.get_or_init(|| {
            let mut tables = Box::new([[0u32; 256]; WIDTH]);
            for byte in 0..256u32 {
                let mut crc = byte;
                for _ in 0..8 {
                    crc = (crc >> 1) ^ (0x82F6_3B78 & (crc & 1).wrapping_neg());
                }
                tables[0][byte as usize] = crc;
            }
            for byte in 0..256 {
                for table in 1..WIDTH {
                    let before = tables[table - 1][byte];
                    tables[table][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
                }
            }
            tables
        })
    }

    pub fn crc32c(bytes: &[u8]) -> u32 {
        let t = tables();
        let mut crc = u32::MAX;
        let (chunks, rest) = bytes.as_chunks::<WIDTH>();
        for c in chunks {
            let [a, b, c, d] = words(c);
            crc = four(t, 12, a ^ crc) ^ four(t, 8, b) ^ four(t, 4, c) ^ four(t, 0, d);
        }
        for &byte in rest {
            crc = (crc >> 8) ^ t[0][((crc ^ u32::from(byte)) & 0xff) as usize];
        }
        !crc
    }

    #[inline(always)]
    fn words(c: &[u8; WIDTH]) -> [u32; 4] {
        [
            u32::from_le_bytes([c[0], c[1], c[2], c[3]]),
            u32::from_le_bytes([c[4], c[5], c[6], c[7]]),
            u32::from_le_bytes([c[8], c[9], c[10], c[11]]),
            u32::from_le_bytes([c[12], c[13], c[14], c[15]]),
        ]
    }

    /// What four bytes give that are followed by `after` more of the chunk.
    #[inline(always)]
    fn four(t: &Tables, after: usize, word: u32) -> u32 {
        t[after + 3][(word & 0xff) as usize]
            ^ t[after + 2][(word >> 8 & 0xff) as usize]
            ^ t[after + 1][(word >> 16 & 0xff) as usize]
            ^ t[after][(word >> 24) as usize]
    }
}

#[cfg(test)]
mod tests {
    /// The check value of the CRC catalogue and the vectors of RFC 3720, B.4.
    #[test]
    fn known_values() {
        let ascending: Vec<u8> = (0..32).collect();
        for crc in [super::crc32c, super::slicing::crc32c] {
            assert_eq!(crc(b""), 0);
            assert_eq!(crc(b"123456789"), 0xe306_9283);
            assert_eq!(crc(&[0; 32]), 0x8a91_36aa);
            assert_eq!(crc(&[0xff; 32]), 0x62a8_ab43);
            assert_eq!(crc(&ascending), 0x46dd_794e);
        }
    }

    #[test]
    fn both_ways_agree() {
        let bytes: Vec<u8> =
            (0..1000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for start in 0..17 {
            for end in [start, start + 1, start + 15, start + 16, 500, 999, 1000] {
                let slice = &bytes[start..end];
                assert_eq!(super::crc32c(slice), super::slicing::crc32c(slice));
            }
        }
    }
}
