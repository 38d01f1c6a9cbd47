//! Rule: every option of the macros has its ui cases and its heading in the docs. Does not know
//! what an option means.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};

use super::files::File;
use super::violation::Violation;

/// Where an option is listed.
struct Listed {
    file: String,
    line: usize,
}

/// What is missing for the options in the lists that cached-macros itself works with: the
/// constants there whose names have `OPTIONS` in them.
pub(super) fn check(files: &[File]) -> Vec<Violation> {
    let src = Path::new("cached-macros/src");
    let sources: Vec<&File> = files.iter().filter(|file| file.path.starts_with(src)).collect();
    let mut options = BTreeMap::new();
    for file in &sources {
        let Ok(tokens) = TokenStream::from_str(&file.text) else { continue };
        find_lists(tokens, false, &file.path.to_string_lossy(), &mut options);
    }
    if options.is_empty() && !sources.is_empty() {
        let message = "no constant named `..OPTIONS..` with the options' names was found, so that \
                       their tests and docs cannot be checked";
        return vec![Violation::new(src, 0, message)];
    }
    let missing = options.iter().flat_map(|(option, listed)| {
        let lacks = lacking(option, files).into_iter();
        lacks.map(move |lack| {
            Violation::new(&listed.file, listed.line, format!("`{option}` {lack}"))
        })
    });
    missing.collect()
}

/// Collects the text literals of `const ..OPTIONS..: .. = ..;`.
fn find_lists(
    tokens: TokenStream,
    mut inside: bool,
    file: &str,
    found: &mut BTreeMap<String, Listed>,
) {
    let nested = inside;
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Ident(word) if word == "const" => {
                inside = matches!(trees.peek(), Some(TokenTree::Ident(name)) if name.to_string().contains("OPTIONS"));
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => inside = nested,
            TokenTree::Group(group) => find_lists(group.stream(), inside, file, found),
            TokenTree::Literal(literal) if inside => {
                let text = literal.to_string();
                let option = text.trim_matches('"');
                if option.len() + 2 == text.len() {
                    let listed =
                        Listed { file: file.to_owned(), line: literal.span().start().line };
                    found.entry(option.to_owned()).or_insert(listed);
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
        "const CACHED_OPTIONS: [&str; 2] = [\n\"ttl\", \"cache_if\"];\nconst N: &str = \"x\";";

    fn messages(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<File> = files.iter().map(|(path, text)| File::new(path, text)).collect();
        check(&files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_complete_option_passes() {
        let files = [
            ("cached-macros/src/options.rs", LIST),
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
            ("cached-macros/src/options.rs", LIST),
            ("tests/ui/pass/option_ttl.rs", ""),
            ("tests/ui/fail/ttlx.rs", ""),
            ("docs/MACROS.md", "## `cache_if`\n`ttl` in the text is no heading\n"),
        ];
        let messages = messages(&files);
        assert_eq!(messages.len(), 4, "{messages:?}");
        assert!(messages.iter().all(|m| m.starts_with("cached-macros/src/options.rs:2: `")));
        assert!(messages.iter().any(|m| m.contains("`ttl` has no heading")), "{messages:?}");
        assert!(
            messages
                .iter()
                .any(|m| m.contains("`cache_if` has no tests/ui/pass/option_cache_if.rs"))
        );
    }

    #[test]
    fn a_list_that_moved_is_noticed() {
        assert!(messages(&[("cached-macros/src/lib.rs", "")])[0].contains("OPTIONS"));
        assert_eq!(messages(&[("a/src/lib.rs", "")]), Vec::<String>::new());
    }
}
