//! Fetching, buffering, polling.

use super::world::World;
use crate::{Command, NodeId, Request, TraceEvent};

const EARLIEST: &str = "auto.offset.reset=earliest";

fn fetches(world: &World) -> usize {
    world.sent.iter().filter(|(_, _, _, r)| matches!(r, Request::Fetch(_))).count()
}

#[test]
fn every_record_once_and_in_order() {
    let mut world = World::new(&[("t", 2)]);
    world.add(1, &["t"], &[EARLIEST, "max.poll.records=3"], Some(700));
    for round in 0..50 {
        world.produce("t", round % 2, 1 + round % 7);
        world.advance(37);
    }
    world.advance(2_000);
    for partition in 0..2 {
        let tp = world.tp("t", partition);
        let mut next = 0;
        for (_, _, event) in &world.trace {
            if let TraceEvent::RecordsPolled { tp: at, first, last, count } = event
                && *at == tp
            {
                assert_eq!(*first, next);
                assert_eq!(i64::from(*count), last - first + 1);
                assert!(*count <= 3);
                next = last + 1;
            }
        }
        assert_eq!(next, world.topics.partitions[&tp].end);
    }
}

#[test]
fn max_poll_records_over_several_partitions() {
    let mut world = World::new(&[("t", 2)]);
    world.produce("t", 0, 4);
    world.produce("t", 1, 4);
    world.add(1, &["t"], &[EARLIEST, "max.poll.records=6"], None);
    world.command(1, Command::Poll);
    world.advance(500);
    assert_eq!(world.polled(1), [0, 1, 2, 3, 0, 1]);
    assert_eq!(world.consumer(1).owned()[1].buffered, 2);
    let before = fetches(&world);
    world.advance(500);
    assert_eq!(fetches(&world), before, "a broker with buffered records is not asked");
    world.command(1, Command::Poll);
    world.advance(0);
    assert_eq!(world.polled(1), [0, 1, 2, 3, 0, 1, 2, 3], "from the buffer, at once");
    assert_eq!(fetches(&world), before + 1, "and the next fetch is on its way already");
}

#[test]
fn no_fetch_between_polls() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 1);
    world.add(1, &["t"], &[EARLIEST], Some(5_000_000));
    world.advance(200);
    world.produce("t", 0, 1);
    world.produce("t", 0, 1);
    world.advance(1_000);
    assert_eq!(world.polled(1), [0], "the application is busy for 5 s");
    assert_eq!(fetches(&world), 2, "one before the records came, one when they were handed out");
    assert_eq!(world.consumer(1).owned()[0].buffered, 1, "what had come in when it was sent");
    world.advance(4_000);
    assert_eq!(world.polled(1), [0, 1]);
}

#[test]
fn one_fetch_at_a_time_to_a_broker() {
    let mut world = World::new(&[("t", 3)]);
    let tp = world.tp("t", 2);
    world.topics.partitions.get_mut(&tp).unwrap().leader = 2;
    world.add(1, &["t"], &[], Some(100));
    world.advance(400);
    let sent: Vec<_> = world
        .sent
        .iter()
        .filter_map(|(_, _, broker, r)| match r {
            Request::Fetch(f) => Some((*broker, f.partitions.len())),
            _ => None,
        })
        .collect();
    assert_eq!(sent, [(1, 2), (2, 1)]);
    assert!(world.consumer(1).owned().iter().all(|o| o.fetch_in_flight));
    let quiet = world.sent.iter().find_map(|(_, _, _, r)| match r {
        Request::Fetch(f) => Some((f.max_wait_ms, f.min_bytes, f.max_bytes, f.replica_id)),
        _ => None,
    });
    assert_eq!(quiet, Some((500, 1, 52_428_800, -1)), "Kafka's defaults");
}

#[test]
fn records_below_the_position_are_left_out() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 10);
    world.add(1, &["t"], &["enable.auto.commit=false"], Some(1));
    world.advance(500);
    // The batch begins at 0, the position is in its middle.
    world.command(1, Command::Seek { topic: "t".into(), partition: 0, offset: 4 });
    world.advance(600);
    assert_eq!(world.polled(1), [4, 5, 6, 7, 8, 9]);
}

#[test]
fn nothing_at_or_above_the_high_watermark_is_handed_out() {
    let mut world = World::new(&[("t", 1)]);
    let tp = world.tp("t", 0);
    world.append(tp, 10);
    // The high watermark lies inside the batch: a broker that sends it whole gives too much away.
    world.topics.partitions.get_mut(&tp).unwrap().high_watermark = 4;
    world.add(1, &["t"], &[EARLIEST], Some(1));
    world.advance(500);
    assert_eq!(world.polled(1), [0, 1, 2, 3]);
    assert_eq!(world.consumer(1).owned()[0].position, Some(4));
    world.topics.partitions.get_mut(&tp).unwrap().high_watermark = 10;
    world.wake();
    world.advance(1_000);
    assert_eq!(world.polled(1), (0..10).collect::<Vec<_>>());
}

#[test]
fn damaged_records_end_the_consumer() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 3);
    let tp = world.tp("t", 0);
    let batch = &mut world.topics.partitions.get_mut(&tp).unwrap().batches[0].2;
    let mut bytes = batch.to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    *batch = bytes.into();
    world.add(1, &["t"], &[EARLIEST], Some(1));
    world.advance(500);
    assert!(world.polled(1).is_empty());
    assert!(world.consumer(1).failure().expect("CRC").contains("t-0 at offset 0"));
}

#[test]
fn what_a_picture_needs() {
    let mut world = World::new(&[("t", 1)]);
    world.produce("t", 0, 10);
    world.add(1, &["t"], &[EARLIEST, "max.poll.records=4"], Some(100_000));
    world.advance(30);
    let consumer = world.consumer(1);
    let owned = &consumer.owned()[0];
    assert_eq!((owned.position, owned.buffered, owned.high_watermark), (Some(4), 6, Some(10)));
    assert_eq!(owned.committed, None);
    assert_eq!(consumer.node(), NodeId::Consumer(1));
    assert_eq!((consumer.handed_out(), consumer.processed(world.now)), (4, 0));
    let delivered: Vec<_> = consumer.delivered().map(|d| (d.first, d.last, d.count)).collect();
    assert_eq!(delivered, [(0, 3, 4)]);
    let until = consumer.next_poll().expect("it processes");
    assert_eq!(until.since(consumer.delivered().next().unwrap().at).ms(), 400);
    world.advance(250);
    assert_eq!(world.consumer(1).processed(world.now), 2, "one every 100 ms");
}
