//! The packed form: what `highwater pack` writes and the page fetches. A short header, then the
//! lesson as postcard. Reading it needs no text parser but the one of actions.

mod dto;

use crate::Lesson;
use highwater_sim::scenario_hash;
use std::fmt;

/// First bytes of a packed file.
pub const MAGIC: [u8; 4] = *b"HWPK";
/// Version of the packed form. A build reads its own version only.
pub const FORMAT_VERSION: u16 = 2;
/// Magic, version, scenario hash, checksum of the rest.
const HEADER_BYTES: usize = 4 + 2 + 8 + 8;

/// Why packed bytes were not read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PackError {
    /// They do not begin like a packed file.
    NotPacked,
    /// Written by another version.
    Version {
        /// The version they carry.
        found: u16,
    },
    /// They end too early, or bytes were changed.
    Damaged,
    /// They are whole, but say something this build does not know.
    Content(String),
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPacked => {
                write!(
                    f,
                    "this is not a packed lesson: it does not begin with HWPK (text is packed by `highwater pack`)"
                )
            }
            Self::Version { found } => write!(
                f,
                "packed in format {found}, this build reads format {FORMAT_VERSION}: pack it again with this version"
            ),
            Self::Damaged => write!(f, "the packed lesson is damaged or was cut short"),
            Self::Content(what) => write!(f, "the packed lesson cannot be read: {what}"),
        }
    }
}

impl std::error::Error for PackError {}

/// A lesson as bytes.
pub fn pack(lesson: &Lesson) -> Vec<u8> {
    let body = dto::encode(lesson);
    let mut bytes = Vec::with_capacity(HEADER_BYTES + body.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
    bytes.extend_from_slice(&scenario_hash(&lesson.scenario).to_le_bytes());
    bytes.extend_from_slice(&fnv1a(&body).to_le_bytes());
    bytes.extend_from_slice(&body);
    bytes
}

/// A lesson from bytes.
///
/// # Errors
/// Bytes that are not packed, are of another version, were cut or changed.
pub fn unpack(bytes: &[u8]) -> Result<Lesson, PackError> {
    let magic = bytes.get(..MAGIC.len()).unwrap_or(bytes);
    if magic.is_empty() || !MAGIC.starts_with(magic) {
        return Err(PackError::NotPacked);
    }
    let number = |from: usize, len: usize| {
        let field = bytes.get(from..from + len)?;
        Some(field.iter().rev().fold(0u64, |n, b| n << 8 | u64::from(*b)))
    };
    let version = number(4, 2).and_then(|n| u16::try_from(n).ok()).ok_or(PackError::Damaged)?;
    if version != FORMAT_VERSION {
        return Err(PackError::Version { found: version });
    }
    let hash = number(6, 8).ok_or(PackError::Damaged)?;
    let checksum = number(14, 8).ok_or(PackError::Damaged)?;
    let body = bytes.get(HEADER_BYTES..).ok_or(PackError::Damaged)?;
    if fnv1a(body) != checksum {
        return Err(PackError::Damaged);
    }
    let lesson = dto::decode(body)?;
    if scenario_hash(&lesson.scenario) != hash {
        return Err(PackError::Content("its scenario is another than its header says".to_owned()));
    }
    Ok(lesson)
}

/// FNV-1a over 64 bits.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fnv1a_is_the_published_one() {
        // Vectors of the authors' reference (draft-eastlake-fnv): "", "a", "foobar".
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn cut_bytes_are_an_error_at_every_length() {
        let lesson = Lesson { id: "x".into(), title: "Title".into(), ..Lesson::default() };
        let bytes = pack(&lesson);
        assert_eq!(unpack(&bytes), Ok(lesson));
        for length in 0..bytes.len() {
            assert!(unpack(&bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
        }
    }

    #[test]
    fn a_changed_byte_is_an_error_wherever_it_is() {
        let lesson = Lesson { id: "x".into(), title: "Title".into(), ..Lesson::default() };
        let bytes = pack(&lesson);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(unpack(&changed).is_err(), "byte {at}");
        }
    }

    #[test]
    fn text_and_another_version_are_told_apart() {
        assert_eq!(unpack(b"title = \"x\""), Err(PackError::NotPacked));
        let mut bytes = pack(&Lesson::default());
        bytes[4] = 9;
        assert_eq!(unpack(&bytes), Err(PackError::Version { found: 9 }));
    }
}
