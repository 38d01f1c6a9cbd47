//! What stands at a key: a lease or an entry, in one of two forms. Golden files pin them (tests/golden).
//!
//! ```text
//! as bytes  magic 0xCA 'c' 'h' | version 1 | kind 'L' | token 16
//!           magic 0xCA 'c' 'h' | version 1 | kind 'E' | header | payload
//! as text   cached1L <token>
//!           cached1Et <header> . <payload>        where the payload is UTF-8
//!           cached1Eb <header> . <payload>        elsewhere
//! ```
//! Text is for transports that carry nothing else. In it, without the spaces, token, header and a payload that is
//! not UTF-8 are base64 (RFC 4648 section 5, no padding). Whoever reads understands both forms.

use super::envelope::{Envelope, MAX_HEADER};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use bytes::Bytes;

const MAGIC: [u8; 4] = [0xCA, b'c', b'h', 1];
const TEXT_MAGIC: &[u8] = b"cached1";
const KIND_LEASE: u8 = b'L';
const KIND_ENTRY: u8 = b'E';
const TEXT: u8 = b't';
const BASE64_PAYLOAD: u8 = b'b';

/// A token's length in bytes.
const TOKEN_BYTES: usize = 16;
/// Base64 and any bytes both have room for them at the token's start.
const TIME_DIGITS: usize = 8;

/// How leases and entries are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Bytes,
    Text,
}

/// An entry as it was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) envelope: Envelope,
    payload: Payload,
    bytes: Bytes,
}

#[derive(Debug, PartialEq, Eq)]
enum Payload {
    /// From there to the end of the entry's bytes.
    At(usize),
    Decoded(Vec<u8>),
}

impl Entry {
    pub(crate) fn payload(&self) -> &[u8] {
        match &self.payload {
            Payload::At(at) => &self.bytes[*at..],
            Payload::Decoded(payload) => payload,
        }
    }

    /// The bytes at the key, as they were found.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same, of an entry that is of no use.
    pub(crate) fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

/// What bytes at a key turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    Lease,
    Entry(Entry),
    /// Foreign, damaged, or of a version that is not known here. The bytes are given back.
    Unknown(Bytes),
}

impl Form {
    /// What tells bytes at a key from others, as it can be sent, and their length: a large value need not be sent back. Their
    /// first 64 bytes, in which is the id of an entry; as hexadecimal digits where they are no text.
    pub(crate) fn start_of(self, bytes: &[u8]) -> (Vec<u8>, u64) {
        let head = &bytes[..bytes.len().min(64)];
        let sent = match self {
            Self::Text if std::str::from_utf8(head).is_err() => {
                head.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
            }
            Self::Text | Self::Bytes => head.to_vec(),
        };
        (sent, bytes.len() as u64)
    }

    /// The bytes of a lease.
    pub(crate) fn lease(self, token: u128) -> Vec<u8> {
        let token = token.to_be_bytes();
        match self {
            // Every look-up has one.
            Self::Bytes => {
                let mut lease = Vec::with_capacity(MAGIC.len() + 1 + TOKEN_BYTES);
                lease.extend_from_slice(&MAGIC);
                lease.push(KIND_LEASE);
                lease.extend_from_slice(&token);
                lease
            }
            Self::Text => [TEXT_MAGIC, &[KIND_LEASE], BASE64.encode(token).as_bytes()].concat(),
        }
    }

    /// What is left of a lease around eight characters that a server puts there: digits of its time.
    pub(crate) fn around_time(self, lease: &[u8]) -> (&[u8], &[u8]) {
        let kind_ends = match self {
            Self::Bytes => MAGIC.len() + 1,
            Self::Text => TEXT_MAGIC.len() + 1,
        };
        let (before, rest) = lease.split_at(kind_ends.min(lease.len()));
        (before, rest.get(TIME_DIGITS..).unwrap_or_default())
    }

