//! The backplane: hearing of other processes' invalidations through a Redis stream, and noticing when some may
//! have been missed. What to do about either is the listener's ([`Listen`]) to say.

use super::position::Position;
use super::protocol::Remote;
use super::refusal::unexpected;
use super::transport::{Command, Fault, Reply};
use crate::invalidation::Invalidation;
use crate::key::{Key, Pattern};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long one read of the stream waits for news, in milliseconds.
const BLOCK_MS: u64 = 400;
/// Messages taken by one read, at most.
const BATCH: u64 = 1_000;
/// The most bytes of names in one message, but for a single name: the stream is bounded by the number of its messages.
const MESSAGE_BYTES: usize = 16_000;

/// One of the lists of names in a message.
type List = fn(&mut Message) -> &mut Vec<String>;

/// What one process tells the others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Message {
    /// Who sent it: nobody needs their own messages.
    #[serde(rename = "o")]
    pub(crate) origin: String,
    #[serde(rename = "k", default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<String>,
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    patterns: Vec<String>,
    #[serde(rename = "a", default, skip_serializing_if = "std::ops::Not::not")]
    everything: bool,
}

impl Message {
    pub(crate) fn new(origin: &str, what: &Invalidation) -> Self {
        Self {
            origin: origin.to_owned(),
            keys: what.keys.iter().map(|key| key.as_str().to_owned()).collect(),
            tags: what.tags.iter().map(|tag| tag.as_str().to_owned()).collect(),
            patterns: what.patterns.iter().map(|p| p.as_str().to_owned()).collect(),
            everything: what.everything,
        }
    }

    /// The first message of a stream: earlier ones are lost.
    pub(crate) fn reset() -> Self {
        Self { everything: true, ..Self::default() }
    }

    /// The same in as many messages as its names need, each encoded.
    pub(crate) fn encode_in_parts(&self) -> Vec<Vec<u8>> {
        let empty = || Self { origin: self.origin.clone(), ..Self::default() };
        let (mut parts, mut part, mut bytes) = (Vec::new(), empty(), 0);
        part.everything = self.everything;
        let lists: [(&[String], List); 3] = [
            (&self.keys, |part| &mut part.keys),
            (&self.tags, |part| &mut part.tags),
            (&self.patterns, |part| &mut part.patterns),
        ];
        for (names, list) in lists {
            for name in names {
                if bytes > 0 && bytes + name.len() > MESSAGE_BYTES {
                    parts.push(std::mem::replace(&mut part, empty()).encode());
                    bytes = 0;
                }
                bytes += name.len();
                list(&mut part).push(name.clone());
            }
        }
        parts.push(part.encode());
        parts
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        // Strings and a flag: JSON cannot refuse them.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Bytes that cannot be read might have meant anything, so they mean everything.
    fn decode(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_else(|_| Self::reset())
    }

    /// What it invalidates. A pattern that cannot be read means everything.
    pub(crate) fn invalidation(&self) -> Invalidation {
        let mut what = Invalidation::new();
        what.everything = self.everything;
        what.keys = self.keys.iter().map(|key| Key::verbatim(key)).collect();
        what.tags = self.tags.iter().map(|tag| Key::verbatim(tag)).collect();
        for pattern in &self.patterns {
            match Pattern::parse(pattern) {
                Ok(pattern) => what.patterns.push(pattern),
                Err(_) => what.everything = true,
            }
        }
        what
    }
}

/// What a listener is told.
pub(crate) trait Listen: Send + Sync {
    /// The cache's clock, in milliseconds.
    fn now(&self) -> u64;
    /// Another process invalidated.
    fn invalidated(&self, message: &Message);
    /// Every message sent before this moment of the cache's clock has been told.
    fn complete_at(&self, millis: u64);
    /// Messages may have been missed.
    fn missed(&self, why: &str);
    /// The server has older data than it had: whatever was invalidated since may be there again.
    fn rolled_back(&self, why: &str);
    /// The stream cannot be read.
    fn fault(&self, fault: &Fault);
}

/// What `XINFO STREAM` says.
struct StreamState {
    /// The oldest message that is left; zero where there is none.
    first: Position,
    last: Position,
    length: u64,
    /// How many messages were ever added (Redis 7.0).
    added: u64,
}

impl StreamState {
    fn read(fields: &[Reply]) -> Result<Self, Fault> {
        let field = |name: &'static str| {
            let at = fields.iter().position(|f| *f == Reply::bytes(name))?;
            fields.get(at + 1)
        };
        let number = |name: &'static str| match field(name) {
            Some(Reply::Int(number)) => u64::try_from(*number).ok(),
            _ => None,
        };
        let last = field("last-generated-id").and_then(Position::parse);
        let (Some(last), Some(length), Some(added)) =
            (last, number("length"), number("entries-added"))
        else {
            return Err(Fault::Refused(
                "XINFO STREAM lacks entries-added: Redis 7.0 is needed".into(),
            ));
        };
        // `first-entry` is `[id, fields]`.
        let first = match field("first-entry") {
            Some(Reply::Array(entry)) => entry.first().and_then(Position::parse),
            _ => None,
        };
        Ok(Self { first: first.unwrap_or_default(), last, length, added })
    }

    /// Whether messages after a position may be gone. Counting alone does not tell: a stream that was lost and
    /// has grown again has counted anew.
    fn trimmed_past(&self, at: Position, passed: u64) -> bool {
        let trimmed = self.added - self.length.min(self.added);
        trimmed > passed || (trimmed > 0 && self.first > at)
    }
}

