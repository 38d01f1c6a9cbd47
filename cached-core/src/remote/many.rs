//! The steps of the protocol on many keys at once: each step is one pipeline, or a few where keys are very many. What a step
//! does to one key is what `protocol` says.

use super::ask::{Ask, parse_generation};
use super::protocol::{Claim, Expect, Fill, Found, Held, Remote};
use super::refusal::{FULL, NOT_TEXT, is_full, unexpected};
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
            let take = self.taking.set_if_absent(
                &self.layout.entry(wanted.key),
                token,
                self.taking.lease_ms,
            );
            if at == 0 { take } else { take.alongside() }
        });
        let commands = takes.chain(self.commands(&ask)).collect();
        let mut replies = self.exec_in_parts(commands).await?.into_iter();
        let taken: Vec<Reply> = replies.by_ref().take(wanted.len()).collect();
        let (mut found, stamps) = match ask.answered(replies) {
            Err(fault) => {
                self.release_taken(wanted, &tokens, &taken).await?;
                let why = fault.closes().ok_or(fault)?;
                (wanted.iter().map(|_| FoundOne::Closed(why)).collect(), Vec::new())
            }
            Ok((stamps, sequence)) => {
                let mut found = Vec::with_capacity(wanted.len());
                for ((wanted, token), reply) in wanted.iter().zip(tokens).zip(taken) {
                    let named =
                        |stamp: &&Stamp| wanted.tags.iter().any(|t| t.as_str() == stamp.tag);
                    let stamps = stamps.iter().filter(named).cloned().collect();
                    let held =
                        Held { claim: Claim::Lease(token), stamps, sequence, unreadable: false };
                    found.push(self.one_of_many(reply, held, expect)?);
                }
                (found, stamps)
            }
        };
        self.read_what_is_closed(wanted, &mut found, expect).await?;
        let outdated = self.drop_outdated(&mut found, &stamps).await?;
        self.replace_outdated(wanted, &mut found, &outdated).await?;
        self.replace_what_has_no_name(wanted, &mut found, with_sequence, expect).await?;
        Ok(found)
    }

    /// What an answer to `SET key lease NX GET` means.
    fn one_of_many(&self, reply: Reply, held: Held, expect: Expect) -> Result<FoundOne, Fault> {
        let bytes = match reply {
            Reply::Nil => return Ok(FoundOne::Held(held)),
            // A transport asked twice because the first answer was lost: the lease is ours.
            Reply::Bytes(bytes) if held.is(&bytes) => return Ok(FoundOne::Held(held)),
            Reply::Bytes(bytes) => bytes,
            Reply::Error(error) => match error.split(' ').next() {
                Some("WRONGTYPE") => {
                    return Ok(FoundOne::Closed("the key holds another kind of value"));
                }
                Some("OOM") => return Ok(FoundOne::Closed(FULL)),
                Some("ERR") if error.contains("syntax") => {
                    self.taking.by_script();
                    let why = "no SET NX GET before Redis 7.0: scripts from now on";
                    return Ok(FoundOne::Closed(why));
                }
                _ => return Err(Fault::Refused(error)),
            },
            other => return Err(unexpected(Some(other))),
        };
        if is_lease(&bytes) {
            return Ok(FoundOne::Busy(fnv(&bytes)));
        }
        Ok(match decode_stored(bytes) {
            Decoded::Entry(entry) if entry.usable(expect) => {
                let over = self.over(entry.bytes(), &held, false);
                FoundOne::Hit(Box::new(entry), over)
            }
            Decoded::Entry(entry) => self.instead_of(entry.bytes(), &held, true),
            Decoded::Unknown(bytes) => self.instead_of(&bytes, &held, true),
            Decoded::Lease => FoundOne::Busy(0),
        })
    }

    /// The right to replace what is at a key, if it is still there by then.
    fn over(&self, bytes: &[u8], held: &Held, unreadable: bool) -> Over {
        let claim = self.claim_over(bytes)?;
        let (stamps, sequence) = (held.stamps.clone(), held.sequence);
        Ok(Held { claim, stamps, sequence, unreadable })
    }

    fn instead_of(&self, bytes: &[u8], held: &Held, unreadable: bool) -> FoundOne {
        self.over(bytes, held, unreadable).map_or_else(FoundOne::Closed, FoundOne::Held)
    }

    /// Nobody is to wait for leases that are of no use.
    async fn release_taken(
        &self,
        wanted: &[Wanted<'_>],
        tokens: &[Vec<u8>],
        taken: &[Reply],
    ) -> Result<(), Fault> {
        let ours = wanted.iter().zip(tokens).zip(taken).filter(|(_, reply)| **reply == Reply::Nil);
        let release = ours.map(|((wanted, token), _)| {
            script::call(script::RELEASE, &self.layout.entry(wanted.key)).arg(token).alongside()
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
            FoundOne::Closed(why) if *why != NOT_TEXT => Some((at, *why)),
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
            let swap = script::replace(&name, head, *length, &token, self.taking.lease_ms);
            swaps.push(swap.alongside());
            swapped.push((at, token));
        }
        if swaps.is_empty() {
            return Ok(());
        }
        for ((at, token), reply) in swapped.into_iter().zip(self.exec_in_parts(swaps).await?) {
            match (reply, &mut found[at]) {
                (Reply::Int(1), FoundOne::Held(held)) => held.claim = Claim::Lease(token),
                // Somebody was faster: they load, or have loaded.
                (Reply::Int(_), one) => *one = FoundOne::Busy(0),
                (Reply::Error(error), one) if is_full(&error) => {
                    *one = FoundOne::Closed(FULL);
                }
                (other, _) => return Err(unexpected(Some(other))),
            }
        }
        Ok(())
    }

    /// Where the fill could not name what it replaces, a lease does, as for one key.
    async fn replace_what_has_no_name(
        &self,
        wanted: &[Wanted<'_>],
        found: &mut [FoundOne],
        with_sequence: bool,
        expect: Expect,
    ) -> Result<(), Fault> {
        for (wanted, found) in wanted.iter().zip(found) {
            if !matches!(found, FoundOne::Closed(why) if *why == NOT_TEXT) {
                continue;
            }
            *found = match self.acquire(wanted.key, wanted.tags, with_sequence, expect).await? {
                Found::Hit(entry) => FoundOne::Hit(Box::new(entry), Err(NOT_TEXT)),
                Found::Held(held) => FoundOne::Held(held),
                Found::Busy(lease) => FoundOne::Busy(lease.unwrap_or_default()),
                Found::Closed(_) => FoundOne::Closed(NOT_TEXT),
            };
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
