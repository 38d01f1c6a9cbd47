//! What the protocol needs of a server connection: pipelines of commands, with an answer for each.

mod command;
mod memory;
#[cfg(feature = "redis")]
mod redis;
pub(crate) mod server;
pub(crate) mod settings;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "upstash")]
mod upstash;

pub use command::{Command, Fault, Reply, Shard};
pub use memory::Memory;
#[cfg(feature = "tls")]
pub use tls::Tls;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// A boxed future of a transport.
pub type TransportFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Whether a transport sends a command again whose answer was lost, and when the first of the two may run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Resends {
    /// A lost answer is a [`Fault`].
    #[default]
    Never,
    /// Before its repetition, or never, but for bytes of a connection that has ended which the server reads yet
    /// (docs/GUARANTEES.md). Scripts make generations, which [`Memory`] does not know.
    InOrder,
    /// Also after its repetition was answered: what stands between may fail, and still forward. Scripts make the leases too,
    /// which takes the server longer for each look-up.
    Late,
}

/// A way to a server that speaks Redis commands.
pub trait Transport: Send + Sync + 'static {
    /// Runs commands in their order and gives an answer for each.
    ///
    /// A command that is [`alongside`](Command::alongside) the one before it need not wait for it.
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

    /// Whether arguments must be UTF-8, as in JSON: then what is stored is written as text. Answers may be any bytes.
    ///
    /// Unless said otherwise any bytes can be sent.
    fn text_only(&self) -> bool {
        false
    }

    /// Whether reads of many callers may go together in one pipeline, which then succeeds or fails for all of them.
    ///
    /// So it is unless said otherwise. Say no where the commands of a pipeline go to different servers.
    fn coalesces(&self) -> bool {
        true
    }

    /// Whether pipelines are answered in the order in which they were sent, so that one that hangs holds up all behind it.
    ///
    /// Unless said otherwise they go side by side, and reads of many callers wait for no more than one that hangs.
    fn in_order(&self) -> bool {
        false
    }

    /// Whether a command is sent again where its answer was lost. One that says [`once`](Command::once) should not be.
    ///
    /// Unless said otherwise none is.
    fn resends(&self) -> Resends {
        Resends::Never
    }

    /// Whether keys are spread over several servers, so that one command may name only one of them.
    ///
    /// Unless said otherwise they are not.
    fn is_spread(&self) -> bool {
        false
    }

    /// The servers that hold the keys between them: `SCAN` visits each ([`Command::on`]). Asked before and after,
    /// it tells whether the visit was complete.
    ///
    /// Unless said otherwise there is one, which is always the same.
    ///
    /// # Errors
    /// A [`Fault`] if that cannot be found out at present.
    fn shards(&self) -> TransportFuture<'_, Result<Vec<Shard>, Fault>> {
        Box::pin(std::future::ready(Ok(vec![Shard::new("", "", false)])))
    }
}
