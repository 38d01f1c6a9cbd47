//! How one cache writes values, as its builder says, and how it reads whatever it finds. Where entries are kept is not
//! known here.

use super::CacheValue;
use super::envelope::{Envelope, Format};
use super::error::CodecError;
use super::form::{Entry, Form};
use super::payload::{self, Codec};

/// The settings of a cache that concern stored bytes.
#[derive(Debug, Clone)]
pub(crate) struct Coding {
    pub(crate) codec: Codec,
    /// The longest payload that is written, and the longest that is read out of a compressed one.
    pub(crate) max_bytes: usize,
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
    /// Encodes a value, unless it is too long or would come back as another one.
    pub(crate) fn encode<T: CacheValue>(&self, value: &T) -> Result<Payload, CodecError> {
        let bytes = payload::encode(self.codec, value)?;
        let length = bytes.len();
        if length > self.max_bytes {
            return Err(format!("{length} bytes, more than `max_value_bytes`").into());
        }
        let format = Format { codec: self.codec.byte(), ..Format::default() };
        Ok(Payload { format, bytes, length })
    }

    /// The bytes of an entry; `None` if a tag or the list of tags is too long to be written.
    pub(crate) fn entry(
        &self,
        form: Form,
        mut header: Envelope,
        payload: &Payload,
    ) -> Option<Vec<u8>> {
        header.format = payload.format;
        form.entry(&header, &payload.bytes)
    }

    /// The value of an entry, and its length as its codec writes it.
    pub(crate) fn decode<T: CacheValue>(&self, entry: &Entry) -> Result<(T, usize), CodecError> {
        let Format { codec, compression, flags } = entry.envelope.format;
        if (compression, flags) != (0, 0) {
            return Err("compressed or sealed in a way of a later version".into());
        }
        let payload = entry.payload();
        Ok((payload::decode(Codec::of(codec)?, payload)?, payload.len()))
    }
}