/// Reads a namespace's stream, one call of [`Reader::step`] after the other.
pub(crate) struct Reader {
    origin: String,
    /// How long it stands on record where this listener has got, in milliseconds; `None` where no writer waits for it.
    record_ms: Option<u64>,
    /// Where reading goes on; `None` before the first look.
    position: Option<Position>,
    /// How many messages the stream had ever had at that position.
    passed: u64,
    /// How many messages the next read asks for: fewer after one that took too long.
    count: u64,
}

impl Reader {
    pub(crate) fn new(origin: String, record_ms: Option<u64>) -> Self {
        Self { origin, record_ms, position: None, passed: 0, count: BATCH }
    }

    /// Looks whether the stream still follows on from the position, then waits for news and tells it.
    ///
    /// # Errors
    /// A fault of the transport: the caller pauses and calls again. Nothing is lost: the position stays.
    pub(crate) async fn step(&mut self, remote: &Remote, listen: &dyn Listen) -> Result<(), Fault> {
        let asked_at = listen.now();
        let is_new = self.position.is_none();
        let (position, last) = self.check(remote, listen).await?;
        if self.record_ms.is_some() && is_new {
            // Trusted once it is on record, with the next look.
            return Ok(());
        }
        if position >= last {
            listen.complete_at(asked_at);
        }
        let reply = self.news(remote, position).await.inspect_err(|fault| {
            if *fault == Fault::Timeout {
                self.count = (self.count / 2).max(1);
            }
        })?;
        self.count = (self.count * 2).min(BATCH);
        // No news is also what a stream gives that is gone by now: the next look tells. Where less came than the look
        // showed, the rest is older than this moment: after a full batch, and from a server that lags behind. Counted from
        // the look before: no longer than the record holds.
        let told = self.tell(&reply, listen)?;
        if told > 0 && self.position.is_some_and(|at| at >= last) {
            listen.complete_at(asked_at);
        }
        Ok(())
    }

    /// `XINFO STREAM`: a stream that is gone, began anew or was trimmed past our position was missed in part.
    /// Gives where to read on, and where the stream ends.
    ///
    /// Where there is no stream, it is begun: a full server refuses that, and refuses others their messages as well,
    /// so that nothing is known to be complete until it can be done.
    async fn check(
        &mut self,
        remote: &Remote,
        listen: &dyn Listen,
    ) -> Result<(Position, Position), Fault> {
        let mut ask = vec![Command::new("XINFO").arg("STREAM").arg(remote.layout.bus())];
        if let (Some(life), Some(at)) = (self.record_ms, self.position) {
            ask.push(remote.record(&self.origin, at, life));
        }
        let told = remote.told.latest();
        let mut replies = remote.exec(ask).await?.into_iter();
        let shown = replies.next();
        if let Some(refused @ Reply::Error(_)) = replies.next() {
            return Err(unexpected(Some(refused)));
        }
        let state = match shown {
            Some(Reply::Array(fields)) => StreamState::read(&fields)?,
            Some(Reply::Error(error)) if error.contains("no such key") => {
                remote.told.retreat(told, Position::default());
                return self.begin(remote, listen).await;
            }
            // What is no stream is none of ours, and stands in its way.
            Some(Reply::Error(error)) if error.starts_with("WRONGTYPE") => {
                remote.exec(vec![Command::new("DEL").arg(remote.layout.bus())]).await?;
                return self.begin(remote, listen).await;
            }
            Some(Reply::Error(error)) => return Err(Fault::Refused(error)),
            _ => return Err(Fault::Io("no answer to XINFO".into())),
        };
        // What this process was answered is in the stream too, read or not.
        let known = self.position.map_or(told, |at| at.max(told));
        let is_behind = |at| state.last < at || state.added < self.passed;
        let rolled_back = is_behind(known) && state.first <= known;
        let missed = match self.position {
            // It begins where it did.
            _ if rolled_back => "the end of the stream of invalidations was lost",
            _ if is_behind(known) => "the stream of invalidations was lost",
            Some(at) if state.trimmed_past(at, self.passed) => {
                "the stream of invalidations was trimmed past this process"
            }
            Some(at) => return Ok((at, state.last)),
            None => "this process begins to listen",
        };
        remote.told.retreat(told, state.last);
        // The position first: messages after it are told, whatever is dropped now.
        self.position = Some(state.last);
        self.passed = state.added;
        if rolled_back {
            listen.rolled_back(missed);
        } else {
            listen.missed(missed);
        }
        Ok((state.last, state.last))
    }

