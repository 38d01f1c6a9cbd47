//! Rule: every option of the macros has its ui cases and its heading in the docs, and every setting of the builder its
//! row. Does not know what an option means.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};

use super::files::File;
use super::violation::Violation;

/// The file with the lists that cached-macros itself works with, and the lists' names.
const LISTS: &str = "cached-macros/src/options/names.rs";
const NAMES: [&str; 2] = ["CACHED", "INVALIDATES"];

/// Where the settings of a cache are methods, and where each has a row.
const BUILDER: &str = "cached-core/src/builder";
const ROWS: &str = "docs/OPTIONS.md";

/// What is missing for the options in the macros' own lists, and for the builder's methods.
pub(super) fn check(files: &[File]) -> Vec<Violation> {
    let mut missing = of_macros(files);
    missing.extend(of_builder(files));
    missing
}

/// Settings without a row.
fn of_builder(files: &[File]) -> Vec<Violation> {
    let rows = files.iter().find(|file| file.path == Path::new(ROWS));
    let has_row = |name: &str| {
        let mut lines = rows.iter().flat_map(|rows| rows.text.lines());
        lines.any(|line| line.starts_with(&format!("| [`{name}`](#")))
    };
    let is_builders =
        |file: &&File| file.is_rust() && file.path.to_string_lossy().starts_with(BUILDER);
    let mut missing = Vec::new();
    for file in files.iter().filter(is_builders) {
        for (at, line) in file.text.lines().enumerate() {
            let Some(name) = line.strip_prefix("    pub fn ").and_then(|rest| {
                rest.split(['(', '<'])
                    .next()
                    .filter(|_| rest.contains("(mut self") || rest.ends_with('('))
            }) else {
                continue;
            };
            if !has_row(name) {
                let message =
                    format!("the setting `{name}` has no row in {ROWS} with a link to its example");
                missing.push(Violation::new(file.path.clone(), at + 1, message));
            }
        }
    }
    missing
}

fn of_macros(files: &[File]) -> Vec<Violation> {
    if !files.iter().any(|file| file.path.starts_with("cached-macros")) {
        return Vec::new();
    }
    let mut options = BTreeMap::new();
    let lists = files.iter().find(|file| file.path == Path::new(LISTS));
    let tokens = lists.and_then(|lists| TokenStream::from_str(&lists.text).ok());
    find_lists(tokens.unwrap_or_default(), false, &mut options);
    if options.is_empty() {
        let message = format!(
            "no options were found in the constants {} here, so that their tests and docs cannot \
             be checked: correct xtask/src/tidy/options.rs",
            NAMES.join(" and ")
        );
        return vec![Violation::new(LISTS, 0, message)];
    }
    let missing = options.iter().flat_map(|(option, line)| {
        let lacks = lacking(option, files).into_iter();
        lacks.map(move |lack| Violation::new(LISTS, *line, format!("`{option}` {lack}")))
    });
    missing.collect()
}

/// Collects the text literals of `const CACHED: .. = ..;` with their lines.
fn find_lists(tokens: TokenStream, mut inside: bool, found: &mut BTreeMap<String, usize>) {
    let nested = inside;
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Ident(word) if word == "const" => {
                let Some(TokenTree::Ident(name)) = trees.peek() else { continue };
                inside = NAMES.iter().any(|list| name == list);
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => inside = nested,
            TokenTree::Group(group) => find_lists(group.stream(), inside, found),
            TokenTree::Literal(literal) if inside => {
                let text = literal.to_string();
                let option = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
                if let Some(option) = option {
                    found.entry(option.to_owned()).or_insert(literal.span().start().line);
                }
            }
            _ => {}
        }
    }
}

/// What to write for this option.
fn lacking(option: &str, files: &[File]) -> Vec<String> {
    let mut lacks = Vec::new();
    let pass = format!("tests/ui/pass/option_{option}.rs");
    if !files.iter().any(|file| file.path == Path::new(&pass)) {
        lacks.push(format!("has no {pass} that shows right use"));
    }
    let is_fail_case = |file: &&File| {
        let name = file.path.file_stem().unwrap_or_default().to_string_lossy();
        file.path.starts_with("tests/ui/fail") && file.is_rust() && has_words(&name, option)
    };
    if !files.iter().any(|file| is_fail_case(&file)) {
        lacks.push(format!("has no case of wrong use: tests/ui/fail/option_{option}.rs"));
    }
    let docs = files.iter().find(|file| file.path == Path::new("docs/MACROS.md"));
    let heading = format!("`{option}`");
    let mut headings =
        docs.iter().flat_map(|docs| docs.text.lines()).filter(|l| l.starts_with('#'));
    if !headings.any(|line| line.contains(&heading)) {
        lacks.push(format!("has no heading with {heading} in docs/MACROS.md"));
    }
    lacks
}

/// `a_b` in `x_a_b_y`, not in `x_a_bc`.
fn has_words(name: &str, words: &str) -> bool {
    format!("_{name}_").contains(&format!("_{words}_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str =
        "const CACHED: [&str; 2] = [\n\"ttl\", \"cache_if\"];\nconst N: &str = \"x\";";

    fn messages(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<File> = files.iter().map(|(path, text)| File::new(path, text)).collect();
        check(&files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_complete_option_passes() {
        let files = [
            ("cached-macros/src/options/names.rs", LIST),
            ("tests/ui/pass/option_ttl.rs", ""),
            ("tests/ui/fail/ttl_unknown.rs", ""),
            ("tests/ui/pass/option_cache_if.rs", ""),
            ("tests/ui/fail/twice_cache_if.rs", ""),
            ("docs/MACROS.md", "# Macros\n## `ttl`\ntext\n## `cache_if`, `none`\n"),
        ];
        assert_eq!(messages(&files), Vec::<String>::new());
    }

    #[test]
    fn each_missing_part_is_named_at_the_list() {
        let files = [
            ("cached-macros/src/options/names.rs", LIST),
            ("tests/ui/pass/option_ttl.rs", ""),
            ("tests/ui/fail/ttlx.rs", ""),
            ("docs/MACROS.md", "## `cache_if`\n`ttl` in the text is no heading\n"),
        ];
        let messages = messages(&files);
        assert_eq!(messages.len(), 4, "{messages:?}");
        assert!(messages.iter().all(|m| m.starts_with("cached-macros/src/options/names.rs:2: `")));
        assert!(messages.iter().any(|m| m.contains("`ttl` has no heading")), "{messages:?}");
        assert!(
            messages
                .iter()
                .any(|m| m.contains("`cache_if` has no tests/ui/pass/option_cache_if.rs"))
        );
    }

    #[test]
    fn a_setting_without_a_row_is_named() {
        let builder = "impl B {\n    pub fn a(mut self) {}\n    pub fn b<T>(mut self, t: T) {}\n    \
            pub fn build(self) {}\n}\n";
        let files = [
            ("cached-core/src/builder/x.rs", builder),
            ("docs/OPTIONS.md", "| [`a`](#a) | |\n`b`\n"),
        ];
        let messages = messages(&files);
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(
            messages[0].starts_with("cached-core/src/builder/x.rs:3: the setting `b` has no row")
        );
    }

    #[test]
    fn a_list_that_moved_is_noticed() {
        assert!(messages(&[("cached-macros/src/lib.rs", "")])[0].contains("no options were found"));
        assert_eq!(messages(&[("a/src/lib.rs", "")]), Vec::<String>::new());
    }
}
