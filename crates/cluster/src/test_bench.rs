//! A bench for one process: no disk, choices that are always 0, and effects to look at.

use crate::*;
use highwater_log::{Bytes, Storage, StorageError};

/// A disk that nothing may be written to.
struct NoDisk;

fn refuse<T>(path: &str) -> Result<T, StorageError> {
    Err(StorageError { path: path.to_owned(), reason: "there is no disk here".to_owned() })
}

impl Storage for NoDisk {
    fn list(&self, _: &str) -> Vec<String> {
        Vec::new()
    }
    fn dirs(&self) -> Vec<String> {
        Vec::new()
    }
    fn len(&self, _: &str) -> Option<u64> {
        None
    }
    fn read(&self, path: &str, _: u64, _: u32) -> Result<Bytes, StorageError> {
        refuse(path)
    }
    fn append(&mut self, path: &str, _: &Bytes) -> Result<(), StorageError> {
        refuse(path)
    }
    fn truncate(&mut self, path: &str, _: u64) -> Result<(), StorageError> {
        refuse(path)
    }
    fn rename(&mut self, path: &str, _: &str) -> Result<(), StorageError> {
        refuse(path)
    }
    fn remove(&mut self, path: &str) -> Result<(), StorageError> {
        refuse(path)
    }
    fn replace(&mut self, path: &str, _: &[u8]) -> Result<(), StorageError> {
        refuse(path)
    }
    fn sync(&mut self, path: &str) -> Result<(), StorageError> {
        refuse(path)
    }
}

/// Chooses what it is told to, then 0.
#[derive(Default)]
pub(crate) struct Scripted(pub Vec<u32>);

impl Chooser for Scripted {
    fn choose(&mut self, _: Choice, bound: u32) -> u32 {
        if self.0.is_empty() { 0 } else { self.0.remove(0) % bound }
    }
}

/// Gives `actor` one input at `now` and returns what it wants done.
pub(crate) fn feed(
    actor: &mut impl Actor,
    me: NodeId,
    now: Time,
    chooser: &mut Scripted,
    input: Input,
) -> Vec<Effect> {
    let mut out = Vec::new();
    let mut ctx = Context { me, now, disk: &mut NoDisk, chooser, out: &mut out };
    actor.handle(input, &mut ctx);
    out
}

/// The events among `effects`.
pub(crate) fn events(effects: &[Effect]) -> Vec<TraceEvent> {
    effects
        .iter()
        .filter_map(|e| match e {
            Effect::Trace(event) => Some(event.clone()),
            _ => None,
        })
        .collect()
}

/// Where a timer was set to among `effects`, the last time.
pub(crate) fn timer_at(effects: &[Effect], wanted: Timer) -> Option<Time> {
    effects.iter().rev().find_map(|e| match e {
        Effect::SetTimer { timer, at } if *timer == wanted => Some(*at),
        _ => None,
    })
}

/// Messages among `effects`: receiver, correlation, body.
pub(crate) fn sent(effects: &[Effect]) -> Vec<(NodeId, Correlation, Body)> {
    effects
        .iter()
        .filter_map(|e| match e {
            Effect::Send { to, correlation, body } => Some((*to, *correlation, body.clone())),
            _ => None,
        })
        .collect()
}
