//! The step of the protocol that looks a key up: what is there is served, or its lease is taken.
//!
//! A hit is the common case, so its future holds the one question and nothing of what may follow it: the rest stands behind
//! a pointer.

use super::ask::{Ask, parse_generation};
use super::look_up::{LookUp, MOST_GENERATIONS, Seen, Standing};
use super::protocol::{Claim, Expect, Found, Held, Remote};
use super::refusal::{
    FULL, OTHER_KIND, SCRIPTS_FROM_NOW, is_full, is_other_kind, no_set_nx_get, unexpected,
};
use super::transport::{Command, Fault, Reply};
use crate::codec::{Decoded, Entry, Stamp, decode_stored, fnv, is_lease};
use crate::key::Key;
use bytes::Bytes;

/// What is left to be done where the first answer did not say it all.
enum More {
    /// The server did not take the command.
    Refused(String),
    /// The lease is ours, and of no use.
    Useless(Vec<u8>, Fault),
    /// An entry that bears tags which were not asked for.
    Tagged(Entry, Known),
    /// Bytes that cannot be served: a lease takes their place.
    Outdated(Bytes, Known),
}

/// What a load rests on, whoever may fill.
#[derive(Default)]
pub(super) struct Known {
    pub(super) stamps: Vec<Stamp>,
    pub(super) sequence: Option<u64>,
    pub(super) unreadable: bool,
}

impl Known {
    pub(super) fn held(self, lease: Vec<u8>) -> Held {
        self.by(Claim::Lease(lease))
    }

    pub(super) fn by(self, claim: Claim) -> Held {
        let Self { stamps, sequence, unreadable } = self;
        Held { claim, stamps, sequence, unreadable }
    }
}

/// What is found by who only looks.
pub(crate) enum Peeked {
    /// A value whose tags are all of the present generation.
    Entry(Entry),
    Nothing,
    /// Bytes that are no entry, or one of another type.
    Unreadable,
}

