//! The nearest known name to a mistyped one.

use super::{Scope, Setting, all};

/// Number of single-character insertions, deletions and replacements between two names.
fn edit_distance(a: &str, b: &str) -> u32 {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<u32> = (0..).take(b.len() + 1).collect();
    for (i, x) in (1u32..).zip(a.chars()) {
        let mut diagonal = row[0];
        row[0] = i;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + u32::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// What to say about a name that `scope` does not know.
pub(super) fn unknown(name: &str, scope: Scope, known: &[Setting]) -> String {
    if let Some(other) = all().find(|s| s.name == name && s.scope != scope) {
        return format!("is a {} setting, not a {} setting", other.scope.name(), scope.name());
    }
    let nearest = known
        .iter()
        .flat_map(|s| [Some(s.name), s.cluster_name])
        .flatten()
        .min_by_key(|known| edit_distance(name, known));
    let scope = scope.name();
    match nearest {
        Some(nearest) => format!("no such {scope} setting; the nearest is {nearest}"),
        None => format!("no such {scope} setting"),
    }
}
