//! Facts: the vectors of `11-rpc` 11.2, the cases of `RangeAssignorTest` and `RoundRobinAssignorTest`
//! (`08-groups` 8.7, by their numbers), and what brokers of version 4.3.0 gave out
//! (`fixtures/behaviour/j_classic_*`).

use super::*;
use crate::Name;
use highwater_log::Bytes;
use highwater_sorted::SortedMap;

fn hex(text: &str) -> Bytes {
    let digits: Vec<u8> = text.bytes().collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    Bytes::from(digits.chunks(2).map(byte).collect::<Vec<u8>>())
}

#[test]
fn subscription_v0_vector() {
    let bytes = hex("000000000001000174ffffffff");
    let subscription = Subscription::new(vec!["t".into()]);
    assert_eq!(subscription.encode(0), bytes);
    assert_eq!(Subscription::decode(&bytes), Ok(subscription));
}

#[test]
fn subscription_v3_vector() {
    let bytes =
        hex("000300000001000174ffffffff000000010001740000000200000000000000010000000500027231");
    let mut subscription = Subscription::new(vec!["t".into()]);
    subscription.owned_partitions = vec![("t".into(), vec![0, 1])];
    subscription.generation_id = 5;
    subscription.rack_id = Some("r1".into());
    assert_eq!(subscription.encode(3), bytes);
    assert_eq!(Subscription::decode(&bytes), Ok(subscription));
}

#[test]
fn assignment_v0_vector() {
    let bytes = hex("000000000001000174000000020000000000000002ffffffff");
    let assignment = Assignment::of(&[("t".into(), 0), ("t".into(), 2)]);
    assert_eq!(assignment.encode(0), bytes);
    assert_eq!(Assignment::decode(&bytes), Ok(assignment));
    assert_eq!(Assignment::decode(&Bytes::empty()), Ok(Assignment::default()));
}

#[test]
fn malformed_bytes_are_refused_and_never_panic() {
    let good =
        hex("000300000001000174ffffffff000000010001740000000200000000000000010000000500027231");
    for end in 0..good.size() {
        assert!(Subscription::decode(&good.slice(0, end)).is_err(), "cut at {end}");
    }
    assert!(Subscription::decode(&hex("00007fffffff")).is_err(), "an absurd count");
    assert!(Assignment::decode(&hex("ffff00000000ffffffff")).is_err(), "a negative version");
    assert!(Subscription::decode(&hex("0000000000010001ffffffffff")).is_err(), "not UTF-8");
}

/// `"c1/i1: t1 t2"` = member c1, instance i1, topics t1 and t2.
fn member(text: &str) -> MemberSubscription {
    let (who, topics) = text.split_once(':').unwrap();
    let (id, instance) = who.split_once('/').map_or((who, None), |(id, i)| (id, Some(i.into())));
    MemberSubscription {
        member_id: id.into(),
        instance_id: instance,
        topics: topics.split_whitespace().map(Name::from).collect(),
    }
}

fn assign(assignor: Assignor, topics: &[(&str, i32)], members: &[&str]) -> Vec<String> {
    let counts: SortedMap<Name, i32> = topics.iter().map(|(t, n)| (Name::from(*t), *n)).collect();
    let members: Vec<_> = members.iter().map(|m| member(m)).collect();
    let assignment = assignor.assign(&counts, &members);
    let show = |(id, list): (&Name, &Vec<(Name, i32)>)| {
        let list: Vec<_> = list.iter().map(|(t, p)| format!(" {t}-{p}")).collect();
        format!("{id}:{}", list.concat())
    };
    assignment.iter().map(show).collect()
}

#[track_caller]
fn range(case: &str, topics: &[(&str, i32)], members: &[&str], expected: &[&str]) {
    assert_eq!(assign(Assignor::Range, topics, members), expected, "case {case}");
    let reversed: Vec<&str> = members.iter().rev().copied().collect();
    assert_eq!(assign(Assignor::Range, topics, &reversed), expected, "case {case}, any order");
}

