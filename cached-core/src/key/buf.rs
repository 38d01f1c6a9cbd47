//! Rendering: the inline buffer (no allocation below 512 bytes, a digest above), and how a value writes itself
//! into it. Which values can is in `part`.

use super::escape::{self, allowed_in_part};
use super::origin;
use arrayvec::{ArrayString, ArrayVec};
use sha2::{Digest, Sha256};
use std::fmt::{self, Write as _};

/// The longest key, in bytes. A longer one keeps its leading literal and ends in `~` and a 128-bit digest.
pub const MAX_KEY_BYTES: usize = 512;

/// How much leading text a key over the limit keeps, in bytes, so that prefix patterns still find it.
const KEPT_PREFIX: usize = 256;

/// A buffer on the stack that a key is rendered into.
///
/// Methods chain. Up to [`MAX_KEY_BYTES`] nothing is allocated.
pub struct KeyBuf {
    /// Text, kept as bytes: whether they are text is looked at where text is asked for, which a hit does not.
    text: ArrayVec<u8, MAX_KEY_BYTES>,
    /// Length of the literals at the start, before the first part: what a key over the limit may keep.
    lead: usize,
    in_lead: bool,
    /// Bytes written so far, also past the limit.
    written: usize,
    /// The first two bytes of what is being rendered: tells an inner "none" from a value.
    head: [u8; 2],
    head_len: usize,
    /// What is kept of everything written, once that is over the limit.
    past: Option<Box<Past>>,
}

enum Past {
    /// Its hash.
    Digest(Sha256),
    /// All of it, from the start: of a part of a key that is not rendered yet.
    Whole(Vec<u8>),
}

impl KeyBuf {
    /// An empty buffer.
    #[inline]
    pub fn new() -> Self {
        Self {
            text: ArrayVec::new(),
            lead: 0,
            in_lead: true,
            written: 0,
            head: [0; 2],
            head_len: 2,
            past: None,
        }
    }

    /// Writes template text as it is.
    #[inline]
    pub fn literal(&mut self, text: &'static str) -> &mut Self {
        self.push(text);
        if self.in_lead {
            self.lead = self.kept_lead();
        }
        self
    }

    /// Writes a value, escaped, so that it holds no separator and no glob.
    #[inline]
    pub fn part<P: KeyPart + ?Sized>(&mut self, value: &P) -> &mut Self {
        self.in_lead = false;
        let before = self.written;
        value.render(&mut Part::new(self));
        if self.written == before {
            self.push(escape::EMPTY);
        }
        self
    }

    /// Writes a 128-bit digest (SHA-256, truncated) of a value's rendering, in hex: for secrets and long text.
    pub fn hashed<P: KeyPart + ?Sized>(&mut self, value: &P) -> &mut Self {
        self.in_lead = false;
        let mut plain = Self::new();
        plain.part(value);
        let mut hasher = Sha256::new();
        hasher.update(plain.as_str());
        let hex = hex128(hasher);
        self.push(&hex);
        self
    }

    /// Writes the name of a type: for type parameters that a result depends on.
    pub fn type_name<T: ?Sized>(&mut self) -> &mut Self {
        self.part(std::any::type_name::<T>())
    }

    /// Writes where the function `within` stands, of which `here` is a closure: how a default key begins.
    #[doc(hidden)]
    pub fn origin<F: Fn()>(&mut self, _here: &F, within: &str) -> &mut Self {
        self.text_with(origin::of(std::any::type_name::<F>(), within), escape::allowed_in_path);
        if self.in_lead {
            self.lead = self.kept_lead();
        }
        self
    }

    /// Writes `*`, which matches any text. Only patterns have it.
    pub fn any(&mut self) -> &mut Self {
        self.in_lead = false;
        self.push("*");
        self
    }

    /// Writes `?`, which matches one byte. Only patterns have it.
    pub fn any_char(&mut self) -> &mut Self {
        self.in_lead = false;
        self.push("?");
        self
    }

    /// Writes a part that was rendered before.
    #[doc(hidden)]
    pub fn rendered(&mut self, part: &(impl AsRef<str> + ?Sized)) -> &mut Self {
        self.in_lead = false;
        self.push(part.as_ref());
        self
    }

