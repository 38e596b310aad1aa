//! What the run goes over again, and what a jump goes past.

use super::tests::{lesson, play, player};
use super::trials::{act, branches, end, run};
use super::*;
use crate::Step;

/// Plays until the clock stops by itself.
fn play_on(player: &mut Player) {
    for _ in 0..100 {
        play(player, 1_000);
        if !player.position().playing {
            return;
        }
    }
    panic!("it does not stop");
}

#[test]
fn a_jump_stops_where_a_question_opens() {
    let mut reader = player();
    reader.intent(Intent::GoToStep(1)).unwrap();
    let begin = run(&reader);
    end(&mut reader);
    let asked = run(&reader);
    assert!(asked.1 > begin.1);
    let places = [
        At::Event(asked.1 + 50),
        At::Time(Time::from_ms(60_000)),
        At::Marker("isr-changes".into()),
    ];
    for at in places {
        let mut reader = player();
        reader.intent(Intent::GoToStep(1)).unwrap();
        let _ = reader.intent(Intent::Seek(at.clone()));
        assert!(reader.position().event <= asked.1, "{at:?}");
    }
}

#[test]
fn a_jump_from_an_earlier_step_stops_at_the_question_that_is_open() {
    let mut reader = player();
    reader.intent(Intent::GoToStep(1)).unwrap();
    end(&mut reader);
    let asked = run(&reader);
    reader.intent(Intent::NextStep).unwrap();
    reader.intent(Intent::Seek(At::Event(1))).unwrap();
    assert_eq!(reader.lesson().step, 0);
    reader.intent(Intent::Seek(At::Event(asked.1 + 1))).unwrap();
    assert_eq!(run(&reader), asked);
}

#[test]
fn a_question_that_opens_as_its_step_begins_is_not_played_past() {
    let mut asking = (*lesson()).clone();
    asking.steps[1].until = String::new();
    let mut reader = Player::new(Arc::new(asking), PlayerOptions::default()).unwrap();
    reader.intent(Intent::GoToStep(1)).unwrap();
    let asked = run(&reader);
    reader.intent(Intent::Seek(At::Start)).unwrap();
    play_on(&mut reader);
    assert_eq!((reader.lesson().step, reader.position().event), (0, asked.1), "its end is seen");
    assert!(reader.intent(Intent::Play).is_err());
    assert_eq!(run(&reader), asked);
}

#[test]
fn a_step_that_is_played_again_ends_where_it_ended() {
    let mut reader = player();
    end(&mut reader);
    let first = run(&reader);
    reader.intent(Intent::NextStep).unwrap();
    end(&mut reader);
    let asked = run(&reader);
    reader.intent(Intent::Seek(At::Start)).unwrap();
    play_on(&mut reader);
    assert_eq!(run(&reader).1, first.1);
    play_on(&mut reader);
    assert_eq!(run(&reader), asked);
    assert_eq!(reader.lesson().ask.unwrap().phase, AskPhase::Open);
    assert!(reader.intent(Intent::Play).is_err(), "the question is open");

    reader.intent(Intent::Reveal).unwrap();
    end(&mut reader);
    let revealed = run(&reader);
    reader.intent(Intent::Seek(At::Start)).unwrap();
    play_on(&mut reader);
    play_on(&mut reader);
    assert_eq!(run(&reader), revealed);
    assert_eq!(branches(&reader).len(), 1);
}

#[test]
fn what_happens_again_counts_once() {
    let mut counting = (*lesson()).clone();
    counting.scenario = super::tests::scenario(400);
    let until = "event BatchAppended where node=b1 >= 4".into();
    counting.steps[0] = Step { actions: vec![], until, ..counting.steps[0].clone() };
    let counting = Arc::new(counting);
    let player = || Player::new(counting.clone(), PlayerOptions::default()).unwrap();
    let mut straight = player();
    end(&mut straight);

    let mut reader = player();
    let half = straight.position().event / 2 + 5;
    for _ in 0..5 {
        reader.intent(Intent::Seek(At::Event(half))).unwrap();
        reader.intent(Intent::Seek(At::Start)).unwrap();
        play(&mut reader, 2_000);
    }
    end(&mut reader);
    assert_eq!(run(&reader), run(&straight));

    // What was seen after the event at which somebody acts has not happened there.
    let mut reader = player();
    reader.intent(Intent::Seek(At::Event(half))).unwrap();
    reader.intent(Intent::Seek(At::Start)).unwrap();
    act(&mut reader, "pause broker 3");
    end(&mut reader);
    let appended = reader.trace_window(0, reader.position().event).into_iter().filter(|r| {
        r.node == highwater_cluster::NodeId::Broker(1)
            && r.event().is_some_and(|e| e.name() == "BatchAppended")
    });
    assert_eq!(appended.count(), 4);
}

#[test]
fn who_watched_on_and_came_back_goes_on_in_the_same_run() {
    let mut untouched = player();
    end(&mut untouched);
    let first = run(&untouched);
    untouched.intent(Intent::NextStep).unwrap();

    let mut reader = player();
    end(&mut reader);
    reader.intent(Intent::Event(40)).unwrap();
    reader.intent(Intent::Seek(At::Event(first.1))).unwrap();
    reader.intent(Intent::NextStep).unwrap();
    assert_eq!(run(&reader), run(&untouched));
    assert_eq!((branches(&reader).len(), reader.lesson().goes_on_from), (1, None));
}

#[test]
fn what_comes_before_the_first_step_belongs_to_it() {
    let mut late = (*lesson()).clone();
    late.scenario = super::tests::scenario(400);
    late.begin = "orders-0.hw >= 1".into();
    late.steps[1].until = "orders-0.hw >= 2".into();
    let mut reader = Player::new(Arc::new(late), PlayerOptions::default()).unwrap();
    reader.intent(Intent::GoToStep(1)).unwrap();
    reader.intent(Intent::Seek(At::Start)).unwrap();
    assert_eq!(reader.lesson().step, 0);
}
