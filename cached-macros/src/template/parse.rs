//! Reads a template and checks what its literal text may hold. Names are not resolved here.

use super::each;
use super::grammar::{self, Stretch};
use super::{Piece, Purpose, Template};
use crate::ctxt::Ctxt;
use syn::LitStr;

/// Reads a template; errors go to the context.
pub(crate) fn parse(literal: &LitStr, purpose: Purpose, ctxt: &Ctxt) -> Option<Template> {
    match pieces(&literal.value(), purpose) {
        Ok(pieces) => Some(Template { literal: literal.clone(), pieces }),
        Err(message) => {
            ctxt.error_at(literal.span(), message);
            None
        }
    }
}

fn pieces(text: &str, purpose: Purpose) -> Result<Vec<Piece>, String> {
    let noun = purpose.noun();
    if text.is_empty() {
        return Err(format!("an empty {noun} names nothing: write text such as `course:<id>`"));
    }
    let mut pieces = Vec::new();
    for stretch in grammar::split(text)? {
        match stretch {
            Stretch::Literal(literal) => push_literal(literal, purpose, &mut pieces)?,
            Stretch::Placeholder(inside) => {
                let placeholder = grammar::placeholder(inside)?;
                if placeholder.root == "return" && !purpose.allows_return() {
                    return Err(return_is_too_early(purpose, &placeholder.to_string()));
                }
                pieces.push(Piece::Slot(placeholder));
            }
        }
    }
    each::check(&pieces, purpose)?;
    check_separated(&pieces)?;
    if purpose == Purpose::Pattern {
        check_pattern(text, &pieces)?;
    }
    Ok(pieces)
}

/// A key must be known before the value is.
fn return_is_too_early(purpose: Purpose, placeholder: &str) -> String {
    match purpose {
        Purpose::KeyOrPattern => {
            format!("`{placeholder}`: `key!` has no returned value; name a variable")
        }
        _ => format!(
            "`{placeholder}` in a key: the key is needed to find the value, before anything is returned; \
             `<return..>` is for `tags`"
        ),
    }
}

fn push_literal(literal: &str, purpose: Purpose, pieces: &mut Vec<Piece>) -> Result<(), String> {
    let mut text = String::new();
    for c in literal.chars() {
        let wildcard = match c {
            '*' if purpose.allows_wildcards() => Piece::AnyText,
            '?' if purpose.allows_wildcards() => Piece::AnyByte,
            c => {
                check_literal_char(c, literal, purpose)?;
                text.push(c);
                continue;
            }
        };
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        pieces.push(wildcard);
    }
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(())
}

/// Literal text must need no escaping, so that patterns and servers see it as it is written.
fn check_literal_char(c: char, literal: &str, purpose: Purpose) -> Result<(), String> {
    let noun = purpose.noun();
    Err(match c {
        '*' | '?' => format!(
            "`{c}` is a wildcard and cannot stand in a {noun}; wildcards are for `pattern = ..` of `#[invalidates]`"
        ),
        '{' | '}' => {
            format!("`{c}` cannot stand in a {noun}; placeholders are written `<id>`, not `{{id}}`")
        }
        '[' | ']' | '\\' => format!(
            "`{c}` cannot stand in a {noun}: it has a meaning in patterns; separate with `:`"
        ),
        '%' | '~' => format!(
            "`{c}` cannot stand in a {noun}: it marks escapes and digests; separate with `:`"
        ),
        c if c.is_whitespace() => format!(
            "whitespace cannot stand in a {noun} (`{literal}`): separate with `:`, `-` or `_`"
        ),
        c if c.is_control() => {
            format!("the control character {c:?} cannot stand in a {noun}: separate with `:`")
        }
        _ => return Ok(()),
    })
}

/// What a rendered placeholder may hold unescaped (`KeyPart`'s rule), so what separates nothing.
fn may_be_rendered(c: char) -> bool {
    !c.is_ascii() || c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+')
}

