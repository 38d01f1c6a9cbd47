//! Rule: no notes to self and no paths of somebody's machine in the project. Knows words, not
//! their meaning.

use super::files::File;
use super::violation::Violation;

/// Written in pieces, so that this file keeps its own rule.
const NOTES: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];
const MACHINE_PATHS: [&str; 4] =
    [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/"), concat!("/wo", "rk/")];

/// One violation a line.
pub(super) fn check(file: &File) -> Vec<Violation> {
    let lines = file.text.lines().enumerate();
    lines.filter_map(|(i, line)| Some(Violation::new(&file.path, i + 1, fault(line)?))).collect()
}

fn fault(line: &str) -> Option<String> {
    if let Some(note) = NOTES.iter().find(|note| has_word(line, note)) {
        return Some(format!("`{note}`: do it, or write down where it is planned"));
    }
    let path = MACHINE_PATHS.iter().find(|path| starts_path(line, path))?;
    Some(format!("`{path}..` is a path of one machine: make it relative or take it from outside"))
}

/// `word`, not as a part of a longer name.
fn has_word(line: &str, word: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        !before.is_some_and(is_name) && !after.is_some_and(is_name)
    })
}

/// `path` at the start of a path: what comes before it is no part of one.
fn starts_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "_-./}>$".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        check(&File::new("a.md", text)).into_iter().map(|violation| violation.line).collect()
    }

    #[test]
    fn notes_to_self_are_found() {
        let text = format!("fine\n// {}: later\n{}S are a list\n", NOTES[0], NOTES[0]);
        assert_eq!(lines(&text), [2]);
    }

    #[test]
    fn machine_paths_are_found_and_routes_are_not() {
        let [home, root, ..] = MACHINE_PATHS;
        let text = format!("see {home}me/x\n`{root}x`\nGET https://host{home}\n/api{home}x\n");
        assert_eq!(lines(&text), [1, 2]);
    }
}
