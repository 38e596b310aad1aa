//! Who is in sync, and how the leader has it changed.

use super::bench::*;
use crate::broker::IsrState;
use crate::*;

fn check_lag(b: &mut Bench) {
    b.fire(1, Timer::IsrExpiration);
}

/// 15, 1: idle, a follower stays; after one write the next check puts it out.
#[test]
fn lag_is_counted_only_while_there_is_something_to_fetch() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    b.fetch_as(2, 1, 0);
    b.wait(60_000);
    check_lag(&mut b);
    assert!(b.take_alter().is_none());
    b.produce(1, 1, 1);
    assert_eq!(b.partition(1).lag_deadline(2, 30_000), Some(Time::from_ms(30_000)));
    check_lag(&mut b);
    let asked = b.take_alter().unwrap();
    assert_eq!(asked.1.new_isr, [(1, b.broker_epoch(1))]);
    assert_eq!(b.timers[&(1, Timer::IsrExpiration)], b.now + Span::from_ms(15_000));
    assert_eq!(b.ends(1), (1, 0), "it counts until the controller has agreed");
    b.answer_alter(&asked, None);
    assert_eq!(b.ends(1), (1, 1));
    assert_eq!(b.partition(1).isr(), &IsrState::Committed { isr: vec![1] });
    b.sync(1);
    assert_eq!(b.partition(1).partition_epoch(), 1);
}

/// 6.4: it joins at LEO >= HW, not at the leader's LEO; it counts for the high watermark at once.
#[test]
fn a_follower_joins_at_the_high_watermark() {
    let mut b = Bench::new(&[1], &[1, 2, 3], &[]);
    b.change(None, Some(&[1, 2]));
    b.sync(1);
    b.produce(1, 1, 5);
    b.produce(1, 1, 5);
    b.fetch_as(2, 1, 5);
    assert_eq!(b.ends(1), (10, 5));
    b.fetch_as(3, 1, 4);
    assert!(b.take_alter().is_none(), "4 < HW 5");
    b.fetch_as(3, 1, 5);
    let asked = b.take_alter().unwrap();
    let expected = [(1, b.broker_epoch(1)), (2, b.broker_epoch(2)), (3, b.broker_epoch(3))];
    assert_eq!(asked.1.new_isr, expected);
    assert_eq!(b.partition(1).isr().maximal(), [1, 2, 3]);
    assert_eq!(b.partition(1).isr().committed(), [1, 2]);
    b.fetch_as(2, 1, 10);
    assert_eq!(b.ends(1), (10, 5), "the newcomer counts before the controller has agreed (CE-9)");
    b.fetch_as(3, 1, 10);
    assert_eq!(b.ends(1), (10, 10));
    assert!(b.take_alter().is_none(), "one proposal at a time");
    b.answer_alter(&asked, None);
    assert_eq!(b.partition(1).isr().committed(), [1, 2, 3]);
}

/// CE-7: a new leader whose high watermark lags takes nobody in who lacks what it had when its epoch began.
#[test]
fn joining_needs_the_leader_epoch_start_offset() {
    let mut b = Bench::new(&[2, 3], &[2, 3, 1], &[]);
    b.change(None, Some(&[2, 3]));
    b.sync_all();
    b.produce(2, 1, 1);
    b.settle();
    assert_eq!((b.ends(2), b.ends(3)), ((1, 1), (1, 0)));
    b.crash(2);
    b.elect(3, &[2, 3]);
    assert_eq!(b.ends(3), (1, 0));
    b.fetch_as(1, 3, 0);
    assert!(b.take_alter().is_none(), "0 >= HW 0, but the epoch began at 1");
    b.fetch_as(1, 3, 1);
    assert!(b.take_alter().is_some());
}

/// 6.4 (a): not fenced, not shutting down.
#[test]
fn a_fenced_follower_is_not_taken_in() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    let broker_epoch = b.broker_epoch(2);
    let fence = |b: &mut Bench, fenced| {
        b.publish(MetadataRecord::BrokerRegistrationChange {
            broker: 2,
            broker_epoch,
            fenced: Some(fenced),
            in_controlled_shutdown: false,
        });
        b.sync(1);
    };
    b.change(None, Some(&[1]));
    fence(&mut b, true);
    b.fetch_as(2, 1, 0);
    assert!(b.take_alter().is_none());
    fence(&mut b, false);
    b.fetch_as(2, 1, 0);
    assert!(b.take_alter().is_some());
}

