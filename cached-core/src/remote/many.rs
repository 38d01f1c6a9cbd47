//! The steps of the protocol on many keys at once: each step is one pipeline, or a few where keys are very many. What a step
//! does to one key is what `protocol` says.

use super::acquire::Known;
use super::ask::{Ask, parse_generation};
use super::protocol::{Claim, Expect, Fill, Held, Remote};
use super::refusal::{
    FULL, OTHER_KIND, SCRIPTS_FROM_NOW, is_full, is_other_kind, no_set_nx_get, unexpected,
};
use super::script;
use super::transport::{Command, Fault, Reply};
use crate::codec::{Decoded, Entry, Envelope, Payload, Stamp, decode_stored, fnv, is_lease};
use crate::key::Key;
use std::collections::{BTreeMap, BTreeSet};

/// A key that is looked up, with the tags that are known before its load.
pub(crate) struct Wanted<'a> {
    pub(crate) key: &'a str,
    pub(crate) tags: &'a [Key],
}

/// What a look-up found for one of many keys.
pub(crate) enum FoundOne {
    /// A value whose tags are all of the present generation; and the right to replace it, if its payload is of no use.
    Hit(Box<Entry>, Over),
    /// Nothing that can be served; this caller loads.
    Held(Held),
    /// Somebody else loads, under this lease.
    Busy(u64),
    /// Nothing that can be served, and nothing can be stored.
    Closed(&'static str),
}

/// The right to replace an entry, or why there is none.
type Over = Result<Held, &'static str>;

/// An entry on its way into the tier.
pub(crate) struct Filling<'a> {
    pub(crate) key: &'a str,
    pub(crate) held: &'a Held,
    pub(crate) late_tags: &'a [Key],
    pub(crate) header: Envelope,
    pub(crate) payload: &'a Payload,
    pub(crate) ttl_ms: u64,
}

/// A lease that is not used, or the right to replace an entry.
pub(crate) struct GivenBack<'a> {
    pub(crate) key: &'a str,
    pub(crate) held: &'a Held,
    /// The load brought nothing to put in the entry's place, which is not the source's answer any more.
    pub(crate) with_entry: bool,
}

