//! Produce, fetch, groups.

use super::*;
use crate::ConsumerSpec;
use crate::explain::{ClientFact, GroupFact, ProcessFact, ReplicaFact};
use highwater_cluster::{KafkaError, Span};

fn consumer(topics: &[&str]) -> ConsumerSpec {
    ConsumerSpec {
        group: "billing".into(),
        topics: topics.iter().map(|t| Name::from(*t)).collect(),
        settings: pairs(&[("auto.offset.reset", "earliest")]),
        processing: Some(Span(1_000)),
        start: Time(0),
    }
}

/// 05, 5.4: acks=all waits in purgatory until the high watermark reaches last offset + 1, at most the
/// request's timeout, `request.timeout.ms` of the producer (30 s).
#[test]
fn a_produce_waits_for_the_slowest_in_sync() {
    let mut scenario = three(&[]);
    scenario.producers.push(producer("all", 0));
    let mut world = booted(&scenario);
    act(&mut world, "produce p1 x3");
    at_ms(&mut world, 3_000);
    assert!(ask(&world, "produce p1").headline.contains("nothing that is not acknowledged"));
    cut(&mut world, 1, 3);
    act(&mut world, "produce p1");
    at_ms(&mut world, 4_000);
    let parked = world.view().brokers[0]
        .purgatory
        .iter()
        .find(|p| p.from == NodeId::Producer(1))
        .unwrap()
        .clone();
    for question in [format!("parked {}@1", parked.id), "produce p1".to_owned()] {
        let answer = ask(&world, &question);
        has!(answer, Fact::Client(ClientFact::WaitsForOffset { required: 4, high_watermark: 3, missing, .. }) if missing == &[3]);
        has!(answer, Fact::Client(ClientFact::TimesOutAt { request_timeout_ms: 30_000, at }) if *at == parked.deadline);
        has!(answer, Fact::Client(ClientFact::AlreadyAppended { base_offset: 3, leader: 1, .. }));
        assert!(answer.picks.contains(&format!("parked {}@1", parked.id)), "{:?}", answer.picks);
        assert!(answer.picks.contains(&"orders-0@3".to_owned()), "{:?}", answer.picks);
    }
    has!(
        ask(&world, "produce p1"),
        Fact::Client(ClientFact::DeliveryTimeoutAt { delivery_timeout_ms: 120_000, .. })
    );
}

/// 05, 5.4: with too few in sync acks=all is refused before anything is appended.
#[test]
fn too_few_in_sync_refuse_acks_all() {
    let mut scenario = three(&[("min.insync.replicas", "2")]);
    scenario.producers.push(producer("all", 0));
    let mut world = booted(&scenario);
    act(&mut world, "produce p1");
    at_ms(&mut world, 1_000);
    has!(ask(&world, "error p1"), Fact::Client(ClientFact::NoError));
    act(&mut world, "crash broker 2");
    act(&mut world, "crash broker 3");
    at_ms(&mut world, 20_000);
    act(&mut world, "produce p1");
    at_ms(&mut world, 21_000);
    let answer = ask(&world, "error p1");
    assert_eq!(answer.headline, "p1 was refused with NOT_ENOUGH_REPLICAS");
    has!(answer, Fact::Client(ClientFact::LastError { error: KafkaError::NotEnoughReplicas, .. }));
    has!(answer, Fact::Client(ClientFact::NotEnoughReplicas { isr, min: 2, .. }) if isr == &[1]);
    has!(answer, Fact::Client(ClientFact::Retries { .. }));
    let answer = ask(&world, "produce p1");
    has!(answer, Fact::Client(ClientFact::Acks { acks: -1 }));
    let end = world.view().topics[0].partitions[0].logs[0].log_end_offset;
    assert_eq!(end, 1, "nothing was appended");
}

#[test]
fn a_batch_is_followed_on_its_way() {
    let mut scenario = three(&[]);
    scenario.producers.push(producer("1", 0));
    let mut world = booted(&scenario);
    act(&mut world, "produce p1");
    at_ms(&mut world, 1_000);
    act(&mut world, "slow p1>1 5s");
    act(&mut world, "produce p1");
    at_ms(&mut world, 2_000);
    let answer = ask(&world, "produce p1");
    assert_eq!(answer.headline, "The batch is on its way from p1 to broker 1");
    let message = answer.facts.iter().find_map(|f| match f {
        Fact::Process(ProcessFact::MessageUnderWay {
            id, api: "Produce", response: false, ..
        }) => Some(*id),
        _ => None,
    });
    let pick = format!("message {}", message.unwrap());
    assert!(answer.picks.contains(&pick));
    let answer = ask(&world, &pick);
    has!(answer, Fact::Process(ProcessFact::ProduceBrings { records: 1, acks: 1, .. }));
    has!(answer, Fact::Process(ProcessFact::LinkSlow { latency_us: 5_000_000, .. }));
}

