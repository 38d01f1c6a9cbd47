//! The steps of the protocol on one key that holds our lease: fill and release. How a lease is taken is in `acquire`.
//!
//! Every step is one pipeline whose commands name one key each, so it works on a cluster. Times are the caller's.

use super::ask::Ask;
use super::coalesce::Reads;
use super::layout::Layout;
use super::position::Told;
use super::refusal::unexpected;
use super::script;
use super::taking::Taking;
use super::there::There;
use super::transport::{Command, Fault, Reply, Transport};
use crate::codec::{Coding, Entry, Envelope, Form, Payload, Stamp};
use crate::identity;
use crate::key::Key;
use crate::mutation::{Mutation, is_on};
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Remote {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) reads: Arc<Reads>,
    pub(super) layout: Layout,
    pub(super) timeout: Duration,
    /// How often a transport that cannot block asks for news.
    pub(super) poll: Duration,
    /// How leases and entries are written: as the transport can carry them.
    pub(super) form: Form,
    pub(super) coding: Coding,
    pub(super) taking: Arc<Taking>,
    pub(crate) there: There,
    /// What tells our marks in notices from those of others.
    pub(super) mark: u64,
    /// The latest place in the stream that this process was answered for a message of its own.
    pub(super) told: Told,
}

/// The right to fill a key, and what was read before the load began.
#[derive(Debug)]
pub(crate) struct Held {
    pub(super) claim: Claim,
    pub(super) stamps: Vec<Stamp>,
    pub(super) sequence: Option<u64>,
    /// It took the place of bytes that nobody here can read.
    pub(super) unreadable: bool,
}

/// What a fill finds at its key if nothing came between.
#[derive(Debug)]
pub(super) enum Claim {
    Lease(Vec<u8>),
    /// An entry that is replaced while others go on with it: its start, which holds its id, and its length.
    Over(Vec<u8>, u64),
    /// A stale entry that is replaced by one process, while others go on with it: the lease stands at a name of its own.
    Renewal {
        token: Vec<u8>,
        head: Vec<u8>,
        length: u64,
    },
}

impl Held {
    /// Whether others wait for it.
    pub(crate) fn is_lease(&self) -> bool {
        matches!(self.claim, Claim::Lease(_) | Claim::Renewal { .. })
    }

    /// Whether it stands beside an entry that others go on with.
    pub(crate) fn is_beside_entry(&self) -> bool {
        matches!(self.claim, Claim::Over(..) | Claim::Renewal { .. })
    }

    pub(crate) fn unreadable(&self) -> bool {
        self.unreadable
    }
}

/// What a look-up found.
pub(crate) enum Found {
    /// A value whose tags are all of the present generation.
    Hit(Entry),
    /// Nothing that can be served; this caller loads.
    Held(Held),
    /// Somebody else loads, under this lease if it was seen.
    Busy(Option<u64>),
    /// Nothing that can be served, and nothing can be stored: load without filling.
    Closed(String),
}

/// What became of a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    Stored,
    /// The lease is gone: the key was invalidated or the load took too long.
    Refused,
}

/// What an entry must be to be of use to the reader.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expect {
    /// `None`: any.
    pub(crate) schema: Option<u32>,
    pub(crate) fingerprint: u64,
}

