//! Which characters stand in keys as they are, and what the others become.

use arrayvec::ArrayString;
use std::fmt::Write as _;

/// Renderings that no value's text can equal: `%` is only ever followed by two hex digits there.
pub(super) const EMPTY: &str = "%E";
pub(super) const NONE: &str = "%N";
pub(super) const SOME: &str = "%S";

#[inline]
pub(super) fn allowed_in_part(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | '@' | '+' => true,
        c if c.is_ascii() => false,
        c => !c.is_whitespace() && !c.is_control(),
    }
}

/// A path of the compiler's: `::` stands in it.
#[inline]
pub(super) fn allowed_in_path(c: char) -> bool {
    c == ':' || allowed_in_part(c)
}

pub(super) fn allowed_in_literal(c: char) -> bool {
    !(c.is_whitespace()
        || c.is_control()
        || matches!(c, '*' | '?' | '[' | ']' | '\\' | '{' | '}' | '<' | '>'))
}

pub(super) fn escaped(byte: u8) -> ArrayString<3> {
    let mut out = ArrayString::new();
    let _ = write!(out, "%{byte:02X}");
    out
}
