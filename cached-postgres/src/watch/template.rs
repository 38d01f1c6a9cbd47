//! The templates of a watch: literal text with columns. The grammar is that of the macros (docs/KEYS.md); whether a
//! column exists is not known here.

use std::fmt;

/// What a template names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Key,
    Tag,
    Pattern,
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Column {
        name: String,
        hashed: bool,
    },
    /// `*` or `?`
    Wildcard(char),
}

/// A template that was read.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) pieces: Vec<Piece>,
}

/// The most literal text that a key over its limit keeps (cached-core's rule), so that a lead is never cut.
const MAX_LITERAL_BYTES: usize = 256;

impl Template {
    /// Reads a template.
    pub(super) fn parse(kind: Kind, text: &str) -> Result<Self, String> {
        let pieces = pieces(kind, text).map_err(|problem| format!("{kind} `{text}`: {problem}"))?;
        Ok(Self { kind, text: text.to_owned(), pieces })
    }

    /// The literal text before the first column or wildcard.
    pub(super) fn lead(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Column { name, .. } => Some(name.as_str()),
            _ => None,
        })
    }
}

fn pieces(kind: Kind, text: &str) -> Result<Vec<Piece>, String> {
    if text.is_empty() {
        return Err("names nothing: write text such as `course:<id>`".into());
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (literal, tail) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        push_literal(kind, literal, &mut pieces)?;
        let Some(inside) = tail.strip_prefix('<') else { break };
        let Some((inside, after)) = inside.split_once('>') else {
            return Err("a `<` is not closed: write a column as `<id>`".into());
        };
        pieces.push(column(inside)?);
        rest = after;
    }
    check_literal_bytes(&pieces)?;
    check_separated(&pieces)?;
    if kind == Kind::Pattern {
        check_pattern(&pieces)?;
    }
    Ok(pieces)
}

/// Reads `name` or `name:hash`. A column's name may hold anything but `<`, `>` and `:`.
fn column(inside: &str) -> Result<Piece, String> {
    let (name, hashed) = match inside.split_once(':') {
        None => (inside, false),
        Some((name, "hash")) => (name, true),
        Some((_, other)) => {
            return Err(format!("unknown modifier `:{other}`: the only one is `:hash`"));
        }
    };
    if name.is_empty() || name.contains('<') {
        return Err(format!("`<{inside}>` is no column: write `<id>`"));
    }
    Ok(Piece::Column { name: name.to_owned(), hashed })
}

fn push_literal(kind: Kind, literal: &str, pieces: &mut Vec<Piece>) -> Result<(), String> {
    for c in literal.chars() {
        if matches!(c, '*' | '?') && kind == Kind::Pattern {
            pieces.push(Piece::Wildcard(c));
            continue;
        }
        check_literal_char(c)?;
        match pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(c),
            _ => pieces.push(Piece::Text(c.into())),
        }
    }
    Ok(())
}

/// Literal text must need no escaping, so that patterns and servers see it as it is written.
fn check_literal_char(c: char) -> Result<(), String> {
    match c {
        '*' | '?' => Err(format!("`{c}` is a wildcard: use `Watch::pattern`")),
        '>' => Err("`>` closes nothing: write a column as `<id>`".into()),
        '{' | '}' | '[' | ']' | '\\' | '%' | '~' => {
            Err(format!("`{c}` cannot stand in a template: separate with `:`"))
        }
        c if c.is_whitespace() || c.is_control() => {
            Err("whitespace and controls cannot stand in a template: separate with `:`".into())
        }
        _ => Ok(()),
    }
}

fn check_literal_bytes(pieces: &[Piece]) -> Result<(), String> {
    let literal = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.len(),
        _ => 0,
    });
    match literal.sum::<usize>() {
        0..=MAX_LITERAL_BYTES => Ok(()),
        _ => Err(format!("has more than {MAX_LITERAL_BYTES} bytes of literal text: shorten it")),
    }
}

/// Between two columns stands a character that no rendered value holds.
fn check_separated(pieces: &[Piece]) -> Result<(), String> {
    let may_be_rendered = |c: char| {
        !c.is_ascii() || c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+')
    };
    let mut open = false;
    for piece in pieces {
        match piece {
            Piece::Column { .. } if open => {
                return Err("two columns can run into each other: put a `:` between them".into());
            }
            Piece::Column { .. } => open = true,
            Piece::Text(text) => open &= text.chars().all(may_be_rendered),
            Piece::Wildcard(_) => open = false,
        }
    }
    Ok(())
}

fn check_pattern(pieces: &[Piece]) -> Result<(), String> {
    if pieces.iter().all(|piece| *piece == Piece::Wildcard('*')) {
        return Err("matches every key: narrow it, or give the entries a tag".into());
    }
    if !pieces.iter().any(|piece| matches!(piece, Piece::Wildcard(_))) {
        return Err("has no wildcard, so it is one key: use `Watch::key`".into());
    }
    Ok(())
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "key",
            Self::Tag => "tag",
            Self::Pattern => "pattern",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_literals_are_told_apart() {
        let read = Template::parse(Kind::Pattern, "a:<id>:<mail:hash>:*").unwrap();
        assert_eq!((read.lead(), read.columns().collect::<Vec<_>>()), ("a:", vec!["id", "mail"]));
        assert_eq!(read.pieces.last(), Some(&Piece::Wildcard('*')));
        assert_eq!(Template::parse(Kind::Tag, "<id>:x").unwrap().lead(), "");
    }

    #[test]
    fn what_the_macros_refuse_is_refused() {
        for (kind, text, advice) in [
            (Kind::Key, "", "such as"),
            (Kind::Key, "a:<id", "not closed"),
            (Kind::Key, "a:id>", "closes nothing"),
            (Kind::Key, "a:<>", "is no column"),
            (Kind::Key, "a:<id:hsh>", "`:hash`"),
            (Kind::Key, "a:*", "Watch::pattern"),
            (Kind::Key, "a b", "separate with"),
            (Kind::Key, "a%", "separate with"),
            (Kind::Tag, "<a><b>", "between them"),
            (Kind::Tag, "<a>-<b>", "between them"),
            (Kind::Pattern, "a:<id>", "Watch::key"),
            (Kind::Pattern, "**", "every key"),
        ] {
            let problem = Template::parse(kind, text).unwrap_err();
            assert!(problem.contains(advice), "{problem}");
        }
        assert!(Template::parse(Kind::Key, &"x".repeat(300)).unwrap_err().contains("256"));
        assert!(Template::parse(Kind::Key, "it's:<a>/<b>$cached$").is_ok());
    }
}
