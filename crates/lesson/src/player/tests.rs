use super::*;
use crate::{Question as Asked, Step, Task};
use highwater_cluster::Workload;
use highwater_sim::{Action, BrokerSpec, ProducerSpec, Scenario, TopicSpec};

fn action(text: &str) -> Action {
    text.parse().unwrap_or_else(|e| panic!("{e}"))
}

/// Three brokers, one partition on all of them, a producer every `every_ms`.
pub(super) fn scenario(every_ms: u64) -> Scenario {
    Scenario {
        id: "test".into(),
        seed: 1,
        brokers: (1..=3).map(|id| BrokerSpec { id, rack: None }).collect(),
        topics: vec![TopicSpec {
            name: "orders".into(),
            partitions: -1,
            replication_factor: -1,
            assignments: vec![vec![1, 2, 3]],
            configs: vec![("min.insync.replicas".into(), "2".into())],
        }],
        producers: vec![ProducerSpec {
            workload: Workload {
                topic: Some("orders".into()),
                every_us: every_ms * 1000,
                keys: vec!["A".into()],
                value_size: 10,
                ..Workload::default()
            },
            ..ProducerSpec::default()
        }],
        ..Scenario::default()
    }
}

#[test]
fn a_run_is_shown_from_the_moment_its_beginning_holds_and_the_past_is_there() {
    let lesson =
        Lesson { scenario: scenario(100), begin: "orders-0.hw >= 3".into(), ..Lesson::default() };
    let mut player = Player::new(Arc::new(lesson.clone()), PlayerOptions::default()).unwrap();
    let committed = |player: &Player, n| {
        let mut rule = super::rule::Rule::new(&format!("orders-0.hw >= {n}"), 0).unwrap();
        rule.note_action(player.timeline.world());
        rule.holds(player.timeline.world())
    };
    let begin = player.position().event;
    assert!(begin > 0);
    assert!(committed(&player, 3));
    player.intent(Intent::Event(-1)).unwrap();
    assert!(
        !committed(&player, 3),
        "it is the first event at which it holds, and what was before is on the timeline"
    );
    player.intent(Intent::Reset).unwrap();
    assert_eq!(player.position().event, begin);

    let never = Lesson { begin: "orders-0.hw >= 3 and orders-0.hw < 3".into(), ..lesson };
    let error = Player::new(Arc::new(never), PlayerOptions::default()).err().unwrap();
    assert!(error.message.starts_with("begin: "), "{}", error.message);
}

fn plain(every_ms: u64) -> Player {
    let lesson = Lesson { scenario: scenario(every_ms), ..Lesson::default() };
    Player::new(Arc::new(lesson), PlayerOptions::default()).unwrap()
}

pub(super) fn lesson() -> Arc<Lesson> {
    let step = |id: &str, actions: &[&str], until: &str| Step {
        id: id.into(),
        title: id.into(),
        actions: actions.iter().map(|a| action(a)).collect(),
        until: until.into(),
        ..Step::default()
    };
    let asks = Step {
        ask: Some(Asked {
            text: "Which?".into(),
            value: "orders-0.hw".into(),
            actions: vec![action("produce p1 key=B")],
            reveal: "orders-0.hw >= 2".into(),
            choices: vec![("1".into(), String::new()), ("2".into(), String::new())],
            why: Vec::new(),
        }),
        ..step("asks", &[], "orders-0.hw >= 1")
    };
    Arc::new(Lesson {
        scenario: scenario(0),
        steps: vec![
            step("write", &["produce p1 key=A"], "orders-0.leo >= 1"),
            asks,
            step("free", &[], ""),
        ],
        tasks: vec![Task { text: "Crash".into(), done: "event Crashed".into() }],
        ..Lesson::default()
    })
}

pub(super) fn player() -> Player {
    Player::new(lesson(), PlayerOptions::default()).unwrap()
}

/// Plays by frames of 16 ms until this much screen time has passed.
pub(super) fn play(player: &mut Player, screen_ms: u64) {
    player.intent(Intent::Play).unwrap();
    let begin = player.last_frame_ms.unwrap_or(0);
    for now in (begin..=begin + screen_ms).step_by(16) {
        player.frame(now);
    }
}

