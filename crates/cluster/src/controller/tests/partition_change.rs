//! `PartitionChangeBuilderTest` without eligible leader replicas.

use super::super::partition_change::{Election, PartitionChange};
use super::{TP, change};
use crate::{MetadataRecord, PartitionRegistration};

fn partition(replicas: &[i32], isr: &[i32], leader: i32) -> PartitionRegistration {
    PartitionRegistration {
        replicas: replicas.to_vec(),
        isr: isr.to_vec(),
        leader,
        leader_epoch: 100,
        partition_epoch: 200,
        leader_recovery_state: 0,
    }
}

fn build(
    partition: &PartitionRegistration,
    election: Election,
    isr: &[i32],
    unacceptable: &[i32],
) -> Option<MetadataRecord> {
    let acceptable = |b: i32| !unacceptable.contains(&b);
    PartitionChange::new(TP, partition, &acceptable).election(election).isr(isr.to_vec()).build()
}

#[test]
fn elections_of_p() {
    let p = partition(&[2, 1, 3], &[2, 1, 3], 1);
    let all = [2, 1, 3];
    assert_eq!(build(&p, Election::Preferred, &all, &[3]), Some(change(None, Some(2), None)));
    assert_eq!(build(&p, Election::Online, &all, &[3]), None);
    assert_eq!(build(&p, Election::Unclean, &all, &[3]), None);
    for election in [Election::Online, Election::Unclean] {
        assert_eq!(build(&p, election, &[1, 3], &[3]), Some(change(Some(&[1, 3]), None, None)));
    }
    assert_eq!(
        build(&p, Election::Online, &[3], &[3]),
        Some(change(Some(&[3]), Some(-1), None)),
        "nobody in the target ISR can lead"
    );
    assert_eq!(
        build(&p, Election::Unclean, &[3], &[3]),
        Some(change(Some(&[2]), Some(2), Some(1))),
        "the first live replica, alone in the ISR and recovering"
    );
}

#[test]
fn elections_of_q() {
    let q = partition(&[2, 1, 3], &[1, 3], 3);
    for election in [Election::Preferred, Election::Online, Election::Unclean] {
        assert_eq!(build(&q, election, &[1, 3], &[]), None, "3 stays: 2 is not in the ISR");
    }
}

#[test]
fn the_last_member_stays_in_the_isr() {
    let p = partition(&[1, 2, 3], &[1], 1);
    assert_eq!(build(&p, Election::Online, &[], &[1]), Some(change(None, Some(-1), None)));
    assert_eq!(build(&p, Election::Unclean, &[], &[1]), Some(change(Some(&[2]), Some(2), Some(1))));
}

#[test]
fn a_change_that_changes_nothing_is_no_record() {
    let p = partition(&[1, 2, 3], &[1, 2, 3], 1);
    assert_eq!(build(&p, Election::Online, &[1, 2, 3], &[]), None);
    let offline = partition(&[1, 2, 3], &[1], -1);
    assert_eq!(build(&offline, Election::Online, &[1], &[1]), None);
    assert_eq!(
        build(&offline, Election::Online, &[1], &[]),
        Some(change(None, Some(1), None)),
        "back: elected cleanly"
    );
}
