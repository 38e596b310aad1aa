//! Requests and answers of another epoch: leader epoch, partition epoch, broker epoch. Each check has a
//! test that fails without it.

use super::bench::*;
use crate::broker::IsrState;
use crate::*;

fn list(b: &mut Bench, to: BrokerId, epoch: i32, timestamp: i64) -> (Option<KafkaError>, i64) {
    let partitions = vec![(ORDERS, epoch, timestamp)];
    let request = ListOffsetsRequest { replica_id: -1, partitions };
    let correlation = b.request(CONSUMER, to, Request::ListOffsets(request));
    match b.response(correlation) {
        Some(Response::ListOffsets(r)) => (r.partitions[0].error, r.partitions[0].offset),
        other => panic!("{other:?}"),
    }
}

/// 6.8: ListOffsets checks the leader epoch, and only the leader answers.
#[test]
fn list_offsets_of_another_leader_epoch_is_refused() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.elect(1, &[1, 2]);
    assert_eq!(list(&mut b, 1, 0, -2), (Some(KafkaError::FencedLeaderEpoch), -1));
    assert_eq!(list(&mut b, 1, 2, -2), (Some(KafkaError::UnknownLeaderEpoch), -1));
    assert_eq!(list(&mut b, 1, 1, -2), (None, 0));
    assert_eq!(list(&mut b, 1, -1, -2), (None, 0), "-1 is not checked");
    assert_eq!(list(&mut b, 2, 1, -2), (Some(KafkaError::NotLeaderOrFollower), -1));
}

/// 6.8: a follower fetches from the leader only; its epoch being right does not help.
#[test]
fn a_follower_does_not_serve_followers() {
    let mut b = Bench::new(&[1, 2], &[1, 2, 3], &[]);
    let request = fetch(3, 0, vec![fetch_item(0, 0, -1)]);
    let refused = b.fetch_from(NodeId::Broker(3), 2, request);
    assert_eq!(refused.error, Some(KafkaError::NotLeaderOrFollower));
    assert_eq!(refused.current_leader, Some((1, 0)), "KIP-951: who does");
}

/// 6.10: while a new leader's high watermark is below its epoch's start, a time that would be found above it is
/// not available; afterwards only committed records are found.
#[test]
fn a_time_is_looked_up_among_committed_records() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.produce(1, 1, 1);
    b.settle();
    let at = b.now.wall_ms();
    b.crash(1);
    b.elect(2, &[1, 2]);
    assert_eq!(b.ends(2), (1, 0));
    assert_eq!(list(&mut b, 2, -1, at), (Some(KafkaError::OffsetNotAvailable), -1));
    b.change(None, Some(&[2]));
    b.sync(2);
    assert_eq!(list(&mut b, 2, -1, at), (None, 0));
    assert_eq!(list(&mut b, 2, -1, at + 1), (None, -1), "nothing so late");
}

#[test]
fn a_time_above_the_high_watermark_is_not_found() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    b.produce(1, 1, 1);
    let at = b.now.wall_ms();
    assert_eq!(b.ends(1), (1, 0));
    assert_eq!(list(&mut b, 1, -1, at), (None, -1));
}

/// 6.7: a last fetched epoch that the leader has never heard of; and an offset below the log start is out of range
/// whether epochs diverge or not.
#[test]
fn a_fetch_of_an_unknown_epoch_or_below_the_log_start_is_out_of_range() {
    let configs = [("internal.segment.bytes", "200"), ("retention.bytes", "400")];
    let mut b = Bench::new(&[1], &[1, 2], &configs);
    b.elect(1, &[1]);
    for _ in 0..5 {
        b.produce(1, 1, 3);
    }
    b.elect(-1, &[1]);
    b.elect(1, &[1]);
    b.produce(1, 1, 3);
    b.fire(1, Timer::RetentionCheck);
    let start = b.partition(1).log().log_start_offset();
    assert_eq!((start > 0, b.epochs(1).last()), (true, Some(&(3, 15))));
    let mut ask = |offset, last_epoch| {
        let request = fetch(2, 0, vec![fetch_item(offset, 3, last_epoch)]);
        let answer = b.fetch_from(NodeId::Broker(2), 1, request);
        (answer.error, answer.diverging_epoch)
    };
    assert_eq!(ask(16, 4), (Some(KafkaError::OffsetOutOfRange), None), "epoch 4 is not known");
    assert_eq!(ask(16, 2), (None, Some((1, 15))), "epoch 2 had no leader: it diverges");
    assert_eq!(ask(0, 2), (Some(KafkaError::OffsetOutOfRange), None), "below the log start");
}

