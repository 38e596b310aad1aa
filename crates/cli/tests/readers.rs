//! Readers who press anything: the lesson keeps to its own run, a link leads to the same moment, every view can be
//! drawn and every thing on it asked about. Random but repeatable; `READERS=A..B` looks at other readers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use highwater_lesson::text::parse_lesson;
use highwater_lesson::{At, Intent, Lesson, Player, PlayerOptions};
use highwater_scene::{Item, Shape};
use highwater_sim::explain::suggest;
use highwater_stage::{GroupHistory, LogDetail, Profile, StageOptions, TimeAxis};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Things that one reader does.
const PRESSES: u32 = 60;

fn content() -> Vec<Arc<Lesson>> {
    let mut files = Vec::new();
    for folder in ["lessons", "scenarios"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/content").join(folder);
        files.extend(std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()));
    }
    files.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        Arc::new(parse_lesson(&path.to_string_lossy(), &text).unwrap_or_else(|e| panic!("{e}")))
    };
    files.iter().map(read).collect()
}

/// xorshift64*: this test's own, so that a reader's number means the same reader for ever.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % n
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

fn action(dice: &mut Dice, player: &Player) -> String {
    let view = player.view();
    let (a, b) = (dice.below(4) + 1, dice.below(4) + 1);
    let tp = format!("{}-{}", dice.of(&["orders", "payments", "t"]), dice.below(3));
    let message = match view.messages.len() as u64 {
        0 => 1,
        n => view.messages[usize::try_from(dice.below(n)).unwrap()].id,
    };
    let (p, c) = (dice.below(3) + 1, dice.below(4) + 1);
    match dice.below(30) {
        0 => format!("crash broker {a}"),
        1 => format!("power off broker {a}"),
        2 => format!("restart broker {a}"),
        3 => format!("pause broker {a}"),
        4 => format!("resume broker {a}"),
        5 => format!("shutdown broker {a}"),
        6 => format!("cut {a}-{b}"),
        7 => format!("cut {a}>{b}"),
        8 => format!("heal {a}-{b}"),
        9 => format!("slow {a}>{b} {}", dice.of(&["6 s", "40ms", "1 s"])),
        10 => format!("drop message {message}"),
        11 => format!("delay message {message} 5 s"),
        12..=14 => format!("produce p{p} key=K x{}", dice.below(30) + 1),
        15 => format!("rate p{p} {}", dice.of(&["100ms", "10ms", "3 s"])),
        16 => format!("crash {}{c}", dice.of(&["c", "p"])),
        17 => format!("commit c{c}"),
        18 => format!("commit c{c} {tp}={}", dice.below(9)),
        19 => format!("seek c{c} {tp}={}", dice.below(9)),
        20 => format!("leave c{c}"),
        21 => format!("add broker {} rack=d", dice.below(6) + 1),
        22 => format!("add producer topic=orders every=200ms acks={}", dice.of(&["0", "1", "all"])),
        23 => "add consumer group=billing topic=orders processing=10ms".into(),
        24 => format!("remove {}{c}", dice.of(&["c", "p"])),
        25 => format!("create topic t partitions={} rf={}", dice.below(4) + 1, dice.below(4) + 1),
        26 => format!("create partitions orders {}", dice.below(7)),
        27 => format!("elect {} {tp}", dice.of(&["preferred", "unclean"])),
        28 => format!("set orders {}", dice.of(&["retention.ms=1000", "min.insync.replicas=3"])),
        _ => format!("restart {}{c}", dice.of(&["c", "p"])),
    }
}

fn intent(dice: &mut Dice, player: &Player) -> Intent {
    let furthest = player.timeline().furthest();
    let (steps, branches) = (player.lesson().steps, player.timeline().branches().len());
    let number = |dice: &mut Dice, n: usize| usize::try_from(dice.below(n as u64 + 1)).unwrap();
    let by = i32::try_from(dice.below(40)).unwrap() - 12;
    match dice.below(24) {
        0..=6 => Intent::ActText(action(dice, player)),
        7..=9 => Intent::NextStep,
        10 => Intent::PreviousStep,
        11 => Intent::GoToStep(number(dice, steps)),
        12 => Intent::Answer(number(dice, 3)),
        13 => Intent::Reveal,
        14 => Intent::SwitchBranch(u32::try_from(number(dice, branches)).unwrap()),
        15 => Intent::Event(by * 7),
        16 => Intent::Moment(by),
        17 => Intent::Marker(by / 8),
        18 => Intent::Seek(At::Event(dice.below(furthest + 2))),
        19 => Intent::SeekScreen(dice.below(player.position().screen_end_ms + 10)),
        20 => Intent::Play,
        21 => Intent::Linear(dice.below(2) == 0),
        22 => Intent::ReplaySlow,
        _ => Intent::Speed(i32::try_from(dice.below(129)).unwrap() - 64),
    }
}

/// What stands where.
fn place(player: &Player) -> (u64, u64, usize) {
    let hash = player.timeline().world().trace_hash();
    (player.position().event, hash, player.lesson().step)
}

