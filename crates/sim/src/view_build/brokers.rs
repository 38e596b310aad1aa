//! Brokers and the controller.

use super::Builder;
use crate::{BrokerView, ControllerView, ParkedKind, ParkedView, ProcessState};
use highwater_cluster::{Broker, NodeId, ParkedFetch, ParkedProduce};
use highwater_log::Batches;

impl Builder<'_> {
    pub fn brokers(&self) -> Vec<BrokerView> {
        let ids = self.world.kernel.nodes.keys().filter_map(|id| id.broker());
        ids.filter_map(|id| self.world.broker(id)).map(|b| self.broker(b)).collect()
    }

    fn broker(&self, broker: &Broker) -> BrokerView {
        let id = broker.id();
        let node = self.world.node(NodeId::Broker(id)).expect("it was listed");
        let up = matches!(node.state, ProcessState::Running | ProcessState::Paused);
        let registered = self.world.image().brokers.get(&id);
        BrokerView {
            id,
            rack: self.world.cast.rack(id),
            state: node.state,
            down_since: (!up).then_some(node.since),
            fenced: registered.is_none_or(|r| r.fenced),
            broker_epoch: if up {
                broker.broker_epoch()
            } else {
                registered.map_or(-1, |r| r.broker_epoch)
            },
            metadata_offset: broker.metadata_offset(),
            purgatory: if up { self.purgatory(broker) } else { Vec::new() },
            coordinates: if up { broker.coordinator().partitions().collect() } else { Vec::new() },
            slow_disk_us: 0,
        }
    }

    fn purgatory(&self, broker: &Broker) -> Vec<ParkedView> {
        let purgatory = broker.purgatory();
        let produces =
            purgatory.produces.iter().filter_map(|(id, p)| self.parked_produce(*id, p, broker));
        let fetches = purgatory.fetches.iter().filter_map(|(id, f)| parked_fetch(*id, f));
        let mut all: Vec<ParkedView> = produces.chain(fetches).collect();
        highwater_sorted::sort_by_key(&mut all, |p| (p.since, p.id));
        all
    }

    fn parked_produce(
        &self,
        id: u64,
        parked: &ParkedProduce,
        broker: &Broker,
    ) -> Option<ParkedView> {
        let waits = parked.partitions.iter().find(|p| p.pending).or(parked.partitions.first())?;
        let (base_offset, required_offset) = (waits.base_offset, waits.required_offset);
        let log = broker.partition(waits.tp)?.log();
        let disk = &self.world.node(NodeId::Broker(broker.id()))?.disk;
        let mut keys = Vec::new();
        for at in log.batches_from(base_offset, disk).flatten() {
            if at.header.base_offset >= required_offset {
                break;
            }
            if let Ok(bytes) = log.batch_bytes(&at, disk) {
                for batch in Batches::new(&bytes).flatten() {
                    keys.extend(batch.records().flatten().map(|r| self.key(r.key)));
                }
            }
        }
        Some(ParkedView {
            id,
            from: parked.from,
            correlation: crate::local_correlation(parked.correlation),
            tp: waits.tp,
            what: ParkedKind::Produce { base_offset, required_offset, keys },
            since: parked.since,
            deadline: parked.deadline,
        })
    }

    pub fn controller(&self) -> ControllerView {
        let controller = self.world.controller();
        let node = self.world.node(NodeId::Controller).expect("a world has a controller");
        let sessions = controller.sessions().iter();
        ControllerView {
            state: node.state,
            metadata_end_offset: controller.log_end_offset(),
            sessions: sessions.map(|(id, s)| (*id, s.last_heartbeat, s.deadline)).collect(),
            last_change: self.world.last_change.clone(),
        }
    }
}

fn parked_fetch(id: u64, parked: &ParkedFetch) -> Option<ParkedView> {
    let fetch = parked.fetch();
    let partition = fetch.partitions.first()?;
    let follower = fetch.replica_id >= 0;
    Some(ParkedView {
        id,
        from: parked.from,
        correlation: crate::local_correlation(parked.correlation),
        tp: partition.tp,
        what: ParkedKind::Fetch {
            fetch_offset: partition.fetch_offset,
            min_bytes: fetch.min_bytes,
            follower,
        },
        since: parked.since,
        deadline: parked.deadline,
    })
}
