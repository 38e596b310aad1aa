//! What was acknowledged to a producer, as it was told.

use crate::{Time, TopicPartition};
use highwater_log::{Bytes, Offset};
use std::sync::Arc;

/// Entries of one sealed block; a snapshot copies a pointer per block.
const BLOCK: usize = 128;

/// One acknowledged record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Acked {
    /// Where.
    pub tp: TopicPartition,
    /// Its offset as the broker said.
    pub offset: Offset,
    /// acks it was sent with: 1 or -1 (all).
    pub acks: i16,
    /// When the answer came.
    pub at: Time,
    /// Number of the record at this producer, from 0.
    pub sequence: u64,
    /// Its key.
    pub key: Option<Bytes>,
}

/// Acknowledged records in order of their answers.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AckedList {
    sealed: Vec<Arc<Vec<Acked>>>,
    tail: Vec<Acked>,
}

impl AckedList {
    pub(super) fn push(&mut self, acked: Acked) {
        self.tail.push(acked);
        if self.tail.len() == BLOCK {
            self.sealed.push(Arc::new(std::mem::take(&mut self.tail)));
        }
    }

    /// How many.
    pub fn count(&self) -> u64 {
        (self.sealed.len() * BLOCK + self.tail.len()) as u64
    }

    /// From the `first` one on, in order.
    pub fn from(&self, first: u64) -> impl Iterator<Item = &Acked> {
        let first = usize::try_from(first).unwrap_or(usize::MAX);
        let blocks = self.sealed.iter().map(|b| &b[..]).chain([&self.tail[..]]);
        let begin = (first / BLOCK).min(self.sealed.len());
        blocks.skip(begin).flatten().skip(first.saturating_sub(begin * BLOCK))
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Acked> {
        self.from(0)
    }
}