/// KIP-903: a follower whose registration the leader has not heard of is not taken in, a follower in a controlled
/// shutdown neither.
#[test]
fn a_follower_of_another_broker_epoch_is_not_taken_in() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    b.change(None, Some(&[1]));
    b.sync(1);
    b.register_absent(2);
    b.fetch_as(2, 1, 0);
    assert!(b.take_alter().is_none(), "registered anew, and broker 1 does not know");
    b.sync(1);
    b.fetch_as(2, 1, 0);
    let (_, item) = b.take_alter().expect("now it does");
    assert_eq!(item.new_isr, [(1, b.broker_epoch(1)), (2, b.broker_epoch(2))]);
}

#[test]
fn a_follower_in_a_controlled_shutdown_is_not_taken_in() {
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    b.change(None, Some(&[1]));
    b.publish(MetadataRecord::BrokerRegistrationChange {
        broker: 2,
        broker_epoch: b.broker_epoch(2),
        fenced: None,
        in_controlled_shutdown: true,
    });
    b.sync(1);
    b.fetch_as(2, 1, 0);
    assert!(b.take_alter().is_none());
}

fn pending(b: &mut Bench) -> (Message, AlterPartitionItem) {
    b.change(None, Some(&[1]));
    b.sync(1);
    b.fetch_as(2, 1, 0);
    b.take_alter().expect("broker 2 is to be taken in")
}

fn answer_with(
    b: &mut Bench,
    (message, item): &(Message, AlterPartitionItem),
    change: impl FnOnce(&mut AlterPartitionResult),
) {
    let mut result = AlterPartitionResult {
        tp: item.tp,
        error: None,
        leader: 1,
        leader_epoch: item.leader_epoch,
        partition_epoch: item.partition_epoch + 1,
        isr: item.new_isr.iter().map(|(id, _)| *id).collect(),
    };
    change(&mut result);
    let answer = AlterPartitionResponse { error: None, partitions: vec![result] };
    b.answer(message, Response::AlterPartition(answer));
}

/// 6.12: an answer counts in the leader epoch in which it was asked, and never takes the partition epoch back.
#[test]
fn an_answer_of_another_epoch_is_dropped() {
    let changes: [fn(&mut AlterPartitionResult); 2] =
        [|r| r.leader_epoch += 1, |r| r.partition_epoch = 0];
    for change in changes {
        let mut b = Bench::new(&[1], &[1, 2, 3], &[]);
        let asked = pending(&mut b);
        assert_eq!(asked.1.partition_epoch, 1);
        answer_with(&mut b, &asked, change);
        let isr = b.partition(1).isr();
        assert!(matches!(isr, IsrState::PendingExpand { added: 2, .. }), "{isr:?}");
        assert_eq!(b.partition(1).partition_epoch(), 1);
    }
}

/// 6.12: an accepted proposal brings its partition epoch with it, which the next one names.
#[test]
fn the_next_proposal_names_the_partition_epoch_of_the_last_answer() {
    let mut b = Bench::new(&[1], &[1, 2, 3], &[]);
    let asked = pending(&mut b);
    b.answer_alter(&asked, None);
    b.fetch_as(3, 1, 0);
    let (_, second) = b.take_alter().expect("broker 3 is next");
    assert_eq!(second.partition_epoch, asked.1.partition_epoch + 1);
}

