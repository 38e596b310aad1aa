//! Brokers with the real controller: crash, pause, shutdown, coming back. Checked against what running brokers did
//! (15-observed) and the promises of acks=all.

use super::timed::Cluster;
use crate::*;

fn three(configs: &[(&str, &str)]) -> Cluster {
    let mut c = Cluster::new(&[1, 2, 3], BrokerConfig::default());
    c.run(3_000);
    c.create("orders", &[&[1, 2, 3]], configs);
    c.run(3_000);
    c
}

#[test]
fn replication_in_steady_state() {
    let mut c = three(&[("min.insync.replicas", "2")]);
    let tp = c.tp();
    let all: Vec<_> = (0..20)
        .map(|_| {
            let correlation = c.produce(1, tp, -1, 2);
            c.run(20);
            correlation
        })
        .collect();
    let offsets: Vec<_> = all.iter().map(|a| c.produced(*a)).collect();
    assert_eq!(offsets, (0..20).map(|n| Some((None, n * 2))).collect::<Vec<_>>());
    c.run(600);
    for id in 1..=3 {
        assert_eq!(c.ends(id), (40, 40), "broker {id}");
    }
    assert_eq!(c.registration().isr, [1, 2, 3]);
}

/// I05: fencing after the session timeout, the next in-sync replica leads, the old leader comes back as a follower.
#[test]
fn a_crashed_leader_is_replaced_and_rejoins() {
    let mut c = three(&[("min.insync.replicas", "2")]);
    let tp = c.tp();
    let before = c.produce(1, tp, -1, 3);
    c.run(100);
    assert_eq!(c.produced(before), Some((None, 0)));
    // One record that only the leader has.
    c.produce(1, tp, 1, 1);
    c.crash(1);
    c.run(8_000);
    assert_eq!(c.registration().leader, 1, "its session lasts 9 s");
    c.run(4_000);
    let after = c.registration();
    assert_eq!((after.leader, after.leader_epoch, &after.isr[..]), (2, 1, &[2, 3][..]));
    let all = c.produce(2, tp, -1, 2);
    c.run(3_000);
    assert_eq!(c.produced(all), Some((None, 3)), "the unreplicated record is gone");
    c.start(1);
    c.run(5_000);
    assert_eq!(c.registration().isr.len(), 3);
    let logs: Vec<_> = (1..=3).map(|id| c.ends(id)).collect();
    assert_eq!(logs, [(5, 5); 3]);
    let cut = TraceEvent::LogTruncated { tp, from: 4, to: 3 };
    assert!(c.events.contains(&(NodeId::Broker(1), cut)));
}

/// 15, 6: a leader first hands over, then may stop; the next start finds a clean shutdown.
#[test]
fn controlled_shutdown_moves_leadership_first() {
    let mut c = three(&[]);
    let tp = c.tp();
    c.produce(1, tp, 1, 3);
    c.run(600);
    c.request(
        NodeId::Admin,
        NodeId::Broker(1),
        Request::Metadata(MetadataRequest { topics: None }),
    );
    c.command(1, Command::ShutDown);
    c.run(10_000);
    assert_eq!(c.stopped, [1]);
    assert_eq!(c.registration().leader, 2);
    assert!(!c.registration().isr.contains(&1));
    c.crash(1);
    c.stopped.clear();
    c.events.clear();
    c.start(1);
    c.run(3_000);
    assert_eq!(c.registration().isr.len(), 3);
    let recovered = |(_, e): &(NodeId, TraceEvent)| matches!(e, TraceEvent::LogRecovered { .. });
    assert!(!c.events.iter().any(recovered));
}

/// 15, 1 and 2: a silent follower is put out 30 to 45 s after the first write that it misses.
#[test]
fn a_dead_follower_leaves_the_isr() {
    let mut c = three(&[("min.insync.replicas", "2")]);
    let tp = c.tp();
    c.crash(3);
    let all = c.produce(1, tp, -1, 1);
    c.run(15_000);
    assert_eq!(c.produced(all), Some((None, 0)), "fenced after 9 s and out of the ISR: it commits");
    assert_eq!(c.registration().isr, [1, 2]);
    c.crash(2);
    c.run(15_000);
    assert_eq!(c.registration().isr, [1]);
    let refused = c.produce(1, tp, -1, 1);
    assert_eq!(c.produced(refused), Some((Some(KafkaError::NotEnoughReplicas), -1)));
    let unseen = c.produce(1, tp, 1, 1);
    c.run(100);
    assert_eq!((c.produced(unseen), c.ends(1)), (Some((None, 1)), (2, 1)));
    c.start(2);
    c.run(5_000);
    assert_eq!(c.ends(1), (2, 2));
}

/// Speed, natively and with checks: not a promise, a guard against something quadratic.
#[test]
fn steady_replication_is_fast() {
    let mut c = three(&[]);
    let tp = c.tp();
    let before = c.handled;
    for _ in 0..20_000 {
        c.produce(1, tp, 1, 1);
        c.run(2);
    }
    assert!(c.handled - before > 100_000);
    c.run(2000);
    assert_eq!(c.ends(1), (20_000, 20_000));
}