impl Remote {
    /// Looks a key up, and takes its lease if nothing there can be served.
    ///
    /// `SET key lease NX GET PX`, and per tag `SET tag generation NX GET PX`, or the same for many callers together: one
    /// round trip. What is there and cannot be served is replaced by a lease in a second one. What `is_there`, as far as this
    /// process knows, is read by `GET` or `MGET`; if it is not, that is asked in a second one.
    pub(crate) fn acquire<'a>(
        &'a self,
        key: &'a str,
        is_there: bool,
        tags: &'a [Key],
        with_sequence: bool,
        expect: Expect,
    ) -> impl Future<Output = Result<Found, Fault>> {
        let mut ask = Ask::new(tags, with_sequence);
        // Not an `async fn`, whose future carries each argument twice.
        async move {
            let names = || LookUp {
                entry: self.layout.entry(key),
                is_there,
                generations: self.names(&ask).collect(),
            };
            let together = match ask.names() <= MOST_GENERATIONS {
                true => self.reads.together(names),
                false => None,
            };
            let seen = match together {
                Some(sight) => self.reads.wait_for(sight).await?,
                None => {
                    let lease = (!is_there).then(|| self.taking.lease());
                    let seen = self.seen_alone(key, lease, &ask).await?;
                    if is_there && matches!(seen.entry, Standing::Other(Some(Reply::Nil))) {
                        // Other generations than those of the first question: one that has ended must not come back.
                        ask = Ask::new(tags, with_sequence);
                        let lease = Some(self.taking.lease());
                        Box::pin(self.seen_alone(key, lease, &ask)).await?
                    } else {
                        seen
                    }
                }
            };
            let more = match answered(seen, ask, expect)? {
                Ok(found) => return Ok(found),
                Err(more) => more,
            };
            Box::pin(self.go_on(key, expect, more)).await
        }
    }

    /// What a look-up that goes alone sees. Without a lease what is there is only read.
    fn seen_alone(
        &self,
        key: &str,
        lease: Option<Vec<u8>>,
        ask: &Ask<'_>,
    ) -> impl Future<Output = Result<Seen, Fault>> {
        let question = self.question(key, lease.as_deref(), ask);
        async move {
            let mut replies = self.read(question).await?.into_iter();
            let entry = match lease {
                Some(lease) => Standing::after_take(replies.next(), &lease, &self.taking),
                None => Standing::Other(replies.next()),
            };
            // Without tags nothing is left, and nothing is made of it.
            let generations = if ask.names() == 0 { Vec::new() } else { replies.collect() };
            Ok(Seen { entry, generations })
        }
    }

    fn question(&self, key: &str, lease: Option<&[u8]>, ask: &Ask<'_>) -> Vec<Command> {
        let entry = self.layout.entry(key);
        let mut commands = vec![match lease {
            Some(lease) => self.taking.take(&entry, lease),
            None => Command::new("GET").arg(&entry),
        }];
        commands.extend(self.commands(ask));
        commands
    }

    async fn go_on(&self, key: &str, expect: Expect, more: More) -> Result<Found, Fault> {
        match more {
            More::Refused(error) => self.refused_take(key, error, expect).await,
            // Nobody is to wait for it.
            More::Useless(lease, fault) => {
                self.release(key, &Known::default().held(lease)).await?;
                Err(fault)
            }
            More::Tagged(entry, known) => match self.up_to_date(&entry, &known.stamps).await? {
                true => Ok(Found::Hit(entry)),
                false => self.replace(key, entry.bytes(), known).await,
            },
            More::Outdated(bytes, known) => self.replace(key, &bytes, known).await,
        }
    }

    /// Takes the lease in place of an entry whose payload turned out to be of no use.
    pub(crate) async fn acquire_over(
        &self,
        key: &str,
        tags: &[Key],
        with_sequence: bool,
        old: &Entry,
    ) -> Result<Found, Fault> {
        let ask = Ask::new(tags, with_sequence);
        let (stamps, sequence) = self.ask(ask).await?;
        self.replace(key, old.bytes(), Known { stamps, sequence, unreadable: false }).await
    }

    /// The right to replace bytes.
    pub(super) fn claim_over(&self, bytes: &[u8]) -> Claim {
        let (head, length) = self.form.start_of(bytes);
        Claim::Over(head, length)
    }

    /// Looks a key up without taking a lease.
    pub(crate) async fn peek(&self, key: &str, expect: Expect) -> Result<Peeked, Fault> {
        let reply = self.read(vec![Command::new("GET").arg(self.layout.entry(key))]).await?.pop();
        Ok(match reply {
            Some(Reply::Bytes(bytes)) => match decode_stored(bytes) {
                Decoded::Entry(entry) if entry.usable(expect) => {
                    match self.up_to_date(&entry, &[]).await? {
                        true => Peeked::Entry(entry),
                        false => Peeked::Nothing,
                    }
                }
                Decoded::Lease => Peeked::Nothing,
                Decoded::Entry(_) | Decoded::Unknown(_) => Peeked::Unreadable,
            },
            Some(Reply::Nil) => Peeked::Nothing,
            Some(Reply::Error(why)) if why.starts_with("WRONGTYPE") => Peeked::Unreadable,
            other => return Err(unexpected(other)),
        })
    }

    /// Replaces bytes that cannot be served by our lease, if they are still there.
    async fn replace(&self, key: &str, old: &[u8], known: Known) -> Result<Found, Fault> {
        // Whatever else is there by then: a lease in its place costs a miss.
        let lease = self.taking.lease();
        let (head, length) = self.form.start_of(old);
        let swap = self.taking.take_over(&self.layout.entry(key), &head, length, &lease);
        let swapped = self.exec(vec![swap]).await?.pop();
        Ok(match self.taking.took_over(swapped, &lease)? {
            Some(lease) => Found::Held(known.held(lease)),
            // Somebody was faster: they load, or have loaded.
            None => Found::Busy(None),
        })
    }

    /// Whether each tag that an entry names is still of the generation that it was made under.
    async fn up_to_date(&self, entry: &Entry, known: &[Stamp]) -> Result<bool, Fault> {
        let Some(unknown) = unknown(entry, known) else { return Ok(false) };
        if unknown.is_empty() {
            return Ok(true);
        }
        let commands = unknown
            .iter()
            .map(|stamp| Command::new("GET").arg(self.layout.tag(&stamp.tag)).alongside())
            .collect();
        let replies = self.read(commands).await?;
        Ok(unknown.iter().zip(replies).all(|(stamp, reply)| match reply {
            Reply::Bytes(bytes) => parse_generation(&bytes) == stamp.generation,
            _ => false,
        }))
    }

    async fn refused_take(&self, key: &str, error: String, expect: Expect) -> Result<Found, Fault> {
        match error {
            // Another kind of value lives under this name: not ours to remove.
            why if is_other_kind(&why) => Ok(Found::Closed(OTHER_KIND.into())),
            // Full: nothing can be stored, but what is there can be read.
            why if is_full(&why) => Ok(match self.peek(key, expect).await? {
                Peeked::Entry(entry) => Found::Hit(entry),
                Peeked::Nothing | Peeked::Unreadable => Found::Closed(FULL.into()),
            }),
            why if no_set_nx_get(&why) => {
                self.taking.by_script();
                Ok(Found::Closed(SCRIPTS_FROM_NOW.into()))
            }
            why => Err(Fault::Refused(why)),
        }
    }
}