impl Remote {
    /// Looks many keys up, and takes the leases of those with nothing there: one round trip, and a second if entries
    /// carry tags that were not asked for.
    ///
    /// An entry that cannot be served is not replaced by a lease, which would take another round trip. The fill takes
    /// its place if it is still there.
    pub(crate) async fn acquire_many(
        &self,
        wanted: &[Wanted<'_>],
        with_sequence: bool,
        expect: Expect,
    ) -> Result<Vec<FoundOne>, Fault> {
        let tokens: Vec<Vec<u8>> = wanted.iter().map(|_| self.taking.lease()).collect();
        let tags: BTreeSet<&Key> = wanted.iter().flat_map(|wanted| wanted.tags).collect();
        let tags: Vec<Key> = tags.into_iter().cloned().collect();
        let ask = Ask::new(&tags, with_sequence);
        let takes = wanted.iter().zip(&tokens).enumerate().map(|(at, (wanted, token))| {
            let take = self.taking.take(&self.layout.entry(wanted.key), token);
            if at == 0 { take } else { take.alongside() }
        });
        let commands = takes.chain(self.commands(&ask)).collect();
        let mut replies = self.exec_in_parts(commands).await?.into_iter();
        let taken: Vec<Reply> = replies.by_ref().take(wanted.len()).collect();
        let (mut found, stamps) = match ask.answered(replies) {
            Err(fault) => {
                self.release_taken(wanted, &tokens, &taken).await?;
                let why = match &fault {
                    Fault::Refused(why) if no_set_nx_get(why) => {
                        self.taking.by_script();
                        SCRIPTS_FROM_NOW
                    }
                    _ => fault.closes().ok_or(fault)?,
                };
                (wanted.iter().map(|_| FoundOne::Closed(why)).collect(), Vec::new())
            }
            Ok((stamps, sequence)) => {
                let mut found = Vec::with_capacity(wanted.len());
                for ((wanted, token), reply) in wanted.iter().zip(tokens).zip(taken) {
                    let named =
                        |stamp: &&Stamp| wanted.tags.iter().any(|t| t.as_str() == stamp.tag);
                    let stamps = stamps.iter().filter(named).cloned().collect();
                    let known = Known { stamps, sequence, unreadable: false };
                    found.push(match self.taking.ours(&reply, &token) {
                        Some(lease) => FoundOne::Held(known.held(lease)),
                        None => self.one_of_many(reply, known, expect)?,
                    });
                }
                (found, stamps)
            }
        };
        self.read_what_is_closed(wanted, &mut found, expect).await?;
        let outdated = self.drop_outdated(&mut found, &stamps).await?;
        self.replace_outdated(wanted, &mut found, &outdated).await?;
        Ok(found)
    }

    /// What the answer to a look-up means whose lease was not taken.
    fn one_of_many(&self, reply: Reply, known: Known, expect: Expect) -> Result<FoundOne, Fault> {
        let bytes = match reply {
            Reply::Bytes(bytes) => bytes,
            Reply::Error(why) if is_other_kind(&why) => return Ok(FoundOne::Closed(OTHER_KIND)),
            Reply::Error(why) if is_full(&why) => return Ok(FoundOne::Closed(FULL)),
            Reply::Error(why) if no_set_nx_get(&why) => {
                self.taking.by_script();
                return Ok(FoundOne::Closed(SCRIPTS_FROM_NOW));
            }
            Reply::Error(why) => return Err(Fault::Refused(why)),
            other => return Err(unexpected(Some(other))),
        };
        if is_lease(&bytes) {
            return Ok(FoundOne::Busy(fnv(&bytes)));
        }
        Ok(match decode_stored(bytes) {
            Decoded::Entry(entry) if entry.usable(expect) => {
                let over = known.by(self.claim_over(entry.bytes()));
                FoundOne::Hit(Box::new(entry), Ok(over))
            }
            Decoded::Entry(entry) => self.instead_of(entry.bytes(), known),
            Decoded::Unknown(bytes) => self.instead_of(&bytes, known),
            Decoded::Lease => FoundOne::Busy(0),
        })
    }

    /// The right to replace what is at a key, if it is still there by then.
    fn instead_of(&self, bytes: &[u8], known: Known) -> FoundOne {
        FoundOne::Held(Known { unreadable: true, ..known }.by(self.claim_over(bytes)))
    }

    /// Nobody is to wait for leases that are of no use.
    async fn release_taken(
        &self,
        wanted: &[Wanted<'_>],
        tokens: &[Vec<u8>],
        taken: &[Reply],
    ) -> Result<(), Fault> {
        let release =
            wanted.iter().zip(tokens).zip(taken).filter_map(|((wanted, token), answer)| {
                let ours = self.taking.ours(answer, token)?;
                let name = self.layout.entry(wanted.key);
                Some(script::call(script::RELEASE, &name).arg(ours).alongside())
            });
        let release: Vec<Command> = release.collect();
        if !release.is_empty() {
            self.exec_in_parts(release).await?;
        }
        Ok(())
    }

    /// Where no lease can be taken, on a full server say, what is there can be read.
    async fn read_what_is_closed(
        &self,
        wanted: &[Wanted<'_>],
        found: &mut [FoundOne],
        expect: Expect,
    ) -> Result<(), Fault> {
        let closed = found.iter().enumerate().filter_map(|(at, found)| match found {
            FoundOne::Closed(why) => Some((at, *why)),
            _ => None,
        });
        let closed: Vec<(usize, &'static str)> = closed.collect();
        if closed.is_empty() {
            return Ok(());
        }
        let get = |at: usize| Command::new("GET").arg(self.layout.entry(wanted[at].key));
        let gets = closed.iter().map(|(at, _)| get(*at).alongside()).collect();
        for ((at, why), reply) in closed.iter().copied().zip(self.exec_in_parts(gets).await?) {
            if let Reply::Bytes(bytes) = reply
                && let Decoded::Entry(entry) = decode_stored(bytes)
                && entry.usable(expect)
            {
                found[at] = FoundOne::Hit(Box::new(entry), Err(why));
            }
        }
        Ok(())
    }

    /// Entries with a tag of another generation are no hits. Generations that were not asked for cost a round trip. Gives
    /// their places.
    async fn drop_outdated(
        &self,
        found: &mut [FoundOne],
        known: &[Stamp],
    ) -> Result<Vec<usize>, Fault> {
        let mut present: BTreeMap<String, Option<u64>> =
            known.iter().map(|stamp| (stamp.tag.clone(), Some(stamp.generation))).collect();
        let entries = found.iter().filter_map(|found| match found {
            FoundOne::Hit(entry, _) => Some(entry),
            _ => None,
        });
        let tags = entries.flat_map(|entry| &entry.envelope.stamps).map(|stamp| &stamp.tag);
        let unknown: BTreeSet<String> =
            tags.filter(|tag| !present.contains_key(*tag)).cloned().collect();
        if !unknown.is_empty() {
            let get = |tag: &String| Command::new("GET").arg(self.layout.tag(tag)).alongside();
            let replies = self.exec_in_parts(unknown.iter().map(get).collect()).await?;
            present.extend(unknown.into_iter().zip(replies).map(|(tag, reply)| match reply {
                Reply::Bytes(bytes) => (tag, Some(parse_generation(&bytes))),
                _ => (tag, None),
            }));
        }
        let mut outdated = Vec::new();
        for (at, one) in found.iter_mut().enumerate() {
            let FoundOne::Hit(entry, over) = one else { continue };
            let mut stamps = entry.envelope.stamps.iter();
            let holds = |stamp: &Stamp| present.get(&stamp.tag) == Some(&Some(stamp.generation));
            if !stamps.all(holds) {
                let over = std::mem::replace(over, Err(FULL));
                *one = over.map_or_else(FoundOne::Closed, FoundOne::Held);
                outdated.push(at);
            }
        }
        Ok(outdated)
    }

    /// Puts leases in the place of entries that nobody can serve any more, so that one process loads anew.
    async fn replace_outdated(
        &self,
        wanted: &[Wanted<'_>],
        found: &mut [FoundOne],
        outdated: &[usize],
    ) -> Result<(), Fault> {
        let mut swaps = Vec::new();
        let mut swapped = Vec::new();
        for at in outdated.iter().copied() {
            let FoundOne::Held(Held { claim: Claim::Over(head, length), .. }) = &found[at] else {
                continue;
            };
            let (name, token) = (self.layout.entry(wanted[at].key), self.taking.lease());
            swaps.push(self.taking.take_over(&name, head, *length, &token).alongside());
            swapped.push((at, token));
        }
        if swaps.is_empty() {
            return Ok(());
        }
        for ((at, token), reply) in swapped.into_iter().zip(self.exec_in_parts(swaps).await?) {
            if matches!(&reply, Reply::Error(why) if is_full(why)) {
                found[at] = FoundOne::Closed(FULL);
                continue;
            }
            match (self.taking.took_over(Some(reply), &token)?, &mut found[at]) {
                (Some(lease), FoundOne::Held(held)) => held.claim = Claim::Lease(lease),
                // Somebody was faster: they load, or have loaded.
                (_, one) => *one = FoundOne::Busy(0),
            }
        }
        Ok(())
    }

    /// Stores entries whose leases are still held, and gives other leases back: one round trip, and one before it for
    /// tags that depend on the values.
    pub(crate) async fn fill_many(
        &self,
        fillings: Vec<Filling<'_>>,
        given_back: &[GivenBack<'_>],
    ) -> Result<Vec<Fill>, Fault> {
        let late: BTreeSet<&Key> = fillings.iter().flat_map(|filling| filling.late_tags).collect();
        let late: Vec<Key> = late.into_iter().cloned().collect();
        let (late_stamps, now) = match late.is_empty() {
            true => (Vec::new(), None),
            false => match self.ask(Ask::new(&late, true)).await {
                // Nothing is stored then.
                Err(fault) if fault.closes().is_some() => (Vec::new(), None),
                asked => asked?,
            },
        };
        let mut fills = vec![Fill::Refused; fillings.len()];
        let (mut stores, mut asked, mut releases) = (Vec::new(), Vec::new(), Vec::new());
        for (at, filling) in fillings.into_iter().enumerate() {
            let Filling { key, held, late_tags, mut header, payload, ttl_ms } = filling;
            let named = |stamp: &&Stamp| late_tags.iter().any(|tag| tag.as_str() == stamp.tag);
            header.stamps = held.stamps.clone();
            header.stamps.extend(late_stamps.iter().filter(named).cloned());
            // One of its tags may have been invalidated since the load began.
            let moved = !late_tags.is_empty() && (held.sequence.is_none() || now != held.sequence);
            match self.stored(key, header, payload).filter(|_| !moved) {
                Some(entry) => {
                    asked.push(at);
                    stores.push(self.fill_command(key, held, entry, ttl_ms));
                }
                None => releases.extend(self.release_command(key, held)),
            }
        }
        for GivenBack { key, held, with_entry } in given_back {
            match with_entry {
                true => releases.extend(self.discard_commands(key, held)),
                false => releases.extend(self.release_command(key, held)),
            }
        }
        let commands: Vec<Command> =
            stores.into_iter().chain(releases).map(Command::alongside).collect();
        if commands.is_empty() {
            return Ok(fills);
        }
        let replies = self.exec_in_parts(commands).await?;
        for (at, reply) in asked.into_iter().zip(replies) {
            fills[at] = match reply {
                Reply::Int(1) | Reply::Bytes(_) => Fill::Stored,
                // Full, say: one that is refused is no reason to doubt the others.
                Reply::Int(_) | Reply::Error(_) => Fill::Refused,
                other => return Err(unexpected(Some(other))),
            };
        }
        Ok(fills)
    }
}
