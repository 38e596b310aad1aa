//! Registration, sessions, fencing and controlled shutdown.

use super::*;
use crate::test_bench::timer_at;

fn fenced(broker: i32, broker_epoch: i64, value: bool) -> MetadataRecord {
    MetadataRecord::BrokerRegistrationChange {
        broker,
        broker_epoch,
        fenced: Some(value),
        in_controlled_shutdown: false,
    }
}

#[test]
fn the_broker_epoch_is_the_offset_of_the_registration() {
    let mut bench = Bench::new(ControllerConfig::default());
    assert_eq!(bench.register(1, 1).broker_epoch, 0);
    assert_eq!(bench.register(2, 1).broker_epoch, 1);
    assert!(bench.controller.image().brokers[&1].fenced);
    assert_eq!(
        bench.events(),
        [
            TraceEvent::BrokerRegistered { broker: 1, broker_epoch: 0 },
            TraceEvent::BrokerRegistered { broker: 2, broker_epoch: 1 },
        ]
    );
}

#[test]
fn unfenced_when_caught_up_with_its_registration() {
    let mut bench = Bench::new(ControllerConfig::default());
    bench.register(1, 1);
    let behind = bench.heartbeat_with(1, |r| r.current_metadata_offset = 0);
    assert!(behind.is_fenced, "the registration is at offset 0, it needs the next one");
    let wants_fence = bench.heartbeat_with(1, |r| r.want_fence = true);
    assert!(wants_fence.is_fenced);
    let caught_up = bench.heartbeat_with(1, |r| r.current_metadata_offset = 1);
    assert!(!caught_up.is_fenced);
    assert_eq!(bench.records(1), [fenced(1, 0, false)]);
}

#[test]
fn stale_epochs_and_strangers_are_refused() {
    let mut bench = Bench::with_brokers(1);
    let stale = bench.heartbeat_with(1, |r| r.broker_epoch += 1);
    assert_eq!(stale.error, Some(KafkaError::StaleBrokerEpoch));
    let stranger = bench.heartbeat_with(1, |r| r.broker_id = 7);
    assert_eq!(stranger.error, Some(KafkaError::BrokerIdNotRegistered));
}

#[test]
fn another_start_is_refused_until_the_session_is_over() {
    let mut bench = Bench::with_brokers(2);
    let refused = bench.register(1, 2);
    assert_eq!(refused.error, Some(KafkaError::DuplicateBrokerRegistration));
    assert_eq!(bench.register(1, 1).error, None, "the same start asks again");
    bench.pass(8999, &[2]);
    assert!(bench.register(1, 2).error.is_some());
    bench.pass(1, &[2]);
    assert!(bench.controller.image().brokers[&1].fenced);
    assert_eq!(bench.register(1, 2).error, None);
}

#[test]
fn a_session_ends_nine_seconds_after_the_last_heartbeat() {
    let mut bench = Bench::with_brokers(1);
    bench.now = Time::from_ms(4000);
    bench.heartbeat(1);
    assert_eq!(timer_at(&bench.effects, Timer::BrokerSession(1)), Some(Time::from_ms(13_000)));
    bench.now = Time::from_ms(9000);
    bench.input(Input::Timer(Timer::BrokerSession(1)));
    assert!(!bench.controller.image().brokers[&1].fenced, "an old timer decides nothing");
    bench.now = Time::from_ms(13_000);
    bench.input(Input::Timer(Timer::BrokerSession(1)));
    assert!(bench.controller.image().brokers[&1].fenced);
}

#[test]
fn partition_changes_come_before_the_fence() {
    let mut bench = Bench::with_brokers(3);
    bench.create("t", &[&[1, 2, 3]], &[]);
    let end = bench.controller.log_end_offset();
    bench.effects.clear();
    bench.pass(9000, &[2, 3]);
    let epoch = bench.epoch(1);
    assert_eq!(bench.records(end), [change(Some(&[2, 3]), Some(2), None), fenced(1, epoch, true)]);
    assert_eq!(
        bench.events(),
        [
            TraceEvent::IsrChanged {
                tp: TP,
                from: vec![1, 2, 3],
                to: vec![2, 3],
                partition_epoch: 1
            },
            TraceEvent::LeaderElected { tp: TP, leader: 2, epoch: 1, unclean: false },
            TraceEvent::BrokerFenced { broker: 1 },
        ]
    );
}

