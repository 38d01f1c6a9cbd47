//! What can be broken: the faults that last, and the losses that strike one command.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How a [`FaultProxy`](crate::FaultProxy) treats its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Fault {
    /// Everything passes.
    #[default]
    Pass,
    /// Connections are closed at once, open ones and new ones: a crashing server behind a load balancer.
    Cut,
    /// Open connections are closed and new ones refused: nothing listens. A server that is down.
    Refuse,
    /// Connections stay open, what the client sends is swallowed, and no answer ever comes: a hung server.
    ///
    /// A connection that was open or opened meanwhile stays like this when the fault ends; only new ones pass.
    Stall,
    /// Nothing moves until the fault ends, and then everything that was held arrives: a network that lost its way.
    Freeze,
    /// Each piece of a reply arrives so much later.
    Slow(Duration),
    /// The server sees the connection closed, the client is never told: a firewall that forgot it.
    ///
    /// A connection that was open or opened meanwhile stays like this when the fault ends; only new ones pass.
    HalfOpen,
    /// Replies become random bytes, the same ones for the same seed and order of connections.
    Garbage {
        /// The seed.
        seed: u64,
    },
}

impl Fault {
    /// Whether connections to the server go on.
    pub(super) fn flows(self) -> bool {
        matches!(self, Self::Pass | Self::Freeze | Self::Slow(_) | Self::Garbage { .. })
    }

    /// Whether connections of the client end.
    fn closes(self) -> bool {
        matches!(self, Self::Cut | Self::Refuse)
    }
}

/// The fault that is set, and what was set before it: a fault that came and went too fast to be seen still struck.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Faults {
    pub(super) now: Fault,
    /// How many faults have broken the connections that were open, and the last one.
    pub(super) breaks: u64,
    pub(super) last_break: Fault,
    /// How many of them have closed the client's side too.
    pub(super) closes: u64,
}

impl Faults {
    pub(super) fn set(&mut self, fault: Fault) {
        self.now = fault;
        if !fault.flows() {
            self.breaks += 1;
            self.last_break = fault;
        }
        if fault.closes() {
            self.closes += 1;
        }
    }
}

/// What is lost when a trigger strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    /// The command itself.
    Command,
    /// Its reply, but for so many bytes.
    Reply { after: usize },
}

/// At most one loss that waits for its command.
#[derive(Debug, Default)]
pub(super) struct Trigger(Mutex<Option<(Option<String>, Loss)>>);

impl Trigger {
    /// Waits for a command of this name, or for any.
    pub(super) fn arm(&self, command: Option<&str>, loss: Loss) {
        *self.lock() = Some((command.map(str::to_ascii_uppercase), loss));
    }

    pub(super) fn is_armed(&self) -> bool {
        self.lock().is_some()
    }

    /// The loss, if it waited for one of these commands. It strikes once.
    pub(super) fn take(&self, commands: &[String]) -> Option<Loss> {
        let mut armed = self.lock();
        let strikes = match armed.as_ref()? {
            (None, _) => true,
            (Some(name), _) => commands.contains(name),
        };
        if strikes { armed.take().map(|(_, loss)| loss) } else { None }
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Option<String>, Loss)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