#[test]
fn a_hidden_tab_or_a_pause_never_makes_the_run_jump() {
    let mut player = plain(500);
    play(&mut player, 3_000);
    let before = player.position();
    assert_ne!(player.frame(10_000_000), FrameChange::None);
    let after = player.position().screen_ms - before.screen_ms;
    assert!(after <= FRAME_MS_MAX + 1, "{after} ms");
    player.intent(Intent::Pause).unwrap();
    assert_eq!(player.frame(20_000_000), FrameChange::None);
    player.intent(Intent::Play).unwrap();
    player.frame(30_000_000);
    assert!(player.position().screen_ms - before.screen_ms <= 2 * FRAME_MS_MAX + 2);
}

#[test]
fn messages_that_matter_fly_half_a_second_or_more_and_alone_no_longer_than_1200_ms() {
    let mut player = plain(2_000);
    player.course.know(2_000);
    let axis = &player.course.axis;
    let mut flights: SortedMap<u64, u64> = SortedMap::new();
    let (mut shown, mut quick) = (0, 0);
    let mut busy_until = 0;
    for event in 0..1_500 {
        player.timeline.seek(event);
        let now: Vec<u64> = player.timeline.world().flights().iter().map(|f| f.id).collect();
        flights.retain(|id, begun| {
            let flies = now.contains(id);
            if !flies {
                let ms = (axis.at_us(event) - *begun) / 1000;
                shown += 1;
                assert!(ms >= 500, "message {id} flies {ms} ms");
                quick += u64::from(ms <= 1_200);
                busy_until = event;
            }
            flies
        });
        for id in now {
            flights.entry(id).or_insert(axis.at_us(event));
        }
    }
    assert!(shown > 100, "{shown} flights seen");
    // Where much happens during one flight, it is slowed so that the eye can follow.
    assert!(quick * 10 >= shown * 9, "{quick} of {shown} flights are within 1200 ms");
}

#[test]
fn quiet_spans_take_at_most_800_ms_and_say_so() {
    let mut player = plain(20_000);
    player.course.know(3_000);
    let axis = &player.course.axis;
    let mut reported = 0;
    for (run, length) in axis.quiet_runs() {
        let ms = (axis.at_us(run.last) - axis.at_us(run.first)) / 1000;
        assert!(ms <= 800, "{ms} ms for {length:?}");
        reported += 1;
    }
    assert!(reported > 2);
    let longest = axis.quiet_runs().map(|(_, length)| length.0).max().unwrap();
    assert!(longest > 15_000_000, "nothing is seen between two records: {longest} us");
}

#[test]
fn visible_changes_are_80_ms_apart() {
    let mut player = plain(100);
    player.course.know(2_000);
    let axis = &player.course.axis;
    for pair in axis.moments().windows(2) {
        assert!(axis.at_us(pair[1]) - axis.at_us(pair[0]) >= 80_000, "{pair:?}");
    }
    assert!(axis.moments().len() > 200);
}

#[test]
fn what_is_not_yet_seen_is_not_past() {
    let mut player = plain(500);
    play(&mut player, 5_000);
    let event = player.position().event;
    assert!(player.course.axis.last() > event, "the player looks ahead");
    player.intent(Intent::ActText("crash broker 3".into())).unwrap();
    assert_eq!(player.position().branch, 0, "acting on what is shown makes no branch");
    assert_eq!(player.position().event, event);
    play(&mut player, 2_000);
    player.intent(Intent::Event(-20)).unwrap();
    player.intent(Intent::ActText("crash broker 2".into())).unwrap();
    assert_eq!(player.position().branch, 1, "acting in the past makes one");
    player.intent(Intent::SwitchBranch(0)).unwrap();
    assert_eq!(player.position().branch, 0);
    let hash = player.timeline.world().trace_hash();
    play(&mut player, 500);
    player.intent(Intent::SwitchBranch(1)).unwrap();
    play(&mut player, 500);
    assert_ne!(player.timeline.world().trace_hash(), hash);
    assert!(player.intent(Intent::SwitchBranch(9)).unwrap_err().message.contains("from 0"));
}

