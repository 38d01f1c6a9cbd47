//! An invalidation as text that can be stored and read in another process, in another version, or by hand: JSON.
//! Where it is stored is not known here.

use super::Invalidation;
use crate::key::{Key, Pattern};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::Write as _;

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Stored<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keys: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    patterns: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    everything: bool,
}

impl Invalidation {
    /// The targets as JSON: `{"keys":["course:7"],"tags":["courses"],"patterns":["dashboard:*"]}`, or with
    /// `"everything":true`. Entries of a cache that a function names itself (`cache = EXPR`) are left out: a cache
    /// has no name that another process could read. It is ASCII, so that it can be stored in any encoding.
    pub fn to_json(&self) -> String {
        let stored = Stored {
            keys: self.keys().map(Cow::Borrowed).collect(),
            tags: self.tags().map(Cow::Borrowed).collect(),
            patterns: self.patterns().map(Cow::Borrowed).collect(),
            everything: self.everything,
        };
        // Strings and a flag: JSON cannot refuse them.
        let json = serde_json::to_string(&stored).unwrap_or_else(|_| EVERYTHING.into());
        if json.is_ascii() { json } else { escaped(&json) }
    }

    /// Reads what [`to_json`](Self::to_json) wrote. Text that cannot be read might have meant anything, so it means
    /// everything.
    pub fn from_json(json: &str) -> Self {
        // serde would take a list for the fields in their order.
        let object = json.trim_start().starts_with('{');
        let Some(stored) = serde_json::from_str::<Stored<'_>>(json).ok().filter(|_| object) else {
            return Self::new().everything();
        };
        let mut what = Self::new();
        what.everything = stored.everything;
        what.keys = stored.keys.iter().map(|key| Key::verbatim(key)).collect();
        what.tags = stored.tags.iter().map(|tag| Key::verbatim(tag)).collect();
        for pattern in &stored.patterns {
            match Pattern::parse(pattern) {
                Ok(pattern) => what = what.pattern(pattern),
                Err(_) => what.everything = true,
            }
        }
        what
    }
}

const EVERYTHING: &str = r#"{"everything":true}"#;

/// JSON with what is beyond ASCII as `\uXXXX`: it stands in strings only.
fn escaped(json: &str) -> String {
    let mut ascii = String::with_capacity(json.len() * 2);
    for c in json.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String never fails.
                let _ = write!(ascii, "\\u{unit:04x}");
            }
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let what = Invalidation::new()
            .key(Key::render(|k| {
                k.literal("course:").part("a:b \"é*日🦀");
            }))
            .tag("courses")
            .pattern(Pattern::parse("dashboard:*").unwrap());
        let json = what.to_json();
        assert!(json.is_ascii(), "{json}");
        let read = Invalidation::from_json(&json);
        assert_eq!((&read.keys, &read.tags), (&what.keys, &what.tags), "{json}");
        assert_eq!((&read.patterns, read.everything), (&what.patterns, false));
        assert_eq!(Invalidation::new().to_json(), "{}");
        assert!(Invalidation::from_json("{}").is_empty());
        assert!(
            Invalidation::from_json(&Invalidation::new().everything().to_json()).is_everything()
        );
    }

    #[test]
    fn what_cannot_be_read_means_everything() {
        for json in ["", "[]", "{", r#"{"keys":7}"#, r#"{"patterns":["a["]}"#, r#"{"slots":[1]}"#] {
            assert!(Invalidation::from_json(json).is_everything(), "{json}");
        }
    }
}