/// What a look-up has seen, as what is to be made of it.
fn answered(seen: Seen, ask: Ask<'_>, expect: Expect) -> Result<Result<Found, More>, Fault> {
    if let Standing::Other(Some(Reply::Error(error))) = seen.entry {
        return Ok(Err(More::Refused(error)));
    }
    let known = match (ask.answered(seen.generations.into_iter()), &seen.entry) {
        (Ok((stamps, sequence)), _) => Known { stamps, sequence, unreadable: false },
        (Err(fault), Standing::Lease(lease)) => {
            return Ok(Err(More::Useless(lease.clone(), fault)));
        }
        (Err(fault), Standing::Other(_)) => return Err(fault),
    };
    let bytes = match seen.entry {
        Standing::Lease(lease) => return Ok(Ok(Found::Held(known.held(lease)))),
        Standing::Other(Some(Reply::Bytes(bytes))) => bytes,
        Standing::Other(other) => return Err(unexpected(other)),
    };
    // Before the bytes are given away.
    let lease = is_lease(&bytes).then(|| fnv(&bytes));
    Ok(match decode_stored(bytes) {
        Decoded::Lease => Ok(Found::Busy(lease)),
        Decoded::Entry(entry) if entry.usable(expect) => match unknown(&entry, &known.stamps) {
            Some(unknown) if unknown.is_empty() => Ok(Found::Hit(entry)),
            Some(_) => Err(More::Tagged(entry, known)),
            None => Err(More::Outdated(entry.into_bytes(), known)),
        },
        Decoded::Entry(entry) => {
            Err(More::Outdated(entry.into_bytes(), Known { unreadable: true, ..known }))
        }
        Decoded::Unknown(bytes) => Err(More::Outdated(bytes, Known { unreadable: true, ..known })),
    })
}

/// The tags of an entry whose present generations are not known. `None` if one that is known is another.
fn unknown<'e>(entry: &'e Entry, known: &[Stamp]) -> Option<Vec<&'e Stamp>> {
    let mut unknown = Vec::new();
    for stamp in &entry.envelope.stamps {
        match known.iter().find(|known| known.tag == stamp.tag) {
            Some(known) if known.generation == stamp.generation => {}
            Some(_) => return None,
            None => unknown.push(stamp),
        }
    }
    Some(unknown)
}

impl Fault {
    /// What a refusal to store means for a look-up.
    pub(crate) fn unless_closed(self) -> Result<Found, Self> {
        self.closes().map(|why| Found::Closed(why.into())).ok_or(self)
    }
}

impl Entry {
    pub(super) fn usable(&self, expect: Expect) -> bool {
        expect.schema.is_none_or(|schema| schema == self.envelope.schema)
            && self.envelope.fingerprint == expect.fingerprint
    }
}
