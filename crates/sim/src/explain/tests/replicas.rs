//! High watermark, ISR and leadership.

use super::*;
use crate::TraceKind;
use crate::explain::{LeaderFact, ProcessFact, ReplicaFact};
use highwater_cluster::{Span, TraceEvent};

fn running(configs: &[(&str, &str)], acks: &str) -> World {
    let mut scenario = three(configs);
    scenario.producers.push(producer(acks, 500_000));
    let mut world = booted(&scenario);
    at_ms(&mut world, 5_000);
    world
}

/// 06, 6.5: the high watermark is the minimum over the ISR. 6.4: a follower that has not been caught up for
/// `replica.lag.time.max.ms` (30 s) leaves at a check, and the checks come every 15 s.
#[test]
fn a_follower_cut_off_holds_the_high_watermark_until_the_check_after_its_limit() {
    let mut world = running(&[], "1");
    cut(&mut world, 1, 3);
    let cut_at = world.now();
    at_ms(&mut world, 15_000);
    let answer = ask(&world, "hw orders-0");
    let has_of_3 =
        world.broker(1).unwrap().partition(tp(&world)).unwrap().follower(3).unwrap().clone();
    has!(answer, Fact::Replica(ReplicaFact::HighWatermarkHeldBy { replica: 3, log_end_offset, in_maximal_isr: true })
        if *log_end_offset == has_of_3.log_end_offset);
    assert!(answer.headline.contains("broker 3 holds it there"), "{answer}");
    assert!(
        answer.picks.contains(&"orders-0@3".to_owned())
            && !answer.picks.contains(&"orders-0@2".to_owned())
    );
    let &Fact::Replica(ReplicaFact::FollowerLastCaughtUp {
        last_caught_up: Some(caught_up),
        lags_after,
        replica_lag_time_max_ms,
        ..
    }) = answer
        .facts
        .iter()
        .find(|f| matches!(f, Fact::Replica(ReplicaFact::FollowerLastCaughtUp { replica: 3, .. })))
        .unwrap()
    else {
        panic!("{answer}")
    };
    assert_eq!(replica_lag_time_max_ms, 30_000);
    assert_eq!(lags_after, caught_up + Span::from_ms(30_000));
    assert!(caught_up <= cut_at);
    let leaves = answer.facts.iter().find_map(|f| match f {
        Fact::Replica(ReplicaFact::LeavesIsrAtCheck { replica: 3, at }) => Some(*at),
        _ => None,
    });
    let leaves = leaves.unwrap_or_else(|| panic!("{answer}"));
    assert!(leaves > lags_after && leaves <= lags_after + Span::from_ms(15_000), "{answer}");
    has!(answer, Fact::Process(ProcessFact::LinkCut { .. }));
    // And that is when it happens.
    let shrink = loop {
        world.step();
        let proposed = |k: &TraceKind| matches!(k, TraceKind::Event(TraceEvent::IsrShrinkProposed { out, .. }) if out == &[3]);
        if world.records().iter().any(|r| proposed(&r.what)) {
            break world.now();
        }
        assert!(world.now() < Time::from_ms(60_000));
    };
    assert_eq!(shrink, leaves);
    // 06, 6.3: until the controller has agreed, those to go still count.
    let answer = ask(&world, "hw orders-0");
    has!(answer, Fact::Replica(ReplicaFact::IsrChangeUnderWay { isr, proposed }) if isr == &[1, 2, 3] && proposed == &[1, 2]);
    has!(answer, Fact::Replica(ReplicaFact::HighWatermarkHeldBy { replica: 3, .. }));
    world.run_until(leaves + Span::from_ms(1_000));
    let answer = ask(&world, "isr orders-0 broker 3");
    has!(answer, Fact::Replica(ReplicaFact::OutOfIsr { replica: 3, isr }) if isr == &[1, 2]);
    has!(answer, Fact::Replica(ReplicaFact::BelowHighWatermark { replica: 3, .. }));
    has_not!(
        ask(&world, "hw orders-0"),
        Fact::Replica(ReplicaFact::HighWatermarkHeldBy { replica: 3, .. })
    );
}

