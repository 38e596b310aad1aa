//! What a host page asks for beyond steering: what could be done, what is promised, a state to come
//! back to, a run to take away, and what has happened since it last looked.

use super::Port;
use super::player::make_exactly;
use crate::options::settings;
use highwater_lesson::PlayerOptions;
use highwater_sim::{ActionView, INVARIANTS, Selection, enabled, event_text, parse_node};
use std::sync::Arc;

/// Most events that are told at once: more are passed over when much happens between two looks.
pub const EVENTS_TOLD: usize = 64;

/// How far a host has heard of the run.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Heard {
    event: u64,
    branch: u32,
    /// Turning points up to here; what a person does has one without an event.
    markers: usize,
    broken: usize,
}

impl Heard {
    /// What was heard, after going on to `here`: an act goes on with a branch of its own, with which everything before
    /// it is common; after going back everything that comes is new.
    pub fn carried_to(self, here: Self) -> Self {
        if self.event <= here.event { Self { branch: here.branch, ..self } } else { here }
    }
}

/// One event of the world.
#[allow(missing_docs)]
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventTold {
    pub event: u64,
    pub time_us: u64,
    /// Who handled it: `broker 1`, `p1`, ...
    pub node: String,
    /// What came of it, in words; empty = nothing but messages and timers.
    pub text: String,
    /// Events before it that were passed over.
    pub skipped: u64,
}

/// A turning point.
#[allow(missing_docs)]
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MarkerTold {
    pub name: String,
    pub text: String,
    pub event: u64,
    pub time_us: u64,
}

/// What has happened since.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct News {
    /// In order.
    pub events: Vec<EventTold>,
    /// In order.
    pub markers: Vec<MarkerTold>,
    /// Promises broken: name and what happened.
    pub broken: Vec<(String, String)>,
}

/// A promise that is watched all the time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Promise {
    /// Number and name, as in `R05 StrongIsr`.
    pub name: &'static str,
    /// What it says.
    pub text: &'static str,
    /// What broke it, each time.
    pub broken: Vec<String>,
}

/// A run to take away: with the scenario it is all that is needed to run it again.
#[allow(missing_docs)]
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Export {
    pub src: String,
    pub seed: u64,
    pub set: String,
    pub run: String,
    pub event: u64,
    pub time_us: u64,
    pub trace_hash: u64,
    /// Events before it, and what was done, in the text form.
    pub inputs: Vec<(u64, String)>,
}

impl Port {
    /// Where a host is that has heard of everything up to here.
    pub fn heard(&self) -> Heard {
        let place = self.player.position();
        let markers = self.player.timeline().markers().partition_point(|m| m.event <= place.event);
        let broken = self.player.view().broken.len();
        Heard { event: place.event, branch: place.branch, markers, broken }
    }

    /// What has happened since on the way forward; nothing after a jump back or to another branch.
    pub fn news(&self, since: Heard) -> News {
        let now = self.heard();
        let mut news = News::default();
        if now.branch != since.branch || now.event < since.event {
            return news;
        }
        let view = self.player.view();
        for (name, text) in view.broken.iter().skip(since.broken) {
            news.broken.push((name.to_string(), text.clone()));
        }
        let markers = self.player.timeline().markers().get(since.markers..now.markers);
        news.markers.extend(markers.unwrap_or_default().iter().map(|m| MarkerTold {
            name: m.kind.to_owned(),
            text: m.text.clone(),
            event: m.event,
            time_us: m.time.0,
        }));
        if now.event > since.event {
            news.events = self.events_told(since.event, now.event);
        }
        news
    }

    /// The last events of those after `since`, up to `now`.
    fn events_told(&self, since: u64, now: u64) -> Vec<EventTold> {
        let first = now.saturating_sub(EVENTS_TOLD as u64).max(since) + 1;
        let world = self.player.timeline().world();
        let mut events: Vec<EventTold> = Vec::new();
        for record in self.player.trace_window(first, now) {
            if events.last().is_none_or(|e| e.event != record.event) {
                events.push(EventTold {
                    event: record.event,
                    time_us: record.time.0,
                    node: record.node.to_string(),
                    text: String::new(),
                    skipped: 0,
                });
            }
            let (Some(told), Some(event)) = (events.last_mut(), record.event()) else { continue };
            if !told.text.is_empty() {
                told.text.push_str("; ");
            }
            told.text.push_str(&event_text(world, record.node, event));
        }
        if let Some(told) = events.first_mut() {
            told.skipped = first - since - 1;
        }
        events
    }

    /// What `act` would take now: everything, or for one thing (`broker 1`, `orders-0`, `message 12`,
    /// `broker 1 > broker 2`).
    pub fn enabled(&self, what: &str) -> Result<Vec<ActionView>, String> {
        let view = self.player.view();
        let partitions = || view.topics.iter().flat_map(|t| &t.partitions);
        let what = what.trim();
        if !what.is_empty() {
            return self.selection(what).map(|selection| enabled(&view, selection));
        }
        let world = self.player.timeline().world();
        let mut all = enabled(&view, Selection::World);
        let nodes = world.nodes().map(|(id, _)| Selection::Node(id));
        let messages = view.messages.iter().map(|m| Selection::Message(m.id));
        for selection in
            nodes.chain(partitions().map(|p| Selection::Partition(p.tp))).chain(messages)
        {
            all.extend(enabled(&view, selection));
        }
        Ok(all)
    }