    /// The bytes of an entry; `None` if a tag or the list of tags is too long.
    pub(crate) fn entry(self, header: &Envelope, payload: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Bytes => {
                let mut out = Vec::with_capacity(5 + header.length() + payload.len());
                out.extend_from_slice(&MAGIC);
                out.push(KIND_ENTRY);
                header.write(&mut out)?;
                out.extend_from_slice(payload);
                Some(out)
            }
            Self::Text => {
                let mut plain = Vec::with_capacity(header.length());
                header.write(&mut plain)?;
                let header = BASE64.encode(plain);
                let (kind, payload) = match std::str::from_utf8(payload) {
                    Ok(text) => (TEXT, text.into()),
                    Err(_) => (BASE64_PAYLOAD, std::borrow::Cow::from(BASE64.encode(payload))),
                };
                let start = [TEXT_MAGIC, &[KIND_ENTRY, kind]].concat();
                Some([&start, header.as_bytes(), b".", payload.as_bytes()].concat())
            }
        }
    }
}

/// Reads what is at a key. Never panics, whatever the bytes.
pub(crate) fn decode(bytes: Bytes) -> Decoded {
    if is_lease(&bytes) {
        return Decoded::Lease;
    }
    match as_bytes(&bytes).or_else(|| as_text(&bytes)) {
        Some((envelope, payload)) => Decoded::Entry(Entry { envelope, payload, bytes }),
        None => Decoded::Unknown(bytes),
    }
}

/// Whether somebody holds the right to fill here.
pub(crate) fn is_lease(bytes: &[u8]) -> bool {
    let token = |magic: &[u8]| bytes.strip_prefix(magic)?.strip_prefix(&[KIND_LEASE]);
    let text = |token: &[u8]| BASE64.decode(token).is_ok_and(|token| token.len() == TOKEN_BYTES);
    token(&MAGIC).is_some_and(|token| token.len() == TOKEN_BYTES)
        || token(TEXT_MAGIC).is_some_and(|token| token.len() < 2 * TOKEN_BYTES && text(token))
}

fn as_bytes(bytes: &[u8]) -> Option<(Envelope, Payload)> {
    let rest = bytes.strip_prefix(&MAGIC)?.strip_prefix(&[KIND_ENTRY])?;
    let (envelope, length) = Envelope::read(rest)?;
    Some((envelope, Payload::At(bytes.len() - rest.len() + length)))
}

