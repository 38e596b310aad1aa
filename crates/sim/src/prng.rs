//! Random numbers: xoshiro256** (Blackman, Vigna 2018) seeded by splitmix64, one stream per name, so
//! that one more draw in one place shifts nothing anywhere else.

use highwater_cluster::{Choice, Chooser, NodeId};
use highwater_sorted::SortedMap;

/// splitmix64 (Steele, Lea, Flood 2014): spreads a seed over a state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SplitMix64(pub u64);

impl SplitMix64 {
    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// xoshiro256**.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Xoshiro256 {
    s: [u64; 4],
}

impl Xoshiro256 {
    /// Seeds the state with four numbers of splitmix64, as its authors recommend.
    pub fn new(seed: u64) -> Self {
        let mut mix = SplitMix64(seed);
        Self { s: [mix.next_u64(), mix.next_u64(), mix.next_u64(), mix.next_u64()] }
    }

    /// The stream called `name` of the run's `seed`.
    pub fn stream(seed: u64, name: Stream) -> Self {
        let (kind, a, b) = name.words();
        let mut mix = SplitMix64(seed);
        let mut state = mix.next_u64() ^ kind.wrapping_mul(0xd6e8_feb8_6659_fd93);
        state = SplitMix64(state).next_u64() ^ a;
        state = SplitMix64(state).next_u64() ^ b;
        Self::new(SplitMix64(state).next_u64())
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        let result = self.s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let t = self.s[1] << 17;
        self.s[2] ^= self.s[0];
        self.s[3] ^= self.s[1];
        self.s[1] ^= self.s[2];
        self.s[0] ^= self.s[3];
        self.s[2] ^= t;
        self.s[3] = self.s[3].rotate_left(45);
        result
    }

    /// Uniform in `0..bound` without bias (rejection); `bound` is at least 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "a choice needs at least one possibility");
        let limit = u64::MAX - u64::MAX % bound;
        loop {
            let x = self.next_u64();
            if x < limit {
                return x % bound;
            }
        }
    }
}

/// Names of the streams. A process draws from streams of its own, a connection too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stream {
    /// Latency of a connection's direction: from, to, channel.
    Network(NodeId, NodeId, u8),
    /// What a process chooses.
    Process(NodeId, Choice),
}

impl Stream {
    fn words(self) -> (u64, u64, u64) {
        match self {
            Self::Network(from, to, channel) => {
                (1 | u64::from(channel) << 8, node_word(from), node_word(to))
            }
            Self::Process(node, choice) => (2, node_word(node), choice_word(choice)),
        }
    }
}

fn choice_word(choice: Choice) -> u64 {
    match choice {
        Choice::StickyPartition => 1,
        Choice::Placement => 2,
        Choice::Bootstrap => 3,
        Choice::MemberId => 4,
        Choice::Jitter => 5,
        Choice::Workload => 6,
    }
}

/// A node as one number, the same on every machine.
pub(crate) fn node_word(node: NodeId) -> u64 {
    match node {
        NodeId::Controller => 1 << 32,
        NodeId::Broker(id) => 2 << 32 | u64::from(id.cast_unsigned()),
        NodeId::Producer(n) => 3 << 32 | u64::from(n),
        NodeId::Consumer(n) => 4 << 32 | u64::from(n),
        NodeId::Admin => 5 << 32,
    }
}

/// The usual chooser: draws from the process's own named streams.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeededChooser {
    seed: u64,
    node: NodeId,
    streams: SortedMap<Choice, Xoshiro256>,
}

impl SeededChooser {
    /// For one process of a run.
    pub fn new(seed: u64, node: NodeId) -> Self {
        Self { seed, node, streams: SortedMap::new() }
    }
}

impl Chooser for SeededChooser {
    fn choose(&mut self, choice: Choice, bound: u32) -> u32 {
        let (seed, node) = (self.seed, self.node);
        let stream = self
            .streams
            .entry(choice)
            .or_insert_with(|| Xoshiro256::stream(seed, Stream::Process(node, choice)));
        u32::try_from(stream.below(u64::from(bound.max(1)))).expect("below a u32")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_xoshiro::rand_core::{RngCore, SeedableRng};

    #[test]
    fn agrees_with_rand_xoshiro() {
        for seed in [0, 1, 42, u64::MAX] {
            let mut ours = Xoshiro256::new(seed);
            let mut theirs = rand_xoshiro::Xoshiro256StarStar::seed_from_u64(seed);
            let mut ours_mix = SplitMix64(seed);
            let mut theirs_mix = rand_xoshiro::SplitMix64::seed_from_u64(seed);
            for _ in 0..1000 {
                assert_eq!(ours.next_u64(), theirs.next_u64());
                assert_eq!(ours_mix.next_u64(), theirs_mix.next_u64());
            }
        }
    }

    #[test]
    fn another_draw_in_one_stream_does_not_shift_another() {
        let mut a = SeededChooser::new(7, NodeId::Producer(1));
        let mut b = a.clone();
        a.choose(Choice::Jitter, 10);
        let draw = |c: &mut SeededChooser| {
            (0..20).map(|_| c.choose(Choice::Workload, 1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(&mut a), draw(&mut b));
    }

    #[test]
    fn streams_differ_by_name_node_and_seed() {
        let first = |seed, s| Xoshiro256::stream(seed, s).next_u64();
        let p1 = NodeId::Producer(1);
        let names = [
            first(1, Stream::Process(p1, Choice::Jitter)),
            first(1, Stream::Process(p1, Choice::Workload)),
            first(1, Stream::Process(NodeId::Producer(2), Choice::Jitter)),
            first(2, Stream::Process(p1, Choice::Jitter)),
            first(1, Stream::Network(p1, NodeId::Broker(1), 0)),
            first(1, Stream::Network(NodeId::Broker(1), p1, 0)),
        ];
        for (i, a) in names.iter().enumerate() {
            assert!(names[i + 1..].iter().all(|b| a != b));
        }
    }

    #[test]
    fn below_stays_below_and_reaches_everything() {
        let mut rng = Xoshiro256::new(3);
        let mut seen = [false; 6];
        for _ in 0..200 {
            seen[usize::try_from(rng.below(6)).unwrap()] = true;
        }
        assert_eq!(seen, [true; 6]);
    }
}
