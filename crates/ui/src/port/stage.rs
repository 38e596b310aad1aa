//! What the stage draws and says of the run.

use super::{Port, StageAsk};
use crate::inspect::{Inspection, inspect, past_message};
use crate::options::ViewName;
use highwater_cluster::TopicPartition;
use highwater_scene::{Scene, SvgOptions, to_svg};
use highwater_sim::{TraceRecord, WorldView, parse_partition};
use highwater_stage::{GroupHistory, LogDetail, StageOptions, TimeAxis};

/// So many events back is still news.
const NARRATED: u64 = 12;
/// The group board shows what happened in so many events.
const GROUP_EVENTS: u64 = 20_000;
/// The space-time diagram looks for its last messages in so many events.
const SPACETIME_EVENTS: u64 = 3_000;

impl Port {
    /// The stage as asked for.
    pub fn stage(&self, ask: &StageAsk) -> Scene {
        let view = self.player.view();
        let options = self.stage_options(ask);
        match ask.view {
            ViewName::Replicas => highwater_stage::replicas(&view, view.next_event_at, &options),
            ViewName::Log => self.log(ask, &view, &options),
            ViewName::Group => {
                let chosen = ask.selection.as_deref().and_then(|s| s.strip_prefix("group "));
                let records = self.records(GROUP_EVENTS);
                let history = GroupHistory::from_trace(&records, &view, chosen);
                highwater_stage::group(&view, &history, &options)
            }
            ViewName::SpaceTime => {
                let axis = if self.place().linear { TimeAxis::Linear } else { TimeAxis::Shrunk };
                highwater_stage::spacetime(&self.records(SPACETIME_EVENTS), &view, axis, &options)
            }
            ViewName::Cluster => highwater_stage::cluster(&view, view.next_event_at, &options),
        }
    }

    /// One replica opened: the selected one, else the leader's of the partition in focus.
    fn log(&self, ask: &StageAsk, view: &WorldView, options: &StageOptions) -> Scene {
        let picked = ask.selection.as_deref().and_then(|pick| LogDetail::of_pick(view, pick));
        let Some(mut detail) = picked.or_else(|| LogDetail::in_focus(view, options)) else {
            return highwater_stage::replicas(view, None, options);
        };
        detail.find = ask.find;
        detail.flip = ask.flip;
        detail.load(view, self.player.timeline().world());
        highwater_stage::log(view, &detail, options)
    }

    /// The trace of the last events.
    fn records(&self, events: u64) -> Vec<TraceRecord> {
        let event = self.event();
        let window = self.player.trace_window(event.saturating_sub(events), event);
        window.into_iter().cloned().collect()
    }

    fn stage_options(&self, ask: &StageAsk) -> StageOptions {
        let lesson = self.lesson();
        // What a step hides and points at is meant for its own view; in another one a reader looks around.
        let view = ViewName::of(&lesson.view).unwrap_or_default();
        let told = view == ask.view && !lesson.free;
        let words = |list: &Vec<String>| if told { list.clone() } else { Vec::new() };
        // Where the run stands still and something is selected, what its reason rests on stays lit.
        let still = !self.place().playing && !self.question_open();
        let lit = ask.selection.as_deref().filter(|_| still).map(|pick| self.lit(pick));
        let dim = lit.filter(|l| !l.is_empty()).unwrap_or_else(|| words(&lesson.focus));
        StageOptions {
            width: ask.width,
            height: ask.height,
            profile: ask.profile,
            selection: ask.selection.as_deref().map(Into::into),
            hover: ask.hover.as_deref().and_then(|name| partition(&self.player.view(), name)),
            hide: words(&lesson.hide),
            dim,
            focus: self.focus(ask, &lesson.focus),
            question_open: self.question_open(),
            reduced_motion: ask.reduced,
            ..StageOptions::default()
        }
    }

    /// Which partition has room where not all have: the selected one, else that of the lesson.
    fn focus(&self, ask: &StageAsk, words: &[String]) -> Vec<TopicPartition> {
        let one = ask.view != ViewName::Cluster || ask.profile != highwater_stage::Profile::Default;
        let view = self.player.view();
        let named = |text: &str| {
            let prefixes = ["record ", "segment ", "batch ", "byte "];
            let text = prefixes.iter().find_map(|p| text.strip_prefix(p)).unwrap_or(text);
            partition(&view, text.split(['@', ' ', ':']).next().unwrap_or(text))
        };
        let selected = ask.selection.as_deref().and_then(named);
        // On the site a selected row opens where not all are open; the lesson's have room anyway.
        let told = || words.iter().find_map(|w| named(w)).filter(|_| one);
        selected.or_else(told).into_iter().collect()
    }

    /// Way to the next event, 0 to 10000; without movement messages rest halfway.
    pub fn interval_position(&self, reduced: bool) -> i32 {
        if reduced { 5000 } else { self.player.position().interval_position }
    }

