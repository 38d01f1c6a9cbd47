//! The settings that say how values are written in the remote tier.

use super::CacheBuilder;
use crate::codec::Codec;

impl CacheBuilder {
    /// How values are written in the remote tier. Default JSON; whatever an entry is written in is read.
    pub fn codec(mut self, codec: Codec) -> Self {
        self.coding.codec = codec;
        self
    }

    /// The longest payload that is stored in the remote tier, in bytes before compression; no longer one is read out of a
    /// compressed entry either. Default 8 MiB.
    pub fn max_value_bytes(mut self, bytes: usize) -> Self {
        self.coding.max_bytes = bytes;
        self
    }

    /// Compresses payloads of more than so many bytes by zstd, if they get shorter by it. Default: none. Compressed
    /// entries are read by every cache with the feature `zstd`.
    #[cfg(feature = "zstd")]
    pub fn compress_above(mut self, bytes: usize) -> Self {
        self.coding.compress_above = Some(bytes);
        self
    }

    /// Encrypts payloads in the remote tier: the first key seals what is stored, all of them open what is read. Whatever is
    /// not sealed with one of them is a miss, and counted. Keys, tags and times of entries stay readable.
    ///
    /// To change the key: add the new one in second place everywhere, then move it to the first, then take the old one away
    /// when the longest lifetime has passed.
    #[cfg(feature = "encryption")]
    pub fn encryption_keys(
        mut self,
        keys: impl IntoIterator<Item = crate::codec::EncryptionKey>,
    ) -> Self {
        self.coding.keys = Some(crate::codec::Keys::new(keys.into_iter().collect()));
        self
    }
}
