//! What goes over a transport: a command, its answer, and why there may be none.

use bytes::Bytes;
use std::fmt;

/// A Redis command: its name and arguments, each as bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    /// The name and the arguments as RESP writes them, one behind the other: one allocation for all of them.
    framed: Vec<u8>,
    count: usize,
    alongside: bool,
    once: bool,
    shard: Option<Shard>,
}

impl Command {
    /// A command by its name.
    pub fn new(name: &str) -> Self {
        let framed = Vec::with_capacity(192);
        Self { framed, count: 0, alongside: false, once: false, shard: None }.arg(name)
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<[u8]>) -> Self {
        let arg = arg.as_ref();
        self.framed.push(b'$');
        self.framed.extend_from_slice(itoa::Buffer::new().format(arg.len()).as_bytes());
        self.framed.extend_from_slice(b"\r\n");
        self.framed.extend_from_slice(arg);
        self.framed.extend_from_slice(b"\r\n");
        self.count += 1;
        self
    }

    /// Adds a number as an argument.
    #[must_use]
    pub fn num(self, number: u64) -> Self {
        self.arg(itoa::Buffer::new().format(number))
    }

    /// Lets this command run at the same time as the one before it, where they go to different servers.
    ///
    /// Without this a command begins when the one before it has ended. On one server that is so anyway; on a
    /// cluster each command that must wait costs a round trip.
    #[must_use]
    pub fn alongside(mut self) -> Self {
        self.alongside = true;
        self
    }

    /// Says that this command must not run twice: a transport that has lost its answer gives a [`Fault`], and does not send it
    /// again.
    ///
    /// Every other may run again, and answers as it did or so that less is served: a look-up gives our own lease back, scripts
    /// compare a lease or ask for the time, a deletion only costs a miss, a message is heard twice.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }

    /// Sends this command, which names no key, to one of the servers.
    #[must_use]
    pub fn on(mut self, shard: &Shard) -> Self {
        self.shard = Some(shard.clone());
        self
    }

    /// The name.
    pub fn name(&self) -> &[u8] {
        self.args().next().unwrap_or_default()
    }

    /// The name and the arguments.
    pub fn args(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        let mut rest = &*self.framed;
        (0..self.count).map(move |_| {
            let (arg, behind) = next_arg(rest).unwrap_or((rest, &[]));
            rest = behind;
            arg
        })
    }

    /// How many bytes the name and the arguments have together.
    pub(crate) fn size(&self) -> usize {
        self.args().map(<[u8]>::len).sum()
    }

    /// Writes it as RESP does.
    #[cfg(feature = "redis")]
    pub(super) fn write_to(&self, out: &mut Vec<u8>) {
        out.push(b'*');
        out.extend_from_slice(itoa::Buffer::new().format(self.count).as_bytes());
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&self.framed);
    }

    /// Whether it may run at the same time as the one before it.
    pub fn is_alongside(&self) -> bool {
        self.alongside
    }

    /// Whether it must not run twice.
    pub fn is_once(&self) -> bool {
        self.once
    }

    /// The server that it was meant for, if it names no key.
    pub fn shard(&self) -> Option<&Shard> {
        self.shard.as_ref()
    }
}

/// The first argument of some that stand one behind the other, and those behind it.
fn next_arg(framed: &[u8]) -> Option<(&[u8], &[u8])> {
    let digits = framed.iter().skip(1).take_while(|byte| byte.is_ascii_digit());
    let (length, width) = digits.fold((0, 0), |(length, width), digit| {
        (length * 10 + usize::from(digit - b'0'), width + 1)
    });
    let (arg, behind) = framed.get(1 + width + 2..)?.split_at_checked(length)?;
    Some((arg, behind.get(2..)?))
}

/// Names the command only: arguments hold keys and values.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = String::from_utf8_lossy(self.name());
        write!(f, "Command({name}, {} arguments)", self.count.saturating_sub(1))
    }
}

/// One of the servers that hold the keys between them, and which of the keys it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    address: String,
    state: String,
    moving: bool,
}

impl Shard {
    /// A server by its address. `state` is any text that changes when keys may have come, gone or changed their
    /// order under a cursor: other slots, another process, another connection. `moving`: keys are on their way
    /// from or to it.
    pub fn new(address: impl Into<String>, state: impl Into<String>, moving: bool) -> Self {
        Self { address: address.into(), state: state.into(), moving }
    }

    /// The address, as it was given.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Whether keys are on their way from or to this server.
    pub fn is_moving(&self) -> bool {
        self.moving
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Reply {
    /// Nothing there.
    Nil,
    /// A number.
    Int(i64),
    /// Text or bytes; `OK` is `b"OK"`. They may be a part of what was received, so that nothing is copied.
    Bytes(Bytes),
    /// Several answers.
    Array(Vec<Reply>),
    /// The server refused this command; the others of the pipeline ran.
    Error(String),
}

impl Reply {
    /// Text or bytes.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::Bytes(bytes.into())
    }
}

/// Why a pipeline has no answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// No connection, or it broke. Commands may have run.
    Io(String),
    /// No answer in time. Commands may still run.
    Timeout,
    /// The server refused.
    Refused(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(why) => write!(f, "connection: {why}"),
            Self::Timeout => f.write_str("no answer within the operation timeout"),
            Self::Refused(why) => write!(f, "the server refused: {why}"),
        }
    }
}

impl std::error::Error for Fault {}
