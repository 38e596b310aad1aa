//! Immutable shared bytes: a window on an `Arc<[u8]>`, cheap to clone and to slice.

use std::ops::Deref;
use std::sync::Arc;

/// Shared, immutable bytes. Cloning copies a pointer, so that snapshots of the world share records.
#[derive(Clone)]
pub struct Bytes {
    data: Arc<[u8]>,
    start: u32,
    end: u32,
}

impl Bytes {
    /// No bytes.
    pub fn empty() -> Self {
        Self { data: Arc::from([]), start: 0, end: 0 }
    }

    /// A window on these bytes; `start..end` must lie inside.
    pub fn slice(&self, start: u32, end: u32) -> Self {
        assert!(start <= end && self.start + end <= self.end, "slice outside the bytes");
        Self { data: self.data.clone(), start: self.start + start, end: self.start + end }
    }

    /// A copy of these bytes, changed by `edit` before it is shared.
    pub fn edited(&self, edit: impl FnOnce(&mut [u8])) -> Self {
        let mut data: Arc<[u8]> = Arc::from(&**self);
        edit(Arc::get_mut(&mut data).expect("nobody else has the new copy"));
        Self { data, start: 0, end: self.size() }
    }

    /// Length in bytes.
    pub fn size(&self) -> u32 {
        self.end - self.start
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        let end = u32::try_from(bytes.len()).expect("a buffer below 4 GiB");
        Self { data: Arc::from(bytes), start: 0, end }
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        let end = u32::try_from(bytes.len()).expect("a buffer below 4 GiB");
        Self { data: Arc::from(bytes), start: 0, end }
    }
}

impl Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.data[self.start as usize..self.end as usize]
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
impl Eq for Bytes {}
impl std::hash::Hash for Bytes {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bytes({} B)", self.size())
    }
}
