//! Which file of a package imports from which other, re-exports followed to where a thing is
//! written. Judges nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::names::{self, Kind, Mention, Names};
use super::source::Source;

/// `crate::a::b` is `["a", "b"]`; the crate root is empty.
pub(super) type ModulePath = Vec<String>;

/// The files of a package and their imports.
pub(super) struct Graph {
    /// Every module, inline ones too.
    modules: BTreeMap<ModulePath, Module>,
    pub(super) imports: Vec<Import>,
}

struct Module {
    /// The module whose file this is written in.
    file: ModulePath,
    source: PathBuf,
    names: Names,
}

/// One file's import from another; the crate root imports nothing here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) from: ModulePath,
    pub(super) to: ModulePath,
    pub(super) source: PathBuf,
    pub(super) line: usize,
}

/// More re-exports of re-exports than anybody writes; stops at circles of them.
const MAX_HOPS: usize = 8;

impl Graph {
    /// Reads the files below `package/src`, tests left out.
    pub(super) fn of(package: &Path, sources: &[Source]) -> Self {
        let src = package.join("src");
        let mut modules = BTreeMap::new();
        let mut test_modules: Vec<ModulePath> = Vec::new();
        for source in sources {
            let Ok(inner) = source.path.strip_prefix(&src) else { continue };
            let file = module_path(inner);
            let child = |name: &String| [file.clone(), vec![name.clone()]].concat();
            test_modules.extend(source.test_modules.iter().map(child));
            for names in names::read(source.tokens.clone()) {
                let path = [file.clone(), names.inline.clone()].concat();
                let source = source.path.clone();
                modules.insert(path, Module { file: file.clone(), source, names });
            }
        }
        modules.retain(|path, _| !test_modules.iter().any(|test| path.starts_with(test)));
        let mut graph = Self { modules, imports: Vec::new() };
        graph.imports = graph.find_imports();
        graph
    }

    /// The crate's top modules, each with its file.
    pub(super) fn top_modules(&self) -> impl Iterator<Item = (&str, &Path)> {
        let top = self.modules.iter().filter(|(path, _)| path.len() == 1);
        top.map(|(path, module)| (path[0].as_str(), module.source.as_path()))
    }

    fn find_imports(&self) -> Vec<Import> {
        let mut imports = Vec::new();
        for (path, module) in &self.modules {
            for mention in &module.names.mentions {
                let Some(to) = self.target(path, mention) else { continue };
                let from = &module.file;
                let facade = is_public(mention) && to.starts_with(from);
                if from.is_empty() || to.is_empty() || to == *from || facade {
                    continue;
                }
                let (source, line) = (module.source.clone(), mention.line);
                imports.push(Import { from: from.clone(), to, source, line });
            }
        }
        imports
    }

    /// The file module that holds what is mentioned; None for other crates.
    fn target(&self, from: &ModulePath, mention: &Mention) -> Option<ModulePath> {
        if mention.kind == Kind::Code && self.imported(from, &mention.path[0]).is_some() {
            return None; // The `use` that brought the name here was counted.
        }
        let absolute = self.absolute(from, &mention.path, MAX_HOPS)?;
        let owner = self.owner(&absolute, MAX_HOPS);
        Some(self.modules.get(&owner).map_or(owner, |module| module.file.clone()))
    }

    /// The path from the crate root; None for other crates.
    fn absolute(&self, from: &ModulePath, path: &[String], hops: usize) -> Option<ModulePath> {
        let (first, rest) = path.split_first()?;
        let base = match first.as_str() {
            "crate" => Vec::new(),
            "self" => from.clone(),
            "super" => {
                let parent = from[..from.len().saturating_sub(1)].to_vec();
                if rest.first().is_some_and(|next| next == "super") {
                    return self.absolute(&parent, rest, hops);
                }
                parent
            }
            name => {
                let child = [from.clone(), vec![name.to_owned()]].concat();
                if self.modules.contains_key(&child) {
                    child
                } else {
                    let (import, hops) = (self.imported(from, name)?, hops.checked_sub(1)?);
                    // `use redis::{..}` names the crate, not itself.
                    (import.path[0] != name).then_some(())?;
                    self.absolute(from, &import.path, hops)?
                }
            }
        };
        Some([base, rest.to_vec()].concat())
    }

