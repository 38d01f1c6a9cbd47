//! A digest of what a value is made of: names of structs, fields and variants, kinds of values and how many there are;
//! not the values themselves.
//!
//! Elements of lists and maps count in any order, for a `HashMap` read back has another one.

use super::fnv;
use serde::ser::{self, Serialize, Serializer};
use std::fmt;

/// The digest of a value as formats see it that are not for people. `None` if a field is left out, or if the value
/// cannot be serialised.
pub(super) fn of<T: Serialize>(value: &T) -> Option<u64> {
    value.serialize(Shape).ok()
}

struct Shape;

/// A value with parts, on the way.
struct Parts {
    digest: u64,
    /// Of a map: the key whose value comes next.
    key: u64,
}

#[derive(Debug)]
struct Stop;

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Stop {}

impl ser::Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

fn mix(digest: u64, part: u64) -> u64 {
    // FNV's step on a whole word, and a shift that lets high bits reach low ones.
    let mixed = (digest ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 32)
}

fn named(kind: &str, name: &str) -> u64 {
    mix(fnv(kind.as_bytes()), fnv(name.as_bytes()))
}

impl Parts {
    fn of(digest: u64) -> Result<Self, Stop> {
        Ok(Self { digest, key: 0 })
    }

    fn in_order<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Stop> {
        self.digest = mix(mix(self.digest, fnv(name.as_bytes())), value.serialize(Shape)?);
        Ok(())
    }

    fn in_any_order(&mut self, part: u64) -> Result<(), Stop> {
        // Not the bare part: two of a kind would be as good as none of another.
        self.digest = self.digest.wrapping_add(mix(part, 1));
        Ok(())
    }
}

macro_rules! kinds {
    ($($method:ident($ty:ty))*) => { $(
        fn $method(self, _: $ty) -> Result<u64, Stop> {
            Ok(fnv(stringify!($method).as_bytes()))
        }
    )* };
}

impl Serializer for Shape {
    type Ok = u64;
    type Error = Stop;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    kinds! {
        serialize_bool(bool) serialize_char(char) serialize_str(&str) serialize_bytes(&[u8])
        serialize_i8(i8) serialize_i16(i16) serialize_i32(i32) serialize_i64(i64) serialize_i128(i128)
        serialize_u8(u8) serialize_u16(u16) serialize_u32(u32) serialize_u64(u64) serialize_u128(u128)
        serialize_f32(f32) serialize_f64(f64)
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<u64, Stop> {
        self.serialize_str("")
    }

    fn serialize_none(self) -> Result<u64, Stop> {
        Ok(fnv(b"none"))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<u64, Stop> {
        Ok(mix(fnv(b"some"), value.serialize(Shape)?))
    }

    fn serialize_unit(self) -> Result<u64, Stop> {
        Ok(fnv(b"unit"))
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<u64, Stop> {
        Ok(named("unit", name))
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<u64, Stop> {
        Ok(mix(named(name, variant), index.into()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<u64, Stop> {
        Ok(mix(named("newtype", name), value.serialize(Shape)?))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<u64, Stop> {
        Ok(mix(mix(named(name, variant), index.into()), value.serialize(Shape)?))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts, Stop> {
        Parts::of(fnv(b"seq"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts, Stop> {
        Parts::of(fnv(b"map"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts, Stop> {
        Parts::of(fnv(b"tuple"))
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Parts, Stop> {
        Parts::of(named("tuple struct", name))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Parts, Stop> {
        Parts::of(named("struct", name))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Stop> {
        Parts::of(mix(named(name, variant), index.into()))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts, Stop> {
        Parts::of(mix(named(name, variant), index.into()))
    }
}

impl ser::SerializeSeq for Parts {
    type Ok = u64;
    type Error = Stop;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        self.in_any_order(value.serialize(Shape)?)
    }

    fn end(self) -> Result<u64, Stop> {
        Ok(self.digest)
    }
}

impl ser::SerializeMap for Parts {
    type Ok = u64;
    type Error = Stop;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        self.key = key.serialize(Shape)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        self.in_any_order(mix(self.key, value.serialize(Shape)?))
    }

    fn end(self) -> Result<u64, Stop> {
        Ok(self.digest)
    }
}

macro_rules! tuples {
    ($($compound:ident::$method:ident)*) => { $(
        impl ser::$compound for Parts {
            type Ok = u64;
            type Error = Stop;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
                self.in_order("", value)
            }

            fn end(self) -> Result<u64, Stop> {
                Ok(self.digest)
            }
        }
    )* };
}

tuples! {
    SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field
    SerializeTupleVariant::serialize_field
}

macro_rules! fields {
    ($($compound:ident)*) => { $(
        impl ser::$compound for Parts {
            type Ok = u64;
            type Error = Stop;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Stop> {
                self.in_order(name, value)
            }

            fn skip_field(&mut self, _: &'static str) -> Result<(), Stop> {
                Err(Stop)
            }

            fn end(self) -> Result<u64, Stop> {
                Ok(self.digest)
            }
        }
    )* };
}

fields!(SerializeStruct SerializeStructVariant);

#[cfg(test)]
mod tests;