fn as_text(bytes: &[u8]) -> Option<(Envelope, Payload)> {
    let rest = bytes.strip_prefix(TEXT_MAGIC)?.strip_prefix(&[KIND_ENTRY])?;
    let (kind, rest) = rest.split_first()?;
    let longest = base64::encoded_len(MAX_HEADER, false)?;
    let dot = rest.iter().take(longest + 1).position(|byte| *byte == b'.')?;
    let header = BASE64.decode(&rest[..dot]).ok()?;
    let (envelope, length) = Envelope::read(&header)?;
    if length != header.len() {
        return None;
    }
    let payload = &rest[dot + 1..];
    match *kind {
        TEXT => Some((envelope, Payload::At(bytes.len() - payload.len()))),
        BASE64_PAYLOAD => Some((envelope, Payload::Decoded(BASE64.decode(payload).ok()?))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::envelope::{Format, MAX_TAGS, Stamp};
    use super::*;
    use crate::key::MAX_KEY_BYTES;
    use proptest::prelude::*;

    const EMPTY: Envelope = Envelope {
        format: Format { codec: 0, compression: 0, flags: 0 },
        id: 0,
        created: 0,
        fresh_until: 0,
        cost_us: 0,
        schema: 0,
        fingerprint: 0,
        stamps: Vec::new(),
    };

    fn envelope() -> impl Strategy<Value = Envelope> {
        let stamps = prop::collection::vec((".{0,40}", any::<u64>()), 0..4);
        let parts = (any::<[u64; 4]>(), any::<[u32; 2]>(), any::<[u8; 3]>(), stamps);
        parts.prop_map(|(wide, narrow, [codec, compression, flags], stamps)| Envelope {
            format: Format { codec, compression, flags },
            id: wide[0],
            created: wide[1],
            fresh_until: wide[2],
            fingerprint: wide[3],
            cost_us: narrow[0],
            schema: narrow[1],
            stamps: stamps.into_iter().map(|(tag, generation)| Stamp { tag, generation }).collect(),
        })
    }

    fn form() -> impl Strategy<Value = Form> {
        prop_oneof![Just(Form::Bytes), Just(Form::Text)]
    }

    proptest! {
        #[test]
        fn entries_round_trip(
            envelope in envelope(), form in form(), payload in prop::collection::vec(any::<u8>(), 0..200)
        ) {
            let bytes = form.entry(&envelope, &payload).unwrap();
            prop_assert!(form == Form::Bytes || std::str::from_utf8(&bytes).is_ok());
            let Decoded::Entry(entry) = decode(bytes.clone().into()) else { panic!("not an entry") };
            prop_assert_eq!(entry.payload(), &payload[..]);
            prop_assert_eq!(entry.bytes(), &bytes[..]);
            prop_assert_eq!(entry.envelope, envelope);
        }

        #[test]
        fn a_truncated_header_is_unknown(envelope in envelope(), form in form(), cut in 0usize..50) {
            let bytes = form.entry(&envelope, b"{}").unwrap();
            let cut = bytes[..cut.min(bytes.len())].to_vec();
            prop_assert!(matches!(decode(cut.into()), Decoded::Unknown(_)));
        }

        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), frame in 0..4) {
            let frames: [&[u8]; 4] = [b"", b"\xCAch\x01E\0\0\0", b"cached1Et", b"cached1EbAAAA"];
            let _ = decode([frames[frame as usize], &bytes].concat().into());
        }
    }

    #[test]
    fn what_is_no_text_is_named_by_its_digits() {
        let mixed = b"ab\xffcd";
        assert_eq!(Form::Bytes.start_of(mixed), (mixed.to_vec(), 5));
        assert_eq!(Form::Text.start_of(mixed), (b"6162ff6364".to_vec(), 5));
        assert_eq!(Form::Text.start_of(&[b'a'; 70]), (vec![b'a'; 64], 70));
        assert_eq!(Form::Text.start_of(&[0xff; 70]), (vec![b'f'; 128], 70));
        assert_eq!(Form::Text.start_of(b""), (Vec::new(), 0));
    }

    #[test]
    fn tags_and_their_names_are_bounded() {
        let stamp = |tag: &str| Stamp { tag: tag.to_owned(), generation: 0 };
        let mut header = Envelope { stamps: vec![stamp(""); MAX_TAGS], ..EMPTY };
        for form in [Form::Bytes, Form::Text] {
            let bytes = form.entry(&header, &[0; 10]).unwrap();
            assert!(matches!(decode(bytes.into()), Decoded::Entry(_)));
        }
        // The payload is one stamp more.
        let mut bytes = Form::Bytes.entry(&header, &[0; 10]).unwrap();
        bytes[48..50].copy_from_slice(&1_025_u16.to_be_bytes());
        assert!(matches!(decode(bytes.into()), Decoded::Unknown(_)));
        header.stamps.push(stamp(""));
        assert_eq!(Form::Bytes.entry(&header, b""), None);

        let longest = "x".repeat(MAX_KEY_BYTES);
        header.stamps = vec![stamp(&longest); MAX_TAGS];
        for form in [Form::Bytes, Form::Text] {
            let bytes = form.entry(&header, b"1").unwrap();
            assert!(matches!(decode(bytes.into()), Decoded::Entry(_)));
        }
        header.stamps = vec![stamp(&longest)];
        let mut bytes = Form::Bytes.entry(&header, b"1").unwrap();
        bytes[50..52].copy_from_slice(&513_u16.to_be_bytes());
        assert!(matches!(decode(bytes.into()), Decoded::Unknown(_)));
        header.stamps = vec![stamp(&(longest + "x"))];
        assert_eq!(Form::Bytes.entry(&header, b""), None);
    }

    #[test]
    fn a_lease_is_told_from_entries() {
        for (form, length) in [(Form::Bytes, 21), (Form::Text, 30)] {
            let lease = form.lease(7);
            assert_eq!((lease.len(), decode(lease.clone().into())), (length, Decoded::Lease));
            assert!(matches!(decode(lease[..length - 1].to_vec().into()), Decoded::Unknown(_)));
            let longer = [&lease[..], b"A"].concat();
            assert!(matches!(decode(longer.into()), Decoded::Unknown(_)));
        }
        assert!(std::str::from_utf8(&Form::Text.lease(u128::MAX)).is_ok());
    }
}
