//! Where two branches differ, in words.

use super::{BranchId, Timeline, index};
use crate::{TraceRecord, event_text};
use highwater_cluster::{NodeId, Time, TraceEvent};

impl Timeline {
    /// The first difference between two branches and what each came to, as text.
    ///
    /// # Errors
    /// When there is no such branch.
    pub fn compare(&self, a: BranchId, b: BranchId) -> Result<String, String> {
        for id in [a, b] {
            if self.branches.get(index(id)).is_none() {
                return Err(format!(
                    "there is no branch {id}; there are 0 to {}",
                    self.branches.len() - 1
                ));
            }
        }
        if a == b {
            return Ok("the same branch".to_owned());
        }
        let fork = self.common_event(a, b);
        let name = |id: BranchId| self.branches[index(id)].label.as_str();
        let tell = |id: BranchId| -> Vec<(Time, NodeId, TraceEvent)> {
            let records = self.records_of(id, fork, u64::MAX);
            let told = |r: &&TraceRecord| Some((r.time, r.node, r.event()?.clone()));
            records.iter().filter_map(told).collect()
        };
        let (left, right) = (tell(a), tell(b));
        let same = left.iter().zip(&right).take_while(|(x, y)| x == y).count();
        let say = |id: BranchId, event: Option<&(Time, NodeId, TraceEvent)>| match event {
            Some((time, node, event)) => {
                format!("\"{}\" at {time}: {}", name(id), event_text(&self.world, *node, event))
            }
            None => format!("\"{}\": nothing more so far", name(id)),
        };
        let mut lines = vec![format!("the same up to event {fork}")];
        if left.get(same).is_some() || right.get(same).is_some() {
            lines.push(say(a, left.get(same)));
            lines.push(say(b, right.get(same)));
        } else {
            lines.push("no difference so far".to_owned());
        }
        lines.push(format!(
            "\"{}\": {}; \"{}\": {}",
            name(a),
            outcome(&left),
            name(b),
            outcome(&right)
        ));
        Ok(lines.join("\n"))
    }

    /// The last event that both branches share.
    fn common_event(&self, a: BranchId, b: BranchId) -> u64 {
        let line = |id: BranchId| {
            let mut line = vec![(id, u64::MAX)];
            let mut at = id;
            let mut least = u64::MAX;
            while let Some(parent) = self.branches[index(at)].parent() {
                least = least.min(self.branches[index(at)].fork_event());
                line.push((parent, least));
                at = parent;
            }
            line
        };
        let (left, right) = (line(a), line(b));
        let shared = left.iter().filter_map(|(id, x)| {
            right.iter().find(|(other, _)| other == id).map(|(_, y)| (*x).min(*y))
        });
        shared.max().unwrap_or(0)
    }
}

fn outcome(events: &[(Time, NodeId, TraceEvent)]) -> String {
    let count = |f: &dyn Fn(&TraceEvent) -> u64| events.iter().map(|(_, _, e)| f(e)).sum::<u64>();
    let acknowledged = count(&|e| match e {
        TraceEvent::Acknowledged { count, .. } => u64::try_from(*count).unwrap_or(0),
        _ => 0,
    });
    let lost = count(&|e| u64::from(matches!(e, TraceEvent::AcknowledgedRecordLost { .. })));
    let elections = count(&|e| u64::from(matches!(e, TraceEvent::LeaderElected { .. })));
    format!(
        "since they parted {acknowledged} records acknowledged, {lost} acknowledged ones lost, {elections} elections"
    )
}
