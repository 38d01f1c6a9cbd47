//! The options that reads of one key and of many have in common: methods over the fields `ttl`, `codec` and `site` of a
//! builder. What only one of the two has is in its own file.

/// Methods of a builder.
macro_rules! read_options {
    () => {
        /// The entry's lifetime; of many keys, that of each entry. Medium unless said otherwise.
        pub fn ttl(mut self, ttl: impl Into<$crate::Ttl>) -> Self {
            self.ttl = ttl.into();
            self
        }

        /// How values are written in the remote tier: as the cache writes
        /// ([`CacheBuilder::codec`](crate::CacheBuilder::codec)) unless said otherwise. Read is what is there, by whichever
        /// codec it was written.
        pub fn codec(mut self, codec: $crate::Codec) -> Self {
            self.codec = Some(codec);
            self
        }

        /// The version of the values' meaning: entries of another are misses, those that
        /// [`Cache::set`](crate::Cache::set) puts (0) included. 0 unless said otherwise.
        pub fn version(mut self, version: u32) -> Self {
            self.site = self.site.version(version);
            self
        }

        /// The longest life of a local copy.
        pub fn local_ttl(mut self, ttl: impl Into<$crate::Ttl>) -> Self {
            self.site = self.site.local_ttl(ttl.into());
            self
        }

        /// No local copy.
        pub fn local_off(mut self) -> Self {
            self.site = self.site.local_off();
            self
        }

        /// No remote entry.
        pub fn remote_off(mut self) -> Self {
            self.site = self.site.remote_off();
            self
        }
    };
}

/// Methods of a builder whose `rules` are [`ByValue`](super::by_value::ByValue).
macro_rules! options_by_value {
    ($value:ident) => {
        /// The entry's lifetime, by the value that was loaded.
        pub fn ttl_with<W: Into<$crate::Ttl>>(
            mut self,
            ttl: impl Fn(&$value) -> W + Send + Sync + 'static,
        ) -> Self {
            self.rules.set_ttl(ttl);
            self
        }

        /// Stores only values that a function accepts.
        pub fn cache_if(
            mut self,
            accept: impl Fn(&$value) -> bool + Send + Sync + 'static,
        ) -> Self {
            self.rules.set_cache_if(accept);
            self
        }
    };
}

pub(super) use {options_by_value, read_options};
