//! Trying things in a lesson, and going back and forth.

use super::tests::{lesson, player};
use super::*;
use highwater_sim::Action;

pub(super) fn act(player: &mut Player, text: &str) {
    player.intent(Intent::Act(text.parse::<Action>().unwrap())).unwrap();
}

/// Ends the step that is shown.
pub(super) fn end(player: &mut Player) {
    while player.lesson().waiting_for.is_some() {
        player.intent(Intent::NextStep).unwrap();
    }
}

pub(super) fn run(player: &Player) -> (usize, u64, u64) {
    let place = player.position();
    (player.lesson().step, place.event, player.timeline.world().trace_hash())
}

pub(super) fn branches(player: &Player) -> Vec<String> {
    player.timeline.branches().into_iter().map(|b| b.label).collect()
}

#[test]
fn back_and_forth_after_a_trial_makes_no_more_branches() {
    let mut untouched = player();
    end(&mut untouched);
    untouched.intent(Intent::NextStep).unwrap();
    let second = run(&untouched);

    let mut player = player();
    let first = run(&player);
    end(&mut player);
    act(&mut player, "crash broker 3");
    act(&mut player, "crash broker 2");
    player.intent(Intent::Event(5)).unwrap();
    let names = branches(&player);
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names[1].starts_with("crash broker 3 at "), "{names:?}");
    let tried = run(&player);
    for round in 0..3 {
        player.intent(Intent::NextStep).unwrap();
        assert_eq!(run(&player), second, "round {round}");
        assert_eq!(player.lesson().goes_on_from.is_some(), round == 0);
        player.intent(Intent::PreviousStep).unwrap();
        assert_eq!(run(&player), first, "round {round}");
        end(&mut player);
    }
    assert_eq!(branches(&player), names);
    // What was tried is still there, as it was.
    player.intent(Intent::SwitchBranch(1)).unwrap();
    player.intent(Intent::Seek(At::Event(tried.1))).unwrap();
    assert_eq!(run(&player), tried);
}

#[test]
fn over_in_the_first_run_nothing_is_said_of_a_trial() {
    let mut player = player();
    end(&mut player);
    act(&mut player, "crash broker 3");
    player.intent(Intent::NextStep).unwrap();
    end(&mut player);
    let there = run(&player);
    player.intent(Intent::SwitchBranch(1)).unwrap();
    player.intent(Intent::SwitchBranch(0)).unwrap();
    player.intent(Intent::Seek(At::Event(there.1))).unwrap();
    assert_eq!(run(&player), there);
    assert_eq!(player.lesson().goes_on_from, None);
}

#[test]
fn a_question_waits_in_the_first_run_for_who_tries_something_first() {
    let mut player = player();
    player.intent(Intent::GoToStep(1)).unwrap();
    end(&mut player);
    let asked = run(&player);
    assert!(player.lesson().ask.is_some());
    act(&mut player, "produce p1 key=B");
    assert!(player.lesson().ask.is_none(), "what is tried runs on");
    player.intent(Intent::Play).unwrap();
    player.intent(Intent::NextStep).unwrap();
    assert_eq!(run(&player), asked);
    assert_eq!(player.lesson().ask.unwrap().phase, AskPhase::Open);
    assert_eq!(player.lesson().goes_on_from.map(|s| s.contains("kept as a branch")), Some(true));
}

#[test]
fn a_trial_within_a_step_leaves_the_step_as_it_is() {
    let mut untouched = player();
    end(&mut untouched);
    untouched.intent(Intent::NextStep).unwrap();

    let mut player = player();
    player.intent(Intent::Event(1)).unwrap();
    act(&mut player, "crash broker 1");
    // It ends another way, or never; then the lesson goes on in its own run.
    for _ in 0..4 {
        let _ = player.intent(Intent::NextStep);
        if player.lesson().step == 1 {
            break;
        }
    }
    assert_eq!(run(&player), run(&untouched));
    assert_eq!(branches(&player).len(), 2);
}

