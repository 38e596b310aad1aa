//! Words of `focus` and `hide`: what the pictures can point at. A word that no picture knows would dim or
//! hide nothing, so it is a mistake.

use super::reader::{Reader, Text};
use crate::nearest;
use highwater_sim::{Scenario, parse_node, parse_partition};

/// Marks by kind, in every view. What is named by itself (`orders-0@1`, `broker 2`, `p1`) comes on top.
pub const MARKS: &[&str] = &[
    "assignment",
    "batches",
    "brokers",
    "committed",
    "consumers",
    "controller",
    "crc",
    "cut",
    "disk",
    "ends",
    "epochs",
    "fetch",
    "fields",
    "float",
    "floats",
    "folded",
    "followers",
    "grid",
    "group",
    "groups",
    "header",
    "hw",
    "index",
    "isr",
    "joins",
    "lag",
    "lanes",
    "leaders",
    "leo",
    "level",
    "limits",
    "log",
    "log start",
    "lookup",
    "lost",
    "lso",
    "members",
    "messages",
    "names",
    "notes",
    "numbers",
    "partitions",
    "phases",
    "position",
    "positions",
    "produce",
    "producers",
    "retention",
    "roles",
    "ruler",
    "scale",
    "segments",
    "settings",
    "tide",
    "time",
    "timers",
    "titles",
    "tray",
    "wash",
];

/// Fields of a batch and of a record, by Kafka's names: rows of the byte column.
const FIELDS: &[&str] = &[
    "attributes",
    "baseOffset",
    "baseSequence",
    "baseTimestamp",
    "batchLength",
    "crc",
    "headerKey",
    "headerKeyLength",
    "headerValue",
    "headerValueLength",
    "headersCount",
    "key",
    "keyLength",
    "lastOffsetDelta",
    "length",
    "magic",
    "maxTimestamp",
    "offsetDelta",
    "partitionLeaderEpoch",
    "producerEpoch",
    "producerId",
    "recordsCount",
    "timestampDelta",
    "value",
    "valueLength",
];

/// Reads a list of marks; each must be one.
pub fn marks(table: &Reader<'_>, key: &'static str, scenario: &Scenario) -> Vec<String> {
    let words = table.texts(key);
    for word in &words {
        if !is_mark(&word.text, scenario) {
            refuse(table, key, word);
        }
    }
    words.into_iter().map(|w| w.text).collect()
}

fn refuse(table: &Reader<'_>, key: &str, word: &Text) {
    let found = format!("found \"{}\", which no picture has", word.text);
    let things = "orders, orders-0, orders-0@1, broker 1, controller, p1, c1, a group";
    let allowed = format!("allowed: {things}, or a kind of mark: {}", MARKS.join(", "));
    let path = table.path(key);
    let near = nearest(&word.text, MARKS.iter().copied());
    table.source.near(word.at, &path, found, allowed, near);
}

/// Whether some picture may have it. Partitions, brokers and clients may come later, by an action: their names
/// need only look right.
fn is_mark(word: &str, scenario: &Scenario) -> bool {
    let named = |prefix: &str| word.strip_prefix(prefix).is_some_and(|name| !name.is_empty());
    let replica = word.split(['@', ':']).next().unwrap_or(word);
    let exact = ["record ", "segment ", "batch ", "byte ", "message ", "group "];
    let topic = |t: &highwater_sim::TopicSpec| t.name == word;
    let group = |c: &highwater_sim::ConsumerSpec| &*c.group == word;
    MARKS.contains(&word)
        || FIELDS.contains(&word)
        || parse_node(word).is_ok_and(|node| node.to_string() == word)
        || parse_partition(replica).is_ok()
        || exact.iter().any(|prefix| named(prefix))
        || scenario.topics.iter().any(topic)
        || scenario.consumers.iter().any(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_pictures_name_is_known_and_a_slip_is_not() {
        let mut scenario = Scenario::default();
        scenario
            .topics
            .push(highwater_sim::TopicSpec { name: "orders".into(), ..Default::default() });
        for word in ["hw", "orders", "orders-0", "orders-0@2", "orders-0@2:7", "broker 2", "c1"] {
            assert!(is_mark(word, &scenario), "{word}");
        }
        for word in ["controller", "group billing", "batch orders-0:3", "crc", "baseOffset"] {
            assert!(is_mark(word, &scenario), "{word}");
        }
        for word in ["", "HW", "order", "high watermark", "2", "b2", "broker", "group "] {
            assert!(!is_mark(word, &scenario), "{word}");
        }
    }

    #[test]
    fn every_field_of_a_batch_is_known() {
        let mut builder = highwater_log::BatchBuilder::new();
        let header = highwater_log::Header::new("h", Some(b"x"));
        builder.append(1, Some(b"k"), Some(b"v"), &[header]);
        let bytes = builder.build();
        let batch = highwater_log::Batches::new(&bytes).next().expect("one").expect("whole");
        for field in highwater_log::fields(&batch) {
            assert!(is_mark(field.name, &Scenario::default()), "{}", field.name);
        }
    }
}