/// 06, 6.15: a broker silent for `broker.session.timeout.ms` (9 s) is fenced, long before its lag counts.
#[test]
fn a_paused_follower_holds_the_high_watermark_until_its_session_ends() {
    let mut world = running(&[], "1");
    act(&mut world, "pause broker 3");
    at_ms(&mut world, 9_000);
    let answer = ask(&world, "hw orders-0");
    has!(
        answer,
        Fact::Replica(ReplicaFact::HighWatermarkHeldBy { replica: 3, in_maximal_isr: true, .. })
    );
    has!(
        answer,
        Fact::Process(ProcessFact::NotRunning {
            node: NodeId::Broker(3),
            state: crate::ProcessState::Paused,
            ..
        })
    );
    has!(answer, Fact::Process(ProcessFact::SessionExpiresAt { broker: 3, last_heartbeat, at, broker_session_timeout_ms: 9_000 })
        if *at == *last_heartbeat + Span::from_ms(9_000));
    has_not!(answer, Fact::Replica(ReplicaFact::LeavesIsrAtCheck { .. }));
    assert!(answer.facts.iter().any(|f| f.rule() == Some("broker.session.timeout.ms")));
    at_ms(&mut world, 20_000);
    let answer = ask(&world, "isr orders-0 broker 3");
    has!(answer, Fact::Process(ProcessFact::Fenced { broker: 3 }));
    assert_eq!(answer.headline, "Broker 3 is out of the ISR of orders-0");
}

/// 06, 6.5 (KIP-966): no advance while the ISR is smaller than `min.insync.replicas`, though acks=1 goes on.
#[test]
fn below_min_insync_replicas_the_high_watermark_is_frozen() {
    let mut world = running(&[("min.insync.replicas", "2")], "1");
    act(&mut world, "crash broker 2");
    act(&mut world, "crash broker 3");
    at_ms(&mut world, 25_000);
    let before = world.view().topics[0].partitions[0].logs[0].clone();
    assert_eq!(world.view().topics[0].partitions[0].isr, [1]);
    assert!(before.high_watermark < before.log_end_offset);
    let answer = ask(&world, "hw orders-0");
    has!(answer, Fact::Replica(ReplicaFact::HighWatermarkFrozenBelowMinIsr { isr, min_insync_replicas: 2 }) if isr == &[1]);
    assert!(answer.headline.contains("stands still"), "{answer}");
    assert_eq!(answer.facts[0].rule(), Some("min.insync.replicas"));
    assert!(answer.picks.contains(&"isr".to_owned()));
    has_not!(answer, Fact::Replica(ReplicaFact::HighWatermarkHeldBy { .. }));
}

/// `min.insync.replicas` beyond the number of replicas counts as that number (06, 6.5).
#[test]
fn everything_is_committed_when_all_have_it() {
    let mut scenario = three(&[("min.insync.replicas", "3")]);
    scenario.producers.push(producer("all", 0));
    let mut world = booted(&scenario);
    act(&mut world, "produce p1 x3");
    at_ms(&mut world, 3_000);
    let answer = ask(&world, "hw orders-0");
    has!(
        answer,
        Fact::Replica(ReplicaFact::HighWatermarkAtLogEnd { leader: 1, log_end_offset: 3 })
    );
    let answer = ask(&world, "isr orders-0");
    assert_eq!(answer.headline, "The ISR of orders-0 is {1, 2, 3}: 3 of 3 replicas");
    has!(answer, Fact::Replica(ReplicaFact::LeaderIsInIsr { leader: 1 }));
    has!(answer, Fact::Replica(ReplicaFact::CaughtUp { replica: 2, log_end_offset: 3 }));
}

/// 06, 6.5: a follower's high watermark is what a fetch response told it; when nothing comes, its fetch waits
/// at the leader for up to `replica.fetch.wait.max.ms` (500 ms), and a move of the high watermark does not wake it.
#[test]
fn a_follower_knows_an_older_high_watermark() {
    let mut scenario = three(&[]);
    scenario.producers.push(producer("1", 0));
    let mut world = booted(&scenario);
    at_ms(&mut world, 3_000);
    act(&mut world, "produce p1");
    at_ms(&mut world, 3_050);
    let answer = ask(&world, "hw orders-0@3");
    has!(
        answer,
        Fact::Replica(ReplicaFact::FollowerWasTold {
            replica: 3,
            high_watermark: 0,
            leader: 1,
            leader_high_watermark: 1
        })
    );
    has!(
        answer,
        Fact::Process(ProcessFact::FollowerFetchParked {
            replica: 3,
            broker: 1,
            fetch_offset: 1,
            ..
        })
    );
    assert!(answer.facts.iter().any(|f| f.rule() == Some("replica.fetch.wait.max.ms")));
    assert_eq!(ask(&world, "hw orders-0@1").headline, ask(&world, "hw orders-0").headline);
    at_ms(&mut world, 4_000);
    assert!(ask(&world, "hw orders-0@3").headline.contains("the same high watermark"));
}

