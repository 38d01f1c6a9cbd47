//! Rule: every dependency that a Cargo.toml names has its reason in docs/DEPENDENCIES.md. Cannot judge the reason.

use std::path::Path;

use super::files::File;
use super::violation::Violation;

const REASONS: &str = "docs/DEPENDENCIES.md";

/// One violation a mention in a manifest.
pub(super) fn check(files: &[File]) -> Vec<Violation> {
    let reasons = files.iter().find(|file| file.path == Path::new(REASONS));
    let reasons = reasons.map_or("", |file| &file.text);
    let manifests = files.iter().filter(|file| file.path.ends_with("Cargo.toml"));
    let named = manifests.flat_map(|file| named(&file.text).map(move |found| (file, found)));
    let without = named.filter(|(_, (_, name))| !has_name(reasons, name));
    let report = |(file, (line, name)): (&File, (usize, &str))| {
        let message = format!("`{name}` has no reason in {REASONS}: say what it is for");
        Violation::new(&file.path, line, message)
    };
    without.map(report).collect()
}

/// The dependencies that a manifest names, each with its line; not the packages of this workspace, nor the versions
/// that it shares, which are not used by being listed.
fn named(manifest: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    manifest.lines().enumerate().filter_map(move |(i, line)| {
        if let Some(section) = line.strip_prefix('[') {
            let section = section.trim_end().trim_end_matches(']');
            inside = section.ends_with("dependencies") && section != "workspace.dependencies";
            return None;
        }
        let (name, _) = line.split_once('=')?;
        let name = name.split('.').next()?.trim();
        let ours = name.starts_with("cached-") || line.contains("path =");
        (inside && !ours && !name.starts_with('#')).then_some((i + 1, name))
    })
}

/// `name`, not as a part of a longer one.
fn has_name(text: &str, name: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut words = text.split(|c| !is_name(c));
    words.any(|word| word == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_without_a_reason_is_refused_where_it_is_named() {
        let manifest = "[package]\nname = \"a\"\n[dev-dependencies]\n# Why.\nserde.workspace = true\n\
                        syn = { version = \"3\" }\ncached-core.workspace = true\n[features]\nx = []\n";
        let files = [
            File::new("a/Cargo.toml", manifest),
            File::new(REASONS, "| serde, serde_json | values |\n| syn-like | no |"),
        ];
        let messages: Vec<String> = check(&files).iter().map(ToString::to_string).collect();
        assert_eq!(messages.len(), 1, "{messages:?}");
        assert!(messages[0].starts_with("a/Cargo.toml:6: `syn` has no reason"), "{messages:?}");
    }
}
