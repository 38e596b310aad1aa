//! The inspector finds what the stage lets people pick, and says it by Kafka's names.

use highwater_cluster::{Time, TopicId, TopicPartition};
use highwater_sim::{
    BatchView, BrokerView, KeyView, PartitionView, ProcessState, RecordView, ReplicaView,
    TopicView, WorldView,
};
use highwater_ui::inspect::{coming, inspect};

fn world() -> WorldView {
    let record = |offset| RecordView {
        offset,
        key: KeyView { text: Some("A".into()), letter: 'A', hue: 0 },
        value: None,
        ..RecordView::default()
    };
    let replica = ReplicaView {
        broker: 1,
        high_watermark: 1,
        log_end_offset: 2,
        in_isr: true,
        batches: vec![BatchView {
            base_offset: 0,
            last_offset: 1,
            records: vec![record(0), record(1)],
            ..BatchView::default()
        }],
        ..ReplicaView::default()
    };
    let partition = PartitionView {
        tp: TopicPartition::new(TopicId(1), 0),
        name: "orders-0".into(),
        leader: 1,
        leader_epoch: 3,
        partition_epoch: 0,
        replicas: vec![1, 2],
        isr: vec![1],
        logs: vec![replica],
    };
    let topic = TopicView {
        id: 1,
        name: "orders".into(),
        min_insync_replicas: 1,
        partitions: vec![partition],
        ..TopicView::default()
    };
    let down = BrokerView {
        id: 2,
        state: ProcessState::Crashed,
        down_since: Some(Time(5)),
        ..BrokerView::default()
    };
    let mut view = WorldView { topics: vec![topic], ..WorldView::default() };
    view.brokers = vec![BrokerView { id: 1, ..BrokerView::default() }, down];
    view.controller.sessions = vec![(2, Time(0), Time(9_000_000))];
    view
}

fn value(pick: &str, field: &str) -> Option<String> {
    let found = inspect(&world(), pick)?;
    found.fields.into_iter().find(|f| f.name == field).map(|f| f.value)
}

#[test]
fn every_pick_of_the_stage_has_fields() {
    assert_eq!(value("orders-0", "ISR").as_deref(), Some("{1}"));
    assert_eq!(value("orders-0@1", "high watermark").as_deref(), Some("1"));
    assert_eq!(value("record orders-0@1:1", "key").as_deref(), Some("A"));
    assert_eq!(value("record orders-0@1:1", "value").as_deref(), Some("null"));
    assert_eq!(value("byte orders-0@1:0/17", "baseOffset of its batch").as_deref(), Some("0"));
    assert_eq!(value("broker 2", "state").as_deref(), Some("Crashed"));
}

#[test]
fn a_record_at_the_high_watermark_is_not_committed() {
    let subtitle = |pick: &str| inspect(&world(), pick).map(|i| i.subtitle);
    assert!(subtitle("record orders-0@1:0").is_some_and(|s| s.contains("committed as it knows")));
    assert!(
        subtitle("record orders-0@1:1").is_some_and(|s| s.contains("above its high watermark"))
    );
}

#[test]
fn what_is_gone_is_not_found() {
    for pick in
        ["orders-7", "orders-0@9", "message 3", "broker 9", "p1", "group x", "", "@", "parked x@y"]
    {
        assert!(inspect(&world(), pick).is_none(), "{pick}");
    }
}

#[test]
fn a_crashed_broker_will_be_fenced_when_its_session_ends() {
    let list = coming(&world());
    assert_eq!(list, [(Time(9_000_000), "broker 2 is fenced".to_owned())]);
}

#[test]
fn a_crashed_broker_can_be_started_again() {
    let actions = inspect(&world(), "broker 2").map(|i| i.actions).unwrap_or_default();
    assert!(actions.iter().any(|a| a.action == "restart broker 2"), "{actions:?}");
}
