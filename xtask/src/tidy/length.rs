//! Rule: files and functions stay short enough to read. Tests are counted apart.

use super::source::Source;
use super::violation::Violation;

const FILE_NOTICE: usize = 300;
const FILE_LIMIT: usize = 500;
const FUNCTION_LIMIT: usize = 80;

/// Notices, and violations.
pub(super) fn check(sources: &[Source]) -> (Vec<Violation>, Vec<Violation>) {
    let (mut notices, mut violations) = (Vec::new(), Vec::new());
    for source in sources {
        let length = length_without_tests(source);
        if length > FILE_LIMIT {
            let message = format!(
                "{length} lines without tests, the limit is {FILE_LIMIT}: split it by question"
            );
            violations.push(Violation::new(&source.path, 0, message));
        } else if length > FILE_NOTICE {
            let message = format!("{length} lines: more than one idea? (limit {FILE_LIMIT})");
            notices.push(Violation::new(&source.path, 0, message));
        }
        for function in &source.functions {
            let (start, end) = (*function.lines.start(), *function.lines.end());
            let length = end - start + 1;
            if length > FUNCTION_LIMIT {
                let message = format!(
                    "fn {} has {length} lines, the limit is {FUNCTION_LIMIT}: give its parts names",
                    function.name
                );
                violations.push(Violation::new(&source.path, start, message));
            }
        }
    }
    (notices, violations)
}

/// Zero for a file that holds nothing but tests (`tests/`, `benches/`, `tests.rs`).
fn length_without_tests(source: &Source) -> usize {
    let path = source.path.with_extension("");
    let folders = ["tests", "benches"];
    // `tests/src` is a crate of tests too.
    if path.components().any(|part| folders.iter().any(|name| part.as_os_str() == *name)) {
        return 0;
    }
    let tests: usize = source.test_lines.iter().map(|lines| lines.clone().count()).sum();
    source.lines.saturating_sub(tests)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::files::File;

    fn run(path: &str, text: &str) -> (usize, Vec<String>) {
        let source = Source::of(&File::new(path, text)).expect("lexable");
        let (notices, violations) = check(&[source]);
        (notices.len(), violations.iter().map(ToString::to_string).collect())
    }

    fn items(count: usize) -> String {
        "const A: u8 = 0;\n".repeat(count)
    }

    #[test]
    fn files_are_noticed_and_then_refused() {
        assert_eq!(run("a/src/x.rs", &items(300)), (0, vec![]));
        assert_eq!(run("a/src/x.rs", &items(301)), (1, vec![]));
        let (notices, violations) = run("a/src/x.rs", &items(501));
        assert_eq!((notices, violations.len()), (0, 1));
        assert!(violations[0].starts_with("a/src/x.rs: 501 lines"), "{violations:?}");
    }

    #[test]
    fn tests_are_counted_apart() {
        let text = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", items(200), items(400));
        assert_eq!(run("a/src/x.rs", &text), (0, vec![]));
        assert_eq!(run("a/tests/x.rs", &items(900)), (0, vec![]));
    }

    #[test]
    fn a_long_function_is_refused_at_its_line() {
        let body = |lines: usize| format!("\nfn f() {{\n{}}}\n", "    g();\n".repeat(lines));
        assert_eq!(run("a/src/x.rs", &body(78)).1, Vec::<String>::new());
        let violations = run("a/src/x.rs", &body(79)).1;
        assert!(violations[0].starts_with("a/src/x.rs:2: fn f has 81 lines"), "{violations:?}");
    }
}
