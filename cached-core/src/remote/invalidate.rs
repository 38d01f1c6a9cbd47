//! Invalidation on the server: keys and tags in one round trip, patterns by SCAN, then a message to the others.
//!
//! A key is deleted together with any lease on it, which revokes every load in flight. A tag's generation is
//! deleted, not rewritten: entries made under it are misses from then on, and `DEL` works on a full server.

use super::backplane::Message;
use super::hearing::Announced;
use super::notice::Notice;
use super::parts::{Bound, MOST_BYTES};
use super::position::Position;
use super::protocol::{Fill, Remote};
use super::refusal::unexpected;
use super::script;
use super::transport::{Command, Fault, Reply};
use crate::invalidation::Invalidation;

/// The stream of invalidations is cut at about this many messages.
const BUS_LENGTH: u64 = 10_000;

/// What JSON adds to a name in a command, and to one in a message, which is text within JSON.
const QUOTES: usize = 3 + 5;

impl Remote {
    /// Applies an invalidation. Gives the number of keys removed per pattern, in their order, and where in the stream the
    /// message is.
    ///
    /// The message to other processes comes last: who hears it finds the server clean.
    pub(crate) async fn invalidate(
        &self,
        what: &Invalidation,
        message: &Message,
    ) -> Result<(Vec<u64>, Announced), Fault> {
        let mut commands = self.removals(what);
        let scans = what.everything || !what.patterns.is_empty();
        if !scans && commands.len() < 2 {
            let removals = commands.len();
            commands.extend(self.announce(message));
            let replies = self.checked(commands).await?;
            let told = replies.get(removals..).unwrap_or_default();
            return Ok((Vec::new(), self.announced(told, message).await?));
        }
        let mut notice = self.put_up(scans).await?;
        let mut removed = self.remove(commands, what, notice.as_ref()).await?;
        if notice.is_none() {
            // The server was full, and what was removed has made room, for the notice and for fills from the middle.
            notice = self.put_up(scans).await?;
            if notice.is_some() {
                let more = self.remove(self.removals(what), what, notice.as_ref()).await?;
                removed.iter_mut().zip(more).for_each(|(removed, more)| *removed += more);
            }
        }
        let mut last = self.announce(message);
        let messages = last.len();
        last.extend(notice.as_ref().map(|notice| self.lowering(notice)));
        let replies = self.checked(last).await?;
        if notice.is_some() {
            Self::check(replies.get(messages).cloned())?;
        }
        let told = replies.get(..messages).unwrap_or_default();
        Ok((removed, self.announced(told, message).await?))
    }

    /// How many names one invalidation may have, if that is bounded: over HTTP they are in the request twice, in the command
    /// that removes them and in the message that tells of them.
    pub(crate) fn bound_of_names(&self) -> Option<Bound> {
        let around = self.layout.entry("").len() + QUOTES;
        self.transport.text_only().then_some(Bound { bytes: MOST_BYTES, around })
    }

    /// Removes what is named by these commands, then what is looked for. Gives the number of keys per pattern.
    async fn remove(
        &self,
        named: Vec<Command>,
        what: &Invalidation,
        notice: Option<&Notice>,
    ) -> Result<Vec<u64>, Fault> {
        if !named.is_empty() {
            self.checked(named).await?;
        }
        let mut removed = Vec::new();
        for pattern in &what.patterns {
            removed.push(self.remove_matching(pattern, notice).await?);
        }
        if what.everything {
            self.remove_all("*", notice).await?;
        }
        Ok(removed)
    }

    /// What removes the keys and tags that are named: one command, which is one step to everybody, where one server has
    /// them all.
    fn removals(&self, what: &Invalidation) -> Vec<Command> {
        // Before the tags: a fill reads the tags first and the sequence after.
        let ends_sequence = !what.tags.is_empty() || what.everything;
        let sequence = ends_sequence.then(|| self.layout.sequence());
        let tags = what.tags.iter().map(|tag| self.layout.tag(tag.as_str()));
        let keys = what.keys.iter().map(|key| self.layout.entry(key.as_str()));
        let names: Vec<String> = sequence.into_iter().chain(tags).chain(keys).collect();
        if !self.is_spread() {
            let remove = names.iter().fold(Command::new("UNLINK"), Command::arg);
            return if names.is_empty() { Vec::new() } else { vec![remove] };
        }
        let remove = names.iter().map(|name| Command::new("UNLINK").arg(name)).enumerate();
        // The second waits for the sequence's end; among themselves the others need no order.
        let in_order = usize::from(ends_sequence);
        remove
            .map(|(position, remove)| if position > in_order { remove.alongside() } else { remove })
            .collect()
    }

