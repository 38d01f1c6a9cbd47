//! A Rust file as tokens, with its tests taken out. Finds functions; follows no imports.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use super::files::File;

/// A lexed file.
pub(super) struct Source {
    pub(super) path: PathBuf,
    /// Number of lines.
    pub(super) lines: usize,
    /// What is left without the items under `#[cfg(test)]`.
    pub(super) tokens: TokenStream,
    /// The lines of the items under `#[cfg(test)]`.
    pub(super) test_lines: Vec<RangeInclusive<usize>>,
    /// Names of `#[cfg(test)] mod name;`.
    pub(super) test_modules: Vec<String>,
    /// Every function, tests included.
    pub(super) functions: Vec<Function>,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: String,
    /// From `fn` to the closing brace.
    pub(super) lines: RangeInclusive<usize>,
}

impl Source {
    /// None for what is not Rust, not ours to judge, or not lexable (rustc will say so better).
    pub(super) fn of(file: &File) -> Option<Self> {
        if !file.is_rust() || file.is_exempt() {
            return None;
        }
        // The lexer leaves the `#!` line of scripts to us; no file here has one.
        let tokens = TokenStream::from_str(&file.text).ok()?;
        let mut functions = Vec::new();
        find_functions(tokens.clone(), &mut functions);
        let mut tests = Tests::default();
        let lines = file.text.lines().count();
        let tokens = tests.take_out_of(tokens, lines);
        let (test_lines, test_modules) = (tests.lines, tests.modules);
        let path = file.path.clone();
        Some(Self { path, lines, tokens, test_lines, test_modules, functions })
    }
}

fn find_functions(tokens: TokenStream, found: &mut Vec<Function>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for (i, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => find_functions(group.stream(), found),
            TokenTree::Ident(word) if word == "fn" => {
                let Some(TokenTree::Ident(name)) = trees.get(i + 1) else { continue };
                let Some(body) = body_of(&trees[i + 2..]) else { continue };
                let lines = line(tree)..=body.span_close().end().line;
                found.push(Function { name: name.to_string(), lines });
            }
            _ => {}
        }
    }
}

/// The first group in braces before a `;`.
fn body_of(trees: &[TokenTree]) -> Option<&Group> {
    for tree in trees {
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return Some(group),
            TokenTree::Punct(punct) if punct.as_char() == ';' => return None,
            _ => {}
        }
    }
    None
}

/// The line on which a token starts.
pub(super) fn line(tree: &TokenTree) -> usize {
    tree.span().start().line
}

#[derive(Default)]
struct Tests {
    lines: Vec<RangeInclusive<usize>>,
    modules: Vec<String>,
}

impl Tests {
    fn take_out_of(&mut self, tokens: TokenStream, last_line: usize) -> TokenStream {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut left = TokenStream::new();
        let mut i = 0;
        while i < trees.len() {
            if let [hash, TokenTree::Punct(bang), TokenTree::Group(attribute), ..] = &trees[i..]
                && is_punct(hash, '#')
                && bang.as_char() == '!'
                && is_cfg_test(attribute)
            {
                self.lines.push(1..=last_line);
                return TokenStream::new();
            }
            if let [hash, TokenTree::Group(attribute), ..] = &trees[i..]
                && is_punct(hash, '#')
                && is_cfg_test(attribute)
            {
                let end = self.end_of_item(&trees, i + 2);
                self.lines.push(line(hash)..=trees[end].span().end().line);
                i = end + 1;
                continue;
            }
            left.extend([match &trees[i] {
                TokenTree::Group(group) => {
                    let inner = self.take_out_of(group.stream(), last_line);
                    let mut stripped = Group::new(group.delimiter(), inner);
                    stripped.set_span(group.span());
                    TokenTree::Group(stripped)
                }
                other => other.clone(),
            }]);
            i += 1;
        }
        left
    }

    /// The index of the last token of the item that starts at `from`.
    fn end_of_item(&mut self, trees: &[TokenTree], from: usize) -> usize {
        let rest = trees.iter().enumerate().skip(from);
        for (i, tree) in rest {
            match tree {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return i,
                TokenTree::Punct(punct) if ends_item(punct.as_char(), &trees[from..i]) => {
                    if let [.., TokenTree::Ident(word), TokenTree::Ident(name)] = &trees[from..i]
                        && word == "mod"
                    {
                        self.modules.push(name.to_string());
                    }
                    return i;
                }
                _ => {}
            }
        }
        trees.len() - 1
    }
}

/// `;` ends an item. `,` ends a field, a variant or an argument, but not an item, which may
/// have commas among its generics.
fn ends_item(character: char, before: &[TokenTree]) -> bool {
    let items = ["fn", "impl", "struct", "enum", "trait", "mod", "use", "type"];
    let is_item = |tree: &TokenTree| matches!(tree, TokenTree::Ident(word) if items.iter().any(|item| word == item));
    character == ';' || (character == ',' && !before.iter().any(is_item))
}

fn is_punct(tree: &TokenTree, character: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == character)
}

/// `[cfg(test)]` or `[cfg(all(test, ..))]`.
fn is_cfg_test(attribute: &Group) -> bool {
    let text: String = attribute.stream().to_string().split_whitespace().collect();
    text == "cfg(test)" || text.starts_with("cfg(all(test,")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::of(&File::new("a/src/x.rs", text)).expect("lexable")
    }

    fn functions(text: &str) -> Vec<(String, RangeInclusive<usize>)> {
        source(text).functions.into_iter().map(|f| (f.name, f.lines)).collect()
    }

    #[test]
    fn braces_in_text_are_no_braces() {
        let text = "fn a() {\n    let s = \"}\"; // }\n    let c = '}';\n    let l: &'static str = r#\"}\"}\"#;\n    /* } */\n}\nfn b() {}\n";
        assert_eq!(functions(text), [("a".to_owned(), 1..=6), ("b".to_owned(), 7..=7)]);
    }

    #[test]
    fn declarations_and_pointers_are_no_functions() {
        assert_eq!(functions("trait T { fn a(&self); }\ntype F = fn(u8) -> u8;\nstruct S {}"), []);
    }

    #[test]
    fn a_signature_counts_and_attributes_do_not() {
        let text = "#[inline]\npub fn a(\n    x: u8,\n) -> u8\nwhere\n{\n    x\n}\n";
        assert_eq!(functions(text), [("a".to_owned(), 2..=8)]);
    }

    #[test]
    fn tests_are_taken_out() {
        let text = "use a::B;\n#[cfg(test)]\n#[allow(unused)]\nmod tests {\n    use c::D;\n}\n#[cfg(test)]\nmod more;\nfn x() {}\n";
        let source = source(text);
        assert_eq!(source.test_lines, [2..=6, 7..=8]);
        assert_eq!(source.test_modules, ["more"]);
        let left = source.tokens.to_string();
        assert!(!left.contains('D') && left.contains("fn x"), "{left}");
    }

    #[test]
    fn a_test_item_ends_where_it_ends() {
        let left = |text: &str| source(text).tokens.to_string();
        let function = left("#[cfg(test)]\nfn a<B, C>() {}\nfn d() {}");
        assert!(function.starts_with("fn d"), "{function}");
        let field = left("struct S {\n    #[cfg(test)]\n    a: u8,\n    b: u8,\n}");
        assert!(!field.contains('a') && field.contains("b : u8"), "{field}");
    }

    #[test]
    fn other_conditions_stay() {
        assert_eq!(source("#[cfg(feature = \"test\")]\nmod a {}").test_lines, []);
        assert_eq!(source("#[cfg(not(test))]\nmod a {}").test_lines, []);
    }
}