#[test]
fn two_brokers_fenced_together_are_two_changes() {
    let mut bench = Bench::with_brokers(3);
    bench.create("t", &[&[1, 2, 3]], &[]);
    let end = bench.controller.log_end_offset();
    bench.pass(9000, &[1]);
    let (second, third) = (bench.epoch(2), bench.epoch(3));
    assert_eq!(
        bench.records(end),
        [
            change(Some(&[1, 3]), None, None),
            fenced(2, second, true),
            change(Some(&[1]), None, None),
            fenced(3, third, true),
        ]
    );
    assert_eq!(bench.state(), (1, 0, 2, vec![1]));
}

#[test]
fn a_broker_that_leads_nothing_stops_at_once_and_is_fenced_again_later() {
    let mut bench = Bench::with_brokers(3);
    bench.create("t", &[&[1, 2, 3]], &[]);
    let end = bench.controller.log_end_offset();
    let answer = bench.heartbeat_with(2, |r| r.want_shut_down = true);
    assert!(answer.should_shut_down);
    let epoch = bench.epoch(2);
    let fence = fenced(2, epoch, true);
    assert_eq!(bench.records(end), [change(Some(&[1, 3]), None, None), fence.clone()]);
    bench.pass(9000, &[1, 3]);
    assert_eq!(bench.records(end + 2), [fence], "redundant, as Kafka writes it");
}

#[test]
fn a_leader_shuts_down_in_two_steps() {
    let mut bench = Bench::with_brokers(3);
    bench.create("t", &[&[1, 2, 3]], &[]);
    for broker in 1..=3 {
        bench.heartbeat(broker);
    }
    let end = bench.controller.log_end_offset();
    let first = bench.heartbeat_with(1, |r| r.want_shut_down = true);
    assert!(!first.should_shut_down && !first.is_fenced);
    assert_eq!(
        bench.records(end),
        [
            MetadataRecord::BrokerRegistrationChange {
                broker: 1,
                broker_epoch: bench.epoch(1),
                fenced: None,
                in_controlled_shutdown: true,
            },
            change(Some(&[2, 3]), Some(2), None),
        ]
    );
    let again = bench.heartbeat_with(1, |r| r.want_shut_down = true);
    assert!(!again.should_shut_down, "the others have not applied the change yet");
    bench.heartbeat(2);
    assert!(!bench.heartbeat_with(1, |r| r.want_shut_down = true).should_shut_down);
    bench.heartbeat(3);
    let last = bench.heartbeat_with(1, |r| r.want_shut_down = true);
    assert!(last.should_shut_down && last.is_fenced);
    assert_eq!(bench.register(1, 2).error, None, "it said that it was leaving");
}

#[test]
fn a_fetch_of_the_metadata_log_waits_for_news() {
    let mut bench = Bench::with_brokers(2);
    let end = bench.controller.log_end_offset();
    let fetch = |offset| {
        Request::FetchMetadataLog(FetchMetadataLogRequest {
            broker_id: 1,
            fetch_offset: offset,
            max_wait_ms: 500,
        })
    };
    let Some(Response::FetchMetadataLog(all)) = bench.ask(NodeId::Broker(1), fetch(0)) else {
        panic!("there is something to read");
    };
    assert_eq!((all.records.len(), all.high_watermark), (4, 4));
    bench.effects.clear();
    assert_eq!(bench.ask(NodeId::Broker(1), fetch(end)), None);
    let wait = Timer::MetadataFetchWait(1);
    assert_eq!(timer_at(&bench.effects, wait), Some(Time::from_ms(500)));
    bench.effects.clear();
    bench.create("t", &[&[1, 2]], &[]);
    assert!(bench.effects.contains(&Effect::CancelTimer { timer: wait }));
    let answers = sent(&bench.effects);
    let Body::Response(answer) = &answers[1].2 else { panic!() };
    let Response::FetchMetadataLog(news) = &**answer else { panic!() };
    assert_eq!(news.records[0].0, end);
    assert_eq!(news.records.len(), 2);
    assert_eq!(bench.ask(NodeId::Broker(1), fetch(end + 2)), None);
    bench.effects.clear();
    bench.input(Input::Timer(wait));
    assert_eq!(sent(&bench.effects).len(), 1, "an empty answer after the wait");
}
