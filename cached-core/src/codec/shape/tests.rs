//! What a shape tells apart, and what it lets through.

use super::of;
use crate::codec::CacheValue;
use crate::codec::payload::{Codec, decode, encode};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Course {
    id: u32,
    seats: u32,
}

/// What another version made of a struct.
mod later {
    use super::*;

    #[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
    pub(super) struct Course {
        pub(super) seats: u32,
        pub(super) id: u32,
    }
}

#[test]
fn another_order_of_fields_is_another_shape() {
    let payload = encode(Codec::Postcard, &Course { id: 1, seats: 2 }).unwrap();
    assert_eq!(decode::<Course>(Codec::Postcard, &payload).unwrap().id, 1);
    // The bytes alone would give it.
    assert!(postcard::from_bytes::<later::Course>(&payload[8..]).is_ok());
    assert!(decode::<later::Course>(Codec::Postcard, &payload).is_err());
    assert!(decode::<(u32, u32)>(Codec::Postcard, &payload).is_err());
    assert!(
        decode::<Vec<u8>>(Codec::Postcard, &encode(Codec::Postcard, &"ab".to_owned()).unwrap())
            .is_err()
    );
}

#[test]
fn values_and_their_order_in_sets_do_not_count() {
    assert_eq!(of(&Course { id: 1, seats: 2 }), of(&Course { id: 3, seats: 4 }));
    assert_eq!(of(&vec![Some(1), None]), of(&vec![None, Some(7)]));
    assert_ne!(of(&vec![1]), of(&vec![1, 1]));
    assert_ne!(of(&[Some(1), None]), of(&[None, Some(1)]));
    let names: HashSet<_> = (0..100).map(|n: u32| n.is_multiple_of(3).then_some(n)).collect();
    let map: HashMap<_, _> = (0..100).map(|n: u32| (n, n.is_multiple_of(3).then_some(n))).collect();
    for _ in 0..10 {
        let payload = encode(Codec::Postcard, &(names.clone(), map.clone())).unwrap();
        let back: (HashSet<_>, HashMap<_, _>) = decode(Codec::Postcard, &payload).unwrap();
        assert_eq!(back, (names.clone(), map.clone()));
    }
}

#[test]
fn what_formats_write_that_are_not_for_people_is_what_counts() {
    let address: IpAddr = [127, 0, 0, 1].into();
    let payload = encode(Codec::Postcard, &address).unwrap();
    assert_eq!(payload.len(), 8 + 5);
    assert_eq!(decode::<IpAddr>(Codec::Postcard, &payload).unwrap(), address);
}

#[test]
fn what_postcard_cannot_bring_back_is_refused() {
    #[derive(Serialize, Deserialize, Clone, Debug)]
    struct Skips {
        #[serde(skip_serializing_if = "Option::is_none", default)]
        a: Option<u8>,
        b: Option<u8>,
    }
    #[derive(Serialize, Deserialize, Clone, Debug)]
    struct HalfSkipped {
        #[serde(skip_serializing, default)]
        a: u8,
        b: Vec<u8>,
    }
    #[derive(Serialize, Deserialize, Clone, Debug)]
    #[serde(tag = "kind")]
    enum Tagged {
        A { id: u8 },
    }
    #[derive(Serialize, Deserialize, Clone, Debug)]
    struct Flat {
        #[serde(flatten)]
        rest: HashMap<String, u8>,
    }
    fn refused<T: CacheValue>(value: T) {
        let why = encode(Codec::Postcard, &value).unwrap_err().to_string();
        assert!(why.contains("use another codec"), "{why}");
    }
    refused(Skips { a: None, b: Some(1) });
    refused(vec![HalfSkipped { a: 1, b: vec![] }]);
    refused(Tagged::A { id: 1 });
    refused(Flat { rest: HashMap::new() });
    refused(serde_json::json!([1]));
    assert!(encode(Codec::Postcard, &Skips { a: Some(2), b: None }).is_ok());
    let sound = decode::<Vec<HalfSkipped>>(Codec::Json, br#"[{"b":[]}]"#).unwrap();
    assert_eq!(sound[0].a, 0);
}
