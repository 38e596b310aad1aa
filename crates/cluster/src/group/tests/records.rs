//! Bytes of the records: the vectors of `11-rpc` 11.2 and values a broker of 4.3.0 wrote
//! (`fixtures/clean/__consumer_offsets-0`, offsets 0 to 5).

use crate::assignor::{Assignment, Subscription};
use crate::group::{GroupValue, Key, OffsetValue};
use highwater_log::Bytes;

fn hex(text: &str) -> Bytes {
    let digits: Vec<u8> = text.bytes().collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    Bytes::from(digits.chunks(2).map(byte).collect::<Vec<u8>>())
}

#[test]
fn vectors() {
    let key = Key::Offset { group: "g".into(), topic: "t".into(), partition: 0 };
    let bytes = hex("000100016700017400000000");
    assert_eq!((key.encode(), Key::decode(&bytes)), (bytes, Ok(key)));

    let value = OffsetValue {
        offset: 42,
        leader_epoch: 5,
        metadata: "".into(),
        commit_timestamp: 1_700_000_000_000,
        expire_timestamp: -1,
        topic_id: None,
    };
    let bytes = hex("0003000000000000002a0000000500000000018bcfe56800");
    assert_eq!((value.encode(), OffsetValue::decode(&bytes)), (bytes, Ok(value)));

    let key = Key::Group("g".into());
    let bytes = hex("0002000167");
    assert_eq!((key.encode(), Key::decode(&bytes)), (bytes, Ok(key)));
}

#[test]
fn an_offset_as_a_broker_wrote_it() {
    let bytes =
        hex("0004000000000000000c0000000001000001a2064530e4010010c3c74ad287724c2dbd685b82681af33d");
    let value = OffsetValue::decode(&bytes).unwrap();
    assert_eq!((value.offset, value.leader_epoch, &*value.metadata), (12, 0, ""));
    assert_eq!(value.topic_id.unwrap()[..4], [0xc3, 0xc7, 0x4a, 0xd2]);
    assert_eq!(value.encode(), bytes);
}

#[test]
fn a_group_through_its_life_as_a_broker_wrote_it() {
    let fresh = hex("0003000000000000ffffffff000001a20645300400000000");
    let value = GroupValue::decode(&fresh).unwrap();
    assert_eq!((&*value.protocol_type, value.generation, value.members.len()), ("", 0, 0));
    assert_eq!((&value.protocol, &value.leader), (&None, &None));
    assert_eq!(value.encode(), fresh);

    let emptied = hex("00030008636f6e73756d657200000002ffffffff000001a2064530fd00000000");
    let value = GroupValue::decode(&emptied).unwrap();
    assert_eq!((&*value.protocol_type, value.generation, &value.protocol), ("consumer", 2, &None));
    assert_eq!(value.encode(), emptied);

    let stable = hex(concat!(
        "00030008636f6e73756d657200000001000572616e67650039636f6e73756d65722d672d636c61737369632d31",
        "2d31393730303431312d323135612d343432372d383334662d393839663438303233613937000001a206453032",
        "000000010039636f6e73756d65722d672d636c61737369632d312d31393730303431312d323135612d34343237",
        "2d383334662d393839663438303233613937ffff0014636f6e73756d65722d672d636c61737369632d31000a2f",
        "3132372e302e302e31000493e00000afc80000001c00030000000100066f7264657273ffffffff00000000ffff",
        "ffffffff0000002200030000000100066f726465727300000003000000000000000100000002ffffffff"
    ));
    let value = GroupValue::decode(&stable).unwrap();
    let member = &value.members[0];
    assert_eq!((value.generation, value.protocol.as_deref()), (1, Some("range")));
    assert_eq!(value.leader.as_ref(), Some(&member.member_id));
    assert_eq!(&*member.client_id, "consumer-g-classic-1");
    assert_eq!((member.rebalance_timeout, member.session_timeout), (300_000, 45_000));
    let subscription = Subscription::decode(&member.subscription).unwrap();
    assert_eq!(subscription, Subscription::new(vec!["orders".into()]));
    assert_eq!(subscription.encode(3), member.subscription, "ours is the same, byte by byte");
    let assignment = Assignment::decode(&member.assignment).unwrap();
    assert_eq!(assignment.partitions, [("orders".into(), vec![0, 1, 2])]);
    assert_eq!(assignment.encode(3), member.assignment);
    assert_eq!(value.encode(), stable);
}

#[test]
fn cut_values_are_refused() {
    let offset =
        hex("0004000000000000000c0000000001000001a2064530e4010010c3c74ad287724c2dbd685b82681af33d");
    for end in 0..offset.size() {
        assert!(OffsetValue::decode(&offset.slice(0, end)).is_err(), "cut at {end}");
    }
    let group = hex("00030008636f6e73756d657200000002ffffffff000001a2064530fd00000000");
    for end in 0..group.size() {
        assert!(GroupValue::decode(&group.slice(0, end)).is_err(), "cut at {end}");
    }
}
