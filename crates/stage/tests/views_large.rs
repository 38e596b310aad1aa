//! Long logs and many partitions.

use super::*;

/// A log of 60 records in six segments with offsets of five digits: the window has slid.
pub fn long() -> WorldView {
    let mut view = story();
    let letters: Vec<String> = (0..30u8)
        .map(|n| {
            let a = char::from(b'A' + n % 8);
            let b = char::from(b'A' + (n * 3 + 1) % 8);
            format!("{a}{b}")
        })
        .collect();
    let groups: Vec<&str> = letters.iter().map(String::as_str).collect();
    let seg = [0, 10, 20, 30, 40, 50];
    let far = 12_340;
    let shift = |mut log: ReplicaView| {
        for b in &mut log.batches {
            b.base_offset += far;
            b.last_offset += far;
            b.segment += far;
            b.records.iter_mut().for_each(|r| r.offset += far);
        }
        for s in &mut log.segments {
            s.base_offset += far;
            s.next_offset += far;
        }
        log.log_start_offset = far;
        log.log_end_offset += far;
        log.high_watermark += far;
        log.last_stable_offset += far;
        log
    };
    let mut leader = shift(replica(1, Role::Leader, 56, &groups, &seg, 3));
    leader.followers =
        vec![follower(2, far + 58, true, ms(20_054)), follower(3, far + 20, false, ms(8000))];
    leader.maximal_isr = vec![1, 2];
    let second = shift(replica(2, Role::Follower, 54, &groups[..29], &seg, 3));
    let mut third = shift(replica(3, Role::Follower, 18, &groups[..10], &seg, 3));
    third.in_isr = false;
    view.topics[0].partitions[0] =
        partition(1, 0, "orders", 1, 3, &[1, 2], vec![leader, second, third]);
    view.messages = vec![message(
        17,
        NodeId::Broker(2),
        NodeId::Broker(1),
        20_056_000,
        20_058_000,
        MessageKind::Fetch(vec![(tp(1, 0), far + 58)]),
    )];
    view.consumers = vec![consumer(1, Some((tp(1, 0), far + 56, far + 50)))];
    view.groups[0].committed = vec![(tp(1, 0), far + 50)];
    view.brokers[0].purgatory.clear();
    view.producers[0].in_flight.clear();
    view
}

/// Ten brokers, fifty partitions: the matrix.
pub fn many() -> WorldView {
    let mut partitions = Vec::new();
    for n in 0..50 {
        let leader = n % 10 + 1;
        let mut logs: Vec<ReplicaView> = [0, 1, 2 + n / 10 % 3]
            .iter()
            .enumerate()
            .map(|(k, step)| {
                let b = (n + step) % 10 + 1;
                let sick = b == 4 && k > 0;
                let hw = if sick {
                    20
                } else if k > 0 && (n * 7 + step) % 5 == 0 {
                    98
                } else {
                    100
                };
                ReplicaView {
                    broker: b,
                    role: if k == 0 { Role::Leader } else { Role::Follower },
                    high_watermark: hw,
                    log_end_offset: if sick { 21 } else { 101 },
                    in_isr: !(sick || n == 27 && k > 0),
                    ..ReplicaView::default()
                }
            })
            .collect();
        logs.sort_by_key(|l| l.broker);
        let isr: Vec<i32> = logs.iter().filter(|l| l.in_isr).map(|l| l.broker).collect();
        partitions.push(partition(1, n, "orders", leader, 0, &isr, logs));
    }
    WorldView {
        now: ms(90_000),
        brokers: (1..=10)
            .map(|id| broker(id, ["a", "b", "c"][usize::try_from(id).expect("small") % 3]))
            .collect(),
        topics: vec![topic(1, "orders", partitions)],
        ..WorldView::default()
    }
}
