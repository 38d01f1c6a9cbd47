//! Rule: no file imports, directly or round corners, from a file that imports from it. The crate
//! root is left out: it lists the modules and re-exports from them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::modules::{Graph, Import, ModulePath};
use super::violation::Violation;

/// One violation a circle: the shortest way round from its first module.
pub(super) fn check(graph: &Graph) -> Vec<Violation> {
    let found = circles(&graph.imports, |module| module.clone());
    found.iter().map(|circle| report(circle)).collect()
}

/// The circles that are left when modules are put together by `group`; none shares a group with
/// another.
pub(super) fn circles<G: Ord + Clone>(
    imports: &[Import],
    group: impl Fn(&ModulePath) -> G,
) -> Vec<Vec<Import>> {
    let mut outgoing: BTreeMap<G, BTreeMap<G, &Import>> = BTreeMap::new();
    for import in imports {
        let (from, to) = (group(&import.from), group(&import.to));
        if from != to {
            outgoing.entry(from).or_default().entry(to).or_insert(import);
        }
    }
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for start in outgoing.keys() {
        if seen.contains(start) {
            continue;
        }
        if let Some(circle) = way_back(start, &outgoing) {
            seen.extend(circle.iter().map(|import| group(&import.from)));
            found.push(circle);
        }
    }
    found
}

/// The shortest way from `start` to itself.
fn way_back<G: Ord + Clone>(
    start: &G,
    outgoing: &BTreeMap<G, BTreeMap<G, &Import>>,
) -> Option<Vec<Import>> {
    let mut came_from: BTreeMap<&G, (&G, &Import)> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(at) = queue.pop_front() {
        for (next, import) in outgoing.get(at).into_iter().flatten() {
            if next == start {
                let mut circle = vec![(*import).clone()];
                let mut back = at;
                while back != start {
                    let (before, import) = came_from[back];
                    circle.push(import.clone());
                    back = before;
                }
                circle.reverse();
                return Some(circle);
            }
            if !came_from.contains_key(next) {
                came_from.insert(next, (at, import));
                queue.push_back(next);
            }
        }
    }
    None
}

/// A violation at the circle's first import.
pub(super) fn report(circle: &[Import]) -> Violation {
    let steps = circle.iter().map(|import| {
        let (from, to) = (import.from.join("::"), import.to.join("::"));
        format!("{from} takes from {to} ({}:{})", import.source.display(), import.line)
    });
    let steps: Vec<String> = steps.collect();
    let message = format!(
        "import circle: {}. Move what both sides need into a file below them",
        steps.join(", ")
    );
    Violation::new(&circle[0].source, circle[0].line, message)
}

#[cfg(test)]
mod tests {
    use super::super::modules::tests::graph;
    use super::*;

    fn messages(files: &[(&str, &str)]) -> Vec<String> {
        check(&graph(files)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_chain_is_no_circle() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b; use crate::c;"),
            ("b.rs", "use crate::c;"),
            ("c.rs", ""),
        ];
        assert_eq!(messages(&files), Vec::<String>::new());
    }

    #[test]
    fn a_circle_is_named_with_all_its_imports() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "\nuse crate::b::B;"),
            ("b.rs", "use crate::c::C;"),
            ("c.rs", "fn f() { crate::a::g() }"),
        ];
        let messages = messages(&files);
        assert_eq!(messages.len(), 1, "{messages:?}");
        for part in
            ["p/src/a.rs:2: import circle", "a takes from b", "c takes from a (p/src/c.rs:1)"]
        {
            assert!(messages[0].contains(part), "{messages:?}");
        }
    }

    #[test]
    fn a_parent_and_its_child_can_be_a_circle() {
        let user = [
            ("lib.rs", "mod a;"),
            ("a.rs", "mod b; use b::B; pub struct A;"),
            ("a/b.rs", "use super::A; pub struct B;"),
        ];
        assert_eq!(messages(&user).len(), 1);
        let facade = [user[0], ("a.rs", "mod b; pub use b::B; pub struct A;"), user[2]];
        assert_eq!(messages(&facade), Vec::<String>::new());
    }
}