#[test]
fn nothing_is_acknowledged_with_acks_0() {
    let mut scenario = three(&[]);
    scenario.producers.push(producer("0", 100_000));
    let mut world = booted(&scenario);
    at_ms(&mut world, 2_000);
    has!(ask(&world, "produce p1"), Fact::Client(ClientFact::NeverAcknowledged { sent }) if *sent > 10);
}

/// 06, 6.9: a fetch with nothing to read waits, a follower's up to 500 ms for 1 byte.
#[test]
fn a_followers_fetch_waits_for_a_byte() {
    let mut scenario = three(&[]);
    scenario.producers.push(producer("1", 0));
    let mut world = booted(&scenario);
    at_ms(&mut world, 10_000);
    let parked = loop {
        world.step();
        let all = world.view().brokers[0].purgatory.clone();
        if let Some(found) = all.into_iter().find(|p| p.from == NodeId::Broker(2)) {
            break found;
        }
    };
    let answer = ask(&world, &format!("parked {}@1", parked.id));
    has!(
        answer,
        Fact::Client(ClientFact::FetchWaitsForBytes { bytes: 0, min_bytes: 1, follower: true, .. })
    );
    has!(answer, Fact::Client(ClientFact::FetchAnsweredBy { at, follower: true }) if *at == parked.since + Span::from_ms(500));
    assert!(answer.facts.iter().any(|f| f.rule() == Some("replica.fetch.min.bytes")));
}

/// A consumer reads below the high watermark only: an unreplicated record does not wake its fetch.
#[test]
fn a_consumers_fetch_does_not_see_what_is_not_committed() {
    let mut scenario = three(&[]);
    scenario.producers.push(producer("1", 0));
    scenario.consumers.push(consumer(&["orders"]));
    let mut world = booted(&scenario);
    act(&mut world, "produce p1 x2");
    at_ms(&mut world, 10_000);
    cut(&mut world, 1, 3);
    act(&mut world, "produce p1");
    at_ms(&mut world, 11_000);
    let answer = ask(&world, "lag c1 orders-0");
    has!(
        answer,
        Fact::Group(GroupFact::NotReadableYet { high_watermark: 2, log_end_offset: 3, .. })
    );
    has!(answer, Fact::Group(GroupFact::AtHighWatermark { high_watermark: 2, .. }));
    assert_eq!(answer.headline, "c1 is not behind on orders-0");
}

/// Before its first commit a consumer is behind by what lies between its position and the high watermark.
#[test]
fn lag_without_a_commit_counts_from_the_position() {
    let mut scenario = three(&[]);
    scenario.producers.push(producer("all", 0));
    let mut reader = consumer(&["orders"]);
    reader.settings.extend(pairs(&[("enable.auto.commit", "false")]));
    scenario.consumers.push(reader);
    let mut world = booted(&scenario);
    act(&mut world, "produce p1 x2");
    at_ms(&mut world, 10_000);
    let answer = ask(&world, "lag c1 orders-0");
    has!(answer, Fact::Group(GroupFact::Lag { lag: 0, committed: None, .. }));
    assert!(!answer.to_string().contains("unknown"), "{answer}");
}