impl Remote {
    pub(crate) fn new(
        transport: Arc<dyn Transport>,
        layout: Layout,
        coding: Coding,
        timeout: Duration,
        poll: Duration,
        lease_ms: u64,
    ) -> Self {
        let form = if transport.text_only() { Form::Text } else { Form::Bytes };
        let taking = Arc::new(Taking::new(form, lease_ms, transport.resends()));
        let reads = Reads::new(transport.clone(), taking.clone(), timeout);
        let mark = identity::unique();
        Self {
            transport,
            reads,
            layout,
            timeout,
            poll,
            form,
            coding,
            taking,
            there: There::new(form),
            mark,
            told: Told::default(),
        }
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn lease_ms(&self) -> u64 {
        self.taking.lease_ms
    }

    /// Whether keys are spread over several servers.
    pub(super) fn is_spread(&self) -> bool {
        self.transport.is_spread()
    }

    /// One round trip, no longer than the operation timeout.
    pub(crate) async fn exec(&self, commands: Vec<Command>) -> Result<Vec<Reply>, Fault> {
        self.reads.run(commands).await
    }

    /// The same for reads, which share the round trip with those of other callers where there are many.
    pub(super) fn read(
        &self,
        commands: Vec<Command>,
    ) -> impl Future<Output = Result<Vec<Reply>, Fault>> {
        self.reads.ask(commands)
    }

    /// Stores an entry if the lease is still held: a script compares and sets.
    ///
    /// Tags that are known only now cost a round trip before: their generations, then the sequence. If that
    /// moved since the load began, one of them may have been invalidated meanwhile, and nothing is stored.
    pub(crate) async fn fill(
        &self,
        key: &str,
        held: &Held,
        late_tags: &[Key],
        mut header: Envelope,
        payload: &Payload,
        ttl_ms: u64,
    ) -> Result<Fill, Fault> {
        let sequence = held.sequence;
        let mut stamps = held.stamps.clone();
        if !late_tags.is_empty() {
            let (late, now) = match self.ask(Ask::new(late_tags, true)).await {
                Err(fault) if fault.closes().is_some() => (Vec::new(), None),
                asked => asked?,
            };
            if sequence.is_none() || now != sequence {
                self.release(key, held).await?;
                return Ok(Fill::Refused);
            }
            stamps.extend(late);
        }
        header.stamps = stamps;
        let Some(entry) = self.stored(key, header, payload) else {
            self.release(key, held).await?;
            return Ok(Fill::Refused);
        };
        let mut commands = vec![self.fill_command(key, held, entry, ttl_ms)];
        if let Claim::Renewal { .. } = held.claim {
            // After the fill: who takes the lease then finds the new entry.
            commands.extend(self.release_command(key, held));
        }
        match self.exec(commands).await?.into_iter().next() {
            // The text is that of `SET` alone.
            Some(Reply::Int(1) | Reply::Bytes(_)) => Ok(Fill::Stored),
            Some(Reply::Int(_)) => Ok(Fill::Refused),
            other => match unexpected(other) {
                fault if fault.closes().is_some() => {
                    self.release(key, held).await?;
                    Ok(Fill::Refused)
                }
                fault => Err(fault),
            },
        }
    }

    /// Stores the entry if what is held is still there.
    pub(super) fn fill_command(
        &self,
        key: &str,
        held: &Held,
        entry: Vec<u8>,
        ttl_ms: u64,
    ) -> Command {
        let name = self.layout.entry(key);
        if is_on(Mutation::UnconditionalFill) {
            return Command::new("SET").arg(name).arg(entry).arg("PX").num(ttl_ms).once();
        }
        match &held.claim {
            Claim::Lease(token) => {
                script::call(script::FILL, &name).arg(token).arg(entry).num(ttl_ms)
            }
            Claim::Over(head, length) | Claim::Renewal { head, length, .. } => {
                script::replace(&name, head, *length, &entry, ttl_ms)
            }
        }
    }

    /// Gives a lease back, so that others need not wait for its end.
    pub(crate) async fn release(&self, key: &str, held: &Held) -> Result<(), Fault> {
        if let Some(release) = self.release_command(key, held) {
            self.exec(vec![release]).await?;
        }
        Ok(())
    }

    /// Gives a lease back, with the entry that it was to replace if that is still there.
    pub(crate) async fn discard(&self, key: &str, held: &Held) -> Result<(), Fault> {
        self.checked(self.discard_commands(key, held)).await.map(drop)
    }

    pub(super) fn discard_commands(&self, key: &str, held: &Held) -> Vec<Command> {
        let mut commands = Vec::new();
        if let Claim::Over(head, length) | Claim::Renewal { head, length, .. } = &held.claim {
            commands.push(script::remove(&self.layout.entry(key), head, *length));
        }
        // After the entry: who takes the lease then finds nothing to load anew.
        commands.extend(self.release_command(key, held));
        commands
    }

    pub(super) fn release_command(&self, key: &str, held: &Held) -> Option<Command> {
        let (name, token) = match &held.claim {
            Claim::Lease(token) => (self.layout.entry(key), token),
            Claim::Renewal { token, .. } => (self.layout.renewal(key), token),
            Claim::Over(..) => return None,
        };
        Some(script::call(script::RELEASE, &name).arg(token))
    }

    pub(super) async fn ask(&self, ask: Ask<'_>) -> Result<(Vec<Stamp>, Option<u64>), Fault> {
        let commands = self.commands(&ask);
        let replies = if commands.is_empty() { Vec::new() } else { self.read(commands).await? };
        ask.answered(replies.into_iter())
    }

    /// What a question asks for by name.
    pub(super) fn names(&self, ask: &Ask<'_>) -> impl Iterator<Item = String> {
        let tags = ask.tags.iter().map(|tag| self.layout.tag(tag.as_str()));
        tags.chain(ask.with_sequence.then(|| self.layout.sequence()))
    }

    pub(super) fn commands(&self, ask: &Ask<'_>) -> Vec<Command> {
        if ask.names() == 0 {
            return Vec::new();
        }
        let set = |(position, name): (usize, String)| {
            let set = self.taking.set_generation(&name, &ask.fresh(position));
            // The sequence is read when the generations have been.
            if position < ask.tags.len() { set.alongside() } else { set }
        };
        self.names(ask).enumerate().map(set).collect()
    }
}
