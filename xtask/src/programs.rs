//! Runs the workspace's test programs two at a time, the longest first. Does not count what they print.
//!
//! `cargo test` runs one program after another, and most of them use one processor or wait for a server.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Instant;

use serde_json::Value;

use crate::steps::display;
use crate::workspace::cargo;

/// How many run at a time.
const AT_A_TIME: usize = 2;

/// What takes long begins first, so that nothing long is left alone at the end. A name that is gone does no harm.
const LONGEST: &[&str] = &[
    "lms/all",
    "tests/consistency",
    "ui/fail",
    "cached-core/garbage",
    "tests/conformance",
    "documentation",
    "cached-postgres/killed",
    "cached-postgres/silent",
    "tests/round_trips",
];

/// A program to run, and what it is called.
struct Program {
    name: String,
    command: Command,
}

/// Builds all test programs and runs them with the documentation's examples; `printed` is given what each printed when
/// it has ended, one program at a time.
pub(crate) fn run(printed: impl FnMut(&str) + Send) -> Result<(), String> {
    let mut waiting = built()?;
    waiting.push(Program {
        name: "documentation".into(),
        command: cargo(["test", "--workspace", "--doc", "--no-fail-fast"]),
    });
    let place = |program: &Program| LONGEST.iter().position(|long| *long == program.name);
    waiting.sort_by_key(|program| std::cmp::Reverse(place(program).unwrap_or(LONGEST.len())));

    let waiting = Mutex::new(waiting);
    let printed = Mutex::new(printed);
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let Some(program) = waiting.lock().expect("no panic").pop() else { return };
                    let name = program.name.clone();
                    let (text, outcome) = run_one(program);
                    printed.lock().expect("no panic")(&text);
                    if let Err(reason) = outcome {
                        failed.lock().expect("no panic").push(format!("{name}: {reason}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().expect("no panic");
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

/// Runs a program to its end. What it printed is kept until then: that of two would mix.
fn run_one(mut program: Program) -> (String, Result<(), String>) {
    let start = Instant::now();
    let output = match program.command.stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(error) => return (String::new(), Err(format!("did not start: {error}"))),
    };
    let text = format!(
        "     Ran {} in {:.1} s\n{}{}",
        program.name,
        start.elapsed().as_secs_f64(),
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&output.stdout),
    );
    let outcome = if output.status.success() { Ok(()) } else { Err(output.status.to_string()) };
    (text, outcome)
}

/// Every test program of the workspace, built, to be run where and as cargo would run it.
fn built() -> Result<Vec<Program>, String> {
    let mut build =
        cargo(["test", "--workspace", "--no-run", "--message-format=json-render-diagnostics"]);
    let name = display(&build);
    let output = build.stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("{name} did not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name} ended with {}", output.status));
    }
    let libraries = libraries()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text
        .lines()
        .filter_map(|line| program(&serde_json::from_str(line).ok()?, &libraries))
        .collect())
}

/// The program that a message of cargo's says was built, if it is one with tests.
/// See <https://doc.rust-lang.org/cargo/reference/external-tools.html#artifact-messages>.
fn program(message: &Value, libraries: &Path) -> Option<Program> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
        return None;
    }
    let executable = PathBuf::from(text(&message["executable"])?);
    let manifest = PathBuf::from(text(&message["manifest_path"])?);
    let folder = manifest.parent()?;
    let mut command = Command::new(&executable);
    // Two places for libraries: Rust's own, and what the build made. Programs of procedural macros need the first.
    let deps = executable.parent()?;
    command
        .current_dir(folder)
        .env("CARGO", std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .env("CARGO_MANIFEST_DIR", folder)
        .env("CARGO_MANIFEST_PATH", &manifest)
        .env("CARGO_PKG_NAME", package(&text(&message["package_id"])?))
        .env("LD_LIBRARY_PATH", std::env::join_paths([deps, libraries]).ok()?);
    let package = folder.file_name()?.to_string_lossy();
    Some(Program { name: format!("{package}/{}", text(&message["target"]["name"])?), command })
}

/// The name in a package's identity: `path+file:///a/b#name@0.1.0`, or `path+file:///a/name#0.1.0` where the folder is called like it.
/// See <https://doc.rust-lang.org/cargo/reference/pkgid-spec.html>.
fn package(identity: &str) -> &str {
    let (place, fragment) = identity.split_once('#').unwrap_or((identity, ""));
    match fragment.split_once('@') {
        Some((name, _)) => name,
        None => place.rsplit('/').next().unwrap_or(place),
    }
}

/// Where the libraries are that the compiler's own programs, and those of procedural macros, load.
fn libraries() -> Result<PathBuf, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(["--print", "target-libdir"]).output();
    let output =
        output.map_err(|error| format!("`rustc --print target-libdir` did not start: {error}"))?;
    Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &str) -> Option<Program> {
        program(&serde_json::from_str(message).expect("JSON"), Path::new("/rust/lib"))
    }

    #[test]
    fn a_test_program_is_run_in_its_package_s_folder() {
        let message = r#"{"reason":"compiler-artifact","package_id":"path+file:///w/a#cached-a@0.1.0",
            "manifest_path":"/w/a/Cargo.toml","target":{"name":"reads"},"profile":{"test":true},"executable":"/t/deps/reads-1"}"#;
        let Program { name, command } = read(message).expect("a program");
        assert_eq!(name, "a/reads");
        assert_eq!(command.get_current_dir(), Some(Path::new("/w/a")));
        let variable = |name: &str| {
            command.get_envs().find(|(key, _)| *key == name).and_then(|(_, value)| value)
        };
        assert_eq!(variable("CARGO_PKG_NAME"), Some("cached-a".as_ref()));
        assert_eq!(variable("LD_LIBRARY_PATH"), Some("/t/deps:/rust/lib".as_ref()));
    }

    #[test]
    fn what_has_no_tests_is_not_run() {
        let binary = r#"{"reason":"compiler-artifact","package_id":"path+file:///w/a#0.1.0",
            "manifest_path":"/w/a/Cargo.toml","target":{"name":"a"},"profile":{"test":false},"executable":"/t/a"}"#;
        assert!(read(binary).is_none());
        assert!(read(r#"{"reason":"build-finished","success":true}"#).is_none());
    }

    #[test]
    fn a_package_s_name_is_read_with_and_without_its_version() {
        assert_eq!(package("path+file:///w/folder#name@0.1.0"), "name");
        assert_eq!(package("path+file:///w/name#0.1.0"), "name");
    }
}