    /// What `write` renders, however long: a limit is that of the key which it becomes a part of.
    pub(super) fn whole(write: impl FnOnce(&mut Self)) -> String {
        let mut buf = Self::new();
        buf.past = Some(Box::new(Past::Whole(Vec::new())));
        write(&mut buf);
        match buf.past.map(|past| *past) {
            Some(Past::Whole(all)) => Rendered(&all).text().to_owned(),
            _ => unreachable!("it is kept as a whole from the start"),
        }
    }

    /// The literal text that a pattern over the limit still begins with.
    pub(super) fn overflowed_lead(&self) -> Option<&str> {
        self.past.is_some().then(|| &self.as_str()[..self.lead])
    }

    /// What has been rendered.
    pub fn as_str(&self) -> &str {
        self.rendered_bytes().text()
    }

    /// What has been rendered, before anybody needs it as text.
    #[inline]
    pub(crate) fn rendered_bytes(&self) -> Rendered<'_> {
        Rendered(&self.text)
    }

    /// How much of the text up to here a key over the limit keeps: no part of a character.
    #[inline]
    fn kept_lead(&self) -> usize {
        let starts = |at: usize| self.text.get(at).is_none_or(|byte| byte & 0xc0 != 0x80);
        let mut lead = self.text.len().min(KEPT_PREFIX);
        while !starts(lead) {
            lead -= 1;
        }
        lead
    }

    /// Writes text, escaping what `allowed` refuses.
    #[inline]
    pub(super) fn text_with(&mut self, text: &str, allowed: fn(char) -> bool) {
        let mut rest = text;
        while let Some(at) = rest.find(|c| !allowed(c)) {
            let (clean, tail) = rest.split_at(at);
            self.push(clean);
            let bad = tail.chars().next().map_or(0, char::len_utf8);
            for byte in &tail.as_bytes()[..bad] {
                self.push(&escape::escaped(*byte));
            }
            rest = &tail[bad..];
        }
        self.push(rest);
    }

    /// Renders a value and tells whether it wrote a mark for "none" or "some" first.
    pub(super) fn marked(&mut self, render: impl FnOnce(&mut Self)) -> bool {
        let outer = (self.head, self.head_len);
        self.head_len = 0;
        render(self);
        let marked = self.head_len == 2 && matches!(&self.head, b"%N");
        // What the inner value wrote first, the outer one has written first too.
        if outer.1 == 2 {
            (self.head, self.head_len) = outer;
        }
        marked
    }

    /// Writes text that is known to be clean.
    #[inline]
    pub(super) fn push(&mut self, text: &str) {
        self.push_bytes(text.as_bytes());
    }

    /// Writes the text of a UUID: in words, see `hex`.
    #[cfg(feature = "uuid")]
    #[inline]
    pub(super) fn push_uuid(&mut self, bytes: &[u8; 16]) {
        const LEN: usize = super::hex::UUID_LEN;
        // Whether there is room is asked once for all of them.
        if self.head_len < 2 || self.past.is_some() || self.text.remaining_capacity() < LEN {
            return self.push_uuid_anywhere(bytes);
        }
        self.written += LEN;
        let (words, half) = super::hex::uuid(bytes);
        for word in words {
            let _ = self.text.try_extend_from_slice(&word);
        }
        let _ = self.text.try_extend_from_slice(&half);
    }

    /// Writes it in an option, which wants to know its first bytes, or past the limit.
    #[cfg(feature = "uuid")]
    #[cold]
    fn push_uuid_anywhere(&mut self, bytes: &[u8; 16]) {
        let (words, half) = super::hex::uuid(bytes);
        self.push_bytes(words.as_flattened());
        self.push_bytes(&half);
    }

    #[inline]
    fn push_bytes(&mut self, text: &[u8]) {
        self.written += text.len();
        if self.head_len < 2 {
            self.note_head(text);
        }
        if self.past.is_none() && self.text.try_extend_from_slice(text).is_ok() {
            return;
        }
        self.push_past_the_limit(text);
    }

    fn note_head(&mut self, text: &[u8]) {
        for byte in text.iter().take(2 - self.head_len) {
            self.head[self.head_len] = *byte;
            self.head_len += 1;
        }
    }

    #[cold]
    fn push_past_the_limit(&mut self, text: &[u8]) {
        let past = self.past.get_or_insert_with(|| {
            let mut hasher = Sha256::new();
            hasher.update(self.text.as_slice());
            Box::new(Past::Digest(hasher))
        });
        let hasher = match &mut **past {
            Past::Whole(all) => return all.extend_from_slice(text),
            Past::Digest(hasher) => hasher,
        };
        hasher.update(text);
        let hex = hex128(hasher.clone());
        self.text.truncate(self.lead);
        // 256 kept bytes, a tilde and 32 digits fit in 512.
        self.text.push(b'~');
        self.text.extend(hex.bytes());
    }
}