/// 6.12: INELIGIBLE_REPLICA goes back to the committed state and the next fetch tries again.
#[test]
fn an_ineligible_replica_is_rolled_back() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    b.change(None, Some(&[1]));
    b.sync(1);
    b.fetch_as(2, 1, 0);
    let asked = b.take_alter().unwrap();
    b.answer_alter(&asked, Some(KafkaError::IneligibleReplica));
    assert_eq!(b.partition(1).isr(), &IsrState::Committed { isr: vec![1] });
    b.fetch_as(2, 1, 0);
    assert!(b.take_alter().is_some());
}

/// 6.12: INVALID_UPDATE_VERSION waits for the metadata; an answer after that is out of date.
#[test]
fn an_overtaken_proposal_waits_for_the_metadata() {
    let mut b = Bench::new(&[1], &[1, 2, 3], &[]);
    b.change(None, Some(&[1]));
    b.sync(1);
    b.fetch_as(2, 1, 0);
    let asked = b.take_alter().unwrap();
    b.answer_alter(&asked, Some(KafkaError::InvalidUpdateVersion));
    assert!(matches!(b.partition(1).isr(), IsrState::PendingExpand { added: 2, .. }));
    b.fetch_as(3, 1, 0);
    assert!(b.take_alter().is_none(), "still pending");
    b.change(None, Some(&[1, 3]));
    b.sync(1);
    assert_eq!(b.partition(1).isr(), &IsrState::Committed { isr: vec![1, 3] });
    b.fetch_as(2, 1, 0);
    let second = b.take_alter().unwrap();
    assert_eq!(second.1.partition_epoch, 2);
    b.answer_alter(&asked, None);
    assert!(
        matches!(b.partition(1).isr(), IsrState::PendingExpand { .. }),
        "an answer to the first"
    );
}

/// `Partition.makeLeader` takes a record of the partition epoch that it has already, and with it the ISR of that record: a
/// proposal that is under way is forgotten, though the controller may still accept it (docs/kafka-model.md).
#[test]
fn the_record_of_its_last_change_makes_a_leader_forget_its_next() {
    let mut b = Bench::new(&[1], &[1, 2, 3], &[]);
    b.change(None, Some(&[1]));
    b.sync(1);
    b.wait(60_000);
    b.produce(1, 1, 5);
    b.fetch_as(2, 1, 5);
    let first = b.take_alter().unwrap();
    b.answer_alter(&first, None);
    b.produce(1, 1, 1);
    b.fetch_as(3, 1, 5);
    let second = b.take_alter().unwrap();
    assert_eq!(b.partition(1).isr().maximal(), [1, 2, 3]);
    let epoch = b.partition(1).partition_epoch();
    b.sync(1);
    assert_eq!(b.partition(1).partition_epoch(), epoch, "the answer had told it already");
    assert_eq!(b.partition(1).isr(), &IsrState::Committed { isr: vec![1, 2] });
    b.fetch_as(2, 1, 6);
    assert_eq!(b.ends(1), (6, 6), "broker 3 is about to be in the ISR and lacks offset 5");
    b.answer_alter(&second, None);
    assert_eq!(b.partition(1).isr().committed(), [1, 2], "the answer to a forgotten proposal");
    b.sync(1);
    assert_eq!(b.partition(1).isr().committed(), [1, 2, 3]);
}

/// 6.12: an error of the whole request: again after 50 ms; one request per broker at a time.
#[test]
fn a_refused_request_is_sent_again() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    b.change(None, Some(&[1]));
    b.sync(1);
    b.fetch_as(2, 1, 0);
    let (message, _) = b.take_alter().unwrap();
    let error = Some(KafkaError::StaleBrokerEpoch);
    b.answer(
        &message,
        Response::AlterPartition(AlterPartitionResponse { error, partitions: vec![] }),
    );
    b.fetch_as(2, 1, 0);
    assert!(b.take_alter().is_none());
    assert_eq!(b.timers[&(1, Timer::AlterPartitionRetry)], b.now + Span::from_ms(50));
    b.fire(1, Timer::AlterPartitionRetry);
    let again = b.take_alter().unwrap();
    b.answer_alter(&again, None);
    assert_eq!(b.partition(1).isr().committed(), [1, 2]);
}

/// 6.2: a leader elected again keeps what it knows of its followers, a new one starts at nothing.
#[test]
fn follower_states_at_elections() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.produce(1, 1, 3);
    b.settle();
    assert_eq!(b.partition(1).follower(2).unwrap().log_end_offset, 3);
    b.change(Some(1), None);
    b.sync(1);
    assert_eq!(b.partition(1).follower(2).unwrap().log_end_offset, 3);
    b.change(Some(2), None);
    b.sync(2);
    let new = b.partition(2).follower(1).unwrap();
    assert_eq!((new.log_end_offset, new.last_caught_up_time), (-1, Some(b.now)));
    assert_eq!(b.partition(2).leader_epoch_start_offset(), Some(3));
}
