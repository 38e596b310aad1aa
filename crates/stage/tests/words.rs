//! The stage in words, and the strip below it.

mod pictures;
mod views;

use highwater_cluster::{KafkaError, NodeId, TraceEvent};
use highwater_scene::*;
use highwater_sim::{TraceKind, TraceRecord, WorldView};
use highwater_stage::{StageOptions, narration, outline, timeline_strip};
use views::{ms, story, tp};

fn record(node: NodeId, event: TraceEvent) -> TraceRecord {
    TraceRecord { event: 1, by_input: false, time: ms(1), node, what: TraceKind::Event(event) }
}

const B1: NodeId = NodeId::Broker(1);

#[test]
fn a_step_is_told_with_its_cause_and_its_numbers() {
    let fetched = record(
        B1,
        TraceEvent::FollowerStateUpdated { tp: tp(1, 0), follower: 2, log_end_offset: 11 },
    );
    let moved = record(
        B1,
        TraceEvent::HighWatermarkMoved { tp: tp(1, 0), from: 9, to: 11, as_leader: true },
    );
    assert_eq!(
        narration(&story(), &[fetched.clone(), moved]),
        "Broker 2 has everything below 11: the high watermark of orders-0 goes from 9 to 11"
    );
    assert_eq!(
        narration(&story(), &[fetched]),
        "Broker 1 learns that broker 2 has orders-0 below 11"
    );
    let acked = TraceEvent::Acknowledged { tp: tp(1, 0), base_offset: 9, count: 2, acks: -1 };
    assert_eq!(
        narration(&story(), &[record(NodeId::Producer(1), acked)]),
        "p1: 9–10 of orders-0 acknowledged, acks=all"
    );
    assert_eq!(narration(&story(), &[]), "");
}

#[test]
fn the_loss_of_a_record_outranks_all_else_of_its_step() {
    let lost = TraceEvent::AcknowledgedRecordLost {
        tp: tp(1, 0),
        offset: 9,
        acks: 1,
        acknowledged_at: ms(5),
    };
    let cut = TraceEvent::LogTruncated { tp: tp(1, 0), from: 11, to: 9 };
    let line = narration(&story(), &[record(B1, cut), record(B1, lost)]);
    assert_eq!(line, "Acknowledged record 9 of orders-0 is lost");
}

#[test]
fn every_event_has_a_line_or_none_and_never_a_debug_form() {
    let all = [
        TraceEvent::Crashed { power_loss: true },
        TraceEvent::IsrChanged {
            tp: tp(1, 0),
            from: vec![1, 2, 3],
            to: vec![1, 2],
            partition_epoch: 4,
        },
        TraceEvent::LeaderElected { tp: tp(1, 0), leader: 2, epoch: 4, unclean: true },
        TraceEvent::LinkChanged {
            from: B1,
            to: NodeId::Broker(3),
            cut: false,
            latency_us: 6_000_000,
        },
        TraceEvent::BrokerFenced { broker: 1 },
        TraceEvent::AdminRefused {
            what: "create topic orders".into(),
            error: KafkaError::TopicAlreadyExists,
            message: "Topic 'orders' already exists.".into(),
        },
        TraceEvent::ElectionAnswered {
            tp: tp(1, 0),
            error: Some(KafkaError::PreferredLeaderNotAvailable),
        },
        TraceEvent::MessageDropped { message: 85, reason: "no such process".into() },
    ];
    let expected = [
        "Broker 1 loses power and its page cache",
        "The ISR of orders-0 is {1, 2}, was {1, 2, 3}",
        "Broker 2 is elected leader of orders-0 in epoch 4 (unclean)",
        "The link from broker 1 to broker 3 takes 6.0 s",
        "The controller fences broker 1: no heartbeat",
        "Create topic orders is refused: TOPIC_ALREADY_EXISTS, Topic 'orders' already exists.",
        "No election for orders-0: PREFERRED_LEADER_NOT_AVAILABLE",
        "Broker 1 is down: message 85 is lost",
    ];
    for (event, line) in all.into_iter().zip(expected) {
        assert_eq!(narration(&story(), &[record(B1, event)]), line);
    }
}

#[test]
fn the_outline_says_everything_that_is_drawn() {
    let lines = outline(&story());
    let has = |text: &str| lines.iter().any(|l| l.text.contains(text));
    for text in [
        "At 20.057 s, event 212",
        "3 brokers",
        "broker 2, rack b: running",
        "orders-0: leader broker 1 in epoch 3, ISR {1, 2} of replicas {1, 2, 3}",
        "broker 2, follower: log start 0, high watermark 7, log end 11",
        "knows broker 3 to have everything below 5",
        "follower, out of the ISR: not caught up for 12.0 s, replica.lag.time.max.ms is 10 s",
        "at broker 1: a produce of p1 waits for high watermark 11",
        "broker 2 asks broker 1 for orders-0 from 11, lands at 20.058 s",
        "(slow link: 6 s)",
        "c1 of group billing: fetching; owns orders-0 at position 7, committed 5",
        "Group billing: Stable, generation 3, coordinator broker 2",
    ] {
        assert!(has(text), "missing: {text}\n{lines:#?}");
    }
    assert!(lines.iter().all(|l| (1..=3).contains(&l.level)));
    assert_eq!(outline(&WorldView::default())[0].level, 1);
}

#[test]
fn the_strip_is_legible_at_any_width_and_hides_the_future_while_a_question_is_open() {
    let data = pictures::timeline();
    for width in [200, 390, 700, 1068, 1600] {
        let opts = StageOptions { width, height: 92, ..StageOptions::default() };
        let scene = timeline_strip(&data, &opts);
        let texts: Vec<_> = scene
            .items
            .iter()
            .filter(|i| matches!(i.shape, Shape::Text { .. }))
            .map(|i| (i, bounds(i).expect("box")))
            .collect();
        for (n, (a, ab)) in texts.iter().enumerate() {
            assert!(
                ab.left >= 0 && ab.right <= scene.width && ab.bottom <= scene.height,
                "{width}: {}",
                a.key
            );
            for (b, bb) in &texts[n + 1..] {
                assert!(!ab.overlaps(bb), "{width}: {} lies on {}", a.key, b.key);
            }
        }
    }
    let mut opts = StageOptions { width: 1068, height: 92, ..StageOptions::default() };
    assert!(timeline_strip(&data, &opts).items.iter().any(|i| i.class == "hollow"));
    opts.question_open = true;
    let open = timeline_strip(&data, &opts);
    assert!(!open.items.iter().any(|i| i.class == "hollow" || &*i.key == "branch result"));
}