/// Metadata that replaces a pending proposal makes its answer void, a good one too.
#[test]
fn an_answer_to_a_replaced_proposal_is_dropped() {
    let mut b = Bench::new(&[1], &[1, 2, 3], &[]);
    let asked = pending(&mut b);
    b.change(None, Some(&[1, 3]));
    b.sync(1);
    answer_with(&mut b, &asked, |_| {});
    assert_eq!(b.partition(1).isr(), &IsrState::Committed { isr: vec![1, 3] });
}

/// Metadata may be behind the answers: what is older than the known partition epoch is ignored.
#[test]
fn metadata_older_than_the_last_answer_is_ignored() {
    let mut b = Bench::new(&[1], &[1, 2, 3], &[]);
    let first = pending(&mut b);
    b.answer_alter(&first, None);
    b.fetch_as(3, 1, 0);
    let second = b.take_alter().expect("broker 3 is next");
    b.answer_alter(&second, None);
    let all = IsrState::Committed { isr: vec![1, 2, 3] };
    assert_eq!(b.partition(1).isr(), &all);
    let newest = b.log.pop().expect("the second change");
    b.sync(1);
    assert_eq!(b.partition(1).isr(), &all, "the metadata so far says {{1, 2}}");
    assert_eq!(b.partition(1).partition_epoch(), 3);
    b.publish(newest);
    b.sync(1);
    assert_eq!(b.partition(1).isr(), &all);
}

/// 6.12: these errors are not answered by asking again; the metadata will tell.
#[test]
fn what_only_metadata_can_mend_is_not_asked_again() {
    use KafkaError::*;
    for error in [
        UnknownTopicOrPartition,
        UnknownTopicId,
        FencedLeaderEpoch,
        InvalidUpdateVersion,
        InvalidRequest,
        NewLeaderElected,
    ] {
        let mut b = Bench::new(&[1], &[1, 2], &[]);
        let asked = pending(&mut b);
        answer_with(&mut b, &asked, |r| r.error = Some(error));
        assert!(matches!(b.partition(1).isr(), IsrState::PendingExpand { .. }), "{error}");
        b.fetch_as(2, 1, 0);
        assert!(b.take_alter().is_none(), "{error}");
    }
    let mut b = Bench::new(&[1], &[1, 2], &[]);
    let asked = pending(&mut b);
    answer_with(&mut b, &asked, |r| r.error = Some(UnknownServerError));
    assert!(b.take_alter().is_some(), "any other error: asked again");
}

