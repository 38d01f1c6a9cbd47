//! Finds what JSON and MessagePack cannot bring back: a `Some` that is written as `null`, and so would be read as `None`.
//! That is `Some(())`, `Some(None)`, and in JSON `Some` of a unit struct or of a float that is no finite number. What
//! postcard cannot bring back is found in `postcard`.

use serde::ser::{self, Serialize, Serializer};
use std::fmt;

/// What a format writes `null` for, besides `None` and `()`.
#[derive(Clone, Copy)]
pub(super) enum Nulls {
    /// Unit structs, and floats that are no finite numbers. Keys of maps are text, or no JSON at all.
    Json,
    /// Nothing else; but a key of a map may be `null`.
    #[cfg(feature = "msgpack")]
    MessagePack,
}

/// Whether a value has such a `Some` anywhere inside.
pub(super) fn loses(value: &impl Serialize, nulls: Nulls) -> bool {
    matches!(value.serialize(Walk { nulls }), Err(Stop::Lost))
}

/// Walks through a value without writing it. What comes back of each part is whether `null` is written for it.
#[derive(Clone, Copy)]
struct Walk {
    nulls: Nulls,
}

impl Walk {
    fn is_json(self) -> bool {
        matches!(self.nulls, Nulls::Json)
    }
}

#[derive(Debug)]
enum Stop {
    Lost,
    /// An error of the value's own; encoding it meets the same.
    Other,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Stop {}

impl ser::Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Other
    }
}

const NULL: Result<bool, Stop> = Ok(true);
const PLAIN: Result<bool, Stop> = Ok(false);

macro_rules! plain {
    ($($method:ident($ty:ty))*) => { $(
        fn $method(self, _: $ty) -> Result<bool, Stop> {
            PLAIN
        }
    )* };
}

macro_rules! compound {
    ($($method:ident($($ty:ty),*))*) => { $(
        fn $method(self, $(_: $ty),*) -> Result<Self, Stop> {
            Ok(self)
        }
    )* };
}

impl Serializer for Walk {
    type Ok = bool;
    type Error = Stop;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    plain! {
        serialize_bool(bool) serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
    }

    compound! {
        serialize_seq(Option<usize>)
        serialize_tuple(usize)
        serialize_tuple_struct(&'static str, usize)
        serialize_tuple_variant(&'static str, u32, &'static str, usize)
        serialize_map(Option<usize>)
        serialize_struct(&'static str, usize)
        serialize_struct_variant(&'static str, u32, &'static str, usize)
    }

    fn serialize_f32(self, value: f32) -> Result<bool, Stop> {
        Ok(self.is_json() && !value.is_finite())
    }

    fn serialize_f64(self, value: f64) -> Result<bool, Stop> {
        Ok(self.is_json() && !value.is_finite())
    }

    fn serialize_none(self) -> Result<bool, Stop> {
        NULL
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<bool, Stop> {
        if value.serialize(self)? { Err(Stop::Lost) } else { PLAIN }
    }

    fn serialize_unit(self) -> Result<bool, Stop> {
        NULL
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<bool, Stop> {
        Ok(self.is_json())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<bool, Stop> {
        PLAIN
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<bool, Stop> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<bool, Stop> {
        value.serialize(self).and(PLAIN)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<bool, Stop> {
        PLAIN
    }
}

macro_rules! elements {
    ($($compound:ident::$method:ident)*) => { $(
        impl ser::$compound for Walk {
            type Ok = bool;
            type Error = Stop;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
                value.serialize(*self).map(drop)
            }

            fn end(self) -> Result<bool, Stop> {
                PLAIN
            }
        }
    )* };
}

elements! {
    SerializeSeq::serialize_element
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
    SerializeTupleVariant::serialize_field
}

macro_rules! fields {
    ($($compound:ident)*) => { $(
        impl ser::$compound for Walk {
            type Ok = bool;
            type Error = Stop;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                _: &'static str,
                value: &T,
            ) -> Result<(), Stop> {
                value.serialize(*self).map(drop)
            }

            fn end(self) -> Result<bool, Stop> {
                PLAIN
            }
        }
    )* };
}

fields!(SerializeStruct SerializeStructVariant);

impl ser::SerializeMap for Walk {
    type Ok = bool;
    type Error = Stop;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        if self.is_json() { Ok(()) } else { key.serialize(*self).map(drop) }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        value.serialize(*self).map(drop)
    }

    fn end(self) -> Result<bool, Stop> {
        PLAIN
    }
}

#[cfg(test)]
mod tests {
    use crate::codec::CacheValue;
    use crate::codec::payload::{Codec, decode, encode};
    use serde::{Deserialize, Serialize};
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    #[derive(Serialize, Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
    struct Unit;

    #[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
    enum Shape<T> {
        Unit,
        One(T),
        Two(T, T),
        Named { inner: T },
    }

    fn keeps<T: CacheValue + PartialEq + Debug>(codec: Codec, value: &T) -> bool {
        let Ok(payload) = encode(codec, value) else { return false };
        let back: T = decode(codec, &payload).unwrap();
        assert_eq!(&back, value, "{codec:?}");
        true
    }

    #[track_caller]
    fn kept<T: CacheValue + PartialEq + Debug>(value: T) {
        for codec in Codec::ALL {
            assert!(keeps(*codec, &value), "{codec:?}: {value:?}");
        }
    }

    /// In all codecs that write `null` for `None`.
    #[track_caller]
    fn refused<T: CacheValue + PartialEq + Debug>(value: T) {
        for codec in Codec::ALL {
            match encode(*codec, &value) {
                Err(why) => assert!(why.to_string().contains("use an enum of your own"), "{why}"),
                Ok(_) => assert!(!matches!(codec.name(), "JSON" | "MessagePack"), "{codec:?}"),
            }
        }
    }

    #[test]
    fn what_comes_back_is_kept() {
        kept(None::<()>);
        kept(());
        kept(Unit);
        kept(Some(1.5_f64));
        kept(vec![Some(1), None]);
        kept((Some("a".to_owned()), None::<u8>, ()));
        kept(BTreeMap::from([("a".to_owned(), Some(Shape::Unit::<()>)), ("b".to_owned(), None)]));
        kept(vec![Shape::One(None::<u8>), Shape::Two(Some(1), None), Shape::Named { inner: None }]);
    }

    #[test]
    fn what_does_not_is_refused() {
        refused(Some(()));
        refused(Some(None::<u8>));
        refused(vec![(1, Some(Some(None::<u8>)))]);
        refused(BTreeMap::from([("a".to_owned(), [Some(())])]));
        refused(vec![Shape::Unit, Shape::One(Some(()))]);
        refused(Shape::Two(None, Some(())));
        refused(Shape::Named { inner: Some(()) });
        refused(Ok::<_, ()>(Some(())));
    }

    #[test]
    fn what_json_alone_writes_as_null() {
        for codec in Codec::ALL {
            let json = matches!(codec, Codec::Json);
            assert_eq!(keeps(*codec, &Some(Unit)), !json);
            assert_eq!(keeps(*codec, &Some(f64::INFINITY)), !json);
        }
        assert!(!keeps(Codec::Json, &Some(serde_json::Value::Null)));
    }

    #[cfg(feature = "msgpack")]
    #[test]
    fn keys_of_maps_count_where_they_may_be_null() {
        assert!(keeps(Codec::MessagePack, &BTreeMap::from([(None::<u8>, 1), (Some(1), 2)])));
        assert!(!keeps(Codec::MessagePack, &BTreeMap::from([(Some(()), 1)])));
    }
}
