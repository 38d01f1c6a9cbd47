//! What is said of annotated functions that are wrong, or look so. How it is found is in `audit`.

use serde::Serialize;
use std::fmt;

/// Something that is wrong with what is annotated, or looks so. `place` is `file:line`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Warning {
    /// Two cached functions with one template, and not a batch beside one that reads one id: each may be served the other's value, or throw it away as undecodable.
    SharedTemplate {
        /// The template of the first.
        template: String,
        /// Both functions.
        functions: [String; 2],
        /// Where the second stands.
        place: String,
    },
    /// A cached function that nothing invalidates, or only what clears everything. Not told as long as the targets of an event are unknown.
    NeverInvalidated {
        /// The function.
        function: String,
        /// Its template.
        template: String,
        /// Where it stands.
        place: String,
    },
    /// A pattern that matches no cached function's key.
    PatternMatchesNothing {
        /// The pattern.
        pattern: String,
        /// The function that invalidates it.
        function: String,
        /// Where that stands.
        place: String,
    },
    /// A key to invalidate that no cached function has.
    KeyMatchesNothing {
        /// The key's template.
        key: String,
        /// The function that invalidates it.
        function: String,
        /// Where that stands.
        place: String,
    },
    /// A tag to invalidate that no cached function carries.
    TagMatchesNothing {
        /// The tag's template.
        tag: String,
        /// The function that invalidates it.
        function: String,
        /// Where that stands.
        place: String,
    },
    /// A key, tag or pattern that is invalidated in the current cache, while the functions that have it say `cache = ..`; or the other way round.
    OtherCache {
        /// The template.
        target: String,
        /// The function that invalidates it.
        function: String,
        /// A cached function that has it.
        read: String,
        /// The cache of that one as it is written; `None` is the current one.
        cache: Option<String>,
        /// Where the first function stands.
        place: String,
    },
    /// A tag of a cached function that nobody invalidates. Not told as long as the targets of an event are unknown.
    TagNeverInvalidated {
        /// The tag's template.
        tag: String,
        /// The function that carries it.
        function: String,
        /// Where that stands.
        place: String,
    },
    /// An event of which it is not known what it invalidates: it has not run in this process, and no sample was given.
    UnknownEvent {
        /// The event as it is written.
        event: String,
        /// The function with `with = ..`.
        function: String,
        /// Where that stands.
        place: String,
    },
}

impl Warning {
    /// Where to look: `file:line`.
    pub fn place(&self) -> &str {
        match self {
            Self::SharedTemplate { place, .. }
            | Self::NeverInvalidated { place, .. }
            | Self::PatternMatchesNothing { place, .. }
            | Self::KeyMatchesNothing { place, .. }
            | Self::TagMatchesNothing { place, .. }
            | Self::OtherCache { place, .. }
            | Self::TagNeverInvalidated { place, .. }
            | Self::UnknownEvent { place, .. } => place,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SharedTemplate { template, functions: [first, second], .. } => {
                write!(
                    f,
                    "`{first}` and `{second}` share the keys of `{template}`: give one of them another `key`"
                )
            }
            Self::NeverInvalidated { function, template, .. } => write!(
                f,
                "nothing invalidates `{template}` of `{function}`: name it in the `#[invalidates]` of each write that \
                 changes it, or say `Registry::by_lifetime` if its lifetime is enough"
            ),
            Self::PatternMatchesNothing { pattern, function, .. } => write!(
                f,
                "the pattern `{pattern}` of `{function}` matches no cached function's key: correct or remove it"
            ),
            Self::KeyMatchesNothing { key, function, .. } => write!(
                f,
                "the key `{key}` of `{function}` is no cached function's: correct it, or name the function instead"
            ),
            Self::TagMatchesNothing { tag, function, .. } => {
                write!(
                    f,
                    "the tag `{tag}` of `{function}` is on no cached function: correct or remove it"
                )
            }
            Self::OtherCache { target, function, read, cache: Some(cache), .. } => write!(
                f,
                "`{target}` of `{function}` goes to the current cache, and `{read}` is in `{cache}`: say `cache = {cache}`, or \
                 name the function instead"
            ),
            Self::OtherCache { target, function, read, cache: None, .. } => write!(
                f,
                "`{target}` of `{function}` goes to the cache that it names, and `{read}` is in the current one: name the function \
                 instead, or leave `cache` out"
            ),
            Self::TagNeverInvalidated { tag, function, .. } => {
                write!(
                    f,
                    "nobody invalidates the tag `{tag}` of `{function}`: remove it, or name it in a write"
                )
            }
            Self::UnknownEvent { event, function, .. } => write!(
                f,
                "what `with = {event}` of `{function}` invalidates is not known yet: give a sample with \
                 `Registry::event`"
            ),
        }
    }
}