#[test]
fn the_same_places_by_every_word() {
    let mut player = plain(500);
    for at in ["event:120", "moment:12", "12.5s", "marker:hw-moves", "0"] {
        player.intent(Intent::Seek(at.parse().unwrap())).unwrap();
        let (event, hash) = (player.position().event, player.timeline.world().trace_hash());
        player.intent(Intent::Seek(At::Event(200))).unwrap();
        player.intent(Intent::Seek(at.parse().unwrap())).unwrap();
        assert_eq!(
            (player.position().event, player.timeline.world().trace_hash()),
            (event, hash),
            "{at}"
        );
    }
    player.intent(Intent::Seek(At::Moment(12))).unwrap();
    assert_eq!(player.position().moment, 12);
    player.intent(Intent::Moment(1)).unwrap();
    player.intent(Intent::Moment(-1)).unwrap();
    player.intent(Intent::Moment(-2)).unwrap();
    assert_eq!(player.position().moment, 10);
    player.intent(Intent::Moment(-100)).unwrap();
    assert_eq!(player.position().event, 0);
    player.intent(Intent::Marker(3)).unwrap();
    let third = player.position().event;
    player.intent(Intent::Marker(-1)).unwrap();
    player.intent(Intent::Marker(1)).unwrap();
    assert_eq!(player.position().event, third);
    for wrong in ["step:1", "marker:nothing", "event:99999999"] {
        let error = player.intent(Intent::Seek(wrong.parse().unwrap())).unwrap_err();
        assert!(!error.message.is_empty());
        assert_eq!(player.position().event, third, "{wrong} changes nothing");
    }
}

#[test]
fn a_place_on_the_screen_is_found_again() {
    let mut player = plain(500);
    play(&mut player, 6_000);
    let at = player.position();
    player.intent(Intent::SeekScreen(at.screen_ms / 2)).unwrap();
    assert!(player.position().screen_ms.abs_diff(at.screen_ms / 2) <= 1);
    player.intent(Intent::SeekScreen(at.screen_ms)).unwrap();
    assert_eq!(player.position().event, at.event);
    assert!(player.position().interval_position.abs_diff(at.interval_position) <= 20);
    player.intent(Intent::ReplaySlow).unwrap();
    assert!(player.position().playing);
    let mut now = player.last_frame_ms.unwrap();
    while player.position().playing {
        now += 16;
        player.frame(now);
    }
    assert!(player.position().screen_ms.abs_diff(at.screen_ms) <= 20, "it stops where it began");
}

#[test]
fn linear_and_speed_change_the_clock_and_not_the_run() {
    let mut player = plain(500);
    player.intent(Intent::Seek(At::Event(300))).unwrap();
    let (time, hash) = (player.position().time, player.timeline.world().trace_hash());
    player.intent(Intent::Linear(true)).unwrap();
    assert_eq!((player.position().time, player.timeline.world().trace_hash()), (time, hash));
    assert_eq!(player.course.axis.at_us(300), time.0 - player.timeline.world().start().0);
    player.intent(Intent::Speed(16)).unwrap();
    let before = player.position();
    play(&mut player, 1_000);
    let passed = player.position().screen_ms - before.screen_ms;
    assert!((1_900..=2_050).contains(&passed), "twice as fast: {passed}");
    assert_eq!(player.position().gauge_ns, 2_000_000_000);
}

#[test]
fn question_vote_and_reveal_are_separate_beats() {
    let mut player = player();
    assert_eq!((player.lesson().step, player.lesson().done), (0, false));
    let mut beats = vec![player.lesson().beat];
    let mut phases = Vec::new();
    for _ in 0..12 {
        player.intent(Intent::NextStep).unwrap();
        let state = player.lesson();
        phases.extend(state.ask.map(|a| a.phase));
        beats.push(state.beat);
        if state.free {
            break;
        }
    }
    phases.dedup();
    assert_eq!(phases, [AskPhase::Open, AskPhase::Voted, AskPhase::Revealing, AskPhase::Revealed]);
    beats.dedup();
    assert_eq!(beats, [1, 2, 3, 4, 5]);
    assert_eq!(player.lesson().beats, 5);
}

#[test]
fn the_answer_is_computed_beforehand_and_hidden() {
    let mut player = player();
    player.intent(Intent::GoToStep(1)).unwrap();
    player.intent(Intent::NextStep).unwrap();
    player.intent(Intent::NextStep).unwrap();
    assert!(player.lesson().ask.is_some());
    assert_eq!(player.steps.here().unwrap().answer.as_deref(), Some("2"));
    assert_eq!(player.lesson().ask.unwrap().revealed, None);
    player.intent(Intent::Answer(0)).unwrap();
    player.intent(Intent::Reveal).unwrap();
    player.intent(Intent::NextStep).unwrap();
    let ask = player.lesson().ask.unwrap();
    assert_eq!((ask.revealed.as_deref(), ask.right), (Some("2"), Some(false)));
    // The run has come to what was computed.
    assert_eq!(player.query("orders-0.hw").as_deref(), Ok("2"));
}

