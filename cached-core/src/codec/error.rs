//! Why a value or an entry is of no use. Becomes a count and a log line, never an error of the caller.

use std::fmt;

/// Why a value was not written, or bytes could not be read.
#[derive(Debug)]
pub(crate) struct CodecError(String);

impl From<String> for CodecError {
    fn from(why: String) -> Self {
        Self(why)
    }
}

impl From<&str> for CodecError {
    fn from(why: &str) -> Self {
        Self(why.to_owned())
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
