//! What hostile bytes cannot do to the codecs that are not JSON.

use crate::codec::payload::{Codec, decode, encode};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Nest {
    inner: Option<Box<Nest>>,
}

#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Wide {
    nothing: ((), (), (), (), (), ()),
    id: u8,
}

fn nest(levels: usize) -> Nest {
    (0..levels).fold(Nest { inner: None }, |inner, _| Nest { inner: Some(Box::new(inner)) })
}

#[test]
fn what_is_nested_too_deeply_is_no_value() {
    for codec in Codec::ALL {
        let payload = encode(*codec, &nest(20)).unwrap();
        assert_eq!(decode::<Nest>(*codec, &payload).unwrap(), nest(20));
    }
    // As deep as a stack is not.
    #[cfg(feature = "postcard")]
    {
        let payload = [&[0; 8][..], &vec![1; 1 << 20]].concat();
        let why = decode::<Nest>(Codec::Postcard, &payload).unwrap_err().to_string();
        assert!(why.contains("nested"), "{why}");
        let why = encode(Codec::Postcard, &nest(200)).unwrap_err().to_string();
        assert!(why.contains("nested"), "{why}");
    }
    #[cfg(feature = "msgpack")]
    {
        let payload = vec![0x91; 1 << 20];
        let why = decode::<Vec<Nested>>(Codec::MessagePack, &payload).unwrap_err();
        assert!(why.to_string().contains("nested"), "{why}");
    }
}

/// A list of lists of lists ..
#[cfg(feature = "msgpack")]
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
struct Nested(Vec<Nested>);

#[cfg(feature = "postcard")]
#[test]
fn elements_without_bytes_are_bounded() {
    // 2^63 of them.
    let length = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    let payload = [&[0; 8][..], &length].concat();
    let why = decode::<Vec<()>>(Codec::Postcard, &payload).unwrap_err().to_string();
    assert!(why.contains("more elements than bytes"), "{why}");
    let fits = vec![(); 100];
    let payload = encode(Codec::Postcard, &fits).unwrap();
    assert_eq!(decode::<Vec<()>>(Codec::Postcard, &payload).unwrap(), fits);
}

#[test]
fn fields_without_bytes_are_not_counted() {
    let values = vec![Wide { nothing: Default::default(), id: 1 }; 5000];
    for codec in Codec::ALL {
        let payload = encode(*codec, &values).unwrap();
        assert_eq!(decode::<Vec<Wide>>(*codec, &payload).unwrap(), values);
    }
}

#[cfg(feature = "msgpack")]
#[test]
fn a_length_that_is_only_announced_takes_no_memory() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static HINT: AtomicUsize = AtomicUsize::new(0);
    /// Would make as much room as it is told.
    #[derive(Serialize, Clone)]
    struct Greedy;
    impl<'de> Deserialize<'de> for Greedy {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor;
            impl<'de> serde::de::Visitor<'de> for Visitor {
                type Value = Greedy;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("a list")
                }
                fn visit_seq<A: serde::de::SeqAccess<'de>>(
                    self,
                    seq: A,
                ) -> Result<Greedy, A::Error> {
                    HINT.store(seq.size_hint().unwrap_or(0), Ordering::SeqCst);
                    Ok(Greedy)
                }
            }
            deserializer.deserialize_seq(Visitor)
        }
    }
    // 2^32 - 1 elements, none of which is there.
    assert!(decode::<Greedy>(Codec::MessagePack, &[0xdd, 0xff, 0xff, 0xff, 0xff]).is_err());
    assert_eq!(HINT.load(Ordering::SeqCst), super::ROOM);
}