#[test]
fn scrubbing_back_and_going_on_makes_no_branch() {
    let mut player = player();
    player.intent(Intent::GoToStep(2)).unwrap();
    let last = run(&player);
    player.intent(Intent::Seek(At::Start)).unwrap();
    assert_eq!(player.lesson().step, 0);
    player.intent(Intent::GoToStep(2)).unwrap();
    player.intent(Intent::Seek(At::Start)).unwrap();
    for _ in 0..12 {
        player.intent(Intent::NextStep).unwrap();
        if player.lesson().step == 2 {
            break;
        }
    }
    assert_eq!(run(&player), last);
    assert_eq!(branches(&player).len(), 1);
}

#[test]
fn an_answer_that_is_nothing_may_be_offered_as_kafka_writes_it() {
    let mut broken = (*lesson()).clone();
    let ask = broken.steps[1].ask.as_mut().unwrap();
    ask.actions = ["crash broker 1", "crash broker 2", "crash broker 3"]
        .map(|a| a.parse::<Action>().unwrap())
        .to_vec();
    ask.reveal = "orders-0.leader == none".into();
    ask.value = "orders-0.leader".into();
    ask.choices = vec![("-1".into(), String::new()), ("1".into(), String::new())];
    let mut player = Player::new(Arc::new(broken), PlayerOptions::default()).unwrap();
    player.intent(Intent::GoToStep(1)).unwrap();
    end(&mut player);
    player.intent(Intent::Answer(0)).unwrap();
    player.intent(Intent::Reveal).unwrap();
    end(&mut player);
    let ask = player.lesson().ask.unwrap();
    assert_eq!((ask.revealed.as_deref(), ask.right), (Some("-1"), Some(true)));
}

fn opened(token: String) -> Player {
    let options = PlayerOptions { run: Some(token), ..PlayerOptions::default() };
    Player::new(lesson(), options).unwrap()
}

#[test]
fn a_link_to_what_was_tried_leads_to_a_branch_beside_the_lesson() {
    let mut untouched = player();
    let mut whole = vec![run(&untouched)];
    for _ in 0..20 {
        end(&mut untouched);
        let _ = untouched.intent(Intent::NextStep);
        whole.push(run(&untouched));
    }

    let mut reader = player();
    reader.intent(Intent::GoToStep(1)).unwrap();
    act(&mut reader, "crash broker 3");
    reader.intent(Intent::Event(3)).unwrap();
    act(&mut reader, "crash broker 2");
    reader.intent(Intent::Event(4)).unwrap();
    let mut other = opened(reader.token());
    assert_eq!(run(&other), run(&reader));
    assert_eq!(branches(&other), branches(&reader));
    assert_eq!(other.token(), reader.token());
    other.intent(Intent::PreviousStep).unwrap();
    assert_eq!(run(&other), whole[0]);
    assert_eq!(branches(&other).len(), 2, "what was tried stays");
    for _ in 0..20 {
        end(&mut other);
        let _ = other.intent(Intent::NextStep);
    }
    assert_eq!(Some(&run(&other)), whole.last());
}

/// The reader shares at every event of the lesson, and before and after each answer.
#[test]
fn a_link_within_the_lesson_goes_on_as_the_lesson() {
    let mut reader = player();
    for round in 0..30 {
        let mut other = opened(reader.token());
        assert_eq!(run(&other), run(&reader), "round {round}");
        assert_eq!(other.token(), reader.token(), "round {round}");
        assert_eq!(branches(&other).len(), 1);
        if reader.lesson().step > 0 {
            other.intent(Intent::PreviousStep).unwrap();
            assert_eq!(other.lesson().step, reader.lesson().step - 1, "round {round}");
            assert_eq!(branches(&other).len(), 1);
        }
        if reader.intent(Intent::Event(1)).is_err() || reader.lesson().done {
            let _ = reader.intent(Intent::NextStep);
        }
    }
    assert!(reader.lesson().step > 0);
}

#[test]
fn a_link_keeps_its_seed_when_the_lesson_is_begun_again() {
    let options = PlayerOptions { seed: Some(9), ..PlayerOptions::default() };
    let reader = Player::new(lesson(), options).unwrap();
    let mut other = opened(reader.token());
    other.intent(Intent::Reset).unwrap();
    assert_eq!(run(&other), run(&reader));
}
