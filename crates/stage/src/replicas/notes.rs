//! Words of the replica compare: role and reasons above a stack, and below it what its numbers come
//! from.

use super::cut::epochs;
use super::layout::{Column, Plan, leader};
use crate::options::Profile;
use crate::pen::width;
use crate::words;
use highwater_log::Offset;
use highwater_scene::metrics::{is_bold, wrap};
use highwater_scene::u;
use highwater_sim::{ReplicaView, Role};

/// A line above a stack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Head {
    pub class: &'static str,
    pub text: String,
    /// The sentence ends here.
    pub last: bool,
}

/// Keeps at most so many lines, and of those only whole sentences; the first one stays.
pub(super) fn whole(heads: &mut Vec<Head>, lines: usize) {
    let first = heads.iter().position(|h| h.last).map_or(0, |i| i + 1);
    heads.truncate(lines.max(first));
    while heads.last().is_some_and(|h| !h.last) {
        heads.pop();
    }
}

/// A line below a stack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Note {
    /// Words at the left.
    pub text: String,
    /// The words name the value.
    pub name: bool,
    /// A value at the right.
    pub value: String,
    /// What is said ends here.
    pub last: bool,
}

/// Role, numbers where they have no room beside the stack, and reasons.
pub(super) fn heads(plan: &Plan<'_>, column: &Column<'_>) -> Vec<Head> {
    let log = column.log;
    let mut out = Vec::new();
    let mut say = |class: &'static str, text: &str| {
        let room = (column.w - u(20)) * 96 / 100;
        for text in wrap(text, plan.look.text, is_bold(class), room) {
            out.push(Head { class, text, last: false });
        }
        if let Some(head) = out.last_mut() {
            head.last = true;
        }
    };
    let isr = if log.in_isr { "in ISR" } else { "out of ISR" };
    match log.role {
        Role::Leader if plan.part.leader == log.broker => {
            say("text b", &format!("leader, epoch {}", log.leader_epoch));
        }
        Role::Leader => {
            say("text b", &format!("believes it leads, epoch {}", log.leader_epoch));
        }
        Role::Follower => {
            let class = if log.in_isr { "text muted" } else { "text b" };
            say(class, &format!("follower, {isr}"));
        }
        Role::Offline => say("text b", &format!("offline, {isr}: what its disk has")),
    }
    if !plan.detail.gauge {
        say("text", &format!("LEO {}", log.log_end_offset));
        say("text b water", &format!("HW {}", log.high_watermark));
    }
    if column.cut.is_some() {
        for (class, text) in cut_words(plan, column) {
            say(class, &text);
        }
    } else if !log.in_isr && log.role != Role::Leader && plan.look.small_print {
        for reason in log.out_reason.iter().take(3) {
            say("text muted", reason);
        }
    }
    out
}

fn cut_words(plan: &Plan<'_>, column: &Column<'_>) -> Vec<(&'static str, String)> {
    let Some(cut) = column.cut else { return Vec::new() };
    let log = column.log;
    let range = words::offsets(cut.offset, log.log_end_offset - 1);
    let verb = match log.role {
        Role::Follower => "will be cut",
        Role::Leader => "will be cut once it knows its leader",
        Role::Offline => "will be cut when it returns",
    };
    let by = leader(plan.part).map_or(-1, |l| l.broker);
    let why = match cut.epoch {
        _ if !plan.look.small_print => format!("{range} {verb}."),
        Some(epoch) => format!(
            "{range} {verb}: epoch\u{a0}{epoch} ends at\u{a0}{} on broker\u{a0}{by}.",
            cut.end
        ),
        None => format!("{range} {verb}: broker {by} has none of its epochs."),
    };
    let mut out = vec![("text b danger", why)];
    let gone = log.batches.iter().flat_map(|b| &b.records).filter(|r| r.offset >= cut.offset);
    let (mut seen, mut acknowledged) = (0, 0);
    for record in gone {
        seen += 1;
        acknowledged += i32::from(record.acknowledged);
    }
    if acknowledged > 0 {
        out.push(("text danger", "Acknowledged, and yet lost.".to_owned()));
    } else if seen > 0 && plan.look.small_print {
        out.push(("text muted", "Never acknowledged, so not lost.".to_owned()));
    }
    out
}