    /// The module in which the thing at this absolute path is written.
    fn owner(&self, path: &[String], hops: usize) -> ModulePath {
        let mut module = ModulePath::new();
        for (i, name) in path.iter().enumerate() {
            module.push(name.clone());
            if self.modules.contains_key(&module) {
                continue;
            }
            module.pop();
            if hops == 0 || self.defines(&module, name) {
                return module;
            }
            let Some(found) = self.behind(&module, name, hops) else { return module };
            return self.owner(&[found, path[i + 1..].to_vec()].concat(), hops - 1);
        }
        module
    }

    /// Where a name that `module` does not define itself comes from.
    fn behind(&self, module: &ModulePath, name: &str, hops: usize) -> Option<ModulePath> {
        if let Some(import) = self.imported(module, name) {
            return self.absolute(module, &import.path, hops - 1);
        }
        let mentions = &self.modules.get(module)?.names.mentions;
        let globs = mentions.iter().filter(|mention| matches!(mention.kind, Kind::Glob { .. }));
        let mut targets = globs.filter_map(|glob| self.absolute(module, &glob.path, hops - 1));
        let target = targets.find(|target| self.defines(target, name))?;
        Some([target, vec![name.to_owned()]].concat())
    }

    fn defines(&self, module: &ModulePath, name: &str) -> bool {
        self.modules.get(module).is_some_and(|module| module.names.defined.contains(name))
    }

    fn imported(&self, module: &ModulePath, wanted: &str) -> Option<&Mention> {
        let mentions = &self.modules.get(module)?.names.mentions;
        mentions
            .iter()
            .find(|mention| matches!(&mention.kind, Kind::Use { name, .. } if name == wanted))
    }
}

fn is_public(mention: &Mention) -> bool {
    matches!(mention.kind, Kind::Use { public: true, .. } | Kind::Glob { public: true })
}

/// `a/b.rs` and `a/b/mod.rs` are `["a", "b"]`; lib.rs and main.rs are the root.
fn module_path(inner: &Path) -> ModulePath {
    let without_extension = inner.with_extension("");
    let parts = without_extension.components();
    let mut path: ModulePath =
        parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    let last = path.last().map(String::as_str);
    if last == Some("mod") || (path.len() == 1 && matches!(last, Some("lib" | "main"))) {
        path.pop();
    }
    path
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::tidy::files::File;

    /// A package `p` of these files.
    pub(in crate::tidy) fn graph(files: &[(&str, &str)]) -> Graph {
        let file = |(path, text): &(&str, &str)| File::new(&format!("p/src/{path}"), text);
        let sources: Vec<Source> =
            files.iter().map(|pair| Source::of(&file(pair)).expect("lexable")).collect();
        Graph::of(Path::new("p"), &sources)
    }

    fn imports(files: &[(&str, &str)]) -> Vec<String> {
        let graph = graph(files);
        let show =
            |import: &Import| format!("{} -> {}", import.from.join("::"), import.to.join("::"));
        graph.imports.iter().map(show).collect()
    }

    #[test]
    fn imports_lead_to_the_file_that_holds_the_thing() {
        let files = [
            ("lib.rs", "mod a; mod b; pub use b::Deep;"),
            ("a.rs", "use crate::Deep; fn f() -> crate::b::Top { todo() }"),
            ("b.rs", "mod c; pub use c::Deep; pub struct Top;"),
            ("b/c.rs", "use super::Top; pub struct Deep;"),
        ];
        assert_eq!(imports(&files), ["a -> b::c", "a -> b", "b::c -> b"]);
    }

    #[test]
    fn globs_and_renames_are_followed() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::{One as Uno, Two};"),
            ("b/mod.rs", "mod c; mod d; pub use c::*; pub use d::Zwei as Two;"),
            ("b/c.rs", "pub struct One;"),
            ("b/d.rs", "pub struct Zwei;"),
        ];
        assert_eq!(imports(&files), ["a -> b::c", "a -> b::d"]);
    }

    #[test]
    fn other_crates_and_tests_are_no_imports() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use std::fmt; use b::X;\n#[cfg(test)] mod tests { use crate::b; }"),
            ("b.rs", "#[cfg(test)] mod checks;"),
            ("b/checks.rs", "use crate::a;"),
        ];
        assert_eq!(imports(&files), Vec::<String>::new());
    }

    #[test]
    fn children_are_reached_by_name() {
        let files = [("main.rs", "mod a;"), ("a.rs", "mod b; fn f() { b::g() }"), ("a/b.rs", "")];
        assert_eq!(imports(&files), ["a -> a::b"]);
    }
}
