//! postcard: a digest of the value's shape (8 bytes), then its bytes.
//!
//! The bytes have no names and no types in them: read as another type, or with a field more or less, they may well
//! give a value, and not the one that was written. So whoever reads compares the shape of what they got.

use super::CacheValue;
use super::bounded::{Bounded, Limits};
use super::error::CodecError;
use super::shape;

const SHAPE_BYTES: usize = 8;

/// Encodes a value if it comes back: what must look at the data to know what it is does not.
pub(super) fn encode<T: CacheValue>(value: &T) -> Result<Vec<u8>, CodecError> {
    let shape = shape::of(value).ok_or(
        "postcard has no names in it, so a field that `skip_serializing_if` leaves out cannot be missed: use another codec",
    )?;
    let payload = shape.to_be_bytes().to_vec();
    let payload = ::postcard::to_extend(value, payload).map_err(|error| cannot(&error))?;
    decode::<T>(&payload).map_err(|error| cannot(&error))?;
    Ok(payload)
}

pub(super) fn decode<T: CacheValue>(payload: &[u8]) -> Result<T, CodecError> {
    let (digest, bytes) = payload.split_first_chunk::<SHAPE_BYTES>().ok_or("too short")?;
    let mut deserializer = ::postcard::Deserializer::from_bytes(bytes);
    let limits = Limits::of(bytes);
    let value = T::deserialize(Bounded::new(&mut deserializer, &limits));
    let value = value.map_err(|error| limits.why(&error))?;
    match deserializer.finalize() {
        Ok([]) => {}
        _ => return Err("bytes follow the value".into()),
    }
    if shape::of(&value) != Some(u64::from_be_bytes(*digest)) {
        return Err("written with other fields or types".into());
    }
    Ok(value)
}

fn cannot(error: &dyn std::fmt::Display) -> CodecError {
    format!("postcard cannot bring it back: use another codec, or types without `untagged`, `tag` and `flatten` ({error})").into()
}