    fn selection(&self, what: &str) -> Result<Selection, String> {
        let view = self.player.view();
        let world = self.player.timeline().world();
        if let Some(id) = what.strip_prefix("message ").and_then(|n| n.trim().parse().ok()) {
            let there = view.messages.iter().any(|m| m.id == id);
            return if there {
                Ok(Selection::Message(id))
            } else {
                Err(format!("there is no message {id} on its way now"))
            };
        }
        if let Some((from, to)) = what.split_once('>') {
            return Ok(Selection::Link(parse_node(from)?, parse_node(to)?));
        }
        let mut partitions = view.topics.iter().flat_map(|t| &t.partitions);
        if let Some(found) = partitions.find(|p| p.name == what) {
            return Ok(Selection::Partition(found.tp));
        }
        let there = parse_node(what).ok().filter(|id| world.node(*id).is_some());
        there.map(Selection::Node).ok_or_else(|| {
            let names: Vec<String> = world
                .nodes()
                .map(|(id, _)| id.to_string())
                .chain(view.topics.iter().flat_map(|t| &t.partitions).map(|p| p.name.clone()))
                .collect();
            format!(
                "there is no {what:?}; allowed: nothing (for everything), {}, message N, broker 1 > broker 2",
                names.join(", ")
            )
        })
    }

    /// The promises that are watched, and what broke them.
    pub fn invariants(&self) -> Vec<Promise> {
        let view = self.player.view();
        let broken = |name: &str| {
            let of = view.broken.iter().filter(|(n, _)| **n == *name);
            of.map(|(_, text)| text.clone()).collect()
        };
        INVARIANTS
            .iter()
            .map(|&(name, text)| Promise { name, text, broken: broken(name) })
            .collect()
    }

    /// The settings that differ from the scenario's, as the attribute `set` takes them.
    pub fn set_text(&self) -> String {
        let pairs = self.options.settings.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join(";")
    }

    /// Goes to a state that [`token`](Self::token) and [`set_text`](Self::set_text) described.
    ///
    /// # Errors
    /// The token or a setting is wrong, or they belong to another scenario; nothing has changed then.
    pub fn restore(&mut self, run: &str, set: &str) -> Result<(), String> {
        let (pairs, wrong) = settings(set);
        if let Some(wrong) = wrong.into_iter().next() {
            return Err(wrong);
        }
        if run.trim().is_empty() {
            return Err("run is empty; a share token is needed".into());
        }
        let wanted = PlayerOptions {
            settings: pairs,
            speed: self.player.position().speed,
            run: Some(run.to_owned()),
            ..PlayerOptions::default()
        };
        let lesson = self.player.lesson_data();
        self.player = make_exactly(Arc::clone(lesson), &wanted).map_err(|error| {
            // Wrong settings make another scenario, which the token then does not fit: say the first cause.
            let alone = PlayerOptions { run: None, ..wanted.clone() };
            make_exactly(Arc::clone(lesson), &alone).err().unwrap_or(error)
        })?;
        // A restart begins anew, with the same settings.
        self.options = PlayerOptions { run: None, seed: Some(self.player.view().seed), ..wanted };
        self.changes += 1;
        Ok(())
    }

