//! A deserializer around another one that bounds what hostile bytes can ask for: nesting (the stack), lengths that are
//! announced (memory), and elements that take no bytes (time).

use super::error::CodecError;
use serde::de::{self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess};
use serde::de::{VariantAccess, Visitor};
use std::cell::Cell;
use std::fmt;

/// As deep as `serde_json` reads.
const DEPTH: u8 = 127;

/// More room than this is not made before the elements are there.
const ROOM: usize = 1024;

/// What is left for all of a payload.
pub(super) struct Limits {
    elements: Cell<usize>,
    /// The limit that was met: not every error type keeps what it is told.
    met: Cell<Option<&'static str>>,
}

impl Limits {
    /// As many elements as there are bytes, and a few that take none.
    pub(super) fn of(payload: &[u8]) -> Self {
        Self { elements: Cell::new(payload.len() + ROOM), met: Cell::new(None) }
    }

    fn meet<E: de::Error>(&self, limit: &'static str) -> E {
        self.met.set(Some(limit));
        E::custom(limit)
    }

    /// What went wrong.
    pub(super) fn why(&self, error: &dyn fmt::Display) -> CodecError {
        self.met.get().map_or_else(|| error.to_string().into(), CodecError::from)
    }
}

/// Stands around a deserializer, a visitor, a seed or an access: all that serde hands on inside of one.
pub(super) struct Bounded<'l, I> {
    inner: I,
    limits: &'l Limits,
    depth: u8,
    /// Whether the bytes say how many elements there are. Elsewhere the type does: fields, tuples.
    counts: bool,
}

impl<'l, I> Bounded<'l, I> {
    pub(super) fn new(inner: I, limits: &'l Limits) -> Self {
        Self { inner, limits, depth: DEPTH, counts: false }
    }

    /// The same around something at the same depth.
    fn with<J>(&self, inner: J) -> Bounded<'l, J> {
        Bounded { inner, limits: self.limits, depth: self.depth, counts: false }
    }

    /// ... one deeper.
    fn inside<J, E: de::Error>(&self, inner: J) -> Result<Bounded<'l, J>, E> {
        let depth =
            self.depth.checked_sub(1).ok_or_else(|| self.limits.meet("nested too deeply"))?;
        Ok(Bounded { inner, limits: self.limits, depth, counts: self.counts })
    }

    fn count<E: de::Error>(&self) -> Result<(), E> {
        if !self.counts {
            return Ok(());
        }
        let left = self.limits.elements.get().checked_sub(1);
        let left = left.ok_or_else(|| self.limits.meet("more elements than bytes"))?;
        self.limits.elements.set(left);
        Ok(())
    }
}

macro_rules! forward {
    ($counts:literal: $($method:ident($($name:ident: $ty:ty),*))*) => { $(
        fn $method<V: Visitor<'de>>(self, $($name: $ty,)* visitor: V) -> Result<V::Value, D::Error> {
            let visitor = Bounded { counts: $counts, ..self.with(visitor) };
            self.inner.$method($($name,)* visitor)
        }
    )* };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Bounded<'_, D> {
    type Error = D::Error;

    forward! { true:
        deserialize_any() deserialize_ignored_any() deserialize_seq() deserialize_map()
    }

    forward! { false:
        deserialize_bool() deserialize_char() deserialize_str() deserialize_string()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_bytes() deserialize_byte_buf()
        deserialize_option() deserialize_unit() deserialize_identifier()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! visit {
    ($($method:ident($ty:ty))*) => { $(
        fn $method<E: de::Error>(self, value: $ty) -> Result<V::Value, E> {
            self.inner.$method(value)
        }
    )* };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Bounded<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    visit! {
        visit_bool(bool) visit_char(char) visit_str(&str) visit_borrowed_str(&'de str) visit_string(String)
        visit_i8(i8) visit_i16(i16) visit_i32(i32) visit_i64(i64) visit_i128(i128)
        visit_u8(u8) visit_u16(u16) visit_u32(u32) visit_u64(u64) visit_u128(u128)
        visit_f32(f32) visit_f64(f64)
        visit_bytes(&[u8]) visit_borrowed_bytes(&'de [u8]) visit_byte_buf(Vec<u8>)
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let deserializer = self.inside(deserializer)?;
        self.inner.visit_some(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        let deserializer = self.inside(inner)?;
        self.inner.visit_newtype_struct(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        let seq = self.inside(seq)?;
        self.inner.visit_seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        let map = self.inside(map)?;
        self.inner.visit_map(map)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        let data = self.inside(data)?;
        self.inner.visit_enum(data)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Bounded<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        let deserializer = self.with(deserializer);
        self.inner.deserialize(deserializer)
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, A::Error> {
        self.count()?;
        let seed = self.with(seed);
        self.inner.next_element_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint().map(|hint| hint.min(ROOM))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        self.count()?;
        let seed = self.with(seed);
        self.inner.next_key_seed(seed)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        let seed = self.with(seed);
        self.inner.next_value_seed(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint().map(|hint| hint.min(ROOM))
    }
}

impl<'de, 'l, A: EnumAccess<'de>> EnumAccess<'de> for Bounded<'l, A> {
    type Error = A::Error;
    type Variant = Bounded<'l, A::Variant>;

    fn variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<(T::Value, Self::Variant), A::Error> {
        let seed = self.with(seed);
        let Self { inner, limits, depth, counts } = self;
        let (value, inner) = inner.variant_seed(seed)?;
        Ok((value, Bounded { inner, limits, depth, counts }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, A::Error> {
        let seed = self.with(seed);
        self.inner.newtype_variant_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        let visitor = self.with(visitor);
        self.inner.tuple_variant(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let visitor = self.with(visitor);
        self.inner.struct_variant(fields, visitor)
    }
}

#[cfg(test)]
mod tests;
