//! What a module defines, imports and mentions by path, read from its tokens. Resolves nothing.

use std::collections::HashSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::source::line;

/// One module, a file's or one written inline.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The names inside the file, from its outermost module to this one; empty for the file's own.
    pub(super) inline: Vec<String>,
    pub(super) defined: HashSet<String>,
    pub(super) mentions: Vec<Mention>,
}

/// A path in a `use` or in code.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) path: Vec<String>,
    pub(super) line: usize,
    pub(super) kind: Kind,
}

/// Where a path stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `use path as name;` (the name is the last one of the path without `as`).
    Use { name: String, public: bool },
    /// `use path::*;`
    Glob { public: bool },
    /// Anywhere else.
    Code,
}

/// The modules of a file: its own first, then those written inline.
pub(super) fn read(tokens: TokenStream) -> Vec<Names> {
    let mut modules = vec![Names::default()];
    walk(tokens, 0, true, &mut modules);
    modules
}

const ITEMS: [&str; 9] =
    ["fn", "struct", "enum", "union", "trait", "type", "const", "static", "mod"];

/// `items`: whether these tokens are the items of module `at`, not of a function or an impl.
fn walk(tokens: TokenStream, at: usize, items: bool, modules: &mut Vec<Names>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut i = 0;
    while i < trees.len() {
        let here = &trees[i..];
        match here {
            [TokenTree::Ident(word), next, ..] if word == "use" && !is_punct(next, '<') => {
                let end = here.iter().position(|tree| is_punct(tree, ';')).unwrap_or(here.len());
                let public = is_public(&trees[..i]);
                use_tree(&here[1..end], &mut Vec::new(), public, &mut modules[at].mentions);
                i += end;
            }
            [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Group(body), ..]
                if word == "mod" =>
            {
                modules[at].defined.insert(name.to_string());
                let mut inline = modules[at].inline.clone();
                inline.push(name.to_string());
                modules.push(Names { inline, ..Names::default() });
                walk(body.stream(), modules.len() - 1, true, modules);
                i += 2;
            }
            [TokenTree::Ident(word), TokenTree::Ident(name), ..]
                if items && ITEMS.iter().any(|item| word == item) =>
            {
                modules[at].defined.insert(name.to_string());
            }
            [TokenTree::Ident(word), bang, TokenTree::Ident(name), ..]
                if word == "macro_rules" && is_punct(bang, '!') =>
            {
                modules[at].defined.insert(name.to_string());
            }
            [TokenTree::Ident(_), ..] if is_path_start(&trees, i) => {
                let path = path_at(here);
                i += 3 * (path.len() - 1);
                let mention = Mention { path, line: line(&here[0]), kind: Kind::Code };
                modules[at].mentions.push(mention);
            }
            [TokenTree::Group(group), ..] => walk(group.stream(), at, false, modules),
            _ => {}
        }
        i += 1;
    }
}

/// `a::` that is not itself after a `::`.
fn is_path_start(trees: &[TokenTree], i: usize) -> bool {
    let after_colons = i >= 2 && is_colons(&trees[i - 2..]);
    !after_colons && is_colons(&trees[i + 1..])
}

/// `a::b::c` at the start; stops before generics.
fn path_at(mut trees: &[TokenTree]) -> Vec<String> {
    let mut path = Vec::new();
    while let [TokenTree::Ident(word), rest @ ..] = trees {
        path.push(word.to_string());
        if !is_colons(rest) {
            break;
        }
        trees = &rest[2..];
    }
    path
}

fn is_colons(trees: &[TokenTree]) -> bool {
    matches!(trees, [a, b, ..] if is_punct(a, ':') && is_punct(b, ':'))
}

fn is_punct(tree: &TokenTree, character: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == character)
}

/// Whether what ends here is `pub` or `pub(..)`.
fn is_public(before: &[TokenTree]) -> bool {
    match before {
        [.., TokenTree::Ident(word)] => word == "pub",
        [.., TokenTree::Ident(word), TokenTree::Group(group)] => {
            word == "pub" && group.delimiter() == Delimiter::Parenthesis
        }
        _ => false,
    }
}

/// One branch of a use tree, and all branches below it.
fn use_tree(trees: &[TokenTree], path: &mut Vec<String>, public: bool, out: &mut Vec<Mention>) {
    let depth = path.len();
    let mut i = 0;
    while i < trees.len() {
        match &trees[i] {
            TokenTree::Ident(word) if word == "as" => {
                if let (Some(TokenTree::Ident(alias)), Some(mention)) =
                    (trees.get(i + 1), out.last_mut())
                {
                    mention.kind = Kind::Use { name: alias.to_string(), public };
                }
                i += 1;
            }
            TokenTree::Ident(word) => {
                // `self` at the end of a group is the module before it.
                if word != "self" || path.is_empty() {
                    path.push(word.to_string());
                }
                if !is_colons(&trees[i + 1..]) {
                    let name = path.last().cloned().unwrap_or_default();
                    let kind = Kind::Use { name, public };
                    out.push(Mention { path: path.clone(), line: line(&trees[i]), kind });
                }
            }
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                for branch in inner.split(|tree| is_punct(tree, ',')) {
                    use_tree(branch, path, public, out);
                }
            }
            star if is_punct(star, '*') => {
                let kind = Kind::Glob { public };
                out.push(Mention { path: path.clone(), line: line(star), kind });
            }
            _ => {}
        }
        i += 1;
    }
    path.truncate(depth);
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    fn mentions(text: &str) -> Vec<String> {
        let modules = read(TokenStream::from_str(text).expect("lexable"));
        let all = modules.iter().flat_map(|names| {
            names.mentions.iter().map(|mention| {
                let inline = names.inline.join("/");
                let path = mention.path.join("::");
                match &mention.kind {
                    Kind::Use { name, public: true } => {
                        format!("{inline} pub use {path} as {name}")
                    }
                    Kind::Use { name, .. } => format!("{inline} use {path} as {name}"),
                    Kind::Glob { .. } => format!("{inline} use {path}::*"),
                    Kind::Code => format!("{inline} {path}"),
                }
            })
        });
        all.map(|text| text.trim().to_owned()).collect()
    }

    #[test]
    fn use_trees_are_taken_apart() {
        let text = "use a::{self, b::{C, D as E}, f::*};\npub(crate) use super::g::H;";
        let expected = [
            "use a as a",
            "use a::b::C as C",
            "use a::b::D as E",
            "use a::f::*",
            "pub use super::g::H as H",
        ];
        assert_eq!(mentions(text), expected);
    }

    #[test]
    fn paths_in_code_are_found() {
        let text = "fn f(x: crate::a::B<c::D>) -> impl T + use<'_> { super::e::<u8>(\"g::h\") }";
        assert_eq!(mentions(text), ["crate::a::B", "c::D", "super::e"]);
    }

    #[test]
    fn inline_modules_stand_for_themselves() {
        let text = "mod a { use super::B; mod c { use super::D; } }\nstruct E;";
        assert_eq!(mentions(text), ["a use super::B as B", "a/c use super::D as D"]);
        let modules = read(TokenStream::from_str(text).expect("lexable"));
        assert!(modules[0].defined.contains("E") && modules[0].defined.contains("a"));
        assert!(modules[1].defined.contains("c") && !modules[1].defined.contains("E"));
    }
}