#[track_caller]
fn round_robin(case: &str, topics: &[(&str, i32)], members: &[&str], expected: &[&str]) {
    assert_eq!(assign(Assignor::RoundRobin, topics, members), expected, "case {case}");
}

#[test]
fn range_one_consumer() {
    range("1", &[], &["c1:"], &["c1:"]);
    range("2", &[], &["c1: t1"], &["c1:"]);
    range("3", &[("t1", 3)], &["c1: t1"], &["c1: t1-0 t1-1 t1-2"]);
    range("4", &[("t1", 3), ("other", 3)], &["c1: t1"], &["c1: t1-0 t1-1 t1-2"]);
    range("5", &[("t1", 1), ("t2", 2)], &["c1: t1 t2"], &["c1: t1-0 t2-0 t2-1"]);
}

#[test]
fn range_several_consumers() {
    range("6", &[("t1", 1)], &["c1: t1", "c2: t1"], &["c1: t1-0", "c2:"]);
    range("7", &[("t1", 2)], &["c1: t1", "c2: t1"], &["c1: t1-0", "c2: t1-1"]);
    range(
        "8",
        &[("t1", 3), ("t2", 2)],
        &["c1: t1", "c2: t1 t2", "c3: t1"],
        &["c1: t1-0", "c2: t1-1 t2-0 t2-1", "c3: t1-2"],
    );
    range(
        "9",
        &[("t1", 3), ("t2", 3)],
        &["c1: t1 t2", "c2: t1 t2"],
        &["c1: t1-0 t1-1 t2-0 t2-1", "c2: t1-2 t2-2"],
    );
}

#[test]
fn range_sorts_static_members_first() {
    let topics = [("t1", 3), ("t2", 3)];
    range(
        "10",
        &topics,
        &["consumer-b/instance1: t1 t2", "consumer-a/instance2: t1 t2"],
        &["consumer-a: t1-2 t2-2", "consumer-b: t1-0 t1-1 t2-0 t2-1"],
    );
    range(
        "11",
        &topics,
        &["consumer-b/instance1: t1 t2", "consumer-a: t1 t2"],
        &["consumer-a: t1-2 t2-2", "consumer-b: t1-0 t1-1 t2-0 t2-1"],
    );
    let topics = [("t1", 5), ("t2", 5)];
    range(
        "13",
        &topics,
        &["c1/i1: t1 t2", "c2/i2: t1 t2", "c3/i3: t1 t2"],
        &["c1: t1-0 t1-1 t2-0 t2-1", "c2: t1-2 t1-3 t2-2 t2-3", "c3: t1-4 t2-4"],
    );
    range(
        "13, new member ids",
        &topics,
        &["z/i1: t1 t2", "y/i2: t1 t2", "x/i3: t1 t2"],
        &["x: t1-4 t2-4", "y: t1-2 t1-3 t2-2 t2-3", "z: t1-0 t1-1 t2-0 t2-1"],
    );
}

#[test]
fn range_unequal_topics() {
    let topics = [("t1", 6), ("t2", 7), ("t3", 2)];
    range(
        "14",
        &topics,
        &["c1: t1 t2 t3", "c2: t1 t2 t3", "c3: t1 t2 t3"],
        &[
            "c1: t1-0 t1-1 t2-0 t2-1 t2-2 t3-0",
            "c2: t1-2 t1-3 t2-3 t2-4 t3-1",
            "c3: t1-4 t1-5 t2-5 t2-6",
        ],
    );
    range(
        "17",
        &topics,
        &["c1: t1 t2 t3", "c2: t1 t2 t3", "c3: t1 t3"],
        &[
            "c1: t1-0 t1-1 t2-0 t2-1 t2-2 t2-3 t3-0",
            "c2: t1-2 t1-3 t2-4 t2-5 t2-6 t3-1",
            "c3: t1-4 t1-5",
        ],
    );
}

