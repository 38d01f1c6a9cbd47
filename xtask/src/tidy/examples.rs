//! Rule: every row of docs/OPTIONS.md names something that the example of its section uses. That the examples run is the
//! tests' business, and that every option has a row that of `options`.

use std::path::Path;
use std::str::FromStr;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use super::files::File;
use super::violation::Violation;

const ROWS: &str = "docs/OPTIONS.md";

/// The tables whose names stand in attributes; those of all others are called.
const ATTRIBUTES: [(&str, &str); 2] =
    [("`#[cached]`", "cached"), ("`#[invalidates]`", "invalidates")];

/// What is under a heading.
struct Section<'a> {
    /// The `##` heading that it belongs to.
    part: &'a str,
    anchor: String,
    code: String,
}

/// A line of a table whose first column is "name".
struct Row<'a> {
    line: usize,
    cell: &'a str,
    part: &'a str,
}

/// Rows whose example lacks what they name.
pub(super) fn check(files: &[File]) -> Vec<Violation> {
    let Some(file) = files.iter().find(|file| file.path == Path::new(ROWS)) else {
        return Vec::new();
    };
    let (sections, rows) = read(&file.text);
    let lacks = rows.iter().flat_map(|row| {
        let section = match target(row.cell) {
            Some(anchor) => sections.iter().find(|section| section.anchor == anchor),
            None => sections.iter().find(|section| section.part == row.part),
        };
        let lacks = match section {
            None => vec![format!("{} links to no section here", row.cell)],
            Some(section) => unused(row, &section.code),
        };
        lacks.into_iter().map(|lack| Violation::new(ROWS, row.line, lack))
    });
    lacks.collect()
}

fn unused(row: &Row<'_>, code: &str) -> Vec<String> {
    let attribute = ATTRIBUTES.iter().find(|(part, _)| *part == row.part);
    let Ok(tokens) = TokenStream::from_str(code) else {
        return vec![format!("the example of {} is no Rust", row.cell)];
    };
    let is_used = |name: &str| match attribute {
        Some((_, attribute)) => is_given(name, attribute, tokens.clone()),
        None => is_called(name, tokens.clone()),
    };
    let unused = names(row.cell).filter(|name| !is_used(name));
    unused.map(|name| format!("the example of `{name}` does not use it: show it there")).collect()
}

fn read(text: &str) -> (Vec<Section<'_>>, Vec<Row<'_>>) {
    let (mut sections, mut rows) = (Vec::<Section<'_>>::new(), Vec::new());
    let (mut part, mut in_code, mut in_table) = ("", false, false);
    for (at, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            in_code = !in_code;
        } else if in_code {
            if let Some(section) = sections.last_mut() {
                section.code.push_str(line.strip_prefix("# ").unwrap_or(line));
                section.code.push('\n');
            }
        } else if let Some(heading) = line.strip_prefix("##") {
            let title = heading.trim_start_matches('#').trim();
            part = if heading.starts_with('#') { part } else { title };
            sections.push(Section { part, anchor: anchor(title), code: String::new() });
        } else if in_table && line.starts_with("| ") {
            rows.push(Row {
                line: at + 1,
                cell: line.split('|').nth(1).unwrap_or_default().trim(),
                part,
            });
        } else {
            in_table = line.starts_with("| name |") || (in_table && line.starts_with('|'));
        }
    }
    (sections, rows)
}

/// What GitHub makes of a heading.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

/// Where a row's cell leads.
fn target(cell: &str) -> Option<&str> {
    cell.split_once("](#")?.1.split(')').next()
}

/// The code in a row's cell, without paths and arguments: `scope` of `` `cache.scope(future)` ``.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    let code = cell.split('`').skip(1).step_by(2);
    code.filter_map(|code| code.split('(').next()?.rsplit(['.', ':']).next())
}

/// Whether an attribute has an argument of this name: `#[cached(name = ..)]`, `#[cached(.., name(..))]`.
fn is_given(name: &str, attribute: &str, tokens: TokenStream) -> bool {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let nested = trees.iter().any(|tree| match tree {
        TokenTree::Group(group) => is_given(name, attribute, group.stream()),
        _ => false,
    });
    nested
        || trees.windows(2).any(|pair| match pair {
            [TokenTree::Ident(ident), TokenTree::Group(arguments)] if ident == attribute => {
                has_argument(name, arguments.stream())
            }
            _ => false,
        })
}

fn has_argument(name: &str, arguments: TokenStream) -> bool {
    let mut begins = true;
    arguments.into_iter().any(|tree| {
        let found = begins && matches!(&tree, TokenTree::Ident(ident) if ident == name);
        begins = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == ',');
        found
    })
}

/// Whether something of this name is called, or something in it: `.name(..)`, `Name::new()`. Not where it is defined.
fn is_called(name: &str, tokens: TokenStream) -> bool {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    trees.iter().enumerate().any(|(at, tree)| match tree {
        TokenTree::Group(group) => is_called(name, group.stream()),
        TokenTree::Ident(ident) if ident == name => {
            let defines = at.checked_sub(1).and_then(|before| trees.get(before));
            let defines = matches!(defines, Some(TokenTree::Ident(word)) if word == "fn");
            let calls = match trees.get(at + 1) {
                Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Parenthesis,
                Some(TokenTree::Punct(punct)) => {
                    punct.as_char() == ':' && punct.spacing() == Spacing::Joint
                }
                _ => false,
            };
            calls && !defines
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        let found = check(&[File::new(ROWS, text)]);
        found.iter().map(|violation| violation.line).collect()
    }

    #[test]
    fn an_option_stands_in_the_attribute_of_its_example() {
        let rows = "## `#[cached]`\n| name | value |\n|---|---|\n| [`ttl`](#ttl) | x |\n";
        let example = |code: &str| format!("{rows}### `ttl`\n```rust\n{code}\n```\n");
        for used in [
            "#[cached(ttl = 1)]",
            "#[x::cached(a(b), ttl(1))]",
            "mod m { #[cached(ttl)] fn f() {} }",
        ] {
            assert_eq!(lines(&example(used)), [0_usize; 0], "{used}");
        }
        for unused in [
            "#[cached(a = ttl)]",
            "#[cached(a(ttl))]",
            "cache.ttl(1);",
            "#[other(ttl = 1)]",
            "// ttl",
        ] {
            assert_eq!(lines(&example(unused)), [4], "{unused}");
        }
    }

    #[test]
    fn everything_else_is_called_in_its_example() {
        let part = "## Scopes\n| name | what |\n|---|---|\n| `cache.scope(f)`, `x::Layer` | |\n";
        let example = |code: &str| format!("{part}\n```rust\n{code}\n```\n");
        assert_eq!(lines(&example("fn main() { c.scope(f); Layer::new(); }")), [0_usize; 0]);
        for unused in [
            "use c::{scope, Layer}; Layer::new()",
            "fn scope() {} Layer::new()",
            "c.scope(f); let x: Layer = y;",
            "c.scope(f); X { Layer: 1 }",
        ] {
            assert_eq!(lines(&example(unused)), [4], "{unused}");
        }
    }

    #[test]
    fn a_link_leads_to_a_section() {
        let text = "## B\n| name | |\n|---|---|\n| [`a`](#a-of-c) | |\n| [a b](#gone) | |\n\n| `not_a_name` |\n\
            ### `a` of `c`!\n```rust\nb.a();\n```\n";
        assert_eq!(lines(text), [5]);
    }
}
