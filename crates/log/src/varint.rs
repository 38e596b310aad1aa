//! Zigzag variable-length integers, as records use them (Kafka: `ByteUtils`).

/// Most bytes a varint (32 bits) takes.
pub const MAX_VARINT_SIZE: u32 = 5;
/// Most bytes a varlong (64 bits) takes.
pub const MAX_VARLONG_SIZE: u32 = 10;

#[inline]
pub(crate) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

fn unzigzag(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}

/// Bytes that [`write_varlong`] writes for `value`: 1 to 10. A varint takes as many as the varlong
/// of the same value.
#[inline]
pub fn size_of_varlong(value: i64) -> u32 {
    match zigzag(value) {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        number => (64 - number.leading_zeros()).div_ceil(7),
    }
}

/// Bytes that [`write_varint`] writes for `value`: 1 to 5.
#[inline]
pub fn size_of_varint(value: i32) -> u32 {
    size_of_varlong(i64::from(value))
}

/// Appends `value` in 1 to 10 bytes.
#[inline]
pub fn write_varlong(value: i64, out: &mut Vec<u8>) {
    let mut rest = zigzag(value);
    if (0x80..0x4000).contains(&rest) {
        out.extend_from_slice(&[(rest as u8) | 0x80, (rest >> 7) as u8]);
        return;
    }
    while rest >= 0x80 {
        out.push((rest as u8) | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Appends `value` in 1 to 5 bytes.
#[inline]
pub fn write_varint(value: i32, out: &mut Vec<u8>) {
    write_varlong(i64::from(value), out);
}

fn read_unsigned(bytes: &[u8], max_size: u32) -> Option<(u64, u32)> {
    let mut value = 0u64;
    let mut size = 0u32;
    for &byte in bytes.iter().take(max_size as usize) {
        value |= u64::from(byte & 0x7f) << (7 * size);
        size += 1;
        if byte & 0x80 == 0 {
            return Some((value, size));
        }
    }
    None
}

/// The varint at the start of `bytes` and how many bytes it took; `None` when it does not end
/// within 5 bytes or within `bytes`.
#[inline]
pub fn read_varint(bytes: &[u8]) -> Option<(i32, u32)> {
    let (value, size) = read_unsigned(bytes, MAX_VARINT_SIZE)?;
    // Kafka drops bits above the 32nd, which only a fifth byte can carry.
    let value = value as u32;
    Some((((value >> 1) as i32) ^ -((value & 1) as i32), size))
}

/// The varlong at the start of `bytes` and how many bytes it took; `None` when it does not end
/// within 10 bytes or within `bytes`.
#[inline]
pub fn read_varlong(bytes: &[u8]) -> Option<(i64, u32)> {
    let (value, size) = read_unsigned(bytes, MAX_VARLONG_SIZE)?;
    Some((unzigzag(value), size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(value: i64) -> String {
        let mut out = Vec::new();
        write_varlong(value, &mut out);
        assert_eq!(out.len() as u32, size_of_varlong(value));
        assert_eq!(read_varlong(&out), Some((value, out.len() as u32)));
        if let Ok(small) = i32::try_from(value) {
            assert_eq!(read_varint(&out), Some((small, out.len() as u32)));
        }
        out.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// Table of `ByteUtilsTest` values.
    #[test]
    fn known_values() {
        let table: &[(i64, &str)] = &[
            (0, "00"),
            (-1, "01"),
            (1, "02"),
            (-2, "03"),
            (2, "04"),
            (63, "7e"),
            (-64, "7f"),
            (64, "8001"),
            (-65, "8101"),
            (127, "fe01"),
            (128, "8002"),
            (300, "d804"),
            (8191, "fe7f"),
            (-8192, "ff7f"),
            (8192, "808001"),
            (1_048_575, "feff7f"),
            (2_147_483_647, "feffffff0f"),
            (-2_147_483_648, "ffffffff0f"),
            (5, "0a"),
            (-5, "09"),
            (1_700_000_000_000, "80a0abfef962"),
            (i64::MAX, "feffffffffffffffff01"),
            (i64::MIN, "ffffffffffffffffff01"),
        ];
        for &(value, expected) in table {
            assert_eq!(hex(value), expected, "{value}");
        }
    }

    #[test]
    fn too_long_or_cut_is_an_error() {
        assert_eq!(read_varint(&[0xff; 5]), None);
        assert_eq!(read_varint(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x01]), None);
        assert_eq!(read_varlong(&[0xff; 10]), None);
        assert_eq!(read_varint(&[0x80]), None);
        assert_eq!(read_varint(&[]), None);
    }
}
