//! Every built-in lesson is played to its end on the real engine.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use highwater_lesson::text::{MARKS, parse_lesson};
use highwater_lesson::{AskPhase, FrameChange, Intent, Lesson, Player, PlayerOptions};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn folder(name: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/content").join(name);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

fn lessons() -> Vec<Arc<Lesson>> {
    let read = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        Arc::new(parse_lesson(&path.to_string_lossy(), &text).unwrap_or_else(|e| panic!("{e}")))
    };
    folder("lessons").iter().map(read).collect()
}

fn player(lesson: &Arc<Lesson>, seed: u64) -> Player {
    let options = PlayerOptions { seed: Some(seed), ..PlayerOptions::default() };
    Player::new(lesson.clone(), options).unwrap_or_else(|e| panic!("{}: {e}", lesson.id))
}

/// Presses the clicker until the step is over, its question revealed.
fn finish_step(player: &mut Player, what: &str) {
    for _ in 0..10 {
        let state = player.lesson();
        if state.done || state.free {
            return;
        }
        player.intent(Intent::NextStep).unwrap_or_else(|e| panic!("{what}: {e}"));
    }
    panic!("{what} does not end");
}

#[test]
fn every_lesson_plays_to_its_end_and_its_questions_have_their_answer() {
    for lesson in lessons() {
        for seed in [1, 2, 77] {
            let mut player = player(&lesson, seed);
            for (number, step) in lesson.steps.iter().enumerate() {
                let what = format!("{} seed {seed} step {} \"{}\"", lesson.id, number + 1, step.id);
                assert_eq!(player.lesson().step, number, "{what}");
                finish_step(&mut player, &what);
                let state = player.lesson();
                assert_eq!(state.stuck, None, "{what}");
                if let Some(ask) = state.ask {
                    assert_eq!(ask.phase, AskPhase::Revealed);
                    let answer = ask.revealed.unwrap_or_default();
                    assert!(
                        ask.choices.iter().any(|(choice, _)| *choice == answer),
                        "{what}: the engine answers {answer}, which is not among the choices"
                    );
                }
                if !state.free {
                    player.intent(Intent::NextStep).unwrap_or_else(|e| panic!("{what}: {e}"));
                }
            }
            assert!(player.lesson().free, "{} ends in free play", lesson.id);
            assert!(player.timeline().world().view().broken.is_empty(), "{}", lesson.id);
        }
    }
}