/// 08, 8.6: range gives two partitions to the first two members in order of their ids; a third has none.
#[test]
fn a_third_consumer_of_two_partitions_is_idle() {
    let mut scenario = scenario(3, vec![topic("orders", 2, 3)]);
    for _ in 0..3 {
        scenario.consumers.push(consumer(&["orders"]));
    }
    let mut world = booted(&scenario);
    at_ms(&mut world, 20_000);
    let view = world.view();
    let idle = view.consumers.iter().find(|c| c.owned.is_empty()).unwrap();
    let mut ids: Vec<&str> = view.consumers.iter().map(|c| &*c.member_id).collect();
    highwater_sorted::sort(&mut ids);
    assert_eq!(ids[2], &*idle.member_id, "ids are ASCII: Java's order is the order of bytes");
    let answer = ask(&world, &format!("idle c{}", idle.number));
    has!(
        answer,
        Fact::Group(GroupFact::MoreMembersThanPartitions { members: 3, partitions: 2, .. })
    );
    has!(answer, Fact::Group(GroupFact::PlaceInAssignor { place: 3, members: 3, assignor, .. }) if assignor == "range");
    let given = |f: &&Fact| matches!(f, Fact::Group(GroupFact::AssignmentOf { partitions, .. }) if partitions.len() == 1);
    assert_eq!(answer.facts.iter().filter(given).count(), 2);
    let busy = view.consumers.iter().find(|c| !c.owned.is_empty()).unwrap();
    assert!(ask(&world, &format!("idle c{}", busy.number)).headline.contains("is not idle"));
    let name = if busy.owned[0].tp.partition == 0 { "orders-0" } else { "orders-1" };
    let answer = ask(&world, &format!("lag c{} {name}", idle.number));
    has!(answer, Fact::Group(GroupFact::OwnedBy { owner, .. }) if *owner == format!("c{}", busy.number));
}

/// 08, 8.2: an empty group waits `group.initial.rebalance.delay.ms` (3 s) before its first generation.
#[test]
fn a_new_group_waits_for_more_members() {
    let mut scenario = three(&[]);
    scenario.consumers.push(consumer(&["orders"]));
    let mut world = booted(&scenario);
    while world.group("billing").is_none_or(|g| g.phase().is_none()) {
        world.step();
    }
    let answer = ask(&world, "idle c1");
    let until = world.group("billing").unwrap().phase().unwrap().since + Span::from_ms(3_000);
    has!(answer, Fact::Group(GroupFact::RebalanceWaits { until: at, .. }) if *at == until);
    assert!(
        answer.facts.iter().any(|f| f.rule() == Some("group.initial.rebalance.delay.ms")),
        "{answer}"
    );
}

/// 08, 8.2 step 6: a silent member is removed after `session.timeout.ms` (45 s).
#[test]
fn a_paused_consumer_says_when_it_is_removed() {
    let mut scenario = three(&[]);
    scenario.producers.push(producer("1", 500_000));
    scenario.consumers.push(consumer(&["orders"]));
    let mut world = booted(&scenario);
    at_ms(&mut world, 10_000);
    act(&mut world, "pause c1");
    at_ms(&mut world, 15_000);
    for question in ["idle c1", "lag c1 orders-0"] {
        let answer = ask(&world, question);
        has!(answer, Fact::Process(ProcessFact::NotRunning { node: NodeId::Consumer(1), .. }));
        has!(
            answer,
            Fact::Group(GroupFact::MemberSessionExpiresAt { session_timeout_ms: 45_000, .. })
        );
    }
}

#[test]
fn a_slow_application_is_behind() {
    let mut scenario = three(&[]);
    scenario.producers.push(producer("1", 100_000));
    scenario
        .consumers
        .push(ConsumerSpec { processing: Some(Span(400_000)), ..consumer(&["orders"]) });
    let mut world = booted(&scenario);
    at_ms(&mut world, 20_000);
    let answer = ask(&world, "lag c1 orders-0");
    has!(answer, Fact::Group(GroupFact::Processing { each_us: 400_000, .. }));
    has!(answer, Fact::Group(GroupFact::Lag { lag, .. }) if *lag > 10);
    has!(answer, Fact::Group(GroupFact::NotCommitted { auto_commit_interval_ms: 5_000, .. }));
    let not = ask(&world, "lag c1 __consumer_offsets-0");
    has!(not, Fact::Group(GroupFact::NotSubscribed { .. }));
    has_not!(not, Fact::Replica(ReplicaFact::HighWatermarkFrozenBelowMinIsr { .. }));
}

/// With two brokers Kafka cannot make `__consumer_offsets` with its three replicas (INVALID_REPLICATION_FACTOR).
#[test]
fn a_group_without_enough_brokers_for_its_offsets_topic() {
    let mut scenario = three(&[]);
    scenario.brokers.truncate(2);
    scenario.topics[0].assignments = vec![vec![1, 2]];
    scenario.consumers.push(consumer(&["orders"]));
    let mut world = booted(&scenario);
    at_ms(&mut world, 5_000);
    let answer = ask(&world, "idle c1");
    assert!(answer.headline.contains("no broker coordinates its group"), "{}", answer.headline);
    has!(
        answer,
        Fact::Group(GroupFact::OffsetsTopicImpossible { replication_factor: 3, brokers: 2, .. })
    );
}
