//! Splits template text into literals and the insides of placeholders. Which characters a literal may hold is
//! decided in `parse`.

use super::{EACH, Placeholder};

/// A stretch of template text.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Stretch<'a> {
    Literal(&'a str),
    /// What stands between `<` and `>`.
    Placeholder(&'a str),
}

/// Splits at `<` and `>`.
pub(super) fn split(text: &str) -> Result<Vec<Stretch<'_>>, String> {
    let mut stretches = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let open = rest.find('<').unwrap_or(rest.len());
        let (literal, tail) = rest.split_at(open);
        if literal.contains('>') {
            return Err(format!(
                "`>` closes no placeholder in `{text}`: write `<name>`; a `>` cannot be literal text here"
            ));
        }
        if !literal.is_empty() {
            stretches.push(Stretch::Literal(literal));
        }
        let Some(inside) = tail.strip_prefix('<') else { break };
        let close = inside.find(['<', '>']);
        match close.filter(|at| inside[*at..].starts_with('>')) {
            Some(at) => {
                stretches.push(Stretch::Placeholder(&inside[..at]));
                rest = &inside[at + 1..];
            }
            None => {
                return Err(format!(
                    "`<` opens a placeholder that is not closed in `{text}`: write `<name>`; \
                     a `<` cannot be literal text here"
                ));
            }
        }
    }
    Ok(stretches)
}

/// Reads `root.field.0:hash`; a field `*` is each element of a collection.
pub(super) fn placeholder(inside: &str) -> Result<Placeholder, String> {
    let (path, modifier) = match inside.split_once(':') {
        Some((path, modifier)) => (path, Some(modifier)),
        None => (inside, None),
    };
    let mut names = path.split('.');
    let root = names.next().unwrap_or_default();
    let fields: Vec<String> = names.map(str::to_owned).collect();
    if !is_name(root)
        || !fields.iter().all(|field| is_name(field) || is_index(field) || field == EACH)
    {
        return Err(format!(
            "`<{inside}>` is not a placeholder: write an argument (`<id>`) or a field path \
             (`<filter.page>`, `<pair.0>`), with `:hash` after it to store a digest"
        ));
    }
    let is_no_field =
        |field: &&String| is_reserved(field) || matches!(field.as_str(), "self" | "Self");
    if let Some(reserved) =
        fields.iter().find(is_no_field).map(String::as_str).or(is_reserved(root).then_some(root))
    {
        return Err(format!(
            "`{reserved}` in `<{inside}>` is no name of a value: give the argument or the field a name of its own"
        ));
    }
    let hashed = match modifier {
        None => false,
        Some("hash") => true,
        Some(other) => {
            return Err(format!(
                "unknown modifier `:{other}` in `<{inside}>`; the only one is `:hash`"
            ));
        }
    };
    Ok(Placeholder { root: root.to_owned(), fields, hashed })
}

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c == '_' || c.is_alphabetic())
        && chars.all(|c| c == '_' || c.is_alphanumeric())
}

/// Keywords that cannot be raw identifiers: nothing has such a name.
fn is_reserved(text: &str) -> bool {
    matches!(text, "_" | "crate" | "super")
}

fn is_index(text: &str) -> bool {
    text == "0" || (!text.starts_with('0') && text.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_split_at_placeholders() {
        let stretches = split("a:<b>:<c.d>").unwrap();
        assert_eq!(
            stretches,
            [
                Stretch::Literal("a:"),
                Stretch::Placeholder("b"),
                Stretch::Literal(":"),
                Stretch::Placeholder("c.d"),
            ]
        );
    }

    #[test]
    fn brackets_must_match() {
        for (text, part) in
            [("a<b", "not closed"), ("a<b<c>", "not closed"), ("a>b", "closes no placeholder")]
        {
            assert!(split(text).unwrap_err().contains(part), "{text}");
        }
    }

    #[test]
    fn placeholders_have_fields_and_a_modifier() {
        let read = placeholder("filter.page.0:hash").unwrap();
        assert_eq!(
            (read.root.as_str(), read.fields, read.hashed),
            ("filter", vec!["page".to_owned(), "0".to_owned()], true)
        );
    }

    #[test]
    fn a_star_is_a_field() {
        assert_eq!(placeholder("return.*").unwrap().fields, ["*"]);
        assert_eq!(placeholder("return.a.*.id").unwrap().fields, ["a", "*", "id"]);
        for inside in ["*", "*.id", "return.**", "return*", "return.a*"] {
            assert!(placeholder(inside).is_err(), "{inside}");
        }
    }

    #[test]
    fn other_insides_are_refused() {
        for inside in ["", "a b", "a+1", "a.", ".a", "a()", "a.01", "1", "a::b"] {
            assert!(placeholder(inside).is_err(), "{inside}");
        }
        for inside in ["_", "crate", "super", "a.super", "a.self", "a._", "a.Self.b"] {
            assert!(placeholder(inside).unwrap_err().contains("no name of a value"), "{inside}");
        }
        assert!(placeholder("self.type").is_ok() && placeholder("_id").is_ok());
        assert!(placeholder("id:hsh").unwrap_err().contains("the only one is `:hash`"));
    }
}