#[test]
fn round_robin_cases() {
    round_robin(
        "18",
        &[("t1", 3), ("t2", 3)],
        &["c1: t1 t2", "c2: t1 t2"],
        &["c1: t1-0 t1-2 t2-1", "c2: t1-1 t2-0 t2-2"],
    );
    round_robin(
        "19",
        &[("t1", 3), ("t2", 2)],
        &["c1: t1", "c2: t1 t2", "c3: t1"],
        &["c1: t1-0", "c2: t1-1 t2-0 t2-1", "c3: t1-2"],
    );
    round_robin("20", &[("t1", 1)], &["c1: t1", "c2: t1"], &["c1: t1-0", "c2:"]);
    round_robin("21", &[("t1", 2)], &["c1: t1", "c2: t1"], &["c1: t1-0", "c2: t1-1"]);
    round_robin(
        "22",
        &[("t1", 3), ("t2", 3)],
        &["c1/i1: t1 t2", "c2/i2: t1 t2", "c3/i3: t1 t2", "c4: t1 t2"],
        &["c1: t1-0 t2-1", "c2: t1-1 t2-2", "c3: t1-2", "c4: t2-0"],
    );
    round_robin("nothing there", &[], &["c1: t1"], &["c1:"]);
}

/// Members with the ids of the recordings, in the order in which they joined.
fn observed(assignor: Assignor, members: &[&str]) -> Vec<String> {
    let members: Vec<String> = members.iter().map(|m| format!("{m}: x y")).collect();
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    assign(assignor, &[("x", 3), ("y", 3)], &members)
}

#[test]
fn range_as_observed_in_brokers() {
    // j_classic_range: "member m4 joins" (the fourth of four gets nothing), then m1 and m3 leave.
    let four = ["m1-b50a4a82", "m2-3f6f738d", "m3-94e49653", "m4-8d0c77fe"];
    let expected =
        ["m1-b50a4a82: x-0 y-0", "m2-3f6f738d: x-1 y-1", "m3-94e49653: x-2 y-2", "m4-8d0c77fe:"];
    assert_eq!(observed(Assignor::Range, &four), expected);
    let left = observed(Assignor::Range, &["m2-3f6f738d", "m4-8d0c77fe"]);
    assert_eq!(left, ["m2-3f6f738d: x-0 x-1 y-0 y-1", "m4-8d0c77fe: x-2 y-2"]);
}

#[test]
fn round_robin_as_observed_in_brokers() {
    // j_classic_roundrobin: "member m4 joins", "member m5 joins".
    let members = ["m1-d1bf71cd", "m2-05de7a78", "m3-7d4df162", "m4-39416baf", "m5-70245ed7"];
    let expected =
        ["m1-d1bf71cd: x-0 y-1", "m2-05de7a78: x-1 y-2", "m3-7d4df162: x-2", "m4-39416baf: y-0"];
    assert_eq!(observed(Assignor::RoundRobin, &members[..4]), expected);
    let expected = [
        "m1-d1bf71cd: x-0 y-2",
        "m2-05de7a78: x-1",
        "m3-7d4df162: x-2",
        "m4-39416baf: y-0",
        "m5-70245ed7: y-1",
    ];
    assert_eq!(observed(Assignor::RoundRobin, &members), expected);
}

#[test]
fn every_partition_goes_to_exactly_one_member() {
    for assignor in Assignor::ALL {
        for members in 1..6i32 {
            for partitions in 0..9 {
                let list: Vec<String> = (0..members).map(|n| format!("c{n}: a b")).collect();
                let list: Vec<&str> = list.iter().map(String::as_str).collect();
                let given = assign(assignor, &[("a", partitions), ("b", 2)], &list);
                let mut all: Vec<&str> =
                    given.iter().flat_map(|m| m.split_whitespace().skip(1)).collect();
                highwater_sorted::sort(&mut all);
                let before = all.len();
                all.dedup();
                assert_eq!(all.len(), before, "{assignor:?}: nothing twice");
                assert_eq!(i32::try_from(all.len()).unwrap(), partitions + 2, "{assignor:?}: all");
            }
        }
    }
}
