//! Workload: a program of one annotated function. Crates in its tree, and how long a clean build takes.

use crate::arguments::Arguments;
use crate::measure::{self, Round};
use crate::report::{Report, Row};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

struct Program {
    what: &'static str,
    name: &'static str,
    dependencies: String,
    main: &'static str,
}

const TOKIO: &str = "tokio = { version = \"1\", features = [\"rt\", \"macros\"] }\n";

const OURS: &str = r#"#[cached_core::cached(ttl = "medium", key = "course:<id>")]
async fn course(id: u32) -> Result<String, std::convert::Infallible> { Ok(format!("Course {id}")) }
#[tokio::main(flavor = "current_thread")]
async fn main() { println!("{:?}", course(7).await); }
"#;

const CACHED: &str = r#"#[cached::macros::cached(max_size = 100, ttl_secs = 300)]
async fn course(id: u32) -> String { format!("Course {id}") }
#[tokio::main(flavor = "current_thread")]
async fn main() { println!("{}", course(7).await); }
"#;

const HITBOX: &str = r#"#![allow(unused_braces)]
use std::convert::Infallible;
#[derive(Clone)]
struct Id(u32);
impl hitbox_fn::KeyExtract for Id {
    fn extract(&self) -> Vec<hitbox::KeyPart> { vec![hitbox::KeyPart::new("id", Some(self.0.to_string()))] }
}
#[derive(Clone, serde::Serialize, serde::Deserialize, hitbox_fn::CacheableResponse)]
struct Course { title: String }
#[hitbox_fn::cached]
async fn course(id: Id) -> Result<Course, Infallible> { Ok(Course { title: format!("Course {}", id.0) }) }
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let backend = hitbox_moka::MokaBackend::builder().max_entries(100).build();
    let policy = hitbox_fn::prelude::PolicyConfig::builder().ttl(std::time::Duration::from_secs(300)).build();
    let cache = hitbox_fn::Cache::builder().backend(backend).policy(policy).build();
    println!("{}", course(Id(7)).cache(&cache).await.unwrap().title);
}
"#;

fn programs() -> Vec<Program> {
    let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cached-core");
    let core = core.canonicalize().expect("this workspace");
    let ours = |features: &str| {
        format!(
            "cached-core = {{ path = {core:?}, default-features = false, features = [{features}] }}\n"
        )
    };
    let hitbox = "hitbox = \"0.2\"\nhitbox-fn = { version = \"0.2\", features = [\"derive\"] }\nhitbox-moka = \"0.2\"\n\
        serde = { version = \"1\", features = [\"derive\"] }\n";
    let cached = "cached = { version = \"4.1\", features = [\"async\", \"redis_tokio\"] }\n";
    let program =
        |what, name, dependencies: String, main| Program { what, name, dependencies, main };
    vec![
        program("**cached-core**, in this process", "ours_local", ours(""), OURS),
        program("hitbox, moka", "hitbox_local", hitbox.into(), HITBOX),
        program("**cached-core** with Redis", "ours_redis", ours("\"redis\""), OURS),
        program(
            "hitbox, moka and Redis",
            "hitbox_redis",
            format!("{hitbox}hitbox-redis = \"0.2\"\n"),
            HITBOX,
        ),
        program("cached with its async Redis store", "cached_redis", cached.into(), CACHED),
    ]
}

impl Program {
    fn write(&self, folder: &Path) -> PathBuf {
        let folder = folder.join(self.name);
        std::fs::create_dir_all(folder.join("src")).expect("a folder");
        let manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n{TOKIO}{}",
            self.name, self.dependencies
        );
        std::fs::write(folder.join("Cargo.toml"), manifest).expect("a file");
        std::fs::write(folder.join("src/main.rs"), self.main).expect("a file");
        folder
    }
}

fn cargo(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(folder).stderr(Stdio::inherit());
    let output = command.env("CARGO_TARGET_DIR", folder.join("target")).output().expect("cargo");
    assert!(output.status.success(), "cargo {arguments:?} in {}", folder.display());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The packages that are built, the program's own among them.
fn crates(folder: &Path) -> usize {
    let tree = cargo(folder, &["tree", "--prefix", "none", "--edges", "normal,build"]);
    let name = |line: &str| Some(line.split(" (").next()?.to_owned());
    tree.lines().filter_map(name).collect::<BTreeSet<_>>().len()
}

pub(crate) fn run(report: &mut Report, arguments: &Arguments) {
    let root = std::env::temp_dir().join(format!("cached-benches-{}", std::process::id()));
    let programs = programs();
    let folders: Vec<PathBuf> = programs.iter().map(|program| program.write(&root)).collect();
    let mut turns: Vec<Round<'_>> = folders
        .iter()
        .map(|folder| -> Round<'_> {
            Box::new(move || {
                // Nobody has a target folder before its first round.
                let _ = std::fs::remove_dir_all(folder.join("target"));
                cargo(folder, &["fetch", "--quiet"]);
                measure::time(|| drop(cargo(folder, &["build", "--quiet"])))
            })
        })
        .collect();
    let times = measure::cold_in_turns(arguments.rounds.min(3), &mut turns);
    let rows: Vec<Row> = programs
        .iter()
        .zip(&folders)
        .zip(times)
        .map(|((program, folder), spread)| {
            Row::new(program.what, [spread.median.as_secs_f64(), crates(folder) as f64])
        })
        .collect();
    report.table("program", "One function: a clean build", &["s, median", "crates"], &rows);
    let _ = std::fs::remove_dir_all(root);
}
