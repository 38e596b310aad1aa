//! Losing and taking over a partition of `__consumer_offsets`; retention of offsets.

use super::harness::{Bench, GROUP};
use crate::group::Key;
use crate::{GroupState, KafkaError, TraceEvent};

#[test]
fn resigning_answers_everybody_who_waits() {
    let mut bench = Bench::new();
    let (first, second, generation) = bench.two_members();
    bench.replicated = false;
    let commit = bench.send_commit(&first, generation, 5);
    let (_, join3) = bench.enter(3);
    let join2 = bench.send_join(2, &second);
    bench.resign();
    for join in [join2, join3] {
        assert_eq!(bench.joined(join).error, Some(KafkaError::NotCoordinator));
    }
    assert!(!bench.is_parked(commit));
    assert!(bench.coordinator.group(GROUP).is_none());
    let left: Vec<_> = bench.timers.keys().collect();
    assert_eq!(left, [&crate::Timer::OffsetExpiration], "no timer of a group is left");
}

#[test]
fn a_new_coordinator_reads_the_log() {
    let mut old = Bench::new();
    let (first, second, generation) = old.two_members();
    assert_eq!(old.commit(&first, generation, 5), None);
    assert_eq!(old.commit(&first, generation, 6), None);

    let mut new = Bench::unloaded();
    let log = old.host.records.clone();
    new.host.records.clone_from(&log);
    new.elect(&log);
    let loaded = TraceEvent::CoordinatorLoaded { partition: super::harness::PARTITION, groups: 1 };
    assert!(new.trace.iter().any(|(_, e)| *e == loaded));
    assert_eq!((new.state(), new.generation()), (GroupState::Stable, generation));
    assert_eq!(new.committed(), 6);
    let group = new.coordinator.group(GROUP).unwrap();
    assert_eq!(group.leader(), Some(&first));
    let clients: Vec<_> = group.members().iter().map(|m| m.node()).collect();
    assert_eq!(clients, [Some(crate::NodeId::Consumer(1)), Some(crate::NodeId::Consumer(2))]);
    let sync = new.send_sync(2, &second, generation, &[]);
    assert_eq!(new.synced(sync), Ok(vec![2]), "members go on as if nothing had happened");
    assert_eq!(new.heartbeat(1, &first, generation), None);
    new.advance(45_000);
    assert_eq!(new.state(), GroupState::Empty, "sessions were started again by loading");
}

#[test]
fn an_emptied_group_is_empty_after_a_failover() {
    let mut old = Bench::new();
    let (id, generation) = old.one_member();
    old.commit(&id, generation, 5);
    old.leave(1, &id);
    let mut new = Bench::unloaded();
    new.elect(&old.host.records.clone());
    assert_eq!((new.state(), new.generation()), (GroupState::Empty, generation + 1));
    assert_eq!(new.committed(), 5);
}

#[test]
fn offsets_expire_after_the_retention_when_the_group_is_empty() {
    let mut bench = Bench::new();
    let minute = 60_000;
    bench.host.config.offsets_retention_minutes = 60;
    let (id, generation) = bench.one_member();
    bench.commit(&id, generation, 5);
    for _ in 0..70 * 60 {
        bench.advance(1_000);
        bench.heartbeat(1, &id, generation);
    }
    assert_eq!(bench.committed(), 5, "70 minutes old, but the group is in use");
    bench.leave(1, &id);
    bench.advance(50 * minute);
    assert_eq!(bench.committed(), 5, "empty for 50 minutes");
    bench.advance(20 * minute);
    assert_eq!(bench.committed(), -1);
    assert!(bench.coordinator.group(GROUP).is_none(), "nothing is left of the group");
    let tombstones: Vec<Key> = bench
        .host
        .records
        .iter()
        .rev()
        .take(2)
        .filter(|(_, value)| value.is_none())
        .map(|(key, _)| Key::decode(key).unwrap())
        .collect();
    let offset = Key::Offset { group: GROUP.into(), topic: "t".into(), partition: 0 };
    assert_eq!(tombstones, [Key::Group(GROUP.into()), offset]);
}

#[test]
fn damaged_and_unknown_records_are_skipped() {
    use highwater_log::Bytes;
    let mut bench = Bench::unloaded();
    let key = Key::Group(GROUP.into()).encode();
    let log = [
        (Bytes::from(&[0u8, 99, 1][..]), Some(Bytes::from(&[1u8][..]))),
        (Bytes::empty(), None),
        (key.clone(), Some(Bytes::from(&[0u8, 3, 0][..]))),
        (key, Some(Bytes::from(&[0u8, 77][..]))),
    ];
    bench.elect(&log);
    assert!(bench.coordinator.group(GROUP).is_none());
    assert_eq!(bench.coordinator.partitions().collect::<Vec<_>>(), [super::harness::PARTITION]);
}