/// Where the high watermark comes from, and facts.
pub(super) fn notes(plan: &Plan<'_>, column: &Column<'_>) -> Vec<Note> {
    let log = column.log;
    let room = (column.w - u(20)) * 96 / 100;
    let mut out = Vec::new();
    if !plan.look.small_print && !plan.detail.gauge {
        // The numbers have taken the room.
        return out;
    }
    let line = |text: String| Note { text, name: false, value: String::new(), last: false };
    out.extend(wrap(&origin(plan, log), plan.look.text, false, room).into_iter().map(line));
    if let Some(note) = out.last_mut() {
        note.last = true;
    }
    if !plan.look.small_print {
        return out;
    }
    let mut fact = |name: &'static str, value: String| {
        let both = width(name, plan.look.text, "") + u(12) + width(&value, plan.look.text, "");
        let mut note = Note { text: name.to_owned(), name: true, value, last: true };
        if both > column.w - u(20) {
            let value = std::mem::take(&mut note.value);
            note.last = false;
            out.push(note);
            let line =
                |value: String| Note { text: String::new(), name: false, value, last: false };
            out.extend(wrap(&value, plan.look.text, false, room).into_iter().map(line));
            if let Some(note) = out.last_mut() {
                note.last = true;
            }
        } else {
            out.push(note);
        }
    };
    let cache = epochs(log);
    let phone = plan.opts.profile == Profile::Phone;
    if log.role == Role::Follower
        && !phone
        && let Some((offset, under_way)) = log.fetching
    {
        let last = cache.last().map(|(e, _)| format!(", last epoch {e}")).unwrap_or_default();
        let name = if under_way { "fetches" } else { "fetches next" };
        fact(name, format!("from {offset}{last}"));
    }
    if let Some(known) = known_to_leader(plan, log).filter(|_| !phone) {
        fact("leader knows", known);
    }
    if !cache.is_empty() {
        let all: Vec<String> = cache.iter().map(|(e, o)| format!("{e} at {o}")).collect();
        // The newest ones; every fact has its place, none the whole band.
        let from = all.len().saturating_sub(4);
        let dots = if from > 0 { "…, " } else { "" };
        fact("epoch cache", format!("{dots}{}", all[from..].join(", ")));
    }
    fact("log start", log.log_start_offset.to_string());
    if log.recovery_point < log.log_end_offset {
        fact("on disk below", log.recovery_point.to_string());
    }
    out
}

fn known_to_leader(plan: &Plan<'_>, log: &ReplicaView) -> Option<String> {
    let leader = leader(plan.part)?;
    let known = leader.followers.iter().find(|f| f.broker == log.broker)?;
    let end = if known.log_end_offset < 0 {
        "no LEO yet".to_owned()
    } else {
        format!("LEO {}", known.log_end_offset)
    };
    let fetch = known.last_fetch.map(|at| format!(", at {at}")).unwrap_or_default();
    Some(format!("{end}{fetch}"))
}

/// One sentence: what the high watermark of this replica is.
fn origin(plan: &Plan<'_>, log: &ReplicaView) -> String {
    let hw = log.high_watermark;
    match log.role {
        Role::Offline => format!("HW {hw} is the checkpoint on its disk."),
        Role::Leader => leaders(plan, log),
        Role::Follower => {
            let from = leader(plan.part).filter(|l| l.broker != log.broker);
            let fetched = from.and_then(|l| {
                l.followers.iter().find(|f| f.broker == log.broker).and_then(|f| f.last_fetch)
            });
            match (from, fetched) {
                (Some(l), Some(_)) => format!("HW {hw} as of broker {}'s last response.", l.broker),
                (Some(l), None) => format!("HW {hw} from before epoch\u{a0}{}.", l.leader_epoch),
                _ => format!("HW {hw} as last heard: there is no leader."),
            }
        }
    }
}

fn leaders(plan: &Plan<'_>, log: &ReplicaView) -> String {
    let hw = log.high_watermark;
    let isr = if log.maximal_isr.is_empty() { &plan.part.isr } else { &log.maximal_isr };
    let known = |id: i32| -> Offset {
        if id == log.broker {
            return log.log_end_offset;
        }
        log.followers.iter().find(|f| f.broker == id).map_or(-1, |f| f.log_end_offset)
    };
    let list: Vec<String> = isr
        .iter()
        .map(|id| match known(*id) {
            -1 => format!("{id}: ?"),
            end => format!("{id}: {end}"),
        })
        .collect();
    let least = isr.iter().map(|id| known(*id)).min().unwrap_or(-1);
    let list = list.iter().map(|l| l.replace(' ', "\u{a0}")).collect::<Vec<_>>().join(", ");
    if least == hw {
        return format!("HW {hw} = min LEO of ISR {{{list}}}.");
    }
    let min_isr = plan.topic.min_insync_replicas;
    if i32::try_from(plan.part.isr.len()).unwrap_or(0) < min_isr {
        return format!(
            "HW {hw} stays: ISR {} is below min.insync.replicas {min_isr}.",
            words::set(&plan.part.isr)
        );
    }
    if least < hw {
        return format!("HW {hw} from before, until all of ISR {{{list}}} have fetched.");
    }
    format!("HW {hw}; LEO of ISR {{{list}}}.")
}
