//! Which brokers hold the replicas of new partitions (Kafka: `StripedReplicaPlacer`): leaders and
//! followers spread evenly over racks and over the brokers in them. A fenced broker can get
//! replicas, never the first one.

use crate::{BrokerId, Choice, Chooser, KafkaError};
use highwater_sorted::SortedMap;
use std::sync::Arc;

/// Draws for the placer.
pub trait PlacementRandom {
    /// A number in `0..bound`; `bound` is at least 1.
    fn next_int(&mut self, bound: u32) -> u32;
}

/// The world's choices as the placer's draws.
pub struct ChosenPlacement<'a>(pub &'a mut dyn Chooser);

impl PlacementRandom for ChosenPlacement<'_> {
    fn next_int(&mut self, bound: u32) -> u32 {
        self.0.choose(Choice::Placement, bound)
    }
}

/// A broker that may get replicas.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsableBroker {
    /// Its id.
    pub id: BrokerId,
    /// `broker.rack`; brokers without one are in one common rack.
    pub rack: Option<Arc<str>>,
    /// Not alive as far as the controller knows.
    pub fenced: bool,
}

/// Why nothing could be placed: the error code and the words.
pub type PlacementError = (KafkaError, String);

#[derive(Default)]
struct BrokerList {
    brokers: Vec<BrokerId>,
    epoch: i32,
    index: usize,
    offset: usize,
}

impl BrokerList {
    fn initialize(&mut self, random: &mut dyn PlacementRandom) {
        if !self.brokers.is_empty() {
            highwater_sorted::sort(&mut self.brokers);
            self.offset = draw(random, self.brokers.len());
        }
    }

    fn next(&mut self, epoch: i32) -> Option<BrokerId> {
        let size = self.brokers.len();
        if size == 0 {
            return None;
        }
        if self.epoch != epoch {
            self.epoch = epoch;
            self.index = 0;
            self.offset = (self.offset + 1) % size;
        }
        if self.index >= size {
            return None;
        }
        let broker = self.brokers[(self.index + self.offset) % size];
        self.index += 1;
        Some(broker)
    }
}

#[derive(Default)]
struct Rack {
    fenced: BrokerList,
    unfenced: BrokerList,
}

/// The brokers by rack and where the placement has got to.
struct RackList {
    racks: SortedMap<Option<Arc<str>>, Rack>,
    rack_names: Vec<Option<Arc<str>>>,
    unfenced: usize,
    epoch: i32,
    offset: usize,
}

fn draw(random: &mut dyn PlacementRandom, bound: usize) -> usize {
    random.next_int(u32::try_from(bound).expect("a small cluster")) as usize
}

/// `java.util.Collections.shuffle`.
fn shuffle<T>(list: &mut [T], random: &mut dyn PlacementRandom) {
    for i in (2..=list.len()).rev() {
        list.swap(i - 1, draw(random, i));
    }
}

impl RackList {
    fn new(brokers: &[UsableBroker], random: &mut dyn PlacementRandom) -> Self {
        let mut racks: SortedMap<Option<Arc<str>>, Rack> = SortedMap::new();
        for broker in brokers {
            let rack = racks.entry(broker.rack.clone()).or_default();
            let list = if broker.fenced { &mut rack.fenced } else { &mut rack.unfenced };
            list.brokers.push(broker.id);
        }
        for rack in racks.values_mut() {
            rack.fenced.initialize(random);
            rack.unfenced.initialize(random);
        }
        let rack_names: Vec<_> = racks.keys().cloned().collect();
        let unfenced = brokers.iter().filter(|b| !b.fenced).count();
        let offset = if rack_names.is_empty() { 0 } else { draw(random, rack_names.len()) };
        Self { racks, rack_names, unfenced, epoch: 0, offset }
    }

    fn rack(&mut self, index: usize) -> &mut Rack {
        self.racks.get_mut(&self.rack_names[index]).expect("names are the keys of the racks")
    }

