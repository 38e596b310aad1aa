//! Keys to partitions, partitions to brokers.

use highwater_cluster::TraceEvent;
use highwater_tests::suite::Lab;

const NAMES: [&str; 8] = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi"];

fn keyed(partitions: i32) -> Lab {
    let mut lab = Lab::of(&format!(
        "[scenario]\nbrokers = 1\n[[scenario.topic]]\nname = \"orders\"\npartitions = {partitions}\n\
         [[scenario.producer]]\ntopic = \"orders\"\n\
         settings = {{ \"linger.ms\" = 0, \"metadata.max.age.ms\" = 1000 }}\n"
    ));
    lab.run_ms(500);
    lab
}

/// Sends each name as a key: the partition of each.
fn send(lab: &mut Lab) -> Vec<i32> {
    let from = lab.records.len();
    for name in NAMES {
        lab.act(&format!("produce p1 key={name}"));
        lab.run_ms(50);
    }
    let sent = lab.records[from..].iter().filter_map(|r| match r.event() {
        Some(TraceEvent::RecordSent { partition, .. }) => Some(*partition),
        _ => None,
    });
    sent.collect()
}

/// B02: murmur2(key) mod 3.
#[test]
fn murmur2_places_keys() {
    let mut lab = keyed(3);
    // P0 alice, bob, grace; P1 dave, frank, heidi; P2 carol, erin.
    assert_eq!(send(&mut lab), [0, 0, 2, 1, 2, 1, 0, 1]);
    assert_eq!(send(&mut lab), [0, 0, 2, 1, 2, 1, 0, 1], "again the same");
}

/// B03: with a partition more most keys move, and no data does.
#[test]
fn more_partitions_break_key_locality() {
    let mut lab = keyed(3);
    send(&mut lab);
    lab.act("create partitions orders 4");
    lab.run_ms(3_000);
    // Only carol stays: alice 0-1, bob 0-2, dave 1-2, erin 2-0, frank 1-3, grace 0-2, heidi 1-3.
    assert_eq!(send(&mut lab), [1, 2, 2, 2, 0, 3, 2, 3]);
    lab.expect("orders-0.leo == 4 and orders-3.leo == 2");

    let mut lab = keyed(3);
    send(&mut lab);
    lab.act("create partitions orders 6");
    lab.run_ms(3_000);
    // 3 to 6: only alice (0 to 3) and dave (1 to 4) move.
    assert_eq!(send(&mut lab), [3, 0, 2, 4, 2, 1, 0, 1]);
}

/// Order holds within a partition, not between partitions: a consumer may see a later record of another first.
#[test]
fn order_holds_within_a_partition_only() {
    let mut lab = Lab::of(
        "[scenario]\nbrokers = 2\nsettings = { \"offsets.topic.replication.factor\" = 1 }\n[[scenario.topic]]\nname = \"orders\"\nassignments = [[1], [2]]\n\
         [[scenario.producer]]\ntopic = \"orders\"\nsettings = { \"linger.ms\" = 0, acks = \"1\" }\n\
         [[scenario.consumer]]\ngroup = \"g\"\ntopics = [\"orders\"]\nprocessing = \"1 ms\"\n\
         settings = { \"auto.offset.reset\" = \"earliest\" }\n",
    );
    lab.until("c1.owned == 2");
    lab.run_ms(1_000);
    lab.act("slow p1>1 300 ms");
    for n in 0..4 {
        lab.act(&format!("produce p1 partition={} value=v{n}", n % 2));
        lab.run_ms(20);
    }
    lab.until("c1.processed == 4");
    let seen: Vec<(i32, i64)> = lab
        .events()
        .filter_map(|e| match e {
            TraceEvent::RecordsPolled { tp, first, last, .. } => {
                Some((tp.partition, *first, *last))
            }
            _ => None,
        })
        .flat_map(|(p, first, last)| (first..=last).map(move |o| (p, o)))
        .collect();
    for partition in [0, 1] {
        let offsets: Vec<i64> = seen.iter().filter(|s| s.0 == partition).map(|s| s.1).collect();
        assert_eq!(offsets, [0, 1], "in order within partition {partition}");
    }
    // Sent as 0, 1, 0, 1; partition 1 came first.
    assert_eq!(seen.iter().map(|s| s.0).collect::<Vec<_>>(), [1, 1, 0, 0]);
}

fn placed(brokers: i32, partitions: i32) -> Vec<Vec<i32>> {
    let lab = Lab::of(&format!(
        "[scenario]\nbrokers = {brokers}\n[[scenario.topic]]\nname = \"orders\"\npartitions = {partitions}\n"
    ));
    let topic = lab.world.view().topics[0].clone();
    topic.partitions.into_iter().map(|p| p.replicas).collect()
}

/// Two partitions without copies: on two brokers one each, on three one broker has none, on one it has both.
#[test]
fn placement_of_two_partitions_on_two_three_and_one_broker() {
    let mut two: Vec<i32> = placed(2, 2).concat();
    two.sort_unstable();
    assert_eq!(two, [1, 2], "each broker has one");
    let mut three: Vec<i32> = placed(3, 2).concat();
    three.dedup();
    assert_eq!(three.len(), 2, "two different brokers, the third has none");
    assert_eq!(placed(1, 2), [[1], [1]], "one broker may lead both");
}

/// More replicas than brokers cannot be: a copy on the same broker would be none.
#[test]
fn more_replicas_than_brokers_are_refused() {
    let mut lab = keyed(1);
    lab.act("create topic t partitions=1 rf=2");
    lab.run_ms(500);
    lab.expect("event AdminRefused where error=InvalidReplicationFactor");
}
