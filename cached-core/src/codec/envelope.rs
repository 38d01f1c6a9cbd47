//! The bytes at a key: a lease, or an entry with its header and payload. Golden files pin them (tests/golden).
//!
//! ```text
//! magic 0xCA 'c' 'h' | version 1 | kind 'L' | token 16
//! magic 0xCA 'c' 'h' | version 1 | kind 'E' | codec 1 | compression 1 | flags 1 | id 8 | created 8 |
//!     fresh until 8 | load cost 4 | schema 4 | type fingerprint 8 | tags 2 | { length 2, name, generation 8 } .. | payload
//! ```
//! Numbers are big-endian; times are milliseconds since 1970, the cost microseconds.

const MAGIC: [u8; 4] = [0xCA, b'c', b'h', 1];
const KIND_LEASE: u8 = b'L';
const KIND_ENTRY: u8 = b'E';
const CODEC_JSON: u8 = 0;
const PLAIN: u8 = 0;

/// A lease's length in bytes.
pub(crate) const LEASE_BYTES: usize = 21;

/// A tag and the generation that an entry was made under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) tag: String,
    pub(crate) generation: u64,
}

/// The header of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// Random: tells this entry from any other at the same key.
    pub(crate) id: u64,
    pub(crate) created: u64,
    pub(crate) fresh_until: u64,
    pub(crate) cost_us: u32,
    pub(crate) schema: u32,
    pub(crate) fingerprint: u64,
    pub(crate) stamps: Vec<Stamp>,
}

/// An entry as it was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) envelope: Envelope,
    payload_at: usize,
    bytes: Vec<u8>,
}

impl Entry {
    pub(crate) fn payload(&self) -> &[u8] {
        &self.bytes[self.payload_at..]
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// What bytes at a key turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    Lease,
    Entry(Entry),
    /// Foreign, damaged, or of a version or codec that is not known here. The bytes are given back.
    Unknown(Vec<u8>),
}

/// The bytes of a lease.
pub(crate) fn lease(token: u128) -> [u8; LEASE_BYTES] {
    let mut bytes = [0; LEASE_BYTES];
    bytes[..4].copy_from_slice(&MAGIC);
    bytes[4] = KIND_LEASE;
    bytes[5..].copy_from_slice(&token.to_be_bytes());
    bytes
}

impl Envelope {
    /// The bytes of an entry; `None` if a tag or the list of tags is too long to be written.
    pub(crate) fn encode(&self, payload: &[u8]) -> Option<Vec<u8>> {
        let tags: usize = self.stamps.iter().map(|s| s.tag.len() + 10).sum();
        let mut out = Vec::with_capacity(50 + tags + payload.len());
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&[KIND_ENTRY, CODEC_JSON, PLAIN, 0]);
        out.extend_from_slice(&self.id.to_be_bytes());
        out.extend_from_slice(&self.created.to_be_bytes());
        out.extend_from_slice(&self.fresh_until.to_be_bytes());
        out.extend_from_slice(&self.cost_us.to_be_bytes());
        out.extend_from_slice(&self.schema.to_be_bytes());
        out.extend_from_slice(&self.fingerprint.to_be_bytes());
        out.extend_from_slice(&u16::try_from(self.stamps.len()).ok()?.to_be_bytes());
        for stamp in &self.stamps {
            out.extend_from_slice(&u16::try_from(stamp.tag.len()).ok()?.to_be_bytes());
            out.extend_from_slice(stamp.tag.as_bytes());
            out.extend_from_slice(&stamp.generation.to_be_bytes());
        }
        out.extend_from_slice(payload);
        Some(out)
    }
}

/// Reads what is at a key. Never panics, whatever the bytes.
pub(crate) fn decode(bytes: Vec<u8>) -> Decoded {
    if bytes.len() == LEASE_BYTES && bytes[..4] == MAGIC && bytes[4] == KIND_LEASE {
        return Decoded::Lease;
    }
    match header(&bytes) {
        Some((envelope, payload_at)) => Decoded::Entry(Entry { envelope, payload_at, bytes }),
        None => Decoded::Unknown(bytes),
    }
}

fn header(bytes: &[u8]) -> Option<(Envelope, usize)> {
    let mut cursor = Cursor { rest: bytes };
    if cursor.take(4)? != MAGIC || cursor.take(4)? != [KIND_ENTRY, CODEC_JSON, PLAIN, 0] {
        return None;
    }
    let mut envelope = Envelope {
        id: cursor.u64()?,
        created: cursor.u64()?,
        fresh_until: cursor.u64()?,
        cost_us: cursor.u32()?,
        schema: cursor.u32()?,
        fingerprint: cursor.u64()?,
        stamps: Vec::new(),
    };
    // No capacity from an untrusted count: the bytes themselves bound the loop.
    for _ in 0..cursor.u16()? {
        let len = usize::from(cursor.u16()?);
        let tag = std::str::from_utf8(cursor.take(len)?).ok()?.to_owned();
        envelope.stamps.push(Stamp { tag, generation: cursor.u64()? });
    }
    Some((envelope, bytes.len() - cursor.rest.len()))
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(head)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn envelope() -> impl Strategy<Value = Envelope> {
        let stamps = prop::collection::vec((".{0,40}", any::<u64>()), 0..4);
        (any::<[u64; 4]>(), any::<[u32; 2]>(), stamps).prop_map(|(wide, narrow, stamps)| Envelope {
            id: wide[0],
            created: wide[1],
            fresh_until: wide[2],
            fingerprint: wide[3],
            cost_us: narrow[0],
            schema: narrow[1],
            stamps: stamps.into_iter().map(|(tag, generation)| Stamp { tag, generation }).collect(),
        })
    }

    proptest! {
        #[test]
        fn entries_round_trip(envelope in envelope(), payload in prop::collection::vec(any::<u8>(), 0..200)) {
            let bytes = envelope.encode(&payload).unwrap();
            let Decoded::Entry(entry) = decode(bytes) else { panic!("not an entry") };
            prop_assert_eq!(entry.payload(), &payload[..]);
            prop_assert_eq!(entry.envelope, envelope);
        }

        #[test]
        fn a_truncated_header_is_unknown(envelope in envelope(), cut in 0usize..50) {
            let bytes = envelope.encode(b"{}").unwrap();
            let cut = bytes[..cut.min(bytes.len())].to_vec();
            prop_assert!(matches!(decode(cut), Decoded::Unknown(_)));
        }

        #[test]
        fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), framed in any::<bool>()) {
            let mut bytes = bytes;
            if framed && bytes.len() > 8 {
                bytes[..8].copy_from_slice(&[0xCA, b'c', b'h', 1, KIND_ENTRY, 0, 0, 0]);
            }
            let _ = decode(bytes);
        }
    }

    #[test]
    fn a_lease_is_told_from_entries() {
        assert_eq!(decode(lease(7).to_vec()), Decoded::Lease);
        assert!(matches!(decode(lease(7)[..20].to_vec()), Decoded::Unknown(_)));
    }
}