    /// Replicas of one partition. There are at least `replication_factor` brokers, one unfenced.
    fn place(
        &mut self,
        replication_factor: i16,
        random: &mut dyn PlacementRandom,
    ) -> Vec<BrokerId> {
        let epochs = i32::try_from(self.unfenced).expect("a small cluster");
        if self.epoch == epochs && epochs > 1 {
            shuffle(&mut self.rack_names, random);
            for rack in self.racks.values_mut() {
                shuffle(&mut rack.fenced.brokers, random);
                shuffle(&mut rack.unfenced.brokers, random);
            }
            self.epoch = 0;
        }
        let racks = self.rack_names.len();
        let epoch = self.epoch;
        self.offset %= racks;
        let mut first_rack = self.offset;
        let first = loop {
            if let Some(broker) = self.rack(first_rack).unfenced.next(epoch) {
                break broker;
            }
            first_rack = (first_rack + 1) % racks;
        };
        let mut replicas = vec![first];
        let mut skip = Some(first_rack);
        let mut index = self.offset;
        for _ in 1..replication_factor {
            loop {
                let next = if skip == Some(index) {
                    skip = None;
                    None
                } else {
                    let rack = self.rack(index);
                    rack.unfenced.next(epoch).or_else(|| rack.fenced.next(epoch))
                };
                index = (index + 1) % racks;
                if let Some(broker) = next {
                    replicas.push(broker);
                    break;
                }
            }
        }
        self.epoch += 1;
        self.offset += 1;
        replicas
    }
}

