//! Bytes for values: the envelope around them and the payload itself. Where they are kept is not known here.

#[cfg(any(feature = "msgpack", feature = "postcard"))]
mod bounded;
mod coding;
mod envelope;
mod error;
mod form;
mod lossless;
#[cfg(feature = "msgpack")]
mod message_pack;
mod payload;
#[cfg(feature = "postcard")]
mod postcard;
#[cfg(feature = "encryption")]
mod sealed;
#[cfg(feature = "postcard")]
mod shape;
#[cfg(feature = "zstd")]
mod zstd;

pub(crate) use coding::{Coding, Payload};
pub(crate) use envelope::{Envelope, Format, MAX_TAGS, Stamp};
pub(crate) use error::CodecError;
pub(crate) use form::{Decoded, Entry, Form, decode as decode_stored, is_lease};
pub use payload::Codec;
#[cfg(feature = "encryption")]
pub use sealed::EncryptionKey;
#[cfg(feature = "encryption")]
pub(crate) use sealed::Keys;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// What a cached value must be able to do.
///
/// Implemented for every type that has the parts; there is nothing to implement by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be cached",
    label = "not a cacheable value",
    note = "a cached value is `Serialize + DeserializeOwned + Clone + Send + Sync + 'static`: derive what is missing, and return owned data"
)]
pub trait CacheValue: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

impl<T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> CacheValue for T {}

/// How many bytes a value takes as JSON, without keeping them.
pub(crate) fn encoded_len<T: Serialize>(value: &T) -> u64 {
    struct Count(u64);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len() as u64;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // A value that JSON refuses is weighed by its shallow size alone.
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}

/// A digest of a type's name: entries of another type under the same key are misses, not surprises.
pub(crate) fn fingerprint<T: ?Sized>() -> u64 {
    // FNV-1a: the same in every process, which a seeded hasher is not.
    fnv(std::any::type_name::<T>().as_bytes())
}

pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