impl Default for KeyBuf {
    fn default() -> Self {
        Self::new()
    }
}

/// A rendered key: compared and hashed as bytes, and text where somebody wants to read it.
#[derive(Clone, Copy)]
pub(crate) struct Rendered<'a>(&'a [u8]);

impl<'a> Rendered<'a> {
    #[inline]
    pub(crate) fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// Looks at every byte.
    #[cold]
    pub(crate) fn text(self) -> &'a str {
        match std::str::from_utf8(self.0) {
            Ok(text) => text,
            Err(_) => unreachable!("a key is rendered from text"),
        }
    }
}

impl<'a> From<&'a str> for Rendered<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.as_bytes())
    }
}

/// A value with a stable, unambiguous rendering as part of a key.
///
/// Implemented for text, integers, `bool`, `char`, `Option`, slices, `Vec`, arrays, tuples, ordered maps and sets,
/// `Duration`, network addresses, references and smart pointers, and with features for `Uuid` and chrono's dates. Not for floats: `0.1 + 0.2` and `0.3` differ.
/// Your types derive it: a newtype renders as what it holds, several fields as a list, a variant of an enum by its name.
///
/// ```
/// use cached_core::{KeyPart, key};
///
/// #[derive(KeyPart)]
/// struct CourseId(u64);
///
/// #[derive(KeyPart)]
/// enum Order {
///     ByTitle,
///     By { field: String, descending: bool },
/// }
///
/// let (id, order) = (CourseId(7), Order::ByTitle);
/// assert_eq!(key!("pupils:<id>:<order>").as_str(), "pupils:7:ByTitle");
/// let order = Order::By { field: "name".into(), descending: true };
/// assert_eq!(key!("pupils:<id>:<order>").as_str(), "pupils:7:(By,name,true)");
/// ```
///
/// Where the text is to be another one, implement it: `fn render(&self, part: &mut Part<'_>) { part.text(self.as_str()) }`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no stable rendering as part of a key",
    label = "cannot stand in a key",
    note = "name a field that can (`<arg.id>`), leave the argument out with `skip(..)`, or derive `cached_core::KeyPart`",
    note = "floats are left out on purpose: use an integer or text"
)]
pub trait KeyPart {
    /// Writes this value.
    fn render(&self, part: &mut Part<'_>);
}

/// Where a [`KeyPart`] writes itself. Whatever it writes is escaped.
pub struct Part<'a> {
    pub(super) buf: &'a mut KeyBuf,
}

impl<'a> Part<'a> {
    #[inline]
    fn new(buf: &'a mut KeyBuf) -> Self {
        Self { buf }
    }

    /// Writes text; everything but letters, digits and `-_.@+` is escaped.
    #[inline]
    pub fn text(&mut self, text: &str) {
        if text.is_empty() {
            self.buf.push(escape::EMPTY);
        } else {
            self.buf.text_with(text, allowed_in_part);
        }
    }

    /// Writes what `Display` prints. The output must be the same in every process and version.
    pub fn display(&mut self, value: &dyn fmt::Display) {
        struct Escape<'b, 'a>(&'b mut Part<'a>, bool);
        impl fmt::Write for Escape<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.1 |= !text.is_empty();
                self.0.buf.text_with(text, allowed_in_part);
                Ok(())
            }
        }
        let mut escape = Escape(self, false);
        let _ = write!(escape, "{value}");
        if !escape.1 {
            self.buf.push(escape::EMPTY);
        }
    }

    /// Writes several values as one part, as in `(a,b)`: for structs and collections.
    pub fn list<'v>(&mut self, values: impl IntoIterator<Item = &'v dyn KeyPart>) {
        self.buf.push("(");
        for (at, value) in values.into_iter().enumerate() {
            if at > 0 {
                self.buf.push(",");
            }
            self.buf.part(value);
        }
        self.buf.push(")");
    }
}

fn hex128(hasher: Sha256) -> ArrayString<32> {
    let mut hex = ArrayString::new();
    for byte in &hasher.finalize()[..16] {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
