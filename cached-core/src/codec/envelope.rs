//! The header of an entry: its fields as bytes. What stands around it at a key is said in `form`.
//!
//! ```text
//! codec 1 | compression 1 | flags 1 | id 8 | created 8 | fresh until 8 | load cost 4 | schema 4 | type fingerprint 8 |
//!     tags 2 | { length 2, name, generation 8 } ..
//! ```
//! Numbers are big-endian; times are milliseconds since 1970, the cost microseconds. What codec, compression and flags
//! mean is known to `coding`.

use crate::key::MAX_KEY_BYTES;

/// The most tags that one entry carries: each costs a look-up a command. Their names are keys, and as long as these.
pub(crate) const MAX_TAGS: usize = 1_024;

/// The most bytes that a header takes.
pub(super) const MAX_HEADER: usize = 45 + MAX_TAGS * (2 + MAX_KEY_BYTES + 8);

/// How a payload is written, in bytes that this version may or may not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Format {
    pub(super) codec: u8,
    pub(super) compression: u8,
    pub(super) flags: u8,
}

/// A tag and the generation that an entry was made under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) tag: String,
    pub(crate) generation: u64,
}

/// The header of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) format: Format,
    /// Random: tells this entry from any other at the same key.
    pub(crate) id: u64,
    pub(crate) created: u64,
    pub(crate) fresh_until: u64,
    pub(crate) cost_us: u32,
    pub(crate) schema: u32,
    pub(crate) fingerprint: u64,
    pub(crate) stamps: Vec<Stamp>,
}

impl Envelope {
    /// About how many bytes the header takes.
    pub(super) fn length(&self) -> usize {
        45 + self.stamps.iter().map(|stamp| stamp.tag.len() + 10).sum::<usize>()
    }

    /// Writes the header; `None` if a tag or the list of tags is too long.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Option<()> {
        if self.stamps.len() > MAX_TAGS {
            return None;
        }
        let Format { codec, compression, flags } = self.format;
        out.extend_from_slice(&[codec, compression, flags]);
        out.extend_from_slice(&self.id.to_be_bytes());
        out.extend_from_slice(&self.created.to_be_bytes());
        out.extend_from_slice(&self.fresh_until.to_be_bytes());
        out.extend_from_slice(&self.cost_us.to_be_bytes());
        out.extend_from_slice(&self.schema.to_be_bytes());
        out.extend_from_slice(&self.fingerprint.to_be_bytes());
        out.extend_from_slice(&u16::try_from(self.stamps.len()).ok()?.to_be_bytes());
        for stamp in &self.stamps {
            let length = Some(stamp.tag.len()).filter(|length| *length <= MAX_KEY_BYTES)?;
            out.extend_from_slice(&u16::try_from(length).ok()?.to_be_bytes());
            out.extend_from_slice(stamp.tag.as_bytes());
            out.extend_from_slice(&stamp.generation.to_be_bytes());
        }
        Some(())
    }

    /// Reads a header that bytes begin with, and says where it ends. Never panics, whatever the bytes.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let mut cursor = Cursor { rest: bytes };
        let [codec, compression, flags] = cursor.array()?;
        let mut envelope = Envelope {
            format: Format { codec, compression, flags },
            id: cursor.u64()?,
            created: cursor.u64()?,
            fresh_until: cursor.u64()?,
            cost_us: cursor.u32()?,
            schema: cursor.u32()?,
            fingerprint: cursor.u64()?,
            stamps: Vec::new(),
        };
        let tags = Some(usize::from(cursor.u16()?)).filter(|tags| *tags <= MAX_TAGS)?;
        // No capacity from an untrusted count: the bytes themselves bound the loop.
        for _ in 0..tags {
            let len = Some(usize::from(cursor.u16()?)).filter(|len| *len <= MAX_KEY_BYTES)?;
            let tag = std::str::from_utf8(cursor.take(len)?).ok()?.to_owned();
            envelope.stamps.push(Stamp { tag, generation: cursor.u64()? });
        }
        Some((envelope, bytes.len() - cursor.rest.len()))
    }
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
