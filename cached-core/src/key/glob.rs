//! Globs over keys, with the meaning that Redis gives them (`SCAN MATCH`), matched here without a server.

use super::buf::KeyBuf;
use std::fmt;
use std::sync::Arc;

/// The longest pattern, in bytes.
const MAX_PATTERN_BYTES: usize = 512;

/// A glob over keys: `*` any text, `?` one byte, `[ab]` `[^a-c]` a class, `\` takes the next byte literally.
///
/// Redis matches bytes, so `?` is one byte of a longer UTF-8 character; so it is here.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Pattern(Arc<str>);

impl Pattern {
    /// Renders a pattern with a function that writes literals, parts and wildcards.
    pub fn render(write: impl FnOnce(&mut KeyBuf)) -> Self {
        let mut buf = KeyBuf::new();
        write(&mut buf);
        // A digest matches nothing: a pattern over the limit is widened to what it begins with.
        match buf.overflowed_lead() {
            Some(lead) => Self(format!("{lead}*").into()),
            None => Self(buf.as_str().into()),
        }
    }

    /// Takes a glob as it is written. Never build one from user input: render it with `key!` instead.
    ///
    /// # Errors
    /// A glob that is empty, too long, or ends in an open class or a lone backslash, or a class with a range that begins or
    /// ends outside of ASCII: Redis compares such bytes as its machine's C does, with a sign or without.
    pub fn parse(glob: &str) -> Result<Self, PatternError> {
        let problem = if glob.is_empty() {
            "is empty: to remove everything call `clear`"
        } else if glob.len() > MAX_PATTERN_BYTES {
            "is longer than 512 bytes"
        } else {
            match check(glob.as_bytes()) {
                Ok(()) => return Ok(Self(glob.into())),
                Err(problem) => problem,
            }
        };
        Err(PatternError { glob: glob.chars().take(80).collect(), problem })
    }

    /// The glob as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a key matches. A key that ends in a digest, because it was too long, matches if any key that begins as it
    /// does could: what the digest replaced is not known, and removing too much is safe.
    pub fn matches(&self, key: &str) -> bool {
        let (glob, text) = (self.0.as_bytes(), key.as_bytes());
        glob_matches(glob, text) || key.find('~').is_some_and(|at| could_begin(glob, &text[..at]))
    }

    /// The one key that this pattern means, if it has no wildcard.
    pub fn exact(&self) -> Option<&str> {
        let plain = !self.0.bytes().any(|b| matches!(b, b'*' | b'?' | b'[' | b'\\'));
        plain.then_some(&*self.0)
    }
}

impl TryFrom<&str> for Pattern {
    type Error = PatternError;
    fn try_from(glob: &str) -> Result<Self, PatternError> {
        Self::parse(glob)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({})", self.0)
    }
}

/// A glob that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    glob: String,
    problem: &'static str,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the pattern `{}` {}", self.glob, self.problem)
    }
}

impl std::error::Error for PatternError {}

/// What is wrong with a glob, element by element.
fn check(glob: &[u8]) -> Result<(), &'static str> {
    const OPEN: &str =
        "ends inside a class or after a lone backslash: close the `[` or double the `\\`";
    const RANGE: &str = "has a range that begins or ends outside of ASCII, which servers read differently: put `?` \
         for each byte of such a character";
    let mut at = 0;
    while at < glob.len() {
        at += match glob[at] {
            b'\\' if at + 1 == glob.len() => return Err(OPEN),
            b'\\' => 2,
            b'[' => {
                let mut ascii = true;
                let on_range = |from: u8, to: u8| {
                    ascii &= from.is_ascii() && to.is_ascii();
                    false
                };
                let len = class_with(&glob[at..], |_| false, on_range).ok_or(OPEN)?.1;
                if !ascii {
                    return Err(RANGE);
                }
                len
            }
            _ => 1,
        };
    }
    Ok(())
}

/// Greedy matching that goes back to the latest `*` only: O(glob x key) at worst, no recursion.
pub(crate) fn glob_matches(glob: &[u8], key: &[u8]) -> bool {
    let (mut g, mut k) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while k < key.len() {
        if glob.get(g) == Some(&b'*') {
            star = Some((g + 1, k));
            g += 1;
            continue;
        }
        match one(&glob[g..], key[k]) {
            Some(len) => {
                g += len;
                k += 1;
            }
            None => match star {
                Some((after, from)) => {
                    star = Some((after, from + 1));
                    g = after;
                    k = from + 1;
                }
                None => return false,
            },
        }
    }
    glob[g..].iter().all(|b| *b == b'*')
}

/// Whether some longer text that begins with `lead` could match.
fn could_begin(glob: &[u8], lead: &[u8]) -> bool {
    let mut places = vec![0];
    let widen = |places: &mut Vec<usize>| {
        // A star may stand for nothing.
        let mut at = 0;
        while let Some(place) = places.get(at).copied() {
            if glob.get(place) == Some(&b'*') && !places.contains(&(place + 1)) {
                places.push(place + 1);
            }
            at += 1;
        }
    };
    widen(&mut places);
    for byte in lead {
        let mut next = Vec::new();
        for place in &places {
            let to = match glob.get(*place) {
                Some(b'*') => Some(*place),
                Some(_) => one(&glob[*place..], *byte).map(|len| place + len),
                None => None,
            };
            if let Some(to) = to.filter(|to| !next.contains(to)) {
                next.push(to);
            }
        }
        widen(&mut next);
        places = next;
    }
    places.iter().any(|place| *place < glob.len())
}

/// Matches one byte against the first element of a glob; gives the element's length.
fn one(glob: &[u8], byte: u8) -> Option<usize> {
    match *glob.first()? {
        b'?' => Some(1),
        b'[' => class(glob, byte).and_then(|(hit, len)| hit.then_some(len)),
        b'\\' if glob.len() > 1 => (glob[1] == byte).then_some(2),
        literal => (literal == byte).then_some(1),
    }
}

/// Reads a `[..]` class: whether it holds the byte, and its length. `None` if it is never closed.
fn class(glob: &[u8], byte: u8) -> Option<(bool, usize)> {
    let in_range = |from: u8, to: u8| (from.min(to)..=from.max(to)).contains(&byte);
    class_with(glob, |literal| literal == byte, in_range)
}

/// Reads a `[..]` class with functions that say whether a byte or a range of it is a hit.
fn class_with(
    glob: &[u8],
    is_byte: impl Fn(u8) -> bool,
    mut in_range: impl FnMut(u8, u8) -> bool,
) -> Option<(bool, usize)> {
    let negated = glob.get(1) == Some(&b'^');
    let mut at = if negated { 2 } else { 1 };
    let mut hit = false;
    loop {
        match *glob.get(at)? {
            b']' => return Some((hit != negated, at + 1)),
            b'\\' if glob.len() > at + 1 => {
                hit |= is_byte(glob[at + 1]);
                at += 2;
            }
            from if glob.get(at + 1) == Some(&b'-') && glob.len() > at + 2 => {
                hit |= in_range(from, glob[at + 2]);
                at += 3;
            }
            literal => {
                hit |= is_byte(literal);
                at += 1;
            }
        }
    }
}
