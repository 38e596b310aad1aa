//! The sentences that the lessons teach, a test each, on the real world. The numbers are Kafka's: worked by hand
//! from its rules in the comment next to them, never taken from a run.

#[path = "claims/acknowledgement.rs"]
mod acknowledgement;
#[path = "claims/consumers.rs"]
mod consumers;
#[path = "claims/failover.rs"]
mod failover;
#[path = "claims/high_watermark.rs"]
mod high_watermark;
#[path = "claims/placement.rs"]
mod placement;
#[path = "claims/retention.rs"]
mod retention;

use highwater_cluster::{NodeId, TraceEvent};
use highwater_tests::suite::Lab;

/// Three brokers, one partition with preferred leader 1, and a producer without rate for each acks.
pub fn three(topic_settings: &str, producers: &[&str]) -> Lab {
    three_with("", topic_settings, producers)
}

/// The same with cluster settings.
pub fn three_with(settings: &str, topic_settings: &str, producers: &[&str]) -> Lab {
    let mut text = format!(
        "[scenario]\nseed = 1\nbrokers = 3\nsettings = {{ {settings} }}\n\
         [[scenario.topic]]\nname = \"orders\"\nassignments = [[1, 2, 3]]\n\
         settings = {{ {topic_settings} }}\n"
    );
    for producer in producers {
        text.push_str(&format!(
            "[[scenario.producer]]\ntopic = \"orders\"\nsettings = {{ \"linger.ms\" = 0, {producer} }}\n"
        ));
    }
    let mut lab = Lab::of(&text);
    lab.run_ms(1_000);
    lab
}

/// First offset, last offset and consumer of every poll that returned records.
pub fn polls(lab: &Lab) -> Vec<(u32, i64, i64)> {
    let of = |r: &highwater_sim::TraceRecord| match (r.node, r.event()) {
        (NodeId::Consumer(n), Some(TraceEvent::RecordsPolled { first, last, .. })) => {
            Some((n, *first, *last))
        }
        _ => None,
    };
    lab.records.iter().filter_map(of).collect()
}

/// Polls by hand until this consumer is given records: first and last offset.
pub fn poll(lab: &mut Lab, consumer: u32) -> (i64, i64) {
    let before = polls(lab).len();
    for _ in 0..400 {
        lab.act(&format!("poll c{consumer}"));
        lab.run_ms(100);
        if let Some((n, first, last)) = polls(lab).get(before) {
            assert_eq!(*n, consumer);
            return (*first, *last);
        }
    }
    panic!("c{consumer} was given no records");
}
