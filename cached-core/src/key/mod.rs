//! Keys: how arguments become text that cannot collide. Layout on servers is not decided here.
//!
//! A *template* is literal text with placeholders; a rendered template is a [`Key`]. Every rendered part is
//! escaped, so literal separators such as `:` never appear inside a part, and two different argument lists
//! never give one key. docs/KEYS.md has the rules with examples.

mod buf;
mod early;
mod escape;
mod glob;
#[cfg(feature = "uuid")]
mod hex;
mod origin;
mod overlap;
mod part;

pub(crate) use buf::Rendered;
pub use buf::{KeyBuf, KeyPart, MAX_KEY_BYTES, Part};
pub use early::EarlyPart;
pub(crate) use glob::glob_matches;
pub use glob::{Pattern, PatternError};
pub(crate) use overlap::Outline;

use std::fmt;
use std::sync::Arc;

/// A rendered key or tag, such as `course:42`.
///
/// Cheap to clone. At most [`MAX_KEY_BYTES`] bytes long: a longer one keeps its leading text and ends in a
/// digest of the whole.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Arc<str>);

impl Key {
    /// Renders a key with a function that writes literals and parts.
    ///
    /// ```
    /// use cached_core::Key;
    /// let key = Key::render(|k| { k.literal("course:").part(&"a:b"); });
    /// assert_eq!(key.as_str(), "course:a%3Ab");
    /// ```
    pub fn render(write: impl FnOnce(&mut KeyBuf)) -> Self {
        let mut buf = KeyBuf::new();
        write(&mut buf);
        Self(buf.as_str().into())
    }

    /// The rendered text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Text that was rendered before, as it is.
    pub(crate) fn verbatim(text: &str) -> Self {
        Self(text.into())
    }

    pub(crate) fn shared(&self) -> Arc<str> {
        self.0.clone()
    }
}

/// Takes text as it is, but for characters that no key may hold (whitespace, controls, `*?[]\{}`): those
/// are escaped, so that a glob in user input stays text.
impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::render(|k| {
            k.text_with(text, escape::allowed_in_literal);
        })
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&Key> for Key {
    fn from(key: &Key) -> Self {
        key.clone()
    }
}

impl From<&KeyBuf> for Key {
    fn from(buf: &KeyBuf) -> Self {
        Self(buf.as_str().into())
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.0)
    }
}

#[cfg(test)]
mod documented;
#[cfg(test)]
mod tests;