    /// Begins the stream with a mark, unless somebody has done so meanwhile.
    async fn begin(
        &mut self,
        remote: &Remote,
        listen: &dyn Listen,
    ) -> Result<(Position, Position), Fault> {
        let reply = remote.exec(vec![remote.begin_bus()]).await?.pop();
        let before = self.position.replace(Position::default());
        self.passed = 0;
        match reply {
            // Others hear our mark. Dropped after it was set: whoever found no stream before has told nobody.
            Some(mark @ Reply::Bytes(_)) => {
                let at = Position::parse(&mark).unwrap_or_default();
                (self.position, self.passed) = (Some(at), 1);
                listen.missed("there was no stream of invalidations");
                Ok((at, at))
            }
            // Somebody was faster: their mark is read next.
            Some(Reply::Nil) => Ok((Position::default(), Position(u64::MAX, 0))),
            other => {
                if before != self.position {
                    listen.missed("there is no stream of invalidations");
                }
                Err(unexpected(other))
            }
        }
    }

    async fn news(&self, remote: &Remote, position: Position) -> Result<Reply, Fault> {
        let read = |block: Option<u64>| {
            let mut read = Command::new("XREAD").arg("COUNT").num(self.count);
            if let Some(millis) = block {
                read = read.arg("BLOCK").num(millis);
            }
            read.arg("STREAMS").arg(remote.layout.bus()).arg(position.to_string())
        };
        let wait = Duration::from_millis(BLOCK_MS);
        if let Some(blocking) = remote.transport.block(read(Some(BLOCK_MS)), wait) {
            return blocking.await;
        }
        tokio::time::sleep(remote.poll).await;
        remote.exec(vec![read(None)]).await?.pop().ok_or(Fault::Io("no answer to XREAD".into()))
    }

    /// Tells each message of `[[stream, [[id, [field, value]], ..]]]`. Gives their number.
    fn tell(&mut self, reply: &Reply, listen: &dyn Listen) -> Result<u64, Fault> {
        let streams = match reply {
            Reply::Nil => return Ok(0),
            Reply::Array(streams) => streams,
            Reply::Error(error) => return Err(Fault::Refused(error.clone())),
            _ => return Err(Fault::Io("an answer of an unexpected kind to XREAD".into())),
        };
        // RESP2 nests the name and its messages; RESP3's map comes flat.
        let messages = match streams.as_slice() {
            [Reply::Array(stream)] => stream.get(1),
            [_, messages] => Some(messages),
            _ => None,
        };
        let Some(Reply::Array(messages)) = messages else { return Ok(0) };
        for message in messages {
            let Reply::Array(parts) = message else { continue };
            let Some(id) = parts.first().and_then(Position::parse) else { continue };
            let body = match parts.get(1) {
                Some(Reply::Array(fields)) => fields.get(1),
                _ => None,
            };
            let message = match body {
                Some(Reply::Bytes(bytes)) => Message::decode(bytes),
                _ => Message::reset(),
            };
            if message.origin.is_empty() {
                // The mark is the first message of its stream.
                self.passed = 0;
                listen.missed("the stream of invalidations began anew");
            } else if message.origin != self.origin {
                listen.invalidated(&message);
            }
            // After it was told: a position is passed only when its message took effect.
            self.position = Some(id);
            self.passed += 1;
        }
        Ok(messages.len() as u64)
    }
}

#[cfg(test)]
mod tests;
