//! How one cache writes values, as its builder says, and how it reads whatever it finds. Where entries are kept is not
//! known here.

use super::CacheValue;
use super::envelope::{Envelope, Format};
use super::error::CodecError;
use super::form::{Entry, Form};
use super::payload::{self, Codec};
use crate::error::Error;
use std::borrow::Cow;

const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
/// The flag of a sealed payload; the others mean nothing yet.
const SEALED: u8 = 1;

/// The settings of a cache that concern stored bytes.
#[derive(Debug, Clone)]
pub(crate) struct Coding {
    pub(crate) codec: Codec,
    /// The longest payload that is written, and the longest that is read out of a compressed one.
    pub(crate) max_bytes: usize,
    /// Payloads longer than this are compressed.
    #[cfg(feature = "zstd")]
    pub(crate) compress_above: Option<usize>,
    #[cfg(feature = "encryption")]
    pub(crate) keys: Option<super::sealed::Keys>,
}

impl Default for Coding {
    fn default() -> Self {
        Self {
            codec: Codec::Json,
            max_bytes: 8 << 20,
            #[cfg(feature = "zstd")]
            compress_above: None,
            #[cfg(feature = "encryption")]
            keys: None,
        }
    }
}

/// A value's bytes, ready to be stored.
#[derive(Debug)]
pub(crate) struct Payload {
    format: Format,
    bytes: Vec<u8>,
    /// How long the value is as its codec writes it.
    pub(crate) length: usize,
}

impl Coding {
    /// Whether the settings can be used.
    pub(crate) fn check(&self) -> Result<(), Error> {
        #[cfg(feature = "encryption")]
        if let Some(keys) = &self.keys {
            keys.check()?;
        }
        Ok(())
    }

    /// Encodes a value by a codec, the cache's if none is given, unless it is too long or would come back as another one.
    pub(crate) fn encode<T: CacheValue>(
        &self,
        codec: Option<Codec>,
        value: &T,
    ) -> Result<Payload, CodecError> {
        let codec = codec.unwrap_or(self.codec);
        let bytes = payload::encode(codec, value)?;
        let length = bytes.len();
        if length > self.max_bytes {
            return Err(format!("{length} bytes, more than `max_value_bytes`").into());
        }
        let format = Format { codec: codec.byte(), ..Format::default() };
        #[cfg(feature = "zstd")]
        if self.compress_above.is_some_and(|above| length > above)
            && let Some(bytes) = super::zstd::compress(&bytes)
        {
            return Ok(Payload { format: Format { compression: ZSTD, ..format }, bytes, length });
        }
        Ok(Payload { format, bytes, length })
    }

    /// The bytes of an entry at a name; `None` if a tag or the list of tags is too long.
    pub(crate) fn entry(
        &self,
        form: Form,
        name: impl FnOnce() -> String,
        mut header: Envelope,
        payload: &Payload,
    ) -> Option<Vec<u8>> {
        header.format = payload.format;
        let sealed = self.seal(name, &mut header, &payload.bytes)?;
        form.entry(&header, &sealed)
    }

    /// The value of the entry at a name, and its length as its codec writes it.
    pub(crate) fn decode<T: CacheValue>(
        &self,
        name: impl FnOnce() -> String,
        entry: &Entry,
    ) -> Result<(T, usize), CodecError> {
        let opened = self.open(name, entry)?;
        let payload = self.decompress(entry.envelope.format, opened)?;
        let codec = Codec::of(entry.envelope.format.codec)?;
        Ok((payload::decode(codec, &payload)?, payload.len()))
    }

    #[cfg(feature = "encryption")]
    fn seal<'p>(
        &self,
        name: impl FnOnce() -> String,
        header: &mut Envelope,
        payload: &'p [u8],
    ) -> Option<Cow<'p, [u8]>> {
        let Some(keys) = &self.keys else { return Some(payload.into()) };
        header.format.flags |= SEALED;
        keys.seal(&name(), header, payload).map(Cow::from)
    }

    #[cfg(not(feature = "encryption"))]
    fn seal<'p>(
        &self,
        _: impl FnOnce() -> String,
        _: &mut Envelope,
        payload: &'p [u8],
    ) -> Option<Cow<'p, [u8]>> {
        Some(payload.into())
    }

    fn open<'e>(
        &self,
        name: impl FnOnce() -> String,
        entry: &'e Entry,
    ) -> Result<Cow<'e, [u8]>, CodecError> {
        match entry.envelope.format.flags {
            // Whoever can write to the server could put it there.
            0 if self.seals() => Err("not sealed, and this cache reads sealed entries only".into()),
            0 => Ok(entry.payload().into()),
            SEALED => self.unseal(name, entry).map(Cow::from),
            other => Err(format!("flags of a later version: {other}").into()),
        }
    }

    #[cfg(feature = "encryption")]
    fn seals(&self) -> bool {
        self.keys.is_some()
    }

    #[cfg(not(feature = "encryption"))]
    fn seals(&self) -> bool {
        false
    }

    #[cfg(feature = "encryption")]
    fn unseal(&self, name: impl FnOnce() -> String, entry: &Entry) -> Result<Vec<u8>, CodecError> {
        let keys = self.keys.as_ref().ok_or("sealed: to read it, give this cache its key")?;
        keys.open(&name(), &entry.envelope, entry.payload())
    }

    #[cfg(not(feature = "encryption"))]
    fn unseal(&self, _: impl FnOnce() -> String, _: &Entry) -> Result<Vec<u8>, CodecError> {
        Err("sealed: to read it, turn on the feature `encryption`".into())
    }

    fn decompress<'e>(
        &self,
        format: Format,
        payload: Cow<'e, [u8]>,
    ) -> Result<Cow<'e, [u8]>, CodecError> {
        match format.compression {
            PLAIN => Ok(payload),
            #[cfg(feature = "zstd")]
            ZSTD => super::zstd::decompress(&payload, self.max_bytes).map(Cow::from),
            #[cfg(not(feature = "zstd"))]
            ZSTD => Err("compressed: to read it, turn on the feature `zstd`".into()),
            other => Err(format!("compressed in a way of a later version: {other}").into()),
        }
    }
}
