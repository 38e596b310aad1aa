//! Why a consumer is behind on a partition.

use super::group::member_name;
use super::{Answer, Headline};
use crate::explain::facts::GroupFact;
use highwater_cluster::assignor::Assignment;
use highwater_cluster::consumer::{Consumer, OwnedPartition};
use highwater_cluster::{NodeId, TopicPartition};
use highwater_log::Offset;

impl Answer<'_> {
    pub(super) fn lag(&mut self, number: u32, name: &str) -> Headline {
        let (tp, _) = self.find(name)?;
        let consumer = self.consumer(number)?;
        let client = consumer.node().to_string();
        self.pick(client.clone());
        let topic = name.rsplit_once('-').map_or(name, |(topic, _)| topic);
        if !consumer.topics().iter().any(|t| &**t == topic) {
            self.fact(GroupFact::NotSubscribed { client: client.clone(), topic: topic.to_owned() });
            return Ok(format!("{client} does not read {name}: it did not subscribe to {topic}"));
        }
        let runs = self.tell_consumer(consumer);
        let Some(owned) = consumer.owned().into_iter().find(|o| o.tp == tp) else {
            return Ok(self.not_owned(consumer, tp, name));
        };
        let lag = self.tell_reading(consumer, tp);
        self.tell_what_slows(consumer, &owned);
        let led = self.tell_source(consumer, tp, &owned);
        Ok(match (runs, led, lag) {
            (false, ..) => format!("{client} does not read {name}: it is not running"),
            (_, false, _) => format!("{client} cannot read {name}: no leader answers"),
            (_, _, Some(0)) => format!("{client} is not behind on {name}"),
            (_, _, Some(n)) => format!(
                "{client} is {} behind on {name}",
                crate::explain::facts::count(u64::try_from(n).unwrap_or(0), "record")
            ),
            _ => format!("{client} does not know yet where to begin in {name}"),
        })
    }

    fn not_owned(&mut self, consumer: &Consumer, tp: TopicPartition, name: &str) -> String {
        let client = consumer.node();
        let Some((coordinator, group)) = self.coordinated(consumer) else {
            return format!("{client} does not have {name}: no broker coordinates its group");
        };
        self.tell_group(coordinator, group);
        let number = tp.partition;
        let topic = name.rsplit_once('-').map_or(name, |(topic, _)| topic);
        let has = |bytes: &highwater_log::Bytes| {
            Assignment::decode(bytes)
                .is_ok_and(|a| a.iter().any(|(t, n)| &**t == topic && n == number))
        };
        match group.members().iter().find(|m| has(&m.assignment)) {
            Some(owner) => {
                let (partition, owner) = (name.to_owned(), member_name(owner));
                self.pick(owner.clone());
                self.fact(GroupFact::OwnedBy { partition, owner: owner.clone() });
                format!("{client} does not have {name}: {owner} has it")
            }
            None => {
                self.fact(GroupFact::OwnedByNobody { partition: name.to_owned() });
                format!("{client} does not have {name}, and nobody in its group has it now")
            }
        }
    }

    /// Offsets of one partition at its reader; gives the records that could be read and are not yet.
    pub(super) fn tell_reading(
        &mut self,
        consumer: &Consumer,
        tp: TopicPartition,
    ) -> Option<Offset> {
        let owned = consumer.owned().into_iter().find(|o| o.tp == tp)?;
        let partition = self.name(tp);
        let (_, leader) = self.leading(tp)?;
        let (high_watermark, log_end_offset) =
            (leader.high_watermark(), leader.log().log_end_offset());
        let Some(position) = owned.position else {
            self.fact(GroupFact::NoPosition { partition });
            return None;
        };
        let from = owned.committed.unwrap_or(position);
        let lag = high_watermark.saturating_sub(from).max(0);
        self.fact(GroupFact::Lag {
            partition: partition.clone(),
            lag,
            high_watermark,
            position: owned.position,
            committed: owned.committed,
        });
        let behind = high_watermark.saturating_sub(position).max(0);
        if behind == 0 {
            self.fact(GroupFact::AtHighWatermark { partition: partition.clone(), high_watermark });
        }
        if log_end_offset > high_watermark {
            self.fact(GroupFact::NotReadableYet { partition, high_watermark, log_end_offset });
        }
        let handed = position.saturating_sub(from);
        if handed > 0 {
            self.fact(GroupFact::NotCommitted {
                records: handed,
                next_auto_commit: consumer.next_auto_commit(),
                auto_commit_interval_ms: consumer.config().auto_commit_interval_ms,
            });
        }
        Some(behind)
    }

    /// What the application does meanwhile.
    fn tell_what_slows(&mut self, consumer: &Consumer, owned: &OwnedPartition) {
        if owned.buffered > 0 {
            self.fact(GroupFact::Buffered { records: owned.buffered });
        }
        match (consumer.next_poll(), consumer.processing_us()) {
            (Some(until), Some(each_us)) => self.fact(GroupFact::Processing { until, each_us }),
            (_, None) => self.fact(GroupFact::PollsByHand),
            _ => {}
        }
        let (client, what) = (consumer.node().to_string(), consumer.doing().to_owned());
        self.fact(GroupFact::Doing { client, what });
    }

    /// The leader, the fetch under way to it or waiting there, and the link. False without a leader at work.
    fn tell_source(
        &mut self,
        consumer: &Consumer,
        tp: TopicPartition,
        owned: &OwnedPartition,
    ) -> bool {
        let Some((broker, partition)) = self.leading(tp) else {
            let leader = self.world.image().partition(tp).map_or(-1, |p| p.leader);
            if leader < 0 {
                self.why_no_leader(tp);
            } else {
                self.tell_process(NodeId::Broker(leader));
                self.tell_unaware(tp);
            }
            return false;
        };
        // What cannot be read yet is held back by the high watermark: its reason belongs here.
        if partition.is_under_min_isr()
            && partition.high_watermark() < partition.log().log_end_offset()
        {
            self.tell_frozen(partition);
        }
        let (me, there) = (consumer.node(), NodeId::Broker(broker.id()));
        self.pick(format!("{}@{}", self.name(tp), broker.id()));
        let runs = self.tell_process(there);
        self.tell_links(me, there);
        if !owned.fetch_in_flight {
            return runs;
        }
        for flight in self.flights() {
            if flight.channel == crate::network::Channel::Fetch && flight.ends() == (me, there) {
                self.tell_message(flight);
            }
        }
        for id in broker.purgatory().fetches_of(tp) {
            let parked = &broker.purgatory().fetches[&id];
            if parked.from == me {
                self.parked_fetch(broker, id, parked);
            }
        }
        runs
    }
}
