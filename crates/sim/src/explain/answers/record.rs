//! What became of a record, and why it is lost if it is.

use super::{Answer, Headline};
use crate::explain::facts::RecordFact;
use crate::oracle::{BatchId, Written};
use highwater_cluster::{BrokerId, NodeId, PartitionRegistration, TopicPartition};
use highwater_log::Offset;

impl<'a> Answer<'a> {
    pub(super) fn record(&mut self, name: &str, offset: Offset) -> Headline {
        let (tp, registered) = self.find(name)?;
        let holds = |w: &&Written| (w.id.base..=w.id.last).contains(&offset);
        let account = self.world.oracle.account(tp);
        let written: Vec<&Written> =
            account.iter().flat_map(|a| a.written_from(0)).filter(holds).collect();
        // The acknowledged one that is gone is what "lost" asks for; else the newest.
        let lost =
            written.iter().copied().find(|w| w.gone_at.is_some() && w.acknowledged_at.is_some());
        let Some(asked) = lost.or_else(|| written.iter().copied().max_by_key(|w| w.id.epoch))
        else {
            return Ok(self.never_written(name, tp, registered, offset));
        };
        let (acks, epoch) = (asked.acks, asked.id.epoch);
        let leader = account.and_then(|a| a.leaders.get(&epoch).copied());
        self.fact(RecordFact::WrittenBy { offset, producer: asked.producer, acks, epoch, leader });
        match asked.acknowledged_at {
            Some(at) => self.fact(RecordFact::AcknowledgedAt { at, acks }),
            None => self.fact(RecordFact::NotAcknowledged { acks }),
        }
        match asked.gone_at {
            Some(_) => Ok(self.gone(name, tp, asked, offset)),
            None => Ok(self.there(name, tp, registered, asked, offset)),
        }
    }

    fn never_written(
        &mut self,
        name: &str,
        tp: TopicPartition,
        registered: &PartitionRegistration,
        offset: Offset,
    ) -> String {
        let newest =
            registered.replicas.iter().filter_map(|id| self.world.broker(*id)?.partition(tp));
        let log_end_offset = newest.map(|p| p.log().log_end_offset()).max().unwrap_or(0);
        if offset >= log_end_offset {
            self.fact(RecordFact::NotWritten { log_end_offset });
            return format!("{name} has no offset {offset} yet");
        }
        self.fact(RecordFact::IsOn { brokers: self.on(tp, registered, None, offset) });
        self.tell_committed(tp, offset);
        format!("Offset {offset} of {name} was not written while this run was watched")
    }

    fn gone(&mut self, name: &str, tp: TopicPartition, asked: &Written, offset: Offset) -> String {
        let Some(at) = asked.gone_at else { return String::new() };
        self.fact(RecordFact::LostAt { at });
        let account = self.world.oracle.account(tp);
        let by = asked.gone_by;
        if let Some((leader, epoch, log_end_offset)) = by {
            self.pick(format!("{name}@{leader}"));
            self.fact(RecordFact::NewLeaderLacked { leader, epoch, log_end_offset, offset });
            let unclean = account
                .iter()
                .flat_map(|a| &a.unclean)
                .filter(|e| (asked.id.epoch + 1..=epoch).contains(e));
            for epoch in unclean.copied().collect::<Vec<_>>() {
                self.fact(RecordFact::UncleanElection { epoch });
            }
        }
        for (broker, from, to) in account.map_or(Vec::new(), |a| a.lossy.clone()) {
            if (from..to).contains(&offset) {
                self.fact(RecordFact::PowerLossTook { broker, from, to });
            }
        }
        if asked.acks == 1 {
            self.fact(RecordFact::LeaderAloneAcknowledged);
        }
        let later = account.iter().flat_map(|a| a.written_from(0));
        let replaced = later
            .filter(|w| w.id.epoch > asked.id.epoch && (w.id.base..=w.id.last).contains(&offset))
            .last();
        if let Some(other) = replaced {
            self.fact(RecordFact::Replaced {
                offset,
                epoch: other.id.epoch,
                producer: other.producer,
            });
        }
        let lost = self.world.oracle.lost().iter().filter(|l| l.tp == tp).count();
        let records = u64::try_from(lost).unwrap_or(u64::MAX);
        if asked.acknowledged_at.is_none() {
            return format!("Offset {offset} of {name} is gone, but was never acknowledged");
        }
        self.fact(RecordFact::LostInAll { records });
        match by {
            Some((leader, ..)) => format!(
                "Offset {offset} of {name} was acknowledged and lost: new leader {leader} did not have it"
            ),
            None => format!("Offset {offset} of {name} was acknowledged and lost"),
        }
    }

    fn there(
        &mut self,
        name: &str,
        tp: TopicPartition,
        registered: &PartitionRegistration,
        asked: &Written,
        offset: Offset,
    ) -> String {
        let on = self.on(tp, registered, Some(asked.id), offset);
        for id in &on {
            self.pick(format!("{name}@{id}"));
        }
        if let Some((_, leader)) = self.leading(tp)
            && offset < leader.log().log_start_offset()
        {
            self.fact(RecordFact::BelowLogStart {
                log_start_offset: leader.log().log_start_offset(),
            });
            return format!("Offset {offset} of {name} was deleted by retention");
        }
        self.fact(RecordFact::IsOn { brokers: on });
        match self.tell_committed(tp, offset) {
            Some(true) => format!("Offset {offset} of {name} is committed"),
            Some(false) => format!("Offset {offset} of {name} is written, but not committed"),
            None => {
                format!("Offset {offset} of {name} is in a log, but nobody leads who could show it")
            }
        }
    }

    fn tell_committed(&mut self, tp: TopicPartition, offset: Offset) -> Option<bool> {
        let (_, leader) = self.leading(tp)?;
        let high_watermark = leader.high_watermark();
        self.pick("hw");
        let committed = offset < high_watermark;
        self.fact(match committed {
            true => RecordFact::Committed { high_watermark },
            false => RecordFact::NotCommitted { high_watermark },
        });
        Some(committed)
    }

    /// Replicas whose log has this batch, or any at that offset.
    fn on(
        &self,
        tp: TopicPartition,
        registered: &PartitionRegistration,
        id: Option<BatchId>,
        offset: Offset,
    ) -> Vec<BrokerId> {
        let has = |broker: &BrokerId| {
            let node = self.world.node(NodeId::Broker(*broker));
            let partition = self.world.broker(*broker).and_then(|b| b.partition(tp));
            let (Some(node), Some(partition)) = (node, partition) else { return false };
            let batch = partition.log().batches_from(offset, &node.disk).flatten().next();
            let found = batch
                .map(|at| BatchId::of(&at.header))
                .filter(|b| (b.base..=b.last).contains(&offset));
            found.is_some_and(|found| id.is_none_or(|id| id == found))
        };
        registered.replicas.iter().copied().filter(has).collect()
    }
}
