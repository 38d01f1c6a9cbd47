//! Templates as values: literal text, wildcards and placeholders. Reading one is `parse`; names are resolved
//! elsewhere.

mod each;
mod grammar;
mod parse;

pub(crate) use parse::parse;

use std::fmt;
use syn::LitStr;

/// What a template is for; that decides what it may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// The key of a cached function.
    Key,
    /// One key to invalidate.
    InvalidatedKey,
    /// A tag of a cached function.
    Tag,
    /// A tag to invalidate.
    InvalidatedTag,
    /// A glob over keys: must hold a wildcard.
    Pattern,
    /// `key!`: a key, or a pattern if it holds a wildcard.
    KeyOrPattern,
}

impl Purpose {
    pub(crate) fn allows_wildcards(self) -> bool {
        matches!(self, Self::Pattern | Self::KeyOrPattern)
    }

    pub(crate) fn allows_return(self) -> bool {
        self.is_invalidated() || self == Self::Tag
    }

    /// Whether it is one of `#[invalidates]`.
    pub(crate) fn is_invalidated(self) -> bool {
        matches!(self, Self::InvalidatedKey | Self::InvalidatedTag | Self::Pattern)
    }

    /// The word for it in a message.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Key | Self::InvalidatedKey => "key",
            Self::Tag | Self::InvalidatedTag => "tag",
            Self::Pattern => "pattern",
            Self::KeyOrPattern => "key or pattern",
        }
    }
}

/// A well-formed template.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) literal: LitStr,
    pub(crate) pieces: Vec<Piece>,
}

impl Template {
    pub(crate) fn has_wildcard(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::AnyText | Piece::AnyByte))
    }
}

/// One element of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Piece {
    Text(String),
    /// `*`
    AnyText,
    /// `?`
    AnyByte,
    Slot(Placeholder),
}

/// The field that stands for each element of a collection.
pub(crate) const EACH: &str = "*";

/// `<root.field.field:hash>`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Placeholder {
    pub(crate) root: String,
    pub(crate) fields: Vec<String>,
    pub(crate) hashed: bool,
}

/// As it is written in the template, without a modifier.
impl fmt::Display for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.root)?;
        for field in &self.fields {
            write!(f, ".{field}")?;
        }
        f.write_str(">")
    }
}
