//! Rule: a Markdown link into this repository leads somewhere. Links to elsewhere are not followed.

use std::path::{Component, Path, PathBuf};

use super::files::File;
use super::violation::Violation;

/// `exists` says whether there is a file or folder at a path of the workspace.
pub(super) fn check(file: &File, exists: impl Fn(&Path) -> bool) -> Vec<Violation> {
    if file.path.extension().is_none_or(|extension| extension != "md") {
        return Vec::new();
    }
    let folder = file.path.parent().unwrap_or(Path::new(""));
    let mut violations = Vec::new();
    for (i, line) in file.text.lines().enumerate() {
        for target in targets(line) {
            if !exists(&normal(&folder.join(target))) {
                let message = format!("the link to `{target}` leads nowhere: correct it");
                violations.push(Violation::new(&file.path, i + 1, message));
            }
        }
    }
    violations
}

/// What `](..)` names, without fragments.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let after = line.match_indices("](").map(|(at, found)| &line[at + found.len()..]);
    let targets = after.filter_map(|rest| rest.split([')', ' ', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.contains(':'))
}

/// Without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_link_that_leads_nowhere_is_refused() {
        let text = "[a](KEYS.md#parts) [b](../README.md)\n[c](https://example.org/x) [d](#here)\n[e](GONE.md)\n";
        let exists =
            |path: &Path| ["docs/KEYS.md", "README.md"].iter().any(|p| path == Path::new(p));
        let lines: Vec<usize> =
            check(&File::new("docs/A.md", text), exists).iter().map(|found| found.line).collect();
        assert_eq!(lines, [3]);
        assert_eq!(check(&File::new("docs/a.rs", text), exists), []);
    }
}