/// `<a>-<b>` renders ("1-2", "3") and ("1", "2-3") alike: between two placeholders stands a character that no
/// rendered part holds.
fn check_separated(pieces: &[Piece]) -> Result<(), String> {
    let mut before: Option<(&Piece, bool)> = None;
    for piece in pieces {
        match piece {
            Piece::Slot(second) => {
                if let Some((Piece::Slot(first), false)) = before {
                    return Err(format!(
                        "`{first}` and `{second}` can run into each other, so that different values give one key; \
                         put a `:` between them"
                    ));
                }
                before = Some((piece, false));
            }
            Piece::Text(text) => {
                if let Some((_, separated)) = &mut before {
                    *separated |= text.chars().any(|c| !may_be_rendered(c));
                }
            }
            // What a wildcard takes is open anyway.
            Piece::AnyText | Piece::AnyByte => before = None,
        }
    }
    Ok(())
}

fn check_pattern(text: &str, pieces: &[Piece]) -> Result<(), String> {
    if pieces.iter().all(|piece| *piece == Piece::AnyText) {
        return Err(format!(
            "`{text}` matches every key: to drop everything on purpose write \
             `with = Invalidation::new().everything()`"
        ));
    }
    if !pieces.iter().any(|piece| matches!(piece, Piece::AnyText | Piece::AnyByte)) {
        return Err(format!(
            "`{text}` has no wildcard, so it is one key: write `key = \"{text}\"`"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str, purpose: Purpose) -> String {
        pieces(text, purpose).unwrap_err()
    }

    #[test]
    fn a_pattern_keeps_its_wildcards_apart() {
        let read = pieces("a:*:?", Purpose::Pattern).unwrap();
        let expected =
            [Piece::Text("a:".into()), Piece::AnyText, Piece::Text(":".into()), Piece::AnyByte];
        assert_eq!(read, expected);
    }

    #[test]
    fn literal_text_holds_nothing_that_would_be_escaped() {
        for (text, part) in [
            ("a*", "wildcard"),
            ("a b", "whitespace"),
            ("a\u{7}", "control character"),
            ("a{id}", "`<id>`, not `{id}`"),
            ("a[1]", "separate with `:`"),
            ("a\\", "separate with `:`"),
            ("50%", "escapes"),
            ("~a", "escapes"),
        ] {
            assert!(message(text, Purpose::Key).contains(part), "{text}");
        }
        assert!(pieces("a/b|c,d=e;f#g&h!i$j'k\"l(m)^n`", Purpose::Key).is_ok());
        assert!(pieces("kurs:é", Purpose::Key).is_ok());
    }

    #[test]
    fn placeholders_need_a_separator_that_no_value_holds() {
        for text in ["<a><b>", "<a>-<b>", "<a>x<b>", "<a>._@+<b>", "<a>é<b>"] {
            assert!(message(text, Purpose::Tag).contains("put a `:` between"), "{text}");
        }
        for text in ["<a>:<b>", "<a>-:-<b>", "<a>/<b>", "x<a>", "<a>x"] {
            assert!(pieces(text, Purpose::Tag).is_ok(), "{text}");
        }
        assert!(pieces("<a>*<b>", Purpose::Pattern).is_ok());
    }

    #[test]
    fn return_is_known_only_after_the_body() {
        assert!(message("a:<return.id>", Purpose::Key).contains("is for `tags`"));
        assert!(message("a:<return>", Purpose::KeyOrPattern).contains("no returned value"));
        assert!(pieces("a:<return.id>", Purpose::InvalidatedKey).is_ok());
    }

    #[test]
    fn a_pattern_is_neither_one_key_nor_everything() {
        assert!(message("a:<id>", Purpose::Pattern).contains("write `key = \"a:<id>\"`"));
        assert!(message("*", Purpose::Pattern).contains("everything()"));
        assert!(message("**", Purpose::Pattern).contains("everything()"));
        assert!(pieces("*:a", Purpose::Pattern).is_ok());
    }
}