#[test]
fn tasks_tick_in_free_play() {
    let mut player = player();
    player.intent(Intent::GoToStep(2)).unwrap();
    assert_eq!(player.lesson().tasks, [("Crash".to_owned(), false)]);
    player.intent(Intent::ActText("crash broker 2".into())).unwrap();
    assert_eq!(player.lesson().tasks, [("Crash".to_owned(), true)]);
}

#[test]
fn a_step_that_never_ends_says_so() {
    let mut broken = (*lesson()).clone();
    broken.steps[0].until = "orders-0.leo >= 5".into();
    let mut player = Player::new(Arc::new(broken), PlayerOptions::default()).unwrap();
    player.intent(Intent::Play).unwrap();
    let error = player.intent(Intent::NextStep).unwrap_err();
    assert!(error.message.contains("orders-0.leo >= 5"), "{error}");
    assert!(player.lesson().stuck.is_some());
    assert!(!player.position().playing);
}

#[test]
fn a_token_brings_the_same_moment_back() {
    let mut player = player();
    player.intent(Intent::GoToStep(1)).unwrap();
    player.intent(Intent::ActText("pause broker 3".into())).unwrap();
    player.intent(Intent::Event(5)).unwrap();
    let (token, hash) = (player.token(), player.timeline.world().trace_hash());
    let options = PlayerOptions { run: Some(token.clone()), ..PlayerOptions::default() };
    let again = Player::new(lesson(), options).unwrap();
    assert_eq!(again.timeline.world().trace_hash(), hash);
    assert_eq!((again.lesson().step, again.position().event), (1, player.position().event));
    // What was tried is a branch; who opens its link has it as their first run.
    let branchless = |token: &str| {
        let share = highwater_sim::Share::decode(token.split_once('.').unwrap().0).unwrap();
        (share.seed, share.position, share.inputs)
    };
    assert_eq!(branchless(&again.token()), branchless(&token));
    for wrong in ["", "x", "!!", &token[..token.len() / 2], &format!("{token}x")] {
        let options = PlayerOptions { run: Some(wrong.to_owned()), ..PlayerOptions::default() };
        assert!(Player::new(lesson(), options).is_err(), "{wrong}");
    }
    // Going back from the middle plays the lesson up to there.
    let mut again = again;
    again.intent(Intent::PreviousStep).unwrap();
    assert_eq!((again.lesson().step, again.position().event), (0, 0));
}

#[test]
fn refused_intents_change_nothing() {
    let mut player = player();
    let (hash, token) = (player.timeline.world().trace_hash(), player.token());
    for intent in [
        Intent::ActText("restart broker 1".into()),
        Intent::ActText("explode".into()),
        Intent::GoToStep(7),
        Intent::Answer(0),
        Intent::Reveal,
    ] {
        assert!(player.intent(intent.clone()).is_err(), "{intent:?}");
    }
    assert_eq!((player.timeline.world().trace_hash(), player.token()), (hash, token));
    let options =
        PlayerOptions { settings: vec![("ack".into(), "1".into())], ..PlayerOptions::default() };
    let error = Player::new(lesson(), options).err().unwrap();
    assert!(error.message.contains("acks"), "{error}");
}

#[test]
fn the_strip_follows_the_partition() {
    let mut player = plain(500);
    player.intent(Intent::Seek("5s".parse().unwrap())).unwrap();
    let strip = player.strip();
    assert_eq!(strip.partition, "orders-0");
    assert!(strip.samples.len() > 10 && strip.markers.len() > 5 && !strip.quiet.is_empty());
    assert!(strip.samples.windows(2).all(|w| w[0].screen_ms <= w[1].screen_ms));
    let last = strip.samples.last().unwrap();
    let view = player.view();
    let leader = &view.topics[0].partitions[0].logs[0];
    assert_eq!(
        (last.log_end_offset, last.high_watermark),
        (leader.log_end_offset, leader.high_watermark)
    );
    assert!(strip.samples.iter().all(|s| s.high_watermark <= s.log_end_offset));
    assert!(!strip.scheduled.is_empty());
}
