//! The errors of this crate. An annotated function never returns one: its errors stay the user's.

use std::error::Error as StdError;
use std::fmt;

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
