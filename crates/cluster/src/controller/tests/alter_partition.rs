//! AlterPartition: what is refused, and in which order the checks come.

use super::*;

fn bench() -> Bench {
    let mut bench = Bench::with_brokers(4);
    bench.create("t", &[&[1, 2, 3]], &[]);
    bench
}

fn refused(
    bench: &mut Bench,
    change: impl FnOnce(&mut AlterPartitionRequest),
) -> Option<KafkaError> {
    let before = bench.controller.log_end_offset();
    let response = bench.alter_with(&[1, 2], change);
    assert_eq!(bench.controller.log_end_offset(), before, "nothing is written");
    response.error.or_else(|| response.partitions[0].error)
}

#[test]
fn an_accepted_proposal_answers_with_the_state_after_it() {
    let mut bench = bench();
    let answer = bench.alter(&[1, 2]);
    let result = &answer.partitions[0];
    assert_eq!(
        (result.error, result.leader, result.leader_epoch, result.partition_epoch),
        (None, 1, 0, 1)
    );
    assert_eq!(result.isr, [1, 2]);
    let end = bench.controller.log_end_offset();
    let same = bench.alter(&[1, 2]);
    assert_eq!((same.partitions[0].error, same.partitions[0].partition_epoch), (None, 1));
    assert_eq!(bench.controller.log_end_offset(), end, "nothing to write");
}

#[test]
fn each_check_has_its_error() {
    use KafkaError::*;
    let mut b = bench();
    assert_eq!(refused(&mut b, |r| r.broker_epoch += 1), Some(StaleBrokerEpoch));
    let unknown = TopicPartition::new(TopicId(9), 0);
    assert_eq!(refused(&mut b, |r| r.partitions[0].tp = unknown), Some(UnknownTopicId));
    let missing = TopicPartition::new(TOPIC, 5);
    assert_eq!(refused(&mut b, |r| r.partitions[0].tp = missing), Some(UnknownTopicOrPartition));
    assert_eq!(refused(&mut b, |r| r.partitions[0].leader_epoch += 1), Some(NotController));
    assert_eq!(refused(&mut b, |r| r.partitions[0].partition_epoch += 1), Some(NotController));
    assert_eq!(refused(&mut b, |r| r.partitions[0].leader_epoch -= 1), Some(FencedLeaderEpoch));
    let two = b.epoch(2);
    let from_two = |r: &mut AlterPartitionRequest| (r.broker_id, r.broker_epoch) = (2, two);
    assert_eq!(refused(&mut b, from_two), Some(InvalidRequest));
    assert_eq!(
        refused(&mut b, |r| r.partitions[0].partition_epoch -= 1),
        Some(InvalidUpdateVersion)
    );
}

#[test]
fn isrs_that_cannot_be() {
    use KafkaError::*;
    let mut b = bench();
    let with = |isr: &'static [(i32, i64)]| {
        move |r: &mut AlterPartitionRequest| r.partitions[0].new_isr = isr.to_vec()
    };
    assert_eq!(refused(&mut b, with(&[(1, -1), (4, -1)])), Some(InvalidRequest), "not a replica");
    assert_eq!(refused(&mut b, with(&[(1, -1), (1, -1)])), Some(InvalidRequest), "twice");
    assert_eq!(refused(&mut b, with(&[(2, -1), (3, -1)])), Some(InvalidRequest), "no leader");
    assert_eq!(refused(&mut b, with(&[])), Some(InvalidRequest), "empty");
    let recovering = |r: &mut AlterPartitionRequest| r.partitions[0].leader_recovery_state = 1;
    assert_eq!(refused(&mut b, recovering), Some(InvalidRequest));
    assert_eq!(refused(&mut b, with(&[(1, -1), (2, 99)])), Some(IneligibleReplica), "broker epoch");
    let unknown = |r: &mut AlterPartitionRequest| r.partitions[0].new_isr = vec![(1, -1), (2, -1)];
    let accepted = bench().alter_with(&[1, 2], unknown);
    assert_eq!(accepted.partitions[0].error, None, "a leader that does not know the broker epoch");
    let alone = |r: &mut AlterPartitionRequest| {
        r.partitions[0].new_isr.truncate(1);
        r.partitions[0].leader_recovery_state = 1;
    };
    assert_eq!(
        refused(&mut b, alone),
        Some(InvalidRequest),
        "recovered, it does not recover again"
    );
    b.pass(9000, &[1, 3, 4]);
    assert_eq!(refused(&mut b, |_| {}), Some(IneligibleReplica), "broker 2 is fenced");
}

#[test]
fn the_leader_epoch_stays_when_only_the_isr_changes() {
    let mut bench = bench();
    bench.alter(&[1, 2]);
    bench.alter(&[1, 2, 3]);
    assert_eq!(bench.state(), (1, 0, 2, vec![1, 2, 3]));
}
