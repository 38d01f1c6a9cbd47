//! Values as bytes, by codec. Compression is not known here.

use super::CacheValue;
use super::error::CodecError;
use super::lossless::{self, Nulls};

/// How a cache writes the values that it stores in the shared tier.
///
/// An entry names its codec: it is read by that one, whatever the cache itself writes, if the feature is on. Otherwise it
/// is a miss, and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Codec {
    /// JSON ([RFC 8259](https://www.rfc-editor.org/rfc/rfc8259)): reads well in redis-cli. The default.
    #[default]
    Json,
    /// [MessagePack](https://msgpack.org) with the names of fields, and text where JSON has text: takes every type that JSON
    /// takes, maps with keys of any type besides, and is smaller. Needs the feature `msgpack`.
    #[cfg(feature = "msgpack")]
    MessagePack,
    /// [postcard](https://postcard.jamesmunns.com/wire-format): values without names, the smallest. A value is read only
    /// with the names and types of fields that it was written with. Types that must look at the data to know what it is
    /// (`untagged`, `tag = ".."`, `flatten`, `serde_json::Value`) and fields left out by `skip_serializing_if` cannot be stored so.
    /// Needs the feature `postcard`.
    #[cfg(feature = "postcard")]
    Postcard,
}

impl Codec {
    /// Those that are compiled in.
    #[cfg(test)]
    pub(super) const ALL: &[Self] = &[
        Self::Json,
        #[cfg(feature = "msgpack")]
        Self::MessagePack,
        #[cfg(feature = "postcard")]
        Self::Postcard,
    ];

    /// The byte that names it in a header.
    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Json => 0,
            #[cfg(feature = "msgpack")]
            Self::MessagePack => 1,
            #[cfg(feature = "postcard")]
            Self::Postcard => 2,
        }
    }

    /// The codec that a header names.
    pub(super) fn of(byte: u8) -> Result<Self, CodecError> {
        match byte {
            0 => Ok(Self::Json),
            #[cfg(feature = "msgpack")]
            1 => Ok(Self::MessagePack),
            #[cfg(feature = "postcard")]
            2 => Ok(Self::Postcard),
            #[cfg(not(feature = "msgpack"))]
            1 => Err("written as MessagePack: to read it, turn on the feature `msgpack`".into()),
            #[cfg(not(feature = "postcard"))]
            2 => Err("written as postcard: to read it, turn on the feature `postcard`".into()),
            other => Err(format!("written by a codec of a later version: {other}").into()),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            #[cfg(feature = "msgpack")]
            Self::MessagePack => "MessagePack",
            #[cfg(feature = "postcard")]
            Self::Postcard => "postcard",
        }
    }
}

/// Encodes a value, unless it would come back as another one.
pub(super) fn encode<T: CacheValue>(codec: Codec, value: &T) -> Result<Vec<u8>, CodecError> {
    match codec {
        Codec::Json => {
            let payload = serde_json::to_vec(value).map_err(|error| error.to_string())?;
            // Most values have no `null`, and are not looked at again.
            let nulls = payload.windows(4).any(|bytes| bytes == b"null");
            if nulls && lossless::loses(value, Nulls::Json) {
                Err(lost(codec))
            } else {
                Ok(payload)
            }
        }
        #[cfg(feature = "msgpack")]
        Codec::MessagePack => {
            let payload = super::message_pack::encode(value)?;
            let nulls = payload.contains(&super::message_pack::NIL);
            if nulls && lossless::loses(value, Nulls::MessagePack) {
                Err(lost(codec))
            } else {
                Ok(payload)
            }
        }
        #[cfg(feature = "postcard")]
        Codec::Postcard => super::postcard::encode(value),
    }
}

/// Decodes all of a payload. Each codec bounds the nesting at 128: the bytes may be anybody's.
pub(super) fn decode<T: CacheValue>(codec: Codec, payload: &[u8]) -> Result<T, CodecError> {
    match codec {
        Codec::Json => {
            // Looked at once, and not string by string.
            let text = std::str::from_utf8(payload).map_err(|error| error.to_string())?;
            serde_json::from_str(text).map_err(|error| error.to_string().into())
        }
        #[cfg(feature = "msgpack")]
        Codec::MessagePack => super::message_pack::decode(payload),
        #[cfg(feature = "postcard")]
        Codec::Postcard => super::postcard::decode(payload),
    }
}

fn lost(codec: Codec) -> CodecError {
    let name = codec.name();
    format!("{name} writes a `Some(())` or `Some(None)` in it as `null`, which would come back as `None`: use an enum of your own").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codec_is_known_by_its_byte() {
        for codec in Codec::ALL {
            assert_eq!(Codec::of(codec.byte()).unwrap(), *codec);
        }
        assert!(Codec::of(3).unwrap_err().to_string().contains("later version"));
    }

    #[test]
    fn what_follows_a_value_is_no_part_of_it() {
        for codec in Codec::ALL {
            let mut payload = encode(*codec, &(1_u8, "a".to_owned())).unwrap();
            payload.push(b'1');
            assert!(decode::<(u8, String)>(*codec, &payload).is_err(), "{codec:?}");
        }
    }
}