    /// The run so far.
    pub fn export(&self) -> Export {
        let timeline = self.player.timeline();
        let world = timeline.world();
        let place = self.player.position();
        let done = timeline.inputs().iter().filter(|i| i.event <= place.event);
        Export {
            src: self.player.lesson_data().id.clone(),
            seed: world.seed(),
            set: self.set_text(),
            run: self.token(),
            event: place.event,
            time_us: place.time.0,
            trace_hash: world.trace_hash(),
            inputs: done.map(|i| (i.event, i.action.to_string())).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;
    use crate::port::Ask;
    use highwater_cluster::{Time, Workload};
    use highwater_lesson::Lesson;
    use highwater_sim::{BrokerSpec, ProducerSpec, Scenario, TopicSpec};

    fn port() -> Port {
        let topic = TopicSpec {
            name: "orders".into(),
            partitions: 1,
            replication_factor: 3,
            ..TopicSpec::default()
        };
        let workload = Workload {
            topic: Some("orders".into()),
            every_us: 300_000,
            keys: vec!["A".into()],
            ..Workload::default()
        };
        let producer = ProducerSpec { settings: Vec::new(), workload, start: Time(0) };
        let scenario = Scenario {
            id: "test".into(),
            brokers: (1..=3).map(|id| BrokerSpec { id, rack: None }).collect(),
            topics: vec![topic],
            producers: vec![producer],
            ..Scenario::default()
        };
        let lesson = Lesson { id: "test".into(), scenario, ..Lesson::default() };
        let options = Options { seed: Some(5), ..Options::default() };
        Port::open(&highwater_lesson::pack(&lesson), &options).unwrap().0
    }

    #[test]
    fn news_are_what_lies_between() {
        let mut port = port();
        let start = port.heard();
        port.ask(Ask::Event(10)).unwrap();
        let told: Vec<u64> = port.news(start).events.iter().map(|e| e.event).collect();
        assert!(!told.is_empty() && told.is_sorted() && told.iter().all(|e| (1..=10).contains(e)));
        let here = port.heard();
        assert_eq!(port.news(here), News::default(), "nothing new");
        port.ask(Ask::Event(-3)).unwrap();
        assert_eq!(port.news(here), News::default(), "back");
        port.ask(Ask::Event(203)).unwrap();
        let news = port.news(here);
        assert!(news.events.len() <= EVENTS_TOLD);
        assert_eq!(news.events[0].skipped, 200 - EVENTS_TOLD as u64);
        assert_eq!(news.events.last().map(|e| e.event), Some(210));
    }

    #[test]
    fn acts_and_steps_without_a_frame_between_them_are_told() {
        let mut port = port();
        port.ask(Ask::Event(20)).unwrap();
        let mut heard = port.heard();
        for ask in [Ask::ActText("pause broker 2".into()), Ask::Event(5), Ask::Event(-5)] {
            port.ask(ask).unwrap();
            heard = heard.carried_to(port.heard());
        }
        // An act in the past: it makes a branch, from which the run goes on.
        for ask in [Ask::ActText("crash broker 1".into()), Ask::Event(8)] {
            port.ask(ask).unwrap();
            heard = heard.carried_to(port.heard());
        }
        let news = port.news(heard);
        let told: Vec<u64> = news.events.iter().map(|e| e.event).collect();
        assert!(told.first() > Some(&20) && told.last() == Some(&28), "{told:?}");
        assert_eq!(news.markers.iter().map(|m| &*m.name).collect::<Vec<_>>(), ["pause", "crash"]);
    }

    #[test]
    fn a_crash_is_a_marker() {
        let mut port = port();
        port.ask(Ask::Event(20)).unwrap();
        let here = port.heard();
        port.ask(Ask::ActText("crash broker 1".into())).unwrap();
        let names = |news: News| news.markers.into_iter().map(|m| m.name).collect::<Vec<_>>();
        assert_eq!(names(port.news(here)), ["crash"], "what is done has no event of its own");
        port.ask(Ask::Seek("20s".into())).unwrap();
        let later = names(port.news(here));
        assert!(later.starts_with(&["crash".into()]), "{later:?}");
        assert!(later.contains(&"fenced".into()), "{later:?}");
    }

    #[test]
    fn what_is_enabled_is_taken() {
        let mut port = port();
        port.ask(Ask::Event(30)).unwrap();
        let all = port.enabled("").unwrap();
        assert!(all.iter().any(|a| a.action == "crash broker 2"), "{all:?}");
        let of_one = port.enabled("broker 2").unwrap();
        assert!(of_one.iter().all(|a| all.contains(a)) && of_one.len() < all.len());
        for action in of_one {
            assert_eq!(self::port().ask(Ask::ActText(action.action.clone())), Ok(()), "{action:?}");
        }
        for (what, says) in
            [("broker 9", "broker 3, "), ("cheese", "orders-0"), ("message 1", "message 1")]
        {
            let error = port.enabled(what).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn a_state_is_come_back_to() {
        let mut port = port();
        port.restart(Some(&[("min.insync.replicas".into(), "2".into())])).unwrap();
        port.ask(Ask::Event(40)).unwrap();
        port.ask(Ask::ActText("crash broker 3".into())).unwrap();
        port.ask(Ask::Event(25)).unwrap();
        let kept = port.export();
        assert_eq!(kept.set, "min.insync.replicas=2");
        assert_eq!(kept.inputs, [(40, "crash broker 3".to_owned())]);
        let mut other = self::port();
        other.restore(&kept.run, &kept.set).unwrap();
        assert_eq!(other.export(), kept);
        // Same beginning, other settings: not that run.
        assert!(other.restore(&kept.run, "").is_err());
        assert!(other.restore("", "").is_err());
        assert!(other.restore("cheese", "").is_err());
        assert!(other.restore(&kept.run, "acks").is_err());
        let wrong = other.restore(&kept.run, "min.insync.replicas=many").unwrap_err();
        assert!(wrong.contains("min.insync.replicas"), "{wrong}");
        assert_eq!(other.export(), kept, "an error changes nothing");
    }

    #[test]
    fn promises_hold_where_nothing_is_wrong() {
        let mut port = port();
        port.ask(Ask::Seek("10s".into())).unwrap();
        let all = port.invariants();
        assert!(all.len() >= 10 && all.iter().all(|p| p.broken.is_empty() && !p.text.is_empty()));
    }
}
