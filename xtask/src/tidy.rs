//! `cargo xtask tidy`: the house rules that a program can check, one rule a file below here.
//! Judges the shape of the code only; what it does is the tests' business.

mod circles;
mod dependencies;
mod examples;
mod files;
mod floors;
mod length;
mod links;
mod module_docs;
mod modules;
mod names;
mod options;
mod rust_version;
mod source;
mod violation;
mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::{steps, workspace};

/// The command.
pub(crate) fn run() -> ExitCode {
    steps::exit_code(check_and_report())
}

/// All rules over the whole workspace; every violation is printed, not only the first.
pub(crate) fn check_and_report() -> Result<(), String> {
    let root = workspace::root();
    let files = files::all(&root).map_err(|error| format!("reading {root:?}: {error}"))?;
    let sources: Vec<source::Source> = files.iter().filter_map(source::Source::of).collect();

    let (notices, mut violations) = length::check(&sources);
    violations.extend(files.iter().filter_map(module_docs::check));
    violations.extend(files.iter().flat_map(words::check));
    let exists = |path: &Path| root.join(path).exists();
    violations.extend(files.iter().flat_map(|file| links::check(file, exists)));
    for package in packages(&files) {
        let graph = modules::Graph::of(&package, &sources);
        violations.extend(circles::check(&graph));
        if package == Path::new("cached-core") {
            violations.extend(floors::check(&graph));
        }
    }
    violations.extend(options::check(&files));
    violations.extend(examples::check(&files));
    violations.extend(dependencies::check(&files));
    violations.extend(rust_version::check(&files));
    violations.sort();
    violations.dedup();

    for notice in &notices {
        println!("notice: {notice}");
    }
    for violation in &violations {
        println!("{violation}");
    }
    match violations.len() {
        0 => {
            println!("{} files are tidy", files.len());
            Ok(())
        }
        1 => Err("1 house rule is broken; the line above says where and what to do".to_owned()),
        many => Err(format!("{many} house rules are broken; the lines above say what to do")),
    }
}

/// The folders with a Cargo.toml and a `src`.
fn packages(files: &[files::File]) -> Vec<PathBuf> {
    let manifests = files.iter().filter(|file| file.path.ends_with("Cargo.toml"));
    let folders = manifests.filter_map(|file| file.path.parent());
    let has_src = |folder: &&Path| files.iter().any(|f| f.path.starts_with(folder.join("src")));
    folders.filter(has_src).map(Path::to_path_buf).collect()
}
