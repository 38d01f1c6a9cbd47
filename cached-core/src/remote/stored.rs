//! Values to bytes at a key and back, as this cache writes and as whoever wrote them did.

use super::Remote;
use crate::codec::{CacheValue, Codec, CodecError, Entry, Envelope, Payload};

impl Remote {
    /// Encodes a value by a codec, the cache's if none is given, unless it is too long or would come back as another one.
    pub(crate) fn encode<T: CacheValue>(
        &self,
        codec: Option<Codec>,
        value: &T,
    ) -> Result<Payload, CodecError> {
        self.coding.encode(codec, value)
    }

    /// The bytes of a key's entry; `None` if a tag or the list of tags is too long.
    pub(crate) fn stored(&self, key: &str, header: Envelope, payload: &Payload) -> Option<Vec<u8>> {
        self.coding.entry(self.form, || self.layout.entry(key), header, payload)
    }

    /// The value of a key's entry, and its length in bytes.
    pub(crate) fn decode<T: CacheValue>(
        &self,
        key: &str,
        entry: &Entry,
    ) -> Result<(T, usize), CodecError> {
        self.coding.decode(|| self.layout.entry(key), entry)
    }
}
