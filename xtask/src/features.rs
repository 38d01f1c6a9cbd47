//! Each feature of cached-core by itself, and none of them: an application may choose any, also beside the crates that stand
//! upon it. What they mean is not known here.

use crate::steps::succeed;
use crate::workspace::{cargo, root};

const PACKAGE: &str = "cached-core";

/// They turn none of its features on.
const UPON_IT: [&str; 2] = ["cached-postgres", "cached-dashboard"];

/// Lints the library with no feature, then with each one alone; then those upon it.
pub(crate) fn check() -> Result<(), String> {
    let manifest = root().join(PACKAGE).join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest)
        .map_err(|error| format!("{} cannot be read: {error}", manifest.display()))?;
    let features = named(&text);
    if features.is_empty() {
        return Err(format!(
            "{} names no features: correct xtask/src/features.rs",
            manifest.display()
        ));
    }
    for feature in std::iter::once("").chain(features) {
        let lints = ["clippy", "--quiet", "--lib", "--no-default-features", "--package", PACKAGE];
        let mut lints = cargo(lints);
        lints.args(["--features", feature, "--", "-D", "warnings"]);
        succeed(lints)?;
    }
    UPON_IT.into_iter().try_for_each(without_redis)
}

/// Lints a library, and makes sure that it does not bring redis-rs in.
fn without_redis(package: &str) -> Result<(), String> {
    let mut lints = cargo(["clippy", "--quiet", "--lib", "--package", package]);
    lints.args(["--", "-D", "warnings"]);
    succeed(lints)?;
    let tree = cargo(["tree", "--package", package, "--edges", "normal", "--prefix", "none"])
        .output()
        .map_err(|error| format!("cargo tree does not run: {error}"))?;
    if !tree.status.success() {
        return Err(String::from_utf8_lossy(&tree.stderr).into_owned());
    }
    if String::from_utf8_lossy(&tree.stdout).lines().any(|line| line.starts_with("redis ")) {
        return Err(format!(
            "{package} brings redis-rs in, so that no application beside it can leave it out: keep \
             `default-features = false` where it names {PACKAGE}"
        ));
    }
    Ok(())
}

/// The names in the section of features, without that of the default ones.
fn named(manifest: &str) -> Vec<&str> {
    let section = manifest.lines().skip_while(|line| line.trim() != "[features]").skip(1);
    section
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| Some(line.split_once('=')?.0.trim()))
        .filter(|name| !name.starts_with('#') && *name != "default")
        .collect()
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn the_names_of_one_section() {
        let manifest = "[package]\nname = \"x\"\n[features]\ndefault = [\"b\"]\n# One = two.\na = []\n\
            b-c = [\"a\"]\n\n[dependencies]\nserde = \"1\"\n";
        assert_eq!(named(manifest), ["a", "b-c"]);
        assert!(named("[package]\n").is_empty());
    }
}