/// A reader who tries something at the end of each step and watches on for a while: the next one begins as if they had not.
#[test]
fn a_reader_who_lingers_comes_through_the_same_lesson() {
    let mut problems = Vec::new();
    for lesson in lessons() {
        let straight = linger(&lesson, 0, None).unwrap_or_else(|e| panic!("{}: {e}", lesson.id));
        for watched_ms in [2_000, 20_000, 90_000] {
            for act in [None, Some("crash broker 1"), Some("add producer topic=orders every=300ms")]
            {
                let what = format!("{} with {watched_ms} ms, {act:?} a step", lesson.id);
                match linger(&lesson, watched_ms, act) {
                    Err(problem) => problems.push(format!("{what}: {problem}")),
                    Ok(begins) if begins != straight => {
                        problems.push(format!("{what}: another run"))
                    }
                    Ok(_) => {}
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Plays a lesson; at the end of each step something is done and watched. Gives the run's hash at the beginning of each step.
fn linger(lesson: &Arc<Lesson>, watched_ms: u64, act: Option<&str>) -> Result<Vec<u64>, String> {
    let mut player = player(lesson, 1);
    let (mut now, mut begins) = (0, Vec::new());
    for step in &lesson.steps {
        let at = |problem: &dyn std::fmt::Display| format!("step \"{}\": {problem}", step.id);
        begins.push(player.timeline().world().trace_hash());
        while !player.lesson().done && !player.lesson().free {
            player.intent(Intent::NextStep).map_err(|e| at(&e))?;
        }
        let state = player.lesson();
        if let Some(stuck) = state.stuck {
            return Err(at(&stuck));
        }
        if state.free {
            return Ok(begins);
        }
        if let Some(act) = act {
            // Not possible everywhere: a lesson may have no such broker or topic, or it is down.
            let _ = player.intent(Intent::Act(act.parse().unwrap()));
        }
        if watched_ms > 0 {
            player.intent(Intent::Play).map_err(|e| at(&e))?;
            let until = now + watched_ms;
            while now < until {
                now += 16;
                player.frame(now);
            }
            player.intent(Intent::Pause).map_err(|e| at(&e))?;
        }
        player.intent(Intent::NextStep).map_err(|e| at(&e))?;
        let kept = player.timeline().branches().len() > 1;
        let said = player.lesson().goes_on_from.is_some();
        if player.position().branch != 0 {
            return Err(at(&"goes on in a branch"));
        }
        if act.is_none() && (kept || said != (watched_ms > 0)) {
            return Err(at(&format!("branch {kept}, said {said}")));
        }
    }
    Err("it does not end in free play".into())
}

/// Each step is looked at by another reader, who got a link to what the one before had tried, and goes on.
#[test]
fn a_lesson_handed_on_by_links_is_the_same_lesson() {
    for lesson in lessons() {
        let straight = linger(&lesson, 0, None).unwrap_or_else(|e| panic!("{}: {e}", lesson.id));
        let mut player = player(&lesson, 1);
        for (step, begin) in lesson.steps.iter().zip(straight) {
            let what = format!("{} step \"{}\"", lesson.id, step.id);
            let hash = |p: &Player| p.timeline().world().trace_hash();
            assert_eq!(hash(&player), begin, "{what}");
            player.intent(Intent::Event(2)).ok();
            let tried = player.intent(Intent::ActText("crash broker 1".into())).is_ok();
            player.intent(Intent::Event(20)).ok();
            let run = Some(player.token());
            let opened = PlayerOptions { run, ..PlayerOptions::default() };
            let opened = Player::new(lesson.clone(), opened).unwrap();
            assert_eq!(hash(&opened), hash(&player), "{what}");
            assert_eq!(opened.position().branch, u32::from(tried), "{what}");
            player = opened;
            for _ in 0..20 {
                let state = player.lesson();
                if player.position().branch == 0 && (state.done || state.free) {
                    break;
                }
                if player.lesson().title != step.title {
                    break;
                }
                player.intent(Intent::NextStep).ok();
            }
            if player.lesson().title == step.title && !player.lesson().free {
                player.intent(Intent::NextStep).unwrap_or_else(|e| panic!("{what}: {e}"));
            }
        }
    }
}

#[test]
fn going_back_restores_every_step_exactly() {
    for lesson in lessons() {
        let mut player = player(&lesson, 1);
        let hash = |p: &Player| (p.position().event, p.timeline().world().trace_hash());
        let mut begins = vec![hash(&player)];
        for _ in 1..lesson.steps.len() {
            finish_step(&mut player, &lesson.id);
            player.intent(Intent::NextStep).unwrap();
            begins.push(hash(&player));
        }
        for step in (0..lesson.steps.len() - 1).rev() {
            player.intent(Intent::PreviousStep).unwrap();
            assert_eq!(
                (player.lesson().step, hash(&player)),
                (step, begins[step]),
                "{}",
                lesson.id
            );
        }
        // Forward again it is the same run.
        for (step, begin) in begins.iter().enumerate().skip(1) {
            finish_step(&mut player, &lesson.id);
            player.intent(Intent::NextStep).unwrap();
            assert_eq!(hash(&player), *begin, "{} step {}", lesson.id, step + 1);
        }
        let end = lesson.steps.len() - 1;
        player.intent(Intent::Reset).unwrap();
        player.intent(Intent::GoToStep(end)).unwrap();
        assert_eq!(hash(&player), begins[end], "{}", lesson.id);
        assert_eq!(player.timeline().branches().len(), 1, "going through a lesson makes no branch");
    }
}

#[test]
fn a_lesson_played_by_the_clock_gives_the_same_run_as_one_that_is_clicked_through() {
    let lesson = lessons().into_iter().find(|l| l.id == "replication").unwrap();
    let mut clicked = player(&lesson, 1);
    finish_step(&mut clicked, "first step");
    let mut played = player(&lesson, 1);
    played.intent(Intent::Play).unwrap();
    let mut now = 0;
    while played.position().playing {
        assert_ne!(played.frame(now), FrameChange::None);
        now += 16;
        assert!(now < 60_000, "the first step ends within a minute");
    }
    assert_eq!(played.position().event, clicked.position().event);
    assert_eq!(played.frame(now + 16), FrameChange::None);
}

#[test]
fn the_future_is_hidden_while_a_question_is_open() {
    let lesson = lessons().into_iter().find(|l| l.id == "replication").unwrap();
    let mut player = player(&lesson, 1);
    let asks = lesson.steps.iter().position(|s| s.ask.is_some()).unwrap();
    player.intent(Intent::GoToStep(asks)).unwrap();
    while player.lesson().ask.is_none() {
        player.intent(Intent::NextStep).unwrap();
    }
    let strip = player.strip();
    assert!(strip.scheduled.is_empty());
    assert_eq!(strip.end_ms, strip.now_ms);
    assert!(player.intent(Intent::Event(1)).is_err());
    let ask = player.lesson().ask.unwrap();
    assert_eq!((ask.revealed, ask.right, ask.why.len()), (None, None, 0));
    player.intent(Intent::Answer(0)).unwrap();
    assert!(player.intent(Intent::Answer(9)).is_err());
    player.intent(Intent::Reveal).unwrap();
    player.intent(Intent::NextStep).unwrap();
    let ask = player.lesson().ask.unwrap();
    assert_eq!(ask.right, Some(ask.revealed == Some(ask.choices[0].0.clone())));
}

/// What `focus` and `hide` may name is a list of its own; here it is held against what the pictures are about.
#[test]
fn every_mark_of_the_pictures_can_be_named() {
    let named = marks_of_the_pictures(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../stage/src"));
    assert!(named.len() > 40, "{named:?}");
    for mark in &named {
        assert!(MARKS.contains(&mark.as_str()), "a picture has {mark:?}, lessons cannot name it");
    }
    for mark in MARKS {
        // These stand in the text of the pictures elsewhere than in a call of `about`.
        let computed = ["fetch", "produce", "leaders", "followers", "lso"].contains(mark);
        assert!(computed || named.contains(*mark), "no picture has {mark:?}");
    }
}

/// The words in quotes within the calls of `about`.
fn marks_of_the_pictures(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(marks_of_the_pictures(&path));
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        // Tests stand at the end of a file.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for call in text.split(".about(&[").skip(1) {
            let list = call.split("])").next().unwrap_or_default();
            let words = list.split('"').skip(1).step_by(2).filter(|w| !w.contains('{'));
            found.extend(words.map(str::to_owned));
        }
    }
    found
}

/// Questions and answers are shown as they are written: marks of the Markdown subset would stand there as such.
#[test]
fn questions_and_answers_have_no_marks() {
    for lesson in lessons() {
        for ask in lesson.steps.iter().filter_map(|s| s.ask.as_ref()) {
            let comments = ask.choices.iter().map(|c| c.1.as_str());
            for text in comments.chain([ask.text.as_str()]) {
                assert!(!text.contains(['`', '*']), "{}: {text}", lesson.id);
            }
        }
    }
}