    /// Animations follow the speed of the run.
    pub fn speed_percent(&self) -> u32 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "6 to 1600")]
        let percent = (self.place().speed * 100.0).clamp(25.0, 1600.0) as u32;
        percent
    }

    /// What happened last that can be seen, in one line.
    pub fn narration(&self) -> String {
        let view = self.player.view();
        let event = self.event();
        (0..NARRATED)
            .filter_map(|back| event.checked_sub(back))
            .map(|at| {
                let records: Vec<TraceRecord> =
                    self.player.trace_window(at, at).into_iter().cloned().collect();
                highwater_stage::narration(&view, &records)
            })
            .find(|line| !line.is_empty())
            .unwrap_or_default()
    }

    /// Fields of the selected thing; of a message also when it is not in flight any more.
    pub fn inspect(&self, pick: &str) -> Option<Inspection> {
        let view = self.player.view();
        if let Some(found) = inspect(&view, pick) {
            return Some(found);
        }
        let id = pick.strip_prefix("message ")?.parse().ok()?;
        let event = self.event();
        let records = self.player.trace_window(event.saturating_sub(SPACETIME_EVENTS), event);
        past_message(self.player.timeline().world(), id, &records)
    }

    /// The stage in words: level (1 = heading) and line.
    pub fn outline(&self) -> Vec<(u8, String)> {
        let lines = highwater_stage::outline(&self.player.view());
        lines.into_iter().map(|l| (l.level, l.text)).collect()
    }

    /// The stage as a standalone picture.
    pub fn svg_text(&self, ask: &StageAsk) -> String {
        to_svg(&self.stage(ask), &SvgOptions::default())
    }
}

fn partition(view: &WorldView, name: &str) -> Option<TopicPartition> {
    parse_partition(name).ok()?;
    let all = view.topics.iter().flat_map(|t| &t.partitions);
    all.into_iter().find(|p| p.name == name).map(|p| p.tp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chrome::Chrome;
    use crate::options::Options;
    use crate::port::Ask;
    use highwater_lesson::Lesson;
    use highwater_sim::{BrokerSpec, Scenario, TopicSpec};

    fn port() -> Port {
        let topic = TopicSpec {
            name: "my-orders".into(),
            partitions: 2,
            replication_factor: 1,
            ..TopicSpec::default()
        };
        let brokers = vec![BrokerSpec { id: 1, rack: None }];
        let scenario = Scenario { brokers, topics: vec![topic], ..Scenario::default() };
        let lesson = Lesson { id: "test".into(), scenario, ..Lesson::default() };
        let mut port = Port::open(&highwater_lesson::pack(&lesson), &Options::default()).unwrap().0;
        port.ask(Ask::Event(5)).unwrap();
        port
    }

    /// Name of the partition in focus.
    fn focus(port: &Port, view: ViewName, selection: Option<&str>, words: &[&str]) -> String {
        let page = StageAsk::new(&Chrome::default(), 1440, 900, false);
        let ask = StageAsk { view, selection: selection.map(Into::into), ..page };
        let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        let world = port.player.view();
        let all = || world.topics.iter().flat_map(|t| &t.partitions);
        let names = port
            .focus(&ask, &words)
            .into_iter()
            .map(|tp| all().find(|p| p.tp == tp).map(|p| p.name.clone()).unwrap_or_default());
        names.collect::<Vec<_>>().join(" ")
    }

    /// A lesson may point at a partition, at a replica, or at something within one: the view that has room for one
    /// partition shows that one.
    #[test]
    fn a_word_within_a_partition_brings_its_partition_into_focus() {
        let port = port();
        for word in [
            "my-orders-1",
            "my-orders-1@1",
            "my-orders-1@1:0",
            "segment my-orders-1@1:0",
            "batch my-orders-1@1:0",
            "record my-orders-1 0",
            "byte my-orders-1@1:0 17",
        ] {
            assert_eq!(focus(&port, ViewName::Log, None, &["hw", word]), "my-orders-1", "{word}");
            let selected = focus(&port, ViewName::Log, Some(word), &["my-orders-0"]);
            assert_eq!(selected, "my-orders-1", "{word}: what is selected comes first");
        }
        for word in ["hw", "my-orders", "my-orders-2", "broker 1", "message 1", "c1", ""] {
            assert_eq!(focus(&port, ViewName::Log, None, &[word]), "", "{word}");
            assert_eq!(focus(&port, ViewName::Log, Some(word), &["my-orders-1"]), "my-orders-1");
        }
        assert_eq!(
            focus(&port, ViewName::Log, None, &["my-orders-1", "my-orders-0"]),
            "my-orders-1"
        );
        let map = |selection| focus(&port, ViewName::Cluster, selection, &["my-orders-1"]);
        assert_eq!((map(None), map(Some("my-orders-0"))), (String::new(), "my-orders-0".into()));
    }
}
