use super::*;
use crate::world::tests::busy_scenario;

fn timeline() -> Timeline {
    Timeline::new(&busy_scenario(), 1).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn seeking_gives_what_running_gave() {
    let mut t = timeline();
    let mut hashes = vec![t.world().trace_hash()];
    let mut views = vec![t.view()];
    for n in 1..=700 {
        t.step();
        if n % 50 == 0 && n < 400 {
            let action = [
                "crash broker 1",
                "restart broker 1",
                "produce p1 x3",
                "cut 1>2",
                "heal 1-2",
                "pause c1",
                "resume c1",
            ];
            t.apply(&action[usize::try_from(n / 50 - 1).unwrap()].parse().unwrap()).unwrap();
        }
        hashes.push(t.world().trace_hash());
        views.push(t.view());
    }
    for event in [0u64, 1, 49, 50, 51, 63, 64, 65, 128, 200, 333, 350, 699, 700, 10, 640] {
        assert_eq!(t.seek(event), event);
        let n = usize::try_from(event).unwrap();
        assert_eq!(t.world().trace_hash(), hashes[n], "hash at {event}");
        assert_eq!(t.view(), views[n], "view at {event}");
    }
    t.seek(300);
    for event in (280..300u64).rev() {
        assert!(t.step_back());
        assert_eq!(t.world().trace_hash(), hashes[usize::try_from(event).unwrap()]);
    }
    assert_eq!(t.branches().len(), 1, "looking back makes no branch");
    assert_eq!(t.furthest(), 700);
}

#[test]
fn acting_in_the_past_makes_a_branch_and_leaves_the_other() {
    let mut t = timeline();
    t.seek(600);
    let end = t.world().trace_hash();
    t.seek(300);
    let at_fork = t.now();
    t.apply(&"crash broker 2".parse().unwrap()).unwrap();
    assert_eq!((t.current_branch(), t.furthest()), (1, 300));
    t.seek(500);
    let other = t.world().trace_hash();
    let info = &t.branches()[1];
    assert_eq!(info.parent, Some((0, 300)));
    assert!(info.label.contains("crash broker 2"), "{}", info.label);
    assert!(t.switch_branch(0));
    t.seek(600);
    assert_eq!(t.world().trace_hash(), end);
    assert!(t.switch_branch(1));
    t.seek(500);
    assert_eq!(t.world().trace_hash(), other);
    t.seek(200);
    t.seek(500);
    assert_eq!(t.world().trace_hash(), other, "gone over again from before the fork");
    assert!(!t.switch_branch(7));
    let text = t.compare(0, 1).unwrap();
    assert!(text.contains("event 300") && text.contains("broker 2 crashes"), "{text}");
    assert!(text.contains("\"first run\"") && !text.contains("branch"), "{text}");
    assert!(t.compare(0, 9).unwrap_err().contains("0 to 1"));
    assert!(t.records(250, 350).iter().any(|r| r.time <= at_fork && r.event < 300));
    // A branch of a branch.
    t.seek(400);
    t.apply(&"restart broker 2".parse().unwrap()).unwrap();
    assert_eq!(t.branches()[2].parent, Some((1, 400)));
    assert!(
        t.records(0, 400)
            .iter()
            .any(|r| matches!(r.event(), Some(highwater_cluster::TraceEvent::Crashed { .. })))
    );
}

#[test]
fn a_refused_action_changes_nothing() {
    let mut t = timeline();
    t.seek(100);
    t.seek(50);
    let hash = t.world().trace_hash();
    assert!(t.apply(&"restart broker 1".parse().unwrap()).is_err());
    assert_eq!((t.branches().len(), t.world().trace_hash()), (1, hash));
}

#[test]
fn moments_and_markers_can_be_gone_through_both_ways() {
    let mut t = timeline();
    let mut forward = Vec::new();
    for _ in 0..30 {
        forward.push(t.next_moment().unwrap());
    }
    let mut back = vec![*forward.last().unwrap()];
    while let Some(event) = t.previous_moment() {
        back.push(event);
        if event == 0 {
            break;
        }
    }
    assert_eq!(back.pop(), Some(0));
    back.reverse();
    assert_eq!(back, forward);
    let first = t.next_marker(Some("hw-moves")).unwrap();
    let second = t.next_marker(Some("hw-moves")).unwrap();
    assert!(first < second);
    assert_eq!(t.previous_marker(Some("hw-moves")), Some(first));
    assert_eq!(t.next_marker(Some("lost-record")), None);
    assert_eq!(t.event(), first, "a search without success does not move");
}

#[test]
fn inputs_at_the_very_beginning_are_replayed() {
    let mut t = timeline();
    t.apply(&"crash broker 3".parse().unwrap()).unwrap();
    t.seek(200);
    let hash = t.world().trace_hash();
    t.seek(0);
    assert_eq!(
        t.world().node(highwater_cluster::NodeId::Broker(3)).unwrap().state,
        crate::ProcessState::Crashed
    );
    t.seek(200);
    assert_eq!(t.world().trace_hash(), hash);
}

#[test]
fn keyframes_thin_out_with_age() {
    let mut t = timeline();
    t.seek(20_000);
    assert!(t.branches[0].frame_count() < 200, "{}", t.branches[0].frame_count());
    assert!(t.branches[0].frame_count() > 40);
    t.seek_time(Time::from_ms(3_000));
    assert!(
        t.now() <= Time::from_ms(3_000)
            && t.world().next_event_at().unwrap() > Time::from_ms(3_000)
    );
}

#[test]
fn rewinding_forgets_and_goes_on_as_before() {
    let mut t = timeline();
    t.seek(100);
    t.apply(&"crash broker 2".parse().unwrap()).unwrap();
    let place = t.place();
    let state = place.world.clone();
    t.seek(300);
    let hash = t.world().trace_hash();
    t.apply(&"restart broker 2".parse().unwrap()).unwrap();
    t.seek(400);
    t.rewind(&place);
    assert_eq!((t.event(), t.furthest(), t.inputs().len()), (100, 100, 1));
    assert_eq!(t.world().trace_hash(), state.trace_hash());
    t.seek(300);
    assert_eq!(t.world().trace_hash(), hash, "the same events come again");
    t.seek(50);
    t.seek(100);
    assert_eq!(t.world().trace_hash(), state.trace_hash());
    // Another branch left after the place: it keeps what both had.
    t.seek(300);
    t.seek(200);
    t.apply(&"restart broker 2".parse().unwrap()).unwrap();
    t.seek(260);
    let other: Vec<_> = t.records(0, 260).into_iter().cloned().collect();
    assert!(t.switch_branch(0));
    t.rewind(&place);
    assert_eq!((t.current_branch(), t.furthest(), t.branches().len()), (0, 100, 2));
    // What is done anew at the place is not the other branch's.
    t.apply(&"crash broker 3".parse().unwrap()).unwrap();
    t.seek(300);
    assert_ne!(t.world().trace_hash(), hash);
    assert!(t.switch_branch(1));
    t.seek(260);
    assert_eq!(t.records(0, 260).into_iter().cloned().collect::<Vec<_>>(), other);
    assert!(t.switch_branch(0));
    t.rewind(&place);
    t.seek(300);
    assert_eq!(t.world().trace_hash(), hash);
}

#[test]
fn an_act_apart_leaves_the_branch_as_it_is() {
    let mut t = timeline();
    t.seek(100);
    t.apply_apart(&"crash broker 2".parse().unwrap()).unwrap();
    assert_eq!((t.current_branch(), t.branches().len()), (1, 2));
    assert_eq!(t.branches()[1].parent, Some((0, 100)));
    t.seek(150);
    assert!(t.switch_branch(0));
    assert_eq!((t.event(), t.inputs().len()), (100, 0));
    assert!(t.records(0, 100).iter().all(|r| !r.by_input));
}
