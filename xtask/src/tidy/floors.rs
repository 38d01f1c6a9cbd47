//! Rule: a module of cached-core imports only from floors below its own; on one floor only
//! without circles. The floors are those of ARCHITECTURE.md.

use super::circles;
use super::modules::Graph;
use super::violation::Violation;

/// Lowest first. `private` is what the macros call: it may use everything, nobody may use it.
const FLOORS: [&[&str]; 7] = [
    &[
        "key",
        "ttl",
        "invalidation",
        "error",
        "site",
        "outcome",
        "mutation",
        "sync",
        "identity",
        "alarm",
    ],
    &["codec", "events", "clock"],
    &["local", "remote"],
    &["flight", "breaker", "pending", "scope", "engine"],
    &["read", "write"],
    &["cache", "builder", "current", "background", "registry", "warm", "metrics", "tower"],
    &["private"],
];

fn floor(module: &str) -> Option<usize> {
    let found = FLOORS.iter().position(|modules| modules.contains(&module));
    found.map(|index| index + 1)
}

/// Modules without a floor, imports from above, circles on one floor.
pub(super) fn check(graph: &Graph) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (module, source) in graph.top_modules() {
        if floor(module).is_none() {
            let message = format!(
                "module `{module}` has no floor: give it one in xtask/src/tidy/floors.rs and in \
                 ARCHITECTURE.md, or move it into the module that it serves"
            );
            violations.push(Violation::new(source, 1, message));
        }
    }
    for import in &graph.imports {
        let (from, to) = (&import.from[0], &import.to[0]);
        let (Some(own), Some(theirs)) = (floor(from), floor(to)) else { continue };
        if theirs > own {
            let message = format!(
                "`{from}` (floor {own}) takes from `{to}` (floor {theirs}): hand it in from \
                 above, or move what both need down"
            );
            violations.push(Violation::new(&import.source, import.line, message));
        }
    }
    let same_floor = |a: &str, b: &str| floor(a).is_some() && floor(a) == floor(b);
    let mut siblings = graph.imports.clone();
    siblings.retain(|import| same_floor(&import.from[0], &import.to[0]));
    let found = circles::circles(&siblings, |module| module[..1].to_vec());
    violations.extend(found.iter().map(|circle| circles::report(circle)));
    violations
}

#[cfg(test)]
mod tests {
    use super::super::modules::tests::graph;
    use super::*;

    fn messages(files: &[(&str, &str)]) -> Vec<String> {
        check(&graph(files)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn down_is_fine_and_up_is_not() {
        let down = [("local.rs", "use crate::key::Key;"), ("key.rs", "pub struct Key;")];
        assert_eq!(messages(&down), Vec::<String>::new());
        let up = [("key.rs", "\nuse crate::local::Tick;"), ("local.rs", "pub struct Tick;")];
        let messages = messages(&up);
        assert!(messages[0].starts_with("p/src/key.rs:2: `key` (floor 1)"), "{messages:?}");
    }

    #[test]
    fn a_reexport_of_the_root_hides_nothing() {
        let files = [
            ("lib.rs", "mod key; mod cache; pub use cache::Cache;"),
            ("key.rs", "use crate::Cache;"),
            ("cache.rs", "pub struct Cache;"),
        ];
        assert_eq!(messages(&files).len(), 1);
    }

    #[test]
    fn siblings_may_not_go_round() {
        let files = [
            ("key.rs", "mod a; mod b;"),
            ("key/a.rs", "use crate::ttl::Ttl;"),
            ("key/b.rs", "pub struct B;"),
            ("ttl.rs", "use crate::key::b::B; pub struct Ttl;"),
        ];
        let messages = messages(&files);
        assert!(messages.len() == 1 && messages[0].contains("import circle"), "{messages:?}");
    }

    #[test]
    fn every_module_has_a_floor() {
        let messages = messages(&[("helpers.rs", "")]);
        assert!(messages[0].contains("`helpers` has no floor"), "{messages:?}");
    }
}
