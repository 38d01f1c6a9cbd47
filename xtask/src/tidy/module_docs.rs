//! Rule: the first line of a Rust file is `//!` and says what the file holds. Cannot judge what
//! it says.

use super::files::File;
use super::violation::Violation;

/// A violation if the file starts otherwise.
pub(super) fn check(file: &File) -> Option<Violation> {
    if !file.is_rust() || file.is_exempt() {
        return None;
    }
    let says = file.text.lines().next()?.strip_prefix("//!").unwrap_or_default();
    let message = "start the file with a `//!` line: what it holds, and what it does not do";
    says.trim().is_empty().then(|| Violation::new(&file.path, 1, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(path: &str, text: &str) -> bool {
        check(&File::new(path, text)).is_some()
    }

    #[test]
    fn a_file_must_say_what_it_holds() {
        assert!(!broken("a/src/x.rs", "//! Holds x.\nfn x() {}"));
        assert!(broken("a/src/x.rs", "fn x() {}"));
        assert!(broken("a/src/x.rs", "//!\n//! Late.\n"));
        assert!(broken("a/src/x.rs", "\n//! Late.\n"));
    }

    #[test]
    fn inputs_of_compile_tests_need_no_docs() {
        assert!(!broken("tests/ui/fail/ttl.rs", "fn main() {}"));
        assert!(!broken("a/readme.md", "hello"));
    }
}