/// Replicas of `partitions` new partitions, the first of each the preferred leader.
///
/// # Errors
/// `INVALID_REPLICATION_FACTOR` when there are too few brokers or none is unfenced.
pub fn place(
    brokers: &[UsableBroker],
    partitions: i32,
    replication_factor: i16,
    random: &mut dyn PlacementRandom,
) -> Result<Vec<Vec<BrokerId>>, PlacementError> {
    let refuse = |message: String| Err((KafkaError::InvalidReplicationFactor, message));
    if replication_factor <= 0 {
        return refuse(format!("replication factor {replication_factor} is not positive"));
    }
    let factor = usize::try_from(replication_factor).expect("positive");
    if brokers.iter().all(|b| b.fenced) {
        return refuse("all brokers are fenced or there are none".to_owned());
    }
    if factor > brokers.len() {
        let known = brokers.len();
        return refuse(format!("replication factor {factor} is larger than the {known} brokers"));
    }
    let mut racks = RackList::new(brokers, random);
    Ok((0..partitions).map(|_| racks.place(replication_factor, random)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `java.util.Random.nextInt(bound)` over the generator of `StripedReplicaPlacerTest`.
    struct TestRandom(u64);
    impl TestRandom {
        fn next31(&mut self) -> u32 {
            self.0 = self.0.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493);
            u32::try_from(self.0 >> 33).unwrap()
        }
    }
    impl PlacementRandom for TestRandom {
        fn next_int(&mut self, bound: u32) -> u32 {
            let mut u = self.next31();
            if bound.is_power_of_two() {
                return u32::try_from((u64::from(bound) * u64::from(u)) >> 31).unwrap();
            }
            loop {
                let r = u % bound;
                if u - r + (bound - 1) < 1 << 31 {
                    return r;
                }
                u = self.next31();
            }
        }
    }
    struct Zeros;
    impl PlacementRandom for Zeros {
        fn next_int(&mut self, _: u32) -> u32 {
            0
        }
    }

    /// `("rack", unfenced ids, fenced ids)`.
    fn cluster(racks: &[(&str, &[i32], &[i32])]) -> Vec<UsableBroker> {
        let mut brokers = Vec::new();
        for (rack, unfenced, fenced) in racks {
            let rack = (!rack.is_empty()).then(|| Arc::from(*rack));
            for (ids, fenced) in [(unfenced, false), (fenced, true)] {
                brokers.extend(ids.iter().map(|id| UsableBroker {
                    id: *id,
                    rack: rack.clone(),
                    fenced,
                }));
            }
        }
        brokers
    }

    fn placed(
        racks: &[(&str, &[i32], &[i32])],
        partitions: i32,
        factor: i16,
    ) -> Vec<Vec<BrokerId>> {
        place(&cluster(racks), partitions, factor, &mut TestRandom(17)).unwrap()
    }

    #[test]
    fn facts_of_kafkas_test() {
        let one = placed(&[("", &[0, 2, 3, 4], &[1])], 5, 4);
        assert_eq!(one, [[3, 4, 0, 2], [4, 0, 2, 3], [0, 2, 3, 4], [2, 3, 4, 0], [0, 4, 3, 2]]);
        let fenced = placed(&[("", &[2, 3], &[1])], 4, 3);
        assert_eq!(fenced, [[3, 2, 1], [2, 3, 1], [3, 2, 1], [2, 3, 1]]);
        let three =
            placed(&[("1", &[10, 11], &[]), ("2", &[21], &[20]), ("3", &[30, 31], &[])], 3, 4);
        assert_eq!(three, [[11, 21, 31, 10], [21, 30, 10, 20], [31, 11, 21, 30]]);
        let four = placed(
            &[
                ("1", &[10, 11], &[]),
                ("2", &[], &[20, 21]),
                ("3", &[], &[30, 31]),
                ("4", &[41], &[40]),
            ],
            3,
            4,
        );
        assert_eq!(four, [[41, 11, 21, 30], [10, 20, 31, 41], [41, 21, 30, 11]]);
        let even = placed(&[("", &[0, 1, 2, 3], &[])], 5, 3);
        assert_eq!(even, [[2, 3, 0], [3, 0, 1], [0, 1, 2], [1, 2, 3], [1, 0, 2]]);
        assert_eq!(placed(&[("", &[0], &[1])], 3, 1), [[0], [0], [0]]);
    }

    #[test]
    fn three_racks_of_two_shuffle_after_each_round() {
        let racks: &[(&str, &[i32], &[i32])] =
            &[("a", &[0, 3], &[]), ("b", &[1, 4], &[]), ("c", &[2, 5], &[])];
        let expected = [[4, 2, 3], [5, 0, 1], [3, 4, 2], [1, 5, 0], [2, 3, 4], [0, 1, 5]];
        assert_eq!(placed(racks, 6, 3), expected);
    }

    #[test]
    fn two_hundred_partitions_are_spread_as_in_kafka() {
        let mut counts: SortedMap<(i32, i32), i32> = SortedMap::new();
        for replicas in placed(&[("", &[0, 1, 2, 3], &[])], 200, 2) {
            *counts.entry((replicas[0], replicas[1])).or_default() += 1;
        }
        let counts: Vec<_> = counts.into_iter().map(|((a, b), n)| (a, b, n)).collect();
        let expected = [
            (0, 1, 14),
            (0, 2, 22),
            (0, 3, 14),
            (1, 0, 17),
            (1, 2, 17),
            (1, 3, 16),
            (2, 0, 13),
            (2, 1, 17),
            (2, 3, 20),
            (3, 0, 20),
            (3, 1, 19),
            (3, 2, 11),
        ];
        assert_eq!(counts, expected);
    }

    #[test]
    fn without_offsets_racks_are_taken_in_turn() {
        let brokers = cluster(&[
            ("A", &[0, 1, 2], &[]),
            ("B", &[10, 11, 12], &[]),
            ("C", &[20, 21, 22], &[]),
        ]);
        let placed = place(&brokers, 3, 3, &mut Zeros).unwrap();
        assert_eq!(placed, [[0, 10, 20], [11, 21, 1], [22, 2, 12]]);
    }

    #[test]
    fn a_list_rotates_with_each_epoch() {
        let mut list = BrokerList { brokers: vec![0, 1, 2, 3], ..BrokerList::default() };
        let mut take =
            |epoch: i32, n: u32| -> Vec<Option<i32>> { (0..n).map(|_| list.next(epoch)).collect() };
        assert_eq!(take(0, 5), [Some(0), Some(1), Some(2), Some(3), None]);
        assert_eq!(take(1, 5), [Some(1), Some(2), Some(3), Some(0), None]);
        assert_eq!(take(2, 4), [Some(2), Some(3), Some(0), Some(1)]);
    }

    #[test]
    fn too_few_brokers_are_refused() {
        let brokers = cluster(&[("", &[11, 10], &[])]);
        for (list, factor) in [(&brokers[..], 3), (&brokers[..], 0), (&[], 1)] {
            let (error, _) = place(list, 1, factor, &mut Zeros).unwrap_err();
            assert_eq!(error, KafkaError::InvalidReplicationFactor);
        }
        let fenced = cluster(&[("", &[], &[1, 2])]);
        assert!(place(&fenced, 1, 1, &mut Zeros).is_err());
    }
}