/// 06, 6.13: no leader when the whole ISR is gone and `unclean.leader.election.enable` is false.
#[test]
fn nobody_leads_when_the_isr_is_gone() {
    let mut world = running(&[], "1");
    act(&mut world, "crash broker 3");
    at_ms(&mut world, 20_000);
    act(&mut world, "crash broker 2");
    at_ms(&mut world, 35_000);
    act(&mut world, "crash broker 1");
    act(&mut world, "restart broker 3");
    at_ms(&mut world, 60_000);
    let answer = ask(&world, "leader orders-0");
    assert_eq!(answer.headline, "Nobody leads orders-0");
    has!(answer, Fact::Leader(LeaderFact::CannotLeadNotActive { broker: 1, in_isr: true }));
    has!(answer, Fact::Leader(LeaderFact::CannotLeadOutOfIsr { broker: 3, isr }) if isr == &[1]);
    has!(answer, Fact::Leader(LeaderFact::UncleanElectionOff));
    has!(answer, Fact::Leader(LeaderFact::WaitsFor { any_of }) if any_of == &[1]);
    let hw = ask(&world, "hw orders-0");
    assert!(hw.headline.contains("nobody leads"), "{hw}");
    has!(
        ask(&world, "isr orders-0 broker 1"),
        Fact::Replica(ReplicaFact::LastMemberStays { replica: 1 })
    );
}

/// 06, 6.13: leadership goes back to the first replica at the imbalance check only, every 300 s.
#[test]
fn a_preferred_leader_that_is_back_waits_for_the_check() {
    let mut world = running(&[], "1");
    has!(
        ask(&world, "leader orders-0"),
        Fact::Leader(LeaderFact::PreferredLeads { preferred: 1, .. })
    );
    act(&mut world, "crash broker 1");
    at_ms(&mut world, 20_000);
    act(&mut world, "restart broker 1");
    at_ms(&mut world, 40_000);
    let answer = ask(&world, "leader orders-0");
    assert_eq!(answer.headline, "Broker 2 leads orders-0, in leader epoch 1");
    has!(answer, Fact::Leader(LeaderFact::PreferredDoesNotLead { preferred: 1, .. }));
    has!(answer, Fact::Leader(LeaderFact::CanLead { broker: 1 }));
    has!(answer, Fact::Leader(LeaderFact::ImbalanceCheck { at, interval_seconds: 300 }) if *at > world.now());
    let broker = ask(&world, "broker 1");
    assert_eq!(broker.headline, "Broker 1 runs and the controller counts it as alive");
}

/// A leader cut off from everybody goes on believing: two lead, in different epochs.
#[test]
fn a_deposed_leader_still_believes() {
    let mut world = running(&[], "1");
    for other in ["broker 2", "broker 3", "controller"] {
        act(&mut world, &format!("cut broker 1-{other}"));
    }
    at_ms(&mut world, 25_000);
    let answer = ask(&world, "leader orders-0");
    has!(answer, Fact::Leader(LeaderFact::BelievesToLead { broker: 1, epoch: 0, real_epoch: 1 }));
}

/// The controller has taken broker 3 out, and the leader, who asked for it, has no answer yet: the high watermark still stands where
/// broker 3 is. That is no catching up.
#[test]
fn who_was_just_taken_out_of_the_isr_has_not_caught_up() {
    let mut scenario = three(&[]);
    scenario.settings = pairs(&[("replica.lag.time.max.ms", "10000")]);
    scenario.producers.push(producer("all", 500_000));
    let mut world = booted(&scenario);
    at_ms(&mut world, 3_000);
    act(&mut world, "slow 1>3 20 s");
    while world.image().partition(tp(&world)).unwrap().isr.len() == 3 {
        world.step();
    }
    let view = world.view();
    let logs = &view.topics[0].partitions[0].logs;
    assert!(logs[0].pending_isr.is_some(), "the leader waits for the answer");
    let (has, needs) = (logs[2].log_end_offset, logs[0].log_end_offset);
    assert!(has < needs, "{has} {needs}");
    assert_eq!(
        logs[2].out_reason,
        [&format!("has up to {has} of {needs}"), "replica.lag.time.max.ms", "10 s"]
    );
}

/// What a dead process knew died with it: its checkpoint, at most `replica.high.watermark.checkpoint.interval.ms` (5 s) old, is what
/// it starts again with, and the same number stands in the picture.
#[test]
fn a_broker_that_is_down_knows_what_its_checkpoint_says() {
    let mut world = running(&[("min.insync.replicas", "1")], "1");
    at_ms(&mut world, 8_200);
    act(&mut world, "crash broker 2");
    act(&mut world, "crash broker 3");
    at_ms(&mut world, 25_700);
    let knew = world.broker(1).unwrap().partition(tp(&world)).unwrap().high_watermark();
    act(&mut world, "crash broker 1");
    at_ms(&mut world, 40_000);
    let shown = world.view().topics[0].partitions[0].logs[0].high_watermark;
    assert!(shown < knew, "{shown} {knew}");
    let answer = ask(&world, "hw orders-0@1");
    assert!(answer.headline.ends_with(&format!("high watermark {shown} of orders-0")), "{answer}");
}

fn tp(world: &World) -> highwater_cluster::TopicPartition {
    let (topic, _) = world.image().topic_by_name("orders").unwrap();
    highwater_cluster::TopicPartition::new(topic, 0)
}
