//! MessagePack: structs as maps with the names of their fields, and text where JSON has text, so that what serde has to
//! look at twice (`untagged`, `flatten`) reads as it does in JSON.

use super::CacheValue;
use super::bounded::{Bounded, Limits};
use super::error::CodecError;

/// The byte of `None` and `()`.
pub(super) const NIL: u8 = 0xc0;

pub(super) fn encode<T: CacheValue>(value: &T) -> Result<Vec<u8>, CodecError> {
    let mut payload = Vec::new();
    let mut serializer =
        rmp_serde::Serializer::new(&mut payload).with_struct_map().with_human_readable();
    value.serialize(&mut serializer).map_err(|error| error.to_string())?;
    Ok(payload)
}

pub(super) fn decode<T: CacheValue>(payload: &[u8]) -> Result<T, CodecError> {
    let mut rest = payload;
    let mut deserializer = rmp_serde::Deserializer::new(&mut rest).with_human_readable();
    let limits = Limits::of(payload);
    let value = T::deserialize(Bounded::new(&mut deserializer, &limits));
    let value = value.map_err(|error| limits.why(&error))?;
    if rest.is_empty() { Ok(value) } else { Err("bytes follow the value".into()) }
}
