//! The errors of what is set up: watches and relays. Transactions return sqlx's own.

use std::error::Error as StdError;
use std::fmt;

/// What went wrong when a watch was installed or a relay started.
///
/// The kind says which sort; the message says what to do next.
pub struct Error {
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The sorts of [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The pool has no outbox.
    NoOutbox,
    /// There is no tokio runtime here.
    NoRuntime,
    /// What a watch says does not fit the table: see the message for each problem.
    Watch,
    /// The database refused, or did not answer.
    Database,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    pub(crate) fn no_outbox() -> Self {
        Self::new(
            ErrorKind::NoOutbox,
            "the pool has no outbox: make it with `CachedPool::with_outbox(pool, cache, Outbox::new(\"name\"))`",
        )
    }

    pub(crate) fn with(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }

    /// Which sort of error this is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let message = match &error {
            sqlx::Error::Database(refused) if refused.code().as_deref() == Some("55P03") => {
                "another session holds the table: the watch needs it for a moment, try again later"
                    .to_owned()
            }
            error => format!("the database: {error}"),
        };
        Self::new(ErrorKind::Database, message).with(error)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("kind", &self.kind).field("message", &self.message).finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}