/// Every view of this moment; the names of everything on it.
fn drawn(player: &Player, dice: &mut Dice) -> Vec<String> {
    let view = player.view();
    let (profile, width, height) = [
        (Profile::Default, 964, 742),
        (Profile::Figure, 360, 300),
        (Profile::Projector, 1920, 1080),
        (Profile::Phone, 390, 400),
    ][usize::try_from(dice.below(4)).unwrap()];
    let state = player.lesson();
    let options = StageOptions {
        width,
        height,
        profile,
        hide: state.hide.clone(),
        dim: state.focus.clone(),
        ..StageOptions::default()
    };
    let event = player.position().event;
    let trace: Vec<_> =
        player.trace_window(event.saturating_sub(3_000), event).into_iter().cloned().collect();
    let mut scenes = vec![
        highwater_stage::cluster(&view, view.next_event_at, &options),
        highwater_stage::replicas(&view, view.next_event_at, &options),
        highwater_stage::spacetime(&trace, &view, TimeAxis::Shrunk, &options),
        highwater_stage::group(&view, &GroupHistory::from_trace(&trace, &view, None), &options),
    ];
    if let Some(mut detail) = LogDetail::in_focus(&view, &options) {
        detail.load(&view, player.timeline().world());
        scenes.push(highwater_stage::log(&view, &detail, &options));
    }
    highwater_stage::outline(&view);
    let mut names = Vec::new();
    scenes.iter().for_each(|scene| picks(&scene.items, &mut names));
    names.sort();
    names.dedup();
    names
}

fn picks(items: &[Item], names: &mut Vec<String>) {
    for item in items {
        names.extend(item.pick.as_deref().map(str::to_owned));
        if let Shape::Group { children, .. } = &item.shape {
            picks(children, names);
        }
    }
}

/// One reader of one lesson. An error says what went wrong after which presses.
fn read(lesson: &Arc<Lesson>, begins: &[u64], number: u64) -> Result<(), String> {
    let mut dice = Dice(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let options = PlayerOptions { seed: Some(1), ..PlayerOptions::default() };
    let mut player = Player::new(lesson.clone(), options).unwrap();
    let (mut pressed, mut now) = (Vec::new(), 0);
    for _ in 0..PRESSES {
        let wish = intent(&mut dice, &player);
        pressed.push(format!("{wish:?}"));
        let told = |problem: String| {
            let from = pressed.len().saturating_sub(25);
            format!(
                "{} reader {number}: {problem}; after {}",
                lesson.id,
                pressed[from..].join(", ")
            )
        };
        let before = place(&player);
        let entering = matches!(wish, Intent::GoToStep(_) | Intent::PreviousStep);
        let acted = matches!(wish, Intent::ActText(_));
        let done = player.intent(wish);
        if acted && done.is_err() && place(&player) != before {
            return Err(told("what was refused has changed something".into()));
        }
        let (_, hash, step) = place(&player);
        if entering && done.is_ok() && begins.get(step) != Some(&hash) && !begins.is_empty() {
            return Err(told(format!("step {} does not begin as it should", step + 1)));
        }
        for _ in 0..dice.below(40) {
            now += 16;
            player.frame(now);
        }
        if dice.below(12) == 0 {
            linked(lesson, &player).map_err(told)?;
        }
        if dice.below(6) == 0 {
            let names = drawn(&player, &mut dice);
            for question in names.iter().flat_map(|name| suggest(name)) {
                let _ = player.explanation(&question);
            }
        }
    }
    Ok(())
}

/// The same moment in another window.
fn linked(lesson: &Arc<Lesson>, player: &Player) -> Result<(), String> {
    let run = Some(player.token());
    let other = Player::new(lesson.clone(), PlayerOptions { run, ..PlayerOptions::default() });
    let other = other.map_err(|e| format!("the link does not open: {e}"))?;
    let (here, there) = (place(player), place(&other));
    if here != there {
        return Err(format!("the link leads to {there:?} instead of {here:?}"));
    }
    Ok(())
}

/// Hashes at the beginning of each step, for who only presses Next.
fn begins(lesson: &Arc<Lesson>) -> Vec<u64> {
    let options = PlayerOptions { seed: Some(1), ..PlayerOptions::default() };
    let mut player = Player::new(lesson.clone(), options).unwrap();
    let mut begins = BTreeMap::new();
    for step in 0..lesson.steps.len() {
        player.intent(Intent::GoToStep(step)).unwrap_or_else(|e| panic!("{}: {e}", lesson.id));
        begins.insert(step, place(&player).1);
    }
    begins.into_values().collect()
}

#[test]
fn whatever_is_pressed() {
    let asked = std::env::var("READERS").unwrap_or_default();
    let (from, to) = asked.split_once("..").unwrap_or(("0", "6"));
    let readers = from.parse::<u64>().unwrap()..to.parse::<u64>().unwrap();
    let mut problems = Vec::new();
    for lesson in content() {
        let begins = begins(&lesson);
        for number in readers.clone() {
            let read = || read(&lesson, &begins, number);
            match std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)) {
                Ok(Ok(())) => {}
                Ok(Err(problem)) => problems.push(problem),
                Err(_) => problems.push(format!("{} reader {number} panics", lesson.id)),
            }
        }
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}
