//! What the protocol needs of a server connection: pipelines of commands, with an answer for each.

#[cfg(feature = "redis")]
pub(crate) mod redis;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// A boxed future of a transport.
pub type TransportFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A Redis command: its name and arguments, each as bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Command(Vec<Vec<u8>>);

impl Command {
    /// A command by its name.
    pub fn new(name: &str) -> Self {
        Self(vec![name.into()])
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<[u8]>) -> Self {
        self.0.push(arg.as_ref().to_vec());
        self
    }

    /// Adds a number as an argument.
    #[must_use]
    pub fn num(self, number: u64) -> Self {
        self.arg(number.to_string())
    }

    /// The name and the arguments.
    pub fn args(&self) -> &[Vec<u8>] {
        &self.0
    }
}

/// Names the command only: arguments hold keys and values.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.first().map_or("".into(), |name| String::from_utf8_lossy(name));
        write!(f, "Command({name}, {} arguments)", self.0.len().saturating_sub(1))
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
    /// Text or bytes; `OK` is `b"OK"`.
    Bytes(Vec<u8>),
    /// Several answers.
    Array(Vec<Reply>),
    /// The server refused this command; the others of the pipeline ran.
    Error(String),
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

/// A way to a server that speaks Redis commands.
pub trait Transport: Send + Sync + 'static {
    /// Runs commands in their order and gives an answer for each.
    ///
    /// # Errors
    /// A [`Fault`] if there are no answers; a refused command is [`Reply::Error`] in its place.
    ///
    /// # Cancel safety
    /// Commands that were sent may run; their answers are lost.
    fn pipeline(&self, commands: Vec<Command>) -> TransportFuture<'_, Result<Vec<Reply>, Fault>>;

    /// Forgets the present connection, because it gave no answer in time: the next pipeline takes a new one.
    fn reset(&self);

    /// Runs one command that may block for `wait` on a connection of its own; `None` if it cannot.
    fn block(
        &self,
        command: Command,
        wait: Duration,
    ) -> Option<TransportFuture<'_, Result<Reply, Fault>>>;
}
