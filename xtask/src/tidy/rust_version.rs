//! Rule: the oldest Rust that the project names is the one that it is built with, so that the promise is kept. Builds nothing.

use std::path::Path;

use super::files::File;
use super::violation::Violation;

const TOOLCHAIN: &str = "rust-toolchain.toml";

/// What stands before the version, and where.
const NAMED: [(&str, &str); 2] = [("Cargo.toml", "rust-version = \""), ("README.md", "Rust ")];

/// One violation a line that names another version.
pub(super) fn check(files: &[File]) -> Vec<Violation> {
    let toolchain = files.iter().find(|file| file.path == Path::new(TOOLCHAIN));
    let built = toolchain.and_then(|file| {
        file.text.lines().find_map(|line| version(line.strip_prefix("channel = \"")?))
    });
    let Some(built) = built else {
        return vec![Violation::new(TOOLCHAIN, 0, "names no version of Rust to build with")];
    };
    let mut violations = Vec::new();
    for file in files {
        let named = NAMED.iter().find(|(name, _)| file.path.ends_with(name));
        let Some((_, before)) = named else { continue };
        for (i, line) in file.text.lines().enumerate() {
            let said = line.strip_prefix(before).and_then(version);
            if let Some(said) = said.filter(|said| *said != built) {
                let message = format!(
                    "names Rust {said}, but {TOOLCHAIN} builds with {built}: what nobody builds is no promise"
                );
                violations.push(Violation::new(&file.path, i + 1, message));
            }
        }
    }
    violations
}

/// `1.95` of `1.95.0", ..`: major and minor.
fn version(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let mut dots = text[..end].match_indices('.').map(|(i, _)| i);
    let first = dots.next()?;
    let minor = &text[..dots.next().unwrap_or(end)];
    (minor.len() > first + 1).then_some(minor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(toolchain: &str, manifest: &str, readme: &str) -> Vec<String> {
        let files = [
            File::new(TOOLCHAIN, toolchain),
            File::new("a/Cargo.toml", manifest),
            File::new("README.md", readme),
        ];
        check(&files).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_version_that_is_not_built_with_is_refused_where_it_is_named() {
        let toolchain = "[toolchain]\nchannel = \"1.95.0\"\n";
        let right = "[package]\nrust-version = \"1.95\"\n";
        assert!(checked(toolchain, right, "Rust 1.95 or newer.\nRust services\n").is_empty());
        let old = checked(toolchain, "rust-version = \"1.94\"", "\nRust 1.9 or newer");
        assert_eq!(old.len(), 2, "{old:?}");
        assert!(old[0].starts_with("a/Cargo.toml:1: names Rust 1.94"), "{old:?}");
        assert!(old[1].starts_with("README.md:2: names Rust 1.9,"), "{old:?}");
    }

    #[test]
    fn a_toolchain_without_a_version_is_refused() {
        assert_eq!(checked("channel = \"stable\"\n", "", "").len(), 1);
    }
}
