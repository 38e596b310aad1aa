//! The timeline as data.

use super::Player;
use super::types::{StripBranch, StripData, StripMarker, StripPin, StripQuiet, StripSample};
use highwater_cluster::{NodeId, Span, Time, Timer, TopicPartition};
use highwater_sim::parse_partition;

/// Scheduled things that are shown at most, the nearest first.
const PINS_MAX: usize = 24;

impl Player {
    /// The timeline up to the furthest event seen. While a question is open, nothing of what comes.
    pub fn strip(&self) -> StripData {
        let axis = &self.course.axis;
        let here = self.timeline.event();
        let open = self.question_open();
        let furthest = if open { here } else { self.timeline.furthest() };
        let ms = |event: u64| axis.at_us(event) / 1000;
        let traced = self.traced();
        let samples = traced.iter().flat_map(|(tp, _)| axis.levels.of(*tp));
        StripData {
            now_ms: self.screen_us / 1000,
            end_ms: (axis.at_us(furthest) / 1000).max(self.screen_us / 1000),
            partition: traced.as_ref().map(|(_, name)| name.clone()).unwrap_or_default(),
            samples: samples
                .filter(|l| l.event <= furthest)
                .map(|l| StripSample {
                    screen_ms: ms(l.event),
                    time: axis.time(l.event).unwrap_or_default(),
                    log_end_offset: l.log_end_offset,
                    high_watermark: l.high_watermark,
                })
                .collect(),
            markers: axis
                .markers()
                .iter()
                .filter(|m| m.event <= furthest)
                .map(|m| StripMarker {
                    screen_ms: ms(m.event),
                    event: m.event,
                    time: m.time,
                    id: m.kind.to_owned(),
                    label: m.text.clone(),
                })
                .collect(),
            scheduled: if open { Vec::new() } else { self.pins() },
            quiet: axis
                .quiet_runs()
                .filter(|(run, _)| run.first < furthest)
                .map(|(run, length): (_, Span)| StripQuiet {
                    from_ms: ms(run.first),
                    to_ms: ms(run.last.min(furthest)),
                    length,
                })
                .collect(),
            branches: self
                .timeline
                .branches()
                .into_iter()
                .map(|b| StripBranch {
                    number: b.id,
                    from_event: b.parent.map_or(0, |(_, event)| event),
                    current: b.id == self.timeline.current_branch(),
                    label: b.label,
                })
                .collect(),
        }
    }

    /// The partition that is traced: the selected one, the one the step is about, else the first.
    fn traced(&self) -> Option<(TopicPartition, String)> {
        let view = self.view();
        let focus = self.lesson.steps.get(self.steps.current).map(|s| s.focus.as_slice());
        let wanted = self.selected.iter().chain(focus.unwrap_or_default());
        let partitions = || view.topics.iter().filter(|t| !t.internal).flat_map(|t| &t.partitions);
        let named = wanted
            .filter_map(|pick| pick.split('@').next().filter(|name| parse_partition(name).is_ok()))
            .find_map(|name| partitions().find(|p| p.name == name));
        named.or_else(|| partitions().next()).map(|p| (p.tp, p.name.clone()))
    }

    /// What is scheduled and worth knowing of.
    fn pins(&self) -> Vec<StripPin> {
        let world = self.timeline.world();
        let start = world.start().0;
        let script = self.lesson.scenario.script.iter();
        let mut pins: Vec<StripPin> = script
            .map(|(at, action)| (Time(at.0 + start), action.to_string()))
            .filter(|(time, _)| *time > world.now())
            .map(|(time, label)| StripPin { time, label, script: true })
            .collect();
        for (node, process) in world.nodes() {
            let timers = process
                .timers()
                .filter_map(|(timer, time)| Some((timer_label(node, timer)?, time)));
            pins.extend(timers.map(|(label, time)| StripPin { time, label, script: false }));
        }
        highwater_sorted::sort_by_key(&mut pins, |p| p.time);
        pins.truncate(PINS_MAX);
        pins
    }
}

/// A few words for a timer that decides something; `None` for one that only keeps things going.
fn timer_label(node: NodeId, timer: Timer) -> Option<String> {
    Some(match timer {
        Timer::BrokerSession(id) => format!("session of broker {id} ends"),
        Timer::IsrExpiration => format!("{node} checks its ISR"),
        Timer::RetentionCheck => format!("{node} checks retention"),
        Timer::FileDelete => format!("{node} removes deleted files"),
        Timer::JoinPhase(_) => "the join phase ends".to_owned(),
        Timer::ProduceTimeout(_) => "a waiting produce times out".to_owned(),
        Timer::AutoCommit => format!("{node} commits"),
        Timer::MaxPollInterval => format!("{node} is late with its poll"),
        Timer::DeliveryTimeout => format!("{node} gives a batch up"),
        _ => return None,
    })
}
