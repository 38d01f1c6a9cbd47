//! The errors of this crate. An annotated function never returns one: its errors stay the user's.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

/// What went wrong when a cache was built or used directly.
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
    /// A setting of the builder cannot be used.
    Config,
    /// The value could not be encoded.
    Encode,
    /// The remote tier did not answer, or answered with an error.
    Remote,
    /// The pattern cannot be used.
    Pattern,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
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

impl From<crate::key::PatternError> for Error {
    fn from(error: crate::key::PatternError) -> Self {
        Self::new(ErrorKind::Pattern, error.to_string())
    }
}

/// A load took longer than its `timeout`: what the error of the caller's choice is made of.
///
/// An error type takes it as it takes any other, by `From` (`#[from]` of thiserror; `anyhow::Error` and
/// `Box<dyn Error>` do already), or the option `timeout_error` says what to return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadTimeout {
    limit: Duration,
}

impl LoadTimeout {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit }
    }

    /// How long the load was waited for.
    pub fn limit(&self) -> Duration {
        self.limit
    }
}

impl fmt::Display for LoadTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the load took longer than its `timeout` of {:?}: raise that, or look why the source is slow",
            self.limit
        )
    }
}

impl StdError for LoadTimeout {}

/// Of the kind [`std::io::ErrorKind::TimedOut`].
impl From<LoadTimeout> for std::io::Error {
    fn from(timeout: LoadTimeout) -> Self {
        Self::new(std::io::ErrorKind::TimedOut, timeout)
    }
}
