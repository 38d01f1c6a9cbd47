//! Generations of tags and the sequence: what is asked for, and what the answers say. How they are sent is in `protocol`.

use super::refusal::unexpected;
use super::taking::Fresh;
use super::transport::{Fault, Reply};
use crate::codec::{Stamp, fnv};
use crate::key::Key;

/// A question for the present generations of tags, and of the sequence. Those that are missing are made.
pub(super) struct Ask<'a> {
    pub(super) tags: &'a [Key],
    pub(super) with_sequence: bool,
    /// What is stored where nothing is.
    fresh: Fresh,
}

impl<'a> Ask<'a> {
    pub(super) fn new(tags: &'a [Key], with_sequence: bool) -> Self {
        Self { tags, with_sequence, fresh: Fresh::new() }
    }

    /// How many names are asked for.
    pub(super) fn names(&self) -> usize {
        self.tags.len() + usize::from(self.with_sequence)
    }

    /// A generation as it is stored at one of the names, where none is.
    pub(super) fn fresh(&self, name: usize) -> String {
        self.fresh.text(name)
    }

    pub(super) fn answered(
        self,
        replies: impl Iterator<Item = Reply>,
    ) -> Result<(Vec<Stamp>, Option<u64>), Fault> {
        if self.names() == 0 {
            return Ok((Vec::new(), None));
        }
        let mut generations = Vec::with_capacity(self.names());
        for (name, reply) in replies.take(self.names()).enumerate() {
            generations.push(match reply {
                // Nothing was there: ours is.
                Reply::Nil => parse_generation(self.fresh(name).as_bytes()),
                Reply::Bytes(bytes) => parse_generation(&bytes),
                other => return Err(unexpected(Some(other))),
            });
        }
        let sequence = if self.with_sequence { generations.pop() } else { None };
        let named = self.tags.iter().zip(generations);
        let stamps = named.map(|(tag, generation)| Stamp { tag: tag.as_str().into(), generation });
        Ok((stamps.collect(), sequence))
    }
}

/// Whatever is stored under a tag's name is a generation: any other bytes differ from it.
pub(super) fn parse_generation(bytes: &[u8]) -> u64 {
    fnv(bytes)
}
