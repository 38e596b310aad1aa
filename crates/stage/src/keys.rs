//! Keys of record bytes as the picture shows them, by the letters that the view has given.

use highwater_log::Batches;
use highwater_sim::{KeyView, WorldView};
use highwater_sorted::SortedMap;

/// Letters of the keys in a view.
pub(crate) struct Keys<'a>(SortedMap<&'a str, &'a KeyView>);

impl<'a> Keys<'a> {
    /// From everything in the view that carries a key.
    pub fn of(view: &'a WorldView) -> Self {
        let logs = view.topics.iter().flat_map(|t| &t.partitions).flat_map(|p| &p.logs);
        let records = logs.flat_map(|l| &l.batches).flat_map(|b| &b.records).map(|r| &r.key);
        let waiting = view.producers.iter().flat_map(|p| {
            let open = p.waiting.iter().flat_map(|w| &w.1);
            open.chain(p.in_flight.iter().flat_map(|f| &f.1))
        });
        let named = records.chain(waiting).filter_map(|k| Some((k.text.as_deref()?, k)));
        Self(named.collect())
    }

    /// Keys of all records in some batches.
    pub fn in_bytes(&self, bytes: &[u8]) -> Vec<KeyView> {
        let batches = Batches::new(bytes).flatten();
        let records = batches.flat_map(|b| b.records().flatten().collect::<Vec<_>>());
        records.map(|r| self.view(r.key)).collect()
    }

    fn view(&self, key: Option<&[u8]>) -> KeyView {
        let Some(key) = key else { return KeyView { text: None, letter: '·', hue: 0 } };
        let text = String::from_utf8_lossy(key);
        if let Some(known) = self.0.get(&*text) {
            return (*known).clone();
        }
        // One letter is its own; another key that is nowhere in sight has no letter here.
        let own = match key {
            [c @ b'A'..=b'Z'] => Some(c - b'A'),
            [c @ b'a'..=b'z'] => Some(c - b'a' + 26),
            _ => None,
        };
        let letter = own.map_or('·', |_| char::from(key[0]));
        KeyView { text: Some(text.into_owned()), letter, hue: own.unwrap_or(0) % 8 }
    }
}