/// 6.7 and 6.8: OffsetForLeaderEpoch checks the leader epoch and is for the leader only; an epoch that cannot be
/// placed is answered with -1.
#[test]
fn the_end_of_an_epoch_is_told_by_the_leader_of_this_epoch() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.produce(1, 1, 3);
    b.elect(-1, &[1, 2]);
    b.elect(1, &[1, 2]);
    b.produce(1, 1, 2);
    let mut ask = |to, current, asked| {
        let partitions = vec![(ORDERS, current, asked)];
        let request = OffsetForLeaderEpochRequest { replica_id: -1, partitions };
        let correlation = b.request(CONSUMER, to, Request::OffsetForLeaderEpoch(request));
        match b.response(correlation) {
            Some(Response::OffsetForLeaderEpoch(r)) => {
                let p = &r.partitions[0];
                (p.error, p.leader_epoch, p.end_offset)
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(ask(1, 2, 0), (None, 0, 3));
    assert_eq!(ask(1, 2, 1), (None, 0, 3), "epoch 1 had no leader");
    assert_eq!(ask(1, 2, 2), (None, 2, 5), "the current epoch ends at the log's end");
    assert_eq!(ask(1, -1, 3), (None, -1, -1), "not known");
    assert_eq!(ask(1, 1, 0), (Some(KafkaError::FencedLeaderEpoch), -1, -1));
    assert_eq!(ask(1, 3, 0), (Some(KafkaError::UnknownLeaderEpoch), -1, -1));
    assert_eq!(ask(2, 2, 0), (Some(KafkaError::NotLeaderOrFollower), -1, -1));
}

/// 6.6: fenced in the epoch that it believes in, a follower gives up until it hears of a newer one; asking again
/// would be in vain.
#[test]
fn a_fenced_follower_waits_for_the_metadata() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.settle();
    b.change(Some(1), None);
    b.sync(1);
    b.wait(500);
    b.fire_fetch_waits(1);
    b.settle();
    b.wait(2_000);
    if b.timers.contains_key(&(2, Timer::FetchBackoff(1))) {
        b.fire(2, Timer::FetchBackoff(1));
    }
    assert!(b.wire.is_empty(), "{:?}", b.wire);
    b.sync(2);
    let asked = |m: &Message| m.from == NodeId::Broker(2) && m.to == NodeId::Broker(1);
    assert!(b.wire.iter().any(asked), "a new epoch: it fetches again");
}

/// 6.9: a leader that steps down answers the fetches waiting with it at once.
#[test]
fn a_waiting_fetch_is_answered_when_the_leader_steps_down() {
    let mut b = Bench::new(&[1, 2], &[1, 2], &[]);
    b.settle();
    assert_eq!(b.nodes[&1].broker.purgatory().fetches.len(), 1);
    b.change(Some(2), None);
    b.sync(1);
    assert_eq!(b.nodes[&1].broker.purgatory().fetches.len(), 0);
}

/// Broker 2 comes back with an empty log after broker 1 has deleted the first segments: its Fetch is out of range,
/// and it is about to ask broker 1 for its offsets.
fn out_of_range() -> Bench {
    let configs = [("internal.segment.bytes", "200"), ("retention.bytes", "0")];
    let mut b = Bench::new(&[1, 2], &[1, 2], &configs);
    b.wire.clear();
    b.elect(1, &[1]);
    b.wire.clear();
    for _ in 0..5 {
        b.produce(1, 1, 3);
    }
    b.fire(1, Timer::RetentionCheck);
    assert!(b.partition(1).log().log_start_offset() > 0);
    let disk = b.crash(2);
    b.start(2, disk);
    b.sync(2);
    while !b.wire.iter().any(|m| asked_epoch(m).is_some()) {
        assert!(b.deliver(1, 2) || b.deliver(2, 1), "broker 2 is not out of range");
    }
    b
}

/// The leader epoch in a ListOffsets.
fn asked_epoch(m: &Message) -> Option<i32> {
    let Body::Request(request) = &m.body else { return None };
    let Request::ListOffsets(request) = &**request else { return None };
    Some(request.partitions[0].1)
}

/// 6.7: asking where the leader's log begins and ends, a follower names its epoch too.
#[test]
fn a_follower_out_of_range_names_its_epoch() {
    let b = out_of_range();
    assert_eq!(b.wire.iter().find_map(asked_epoch), Some(1));
}

/// `AbstractFetcherThread.handleOutOfRangeError`: fenced at ListOffsets in the epoch that it believes in, a follower
/// gives up at once, as at a Fetch; it does not ask again until it hears of a newer epoch.
#[test]
fn a_follower_fenced_while_it_asks_for_offsets_waits_for_the_metadata() {
    let mut b = out_of_range();
    b.change(Some(1), None);
    b.sync(1);
    while b.deliver(2, 1) || b.deliver(1, 2) {}
    b.wait(2_000);
    if b.timers.contains_key(&(2, Timer::FetchBackoff(1))) {
        b.fire(2, Timer::FetchBackoff(1));
    }
    assert!(b.wire.is_empty(), "{:?}", b.wire);
    b.sync(2);
    let asked = |m: &Message| m.from == NodeId::Broker(2) && m.to == NodeId::Broker(1);
    assert!(b.wire.iter().any(asked), "a new epoch: it fetches again");
}