    /// One round trip in which no command but an announcement may be refused.
    pub(super) async fn checked(&self, commands: Vec<Command>) -> Result<Vec<Reply>, Fault> {
        let announces: Vec<bool> =
            commands.iter().map(|command| command.name() == b"XADD").collect();
        let replies = self.exec(commands).await?;
        for (reply, announces) in replies.iter().zip(announces) {
            if let (Reply::Error(error), false) = (reply, announces) {
                return Err(Fault::Refused(error.clone()));
            }
        }
        Ok(replies)
    }

    /// Puts an entry at a key, whatever is there (a lease with it), and tells the others to forget theirs.
    ///
    /// A lease first, unconditionally, then the fill: should either run late, after its caller has given up, it does no more
    /// than a lease or a refused fill does.
    pub(crate) async fn put(
        &self,
        key: &str,
        entry: Vec<u8>,
        ttl_ms: u64,
        message: &Message,
    ) -> Result<(Fill, Announced), Fault> {
        let (name, token) = (self.layout.entry(key), self.taking.lease());
        let take = Command::new("SET").arg(&name).arg(&token).arg("PX").num(self.lease_ms()).once();
        self.checked(vec![take]).await?;
        let fill = script::call(script::FILL, &name).arg(&token).arg(entry).num(ttl_ms);
        let commands = std::iter::once(fill).chain(self.announce(message)).collect();
        let replies = self.checked(commands).await?;
        let announced = self.announced(replies.get(1..).unwrap_or_default(), message).await?;
        match replies.into_iter().next() {
            Some(Reply::Int(1)) => Ok((Fill::Stored, announced)),
            Some(Reply::Int(_)) => Ok((Fill::Refused, announced)),
            other => Err(unexpected(other)),
        }
    }

    /// What tells the others: a message, or several where its names are many, so that the stream, which is bounded by their
    /// number, is bounded by bytes too.
    fn announce(&self, message: &Message) -> Vec<Command> {
        let add = |part: Vec<u8>| {
            let add = Command::new("XADD").arg(self.layout.bus()).arg("NOMKSTREAM");
            add.arg("MAXLEN").arg("~").num(BUS_LENGTH).arg("*").arg("m").arg(part)
        };
        message.encode_in_parts().into_iter().map(add).collect()
    }

    /// Begins the stream, if there is none, with a mark at which everybody drops their local tier.
    pub(super) fn begin_bus(&self) -> Command {
        script::call(script::BEGIN, &self.layout.bus()).arg(Message::reset().encode())
    }

    /// Sees to it that all of a message has reached the stream, or that the stream's absence tells the others enough.
    async fn announced(&self, replies: &[Reply], message: &Message) -> Result<Announced, Fault> {
        let other = replies.iter().find(|reply| !matches!(reply, Reply::Bytes(_)));
        match other.or(replies.last()) {
            Some(at @ Reply::Bytes(_)) => {
                let Some(at) = Position::parse(at) else { return Ok(Announced::Lost) };
                self.told.advance(at);
                Ok(Announced::At(at))
            }
            // No stream yet, or it was lost: it starts anew with a mark at which everybody drops their local tier.
            Some(Reply::Nil) => {
                let mut again = vec![self.begin_bus()];
                again.extend(self.announce(message));
                let replies = self.exec(again).await?;
                match replies.into_iter().skip(1).find(|reply| !matches!(reply, Reply::Bytes(_))) {
                    None => Ok(Announced::Lost),
                    other => Err(unexpected(other)),
                }
            }
            // Full: XADD is refused, DEL is not. Who misses the stream drops their local tier, and trusts none before
            // they could begin the stream anew. What is no stream is none of ours, and stands in its way.
            Some(Reply::Error(error))
                if error.starts_with("OOM") || error.starts_with("WRONGTYPE") =>
            {
                self.checked(vec![Command::new("DEL").arg(self.layout.bus())]).await?;
                Ok(Announced::Lost)
            }
            other => Err(unexpected(other.cloned())),
        }
    }
}
