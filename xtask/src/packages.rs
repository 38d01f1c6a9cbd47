//! The servers and the browser that tests and demo start: found, or installed from Debian, or asked for.
//! Starts none of it; the system's own services stay off.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::steps;

/// A Debian package and the program that tells whether it is there.
struct Package {
    name: &'static str,
    present: fn() -> bool,
}

const SERVERS: [Package; 2] = [
    Package { name: "redis-server", present: || on_path("redis-server") },
    Package { name: "postgresql", present: has_postgres },
];

/// What the tests of pages drive.
const BROWSER: [Package; 2] = [
    Package { name: "chromium", present: || on_path("chromium") },
    Package { name: "chromium-driver", present: || on_path("chromedriver") },
];

/// Installs what is missing, as root or through a sudo that asks no password.
///
/// Debian would start an installed service at once. A policy file refuses that while we install:
/// everything here runs private servers on free ports.
const INSTALL: &str = r#"
set -e
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
# A fresh machine may be busy with its own updates.
wait="-o DPkg::Lock::Timeout=300"
# A source of others that cannot be reached must not stand in the way.
apt-get $wait update -q || echo "apt-get update did not reach every source; going on"
apt-get $wait install -y -q --no-install-recommends "$@"
"#;

/// Makes sure that redis-server and postgres can be started.
pub(crate) fn ensure() -> Result<(), String> {
    ensure_all(&SERVERS)
}

/// Makes sure that Chromium can be driven. It is large, so only the tests ask for it.
pub(crate) fn ensure_browser() -> Result<(), String> {
    ensure_all(&BROWSER)
}

fn ensure_all(needed: &[Package]) -> Result<(), String> {
    let missing = missing(needed);
    if missing.is_empty() {
        let names: Vec<&str> = needed.iter().map(|package| package.name).collect();
        println!("{} are installed", names.join(" and "));
        return Ok(());
    }
    install(&missing).map_err(|reason| format!("{reason}. {}", ask_for(&missing)))?;
    let left = self::missing(needed);
    if left.is_empty() { Ok(()) } else { Err(ask_for(&left)) }
}

/// Installs Debian packages, where there is a Debian and the user may.
pub(crate) fn install(packages: &[&str]) -> Result<(), String> {
    let mut command = installer().ok_or("No apt-get, or neither root nor sudo without password")?;
    command.args(["sh", "-c", INSTALL, "install"]).args(packages);
    println!("installing {}", packages.join(" and "));
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("apt-get ended with {status}")),
        Err(error) => Err(format!("apt-get could not be started: {error}")),
    }
}

fn missing(needed: &[Package]) -> Vec<&'static str> {
    needed.iter().filter(|package| !(package.present)()).map(|package| package.name).collect()
}

fn ask_for(packages: &[&str]) -> String {
    format!(
        "Install {} first. On Debian: `apt-get install {}` as root; elsewhere put \
         their programs (redis-server, initdb and postgres, chromium, chromedriver) on the PATH.",
        packages.join(" and "),
        packages.join(" ")
    )
}

/// `env` (as root) or `sudo -n env`: what stands before the command. None without either.
fn installer() -> Option<Command> {
    if !on_path("apt-get") {
        return None;
    }
    if is_root() {
        return Some(Command::new("env"));
    }
    let mut probe = Command::new("sudo");
    probe.args(["-n", "true"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    steps::succeed(probe).ok()?;
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", "env"]);
    Some(sudo)
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Debian keeps Postgres' programs off the PATH, one folder a version.
fn has_postgres() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders = versions.map(|version| version.path().join("bin"));
    folders.any(|bin| is_program(&bin.join("initdb"))) || on_path("initdb")
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // sbin is not on every user's PATH, and some systems keep servers there.
    let extra = ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from);
    std::env::split_paths(&path).chain(extra).any(|folder| is_program(&folder.join(program)))
}

fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_names_what_is_missing() {
        let text = ask_for(&["redis-server", "postgresql"]);
        assert!(text.contains("apt-get install redis-server postgresql"), "{text}");
    }

    #[test]
    fn a_program_is_found_by_name() {
        assert!(on_path("sh"));
        assert!(!on_path("a-program-that-nobody-has"));
    }
}
